/* it/data/value_editor.rs and serialization.rs of spec 03's inventory, on a document in memory. */
#include "crdt/editor.h"
#include "tests/crdt/inventory.h"

static void check_editor(const eid_editor *editor, const char *key, const char *expected)
{
    eid_value value;

    must(eid_editor_get_child(editor, text(key), &value));
    check_text(&value, expected);
    eid_value_fini(&value);
}

static void check_none(const eid_editor *editor, const char *key, eid_kind kind)
{
    eid_value value;

    assert_string_equal(eid_kind_name(kind_of(eid_editor_get_child(editor, text(key), &value))),
                        eid_kind_name(kind));
}

static void test_value_editor_set_and_get_string_at_root(void **state)
{
    eid_doc *doc = doc_new();
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), name = eid_editor_child(&root, text("name"));

    must(eid_editor_set_text(&name, text("Alice")));
    check_editor(&root, "name", "Alice");
    check_text(at(doc, "name"), "Alice");
    eid_doc_free(doc);
}

static void test_value_editor_nested_string(void **state)
{
    eid_doc *doc = doc_new();
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), user = eid_editor_child(&root, text("user"));
    eid_editor name = eid_editor_child(&user, text("name"));

    must(eid_editor_set_text(&name, text("Alice")));
    check_editor(&user, "name", "Alice");
    check_text(at(doc, "user.name"), "Alice");
    eid_doc_free(doc);
}

static void test_value_editor_overwrite_non_map_with_map(void **state)
{
    eid_doc *doc = doc_of("{\"children\":{\"user\":{\"Text\":\"scalar\"}}}");
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), user = eid_editor_child(&root, text("user"));
    eid_editor name = eid_editor_child(&user, text("name"));

    check_none(&user, "name", EID_KIND_STORE_TYPE);
    must(eid_editor_set_text(&name, text("Alice")));
    check_editor(&user, "name", "Alice");
    eid_doc_free(doc);
}

static void test_value_editor_get_non_existent_path(void **state)
{
    eid_doc *doc = doc_new();
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), none = eid_editor_child(&root, text("none"));

    check_none(&root, "none", EID_KIND_KEY_NOT_FOUND);
    check_none(&none, "deeper", EID_KIND_KEY_NOT_FOUND);
    assert_int_equal(eid_doc_total(doc), 0);
    eid_doc_free(doc);
}

static void test_value_editor_deeply_nested_creates_path(void **state)
{
    eid_doc *doc = doc_new();
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), a = eid_editor_child(&root, text("a"));
    eid_editor b = eid_editor_child(&a, text("b")), c = eid_editor_child(&b, text("c"));

    must(eid_editor_set_text(&c, text("deep")));
    check_text(at(doc, "a.b.c"), "deep");
    assert_int_equal(at(doc, "a.b")->type, EID_VALUE_DOC);
    eid_doc_free(doc);
}

static void test_value_editor_set_string_on_editor_path(void **state)
{
    eid_doc *doc = doc_new();
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), user = eid_editor_child(&root, text("user"));
    eid_value value;

    must(eid_editor_set_text(&user, text("a text at the editor's own path")));
    must(eid_editor_get(&user, &value));
    check_text(&value, "a text at the editor's own path");
    eid_value_fini(&value);
    eid_doc_free(doc);
}

static void test_value_editor_root_operations(void **state)
{
    eid_doc *doc = doc_of("{\"children\":{\"old\":{\"Int\":1}}}");
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target);
    eid_value value;

    must(eid_editor_get(&root, &value));
    assert_true(eid_doc_equal(value.doc, doc));
    eid_value_fini(&value);
    value = value_doc(doc_of("{\"children\":{\"new\":{\"Text\":\"n\"}}}"));
    must(eid_editor_set_take(&root, &value));
    check_editor(&root, "new", "n");
    check_none(&root, "old", EID_KIND_KEY_NOT_FOUND);
    check_payload(doc, "{\"children\":{\"new\":{\"Text\":\"n\"}}}");
    eid_doc_free(doc);
}

