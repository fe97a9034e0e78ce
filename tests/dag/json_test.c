/* The JSON reader and writer. */
#include "dag/json.h"

#include "dag/alloc.h"
#include "tests/support/test.h"

/* Read everything; whether it was accepted. */
static bool is_read(eid_slice text)
{
    eid_json json;
    eid_json_event event;
    bool is_good;

    eid_json_init(&json, text);
    do {
        event = eid_json_next(&json);
    } while (event != EID_JSON_END && event != EID_JSON_ERROR);
    is_good = eid_json_finish(&json) == EID_OK;
    assert_int_equal(is_good, event == EID_JSON_END);
    eid_json_fini(&json);
    return is_good;
}

/* Pass over everything; whether it was accepted. */
static bool is_skipped(eid_slice text)
{
    eid_json json;
    bool is_good;

    eid_json_init(&json, text);
    eid_json_skip(&json);
    is_good = eid_json_finish(&json) == EID_OK;
    eid_json_fini(&json);
    return is_good;
}

static void test_json_next__gives_the_events_in_order(void **state)
{
    static const char text[] = " {\"a\" : [1, -2.5e3 ,true],\"b\":{}, \"c\":[ ],\"d\":null}\n";
    static const eid_json_event expected[] = {EID_JSON_OBJECT,     EID_JSON_KEY,    EID_JSON_ARRAY,
                                              EID_JSON_NUMBER,     EID_JSON_NUMBER, EID_JSON_BOOL,
                                              EID_JSON_ARRAY_END,  EID_JSON_KEY,    EID_JSON_OBJECT,
                                              EID_JSON_OBJECT_END, EID_JSON_KEY,    EID_JSON_ARRAY,
                                              EID_JSON_ARRAY_END,  EID_JSON_KEY,    EID_JSON_NULL,
                                              EID_JSON_OBJECT_END, EID_JSON_END};
    eid_json json;

    eid_json_init(&json, eid_slice_text(text));
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(eid_json_next(&json), expected[i]);
    }
    assert_int_equal(eid_json_finish(&json), EID_OK);
    eid_json_fini(&json);
}

static void test_json__refuses_what_rfc_8259_refuses(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "[",
                                      "]",
                                      "{",
                                      "}",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{1:2}",
                                      "{\"a\":1]",
                                      "[1}",
                                      "01",
                                      "-",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "1e+",
                                      "+1",
                                      "tru",
                                      "nul",
                                      "truex",
                                      "'a'",
                                      "\"a",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"a\nb\"",
                                      "1 2",
                                      "[]]",
                                      "\"a\"b",
                                      "{\"a\":1 \"b\":2}",
                                      "NaN",
                                      "\xef\xbb\xbf\x31",
                                      "/**/1"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (is_read(eid_slice_text(bad[i]))) fail_msg("read %s", bad[i]);
        if (is_skipped(eid_slice_text(bad[i]))) fail_msg("skipped %s", bad[i]);
    }
}

static void test_json__accepts_what_is_json(void **state)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "1e5",
                                       "1E-5",
                                       "0.0",
                                       "\"\"",
                                       "[]",
                                       "{}",
                                       "[[],[]]",
                                       "{\"\":{\"\":[{}]}}",
                                       "\t\r\n null ",
                                       "\"\\u0000\\ud83e\\udd80\\/\"",
                                       "\"\x7f\"",
                                       "[1,[2],{}]"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!is_read(eid_slice_text(good[i]))) fail_msg("refused %s", good[i]);
        if (!is_skipped(eid_slice_text(good[i]))) fail_msg("did not skip %s", good[i]);
    }
}

static void test_json_next__decodes_escapes_and_refuses_lone_surrogates(void **state)
{
    static const char *const bad[] = {"\"\\ud800\"",  "\"\\udc00\"", "\"\\ud800\\u0041\"",
                                      "\"\\ud800x\"", "\"\xff\"",    "\"\xed\xa0\x80\""};
    eid_json json;

    eid_json_init(&json, eid_slice_text("\"a\\n\\u00e9\\u20ac\\ud83e\\udd80\\\"z\""));
    assert_int_equal(eid_json_next(&json), EID_JSON_STRING);
    assert_true(eid_slice_is(json.text, "a\n\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80\"z"));
    eid_json_fini(&json);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (is_read(eid_slice_text(bad[i]))) fail_msg("read bad text %zu", i);
        if (!is_skipped(eid_slice_text(bad[i]))) fail_msg("did not skip text %zu", i);
    }
}

static eid_buf nested(size_t depth)
{
    eid_buf text;

    eid_buf_init(&text, 1000000);
    for (size_t i = 0; i < depth; i++) eid_buf_append_text(&text, i % 2 ? "[" : "{\"k\":");
    eid_buf_append_text(&text, "0");
    for (size_t i = depth; i-- > 0;) eid_buf_append_text(&text, i % 2 ? "]" : "}");
    return text;
}

static void test_json__counts_levels_only_of_what_is_read(void **state)
{
    eid_buf most = nested(EID_JSON_DEPTH_MAX);
    eid_buf more = nested(EID_JSON_DEPTH_MAX + 1);
    eid_buf many = nested(50000);

    assert_true(is_read(eid_buf_slice(&most)));
    assert_false(is_read(eid_buf_slice(&more)));
    assert_true(is_skipped(eid_buf_slice(&more)));
    assert_true(is_skipped(eid_buf_slice(&many)));
    eid_buf_fini(&most);
    eid_buf_fini(&more);
    eid_buf_fini(&many);
}

