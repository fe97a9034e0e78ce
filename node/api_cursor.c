/* A cursor is the visible tips as text: it means the same on every node and after any restart,
 * since it names what has been seen and not where in a queue it was. */
#include "dag/alloc.h"
#include "node/api_internal.h"

#define CURSOR_TIPS_MAX 65536u

eid_status eid__api_cursor_parse(const char *cursor, eid_idset *out)
{
    eid_slice rest = eid_slice_text(cursor);
    eid_status status = EID_OK;

    while (rest.len > 0 && status == EID_OK) {
        const uint8_t *comma = memchr(rest.at, ',', rest.len);
        size_t len = comma ? (size_t)(comma - rest.at) : rest.len;
        eid_id id;

        if (out->count == CURSOR_TIPS_MAX) {
            return EID_FAIL(EID_KIND_LIMIT, "a cursor has more than %u ids", CURSOR_TIPS_MAX);
        }
        status = eid_id_parse(eid_slice_of(rest.at, len), &id);
        if (status == EID_OK && eid_id_is_empty(&id)) {
            status = EID_FAIL(EID_KIND_ID_FORMAT, "the cursor %s has an empty id", cursor);
        }
        if (status == EID_OK) status = eid_idset_add(out, &id);
        len += comma ? 1 : 0;
        rest = eid_slice_of(rest.at + len, rest.len - len);
    }
    return status;
}

void eid__api_cursor_write(eid_ids tips, eid_buf *out)
{
    char id[EID_ID_TEXT_MAX];

    for (size_t i = 0; i < tips.count; i++) {
        if (i > 0) eid_buf_append_byte(out, ',');
        eid_buf_append_text(out, eid_id_format(&tips.at[i], id));
    }
}

eid_status eid__api_cursor_text(eid_ids tips, char **out)
{
    eid_buf text;
    eid_status status;

    eid_buf_init(&text, EID__API_JSON_MAX);
    eid__api_cursor_write(tips, &text);
    status = eid_buf_status(&text);
    if (status == EID_OK) *out = eid_buf_take_text(&text);
    eid_buf_fini(&text);
    if (status == EID_OK && !*out) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a cursor");
    return status;
}
