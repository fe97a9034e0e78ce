/* Rows are small and flat, so they are read event by event into their structs; there is no tree to
 * walk and nothing to free on the way but what the struct owns. */
#include "node/user/row_reader.h"

#include "dag/alloc.h"

#define ROW_BYTES_MAX 4096u /* of one array of bytes; sealed keys have 68 */

void eid__row_begin(eid__row *row, eid_slice json)
{
    eid_json_init(&row->json, json);
    row->status = EID_OK;
}

eid_status eid__row_end(eid__row *row, const char *what)
{
    eid_status status = row->status;

    if (status == EID_OK && eid_json_finish(&row->json) != EID_OK) {
        status = EID_FAIL(EID_KIND_STORE_DECODE, "the row of %s cannot be read near byte %zu", what,
                          (size_t)(row->json.at - row->json.start));
    }
    eid_json_fini(&row->json);
    return status;
}

void eid__row_fail(eid__row *row, const char *why)
{
    eid_json_fail(&row->json, why);
}

static void row_no_memory(eid__row *row)
{
    if (row->status == EID_OK) row->status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a row");
    eid_json_fail(&row->json, "no memory");
}

void eid__row_object(eid__row *row)
{
    if (eid_json_next(&row->json) != EID_JSON_OBJECT) eid__row_fail(row, "an object was expected");
}

int eid__row_member(eid__row *row, const char *const *names, size_t count)
{
    while (eid__row_ok(row) && eid_json_next(&row->json) == EID_JSON_KEY) {
        for (size_t i = 0; i < count; i++) {
            if (eid_slice_is(row->json.text, names[i])) return (int)i;
        }
        eid_json_skip(&row->json);
    }
    if (eid__row_ok(row) && row->json.event != EID_JSON_OBJECT_END) {
        eid__row_fail(row, "a member was expected");
    }
    return -1;
}

void eid__row_text(eid__row *row, bool or_null, char **out, size_t *len)
{
    eid_json_event event = eid_json_next(&row->json);

    if (or_null && event == EID_JSON_NULL) return;
    if (event != EID_JSON_STRING || *out) {
        eid__row_fail(row, "one text was expected");
        return;
    }
    *out = eid_memdup(row->json.text.at, row->json.text.len);
    if (!*out) row_no_memory(row);
    if (len) *len = row->json.text.len;
}

void eid__row_int(eid__row *row, int64_t *out)
{
    if (eid_json_next(&row->json) == EID_JSON_NUMBER && eid_json_int64(&row->json, out)) return;
    eid__row_fail(row, "an integer was expected");
}

void eid__row_int_or_null(eid__row *row, bool *has, int64_t *out)
{
    eid_json_event event = eid_json_next(&row->json);

    *has = event == EID_JSON_NUMBER;
    if (event == EID_JSON_NULL) return;
    if (!*has || !eid_json_int64(&row->json, out)) eid__row_fail(row, "an integer was expected");
}

void eid__row_uint_or_null(eid__row *row, bool *has, uint64_t *out)
{
    eid_json_event event = eid_json_next(&row->json);

    *has = event == EID_JSON_NUMBER;
    if (event == EID_JSON_NULL) return;
    if (!*has || !eid_json_uint64(&row->json, out)) eid__row_fail(row, "a number was expected");
}

void eid__row_bool(eid__row *row, bool *out)
{
    if (eid_json_next(&row->json) != EID_JSON_BOOL)
        eid__row_fail(row, "true or false was expected");
    *out = row->json.boolean;
}

void eid__row_bytes(eid__row *row, eid_buf *out)
{
    uint64_t byte;

    if (eid_json_next(&row->json) != EID_JSON_ARRAY || out->len > 0) {
        eid__row_fail(row, "one array of bytes was expected");
    }
    eid_buf_init(out, ROW_BYTES_MAX);
    while (eid__row_ok(row) && eid_json_next(&row->json) == EID_JSON_NUMBER) {
        if (!eid_json_uint64(&row->json, &byte) || byte > 255) {
            eid__row_fail(row, "a byte was expected");
        } else {
            eid_buf_append_byte(out, (uint8_t)byte);
        }
    }
    if (row->json.event != EID_JSON_ARRAY_END) eid__row_fail(row, "a byte was expected");
    if (row->status == EID_OK) row->status = eid_buf_status(out);
}

void eid__row_id(eid__row *row, eid_id *out)
{
    if (eid_json_next(&row->json) != EID_JSON_STRING ||
        eid_id_parse(row->json.text, out) != EID_OK) {
        eid__row_fail(row, "an id was expected");
    }
}

void eid__row_pubkey(eid__row *row, eid_pubkey *out)
{
    if (eid_json_next(&row->json) != EID_JSON_STRING ||
        eid_pubkey_parse(row->json.text, out) != EID_OK) {
        eid__row_fail(row, "a key was expected");
    }
}

eid_slice eid__row_raw(eid__row *row)
{
    const uint8_t *start = row->json.at;

    eid_json_skip(&row->json);
    if (!eid__row_ok(row)) return EID_SLICE_EMPTY;
    while (start < row->json.at &&
           (*start == ':' || *start == ' ' || *start == '\t' || *start == '\n' || *start == '\r')) {
        start++;
    }
    return eid_slice_of(start, (size_t)(row->json.at - start));
}
