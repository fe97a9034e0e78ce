/* Two passes over the text, one that finds the members and one for each that is used: messages are
 * small, and nothing is built in between. */
#include "node/service/fields.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/base.h"

#define FIELD_TEXT_MAX (64u * 1024u * 1024u)

static void fields_set(eid_fields *fields, eid_status status)
{
    if (fields->status == EID_OK) fields->status = status;
}

void eid_fields_fail(eid_fields *fields, const char *why)
{
    if (fields->status != EID_OK) return;
    fields->status = EID_FAIL(EID_KIND_SERVICE_FRAME, "a message is not as it should be: %s", why);
}

static bool field_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static eid_slice field_trim(eid_slice raw)
{
    while (raw.len > 0 && field_is_space(raw.at[0])) raw = eid_slice_of(raw.at + 1, raw.len - 1);
    while (raw.len > 0 && field_is_space(raw.at[raw.len - 1])) raw.len--;
    return raw;
}

/* The raw value after a key or in an array. */
static eid_slice field_take(eid_json *json)
{
    const uint8_t *from = json->at;

    eid_json_skip(json);
    return field_trim(eid_slice_of(from, (size_t)(json->at - from)));
}

static void fields_member(eid_fields *fields, eid_json *json)
{
    size_t i = 0;
    bool is_known;
    eid_slice raw;

    while (i < fields->count && !eid_slice_is(json->text, fields->names[i])) i++;
    is_known = i < fields->count;
    raw = field_take(json);
    if (!is_known) return;
    if (fields->raw[i].len > 0) eid_fields_fail(fields, "a member comes twice");
    if (!eid_slice_is(raw, "null")) fields->raw[i] = raw;
}

void eid_fields_init(eid_fields *fields, eid_slice json, const char *const *names, size_t count)
{
    eid_json reader;

    EID_ASSERT(count <= EID_FIELDS_MAX);
    *fields = (eid_fields){.names = names, .count = count};
    eid_json_init(&reader, json);
    if (eid_json_next(&reader) != EID_JSON_OBJECT) eid_json_fail(&reader, "an object is wanted");
    while (eid_json_next(&reader) == EID_JSON_KEY) fields_member(fields, &reader);
    (void)eid_json_next(&reader); /* what follows must be the end */
    fields_set(fields, eid_json_finish(&reader));
    eid_json_fini(&reader);
}

bool eid_fields_has(const eid_fields *fields, size_t i)
{
    return fields->raw[i].len > 0;
}

eid_slice eid_fields_raw(eid_fields *fields, size_t i)
{
    if (fields->status == EID_OK && fields->raw[i].len == 0) {
        fields->status = EID_FAIL(EID_KIND_SERVICE_FRAME, "the member `%s` of a message is missing",
                                  fields->names[i]);
    }
    return fields->status == EID_OK ? fields->raw[i] : EID_SLICE_EMPTY;
}

/* One scalar and nothing else; the reader is to be ended. */
static eid_status field_scalar(eid_json *json, eid_slice raw, eid_json_event wanted)
{
    eid_json_init(json, raw);
    if (eid_json_next(json) != wanted) eid_json_fail(json, "another type is wanted");
    return json->status;
}

eid_status eid_field_text(eid_slice raw, eid_buf *out)
{
    eid_json json;
    eid_status status = field_scalar(&json, raw, EID_JSON_STRING);

    eid_buf_clear(out);
    if (status == EID_OK) {
        eid_buf_append(out, json.text);
        status = eid_buf_status(out);
    }
    eid_json_fini(&json);
    return status;
}

eid_status eid_field_uint(eid_slice raw, uint64_t *out)
{
    eid_json json;
    eid_status status = field_scalar(&json, raw, EID_JSON_NUMBER);

    *out = 0;
    if (status == EID_OK && !eid_json_uint64(&json, out)) {
        status = EID_FAIL(EID_KIND_SERVICE_FRAME, "a number in a message is no unsigned integer");
    }
    eid_json_fini(&json);
    return status;
}

eid_status eid_field_id(eid_slice raw, eid_id *out)
{
    eid_json json;
    eid_status status = field_scalar(&json, raw, EID_JSON_STRING);

    *out = EID_ID_EMPTY;
    if (status == EID_OK) status = eid_id_parse(json.text, out);
    eid_json_fini(&json);
    return status;
}

void eid_fields_text(eid_fields *fields, size_t i, eid_buf *out)
{
    eid_slice raw = eid_fields_raw(fields, i);

    eid_buf_clear(out);
    if (fields->status == EID_OK) fields_set(fields, eid_field_text(raw, out));
}

