/* Inventory of spec 02, "Convergence": nodes that exchange entries in any order hold and show the
 * same. Two or three engines in memory hand each other entries; links, peers and a virtual clock
 * are simulated in tests/sim and node/sync's own tests. */
#include "tests/node/inventory.h"

#define PEERS_MAX 3
#define HELD_MAX 128

/* Nodes that all hold the database of the first. */
typedef struct mesh {
    test_world *peers[PEERS_MAX];
    size_t count;
} mesh;

static mesh mesh_open(test_world *first, size_t count)
{
    mesh made = {.peers = {first}, .count = count};

    for (size_t i = 1; i < count; i++) {
        made.peers[i] = eid_alloc(sizeof(test_world));
        assert_non_null(made.peers[i]);
        inventory_peer(first, made.peers[i]);
        inventory_send_all(first, made.peers[i]);
    }
    return made;
}

static void mesh_close(mesh *self)
{
    for (size_t i = 1; i < self->count; i++) {
        world_close(self->peers[i]);
        eid_free(self->peers[i]);
    }
}

static void heal(mesh *self)
{
    for (size_t i = 0; i < self->count; i++) {
        for (size_t k = 0; k < self->count; k++) {
            if (i != k) inventory_send_all(self->peers[i], self->peers[k]);
        }
    }
}

typedef struct held {
    eid_entry *at[HELD_MAX];
    size_t count;
} held;

static eid_status held_add(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    held *all = arg;

    (void)verdict;
    assert_true(all->count < HELD_MAX);
    return eid_entry_decode(eid_entry_bytes(entry), &all->at[all->count++]);
}

/* Copies of all entries of a node, in tree order. End with held_free(). */
static held *held_of(test_world *world)
{
    held *all = eid_alloc(sizeof *all);

    assert_non_null(all);
    assert_ok(world->seam->entries(world->seam->self, &world->root, NULL, false, held_add, all));
    return all;
}

static void held_free(held *all)
{
    for (size_t i = 0; i < all->count; i++) eid_entry_free(all->at[i]);
    eid_free(all);
}

static bool held_has(const held *all, const eid_id *id)
{
    for (size_t i = 0; i < all->count; i++) {
        if (eid_id_equal(eid_entry_id(all->at[i]), id)) return true;
    }
    return false;
}

/* Same entries, all signed and Verified; same tips; same state by increments and by the fold. */
static void expect_equal(const mesh *self)
{
    held *first = held_of(self->peers[0]);
    eid_idset tips = inventory_tips(self->peers[0]);
    eid_doc *state = NULL;

    assert_ok(self->peers[0]->seam->doc(self->peers[0]->seam->self, &self->peers[0]->root,
                                        text("data"), &state));
    for (size_t i = 0; i < self->count; i++) {
        test_world *peer = self->peers[i];
        eid_idset theirs = inventory_tips(peer);
        eid_doc *now = NULL, *folded = NULL;
        assert_int_equal(inventory_counts(peer).verified, first->count);
        assert_int_equal(inventory_counts(peer).entries, first->count);
        assert_true(eid_idset_equal(&tips, &theirs));
        assert_ok(peer->seam->doc(peer->seam->self, &peer->root, text("data"), &now));
        assert_ok(peer->seam->doc_at(peer->seam->self, &peer->root, text("data"),
                                     eid_idset_ids(&theirs), &folded));
        assert_true(eid_doc_equal(state, now));
        assert_true(eid_doc_equal(state, folded));
        eid_doc_free(now);
        eid_doc_free(folded);
        eid_idset_fini(&theirs);
    }
    for (size_t i = 0; i < first->count; i++) assert_false(eid_entry_is_unsigned(first->at[i]));
    eid_doc_free(state);
    eid_idset_fini(&tips);
    held_free(first);
}

/* -- writers ----------------------------------------------------------------------------------- */

/* Both make the store for the first time; the reference could not read it then (spec 02 §7.1). */
static void concurrent_store_creation_after_fork_currently_fails_to_merge(void **state)
{
    test_world *world = *state;
    mesh all = mesh_open(world, 2);

    world_set(all.peers[0], "data", "a", "1");
    world_set(all.peers[1], "data", "b", "2");
    heal(&all);
    expect_equal(&all);
    for (size_t i = 0; i < 2; i++) {
        world_check(all.peers[i], "data", "a", "1");
        world_check(all.peers[i], "data", "b", "2");
    }
    mesh_close(&all);
}

static void test_concurrent_write_resolves_deterministically(void **state)
{
    mesh all = mesh_open(*state, 2);
    eid_id one = world_set(all.peers[0], "data", "k", "one");
    eid_id two = world_set(all.peers[1], "data", "k", "two");

    heal(&all);
    expect_equal(&all);
    for (size_t i = 0; i < 2; i++) {
        world_check(all.peers[i], "data", "k", eid_id_compare(&one, &two) > 0 ? "one" : "two");
    }
    mesh_close(&all);
}

