/* One pass over the pull reader with nothing in between: every received entry comes through here.
 * Recursion follows the JSON's nesting, which the reader bounds (EID_JSON_DEPTH_MAX). */
#include "crdt/payload.h"

#include <stdio.h>

#include "crdt/crdt_internal.h"
#include "crdt/uuid.h"
#include "dag/alloc.h"

static eid_status payload_value(eid_json *json, eid_json_event event, eid_value *out);

/* What is wrong here, unless the reader has failed already. */
static eid_status payload_refuse(eid_json *json, const char *why)
{
    eid_json_fail(json, why);
    return json->status;
}

static eid_status payload_expect(eid_json *json, eid_json_event event, const char *why)
{
    return eid_json_next(json) == event ? EID_OK : payload_refuse(json, why);
}

/* -- docs -------------------------------------------------------------------------------------- */

static eid_status payload_child(eid_json *json, eid_doc *doc)
{
    size_t key_len = json->text.len;
    char *key = eid_memdup(json->text.at, key_len);
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    if (key == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "key of %zu bytes", key_len);
    status = payload_value(json, eid_json_next(json), &value);
    if (status == EID_OK) status = eid__doc_append_take(doc, &key, key_len, &value);
    eid_value_fini(&value);
    eid_free(key);
    return status;
}

static eid_status payload_children(eid_json *json, eid_doc *doc)
{
    eid_status status = payload_expect(json, EID_JSON_OBJECT, "children that are no object");

    if (status != EID_OK) return status;
    while (eid_json_next(json) == EID_JSON_KEY) {
        status = payload_child(json, doc);
        if (status != EID_OK) return status;
    }
    if (json->event != EID_JSON_OBJECT_END) return payload_refuse(json, "no key");
    return eid__doc_settle(doc);
}

static eid_status payload_version(eid_json *json)
{
    uint64_t version;

    if (eid_json_next(json) != EID_JSON_NUMBER || !eid_json_uint64(json, &version)) {
        return payload_refuse(json, "a version that is no number");
    }
    return version == 0 ? EID_OK : payload_refuse(json, "unsupported Doc version");
}

static eid_status payload_atomic(eid_json *json, eid_doc *doc)
{
    eid_status status = payload_expect(json, EID_JSON_BOOL, "an atomic flag that is no bool");

    if (status == EID_OK) eid_doc_set_atomic(doc, json->boolean);
    return status;
}

/* One member of a struct: which of `names` the key is, or `count`. */
static size_t payload_member(const eid_json *json, const char *const *names, size_t count)
{
    size_t i = 0;

    while (i < count && !eid_slice_is(json->text, names[i])) i++;
    return i;
}

static eid_status payload_doc_member(eid_json *json, eid_doc *doc, unsigned *seen)
{
    static const char *const names[] = {"_v", "_a", "children"};
    size_t member = payload_member(json, names, 3);

    if (member == 3) {
        eid_json_skip(json);
        return json->status;
    }
    if (*seen & (1u << member)) return payload_refuse(json, "a member of a Doc twice");
    *seen |= 1u << member;
    if (member == 0) return payload_version(json);
    if (member == 1) return payload_atomic(json, doc);
    return payload_children(json, doc);
}

/* The positional form: [version, atomic, children]. */
static eid_status payload_doc_tuple(eid_json *json, eid_doc *doc)
{
    eid_status status = payload_version(json);

    if (status == EID_OK) status = payload_atomic(json, doc);
    if (status == EID_OK) status = payload_children(json, doc);
    if (status != EID_OK) return status;
    return payload_expect(json, EID_JSON_ARRAY_END, "too many members of a Doc");
}

static eid_status payload_doc_body(eid_json *json, eid_json_event event, eid_doc *doc)
{
    unsigned seen = 0;

    if (event == EID_JSON_ARRAY) return payload_doc_tuple(json, doc);
    if (event != EID_JSON_OBJECT) return payload_refuse(json, "no Doc");
    while (eid_json_next(json) == EID_JSON_KEY) {
        eid_status status = payload_doc_member(json, doc, &seen);

        if (status != EID_OK) return status;
    }
    if (json->event != EID_JSON_OBJECT_END) return payload_refuse(json, "no key");
    return seen & 4u ? EID_OK : payload_refuse(json, "a Doc without children");
}

