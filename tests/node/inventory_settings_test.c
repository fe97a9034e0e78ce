/* Inventory of spec 03: store/settings_store. */
#include "tests/node/inventory_stores.h"

static eid_auth_key record_of(uint8_t number, const char *name)
{
    eid_key key;
    eid_auth_key record = {.permission = {EID_PERMISSION_WRITE, 10}, .status = EID_KEY_ACTIVE};

    world_key(number, &key);
    record.pubkey = key.pub;
    record.has_name = name != NULL;
    record.name = (char *)(uintptr_t)name;
    return record;
}

static void expect_key(eid_txn *txn, const eid_pubkey *key, const char *name, eid_key_status status)
{
    eid_auth_key found;

    assert_ok(eid_settings_store_find_key(txn, key, &found));
    assert_int_equal(found.status, status);
    assert_int_equal(found.has_name, name != NULL);
    if (name) assert_string_equal(found.name, name);
    eid_auth_key_fini(&found);
}

static void test_settings_store_creation(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    stores_expect(txn, EID_STORE_SETTINGS, "name", "{\"Text\":\"notes\"}");
    stores_expect_type(txn, EID_STORE_SETTINGS, NULL);
    assert_null(eid_txn_peek_staged(txn, text(EID_STORE_SETTINGS)));
    eid_txn_free(txn);
}

static void test_name_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    char *name = NULL;

    assert_ok(eid_settings_store_set_name(txn, text("renamed")));
    assert_ok(eid_settings_store_name(txn, &name));
    assert_string_equal(name, "renamed");
    eid_free(name);
    world_commit(txn);
    txn = stores_reader(world);
    assert_ok(eid_settings_store_name(txn, &name));
    assert_string_equal(name, "renamed");
    eid_free(name);
    eid_txn_free(txn);
}

static void test_auth_settings_integration(void **state)
{
    test_world *world = *state;
    eid_auth_key record = record_of(2, "laptop");
    eid_policy *policy = NULL;
    eid_txn *txn = world_begin(world);

    assert_ok(eid_settings_store_put_key(txn, &record));
    assert_ok(eid_settings_store_policy(txn, &policy));
    assert_int_equal(eid_policy_key_count(policy), 2);
    assert_non_null(eid_policy_find(policy, &world->key.pub, NULL));
    assert_non_null(eid_policy_find(policy, &record.pubkey, NULL));
    eid_policy_free(policy);
    world_commit(txn);
    txn = stores_reader(world);
    assert_ok(eid_settings_store_policy(txn, &policy));
    assert_int_equal(eid_policy_key_count(policy), 2);
    eid_policy_free(policy);
    eid_txn_free(txn);
}

static void test_auth_key_operations(void **state)
{
    test_world *world = *state;
    eid_auth_key record = record_of(2, "laptop");
    eid_txn *txn = world_begin(world);

    assert_ok(eid_settings_store_put_key(txn, &record));
    expect_key(txn, &record.pubkey, "laptop", EID_KEY_ACTIVE);
    world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_settings_store_revoke_key(txn, &record.pubkey));
    expect_key(txn, &record.pubkey, "laptop", EID_KEY_REVOKED);
    world_commit(txn);
    txn = stores_reader(world);
    expect_key(txn, &record.pubkey, "laptop", EID_KEY_REVOKED);
    eid_txn_free(txn);
}

static void test_rename_auth_key(void **state)
{
    test_world *world = *state;
    eid_auth_key record = record_of(2, NULL);
    eid_txn *txn = world_begin(world);

    assert_ok(eid_settings_store_put_key(txn, &record));
    world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_settings_store_rename_key(txn, &record.pubkey, "phone"));
    expect_key(txn, &record.pubkey, "phone", EID_KEY_ACTIVE);
    world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_settings_store_rename_key(txn, &record.pubkey, NULL));
    world_commit(txn);
    txn = stores_reader(world);
    expect_key(txn, &record.pubkey, NULL, EID_KEY_ACTIVE);
    eid_txn_free(txn);
}

