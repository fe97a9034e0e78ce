/* Inventory of spec 03: store/password_store where something is wrong; and the lines of spec 04's
 * user/builder_tests that are about encrypted stores. */
#include "tests/node/inventory_password.h"

/* The store is made anew, with another key; what was written before is still there. */
static void test_password_store_data_decryption_failure(void **state)
{
    test_world *world = *state;
    eid_doc *doc = NULL;
    eid_txn *txn;

    make(world);
    txn = world_begin(world);
    stores_set(txn, EID_STORE_INDEX, STORE, "\"Deleted\"");
    world_commit(txn);
    txn = world_begin(world);
    initialize(txn, EID_TYPE_DOCSTORE); /* another salt: another key */
    stores_set(txn, STORE, "k", "{\"Int\":1}");
    world_commit(txn);
    txn = begin_unlocked(world);
    assert_kind(STORE_SEALED, eid_txn_doc(txn, text(STORE), &doc));
    eid_txn_free(txn);
}

/* Change a member of the record (json NULL = take it away), and see what loading or opening says.
 */
static void spoil(test_world *world, const char *path, const char *json, eid_kind load_kind,
                  eid_kind open_kind)
{
    eid_password_state state = EID_PASSWORD_LOCKED;
    eid_registry_row row;
    eid_status status;
    eid_txn *txn;

    make(world);
    txn = world_begin(world);
    assert_ok(eid_registry_find(txn, text(STORE), &row));
    if (json) {
        eid_value value = stores_value(json);
        assert_ok(eid_doc_set_take(row.config, text(path), &value));
    } else {
        assert_ok(eid_doc_remove(row.config, text(path), NULL));
    }
    assert_ok(eid_registry_set_take(txn, text(STORE), NULL, &row.config));
    eid_registry_row_fini(&row);
    world_commit(txn);
    txn = world_begin(world);
    status = eid_password_store_load(txn, text(STORE), &state);
    if (load_kind != EID_KIND_NONE) {
        world_expect_kind(load_kind, status, path, __LINE__);
    } else {
        assert_ok(status);
        world_expect_kind(open_kind, unlock(txn, PASSWORD), path, __LINE__);
    }
    eid_txn_free(txn);
}

static void test_password_store_invalid_salt_config(void **state)
{
    spoil(*state, "encryption.salt", "{\"Text\":\"has blanks in it\"}", EID_KIND_NONE,
          EID_KIND_STORE_SEALED);
}

static void test_password_store_invalid_nonce_config(void **state)
{
    spoil(*state, "wrapped_config.nonce", "{\"Text\":\"AAAA\"}", EID_KIND_NONE,
          EID_KIND_STORE_CONFIG);
}

static void test_password_store_invalid_wrapped_config(void **state)
{
    spoil(*state, "wrapped_config.ciphertext", "{\"Text\":\"AAAAAAAAAAAAAAAAAAAAAAAA\"}",
          EID_KIND_NONE, EID_KIND_STORE_PASSWORD);
}

static void test_password_store_unsupported_algorithm(void **state)
{
    spoil(*state, "encryption.algorithm", "{\"Text\":\"rot13\"}", EID_KIND_STORE_CONFIG,
          EID_KIND_NONE);
}

static void test_password_store_unsupported_kdf(void **state)
{
    spoil(*state, "encryption.kdf", "{\"Text\":\"md5\"}", EID_KIND_STORE_CONFIG, EID_KIND_NONE);
}

static void test_password_store_malformed_config_json(void **state)
{
    spoil(*state, "encryption", NULL, EID_KIND_STORE_DECODE, EID_KIND_NONE);
}

/* -- user/builder_tests ------------------------------------------------------------------------ */

static eid_status init_uninitialized(void *self, eid_txn *txn)
{
    eid_password_state *state = self;

    return eid_password_store_load(txn, text(STORE), state);
}

static void test_builder_registers_password_store_uninitialized(void **state)
{
    test_world *world = *state;
    eid_password_state found = EID_PASSWORD_LOCKED;
    eid_txn *txn;

    assert_ok(eid_txn_create_database(world->seam, NULL, &world->key, init_uninitialized, &found,
                                      &world->root));
    assert_int_equal(found, EID_PASSWORD_UNINITIALIZED);
    txn = world_begin(world);
    assert_int_equal(load(txn), EID_PASSWORD_UNINITIALIZED);
    eid_txn_free(txn);
}

static eid_status init_password(void *self, eid_txn *txn)
{
    eid_status status =
        eid_password_store_initialize(txn, text(STORE), text(PASSWORD), EID_TYPE_DOCSTORE, NULL);

    if (status != EID_OK) return status;
    return eid_docstore_set_text(txn, text(STORE), "k", text("from the genesis"));
}

static void test_builder_password_store_initialize_and_roundtrip(void **state)
{
    test_world *world = *state;
    eid_entry *genesis;
    eid_txn *txn;

    assert_ok(
        eid_txn_create_database(world->seam, NULL, &world->key, init_password, NULL, &world->root));
    genesis = world_entry(world, &world->root);
    assert_false(holds(eid_entry_bytes(genesis), "from the genesis"));
    eid_entry_free(genesis);
    txn = begin_unlocked(world);
    stores_expect(txn, STORE, "k", "{\"Text\":\"from the genesis\"}");
    eid_txn_free(txn);
}

static void test_builder_password_store_wrong_password_rejected(void **state)
{
    test_world *world = *state;
    eid_txn *txn;

    assert_ok(
        eid_txn_create_database(world->seam, NULL, &world->key, init_password, NULL, &world->root));
    txn = world_begin(world);
    assert_kind(STORE_PASSWORD, unlock(txn, "wrong"));
    eid_txn_free(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_password_store_data_decryption_failure),
        INVENTORY_TEST(test_password_store_invalid_salt_config),
        INVENTORY_TEST(test_password_store_invalid_nonce_config),
        INVENTORY_TEST(test_password_store_invalid_wrapped_config),
        INVENTORY_TEST(test_password_store_unsupported_algorithm),
        INVENTORY_TEST(test_password_store_unsupported_kdf),
        INVENTORY_TEST(test_password_store_malformed_config_json),
        INVENTORY_TEST(test_builder_registers_password_store_uninitialized),
        INVENTORY_TEST(test_builder_password_store_initialize_and_roundtrip),
        INVENTORY_TEST(test_builder_password_store_wrong_password_rejected),
    };

    STORES_MAIN(tests);
}
