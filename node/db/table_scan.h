/* Table scan: committed rows of a table from any source, with what the transaction has staged
 * merged in. Private to node/db/table*.c. */
#ifndef EID_NODE_DB_TABLE_SCAN_H
#define EID_NODE_DB_TABLE_SCAN_H

#include "node/db/table.h"
#include "node/db/txn_internal.h"

typedef eid_status (*eid__table_row_fn)(void *arg, eid_slice key, eid_slice json);
typedef eid_status (*eid__table_child_fn)(void *arg, eid_slice name, const eid_value *value);

/* Where committed rows come from: calls fn for each in key order, EID_E_AGAIN from it meaning
 * "stop, all is well". */
typedef struct eid__table_source {
    eid_status (*rows)(void *self, eid__table_child_fn fn, void *arg);
    void *self;
} eid__table_source;

/* Give rows after the key `after` (NULL = all); fn answers EID_E_AGAIN to stop. */
EID_MUST_CHECK eid_status eid__table_merge(eid_txn *txn, eid_slice store, const eid_slice *after,
                                           const eid__table_source *source, eid__table_row_fn fn,
                                           void *arg);

#endif