static void test_multiple_auth_key_writes(void **state)
{
    test_world *world = *state;
    eid_auth_key two = record_of(2, "two"), three = record_of(3, "three");
    eid_auth_key everyone = {.permission = {EID_PERMISSION_READ, 0}, .status = EID_KEY_ACTIVE};
    eid_auth_key found;
    eid_txn *txn = world_begin(world);

    assert_ok(eid_settings_store_put_key(txn, &two));
    assert_ok(eid_settings_store_put_key(txn, &three));
    assert_ok(eid_settings_store_put_global(txn, &everyone));
    two.name = (char *)(uintptr_t) "again";
    assert_ok(eid_settings_store_put_key(txn, &two));
    world_commit(txn);
    txn = stores_reader(world);
    expect_key(txn, &two.pubkey, "again", EID_KEY_ACTIVE);
    expect_key(txn, &three.pubkey, "three", EID_KEY_ACTIVE);
    expect_key(txn, &world->key.pub, NULL, EID_KEY_ACTIVE);
    assert_ok(eid_settings_store_find_global(txn, &found));
    assert_int_equal(found.permission.type, EID_PERMISSION_READ);
    eid_auth_key_fini(&found);
    eid_txn_free(txn);
}

static void test_auth_doc_for_validation(void **state)
{
    test_world *world = *state;
    char text_of[EID_KEY_TEXT_MAX];
    eid_txn *txn = world_begin(world);
    eid_doc *auth = NULL;
    const eid_value *keys;

    assert_ok(eid_settings_store_auth(txn, &auth));
    keys = eid_doc_child(auth, text("keys"));
    assert_non_null(keys);
    assert_int_equal(keys->type, EID_VALUE_DOC);
    assert_non_null(eid_doc_child(keys->doc, text(eid_pubkey_text(&world->key.pub, text_of))));
    eid_doc_free(auth);
    eid_txn_free(txn);
}

static void test_error_handling(void **state)
{
    eid_auth_key record = record_of(9, NULL), found;
    eid_txn *txn = world_begin(*state);
    eid_height_strategy strategy;
    char *name = NULL;

    assert_kind(AUTH_KEY_NOT_FOUND, eid_settings_store_find_key(txn, &record.pubkey, &found));
    assert_kind(AUTH_KEY_NOT_FOUND, eid_settings_store_find_global(txn, &found));
    assert_kind(AUTH_KEY_NOT_FOUND, eid_settings_store_revoke_key(txn, &record.pubkey));
    assert_kind(AUTH_KEY_NOT_FOUND, eid_settings_store_rename_key(txn, &record.pubkey, "x"));
    assert_true(stores_delete(txn, EID_STORE_SETTINGS, "name"));
    assert_kind(KEY_NOT_FOUND, eid_settings_store_name(txn, &name));
    stores_set(txn, EID_STORE_SETTINGS, "name", "{\"Int\":1}");
    assert_kind(STORE_TYPE, eid_settings_store_name(txn, &name));
    assert_ok(eid_settings_store_strategy(txn, &strategy));
    assert_int_equal(strategy, EID_HEIGHT_INCREMENTAL);
    stores_set(txn, EID_STORE_SETTINGS, "height_strategy", "{\"Text\":\"nonsense\"}");
    assert_kind(CRDT_DECODE, eid_settings_store_strategy(txn, &strategy));
    eid_txn_free(txn);
}

static void test_auth_settings_entries_are_incremental(void **state)
{
    test_world *world = *state;
    eid_auth_key record = record_of(2, NULL);
    char text_of[EID_KEY_TEXT_MAX];
    eid_txn *txn = world_begin(world);
    eid_doc *payload = NULL;
    const eid_value *auth, *keys;
    eid_entry *entry;
    eid_id id;

    assert_ok(eid_settings_store_put_key(txn, &record));
    id = world_commit(txn);
    entry = world_entry(world, &id);
    assert_ok(eid_payload_read_doc(eid_entry_find_subtree(entry, text(EID_STORE_SETTINGS))->data,
                                   &payload));
    assert_int_equal(eid_doc_total(payload), 1); /* nothing but auth */
    auth = eid_doc_child(payload, text("auth"));
    assert_int_equal(eid_doc_total(auth->doc), 1);
    keys = eid_doc_child(auth->doc, text("keys"));
    assert_int_equal(eid_doc_total(keys->doc), 1); /* and nothing but the one key */
    assert_non_null(eid_doc_child(keys->doc, text(eid_pubkey_text(&record.pubkey, text_of))));
    eid_doc_free(payload);
    eid_entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_settings_store_creation),
        INVENTORY_TEST(test_name_operations),
        INVENTORY_TEST(test_auth_settings_integration),
        INVENTORY_TEST(test_auth_key_operations),
        INVENTORY_TEST(test_rename_auth_key),
        INVENTORY_TEST(test_multiple_auth_key_writes),
        INVENTORY_TEST(test_auth_doc_for_validation),
        INVENTORY_TEST(test_error_handling),
        INVENTORY_TEST(test_auth_settings_entries_are_incremental),
    };

    STORES_MAIN(tests);
}
