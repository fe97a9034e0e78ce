/* Inventory of spec 03: store/docstore_operations. */
#include "tests/node/inventory_stores.h"

static void test_dict_set_and_get_via_op(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    stores_set(txn, "d", "key1", "{\"Text\":\"one\"}");
    stores_expect(txn, "d", "key1", "{\"Text\":\"one\"}");
    stores_set(txn, "d", "key1", "{\"Text\":\"again\"}");
    stores_expect(txn, "d", "key1", "{\"Text\":\"again\"}");
    stores_expect(txn, "d", "key2", NULL);
    world_commit(txn);
    stores_expect_now(world, "d", "key1", "{\"Text\":\"again\"}");
}

static void test_dict_get_all_via_viewer(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    stores_set(txn, "d", "a", "{\"Text\":\"1\"}");
    stores_set(txn, "d", "b", "{\"Text\":\"2\"}");
    world_commit(txn);
    txn = world_begin(world);
    stores_set(txn, "d", "b", "{\"Text\":\"two\"}");
    stores_set(txn, "d", "c", "{\"Text\":\"3\"}");
    world_commit(txn);
    stores_expect_all_now(
        world, "d",
        "{\"children\":{\"a\":{\"Text\":\"1\"},\"b\":{\"Text\":\"two\"},\"c\":{\"Text\":\"3\"}}}");
}

static void test_dict_get_all_empty(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    stores_expect_all(txn, "d", "{\"children\":{}}");
    assert_ok(eid_docstore_open(txn, text("d")));
    stores_expect_all(txn, "d", "{\"children\":{}}");
    world_commit(txn);
    stores_expect_all_now(world, "d", "{\"children\":{}}");
}

static void test_empty_dict_behavior(void **state)
{
    eid_txn *txn = world_begin(*state);
    char *found;

    assert_ok(eid_docstore_open(txn, text("d")));
    stores_expect(txn, "d", "k", NULL);
    assert_kind(KEY_NOT_FOUND, eid_docstore_text(txn, text("d"), "k", &found));
    assert_false(eid_docstore_has(txn, text("d"), text("k")));
    assert_false(stores_delete(txn, "d", "k"));
    world_commit(txn);
    stores_expect_now(*state, "d", "k", NULL);
}

static void test_dict_set_value(void **state)
{
    static const char *const values[] = {"\"Null\"",
                                         "{\"Bool\":true}",
                                         "{\"Int\":-42}",
                                         "{\"Text\":\"t\"}",
                                         "{\"Doc\":{\"children\":{\"x\":{\"Int\":1}}}}",
                                         "{\"List\":[]}"};
    eid_txn *txn = world_begin(*state);
    char path[16];

    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "v%d", i);
        stores_set(txn, "d", path, values[i]);
        stores_expect(txn, "d", path, values[i]);
    }
    world_commit(txn);
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "v%d", i);
        stores_expect_now(*state, "d", path, values[i]);
    }
}

static void test_dict_comprehensive_operations(void **state)
{
    test_world *world = *state;
    eid_value old, value = stores_value("{\"Int\":2}");
    eid_txn *txn = world_begin(world);
    char *found;

    stores_set(txn, "d", "name", "{\"Text\":\"Ada\"}");
    stores_set(txn, "d", "deep.age", "{\"Int\":36}");
    assert_ok(eid_docstore_text(txn, text("d"), "name", &found));
    assert_string_equal(found, "Ada");
    eid_free(found);
    assert_kind(STORE_TYPE, eid_docstore_text(txn, text("d"), "deep", &found));
    assert_kind(STORE_TYPE, eid_docstore_text(txn, text("d"), "deep.age", &found));
    assert_ok(eid_docstore_exchange_take(txn, text("d"), text("n"), &value, &old));
    assert_int_equal(old.type, EID_VALUE_DELETED);
    value = stores_value("{\"Int\":3}");
    assert_ok(eid_docstore_exchange_take(txn, text("d"), text("n"), &value, &old));
    stores_expect_value(&old, "{\"Int\":2}");
    eid_value_fini(&old);
    assert_true(stores_delete(txn, "d", "name"));
    world_commit(txn);
    stores_expect_all_now(world, "d",
                          "{\"children\":{\"deep\":{\"Doc\":{\"children\":{\"age\":{\"Int\":36}}}},"
                          "\"n\":{\"Int\":3},\"name\":\"Deleted\"}}");
}

