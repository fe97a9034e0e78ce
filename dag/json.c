/* A state and a stack of open containers instead of recursion: the depth is bounded by an array,
 * and the caller drives. */
#include "dag/json.h"

#include "dag/assert.h"
#include "dag/dag_internal.h"

void eid_json_init(eid_json *json, eid_slice text)
{
    const uint8_t *start = text.len > 0 ? text.at : (const uint8_t *)"";

    *json = (eid_json){.start = start, .at = start, .end = start + text.len};
    json->expect = EID__JSON_VALUE;
    eid_buf_init(&json->scratch, text.len + 8);
}

void eid_json_fini(eid_json *json)
{
    eid_buf_fini(&json->scratch);
}

void eid_json_fail(eid_json *json, const char *why)
{
    json->event = EID_JSON_ERROR;
    if (json->status != EID_OK) return;
    json->status = EID_FAIL(EID_KIND_JSON, "%s at byte %zu of the JSON", why,
                            (size_t)(json->at - json->start));
}

static eid_json_event json_error(eid_json *json, const char *why)
{
    eid_json_fail(json, why);
    return EID_JSON_ERROR;
}

void eid__json_after_value(eid_json *json)
{
    json->expect = json->depth == 0 ? EID__JSON_NOTHING : EID__JSON_MORE_OR_END;
}

static eid_json_event json_open(eid_json *json, uint8_t bracket)
{
    if (json->depth == EID_JSON_DEPTH_MAX) return json_error(json, "too deep nesting");
    json->at++;
    json->stack[json->depth++] = bracket;
    json->expect = bracket == '[' ? EID__JSON_VALUE_OR_END : EID__JSON_KEY_OR_END;
    return bracket == '[' ? EID_JSON_ARRAY : EID_JSON_OBJECT;
}

static eid_json_event json_close(eid_json *json)
{
    json->at++;
    json->depth--;
    eid__json_after_value(json);
    return json->stack[json->depth] == '[' ? EID_JSON_ARRAY_END : EID_JSON_OBJECT_END;
}

/* Whether the innermost container is closed by the next byte. */
static bool json_can_close(const eid_json *json)
{
    if (json->depth == 0) return false;
    return eid__json_peek(json) == (json->stack[json->depth - 1] == '[' ? ']' : '}');
}

static eid_json_event json_string(eid_json *json, eid_json_event event)
{
    const char *wrong;

    if (!eid__json_take(json, '"')) return json_error(json, "no string");
    wrong = eid__json_take_string(json);
    if (wrong) return json_error(json, wrong);
    return json->status == EID_OK ? event : EID_JSON_ERROR;
}

eid_json_event eid__json_scalar(eid_json *json)
{
    if (eid__json_peek(json) == '"') return json_string(json, EID_JSON_STRING);
    if (eid__json_take_word(json, "null")) return EID_JSON_NULL;
    json->boolean = eid__json_take_word(json, "true");
    if (json->boolean || eid__json_take_word(json, "false")) return EID_JSON_BOOL;
    if (eid__json_take_number(json)) return EID_JSON_NUMBER;
    return json_error(json, json->at == json->end ? "the end instead of a value" : "no value");
}

static eid_json_event json_value(eid_json *json)
{
    uint8_t byte = eid__json_peek(json);
    eid_json_event event;

    if (byte == '[' || byte == '{') return json_open(json, byte);
    event = eid__json_scalar(json);
    eid__json_after_value(json);
    return event;
}

static eid_json_event json_key(eid_json *json)
{
    eid_json_event event = json_string(json, EID_JSON_KEY);

    if (event == EID_JSON_ERROR) return event;
    eid__json_skip_space(json);
    if (!eid__json_take(json, ':')) return json_error(json, "no colon after a key");
    json->expect = EID__JSON_VALUE;
    return event;
}

/* After a comma: the next value or key. */
static eid_json_event json_more(eid_json *json)
{
    bool is_array = json->stack[json->depth - 1] == '[';

    if (json_can_close(json)) return json_close(json);
    if (!eid__json_take(json, ',')) return json_error(json, "neither a comma nor the end");
    eid__json_skip_space(json);
    return is_array ? json_value(json) : json_key(json);
}

static eid_json_event json_step(eid_json *json)
{
    eid__json_skip_space(json);
    switch ((eid__json_expect)json->expect) {
    case EID__JSON_VALUE:
        return json_value(json);
    case EID__JSON_VALUE_OR_END:
        return json_can_close(json) ? json_close(json) : json_value(json);
    case EID__JSON_KEY_OR_END:
        return json_can_close(json) ? json_close(json) : json_key(json);
    case EID__JSON_MORE_OR_END:
        return json_more(json);
    case EID__JSON_NOTHING:
        break;
    }
    if (json->at < json->end) return json_error(json, "something after the value");
    return EID_JSON_END;
}

eid_json_event eid_json_next(eid_json *json)
{
    json->event = json->status == EID_OK ? json_step(json) : EID_JSON_ERROR;
    return json->event;
}

eid_status eid_json_finish(eid_json *json)
{
    if (json->status != EID_OK) return json->status;
    if (json->expect != EID__JSON_NOTHING) {
        eid_json_fail(json, "an unfinished value");
        return json->status;
    }
    (void)eid_json_next(json);
    return json->status;
}
