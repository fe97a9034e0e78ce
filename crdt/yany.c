/* "Any" values. One walk both checks and shows: without a writer it passes over the value, so what
 * is accepted and what can be shown cannot drift apart. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "crdt/ylib0.h"
#include "dag/alloc.h"

typedef enum any_tag {
    ANY_BUFFER = 116,
    ANY_ARRAY,
    ANY_OBJECT,
    ANY_TEXT,
    ANY_TRUE,
    ANY_FALSE,
    ANY_BIGINT,
    ANY_DOUBLE,
    ANY_FLOAT,
    ANY_INTEGER,
    ANY_NULL,
    ANY_UNDEFINED,
} any_tag;

#define INTEGER_MAX INT64_C(0x7fffffff) /* what lib0 writes as an integer */
#define EXACT_MAX (INT64_C(1) << 53)    /* what a double holds */

_Static_assert(ANY_UNDEFINED == 127, "tags are those of lib0");

static void any_walk(eid__yreader *reader, eid_json_writer *out, unsigned depth);

/* Sign and six bits, then groups of seven. */
static int64_t any_read_integer(eid__yreader *reader)
{
    uint8_t byte = eid__yread_byte(reader);
    bool is_negative = (byte & 0x40) != 0;
    uint64_t value = byte & 0x3f;

    for (unsigned shift = 6; byte >= 0x80; shift += 7) {
        byte = eid__yread_byte(reader);
        if (shift > 55) {
            eid__yreader_fail(reader, "an integer is longer than 62 bits");
            return 0;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return is_negative ? -(int64_t)value : (int64_t)value;
}

static double any_read_double(eid__yreader *reader)
{
    eid_slice bytes = eid__yread_bytes(reader, sizeof(double));
    uint64_t bits;
    double value = 0;

    if (bytes.len != sizeof(bits)) return 0;
    bits = eid_get_u64(bytes.at);
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double any_read_float(eid__yreader *reader)
{
    eid_slice bytes = eid__yread_bytes(reader, sizeof(float));
    uint32_t bits;
    float value = 0;

    if (bytes.len != sizeof(bits)) return 0;
    bits = eid_get_u32(bytes.at);
    memcpy(&value, &bits, sizeof(value));
    return (double)value;
}

static void any_walk_bigint(eid__yreader *reader, eid_json_writer *out)
{
    eid_slice bytes = eid__yread_bytes(reader, sizeof(int64_t));

    if (bytes.len == sizeof(int64_t) && out != NULL) {
        eid_json_int(out, (int64_t)eid_get_u64(bytes.at));
    }
}

static void any_walk_buffer(eid__yreader *reader, eid_json_writer *out)
{
    eid_slice bytes = eid__yread_block(reader);

    if (out == NULL) return;
    eid_json_array(out);
    for (size_t i = 0; i < bytes.len; i++) eid_json_uint(out, bytes.at[i]);
    eid_json_array_end(out);
}

static void any_walk_array(eid__yreader *reader, eid_json_writer *out, unsigned depth)
{
    uint64_t count = eid__yread_uint(reader);

    if (out != NULL) eid_json_array(out);
    for (uint64_t i = 0; i < count && reader->error == NULL; i++) any_walk(reader, out, depth + 1);
    if (out != NULL) eid_json_array_end(out);
}

static void any_walk_object(eid__yreader *reader, eid_json_writer *out, unsigned depth)
{
    uint64_t count = eid__yread_uint(reader);

    if (out != NULL) eid_json_object(out);
    for (uint64_t i = 0; i < count && reader->error == NULL; i++) {
        eid_slice key = eid__yread_text(reader);

        if (out != NULL) eid_json_key_slice(out, key);
        any_walk(reader, out, depth + 1);
    }
    if (out != NULL) eid_json_object_end(out);
}

static void any_walk_scalar(eid__yreader *reader, uint8_t tag, eid_json_writer *out)
{
    if (tag == ANY_INTEGER) {
        int64_t value = any_read_integer(reader);

        if (out != NULL) eid_json_int(out, value);
    } else if (tag == ANY_FLOAT || tag == ANY_DOUBLE) {
        double value = tag == ANY_FLOAT ? any_read_float(reader) : any_read_double(reader);

        if (out != NULL) eid_json_double(out, value);
    } else if (tag == ANY_TEXT) {
        eid_slice text = eid__yread_text(reader);

        if (out != NULL) eid_json_string(out, text);
    } else if (tag == ANY_TRUE || tag == ANY_FALSE) {
        if (out != NULL) eid_json_bool(out, tag == ANY_TRUE);
    } else if (tag == ANY_NULL || tag == ANY_UNDEFINED) {
        if (out != NULL) eid_json_null(out);
    } else {
        eid__yreader_fail(reader, "a value of an unknown type");
    }
}

/* `out` may be NULL. */
static void any_walk(eid__yreader *reader, eid_json_writer *out, unsigned depth)
{
    uint8_t tag = eid__yread_byte(reader);

    if (reader->error != NULL) return;
    if (depth > EID__YANY_DEPTH_MAX)
        eid__yreader_fail(reader, "a value is nested too deeply");
    else if (tag == ANY_BIGINT)
        any_walk_bigint(reader, out);
    else if (tag == ANY_BUFFER)
        any_walk_buffer(reader, out);
    else if (tag == ANY_ARRAY)
        any_walk_array(reader, out, depth);
    else if (tag == ANY_OBJECT)
        any_walk_object(reader, out, depth);
    else
        any_walk_scalar(reader, tag, out);
}

void eid__yread_any(eid__yreader *reader)
{
    any_walk(reader, NULL, 1);
}

void eid__yany_view(eid_slice any, eid_json_writer *out)
{
    eid__yreader reader = {any, NULL};

    any_walk(&reader, out, 1);
}

bool eid__yany_text(eid_slice any, eid_slice *out)
{
    eid__yreader reader = {any, NULL};

    if (eid__yread_byte(&reader) != ANY_TEXT) return false;
    *out = eid__yread_text(&reader);
    return reader.error == NULL;
}

/* -- from JSON --------------------------------------------------------------------------------- */

static void any_write_integer(eid_buf *out, int64_t value)
{
    uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
    uint8_t first = (uint8_t)((rest & 0x3f) | (value < 0 ? 0x40u : 0u));

    rest >>= 6;
    eid_buf_append_byte(out, ANY_INTEGER);
    eid_buf_append_byte(out, (uint8_t)(first | (rest > 0 ? 0x80u : 0u)));
    if (rest > 0) eid__ywrite_uint(out, rest);
}

static void any_write_double(eid_buf *out, double value)
{
    float small = fabs(value) <= (double)FLT_MAX ? (float)value : 0;
    uint64_t bits;
    uint32_t small_bits;

    if ((double)small >= value && (double)small <= value) {
        memcpy(&small_bits, &small, sizeof(small_bits));
        eid_buf_append_byte(out, ANY_FLOAT);
        eid_buf_append_u32(out, small_bits);
        return;
    }
    memcpy(&bits, &value, sizeof(bits));
    eid_buf_append_byte(out, ANY_DOUBLE);
    eid_buf_append_u64(out, bits);
}

static void any_write_number(eid_json *json, eid_buf *out)
{
    int64_t integer;
    char *text;
    double value;

    if (eid_json_int64(json, &integer)) {
        if (integer >= -INTEGER_MAX && integer <= INTEGER_MAX) {
            any_write_integer(out, integer);
        } else if (integer >= -EXACT_MAX && integer <= EXACT_MAX) {
            any_write_double(out, (double)integer);
        } else {
            eid_buf_append_byte(out, ANY_BIGINT);
            eid_buf_append_u64(out, (uint64_t)integer);
        }
        return;
    }
    text = eid_slice_dup_text(json->text);
    value = text == NULL ? (double)NAN : strtod(text, NULL);
    eid_free(text);
    if (!isfinite(value))
        eid_json_fail(json, "a number beyond what a document holds");
    else
        any_write_double(out, value);
}

/* The members go to a buffer of their own first, since their count comes before them. */
static void any_write_container(eid_json *json, eid_buf *out)
{
    bool is_object = json->event == EID_JSON_OBJECT;
    eid_json_event end = is_object ? EID_JSON_OBJECT_END : EID_JSON_ARRAY_END;
    uint64_t count = 0;
    eid_buf members;

    eid_buf_init(&members, out->max);
    while (eid_json_next(json) != end && json->event != EID_JSON_ERROR) {
        if (is_object) {
            eid__ywrite_block(&members, json->text);
            (void)eid_json_next(json);
        }
        eid__yany_from_json(json, &members);
        count++;
    }
    if (members.status != EID_OK && out->status == EID_OK) out->status = members.status;
    eid_buf_append_byte(out, is_object ? ANY_OBJECT : ANY_ARRAY);
    eid__ywrite_uint(out, count);
    eid_buf_append(out, eid_buf_slice(&members));
    eid_buf_fini(&members);
}

void eid__yany_from_json(eid_json *json, eid_buf *out)
{
    switch (json->event) {
    case EID_JSON_NULL:
        eid_buf_append_byte(out, ANY_NULL);
        break;
    case EID_JSON_BOOL:
        eid_buf_append_byte(out, json->boolean ? ANY_TRUE : ANY_FALSE);
        break;
    case EID_JSON_NUMBER:
        any_write_number(json, out);
        break;
    case EID_JSON_STRING:
        eid_buf_append_byte(out, ANY_TEXT);
        eid__ywrite_block(out, json->text);
        break;
    case EID_JSON_ARRAY:
    case EID_JSON_OBJECT:
        any_write_container(json, out);
        break;
    case EID_JSON_ERROR:
    case EID_JSON_END:
    case EID_JSON_ARRAY_END:
    case EID_JSON_OBJECT_END:
    case EID_JSON_KEY:
        break;
    }
}
