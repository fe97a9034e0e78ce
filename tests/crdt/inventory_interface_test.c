/* it/crdt/improved_interface_tests.rs of spec 03's inventory: typed access, edits in place. */
#include "tests/crdt/inventory.h"

/* A doc with every type under its own name. New. */
static eid_doc *typed_doc(void)
{
    eid_doc *doc = doc_new();
    eid_list *list = list_new();

    (void)push_text(list, "element");
    set_text(doc, "text", "t");
    set_int(doc, "int", 42);
    set(doc, "bool", eid_value_of_bool(true));
    set(doc, "list", value_list(list));
    set(doc, "null", EID_VALUE_NULL_INIT);
    set_text(doc, "doc.inner", "i");
    return doc;
}

static void test_tryfrom_value_implementations(void **state)
{
    static const char *const names[] = {"text", "int", "bool", "list", "null", "doc"};
    eid_doc *doc = typed_doc();

    for (size_t i = 0; i < 6; i++) {
        const eid_value *value = at(doc, names[i]);
        const eid_list *list;
        const eid_doc *inner;
        eid_slice string;
        int64_t integer;
        bool boolean;

        assert_int_equal(eid_value_get_text(value, &string) == EID_OK, i == 0);
        assert_int_equal(eid_value_get_int(value, &integer) == EID_OK, i == 1);
        assert_int_equal(eid_value_get_bool(value, &boolean) == EID_OK, i == 2);
        assert_int_equal(eid_value_get_list(value, &list) == EID_OK, i == 3);
        assert_int_equal(eid_value_get_doc(value, &inner) == EID_OK, i == 5);
    }
    eid_doc_free(doc);
}

static void test_doc_get_as_method(void **state)
{
    eid_doc *doc = typed_doc();
    int64_t integer = -1;

    must(eid_value_get_int(at(doc, "int"), &integer));
    assert_int_equal(integer, 42);
    assert_int_equal(eid_value_get_int(at(doc, "none"), &integer), EID_E_NOT_FOUND);
    assert_int_equal(kind_of(eid_value_get_int(at(doc, "text"), &integer)), EID_KIND_CRDT_TYPE);
    assert_int_equal(integer, 42);
    eid_doc_free(doc);
}

static void test_node_get_as_method(void **state)
{
    eid_doc *doc = typed_doc();
    const eid_doc *inner;
    eid_slice string;

    must(eid_value_get_doc(at(doc, "doc"), &inner));
    must(eid_value_get_text(at(inner, "inner"), &string));
    assert_true(eid_slice_is(string, "i"));
    must(eid_value_get_text(at(doc, "list.0"), &string));
    assert_true(eid_slice_is(string, "element"));
    assert_int_equal(eid_value_get_text(at(doc, "list.1"), &string), EID_E_NOT_FOUND);
    eid_doc_free(doc);
}

static void test_convenience_methods(void **state)
{
    eid_doc *doc = typed_doc();
    eid_slice json;

    assert_int_equal(eid_value_int_or(at(doc, "int"), 0), 42);
    assert_int_equal(eid_value_int_or(at(doc, "text"), 7), 7);
    assert_true(eid_value_bool_or(at(doc, "bool"), false));
    must(eid_doc_set_json(doc, text("config.json"), text("{\"a\":[1,2]}")));
    must(eid_doc_get_json(doc, text("config.json"), &json));
    assert_true(eid_slice_is(json, "{\"a\":[1,2]}"));
    assert_int_equal(kind_of(eid_doc_get_json(doc, text("none"), &json)), EID_KIND_CRDT_NOT_FOUND);
    assert_int_equal(kind_of(eid_doc_get_json(doc, text("int"), &json)), EID_KIND_CRDT_TYPE);
    assert_int_equal(kind_of(eid_doc_get_json(doc, text("text"), &json)), EID_KIND_CRDT_DECODE);
    assert_int_equal(eid_doc_set_json(doc, text("bad"), text("{1}")), EID_E_MALFORMED);
    assert_null(at(doc, "bad"));
    eid_doc_free(doc);
}

static void test_interface_comparison(void **state)
{
    eid_doc *doc = typed_doc();
    const eid_value *value = at(doc, "text");
    eid_slice string;

    assert_int_equal(value->type, EID_VALUE_TEXT); /* by hand, typed, with a fallback, compared */
    must(eid_value_get_text(value, &string));
    assert_true(eid_slice_equal(string, eid_value_text(value)));
    assert_true(eid_slice_equal(string, eid_value_text_or(value, EID_SLICE_EMPTY)));
    assert_true(eid_value_is_text(value, "t"));
    eid_doc_free(doc);
}

