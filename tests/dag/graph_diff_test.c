/* eid_graph_diff against closures done word by word, on random graphs. */
#include <stdlib.h>

#include "dag/graph.h"
#include "dag/random.h"
#include "tests/support/test.h"

#define NODES_MAX 60
#define PARENTS_MAX 4
#define GRAPHS 3000

typedef struct table_node {
    eid_id id;
    bool is_held, is_foreign;
    uint64_t height;
    eid_id parents[PARENTS_MAX];
    size_t places[PARENTS_MAX];
    size_t parent_count;
} table_node;

typedef struct table {
    table_node nodes[NODES_MAX];
    size_t count;
    eid_graph source;
} table;

static eid_id id_of_number(uint64_t number)
{
    return eid_id_of_entry(eid_slice_of(&number, sizeof number));
}

static eid_status table_find(void *context, const eid_id *id, eid_slice store, eid_node *out)
{
    table *self = context;

    (void)store;
    for (size_t i = 0; i < self->count; i++) {
        table_node *node = &self->nodes[i];

        if (!node->is_held || !eid_id_equal(&node->id, id)) continue;
        memset(out, 0, sizeof *out);
        out->tree = node->is_foreign ? id_of_number(999999) : self->source.tree;
        out->height = node->height;
        out->parents = (eid_ids){node->parents, node->parent_count};
        return EID_OK;
    }
    return EID_E_NOT_FOUND;
}

/* Each node gets parents among the earlier ones; heights rise by one or, at times, by more. */
static void table_grow(table *self, eid_random_seeded *random, uint64_t salt)
{
    size_t count = 1 + eid_random_below(random, NODES_MAX);
    bool is_wide = eid_random_below(random, 2) == 0;

    memset(self, 0, sizeof *self);
    self->source = (eid_graph){self, table_find, id_of_number(salt)};
    for (size_t i = 0; i < count; i++) {
        table_node *node = &self->nodes[self->count++];
        size_t parents = i == 0 ? 0 : 1 + eid_random_below(random, PARENTS_MAX);

        node->id = id_of_number(salt + i);
        node->is_held = true;
        for (size_t j = 0; j < parents; j++) {
            size_t reach = is_wide || i < 4 ? i : 4;
            size_t place = i - 1 - eid_random_below(random, reach);

            node->places[node->parent_count] = place;
            node->parents[node->parent_count++] = self->nodes[place].id;
            if (self->nodes[place].height >= node->height)
                node->height = self->nodes[place].height + 1 + eid_random_below(random, 3) / 2;
        }
    }
}

/* Paint the past of the places in `from`; what is not held, or foreign, ends a path. */
static void table_closure(const table *self, const bool *from, bool *out)
{
    for (size_t i = self->count; i-- > 0;) {
        const table_node *node = &self->nodes[i];

        if (from[i]) out[i] = true;
        if (!node->is_held || node->is_foreign) out[i] = false;
        if (!out[i]) continue;
        for (size_t j = 0; j < node->parent_count; j++) out[node->places[j]] = true;
    }
}

static size_t table_choose(const table *self, eid_random_seeded *random, bool *flags, eid_id *ids)
{
    size_t wanted = eid_random_below(random, 5), count = 0;

    memset(flags, 0, NODES_MAX * sizeof *flags);
    for (size_t i = 0; i < wanted; i++) {
        size_t place = eid_random_below(random, self->count);

        flags[place] = true;
        ids[count++] = self->nodes[place].id; /* repeats are meant */
    }
    return count;
}

static void expect_diff(const table *self, const bool *have, const bool *want,
                        const eid_order *actual, uint64_t number)
{
    bool left[NODES_MAX] = {false}, right[NODES_MAX] = {false};
    size_t expected = 0;

    table_closure(self, have, left);
    table_closure(self, want, right);
    for (size_t i = 0; i < self->count; i++) {
        bool found = false;

        for (size_t j = 0; j < actual->count; j++) {
            found = found || eid_id_equal(&actual->at[j].id, &self->nodes[i].id);
        }
        if (found != (right[i] && !left[i])) {
            fail_msg("graph %llu, node %zu of %zu: diff says %d, the closures %d",
                     (unsigned long long)number, i, self->count, found, right[i] && !left[i]);
        }
        expected += right[i] && !left[i];
    }
    if (actual->count != expected) {
        fail_msg("graph %llu: %zu entries, expected %zu", (unsigned long long)number, actual->count,
                 expected);
    }
    for (size_t j = 1; j < actual->count; j++) {
        const eid_order_item *a = &actual->at[j - 1], *b = &actual->at[j];

        assert_true(a->height < b->height ||
                    (a->height == b->height && eid_id_compare(&a->id, &b->id) < 0));
    }
}

