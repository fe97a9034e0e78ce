#include <stdio.h>

#include "crdt/fold.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "tests/support/test.h"

static void check_doc_text(const eid_doc *doc, const char *expected)
{
    eid_buf text;

    eid_buf_init(&text, 1u << 20);
    assert_int_equal(eid_payload_write_doc(doc, &text), EID_OK);
    eid_buf_append_byte(&text, 0);
    assert_string_equal((const char *)text.at, expected);
    eid_buf_fini(&text);
}

static void test_payload_write__sorts_keys_and_leaves_out_what_is_default(void **state)
{
    eid_doc *doc = NULL, *inner = NULL;

    assert_int_equal(eid_doc_new(&doc), EID_OK);
    check_doc_text(doc, "{\"children\":{}}");
    assert_int_equal(eid_doc_set_int(doc, eid_slice_text("b"), -5), EID_OK);
    assert_int_equal(eid_doc_set_text(doc, eid_slice_text("a.x"), eid_slice_text("\n")), EID_OK);
    assert_int_equal(eid_doc_ensure_doc(doc, eid_slice_text("a"), &inner), EID_OK);
    eid_doc_set_atomic(inner, true);
    assert_int_equal(eid_doc_remove(doc, eid_slice_text("c"), NULL), EID_OK);
    check_doc_text(doc, "{\"children\":{\"a\":{\"Doc\":{\"_a\":true,\"children\":{\"x\":"
                        "{\"Text\":\"\\n\"}}}},\"b\":{\"Int\":-5},\"c\":\"Deleted\"}}");
    eid_doc_free(doc);
}

static void test_payload_read__settles_children_in_any_order_and_lets_the_last_win(void **state)
{
    eid_doc *doc = NULL;
    eid_buf text;

    eid_buf_init(&text, 1u << 20);
    eid_buf_append_text(&text, "{\"children\":{");
    for (int i = 1999; i >= 0; i--) {
        eid_buf_append_format(&text, "\"%04d\":{\"Int\":%d},", i % 1000, i);
    }
    eid_buf_append_text(&text, "\"0500\":\"Null\"}}");
    assert_int_equal(eid_payload_read_doc(eid_buf_slice(&text), &doc), EID_OK);
    assert_int_equal(eid_doc_total(doc), 1000);
    for (size_t i = 0; i < 1000; i++) {
        const eid_value *value = eid_doc_at(doc, i, NULL);

        if (i == 500)
            assert_int_equal(value->type, EID_VALUE_NULL);
        else
            assert_int_equal(value->integer, i);
    }
    eid_doc_free(doc);
    eid_buf_fini(&text);
}

static void test_payload_read__says_what_is_wrong_and_where(void **state)
{
    eid_doc *doc = NULL;
    eid_status status = eid_payload_read_doc(eid_slice_text("{\"children\":{\"a\":5}}"), &doc);
    eid_detail detail = eid_status_detail(status);

    assert_int_equal(detail.kind, EID_KIND_CRDT_DECODE);
    assert_non_null(strstr(detail.text, "no value at byte"));
    assert_int_equal(eid_payload_read_doc(EID_SLICE_EMPTY, &doc), EID_E_MALFORMED);
    assert_null(doc);
}

/* A path of `count` names. */
static void path_make(size_t count, eid_buf *path)
{
    eid_buf_clear(path);
    for (size_t i = 0; i < count; i++) eid_buf_append_text(path, i == 0 ? "k" : ".k");
}

static void test_payload__holds_42_names_in_a_path_and_no_more(void **state)
{
    eid_doc *doc = NULL, *again = NULL, *inner = NULL;
    eid_value list_value;
    eid_list *list = NULL;
    eid_buf path, text;

    eid_buf_init(&path, 4096);
    eid_buf_init(&text, 1u << 20);
    assert_int_equal(eid_doc_new(&doc), EID_OK);
    path_make(43, &path);
    assert_int_equal(eid_doc_set_int(doc, eid_buf_slice(&path), 1), EID_E_TOO_BIG);
    assert_int_equal(eid_doc_total(doc), 0);
    path_make(42, &path);
    assert_int_equal(eid_doc_ensure_doc(doc, eid_buf_slice(&path), &inner), EID_E_TOO_BIG);
    assert_int_equal(eid_doc_set_int(doc, eid_buf_slice(&path), 1), EID_OK);
    assert_int_equal(eid_payload_write_doc(doc, &text), EID_OK);
    assert_int_equal(eid_payload_read_doc(eid_buf_slice(&text), &again), EID_OK);
    assert_true(eid_doc_equal(doc, again));

    /* An empty list just fits there, a doc around all of it does not. */
    assert_int_equal(eid_list_new(&list), EID_OK);
    list_value = eid_value_of_list_take(&list);
    assert_int_equal(eid_doc_set_take(doc, eid_buf_slice(&path), &list_value), EID_OK);
    eid_buf_clear(&text);
    assert_int_equal(eid_payload_write_doc(doc, &text), EID_OK);
    list_value = eid_value_of_doc_take(&doc);
    assert_int_equal(eid_doc_put_child_take(again, eid_slice_text("k"), &list_value), EID_OK);
    assert_int_equal(eid_payload_write_doc(again, &text), EID_E_TOO_BIG);
    eid_doc_free(again);
    eid_buf_fini(&path);
    eid_buf_fini(&text);
}

