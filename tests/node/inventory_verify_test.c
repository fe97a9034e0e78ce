/* Inventory of spec 04, "api_methods", second half, and of spec 02 §9.6: which entries a node shows
 * when they come in any order, from anybody. We judge when entries arrive, so nothing has to be
 * asked for: the same frontiers hold as soon as ingest() returns. */
#include <unistd.h>

#include "tests/node/inventory.h"

/* A second node, with the genesis. */
static test_world *peer_new(test_world *world)
{
    test_world *peer = eid_alloc(sizeof *peer);

    assert_non_null(peer);
    inventory_peer(world, peer);
    inventory_send(world, &world->root, peer);
    return peer;
}

static void peer_free(test_world *peer)
{
    world_close(peer);
    eid_free(peer);
}

static void expect_loose(test_world *world, const eid_id *wanted, size_t count)
{
    eid_idset tips;

    assert_ok(world->seam->tips(world->seam->self, &world->root, true, &tips));
    assert_int_equal(tips.count, count);
    for (size_t i = 0; i < count; i++) assert_true(eid_idset_has(&tips, &wanted[i]));
    eid_idset_fini(&tips);
}

static void test_database_verify_promotes_unverified_and_access_hook(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id a = world_set(world, "data", "k", "a"), b = world_set(world, "data", "k", "b");

    inventory_send(world, &b, peer);
    assert_int_equal(inventory_verdict(peer, &b), EID_UNVERIFIED);
    inventory_expect_tips(peer, &peer->root, 1);
    inventory_send(world, &a, peer);
    assert_int_equal(inventory_verdict(peer, &b), EID_VERIFIED);
    inventory_expect_tips(peer, &b, 1);
    world_check(peer, "data", "k", "b");
    peer_free(peer);
}

static void test_verified_frontier_prefix_cut_and_allow_unverified(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id a = world_set(world, "data", "k", "a"), b, c;
    eid_key foreign;

    world_key(66, &foreign);
    b = inventory_forge_in(world, &foreign, &a, 1);
    c = inventory_forge_in(world, &world->key, &b, 1);
    inventory_send(world, &a, peer);
    inventory_send(world, &c, peer);
    inventory_expect_tips(peer, &a, 1); /* c may still turn out right */
    expect_loose(peer, (eid_id[]){a, c}, 2);
    inventory_send(world, &b, peer);
    inventory_expect_tips(peer, &a, 1);
    expect_loose(peer, NULL, 0); /* Failed ones are never shown, nor what hangs on them */
    peer_free(peer);
}

static void test_verify_is_prefix_closed(void **state)
{
    test_world *world = *state;
    eid_key foreign;
    eid_id b, c, d;

    world_key(66, &foreign);
    b = inventory_forge_in(world, &foreign, &world->root, 1);
    c = inventory_forge_in(world, &world->key, &b, 1);
    d = inventory_forge_in(world, &world->key, &c, 1);
    assert_int_equal(inventory_verdict(world, &b), EID_FAILED);
    assert_int_equal(inventory_verdict(world, &c), EID_FAILED);
    assert_int_equal(inventory_verdict(world, &d), EID_FAILED);
    inventory_expect_tips(world, &world->root, 1);
}

static void test_cross_instance_sync_then_verify_cascade(void **state)
{
    test_world *world = *state, peer;
    eid_id ids[6];

    for (size_t i = 0; i < 6; i++) ids[i] = world_set(world, "data", "k", "v");
    inventory_peer(world, &peer);
    for (size_t i = 6; i-- > 0;) inventory_send(world, &ids[i], &peer);
    assert_int_equal(inventory_counts(&peer).verified, 0);
    inventory_send(world, &world->root, &peer);
    assert_int_equal(inventory_counts(&peer).verified, 7);
    inventory_expect_tips(&peer, &ids[5], 1);
    world_close(&peer);
}

