#include "crdt/ydoc.h"

#include "dag/alloc.h"
#include "dag/random.h"
#include "tests/support/test.h"

#define BYTES_MAX ((size_t)1 << 26)

static eid_ydoc *doc_new(uint32_t client)
{
    eid_ydoc *doc = NULL;

    assert_int_equal(eid_ydoc_new(client, &doc), EID_OK);
    return doc;
}

static eid_buf doc_bytes(const eid_ydoc *doc)
{
    eid_buf bytes;

    eid_buf_init(&bytes, BYTES_MAX);
    assert_int_equal(eid_ydoc_encode(doc, EID_SLICE_EMPTY, &bytes), EID_OK);
    return bytes;
}

static void doc_copy(eid_ydoc *into, const eid_ydoc *from)
{
    eid_buf bytes = doc_bytes(from);

    assert_int_equal(eid_ydoc_apply(into, eid_buf_slice(&bytes)), EID_OK);
    eid_buf_fini(&bytes);
}

static void insert(eid_ydoc *doc, uint64_t index, const char *text)
{
    assert_int_equal(eid_ydoc_text_insert(doc, "t", index, eid_slice_text(text)), EID_OK);
}

static void check_text(const eid_ydoc *doc, const char *expected)
{
    eid_buf text;
    char *actual;

    eid_buf_init(&text, BYTES_MAX);
    assert_int_equal(eid_ydoc_view_text(doc, "t", &text), EID_OK);
    actual = eid_slice_dup_text(eid_buf_slice(&text));
    assert_string_equal(actual, expected);
    eid_free(actual);
    eid_buf_fini(&text);
}

/* Which of the views: 'm' or 'a'. */
static void check_json(const eid_ydoc *doc, char root, const char *expected)
{
    eid_json_writer writer;
    eid_buf text;
    char *actual;

    eid_buf_init(&text, BYTES_MAX);
    eid_json_writer_init(&writer, &text);
    if (root == 'm')
        assert_int_equal(eid_ydoc_view_map(doc, "m", &writer), EID_OK);
    else
        assert_int_equal(eid_ydoc_view_array(doc, "a", &writer), EID_OK);
    actual = eid_slice_dup_text(eid_buf_slice(&text));
    assert_string_equal(actual, expected);
    eid_free(actual);
    eid_buf_fini(&text);
}

static eid_status apply(eid_ydoc *doc, const void *bytes, size_t len)
{
    return eid_ydoc_apply(doc, eid_slice_of(bytes, len));
}

/* -- edits ------------------------------------------------------------------------------------- */

static void test_ydoc_text__is_edited_by_utf16_units(void **state)
{
    eid_ydoc *doc = doc_new(1), *copy = doc_new(2);

    insert(doc, 0, "a😀b");
    assert_int_equal(eid_ydoc_length(doc, "t"), 4);
    insert(doc, 3, "ü");
    check_text(doc, "a😀üb");
    assert_int_equal(eid_ydoc_text_delete(doc, "t", 1, 2), EID_OK);
    check_text(doc, "aüb");
    assert_int_equal(eid_ydoc_text_delete(doc, "t", 2, 2), EID_E_INVALID);
    assert_int_equal(eid_ydoc_text_insert(doc, "t", 4, eid_slice_text("x")), EID_E_INVALID);
    assert_int_equal(eid_ydoc_text_insert(doc, "t", 0, eid_slice_of("\xff", 1)), EID_E_INVALID);
    check_text(doc, "aüb");
    doc_copy(copy, doc);
    check_text(copy, "aüb");
    eid_ydoc_free(doc);
    eid_ydoc_free(copy);
}

static void test_ydoc_text__keeps_its_units_when_a_character_is_divided(void **state)
{
    eid_ydoc *doc = doc_new(1), *copy = doc_new(2);

    insert(doc, 0, "äöü😀x😀😀");
    insert(doc, 4, "-");
    check_text(doc, "äöü\ufffd-\ufffdx😀😀");
    insert(doc, 10, "+");
    check_text(doc, "äöü\ufffd-\ufffdx😀\ufffd+\ufffd");
    assert_int_equal(eid_ydoc_length(doc, "t"), 12);
    assert_int_equal(eid_ydoc_text_delete(doc, "t", 8, 1), EID_OK);
    check_text(doc, "äöü\ufffd-\ufffdx\ufffd\ufffd+\ufffd");
    doc_copy(copy, doc);
    check_text(copy, "äöü\ufffd-\ufffdx\ufffd\ufffd+\ufffd");
    eid_ydoc_free(doc);
    eid_ydoc_free(copy);
}

