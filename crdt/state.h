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

#endif
