/* What the inventories of encrypted stores share. */
#ifndef EID_TESTS_NODE_INVENTORY_PASSWORD_H
#define EID_TESTS_NODE_INVENTORY_PASSWORD_H

#include "tests/node/inventory_stores.h"

#define PASSWORD "correct horse"
#define STORE "secret"

static inline void initialize(eid_txn *txn, const char *type)
{
    assert_ok(eid_password_store_initialize(txn, text(STORE), text(PASSWORD), type, NULL));
}

static inline eid_password_state load(eid_txn *txn)
{
    eid_password_state state;

    assert_ok(eid_password_store_load(txn, text(STORE), &state));
    return state;
}

static inline eid_status unlock(eid_txn *txn, const char *password)
{
    return eid_password_store_open(txn, text(STORE), text(password), NULL);
}

/* A transaction with the store unlocked. */
static inline eid_txn *begin_unlocked(test_world *world)
{
    eid_txn *txn = world_begin(world);

    assert_ok(unlock(txn, PASSWORD));
    return txn;
}

/* The store with one committed value, {"k":"plain text"}. */
static inline eid_id make(test_world *world)
{
    eid_txn *txn = world_begin(world);

    initialize(txn, EID_TYPE_DOCSTORE);
    stores_set(txn, STORE, "k", "{\"Text\":\"plain text\"}");
    return world_commit(txn);
}

static inline eid_slice payload_of(const eid_entry *entry)
{
    return eid_entry_find_subtree(entry, text(STORE))->data;
}

static inline bool holds(eid_slice bytes, const char *needle)
{
    return memmem(bytes.at, bytes.len, needle, strlen(needle)) != NULL;
}

#endif
