/* Inventory of spec 04, "data_operations": what is staged and what it becomes, deletes, nested
 * documents, isolation, pins; and the corruption of `auth` through a user's session. */
#include "tests/node/inventory.h"

static void test_transaction_with_delete(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    eid_value value;
    eid_slice path = text("gone");
    bool was_live;

    world_set(world, "data", "gone", "1");
    world_set(world, "data", "kept", "2");
    txn = world_begin(world);
    assert_ok(eid_docstore_delete(txn, text("data"), text("gone"), &was_live));
    assert_true(was_live);
    inventory_expect(txn, "data", "gone", NULL);
    (void)world_commit(txn);
    world_check(world, "data", "gone", NULL);
    world_check(world, "data", "kept", "2");
    assert_ok(world->seam->value(world->seam->self, &world->root, text("data"), &path, 1, &value));
    assert_int_equal(value.type, EID_VALUE_DELETED); /* it stays as a tombstone */
}

static void test_delete_operations_with_helpers(void **state)
{
    test_world *world = *state;
    bool was_live;
    eid_txn *txn;

    world_set(world, "data", "a", "1");
    world_set(world, "data", "b", "2");
    txn = world_begin(world);
    assert_ok(eid_docstore_delete(txn, text("data"), text("a"), &was_live));
    assert_ok(eid_docstore_delete(txn, text("data"), text("never"), &was_live));
    assert_false(was_live);
    inventory_stage(txn, "data", "c", "3");
    (void)world_commit(txn);
    world_check(world, "data", "a", NULL);
    world_check(world, "data", "b", "2");
    world_check(world, "data", "c", "3");
    world_set(world, "data", "a", "again");
    world_check(world, "data", "a", "again");
}

static void test_transaction_nested_values(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_value value;

    inventory_stage(txn, "data", "user.name", "Ada");
    inventory_stage(txn, "data", "user.address.city", "London");
    assert_ok(eid_txn_get(txn, text("data"), text("user"), &value));
    assert_int_equal(value.type, EID_VALUE_DOC);
    assert_int_equal(eid_doc_live(value.doc), 2);
    eid_value_fini(&value);
    (void)world_commit(txn);
    world_check(world, "data", "user.name", "Ada");
    world_check(world, "data", "user.address.city", "London");
}

static void test_nested_map_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    bool was_live;

    world_set(world, "data", "map.one", "1");
    txn = world_begin(world);
    inventory_stage(txn, "data", "map.two", "2");
    inventory_expect(txn, "data", "map.one", "1"); /* committed beside staged */
    inventory_expect(txn, "data", "map.two", "2");
    (void)world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_docstore_delete(txn, text("data"), text("map.one"), &was_live));
    (void)world_commit(txn);
    world_check(world, "data", "map.one", NULL);
    world_check(world, "data", "map.two", "2");
}

static void test_nested_data_operations_with_helpers(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    for (int i = 0; i < 5; i++) {
        char path[60], value[16];
        snprintf(path, sizeof path, "level%d.inner.leaf%d", i % 2, i);
        snprintf(value, sizeof value, "%d", i);
        inventory_stage(txn, "data", path, value);
    }
    (void)world_commit(txn);
    world_check(world, "data", "level0.inner.leaf0", "0");
    world_check(world, "data", "level1.inner.leaf3", "3");
    world_check(world, "data", "level0.inner.leaf4", "4");
    world_check(world, "data", "level1.inner.leaf4", NULL);
}

static void test_transaction_staged_data_isolation(void **state)
{
    test_world *world = *state;
    eid_txn *mine, *theirs;

    world_set(world, "data", "k", "old");
    mine = world_begin(world);
    theirs = world_begin(world);
    inventory_stage(mine, "data", "k", "new");
    inventory_expect(mine, "data", "k", "new");
    inventory_expect(theirs, "data", "k", "old");
    world_check(world, "data", "k", "old");
    (void)world_commit(mine);
    world_check(world, "data", "k", "new");
    inventory_expect(theirs, "data", "k", "old"); /* it reads as of when it began */
    inventory_stage(theirs, "data", "other", "x");
    inventory_expect(theirs, "data", "k", "old");
    (void)world_commit(theirs);
    world_check(world, "data", "k", "new");
    world_check(world, "data", "other", "x");
}

static void test_metadata_for_settings_entries(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id settings, data;

    assert_ok(eid_settings_store_set_name(txn, text("renamed")));
    settings = world_commit(txn);
    data = world_set(world, "data", "k", "v");
    inventory_expect_pin(world, &settings, &world->root, 1);
    inventory_expect_pin(world, &data, &settings, 1);
}

/* As in inventory_transaction_test.c, by a user and the key that the session finds. */
static void test_prevent_auth_corruption(void **state)
{
    test_world *world = *state;
    eid_session *user = inventory_user(world, "ada");
    eid_id root = inventory_user_database(user, "mine"), id;
    eid_txn *txn = inventory_user_begin(user, &root);
    bool was_live;

    inventory_stage(txn, "_settings", "auth", "text");
    assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    txn = inventory_user_begin(user, &root);
    assert_ok(eid_docstore_delete(txn, text("_settings"), text("auth"), &was_live));
    assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    txn = inventory_user_begin(user, &root);
    inventory_stage(txn, "data", "k", "v");
    (void)world_commit(txn);
    eid_session_logout(user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_transaction_with_delete),
        INVENTORY_TEST(test_delete_operations_with_helpers),
        INVENTORY_TEST(test_transaction_nested_values),
        INVENTORY_TEST(test_nested_map_operations),
        INVENTORY_TEST(test_nested_data_operations_with_helpers),
        INVENTORY_TEST(test_transaction_staged_data_isolation),
        INVENTORY_TEST(test_metadata_for_settings_entries),
        INVENTORY_TEST(test_prevent_auth_corruption),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
