/* Inventory of spec 02, "path_finding": what a merged store holds when its graph forks and joins.
 * Ours has no cache of merged states by tips: the present state is kept by increments and every
 * other one is folded, so "cached" means asked again. */
#include "tests/node/inventory.h"

/* One entry per call, in the store "data": its own name as key and value. */
static eid_id node(test_world *world, const char *name, const eid_id *parents, size_t count)
{
    return inventory_set_at(world, parents, count, "data", name, name);
}

static void expect_keys(test_world *world, const eid_id *tips, size_t count, const char *present,
                        const char *absent)
{
    eid_txn *txn = inventory_begin_at(world, tips, count);

    for (; *present; present++) {
        char name[2] = {*present, 0};
        inventory_expect(txn, "data", name, name);
    }
    for (; *absent; absent++) {
        char name[2] = {*absent, 0};
        inventory_expect(txn, "data", name, NULL);
    }
    eid_txn_free(txn);
}

static void test_transaction_diamond_pattern(void **state)
{
    test_world *world = *state;
    eid_id a = node(world, "a", &world->root, 1);
    eid_id b = node(world, "b", &a, 1), c = node(world, "c", &a, 1);
    eid_id d = world_set(world, "data", "d", "d");

    inventory_expect_parents(world, &d, (eid_id[]){b, c}, 2);
    expect_keys(world, (eid_id[]){b, c}, 2, "abc", "d");
    expect_keys(world, &d, 1, "abcd", "");
}

static void test_get_path_from_to_diamond_pattern(void **state)
{
    test_world *world = *state;
    eid_id a = node(world, "a", &world->root, 1);
    eid_id b = node(world, "b", &a, 1), c = node(world, "c", &a, 1);
    eid_id d = node(world, "d", (eid_id[]){b, c}, 2);

    expect_keys(world, &d, 1, "abcd", "e");
    expect_keys(world, &b, 1, "ab", "cd");
}

static void test_get_path_from_to_diamond_between_lca_and_tip(void **state)
{
    test_world *world = *state;
    eid_id a = node(world, "a", &world->root, 1), other = node(world, "z", &a, 1);
    eid_id b = node(world, "b", &a, 1);
    eid_id c = node(world, "c", &b, 1), d = node(world, "d", &b, 1);
    eid_id e = node(world, "e", (eid_id[]){c, d}, 2);

    expect_keys(world, (eid_id[]){e, other}, 2, "abcdez", "");
    world_check(world, "data", "c", "c");
    world_check(world, "data", "d", "d");
    world_check(world, "data", "z", "z");
}

/* A fork of `width` tips over one base; each also writes the same key. */
static void fork(test_world *world, size_t width, eid_id *tips)
{
    eid_id base = node(world, "a", &world->root, 1);

    for (size_t i = 0; i < width; i++) {
        char name[2] = {(char)('b' + i), 0};
        eid_txn *txn = inventory_begin_at(world, &base, 1);
        inventory_stage(txn, "data", name, name);
        inventory_stage(txn, "data", "conflict", name);
        tips[i] = world_commit(txn);
    }
}

static char *read_conflict(test_world *world, const eid_id *tips, size_t count)
{
    eid_txn *txn = inventory_begin_at(world, tips, count);
    char *found = NULL;

    assert_ok(eid_docstore_text(txn, text("data"), "conflict", &found));
    eid_txn_free(txn);
    return found;
}

/* However often and in whichever order it is asked, by increments or by the fold. */
static void expect_stable(test_world *world, size_t width, int times)
{
    eid_id tips[4], turned[4];
    char *first;

    fork(world, width, tips);
    for (size_t i = 0; i < width; i++) turned[i] = tips[width - 1 - i];
    first = read_conflict(world, tips, width);
    for (int i = 0; i < times; i++) {
        char *again = read_conflict(world, i % 2 ? turned : tips, width);
        assert_string_equal(again, first);
        eid_free(again);
    }
    world_check(world, "data", "conflict", first);
    eid_free(first);
}

