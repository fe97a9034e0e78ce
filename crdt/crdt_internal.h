/* What the files of crdt/ share: bulk loading of docs and lists, and the rows of the state engine.
 *
 * Not here: anything another folder may use.
 */
#ifndef EID_CRDT_INTERNAL_H
#define EID_CRDT_INTERNAL_H

#include "crdt/doc.h"
#include "crdt/list.h"
#include "crdt/state.h"

/* Levels of JSON that a value costs (spec 03 §3.2), for refusing what could not be read back. */
size_t eid__value_levels(const eid_value *value);
size_t eid__doc_levels(const eid_doc *doc);
#define EID__DOC_LEVELS 2u   /* object, children */
#define EID__CHILD_LEVELS 3u /* {"Doc":, object, children */

/* Bulk loading: append children in any order, then settle once, which sorts and lets the last of
 * equal keys win. In between nothing but these two may be called. `key` is taken (eid_free). */
EID_MUST_CHECK eid_status eid__doc_append_take(eid_doc *doc, char **key, size_t key_len,
                                               eid_value *value);
EID_MUST_CHECK eid_status eid__doc_settle(eid_doc *doc);

/* The same for lists: the last value wins, the first spelling of the fraction stays. */
EID_MUST_CHECK eid_status eid__list_append_take(eid_list *list, const eid_position *position,
                                                eid_value *value);
EID_MUST_CHECK eid_status eid__list_settle(eid_list *list);
/* Spell the fraction of the last appended element anew (same place); there must be one. */
void eid__list_respell_last(eid_list *list, int64_t numerator, uint64_t denominator);

/* Room for one more item of `size` bytes in an array that doubles; false without memory. */
bool eid__array_grow(void **items, size_t count, size_t *cap, size_t size);

/* The same position with its fraction in lowest terms: equal places have equal reduced forms (where
 * denominators are not 0). */
eid_position eid__position_reduce(const eid_position *position);
/* The greatest whole number that is not above the fraction, whose denominator is not 0. */
int64_t eid__position_floor(const eid_position *position);

/* -- rows of the state engine ------------------------------------------------------------------ */

/* Components of row keys; the order here is the order of rows. */
#define EID__KEY_CHILD 0x01u   /* name of a doc's child */
#define EID__KEY_ELEMENT 0x02u /* position in a list */
#define EID__KEY_WRITE 0x03u   /* one more write of the element above, which may spell otherwise */
#define EID__KEY_AFTER 0xffu   /* put after a key: behind all rows below it */

/* Names longer than this are cut in keys and end in their hash, so that a row costs no more than a
 * bounded key whatever a peer nests; the row then keeps the whole name. */
#define EID__KEY_NAME_MAX 256u

void eid__key_push_child(eid_buf *key, eid_slice name);
void eid__key_push_element(eid_buf *key, const eid_position *reduced);
void eid__key_push_write(eid_buf *key, const eid_stamp *stamp);

/* One component, read from the rest of a key. */
typedef struct eid__key_part {
    uint8_t type;
    size_t len;            /* bytes of the key */
    bool is_cut;           /* the name is in the row */
    eid_position position; /* ELEMENT, reduced */
    eid_stamp stamp;       /* WRITE */
} eid__key_part;
/* Read the component that begins `rest`; its name, if whole, is appended to `name` (emptied first).
 * False if it is none. */
bool eid__key_read(eid_slice rest, eid__key_part *out, eid_buf *name);

/* What a path keeps, in normal form. The three stamps of the design follow from two: a leaf or a
 * delete ends docs and lists, so both floors are `last`; a list ends docs, a doc ends lists, and
 * only the floor of its own kind is apart. */
typedef struct eid__record {
    eid_stamp last;
    eid_value_type kind;
    eid_slice leaf; /* bytes of a leaf; borrowed */
    bool has_floor; /* of its own kind: doc floor of a doc, list floor of a list */
    bool atomic;    /* of a doc: what raised the floor was an atomic doc */
    eid_stamp floor;
    eid_slice name; /* of a child whose key is cut, else empty; borrowed */
    /* elements only: the earliest write known, how it spelled the fraction, and whether any write
     * spelled it in other than lowest terms */
    bool is_element, is_odd;
    eid_stamp first;
    int64_t numerator;
    uint64_t denominator;
} eid__record;

/* Write a row; an element's spelling is left out where it is that of `reduced` (NULL for children).
 */
void eid__record_write(const eid__record *record, const eid_position *reduced, eid_buf *out);
/* Read a row; slices are borrowed from it. Errors: STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid__record_read(eid_slice row, const eid_position *reduced,
                                           eid__record *out);
/* The leaf's value, new. Errors: STORE_CORRUPT, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__record_leaf(const eid__record *record, eid_value *out);
/* Append the bytes of a leaf. */
void eid__leaf_write(const eid_value *value, eid_buf *out);
/* The floor below which nothing in a doc or list of this record shows; NULL = none. */
const eid_stamp *eid__record_floor(const eid__record *record);
/* Whether a stamp is visible over a floor (NULL = no floor). */
bool eid__stamp_shows(const eid_stamp *stamp, const eid_stamp *floor);
/* The later of two floors, either of which may be NULL. */
const eid_stamp *eid__floor_max(const eid_stamp *a, const eid_stamp *b);

#define EID__STATE_KEY_BYTES_MAX (64u * 1024u)         /* 42 components of cut names fit */
#define EID__STATE_ROW_BYTES_MAX (64u * 1024u * 1024u) /* any text that an entry can carry */

/* Begin: the row of the root. Absent gives a doc without a floor. `row` holds what it borrows. */
EID_MUST_CHECK eid_status eid__state_root(const eid_state_rows *rows, eid_buf *row,
                                          eid__record *out);
/* The value that a visible record at `key` stands for, new; `floor` comes from above (NULL = none).
 */
EID_MUST_CHECK eid_status eid__state_value(const eid_state_rows *rows, eid_slice key,
                                           const eid__record *record, const eid_stamp *floor,
                                           eid_value *out);

/* -- what applying makes invisible (state_loss.c) ---------------------------------------------- */

/* On the way through a payload. A zeroed struct notes nothing. */
typedef struct eid__loss {
    const eid_state_notes *notes; /* NULL = nobody asks */
    const eid_stamp *stamp;       /* of the entry */
    bool covers;
    bool has_floor; /* of the containers above the path at hand, the latest */
    eid_stamp floor;
    size_t floor_key_len; /* of the container that it belongs to */
} eid__loss;

/* At the root. `key` is where a root's row is, thus empty. */
EID_MUST_CHECK eid_status eid__loss_begin(eid__loss *loss, const eid_state_rows *rows,
                                          const eid_stamp *stamp, const eid_doc *payload);
/* A value is about to join the record at `key`, which is NULL if there is none. */
EID_MUST_CHECK eid_status eid__loss_meet(const eid__loss *loss, eid_slice key,
                                         const eid_value *value, const eid__record *record);
/* Go on below a container that was written and has joined `record`; what was before is returned,
 * to be set again afterwards. */
typedef struct eid__loss_floor {
    bool has;
    eid_stamp stamp;
    size_t key_len;
} eid__loss_floor;
eid__loss_floor eid__loss_enter(eid__loss *loss, size_t key_len, const eid_value *value,
                                const eid__record *record);
void eid__loss_leave(eid__loss *loss, const eid__loss_floor *before);

#endif
