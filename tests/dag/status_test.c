/* Statuses: the reason belongs to the failure that was made last, and to no other. */
#include "dag/status.h"

#include <string.h>

#include "tests/support/test.h"

static void test_status_fail__keeps_kind_text_and_place(void **state)
{
    eid_status status = EID_FAIL(EID_KIND_ENTRY_BYTES, "%d bytes too many", 3);
    eid_detail detail = eid_status_detail(status);

    assert_int_equal(status, EID_E_MALFORMED);
    assert_int_equal(detail.kind, EID_KIND_ENTRY_BYTES);
    assert_string_equal(detail.text, "3 bytes too many");
    assert_non_null(strstr(detail.file, "status_test.c"));
    assert_true(detail.line > 0);
}

static void test_status_detail__shows_no_stale_reason(void **state)
{
    eid_status status = EID_FAIL(EID_KIND_ENTRY_BYTES, "old");

    assert_int_equal(status, EID_E_MALFORMED);
    assert_int_equal(eid_status_detail(EID_E_NOT_FOUND).kind, EID_KIND_NONE);
    assert_string_equal(eid_status_detail(EID_E_NOT_FOUND).text, "not there, which can be normal");
    assert_string_equal(eid_status_detail(EID_OK).text, "no error");
}

static void test_status_fail__may_quote_the_last_text(void **state)
{
    eid_status status = EID_FAIL(EID_KIND_CBOR, "inner");

    status = EID_FAIL(EID_KIND_ENTRY_BYTES, "outer: %s", eid_status_detail(status).text);
    assert_string_equal(eid_status_detail(status).text, "outer: inner");
}

static void test_status_fail__replaces_what_a_terminal_must_not_get(void **state)
{
    eid_status status = EID_FAIL(EID_KIND_CBOR, "a\x1b[31m\n\xff\xc3\xa9");

    assert_string_equal(eid_status_detail(status).text, "a?[31m??\xc3\xa9");
}

static void test_status_fail__cuts_a_long_text(void **state)
{
    eid_status status = EID_FAIL(EID_KIND_CBOR, "%*d", EID_DETAIL_TEXT_MAX * 2, 1);

    assert_int_equal(strlen(eid_status_detail(status).text), EID_DETAIL_TEXT_MAX - 1);
}

static void test_status_restore__puts_a_copied_reason_in_force(void **state)
{
    eid_status status = eid_status_restore(EID_KIND_USER_EXISTS, "ann");

    assert_int_equal(status, EID_E_EXISTS);
    assert_string_equal(eid_status_detail(status).text, "ann");
    assert_int_equal(eid_status_restore(EID_KIND_NONE, ""), EID_OK);
}

static void test_kind__has_the_names_of_the_specification(void **state)
{
    assert_string_equal(eid_status_name(EID_E_TOO_BIG), "TOO_BIG");
    assert_string_equal(eid_kind_name(EID_KIND_ID_FORMAT), "ID_FORMAT");
    assert_string_equal(eid_kind_module(EID_KIND_ID_FORMAT), "id");
    assert_string_equal(eid_kind_label(EID_KIND_ID_FORMAT), "InvalidFormat");
    assert_string_equal(eid_kind_remedy(EID_KIND_NONE), "");
    assert_int_equal(eid_kind_status(EID_KIND_NONE), EID_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_fail__keeps_kind_text_and_place),
        cmocka_unit_test(test_status_detail__shows_no_stale_reason),
        cmocka_unit_test(test_status_fail__may_quote_the_last_text),
        cmocka_unit_test(test_status_fail__replaces_what_a_terminal_must_not_get),
        cmocka_unit_test(test_status_fail__cuts_a_long_text),
        cmocka_unit_test(test_status_restore__puts_a_copied_reason_in_force),
        cmocka_unit_test(test_kind__has_the_names_of_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