static void test_three_peer_convergence(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    mesh all = mesh_open(*state, 3);

    for (size_t i = 0; i < 3; i++) world_set(all.peers[i], "data", names[i], names[i]);
    heal(&all);
    expect_equal(&all);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++) world_check(all.peers[i], "data", names[k], names[k]);
    }
    mesh_close(&all);
}

static void test_partition_then_heal(void **state)
{
    mesh all = mesh_open(*state, 3), part = {{all.peers[0], all.peers[1]}, 2};

    world_set(all.peers[0], "data", "a", "1");
    world_set(all.peers[1], "data", "b", "2");
    world_set(all.peers[2], "data", "c", "3"); /* cut off */
    heal(&part);
    expect_equal(&part);
    world_check(all.peers[2], "data", "a", NULL);
    heal(&all);
    expect_equal(&all);
    world_check(all.peers[2], "data", "a", "1");
    world_check(all.peers[0], "data", "c", "3");
    mesh_close(&all);
}

static void test_convergence_preserves_all_signed_entries(void **state)
{
    mesh all = mesh_open(*state, 2);
    eid_id ids[8];
    held *after;

    for (size_t i = 0; i < 8; i++) {
        char key[24];
        snprintf(key, sizeof key, "k%zu", i);
        ids[i] = world_set(all.peers[i % 2], "data", key, "v");
    }
    heal(&all);
    expect_equal(&all);
    after = held_of(all.peers[1]);
    for (size_t i = 0; i < 8; i++) assert_true(held_has(after, &ids[i]));
    held_free(after);
    mesh_close(&all);
}

/* -- delivery ---------------------------------------------------------------------------------- */

/* A history with forks, merges and settings in it. */
static void make_history(test_world *world)
{
    eid_id base = world_set(world, "data", "base", "0");
    eid_id left = inventory_set_at(world, &base, 1, "data", "k", "left");
    eid_id right = inventory_set_at(world, &base, 1, "data", "k", "right");

    (void)inventory_set_at(world, &left, 1, "other", "x", "1");
    (void)inventory_set_at(world, &right, 1, "_settings", "theme", "dark");
    world_set(world, "data", "merged", "1");
    world_set(world, "data", "k", "last");
    world_set(world, "other", "x", "2");
}

static void test_reordered_delivery_converges_with_invariants(void **state)
{
    test_world *world = *state, peer;
    held *all;

    make_history(world);
    all = held_of(world);
    inventory_peer(world, &peer);
    for (size_t i = all->count; i-- > 0;) inventory_receive(&peer, all->at[i], NULL);
    expect_equal(&(mesh){{world, &peer}, 2});
    held_free(all);
    world_close(&peer);
}

static size_t draw(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

/* Deliver in a random order; with `again`, entries come several times and mixed. */
static void deliver(test_world *peer, const held *all, uint64_t seed, bool again)
{
    size_t order[HELD_MAX];

    for (size_t i = 0; i < all->count; i++) order[i] = i;
    for (size_t i = all->count; i > 1; i--) {
        size_t k = draw(&seed, i), other = order[i - 1];
        order[i - 1] = order[k];
        order[k] = other;
    }
    for (size_t i = 0; i < all->count; i++) {
        inventory_receive(peer, all->at[order[i]], NULL);
        if (again) inventory_receive(peer, all->at[order[draw(&seed, i + 1)]], NULL);
    }
}

static void expect_schedules(test_world *world, bool again)
{
    held *all;

    make_history(world);
    all = held_of(world);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        test_world peer;
        inventory_peer(world, &peer);
        deliver(&peer, all, seed, again);
        expect_equal(&(mesh){{world, &peer}, 2});
        world_close(&peer);
    }
    held_free(all);
}

static void test_randomized_delivery_schedules_all_converge(void **state)
{
    expect_schedules(*state, false);
}

static void test_randomized_duplicate_delivery_is_idempotent(void **state)
{
    expect_schedules(*state, true);
}

/* A link that loses two of three; whoever misses something asks again. */
static void test_randomized_link_faults_recover_via_retry(void **state)
{
    test_world *world = *state, peer;
    uint64_t seed = 7;
    held *all;
    int rounds = 0;

    make_history(world);
    all = held_of(world);
    inventory_peer(world, &peer);
    for (; rounds < 200; rounds++) {
        eid_idset tips;
        bool is_done;
        for (size_t i = 0; i < all->count; i++) {
            if (draw(&seed, 3) == 0) inventory_receive(&peer, all->at[i], NULL);
        }
        assert_ok(peer.seam->tips(peer.seam->self, &peer.root, false, &tips));
        is_done =
            tips.count == 1 && eid_id_equal(&tips.at[0], eid_entry_id(all->at[all->count - 1]));
        eid_idset_fini(&tips);
        if (is_done) break;
    }
    assert_in_range(rounds, 1, 199);
    expect_equal(&(mesh){{world, &peer}, 2});
    held_free(all);
    world_close(&peer);
}

