/* Inventory of spec 04, "core_operations": what a database handle does, and transactions that a
 * function is run in. */
#include "tests/node/inventory.h"

static void test_insert_into_tree(void **state)
{
    test_world *world = *state;
    eid_id first, second;

    inventory_expect_tips(world, &world->root, 1);
    first = world_set(world, "data", "k", "1");
    inventory_expect_tips(world, &first, 1);
    second = world_set(world, "data", "k", "2");
    inventory_expect_tips(world, &second, 1);
    inventory_expect_parents(world, &second, &first, 1);
}

static void test_get_settings(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_doc *settings = NULL;

    assert_ok(eid_txn_settings(txn, &settings));
    assert_non_null(eid_doc_get(settings, text("auth.keys")));
    eid_doc_free(settings);
    inventory_stage(txn, "_settings", "theme", "dark");
    (void)world_commit(txn);
    world_check(world, "_settings", "theme", "dark");
    world_check(world, "_settings", "name", "notes");
}

static void test_get_name_from_settings(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    char *name = NULL;

    assert_ok(eid_settings_store_name(txn, &name));
    assert_string_equal(name, "notes");
    eid_free(name);
    assert_ok(eid_settings_store_set_name(txn, text("renamed")));
    (void)world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_settings_store_name(txn, &name));
    assert_string_equal(name, "renamed");
    eid_free(name);
    eid_txn_free(txn);
}

static void test_subtree_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    inventory_stage(txn, "users", "ada", "admin");
    inventory_stage(txn, "posts", "one", "hello");
    (void)world_commit(txn);
    world_set(world, "users", "ben", "reader");
    world_check(world, "users", "ada", "admin");
    world_check(world, "users", "ben", "reader");
    world_check(world, "posts", "one", "hello");
}

static void test_txn_scenarios(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id empty;

    inventory_stage(txn, "data", "k", "staged");
    inventory_expect(txn, "data", "k", "staged");
    inventory_expect(txn, "data", "missing", NULL);
    (void)world_commit(txn);
    empty = world_commit(world_begin(world)); /* nothing staged is an entry too */
    inventory_expect_tips(world, &empty, 1);
    world_check(world, "data", "k", "staged");
}

static void test_get_store_viewer(void **state)
{
    test_world *world = *state;
    eid_id before = world_set(world, "data", "k", "before");
    eid_txn *viewer = inventory_begin_at(world, &before, 1);
    eid_txn *writer = world_begin(world);
    eid_doc *doc = NULL;

    inventory_expect(viewer, "data", "k", "before");
    world_set(world, "data", "k", "after");
    inventory_expect(viewer, "data", "k", "before"); /* pinned */
    inventory_expect(writer, "data", "k", "before");
    assert_ok(eid_txn_doc(viewer, text("unknown"), &doc));
    assert_int_equal(eid_doc_total(doc), 0);
    eid_doc_free(doc);
    eid_txn_free(viewer);
    eid_txn_free(writer);
    world_check(world, "data", "k", "after");
    world_check(world, "unknown", "k", NULL);
}

static void test_snapshot(void **state)
{
    test_world *world = *state;

    for (int i = 0; i < 4; i++) {
        char value[16];
        eid_id id;
        snprintf(value, sizeof value, "%d", i);
        id = world_set(world, "data", "k", value);
        inventory_expect_tips(world, &id, 1);
    }
}

static void test_new_transaction_with_tips(void **state)
{
    test_world *world = *state;
    eid_id first = world_set(world, "data", "k", "1");
    eid_id second = world_set(world, "data", "k", "2");
    eid_id branch;

    inventory_expect_at(world, &first, 1, "data", "k", "1");
    branch = inventory_set_at(world, &first, 1, "data", "branch", "x");
    inventory_expect_parents(world, &branch, &first, 1);
    inventory_expect_tips(world, (eid_id[]){second, branch}, 2);
}

static void test_new_transaction_with_specific_tips(void **state)
{
    test_world *world = *state;
    eid_id first = world_set(world, "data", "one", "1");
    eid_id second = world_set(world, "data", "two", "2");
    eid_txn *txn = inventory_begin_at(world, &first, 1);
    eid_ids tips;

    assert_ok(eid_txn_tips(txn, &tips));
    assert_int_equal(tips.count, 1);
    assert_true(eid_id_equal(&tips.at[0], &first));
    inventory_expect(txn, "data", "one", "1");
    inventory_expect(txn, "data", "two", NULL);
    eid_txn_free(txn);
    inventory_expect_tips(world, &second, 1);
}

