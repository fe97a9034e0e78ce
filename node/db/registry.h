/* Registry: which stores a database has, of which type, kept in its `_index` store (spec 03 §8).
 *
 * A row is a Doc {type, config, settings{height_strategy}}; rows of two authors merge by their
 * parts, so an override of the height strategy is taken back by a tombstone (spec 02 §3.4). Seen
 * through a transaction: what it has staged counts.
 */
#ifndef EID_NODE_DB_REGISTRY_H
#define EID_NODE_DB_REGISTRY_H

#include "node/db/settings.h"
#include "node/db/txn.h"

/* One store. End with eid_registry_row_fini(). */
typedef struct eid_registry_row {
    char *type;      /* "docstore:v0"; owned */
    eid_doc *config; /* owned; empty for most */
    bool has_strategy;
    eid_height_strategy strategy; /* of the store's own heights, if has_strategy */
} eid_registry_row;
void eid_registry_row_fini(eid_registry_row *row);

/* Read the row of a store. NOT_FOUND bare if it is not registered. Errors: STORE_DECODE for a row
 * that cannot be read (opening such a store registers it afresh). */
EID_MUST_CHECK eid_status eid_registry_find(eid_txn *txn, eid_slice name, eid_registry_row *out);
/* Stage a row {type, empty config}. Errors: STORE_OPERATION for a name that may not be given to a
 * new store (eid_txn_open_store()). */
EID_MUST_CHECK eid_status eid_registry_add(eid_txn *txn, eid_slice name, const char *type);
/* Stage {type, config} for a store, registered or not, in place of what was staged of it; `type`
 * NULL keeps the type. What older rows have beside remains, since rows merge by their parts; only
 * an atomic config replaces the old one. Takes the config on every way. Errors: KEY_NOT_FOUND
 * (no type to keep), STORE_OPERATION. */
EID_MUST_CHECK eid_status eid_registry_set_take(eid_txn *txn, eid_slice name, const char *type,
                                                eid_doc **config);
/* Give a store heights of its own, or with NULL those of its entries again. Errors: KEY_NOT_FOUND.
 */
EID_MUST_CHECK eid_status eid_registry_set_strategy(eid_txn *txn, eid_slice name,
                                                    const eid_height_strategy *strategy);
/* Names and types of the registered stores, ascending by name; malformed rows have type "". What fn
 * answers is passed on, EID_E_AGAIN meaning "stop, all is well". */
EID_MUST_CHECK eid_status eid_registry_list(
    eid_txn *txn, eid_status (*fn)(void *self, eid_slice name, eid_slice type), void *self);

#endif
