/* Inventory of spec 03: store/table_operations and store/integration. */
#include "tests/node/inventory_stores.h"

static void row_set(eid_txn *txn, const char *key, const char *row)
{
    assert_ok(eid_table_set(txn, text("t"), text(key), text(row)));
}

static void row_expect(eid_txn *txn, const char *key, const char *wanted)
{
    char *row = NULL;

    if (!wanted) {
        assert_kind(KEY_NOT_FOUND, eid_table_get(txn, text("t"), text(key), &row));
        return;
    }
    assert_ok(eid_table_get(txn, text("t"), text(key), &row));
    assert_string_equal(row, wanted);
    eid_free(row);
}

static void row_expect_now(test_world *world, const char *key, const char *wanted)
{
    eid_txn *txn = stores_reader(world);

    row_expect(txn, key, wanted);
    eid_txn_free(txn);
}

static bool row_delete(eid_txn *txn, const char *key)
{
    bool was_live;

    assert_ok(eid_table_delete(txn, text("t"), text(key), &was_live));
    return was_live;
}

/* -- searching --------------------------------------------------------------------------------- */

typedef struct found_rows {
    const char *needle; /* rows that hold it; NULL = all */
    char keys[2000];
    size_t count;
} found_rows;

static bool on_pick(void *arg, eid_slice key, eid_slice json)
{
    const found_rows *found = arg;

    return !found->needle ||
           memmem(json.at, json.len, found->needle, strlen(found->needle)) != NULL;
}

static eid_status on_found(void *arg, eid_slice key, eid_slice json)
{
    found_rows *found = arg;
    size_t len = strlen(found->keys);

    snprintf(found->keys + len, sizeof found->keys - len, "%.*s;", EID_SLICE_ARG(key));
    found->count++;
    return EID_OK;
}

static void search_expect(eid_txn *txn, const char *needle, const char *keys)
{
    found_rows found = {.needle = needle};

    assert_ok(eid_table_search(txn, text("t"), on_pick, on_found, &found));
    assert_string_equal(found.keys, keys);
}

static void find_expect(eid_txn *txn, const char *field, const char *json, const char *keys)
{
    found_rows found = {0};

    assert_ok(eid_table_find(txn, text("t"), text(field), text(json), on_found, &found));
    assert_string_equal(found.keys, keys);
}

/* -- rows -------------------------------------------------------------------------------------- */

static void test_table_basic_crud_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    char key[37];

    assert_ok(eid_table_insert(txn, text("t"), text("{\"name\":\"Ada\",\"value\":1}"), key));
    row_expect(txn, key, "{\"name\":\"Ada\",\"value\":1}");
    row_set(txn, key, "{\"name\":\"Ada\",\"value\":2}");
    row_expect(txn, key, "{\"name\":\"Ada\",\"value\":2}");
    world_commit(txn);
    row_expect_now(world, key, "{\"name\":\"Ada\",\"value\":2}");
    row_expect_now(world, "none", NULL);
}

static void test_table_multiple_records(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    char keys[3][37];

    for (int i = 0; i < 3; i++) {
        char row[32];
        snprintf(row, sizeof row, "{\"n\":%d}", i);
        assert_ok(eid_table_insert(txn, text("t"), text(row), keys[i]));
    }
    world_commit(txn);
    row_expect_now(world, keys[0], "{\"n\":0}");
    row_expect_now(world, keys[1], "{\"n\":1}");
    row_expect_now(world, keys[2], "{\"n\":2}");
}

static void test_table_multiple_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    row_set(txn, "a", "1");
    row_set(txn, "b", "2");
    world_commit(txn);
    txn = world_begin(world);
    row_set(txn, "a", "10");
    assert_true(row_delete(txn, "b"));
    row_set(txn, "c", "3");
    world_commit(txn);
    row_expect_now(world, "a", "10");
    row_expect_now(world, "b", NULL);
    row_expect_now(world, "c", "3");
}

static void test_table_uuid_generation(void **state)
{
    eid_txn *txn = world_begin(*state);
    char keys[100][37];

    for (int i = 0; i < 100; i++) {
        assert_ok(eid_table_insert(txn, text("t"), text("{}"), keys[i]));
        assert_int_equal(strlen(keys[i]), 36);
        assert_int_equal(keys[i][14], '4');
        for (int k = 0; k < i; k++) assert_string_not_equal(keys[i], keys[k]);
    }
    eid_txn_free(txn);
}