static void test_correct_lca_and_path_sorting(void **state)
{
    expect_stable(*state, 2, 6);
}

static void test_lca_path_finding_with_helpers(void **state)
{
    test_world *world = *state;
    eid_id tips[2];

    fork(world, 2, tips);
    expect_keys(world, tips, 2, "abc", "d");
}

static void test_deterministic_operations_with_helper(void **state)
{
    expect_stable(*state, 4, 20);
}

static void test_complex_path_finding_scenario(void **state)
{
    test_world *world = *state;
    eid_id tips[4], merges[2], last;

    fork(world, 4, tips);
    merges[0] = node(world, "m", tips, 2);
    merges[1] = node(world, "n", tips + 2, 2);
    last = node(world, "o", merges, 2);
    expect_keys(world, &merges[0], 1, "abcm", "deno");
    expect_keys(world, &last, 1, "abcdemno", "");
    inventory_expect_tips(world, &last, 1);
}

/* R→A, R→X, A→B→D→E, {A,X}→C→F: the base of {E,F} is R, not A. */
static void test_find_merge_base_with_bypass_path(void **state)
{
    test_world *world = *state;
    eid_id r = node(world, "r", &world->root, 1);
    eid_id a = node(world, "a", &r, 1), x = node(world, "x", &r, 1);
    eid_id b = node(world, "b", &a, 1), d = node(world, "d", &b, 1), e = node(world, "e", &d, 1);
    eid_id c = node(world, "c", (eid_id[]){a, x}, 2), f = node(world, "f", &c, 1);
    const eid_at at = {.kv = eid_engine_kv(world->engine)};
    eid_index_graph *graph = NULL;
    eid_id base;

    assert_ok(eid_index_graph_new(&at, &world->root, &graph));
    assert_ok(eid_graph_merge_base(eid_index_graph_source(graph), text("data"),
                                   (eid_ids){(eid_id[]){e, f}, 2}, &base));
    eid_index_graph_free(graph);
    assert_true(eid_id_equal(&base, &r));
    expect_keys(world, (eid_id[]){e, f}, 2, "raxbdecf", "");
}

static void test_multi_tip_merge_state_caching(void **state)
{
    test_world *world = *state;
    eid_id tips[2];
    eid_txn *txn;

    fork(world, 2, tips);
    txn = inventory_begin_at(world, tips, 2);
    for (int i = 0; i < 3; i++) { /* the second time from what the first has folded */
        inventory_expect(txn, "data", "b", "b");
        inventory_expect(txn, "data", "c", "c");
        world_set(world, "data", "later", "x");
    }
    inventory_expect(txn, "data", "later", NULL);
    eid_txn_free(txn);
}

static void test_multi_tip_cache_key_is_order_independent(void **state)
{
    test_world *world = *state;
    eid_id tips[2], turned[2];
    char *one, *other;

    fork(world, 2, tips);
    turned[0] = tips[1];
    turned[1] = tips[0];
    one = read_conflict(world, tips, 2);
    other = read_conflict(world, turned, 2);
    assert_string_equal(one, other);
    eid_free(one);
    eid_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_transaction_diamond_pattern),
        INVENTORY_TEST(test_get_path_from_to_diamond_pattern),
        INVENTORY_TEST(test_get_path_from_to_diamond_between_lca_and_tip),
        INVENTORY_TEST(test_correct_lca_and_path_sorting),
        INVENTORY_TEST(test_lca_path_finding_with_helpers),
        INVENTORY_TEST(test_deterministic_operations_with_helper),
        INVENTORY_TEST(test_complex_path_finding_scenario),
        INVENTORY_TEST(test_find_merge_base_with_bypass_path),
        INVENTORY_TEST(test_multi_tip_merge_state_caching),
        INVENTORY_TEST(test_multi_tip_cache_key_is_order_independent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
