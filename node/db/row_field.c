/* A letter for the type, then the value: integers in decimal, other numbers as the nearest double,
 * which is all that most writers of JSON keep of them. A whole double is written like the integer,
 * so that 1.0 finds 1. */
#include "node/db/row_field.h"

#include <math.h>
#include <stdlib.h>

#include "dag/json.h"

#define NUMBER_TEXT_MAX 64u          /* longer spellings are compared as they are */
#define WHOLE_MAX 9007199254740992.0 /* 2^53: beyond, a double may stand for several integers */

static void field_number(const eid_json *json, eid_buf *out)
{
    char text[NUMBER_TEXT_MAX + 1];
    double value;
    int64_t whole;
    uint64_t big;

    if (eid_json_int64(json, &whole)) {
        eid_buf_append_format(out, "i%lld", (long long)whole);
    } else if (eid_json_uint64(json, &big)) {
        eid_buf_append_format(out, "i%llu", (unsigned long long)big);
    } else if (json->text.len > NUMBER_TEXT_MAX) {
        eid_buf_append_byte(out, 'l');
        eid_buf_append(out, json->text);
    } else {
        memcpy(text, json->text.at, json->text.len);
        text[json->text.len] = 0;
        value = strtod(text, NULL);
        if (value == floor(value) && fabs(value) <= WHOLE_MAX) {
            eid_buf_append_format(out, "i%lld", (long long)value);
        } else {
            eid_buf_append_format(out, "d%.17g", value);
        }
    }
}

/* The comparable form of the event at hand; false if it is no scalar. */
static bool field_scalar(const eid_json *json, eid_json_event event, eid_buf *out)
{
    eid_buf_clear(out);
    if (event == EID_JSON_NULL) {
        eid_buf_append_byte(out, 'n');
    } else if (event == EID_JSON_BOOL) {
        eid_buf_append_byte(out, json->boolean ? 't' : 'f');
    } else if (event == EID_JSON_STRING) {
        eid_buf_append_byte(out, 's');
        eid_buf_append(out, json->text);
    } else if (event == EID_JSON_NUMBER) {
        field_number(json, out);
    } else {
        return false;
    }
    return true;
}

eid_status eid__row_scalar(eid_slice json, eid_buf *out)
{
    eid_json reader;
    eid_json_event event;
    bool is_scalar;
    eid_status status;

    eid_json_init(&reader, json);
    event = eid_json_next(&reader);
    is_scalar = field_scalar(&reader, event, out);
    if (event == EID_JSON_ARRAY || event == EID_JSON_OBJECT) {
        status = EID_FAIL(EID_KIND_STORE_OPERATION,
                          "rows are found by a number, a text, true, false or null only");
    } else {
        status = eid_json_finish(&reader);
    }
    eid_json_fini(&reader);
    if (status != EID_OK) return status;
    return is_scalar ? eid_buf_status(out) : EID_FAIL(EID_KIND_JSON, "there is no value");
}

/* Pass over the value of the event that has just come. */
static void field_skip_rest(eid_json *reader, eid_json_event event)
{
    unsigned depth = event == EID_JSON_ARRAY || event == EID_JSON_OBJECT ? 1 : 0;

    while (depth > 0) {
        event = eid_json_next(reader);
        if (event == EID_JSON_ERROR || event == EID_JSON_END) return;
        if (event == EID_JSON_ARRAY || event == EID_JSON_OBJECT) depth++;
        if (event == EID_JSON_ARRAY_END || event == EID_JSON_OBJECT_END) depth--;
    }
}

eid_status eid__row_field(eid_slice row, eid_slice field, eid_buf *out)
{
    eid_json reader;
    bool is_found = false;
    eid_status status;

    eid_json_init(&reader, row);
    if (eid_json_next(&reader) == EID_JSON_OBJECT) {
        while (eid_json_next(&reader) == EID_JSON_KEY) {
            bool is_it = eid_slice_equal(reader.text, field);
            eid_json_event event;
            if (!is_it) {
                eid_json_skip(&reader);
                continue;
            }
            event = eid_json_next(&reader);
            is_found = field_scalar(&reader, event, out);
            field_skip_rest(&reader, event);
        }
    }
    status = eid_json_finish(&reader);
    eid_json_fini(&reader);
    if (status == EID_E_NO_MEMORY) return status;
    if (status != EID_OK || !is_found) return EID_E_NOT_FOUND;
    return eid_buf_status(out);
}
