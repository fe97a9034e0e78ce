/* A database whose settings hold no rights any more, and the one way back (spec 04 §8, T7). */
#include "tests/node/inventory.h"

#define NO_AUTH "{\"children\":{\"auth\":\"Deleted\"}}"
#define TEXT_AUTH "{\"children\":{\"auth\":{\"Text\":\"x\"}}}"

/* What a malicious admin does: no transaction of ours would. */
static eid_id corrupt(test_world *world, const char *payload)
{
    eid_id tip = inventory_tip(world), id;
    eid_entry *entry = inventory_forge(
        world, &(inventory_forgery){&world->key, {&tip, 1}, NULL, "_settings", payload});

    inventory_receive(world, entry, NULL);
    id = *eid_entry_id(entry);
    eid_entry_free(entry);
    assert_int_equal(inventory_verdict(world, &id), EID_VERIFIED);
    return id;
}

static void stage_admin(eid_txn *txn, const eid_key *key)
{
    eid_auth_key record = {
        .pubkey = key->pub, .permission = {EID_PERMISSION_ADMIN, 0}, .status = EID_KEY_ACTIVE};

    assert_ok(eid_settings_store_put_key(txn, &record));
}

/* The rescuer, who never had a right in this database, repairs it. */
static eid_id repair(test_world *world, const eid_key *rescuer)
{
    eid_txn *txn = inventory_begin_as(world, rescuer);

    stage_admin(txn, rescuer);
    return world_commit(txn);
}

static void expect_whole(test_world *world)
{
    uint64_t findings = 0;
    eid_buf report;

    eid_buf_init(&report, 100000);
    assert_ok(world->seam->check(world->seam->self, &world->root, &report, &findings));
    if (findings > 0) print_error("%.*s", EID_SLICE_ARG(eid_buf_slice(&report)));
    eid_buf_fini(&report);
    assert_int_equal(findings, 0);
}

static void test_repair__no_rights_means_no_writing_but_reading(void **state)
{
    static const char *const payloads[] = {NO_AUTH, TEXT_AUTH};

    for (size_t i = 0; i < 2; i++) {
        test_world world;
        eid_txn *txn;
        eid_id id;
        world_open_database(&world);
        world_set(&world, "notes", "k", "v");
        (void)corrupt(&world, payloads[i]);
        txn = world_begin(&world);
        inventory_stage(txn, "notes", "k", "w");
        assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
        eid_txn_free(txn);
        world_check(&world, "notes", "k", "v");
        world_close(&world);
    }
}

static void test_repair__new_rights_are_taken_and_last(void **state)
{
    static const char *const payloads[] = {NO_AUTH, TEXT_AUTH};

    for (size_t i = 0; i < 2; i++) {
        test_world world;
        eid_key rescuer;
        eid_txn *txn;
        eid_id id, fixed;
        world_open_database(&world);
        world_key(9, &rescuer);
        world_set(&world, "notes", "k", "v");
        (void)corrupt(&world, payloads[i]);
        fixed = repair(&world, &rescuer);
        inventory_expect_tips(&world, &fixed, 1);
        assert_int_equal(inventory_verdict(&world, &fixed), EID_VERIFIED);
        txn = inventory_begin_as(&world, &rescuer);
        inventory_stage(txn, "notes", "k", "w");
        id = world_commit(txn);
        inventory_expect_signer(&world, &id, &rescuer);
        world_check(&world, "notes", "k", "w");
        expect_whole(&world); /* a check does not undo it */
        world_close(&world);
    }
}

static void test_repair__holds_on_this_node_only(void **state)
{
    test_world *world = *state, peer;
    eid_id bad, fixed, after;
    eid_key rescuer;
    eid_txn *txn;

    world_key(9, &rescuer);
    bad = corrupt(world, NO_AUTH);
    fixed = repair(world, &rescuer);
    txn = inventory_begin_as(world, &rescuer);
    inventory_stage(txn, "notes", "k", "w");
    after = world_commit(txn);
    inventory_peer(world, &peer);
    inventory_send_all(world, &peer);
    inventory_expect_tips(&peer, &bad, 1);
    assert_int_equal(inventory_verdict(&peer, &fixed), EID_FAILED);
    assert_int_equal(inventory_verdict(&peer, &after), EID_FAILED);
    world_close(&peer);
}

/* Whatever comes in otherwise is judged by what it pins. */
static void test_repair__is_no_way_in_for_received_entries(void **state)
{
    test_world *world = *state, other;
    eid_key rescuer;
    eid_entry *entry;
    eid_verdict verdict;
    eid_id fixed;

    world_key(9, &rescuer);
    (void)corrupt(world, NO_AUTH);
    inventory_peer(world, &other);
    inventory_send_all(world, &other);
    fixed = repair(world, &rescuer);
    entry = inventory_entry(world, &fixed, &verdict);
    assert_kind(TXN_REFUSED, other.seam->submit(other.seam->self, &other.root, entry,
                                                EID_DURABLE_ASYNC, &verdict));
    inventory_receive(&other, entry, NULL);
    assert_int_equal(inventory_verdict(&other, &fixed), EID_FAILED);
    eid_entry_free(entry);
    world_close(&other);
}

static void test_repair__needs_a_database_without_rights(void **state)
{
    test_world *world = *state;
    eid_key rescuer;
    eid_entry *entry;
    eid_verdict verdict;
    eid_txn *txn;
    eid_id id;

    world_key(9, &rescuer);
    txn = inventory_begin_as(world, &rescuer);
    stage_admin(txn, &rescuer);
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    /* Nor with the call that repairs. */
    entry = inventory_forge(
        world, &(inventory_forgery){&rescuer, {&world->root, 1}, NULL, "_settings", TEXT_AUTH});
    assert_kind(TXN_REFUSED, world->seam->repair(world->seam->self, &world->root, entry,
                                                 EID_DURABLE_ASYNC, &verdict));
    eid_entry_free(entry);
    inventory_expect_tips(world, &world->root, 1);
}

static void test_repair__one_who_grants_others_only_is_refused(void **state)
{
    test_world *world = *state;
    eid_key rescuer, friend;
    eid_txn *txn;
    eid_id id;

    world_key(9, &rescuer);
    world_key(10, &friend);
    (void)corrupt(world, NO_AUTH);
    txn = inventory_begin_as(world, &rescuer);
    stage_admin(txn, &friend);
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    stage_admin(txn, &rescuer); /* the same transaction goes on */
    id = world_commit(txn);
    inventory_expect_tips(world, &id, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repair__no_rights_means_no_writing_but_reading),
        cmocka_unit_test(test_repair__new_rights_are_taken_and_last),
        INVENTORY_TEST(test_repair__holds_on_this_node_only),
        INVENTORY_TEST(test_repair__is_no_way_in_for_received_entries),
        INVENTORY_TEST(test_repair__needs_a_database_without_rights),
        INVENTORY_TEST(test_repair__one_who_grants_others_only_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
