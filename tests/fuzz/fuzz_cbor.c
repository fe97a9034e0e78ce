/* What the strict reader takes is canonical: written again item by item it is the same bytes. */
#include "dag/cbor.h"
#include "tests/fuzz/fuzz.h"

static void copy_item(eid_cbor *in, eid_buf *out, unsigned depth);

static void copy_items(eid_cbor *in, eid_buf *out, unsigned depth)
{
    size_t count = eid_cbor_array(in);

    eid_cbor_put_array(out, count);
    for (size_t i = 0; i < count && in->status == EID_OK; i++) copy_item(in, out, depth + 1);
}

static void copy_members(eid_cbor *in, eid_buf *out, unsigned depth)
{
    size_t count = eid_cbor_map(in);
    eid_slice last = EID_SLICE_EMPTY;

    eid_cbor_put_map(out, count);
    for (size_t i = 0; i < count && in->status == EID_OK; i++) {
        eid_cbor_put_text(out, eid_cbor_key(in, &last));
        copy_item(in, out, depth + 1);
    }
}

static void copy_negative(eid_cbor *in, eid_buf *out)
{
    const uint8_t *before = in->at;
    int64_t value = eid_cbor_int(in);

    if (in->status == EID_OK)
        eid_cbor_put_int(out, value);
    else
        in->at = before; /* below what an int64_t holds */
}

static void copy_link(eid_cbor *in, eid_buf *out)
{
    eid_id id;

    eid_cbor_link(in, &id);
    eid_cbor_put_link(out, &id);
}

static void copy_item(eid_cbor *in, eid_buf *out, unsigned depth)
{
    if (depth > EID_CBOR_DEPTH_MAX) {
        eid_cbor_fail(in, "deep");
        return;
    }
    switch (eid_cbor_peek(in)) {
    case EID_CBOR_UINT:
        eid_cbor_put_uint(out, eid_cbor_uint(in));
        return;
    case EID_CBOR_NEGATIVE:
        copy_negative(in, out);
        return;
    case EID_CBOR_BYTES:
        eid_cbor_put_bytes(out, eid_cbor_bytes(in));
        return;
    case EID_CBOR_TEXT:
        eid_cbor_put_text(out, eid_cbor_text(in));
        return;
    case EID_CBOR_ARRAY:
        copy_items(in, out, depth);
        return;
    case EID_CBOR_MAP:
        copy_members(in, out, depth);
        return;
    case EID_CBOR_LINK:
        copy_link(in, out);
        return;
    case EID_CBOR_BOOL:
        eid_cbor_put_bool(out, eid_cbor_bool(in));
        return;
    case EID_CBOR_NULL:
        eid_cbor_null(in);
        eid_cbor_put_null(out);
        return;
    case EID_CBOR_NONE:
        eid_cbor_fail(in, "nothing");
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice bytes = eid_slice_of(data, size);
    eid_cbor skipped, copied;
    eid_buf out;

    eid_buf_init(&out, FUZZ_BYTES_MAX);
    eid_cbor_init(&skipped, bytes);
    eid_cbor_skip(&skipped);
    eid_cbor_init(&copied, bytes);
    copy_item(&copied, &out, 1); /* as deep as eid_cbor_skip() goes */
    if (eid_cbor_finish(&copied) == EID_OK) {
        fuzz_check(eid_slice_equal(eid_buf_slice(&out), bytes));
        fuzz_check(eid_cbor_finish(&skipped) == EID_OK);
    }
    eid_buf_fini(&out);
    return 0;
}