static void test_table_search_functionality(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    row_set(txn, "a", "{\"role\":\"dev\",\"n\":1}");
    row_set(txn, "b", "{\"role\":\"ops\",\"n\":2}");
    row_set(txn, "c", "{\"role\":\"dev\",\"n\":3}");
    search_expect(txn, "dev", "a;c;");
    find_expect(txn, "role", "\"dev\"", "a;c;");
    world_commit(txn);
    txn = world_begin(world);
    row_set(txn, "d", "{\"role\":\"dev\",\"n\":2.0}");
    search_expect(txn, "dev", "a;c;d;");
    find_expect(txn, "role", "\"d\\u0065v\"", "a;c;d;");
    find_expect(txn, "n", "2", "b;d;");
    search_expect(txn, NULL, "a;b;c;d;");
    eid_txn_free(txn);
}

static void test_table_empty_search(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    row_set(txn, "a", "{\"role\":\"dev\"}");
    world_commit(txn);
    txn = stores_reader(world);
    search_expect(txn, "nobody", "");
    find_expect(txn, "role", "\"nobody\"", "");
    find_expect(txn, "none", "null", "");
    eid_txn_free(txn);
}

static void test_table_search_after_delete(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    row_set(txn, "a", "{\"r\":1}");
    row_set(txn, "b", "{\"r\":1}");
    world_commit(txn);
    txn = world_begin(world);
    assert_true(row_delete(txn, "a"));
    search_expect(txn, "r", "b;");
    find_expect(txn, "r", "1", "b;");
    world_commit(txn);
    txn = stores_reader(world);
    search_expect(txn, "r", "b;");
    find_expect(txn, "r", "1", "b;");
    eid_txn_free(txn);
}

static void test_empty_table_behavior(void **state)
{
    eid_txn *txn = world_begin(*state);

    row_expect(txn, "a", NULL);
    search_expect(txn, NULL, "");
    find_expect(txn, "a", "1", "");
    assert_false(row_delete(txn, "a"));
    assert_ok(eid_txn_open_store(txn, text("t"), EID_TYPE_TABLE));
    search_expect(txn, NULL, "");
    eid_txn_free(txn);
}

static void test_table_delete_basic(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    row_set(txn, "a", "1");
    assert_true(row_delete(txn, "a"));
    row_expect(txn, "a", NULL);
    assert_false(row_delete(txn, "a"));
    row_set(txn, "b", "2");
    world_commit(txn);
    txn = world_begin(world);
    assert_true(row_delete(txn, "b"));
    row_expect(txn, "b", NULL);
    world_commit(txn);
    row_expect_now(world, "b", NULL);
}

static void test_table_delete_nonexistent(void **state)
{
    eid_txn *txn = world_begin(*state);

    row_set(txn, "a", "1");
    assert_false(row_delete(txn, "none"));
    row_expect(txn, "a", "1");
    eid_txn_free(txn);
}

static void test_table_delete_and_reinsert(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    row_set(txn, "a", "1");
    world_commit(txn);
    txn = world_begin(world);
    assert_true(row_delete(txn, "a"));
    world_commit(txn);
    txn = world_begin(world);
    row_set(txn, "a", "2");
    row_expect(txn, "a", "2");
    world_commit(txn);
    row_expect_now(world, "a", "2");
}

static void test_table_delete_multiple(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    char key[16];

    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "k%d", i);
        row_set(txn, key, "{\"x\":1}");
    }
    world_commit(txn);
    txn = world_begin(world);
    for (int i = 0; i < 10; i += 2) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(row_delete(txn, key));
    }
    world_commit(txn);
    txn = stores_reader(world);
    search_expect(txn, NULL, "k1;k3;k5;k7;k9;");
    eid_txn_free(txn);
}

static void test_table_delete_concurrent_modifications(void **state)
{
    test_world *world = *state;
    eid_txn *one, *two = world_begin(world);
    char *row = NULL;
    eid_status status;

    row_set(two, "a", "1");
    world_commit(two);
    one = world_begin(world);
    two = world_begin(world);
    assert_true(row_delete(one, "a"));
    row_set(two, "a", "2");
    world_commit(one);
    world_commit(two);
    one = stores_reader(world);
    status = eid_table_get(one, text("t"), text("a"), &row); /* whichever is later */
    if (status == EID_OK) {
        assert_string_equal(row, "2");
    } else {
        world_expect(EID_E_NOT_FOUND, status, "get", __LINE__);
    }
    eid_free(row);
    eid_txn_free(one);
}