static void test_value_editor_delete_methods(void **state)
{
    eid_doc *doc = doc_new();
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), user = eid_editor_child(&root, text("user"));

    set_text(doc, "user.name", "Alice");
    set_text(doc, "user.mail", "m");
    must(eid_editor_delete_child(&user, text("name")));
    check_none(&user, "name", EID_KIND_KEY_NOT_FOUND);
    assert_true(is_deleted(doc, "user.name"));
    check_editor(&user, "mail", "m");
    must(eid_editor_delete(&user));
    assert_true(is_deleted(doc, "user"));
    check_none(&root, "user", EID_KIND_KEY_NOT_FOUND);
    assert_int_equal(kind_of(eid_editor_delete(&root)), EID_KIND_STORE_TYPE);
    eid_doc_free(doc);
}

static void test_value_editor_set_non_map_to_root(void **state)
{
    eid_doc *doc = doc_of("{\"children\":{\"old\":{\"Int\":1}}}");
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target);
    eid_detail detail = eid_status_detail(eid_editor_set_text(&root, text("leaf")));

    assert_int_equal(detail.kind, EID_KIND_STORE_TYPE);
    assert_non_null(strstr(detail.text, "\"Doc\""));
    check_int(at(doc, "old"), 1);
    eid_doc_free(doc);
}

/* -- serialization.rs -------------------------------------------------------------------------- */

static void test_doc_serialization(void **state)
{
    eid_doc *doc = doc_new(), *again;

    set_text(doc, "key1", "value1");
    (void)drop(doc, "key2");
    again = round_trip(doc);
    check_text(at(again, "key1"), "value1");
    assert_null(at(again, "key2"));
    assert_true(is_deleted(again, "key2"));
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serialization_complex_nested_structure(void **state)
{
    eid_doc *doc = doc_new(), *again;

    set_text(doc, "l1.l2.l3.leaf", "deep");
    set_text(doc, "l1.leaf", "shallow");
    (void)drop(doc, "l1.l2.gone");
    again = round_trip(doc);
    check_text(at(again, "l1.l2.l3.leaf"), "deep");
    check_text(at(again, "l1.leaf"), "shallow");
    assert_true(is_deleted(again, "l1.l2.gone"));
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serialization_mixed_doc(void **state)
{
    eid_doc *doc = doc_new();
    eid_list *list = list_new();

    (void)push(list, eid_value_of_bool(true));
    set_text(doc, "text", "t");
    set_int(doc, "int", -1);
    set(doc, "bool", eid_value_of_bool(false));
    set(doc, "null", EID_VALUE_NULL_INIT);
    set(doc, "list", value_list(list));
    set_text(doc, "doc.in", "i");
    (void)drop(doc, "gone");
    check_round_trip(doc);
    eid_doc_free(doc);
}

static void test_serialization_empty_doc(void **state)
{
    eid_doc *doc = doc_new();

    check_payload(doc, "{\"children\":{}}");
    check_round_trip(doc);
    eid_doc_free(doc);
}

static void test_serialization_tombstone_only_doc(void **state)
{
    eid_doc *doc = doc_new(), *again;

    (void)drop(doc, "a");
    (void)drop(doc, "b");
    check_payload(doc, "{\"children\":{\"a\":\"Deleted\",\"b\":\"Deleted\"}}");
    again = round_trip(doc);
    assert_int_equal(eid_doc_live(again), 0);
    assert_int_equal(eid_doc_total(again), 2);
    eid_doc_free(doc);
    eid_doc_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_editor_set_and_get_string_at_root),
        cmocka_unit_test(test_value_editor_nested_string),
        cmocka_unit_test(test_value_editor_overwrite_non_map_with_map),
        cmocka_unit_test(test_value_editor_get_non_existent_path),
        cmocka_unit_test(test_value_editor_deeply_nested_creates_path),
        cmocka_unit_test(test_value_editor_set_string_on_editor_path),
        cmocka_unit_test(test_value_editor_root_operations),
        cmocka_unit_test(test_value_editor_delete_methods),
        cmocka_unit_test(test_value_editor_set_non_map_to_root),
        cmocka_unit_test(test_doc_serialization),
        cmocka_unit_test(test_serialization_complex_nested_structure),
        cmocka_unit_test(test_serialization_mixed_doc),
        cmocka_unit_test(test_serialization_empty_doc),
        cmocka_unit_test(test_serialization_tombstone_only_doc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
