/* Table search: rows that a predicate or the value of a member picks (spec 03 §11).
 *
 * A search by a predicate looks at every row, in key order, one at a time. One by a member's value
 * asks the node's index on the member if there is one (seam.h), and then costs what it finds.
 * Staged rows count; encrypted tables have no index, since their values would lie open in it. The
 * transaction's thread.
 */
#ifndef EID_NODE_DB_TABLE_SEARCH_H
#define EID_NODE_DB_TABLE_SEARCH_H

#include "node/db/table.h"

/* Give the rows that `pick` says yes to; fn answers EID_E_AGAIN to stop. Errors: STORE_DECODE (a
 * row that is no JSON ends the search). */
EID_MUST_CHECK eid_status eid_table_search(
    eid_txn *txn, eid_slice store, bool (*pick)(void *arg, eid_slice key, eid_slice json),
    eid_status (*fn)(void *arg, eid_slice key, eid_slice json), void *arg);
/* Give the rows whose member `field` is equal to a JSON number, text, true, false or null; numbers
 * are compared by value. Rows that are no objects, or no JSON, have no members. Errors: JSON,
 * STORE_OPERATION (an object or array). */
EID_MUST_CHECK eid_status eid_table_find(eid_txn *txn, eid_slice store, eid_slice field,
                                         eid_slice json,
                                         eid_status (*fn)(void *arg, eid_slice key, eid_slice json),
                                         void *arg);
/* Change a row by a function that is given it and appends the new one; when that fails nothing is
 * changed. Errors: KEY_NOT_FOUND, JSON. */
EID_MUST_CHECK eid_status eid_table_modify(eid_txn *txn, eid_slice store, eid_slice key,
                                           eid_status (*edit)(void *self, eid_slice json,
                                                              eid_buf *out),
                                           void *self);

#endif
