/* Inventory of spec 03: store/password_store, but for damaged ones. */
#include "tests/node/inventory_password.h"

/* -- states ------------------------------------------------------------------------------------ */

static void test_password_store_initialize(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    const char *inner;

    assert_int_equal(load(txn), EID_PASSWORD_UNINITIALIZED);
    stores_expect_type(txn, STORE, EID_TYPE_PASSWORD);
    initialize(txn, EID_TYPE_DOCSTORE);
    assert_int_equal(load(txn), EID_PASSWORD_UNLOCKED);
    assert_ok(eid_password_store_inner(txn, text(STORE), &inner));
    assert_string_equal(inner, EID_TYPE_DOCSTORE);
    world_commit(txn);
    txn = world_begin(world);
    assert_int_equal(load(txn), EID_PASSWORD_LOCKED);
    eid_txn_free(txn);
}

static void test_password_store_open_with_correct_password(void **state)
{
    eid_txn *txn;

    make(*state);
    txn = begin_unlocked(*state);
    assert_int_equal(load(txn), EID_PASSWORD_UNLOCKED);
    stores_expect(txn, STORE, "k", "{\"Text\":\"plain text\"}");
    eid_txn_free(txn);
}

static void test_password_store_open_with_wrong_password(void **state)
{
    eid_txn *txn;

    make(*state);
    txn = world_begin(*state);
    assert_kind(STORE_PASSWORD, unlock(txn, "correct horse "));
    assert_int_equal(load(txn), EID_PASSWORD_LOCKED);
    assert_ok(unlock(txn, PASSWORD));
    eid_txn_free(txn);
}

static void test_password_store_operations_on_unopened_fail(void **state)
{
    eid_value value;
    const char *inner;
    eid_doc *doc;
    eid_txn *txn = world_begin(*state);

    assert_int_equal(load(txn), EID_PASSWORD_UNINITIALIZED);
    assert_kind(STORE_OPERATION, eid_password_store_inner(txn, text(STORE), &inner));
    eid_txn_free(txn);
    make(*state);
    txn = world_begin(*state);
    assert_kind(STORE_OPERATION, eid_password_store_inner(txn, text(STORE), &inner));
    assert_kind(STORE_TYPE, eid_docstore_set_text(txn, text(STORE), "k", text("v")));
    assert_kind(STORE_TYPE, eid_table_set(txn, text(STORE), text("k"), text("1")));
    assert_kind(STORE_DECODE, eid_docstore_get(txn, text(STORE), text("k"), &value));
    assert_kind(STORE_DECODE, eid_txn_doc(txn, text(STORE), &doc));
    eid_txn_free(txn);
}

static void test_password_store_open_already_open_fails(void **state)
{
    eid_txn *txn;

    make(*state);
    txn = begin_unlocked(*state);
    assert_kind(STORE_OPERATION, unlock(txn, PASSWORD));
    stores_expect(txn, STORE, "k", "{\"Text\":\"plain text\"}"); /* and stays usable */
    eid_txn_free(txn);
}

static void test_password_store_initialize_already_initialized_fails(void **state)
{
    eid_txn *txn = world_begin(*state);

    initialize(txn, EID_TYPE_DOCSTORE);
    assert_kind(STORE_OPERATION, eid_password_store_initialize(txn, text(STORE), text("x"),
                                                               EID_TYPE_DOCSTORE, NULL));
    world_commit(txn);
    txn = world_begin(*state);
    assert_kind(STORE_OPERATION, eid_password_store_initialize(txn, text(STORE), text("x"),
                                                               EID_TYPE_DOCSTORE, NULL));
    eid_txn_free(txn);
}

static void test_password_store_open_uninitialized_fails(void **state)
{
    eid_txn *txn = world_begin(*state);

    assert_kind(STORE_OPERATION, unlock(txn, PASSWORD));
    world_commit(txn);
    txn = world_begin(*state);
    assert_int_equal(load(txn), EID_PASSWORD_UNINITIALIZED);
    assert_kind(STORE_OPERATION, unlock(txn, PASSWORD));
    eid_txn_free(txn);
}

/* -- what is stored ---------------------------------------------------------------------------- */

static void expect_config(eid_txn *txn, const char *path, const char *json)
{
    char whole[120];

    snprintf(whole, sizeof whole, STORE ".config.%s", path);
    stores_expect(txn, EID_STORE_INDEX, whole, json);
}

