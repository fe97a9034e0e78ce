/* Inventory of spec 02, "merge_algorithms": chains and diamonds merged, shallow and deep. Each
 * state is read from the increments and from the fold, which must agree. */
#include "tests/node/inventory.h"

/* The visible state and the fold of the same tips say the same. */
static void expect_both(test_world *world, const char *path, const char *wanted)
{
    eid_idset tips = inventory_tips(world);
    eid_doc *past = NULL;
    const eid_value *value;

    world_check(world, "data", path, wanted);
    assert_ok(world->seam->doc_at(world->seam->self, &world->root, text("data"),
                                  eid_idset_ids(&tips), &past));
    value = eid_doc_get(past, text(path));
    if (wanted) {
        assert_non_null(value);
        assert_true(eid_slice_is(eid_value_text(value), wanted));
    } else {
        assert_null(value);
    }
    eid_doc_free(past);
    eid_idset_fini(&tips);
}

static const char *number(char out[16], const char *prefix, int i)
{
    snprintf(out, 16, "%s%d", prefix, i);
    return out;
}

/* `count` entries, each a key of its own and the shared one. Gives the last. */
static eid_id chain(test_world *world, eid_id from, const char *prefix, int count)
{
    char key[16], value[16];

    for (int i = 0; i < count; i++) {
        eid_txn *txn = inventory_begin_at(world, &from, 1);
        inventory_stage(txn, "data", number(key, prefix, i), number(value, "v", i));
        inventory_stage(txn, "data", "shared", key);
        from = world_commit(txn);
    }
    return from;
}

static void test_simple_linear_chain(void **state)
{
    test_world *world = *state;

    (void)chain(world, world->root, "k", 4);
    expect_both(world, "k0", "v0");
    expect_both(world, "k3", "v3");
    expect_both(world, "shared", "k3");
}

static void test_caching_consistency(void **state)
{
    test_world *world = *state;

    (void)chain(world, world->root, "k", 3);
    for (int i = 0; i < 3; i++) expect_both(world, "shared", "k2");
    world_set(world, "data", "shared", "new");
    for (int i = 0; i < 3; i++) expect_both(world, "shared", "new");
}

static void test_multiple_reads_consistency(void **state)
{
    test_world *world = *state;
    eid_txn *txn;

    (void)chain(world, world->root, "k", 3);
    txn = world_begin(world);
    for (int i = 0; i < 10; i++) inventory_expect(txn, "data", "shared", "k2");
    eid_txn_free(txn);
}

static void test_parent_merge_semantics(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    inventory_stage(txn, "data", "shared", "parent");
    inventory_stage(txn, "data", "kept", "parent");
    (void)world_commit(txn);
    world_set(world, "data", "shared", "child");
    expect_both(world, "shared", "child");
    expect_both(world, "kept", "parent");
}

static void test_deep_chain_performance(void **state)
{
    test_world *world = *state;

    (void)chain(world, world->root, "k", 100);
    expect_both(world, "k0", "v0");
    expect_both(world, "k99", "v99");
}

static void test_merge_performance_with_deep_chains(void **state)
{
    test_world *world = *state;
    eid_id left = chain(world, world->root, "l", 50), right = chain(world, world->root, "r", 50);
    eid_id merged = world_set(world, "data", "merged", "1");
    char key[16], value[16];

    inventory_expect_parents(world, &merged, (eid_id[]){left, right}, 2);
    for (int i = 0; i < 50; i += 7) {
        expect_both(world, number(key, "l", i), number(value, "v", i));
        expect_both(world, number(key, "r", i), number(value, "v", i));
    }
}

static void test_incorrect_parent_merging_would_fail(void **state)
{
    static const char *const steps[][2] = {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}};
    test_world *world = *state;

    for (size_t i = 0; i < 4; i++) world_set(world, "data", steps[i][0], steps[i][1]);
    expect_both(world, "a", "3"); /* and not what an older ancestor says */
    expect_both(world, "b", "2");
    expect_both(world, "c", "4");
}