static void test_incomplete_pinned_settings_stays_unverified_then_recovers(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id settings;
    eid_entry *entry;
    eid_key second;
    uint64_t visible;

    world_key(2, &second);
    world_grant(world, &second.pub, (eid_permission){EID_PERMISSION_WRITE, 10});
    settings = inventory_tip(world);
    /* Its parents are held, the settings that it pins are not. */
    entry = inventory_forge(
        world,
        &(inventory_forgery){&second, {&world->root, 1}, &settings, "data", "{\"children\":{}}"});
    inventory_receive(peer, entry, &visible);
    assert_int_equal(visible, 0);
    assert_int_equal(inventory_verdict(peer, eid_entry_id(entry)), EID_UNVERIFIED);
    inventory_send(world, &settings, peer);
    assert_int_equal(inventory_verdict(peer, eid_entry_id(entry)), EID_VERIFIED);
    inventory_expect_tips(peer, (eid_id[]){settings, *eid_entry_id(entry)}, 2);
    eid_entry_free(entry);
    peer_free(peer);
}

static void test_diamond_dag_taint_propagation(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "k", "base"), left, right, merged;
    eid_key foreign;

    world_key(66, &foreign);
    left = inventory_forge_in(world, &world->key, &base, 1);
    right = inventory_forge_in(world, &foreign, &base, 1);
    merged = inventory_forge_in(world, &world->key, (eid_id[]){left, right}, 2);
    assert_int_equal(inventory_verdict(world, &right), EID_FAILED);
    assert_int_equal(inventory_verdict(world, &merged), EID_FAILED);
    inventory_expect_tips(world, &left, 1);
    expect_loose(world, NULL, 0);
}

static void test_allow_unverified_composes_with_key_for_writes(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id left = inventory_set_at(world, &world->root, 1, "data", "k", "left");
    eid_id right = inventory_set_at(world, &world->root, 1, "data", "k", "right");
    eid_id merged = world_commit(world_begin(world)), loose;
    eid_txn *txn = NULL;

    inventory_send(world, &right, peer);
    inventory_send(world, &merged, peer); /* `left` is missing */
    assert_ok(eid_txn_begin_loose(peer->seam, &peer->root, &peer->signer, &txn));
    inventory_expect(txn, "data", "k", "right");
    inventory_stage(txn, "solo", "k", "loose");
    loose = world_commit(txn);
    inventory_expect_parents(peer, &loose, &merged, 1);
    inventory_expect_tips(peer, &right, 1);
    expect_loose(peer, &loose, 1);
    world_check(peer, "solo", "k", NULL);
    inventory_send(world, &left, peer);
    inventory_expect_tips(peer, &loose, 1);
    world_check(peer, "solo", "k", "loose");
    peer_free(peer);
}

static void test_access_hook_promotes_multiple_unverified_tips(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id base = world_set(world, "data", "base", "0");
    eid_id left = inventory_set_at(world, &base, 1, "data", "left", "1");
    eid_id right = inventory_set_at(world, &base, 1, "data", "right", "2");

    inventory_send(world, &left, peer);
    inventory_send(world, &right, peer);
    inventory_expect_tips(peer, &peer->root, 1);
    inventory_send(world, &base, peer);
    inventory_expect_tips(peer, (eid_id[]){left, right}, 2);
    world_check(peer, "data", "left", "1");
    world_check(peer, "data", "right", "2");
    peer_free(peer);
}

static eid_ingest_report ingest(test_world *world, eid_entry **entries, size_t count)
{
    eid_ingest_report report;
    eid_slice bytes[4];

    for (size_t i = 0; i < count; i++) bytes[i] = eid_entry_bytes(entries[i]);
    assert_ok(eid_engine_ingest(world->engine, bytes, count, NULL, EID_DURABLE_ASYNC, &report));
    eid_idset_fini(&report.missing);
    return report;
}

static void test_verify_report_counts_and_idempotent(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id good = world_set(world, "data", "k", "v"), bad, tainted;
    eid_entry *entries[3];
    eid_ingest_report report;
    eid_key foreign;
    eid_verdict verdict;

    world_key(66, &foreign);
    bad = inventory_forge_in(world, &foreign, &good, 1);
    tainted = inventory_forge_in(world, &world->key, &bad, 1);
    entries[0] = inventory_entry(world, &good, &verdict);
    entries[1] = inventory_entry(world, &bad, &verdict);
    entries[2] = inventory_entry(world, &tainted, &verdict);
    report = ingest(peer, entries, 3);
    assert_int_equal(report.stored, 3);
    assert_int_equal(report.verified, 1);
    assert_int_equal(report.failed, 2); /* the rejected one taints its child */
    report = ingest(peer, entries, 3);
    assert_int_equal(report.known, 3);
    assert_int_equal(report.stored + report.verified + report.failed, 0);
    for (size_t i = 0; i < 3; i++) eid_entry_free(entries[i]);
    peer_free(peer);
}