static void test_password_store_config_serialization(void **state)
{
    eid_txn *txn = world_begin(*state);
    char *salt, *nonce;

    initialize(txn, EID_TYPE_DOCSTORE);
    world_commit(txn);
    txn = stores_reader(*state);
    expect_config(txn, "encryption.algorithm", "{\"Text\":\"aes-256-gcm\"}");
    expect_config(txn, "encryption.kdf", "{\"Text\":\"argon2id\"}");
    expect_config(txn, "encryption.version", "{\"Text\":\"v0\"}");
    expect_config(txn, "encryption.argon2_m_cost", "{\"Int\":19456}");
    expect_config(txn, "encryption.argon2_t_cost", "{\"Int\":2}");
    expect_config(txn, "encryption.argon2_p_cost", "{\"Int\":1}");
    assert_ok(eid_docstore_text(txn, text("_index"), STORE ".config.encryption.salt", &salt));
    assert_int_equal(strlen(salt), 22);
    assert_ok(eid_docstore_text(txn, text("_index"), STORE ".config.wrapped_config.nonce", &nonce));
    assert_int_equal(strlen(nonce), 16);
    eid_free(salt);
    eid_free(nonce);
    eid_txn_free(txn);
}

static void test_password_store_encrypt_decrypt_roundtrip(void **state)
{
    eid_doc *config = stores_doc("{\"children\":{\"hint\":{\"Text\":\"config\"}}}");
    eid_txn *txn = world_begin(*state);

    assert_ok(eid_password_store_initialize(txn, text(STORE), text(""), EID_TYPE_DOCSTORE, config));
    eid_doc_free(config);
    stores_set(txn, STORE, "a", "{\"Text\":\"\\u0000 \\\" \xc3\xa9\"}");
    stores_set(txn, STORE, "b", "{\"List\":[]}");
    world_commit(txn);
    txn = world_begin(*state);
    assert_ok(eid_password_store_open(txn, text(STORE), text(""), EID_TYPE_DOCSTORE));
    stores_expect_all(
        txn, STORE,
        "{\"children\":{\"a\":{\"Text\":\"\\u0000 \\\" \xc3\xa9\"},\"b\":{\"List\":[]}}}");
    eid_txn_free(txn);
}

static void test_password_store_data_is_encrypted_in_backend(void **state)
{
    eid_id id = make(*state);
    eid_entry *entry = world_entry(*state, &id);

    assert_true(payload_of(entry).len >= 12 + 16);
    assert_false(holds(eid_entry_bytes(entry), "plain text"));
    assert_false(holds(eid_entry_bytes(entry), PASSWORD));
    assert_false(holds(eid_entry_bytes(entry), "docstore:v0")); /* what it wraps is sealed too */
    eid_entry_free(entry);
}

static eid_status on_child(void *arg, eid_slice name, const eid_value *value)
{
    fail_msg("the node shows %.*s", EID_SLICE_ARG(name));
    return EID_OK;
}

/* The node that holds the data keeps no state of it: what is decrypted lives in the transaction. */
static void test_password_store_cache_is_encrypted(void **state)
{
    test_world *world = *state;
    const eid_seam *seam = world->seam;
    eid_slice key = text("k");
    eid_doc *doc = NULL;
    eid_value value;
    eid_txn *txn;

    make(world);
    txn = begin_unlocked(world);
    stores_expect(txn, STORE, "k", "{\"Text\":\"plain text\"}");
    eid_txn_free(txn);
    assert_kind(STORE_DECODE, seam->doc(seam->self, &world->root, text(STORE), &doc));
    assert_kind(STORE_DECODE, seam->value(seam->self, &world->root, text(STORE), &key, 1, &value));
    assert_kind(STORE_DECODE, seam->children(seam->self, &world->root, text(STORE), false,
                                             EID_SLICE_EMPTY, on_child, NULL));
}

static void test_password_store_nonce_uniqueness(void **state)
{
    test_world *world = *state;
    uint8_t nonces[8][12];

    make(world);
    for (int i = 0; i < 8; i++) {
        eid_txn *txn = begin_unlocked(world);
        eid_entry *entry;
        eid_id id;

        stores_set(txn, STORE, "same", "{\"Int\":1}");
        id = world_commit(txn);
        entry = world_entry(world, &id);
        memcpy(nonces[i], payload_of(entry).at, 12);
        eid_entry_free(entry);
        for (int k = 0; k < i; k++) assert_memory_not_equal(nonces[i], nonces[k], 12);
    }
}

