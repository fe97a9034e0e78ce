/* Stores seen through a transaction: names and types, staged over committed, tables, past states.
 */
#include <stdio.h>

#include "tests/node/txn_world.h"

static void test_txn_stores__show_staged_values_before_committed_ones(void **state)
{
    test_world world;
    eid_txn *txn;
    char *found = NULL;
    bool was_live;

    world_open_database(&world);
    world_set(&world, "notes", "a.b", "old");
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "a.b", text("new")));
    assert_ok(eid_docstore_text(txn, text("notes"), "a.b", &found));
    assert_string_equal(found, "new");
    eid_free(found);
    world_check(&world, "notes", "a.b", "old"); /* nobody else sees it */
    assert_ok(eid_docstore_delete(txn, text("notes"), text("a"), &was_live));
    assert_true(was_live);
    assert_kind(KEY_NOT_FOUND, eid_docstore_text(txn, text("notes"), "a.b", &found));
    assert_kind(KEY_NOT_FOUND, eid_docstore_text(txn, text("notes"), "a", &found));
    assert_ok(eid_docstore_delete(txn, text("notes"), text("a.b"), &was_live));
    assert_false(was_live);
    world_commit(txn);
    world_check(&world, "notes", "a.b", NULL);
    world_close(&world);
}

static void test_txn_stores__fall_through_to_what_staged_documents_leave_alone(void **state)
{
    test_world world;
    eid_txn *txn;
    char *found = NULL;

    world_open_database(&world);
    world_set(&world, "notes", "a.b", "old");
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "a.c", text("new")));
    assert_ok(eid_docstore_text(txn, text("notes"), "a.b", &found));
    assert_string_equal(found, "old");
    eid_free(found);
    assert_kind(STORE_TYPE, eid_docstore_text(txn, text("notes"), "a", &found));
    assert_ok(eid_docstore_set_text(txn, text("notes"), "a", text("scalar")));
    assert_kind(KEY_NOT_FOUND, eid_docstore_text(txn, text("notes"), "a.b", &found));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_stores__delete_nothing_where_nothing_is(void **state)
{
    test_world world;
    eid_txn *txn;
    bool was_live;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_docstore_delete(txn, text("notes"), text("k"), &was_live));
    assert_false(was_live);
    assert_null(eid_txn_peek_staged(txn, text("notes")));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_stores__refuse_bad_names(void **state)
{
    static const char *const names[] = {"a.b", ".", "_mine", "__settings", "\xff"};
    test_world world;
    eid_txn *txn;
    eid_id id;
    char *longest = eid_alloc(257);

    world_open_database(&world);
    assert_non_null(longest);
    memset(longest, 'n', 256);
    txn = world_begin(&world);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_kind(STORE_OPERATION, eid_txn_open_store(txn, text(names[i]), EID_TYPE_DOCSTORE));
    }
    assert_kind(STORE_OPERATION, eid_txn_open_store(txn, text(longest), EID_TYPE_DOCSTORE));
    longest[255] = 0;
    assert_ok(eid_txn_open_store(txn, text(longest), EID_TYPE_DOCSTORE));
    assert_kind(STORE_OPERATION, eid_docstore_set_text(txn, text("_root"), "k", text("v")));
    assert_ok(eid_docstore_set_text(txn, text(""), "k", text("v"))); /* spec 04 §5.2 */
    assert_kind(ENTRY_STRUCTURE, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    eid_free(longest);
    world_close(&world);
}

static void test_txn_stores__keep_the_type_they_were_made_with(void **state)
{
    test_world world;
    eid_txn *txn;

    world_open_database(&world);
    world_set(&world, "notes", "k", "v");
    txn = world_begin(&world);
    assert_kind(STORE_TYPE, eid_table_set(txn, text("notes"), text("r"), text("1")));
    assert_ok(eid_table_set(txn, text("rows"), text("r"), text("1")));
    assert_kind(STORE_TYPE, eid_docstore_set_text(txn, text("rows"), "k", text("v")));
    eid_txn_free(txn);
    world_close(&world);
}

typedef struct listing {
    char text[256];
    int left; /* calls until it stops; -1 = never */
} listing;

static void listing_add(listing *list, eid_slice a, eid_slice b)
{
    size_t len = strlen(list->text);

    snprintf(list->text + len, sizeof list->text - len, "%.*s=%.*s;", EID_SLICE_ARG(a),
             EID_SLICE_ARG(b));
}

