/* it/crdt/value_tests.rs of spec 03's inventory: values alone. The last three stand for its
 * helpers. */
#include "tests/crdt/inventory.h"

static void test_map_value_basic_types(void **state)
{
    const eid_value leaves[] = {EID_VALUE_NULL_INIT, eid_value_of_bool(true), eid_value_of_int(-5),
                                EID_VALUE_DELETED_INIT};
    eid_value string = value_text("s");

    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            assert_int_equal(eid_value_equal(&leaves[i], &leaves[j]), i == j);
        }
        assert_false(eid_value_equal(&leaves[i], &string));
        assert_false(eid_value_is_branch(&leaves[i]));
    }
    eid_value_fini(&string);
    assert_int_equal(string.type, EID_VALUE_NULL);
}

static void test_map_value_branch_types(void **state)
{
    eid_value doc = value_doc(doc_of("{\"children\":{\"k\":{\"Int\":1}}}"));
    eid_value list = value_list(list_new()), copy;

    assert_true(eid_value_is_branch(&doc) && eid_value_is_branch(&list));
    assert_false(eid_value_equal(&doc, &list));
    must(eid_value_copy(&doc, &copy));
    assert_true(eid_value_equal(&doc, &copy));
    set_int(copy.doc, "k", 2); /* a copy of its own */
    assert_false(eid_value_equal(&doc, &copy));
    eid_value_fini(&doc);
    eid_value_fini(&list);
    eid_value_fini(&copy);
}

static void test_map_value_type_names(void **state)
{
    eid_value values[] = {EID_VALUE_NULL_INIT,   eid_value_of_bool(true), eid_value_of_int(1),
                          value_text(""),        value_doc(doc_new()),    value_list(list_new()),
                          EID_VALUE_DELETED_INIT};
    static const char *const names[] = {"null", "bool", "int", "text", "doc", "list", "deleted"};

    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(eid_value_type_name(values[i].type), names[i]);
        eid_value_fini(&values[i]);
    }
}

static void test_map_value_accessors(void **state)
{
    eid_value string = value_text("s"), number = eid_value_of_int(5), yes = eid_value_of_bool(true);
    eid_value doc = value_doc(doc_new()), list = value_list(list_new());
    const eid_doc *as_doc;
    const eid_list *as_list;
    eid_slice as_text;
    int64_t as_int;
    bool as_bool;

    must(eid_value_get_text(&string, &as_text));
    must(eid_value_get_int(&number, &as_int));
    must(eid_value_get_bool(&yes, &as_bool));
    must(eid_value_get_doc(&doc, &as_doc));
    must(eid_value_get_list(&list, &as_list));
    assert_true(eid_slice_is(as_text, "s") && as_int == 5 && as_bool);
    assert_ptr_equal(as_doc, doc.doc);
    assert_ptr_equal(as_list, list.list);
    assert_int_equal(kind_of(eid_value_get_text(&number, &as_text)), EID_KIND_CRDT_TYPE);
    assert_int_equal(kind_of(eid_value_get_int(&string, &as_int)), EID_KIND_CRDT_TYPE);
    assert_int_equal(kind_of(eid_value_get_bool(&doc, &as_bool)), EID_KIND_CRDT_TYPE);
    assert_int_equal(kind_of(eid_value_get_doc(&list, &as_doc)), EID_KIND_CRDT_TYPE);
    assert_int_equal(kind_of(eid_value_get_list(&yes, &as_list)), EID_KIND_CRDT_TYPE);
    eid_value_fini(&string);
    eid_value_fini(&doc);
    eid_value_fini(&list);
}

static void test_map_value_from_impls(void **state)
{
    static const struct {
        double from;
        int64_t to;
    } doubles[] = {{3.14, 3}, {95.5, 95}, {-3.9, -3}, {1e300, INT64_MAX}, {-1e300, INT64_MIN}};

    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(eid_value_of_double(doubles[i].from).integer, doubles[i].to);
    }
    assert_int_equal(eid_value_of_double(__builtin_nan("")).integer, 0);
    assert_int_equal(eid_value_of_uint(UINT64_MAX).integer, -1);
    assert_int_equal(eid_value_of_int(INT32_MIN).integer, INT32_MIN);
    assert_true(eid_value_of_bool(true).boolean);
}

