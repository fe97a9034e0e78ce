/* Plain JSON, for people and tools. Lossy on purpose: tombstones, positions and atomic flags belong
 * to merging, and whoever needs them reads the payload form. */
#include "crdt/payload.h"

#include "crdt/crdt_internal.h"
#include "dag/alloc.h"

void eid_payload_view_doc(const eid_doc *doc, eid_json_writer *out)
{
    eid_json_object(out);
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        eid_slice key;
        const eid_value *value = eid_doc_at(doc, i, &key);

        if (value->type == EID_VALUE_DELETED) continue;
        eid_json_key_slice(out, key);
        eid_payload_view_value(value, out);
    }
    eid_json_object_end(out);
}

static void view_list(const eid_list *list, eid_json_writer *out)
{
    eid_json_array(out);
    for (size_t i = 0; i < eid_list_total(list); i++) {
        const eid_value *value = eid_list_at(list, i, NULL);

        if (value->type != EID_VALUE_DELETED) eid_payload_view_value(value, out);
    }
    eid_json_array_end(out);
}

void eid_payload_view_value(const eid_value *value, eid_json_writer *out)
{
    switch (value->type) {
    case EID_VALUE_NULL:
    case EID_VALUE_DELETED:
        eid_json_null(out);
        break;
    case EID_VALUE_BOOL:
        eid_json_bool(out, value->boolean);
        break;
    case EID_VALUE_INT:
        eid_json_int(out, value->integer);
        break;
    case EID_VALUE_TEXT:
        eid_json_string(out, eid_value_text(value));
        break;
    case EID_VALUE_DOC:
        eid_payload_view_doc(value->doc, out);
        break;
    case EID_VALUE_LIST:
        view_list(value->list, out);
        break;
    }
}

/* -- from plain JSON --------------------------------------------------------------------------- */

typedef struct plain {
    eid_json json;
    void (*random16)(void *self, uint8_t out[16]);
    void *self;
} plain;

static eid_status plain_value(plain *in, eid_value *out);

static eid_status plain_child(plain *in, eid_doc *doc)
{
    size_t key_len = in->json.text.len;
    char *key = eid_memdup(in->json.text.at, key_len);
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    if (key == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "key of %zu bytes", key_len);
    (void)eid_json_next(&in->json);
    status = plain_value(in, &value);
    if (status == EID_OK) status = eid__doc_append_take(doc, &key, key_len, &value);
    eid_value_fini(&value);
    eid_free(key);
    return status;
}

static eid_status plain_doc(plain *in, eid_value *out)
{
    eid_doc *doc = NULL;
    eid_status status = eid_doc_new(&doc);

    while (status == EID_OK && eid_json_next(&in->json) == EID_JSON_KEY) {
        status = plain_child(in, doc);
    }
    if (status == EID_OK) status = in->json.status;
    if (status == EID_OK) status = eid__doc_settle(doc);
    if (status == EID_OK) *out = eid_value_of_doc_take(&doc);
    eid_doc_free(doc);
    return status;
}

static eid_status plain_element(plain *in, eid_list *list)
{
    eid_position position = {.numerator = (int64_t)eid_list_total(list), .denominator = 1};
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status = plain_value(in, &value);

    in->random16(in->self, position.unique);
    if (status == EID_OK) status = eid_list_put_take(list, &position, &value);
    eid_value_fini(&value);
    return status;
}

static eid_status plain_list(plain *in, eid_value *out)
{
    eid_list *list = NULL;
    eid_status status = eid_list_new(&list);

    while (status == EID_OK && eid_json_next(&in->json) != EID_JSON_ARRAY_END) {
        status = plain_element(in, list);
    }
    if (status == EID_OK) *out = eid_value_of_list_take(&list);
    eid_list_free(list);
    return status;
}

/* The value of the event that was just given. */
static eid_status plain_value(plain *in, eid_value *out)
{
    int64_t integer;

    switch (in->json.event) {
    case EID_JSON_NULL:
        *out = EID_VALUE_NULL_INIT;
        return EID_OK;
    case EID_JSON_BOOL:
        *out = eid_value_of_bool(in->json.boolean);
        return EID_OK;
    case EID_JSON_NUMBER:
        if (!eid_json_int64(&in->json, &integer)) break;
        *out = eid_value_of_int(integer);
        return EID_OK;
    case EID_JSON_STRING:
        return eid_value_set_text(out, in->json.text);
    case EID_JSON_OBJECT:
        return plain_doc(in, out);
    case EID_JSON_ARRAY:
        return plain_list(in, out);
    case EID_JSON_ERROR:
    case EID_JSON_END:
    case EID_JSON_ARRAY_END:
    case EID_JSON_OBJECT_END:
    case EID_JSON_KEY:
        return in->json.status;
    }
    eid_json_fail(&in->json, "a number that is no integer of 64 bits; write it as a text");
    return in->json.status;
}

eid_status eid_payload_from_plain(eid_slice text, void (*random16)(void *self, uint8_t out[16]),
                                  void *self, eid_value *out)
{
    plain in = {.random16 = random16, .self = self};
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    eid_json_init(&in.json, text);
    (void)eid_json_next(&in.json);
    status = plain_value(&in, &value);
    if (status == EID_OK) status = eid_json_finish(&in.json);
    eid_json_fini(&in.json);
    if (status == EID_OK)
        *out = value;
    else
        eid_value_fini(&value);
    return status;
}
