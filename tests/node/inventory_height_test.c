/* Inventory of spec 02 §3: heights, the clock of tests, and strategies of databases and stores. */
#include "tests/node/inventory.h"

/* -- height.rs --------------------------------------------------------------------------------- */

static void test_incremental_root(void **state)
{
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, false, 0, 0), 0);
}

static void test_incremental_with_parent(void **state)
{
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, true, 0, 0), 1);
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, true, 5, 0), 6);
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, true, 100, 0), 101);
}

static void test_timestamp_root(void **state)
{
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, false, 0, 1700000000000u),
                     1700000000000u);
}

static void test_timestamp_with_low_parent(void **state)
{
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, true, 5, 1000), 1000);
}

static void test_timestamp_with_high_parent(void **state)
{
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, true, 5000, 1000), 5001);
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, true, 999, 1000), 1000);
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, true, 1000, 1000), 1001);
}

static void test_serialization(void **state)
{
    assert_string_equal(eid_settings_strategy_json(EID_HEIGHT_INCREMENTAL), "\"incremental\"");
    assert_string_equal(eid_settings_strategy_json(EID_HEIGHT_TIMESTAMP), "\"timestamp\"");
}

static void test_deserialization(void **state)
{
    eid_height_strategy found = EID_HEIGHT_INCREMENTAL;

    assert_true(eid_settings_strategy_parse(text("\"timestamp\""), &found));
    assert_int_equal(found, EID_HEIGHT_TIMESTAMP);
    assert_true(eid_settings_strategy_parse(text("\"incremental\""), &found));
    assert_int_equal(found, EID_HEIGHT_INCREMENTAL);
    assert_false(eid_settings_strategy_parse(text("timestamp"), &found));
    assert_false(eid_settings_strategy_parse(text("\"other\""), &found));
}

/* -- clock.rs ---------------------------------------------------------------------------------- */

#define CLOCK_START 1704067200000u /* 2024-01-01T00:00:00Z */

static void fixed_clock_auto_advances(void **state)
{
    eid_clock_fixed fixed = {.now_ms = CLOCK_START, .step_ms = 1};
    eid_clock clock = eid_clock_of_fixed(&fixed);

    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START);
    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START + 1);
}

static void fixed_clock_get_does_not_advance(void **state)
{
    eid_clock_fixed fixed = {.now_ms = CLOCK_START, .step_ms = 1};

    assert_int_equal(fixed.now_ms, CLOCK_START);
    assert_int_equal(fixed.now_ms, CLOCK_START);
}

static void fixed_clock_hold_freezes(void **state)
{
    eid_clock_fixed fixed = {.now_ms = CLOCK_START, .step_ms = 1};
    eid_clock clock = eid_clock_of_fixed(&fixed);

    fixed.held++;
    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START);
    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START);
    fixed.held--;
    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START);
    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START + 1);
}

static void fixed_clock_manual_advance(void **state)
{
    eid_clock_fixed fixed = {.now_ms = CLOCK_START, .held = 1};
    eid_clock clock = eid_clock_of_fixed(&fixed);

    fixed.now_ms += 5000;
    assert_int_equal(clock.wall_ms(clock.self), CLOCK_START + 5000);
    assert_int_equal(clock.monotonic_ns(clock.self), (CLOCK_START + 5000) * 1000000u);
}

static void fixed_clock_set(void **state)
{
    eid_clock_fixed fixed = {.now_ms = CLOCK_START, .held = 1};
    eid_clock clock = eid_clock_of_fixed(&fixed);

    fixed.now_ms = 42;
    assert_int_equal(clock.wall_ms(clock.self), 42);
}

static void fixed_clock_rfc3339(void **state)
{
    char out[40];

    eid_clock_format_rfc3339(CLOCK_START, out);
    assert_string_equal(out, "2024-01-01T00:00:00+00:00");
}

/* -- height_strategy.rs ------------------------------------------------------------------------ */

/* What is not the default, in one entry. NULL = of the database. */
static void use(test_world *world, const char *store, eid_height_strategy strategy)
{
    eid_txn *txn = world_begin(world);

    if (store) {
        assert_ok(eid_registry_set_strategy(txn, text(store), &strategy));
    } else {
        assert_ok(eid_settings_store_set_strategy(txn, strategy));
    }
    (void)world_commit(txn);
}

static void test_height_strategy_default_is_incremental(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_height_strategy found = EID_HEIGHT_TIMESTAMP;

    assert_ok(eid_settings_store_strategy(txn, &found));
    assert_int_equal(found, EID_HEIGHT_INCREMENTAL);
    eid_txn_free(txn);
    assert_int_equal(inventory_height(world, &world->root), 0);
}

static void test_height_strategy_incremental_produces_sequential_heights(void **state)
{
    test_world *world = *state;

    for (uint64_t i = 1; i <= 5; i++) {
        eid_id id = world_set(world, "data", "k", "v");
        assert_int_equal(inventory_height(world, &id), i);
    }
}

static void test_height_strategy_timestamp_produces_timestamp_heights(void **state)
{
    test_world *world = *state;
    eid_id id;

    use(world, NULL, EID_HEIGHT_TIMESTAMP);
    world->time.now_ms += 1000;
    id = world_set(world, "data", "k", "v");
    assert_int_equal(inventory_height(world, &id), world->time.now_ms);
}