/* merge(older, newer) is `expected`, by payload form. */
static void check_merge(const char *older, const char *newer, const char *expected)
{
    eid_value a = EID_VALUE_NULL_INIT, b = EID_VALUE_NULL_INIT;
    eid_buf bytes;

    eid_buf_init(&bytes, 4096);
    must(eid_payload_read_value(text(older), &a));
    must(eid_payload_read_value(text(newer), &b));
    must(eid_value_merge(&a, &b));
    must(eid_payload_write_value(&a, &bytes));
    eid_buf_append_byte(&bytes, 0);
    assert_string_equal((const char *)bytes.at, expected);
    eid_value_fini(&a);
    eid_value_fini(&b);
    eid_buf_fini(&bytes);
}

static void test_map_value_merge_leafs(void **state)
{
    static const char *const leaves[] = {"\"Null\"", "{\"Bool\":true}", "{\"Int\":1}",
                                         "{\"Text\":\"t\"}"};

    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) check_merge(leaves[i], leaves[j], leaves[j]);
        check_merge("{\"Doc\":{\"children\":{}}}", leaves[i], leaves[i]);
        check_merge(leaves[i], "{\"List\":[]}", "{\"List\":[]}");
    }
}

static void test_map_value_merge_with_deleted(void **state)
{
    check_merge("{\"Text\":\"t\"}", "\"Deleted\"", "\"Deleted\"");
    check_merge("\"Deleted\"", "{\"Text\":\"t\"}", "{\"Text\":\"t\"}");
    check_merge("\"Deleted\"", "\"Deleted\"", "\"Deleted\"");
    check_merge("{\"Doc\":{\"children\":{\"k\":\"Null\"}}}", "\"Deleted\"", "\"Deleted\"");
    check_merge("\"Deleted\"", "{\"Doc\":{\"children\":{}}}", "{\"Doc\":{\"children\":{}}}");
    check_merge("{\"List\":[]}", "\"Deleted\"", "\"Deleted\"");
}

static void test_partial_eq_nodevalue(void **state)
{
    eid_value string = value_text("hello"), number = eid_value_of_int(42);
    eid_value yes = eid_value_of_bool(true);

    assert_true(eid_value_is_text(&string, "hello"));
    assert_false(eid_value_is_text(&string, "hell"));
    assert_false(eid_value_is_int(&string, 42));
    assert_true(eid_value_is_int(&number, 42));
    assert_false(eid_value_is_int(&number, 43));
    assert_false(eid_value_is_text(&number, "42"));
    assert_true(eid_value_is_bool(&yes, true));
    assert_false(eid_value_is_bool(&yes, false));
    assert_false(eid_value_is_bool(&number, true));
    eid_value_fini(&string);
}

static void test_partial_eq_with_unwrap(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "name", "Alice");
    set_int(doc, "age", 30);
    assert_true(eid_value_is_text(at(doc, "name"), "Alice"));
    assert_true(eid_value_is_int(at(doc, "age"), 30));
    assert_false(eid_value_is_int(at(doc, "none"), 0)); /* nothing equals nothing that is there */
    eid_doc_free(doc);
}

static void test_cleaner_api_examples(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "user.name", "Alice");
    set(doc, "user.admin", eid_value_of_bool(true));
    assert_true(eid_slice_is(eid_value_text_or(at(doc, "user.name"), EID_SLICE_EMPTY), "Alice"));
    assert_true(eid_value_bool_or(at(doc, "user.admin"), false));
    assert_int_equal(eid_value_int_or(at(doc, "user.age"), 18), 18);
    must(eid_doc_add_int(doc, text("user.visits"), 1, NULL));
    must(eid_doc_add_int(doc, text("user.visits"), 2, NULL));
    check_int(at(doc, "user.visits"), 3);
    eid_doc_free(doc);
}

/* -- the plain view ---------------------------------------------------------------------------- */

static void test_value_to_json_string_leaf_types(void **state)
{
    const eid_value null = EID_VALUE_NULL_INIT, gone = EID_VALUE_DELETED_INIT;
    const eid_value yes = eid_value_of_bool(true), number = eid_value_of_int(-5);

    check_plain(&null, "null");
    check_plain(&gone, "null");
    check_plain(&yes, "true");
    check_plain(&number, "-5");
}

static void check_text_plain(const char *string, const char *expected)
{
    eid_value value = value_text(string);

    check_plain(&value, expected);
    eid_value_fini(&value);
}

static void test_value_to_json_string_text_escaping(void **state)
{
    check_text_plain("plain", "\"plain\"");
    check_text_plain("say \"hi\"", "\"say \\\"hi\\\"\"");
    check_text_plain("", "\"\"");
}

static void test_value_to_json_string_empty_containers(void **state)
{
    eid_value doc = value_doc(doc_new()), list = value_list(list_new());

    check_plain(&doc, "{}");
    check_plain(&list, "[]");
    eid_value_fini(&doc);
    eid_value_fini(&list);
}

