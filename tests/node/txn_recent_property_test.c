/* The tips of stores as of tips of the near past: the short way must say what the walk over the
 * whole graph says, on random histories with forks, merges, anchors in the past and several stores.
 */
#include "node/db/recent.h"
#include "tests/node/inventory.h"

#define ROUNDS 12
#define COMMITS 24
#define PAST_MAX (COMMITS + 1)

static const char *const stores[] = {"a", "b", "c", "_settings", "_index", "none"};

static size_t draw(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

typedef struct story {
    test_world world;
    uint64_t seed;
    eid_id ids[PAST_MAX];
    size_t id_count;
    eid_idset past[PAST_MAX]; /* visible tips after each commit */
    size_t past_count;
} story;

static void story_note(story *self, const eid_id *id)
{
    self->ids[self->id_count++] = *id;
    self->past[self->past_count++] = inventory_tips(&self->world);
}

/* On what is visible, on one of the tips, or on anything older. */
static eid_txn *story_begin(story *self)
{
    eid_idset tips;
    eid_txn *txn;

    if (draw(&self->seed, 5) == 0) {
        return inventory_begin_at(&self->world, &self->ids[draw(&self->seed, self->id_count)], 1);
    }
    if (draw(&self->seed, 3) > 0) return world_begin(&self->world);
    tips = inventory_tips(&self->world);
    txn = inventory_begin_at(&self->world, &tips.at[draw(&self->seed, tips.count)], 1);
    eid_idset_fini(&tips);
    return txn;
}

static void story_step(story *self)
{
    eid_txn *txn = story_begin(self);
    char value[24];
    eid_id id;

    snprintf(value, sizeof value, "%zu", self->id_count);
    for (size_t i = 0; i < 4; i++) {
        if (draw(&self->seed, i == 3 ? 6 : 2) > 0) continue;
        inventory_stage(txn, stores[i], "k", value);
    }
    id = world_commit(txn);
    story_note(self, &id);
}

/* How often the short way was taken. */
static size_t story_compare(story *self, const eid_at *at, const eid_graph *graph)
{
    size_t taken = 0;

    for (size_t i = 0; i < self->past_count; i++) {
        eid_ids tips = eid_idset_ids(&self->past[i]);
        eid__recent *recent = NULL;
        assert_ok(eid__recent_new(at, graph, tips, &recent));
        if (recent) taken++;
        for (size_t k = 0; recent && k < sizeof stores / sizeof stores[0]; k++) {
            eid_idset fast = EID_IDSET_EMPTY, slow = EID_IDSET_EMPTY;
            assert_ok(eid__store_tips_at(recent, graph, text(stores[k]), tips, &fast));
            assert_ok(eid_graph_store_tips_at(graph, text(stores[k]), tips, &slow));
            if (!eid_idset_equal(&fast, &slow)) {
                fail_msg("seed %llu, moment %zu, store %s: %zu tips, not %zu",
                         (unsigned long long)self->seed, i, stores[k], fast.count, slow.count);
            }
            eid_idset_fini(&fast);
            eid_idset_fini(&slow);
        }
        eid__recent_free(recent);
    }
    return taken;
}

static size_t story_run(uint64_t seed)
{
    story *self = eid_alloc(sizeof *self);
    eid_index_graph *graph = NULL;
    eid_at at = {0};
    size_t taken;

    assert_non_null(self);
    self->seed = seed;
    world_open_database(&self->world);
    story_note(self, &self->world.root);
    while (self->id_count < PAST_MAX) story_step(self);
    at.kv = eid_engine_kv(self->world.engine);
    assert_ok(eid_index_graph_new(&at, &self->world.root, &graph));
    taken = story_compare(self, &at, eid_index_graph_source(graph));
    eid_index_graph_free(graph);
    for (size_t i = 0; i < self->past_count; i++) eid_idset_fini(&self->past[i]);
    world_close(&self->world);
    eid_free(self);
    return taken;
}

static void test_recent__says_what_the_whole_graph_says(void **state)
{
    size_t taken = 0;

    for (uint64_t seed = 1; seed <= ROUNDS; seed++) taken += story_run(seed);
    assert_in_range(taken, ROUNDS * 3, ROUNDS * PAST_MAX); /* it is not given up always */
}

/* Tips that were never visible together, or are not Verified, are for the walk. */
static void test_recent__leaves_other_tips_to_the_walk(void **state)
{
    test_world *world = *state;
    eid_id a = world_set(world, "a", "k", "1"), b = world_set(world, "a", "k", "2");
    const eid_at at = {.kv = eid_engine_kv(world->engine)};
    eid_index_graph *graph = NULL;
    eid__recent *recent = NULL;
    eid_id both[] = {a, b};

    assert_ok(eid_index_graph_new(&at, &world->root, &graph));
    assert_ok(eid__recent_new(&at, eid_index_graph_source(graph), (eid_ids){both, 2}, &recent));
    assert_null(recent);
    assert_ok(eid__recent_new(&at, eid_index_graph_source(graph), (eid_ids){NULL, 0}, &recent));
    assert_null(recent);
    assert_ok(eid__recent_new(&at, eid_index_graph_source(graph), (eid_ids){&a, 1}, &recent));
    assert_non_null(recent);
    eid__recent_free(recent);
    eid_index_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recent__says_what_the_whole_graph_says),
        INVENTORY_TEST(test_recent__leaves_other_tips_to_the_walk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
