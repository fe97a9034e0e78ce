/* Edits, finding, text documents and encrypted stores through the public interface, in this process
 * and through the socket. */
#include "tests/node/api_world.h"

/* -- edits ------------------------------------------------------------------------------------- */

static const char *on_edit(void *self, const char *json)
{
    char *out = self;

    snprintf(out, 100, "[%s]", json ? json : "\"nothing\"");
    return out;
}

static const char *on_leave(void *self, const char *json)
{
    return NULL;
}

static void test_doc__is_edited_in_place(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char text[100];
    int64_t sum = 0;

    assert_ok(eidetica_doc_update(txn, "data", "a.b", on_edit, text));
    assert_ok(eidetica_doc_update(txn, "data", "a.b", on_edit, text));
    assert_ok(eidetica_doc_update(txn, "data", "none", on_leave, NULL));
    assert_ok(eidetica_doc_add(txn, "data", "n", 40, NULL));
    assert_ok(eidetica_doc_add(txn, "data", "n", 2, &sum));
    assert_int_equal(sum, 42);
    assert_status(INVALID, eidetica_doc_add(txn, "data", "a", 1, NULL));
    assert_status(INVALID, eidetica_doc_add(txn, "data", "n", INT64_MAX, NULL));
    api_commit(txn);
    api_check(db, "data", NULL, "{\"a\":{\"b\":[[\"nothing\"]]},\"n\":42}");
    eidetica_db_close(db);
}

static void test_list__merges_concurrent_edits(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *one = api_begin(db), *two;

    assert_ok(eidetica_list_insert(one, "data", "l", EIDETICA_END, "\"a\""));
    assert_ok(eidetica_list_insert(one, "data", "l", EIDETICA_END, "\"c\""));
    assert_ok(eidetica_list_insert(one, "data", "l", 1, "\"b\""));
    assert_status(INVALID, eidetica_list_insert(one, "data", "l", 9, "1"));
    assert_status(NOT_FOUND, eidetica_list_remove(one, "data", "none", 0));
    api_commit(one);
    api_check(db, "data", "l", "[\"a\",\"b\",\"c\"]");
    one = api_begin(db);
    two = api_begin(db);
    assert_ok(eidetica_list_remove(one, "data", "l", 0));
    assert_ok(eidetica_list_insert(two, "data", "l", 3, "{\"d\":1}"));
    api_commit(one);
    api_commit(two);
    api_check(db, "data", "l", "[\"b\",\"c\",{\"d\":1}]"); /* whoever was first */
    eidetica_db_close(db);
}

static void test_list__is_read_whole_while_it_is_edited(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn;
    char *json = NULL;

    api_set(db, "l", "[1,2,3]");
    api_set(db, "o", "{\"a\":{\"x\":1},\"l\":[1,2]}");
    txn = api_begin(db);
    assert_ok(eidetica_list_remove(txn, "data", "l", 1));
    assert_ok(eidetica_list_insert(txn, "data", "l", 0, "0"));
    assert_ok(eidetica_list_insert(txn, "data", "l", 3, "4"));
    assert_ok(eidetica_list_remove(txn, "data", "l", 1));
    assert_ok(eidetica_txn_doc_get(txn, "data", "l", &json));
    assert_string_equal(json, "[0,3,4]");
    eidetica_free(json);
    assert_ok(eidetica_doc_set(txn, "data", "o.a.y", "2"));
    assert_ok(eidetica_txn_doc_get(txn, "data", "o", &json));
    assert_string_equal(json, "{\"a\":{\"x\":1,\"y\":2},\"l\":[1,2]}");
    eidetica_free(json);
    assert_status(INVALID, eidetica_list_insert(txn, "data", "o", 0, "1"));
    api_commit(txn);
    api_check(db, "data", "l", "[0,3,4]");
    eidetica_db_close(db);
}

