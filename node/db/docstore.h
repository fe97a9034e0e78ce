/* DocStore: a document store seen through a transaction (spec 03 §9), type "docstore:v0". */
#ifndef EID_NODE_DB_DOCSTORE_H
#define EID_NODE_DB_DOCSTORE_H

#include "node/db/txn.h"

#define EID_TYPE_DOCSTORE "docstore:v0"
#define EID_TYPE_TABLE "table:v0"

/* Set a value at a path; takes it. The store is opened (registered) first, except `_settings`. */
EID_MUST_CHECK eid_status eid_docstore_set_take(eid_txn *txn, eid_slice store, eid_slice path,
                                                eid_value *value);
EID_MUST_CHECK eid_status eid_docstore_set_text(eid_txn *txn, eid_slice store, const char *path,
                                                eid_slice text);
/* Stage a tombstone; *was_live false (and nothing staged) if nothing live is there. */
EID_MUST_CHECK eid_status eid_docstore_delete(eid_txn *txn, eid_slice store, eid_slice path,
                                              bool *was_live);
EID_MUST_CHECK eid_status eid_docstore_get(eid_txn *txn, eid_slice store, eid_slice path,
                                           eid_value *out);
/* Text at a path as an owned C string. Errors: KEY_NOT_FOUND, STORE_TYPE. New: eid_free(). */
EID_MUST_CHECK eid_status eid_docstore_text(eid_txn *txn, eid_slice store, const char *path,
                                            char **out);

#endif