static void test_backwards_compatibility(void **state)
{
    eid_doc *doc = typed_doc();

    check_text(eid_doc_child(doc, text("text")), "t"); /* the functions on a single child */
    assert_null(eid_doc_child(doc, text("doc.inner")));
    check_text(eid_doc_child(eid_doc_child(doc, text("doc"))->doc, text("inner")), "i");
    eid_doc_free(doc);
}

static void test_mixed_path_and_direct_access(void **state)
{
    eid_doc *doc = typed_doc(), *inner = NULL;

    must(eid_doc_ensure_doc(doc, text("doc"), &inner));
    set_text(inner, "more", "m");
    check_text(at(doc, "doc.more"), "m");
    set_text(doc, "doc.inner", "changed");
    check_text(at(inner, "inner"), "changed");
    assert_ptr_equal(at(doc, "doc")->doc, inner);
    eid_doc_free(doc);
}

static void test_complex_nested_structures(void **state)
{
    eid_doc *doc = doc_new();
    eid_list *rows;

    set(doc, "table.rows", value_list(list_new()));
    rows = eid_doc_get_mutable(doc, text("table.rows"))->list;
    for (int i = 0; i < 3; i++) {
        eid_doc *row = doc_new();

        set_int(row, "number.value", i);
        (void)push(rows, value_doc(row));
    }
    set_int(eid_list_get_mutable(rows, 1)->doc, "number.value", 10);
    check_int(at(doc, "table.rows.0.number.value"), 0);
    check_int(at(doc, "table.rows.1.number.value"), 10);
    check_int(at(doc, "table.rows.2.number.value"), 2);
    check_round_trip(doc);
    eid_doc_free(doc);
}

static eid_status append_mark(void *self, eid_value *value)
{
    eid_slice old;
    eid_buf longer;
    eid_status status = eid_value_get_text(value, &old);

    if (status != EID_OK) return status;
    eid_buf_init(&longer, 4096);
    eid_buf_append(&longer, old);
    eid_buf_append_text(&longer, self);
    status = eid_value_set_text(value, eid_buf_slice(&longer));
    eid_buf_fini(&longer);
    return status;
}

static void test_mutable_access_methods_mixed(void **state)
{
    eid_doc *doc = typed_doc();
    eid_value value = value_text("fresh"), *there;
    char mark[] = "!";

    must(eid_doc_get_or_insert_take(doc, text("a.new"), &value, &there));
    check_text(there, "fresh");
    assert_int_equal(value.type, EID_VALUE_NULL);
    must(eid_value_set_text(there, text("changed")));
    value = value_text("not wanted");
    must(eid_doc_get_or_insert_take(doc, text("a.new"), &value, &there));
    check_text(there, "changed");

    must(eid_doc_modify(doc, text("a.new"), append_mark, mark));
    check_text(at(doc, "a.new"), "changed!");
    assert_int_equal(kind_of(eid_doc_modify(doc, text("none"), append_mark, mark)),
                     EID_KIND_CRDT_NOT_FOUND);
    assert_int_equal(kind_of(eid_doc_modify(doc, text("int"), append_mark, mark)),
                     EID_KIND_CRDT_TYPE);
    assert_int_equal(kind_of(eid_doc_modify(doc, text("list.0"), append_mark, mark)),
                     EID_KIND_CRDT_TYPE);
    value = value_text("first");
    must(eid_doc_modify_or_insert_take(doc, text("b"), &value, append_mark, mark));
    value = value_text("unused");
    must(eid_doc_modify_or_insert_take(doc, text("b"), &value, append_mark, mark));
    check_text(at(doc, "b"), "first!!");
    value = eid_value_of_int(1);
    assert_int_equal(kind_of(eid_doc_get_or_insert_take(doc, text(".."), &value, &there)),
                     EID_KIND_CRDT_PATH);
    assert_int_equal(kind_of(eid_doc_add_int(doc, text("b"), 1, NULL)), EID_KIND_CRDT_TYPE);
    must(eid_doc_add_int(doc, text("c"), INT64_MAX, NULL));
    assert_int_equal(eid_doc_add_int(doc, text("c"), 1, NULL), EID_E_INVALID);
    check_int(at(doc, "c"), INT64_MAX);
    eid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tryfrom_value_implementations),
        cmocka_unit_test(test_doc_get_as_method),
        cmocka_unit_test(test_node_get_as_method),
        cmocka_unit_test(test_convenience_methods),
        cmocka_unit_test(test_interface_comparison),
        cmocka_unit_test(test_backwards_compatibility),
        cmocka_unit_test(test_mixed_path_and_direct_access),
        cmocka_unit_test(test_complex_nested_structures),
        cmocka_unit_test(test_mutable_access_methods_mixed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