/* -- what the other side lacks ----------------------------------------------------------------- */

static eid_status count_id(void *arg, const eid_id *id)
{
    (void)id;
    ++*(size_t *)arg;
    return EID_OK;
}

/* How many entries one who stands at `theirs` lacks of what is shown here. */
static size_t lacks(test_world *world, const eid_id *theirs, size_t count)
{
    eid_idset tips = inventory_tips(world);
    size_t found = 0;

    assert_ok(world->seam->added(world->seam->self, &world->root, (eid_ids){theirs, count},
                                 eid_idset_ids(&tips), count_id, &found));
    eid_idset_fini(&tips);
    return found;
}

static void test_dag_sync_linear_chain(void **state)
{
    test_world *world = *state;

    for (int i = 0; i < 4; i++) world_set(world, "data", "k", i % 2 ? "odd" : "even");
    assert_int_equal(lacks(world, &world->root, 1), 4);
}

static void test_dag_sync_branching_structure(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "k", "base");

    (void)inventory_set_at(world, &base, 1, "data", "l", "1");
    (void)inventory_set_at(world, &base, 1, "data", "r", "2");
    assert_int_equal(lacks(world, &world->root, 1), 3);
}

static void test_dag_sync_partial_overlap(void **state)
{
    test_world *world = *state;
    eid_id shared;

    world_set(world, "data", "a", "1");
    shared = world_set(world, "data", "b", "2");
    for (int i = 0; i < 3; i++) world_set(world, "data", "c", i % 2 ? "odd" : "even");
    assert_int_equal(lacks(world, &shared, 1), 3);
}

static void test_dag_sync_entry_ordering(void **state)
{
    test_world *world = *state, peer;
    held *all, *theirs;

    make_history(world);
    all = held_of(world);
    inventory_peer(world, &peer);
    deliver(&peer, all, 5, false);
    theirs = held_of(&peer);
    assert_int_equal(theirs->count, all->count);
    for (size_t i = 0; i < all->count; i++) { /* links are whole, and so is the order */
        eid_ids parents = eid_entry_parents(theirs->at[i]);
        assert_true(eid_id_equal(eid_entry_id(theirs->at[i]), eid_entry_id(all->at[i])));
        for (size_t k = 0; k < parents.count; k++) {
            assert_true(held_has(theirs, &parents.at[k]));
        }
    }
    held_free(all);
    held_free(theirs);
    world_close(&peer);
}

static void test_dag_sync_empty_sets(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "v");

    assert_int_equal(lacks(world, NULL, 0), 2); /* who holds nothing lacks all */
    assert_int_equal(lacks(world, &id, 1), 0);
}

static void test_sync_flow_integration(void **state)
{
    test_world *world = *state;
    mesh all = mesh_open(world, 2);

    make_history(world);
    inventory_send_all(world, all.peers[1]);
    expect_equal(&all);
    mesh_close(&all);
}

static void test_bidirectional_sync_flow(void **state)
{
    mesh all = mesh_open(*state, 2);

    for (int i = 0; i < 3; i++) {
        world_set(all.peers[0], "data", "mine", i % 2 ? "odd" : "even");
        world_set(all.peers[1], "data", "theirs", i % 2 ? "odd" : "even");
    }
    inventory_send_all(all.peers[0], all.peers[1]);
    inventory_send_all(all.peers[1], all.peers[0]);
    expect_equal(&all);
    mesh_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(concurrent_store_creation_after_fork_currently_fails_to_merge),
        INVENTORY_TEST(test_concurrent_write_resolves_deterministically),
        INVENTORY_TEST(test_three_peer_convergence),
        INVENTORY_TEST(test_partition_then_heal),
        INVENTORY_TEST(test_convergence_preserves_all_signed_entries),
        INVENTORY_TEST(test_reordered_delivery_converges_with_invariants),
        INVENTORY_TEST(test_randomized_delivery_schedules_all_converge),
        INVENTORY_TEST(test_randomized_duplicate_delivery_is_idempotent),
        INVENTORY_TEST(test_randomized_link_faults_recover_via_retry),
        INVENTORY_TEST(test_dag_sync_linear_chain),
        INVENTORY_TEST(test_dag_sync_branching_structure),
        INVENTORY_TEST(test_dag_sync_partial_overlap),
        INVENTORY_TEST(test_dag_sync_entry_ordering),
        INVENTORY_TEST(test_dag_sync_empty_sets),
        INVENTORY_TEST(test_sync_flow_integration),
        INVENTORY_TEST(test_bidirectional_sync_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