static void test_json_skip__passes_one_value_wherever_it_is(void **state)
{
    eid_json json;

    eid_json_init(&json,
                  eid_slice_text("[1,{\"a\":[{},\"]\"],\"b\":\"\xff\"},2,{\"x\":[1,2],\"y\":3}]"));
    assert_int_equal(eid_json_next(&json), EID_JSON_ARRAY);
    eid_json_skip(&json);
    eid_json_skip(&json);
    assert_int_equal(eid_json_next(&json), EID_JSON_NUMBER);
    assert_true(eid_slice_is(json.text, "2"));
    assert_int_equal(eid_json_next(&json), EID_JSON_OBJECT);
    assert_int_equal(eid_json_next(&json), EID_JSON_KEY);
    eid_json_skip(&json);
    assert_int_equal(eid_json_next(&json), EID_JSON_KEY);
    assert_true(eid_slice_is(json.text, "y"));
    eid_json_skip(&json);
    assert_int_equal(eid_json_next(&json), EID_JSON_OBJECT_END);
    assert_int_equal(eid_json_next(&json), EID_JSON_ARRAY_END);
    assert_int_equal(eid_json_finish(&json), EID_OK);
    eid_json_fini(&json);
}

static void test_json_int__takes_only_the_shortest_form_in_range(void **state)
{
    static const struct {
        const char *text;
        bool is_int, is_uint;
    } rows[] = {{"0", true, true},
                {"-1", true, false},
                {"9223372036854775807", true, true},
                {"9223372036854775808", false, true},
                {"-9223372036854775808", true, false},
                {"-9223372036854775809", false, false},
                {"18446744073709551615", false, true},
                {"18446744073709551616", false, false},
                {"-0", false, false},
                {"1.0", false, false},
                {"1e0", false, false}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        eid_json json;
        int64_t number;
        uint64_t magnitude;

        eid_json_init(&json, eid_slice_text(rows[i].text));
        assert_int_equal(eid_json_next(&json), EID_JSON_NUMBER);
        if (eid_json_int64(&json, &number) != rows[i].is_int) fail_msg("int %s", rows[i].text);
        if (eid_json_uint64(&json, &magnitude) != rows[i].is_uint) {
            fail_msg("uint %s", rows[i].text);
        }
        eid_json_fini(&json);
    }
}

static void test_json__keeps_its_first_error(void **state)
{
    eid_json json;

    eid_json_init(&json, eid_slice_text("[1,2]"));
    (void)eid_json_next(&json);
    eid_json_fail(&json, "not what I wanted");
    assert_int_equal(eid_json_next(&json), EID_JSON_ERROR);
    eid_json_skip(&json);
    assert_int_equal(eid_json_finish(&json), EID_E_MALFORMED);
    assert_string_equal(eid_status_detail(EID_E_MALFORMED).text,
                        "not what I wanted at byte 1 of the JSON");
    eid_json_fini(&json);
}

static void test_json_writer__puts_commas_and_escapes(void **state)
{
    static const char expected[] =
        "{\"a\":[1,-2,[],{}],\"q\\\"\":\"\\b\\t\\n\\f\\r\\u0001\\u001f\\\\/"
        "\xc3\xa9\",\"n\":null,\"t\":true,\"r\":{\"x\":1},\"u\":18446744073709551615}";
    eid_buf out;
    eid_json_writer writer;

    eid_buf_init(&out, 1000);
    eid_json_writer_init(&writer, &out);
    eid_json_object(&writer);
    eid_json_key(&writer, "a");
    eid_json_array(&writer);
    eid_json_int(&writer, 1);
    eid_json_int(&writer, -2);
    eid_json_array(&writer);
    eid_json_array_end(&writer);
    eid_json_object(&writer);
    eid_json_object_end(&writer);
    eid_json_array_end(&writer);
    eid_json_key(&writer, "q\"");
    eid_json_text(&writer, "\b\t\n\f\r\x01\x1f\\/\xc3\xa9");
    eid_json_key(&writer, "n");
    eid_json_text(&writer, NULL);
    eid_json_key(&writer, "t");
    eid_json_bool(&writer, true);
    eid_json_key(&writer, "r");
    eid_json_raw(&writer, eid_slice_text("{\"x\":1}"));
    eid_json_key(&writer, "u");
    eid_json_uint(&writer, UINT64_MAX);
    eid_json_object_end(&writer);
    eid_buf_append_byte(&out, 0);
    assert_string_equal(out.at, expected);
    assert_true(is_read(eid_slice_text(expected)));
    eid_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_next__gives_the_events_in_order),
        cmocka_unit_test(test_json__refuses_what_rfc_8259_refuses),
        cmocka_unit_test(test_json__accepts_what_is_json),
        cmocka_unit_test(test_json_next__decodes_escapes_and_refuses_lone_surrogates),
        cmocka_unit_test(test_json__counts_levels_only_of_what_is_read),
        cmocka_unit_test(test_json_skip__passes_one_value_wherever_it_is),
        cmocka_unit_test(test_json_int__takes_only_the_shortest_form_in_range),
        cmocka_unit_test(test_json__keeps_its_first_error),
        cmocka_unit_test(test_json_writer__puts_commas_and_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
