/* it/crdt/doc_tests.rs of spec 03's inventory: docs as payloads and in the plain view. */
#include "tests/crdt/inventory.h"

static void test_doc_list_serialization(void **state)
{
    eid_doc *doc = doc_new(), *again;
    eid_list *list = list_new();

    for (int i = 0; i < 5; i++) (void)push(list, eid_value_of_int(i));
    must(eid_list_remove(list, 2, NULL));
    set(doc, "list", value_list(list));
    again = round_trip(doc);
    assert_int_equal(eid_list_total(at(again, "list")->list), 5);
    assert_int_equal(eid_list_live(at(again, "list")->list), 4);
    check_int(at(again, "list.2"), 3);
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serde_json_round_trip_map(void **state)
{
    eid_doc *doc = doc_new(), *again;

    set_text(doc, "text", "a \"quoted\"\n\ttext \\ with / and \x01 and \xc3\xbc");
    set_int(doc, "int", INT64_MIN);
    set(doc, "bool", eid_value_of_bool(false));
    set(doc, "null", EID_VALUE_NULL_INIT);
    again = round_trip(doc);
    assert_int_equal(eid_doc_live(again), 4);
    check_int(at(again, "int"), INT64_MIN);
    eid_doc_free(doc);
    eid_doc_free(again);
}

/* A doc in a list in a doc, with every type of leaf. New. */
static eid_doc *complex_doc(void)
{
    eid_doc *doc = doc_new(), *row = doc_new();
    eid_list *list = list_new();

    set_text(row, "name", "row");
    set_int(row, "deep.count", 3);
    (void)push(list, value_doc(row));
    (void)push(list, EID_VALUE_NULL_INIT);
    set(doc, "user.rows", value_list(list));
    set_text(doc, "user.name", "Alice");
    set(doc, "user.active", eid_value_of_bool(true));
    return doc;
}

static void test_serde_json_round_trip_complex_structure(void **state)
{
    eid_doc *doc = complex_doc(), *again = round_trip(doc);

    check_int(at(again, "user.rows.0.deep.count"), 3);
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serde_json_round_trip_with_tombstones(void **state)
{
    eid_doc *doc = complex_doc(), *again;

    (void)drop(doc, "user.name");
    (void)drop(doc, "gone");
    again = round_trip(doc);
    assert_true(is_deleted(again, "user.name") && is_deleted(again, "gone"));
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_doc_nested_tombstone_serialization_roundtrip(void **state)
{
    eid_doc *doc = doc_new(), *again;

    (void)drop(doc, "a.b.c");
    again = round_trip(doc);
    assert_true(is_deleted(again, "a.b.c"));
    assert_false(is_deleted(again, "a.b"));
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_doc_to_json_string_basic(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "name", "Alice");
    set_int(doc, "age", 30);
    set(doc, "ok", eid_value_of_bool(true));
    set(doc, "none", EID_VALUE_NULL_INIT);
    check_plain_doc(doc, "{\"age\":30,\"name\":\"Alice\",\"none\":null,\"ok\":true}");
}

static void test_doc_to_json_string_empty(void **state)
{
    check_plain_doc(doc_new(), "{}");
}

static void test_doc_to_json_string_nested(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "a.b", "x");
    set_int(doc, "a.c", 1);
    check_plain_doc(doc, "{\"a\":{\"b\":\"x\",\"c\":1}}");
}

static void test_doc_to_json_string_key_ordering(void **state)
{
    eid_doc *doc = doc_new();

    set_int(doc, "zebra", 1);
    set_int(doc, "apple", 2);
    set_int(doc, "Mango", 3);
    set_int(doc, "\xc3\xbc", 4);
    check_plain_doc(doc, "{\"Mango\":3,\"apple\":2,\"zebra\":1,\"\xc3\xbc\":4}"); /* by bytes */
}

static void test_complex_nested_structure_to_json(void **state)
{
    check_plain_doc(
        complex_doc(),
        "{\"user\":{\"active\":true,\"name\":\"Alice\",\"rows\":[{\"deep\":{\"count\":3},"
        "\"name\":\"row\"},null]}}");
}

static void test_to_json_string_with_tombstones(void **state)
{
    eid_doc *doc = complex_doc();

    (void)drop(doc, "user.rows");
    (void)drop(doc, "user.name");
    (void)drop(doc, "gone");
    check_plain_doc(doc, "{\"user\":{\"active\":true}}");
}

static void random_counting(void *self, uint8_t out[16])
{
    memset(out, ++*(uint8_t *)self, 16);
}

static void test_json_round_trip_validation(void **state)
{
    uint8_t counter = 0;
    eid_doc *doc = complex_doc();
    eid_value live = value_doc(doc), again = EID_VALUE_NULL_INIT;
    eid_json_writer writer;
    eid_buf view;

    eid_buf_init(&view, 1u << 16);
    eid_json_writer_init(&writer, &view);
    eid_payload_view_value(&live, &writer);
    must(eid_payload_from_plain(eid_buf_slice(&view), random_counting, &counter, &again));
    eid_buf_append_byte(&view, 0);
    check_plain(&again, (const char *)view.at);
    eid_buf_fini(&view);
    eid_value_fini(&live);
    eid_value_fini(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_list_serialization),
        cmocka_unit_test(test_serde_json_round_trip_map),
        cmocka_unit_test(test_serde_json_round_trip_complex_structure),
        cmocka_unit_test(test_serde_json_round_trip_with_tombstones),
        cmocka_unit_test(test_doc_nested_tombstone_serialization_roundtrip),
        cmocka_unit_test(test_doc_to_json_string_basic),
        cmocka_unit_test(test_doc_to_json_string_empty),
        cmocka_unit_test(test_doc_to_json_string_nested),
        cmocka_unit_test(test_doc_to_json_string_key_ordering),
        cmocka_unit_test(test_complex_nested_structure_to_json),
        cmocka_unit_test(test_to_json_string_with_tombstones),
        cmocka_unit_test(test_json_round_trip_validation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
