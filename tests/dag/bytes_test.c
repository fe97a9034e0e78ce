/* Slices, buffers and UTF-8. */
#include "dag/bytes.h"

#include "dag/alloc.h"
#include "tests/dag/examples.h"

static void test_slice_compare__puts_a_prefix_first(void **state)
{
    assert_true(eid_slice_compare(eid_slice_text("ab"), eid_slice_text("abc")) < 0);
    assert_true(eid_slice_compare(eid_slice_text("b"), eid_slice_text("abc")) > 0);
    assert_int_equal(eid_slice_compare(EID_SLICE_EMPTY, eid_slice_text("")), 0);
    assert_true(eid_slice_has_prefix(eid_slice_text("abc"), eid_slice_text("ab")));
    assert_false(eid_slice_has_prefix(eid_slice_text("a"), eid_slice_text("ab")));
}

static void test_slice_is_utf8__refuses_what_rfc_3629_refuses(void **state)
{
    static const char *const good[] = {"",
                                       "plain text of more than eight bytes",
                                       "\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\xa6\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "12345678\xc3\xa9"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc3",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "12345678\xc3",
                                      "\xe2\x82"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(eid_slice_is_utf8(eid_slice_text(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (eid_slice_is_utf8(eid_slice_text(bad[i]))) fail_msg("bad text %zu was accepted", i);
    }
}

static void test_buf__keeps_its_first_error(void **state)
{
    eid_buf buf;

    eid_buf_init(&buf, 4);
    eid_buf_append_text(&buf, "abc");
    eid_buf_append_text(&buf, "de");
    assert_int_equal(eid_buf_status(&buf), EID_E_TOO_BIG);
    eid_buf_append_text(&buf, "d");
    assert_int_equal(buf.len, 3);
    assert_null(eid_buf_extend(&buf, 1));
    assert_null(eid_buf_take_text(&buf));
    eid_buf_clear(&buf);
    eid_buf_append_text(&buf, "wxyz");
    assert_int_equal(eid_buf_status(&buf), EID_OK);
    eid_buf_fini(&buf);
}

static void test_buf__without_memory_stays_as_it_was(void **state)
{
    eid_buf buf;

    eid_buf_init(&buf, 1000);
    eid_buf_append_text(&buf, "abc");
    eid_alloc_fail_at(1, true);
    eid_buf_append_format(&buf, "%500d", 1);
    eid_alloc_fail_at(0, false);
    assert_int_equal(eid_buf_status(&buf), EID_E_NO_MEMORY);
    assert_int_equal(buf.len, 3);
    eid_buf_fini(&buf);
}

static void test_buf__formats_and_gives_text_away(void **state)
{
    eid_buf buf;
    char *text;

    eid_buf_init(&buf, 1000);
    eid_buf_append_format(&buf, "%d-%300s", 7, "x");
    assert_int_equal(buf.len, 302);
    eid_buf_truncate(&buf, 1);
    text = eid_buf_take_text(&buf);
    assert_string_equal(text, "7");
    assert_int_equal(buf.len, 0);
    eid_free(text);
    eid_buf_fini(&buf);
}

static void test_buf__integers_are_big_endian(void **state)
{
    eid_buf buf;

    eid_buf_init(&buf, 100);
    eid_buf_append_u16(&buf, 0x0102);
    eid_buf_append_u32(&buf, 0x03040506);
    eid_buf_append_u64(&buf, 0x0708090a0b0c0d0e);
    assert_bytes(eid_buf_slice(&buf), "0102030405060708090a0b0c0d0e");
    assert_int_equal(eid_get_u16(buf.at), 0x0102);
    assert_int_equal(eid_get_u32(buf.at + 2), 0x03040506);
    assert_true(eid_get_u64(buf.at + 6) == 0x0708090a0b0c0d0e);
    eid_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slice_compare__puts_a_prefix_first),
        cmocka_unit_test(test_slice_is_utf8__refuses_what_rfc_3629_refuses),
        cmocka_unit_test(test_buf__keeps_its_first_error),
        cmocka_unit_test(test_buf__without_memory_stays_as_it_was),
        cmocka_unit_test(test_buf__formats_and_gives_text_away),
        cmocka_unit_test(test_buf__integers_are_big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
