/* Inventory of spec 04, "transaction": staging, stores, anchors, errors, and who signs. */
#include "tests/node/inventory.h"

/* -- transaction/tests.rs, errors.rs ----------------------------------------------------------- */

static void test_prevent_auth_corruption(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    bool was_live;
    eid_id id;

    inventory_stage(txn, "_settings", "auth", "no document");
    assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    txn = world_begin(world);
    assert_ok(eid_docstore_delete(txn, text("_settings"), text("auth"), &was_live));
    assert_true(was_live);
    assert_kind(TXN_AUTH_CORRUPT, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    world_set(world, "notes", "k", "still writable");
    world_check(world, "notes", "k", "still writable");
}

static void test_error_classification(void **state)
{
    static const struct {
        eid_kind kind;
        eid_status status;
        const char *label;
    } kinds[] = {
        {EID_KIND_TXN_COMMITTED, EID_E_STATE, "TransactionAlreadyCommitted"},
        {EID_KIND_TXN_EMPTY_TIPS, EID_E_INVALID, "EmptyTipsNotAllowed"},
        {EID_KIND_TXN_TIP, EID_E_INVALID, "InvalidTip"},
        {EID_KIND_TXN_NO_KEY, EID_E_DENIED, "AuthenticationRequired"},
        {EID_KIND_TXN_REFUSED, EID_E_DENIED, "EntryValidationFailed"},
        {EID_KIND_TXN_AUTH_CORRUPT, EID_E_INVALID, "CorruptedAuthConfiguration"},
        {EID_KIND_TXN_STORE_DECODE, EID_E_MALFORMED, "StoreDeserializationFailed"},
        {EID_KIND_TXN_LOCKED_STORE, EID_E_STATE, "SystemSubtreeLocked"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_string_equal(eid_kind_module(kinds[i].kind), "transaction");
        assert_string_equal(eid_kind_label(kinds[i].kind), kinds[i].label);
        assert_int_equal(eid_kind_status(kinds[i].kind), kinds[i].status);
    }
}

static void test_already_committed(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id first, second;

    inventory_stage(txn, "notes", "k", "v");
    assert_ok(eid_txn_commit(txn, EID_DURABLE_ASYNC, &first));
    assert_kind(TXN_COMMITTED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &second));
    assert_true(eid_id_is_empty(&second));
    inventory_expect_tips(world, &first, 1);
    eid_txn_free(txn);
}

/* What an error is about is in its text: the store, the tip, the key. */
static void test_key_name_extraction(void **state)
{
    test_world *world = *state;
    eid_id absent = eid_id_of_entry(text("absent"));
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn *txn = world_begin(world);

    assert_kind(KEY_NOT_FOUND, eid_txn_get(txn, text("notes"), text("a.b"), &(eid_value){0}));
    assert_non_null(strstr(eid_status_detail(EID_E_NOT_FOUND).text, "notes"));
    assert_non_null(strstr(eid_status_detail(EID_E_NOT_FOUND).text, "a.b"));
    eid_txn_free(txn);
    assert_ok(eid_idset_add(&at, &absent));
    assert_kind(ENTRY_NOT_FOUND,
                eid_txn_begin(world->seam, &world->root, &world->signer, &at, &txn));
    assert_non_null(strstr(eid_status_detail(EID_E_NOT_FOUND).text, eid_id_str(&absent)));
    eid_idset_fini(&at);
}

/* -- auth/integration.rs ----------------------------------------------------------------------- */

static void test_authenticated_operations(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "notes", "k", "v");

    inventory_expect_signer(world, &world->root, &world->key);
    inventory_expect_signer(world, &id, &world->key);
}

