/* Value editor: a cursor on the document of a store behind a transaction (spec 03 §10).
 *
 * The cursors and what can be done at them are those of crdt/editor.h; this is what they stand on.
 * They read what was committed with what is staged on top, and write to what is staged. The
 * transaction's thread.
 */
#ifndef EID_NODE_DB_VALUE_EDITOR_H
#define EID_NODE_DB_VALUE_EDITOR_H

#include "crdt/editor.h"
#include "node/db/docstore.h"

#define EID_EDITOR_KEYS_MAX 64u /* of one list of keys; deeper documents cannot be written */

typedef struct eid_value_editor {
    eid_txn *txn;
    eid_slice store; /* borrowed */
    eid_editor_target target;
} eid_value_editor;

/* Set up; begin with eid_editor_root(&editor->target). The struct must not move and must outlive
 * its cursors; there is nothing to free. */
void eid_value_editor_init(eid_value_editor *editor, eid_txn *txn, eid_slice store);

/* The value at a list of keys; none = the whole document. Errors: KEY_NOT_FOUND, STORE_TYPE
 * (something on the way is no document), LIMIT. */
EID_MUST_CHECK eid_status eid_docstore_get_at(eid_txn *txn, eid_slice store, const eid_slice *keys,
                                              size_t count, eid_value *out);
/* Set it; with no keys the value must be a document, which replaces what is staged. Takes the
 * value. Errors: STORE_TYPE, CRDT_DEPTH, LIMIT. */
EID_MUST_CHECK eid_status eid_docstore_set_at_take(eid_txn *txn, eid_slice store,
                                                   const eid_slice *keys, size_t count,
                                                   eid_value *value);
/* Leave a tombstone there. Errors: STORE_TYPE (no keys), LIMIT. */
EID_MUST_CHECK eid_status eid_docstore_delete_at(eid_txn *txn, eid_slice store,
                                                 const eid_slice *keys, size_t count);

#endif