static void check_graph(table *self, eid_random_seeded *random, uint64_t number)
{
    for (int i = 0; i < 4; i++) {
        bool have[NODES_MAX], want[NODES_MAX];
        eid_id have_ids[5], want_ids[5];
        size_t have_count = table_choose(self, random, have, have_ids);
        size_t want_count = table_choose(self, random, want, want_ids);
        eid_order out = EID_ORDER_EMPTY;

        assert_int_equal(eid_graph_diff(&self->source, (eid_ids){have_ids, have_count},
                                        (eid_ids){want_ids, want_count}, &out),
                         EID_OK);
        expect_diff(self, have, want, &out, number);
        eid_order_fini(&out);
    }
}

static void test_diff__is_the_difference_of_the_closures(void **state)
{
    eid_random_seeded random = {1};
    table *self = calloc(1, sizeof *self);

    assert_non_null(self);
    for (uint64_t number = 0; number < GRAPHS; number++) {
        table_grow(self, &random, number * 1000);
        check_graph(self, &random, number);
    }
    free(self);
}

static void test_diff__passes_over_what_is_not_held_or_foreign(void **state)
{
    eid_random_seeded random = {2};
    table *self = calloc(1, sizeof *self);

    assert_non_null(self);
    for (uint64_t number = 0; number < GRAPHS; number++) {
        table_grow(self, &random, number * 1000);
        for (size_t i = 0; i < self->count; i++) {
            self->nodes[i].is_held = eid_random_below(&random, 10) > 0;
            self->nodes[i].is_foreign = eid_random_below(&random, 20) == 0;
        }
        check_graph(self, &random, number);
    }
    free(self);
}

static void test_diff__of_equal_or_empty_sides_is_empty(void **state)
{
    table *self = calloc(1, sizeof *self);
    eid_random_seeded random = {3};
    eid_order out = EID_ORDER_EMPTY;
    eid_ids none = {NULL, 0}, last;

    assert_non_null(self);
    table_grow(self, &random, 5);
    last = (eid_ids){&self->nodes[self->count - 1].id, 1};
    assert_int_equal(eid_graph_diff(&self->source, none, none, &out), EID_OK);
    assert_int_equal(eid_graph_diff(&self->source, last, none, &out), EID_OK);
    assert_int_equal(eid_graph_diff(&self->source, last, last, &out), EID_OK);
    assert_int_equal(out.count, 0);
    eid_order_fini(&out);
    free(self);
}

/* A long chain that both sides share must not be walked. */
typedef struct chain {
    eid_id ids[2000];
    size_t finds;
} chain;

static eid_status chain_find(void *context, const eid_id *id, eid_slice store, eid_node *out)
{
    chain *self = context;

    (void)store;
    self->finds++;
    for (size_t i = 0; i < 2000; i++) {
        if (!eid_id_equal(&self->ids[i], id)) continue;
        memset(out, 0, sizeof *out);
        out->tree = self->ids[0];
        out->height = i;
        if (i > 0) out->parents = (eid_ids){&self->ids[i - 1], 1};
        return EID_OK;
    }
    return EID_E_NOT_FOUND;
}

static void test_diff__costs_what_differs_and_not_what_is_common(void **state)
{
    chain *self = calloc(1, sizeof *self);
    eid_order out = EID_ORDER_EMPTY;
    eid_graph source;

    assert_non_null(self);
    for (size_t i = 0; i < 2000; i++) self->ids[i] = id_of_number(i);
    source = (eid_graph){self, chain_find, self->ids[0]};
    assert_int_equal(eid_graph_diff(&source, (eid_ids){&self->ids[1990], 1},
                                    (eid_ids){&self->ids[1999], 1}, &out),
                     EID_OK);
    assert_int_equal(out.count, 9);
    if (self->finds > 40) fail_msg("%zu look-ups for 9 entries", self->finds);
    eid_order_fini(&out);
    free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diff__is_the_difference_of_the_closures),
        cmocka_unit_test(test_diff__passes_over_what_is_not_held_or_foreign),
        cmocka_unit_test(test_diff__of_equal_or_empty_sides_is_empty),
        cmocka_unit_test(test_diff__costs_what_differs_and_not_what_is_common),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
