/* Making a database: its first entry, and what may be done while it is made. */
#include "tests/node/txn_world.h"

static void test_txn_create__makes_the_signer_the_first_admin(void **state)
{
    test_world world;
    eid_txn *txn = NULL;
    eid_policy *policy = NULL;
    const eid_auth_key *key;
    char *name = NULL;

    world_open_database(&world);
    assert_ok(eid_txn_begin(world.seam, &world.root, NULL, NULL, &txn));
    assert_ok(eid_settings_store_policy(txn, &policy));
    assert_int_equal(eid_policy_key_count(policy), 1);
    key = eid_policy_key(policy, 0);
    assert_true(eid_pubkey_equal(&key->pubkey, &world.key.pub));
    assert_int_equal(key->permission.type, EID_PERMISSION_ADMIN);
    assert_int_equal(key->permission.priority, 0);
    assert_false(key->has_name);
    assert_ok(eid_settings_store_name(txn, &name));
    assert_string_equal(name, "notes");
    eid_free(name);
    eid_policy_free(policy);
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_create__writes_root_marker_settings_and_entropy_only(void **state)
{
    test_world world;
    eid_entry *entry;
    eid_pin pin;

    world_open_database(&world);
    entry = world_entry(&world, &world.root);
    assert_true(eid_entry_is_root(entry));
    assert_int_equal(eid_entry_height(entry), 0);
    assert_int_equal(eid_entry_subtree_count(entry), 2);
    assert_true(eid_slice_is(eid_entry_find_subtree(entry, text("_root"))->data, "\"\""));
    assert_non_null(eid_entry_find_subtree(entry, text("_settings")));
    assert_ok(eid_entry_pin(entry, &pin));
    assert_true(pin.valid);
    assert_true(pin.has_entropy);
    assert_int_equal(pin.tips.count, 0);
    eid_pin_fini(&pin);
    eid_entry_free(entry);
    world_close(&world);
}

static void test_txn_create__gives_the_same_settings_another_id(void **state)
{
    test_world world;
    eid_id other;

    world_open_database(&world);
    assert_ok(eid_txn_create_database(world.seam, NULL, &world.key, NULL, NULL, &other));
    assert_false(eid_id_equal(&world.root, &other));
    world_close(&world);
}

static void test_txn_create__refuses_settings_with_auth(void **state)
{
    test_world world;
    eid_doc *settings = NULL;
    eid_id root;

    world_open(&world);
    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, text("auth.keys.x"), text("y")));
    assert_kind(AUTH_CONFIG,
                eid_txn_create_database(world.seam, settings, &world.key, NULL, NULL, &root));
    eid_doc_free(settings);
    world_close(&world);
}

static eid_status init_stores(void *self, eid_txn *txn)
{
    eid_status status = eid_docstore_set_text(txn, text("notes"), "title", text("first"));

    if (status == EID_OK) status = eid_table_set(txn, text("rows"), text("r"), text("1"));
    return status;
}

static void test_txn_create__carries_the_stores_of_its_initialiser(void **state)
{
    test_world world;
    eid_entry *entry;

    world_open(&world);
    assert_ok(
        eid_txn_create_database(world.seam, NULL, &world.key, init_stores, NULL, &world.root));
    entry = world_entry(&world, &world.root);
    assert_int_equal(eid_entry_subtree_count(entry), 5);
    assert_non_null(eid_entry_find_subtree(entry, text("_index")));
    assert_non_null(eid_entry_find_subtree(entry, text("rows")));
    eid_entry_free(entry);
    world_check(&world, "notes", "title", "first");
    world_close(&world);
}

static eid_status init_fails(void *self, eid_txn *txn)
{
    eid_status status = eid_docstore_set_text(txn, text("notes"), "k", text("v"));

    return status == EID_OK ? EID_FAIL(EID_KIND_ARGUMENT, "not today") : status;
}

static eid_status count_database(void *arg, const eid_db_info *info)
{
    (*(int *)arg)++;
    return EID_OK;
}

static void test_txn_create__stores_nothing_when_the_initialiser_fails(void **state)
{
    test_world world;
    eid_id root;
    int count = 0;

    world_open(&world);
    assert_kind(ARGUMENT,
                eid_txn_create_database(world.seam, NULL, &world.key, init_fails, NULL, &root));
    assert_true(eid_id_is_empty(&root));
    assert_ok(world.seam->databases(world.seam->self, count_database, &count));
    assert_int_equal(count, 0);
    world_close(&world);
}

static eid_status init_system_store(void *self, eid_txn *txn)
{
    return eid_txn_open_store(txn, text(self), EID_TYPE_DOCSTORE);
}

static void test_txn_create__keeps_system_stores_closed_for_the_initialiser(void **state)
{
    static const char *const names[] = {"_settings", "_index", "_root"};
    test_world world;
    eid_id root;

    world_open(&world);
    for (size_t i = 0; i < 3; i++) {
        char name[16];
        strncpy(name, names[i], sizeof name - 1);
        name[15] = 0;
        assert_kind(TXN_LOCKED_STORE, eid_txn_create_database(world.seam, NULL, &world.key,
                                                              init_system_store, name, &root));
    }
    world_close(&world);
}

static void test_txn_create__starts_at_the_clock_with_timestamp_heights(void **state)
{
    test_world world;
    eid_doc *settings = NULL;
    eid_entry *entry;

    world_open(&world);
    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, text("height_strategy"), text("\"timestamp\"")));
    assert_ok(eid_txn_create_database(world.seam, settings, &world.key, NULL, NULL, &world.root));
    entry = world_entry(&world, &world.root);
    assert_int_equal(eid_entry_height(entry), 1700000000000u);
    eid_entry_free(entry);
    eid_doc_free(settings);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_txn_create__makes_the_signer_the_first_admin),
        cmocka_unit_test(test_txn_create__writes_root_marker_settings_and_entropy_only),
        cmocka_unit_test(test_txn_create__gives_the_same_settings_another_id),
        cmocka_unit_test(test_txn_create__refuses_settings_with_auth),
        cmocka_unit_test(test_txn_create__carries_the_stores_of_its_initialiser),
        cmocka_unit_test(test_txn_create__stores_nothing_when_the_initialiser_fails),
        cmocka_unit_test(test_txn_create__keeps_system_stores_closed_for_the_initialiser),
        cmocka_unit_test(test_txn_create__starts_at_the_clock_with_timestamp_heights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
