/* Walks, over a table and not over a store; the merge base against spec 02 §7.1 done word by word.
 */
#include <stdlib.h>

#include "dag/graph.h"
#include "dag/random.h"
#include "tests/support/test.h"

#define NODES_MAX 40
#define PARENTS_MAX 4

typedef struct table_node {
    eid_id id;
    bool is_held, is_foreign, in_store;
    uint64_t height;
    eid_id parents[PARENTS_MAX]; /* of the tree and of the store alike */
    size_t places[PARENTS_MAX];
    size_t parent_count;
} table_node;

typedef struct table {
    table_node nodes[NODES_MAX];
    size_t count;
    eid_graph source;
} table;

static eid_id id_of_number(size_t number)
{
    return eid_id_of_raw(eid_slice_of(&number, sizeof number));
}

static eid_status table_find(void *context, const eid_id *id, eid_slice store, eid_node *out)
{
    table *self = context;

    for (size_t i = 0; i < self->count; i++) {
        table_node *node = &self->nodes[i];

        if (!node->is_held || !eid_id_equal(&node->id, id)) continue;
        memset(out, 0, sizeof *out);
        out->tree = node->is_foreign ? id_of_number(9999) : self->source.tree;
        out->height = node->height;
        out->parents = (eid_ids){node->parents, node->parent_count};
        if (store.len > 0 && node->in_store) {
            out->in_store = true;
            out->store_height = node->height;
            out->store_parents = out->parents;
        }
        return EID_OK;
    }
    return EID_E_NOT_FOUND;
}

static void table_init(table *self)
{
    memset(self, 0, sizeof *self);
    self->source = (eid_graph){self, table_find, id_of_number(0)};
}

/* Add a node with parents, which are given as a list of places that ends with -1. */
static void table_add(table *self, uint64_t height, const int *parents)
{
    table_node *node = &self->nodes[self->count];

    node->id = id_of_number(self->count++);
    node->is_held = true;
    node->in_store = true;
    node->height = height;
    for (; *parents >= 0; parents++) {
        node->places[node->parent_count] = (size_t)*parents;
        node->parents[node->parent_count++] = self->nodes[*parents].id;
    }
}

#define PARENTS(...) ((const int[]){__VA_ARGS__, -1})
#define NO_PARENTS ((const int[]){-1})
static const eid_slice store = {(const uint8_t *)"s", 1};

/* R; A, X on it; B on A; D; E; C on A and X; F: the example of the specification. */
static void table_bypass(table *self)
{
    table_init(self);
    table_add(self, 0, NO_PARENTS);    /* 0 R */
    table_add(self, 1, PARENTS(0));    /* 1 A */
    table_add(self, 1, PARENTS(0));    /* 2 X */
    table_add(self, 2, PARENTS(1));    /* 3 B */
    table_add(self, 3, PARENTS(3));    /* 4 D */
    table_add(self, 4, PARENTS(4));    /* 5 E */
    table_add(self, 2, PARENTS(1, 2)); /* 6 C */
    table_add(self, 3, PARENTS(6));    /* 7 F */
}

static void expect_order(const table *self, const int *expected, const eid_order *actual)
{
    size_t count = 0;

    for (; expected[count] >= 0; count++) {
        assert_true(count < actual->count);
        assert_true(eid_id_equal(&self->nodes[expected[count]].id, &actual->at[count].id));
    }
    assert_int_equal(count, actual->count);
}

static void test_merge_base__is_no_ancestor_that_can_be_bypassed(void **state)
{
    table graph;
    eid_id ids[2], base;

    table_bypass(&graph);
    ids[0] = graph.nodes[5].id;
    ids[1] = graph.nodes[7].id;
    assert_int_equal(eid_graph_merge_base(&graph.source, store, (eid_ids){ids, 2}, &base), EID_OK);
    assert_true(eid_id_equal(&base, &graph.nodes[0].id));
    ids[1] = graph.nodes[4].id;
    assert_int_equal(eid_graph_merge_base(&graph.source, store, (eid_ids){ids, 2}, &base), EID_OK);
    assert_true(eid_id_equal(&base, &graph.nodes[4].id));
}