static eid_status on_row(void *arg, eid_slice key, eid_slice json)
{
    listing *list = arg;

    listing_add(list, key, json);
    return --list->left == 0 ? EID_E_AGAIN : EID_OK;
}

static eid_status on_store(void *arg, eid_slice name, eid_slice type)
{
    listing_add(arg, name, type);
    return EID_OK;
}

static void test_txn_stores__are_listed_with_their_types(void **state)
{
    test_world world;
    listing list = {.left = -1};
    eid_txn *txn;

    world_open_database(&world);
    world_set(&world, "notes", "k", "v");
    txn = world_begin(&world);
    assert_ok(eid_txn_open_store(txn, text("rows"), EID_TYPE_TABLE));
    assert_ok(eid_registry_list(txn, on_store, &list));
    assert_string_equal(list.text, "notes=docstore:v0;rows=table:v0;");
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_stores__merge_staged_rows_into_a_scan(void **state)
{
    test_world world;
    listing list = {.left = -1};
    eid_txn *txn;
    bool was_live;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_table_set(txn, text("t"), text("b"), text(" {\"n\": 1}\n")));
    assert_ok(eid_table_set(txn, text("t"), text("d"), text("2")));
    assert_ok(eid_table_set(txn, text("t"), text("f.g"), text("3")));
    world_commit(txn);
    txn = world_begin(&world);
    assert_ok(eid_table_set(txn, text("t"), text("a"), text("4")));
    assert_ok(eid_table_set(txn, text("t"), text("d"), text("5")));
    assert_ok(eid_table_set(txn, text("t"), text("z"), text("6")));
    assert_ok(eid_table_delete(txn, text("t"), text("b"), &was_live));
    assert_true(was_live);
    assert_ok(eid_table_scan(txn, text("t"), false, EID_SLICE_EMPTY, on_row, &list));
    assert_string_equal(list.text, "a=4;d=5;f.g=3;z=6;");
    list = (listing){.left = -1};
    assert_ok(eid_table_scan(txn, text("t"), true, text("d"), on_row, &list));
    assert_string_equal(list.text, "f.g=3;z=6;");
    list = (listing){.left = 2};
    assert_ok(eid_table_scan(txn, text("t"), false, EID_SLICE_EMPTY, on_row, &list));
    assert_string_equal(list.text, "a=4;d=5;");
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_stores__keep_rows_whole_and_verbatim(void **state)
{
    test_world world;
    char key[37];
    char *row = NULL;
    eid_txn *txn;
    bool was_live;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_table_insert(txn, text("t"), text("{ \"b\":1, \"a\":[1.50] }"), key));
    assert_int_equal(strlen(key), 36);
    world_commit(txn);
    txn = world_begin(&world);
    assert_ok(eid_table_get(txn, text("t"), text(key), &row));
    assert_string_equal(row, "{ \"b\":1, \"a\":[1.50] }");
    eid_free(row);
    assert_kind(KEY_NOT_FOUND, eid_table_get(txn, text("t"), text("none"), &row));
    assert_ok(eid_table_delete(txn, text("t"), text("none"), &was_live));
    assert_false(was_live);
    assert_kind(JSON, eid_table_set(txn, text("t"), text("k"), text("{\"a\":}")));
    assert_kind(JSON, eid_table_set(txn, text("t"), text("k"), text("")));
    assert_kind(JSON, eid_table_set(txn, text("t"), text("k"), text("1 2")));
    assert_kind(STORE_OPERATION, eid_table_set(txn, text("t"), text(""), text("1")));
    eid_txn_free(txn);
    world_close(&world);
}

static void test_txn_stores__show_the_past_at_older_tips(void **state)
{
    test_world world;
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn *txn = NULL;
    char *found = NULL;
    eid_entry *entry;
    eid_id a, branch;

    world_open_database(&world);
    a = world_set(&world, "notes", "k", "one");
    world_set(&world, "notes", "k", "two");
    assert_ok(eid_idset_add(&at, &a));
    assert_ok(eid_txn_begin(world.seam, &world.root, &world.signer, &at, &txn));
    assert_ok(eid_docstore_text(txn, text("notes"), "k", &found));
    assert_string_equal(found, "one");
    eid_free(found);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "j", text("branch")));
    branch = world_commit(txn);
    entry = world_entry(&world, &branch);
    assert_int_equal(eid_entry_parents(entry).count, 1);
    assert_true(eid_id_equal(&eid_entry_parents(entry).at[0], &a));
    assert_true(eid_id_equal(&eid_entry_find_subtree(entry, text("notes"))->parents.at[0], &a));
    eid_entry_free(entry);
    world_check(&world, "notes", "k", "two");
    world_check(&world, "notes", "j", "branch");
    eid_idset_fini(&at);
    world_close(&world);
}

