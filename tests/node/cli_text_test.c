/* Text for a terminal. */
#include "node/cli/text.h"

#include "tests/support/test.h"

static void check_text(const char *text, const char *expected)
{
    eid_buf out;

    eid_buf_init(&out, 4096);
    eid__cli_text_append(&out, eid_slice_text(text));
    eid_buf_append_byte(&out, 0);
    assert_string_equal((char *)out.at, expected);
    eid_buf_fini(&out);
}

static void check_json(const char *json, const char *expected)
{
    eid_buf out;

    eid_buf_init(&out, 4096);
    eid__cli_text_append_json(&out, eid_slice_text(json));
    eid_buf_append_byte(&out, 0);
    assert_string_equal((char *)out.at, expected);
    eid_buf_fini(&out);
}

static void test_cli_text__leaves_ordinary_text_alone(void **state)
{
    check_text("Hello, \"World\" \\ 100%", "Hello, \"World\" \\ 100%");
    check_text("Språk 言語 🦊 עברית", "Språk 言語 🦊 עברית");
}

static void test_cli_text__escapes_what_steers_a_terminal(void **state)
{
    check_text("\033[31mred", "\\x1b[31mred");
    check_text("a\nb\tc\r", "a\\x0ab\\x09c\\x0d");
    check_text("\x7f", "\\x7f");
    check_text("\xc2\x9b"
               "31m",
               "\\u{9b}31m"); /* CSI as one character */
    check_text("\xe2\x80\xae"
               "evil",
               "\\u{202e}evil"); /* right-to-left override */
    check_text("\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}");
    check_text("a\xe2\x80\x8b"
               "b",
               "a\\u{200b}b");
    check_text("\xf3\xa0\x81\x81", "\\u{e0041}");
}

static void test_cli_text__escapes_what_is_no_utf8(void **state)
{
    check_text("a\xff\xc3", "a\\xff\\xc3");
    check_text("\xed\xa0\x80", "\\xed\\xa0\\x80");
}

static void test_cli_text__keeps_json_json(void **state)
{
    check_json("{\"a\":\n 1}", "{\"a\":\n 1}");
    check_json("\"\xe2\x80\xae\"", "\"\\u202e\"");
    check_json("\"\x7f\"", "\"\\u007f\"");
    check_json("\"\xf3\xa0\x81\x81\"", "\"\\udb40\\udc41\"");
    check_json("\"言語\"", "\"言語\"");
}

static void test_cli_text_width__counts_columns(void **state)
{
    assert_int_equal(eid__cli_text_width(eid_slice_text("abc")), 3);
    assert_int_equal(eid__cli_text_width(eid_slice_text("言語")), 4);
    assert_int_equal(eid__cli_text_width(eid_slice_text("e\xcc\x81")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_text__leaves_ordinary_text_alone),
        cmocka_unit_test(test_cli_text__escapes_what_steers_a_terminal),
        cmocka_unit_test(test_cli_text__escapes_what_is_no_utf8),
        cmocka_unit_test(test_cli_text__keeps_json_json),
        cmocka_unit_test(test_cli_text_width__counts_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
