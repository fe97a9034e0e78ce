/* Inventory of spec 04, "create_with_init" and "settings_metadata": what a genesis carries, which
 * stores are closed while it is made, and what entries pin. */
#include "tests/node/inventory.h"

typedef struct init_plan {
    const char *stores[3];
    size_t count;
    eid_status after;
    bool ran;
} init_plan;

static eid_status init_run(void *self, eid_txn *txn)
{
    init_plan *plan = self;

    plan->ran = true;
    for (size_t i = 0; i < plan->count; i++) {
        eid_status status =
            eid_docstore_set_text(txn, text(plan->stores[i]), "k", text(plan->stores[i]));
        if (status != EID_OK) return status;
    }
    return plan->after;
}

static eid_status create(test_world *world, init_plan *plan, eid_id *root)
{
    return eid_txn_create_database(world->seam, NULL, &world->key, plan ? init_run : NULL, plan,
                                   root);
}

static void test_init_callback_runs_and_writes_persist(void **state)
{
    test_world *world = *state;
    init_plan plan = {{"data"}, 1, EID_OK, false};

    assert_ok(create(world, &plan, &world->root));
    assert_true(plan.ran);
    world_check(world, "data", "k", "data");
}

static void test_genesis_entry_carries_all_initialized_subtrees(void **state)
{
    static const char *const names[] = {"_settings", "_index", "_root", "one", "two"};
    test_world *world = *state;
    init_plan plan = {{"one", "two"}, 2, EID_OK, false};
    eid_entry *entry;

    assert_ok(create(world, &plan, &world->root));
    inventory_expect_tips(world, &world->root, 1);
    entry = world_entry(world, &world->root);
    assert_int_equal(eid_entry_subtree_count(entry), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_non_null(eid_entry_find_subtree(entry, text(names[i])));
    }
    eid_entry_free(entry);
}

static eid_status count_database(void *self, const eid_db_info *info)
{
    (void)info;
    ++*(size_t *)self;
    return EID_OK;
}

static void test_init_callback_error_aborts_create(void **state)
{
    test_world *world = *state;
    init_plan plan = {{"data"}, 1, EID_E_BUSY, false};
    size_t count = 0;
    eid_id root;

    assert_int_equal(create(world, &plan, &root), EID_E_BUSY);
    assert_true(eid_id_is_empty(&root));
    assert_ok(world->seam->databases(world->seam->self, count_database, &count));
    assert_int_equal(count, 1); /* the fixture's own */
}

static void test_create_delegates_to_create_with_init(void **state)
{
    test_world *world = *state;
    init_plan plan = {{NULL}, 0, EID_OK, false};
    eid_id plain, with;
    eid_entry *entry;

    assert_ok(create(world, NULL, &plain));
    assert_ok(create(world, &plan, &with));
    for (int i = 0; i < 2; i++) {
        world->root = i == 0 ? plain : with;
        entry = world_entry(world, &world->root);
        assert_int_equal(eid_entry_subtree_count(entry), 2);
        assert_null(eid_entry_find_subtree(entry, text("_index")));
        eid_entry_free(entry);
    }
}

static void expect_closed(test_world *world, const char *store)
{
    init_plan plan = {{store}, 1, EID_OK, false};
    eid_id root;

    assert_kind(TXN_LOCKED_STORE, create(world, &plan, &root));
    assert_non_null(strstr(eid_status_detail(EID_E_STATE).text, store));
}

static eid_status init_read_settings(void *self, eid_txn *txn)
{
    eid_doc *settings = NULL;

    (void)self;
    return eid_txn_settings(txn, &settings);
}

static void test_init_callback_cannot_open_settings(void **state)
{
    test_world *world = *state;
    eid_id root;

    expect_closed(world, "_settings");
    /* T6: nor read them. */
    assert_kind(TXN_LOCKED_STORE, eid_txn_create_database(world->seam, NULL, &world->key,
                                                          init_read_settings, NULL, &root));
}

static void test_init_callback_cannot_open_root(void **state)
{
    expect_closed(*state, "_root");
}

static void test_init_callback_cannot_open_index(void **state)
{
    expect_closed(*state, "_index");
}

static void test_init_callback_can_register_normal_stores_while_locked(void **state)
{
    test_world *world = *state;
    init_plan plan = {{"data"}, 1, EID_OK, false};
    eid_registry_row row;
    eid_txn *txn;

    assert_ok(create(world, &plan, &world->root));
    txn = world_begin(world);
    assert_ok(eid_registry_find(txn, text("data"), &row));
    assert_string_equal(row.type, EID_TYPE_DOCSTORE);
    eid_registry_row_fini(&row);
    eid_txn_free(txn);
}