static void test_true_diamond_pattern(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "base", "0");
    eid_id left = inventory_set_at(world, &base, 1, "data", "left", "1");
    eid_id right = inventory_set_at(world, &base, 1, "data", "right", "2"), merged;

    inventory_expect_tips(world, (eid_id[]){left, right}, 2);
    inventory_expect_parents(world, &left, &base, 1);
    inventory_expect_parents(world, &right, &base, 1);
    merged = world_set(world, "data", "merged", "3");
    inventory_expect_parents(world, &merged, (eid_id[]){left, right}, 2);
    for (int i = 0; i < 3; i++) {
        expect_both(world, "base", "0");
        expect_both(world, "left", "1");
        expect_both(world, "right", "2");
        expect_both(world, "merged", "3");
    }
}

static void test_merge_algorithm_helpers(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "k", "base");
    eid_id left = inventory_set_at(world, &base, 1, "data", "k", "left");
    eid_id right = inventory_set_at(world, &base, 1, "data", "k", "right");

    /* Of equal heights the larger id wins (spec 02 §4). */
    expect_both(world, "k", eid_id_compare(&left, &right) > 0 ? "left" : "right");
}

/* Two arms of this length over one base: the base is found and everything is merged. */
static void expect_divergence(test_world *world, int length)
{
    const eid_at at = {.kv = eid_engine_kv(world->engine)};
    eid_id base = world_set(world, "data", "base", "0"), tips[2], found;
    eid_index_graph *graph = NULL;
    char key[16], value[16];

    tips[0] = chain(world, base, "l", length);
    tips[1] = chain(world, base, "r", length);
    assert_ok(eid_index_graph_new(&at, &world->root, &graph));
    assert_ok(eid_graph_merge_base(eid_index_graph_source(graph), text("data"), (eid_ids){tips, 2},
                                   &found));
    eid_index_graph_free(graph);
    assert_true(eid_id_equal(&found, &base));
    expect_both(world, "base", "0");
    expect_both(world, number(key, "l", length - 1), number(value, "v", length - 1));
    expect_both(world, number(key, "r", length - 1), number(value, "v", length - 1));
    expect_both(world, "l0", "v0");
}

static void test_find_merge_base_shallow_divergence(void **state)
{
    expect_divergence(*state, 50);
}

static void test_find_merge_base_deep_divergence(void **state)
{
    expect_divergence(*state, 150);
}

static void test_find_merge_base_very_deep_chains(void **state)
{
    expect_divergence(*state, 250);
}

static void test_find_merge_base_actually_called(void **state)
{
    test_world *world = *state;
    eid_id left = chain(world, world->root, "l", 3), right = chain(world, world->root, "r", 3);
    eid_txn *txn = world_begin(world);
    eid_id merged;

    inventory_expect(txn, "data", "l2", "v2"); /* read while merging */
    inventory_expect(txn, "data", "r2", "v2");
    inventory_stage(txn, "data", "merged", "1");
    inventory_expect(txn, "data", "l0", "v0");
    merged = world_commit(txn);
    inventory_expect_parents(world, &merged, (eid_id[]){left, right}, 2);
    expect_both(world, "merged", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_simple_linear_chain),
        INVENTORY_TEST(test_caching_consistency),
        INVENTORY_TEST(test_multiple_reads_consistency),
        INVENTORY_TEST(test_parent_merge_semantics),
        INVENTORY_TEST(test_deep_chain_performance),
        INVENTORY_TEST(test_merge_performance_with_deep_chains),
        INVENTORY_TEST(test_incorrect_parent_merging_would_fail),
        INVENTORY_TEST(test_true_diamond_pattern),
        INVENTORY_TEST(test_merge_algorithm_helpers),
        INVENTORY_TEST(test_find_merge_base_shallow_divergence),
        INVENTORY_TEST(test_find_merge_base_deep_divergence),
        INVENTORY_TEST(test_find_merge_base_very_deep_chains),
        INVENTORY_TEST(test_find_merge_base_actually_called),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
