/* Cursors on the documents of a transaction: what they read is merged, what they write is staged.
 */
#include "tests/node/inventory_stores.h"

static void test_value_editor__reads_merged_and_writes_staged(void **state)
{
    test_world *world = *state;
    eid_value_editor base;
    eid_editor root, user, age;
    eid_value value;
    eid_txn *txn;

    stores_write(world, "d", "user", "{\"Doc\":{\"children\":{\"name\":{\"Text\":\"Ada\"}}}}");
    txn = world_begin(world);
    eid_value_editor_init(&base, txn, text("d"));
    root = eid_editor_root(&base.target);
    user = eid_editor_child(&root, text("user"));
    age = eid_editor_child(&user, text("age"));
    assert_kind(KEY_NOT_FOUND, eid_editor_get(&age, &value));
    value = eid_value_of_int(36);
    assert_ok(eid_editor_set_take(&age, &value));
    assert_ok(eid_editor_get(&user, &value)); /* unlike eid_docstore_get(), merged */
    stores_expect_value(
        &value, "{\"Doc\":{\"children\":{\"age\":{\"Int\":36},\"name\":{\"Text\":\"Ada\"}}}}");
    eid_value_fini(&value);
    stores_expect(txn, "d", "user", "{\"Doc\":{\"children\":{\"age\":{\"Int\":36}}}}");
    assert_ok(eid_editor_delete_child(&user, text("name")));
    assert_kind(KEY_NOT_FOUND, eid_editor_get_child(&user, text("name"), &value));
    world_commit(txn);
    stores_expect_all_now(world, "d",
                          "{\"children\":{\"user\":{\"Doc\":{\"children\":{\"age\":{\"Int\":36},"
                          "\"name\":\"Deleted\"}}}}}");
}

static void test_value_editor__replaces_what_is_staged_at_the_root(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_value value = stores_value("{\"Doc\":{\"children\":{\"b\":{\"Int\":2}}}}");

    stores_set(txn, "d", "a", "{\"Int\":1}");
    assert_ok(eid_docstore_set_at_take(txn, text("d"), NULL, 0, &value));
    stores_expect_all(txn, "d", "{\"children\":{\"b\":{\"Int\":2}}}");
    value = eid_value_of_int(1);
    assert_kind(STORE_TYPE, eid_docstore_set_at_take(txn, text("d"), NULL, 0, &value));
    assert_kind(STORE_TYPE, eid_docstore_delete_at(txn, text("d"), NULL, 0));
    stores_expect_all(txn, "d", "{\"children\":{\"b\":{\"Int\":2}}}");
    eid_txn_free(txn);
}

static void test_value_editor__bounds_its_keys(void **state)
{
    eid_txn *txn = world_begin(*state);
    eid_slice keys[EID_EDITOR_KEYS_MAX + 1];
    eid_value value = eid_value_of_int(1);

    for (size_t i = 0; i <= EID_EDITOR_KEYS_MAX; i++) keys[i] = text("k");
    assert_kind(LIMIT,
                eid_docstore_set_at_take(txn, text("d"), keys, EID_EDITOR_KEYS_MAX + 1, &value));
    assert_kind(CRDT_DEPTH,
                eid_docstore_set_at_take(txn, text("d"), keys, EID_EDITOR_KEYS_MAX, &value));
    assert_ok(eid_docstore_set_at_take(txn, text("d"), keys, EID_DOC_DEPTH_MAX, &value));
    assert_ok(eid_docstore_get_at(txn, text("d"), keys, EID_DOC_DEPTH_MAX, &value));
    assert_int_equal(value.integer, 1);
    assert_ok(eid_docstore_delete_at(txn, text("d"), keys, 2));
    assert_kind(KEY_NOT_FOUND, eid_docstore_get_at(txn, text("d"), keys, 3, &value));
    eid_txn_free(txn);
}

/* An encrypted document is edited like another. */
static void test_value_editor__works_in_encrypted_documents(void **state)
{
    eid_slice keys[] = {text("a"), text("b")};
    eid_value value = eid_value_of_int(1);
    eid_txn *txn = world_begin(*state);

    assert_ok(eid_password_store_initialize(txn, text("p"), text("x"), EID_TYPE_DOCSTORE, NULL));
    assert_ok(eid_docstore_set_at_take(txn, text("p"), keys, 2, &value));
    assert_ok(eid_docstore_get_at(txn, text("p"), keys, 1, &value));
    stores_expect_value(&value, "{\"Doc\":{\"children\":{\"b\":{\"Int\":1}}}}");
    eid_value_fini(&value);
    eid_txn_free(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_value_editor__reads_merged_and_writes_staged),
        INVENTORY_TEST(test_value_editor__replaces_what_is_staged_at_the_root),
        INVENTORY_TEST(test_value_editor__bounds_its_keys),
        INVENTORY_TEST(test_value_editor__works_in_encrypted_documents),
    };

    STORES_MAIN(tests);
}
