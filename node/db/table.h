/* Table: rows of JSON text under keys (spec 03 §11), type "table:v0". Keys are single children. */
#ifndef EID_NODE_DB_TABLE_H
#define EID_NODE_DB_TABLE_H

#include "node/db/docstore.h"

/* Put a row; `json` must be one JSON value (kept verbatim, trimmed). Errors: JSON, STORE_TYPE. */
EID_MUST_CHECK eid_status eid_table_set(eid_txn *txn, eid_slice store, eid_slice key,
                                        eid_slice json);
/* The same under a fresh UUID, which is written to `key`. */
EID_MUST_CHECK eid_status eid_table_insert(eid_txn *txn, eid_slice store, eid_slice json,
                                           char key[37]);
/* The row's JSON. Errors: KEY_NOT_FOUND. New: eid_free(). */
EID_MUST_CHECK eid_status eid_table_get(eid_txn *txn, eid_slice store, eid_slice key, char **json);
EID_MUST_CHECK eid_status eid_table_delete(eid_txn *txn, eid_slice store, eid_slice key,
                                           bool *was_live);
/* Committed rows in key order with staged ones merged in; fn answers EID_E_AGAIN to stop. */
EID_MUST_CHECK eid_status eid_table_scan(eid_txn *txn, eid_slice store, bool has_after,
                                         eid_slice after,
                                         eid_status (*fn)(void *arg, eid_slice key, eid_slice json),
                                         void *arg);

#endif