static eid_status payload_doc(eid_json *json, eid_json_event event, eid_doc **out)
{
    eid_doc *doc = NULL;
    eid_status status = eid_doc_new(&doc);

    if (status == EID_OK) status = payload_doc_body(json, event, doc);
    if (status == EID_OK) {
        *out = doc;
        doc = NULL;
    }
    eid_doc_free(doc);
    return status;
}

/* -- lists ------------------------------------------------------------------------------------- */

static eid_status payload_position_member(eid_json *json, size_t member, eid_position *out)
{
    eid_json_event event = eid_json_next(json);

    if (member == 0 && event == EID_JSON_NUMBER && eid_json_int64(json, &out->numerator)) {
        return EID_OK;
    }
    if (member == 1 && event == EID_JSON_NUMBER && eid_json_uint64(json, &out->denominator)) {
        return EID_OK;
    }
    if (member == 2 && event == EID_JSON_STRING && eid_uuid_parse(json->text, out->unique)) {
        return EID_OK;
    }
    return payload_refuse(json, "a member of a position that is none");
}

static eid_status payload_position_tuple(eid_json *json, eid_position *out)
{
    for (size_t member = 0; member < 3; member++) {
        eid_status status = payload_position_member(json, member, out);

        if (status != EID_OK) return status;
    }
    return payload_expect(json, EID_JSON_ARRAY_END, "too many members of a position");
}

static eid_status payload_position(eid_json *json, eid_json_event event, eid_position *out)
{
    static const char *const names[] = {"numerator", "denominator", "unique_id"};
    unsigned seen = 0;

    if (event == EID_JSON_ARRAY) return payload_position_tuple(json, out);
    if (event != EID_JSON_OBJECT) return payload_refuse(json, "no position");
    while (eid_json_next(json) == EID_JSON_KEY) {
        size_t member = payload_member(json, names, 3);
        eid_status status;

        if (member == 3) {
            eid_json_skip(json);
            continue;
        }
        if (seen & (1u << member)) return payload_refuse(json, "a member of a position twice");
        seen |= 1u << member;
        status = payload_position_member(json, member, out);
        if (status != EID_OK) return status;
    }
    if (json->event != EID_JSON_OBJECT_END) return payload_refuse(json, "no key");
    return seen == 7u ? EID_OK : payload_refuse(json, "a position without one of its members");
}

/* [position, value], after its '['. */
static eid_status payload_element(eid_json *json, eid_list *list)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_position position = {0};
    eid_status status = payload_position(json, eid_json_next(json), &position);

    if (status == EID_OK) status = payload_value(json, eid_json_next(json), &value);
    if (status == EID_OK) {
        status = payload_expect(json, EID_JSON_ARRAY_END, "too many members of an element");
    }
    if (status == EID_OK) status = eid__list_append_take(list, &position, &value);
    eid_value_fini(&value);
    return status;
}

static eid_status payload_list_body(eid_json *json, eid_json_event event, eid_list *list)
{
    if (event != EID_JSON_ARRAY) return payload_refuse(json, "no List");
    while (eid_json_next(json) == EID_JSON_ARRAY) {
        eid_status status = payload_element(json, list);

        if (status != EID_OK) return status;
    }
    if (json->event != EID_JSON_ARRAY_END)
        return payload_refuse(json, "an element that is no pair");
    return eid__list_settle(list);
}

static eid_status payload_list(eid_json *json, eid_json_event event, eid_list **out)
{
    eid_list *list = NULL;
    eid_status status = eid_list_new(&list);

    if (status == EID_OK) status = payload_list_body(json, event, list);
    if (status == EID_OK) {
        *out = list;
        list = NULL;
    }
    eid_list_free(list);
    return status;
}

/* -- values ------------------------------------------------------------------------------------ */

static const eid_value_type tag_types[] = {EID_VALUE_NULL,   EID_VALUE_BOOL, EID_VALUE_INT,
                                           EID_VALUE_TEXT,   EID_VALUE_DOC,  EID_VALUE_LIST,
                                           EID_VALUE_DELETED};

/* The kind that a tag names; false for none. */
static bool tag_find(const eid_json *json, eid_value_type *out)
{
    static const char *const tags[] = {"Null", "Bool", "Int", "Text", "Doc", "List", "Deleted"};
    size_t tag = payload_member(json, tags, 7);

    if (tag < 7) *out = tag_types[tag];
    return tag < 7;
}

