/* Random DAGs in random order, verdicts changing all the while: after every step the tips of both
 * levels equal those that a full computation finds. */
#include "dag/alloc.h"
#include "tests/storage/suite.h"

#define NODES_MAX 300
#define PARENTS_MAX 4
#define STORES 2 /* and the tree: node sets 0 (tree), 1, 2 */
#define SETS (STORES + 1)

typedef struct model_node {
    eid_entry *entry;
    bool is_member[SETS];
    size_t parents[SETS][PARENTS_MAX];
    size_t parent_count[SETS];
    bool is_held;
    eid_verdict verdict;
} model_node;

typedef struct model {
    model_node nodes[NODES_MAX];
    size_t count;
    uint64_t seed; /* in every entry, so that trees differ */
    eid_random_seeded random;
} model;

static const char *const set_names[SETS] = {"", "one", "two"};

static size_t below(model *self, size_t bound)
{
    return (size_t)eid_random_below(&self->random, bound);
}

/* Choose some parents among the earlier members of a set; a fan chooses the genesis alone. */
static void choose_parents(model *self, size_t i, size_t set, bool is_fan)
{
    model_node *node = &self->nodes[i];
    size_t wanted = set == 0 ? 1 + below(self, 3) : below(self, 3);

    for (size_t tries = 0; tries < 20 && node->parent_count[set] < wanted; tries++) {
        size_t parent = is_fan ? 0 : i - 1 - below(self, i < 12 ? i : 12);
        bool is_repeat = false;

        for (size_t p = 0; p < node->parent_count[set]; p++) {
            is_repeat = is_repeat || node->parents[set][p] == parent;
        }
        if (!is_repeat && self->nodes[parent].is_member[set]) {
            node->parents[set][node->parent_count[set]++] = parent;
        }
    }
    if (set == 0 && node->parent_count[0] == 0) node->parents[0][node->parent_count[0]++] = 0;
}

static void node_make(model *self, size_t i, bool is_fan)
{
    model_node *node = &self->nodes[i];
    eid_id ids[SETS][PARENTS_MAX];
    store_spec stores[STORES];
    /* Heights that do not rise, too: nobody checks them. */
    entry_spec spec = {.height = below(self, 5) == 0 ? below(self, 9) : i,
                       .salt = self->seed * NODES_MAX + i};

    memset(node, 0, sizeof *node);
    for (size_t set = 0; set < SETS; set++) {
        node->is_member[set] = set == 0 || below(self, 2) == 0;
        if (i > 0 && node->is_member[set]) choose_parents(self, i, set, is_fan);
        for (size_t p = 0; p < node->parent_count[set]; p++) {
            ids[set][p] = *eid_entry_id(self->nodes[node->parents[set][p]].entry);
        }
    }
    if (i > 0) spec.root = eid_entry_id(self->nodes[0].entry);
    if (i == 0) spec.height = 0;
    spec.parents = (eid_ids){ids[0], node->parent_count[0]};
    for (size_t set = 1; set < SETS; set++) {
        if (!node->is_member[set]) continue;
        stores[spec.store_count++] =
            (store_spec){.name = set_names[set], .parents = {ids[set], node->parent_count[set]}};
    }
    spec.stores = stores;
    node->entry = entry_new(&spec);
}

static bool node_counts(const model_node *node, eid_level level, size_t set)
{
    return node->is_held && node->is_member[set] &&
           (level == EID_LEVEL_RAW || node->verdict == EID_VERIFIED);
}

/* The definition of spec 02 §1, word by word. */
static void model_tips(const model *self, eid_level level, size_t set, eid_idset *out)
{
    static bool is_listed[NODES_MAX];

    memset(is_listed, 0, sizeof is_listed);
    assert_ok(eid_idset_assign(out, (eid_ids){NULL, 0}));
    for (size_t i = 0; i < self->count; i++) {
        const model_node *node = &self->nodes[i];

        if (!node_counts(node, level, set)) continue;
        for (size_t p = 0; p < node->parent_count[set]; p++)
            is_listed[node->parents[set][p]] = true;
    }
    for (size_t i = 0; i < self->count; i++) {
        if (!node_counts(&self->nodes[i], level, set) || is_listed[i]) continue;
        assert_ok(eid_idset_add(out, eid_entry_id(self->nodes[i].entry)));
    }
}

