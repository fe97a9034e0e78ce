/* Archives: what is written is read, in pieces of any size; what is damaged is refused. */
#include "dag/car.h"
#include "tests/support/test.h"

#define BLOCKS 3

static const char *const texts[BLOCKS] = {"first", "", "the third block"};

static void block_id(size_t i, eid_id *out)
{
    eid_slice bytes = eid_slice_text(texts[i]);

    *out = i == 1 ? eid_id_of(bytes, EID_CODEC_RAW, EID_HASHCODE_SHA256) : eid_id_of_raw(bytes);
}

static void archive_write(eid_buf *out)
{
    eid_id roots[2], id;

    block_id(0, &roots[0]);
    block_id(2, &roots[1]);
    eid_buf_init(out, 4096);
    assert_int_equal(eid_car_put_header((eid_ids){roots, 2}, out), EID_OK);
    for (size_t i = 0; i < BLOCKS; i++) {
        block_id(i, &id);
        assert_int_equal(eid_car_put_block(&id, eid_slice_text(texts[i]), out), EID_OK);
    }
}

/* Feed in pieces; gives the last status and counts the blocks. */
static eid_status archive_read(eid_slice bytes, size_t piece, size_t *count)
{
    eid_car *car = NULL;
    eid_status status = EID_E_AGAIN;
    eid_slice block;
    eid_id id, expected;

    *count = 0;
    assert_int_equal(eid_car_new(&car), EID_OK);
    for (size_t at = 0; at < bytes.len && status == EID_E_AGAIN; at += piece) {
        size_t len = bytes.len - at < piece ? bytes.len - at : piece;

        status = eid_car_feed(car, eid_slice_of(bytes.at + at, len));
        while (status == EID_OK) {
            status = eid_car_next(car, &id, &block);
            if (status != EID_OK) break;
            assert_true(*count < BLOCKS);
            block_id(*count, &expected);
            assert_true(eid_id_equal(&id, &expected));
            assert_true(eid_slice_is(block, texts[*count]));
            (*count)++;
        }
    }
    if (status == EID_E_AGAIN) status = eid_car_finish(car);
    if (status == EID_OK) assert_int_equal(eid_car_roots(car).count, 2);
    if (status != EID_OK) assert_int_equal(eid_car_next(car, &id, &block) == EID_OK, false);
    eid_car_free(car);
    return status;
}

static void test_car__is_read_in_pieces_of_any_size(void **state)
{
    eid_buf bytes;

    archive_write(&bytes);
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        size_t count;

        assert_int_equal(archive_read(eid_buf_slice(&bytes), piece, &count), EID_OK);
        assert_int_equal(count, BLOCKS);
    }
    eid_buf_fini(&bytes);
}

static void test_car__that_is_cut_off_is_refused(void **state)
{
    eid_buf bytes;
    size_t whole = 0;

    archive_write(&bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        size_t count;
        eid_status status = archive_read(eid_slice_of(bytes.at, len), 7, &count);

        if (status == EID_OK) { /* only between two blocks */
            whole++;
            continue;
        }
        assert_int_equal(eid_status_detail(status).kind, EID_KIND_CAR);
    }
    assert_int_equal(whole, BLOCKS);
    eid_buf_fini(&bytes);
}

static void test_car__with_a_changed_byte_is_refused(void **state)
{
    eid_buf bytes;
    size_t accepted = 0;

    archive_write(&bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        eid_car *car = NULL;
        eid_slice block;
        eid_id id;
        eid_status status;

        bytes.at[i] ^= 0x10;
        assert_int_equal(eid_car_new(&car), EID_OK);
        assert_int_equal(eid_car_feed(car, eid_buf_slice(&bytes)), EID_OK);
        do {
            status = eid_car_next(car, &id, &block);
        } while (status == EID_OK);
        if (status == EID_E_AGAIN) status = eid_car_finish(car);
        if (status == EID_OK) accepted++; /* roots and codecs are names, no hash covers them */
        eid_car_free(car);
        bytes.at[i] ^= 0x10;
    }
    assert_true(accepted < bytes.len / 2);
    eid_buf_fini(&bytes);
}

static void expect_refused(const void *bytes, size_t len)
{
    eid_car *car = NULL;
    eid_slice block;
    eid_id id;
    eid_status status;

    assert_int_equal(eid_car_new(&car), EID_OK);
    assert_int_equal(eid_car_feed(car, eid_slice_of(bytes, len)), EID_OK);
    status = eid_car_next(car, &id, &block);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_CAR);
    assert_int_equal(eid_car_feed(car, eid_slice_of("x", 1)), status); /* it sticks */
    eid_car_free(car);
}

static void test_car__with_a_bad_head_is_refused(void **state)
{
    expect_refused("\x11\xa2\x65roots\x80\x67version\x02", 18); /* version 2 */
    expect_refused("\x0a\xa1\x67version\x01", 11);              /* no roots */
    expect_refused("\x80\x00", 2);                              /* a length of two bytes for 0 */
    expect_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10);
    expect_refused("\xff\xff\xff\xff\x0f", 5);                          /* 4 GiB of header */
    expect_refused("\x11\xa2\x65roots\x80\x67version\x01\x01\x00", 20); /* no id in a block */
}

static void test_car__refuses_to_write_what_it_would_not_read(void **state)
{
    eid_id empty = EID_ID_EMPTY;
    eid_buf out;

    eid_buf_init(&out, 100);
    assert_int_not_equal(eid_car_put_block(&empty, eid_slice_text("x"), &out), EID_OK);
    assert_int_not_equal(eid_car_put_header((eid_ids){&empty, EID_CAR_ROOTS_MAX + 1}, &out),
                         EID_OK);
    eid_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_car__is_read_in_pieces_of_any_size),
        cmocka_unit_test(test_car__that_is_cut_off_is_refused),
        cmocka_unit_test(test_car__with_a_changed_byte_is_refused),
        cmocka_unit_test(test_car__with_a_bad_head_is_refused),
        cmocka_unit_test(test_car__refuses_to_write_what_it_would_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