static void test_system_subtree_lock_released_after_init(void **state)
{
    test_world *world = *state;
    init_plan plan = {{"data"}, 1, EID_OK, false};

    assert_ok(create(world, &plan, &world->root));
    world_set(world, "_settings", "theme", "dark");
    world_check(world, "_settings", "theme", "dark");
}

/* -- settings_metadata.rs ---------------------------------------------------------------------- */

static eid_id change_settings(test_world *world, const char *value)
{
    return world_set(world, "_settings", "theme", value);
}

static void test_settings_tips_in_metadata(void **state)
{
    test_world *world = *state;
    eid_id data = world_set(world, "data", "k", "1"), settings, after;

    inventory_expect_pin(world, &world->root, NULL, 0);
    inventory_expect_pin(world, &data, &world->root, 1);
    settings = change_settings(world, "dark");
    after = world_set(world, "data", "k", "2");
    inventory_expect_pin(world, &after, &settings, 1);
}

static void test_entry_get_settings_from_subtree(void **state)
{
    test_world *world = *state;
    eid_entry *entry = world_entry(world, &world->root);
    const eid_subtree *node = eid_entry_find_subtree(entry, text("_settings"));

    assert_non_null(node);
    assert_true(node->has_data);
    assert_non_null(memmem(node->data.at, node->data.len, "notes", 5));
    eid_entry_free(entry);
    world_check(world, "_settings", "name", "notes");
}

static void test_settings_tips_propagation(void **state)
{
    test_world *world = *state;
    eid_id first = world_set(world, "data", "k", "1");
    eid_id second = world_set(world, "data", "k", "2");
    eid_id settings = change_settings(world, "dark");
    eid_id third = world_set(world, "data", "k", "3");
    eid_id fourth = world_set(world, "data", "k", "4");

    inventory_expect_pin(world, &first, &world->root, 1);
    inventory_expect_pin(world, &second, &world->root, 1);
    inventory_expect_pin(world, &third, &settings, 1);
    inventory_expect_pin(world, &fourth, &settings, 1);
}

static void test_settings_metadata_with_complex_operations(void **state)
{
    test_world *world = *state;
    eid_id settings = world->root;

    for (int i = 0; i < 4; i++) {
        char value[16];
        eid_id data, next;
        snprintf(value, sizeof value, "%d", i);
        data = world_set(world, "data", "k", value);
        inventory_expect_pin(world, &data, &settings, 1);
        next = change_settings(world, value);
        inventory_expect_pin(world, &next, &settings, 1);
        settings = next;
    }
}

static void test_settings_metadata_with_branching(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "k", "1");
    eid_id settings = inventory_set_at(world, &base, 1, "_settings", "theme", "dark");
    eid_id other = inventory_set_at(world, &base, 1, "data", "k", "2");
    eid_id merged = world_set(world, "data", "k", "3");

    inventory_expect_pin(world, &other, &world->root, 1);
    inventory_expect_parents(world, &merged, (eid_id[]){settings, other}, 2);
    inventory_expect_pin(world, &merged, &settings, 1);
}

static void test_metadata_consistency_across_operations(void **state)
{
    test_world *world = *state;
    eid_id settings = change_settings(world, "dark");
    eid_id one = world_set(world, "data", "k", "1");
    eid_id two = world_set(world, "other", "k", "2");

    inventory_expect_pin(world, &one, &settings, 1);
    inventory_expect_pin(world, &two, &settings, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_init_callback_runs_and_writes_persist),
        INVENTORY_TEST(test_genesis_entry_carries_all_initialized_subtrees),
        INVENTORY_TEST(test_init_callback_error_aborts_create),
        INVENTORY_TEST(test_create_delegates_to_create_with_init),
        INVENTORY_TEST(test_init_callback_cannot_open_settings),
        INVENTORY_TEST(test_init_callback_cannot_open_root),
        INVENTORY_TEST(test_init_callback_cannot_open_index),
        INVENTORY_TEST(test_init_callback_can_register_normal_stores_while_locked),
        INVENTORY_TEST(test_system_subtree_lock_released_after_init),
        INVENTORY_TEST(test_settings_tips_in_metadata),
        INVENTORY_TEST(test_entry_get_settings_from_subtree),
        INVENTORY_TEST(test_settings_tips_propagation),
        INVENTORY_TEST(test_settings_metadata_with_complex_operations),
        INVENTORY_TEST(test_settings_metadata_with_branching),
        INVENTORY_TEST(test_metadata_consistency_across_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
