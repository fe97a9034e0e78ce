#include "crdt/payload.h"
#include "tests/crdt/row_table.h"
#include "tests/support/test.h"

static eid_stamp stamp_of(uint64_t height)
{
    return (eid_stamp){height, eid_id_of_entry(eid_slice_of(&height, sizeof(height)))};
}

static eid_status apply_text(row_table *table, uint64_t height, const char *text)
{
    eid_state_rows rows = row_table_rows(table);
    eid_stamp stamp = stamp_of(height);
    eid_doc *payload = NULL;
    eid_status status = eid_payload_read_doc(eid_slice_text(text), &payload);

    if (status == EID_OK) status = eid_state_apply(&rows, &stamp, payload);
    eid_doc_free(payload);
    return status;
}

static void check_state(row_table *table, const char *expected)
{
    eid_state_rows rows = row_table_rows(table);
    eid_doc *doc = NULL;
    eid_buf text;

    eid_buf_init(&text, 1u << 20);
    assert_int_equal(eid_state_read(&rows, &doc), EID_OK);
    assert_int_equal(eid_payload_write_doc(doc, &text), EID_OK);
    eid_buf_append_byte(&text, 0);
    assert_string_equal((const char *)text.at, expected);
    eid_buf_fini(&text);
    eid_doc_free(doc);
}

static void test_state_apply__touches_one_row_for_a_flat_payload(void **state)
{
    row_table table = {0};

    assert_int_equal(apply_text(&table, 1, "{\"children\":{\"k\":{\"Text\":\"v\"}}}"), EID_OK);
    assert_int_equal(table.put_count, 1);
    assert_true(table.get_count <= 2);
    table.put_count = table.get_count = 0;
    assert_int_equal(apply_text(&table, 1, "{\"children\":{\"k\":{\"Text\":\"v\"}}}"), EID_OK);
    assert_int_equal(table.put_count, 0);
    assert_int_equal(apply_text(&table, 0, "{\"children\":{\"k\":\"Deleted\"}}"), EID_OK);
    assert_int_equal(table.put_count, 0);
    assert_int_equal(apply_text(&table, 2, "{\"children\":{\"k\":{\"Text\":\"w\"}}}"), EID_OK);
    assert_int_equal(table.put_count, 1);
    check_state(&table, "{\"children\":{\"k\":{\"Text\":\"w\"}}}");
    row_table_fini(&table);
}

static void test_state__does_not_bring_back_what_an_atomic_doc_ended(void **state)
{
    row_table table = {0};

    assert_int_equal(apply_text(&table, 5, "{\"_a\":true,\"children\":{\"b\":{\"Int\":5}}}"),
                     EID_OK);
    assert_int_equal(apply_text(&table, 4, "{\"children\":{\"a\":{\"Int\":4}}}"), EID_OK);
    check_state(&table, "{\"_a\":true,\"children\":{\"b\":{\"Int\":5}}}");
    assert_int_equal(apply_text(&table, 6, "{\"children\":{\"a\":{\"Int\":6}}}"), EID_OK);
    check_state(&table, "{\"_a\":true,\"children\":{\"a\":{\"Int\":6},\"b\":{\"Int\":5}}}");
    row_table_fini(&table);
}

/* Names share 256 bytes and more; each stays itself, in keys of bounded size. */
static void test_state__keeps_long_names_apart_in_short_keys(void **state)
{
    row_table table = {0};
    eid_state_rows rows = row_table_rows(&table);
    eid_stamp stamp = stamp_of(1);
    static char name[100000];
    eid_doc *doc = NULL, *read = NULL;
    eid_value value;
    eid_slice path = eid_slice_of(name, sizeof(name));

    memset(name, 'x', sizeof(name));
    assert_int_equal(eid_doc_new(&doc), EID_OK);
    for (size_t len = 255; len < 260; len++) {
        assert_int_equal(eid_doc_set_int(doc, eid_slice_of(name, len), (int64_t)len), EID_OK);
    }
    assert_int_equal(eid_doc_set_int(doc, path, 7), EID_OK);
    assert_int_equal(eid_state_apply(&rows, &stamp, doc), EID_OK);
    assert_int_equal(eid_state_read(&rows, &read), EID_OK);
    assert_true(eid_doc_equal(doc, read));
    assert_int_equal(eid_state_get(&rows, &path, 1, &value, NULL), EID_OK);
    assert_int_equal(value.integer, 7);
    for (size_t i = 0; i < table.count; i++) assert_true(table.rows[i].key_len < 300);
    eid_doc_free(doc);
    eid_doc_free(read);
    row_table_fini(&table);
}

