/* it/crdt/serialization_tests.rs of spec 03's inventory: what is written is read, and as what.
 * Three are named there; the others stand for its round trips and views by kind. */
#include <stdio.h>

#include "tests/crdt/inventory.h"

static void doc_deserialize_wrong_version_fails(void **state)
{
    static const char *const texts[] = {"{\"_v\":1,\"children\":{}}",
                                        "{\"_v\":255,\"children\":{}}"};
    eid_doc *doc = NULL;

    for (size_t i = 0; i < 2; i++) {
        eid_detail detail = eid_status_detail(eid_payload_read_doc(text(texts[i]), &doc));

        assert_int_equal(detail.kind, EID_KIND_CRDT_DECODE);
        if (strstr(detail.text, "unsupported Doc version") == NULL) fail_msg("%s", detail.text);
    }
    assert_null(doc);
}

static void doc_deserialize_missing_version_defaults_to_v0(void **state)
{
    eid_doc *without = doc_of("{\"children\":{\"k\":{\"Int\":1}}}");
    eid_doc *with = doc_of("{\"_v\":0,\"children\":{\"k\":{\"Int\":1}}}");

    check_same(without, with);
    check_payload(with, "{\"children\":{\"k\":{\"Int\":1}}}"); /* and it is left out */
    eid_doc_free(without);
    eid_doc_free(with);
}

static void doc_roundtrip(void **state)
{
    static const char *const texts[] = {
        "{\"children\":{}}",
        "{\"_a\":true,\"children\":{}}",
        "{\"children\":{\"\":\"Null\",\"a\":\"Deleted\",\"b\":{\"Bool\":true}}}",
        "{\"children\":{\"d\":{\"Doc\":{\"_a\":true,\"children\":{\"\":\"Null\"}}}}}",
        "{\"children\":{\"k\":{\"Text\":\"\\u001f\"}}}",
    };

    for (size_t i = 0; i < 5; i++) {
        eid_doc *doc = doc_of(texts[i]);

        check_payload(doc, texts[i]);
        check_round_trip(doc);
        eid_doc_free(doc);
    }
}

/* A list with a fractional position, a tombstone and a doc, under "list". New. */
static eid_doc *doc_with_list(void)
{
    eid_doc *doc = doc_new(), *inner = doc_new();
    eid_list *list = list_new();

    (void)push_text(list, "a");
    (void)push_text(list, "b");
    insert_text(list, 1, "m");
    set_int(inner, "n", 1);
    (void)push(list, value_doc(inner));
    must(eid_list_remove(list, 0, NULL));
    set(doc, "list", value_list(list));
    return doc;
}

static void test_serialization__keeps_lists_of_docs(void **state)
{
    eid_doc *doc = doc_with_list(), *again = round_trip(doc);

    check_text(at(again, "list.0"), "m");
    check_text(at(again, "list.1"), "b");
    check_int(at(again, "list.2.n"), 1);
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serialization__keeps_tombstones_and_positions_of_lists(void **state)
{
    eid_doc *doc = doc_with_list(), *again = round_trip(doc);
    const eid_list *list = at(again, "list")->list;
    eid_position position;

    assert_int_equal(eid_list_total(list), 4);
    assert_int_equal(eid_list_at(list, 0, NULL)->type, EID_VALUE_DELETED);
    (void)eid_list_at(list, 1, &position);
    assert_int_equal(position.numerator, 1);
    assert_int_equal(position.denominator, 2);
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serialization__keeps_mixed_values(void **state)
{
    eid_doc *doc = doc_with_list();

    set(doc, "null", EID_VALUE_NULL_INIT);
    set_text(doc, "text", "\"\\/\b\f\n\r\t\x01");
    set_int(doc, "int", INT64_MAX);
    (void)drop(doc, "gone.in.here");
    check_round_trip(doc);
    eid_doc_free(doc);
}

static void test_serialization__keeps_large_docs(void **state)
{
    eid_doc *doc = doc_new(), *again;
    char name[32];

    for (int i = 0; i < 3000; i++) {
        (void)snprintf(name, sizeof(name), "k%d.v%d", i % 50, i);
        set_int(doc, name, i);
    }
    again = round_trip(doc);
    check_int(at(again, "k49.v2999"), 2999);
    eid_doc_free(doc);
    eid_doc_free(again);
}

static void test_serialization__views_leave_out_what_is_deleted(void **state)
{
    eid_doc *doc = doc_with_list();

    (void)drop(doc, "gone");
    check_plain_doc(doc, "{\"list\":[\"m\",\"b\",{\"n\":1}]}");
}

static void test_serialization__views_are_json_whatever_the_texts(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "key \"with\" \\ and \n", "\x01 \"");
    check_plain_doc(doc, "{\"key \\\"with\\\" \\\\ and \\n\":\"\\u0001 \\\"\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doc_deserialize_wrong_version_fails),
        cmocka_unit_test(doc_deserialize_missing_version_defaults_to_v0),
        cmocka_unit_test(doc_roundtrip),
        cmocka_unit_test(test_serialization__keeps_lists_of_docs),
        cmocka_unit_test(test_serialization__keeps_tombstones_and_positions_of_lists),
        cmocka_unit_test(test_serialization__keeps_mixed_values),
        cmocka_unit_test(test_serialization__keeps_large_docs),
        cmocka_unit_test(test_serialization__views_leave_out_what_is_deleted),
        cmocka_unit_test(test_serialization__views_are_json_whatever_the_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
