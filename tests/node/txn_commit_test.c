/* Commit: what an entry carries, who may make it, and what a refusal leaves behind. */
#include "tests/node/txn_world.h"

static void test_txn_commit__keeps_what_was_set(void **state)
{
    test_world world;

    world_open_database(&world);
    world_set(&world, "notes", "a.b", "one");
    world_set(&world, "notes", "a.c", "two");
    world_check(&world, "notes", "a.b", "one");
    world_check(&world, "notes", "a.c", "two");
    world_check(&world, "notes", "a.d", NULL);
    world_close(&world);
}

static void test_txn_commit__chains_entries_and_pins_the_settings(void **state)
{
    test_world world;
    eid_entry *first, *second;
    eid_pin pin;
    eid_id a, b;

    world_open_database(&world);
    a = world_set(&world, "notes", "k", "1");
    b = world_set(&world, "notes", "k", "2");
    first = world_entry(&world, &a);
    second = world_entry(&world, &b);
    assert_int_equal(eid_entry_height(first), 1);
    assert_int_equal(eid_entry_height(second), 2);
    assert_int_equal(eid_entry_parents(second).count, 1);
    assert_true(eid_id_equal(&eid_entry_parents(second).at[0], &a));
    assert_true(eid_id_equal(&eid_entry_find_subtree(second, text("notes"))->parents.at[0], &a));
    assert_ok(eid_entry_pin(second, &pin));
    assert_int_equal(pin.tips.count, 1);
    assert_true(eid_id_equal(&pin.tips.at[0], &world.root));
    assert_false(pin.has_entropy);
    eid_pin_fini(&pin);
    eid_entry_free(first);
    eid_entry_free(second);
    world_close(&world);
}

static void test_txn_commit__writes_sorted_compact_payloads(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_entry *entry;
    eid_id id;
    const eid_subtree *store;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "b", text("2")));
    assert_ok(eid_docstore_set_text(txn, text("notes"), "a", text("1")));
    id = world_commit(txn);
    entry = world_entry(&world, &id);
    store = eid_entry_find_subtree(entry, text("notes"));
    assert_non_null(store);
    assert_true(eid_slice_is(store->data,
                             "{\"children\":{\"a\":{\"Text\":\"1\"},\"b\":{\"Text\":\"2\"}}}"));
    store = eid_entry_find_subtree(entry, text("_index"));
    assert_non_null(store);
    assert_true(eid_slice_is(
        store->data, "{\"children\":{\"notes\":{\"Doc\":{\"children\":{\"config\":{\"Doc\":{"
                     "\"children\":{}}},\"type\":{\"Text\":\"docstore:v0\"}}}}}}"));
    assert_null(eid_entry_find_subtree(entry, text("_settings")));
    eid_entry_free(entry);
    world_close(&world);
}

static void test_txn_commit__registers_a_store_that_was_only_opened(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_entry *entry;
    eid_id id;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_txn_open_store(txn, text("empty"), EID_TYPE_TABLE));
    id = world_commit(txn);
    entry = world_entry(&world, &id);
    assert_non_null(eid_entry_find_subtree(entry, text("empty")));
    assert_false(eid_entry_find_subtree(entry, text("empty"))->has_data);
    eid_entry_free(entry);

    txn = world_begin(&world); /* known now: opening it leaves no trace */
    assert_ok(eid_txn_open_store(txn, text("empty"), EID_TYPE_TABLE));
    id = world_commit(txn);
    entry = world_entry(&world, &id);
    assert_int_equal(eid_entry_subtree_count(entry), 0);
    eid_entry_free(entry);
    world_close(&world);
}

static void test_txn_commit__stores_an_empty_entry_as_a_new_tip(void **state)
{
    test_world world;
    eid_db_info info;
    eid_id id;

    world_open_database(&world);
    id = world_commit(world_begin(&world));
    assert_ok(world.seam->info(world.seam->self, &world.root, &info));
    assert_int_equal(info.tips.count, 1);
    assert_true(eid_idset_has(&info.tips, &id));
    eid_db_info_fini(&info);
    world_close(&world);
}

