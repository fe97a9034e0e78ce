/* Read as the reference reads it: an object with one array "data", or that array as the first of a
 * one-element array (the positional form of its decoder). */
#include "crdt/ydoc.h"

/* The bytes of the array that has just been begun. */
static void payload_read_bytes(eid_json *json, eid_buf *out)
{
    while (eid_json_next(json) != EID_JSON_ARRAY_END && json->event != EID_JSON_ERROR) {
        uint64_t byte;

        if (!eid_json_uint64(json, &byte) || byte > UINT8_MAX)
            eid_json_fail(json, "expected a number from 0 to 255");
        else
            eid_buf_append_byte(out, (uint8_t)byte);
    }
}

static void payload_read_data(eid_json *json, eid_buf *out)
{
    if (eid_json_next(json) == EID_JSON_ARRAY)
        payload_read_bytes(json, out);
    else
        eid_json_fail(json, "data is no array");
}

static void payload_read_object(eid_json *json, eid_buf *out)
{
    bool has_data = false;

    while (eid_json_next(json) == EID_JSON_KEY) {
        if (!eid_slice_is(json->text, "data")) {
            eid_json_skip(json);
            continue;
        }
        if (has_data) eid_json_fail(json, "data is given twice");
        has_data = true;
        payload_read_data(json, out);
    }
    if (!has_data) eid_json_fail(json, "data is missing");
}

eid_status eid_ydoc_payload_read(eid_slice text, eid_buf *out)
{
    eid_json json;
    eid_status status;

    eid_json_init(&json, text);
    if (eid_json_next(&json) == EID_JSON_OBJECT) {
        payload_read_object(&json, out);
    } else if (json.event == EID_JSON_ARRAY) {
        payload_read_data(&json, out);
        if (eid_json_next(&json) != EID_JSON_ARRAY_END) eid_json_fail(&json, "more than data");
    } else {
        eid_json_fail(&json, "neither an object nor an array");
    }
    status = eid_json_finish(&json);
    if (status != EID_OK) {
        status = EID_FAIL(EID_KIND_STORE_DECODE, "payload of a YDoc: %s",
                          eid_status_detail(status).text);
    }
    eid_json_fini(&json);
    return status == EID_OK ? eid_buf_status(out) : status;
}

eid_status eid_ydoc_payload_write(eid_slice update, eid_buf *out)
{
    eid_json_writer writer;

    eid_json_writer_init(&writer, out);
    eid_json_object(&writer);
    eid_json_key(&writer, "data");
    eid_json_array(&writer);
    for (size_t i = 0; i < update.len; i++) eid_json_uint(&writer, update.at[i]);
    eid_json_array_end(&writer);
    eid_json_object_end(&writer);
    return eid_buf_status(out);
}
