/* it/crdt/doc_tests.rs of spec 03's inventory: the operations on a doc and its paths. */
#include "tests/crdt/inventory.h"

/* Set, with what was there before as the reference returns it: new; Deleted for none. */
static eid_value exchange(eid_doc *doc, const char *path, eid_value value)
{
    eid_value old = EID_VALUE_NULL_INIT;

    must(eid_doc_exchange_take(doc, text(path), &value, &old));
    return old;
}

static void check_exchange(eid_doc *doc, const char *path, const char *value, const char *old)
{
    eid_value was = exchange(doc, path, value_text(value));

    if (old == NULL)
        assert_int_equal(was.type, EID_VALUE_DELETED);
    else
        check_text(&was, old);
    eid_value_fini(&was);
}

static void test_doc_basic_operations(void **state)
{
    eid_doc *doc = doc_new();

    assert_int_equal(eid_doc_live(doc), 0);
    check_exchange(doc, "key", "value", NULL);
    check_text(at(doc, "key"), "value");
    assert_int_equal(eid_doc_live(doc), 1);
    assert_null(at(doc, "other"));
    assert_false(eid_doc_is_atomic(doc));
    eid_doc_free(doc);
}

static void test_doc_overwrite_values(void **state)
{
    eid_doc *doc = doc_new();

    check_exchange(doc, "key", "one", NULL);
    check_exchange(doc, "key", "two", "one");
    check_text(at(doc, "key"), "two");
    assert_int_equal(eid_doc_live(doc), 1);
    eid_doc_free(doc);
}

static void test_doc_remove_operations(void **state)
{
    eid_doc *doc = doc_new();
    eid_value old;

    set_text(doc, "key", "v");
    old = exchange(doc, "key", EID_VALUE_DELETED_INIT); /* remove() is a set of a tombstone */
    check_text(&old, "v");
    eid_value_fini(&old);
    assert_null(at(doc, "key"));
    assert_int_equal(eid_doc_live(doc), 0);
    old = exchange(doc, "key", EID_VALUE_DELETED_INIT);
    assert_int_equal(old.type, EID_VALUE_DELETED);
    check_exchange(doc, "key", "back", NULL); /* a tombstone is nothing that was there */
    eid_doc_free(doc);
}

static void test_doc_delete_operations(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "key", "v");
    assert_true(drop(doc, "key"));
    assert_false(drop(doc, "key"));
    assert_false(drop(doc, "never"));
    assert_int_equal(eid_doc_live(doc), 0);
    assert_int_equal(eid_doc_total(doc), 2);
    eid_doc_free(doc);
}

static void test_doc_get_mut(void **state)
{
    eid_doc *doc = doc_new();
    eid_list *list = list_new();
    eid_value *value;

    set_text(doc, "a.b", "old");
    value = eid_doc_get_mutable(doc, text("a.b"));
    must(eid_value_set_text(value, text("new")));
    check_text(at(doc, "a.b"), "new");
    (void)push_text(list, "element");
    set(doc, "list", value_list(list));
    check_text(at(doc, "list.0"), "element");
    assert_null(eid_doc_get_mutable(doc, text("list.0"))); /* through docs only */
    (void)drop(doc, "a.b");
    assert_null(eid_doc_get_mutable(doc, text("a.b")));
    assert_null(eid_doc_get_mutable(doc, text("none")));
    eid_doc_free(doc);
}

/* The live keys, ascending, each followed by a comma. */
static void check_keys(const eid_doc *doc, const char *expected)
{
    eid_buf keys;

    eid_buf_init(&keys, 4096);
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        eid_slice key;

        if (eid_doc_at(doc, i, &key)->type == EID_VALUE_DELETED) continue;
        eid_buf_append(&keys, key);
        eid_buf_append_byte(&keys, ',');
    }
    eid_buf_append_byte(&keys, 0);
    assert_string_equal((const char *)keys.at, expected);
    eid_buf_fini(&keys);
}

