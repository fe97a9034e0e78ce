/* crdt/doc/node_tests.rs of spec 03's inventory: docs, values and what atomic docs do in merges. */
#include "tests/crdt/inventory.h"

static const uint8_t id_a[16] = {1};

static void test_doc_tombstone_handling(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "key1", "value1");
    set_text(doc, "key2", "value2");
    assert_true(drop(doc, "key1"));
    assert_null(at(doc, "key1"));
    assert_int_equal(eid_doc_live(doc), 1);
    assert_int_equal(eid_doc_total(doc), 2);
    assert_true(is_deleted(doc, "key1"));
    assert_false(is_deleted(doc, "key2"));
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        eid_slice key;
        bool is_live = eid_doc_at(doc, i, &key)->type != EID_VALUE_DELETED;

        assert_int_equal(is_live, eid_slice_is(key, "key2"));
    }
    eid_doc_free(doc);
}

static void test_position_ordering_and_creation(void **state)
{
    eid_position begin = eid_position_beginning(id_a), end = eid_position_end(id_a);
    eid_position middle, quarter, above, zero = begin, one;

    must(eid_position_new(1, 1, id_a, &one));
    must(eid_position_between(&begin, &end, id_a, &middle));
    must(eid_position_between(&zero, &one, id_a, &above));
    must(eid_position_between(&zero, &above, id_a, &quarter));
    assert_true(eid_position_compare(&begin, &middle) < 0);
    assert_true(eid_position_compare(&middle, &end) < 0);
    assert_true(eid_position_compare(&quarter, &above) < 0);
    assert_int_equal(quarter.numerator, 1);
    assert_int_equal(quarter.denominator, 4);
    must(eid_position_between(&above, &one, id_a, &quarter));
    assert_int_equal(quarter.numerator, 3);
    assert_int_equal(quarter.denominator, 4);
}

static void test_crdt_error_types(void **state)
{
    eid_list *list = list_new();
    eid_value value = value_text("x");
    eid_detail detail;

    (void)push_text(list, "a");
    (void)push_text(list, "b");
    detail = eid_status_detail(eid_list_insert_take(list, 10, &value, eid_random_system(), NULL));
    assert_int_equal(detail.kind, EID_KIND_CRDT_LIST_INDEX);
    assert_non_null(strstr(detail.text, "10"));
    assert_non_null(strstr(detail.text, "2"));
    check_text(&value, "x"); /* not taken */
    check_list(list, "a,b");
    eid_value_fini(&value);
    eid_list_free(list);
}