static void random_counting(void *self, uint8_t out[16])
{
    memset(out, ++*(uint8_t *)self, 16);
}

static void test_payload_from_plain__and_the_view_are_inverse_for_live_values(void **state)
{
    static const char text[] = "{\"a\":[1,{\"b\":null},[true,\"\\\"\"]],\"c\\n\":\"x\"}";
    uint8_t counter = 0;
    eid_value value = EID_VALUE_NULL_INIT;
    eid_buf view;
    eid_json_writer writer;

    assert_int_equal(
        eid_payload_from_plain(eid_slice_text(text), random_counting, &counter, &value), EID_OK);
    assert_int_equal(counter, 5);
    eid_buf_init(&view, 4096);
    eid_json_writer_init(&writer, &view);
    eid_payload_view_value(&value, &writer);
    eid_buf_append_byte(&view, 0);
    assert_string_equal((const char *)view.at, text);
    eid_value_fini(&value);
    eid_buf_fini(&view);
    assert_int_equal(
        eid_payload_from_plain(eid_slice_text("[1.5]"), random_counting, &counter, &value),
        EID_E_MALFORMED);
    assert_int_equal(
        eid_payload_from_plain(eid_slice_text("[1"), random_counting, &counter, &value),
        EID_E_MALFORMED);
}

static eid_status fold_two(eid_slice first, eid_slice second, eid_buf *out)
{
    eid_doc *doc = NULL, *copy = NULL;
    eid_status status = eid_doc_new(&doc);

    if (status == EID_OK) status = eid_fold_payload(doc, first);
    if (status == EID_OK) status = eid_fold_payload(doc, second);
    if (status == EID_OK) status = eid_doc_copy(doc, &copy);
    if (status == EID_OK) status = eid_doc_set_text(copy, eid_slice_text("n.m"), first);
    if (status == EID_OK) status = eid_payload_write_doc(copy, out);
    eid_doc_free(doc);
    eid_doc_free(copy);
    return status;
}

static void test_payload__survives_the_failure_of_any_allocation(void **state)
{
    eid_slice first = eid_slice_text(
        "{\"children\":{\"z\":{\"Text\":\"t\\n\"},\"a\":{\"List\":[[[2,4,\"000102030405060708090a0b"
        "0c0d0e0f\"],\"Null\"],[[1,3,\"000102030405060708090a0b0c0d0e0f\"],\"Null\"]]}}}");
    eid_slice second = eid_slice_text("{\"children\":{\"y\":\"Null\",\"a\":{\"List\":[[[1,2,"
                                      "\"000102030405060708090a0b0c0d0e0f\"],"
                                      "{\"Doc\":{\"children\":{\"q\":{\"Bool\":true}}}}]]}}}");
    eid_status status = EID_E_NO_MEMORY;
    uint64_t nth = 1;

    while (status != EID_OK) {
        eid_buf out;

        eid_buf_init(&out, 1u << 20);
        (void)eid_alloc_fail_at(nth, false);
        status = fold_two(first, second, &out);
        (void)eid_alloc_fail_at(0, false);
        if (status != EID_OK) assert_int_equal(status, EID_E_NO_MEMORY);
        eid_buf_fini(&out);
        assert_true(++nth < 1000);
    }
    assert_true(nth > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload_write__sorts_keys_and_leaves_out_what_is_default),
        cmocka_unit_test(test_payload_read__settles_children_in_any_order_and_lets_the_last_win),
        cmocka_unit_test(test_payload_read__says_what_is_wrong_and_where),
        cmocka_unit_test(test_payload__holds_42_names_in_a_path_and_no_more),
        cmocka_unit_test(test_payload_from_plain__and_the_view_are_inverse_for_live_values),
        cmocka_unit_test(test_payload__survives_the_failure_of_any_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