static void test_list__is_replaced_when_it_is_set(void **state)
{
    static const char *const lists[] = {"[1,2,3]",         "[4]",    "[5,6,7,8]", "[{\"a\":1},[1]]",
                                        "[{\"b\":2},[2]]", "[]",     "[\"x\"]",   "[[1],{\"a\":1}]",
                                        "[1,{\"c\":3}]",   "[{},1]", "[null]"};
    eidetica_db *db = api_db(*state, "notes");
    char json[100], wanted[100];

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        api_set(db, "l", lists[i]);
        api_check(db, "data", "l", lists[i]);
        snprintf(json, sizeof json, "{\"in\":%s}", lists[i]);
        api_set(db, "o", json);
        snprintf(wanted, sizeof wanted, "{\"in\":%s}", lists[i]);
        api_check(db, "data", "o", wanted);
    }
    eidetica_db_close(db);
}

/* -- tables ------------------------------------------------------------------------------------ */

static bool on_row(void *self, const char *key, const char *json)
{
    char *list = self;

    strcat(list, key);
    strcat(list, " ");
    return true;
}

static bool on_field(void *self, const char *field)
{
    return on_row(self, field, "");
}

static void check_found(eidetica_db *db, const char *value, const char *wanted)
{
    char list[200] = "";

    assert_ok(eidetica_table_find(db, "people", "age", value, on_row, list));
    assert_string_equal(list, wanted);
}

static void test_table__rows_are_found_with_and_without_an_index(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char list[200] = "", text[100];

    assert_ok(eidetica_table_set(txn, "people", "ada", "{\"age\":36}"));
    assert_ok(eidetica_table_set(txn, "people", "bob", "{\"age\":\"36\"}"));
    assert_ok(eidetica_table_set(txn, "people", "cem", "{\"age\":36.0}"));
    api_commit(txn);
    for (int i = 0; i < 3; i++) {
        check_found(db, "36", "ada cem ");
        check_found(db, "\"36\"", "bob ");
        check_found(db, "37", "");
        assert_ok(eidetica_table_index(db, "people", "age", i == 0));
    }
    assert_ok(eidetica_table_index(db, "people", "age", true));
    assert_ok(eidetica_table_indexes(db, "people", on_field, list));
    assert_string_equal(list, "age ");
    txn = api_begin(db);
    list[0] = 0;
    assert_ok(eidetica_table_set(txn, "people", "dan", "{\"age\":36}"));
    assert_ok(eidetica_table_delete(txn, "people", "ada"));
    assert_ok(eidetica_txn_table_find(txn, "people", "age", "36", on_row, list));
    assert_string_equal(list, "cem dan ");
    assert_ok(eidetica_table_update(txn, "people", "bob", on_edit, text));
    assert_string_equal(text, "[{\"age\":\"36\"}]");
    assert_kind(KEY_NOT_FOUND, eidetica_table_update(txn, "people", "eve", on_edit, text));
    api_commit(txn);
    check_found(db, "36", "cem dan ");
    check_found(db, "\"36\"", "");
    assert_status(INVALID, eidetica_table_find(db, "people", "age", "[1]", on_row, list));
    assert_status(MALFORMED, eidetica_table_find(db, "people", "age", "ada", on_row, list));
    eidetica_db_close(db);
}

/* -- text documents ---------------------------------------------------------------------------- */

static void check_text(eidetica_db *db, const char *store, const char *name, const char *kind,
                       const char *wanted)
{
    char *json = NULL;

    assert_ok(eidetica_text_get(db, store, name, kind, &json));
    assert_string_equal(json, wanted);
    eidetica_free(json);
}

