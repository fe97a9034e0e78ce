/* Messages that are in no example: unknown ones, and those that break a limit. */
#include "dag/alloc.h"
#include "dag/cbor.h"
#include "node/sync/message.h"
#include "tests/node/sync_store.h"

static void expect_decode(const eid_buf *body, bool is_ok)
{
    eid_message message;
    eid_status status = eid_message_decode(eid_buf_slice(body), &message);

    assert_ok(eid_buf_status(body));
    assert_int_equal(status, is_ok ? EID_OK : eid_kind_status(EID_KIND_SYNC_MESSAGE));
    eid_message_fini(&message);
}

static void body_begin(eid_buf *body, uint64_t type)
{
    eid_buf_init(body, 8u << 20);
    eid_cbor_put_array(body, 2);
    eid_cbor_put_uint(body, type);
}

static void test_decode__ignores_unknown_keys_and_those_of_other_types(void **state)
{
    eid_message message;
    eid_buf body;

    body_begin(&body, EID_MESSAGE_OBSERVED);
    eid_cbor_put_map(&body, 4);
    eid_cbor_put_string(&body, "zz");
    eid_cbor_put_array(&body, 1);
    eid_cbor_put_null(&body);
    eid_cbor_put_string(&body, "addr");
    eid_cbor_put_string(&body, "192.0.2.7:1");
    eid_cbor_put_string(&body, "tips"); /* of another type, and not what it is there */
    eid_cbor_put_bool(&body, true);
    eid_cbor_put_string(&body, "later");
    eid_cbor_put_int(&body, -5);
    assert_ok(eid_message_decode(eid_buf_slice(&body), &message));
    assert_true(eid_slice_is(message.addr, "192.0.2.7:1"));
    eid_message_fini(&message);
    eid_buf_fini(&body);
}

static void test_decode__takes_an_unknown_type_with_any_body(void **state)
{
    eid_message message;
    eid_buf body;

    body_begin(&body, 4711);
    eid_cbor_put_array(&body, 1);
    eid_cbor_put_string(&body, "what comes later");
    assert_ok(eid_message_decode(eid_buf_slice(&body), &message));
    assert_int_equal(message.type, 4711);
    assert_string_equal(eid_message_name(message.type), "?");
    eid_message_fini(&message);
    eid_buf_append_byte(&body, 0); /* one byte too many */
    expect_decode(&body, false);
    eid_buf_fini(&body);
}

static eid_id number_id(uint64_t number)
{
    return eid_id_of_entry(eid_slice_of(&number, sizeof number));
}

static void put_ids(eid_buf *body, const char *key, size_t count)
{
    eid_idset ids = EID_IDSET_EMPTY;

    eid_cbor_put_string(body, key);
    eid_cbor_put_array(body, count);
    for (size_t i = 0; i < count; i++) {
        eid_id id = number_id(i);

        assert_ok(eid_idset_add(&ids, &id));
    }
    for (size_t i = 0; i < count; i++) eid_cbor_put_link(body, &ids.at[i]);
    eid_idset_fini(&ids);
}

static void test_decode__refuses_more_ids_than_allowed(void **state)
{
    for (size_t over = 0; over < 2; over++) {
        eid_buf body;

        body_begin(&body, EID_MESSAGE_WANT);
        eid_cbor_put_map(&body, 1);
        put_ids(&body, "ids", EID_SYNC_TIPS_MAX + over);
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
        body_begin(&body, EID_MESSAGE_DONE);
        eid_cbor_put_map(&body, 2);
        put_ids(&body, "tips", EID_SYNC_TIPS_MAX + over);
        eid_cbor_put_string(&body, "count");
        eid_cbor_put_uint(&body, 1);
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
    }
}

static void test_decode__refuses_ids_that_are_unsorted_or_doubled(void **state)
{
    eid_id a = number_id(0), b = number_id(1);
    const eid_id *low = eid_id_compare(&a, &b) < 0 ? &a : &b, *high = low == &a ? &b : &a;
    const eid_id *pairs[][2] = {{low, high}, {high, low}, {low, low}};

    for (size_t i = 0; i < 3; i++) {
        eid_buf body;

        body_begin(&body, EID_MESSAGE_WANT);
        eid_cbor_put_map(&body, 1);
        eid_cbor_put_string(&body, "ids");
        eid_cbor_put_array(&body, 2);
        eid_cbor_put_link(&body, pairs[i][0]);
        eid_cbor_put_link(&body, pairs[i][1]);
        expect_decode(&body, i == 0);
        eid_buf_fini(&body);
    }
}

static void put_part(eid_buf *body, size_t ids)
{
    eid_cbor_put_map(body, 3);
    eid_cbor_put_string(body, "to");
    eid_cbor_put_array(body, 0);
    put_ids(body, "ids", ids);
    eid_cbor_put_string(body, "from");
    eid_cbor_put_array(body, 0);
}