static void test_merge_base__answers_as_the_specification_says(void **state)
{
    table graph;
    eid_id ids[2], base;
    eid_status status;

    table_init(&graph);
    table_add(&graph, 0, NO_PARENTS);
    table_add(&graph, 0, NO_PARENTS);
    status = eid_graph_merge_base(&graph.source, store, (eid_ids){NULL, 0}, &base);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_EMPTY_ENTRY_LIST);
    ids[0] = id_of_number(77); /* not held */
    assert_int_equal(eid_graph_merge_base(&graph.source, store, (eid_ids){ids, 1}, &base), EID_OK);
    assert_true(eid_id_equal(&base, &ids[0]));
    ids[1] = graph.nodes[0].id;
    status = eid_graph_merge_base(&graph.source, store, (eid_ids){ids, 2}, &base);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_NOT_FOUND);
    ids[0] = graph.nodes[1].id;
    status = eid_graph_merge_base(&graph.source, store, (eid_ids){ids, 2}, &base);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_NO_COMMON_ANCESTOR);
}

/* Does a walk from `at` that does not enter `avoid` reach a root? */
static bool naive_escapes(const table *self, size_t at, size_t avoid)
{
    const table_node *node = &self->nodes[at];

    if (at == avoid || !node->is_held) return false;
    if (!node->in_store || node->parent_count == 0) return true;
    for (size_t p = 0; p < node->parent_count; p++) {
        if (naive_escapes(self, node->places[p], avoid)) return true;
    }
    return false;
}

static bool naive_is_ancestor(const table *self, size_t at, size_t wanted)
{
    const table_node *node = &self->nodes[at];

    if (at == wanted) return true;
    if (!node->is_held || !node->in_store) return false;
    for (size_t p = 0; p < node->parent_count; p++) {
        if (naive_is_ancestor(self, node->places[p], wanted)) return true;
    }
    return false;
}

/* Is a candidate above all, and not to be bypassed? */
static bool naive_dominates(const table *self, const size_t *starts, size_t count, size_t candidate)
{
    for (size_t i = 0; i < count; i++) {
        if (!naive_is_ancestor(self, starts[i], candidate)) return false;
        if (naive_escapes(self, starts[i], candidate)) return false;
    }
    return true;
}

static int naive_base(const table *self, const size_t *starts, size_t count)
{
    int best = -1;

    for (size_t i = 0; i < self->count; i++) {
        const table_node *node = &self->nodes[i];
        uint64_t height = node->in_store ? node->height : 0;
        uint64_t best_height;

        if (!node->is_held || !naive_dominates(self, starts, count, i)) continue;
        if (best >= 0) {
            best_height = self->nodes[best].in_store ? self->nodes[best].height : 0;
            if (height < best_height) continue;
            if (height == best_height && eid_id_compare(&node->id, &self->nodes[best].id) > 0) {
                continue;
            }
        }
        best = (int)i;
    }
    return best;
}

static void table_random(table *self, eid_random_seeded *random)
{
    size_t count = 3 + (size_t)eid_random_below(random, 20);
    size_t kind = (size_t)eid_random_below(random, 3);

    table_init(self);
    for (size_t i = 0; i < count; i++) {
        int parents[PARENTS_MAX + 1];
        size_t wanted = i == 0 ? 0 : (size_t)eid_random_below(random, 3);
        size_t p = 0;

        if (i > 0 && wanted == 0 && eid_random_below(random, 8) != 0) wanted = 1;
        for (; p < wanted; p++) {
            parents[p] = (int)(i - 1 - (size_t)eid_random_below(random, i < 5 ? i : 5));
        }
        parents[p] = -1;
        table_add(self, kind == 0 ? eid_random_below(random, 5) : i, parents);
    }
    for (size_t i = 0; i < count && kind == 2; i++) {
        self->nodes[i].is_held = eid_random_below(random, 10) != 0;
        self->nodes[i].in_store = eid_random_below(random, 12) != 0;
    }
}

static void test_merge_base__equals_the_walks_of_the_specification(void **state)
{
    eid_random_seeded random = {.state = 11};
    size_t found = 0;
    table graph;

    for (size_t round = 0; round < 4000; round++) {
        size_t starts[3], count = 2 + (size_t)eid_random_below(&random, 2);
        eid_id ids[3], base;
        bool all_held = true;
        eid_status status;
        int expected;

        table_random(&graph, &random);
        for (size_t i = 0; i < count; i++) {
            starts[i] = (size_t)eid_random_below(&random, graph.count);
            ids[i] = graph.nodes[starts[i]].id;
            all_held = all_held && graph.nodes[starts[i]].is_held;
        }
        if (!all_held) continue;
        expected = naive_base(&graph, starts, count);
        status = eid_graph_merge_base(&graph.source, store, (eid_ids){ids, count}, &base);
        if (expected < 0) {
            assert_int_equal(eid_status_detail(status).kind, EID_KIND_NO_COMMON_ANCESTOR);
            continue;
        }
        assert_int_equal(status, EID_OK);
        if (!eid_id_equal(&base, &graph.nodes[expected].id)) {
            print_error("round %zu: expected node %d\n", round, expected);
            fail();
        }
        found++;
    }
    assert_true(found > 1000);
}

