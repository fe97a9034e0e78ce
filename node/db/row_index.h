/* Row index: which rows of a table hold a given value in a given member, at this node.
 *
 * Beside the state rows of a store (state_rows.h) lie a mark, which names the members that are
 * indexed, and a row without value for each pair of member's value and row's key. Whatever changes
 * a store's state updates them in the same batch. A pair may be left over; a reader therefore looks
 * at the row itself before it believes one. No pair is ever missing while the mark says ready: it
 * is made anew where the state is.
 *
 * Not here: when an index is made and asked (local_find.c). One thread at a time for each batch.
 */
#ifndef EID_NODE_DB_ROW_INDEX_H
#define EID_NODE_DB_ROW_INDEX_H

#include "crdt/state.h"
#include "storage/index.h"

#define EID__ROW_INDEXES_MAX 16u      /* members of one table */
#define EID__ROW_FIELD_BYTES_MAX 256u /* of a member's name */
#define EID__ROW_PREFIX_BYTES 33u     /* of the pairs of one value */

/* A store, by its local numbers. */
typedef struct eid__row_store {
    uint32_t database, store;
} eid__row_store;

typedef struct eid__row_mark {
    bool is_ready;       /* else it is being made */
    uint64_t generation; /* of the making */
    eid_slice field;     /* borrowed from the mark's bytes */
} eid__row_mark;

/* The marks of a store, walked through with eid__row_marks_next(). */
EID_MUST_CHECK eid_status eid__row_marks_read(const eid_at *at, eid__row_store store, eid_buf *out);
bool eid__row_marks_next(eid_slice *marks, eid__row_mark *out);
/* Find one member's; false if it has none. */
bool eid__row_marks_find(eid_slice marks, eid_slice field, eid__row_mark *out);
/* Replace (or with NULL take away) one member's mark. */
EID_MUST_CHECK eid_status eid__row_marks_put(eid_batch *batch, eid__row_store store,
                                             eid_slice field, const eid__row_mark *mark);

/* What the keys of all pairs of a member, and of one value of it, begin with. */
void eid__row_field_prefix(eid__row_store store, eid_slice field, eid_buf *out);
void eid__row_value_prefix(eid__row_store store, eid_slice field, eid_slice scalar, eid_buf *out);
/* The pair of a row, if its member has a comparable value. */
EID_MUST_CHECK eid_status eid__row_pair_put(eid_batch *batch, eid__row_store store, eid_slice field,
                                            eid_slice key, eid_slice row);

/* Around applying a payload: forget the pairs of the rows that it names, then make those that are
 * true afterwards. `marks` is what eid__row_marks_read() gave; nothing is done when it is empty. */
EID_MUST_CHECK eid_status eid__row_index_change(const eid_at *at, eid__row_store store,
                                                eid_slice marks, const eid_doc *payload,
                                                bool is_after);

#endif