static void test_mandatory_authentication(void **state)
{
    test_world *world = *state;
    eid_txn *txn = NULL;
    eid_id id;

    assert_ok(eid_txn_begin(world->seam, &world->root, NULL, NULL, &txn));
    inventory_stage(txn, "notes", "k", "v");
    assert_kind(TXN_NO_KEY, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    id = world_set(world, "notes", "k", "v");
    inventory_expect_signer(world, &id, &world->key);
}

static void test_validation_pipeline_with_concurrent_settings_changes(void **state)
{
    test_world *world = *state;
    eid_key second;
    eid_txn *txn, *early;
    eid_id id, settings;

    world_key(2, &second);
    early = inventory_begin_as(world, &second); /* before it may write */
    world_grant(world, &second.pub, (eid_permission){EID_PERMISSION_WRITE, 10});
    settings = inventory_tip(world);
    txn = inventory_begin_as(world, &second);
    inventory_stage(txn, "notes", "k", "v");
    id = world_commit(txn);
    inventory_expect_signer(world, &settings, &world->key);
    inventory_expect_signer(world, &id, &second);
    inventory_expect_pin(world, &id, &settings, 1);
    inventory_stage(early, "notes", "k", "too early");
    assert_kind(TXN_REFUSED, eid_txn_commit(early, EID_DURABLE_ASYNC, &id));
    eid_txn_free(early);
    eid_key_wipe(&second);
}

/* -- basic_operations.rs ----------------------------------------------------------------------- */

static void test_transaction_through_dict(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    inventory_stage(txn, "dict", "key", "value");
    inventory_expect(txn, "dict", "key", "value");
    (void)world_commit(txn);
    txn = world_begin(world);
    inventory_expect(txn, "dict", "key", "value");
    eid_txn_free(txn);
}

static void test_transaction_multiple_subtrees(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_entry *entry;
    eid_id id;

    inventory_stage(txn, "users", "name", "Ada");
    inventory_stage(txn, "posts", "title", "first");
    id = world_commit(txn);
    entry = world_entry(world, &id);
    assert_non_null(eid_entry_find_subtree(entry, text("users")));
    assert_non_null(eid_entry_find_subtree(entry, text("posts")));
    eid_entry_free(entry);
    world_check(world, "users", "name", "Ada");
    world_check(world, "posts", "title", "first");
}

static void test_transaction_empty_subtree_removal(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    eid_entry *entry;
    eid_id id;

    world_set(world, "empty", "k", "v");
    txn = world_begin(world);
    assert_ok(eid_txn_open_store(txn, text("empty"), EID_TYPE_DOCSTORE));
    inventory_stage(txn, "data", "k", "v");
    id = world_commit(txn);
    entry = world_entry(world, &id);
    assert_null(eid_entry_find_subtree(entry, text("empty")));
    assert_non_null(eid_entry_find_subtree(entry, text("data")));
    eid_entry_free(entry);
    world_check(world, "empty", "other", NULL);
}

static void test_transaction_parent_relationships(void **state)
{
    test_world *world = *state;
    eid_id first = world_set(world, "data", "one", "1");
    eid_id second = world_set(world, "data", "two", "2");
    eid_id third = world_set(world, "data", "three", "3");

    inventory_expect_parents(world, &first, &world->root, 1);
    inventory_expect_parents(world, &second, &first, 1);
    inventory_expect_parents(world, &third, &second, 1);
    world_check(world, "data", "one", "1");
    world_check(world, "data", "two", "2");
    world_check(world, "data", "three", "3");
}

/* -- custom_tips.rs ---------------------------------------------------------------------------- */

static void test_transaction_with_custom_tips(void **state)
{
    test_world *world = *state;
    eid_id a = world_set(world, "data", "k", "a");
    eid_id b = world_set(world, "data", "k", "b");
    eid_id branch;
    eid_txn *txn = inventory_begin_at(world, &a, 1);

    inventory_expect(txn, "data", "k", "a");
    inventory_stage(txn, "data", "other", "branch");
    branch = world_commit(txn);
    inventory_expect_parents(world, &branch, &a, 1);
    inventory_expect_tips(world, (eid_id[]){b, branch}, 2);
    inventory_expect_at(world, &branch, 1, "data", "k", "a");
    world_check(world, "data", "k", "b");
    world_check(world, "data", "other", "branch");
}

static void test_transaction_multiple_subtrees_with_custom_tips(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "common", "k", "base");
    eid_id left = inventory_set_at(world, &base, 1, "users", "name", "Ada");
    eid_id right = inventory_set_at(world, &base, 1, "posts", "title", "first");
    eid_id merged;
    eid_txn *txn = inventory_begin_at(world, (eid_id[]){left, right}, 2);

    inventory_expect(txn, "common", "k", "base");
    inventory_expect(txn, "users", "name", "Ada");
    inventory_expect(txn, "posts", "title", "first");
    inventory_stage(txn, "common", "k", "merged");
    merged = world_commit(txn);
    inventory_expect_parents(world, &merged, (eid_id[]){left, right}, 2);
    inventory_expect_at(world, &left, 1, "posts", "title", NULL);
    world_check(world, "common", "k", "merged");
}

static void test_transaction_custom_tips_subtree_in_ancestors_not_tips(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "base", "1");
    eid_id has = inventory_set_at(world, &base, 1, "data", "left", "2");
    eid_id lacks = inventory_set_at(world, &base, 1, "other", "x", "3");
    eid_txn *txn = inventory_begin_at(world, (eid_id[]){has, lacks}, 2);

    inventory_expect(txn, "data", "base", "1");
    inventory_expect(txn, "data", "left", "2");
    inventory_expect(txn, "other", "x", "3");
    eid_txn_free(txn);
}

static void test_transaction_custom_tips_no_subtree_data_in_tips(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "base", "1");
    eid_id left = inventory_set_at(world, &base, 1, "one", "x", "2");
    eid_id right = inventory_set_at(world, &base, 1, "two", "y", "3");
    eid_txn *txn = inventory_begin_at(world, (eid_id[]){left, right}, 2);
    eid_entry *entry;
    eid_id id;

    inventory_expect(txn, "data", "base", "1");
    inventory_stage(txn, "data", "base", "4");
    id = world_commit(txn);
    entry = world_entry(world, &id);
    assert_int_equal(eid_entry_find_subtree(entry, text("data"))->parents.count, 1);
    assert_true(eid_id_equal(&eid_entry_find_subtree(entry, text("data"))->parents.at[0], &base));
    eid_entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_prevent_auth_corruption),
        INVENTORY_TEST(test_error_classification),
        INVENTORY_TEST(test_already_committed),
        INVENTORY_TEST(test_key_name_extraction),
        INVENTORY_TEST(test_authenticated_operations),
        INVENTORY_TEST(test_mandatory_authentication),
        INVENTORY_TEST(test_validation_pipeline_with_concurrent_settings_changes),
        INVENTORY_TEST(test_transaction_through_dict),
        INVENTORY_TEST(test_transaction_multiple_subtrees),
        INVENTORY_TEST(test_transaction_empty_subtree_removal),
        INVENTORY_TEST(test_transaction_parent_relationships),
        INVENTORY_TEST(test_transaction_with_custom_tips),
        INVENTORY_TEST(test_transaction_multiple_subtrees_with_custom_tips),
        INVENTORY_TEST(test_transaction_custom_tips_subtree_in_ancestors_not_tips),
        INVENTORY_TEST(test_transaction_custom_tips_no_subtree_data_in_tips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