static void test_path__leaves_out_where_it_comes_from(void **state)
{
    table graph;
    eid_order order = EID_ORDER_EMPTY;
    eid_id to[2];
    eid_status status;

    table_bypass(&graph);
    to[0] = graph.nodes[7].id;
    to[1] = graph.nodes[3].id;
    assert_int_equal(
        eid_graph_path(&graph.source, store, &graph.nodes[1].id, (eid_ids){to, 2}, &order), EID_OK);
    assert_int_equal(order.count, 5); /* R is reached through X */
    assert_true(eid_id_equal(&order.at[0].id, &graph.nodes[0].id));
    assert_int_equal(eid_graph_path(&graph.source, store, &to[0], (eid_ids){to, 1}, &order),
                     EID_OK);
    assert_int_equal(order.count, 0);
    graph.nodes[2].is_held = false;
    status = eid_graph_path(&graph.source, store, &graph.nodes[1].id, (eid_ids){to, 2}, &order);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_NOT_FOUND);
    eid_order_fini(&order);
}

static void test_closure__skips_what_is_missing_and_refuses_bad_tips(void **state)
{
    table graph;
    eid_order order = EID_ORDER_EMPTY;
    eid_ids tips;
    bool has_gap = false;
    eid_status status;

    table_bypass(&graph);
    tips = (eid_ids){&graph.nodes[7].id, 1};
    assert_int_equal(eid_graph_closure(&graph.source, tips, &order), EID_OK);
    assert_int_equal(order.count, 5);
    graph.nodes[2].is_held = false;
    graph.nodes[0].is_foreign = true;
    assert_int_equal(eid_graph_closure(&graph.source, tips, &order), EID_OK);
    expect_order(&graph, PARENTS(1, 6, 7), &order);
    assert_int_equal(eid_graph_store_closure(&graph.source, store, tips, &order, &has_gap), EID_OK);
    assert_true(has_gap);
    tips.at = &graph.nodes[2].id;
    status = eid_graph_closure(&graph.source, tips, &order);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_NOT_FOUND);
    assert_int_equal(eid_graph_store_closure(&graph.source, store, tips, &order, &has_gap), EID_OK);
    assert_int_equal(order.count, 0);
    tips.at = &graph.nodes[0].id;
    status = eid_graph_closure(&graph.source, tips, &order);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_NOT_IN_TREE);
    eid_order_fini(&order);
}

static void test_added__puts_parents_first_whatever_the_heights(void **state)
{
    eid_random_seeded random = {.state = 5};
    eid_order order = EID_ORDER_EMPTY;
    table graph;

    for (size_t round = 0; round < 300; round++) {
        eid_id post;
        size_t expected = 0;

        table_random(&graph, &random);
        for (size_t i = 0; i < graph.count; i++) {
            graph.nodes[i].is_held = true;
            graph.nodes[i].in_store = true;
        }
        for (size_t i = 0; i < graph.count; i++) {
            expected += naive_is_ancestor(&graph, graph.count - 1, i) ? 1u : 0u;
        }
        post = graph.nodes[graph.count - 1].id;
        assert_int_equal(
            eid_graph_added(&graph.source, (eid_ids){NULL, 0}, (eid_ids){&post, 1}, &order),
            EID_OK);
        assert_int_equal(order.count, expected);
        for (size_t i = 0; i < order.count; i++) {
            eid_node node;

            assert_int_equal(table_find(&graph, &order.at[i].id, EID_SLICE_EMPTY, &node), EID_OK);
            for (size_t p = 0; p < node.parents.count; p++) {
                bool is_before = false;

                for (size_t k = 0; k < i; k++) {
                    is_before = is_before || eid_id_equal(&order.at[k].id, &node.parents.at[p]);
                }
                assert_true(is_before);
            }
        }
    }
    eid_order_fini(&order);
}