static void test_json_string_large_numbers(void **state)
{
    const eid_value low = eid_value_of_int(INT64_MIN), high = eid_value_of_int(INT64_MAX);

    check_plain(&low, "-9223372036854775808");
    check_plain(&high, "9223372036854775807");
    check_value_round_trip(low);
    check_value_round_trip(high);
}

/* The reference leaves them raw, which is no JSON; ours escapes (decision S6). */
static void test_json_string_special_text_cases(void **state)
{
    check_text_plain("a\tb", "\"a\\tb\"");
    check_text_plain("a\nb", "\"a\\nb\"");
    check_text_plain("back\\slash", "\"back\\\\slash\"");
    check_text_plain("\xf0\x9f\xa6\x80 \xc3\xbc /", "\"\xf0\x9f\xa6\x80 \xc3\xbc /\"");
}

static void test_serde_json_round_trip_value_types(void **state)
{
    check_value_round_trip(EID_VALUE_NULL_INIT);
    check_value_round_trip(EID_VALUE_DELETED_INIT);
    check_value_round_trip(eid_value_of_bool(false));
    check_value_round_trip(eid_value_of_int(0));
    check_value_round_trip(value_text("with \"quotes\", \n, \x1f and \xc3\xbc"));
    check_value_round_trip(value_doc(doc_of("{\"_a\":true,\"children\":{\"k\":\"Deleted\"}}")));
    check_value_round_trip(value_list(list_new()));
}

static void test_value_helper_fallbacks(void **state)
{
    eid_value number = eid_value_of_int(7);

    assert_int_equal(eid_value_int_or(&number, 1), 7);
    assert_int_equal(eid_value_int_or(NULL, 1), 1);
    assert_true(eid_value_bool_or(&number, true));
    assert_false(eid_value_bool_or(NULL, false));
    assert_true(eid_slice_is(eid_value_text_or(&number, text("other")), "other"));
}

static void test_value_helper_display(void **state)
{
    eid_value value = value_doc(doc_of("{\"children\":{\"a\":{\"Int\":1},\"b\":\"Deleted\","
                                       "\"c\":{\"List\":[]},\"d\":{\"Text\":\"x\\ny\"}}}"));
    eid_buf out;

    eid_buf_init(&out, 256);
    eid_value_display(&value, &out);
    eid_buf_append_byte(&out, 0);
    assert_string_equal((const char *)out.at, "{a: 1, c: [], d: x\ny}");
    eid_value_fini(&value);
    eid_buf_fini(&out);
}

static void test_value_helper_statuses(void **state)
{
    eid_value gone = EID_VALUE_DELETED_INIT;
    int64_t out = 1;

    assert_int_equal(eid_value_get_int(NULL, &out), EID_E_NOT_FOUND);
    assert_int_equal(eid_value_get_int(&gone, &out), EID_E_NOT_FOUND);
    assert_int_equal(out, 1);
}

static void test_value_helper_texts_with_zero_bytes(void **state)
{
    eid_value value = EID_VALUE_NULL_INIT;

    must(eid_value_set_text(&value, eid_slice_of("a\0b", 3)));
    assert_false(eid_value_is_text(&value, "a"));
    assert_int_equal(eid_value_text(&value).len, 3);
    check_value_round_trip(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_value_basic_types),
        cmocka_unit_test(test_map_value_branch_types),
        cmocka_unit_test(test_map_value_type_names),
        cmocka_unit_test(test_map_value_accessors),
        cmocka_unit_test(test_map_value_from_impls),
        cmocka_unit_test(test_map_value_merge_leafs),
        cmocka_unit_test(test_map_value_merge_with_deleted),
        cmocka_unit_test(test_partial_eq_nodevalue),
        cmocka_unit_test(test_partial_eq_with_unwrap),
        cmocka_unit_test(test_cleaner_api_examples),
        cmocka_unit_test(test_value_to_json_string_leaf_types),
        cmocka_unit_test(test_value_to_json_string_text_escaping),
        cmocka_unit_test(test_value_to_json_string_empty_containers),
        cmocka_unit_test(test_json_string_large_numbers),
        cmocka_unit_test(test_json_string_special_text_cases),
        cmocka_unit_test(test_serde_json_round_trip_value_types),
        cmocka_unit_test(test_value_helper_fallbacks),
        cmocka_unit_test(test_value_helper_display),
        cmocka_unit_test(test_value_helper_statuses),
        cmocka_unit_test(test_value_helper_texts_with_zero_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
