/* JSON written from what was read reads the same: the second copy is the first, byte for byte. */
#include "dag/json.h"
#include "tests/fuzz/fuzz.h"

static bool copy_event(eid_json *in, eid_json_writer *out)
{
    int64_t number;
    uint64_t natural;

    switch (eid_json_next(in)) {
    case EID_JSON_ERROR:
    case EID_JSON_END:
        return false;
    case EID_JSON_NULL:
        eid_json_null(out);
        return true;
    case EID_JSON_BOOL:
        eid_json_bool(out, in->boolean);
        return true;
    case EID_JSON_NUMBER:
        (void)eid_json_int64(in, &number);
        (void)eid_json_uint64(in, &natural);
        eid_json_raw(out, in->text);
        return true;
    case EID_JSON_STRING:
        eid_json_string(out, in->text);
        return true;
    case EID_JSON_ARRAY:
        eid_json_array(out);
        return true;
    case EID_JSON_ARRAY_END:
        eid_json_array_end(out);
        return true;
    case EID_JSON_OBJECT:
        eid_json_object(out);
        return true;
    case EID_JSON_OBJECT_END:
        eid_json_object_end(out);
        return true;
    case EID_JSON_KEY:
        eid_json_key_slice(out, in->text);
        return true;
    }
    return false;
}

static eid_status copy(eid_slice text, eid_buf *out)
{
    eid_json_writer writer;
    eid_status status;
    eid_json in;

    eid_json_init(&in, text);
    eid_json_writer_init(&writer, out);
    while (copy_event(&in, &writer)) {
    }
    status = eid_json_finish(&in);
    eid_json_fini(&in);
    return status;
}

static eid_status skip(eid_slice text)
{
    eid_status status;
    eid_json in;

    eid_json_init(&in, text);
    eid_json_skip(&in);
    status = eid_json_finish(&in);
    eid_json_fini(&in);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_buf first, second;

    eid_buf_init(&first, FUZZ_BYTES_MAX);
    eid_buf_init(&second, FUZZ_BYTES_MAX);
    (void)skip(eid_slice_of(data, size));
    if (copy(eid_slice_of(data, size), &first) == EID_OK) {
        fuzz_check(copy(eid_buf_slice(&first), &second) == EID_OK);
        fuzz_check(eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&second)));
    }
    eid_buf_fini(&first);
    eid_buf_fini(&second);
    return 0;
}