static void test_doc_iterators(void **state)
{
    eid_doc *doc = doc_new();

    check_keys(doc, "");
    set_int(doc, "b", 2);
    set_int(doc, "a", 1);
    set_int(doc, "c", 3);
    (void)drop(doc, "b");
    check_keys(doc, "a,c,");
    assert_int_equal(eid_doc_live(doc), 2);
    eid_doc_free(doc);
}

static void test_doc_remove_all(void **state)
{
    eid_doc *doc = doc_new(), *empty = doc_new();

    set_int(doc, "a", 1);
    set_int(doc, "b", 2);
    assert_true(drop(doc, "a"));
    assert_true(drop(doc, "b"));
    assert_int_equal(eid_doc_live(doc), 0);
    check_keys(doc, "");
    assert_true(is_deleted(doc, "a") && is_deleted(doc, "b"));
    assert_false(eid_doc_equal(doc, empty)); /* its tombstones count */
    eid_doc_free(doc);
    eid_doc_free(empty);
}

static void test_doc_from_iterator(void **state)
{
    static const struct {
        const char *key;
        int64_t value;
    } pairs[] = {{"a", 1}, {"b.c", 2}, {"b.d", 3}, {"a", 4}};
    eid_doc *doc = doc_new();

    for (size_t i = 0; i < 4; i++) set_int(doc, pairs[i].key, pairs[i].value);
    check_payload(doc, "{\"children\":{\"a\":{\"Int\":4},\"b\":{\"Doc\":{\"children\":{"
                       "\"c\":{\"Int\":2},\"d\":{\"Int\":3}}}}}}");
    eid_doc_free(doc);
}

/* -- paths ------------------------------------------------------------------------------------- */

static void test_doc_path_operations(void **state)
{
    eid_doc *doc = doc_new();

    check_exchange(doc, "user.profile.name", "Alice", NULL);
    check_exchange(doc, "user.profile.name", "Bob", "Alice");
    check_text(at(doc, "user.profile.name"), "Bob");
    assert_int_equal(at(doc, "user.profile")->type, EID_VALUE_DOC);
    check_exchange(doc, "user.profile.name.first", "B", NULL); /* the text makes way */
    check_text(at(doc, "user.profile.name.first"), "B");
    assert_null(at(doc, "user.nobody.name"));
    eid_doc_free(doc);
}

static void test_doc_path_with_lists(void **state)
{
    eid_doc *doc = doc_new(), *row = doc_new();
    eid_list *list = list_new();

    set_text(row, "name", "n");
    (void)push_text(list, "first");
    (void)push(list, value_doc(row));
    set(doc, "items", value_list(list));
    check_text(at(doc, "items.0"), "first");
    check_text(at(doc, "items.1.name"), "n");
    assert_null(at(doc, "items.2"));
    assert_null(at(doc, "items.first"));
    assert_null(at(doc, "items.0.x"));
    set_text(doc, "items.0", "x"); /* a list on the way of a set is replaced */
    assert_int_equal(at(doc, "items")->type, EID_VALUE_DOC);
    check_text(at(doc, "items.0"), "x");
    eid_doc_free(doc);
}

static void test_doc_path_behaviors(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "", "under the empty key");
    check_text(at(doc, ""), "under the empty key");
    assert_null(at(doc, "."));
    check_exchange(doc, "...", "nowhere", NULL);
    assert_int_equal(eid_doc_total(doc), 1);
    set_text(doc, "a..b.", "x");
    check_text(at(doc, ".a.b"), "x");
    assert_false(drop(doc, ".."));
    assert_int_equal(eid_doc_total(doc), 2);
    eid_doc_free(doc);
}