static void test_table_complex_data_merging(void **state)
{
    test_world *world = *state;
    eid_txn *one = world_begin(world), *two = world_begin(world);
    char *row = NULL;

    row_set(one, "a", "{\"from\":\"one\",\"only_one\":1}");
    row_set(one, "b", "{\"b\":1}");
    row_set(two, "a", "{\"from\":\"two\",\"only_two\":2}");
    row_set(two, "c", "{\"c\":1}");
    world_commit(one);
    world_commit(two);
    one = stores_reader(world);
    assert_ok(eid_table_get(one, text("t"), text("a"), &row)); /* whole, never mixed */
    assert_true(strcmp(row, "{\"from\":\"one\",\"only_one\":1}") == 0 ||
                strcmp(row, "{\"from\":\"two\",\"only_two\":2}") == 0);
    eid_free(row);
    row_expect(one, "b", "{\"b\":1}");
    row_expect(one, "c", "{\"c\":1}");
    eid_txn_free(one);
}

/* -- store/integration ------------------------------------------------------------------------- */

static void test_mixed_subtree_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_entry *entry;
    eid_id id;

    stores_set(txn, "d", "k", "{\"Int\":1}");
    row_set(txn, "r", "{\"x\":1}");
    id = world_commit(txn);
    entry = world_entry(world, &id);
    assert_non_null(eid_entry_find_subtree(entry, text("d")));
    assert_non_null(eid_entry_find_subtree(entry, text("t")));
    eid_entry_free(entry);
    stores_expect_now(world, "d", "k", "{\"Int\":1}");
    row_expect_now(world, "r", "{\"x\":1}");
}

static void test_subtree_persistence_across_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    char key[16], row[32];

    for (int i = 0; i < 5; i++) {
        txn = world_begin(world);
        snprintf(key, sizeof key, "k%d", i);
        snprintf(row, sizeof row, "{\"Int\":%d}", i);
        stores_set(txn, "d", key, row);
        row_set(txn, key, "true");
        world_commit(txn);
    }
    for (int i = 0; i < 5; i++) {
        snprintf(key, sizeof key, "k%d", i);
        snprintf(row, sizeof row, "{\"Int\":%d}", i);
        stores_expect_now(world, "d", key, row);
        row_expect_now(world, key, "true");
    }
}

static void test_subtree_concurrent_access_patterns(void **state)
{
    test_world *world = *state;
    eid_txn *one, *two;

    stores_write(world, "d", "base", "{\"Int\":0}");
    one = world_begin(world);
    two = world_begin(world);
    stores_set(one, "d", "one", "{\"Int\":1}");
    stores_set(two, "d", "two", "{\"Int\":2}");
    stores_expect(two, "d", "one", NULL);
    world_commit(one);
    stores_expect(two, "d", "one", NULL); /* what was there when it began */
    world_commit(two);
    stores_expect_all_now(
        world, "d",
        "{\"children\":{\"base\":{\"Int\":0},\"one\":{\"Int\":1},\"two\":{\"Int\":2}}}");
}

static void test_subtree_integration_with_helpers(void **state)
{
    test_world *world = *state;

    world_set(world, "d", "greeting", "hello");
    world_set(world, "e", "greeting", "other");
    world_check(world, "d", "greeting", "hello");
    world_check(world, "e", "greeting", "other");
    world_check(world, "f", "greeting", NULL);
}

static void test_subtree_helper_functions_integration(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_doc *doc =
        stores_doc("{\"children\":{\"a\":{\"Int\":1},\"b.c\":{\"Int\":2},\"d\":\"Deleted\"}}");

    assert_ok(eid_docstore_initialize(txn, text("d"), doc));
    eid_doc_free(doc);
    world_commit(txn);
    stores_expect_all_now(
        world, "d",
        "{\"children\":{\"a\":{\"Int\":1},\"b\":{\"Doc\":{\"children\":{\"c\":{\"Int\":2}}}}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_table_basic_crud_operations),
        INVENTORY_TEST(test_table_multiple_records),
        INVENTORY_TEST(test_table_multiple_operations),
        INVENTORY_TEST(test_table_uuid_generation),
        INVENTORY_TEST(test_table_search_functionality),
        INVENTORY_TEST(test_table_empty_search),
        INVENTORY_TEST(test_table_search_after_delete),
        INVENTORY_TEST(test_empty_table_behavior),
        INVENTORY_TEST(test_table_delete_basic),
        INVENTORY_TEST(test_table_delete_nonexistent),
        INVENTORY_TEST(test_table_delete_and_reinsert),
        INVENTORY_TEST(test_table_delete_multiple),
        INVENTORY_TEST(test_table_delete_concurrent_modifications),
        INVENTORY_TEST(test_table_complex_data_merging),
        INVENTORY_TEST(test_mixed_subtree_operations),
        INVENTORY_TEST(test_subtree_persistence_across_operations),
        INVENTORY_TEST(test_subtree_concurrent_access_patterns),
        INVENTORY_TEST(test_subtree_integration_with_helpers),
        INVENTORY_TEST(test_subtree_helper_functions_integration),
    };

    STORES_MAIN(tests);
}