static void test_text__is_edited_by_two_at_once(void **state)
{
    eidetica_db *db = api_db(*state, "notes"), *copy = api_db(*state, "copy");
    eidetica_txn *one = api_begin(db), *two;
    void *update = NULL;
    size_t size = 0;
    char *json = NULL;

    assert_ok(eidetica_text_insert(one, "page", "body", 0, "middle"));
    assert_ok(eidetica_text_map_set(one, "page", "meta", "lang", "\"en\""));
    assert_ok(eidetica_text_map_set(one, "page", "meta", "gone", "1"));
    assert_ok(eidetica_text_map_delete(one, "page", "meta", "gone"));
    assert_ok(eidetica_text_array_insert(one, "page", "tags", 0, "[1,2,3]"));
    assert_ok(eidetica_text_array_delete(one, "page", "tags", 1, 1));
    assert_ok(eidetica_txn_text_get(one, "page", "body", "text", &json));
    assert_string_equal(json, "\"middle\"");
    eidetica_free(json);
    check_text(db, "page", "body", "text", "\"\"");
    api_commit(one);
    one = api_begin(db);
    two = api_begin(db);
    assert_ok(eidetica_text_insert(one, "page", "body", 0, "the "));
    assert_ok(eidetica_text_insert(two, "page", "body", 6, "!"));
    assert_ok(eidetica_text_delete(two, "page", "body", 0, 1));
    api_commit(one);
    api_commit(two);
    check_text(db, "page", "body", "text", "\"the iddle!\"");
    check_text(db, "page", "meta", "map", "{\"lang\":\"en\"}");
    check_text(db, "page", "tags", "array", "[1,3]");
    assert_ok(eidetica_text_export(db, "page", &update, &size));
    one = api_begin(copy);
    assert_ok(eidetica_text_apply(one, "page", update, size));
    assert_status(MALFORMED, eidetica_text_apply(one, "page", "\x01\xff", 2));
    assert_status(INVALID, eidetica_text_insert(one, "page", "body", 99, "x"));
    api_commit(one);
    check_text(copy, "page", "body", "text", "\"the iddle!\"");
    assert_status(INVALID, eidetica_text_get(copy, "page", "body", "novel", &json));
    eidetica_free(update);
    eidetica_db_close(copy);
    eidetica_db_close(db);
}

/* -- encrypted stores -------------------------------------------------------------------------- */

static void check_store(eidetica_db *db, const char *wanted)
{
    char *json = NULL;

    assert_ok(eidetica_store_show(db, "secret", &json));
    if (!strstr(json, wanted)) fail_msg("no %s in %s", wanted, json);
    eidetica_free(json);
}

static void test_store__is_read_with_its_password_only(void **state)
{
    eidetica_db *db = api_db(*state, "notes"), *other = NULL;
    eidetica_txn *txn = api_begin(db);
    char *json = NULL;

    assert_ok(eidetica_store_encrypt(txn, "secret", "docstore:v0", "pass"));
    assert_status(INVALID, eidetica_store_encrypt(txn, "secret", "docstore:v0", "pass"));
    assert_status(INVALID, eidetica_store_encrypt(txn, "more", "nonsense", "pass"));
    assert_ok(eidetica_doc_set(txn, "secret", "a.b", "1"));
    api_commit(txn);
    check_store(db, "\"encrypted\":\"locked\"");
    assert_kind(STORE_DECODE, eidetica_doc_get(db, "secret", NULL, &json));
    txn = api_begin(db);
    assert_kind(STORE_TYPE, eidetica_doc_set(txn, "secret", "a", "2"));
    eidetica_txn_free(txn);
    assert_kind(STORE_PASSWORD, eidetica_store_unlock(db, "secret", "wrong"));
    assert_kind(KEY_NOT_FOUND, eidetica_store_unlock(db, "none", "pass"));
    assert_ok(eidetica_store_unlock(db, "secret", "pass"));
    assert_ok(eidetica_store_unlock(db, "secret", "pass"));
    check_store(db, "\"wraps\":\"docstore:v0\"");
    api_check(db, "secret", NULL, "{\"a\":{\"b\":1}}");
    txn = api_begin(db);
    assert_ok(eidetica_doc_set(txn, "secret", "a.c", "2"));
    assert_ok(eidetica_txn_doc_get(txn, "secret", "a.b", &json));
    assert_string_equal(json, "1");
    eidetica_free(json);
    api_commit(txn);
    api_check(db, "secret", "a", "{\"b\":1,\"c\":2}");
    assert_ok(eidetica_db_open(((api_world *)*state)->ada, eidetica_db_root(db), &other));
    assert_kind(STORE_DECODE, eidetica_doc_get(other, "secret", NULL, &json)); /* not unlocked */
    eidetica_db_close(other);
    eidetica_store_lock(db, "secret");
    eidetica_store_lock(db, "secret");
    assert_kind(STORE_DECODE, eidetica_doc_get(db, "secret", NULL, &json));
    eidetica_db_close(db);
}