static void test_ydoc_map__keeps_the_value_of_the_higher_client(void **state)
{
    static const char value[] = "{\"b\":[-64,0.5,\"x\"],\"a\":null}";
    eid_ydoc *low = doc_new(1), *high = doc_new(2);
    eid_slice key = eid_slice_text("k");

    assert_int_equal(eid_ydoc_map_set(low, "m", key, eid_slice_text("1")), EID_OK);
    assert_int_equal(eid_ydoc_map_set(high, "m", key, eid_slice_text(value)), EID_OK);
    doc_copy(low, high);
    doc_copy(high, low);
    check_json(low, 'm', "{\"k\":{\"b\":[-64,0.5,\"x\"],\"a\":null}}");
    check_json(high, 'm', "{\"k\":{\"b\":[-64,0.5,\"x\"],\"a\":null}}");
    assert_int_equal(eid_ydoc_map_delete(low, "m", key), EID_OK);
    assert_int_equal(eid_ydoc_map_delete(low, "m", eid_slice_text("other")), EID_OK);
    assert_int_equal(eid_ydoc_map_set(low, "m", key, eid_slice_text("1 2")), EID_E_INVALID);
    check_json(low, 'm', "{}");
    doc_copy(high, low);
    check_json(high, 'm', "{}");
    eid_ydoc_free(low);
    eid_ydoc_free(high);
}

static void test_ydoc_array__holds_what_json_holds(void **state)
{
    static const char values[] =
        "[0,-1,63,64,-8192,2147483647,-2147483648,9007199254740993,true,false,null,\"\",[],{}]";
    eid_ydoc *doc = doc_new(1), *copy = doc_new(2);

    assert_int_equal(eid_ydoc_array_insert(doc, "a", 0, eid_slice_text(values)), EID_OK);
    assert_int_equal(eid_ydoc_array_insert(doc, "a", 3, eid_slice_text("[\"in\"]")), EID_OK);
    assert_int_equal(eid_ydoc_array_delete(doc, "a", 9, 6), EID_OK);
    check_json(doc, 'a', "[0,-1,63,\"in\",64,-8192,2147483647,-2147483648,9007199254740993]");
    assert_int_equal(eid_ydoc_array_insert(doc, "a", 0, eid_slice_text("1")), EID_E_INVALID);
    assert_int_equal(eid_ydoc_array_insert(doc, "a", 0, eid_slice_text("[1")), EID_E_INVALID);
    assert_int_equal(eid_ydoc_array_insert(doc, "a", 0, eid_slice_text("[]")), EID_OK);
    doc_copy(copy, doc);
    check_json(copy, 'a', "[0,-1,63,\"in\",64,-8192,2147483647,-2147483648,9007199254740993]");
    eid_ydoc_free(doc);
    eid_ydoc_free(copy);
}

/* -- updates ----------------------------------------------------------------------------------- */

static void test_ydoc_apply__keeps_what_lacks_its_base_until_the_base_comes(void **state)
{
    eid_ydoc *writer = doc_new(1), *reader = doc_new(2), *relay = doc_new(3);
    eid_buf parts[3], clock, bytes;

    eid_buf_init(&clock, BYTES_MAX);
    for (size_t i = 0; i < 3; i++) {
        insert(writer, i, i == 0 ? "a" : "b");
        if (i == 2) assert_int_equal(eid_ydoc_text_delete(writer, "t", 0, 1), EID_OK);
        eid_buf_init(&parts[i], BYTES_MAX);
        assert_int_equal(eid_ydoc_encode(writer, eid_buf_slice(&clock), &parts[i]), EID_OK);
        eid_buf_clear(&clock);
        assert_int_equal(eid_ydoc_state_vector(writer, &clock), EID_OK);
    }
    for (int repeat = 0; repeat < 2; repeat++) {
        assert_int_equal(eid_ydoc_apply(relay, eid_buf_slice(&parts[2])), EID_OK);
    }
    assert_true(eid_ydoc_is_pending(relay));
    check_text(relay, "");
    bytes = doc_bytes(relay);
    assert_int_equal(bytes.len, parts[2].len);
    assert_int_equal(eid_ydoc_apply(reader, eid_buf_slice(&bytes)), EID_OK);
    assert_int_equal(eid_ydoc_apply(reader, eid_buf_slice(&parts[0])), EID_OK);
    assert_true(eid_ydoc_is_pending(reader));
    check_text(reader, "");
    assert_int_equal(eid_ydoc_apply(reader, eid_buf_slice(&parts[1])), EID_OK);
    assert_false(eid_ydoc_is_pending(reader));
    check_text(reader, "bb");
    for (size_t i = 0; i < 3; i++) eid_buf_fini(&parts[i]);
    eid_buf_fini(&bytes);
    eid_buf_fini(&clock);
    eid_ydoc_free(writer);
    eid_ydoc_free(reader);
    eid_ydoc_free(relay);
}