static void test_password_store_empty_data(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    const eid_subtree *node;
    eid_entry *entry;
    eid_id id;

    initialize(txn, EID_TYPE_DOCSTORE);
    id = world_commit(txn);
    entry = world_entry(world, &id);
    node = eid_entry_find_subtree(entry, text(STORE));
    assert_true(node && !node->has_data);
    eid_entry_free(entry);
    txn = begin_unlocked(world);
    stores_expect_all(txn, STORE, "{\"children\":{}}");
    stores_expect(txn, STORE, "k", NULL);
    eid_txn_free(txn);
}

static void test_password_store_multiple_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn, *other;

    make(world);
    txn = begin_unlocked(world);
    other = begin_unlocked(world); /* concurrently */
    stores_set(txn, STORE, "a", "{\"Int\":1}");
    stores_set(other, STORE, "b", "{\"Int\":2}");
    world_commit(txn);
    world_commit(other);
    txn = begin_unlocked(world);
    stores_expect_all(txn, STORE,
                      "{\"children\":{\"a\":{\"Int\":1},\"b\":{\"Int\":2},\"k\":{\"Text\":"
                      "\"plain text\"}}}");
    eid_txn_free(txn);
}

/* -- what is wrapped --------------------------------------------------------------------------- */

static void test_password_store_docstore_basic_operations(void **state)
{
    eid_txn *txn;
    int64_t sum;

    make(*state);
    txn = begin_unlocked(*state);
    stores_set(txn, STORE, "n", "{\"Int\":1}");
    assert_ok(eid_docstore_add(txn, text(STORE), text("n"), 2, &sum));
    assert_int_equal(sum, 3);
    assert_true(eid_docstore_has(txn, text(STORE), text("k")));
    assert_kind(STORE_TYPE, eid_table_set(txn, text(STORE), text("k"), text("1")));
    world_commit(txn);
    txn = begin_unlocked(*state);
    stores_expect(txn, STORE, "n", "{\"Int\":3}");
    eid_txn_free(txn);
}

static void test_password_store_docstore_nested_values(void **state)
{
    eid_txn *txn;

    make(*state);
    txn = begin_unlocked(*state);
    stores_set(txn, STORE, "user.profile.name", "{\"Text\":\"Ada\"}");
    world_commit(txn);
    txn = begin_unlocked(*state);
    stores_set(txn, STORE, "user.profile.age", "{\"Int\":36}");
    stores_expect(txn, STORE, "user.profile.name", "{\"Text\":\"Ada\"}");
    world_commit(txn);
    txn = begin_unlocked(*state);
    stores_expect(txn, STORE, "user.profile",
                  "{\"Doc\":{\"children\":{\"age\":{\"Int\":36},\"name\":{\"Text\":\"Ada\"}}}}");
    eid_txn_free(txn);
}

static void test_password_store_docstore_delete(void **state)
{
    eid_txn *txn;

    make(*state);
    txn = begin_unlocked(*state);
    assert_true(stores_delete(txn, STORE, "k"));
    stores_expect(txn, STORE, "k", NULL);
    assert_false(stores_delete(txn, STORE, "none"));
    world_commit(txn);
    txn = begin_unlocked(*state);
    stores_expect(txn, STORE, "k", NULL);
    stores_expect_all(txn, STORE, "{\"children\":{\"k\":\"Deleted\"}}");
    eid_txn_free(txn);
}

static void expect_row(test_world *world, const char *key, const char *wanted)
{
    eid_txn *txn = begin_unlocked(world);
    char *row = NULL;

    if (wanted) {
        assert_ok(eid_table_get(txn, text(STORE), text(key), &row));
        assert_string_equal(row, wanted);
    } else {
        assert_kind(KEY_NOT_FOUND, eid_table_get(txn, text(STORE), text(key), &row));
    }
    eid_free(row);
    eid_txn_free(txn);
}

static void make_table(test_world *world)
{
    eid_txn *txn = world_begin(world);

    initialize(txn, EID_TYPE_TABLE);
    assert_ok(eid_table_set(txn, text(STORE), text("a"), text("{\"n\":1}")));
    assert_ok(eid_table_set(txn, text(STORE), text("b"), text("{\"n\":2}")));
    world_commit(txn);
}