static void test_store__seals_tables_and_texts(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char list[100] = "";

    assert_ok(eidetica_store_encrypt(txn, "people", "table:v0", "pass"));
    assert_ok(eidetica_table_set(txn, "people", "ada", "{\"age\":36}"));
    assert_ok(eidetica_store_encrypt(txn, "page", "ydoc:v0", "other"));
    assert_ok(eidetica_text_insert(txn, "page", "body", 0, "words"));
    api_commit(txn);
    assert_ok(eidetica_table_index(db, "people", "age", true)); /* never made */
    assert_ok(eidetica_store_unlock(db, "people", "pass"));
    assert_ok(eidetica_store_unlock(db, "page", "other"));
    check_found(db, "36", "ada ");
    check_text(db, "page", "body", "text", "\"words\"");
    assert_ok(eidetica_table_rows(db, "people", NULL, on_row, list));
    assert_string_equal(list, "ada ");
    txn = api_begin(db);
    assert_ok(eidetica_text_insert(txn, "page", "body", 5, "!"));
    assert_ok(eidetica_table_delete(txn, "people", "ada"));
    api_commit(txn);
    check_text(db, "page", "body", "text", "\"words!\"");
    check_found(db, "36", "");
    eidetica_db_close(db);
}

static void test_store__is_registered_with_a_config(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char *json = NULL;

    assert_ok(eidetica_store_open(txn, "page", "ydoc:v0"));
    assert_status(INVALID, eidetica_store_open(txn, "page", "table:v0"));
    assert_status(INVALID, eidetica_store_open(txn, "more", "queue:v0"));
    assert_ok(eidetica_store_set_config(txn, "page", "{\"lang\":\"en\",\"old\":1}"));
    assert_ok(eidetica_store_set_config(txn, "page", "{\"lang\":\"de\"}"));
    assert_status(INVALID, eidetica_store_set_config(txn, "page", "1"));
    assert_status(NOT_FOUND, eidetica_store_set_config(txn, "none", "{}"));
    assert_ok(eidetica_store_encrypt(txn, "secret", "docstore:v0", "pass"));
    assert_status(INVALID, eidetica_store_set_config(txn, "secret", "{}"));
    api_commit(txn);
    assert_ok(eidetica_store_show(db, "page", &json));
    assert_string_equal(json,
                        "{\"name\":\"page\",\"type\":\"ydoc:v0\",\"config\":{\"lang\":\"de\"},"
                        "\"heights\":null}");
    eidetica_free(json);
    assert_status(NOT_FOUND, eidetica_store_show(db, "none", &json));
    eidetica_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_doc__is_edited_in_place),
        api_test_both(test_list__merges_concurrent_edits),
        api_test_both(test_list__is_read_whole_while_it_is_edited),
        api_test_both(test_list__is_replaced_when_it_is_set),
        api_test_both(test_table__rows_are_found_with_and_without_an_index),
        api_test_both(test_text__is_edited_by_two_at_once),
        api_test_both(test_store__is_read_with_its_password_only),
        api_test_both(test_store__seals_tables_and_texts),
        api_test_both(test_store__is_registered_with_a_config),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
