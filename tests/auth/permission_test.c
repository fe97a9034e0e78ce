#include "auth/permission.h"

#include "dag/assert.h"
#include "tests/support/test.h"

static const eid_permission ascending[] = {
    {EID_PERMISSION_READ, 0},  {EID_PERMISSION_WRITE, UINT32_MAX}, {EID_PERMISSION_WRITE, 10},
    {EID_PERMISSION_WRITE, 0}, {EID_PERMISSION_ADMIN, UINT32_MAX}, {EID_PERMISSION_ADMIN, 10},
    {EID_PERMISSION_ADMIN, 0},
};

static void test_permission_compare__puts_every_admin_over_every_writer(void **state)
{
    for (size_t i = 0; i < EID_COUNT(ascending); i++) {
        for (size_t j = 0; j < EID_COUNT(ascending); j++) {
            int expected = (i > j) - (i < j);

            assert_int_equal(eid_permission_compare(ascending[i], ascending[j]), expected);
        }
    }
    assert_true(eid_permission_rank((eid_permission){EID_PERMISSION_ADMIN, UINT32_MAX}) ==
                (uint64_t)UINT32_MAX + 2);
}

static void test_permission_clamp__may_raise_and_ignores_a_contradiction(void **state)
{
    eid_bounds bounds = {
        .max = {EID_PERMISSION_WRITE, 0}, .has_min = true, .min = {EID_PERMISSION_WRITE, 7}};
    eid_permission clamped =
        eid_permission_clamp((eid_permission){EID_PERMISSION_WRITE, 15}, &bounds);

    assert_int_equal(clamped.type, EID_PERMISSION_WRITE);
    assert_int_equal(clamped.priority, 7);
    bounds.min = (eid_permission){EID_PERMISSION_ADMIN, 0};
    assert_false(eid_bounds_valid(&bounds));
    clamped = eid_permission_clamp((eid_permission){EID_PERMISSION_READ, 0}, &bounds);
    assert_int_equal(clamped.type, EID_PERMISSION_READ);
    clamped = eid_permission_clamp((eid_permission){EID_PERMISSION_ADMIN, 5}, &bounds);
    assert_int_equal(eid_permission_compare(clamped, bounds.max), 0);
}

static void test_permission_text__is_read_back(void **state)
{
    char text[24];

    for (size_t i = 0; i < EID_COUNT(ascending); i++) {
        eid_permission read;
        eid_slice printed = eid_slice_text(eid_permission_text(ascending[i], text));

        assert_int_equal(eid_permission_parse(printed, &read), EID_OK);
        assert_int_equal(eid_permission_compare(read, ascending[i]), 0);
    }
}

static void test_permission_parse__names_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        eid_kind kind;
    } rows[] = {
        {"", EID_KIND_AUTH_PERMISSION_TEXT},
        {"Write:1", EID_KIND_AUTH_PERMISSION_TEXT},
        {"write", EID_KIND_AUTH_PRIORITY_MISSING},
        {"admin:1:2", EID_KIND_AUTH_PRIORITY_MISSING},
        {"write:", EID_KIND_AUTH_PRIORITY},
        {"write:4294967296", EID_KIND_AUTH_PRIORITY},
        {"admin:-1", EID_KIND_AUTH_PRIORITY},
        {"admin:99999999999999999999", EID_KIND_AUTH_PRIORITY},
    };

    for (size_t i = 0; i < EID_COUNT(rows); i++) {
        eid_permission permission;
        eid_status status = eid_permission_parse(eid_slice_text(rows[i].text), &permission);

        if (eid_status_detail(status).kind != rows[i].kind) {
            fail_msg("%s: expected %s, got %s", rows[i].text, eid_kind_name(rows[i].kind),
                     eid_kind_name(eid_status_detail(status).kind));
        }
    }
}

static void test_permission_to_doc__is_read_back(void **state)
{
    for (size_t i = 0; i < EID_COUNT(ascending); i++) {
        eid_permission read;
        eid_doc *doc = NULL;

        assert_int_equal(eid_permission_to_doc(ascending[i], &doc), EID_OK);
        assert_int_equal(eid_permission_from_doc(doc, &read), EID_OK);
        assert_int_equal(eid_permission_compare(read, ascending[i]), 0);
        eid_doc_free(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permission_compare__puts_every_admin_over_every_writer),
        cmocka_unit_test(test_permission_clamp__may_raise_and_ignores_a_contradiction),
        cmocka_unit_test(test_permission_text__is_read_back),
        cmocka_unit_test(test_permission_parse__names_what_is_wrong),
        cmocka_unit_test(test_permission_to_doc__is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