static void test_ydoc_encode__joins_what_was_typed_letter_by_letter(void **state)
{
    eid_ydoc *doc = doc_new(1);
    eid_buf bytes;

    for (uint64_t i = 0; i < 1000; i++) insert(doc, i, "x");
    bytes = doc_bytes(doc);
    assert_true(bytes.len < 1020);
    eid_buf_fini(&bytes);
    assert_int_equal(eid_ydoc_text_delete(doc, "t", 10, 980), EID_OK);
    bytes = doc_bytes(doc);
    assert_true(bytes.len < 60);
    eid_buf_fini(&bytes);
    eid_ydoc_free(doc);
}

static void test_ydoc_apply__refuses_what_is_no_update(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"", 0},
        {"\0", 1},
        {"\xff\xff\xff\xff", 4},
        {"\1\1\1\0\4\1\1t\5hell\0", 13},                        /* text longer than what is there */
        {"\1\1\1\0\4\1\1t\1\xff\0", 11},                        /* no UTF-8 */
        {"\1\1\1\0\x84\1\0\1x\0", 10},                          /* its own left neighbour */
        {"\1\1\1\0\4\0\1\5\1x\0", 10},                          /* its own parent's parent */
        {"\1\1\1\0\x0b\1\1t\0", 9},                             /* a move */
        {"\1\1\1\0\7\1\1t\7\0", 10},                            /* a weak link */
        {"\1\1\1\0\x08\1\1t\1\x20\0", 11},                      /* value of an unknown type */
        {"\1\1\1\xff\xff\xff\xff\x0f\0\2\0", 11},               /* clock overflow */
        {"\1\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\7\0", 14}, /* clock of more than 64 bits */
        {"\1\xff\xff\xff\xff\x0f\1\0", 8},                      /* more blocks than there are */
        {"\0\1\1\1\xff\xff\xff\xff\x0f\1", 10},                 /* deletes beyond all clocks */
    };
    eid_ydoc *doc = doc_new(1);

    insert(doc, 0, "as it was");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(apply(doc, bad[i].bytes, bad[i].len), EID_E_MALFORMED);
        check_text(doc, "as it was");
    }
    eid_ydoc_free(doc);
}

static void test_ydoc_apply__bounds_how_deeply_values_and_views_nest(void **state)
{
    eid_ydoc *doc = doc_new(1);
    eid_json_writer writer;
    eid_buf deep, view;

    eid_buf_init(&deep, BYTES_MAX);
    eid_buf_append(&deep, eid_slice_of("\1\1\1\0\x08\1\1a\1", 9));
    for (int i = 0; i < 100000; i++) eid_buf_append(&deep, eid_slice_of("\x75\1", 2));
    eid_buf_append(&deep, eid_slice_of("\x7e\0", 2));
    assert_int_equal(eid_ydoc_apply(doc, eid_buf_slice(&deep)), EID_E_MALFORMED);
    /* arrays within arrays: each block is the child of the one before */
    eid_buf_clear(&deep);
    eid_buf_append(&deep, eid_slice_of("\1\xa0\x8d\6\1\0\7\1\1a\0", 11)); /* 100000 blocks */
    for (uint32_t i = 0; i < 99999; i++) {
        uint8_t block[] = {
            7, 0, 1, (uint8_t)(i & 127) | 128, (uint8_t)(i >> 7 & 127) | 128, (uint8_t)(i >> 14),
            0};

        eid_buf_append(&deep, eid_slice_of(block, sizeof(block)));
    }
    eid_buf_append_byte(&deep, 0);
    assert_int_equal(eid_ydoc_apply(doc, eid_buf_slice(&deep)), EID_OK);
    eid_buf_init(&view, BYTES_MAX);
    eid_json_writer_init(&writer, &view);
    assert_int_equal(eid_ydoc_view_array(doc, "a", &writer), EID_E_TOO_BIG);
    assert_int_equal(eid_ydoc_array_delete(doc, "a", 0, 1), EID_OK); /* all of them */
    check_json(doc, 'a', "[]");
    eid_buf_fini(&view);
    view = doc_bytes(doc);
    assert_true(view.len < 40); /* only their clocks are left */
    eid_buf_fini(&view);
    eid_buf_fini(&deep);
    eid_ydoc_free(doc);
}

