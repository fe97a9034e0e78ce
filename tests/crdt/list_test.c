#include "crdt/list.h"
#include "crdt/payload.h"
#include "tests/support/test.h"

static eid_position position_of(int64_t numerator, uint64_t denominator, uint8_t unique)
{
    eid_position position = {.numerator = numerator, .denominator = denominator};

    memset(position.unique, unique, sizeof(position.unique));
    return position;
}

static void list_put(eid_list *list, eid_position position, int64_t integer)
{
    eid_value value = eid_value_of_int(integer);

    assert_int_equal(eid_list_put_take(list, &position, &value), EID_OK);
}

static void test_position_compare__is_exact_at_the_limits_of_64_bits(void **state)
{
    eid_position a = position_of(INT64_MAX, UINT64_MAX, 0);
    eid_position b = position_of(INT64_MAX - 1, UINT64_MAX - 2, 0);
    eid_position low = position_of(INT64_MIN, 1, 0), high = position_of(INT64_MAX, 1, 0);
    eid_position half = position_of(1, 2, 0), same = position_of(2, 4, 0);

    assert_true(eid_position_compare(&a, &b) > 0);
    assert_true(eid_position_compare(&low, &high) < 0);
    assert_int_equal(eid_position_compare(&half, &same), 0);
    same.unique[15] = 1;
    assert_true(eid_position_compare(&half, &same) < 0);
}

static void check_between(eid_position left, eid_position right, int64_t numerator,
                          uint64_t denominator)
{
    eid_position middle;

    assert_int_equal(eid_position_between(&left, &right, left.unique, &middle), EID_OK);
    assert_true(middle.numerator == numerator);
    assert_true(middle.denominator == denominator);
}

static void test_position_between__is_in_lowest_terms_or_refused(void **state)
{
    eid_position zero = position_of(0, 1, 0), one = position_of(1, 1, 0), middle;
    eid_position fine = position_of(1, UINT64_MAX, 0), finer = position_of(1, UINT64_MAX - 1, 0);
    eid_position low = position_of(INT64_MIN, 1, 0), high = position_of(INT64_MAX, 1, 0);
    eid_position broken = position_of(1, 0, 0);

    check_between(zero, one, 1, 2);
    check_between(position_of(-1, 1, 0), zero, -1, 2);
    check_between(position_of(1, 1, 0), position_of(4, 1, 0), 2, 1);
    check_between(low, high, 0, 1);
    assert_int_equal(eid_position_between(&fine, &finer, zero.unique, &middle), EID_E_FULL);
    assert_int_equal(eid_position_between(&zero, &broken, zero.unique, &middle), EID_E_FULL);
    assert_int_equal(eid_position_between(&low, &low, zero.unique, &middle), EID_OK);
}

static void test_list_merge__keeps_the_first_spelling_and_the_last_value(void **state)
{
    eid_list *left = NULL, *right = NULL, *copy = NULL;
    eid_position position;

    assert_int_equal(eid_list_new(&left), EID_OK);
    assert_int_equal(eid_list_new(&right), EID_OK);
    list_put(left, position_of(2, 4, 1), 1);
    list_put(left, position_of(1, 1, 1), 2);
    list_put(right, position_of(1, 2, 1), 3);
    list_put(right, position_of(1, 2, 0), 4);
    assert_int_equal(eid_list_copy(left, &copy), EID_OK);
    assert_true(eid_list_equal(left, copy));
    assert_int_equal(eid_list_merge(copy, right), EID_OK);
    assert_int_equal(eid_list_total(copy), 3);
    assert_int_equal(eid_list_at(copy, 0, &position)->integer, 4);
    assert_int_equal(eid_list_at(copy, 1, &position)->integer, 3);
    assert_true(position.numerator == 2 && position.denominator == 4);
    eid_list_free(left);
    eid_list_free(right);
    eid_list_free(copy);
}

static void test_list_get__counts_live_elements_only(void **state)
{
    eid_list *list = NULL;
    eid_value tombstone = EID_VALUE_DELETED_INIT;
    eid_position first = position_of(0, 1, 0);

    assert_int_equal(eid_list_new(&list), EID_OK);
    for (int64_t i = 0; i < 3; i++) list_put(list, position_of(i, 1, 0), i);
    assert_int_equal(eid_list_put_take(list, &first, &tombstone), EID_OK);
    assert_int_equal(eid_list_total(list), 3);
    assert_int_equal(eid_list_live(list), 2);
    assert_int_equal(eid_list_get(list, 0)->integer, 1);
    assert_null(eid_list_get(list, 2));
    eid_list_free(list);
}

static void test_payload_read_list__tolerates_denominators_of_zero(void **state)
{
    eid_list *list = NULL, *copy = NULL;
    eid_buf text;

    eid_buf_init(&text, 1u << 16);
    eid_buf_append_text(&text, "[[[0,0,\"00000000000000000000000000000000\"],{\"Int\":1}]");
    for (int i = 0; i < 200; i++) {
        eid_buf_append_format(&text, ",[[%d,%d,\"%032d\"],\"Null\"]", i - 100, i % 3, i % 7);
    }
    eid_buf_append_byte(&text, ']');
    assert_int_equal(eid_payload_read_list(eid_buf_slice(&text), &list), EID_OK);
    assert_int_equal(eid_list_copy(list, &copy), EID_OK);
    assert_int_equal(eid_list_merge(copy, list), EID_OK);
    eid_list_free(list);
    eid_list_free(copy);
    eid_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_position_compare__is_exact_at_the_limits_of_64_bits),
        cmocka_unit_test(test_position_between__is_in_lowest_terms_or_refused),
        cmocka_unit_test(test_list_merge__keeps_the_first_spelling_and_the_last_value),
        cmocka_unit_test(test_list_get__counts_live_elements_only),
        cmocka_unit_test(test_payload_read_list__tolerates_denominators_of_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