static void test_value_type_checking_methods(void **state)
{
    eid_value branches[] = {value_doc(doc_new()), value_list(list_new())};
    eid_value leaves[] = {EID_VALUE_NULL_INIT, EID_VALUE_DELETED_INIT, eid_value_of_bool(true),
                          eid_value_of_int(1), value_text("t")};

    for (size_t i = 0; i < 2; i++) {
        assert_true(eid_value_is_branch(&branches[i]));
        eid_value_fini(&branches[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_false(eid_value_is_branch(&leaves[i]));
        eid_value_fini(&leaves[i]);
    }
}

static void test_value_type_names(void **state)
{
    static const char *const names[] = {
        [EID_VALUE_NULL] = "null",       [EID_VALUE_BOOL] = "bool", [EID_VALUE_INT] = "int",
        [EID_VALUE_TEXT] = "text",       [EID_VALUE_DOC] = "doc",   [EID_VALUE_LIST] = "list",
        [EID_VALUE_DELETED] = "deleted",
    };

    for (int type = EID_VALUE_NULL; type <= EID_VALUE_DELETED; type++) {
        assert_string_equal(eid_value_type_name((eid_value_type)type), names[type]);
    }
}

/* -- atomic docs ------------------------------------------------------------------------------- */

#define DOC_XY "{\"children\":{\"x\":{\"Int\":1},\"y\":{\"Int\":2}}}"
#define ATOMIC_Y "{\"_a\":true,\"children\":{\"y\":{\"Int\":3}}}"
#define DOC_Z "{\"children\":{\"z\":{\"Int\":4}}}"

static void check_merge(const char *older, const char *newer, const char *expected)
{
    eid_doc *a = doc_of(older), *b = doc_of(newer), *result = merged(a, b);

    check_payload(result, expected);
    eid_doc_free(a);
    eid_doc_free(b);
    eid_doc_free(result);
}

static void test_atomic_doc_merge_is_lww(void **state)
{
    check_merge(DOC_XY, ATOMIC_Y, ATOMIC_Y);
    check_merge("{\"_a\":true,\"children\":{\"x\":{\"Int\":1}}}", ATOMIC_Y, ATOMIC_Y);
}

static void test_atomic_is_contagious(void **state)
{
    check_merge(ATOMIC_Y, DOC_Z,
                "{\"_a\":true,\"children\":{\"y\":{\"Int\":3},\"z\":{\"Int\":4}}}");
    check_merge(DOC_XY, DOC_Z,
                "{\"children\":{\"x\":{\"Int\":1},\"y\":{\"Int\":2},\"z\":{\"Int\":4}}}");
}

static void test_atomic_contagious_nested(void **state)
{
    check_merge("{\"children\":{\"in\":{\"Doc\":" ATOMIC_Y "}}}",
                "{\"children\":{\"in\":{\"Doc\":" DOC_Z "}}}",
                "{\"children\":{\"in\":{\"Doc\":{\"_a\":true,\"children\":{\"y\":{\"Int\":3},"
                "\"z\":{\"Int\":4}}}}}}");
}

static void test_atomic_merge_is_associative(void **state)
{
    static const char *const docs[] = {DOC_XY, ATOMIC_Y, DOC_Z};

    for (size_t turn = 0; turn < 3; turn++) { /* the atomic doc in each of the three places */
        eid_doc *a = doc_of(docs[turn]), *b = doc_of(docs[(turn + 1) % 3]);
        eid_doc *c = doc_of(docs[(turn + 2) % 3]);
        eid_doc *ab = merged(a, b), *bc = merged(b, c);
        eid_doc *left = merged(ab, c), *right = merged(a, bc);

        check_same(left, right);
        must(eid_doc_merge(a, b)); /* and in place */
        must(eid_doc_merge(a, c));
        check_same(left, a);
        eid_doc_free(a);
        eid_doc_free(b);
        eid_doc_free(c);
        eid_doc_free(ab);
        eid_doc_free(bc);
        eid_doc_free(left);
        eid_doc_free(right);
    }
}

static void test_atomic_nested_in_structural(void **state)
{
    check_merge("{\"children\":{\"in\":{\"Doc\":" DOC_XY "},\"kept\":{\"Int\":0}}}",
                "{\"children\":{\"in\":{\"Doc\":" ATOMIC_Y "},\"more\":{\"Int\":9}}}",
                "{\"children\":{\"in\":{\"Doc\":" ATOMIC_Y "},\"kept\":{\"Int\":0},"
                "\"more\":{\"Int\":9}}}");
}

static void test_atomic_serialization_roundtrip(void **state)
{
    eid_doc *doc = doc_new(), *again;

    set_int(doc, "y", 3);
    check_payload(doc, "{\"children\":{\"y\":{\"Int\":3}}}");
    again = round_trip(doc);
    assert_false(eid_doc_is_atomic(again));
    eid_doc_free(again);
    eid_doc_set_atomic(doc, true);
    check_payload(doc, ATOMIC_Y);
    again = round_trip(doc);
    assert_true(eid_doc_is_atomic(again));
    eid_doc_free(again);
    eid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_tombstone_handling),
        cmocka_unit_test(test_position_ordering_and_creation),
        cmocka_unit_test(test_crdt_error_types),
        cmocka_unit_test(test_value_type_checking_methods),
        cmocka_unit_test(test_value_type_names),
        cmocka_unit_test(test_atomic_doc_merge_is_lww),
        cmocka_unit_test(test_atomic_is_contagious),
        cmocka_unit_test(test_atomic_contagious_nested),
        cmocka_unit_test(test_atomic_merge_is_associative),
        cmocka_unit_test(test_atomic_nested_in_structural),
        cmocka_unit_test(test_atomic_serialization_roundtrip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