/* The content after a tag. */
static eid_status payload_content(eid_json *json, eid_value_type type, eid_value *out)
{
    eid_json_event event = eid_json_next(json);
    eid_status status = EID_OK;
    eid_doc *doc = NULL;
    eid_list *list = NULL;

    out->type = EID_VALUE_NULL;
    switch (type) {
    case EID_VALUE_NULL:
    case EID_VALUE_DELETED:
        if (event != EID_JSON_NULL) return payload_refuse(json, "content where none belongs");
        out->type = type;
        break;
    case EID_VALUE_BOOL:
        if (event != EID_JSON_BOOL) return payload_refuse(json, "a Bool that is none");
        *out = eid_value_of_bool(json->boolean);
        break;
    case EID_VALUE_INT: {
        int64_t integer;

        if (event != EID_JSON_NUMBER || !eid_json_int64(json, &integer)) {
            return payload_refuse(json, "an Int that is no integer of 64 bits");
        }
        *out = eid_value_of_int(integer);
        break;
    }
    case EID_VALUE_TEXT:
        if (event != EID_JSON_STRING) return payload_refuse(json, "a Text that is none");
        status = eid_value_set_text(out, json->text);
        break;
    case EID_VALUE_DOC:
        status = payload_doc(json, event, &doc);
        if (status == EID_OK) *out = eid_value_of_doc_take(&doc);
        break;
    case EID_VALUE_LIST:
        status = payload_list(json, event, &list);
        if (status == EID_OK) *out = eid_value_of_list_take(&list);
        break;
    }
    return status;
}

/* `out` holds nothing before; on an error it may hold something that the caller ends. */
static eid_status payload_value(eid_json *json, eid_json_event event, eid_value *out)
{
    eid_value_type type = EID_VALUE_NULL;
    eid_status status;

    if (event == EID_JSON_STRING) {
        if (!tag_find(json, &type) || (type != EID_VALUE_NULL && type != EID_VALUE_DELETED)) {
            return payload_refuse(json, "an unknown value");
        }
        out->type = type;
        return EID_OK;
    }
    if (event != EID_JSON_OBJECT) return payload_refuse(json, "no value");
    status = payload_expect(json, EID_JSON_KEY, "a value without a tag");
    if (status != EID_OK) return status;
    if (!tag_find(json, &type)) return payload_refuse(json, "an unknown tag of a value");
    status = payload_content(json, type, out);
    if (status != EID_OK) return status;
    return payload_expect(json, EID_JSON_OBJECT_END, "a value with two tags");
}

/* -- whole texts ------------------------------------------------------------------------------- */

/* End the reader; what is wrong with the JSON is wrong with the payload. */
static eid_status payload_end(eid_json *json, eid_status status)
{
    char why[EID_DETAIL_TEXT_MAX];
    eid_detail detail;

    if (status == EID_OK) status = eid_json_finish(json);
    eid_json_fini(json);
    if (status == EID_OK) return EID_OK;
    detail = eid_status_detail(status);
    if (detail.kind != EID_KIND_JSON) return status;
    (void)snprintf(why, sizeof(why), "%s", detail.text); /* the next EID_FAIL() overwrites it */
    return EID_FAIL(EID_KIND_CRDT_DECODE, "%s", why);
}

eid_status eid_payload_read_doc(eid_slice text, eid_doc **out)
{
    eid_json json;
    eid_doc *doc = NULL;
    eid_status status;

    eid_json_init(&json, text);
    status = payload_end(&json, payload_doc(&json, eid_json_next(&json), &doc));
    if (status == EID_OK)
        *out = doc;
    else
        eid_doc_free(doc);
    return status;
}

eid_status eid_payload_read_value(eid_slice text, eid_value *out)
{
    eid_json json;
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    eid_json_init(&json, text);
    status = payload_end(&json, payload_value(&json, eid_json_next(&json), &value));
    if (status == EID_OK)
        *out = value;
    else
        eid_value_fini(&value);
    return status;
}

eid_status eid_payload_read_list(eid_slice text, eid_list **out)
{
    eid_json json;
    eid_list *list = NULL;
    eid_status status;

    eid_json_init(&json, text);
    status = payload_end(&json, payload_list(&json, eid_json_next(&json), &list));
    if (status == EID_OK)
        *out = list;
    else
        eid_list_free(list);
    return status;
}

eid_status eid_payload_read_position(eid_slice text, eid_position *out)
{
    eid_json json;

    eid_json_init(&json, text);
    return payload_end(&json, payload_position(&json, eid_json_next(&json), out));
}