static void test_added__is_what_came_between_two_cursors(void **state)
{
    table graph;
    eid_order order = EID_ORDER_EMPTY;
    eid_ids previous, post, none = {NULL, 0};
    eid_status status;

    table_bypass(&graph);
    previous = (eid_ids){&graph.nodes[3].id, 1};
    post = (eid_ids){&graph.nodes[5].id, 1};
    assert_int_equal(eid_graph_added(&graph.source, previous, post, &order), EID_OK);
    expect_order(&graph, PARENTS(4, 5), &order);
    assert_int_equal(eid_graph_added(&graph.source, post, post, &order), EID_OK);
    assert_int_equal(order.count, 0);
    assert_int_equal(eid_graph_added(&graph.source, post, previous, &order), EID_OK);
    assert_int_equal(order.count, 0); /* backward */
    assert_int_equal(eid_graph_added(&graph.source, previous, none, &order), EID_OK);
    assert_int_equal(order.count, 0);
    graph.nodes[3].is_held = false; /* a member of `previous` is never looked at */
    assert_int_equal(eid_graph_added(&graph.source, previous, post, &order), EID_OK);
    expect_order(&graph, PARENTS(4, 5), &order);
    status = eid_graph_added(&graph.source, none, post, &order);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_NOT_FOUND);
    eid_order_fini(&order);
}

static void test_reachable__answers_by_what_can_be_seen(void **state)
{
    table graph;
    eid_idset missing = EID_IDSET_EMPTY;
    eid_ids from, targets, none = {NULL, 0};
    eid_reach reach;
    eid_status status;

    table_bypass(&graph);
    from = (eid_ids){&graph.nodes[7].id, 1};
    targets = (eid_ids){&graph.nodes[2].id, 1};
    assert_int_equal(eid_graph_reachable(&graph.source, from, targets, &reach, &missing), EID_OK);
    assert_int_equal(reach, EID_REACH_YES);
    assert_int_equal(eid_graph_reachable(&graph.source, targets, from, &reach, &missing), EID_OK);
    assert_int_equal(reach, EID_REACH_NO);
    assert_int_equal(eid_graph_reachable(&graph.source, from, none, &reach, &missing), EID_OK);
    assert_int_equal(reach, EID_REACH_YES);
    assert_int_equal(eid_graph_reachable(&graph.source, none, targets, &reach, &missing), EID_OK);
    assert_int_equal(reach, EID_REACH_NO);
    graph.nodes[6].is_held = false;
    assert_int_equal(eid_graph_reachable(&graph.source, from, targets, &reach, &missing), EID_OK);
    assert_int_equal(reach, EID_REACH_UNKNOWN);
    assert_int_equal(missing.count, 1);
    assert_true(eid_id_equal(&missing.at[0], &graph.nodes[6].id));
    graph.nodes[2].is_foreign = true;
    status = eid_graph_reachable(&graph.source, from, targets, &reach, &missing);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_NOT_IN_TREE);
    eid_idset_fini(&missing);
}

static void test_height__follows_its_strategy(void **state)
{
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, false, 0, 50), 0);
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, true, 0, 50), 1);
    assert_int_equal(eid_height_next(EID_HEIGHT_INCREMENTAL, true, 100, 50), 101);
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, false, 0, 50), 50);
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, true, 3, 50), 50);
    assert_int_equal(eid_height_next(EID_HEIGHT_TIMESTAMP, true, 100, 50), 101);
    assert_true(eid_height_next(EID_HEIGHT_INCREMENTAL, true, UINT64_MAX, 0) == UINT64_MAX);
}

static void test_visited__remembers_each_id_once(void **state)
{
    eid_visited *visited = NULL;

    assert_int_equal(eid_visited_new(&visited), EID_OK);
    for (size_t i = 0; i < 4000; i++) {
        eid_id id = id_of_number(i % 2000);
        bool is_new = false;

        assert_int_equal(eid_visited_has(visited, &id), i >= 2000);
        assert_int_equal(eid_visited_add(visited, &id, &is_new), EID_OK);
        assert_int_equal(is_new, i < 2000);
    }
    assert_int_equal(eid_visited_count(visited), 2000);
    eid_visited_free(visited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge_base__is_no_ancestor_that_can_be_bypassed),
        cmocka_unit_test(test_merge_base__answers_as_the_specification_says),
        cmocka_unit_test(test_merge_base__equals_the_walks_of_the_specification),
        cmocka_unit_test(test_path__leaves_out_where_it_comes_from),
        cmocka_unit_test(test_closure__skips_what_is_missing_and_refuses_bad_tips),
        cmocka_unit_test(test_added__puts_parents_first_whatever_the_heights),
        cmocka_unit_test(test_added__is_what_came_between_two_cursors),
        cmocka_unit_test(test_reachable__answers_by_what_can_be_seen),
        cmocka_unit_test(test_height__follows_its_strategy),
        cmocka_unit_test(test_visited__remembers_each_id_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