static void test_txn_commit__refuses_a_second_time(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_id id;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "k", text("v")));
    assert_ok(eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    assert_kind(TXN_COMMITTED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_commit__needs_a_key(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_id id;

    world_open_database(&world);
    assert_ok(eid_txn_begin(world.seam, &world.root, NULL, NULL, &txn));
    assert_ok(eid_docstore_set_text(txn, text("notes"), "k", text("v")));
    assert_kind(TXN_NO_KEY, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_commit__forks_when_two_begin_together(void **state)
{
    test_world world;
    eid_txn *a, *b;
    eid_db_info info;

    world_open_database(&world);
    a = world_begin(&world);
    b = world_begin(&world);
    assert_ok(eid_docstore_set_text(a, text("notes"), "a", text("1")));
    assert_ok(eid_docstore_set_text(b, text("notes"), "b", text("2")));
    world_commit(a);
    world_commit(b);
    assert_ok(world.seam->info(world.seam->self, &world.root, &info));
    assert_int_equal(info.tips.count, 2);
    eid_db_info_fini(&info);
    world_check(&world, "notes", "a", "1");
    world_check(&world, "notes", "b", "2");
    world_close(&world);
}

static void test_txn_commit__refuses_who_may_not_write_and_keeps_the_change(void **state)
{
    test_world world;
    eid_key reader;
    eid_signer as;
    eid_txn *txn;
    eid_id id;

    world_open_database(&world);
    world_key(2, &reader);
    as = (eid_signer){.key = &reader};
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    assert_ok(eid_docstore_set_text(txn, text("notes"), "k", text("v")));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    assert_non_null(eid_txn_peek_staged(txn, text("notes")));
    eid_txn_free(txn);
    world_check(&world, "notes", "k", NULL);
    world_close(&world);
}

static void test_txn_commit__lets_a_writer_write_but_not_govern(void **state)
{
    test_world world;
    eid_key writer;
    eid_signer as;
    eid_txn *txn;
    eid_id id;

    world_open_database(&world);
    world_key(2, &writer);
    world_grant(&world, &writer.pub, (eid_permission){EID_PERMISSION_WRITE, 10});
    as = (eid_signer){.key = &writer};
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    assert_ok(eid_docstore_set_text(txn, text("notes"), "k", text("v")));
    world_commit(txn);
    world_check(&world, "notes", "k", "v");
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    assert_ok(eid_settings_store_set_name(txn, text("mine")));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_commit__cannot_authorise_itself(void **state)
{
    test_world world;
    eid_key stranger;
    eid_signer as;
    eid_auth_key record = {.permission = {EID_PERMISSION_ADMIN, 0}};
    eid_txn *txn;
    eid_id id;

    world_open_database(&world);
    world_key(2, &stranger);
    record.pubkey = stranger.pub;
    as = (eid_signer){.key = &stranger};
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    assert_ok(eid_settings_store_put_key(txn, &record));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_commit__refuses_a_revoked_key(void **state)
{
    test_world world;
    eid_key writer;
    eid_signer as;
    eid_txn *txn;
    eid_id id;

    world_open_database(&world);
    world_key(2, &writer);
    world_grant(&world, &writer.pub, (eid_permission){EID_PERMISSION_WRITE, 10});
    txn = world_begin(&world);
    assert_ok(eid_settings_store_revoke_key(txn, &writer.pub));
    world_commit(txn);
    as = (eid_signer){.key = &writer};
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_commit__signs_by_name_and_by_the_grant_to_everybody(void **state)
{
    test_world world;
    eid_key other;
    char name[] = "kay";
    eid_auth_key record = {.has_name = true, .name = name, .permission = {EID_PERMISSION_WRITE, 1}};
    eid_auth_key all = {.permission = {EID_PERMISSION_WRITE, 5}};
    eid_sigkey_owned by_name, by_global;
    eid_signer as;
    eid_txn *txn;

    world_open_database(&world);
    world_key(2, &other);
    record.pubkey = other.pub;
    txn = world_begin(&world);
    assert_ok(eid_settings_store_put_key(txn, &record));
    assert_ok(eid_settings_store_put_global(txn, &all));
    world_commit(txn);
    assert_ok(eid_sigkey_of_name(text("kay"), &by_name));
    as = (eid_signer){&other, &by_name.key};
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    world_commit(txn);
    world_key(3, &other);
    assert_ok(eid_sigkey_of_global(&other.pub, &by_global));
    as = (eid_signer){&other, &by_global.key};
    assert_ok(eid_txn_begin(world.seam, &world.root, &as, NULL, &txn));
    world_commit(txn);
    eid_sigkey_owned_fini(&by_name);
    eid_sigkey_owned_fini(&by_global);
    world_close(&world);
}

static void test_txn_commit__refuses_to_lose_the_auth_configuration(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_id id;
    bool was_live;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("_settings"), "auth", text("none")));
    assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    txn = world_begin(&world);
    assert_ok(eid_docstore_delete(txn, text("_settings"), text("auth"), &was_live));
    assert_true(was_live);
    assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_set(&world, "notes", "still", "writable");
    world_close(&world);
}

static void test_txn_commit__changes_the_pin_after_a_change_of_settings(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_entry *entry;
    eid_pin pin;
    eid_id changed, after;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_settings_store_set_name(txn, text("renamed")));
    changed = world_commit(txn);
    after = world_set(&world, "notes", "k", "v");
    entry = world_entry(&world, &after);
    assert_ok(eid_entry_pin(entry, &pin));
    assert_int_equal(pin.tips.count, 1);
    assert_true(eid_id_equal(&pin.tips.at[0], &changed));
    eid_pin_fini(&pin);
    eid_entry_free(entry);
    world_close(&world);
}

static void test_txn_commit__gives_timestamp_heights(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_entry *entry;
    eid_id id;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_settings_store_set_strategy(txn, EID_HEIGHT_TIMESTAMP));
    id = world_commit(txn);
    entry = world_entry(&world, &id);
    assert_int_equal(eid_entry_height(entry), 1700000000000u);
    eid_entry_free(entry);
    id = world_set(&world, "notes", "k", "v");
    entry = world_entry(&world, &id);
    assert_int_equal(eid_entry_height(entry), 1700000000001u);
    eid_entry_free(entry);
    world_close(&world);
}

static void test_txn_commit__gives_a_store_heights_of_its_own_until_taken_back(void **state)
{
    test_world world;
    const eid_height_strategy own = EID_HEIGHT_TIMESTAMP;
    const eid_subtree *store;
    eid_txn *txn;
    eid_entry *entry;
    eid_id id;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("log"), "k", text("1")));
    assert_ok(eid_registry_set_strategy(txn, text("log"), &own));
    id = world_commit(txn);
    entry = world_entry(&world, &id);
    store = eid_entry_find_subtree(entry, text("log"));
    assert_true(store->has_height);
    assert_int_equal(store->height, 1700000000000u);
    assert_int_equal(eid_entry_height(entry), 1);
    eid_entry_free(entry);

    txn = world_begin(&world);
    assert_ok(eid_registry_set_strategy(txn, text("log"), NULL));
    world_commit(txn);
    id = world_set(&world, "log", "k", "2");
    entry = world_entry(&world, &id);
    store = eid_entry_find_subtree(entry, text("log"));
    assert_false(store->has_height);
    assert_int_equal(store->height, 3);
    eid_entry_free(entry);
    world_close(&world);
}

static void test_txn_commit__refuses_what_is_larger_than_an_entry(void **state)
{
    test_world world;
    eid_txn *txn;
    eid_id id;
    char *large = eid_alloc(EID_ENTRY_BYTES_MAX + 1);

    world_open_database(&world);
    assert_non_null(large);
    memset(large, 'x', EID_ENTRY_BYTES_MAX);
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "k", text(large)));
    assert_kind(ENTRY_TOO_BIG, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    eid_free(large);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_txn_commit__keeps_what_was_set),
        cmocka_unit_test(test_txn_commit__chains_entries_and_pins_the_settings),
        cmocka_unit_test(test_txn_commit__writes_sorted_compact_payloads),
        cmocka_unit_test(test_txn_commit__registers_a_store_that_was_only_opened),
        cmocka_unit_test(test_txn_commit__stores_an_empty_entry_as_a_new_tip),
        cmocka_unit_test(test_txn_commit__refuses_a_second_time),
        cmocka_unit_test(test_txn_commit__needs_a_key),
        cmocka_unit_test(test_txn_commit__forks_when_two_begin_together),
        cmocka_unit_test(test_txn_commit__refuses_who_may_not_write_and_keeps_the_change),
        cmocka_unit_test(test_txn_commit__lets_a_writer_write_but_not_govern),
        cmocka_unit_test(test_txn_commit__cannot_authorise_itself),
        cmocka_unit_test(test_txn_commit__refuses_a_revoked_key),
        cmocka_unit_test(test_txn_commit__signs_by_name_and_by_the_grant_to_everybody),
        cmocka_unit_test(test_txn_commit__refuses_to_lose_the_auth_configuration),
        cmocka_unit_test(test_txn_commit__changes_the_pin_after_a_change_of_settings),
        cmocka_unit_test(test_txn_commit__gives_timestamp_heights),
        cmocka_unit_test(test_txn_commit__gives_a_store_heights_of_its_own_until_taken_back),
        cmocka_unit_test(test_txn_commit__refuses_what_is_larger_than_an_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