static void test_decode__refuses_more_parts_entries_proofs_and_text_than_allowed(void **state)
{
    for (size_t over = 0; over < 2; over++) {
        static const char text[300] = {0};
        eid_buf body;

        body_begin(&body, EID_MESSAGE_RANGES);
        eid_cbor_put_map(&body, 1);
        eid_cbor_put_string(&body, "parts");
        eid_cbor_put_array(&body, EID_MESSAGE_PARTS_MAX + over);
        for (size_t i = 0; i < EID_MESSAGE_PARTS_MAX + over; i++) put_part(&body, 0);
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
        body_begin(&body, EID_MESSAGE_RANGES);
        eid_cbor_put_map(&body, 1);
        eid_cbor_put_string(&body, "parts");
        eid_cbor_put_array(&body, 1);
        put_part(&body, EID_MESSAGE_PART_IDS_MAX + over);
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
        body_begin(&body, EID_MESSAGE_ENTRIES);
        eid_cbor_put_map(&body, 1);
        eid_cbor_put_string(&body, "b");
        eid_cbor_put_array(&body, EID_MESSAGE_ENTRIES_MAX + over);
        for (size_t i = 0; i < EID_MESSAGE_ENTRIES_MAX + over; i++)
            eid_cbor_put_bytes(&body, eid_slice_of("e", 1));
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
        body_begin(&body, EID_MESSAGE_GOODBYE);
        eid_cbor_put_map(&body, 2);
        eid_cbor_put_string(&body, "code");
        eid_cbor_put_uint(&body, 0);
        eid_cbor_put_string(&body, "text");
        eid_cbor_put_text(&body, eid_slice_of(text, EID_MESSAGE_TEXT_MAX + over));
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
    }
}

static void test_decode__refuses_more_proofs_than_allowed(void **state)
{
    static const uint8_t zeros[64] = {0};

    for (size_t over = 0; over < 2; over++) {
        eid_buf body;

        body_begin(&body, EID_MESSAGE_ACCEPT);
        eid_cbor_put_map(&body, 5);
        put_ids(&body, "have", 0);
        put_ids(&body, "tips", 0);
        eid_cbor_put_string(&body, "count");
        eid_cbor_put_uint(&body, UINT64_MAX);
        eid_cbor_put_string(&body, "common");
        eid_cbor_put_bool(&body, false);
        eid_cbor_put_string(&body, "proofs");
        eid_cbor_put_array(&body, EID_MESSAGE_PROOFS_MAX + over);
        for (size_t i = 0; i < EID_MESSAGE_PROOFS_MAX + over; i++) {
            eid_cbor_put_map(&body, 2);
            eid_cbor_put_string(&body, "key");
            eid_cbor_put_bytes(&body, eid_slice_of(zeros, 32));
            eid_cbor_put_string(&body, "sig");
            eid_cbor_put_bytes(&body, eid_slice_of(zeros, 64));
        }
        expect_decode(&body, over == 0);
        eid_buf_fini(&body);
    }
}

static void test_decode__refuses_a_hello_with_half_its_limits(void **state)
{
    for (uint64_t count = 1; count <= 2; count++) {
        eid_buf body;

        body_begin(&body, EID_MESSAGE_HELLO);
        eid_cbor_put_map(&body, 3);
        eid_cbor_put_string(&body, "node");
        eid_cbor_put_string(&body, "x");
        eid_cbor_put_string(&body, "addrs");
        eid_cbor_put_string(&body, "");
        eid_cbor_put_string(&body, "limits");
        eid_cbor_put_map(&body, count);
        eid_cbor_put_string(&body, "message");
        eid_cbor_put_uint(&body, 1);
        if (count == 2) {
            eid_cbor_put_string(&body, "streams");
            eid_cbor_put_uint(&body, 1);
        }
        expect_decode(&body, count == 2);
        eid_buf_fini(&body);
    }
}

static void test_encode__refuses_a_message_over_the_limit(void **state)
{
    uint8_t *bytes = calloc(1, 1 << 20);
    eid_slice entries[5];
    eid_message message;
    eid_buf out;

    assert_non_null(bytes);
    for (size_t i = 0; i < 5; i++) entries[i] = eid_slice_of(bytes, 1 << 20);
    eid_message_init(&message, EID_MESSAGE_ENTRIES);
    message.entries = entries;
    message.entry_count = 5;
    eid_buf_init(&out, 16u << 20);
    assert_int_equal(eid_message_encode(&message, &out), eid_kind_status(EID_KIND_LIMIT));
    eid_buf_fini(&out);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode__ignores_unknown_keys_and_those_of_other_types),
        cmocka_unit_test(test_decode__takes_an_unknown_type_with_any_body),
        cmocka_unit_test(test_decode__refuses_more_ids_than_allowed),
        cmocka_unit_test(test_decode__refuses_ids_that_are_unsorted_or_doubled),
        cmocka_unit_test(test_decode__refuses_more_parts_entries_proofs_and_text_than_allowed),
        cmocka_unit_test(test_decode__refuses_more_proofs_than_allowed),
        cmocka_unit_test(test_decode__refuses_a_hello_with_half_its_limits),
        cmocka_unit_test(test_encode__refuses_a_message_over_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