static void model_compare(const model *self, const eid_at *at, size_t step)
{
    eid_idset expected = EID_IDSET_EMPTY, actual = EID_IDSET_EMPTY;

    for (size_t i = 0; i < 2 * SETS; i++) {
        eid_level level = i % 2 == 0 ? EID_LEVEL_RAW : EID_LEVEL_VISIBLE;

        model_tips(self, level, i / 2, &expected);
        assert_ok(eid_index_tips(at, eid_entry_id(self->nodes[0].entry), level,
                                 eid_slice_text(set_names[i / 2]), &actual));
        if (eid_idset_equal(&expected, &actual)) continue;
        print_error("step %zu, level %d, store `%s`: expected %zu tips, got %zu or others\n", step,
                    (int)level, set_names[i / 2], expected.count, actual.count);
        fail();
    }
    eid_idset_fini(&expected);
    eid_idset_fini(&actual);
}

static void model_compare_counts(const model *self, const eid_at *at)
{
    const eid_id *root = eid_entry_id(self->nodes[0].entry);
    eid_order unverified = EID_ORDER_EMPTY;
    eid_index_counts counts, expected = {.entries = 0};

    for (size_t i = 0; i < self->count; i++) {
        const model_node *node = &self->nodes[i];

        if (!node->is_held) continue;
        expected.entries++;
        expected.bytes += eid_entry_bytes(node->entry).len;
        expected.verified += node->verdict == EID_VERIFIED;
        expected.failed += node->verdict == EID_FAILED;
        expected.unverified += node->verdict == EID_UNVERIFIED;
    }
    assert_ok(eid_index_count(at, root, &counts));
    assert_memory_equal(&counts, &expected, sizeof counts);
    assert_ok(eid_index_unverified(at, root, NODES_MAX, &unverified));
    assert_int_equal(unverified.count, expected.unverified);
    eid_order_fini(&unverified);
}

/* Store a node that is not held, or give one that is another verdict. */
static void model_step(model *self, eid_batch *batch)
{
    model_node *node = &self->nodes[below(self, self->count)];
    eid_verdict verdict = (eid_verdict)below(self, 3);
    bool is_new = false;

    /* Withdrawing a verdict walks the whole tree: rarely, where that is large. */
    if (below(self, self->count > 40 ? 16 : 2) != 0) verdict = EID_VERIFIED;
    if (node->is_held) {
        assert_ok(eid_index_put(batch, node->entry, verdict, 5, &is_new));
        assert_false(is_new);
        assert_ok(eid_index_set_verdict(batch, eid_entry_id(node->entry), verdict));
    } else {
        assert_ok(eid_index_put(batch, node->entry, verdict, 5, &is_new));
        assert_true(is_new);
    }
    node->is_held = true;
    node->verdict = verdict;
}

/* What is not written leaves nothing behind, in what is remembered either. */
static void model_drop_some(model *self, eid_batch *batch)
{
    bool is_new;

    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    for (size_t i = 0; i < self->count; i++) {
        const model_node *node = &self->nodes[i];

        if (node->is_held) continue;
        assert_ok(eid_index_put(batch, node->entry, EID_VERIFIED, 5, &is_new));
        assert_true(is_new);
    }
    eid_batch_clear(batch);
}

static void model_run(const world *place, uint64_t seed, size_t count, bool is_fan)
{
    model *self = calloc(1, sizeof *self);
    eid_batch *batch = NULL;
    size_t steps = count * 2;

    assert_non_null(self);
    self->random.state = seed;
    self->seed = seed;
    self->count = count;
    for (size_t i = 0; i < count; i++) node_make(self, i, is_fan && i < count - 3);
    assert_ok(eid_batch_new(place->kv, &batch));
    if (seed % 2 == 0) eid_batch_keep_hot(batch);
    for (size_t step = 0; step < steps; step++) {
        eid_at inside = {place->kv, batch, NULL};

        model_step(self, batch);
        if (count <= 40 || step % 23 == 0) model_compare(self, &inside, step);
        if (below(self, 4) != 0) continue;
        if (count <= 40) model_drop_some(self, batch);
        assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
        if (count <= 40 || step % 23 == 0) model_compare(self, &place->at, step);
    }
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    model_compare(self, &place->at, steps);
    model_compare_counts(self, &place->at);
    eid_batch_free(batch);
    for (size_t i = 0; i < count; i++) eid_entry_free(self->nodes[i].entry);
    free(self);
}

static void test_index_tips__equal_a_full_computation_at_every_step(void **state)
{
    for (uint64_t seed = 1; seed <= 16; seed++) {
        model_run(*state, seed, 5 + (size_t)(seed % 4) * 9, false);
    }
}

static void test_index_tips__equal_it_where_there_are_hundreds(void **state)
{
    model_run(*state, 101, NODES_MAX, false);
    model_run(*state, 102, NODES_MAX, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_index_tips__equal_a_full_computation_at_every_step),
        ON_ALL(test_index_tips__equal_it_where_there_are_hundreds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
