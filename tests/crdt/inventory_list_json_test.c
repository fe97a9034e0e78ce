/* it/crdt/list_tests.rs of spec 03's inventory: lists as payloads and in the plain view. */
#include "tests/crdt/inventory.h"

/* Takes the list. */
static void check_plain_list(eid_list *list, const char *expected)
{
    eid_value value = value_list(list);

    check_plain(&value, expected);
    eid_value_fini(&value);
}

/* Read back from its payload; new. */
static eid_list *list_again(const eid_list *list)
{
    eid_value value = EID_VALUE_NULL_INIT, again = EID_VALUE_NULL_INIT;
    eid_list *copy = NULL;
    eid_buf bytes;

    eid_buf_init(&bytes, 1u << 20);
    must(eid_list_copy(list, &copy));
    value = value_list(copy);
    must(eid_payload_write_value(&value, &bytes));
    must(eid_payload_read_value(eid_buf_slice(&bytes), &again));
    eid_value_fini(&value);
    eid_buf_fini(&bytes);
    assert_int_equal(again.type, EID_VALUE_LIST);
    return again.list;
}

static void test_list_to_json_string_via_value(void **state)
{
    eid_list *list = list_new();

    (void)push_text(list, "a \"b\"");
    (void)push(list, eid_value_of_int(2));
    (void)push(list, eid_value_of_bool(false));
    (void)push(list, EID_VALUE_NULL_INIT);
    check_plain_list(list, "[\"a \\\"b\\\"\",2,false,null]");
}

static void test_list_to_json_string_empty(void **state)
{
    check_plain_list(list_new(), "[]");
}

static void test_list_to_json_string_nested(void **state)
{
    eid_list *list = list_new(), *inner = list_new();
    eid_doc *doc = doc_new();

    (void)push(inner, eid_value_of_int(1));
    set(doc, "in", value_list(inner));
    (void)push(list, value_doc(doc));
    (void)push(list, value_list(list_new()));
    check_plain_list(list, "[{\"in\":[1]},[]]");
}

static void test_to_json_string_with_list_tombstones(void **state)
{
    eid_list *list = list_new();

    for (int i = 0; i < 4; i++) (void)push(list, eid_value_of_int(i));
    must(eid_list_remove(list, 0, NULL));
    must(eid_list_remove(list, 1, NULL));
    check_plain_list(list, "[1,3]");
}

static void test_serde_json_round_trip_list(void **state)
{
    eid_list *list = list_new(), *again;

    (void)push_text(list, "a");
    (void)push(list, value_doc(doc_of("{\"children\":{\"k\":{\"Int\":1}}}")));
    (void)push(list, EID_VALUE_NULL_INIT);
    must(eid_list_remove(list, 0, NULL));
    again = list_again(list);
    assert_true(eid_list_equal(list, again));
    assert_int_equal(eid_list_live(again), 2);
    assert_int_equal(eid_list_total(again), 3);
    eid_list_free(list);
    eid_list_free(again);
}

static void test_list_position_preservation_round_trip(void **state)
{
    eid_list *list = list_new(), *again;

    (void)push_text(list, "a");
    (void)push_text(list, "b");
    for (size_t i = 0; i < 20; i++) insert_text(list, i % 3, "m");
    again = list_again(list);
    assert_int_equal(eid_list_total(again), eid_list_total(list));
    for (size_t i = 0; i < eid_list_total(list); i++) {
        eid_position before, after;

        (void)eid_list_at(list, i, &before);
        (void)eid_list_at(again, i, &after);
        assert_true(eid_position_equal(&before, &after));
    }
    eid_list_free(list);
    eid_list_free(again);
}

static void test_list_using_helpers(void **state)
{
    eid_list *list = list_new();
    const eid_list *found;
    eid_doc *doc = doc_new();

    (void)push(list, eid_value_of_int(40));
    set(doc, "numbers", value_list(list));
    (void)push(eid_doc_get_mutable(doc, text("numbers"))->list, eid_value_of_int(2));
    must(eid_value_get_list(at(doc, "numbers"), &found));
    assert_int_equal(eid_value_int_or(eid_list_get(found, 0), 0) +
                         eid_value_int_or(eid_list_get(found, 1), 0),
                     42);
    check_round_trip(doc);
    eid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_to_json_string_via_value),
        cmocka_unit_test(test_list_to_json_string_empty),
        cmocka_unit_test(test_list_to_json_string_nested),
        cmocka_unit_test(test_to_json_string_with_list_tombstones),
        cmocka_unit_test(test_serde_json_round_trip_list),
        cmocka_unit_test(test_list_position_preservation_round_trip),
        cmocka_unit_test(test_list_using_helpers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
