/* Which 32 bytes name a point of the curve: the cases of the vectors, and half of all random ones.
 */
#include "dag/point.h"

#include "dag/base.h"
#include "dag/random.h"
#include "tests/dag/examples.h"

static bool is_point(const char *base64)
{
    uint8_t bytes[32];

    assert_true(eid_base64_decode_exact(eid_slice_text(base64), bytes, sizeof bytes));
    return eid_point_is_valid(bytes);
}

static void test_point_is_valid__takes_ordinary_keys(void **state)
{
    assert_true(is_point("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="));
    assert_true(is_point("M+G0qFoeQS20ounYOjBTIzISJ5V5ToDx9N6cFHPC0KM="));
    assert_true(is_point("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="));
}

static void test_point_is_valid__takes_odd_keys_that_the_reference_takes(void **state)
{
    assert_true(is_point("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")); /* identity */
    assert_true(is_point("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")); /* order 4 */
    assert_true(is_point("7f///////////////////////////////////////38=")); /* y = p */
    assert_true(is_point("7v///////////////////////////////////////38=")); /* y = p + 1 */
    assert_true(is_point("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA=")); /* x = -0 */
    assert_true(is_point("JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU=")); /* order 8 */
    assert_true(is_point("//////////////////////////////////////////8=")); /* y = p + 18 */
}

static void test_point_is_valid__refuses_what_is_on_no_curve(void **state)
{
    assert_false(is_point("fj2Gff54HY57ILzr1K9SiFKGPfJJRywVNyIeHnBL0Po="));
    assert_false(is_point("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")); /* y = 2 */
}

static void test_point_is_valid__takes_about_half_of_all_bytes(void **state)
{
    eid_random_seeded seeded = {3};
    eid_random random = eid_random_of_seeded(&seeded);
    unsigned taken = 0;

    for (unsigned i = 0; i < 2000; i++) {
        uint8_t bytes[32], flipped[32];
        bool is_valid;

        random.fill(random.self, bytes, sizeof bytes);
        memcpy(flipped, bytes, sizeof bytes);
        flipped[31] ^= 0x80; /* the sign of x does not matter */
        is_valid = eid_point_is_valid(bytes);
        assert_int_equal(is_valid, eid_point_is_valid(flipped));
        taken += is_valid;
    }
    assert_in_range(taken, 900, 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point_is_valid__takes_ordinary_keys),
        cmocka_unit_test(test_point_is_valid__takes_odd_keys_that_the_reference_takes),
        cmocka_unit_test(test_point_is_valid__refuses_what_is_on_no_curve),
        cmocka_unit_test(test_point_is_valid__takes_about_half_of_all_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
