/* State: the materialised value of a store, kept by applying entries in ANY order of arrival.
 *
 * Each path keeps a small record (last stamp and value, floors); applying is a join, so an entry
 * may come early, late or twice and the state equals the fold of all entries in (height, id) order.
 * Cost of applying = the entry's own size; get = one record and the floors of its ancestors.
 * The rule, its evidence and the layout: "What each path keeps" of the design, repeated in
 * state_apply.c.
 *
 * Records live wherever the caller says (eid_state_rows): a batch, a test's table. Row keys are
 * components in an order-preserving, prefix-free encoding, so that a prefix scan walks in key
 * order. Not here: which entries to apply (node/db), the oracle (fold.h).
 */
#ifndef EID_CRDT_STATE_H
#define EID_CRDT_STATE_H

#include "crdt/doc.h"
#include "crdt/list.h"
#include "dag/id.h"

/* When a write happened: total order by (height, id). */
typedef struct eid_stamp {
    uint64_t height;
    eid_id id;
} eid_stamp;

int eid_stamp_compare(const eid_stamp *a, const eid_stamp *b);

/* Rows of one store. Keys given are relative to it (the root's key is empty). */
typedef struct eid_state_rows {
    void *self;
    /* NOT_FOUND bare when absent. */
    eid_status (*get)(void *self, eid_slice key, eid_buf *out);
    eid_status (*put)(void *self, eid_slice key, eid_slice value); /* NULL for readers */
    /* Give rows whose key begins with `prefix`, from `from` on, ascending, until fn answers not OK
     * (that status is passed on, EID_E_AGAIN bare meaning "stop, all is well"). */
    eid_status (*scan)(void *self, eid_slice prefix, eid_slice from,
                       eid_status (*fn)(void *arg, eid_slice key, eid_slice value), void *arg);
} eid_state_rows;

/* Apply one entry's payload. Reads and puts O(size of payload) rows. */
EID_MUST_CHECK eid_status eid_state_apply(const eid_state_rows *rows, const eid_stamp *stamp,
                                          const eid_doc *payload);
/* Who is told which edits become invisible by applying (state_loss.c). An edit is a leaf, a delete
 * or an empty container; one that a merge keeps is not lost. Keys are those of rows. Nothing is
 * told where `covers` and stamps rise as they should: then what was there was seen. */
typedef struct eid_state_notes {
    void *self;
    /* Whether every entry that was applied before is an ancestor of this one; asked once. */
    eid_status (*covers)(void *self, bool *out);
    /* What `loser` wrote at `key` does not show, because of what `winner` wrote there or above.
     * `loser` may have written a container that is not empty, which is no edit. */
    eid_status (*lost)(void *self, eid_slice key, const eid_stamp *loser, const eid_stamp *winner);
    /* The entry hides whatever is older of that whose keys are `key`, the byte `space` and more:
     * the children of the doc there, or the elements of the list. */
    eid_status (*hides)(void *self, eid_slice key, uint8_t space);
    /* The record of `loser` at `key` goes, which did not show because of something hidden under
     * `above`, the beginning of the key with the byte: the last chance to note it. */
    eid_status (*leaves)(void *self, eid_slice key, eid_slice above, const eid_stamp *loser);
} eid_state_notes;
/* eid_state_apply(), telling what is lost. Puts the same rows; reads the root's besides if the
 * entry does not cover. */
EID_MUST_CHECK eid_status eid_state_apply_noting(const eid_state_rows *rows, const eid_stamp *stamp,
                                                 const eid_doc *payload,
                                                 const eid_state_notes *notes);
/* Live or dead value at a path of `count` child names (verbatim; list elements are not addressed).
 * *out is uninitialised before; Deleted is given as such. NOT_FOUND bare when nothing is there.
 * `who` (may be NULL) gets the stamp of the last write. */
EID_MUST_CHECK eid_status eid_state_get(const eid_state_rows *rows, const eid_slice *path,
                                        size_t count, eid_value *out, eid_stamp *who);
/* The whole store as a Doc with tombstones. New: eid_doc_free(). */
EID_MUST_CHECK eid_status eid_state_read(const eid_state_rows *rows, eid_doc **out);
/* Children of the root in key order, visible ones only (tombstones included), after the name
 * `after` (EMPTY with has_after false = from the first): for tables that do not fit the heap.
 * fn answers EID_E_AGAIN to stop. */
typedef eid_status (*eid_state_child_fn)(void *self, eid_slice name, const eid_value *value);
EID_MUST_CHECK eid_status eid_state_children(const eid_state_rows *rows, bool has_after,
                                             eid_slice after, eid_state_child_fn fn, void *self);

/* -- by key (state_trace.c) -------------------------------------------------------------------- */

/* Append the key of a child of the root. */
void eid_state_child_key(eid_slice name, eid_buf *out);
/* How many of the first bytes are the key of a path: up to the first byte that begins no component.
 * Errors: STORE_CORRUPT for a component that is cut off. */
EID_MUST_CHECK eid_status eid_state_key_span(eid_slice bytes, size_t *out);
/* A component of a path: a child's name, or a list's position. */
typedef struct eid_state_step {
    bool is_element;
    eid_slice name;
    eid_position position;
} eid_state_step;
/* The value that a payload writes at a key, borrowed from the payload as the steps of the path
 * there, of which there are at most EID_DOC_DEPTH_MAX. NOT_FOUND bare. Errors: STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid_state_locate(const eid_doc *payload, eid_slice key,
                                           eid_state_step *steps, size_t *step_count,
                                           const eid_value **out);
/* What is at a key now: *shows tells whether there is a value, given new to *out. `who` is the
 * stamp of its last write, or of what hides what was there. NOT_FOUND bare if nothing ever was. */
EID_MUST_CHECK eid_status eid_state_look(const eid_state_rows *rows, eid_slice key, eid_stamp *who,
                                         bool *shows, eid_value *out);
/* Leaves and deletes whose keys begin with `prefix` and whose last write is older than `before`,
 * ascending, from the key `from` on (EMPTY = the first). fn answers EID_E_AGAIN to stop; nothing
 * else may be read of the rows meanwhile. */
typedef eid_status (*eid_state_older_fn)(void *self, eid_slice key, const eid_stamp *last);
EID_MUST_CHECK eid_status eid_state_older(const eid_state_rows *rows, eid_slice prefix,
                                          eid_slice from, const eid_stamp *before,
                                          eid_state_older_fn fn, void *self);

#endif