static eid_status on_row(void *arg, eid_slice key, eid_slice json)
{
    size_t *count = arg;

    (*count)++;
    return EID_OK;
}

static void test_password_store_table_basic_operations(void **state)
{
    eid_txn *txn;
    size_t count = 0;

    make_table(*state);
    expect_row(*state, "a", "{\"n\":1}");
    expect_row(*state, "none", NULL);
    txn = begin_unlocked(*state);
    assert_ok(eid_table_find(txn, text(STORE), text("n"), text("2"), on_row, &count));
    assert_int_equal(count, 1);
    assert_ok(eid_table_scan(txn, text(STORE), false, EID_SLICE_EMPTY, on_row, &count));
    assert_int_equal(count, 3);
    assert_kind(STORE_TYPE, eid_docstore_set_text(txn, text(STORE), "k", text("v")));
    eid_txn_free(txn);
}

static void test_password_store_table_update(void **state)
{
    eid_txn *txn;

    make_table(*state);
    txn = begin_unlocked(*state);
    assert_ok(eid_table_set(txn, text(STORE), text("a"), text("{\"n\":10}")));
    world_commit(txn);
    expect_row(*state, "a", "{\"n\":10}");
    expect_row(*state, "b", "{\"n\":2}");
}

static void test_password_store_table_delete(void **state)
{
    eid_txn *txn;
    bool was_live;

    make_table(*state);
    txn = begin_unlocked(*state);
    assert_ok(eid_table_delete(txn, text(STORE), text("a"), &was_live));
    assert_true(was_live);
    world_commit(txn);
    expect_row(*state, "a", NULL);
    expect_row(*state, "b", "{\"n\":2}");
}

/* Not in the inventory: the third thing that can be wrapped. */
static void test_password_store__wraps_a_text_document(void **state)
{
    test_world *world = *state;
    const eid_ydoc *doc;
    eid_ydoc *edit;
    eid_txn *txn = world_begin(world);
    eid_entry *entry;
    eid_id id;

    initialize(txn, EID_TYPE_YDOC);
    assert_ok(eid_ydoc_store_edit(txn, text(STORE), &edit));
    assert_ok(eid_ydoc_text_insert(edit, "t", 0, text("hidden words")));
    id = world_commit(txn);
    entry = world_entry(world, &id);
    assert_false(holds(payload_of(entry), "data"));
    eid_entry_free(entry);
    txn = begin_unlocked(world);
    assert_ok(eid_ydoc_store_edit(txn, text(STORE), &edit));
    assert_int_equal(eid_ydoc_length(edit, "t"), 12);
    assert_ok(eid_ydoc_text_delete(edit, "t", 0, 7));
    world_commit(txn);
    txn = begin_unlocked(world);
    assert_ok(eid_ydoc_store_read(txn, text(STORE), &doc));
    assert_int_equal(eid_ydoc_length(doc, "t"), 5);
    eid_txn_free(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_password_store_initialize),
        INVENTORY_TEST(test_password_store_open_with_correct_password),
        INVENTORY_TEST(test_password_store_open_with_wrong_password),
        INVENTORY_TEST(test_password_store_operations_on_unopened_fail),
        INVENTORY_TEST(test_password_store_config_serialization),
        INVENTORY_TEST(test_password_store_encrypt_decrypt_roundtrip),
        INVENTORY_TEST(test_password_store_data_is_encrypted_in_backend),
        INVENTORY_TEST(test_password_store_cache_is_encrypted),
        INVENTORY_TEST(test_password_store_nonce_uniqueness),
        INVENTORY_TEST(test_password_store_empty_data),
        INVENTORY_TEST(test_password_store_multiple_operations),
        INVENTORY_TEST(test_password_store_docstore_basic_operations),
        INVENTORY_TEST(test_password_store_docstore_nested_values),
        INVENTORY_TEST(test_password_store_docstore_delete),
        INVENTORY_TEST(test_password_store_table_basic_operations),
        INVENTORY_TEST(test_password_store_table_update),
        INVENTORY_TEST(test_password_store_table_delete),
        INVENTORY_TEST(test_password_store_open_already_open_fails),
        INVENTORY_TEST(test_password_store_initialize_already_initialized_fails),
        INVENTORY_TEST(test_password_store_open_uninitialized_fails),
        INVENTORY_TEST(test_password_store__wraps_a_text_document),
    };

    STORES_MAIN(tests);
}