static void test_doc_crdt_merge(void **state)
{
    eid_doc *left = doc_new(), *right = doc_new();

    set_text(left, "shared", "left");
    set_text(left, "left", "l");
    set_text(right, "shared", "right");
    set_text(right, "right", "r");
    must(eid_doc_merge(left, right));
    check_text(at(left, "shared"), "right");
    check_text(at(left, "left"), "l");
    check_text(at(left, "right"), "r");
    assert_int_equal(eid_doc_live(left), 3);
    eid_doc_free(left);
    eid_doc_free(right);
}

/* -- tombstones -------------------------------------------------------------------------------- */

static void test_doc_is_tombstone_basic(void **state)
{
    eid_doc *doc = doc_new();

    assert_false(is_deleted(doc, "k"));
    set_text(doc, "k", "v");
    assert_false(is_deleted(doc, "k"));
    (void)drop(doc, "k");
    assert_true(is_deleted(doc, "k"));
    eid_doc_free(doc);
}

static void test_doc_is_tombstone_vs_public_api(void **state)
{
    eid_doc *doc = doc_new();

    (void)drop(doc, "k");
    assert_true(is_deleted(doc, "k"));
    assert_null(at(doc, "k"));
    assert_null(eid_doc_get_mutable(doc, text("k")));
    assert_int_equal(eid_doc_live(doc), 0);
    check_keys(doc, "");
    eid_doc_free(doc);
}

static void test_doc_is_tombstone_delete_method(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a", "1");
    assert_true(drop(doc, "a"));
    assert_false(drop(doc, "absent"));
    assert_true(is_deleted(doc, "a"));
    assert_true(is_deleted(doc, "absent"));
    eid_doc_free(doc);
}

static void test_doc_is_tombstone_overwrite_behavior(void **state)
{
    eid_doc *doc = doc_new();

    (void)drop(doc, "k");
    set_text(doc, "k", "v");
    assert_false(is_deleted(doc, "k"));
    (void)drop(doc, "k");
    assert_true(is_deleted(doc, "k"));
    set(doc, "k", EID_VALUE_NULL_INIT); /* null is a value */
    assert_false(is_deleted(doc, "k"));
    assert_non_null(at(doc, "k"));
    eid_doc_free(doc);
}

static void test_doc_is_tombstone_nested_structures(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a.b.c", "v");
    set_text(doc, "a.b.d", "w");
    (void)drop(doc, "a.b.c");
    assert_true(is_deleted(doc, "a.b.c"));
    assert_false(is_deleted(doc, "a.b.d"));
    assert_false(is_deleted(doc, "a.b"));
    assert_false(is_deleted(doc, "a"));
    eid_doc_free(doc);
}

static void test_doc_is_tombstone_key_types(void **state)
{
    static const char *const keys[] = {"", "k", "0", "with space", "ü", "a/b", "-1"};
    eid_doc *doc = doc_new();

    for (size_t i = 0; i < 7; i++) {
        assert_false(is_deleted(doc, keys[i]));
        (void)drop(doc, keys[i]);
        assert_true(is_deleted(doc, keys[i]));
    }
    assert_false(is_deleted(doc, "00")); /* keys are texts, never numbers */
    eid_doc_free(doc);
}

static void test_doc_is_tombstone_through_deleted_intermediate(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a.b", "v");
    (void)drop(doc, "a");
    assert_true(is_deleted(doc, "a"));
    assert_false(is_deleted(doc, "a.b")); /* only the exact path counts */
    assert_null(at(doc, "a.b"));
    eid_doc_free(doc);
}

static void test_doc_nested_is_tombstone(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "user.name", "n");
    assert_false(is_deleted(doc, "user.name"));
    (void)drop(doc, "user.name");
    assert_true(is_deleted(doc, "user.name"));
    assert_false(is_deleted(doc, "user.other"));
    eid_doc_free(doc);
}

