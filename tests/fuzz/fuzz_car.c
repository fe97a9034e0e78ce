/* Archives: how the bytes are cut changes nothing, and what is read is written so that it is read
 * the same. */
#include "dag/car.h"
#include "tests/fuzz/fuzz.h"

/* Read all blocks, fed in pieces, and write what was read. */
static eid_status copy(eid_slice bytes, size_t piece, eid_buf *out)
{
    eid_status status;
    bool has_header = false;
    eid_car *car = NULL;

    fuzz_check(eid_car_new(&car) == EID_OK);
    status = EID_OK;
    for (size_t at = 0; at < bytes.len && status == EID_OK; at += piece) {
        size_t len = bytes.len - at < piece ? bytes.len - at : piece;
        eid_slice block;
        eid_id id;

        status = eid_car_feed(car, eid_slice_of(bytes.at + at, len));
        while (status == EID_OK && (status = eid_car_next(car, &id, &block)) == EID_OK) {
            if (!has_header) fuzz_check(eid_car_put_header(eid_car_roots(car), out) == EID_OK);
            has_header = true;
            fuzz_check(eid_car_put_block(&id, block, out) == EID_OK);
        }
        if (status == EID_E_AGAIN) status = EID_OK;
    }
    if (status == EID_OK) status = eid_car_finish(car);
    if (status == EID_OK && !has_header)
        fuzz_check(eid_car_put_header(eid_car_roots(car), out) == EID_OK);
    eid_car_free(car);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice bytes = eid_slice_of(data, size);
    eid_buf whole, cut, again;
    eid_status status;

    eid_buf_init(&whole, FUZZ_BYTES_MAX);
    eid_buf_init(&cut, FUZZ_BYTES_MAX);
    eid_buf_init(&again, FUZZ_BYTES_MAX);
    status = copy(bytes, size + 1, &whole);
    fuzz_check((copy(bytes, 7, &cut) == EID_OK) == (status == EID_OK));
    if (status == EID_OK) {
        fuzz_check(eid_slice_equal(eid_buf_slice(&whole), eid_buf_slice(&cut)));
        fuzz_check(copy(eid_buf_slice(&whole), 1000, &again) == EID_OK);
        fuzz_check(eid_slice_equal(eid_buf_slice(&whole), eid_buf_slice(&again)));
    }
    eid_buf_fini(&whole);
    eid_buf_fini(&cut);
    eid_buf_fini(&again);
    return 0;
}