/* Any byte of a row may be wrong on disk: an error or another value, never a fall. */
static void test_state_read__survives_damaged_rows(void **state)
{
    static const char text[] =
        "{\"children\":{\"a\":{\"Doc\":{\"_a\":true,\"children\":{\"x\":{\"Bool\":true}}}},"
        "\"l\":{\"List\":[[[2,4,\"00000000000000000000000000000000\"],{\"Int\":1}]]}}}";
    row_table table = {0};
    eid_state_rows rows = row_table_rows(&table);

    assert_int_equal(apply_text(&table, 1, text), EID_OK);
    assert_int_equal(apply_text(&table, 2, text), EID_OK);
    for (size_t row = 0; row < table.count; row++) {
        row_table_row *damaged = &table.rows[row];

        for (size_t at = 0; at < damaged->key_len + damaged->value_len; at++) {
            uint8_t *byte =
                at < damaged->key_len ? &damaged->key[at] : &damaged->value[at - damaged->key_len];
            uint8_t was = *byte;

            for (unsigned bit = 0; bit < 8; bit++) {
                eid_doc *doc = NULL;
                eid_status status;

                *byte = (uint8_t)(was ^ (1u << bit));
                status = eid_state_read(&rows, &doc);
                assert_true(status == EID_OK || status == EID_E_CORRUPT);
                eid_doc_free(doc);
            }
            *byte = was;
        }
    }
    row_table_fini(&table);
}

static void test_state_get__gives_the_whole_store_for_no_names(void **state)
{
    row_table table = {0};
    eid_state_rows rows = row_table_rows(&table);
    eid_value value;

    assert_int_equal(eid_state_get(&rows, NULL, 0, &value, NULL), EID_OK);
    assert_int_equal(eid_doc_total(value.doc), 0);
    eid_value_fini(&value);
    assert_int_equal(apply_text(&table, 1, "{\"children\":{\"k\":{\"Text\":\"v\"}}}"), EID_OK);
    assert_int_equal(eid_state_get(&rows, NULL, 0, &value, NULL), EID_OK);
    assert_int_equal(eid_doc_total(value.doc), 1);
    eid_value_fini(&value);
    row_table_fini(&table);
}

static void test_state__survives_the_failure_of_any_allocation(void **state)
{
    static const char text[] =
        "{\"children\":{\"a\":{\"Doc\":{\"children\":{\"x\":{\"Text\":\"t\"}}}},"
        "\"l\":{\"List\":[[[2,4,\"00000000000000000000000000000000\"],{\"Int\":1}]]}}}";
    eid_status status = EID_E_NO_MEMORY;

    for (uint64_t nth = 1; status != EID_OK; nth++) {
        row_table table = {0};
        eid_state_rows rows = row_table_rows(&table);
        eid_doc *doc = NULL;

        (void)eid_alloc_fail_at(nth, false);
        status = apply_text(&table, 1, text);
        if (status == EID_OK) status = eid_state_read(&rows, &doc);
        (void)eid_alloc_fail_at(0, false);
        if (status != EID_OK) assert_int_equal(status, EID_E_NO_MEMORY);
        eid_doc_free(doc);
        row_table_fini(&table);
        assert_true(nth < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_apply__touches_one_row_for_a_flat_payload),
        cmocka_unit_test(test_state__does_not_bring_back_what_an_atomic_doc_ended),
        cmocka_unit_test(test_state__keeps_long_names_apart_in_short_keys),
        cmocka_unit_test(test_state_read__survives_damaged_rows),
        cmocka_unit_test(test_state_get__gives_the_whole_store_for_no_names),
        cmocka_unit_test(test_state__survives_the_failure_of_any_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
