/* The CBOR reader and writer. */
#include "dag/cbor.h"

#include "tests/dag/examples.h"

static bool is_skipped(const char *hex)
{
    eid_buf bytes = bytes_of_hex(hex);
    eid_cbor cbor;
    bool is_good;

    eid_cbor_init(&cbor, eid_buf_slice(&bytes));
    eid_cbor_skip(&cbor);
    is_good = eid_cbor_finish(&cbor) == EID_OK;
    eid_buf_fini(&bytes);
    return is_good;
}

static void test_cbor_reader__accepts_canonical_items(void **state)
{
    static const char *const good[] = {"00",
                                       "17",
                                       "1818",
                                       "18ff",
                                       "190100",
                                       "1a00010000",
                                       "1b0000000100000000",
                                       "20",
                                       "3818",
                                       "40",
                                       "4100",
                                       "60",
                                       "6161",
                                       "80",
                                       "8100",
                                       "a0",
                                       "a161610a",
                                       "f4",
                                       "f5",
                                       "f6",
                                       "a2616100626161f6",
                                       "d82a450001711e00"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!is_skipped(good[i])) fail_msg("refused %s", good[i]);
    }
}

static void test_cbor_reader__refuses_what_is_not_canonical(void **state)
{
    static const char *const bad[] = {"",
                                      "1817",
                                      "1900ff",
                                      "1a0000ffff",
                                      "1b00000000ffffffff",
                                      "18",
                                      "1901",
                                      "1c",
                                      "1f",
                                      "5f",
                                      "5f4100ff",
                                      "7f6161ff",
                                      "9f00ff",
                                      "bf616100ff",
                                      "580100",
                                      "780161",
                                      "41",
                                      "6261",
                                      "61ff",
                                      "8200",
                                      "81",
                                      "a161",
                                      "a16161",
                                      "a100f6",
                                      "a1410000",
                                      "c100",
                                      "d82900",
                                      "d92a",
                                      "d8",
                                      "d82a40",
                                      "d82a4100",
                                      "d82a4401711e00",
                                      "d82a460001711e00ff",
                                      "d9002a450001711e00",
                                      "d82a58050001711e00",
                                      "f7",
                                      "f8ff",
                                      "f90000",
                                      "fa00000000",
                                      "fb0000000000000000",
                                      "ff",
                                      "0000",
                                      "9bffffffffffffffff",
                                      "bbffffffffffffffff",
                                      "5bffffffffffffffff"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (is_skipped(bad[i])) fail_msg("accepted %s", bad[i]);
    }
}

static void test_cbor_reader__refuses_unsorted_and_repeated_keys(void **state)
{
    assert_false(is_skipped("a262616100616100"));
    assert_false(is_skipped("a2616200616100"));
    assert_false(is_skipped("a2616100616100"));
    assert_false(is_skipped("a260006000"));
    assert_true(is_skipped("a26000616100"));
}

static void test_cbor_reader__bounds_nesting(void **state)
{
    char hex[2 * 4 * EID_CBOR_DEPTH_MAX + 1];
    size_t depth = EID_CBOR_DEPTH_MAX - 1;

    for (size_t i = 0; i < depth; i++) memcpy(hex + 2 * i, "81", 2);
    memcpy(hex + 2 * depth, "00", 3);
    assert_true(is_skipped(hex));
    memcpy(hex + 2 * depth, "8100", 5);
    assert_false(is_skipped(hex));
}

static void test_cbor_reader__reads_what_the_writer_wrote(void **state)
{
    static const uint64_t numbers[] = {
        0, 23, 24, 255, 256, 65535, 65536, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX};
    static const int64_t signs[] = {0, -1, -24, -25, -256, -257, INT64_MAX, INT64_MIN};
    eid_buf out;
    eid_cbor cbor;

    eid_buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        eid_cbor_put_uint(&out, numbers[i]);
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) eid_cbor_put_int(&out, signs[i]);
    eid_cbor_init(&cbor, eid_buf_slice(&out));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_true(eid_cbor_uint(&cbor) == numbers[i]);
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        assert_true(eid_cbor_int(&cbor) == signs[i]);
    }
    assert_int_equal(eid_cbor_finish(&cbor), EID_OK);
    eid_buf_fini(&out);
}

static void test_cbor_int__refuses_more_than_64_bits(void **state)
{
    static const char *const bad[] = {"1b8000000000000000", "3b8000000000000000", "6161"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        eid_buf bytes = bytes_of_hex(bad[i]);
        eid_cbor cbor;

        eid_cbor_init(&cbor, eid_buf_slice(&bytes));
        assert_int_equal(eid_cbor_int(&cbor), 0);
        assert_int_equal(eid_cbor_finish(&cbor), EID_E_MALFORMED);
        eid_buf_fini(&bytes);
    }
}

static void test_cbor_link__frames_an_id_and_null_the_empty_one(void **state)
{
    eid_id id = eid_id_of_raw(eid_slice_text("x"));
    eid_id empty = EID_ID_EMPTY, back;
    eid_buf out;
    eid_cbor cbor;

    eid_buf_init(&out, 100);
    eid_cbor_put_link(&out, &id);
    eid_cbor_put_link(&out, &empty);
    assert_int_equal(out.len, 42);
    eid_cbor_init(&cbor, eid_buf_slice(&out));
    assert_int_equal(eid_cbor_peek(&cbor), EID_CBOR_LINK);
    eid_cbor_link(&cbor, &back);
    assert_true(eid_id_equal(&id, &back));
    eid_cbor_null(&cbor);
    assert_int_equal(eid_cbor_finish(&cbor), EID_OK);
    eid_buf_fini(&out);
}

static void test_cbor_reader__keeps_its_first_error(void **state)
{
    eid_buf bytes = bytes_of_hex("6161f6");
    eid_cbor cbor;

    eid_cbor_init(&cbor, eid_buf_slice(&bytes));
    (void)eid_cbor_uint(&cbor);
    assert_int_equal(eid_cbor_text(&cbor).len, 0);
    assert_int_equal(eid_cbor_array(&cbor), 0);
    assert_int_equal(eid_cbor_peek(&cbor), EID_CBOR_NONE);
    assert_int_equal(eid_cbor_finish(&cbor), EID_E_MALFORMED);
    assert_string_equal(eid_status_detail(EID_E_MALFORMED).text,
                        "no unsigned integer at byte 0 of the CBOR");
    eid_buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cbor_reader__accepts_canonical_items),
        cmocka_unit_test(test_cbor_reader__refuses_what_is_not_canonical),
        cmocka_unit_test(test_cbor_reader__refuses_unsorted_and_repeated_keys),
        cmocka_unit_test(test_cbor_reader__bounds_nesting),
        cmocka_unit_test(test_cbor_reader__reads_what_the_writer_wrote),
        cmocka_unit_test(test_cbor_int__refuses_more_than_64_bits),
        cmocka_unit_test(test_cbor_link__frames_an_id_and_null_the_empty_one),
        cmocka_unit_test(test_cbor_reader__keeps_its_first_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
