/* crdt/doc/list.rs of spec 03's inventory: positions. */
#include "tests/crdt/inventory.h"

static const uint8_t id_a[16] = {1}, id_b[16] = {2};

static eid_position position(int64_t numerator, uint64_t denominator)
{
    eid_position made;

    must(eid_position_new(numerator, denominator, id_a, &made));
    return made;
}

static void check_fraction(eid_position actual, int64_t numerator, uint64_t denominator)
{
    assert_int_equal(actual.numerator, numerator);
    assert_int_equal(actual.denominator, denominator);
}

static void test_position_creation(void **state)
{
    eid_position made;

    check_fraction(position(3, 2), 3, 2);
    check_fraction(position(-3, 2), -3, 2);
    assert_memory_equal(position(3, 2).unique, id_a, 16);
    assert_int_equal(kind_of(eid_position_new(3, 0, id_a, &made)), EID_KIND_CRDT_POSITION);
}

static void test_position_reduction(void **state)
{
    check_fraction(position(6, 4), 3, 2);
    check_fraction(position(-6, 4), -3, 2);
    check_fraction(position(0, 9), 0, 1);
    check_fraction(position(INT64_MIN, (uint64_t)1 << 63), -1, 1);
    check_fraction(position(3, UINT64_MAX), 1, UINT64_MAX / 3);
}

static void test_position_ordering(void **state)
{
    const eid_position ascending[] = {position(INT64_MIN, 1), position(-1, 2), position(0, 1),
                                      position(1, 3),         position(1, 2),  position(2, 3),
                                      position(3, 2),         position(2, 1)};

    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 8; j++) {
            int order = eid_position_compare(&ascending[i], &ascending[j]);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(eid_position_equal(&ascending[i], &ascending[j]), i == j);
        }
    }
}

static void test_position_between(void **state)
{
    eid_position left = position(1, 1), right = position(2, 1), middle;

    for (int i = 0; i < 60; i++) { /* ever closer to the left one */
        must(eid_position_between(&left, &right, id_b, &middle));
        assert_true(eid_position_compare(&left, &middle) < 0);
        assert_true(eid_position_compare(&middle, &right) < 0);
        right = middle;
    }
    left = position(1, 1);
    right = position(2, 1);
    must(eid_position_between(&left, &right, id_b, &middle));
    check_fraction(middle, 3, 2);
}

static void test_position_beginning_end(void **state)
{
    eid_position begin = eid_position_beginning(id_a), end = eid_position_end(id_b), middle;

    check_fraction(begin, 0, 1);
    check_fraction(end, INT64_MAX, 1);
    assert_true(eid_position_compare(&begin, &end) < 0);
    must(eid_position_between(&begin, &end, id_b, &middle));
    assert_true(eid_position_compare(&begin, &middle) < 0);
    assert_true(eid_position_compare(&middle, &end) < 0);
}

static void test_position_uuid_ordering(void **state)
{
    eid_position a = position(1, 2), b = a;

    memcpy(b.unique, id_b, sizeof(b.unique));
    assert_true(eid_position_compare(&a, &b) < 0);
    assert_true(eid_position_compare(&b, &a) > 0);
    assert_false(eid_position_equal(&a, &b));
    assert_int_equal(eid_position_compare(&a, &a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_position_creation),
        cmocka_unit_test(test_position_reduction),
        cmocka_unit_test(test_position_ordering),
        cmocka_unit_test(test_position_between),
        cmocka_unit_test(test_position_beginning_end),
        cmocka_unit_test(test_position_uuid_ordering),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