static void test_doc_nested_remove(void **state)
{
    eid_doc *doc = doc_new();
    eid_value old;

    set_text(doc, "user.name", "n");
    set_text(doc, "user.mail", "m");
    old = exchange(doc, "user.name", EID_VALUE_DELETED_INIT);
    check_text(&old, "n");
    eid_value_fini(&old);
    assert_null(at(doc, "user.name"));
    check_text(at(doc, "user.mail"), "m");
    eid_doc_free(doc);
}

static void test_doc_nested_delete(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "user.name", "n");
    assert_true(drop(doc, "user.name"));
    assert_false(drop(doc, "user.name"));
    assert_false(drop(doc, "user.none"));
    assert_int_equal(eid_doc_total(at(doc, "user")->doc), 2);
    eid_doc_free(doc);
}

static void test_doc_nested_remove_creates_path(void **state)
{
    eid_doc *doc = doc_new();

    assert_false(drop(doc, "a.b.c"));
    check_payload(doc, "{\"children\":{\"a\":{\"Doc\":{\"children\":{\"b\":{\"Doc\":{\"children\":{"
                       "\"c\":\"Deleted\"}}}}}}}}");
    eid_doc_free(doc);
}

static void test_doc_nested_tombstone_resurrection(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a.b", "v");
    (void)drop(doc, "a.b");
    check_exchange(doc, "a.b", "again", NULL);
    assert_false(is_deleted(doc, "a.b"));
    check_text(at(doc, "a.b"), "again");
    eid_doc_free(doc);
}

static void test_doc_remove_replaces_scalar_intermediate(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a", "scalar");
    assert_false(drop(doc, "a.b"));
    assert_int_equal(at(doc, "a")->type, EID_VALUE_DOC);
    assert_true(is_deleted(doc, "a.b"));
    eid_doc_free(doc);
}

static void test_doc_sibling_set_does_not_resurrect_deleted_child(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a.b", "v");
    set_text(doc, "a.c", "w");
    (void)drop(doc, "a.b");
    set_text(doc, "a.d", "x");
    assert_true(is_deleted(doc, "a.b"));
    check_text(at(doc, "a.c"), "w");
    (void)drop(doc, "a"); /* and after the parent has gone, its children do not come back */
    set_text(doc, "a.e", "y");
    assert_null(at(doc, "a.c"));
    assert_int_equal(eid_doc_live(at(doc, "a")->doc), 1);
    eid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_basic_operations),
        cmocka_unit_test(test_doc_overwrite_values),
        cmocka_unit_test(test_doc_remove_operations),
        cmocka_unit_test(test_doc_delete_operations),
        cmocka_unit_test(test_doc_get_mut),
        cmocka_unit_test(test_doc_iterators),
        cmocka_unit_test(test_doc_remove_all),
        cmocka_unit_test(test_doc_from_iterator),
        cmocka_unit_test(test_doc_path_operations),
        cmocka_unit_test(test_doc_path_with_lists),
        cmocka_unit_test(test_doc_path_behaviors),
        cmocka_unit_test(test_doc_crdt_merge),
        cmocka_unit_test(test_doc_is_tombstone_basic),
        cmocka_unit_test(test_doc_is_tombstone_vs_public_api),
        cmocka_unit_test(test_doc_is_tombstone_delete_method),
        cmocka_unit_test(test_doc_is_tombstone_overwrite_behavior),
        cmocka_unit_test(test_doc_is_tombstone_nested_structures),
        cmocka_unit_test(test_doc_is_tombstone_key_types),
        cmocka_unit_test(test_doc_is_tombstone_through_deleted_intermediate),
        cmocka_unit_test(test_doc_nested_is_tombstone),
        cmocka_unit_test(test_doc_nested_remove),
        cmocka_unit_test(test_doc_nested_delete),
        cmocka_unit_test(test_doc_nested_remove_creates_path),
        cmocka_unit_test(test_doc_nested_tombstone_resurrection),
        cmocka_unit_test(test_doc_remove_replaces_scalar_intermediate),
        cmocka_unit_test(test_doc_sibling_set_does_not_resurrect_deleted_child),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
