/* Inventory of spec 04, instance "basic_operations" and "settings_operations": values of many kinds
 * over several commits, through the public interface. */
#include "tests/node/api_world.h"

static void set(eidetica_db *db, const char *store, const char *path, const char *value)
{
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_doc_set_text(txn, store, path, value));
    api_commit(txn);
}

static void check(eidetica_db *db, const char *store, const char *path, const char *value)
{
    char quoted[600];

    snprintf(quoted, sizeof quoted, "\"%s\"", value);
    api_check(db, store, path, quoted);
}

static void missing(eidetica_db *db, const char *store, const char *path)
{
    char *json = NULL;

    assert_status(NOT_FOUND, eidetica_doc_get(db, store, path, &json));
    assert_null(json);
}

/* Pairs of path and value, in one entry. */
static void set_all(eidetica_db *db, const char *store, const char *const (*pairs)[2], size_t count)
{
    eidetica_txn *txn = api_begin(db);

    for (size_t i = 0; i < count; i++) {
        assert_ok(eidetica_doc_set_text(txn, store, pairs[i][0], pairs[i][1]));
    }
    api_commit(txn);
}

static void check_all(eidetica_db *db, const char *store, const char *const (*pairs)[2],
                      size_t count)
{
    for (size_t i = 0; i < count; i++) check(db, store, pairs[i][0], pairs[i][1]);
}

/* -- basic_operations.rs ----------------------------------------------------------------------- */

static void test_basic_subtree_modification(void **state)
{
    eidetica_db *db = api_db(*state, "basic");

    set(db, "data", "k", "first");
    check(db, "data", "k", "first");
    set(db, "data", "k", "second");
    check(db, "data", "k", "second");
    eidetica_db_close(db);
}

static void test_subtree_operations_using_helpers(void **state)
{
    eidetica_db *db = api_db(*state, "helpers");

    set(db, "one", "k", "1");
    set(db, "two", "k", "2");
    check(db, "one", "k", "1");
    check(db, "two", "k", "2");
    missing(db, "three", "k");
    eidetica_db_close(db);
}

static void test_user_profile_creation(void **state)
{
    static const char *const profile[][2] = {
        {"name", "Ada"}, {"email", "ada@example.org"}, {"address.city", "London"}};
    eidetica_db *db = api_db(*state, "profile");

    set_all(db, "profile", profile, 3);
    check_all(db, "profile", profile, 3);
    api_check(db, "profile", "address", "{\"city\":\"London\"}");
    eidetica_db_close(db);
}

static void test_application_configuration(void **state)
{
    eidetica_db *db = api_db(*state, "config");
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_doc_set(txn, "config", "debug", "true"));
    assert_ok(eidetica_doc_set(txn, "config", "limits", "{\"users\":10,\"names\":[\"a\",\"b\"]}"));
    api_commit(txn);
    api_check(db, "config", "debug", "true");
    api_check(db, "config", "limits.users", "10");
    api_check(db, "config", "limits.names", "[\"a\",\"b\"]");
    eidetica_db_close(db);
}

static void test_multiple_subtree_operations(void **state)
{
    eidetica_db *db = api_db(*state, "many");
    eidetica_txn *txn = api_begin(db);
    char store[24];

    for (int i = 0; i < 8; i++) {
        snprintf(store, sizeof store, "store%d", i);
        assert_ok(eidetica_doc_set_text(txn, store, "k", store));
    }
    api_commit(txn);
    for (int i = 0; i < 8; i++) {
        snprintf(store, sizeof store, "store%d", i);
        check(db, store, "k", store);
    }
    eidetica_db_close(db);
}

static void test_data_persistence_across_operations(void **state)
{
    eidetica_db *db = api_db(*state, "persists");

    set(db, "data", "old", "kept");
    for (int i = 0; i < 5; i++) set(db, "data", "new", "changes");
    check(db, "data", "old", "kept");
    check(db, "data", "new", "changes");
    eidetica_db_close(db);
}

static void test_data_operations_with_special_characters(void **state)
{
    static const char *const pairs[][2] = {{"ключ", "значение"},
                                           {"emoji", "🎉 ünïcödé"},
                                           {"spaces in key", "  kept  "},
                                           {"symbols", "!@#$%^&*()_+-=[]{};':,<>/?"}};
    eidetica_db *db = api_db(*state, "special");
    eidetica_txn *txn = api_begin(db);

    set_all(db, "data", pairs, 4);
    check_all(db, "data", pairs, 4);
    assert_ok(eidetica_doc_set(txn, "data", "escaped", "\"line\\nquote\\\"back\\\\slash\""));
    api_commit(txn);
    api_check(db, "data", "escaped", "\"line\\nquote\\\"back\\\\slash\"");
    eidetica_db_close(db);
}

static void test_data_overwrite_operations(void **state)
{
    eidetica_db *db = api_db(*state, "overwrite");

    api_set(db, "k", "\"text\"");
    api_set(db, "k", "42");
    api_check(db, "data", "k", "42");
    api_set(db, "k", "{\"a\":1}");
    api_set(db, "k.b", "2");
    api_check(db, "data", "k", "{\"a\":1,\"b\":2}");
    api_set(db, "k", "null");
    api_check(db, "data", "k", "null");
    eidetica_db_close(db);
}

static void test_large_data_operations(void **state)
{
    eidetica_db *db = api_db(*state, "large");
    eidetica_txn *txn = api_begin(db);
    char key[16], value[512];

    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = 0;
    for (int i = 0; i < 150; i++) {
        snprintf(key, sizeof key, "key%d", i);
        assert_ok(eidetica_doc_set_text(txn, "data", key, value));
    }
    api_commit(txn);
    for (int i = 0; i < 150; i += 37) {
        snprintf(key, sizeof key, "key%d", i);
        check(db, "data", key, value);
    }
    missing(db, "data", "key150");
    eidetica_db_close(db);
}