static void test_new_transaction_with_multiple_tips(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "base", "0");
    eid_id left = inventory_set_at(world, &base, 1, "data", "left", "1");
    eid_id right = inventory_set_at(world, &base, 1, "data", "right", "2");
    eid_id merged = inventory_set_at(world, (eid_id[]){left, right}, 2, "data", "merged", "3");

    inventory_expect_parents(world, &merged, (eid_id[]){left, right}, 2);
    inventory_expect_tips(world, &merged, 1);
    world_check(world, "data", "base", "0");
    world_check(world, "data", "left", "1");
    world_check(world, "data", "right", "2");
    world_check(world, "data", "merged", "3");
}

/* -- with_transaction -------------------------------------------------------------------------- */

typedef struct staging {
    const char *stores[3];
    const char *keys[3];
    size_t count;
    size_t seen; /* what the function gives back */
    eid_status after;
} staging;

static eid_status stage_all(void *self, eid_txn *txn)
{
    staging *what = self;

    for (size_t i = 0; i < what->count; i++) {
        inventory_stage(txn, what->stores[i], what->keys[i], "v");
        what->seen++;
    }
    return what->after;
}

static eid_status run(test_world *world, staging *what, eid_id *id)
{
    return eid_txn_run(world->seam, &world->root, &world->signer, stage_all, what, id);
}

static void test_with_transaction_basic(void **state)
{
    test_world *world = *state;
    staging what = {{"data"}, {"k"}, 1, 0, EID_OK};
    eid_id id;

    assert_ok(run(world, &what, &id));
    inventory_expect_tips(world, &id, 1);
    world_check(world, "data", "k", "v");
}

static void test_with_transaction_returns_value(void **state)
{
    test_world *world = *state;
    staging what = {{"data", "data"}, {"k", "l"}, 2, 0, EID_OK};
    eid_id id;

    assert_ok(run(world, &what, &id));
    assert_int_equal(what.seen, 2);
}

static void test_with_transaction_rollback_on_error(void **state)
{
    test_world *world = *state;
    staging what = {{"data"}, {"k"}, 1, 0, EID_E_BUSY};
    eid_id id;

    assert_int_equal(run(world, &what, &id), EID_E_BUSY);
    assert_true(eid_id_is_empty(&id));
    inventory_expect_tips(world, &world->root, 1);
    world_check(world, "data", "k", NULL);
}

static void test_with_transaction_multiple_operations(void **state)
{
    test_world *world = *state;
    staging what = {{"data", "data", "data"}, {"a", "b", "c"}, 3, 0, EID_OK};
    eid_id id;

    assert_ok(run(world, &what, &id));
    inventory_expect_parents(world, &id, &world->root, 1);
    for (size_t i = 0; i < 3; i++) world_check(world, "data", what.keys[i], "v");
}

static void test_with_transaction_multiple_stores(void **state)
{
    test_world *world = *state;
    staging what = {{"one", "two", "three"}, {"k", "k", "k"}, 3, 0, EID_OK};
    eid_id id;

    assert_ok(run(world, &what, &id));
    inventory_expect_tips(world, &id, 1);
    for (size_t i = 0; i < 3; i++) world_check(world, what.stores[i], "k", "v");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_insert_into_tree),
        INVENTORY_TEST(test_get_settings),
        INVENTORY_TEST(test_get_name_from_settings),
        INVENTORY_TEST(test_subtree_operations),
        INVENTORY_TEST(test_txn_scenarios),
        INVENTORY_TEST(test_get_store_viewer),
        INVENTORY_TEST(test_snapshot),
        INVENTORY_TEST(test_new_transaction_with_tips),
        INVENTORY_TEST(test_new_transaction_with_specific_tips),
        INVENTORY_TEST(test_new_transaction_with_multiple_tips),
        INVENTORY_TEST(test_with_transaction_basic),
        INVENTORY_TEST(test_with_transaction_returns_value),
        INVENTORY_TEST(test_with_transaction_rollback_on_error),
        INVENTORY_TEST(test_with_transaction_multiple_operations),
        INVENTORY_TEST(test_with_transaction_multiple_stores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