static void test_verify_uses_pinned_not_current_settings(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_key second;
    eid_txn *txn;
    eid_id id;

    world_key(2, &second);
    world_grant(world, &second.pub, (eid_permission){EID_PERMISSION_WRITE, 10});
    txn = inventory_begin_as(world, &second);
    inventory_stage(txn, "data", "k", "v");
    id = world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_settings_store_revoke_key(txn, &second.pub));
    (void)world_commit(txn);
    inventory_send_all(world, peer);
    assert_int_equal(inventory_verdict(peer, &id), EID_VERIFIED);
    world_check(peer, "data", "k", "v");
    peer_free(peer);
}

static void test_genesis_verifies_after_persist_reload(void **state)
{
    test_world *world = *state;
    char folder[200], url[300];
    eid_engine_config config = {.url = url, .create = true, .verify_inline = true};
    test_world reload = *world;

    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(url, sizeof url, "rocksdb://%s/reload.%d", folder, (int)getpid());
    for (int i = 0; i < 2; i++) {
        assert_ok(eid_engine_open(&config, &reload.engine));
        reload.seam = eid_engine_seam(reload.engine);
        if (i == 0) inventory_send(world, &world->root, &reload);
        assert_int_equal(inventory_verdict(&reload, &world->root), EID_VERIFIED);
        inventory_expect_tips(&reload, &world->root, 1);
        eid_engine_close(reload.engine);
    }
}

static void test_deep_chain_frontier_cut(void **state)
{
    test_world *world = *state;
    eid_id last = world->root, good = last;
    eid_key foreign;

    world_key(66, &foreign);
    for (int i = 1; i <= 30; i++) {
        last = inventory_forge_in(world, i == 15 ? &foreign : &world->key, &last, 1);
        if (i == 14) good = last;
    }
    inventory_expect_tips(world, &good, 1);
    assert_int_equal(inventory_counts(world).failed, 16);
    assert_int_equal(inventory_counts(world).verified, 15);
}

/* Where the reference strands it: what was committed above a gap does not hide the gap. */
static void test_verify_reaches_unverified_ancestor_behind_verified_child(void **state)
{
    test_world *world = *state, *peer = peer_new(world);
    eid_id left = inventory_set_at(world, &world->root, 1, "data", "k", "left");
    eid_id right = inventory_set_at(world, &world->root, 1, "data", "k", "right");
    eid_id merged = world_commit(world_begin(world)), child;
    eid_txn *txn = NULL;

    inventory_send(world, &right, peer);
    inventory_send(world, &merged, peer);
    assert_ok(eid_txn_begin_loose(peer->seam, &peer->root, &peer->signer, &txn));
    child = world_commit(txn);
    assert_int_equal(inventory_verdict(peer, &child), EID_UNVERIFIED); /* not before its parents */
    inventory_send(world, &left, peer);
    assert_int_equal(inventory_verdict(peer, &merged), EID_VERIFIED);
    assert_int_equal(inventory_verdict(peer, &child), EID_VERIFIED);
    assert_int_equal(inventory_counts(peer).unverified, 0);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_database_verify_promotes_unverified_and_access_hook),
        INVENTORY_TEST(test_verified_frontier_prefix_cut_and_allow_unverified),
        INVENTORY_TEST(test_verify_is_prefix_closed),
        INVENTORY_TEST(test_cross_instance_sync_then_verify_cascade),
        INVENTORY_TEST(test_incomplete_pinned_settings_stays_unverified_then_recovers),
        INVENTORY_TEST(test_diamond_dag_taint_propagation),
        INVENTORY_TEST(test_allow_unverified_composes_with_key_for_writes),
        INVENTORY_TEST(test_access_hook_promotes_multiple_unverified_tips),
        INVENTORY_TEST(test_verify_report_counts_and_idempotent),
        INVENTORY_TEST(test_verify_uses_pinned_not_current_settings),
        INVENTORY_TEST(test_genesis_verifies_after_persist_reload),
        INVENTORY_TEST(test_deep_chain_frontier_cut),
        INVENTORY_TEST(test_verify_reaches_unverified_ancestor_behind_verified_child),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