static void test_empty_and_edge_case_operations(void **state)
{
    eidetica_db *db = api_db(*state, "edges");
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_doc_set_text(txn, "data", "empty", ""));
    assert_ok(eidetica_doc_set(txn, "data", "list", "[]"));
    assert_ok(eidetica_doc_set(txn, "data", "doc", "{}"));
    assert_ok(eidetica_doc_set(txn, "data", "least", "-9223372036854775808"));
    api_commit(txn);
    check(db, "data", "empty", "");
    api_check(db, "data", "list", "[]");
    api_check(db, "data", "doc", "{}");
    api_check(db, "data", "least", "-9223372036854775808");
    missing(db, "data", "nothing");
    eidetica_db_close(db);
}

static void test_basic_operations_integration(void **state)
{
    eidetica_db *db = api_db(*state, "integration");
    eidetica_txn *txn;

    set(db, "users", "ada", "admin");
    set(db, "posts", "one", "hello");
    txn = api_begin(db);
    assert_ok(eidetica_doc_set_text(txn, "users", "ben", "reader"));
    assert_ok(eidetica_doc_delete(txn, "posts", "one"));
    api_commit(txn);
    check(db, "users", "ada", "admin");
    check(db, "users", "ben", "reader");
    missing(db, "posts", "one");
    eidetica_db_close(db);
}

/* -- settings_operations.rs -------------------------------------------------------------------- */

#define SETTINGS "_settings"

static void test_create_tree_with_initial_settings(void **state)
{
    eidetica_db *db = api_db(*state, "named");

    check(db, SETTINGS, "name", "named");
    eidetica_db_close(db);
}

static void test_settings_using_helpers(void **state)
{
    eidetica_db *db = api_db(*state, "settings");

    set(db, SETTINGS, "theme", "dark");
    check(db, SETTINGS, "theme", "dark");
    check(db, SETTINGS, "name", "settings");
    eidetica_db_close(db);
}

static void test_multiple_settings_updates(void **state)
{
    static const char *const pairs[][2] = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
    eidetica_db *db = api_db(*state, "updates");

    for (size_t i = 0; i < 3; i++) set(db, SETTINGS, pairs[i][0], pairs[i][1]);
    check_all(db, SETTINGS, pairs, 3); /* they accumulate */
    eidetica_db_close(db);
}

static void test_settings_overwrite(void **state)
{
    eidetica_db *db = api_db(*state, "before");

    set(db, SETTINGS, "name", "after");
    check(db, SETTINGS, "name", "after");
    eidetica_db_close(db);
}

static void give_info(void *self, const eidetica_db_info *info)
{
    assert_string_equal(info->name, self);
    assert_string_equal(info->permission, "admin:0");
    assert_int_equal(info->tip_count, 1);
}

static void test_metadata_helper_functions(void **state)
{
    eidetica_db *db = api_db(*state, "metadata");

    assert_ok(eidetica_db_describe(db, give_info, (void *)(uintptr_t) "metadata"));
    set(db, SETTINGS, "name", "renamed");
    assert_ok(eidetica_db_describe(db, give_info, (void *)(uintptr_t) "renamed"));
    eidetica_db_close(db);
}

static void test_settings_with_complex_values(void **state)
{
    eidetica_db *db = api_db(*state, "complex");
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_doc_set(txn, SETTINGS, "limits", "{\"rows\":10,\"tags\":[1,true,null]}"));
    api_commit(txn);
    api_check(db, SETTINGS, "limits.rows", "10");
    api_check(db, SETTINGS, "limits.tags", "[1,true,null]");
    eidetica_db_close(db);
}

static void test_settings_persistence_across_operations(void **state)
{
    eidetica_db *db = api_db(*state, "persists");

    set(db, SETTINGS, "theme", "dark");
    set(db, "data", "k", "v");
    set(db, "data", "k", "w");
    check(db, SETTINGS, "theme", "dark");
    eidetica_db_close(db);
}

static void test_settings_in_multiple_trees(void **state)
{
    eidetica_db *one = api_db(*state, "one"), *two = api_db(*state, "two");

    set(one, SETTINGS, "theme", "dark");
    set(two, SETTINGS, "theme", "light");
    check(one, SETTINGS, "theme", "dark");
    check(two, SETTINGS, "theme", "light");
    eidetica_db_close(one);
    eidetica_db_close(two);
}

static void test_empty_and_edge_case_settings(void **state)
{
    eidetica_db *db = api_db(*state, "");

    check(db, SETTINGS, "name", "");
    set(db, SETTINGS, "empty", "");
    check(db, SETTINGS, "empty", "");
    missing(db, SETTINGS, "nothing");
    eidetica_db_close(db);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, api_setup, api_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(test_basic_subtree_modification),
        HERE(test_subtree_operations_using_helpers),
        HERE(test_user_profile_creation),
        HERE(test_application_configuration),
        HERE(test_multiple_subtree_operations),
        HERE(test_data_persistence_across_operations),
        HERE(test_data_operations_with_special_characters),
        HERE(test_data_overwrite_operations),
        HERE(test_large_data_operations),
        HERE(test_empty_and_edge_case_operations),
        HERE(test_basic_operations_integration),
        HERE(test_create_tree_with_initial_settings),
        HERE(test_settings_using_helpers),
        HERE(test_multiple_settings_updates),
        HERE(test_settings_overwrite),
        HERE(test_metadata_helper_functions),
        HERE(test_settings_with_complex_values),
        HERE(test_settings_persistence_across_operations),
        HERE(test_settings_in_multiple_trees),
        HERE(test_empty_and_edge_case_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
