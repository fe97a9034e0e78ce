/* The outer form of messages: a text, or an object with the message's name as its one member; and
 * errors, which keep their kind on the way so that a program can tell them apart on both sides. */
#include "dag/alloc.h"
#include "node/service/codec.h"

/* Kinds by place; the first is EID_KIND_NONE. */
#define MESSAGE_ONE(name, status, module, label, remedy) +1
enum { MESSAGE_KINDS = 1 EID_KIND_MAP(MESSAGE_ONE) };
#undef MESSAGE_ONE

static bool tag_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static eid_slice tag_trim(eid_slice raw)
{
    while (raw.len > 0 && tag_is_space(raw.at[0])) raw = eid_slice_of(raw.at + 1, raw.len - 1);
    while (raw.len > 0 && tag_is_space(raw.at[raw.len - 1])) raw.len--;
    return raw;
}

eid_status eid__read_tag(eid_slice json, eid_buf *tag, eid_slice *content)
{
    eid_json reader;
    eid_json_event event;
    eid_status status;

    eid_buf_clear(tag);
    *content = EID_SLICE_EMPTY;
    eid_json_init(&reader, json);
    event = eid_json_next(&reader);
    if (event == EID_JSON_OBJECT && eid_json_next(&reader) == EID_JSON_KEY) {
        const uint8_t *from = reader.at;

        eid_buf_append(tag, reader.text);
        eid_json_skip(&reader);
        *content = tag_trim(eid_slice_of(from, (size_t)(reader.at - from)));
        if (reader.status == EID_OK && eid_json_next(&reader) != EID_JSON_OBJECT_END) {
            eid_json_fail(&reader, "a message has one member");
        }
    } else if (event == EID_JSON_STRING) {
        eid_buf_append(tag, reader.text);
    } else {
        eid_json_fail(&reader, "a message is a text or an object of one member");
    }
    status = eid_json_finish(&reader);
    eid_json_fini(&reader);
    return status == EID_OK ? eid_buf_status(tag) : status;
}

void eid__write_error(eid_json_writer *json, eid_status status, bool with_code)
{
    eid_detail detail = eid_status_detail(status);
    bool has_kind = detail.kind != EID_KIND_NONE;

    eid_json_object(json);
    eid_json_key(json, "Error");
    eid_json_object(json);
    eid_json_key(json, "module");
    eid_json_text(json, has_kind ? eid_kind_module(detail.kind) : "system");
    eid_json_key(json, "kind");
    eid_json_text(json, has_kind ? eid_kind_label(detail.kind) : eid_status_name(status));
    eid_json_key(json, "message");
    eid_json_text(json, detail.text);
    if (with_code && has_kind) {
        eid_json_key(json, "code");
        eid_json_text(json, eid_kind_name(detail.kind));
    }
    eid_json_object_end(json);
    eid_json_object_end(json);
}

/* By our own name if it was sent, else by the specification's; IO if it is a kind we do not know.
 */
static eid_kind error_kind(const char *module, const char *label, const char *code)
{
    for (int i = 1; i < MESSAGE_KINDS && code; i++) {
        if (strcmp(eid_kind_name((eid_kind)i), code) == 0) return (eid_kind)i;
    }
    for (int i = 1; i < MESSAGE_KINDS; i++) {
        if (strcmp(eid_kind_module((eid_kind)i), module) == 0 &&
            strcmp(eid_kind_label((eid_kind)i), label) == 0) {
            return (eid_kind)i;
        }
    }
    return EID_KIND_IO;
}

eid_status eid__read_error(eid_slice json)
{
    static const char *const names[] = {"module", "kind", "message", "code"};
    char *module, *label, *text, *code = NULL;
    eid_fields fields;
    eid_status status;

    eid_fields_init(&fields, json, names, 4);
    module = eid_fields_string(&fields, 0);
    label = eid_fields_string(&fields, 1);
    text = eid_fields_string(&fields, 2);
    if (eid_fields_has(&fields, 3)) code = eid_fields_string(&fields, 3);
    status = fields.status;
    if (status == EID_OK) status = eid_status_restore(error_kind(module, label, code), text);
    eid_free(module);
    eid_free(label);
    eid_free(text);
    eid_free(code);
    return status;
}