static void test_height_strategy_timestamp_ensures_monotonic(void **state)
{
    test_world *world = *state;
    uint64_t last = 0;

    use(world, NULL, EID_HEIGHT_TIMESTAMP);
    for (int i = 0; i < 6; i++) { /* the clock stands still, then goes back */
        eid_id id = world_set(world, "data", "k", "v");
        uint64_t height = inventory_height(world, &id);
        assert_true(height > last);
        last = height;
        if (i == 3) world->time.now_ms -= 100000;
    }
}

static void test_height_strategy_subtrees_inherit_database_strategy(void **state)
{
    test_world *world = *state;
    bool is_own;
    eid_id id;

    use(world, NULL, EID_HEIGHT_TIMESTAMP);
    world->time.now_ms += 1000;
    id = world_set(world, "data", "k", "v");
    assert_int_equal(inventory_store_height(world, &id, "data", &is_own), world->time.now_ms);
    assert_false(is_own);
}

static void test_height_strategy_persisted_in_settings(void **state)
{
    test_world *world = *state;
    eid_height_strategy found = EID_HEIGHT_INCREMENTAL;
    eid_txn *txn;

    use(world, NULL, EID_HEIGHT_TIMESTAMP);
    txn = world_begin(world);
    assert_ok(eid_settings_store_strategy(txn, &found));
    assert_int_equal(found, EID_HEIGHT_TIMESTAMP);
    eid_txn_free(txn);
    world_check(world, "_settings", "height_strategy", "\"timestamp\"");
}

static void test_height_strategy_works_in_same_transaction(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id id;

    assert_ok(eid_settings_store_set_strategy(txn, EID_HEIGHT_TIMESTAMP));
    inventory_stage(txn, "data", "k", "v");
    id = world_commit(txn);
    assert_int_equal(inventory_height(world, &id), world->time.now_ms);
}

static void test_per_subtree_strategy_via_index(void **state)
{
    test_world *world = *state;
    eid_registry_row row;
    eid_txn *txn;
    bool is_own;
    eid_id id;

    world_set(world, "data", "k", "1");
    use(world, "data", EID_HEIGHT_TIMESTAMP);
    txn = world_begin(world);
    assert_ok(eid_registry_find(txn, text("data"), &row));
    assert_true(row.has_strategy);
    assert_int_equal(row.strategy, EID_HEIGHT_TIMESTAMP);
    eid_registry_row_fini(&row);
    eid_txn_free(txn);
    id = world_set(world, "data", "k", "2");
    assert_true(inventory_store_height(world, &id, "data", &is_own) > world->time.now_ms);
    assert_true(is_own);
    assert_int_equal(inventory_height(world, &id), 3);
}

static void test_unregistered_subtree_inherits_tree_height(void **state)
{
    test_world *world = *state;
    bool is_own;
    eid_id id;

    use(world, NULL, EID_HEIGHT_TIMESTAMP);
    id = world_set(world, "_settings", "theme", "dark"); /* no row in the index */
    assert_int_equal(inventory_store_height(world, &id, "_settings", &is_own),
                     inventory_height(world, &id));
    assert_false(is_own);
    assert_true(inventory_height(world, &id) >= world->time.now_ms);
}

static void test_mixed_subtree_strategies(void **state)
{
    test_world *world = *state;
    bool is_own;
    eid_txn *txn;
    eid_id id;

    use(world, NULL, EID_HEIGHT_TIMESTAMP);
    txn = world_begin(world);
    assert_ok(eid_txn_open_store(txn, text("own"), EID_TYPE_DOCSTORE));
    assert_ok(eid_registry_set_strategy(txn, text("own"),
                                        &(eid_height_strategy){EID_HEIGHT_INCREMENTAL}));
    inventory_stage(txn, "own", "k", "1");
    inventory_stage(txn, "inherits", "k", "1");
    (void)world_commit(txn);
    txn = world_begin(world);
    inventory_stage(txn, "own", "k", "2");
    inventory_stage(txn, "inherits", "k", "2");
    id = world_commit(txn);
    assert_int_equal(inventory_store_height(world, &id, "inherits", &is_own),
                     inventory_height(world, &id));
    assert_false(is_own);
    assert_int_equal(inventory_store_height(world, &id, "own", &is_own), 1);
    assert_true(is_own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incremental_root),
        cmocka_unit_test(test_incremental_with_parent),
        cmocka_unit_test(test_timestamp_root),
        cmocka_unit_test(test_timestamp_with_low_parent),
        cmocka_unit_test(test_timestamp_with_high_parent),
        cmocka_unit_test(test_serialization),
        cmocka_unit_test(test_deserialization),
        cmocka_unit_test(fixed_clock_auto_advances),
        cmocka_unit_test(fixed_clock_get_does_not_advance),
        cmocka_unit_test(fixed_clock_hold_freezes),
        cmocka_unit_test(fixed_clock_manual_advance),
        cmocka_unit_test(fixed_clock_set),
        cmocka_unit_test(fixed_clock_rfc3339),
        INVENTORY_TEST(test_height_strategy_default_is_incremental),
        INVENTORY_TEST(test_height_strategy_incremental_produces_sequential_heights),
        INVENTORY_TEST(test_height_strategy_timestamp_produces_timestamp_heights),
        INVENTORY_TEST(test_height_strategy_timestamp_ensures_monotonic),
        INVENTORY_TEST(test_height_strategy_subtrees_inherit_database_strategy),
        INVENTORY_TEST(test_height_strategy_persisted_in_settings),
        INVENTORY_TEST(test_height_strategy_works_in_same_transaction),
        INVENTORY_TEST(test_per_subtree_strategy_via_index),
        INVENTORY_TEST(test_unregistered_subtree_inherits_tree_height),
        INVENTORY_TEST(test_mixed_subtree_strategies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