static void test_txn_stores__take_pin_and_settings_parents_from_the_older_tips(void **state)
{
    test_world world;
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn *txn;
    eid_entry *entry;
    eid_pin pin;
    eid_id id;

    world_open_database(&world);
    txn = world_begin(&world);
    assert_ok(eid_settings_store_set_name(txn, text("later")));
    world_commit(txn);
    assert_ok(eid_idset_add(&at, &world.root));
    assert_ok(eid_txn_begin(world.seam, &world.root, &world.signer, &at, &txn));
    assert_ok(eid_settings_store_set_name(txn, text("elsewhere")));
    id = world_commit(txn);
    entry = world_entry(&world, &id);
    assert_ok(eid_entry_pin(entry, &pin));
    assert_true(eid_id_equal(&pin.tips.at[0], &world.root));
    assert_true(eid_id_equal(&eid_entry_find_subtree(entry, text("_settings"))->parents.at[0],
                             &world.root));
    eid_pin_fini(&pin);
    eid_entry_free(entry);
    eid_idset_fini(&at);
    world_close(&world);
}

static void test_txn_stores__refuse_tips_that_are_none(void **state)
{
    test_world world;
    eid_idset at = EID_IDSET_EMPTY;
    eid_id unknown = eid_id_of_entry(text("nothing"));
    eid_id other;
    eid_txn *txn = NULL;

    world_open_database(&world);
    assert_kind(TXN_EMPTY_TIPS, eid_txn_begin(world.seam, &world.root, &world.signer, &at, &txn));
    assert_ok(eid_idset_add(&at, &unknown));
    assert_kind(ENTRY_NOT_FOUND, eid_txn_begin(world.seam, &world.root, &world.signer, &at, &txn));
    assert_ok(eid_txn_create_database(world.seam, NULL, &world.key, NULL, NULL, &other));
    eid_idset_fini(&at);
    assert_ok(eid_idset_add(&at, &other));
    assert_kind(TXN_TIP, eid_txn_begin(world.seam, &world.root, &world.signer, &at, &txn));
    assert_null(txn);
    eid_idset_fini(&at);
    world_close(&world);
}

static void test_txn_stores__revoke_and_rename_keys_in_place(void **state)
{
    test_world world;
    eid_key other;
    eid_policy *policy = NULL;
    const eid_auth_key *key;
    eid_txn *txn;

    world_open_database(&world);
    world_key(2, &other);
    world_grant(&world, &other.pub, (eid_permission){EID_PERMISSION_WRITE, 7});
    txn = world_begin(&world);
    assert_ok(eid_settings_store_rename_key(txn, &other.pub, "laptop"));
    assert_ok(eid_settings_store_revoke_key(txn, &other.pub));
    assert_ok(eid_settings_store_policy(txn, &policy));
    key = eid_policy_find(policy, &other.pub, NULL);
    assert_non_null(key);
    assert_string_equal(key->name, "laptop");
    assert_int_equal(key->status, EID_KEY_REVOKED);
    assert_int_equal(key->permission.priority, 7);
    world_key(3, &other);
    assert_kind(AUTH_KEY_NOT_FOUND, eid_settings_store_revoke_key(txn, &other.pub));
    assert_kind(AUTH_KEY_NOT_FOUND, eid_settings_store_revoke_global(txn));
    eid_policy_free(policy);
    eid_txn_free(txn);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_txn_stores__show_staged_values_before_committed_ones),
        cmocka_unit_test(test_txn_stores__fall_through_to_what_staged_documents_leave_alone),
        cmocka_unit_test(test_txn_stores__delete_nothing_where_nothing_is),
        cmocka_unit_test(test_txn_stores__refuse_bad_names),
        cmocka_unit_test(test_txn_stores__keep_the_type_they_were_made_with),
        cmocka_unit_test(test_txn_stores__are_listed_with_their_types),
        cmocka_unit_test(test_txn_stores__merge_staged_rows_into_a_scan),
        cmocka_unit_test(test_txn_stores__keep_rows_whole_and_verbatim),
        cmocka_unit_test(test_txn_stores__show_the_past_at_older_tips),
        cmocka_unit_test(test_txn_stores__take_pin_and_settings_parents_from_the_older_tips),
        cmocka_unit_test(test_txn_stores__refuse_tips_that_are_none),
        cmocka_unit_test(test_txn_stores__revoke_and_rename_keys_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