static void test_dict_delete(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    stores_set(txn, "d", "key1", "{\"Text\":\"one\"}");
    stores_set(txn, "d", "key2", "{\"Text\":\"two\"}");
    assert_true(stores_delete(txn, "d", "key1"));
    stores_expect(txn, "d", "key1", NULL);
    assert_false(stores_delete(txn, "d", "key1"));
    world_commit(txn);
    stores_expect_now(world, "d", "key1", NULL);
    stores_expect_now(world, "d", "key2", "{\"Text\":\"two\"}");
    txn = world_begin(world);
    assert_true(stores_delete(txn, "d", "key2"));
    stores_expect(txn, "d", "key2", NULL);
    world_commit(txn);
    stores_expect_now(world, "d", "key2", NULL);
}

/* -- lists ------------------------------------------------------------------------------------- */

typedef struct list_push {
    const eid_random *random;
    const char *text;
} list_push;

static eid_status on_push(void *self, eid_value *value)
{
    const list_push *push = self;
    eid_value element = EID_VALUE_NULL_INIT;
    eid_status status;

    assert_int_equal(value->type, EID_VALUE_LIST);
    status = eid_value_set_text(&element, text(push->text));
    if (status == EID_OK) {
        status = eid_list_push_take(value->list, &element, push->random, NULL);
    }
    eid_value_fini(&element);
    return status;
}

static void list_add(eid_txn *txn, const char *path, const char *string)
{
    list_push push = {eid_txn_seam(txn)->random, string};
    eid_value empty = stores_value("{\"List\":[]}");

    assert_ok(
        eid_docstore_modify_or_insert_take(txn, text("d"), text(path), &empty, on_push, &push));
    eid_value_fini(&empty);
}

static void list_expect(eid_txn *txn, const char *path, const char *const *wanted, size_t count)
{
    eid_value value;
    eid_slice found;

    assert_ok(eid_docstore_get_as(txn, text("d"), text(path), EID_VALUE_LIST, &value));
    assert_int_equal(eid_list_live(value.list), count);
    for (size_t i = 0; i < count; i++) {
        assert_ok(eid_value_get_text(eid_list_get(value.list, i), &found));
        assert_true(eid_slice_is(found, wanted[i]));
    }
    eid_value_fini(&value);
}

static void test_dict_list_basic_operations(void **state)
{
    eid_txn *txn = world_begin(*state);

    list_add(txn, "fruits", "apple");
    list_add(txn, "fruits", "banana");
    list_add(txn, "fruits", "orange");
    list_expect(txn, "fruits", (const char *[]){"apple", "banana", "orange"}, 3);
    stores_expect(txn, "d", "fruits.1", "{\"Text\":\"banana\"}");
    eid_txn_free(txn);
}

static void test_dict_list_nonexistent_key(void **state)
{
    eid_txn *txn = world_begin(*state);
    eid_value value;

    assert_kind(KEY_NOT_FOUND,
                eid_docstore_get_as(txn, text("d"), text("no"), EID_VALUE_LIST, &value));
    stores_set(txn, "d", "text", "{\"Text\":\"no list\"}");
    assert_kind(STORE_TYPE,
                eid_docstore_get_as(txn, text("d"), text("text"), EID_VALUE_LIST, &value));
    assert_kind(STORE_TYPE,
                eid_docstore_get_as(txn, text("d"), text("text"), EID_VALUE_DOC, &value));
    eid_txn_free(txn);
}

static eid_status on_remove_first(void *self, eid_value *value)
{
    return eid_list_remove(value->list, 0, NULL);
}

static void test_dict_list_persistence(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    list_add(txn, "colors", "red");
    list_add(txn, "colors", "green");
    world_commit(txn);
    txn = world_begin(world);
    list_expect(txn, "colors", (const char *[]){"red", "green"}, 2);
    assert_ok(eid_docstore_modify(txn, text("d"), text("colors"), on_remove_first, NULL));
    list_add(txn, "colors", "blue");
    world_commit(txn);
    txn = stores_reader(world);
    list_expect(txn, "colors", (const char *[]){"green", "blue"}, 2);
    eid_txn_free(txn);
}

static void test_dict_update_nested_value(void **state)
{
    test_world *world = *state;

    stores_write(world, "d", "user", "{\"Doc\":{\"children\":{\"name\":{\"Text\":\"old\"}}}}");
    stores_write(world, "d", "user",
                 "{\"Doc\":{\"children\":{\"name\":{\"Text\":\"new\"},\"age\":{\"Int\":1}}}}");
    stores_expect_now(world, "d", "user.name", "{\"Text\":\"new\"}");
    stores_expect_now(world, "d", "user",
                      "{\"Doc\":{\"children\":{\"age\":{\"Int\":1},\"name\":{\"Text\":\"new\"}}}}");
}

/* -- paths ------------------------------------------------------------------------------------- */

