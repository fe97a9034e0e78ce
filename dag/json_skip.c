/* Passing over a value. The reference does not count the levels of what it ignores, so the stack of
 * open containers is in the scratch buffer here, one byte a level and thus never longer than the
 * text. */
#include "dag/assert.h"
#include "dag/dag_internal.h"

static const char *json_pass_key(eid_json *json)
{
    const char *wrong;

    eid__json_skip_space(json);
    if (!eid__json_take(json, '"')) return "no key";
    wrong = eid__json_pass_string(json);
    if (wrong) return wrong;
    eid__json_skip_space(json);
    return eid__json_take(json, ':') ? NULL : "no colon after a key";
}

/* Begin one value: a scalar whole, or the head of a container, which goes to the scratch stack
 * unless it is empty. */
static const char *json_pass_begin(eid_json *json, bool *opened)
{
    uint8_t byte;

    *opened = false;
    eid__json_skip_space(json);
    byte = eid__json_peek(json);
    if (eid__json_take(json, '"')) return eid__json_pass_string(json);
    if (byte != '[' && byte != '{') {
        return eid__json_scalar(json) == EID_JSON_ERROR ? "no value" : NULL;
    }
    json->at++;
    eid__json_skip_space(json);
    if (eid__json_take(json, byte == '[' ? ']' : '}')) return NULL;
    eid_buf_append_byte(&json->scratch, byte);
    *opened = true;
    return byte == '{' ? json_pass_key(json) : NULL;
}

/* After a value: close what ends here and go on to the next value of the innermost container. */
static const char *json_pass_end(eid_json *json)
{
    while (json->scratch.len > 0) {
        bool is_array = json->scratch.at[json->scratch.len - 1] == '[';

        eid__json_skip_space(json);
        if (eid__json_take(json, ',')) return is_array ? NULL : json_pass_key(json);
        if (!eid__json_take(json, is_array ? ']' : '}')) return "neither a comma nor the end";
        json->scratch.len--;
    }
    return NULL;
}

/* The reference does not count the levels of what it ignores, so the stack is on the heap, one byte
 * a level and thus never longer than the text. */
void eid_json_skip(eid_json *json)
{
    const char *wrong = NULL;
    bool opened;

    if (json->status != EID_OK) return;
    if (json->expect == EID__JSON_MORE_OR_END && json->stack[json->depth - 1] == '[') {
        eid__json_skip_space(json);
        if (!eid__json_take(json, ',')) wrong = "neither a comma nor the end";
    } else {
        EID_ASSERT(json->expect == EID__JSON_VALUE || json->expect == EID__JSON_VALUE_OR_END);
    }
    eid_buf_clear(&json->scratch);
    do {
        if (!wrong) wrong = json_pass_begin(json, &opened);
        if (!wrong && !opened) wrong = json_pass_end(json);
    } while (!wrong && json->scratch.len > 0 && json->scratch.status == EID_OK);
    if (wrong) eid_json_fail(json, wrong);
    if (json->status == EID_OK) json->status = json->scratch.status;
    eid__json_after_value(json);
}