char *eid_fields_string(eid_fields *fields, size_t i)
{
    char *text = NULL;
    eid_buf buf;

    eid_buf_init(&buf, FIELD_TEXT_MAX);
    eid_fields_text(fields, i, &buf);
    if (fields->status == EID_OK && buf.len > 0 && memchr(buf.at, 0, buf.len)) {
        eid_fields_fail(fields, "a zero byte in a text");
    }
    if (fields->status == EID_OK) {
        text = eid_buf_take_text(&buf);
        if (!text) fields_set(fields, EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a message"));
    }
    eid_buf_wipe(&buf);
    return text;
}

void eid_fields_id(eid_fields *fields, size_t i, eid_id *out)
{
    eid_slice raw = eid_fields_raw(fields, i);

    *out = EID_ID_EMPTY;
    if (fields->status == EID_OK) fields_set(fields, eid_field_id(raw, out));
}

static eid_status fields_on_id(void *arg, eid_slice item)
{
    eid_id id;
    eid_status status = eid_field_id(item, &id);

    return status == EID_OK ? eid_idset_add(arg, &id) : status;
}

void eid_fields_ids(eid_fields *fields, size_t i, eid_idset *out)
{
    eid_fields_each(fields, i, fields_on_id, out);
}

uint64_t eid_fields_uint(eid_fields *fields, size_t i)
{
    eid_slice raw = eid_fields_raw(fields, i);
    uint64_t value = 0;

    if (fields->status == EID_OK) fields_set(fields, eid_field_uint(raw, &value));
    return value;
}

bool eid_fields_bool(eid_fields *fields, size_t i)
{
    eid_slice raw = eid_fields_raw(fields, i);

    if (fields->status == EID_OK && !eid_slice_is(raw, "true") && !eid_slice_is(raw, "false")) {
        eid_fields_fail(fields, "true or false is wanted");
    }
    return eid_slice_is(raw, "true");
}

void eid_fields_pubkey(eid_fields *fields, size_t i, eid_pubkey *out)
{
    eid_buf text;

    *out = (eid_pubkey){{0}};
    eid_buf_init(&text, 4096);
    eid_fields_text(fields, i, &text);
    if (fields->status == EID_OK) fields_set(fields, eid_pubkey_parse(eid_buf_slice(&text), out));
    eid_buf_fini(&text);
}

void eid_fields_base64(eid_fields *fields, size_t i, eid_buf *out)
{
    eid_buf text;

    eid_buf_init(&text, FIELD_TEXT_MAX);
    eid_buf_clear(out);
    eid_fields_text(fields, i, &text);
    if (fields->status == EID_OK && !eid_base64_decode(eid_buf_slice(&text), true, out)) {
        eid_fields_fail(fields, "no base64");
    }
    if (fields->status == EID_OK) fields_set(fields, eid_buf_status(out));
    eid_buf_fini(&text);
}

typedef struct fields_octets {
    uint8_t *out;
    size_t len, count;
} fields_octets;

static eid_status fields_on_octet(void *arg, eid_slice item)
{
    fields_octets *octets = arg;
    uint64_t value;
    eid_status status = eid_field_uint(item, &value);

    if (status != EID_OK) return status;
    if (value > 255 || octets->count == octets->len) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME,
                        "a byte string in a message is not as it should be");
    }
    octets->out[octets->count++] = (uint8_t)value;
    return EID_OK;
}

void eid_fields_octets(eid_fields *fields, size_t i, uint8_t *out, size_t len)
{
    fields_octets octets = {out, len, 0};

    eid_fields_each(fields, i, fields_on_octet, &octets);
    if (fields->status == EID_OK && octets.count != len) eid_fields_fail(fields, "too few bytes");
}

void eid_fields_each(eid_fields *fields, size_t i, eid_status (*fn)(void *arg, eid_slice item),
                     void *arg)
{
    eid_slice raw = eid_fields_raw(fields, i);
    eid_json json;

    if (fields->status != EID_OK) return;
    eid_json_init(&json, raw);
    if (eid_json_next(&json) != EID_JSON_ARRAY) eid_json_fail(&json, "an array is wanted");
    while (fields->status == EID_OK && json.status == EID_OK) {
        eid_slice rest = field_trim(eid_slice_of(json.at, (size_t)(json.end - json.at)));
        eid_slice item;

        if (rest.len > 0 && rest.at[0] == ']') break;
        item = field_take(&json);
        if (item.len > 0 && item.at[0] == ',') {
            item = field_trim(eid_slice_of(item.at + 1, item.len - 1));
        }
        if (json.status == EID_OK) fields_set(fields, fn(arg, item));
    }
    fields_set(fields, json.status);
    eid_json_fini(&json);
}
