/* Lists in a document store, edited element by element (spec 03 §5).
 *
 * What is staged of a list is what changed in it: a new element, a tombstone. So concurrent edits
 * of a list meet element by element, and an edit does not bring back what somebody else has
 * removed. Reading a list (or a document) that is staged in part means merging it with what was
 * committed, which is what eid_docstore_get_merged() does; eid_docstore_get() shows what is staged
 * alone, as the specification has it. The transaction's thread.
 */
#ifndef EID_NODE_DB_DOCSTORE_LIST_H
#define EID_NODE_DB_DOCSTORE_LIST_H

#include "node/db/docstore.h"

#define EID_LIST_END SIZE_MAX

/* What will be at a path after the commit, as far as this transaction knows. Errors: KEY_NOT_FOUND.
 */
EID_MUST_CHECK eid_status eid_docstore_get_merged(eid_txn *txn, eid_slice store, eid_slice path,
                                                  eid_value *out);
/* Put an element before the live one at `index` (EID_LIST_END = last); where nothing is, a list is
 * made. Takes the value on success. Errors: STORE_TYPE (no list is there), CRDT_LIST_INDEX,
 * CRDT_POSITION (no room). */
EID_MUST_CHECK eid_status eid_docstore_list_insert_take(eid_txn *txn, eid_slice store,
                                                        eid_slice path, size_t index,
                                                        eid_value *value);
/* Errors: KEY_NOT_FOUND, STORE_TYPE, CRDT_LIST_INDEX. */
EID_MUST_CHECK eid_status eid_docstore_list_remove(eid_txn *txn, eid_slice store, eid_slice path,
                                                   size_t index);
/* Set a value whose lists replace those that are there, at the path and below, instead of being
 * merged with them. Takes the value on success. */
EID_MUST_CHECK eid_status eid_docstore_replace_take(eid_txn *txn, eid_slice store, eid_slice path,
                                                    eid_value *value);

#endif