static void test_docstore_path_based_access(void **state)
{
    eid_txn *txn = world_begin(*state);
    eid_value value;

    stores_set(txn, "d", "user.profile.name", "{\"Text\":\"Ada\"}");
    stores_set(txn, "d", "user.profile.age", "{\"Int\":36}");
    stores_expect(txn, "d", "user.profile.name", "{\"Text\":\"Ada\"}");
    stores_expect(txn, "d", ".user..profile.name.", "{\"Text\":\"Ada\"}");
    stores_expect(txn, "d", "user.profile.none", NULL);
    stores_expect(txn, "d", "user.profile.name.below", NULL);
    assert_kind(STORE_TYPE, eid_docstore_get_as(txn, text("d"), text("user.profile.age"),
                                                EID_VALUE_TEXT, &value));
    assert_ok(eid_docstore_get_as(txn, text("d"), text("user.profile.age"), EID_VALUE_INT, &value));
    assert_int_equal(value.integer, 36);
    eid_txn_free(txn);
}

static void test_docstore_path_mixed_with_staging(void **state)
{
    test_world *world = *state;
    eid_txn *txn;

    stores_write(world, "d", "a.old", "{\"Int\":1}");
    txn = world_begin(world);
    stores_set(txn, "d", "a.new", "{\"Int\":2}");
    stores_expect(txn, "d", "a.old", "{\"Int\":1}");
    stores_expect(txn, "d", "a.new", "{\"Int\":2}");
    stores_expect(txn, "d", "a", "{\"Doc\":{\"children\":{\"new\":{\"Int\":2}}}}"); /* §9.2 */
    stores_expect_now(world, "d", "a.new", NULL);
    world_commit(txn);
    stores_expect_now(world, "d", "a",
                      "{\"Doc\":{\"children\":{\"new\":{\"Int\":2},\"old\":{\"Int\":1}}}}");
}

static void test_docstore_set_path(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    stores_set(txn, "d", "a.b.c", "{\"Int\":1}");
    stores_set(txn, "d", "a.b.d", "{\"Int\":2}");
    stores_expect(txn, "d", "a.b",
                  "{\"Doc\":{\"children\":{\"c\":{\"Int\":1},\"d\":{\"Int\":2}}}}");
    stores_set(txn, "d", "a.b.c.e", "{\"Int\":3}"); /* replaces the number */
    stores_expect(txn, "d", "a.b.c", "{\"Doc\":{\"children\":{\"e\":{\"Int\":3}}}}");
    world_commit(txn);
    stores_expect_now(world, "d", "a.b.c.e", "{\"Int\":3}");
    stores_expect_now(world, "d", "a.b.d", "{\"Int\":2}");
}

static eid_status on_double(void *self, eid_value *value)
{
    if (value->type != EID_VALUE_INT) {
        return EID_FAIL(EID_KIND_STORE_TYPE, "%s", eid_value_type_name(value->type));
    }
    value->integer *= 2;
    return EID_OK;
}

static void test_docstore_modify_path(void **state)
{
    eid_txn *txn = world_begin(*state);

    stores_set(txn, "d", "n.count", "{\"Int\":21}");
    assert_ok(eid_docstore_modify(txn, text("d"), text("n.count"), on_double, NULL));
    stores_expect(txn, "d", "n.count", "{\"Int\":42}");
    assert_kind(KEY_NOT_FOUND,
                eid_docstore_modify(txn, text("d"), text("n.none"), on_double, NULL));
    stores_set(txn, "d", "n.text", "{\"Text\":\"x\"}");
    assert_kind(STORE_TYPE, eid_docstore_modify(txn, text("d"), text("n.text"), on_double, NULL));
    stores_expect(txn, "d", "n.text", "{\"Text\":\"x\"}");
    world_commit(txn);
    stores_expect_now(*state, "d", "n.count", "{\"Int\":42}");
}

static void get_or_insert(eid_txn *txn, const char *path, const char *preset, const char *wanted)
{
    eid_value value = stores_value(preset), found;

    assert_ok(eid_docstore_get_or_insert_take(txn, text("d"), text(path), &value, &found));
    stores_expect_value(&found, wanted);
    eid_value_fini(&found);
    stores_expect(txn, "d", path, wanted);
}

static void test_docstore_get_or_insert_path(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    get_or_insert(txn, "a.b", "{\"Int\":7}", "{\"Int\":7}");
    get_or_insert(txn, "a.b", "{\"Int\":8}", "{\"Int\":7}");
    get_or_insert(txn, "a.b", "{\"Text\":\"t\"}", "{\"Text\":\"t\"}"); /* another type */
    world_commit(txn);
    txn = world_begin(world);
    get_or_insert(txn, "a.b", "{\"Text\":\"u\"}", "{\"Text\":\"t\"}");
    eid_txn_free(txn);
}

