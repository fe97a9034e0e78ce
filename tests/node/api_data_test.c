/* Documents, tables and transactions through the public interface. */
#include "tests/node/api_world.h"

static void test_doc__values_come_back_as_they_went(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    const char *values[] = {"null", "true", "42", "\"text\"", "{\"a\":{\"b\":1}}", "[1,[2,\"x\"]]"};
    eidetica_txn *txn = api_begin(db);
    char path[20];

    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "in.v%d", i);
        assert_ok(eidetica_doc_set(txn, "data", path, values[i]));
    }
    api_commit(txn);
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "in.v%d", i);
        api_check(db, "data", path, values[i]);
    }
    api_check(db, "data", "in.v4.a.b", "1");
    api_check(db, "data", "in.v5.1.1", "\"x\"");
    eidetica_db_close(db);
}

static void test_doc__whole_store_and_delete(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn;
    char *json;

    api_set(db, "a", "1");
    api_set(db, "b", "2");
    api_check(db, "data", NULL, "{\"a\":1,\"b\":2}");
    txn = api_begin(db);
    assert_ok(eidetica_doc_delete(txn, "data", "a"));
    assert_kind(KEY_NOT_FOUND, eidetica_doc_delete(txn, "data", "none"));
    assert_ok(eidetica_txn_doc_get(txn, "data", "", &json));
    assert_string_equal(json, "{\"b\":2}");
    eidetica_free(json);
    api_check(db, "data", "", "{\"a\":1,\"b\":2}");
    api_commit(txn);
    assert_kind(KEY_NOT_FOUND, eidetica_doc_get(db, "data", "a", &json));
    assert_null(json);
    assert_kind(KEY_NOT_FOUND, eidetica_doc_get(db, "nothing", NULL, &json));
    api_check(db, "_settings", "name", "\"notes\"");
    eidetica_db_close(db);
}

static void test_doc__bad_arguments_are_told(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);

    assert_kind(JSON, eidetica_doc_set(txn, "data", "a", "{"));
    assert_kind(ARGUMENT, eidetica_doc_set(txn, "data", "a", NULL));
    assert_kind(STORE_OPERATION, eidetica_doc_set(txn, "_index", "a", "1"));
    assert_status(INVALID, eidetica_doc_set(txn, "_own", "a", "1"));
    assert_ok(eidetica_doc_set(txn, "data", "a", "1"));
    assert_kind(STORE_TYPE, eidetica_table_set(txn, "data", "k", "1"));
    eidetica_txn_free(txn);
    eidetica_db_close(db);
}

static void test_txn__changes_are_seen_inside_and_only_there(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char *json, *entry;

    assert_ok(eidetica_doc_set_text(txn, "data", "say", "\"hello\""));
    assert_ok(eidetica_txn_doc_get(txn, "data", "say", &json));
    assert_string_equal(json, "\"\\\"hello\\\"\"");
    eidetica_free(json);
    assert_status(NOT_FOUND, eidetica_doc_get(db, "data", "say", &json));
    assert_ok(eidetica_txn_commit(txn, &entry));
    assert_int_equal(strncmp(entry, "bafyr4i", 7), 0);
    eidetica_free(entry);
    assert_kind(TXN_COMMITTED, eidetica_txn_commit(txn, NULL));
    eidetica_txn_free(txn);
    api_check(db, "data", "say", "\"\\\"hello\\\"\"");
    eidetica_db_close(db);
}

static void test_txn__two_that_began_together_both_stay(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *one = api_begin(db), *two = api_begin(db);

    assert_ok(eidetica_doc_set(one, "data", "one", "1"));
    assert_ok(eidetica_doc_set(two, "data", "two", "2"));
    api_commit(one);
    api_commit(two);
    api_check(db, "data", NULL, "{\"one\":1,\"two\":2}");
    assert_ok(eidetica_sync_disk(((api_world *)*state)->node));
    eidetica_db_close(db);
}

typedef struct rows {
    int count, max;
    char text[400];
} rows;

static bool rows_add(void *self, const char *key, const char *json)
{
    rows *all = self;
    size_t at = strlen(all->text);

    snprintf(all->text + at, sizeof all->text - at, "%s=%s;", key, json);
    return ++all->count < all->max;
}

static void test_table__rows_stream_in_key_order(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    rows all = {0, 100, ""}, first = {0, 2, ""}, rest = {0, 100, ""};

    assert_ok(eidetica_table_set(txn, "tasks", "c", "3"));
    assert_ok(eidetica_table_set(txn, "tasks", "a.b", "{\"x\":[1, 2]}"));
    assert_ok(eidetica_table_set(txn, "tasks", "b", "\"two\""));
    api_commit(txn);
    assert_ok(eidetica_table_rows(db, "tasks", NULL, rows_add, &all));
    assert_string_equal(all.text, "a.b={\"x\":[1, 2]};b=\"two\";c=3;");
    assert_ok(eidetica_table_rows(db, "tasks", NULL, rows_add, &first));
    assert_string_equal(first.text, "a.b={\"x\":[1, 2]};b=\"two\";");
    assert_ok(eidetica_table_rows(db, "tasks", "b", rows_add, &rest));
    assert_string_equal(rest.text, "c=3;");
    rest = (rows){0, 100, ""};
    assert_ok(eidetica_stores(db, rows_add, &rest));
    assert_string_equal(rest.text, "tasks=table:v0;");
    eidetica_db_close(db);
}

static void test_table__rows_are_got_replaced_and_deleted(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char *key, *json;

    assert_ok(eidetica_table_insert(txn, "tasks", "{\"n\":1}", &key));
    assert_int_equal(strlen(key), 36);
    assert_ok(eidetica_txn_table_get(txn, "tasks", key, &json));
    eidetica_free(json);
    api_commit(txn);
    txn = api_begin(db);
    assert_ok(eidetica_table_set(txn, "tasks", key, "{\"n\":2}"));
    assert_kind(JSON, eidetica_table_set(txn, "tasks", key, "{n}"));
    api_commit(txn);
    assert_ok(eidetica_table_get(db, "tasks", key, &json));
    assert_string_equal(json, "{\"n\":2}");
    eidetica_free(json);
    txn = api_begin(db);
    assert_ok(eidetica_table_delete(txn, "tasks", key));
    assert_kind(KEY_NOT_FOUND, eidetica_table_delete(txn, "tasks", key));
    api_commit(txn);
    assert_kind(KEY_NOT_FOUND, eidetica_table_get(db, "tasks", key, &json));
    eidetica_free(key);
    eidetica_db_close(db);
}

static void test_table__a_walk_that_stops_leaves_the_rest_usable(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char key[16];

    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "%05d", i);
        assert_ok(eidetica_table_set(txn, "tasks", key, "1"));
    }
    api_commit(txn);
    for (int i = 0; i < 20; i++) {
        rows first = {0, 3, ""};
        assert_ok(eidetica_table_rows(db, "tasks", NULL, rows_add, &first));
        assert_int_equal(first.count, 3);
    }
    eidetica_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_doc__values_come_back_as_they_went),
        api_test_both(test_doc__whole_store_and_delete),
        api_test_both(test_doc__bad_arguments_are_told),
        api_test_both(test_txn__changes_are_seen_inside_and_only_there),
        api_test_both(test_txn__two_that_began_together_both_stay),
        api_test_both(test_table__rows_stream_in_key_order),
        api_test_both(test_table__rows_are_got_replaced_and_deleted),
        api_test_both(test_table__a_walk_that_stops_leaves_the_rest_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