/* Half a million units, deleted one by one from the middle outwards in one update. */
static void test_ydoc_apply__is_not_slowed_down_by_many_cuts(void **state)
{
    eid_ydoc *doc = doc_new(1);
    eid_buf update, text;

    eid_buf_init(&text, BYTES_MAX);
    for (int i = 0; i < 40000; i++) eid_buf_append_text(&text, "ä😀");
    assert_int_equal(eid_ydoc_text_insert(doc, "t", 0, eid_buf_slice(&text)), EID_OK);
    eid_buf_init(&update, BYTES_MAX);
    eid_buf_append(&update, eid_slice_of("\0\1\1\xc0\xb8\2", 6)); /* 40000 ranges of client 1 */
    for (uint32_t i = 0; i < 40000; i++) {
        uint32_t clock = 60000 + (i & 1 ? i / 2 * 3 : 0 - i / 2 * 3);
        uint8_t range[] = {(uint8_t)(clock & 127) | 128, (uint8_t)(clock >> 7 & 127) | 128,
                           (uint8_t)(clock >> 14), 1};

        eid_buf_append(&update, eid_slice_of(range, sizeof(range)));
    }
    assert_int_equal(eid_ydoc_apply(doc, eid_buf_slice(&update)), EID_OK);
    assert_true(eid_ydoc_length(doc, "t") < 80010);
    eid_buf_fini(&update);
    eid_buf_fini(&text);
    eid_ydoc_free(doc);
}

/* -- payload ----------------------------------------------------------------------------------- */

static void test_ydoc_payload__is_read_in_both_forms(void **state)
{
    static const char *const good[] = {"{\"data\":[0,255]}", "[[0,255]]",
                                       " {\"x\":{\"data\":1},\"data\": [0 ,255],\"y\":[]} "};
    static const char *const bad[] = {"",
                                      "{}",
                                      "null",
                                      "[]",
                                      "[[],[]]",
                                      "{\"data\":1}",
                                      "{\"data\":[256]}",
                                      "{\"data\":[-1]}",
                                      "{\"data\":[1.0]}",
                                      "{\"data\":[]}x",
                                      "{\"data\":[],\"data\":[]}",
                                      "{\"data\":[\"1\"]}"};
    eid_buf data;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        eid_buf_init(&data, BYTES_MAX);
        assert_int_equal(eid_ydoc_payload_read(eid_slice_text(good[i]), &data), EID_OK);
        assert_true(eid_slice_equal(eid_buf_slice(&data), eid_slice_of("\0\xff", 2)));
        eid_buf_fini(&data);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        eid_buf_init(&data, BYTES_MAX);
        assert_int_equal(eid_ydoc_payload_read(eid_slice_text(bad[i]), &data), EID_E_MALFORMED);
        eid_buf_fini(&data);
    }
}

/* -- memory ------------------------------------------------------------------------------------ */

static eid_status merge_all(eid_slice a, eid_slice b)
{
    eid_buf merged;
    eid_status status;

    eid_buf_init(&merged, BYTES_MAX);
    status = eid_ydoc_merge(a, b, &merged);
    eid_buf_fini(&merged);
    return status;
}

static void test_ydoc_merge__survives_the_want_of_memory(void **state)
{
    eid_ydoc *doc = doc_new(1), *other = doc_new(2);
    eid_buf a, b;
    eid_status status = EID_E_NO_MEMORY;

    for (int i = 0; i < 100; i++) insert(doc, (uint64_t)i / 2, "xy");
    doc_copy(other, doc);
    insert(other, 51, "z");
    assert_int_equal(eid_ydoc_text_delete(other, "t", 3, 40), EID_OK);
    assert_int_equal(eid_ydoc_map_set(other, "m", eid_slice_text("k"), eid_slice_text("1")),
                     EID_OK);
    a = doc_bytes(doc);
    b = doc_bytes(other);
    for (uint64_t nth = 1; status == EID_E_NO_MEMORY; nth++) {
        (void)eid_alloc_fail_at(nth, false);
        status = merge_all(eid_buf_slice(&a), eid_buf_slice(&b));
        (void)eid_alloc_fail_at(0, false);
        assert_true(nth < 10000);
    }
    assert_int_equal(status, EID_OK);
    eid_buf_fini(&a);
    eid_buf_fini(&b);
    eid_ydoc_free(doc);
    eid_ydoc_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ydoc_text__is_edited_by_utf16_units),
        cmocka_unit_test(test_ydoc_text__keeps_its_units_when_a_character_is_divided),
        cmocka_unit_test(test_ydoc_map__keeps_the_value_of_the_higher_client),
        cmocka_unit_test(test_ydoc_array__holds_what_json_holds),
        cmocka_unit_test(test_ydoc_apply__keeps_what_lacks_its_base_until_the_base_comes),
        cmocka_unit_test(test_ydoc_encode__joins_what_was_typed_letter_by_letter),
        cmocka_unit_test(test_ydoc_apply__refuses_what_is_no_update),
        cmocka_unit_test(test_ydoc_apply__bounds_how_deeply_values_and_views_nest),
        cmocka_unit_test(test_ydoc_apply__is_not_slowed_down_by_many_cuts),
        cmocka_unit_test(test_ydoc_payload__is_read_in_both_forms),
        cmocka_unit_test(test_ydoc_merge__survives_the_want_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