static void test_docstore_modify_or_insert_path(void **state)
{
    eid_txn *txn = world_begin(*state);
    eid_value one;

    for (int i = 0; i < 3; i++) {
        one = stores_value("{\"Int\":1}");
        assert_ok(
            eid_docstore_modify_or_insert_take(txn, text("d"), text("x.n"), &one, on_double, NULL));
    }
    stores_expect(txn, "d", "x.n", "{\"Int\":8}");
    eid_txn_free(txn);
}

static void test_docstore_path_mutation_interoperability(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    int64_t sum = 0;

    stores_set(txn, "d", "user", "{\"Doc\":{\"children\":{\"n\":{\"Int\":1}}}}");
    assert_ok(eid_docstore_modify(txn, text("d"), text("user.n"), on_double, NULL));
    assert_ok(eid_docstore_add(txn, text("d"), text("user.n"), 40, &sum));
    assert_int_equal(sum, 42);
    get_or_insert(txn, "user.m", "{\"Int\":5}", "{\"Int\":5}");
    stores_expect(txn, "d", "user",
                  "{\"Doc\":{\"children\":{\"m\":{\"Int\":5},\"n\":{\"Int\":42}}}}");
    assert_true(stores_delete(txn, "d", "user.m"));
    world_commit(txn);
    stores_expect_now(world, "d", "user.n", "{\"Int\":42}");
    stores_expect_now(world, "d", "user.m", NULL);
}

/* -- contains ---------------------------------------------------------------------------------- */

static bool has(eid_txn *txn, const char *path)
{
    return eid_docstore_has(txn, text("d"), text(path));
}

static void test_docstore_contains_key(void **state)
{
    test_world *world = *state;
    eid_txn *txn;

    stores_write(world, "d", "old", "{\"Int\":1}");
    txn = world_begin(world);
    stores_set(txn, "d", "new", "\"Null\"");
    assert_true(has(txn, "old"));
    assert_true(has(txn, "new")); /* null is a value */
    assert_false(has(txn, "none"));
    assert_true(stores_delete(txn, "d", "new"));
    assert_false(has(txn, "new"));
    assert_true(stores_delete(txn, "d", "old"));
    assert_false(has(txn, "old")); /* S2 */
    eid_txn_free(txn);
}

static void test_docstore_contains_path(void **state)
{
    test_world *world = *state;
    eid_txn *txn;

    stores_write(world, "d", "a.b.c", "{\"Int\":1}");
    txn = world_begin(world);
    stores_set(txn, "d", "a.x", "{\"Int\":2}");
    assert_true(has(txn, "a"));
    assert_true(has(txn, "a.b"));
    assert_true(has(txn, "a.b.c"));
    assert_true(has(txn, "a.x"));
    assert_false(has(txn, "a.b.c.d"));
    assert_false(has(txn, "a.y"));
    eid_txn_free(txn);
}

static void test_docstore_contains_methods_consistency(void **state)
{
    static const char *const paths[] = {"a", "a.b", "a.c", "d", "d.e", "", "..", "l", "l.0", "l.9"};
    test_world *world = *state;
    eid_txn *txn;

    stores_write(world, "d", "a.b", "{\"Int\":1}");
    txn = world_begin(world);
    stores_set(txn, "d", "", "{\"Int\":0}");
    list_add(txn, "l", "x");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        eid_value value;
        bool is_there = eid_docstore_get(txn, text("d"), text(paths[i]), &value) == EID_OK;
        if (is_there) eid_value_fini(&value);
        assert_int_equal(has(txn, paths[i]), is_there);
    }
    eid_txn_free(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_dict_set_and_get_via_op),
        INVENTORY_TEST(test_dict_get_all_via_viewer),
        INVENTORY_TEST(test_dict_get_all_empty),
        INVENTORY_TEST(test_empty_dict_behavior),
        INVENTORY_TEST(test_dict_set_value),
        INVENTORY_TEST(test_dict_comprehensive_operations),
        INVENTORY_TEST(test_dict_delete),
        INVENTORY_TEST(test_dict_list_basic_operations),
        INVENTORY_TEST(test_dict_list_nonexistent_key),
        INVENTORY_TEST(test_dict_list_persistence),
        INVENTORY_TEST(test_dict_update_nested_value),
        INVENTORY_TEST(test_docstore_path_based_access),
        INVENTORY_TEST(test_docstore_path_mixed_with_staging),
        INVENTORY_TEST(test_docstore_set_path),
        INVENTORY_TEST(test_docstore_modify_path),
        INVENTORY_TEST(test_docstore_get_or_insert_path),
        INVENTORY_TEST(test_docstore_modify_or_insert_path),
        INVENTORY_TEST(test_docstore_path_mutation_interoperability),
        INVENTORY_TEST(test_docstore_contains_key),
        INVENTORY_TEST(test_docstore_contains_path),
        INVENTORY_TEST(test_docstore_contains_methods_consistency),
    };

    STORES_MAIN(tests);
}
