/* Writers are straight lines into a buffer whose first error sticks; readers build on locals and
 * give nothing when anything is wrong. */
#include "node/service/codec.h"

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/base.h"
#include "node/service/frame.h"

void eid__write_id(eid_json_writer *json, const char *key, const eid_id *id)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, key);
    eid_json_text(json, eid_id_format(id, text));
}

void eid__write_ids(eid_json_writer *json, const char *key, eid_ids ids)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_key(json, key);
    eid_json_array(json);
    for (size_t i = 0; i < ids.count; i++) eid_json_text(json, eid_id_format(&ids.at[i], text));
    eid_json_array_end(json);
}

void eid__write_octets(eid_json_writer *json, const char *key, eid_slice bytes)
{
    eid_json_key(json, key);
    eid_json_array(json);
    for (size_t i = 0; i < bytes.len; i++) eid_json_uint(json, bytes.at[i]);
    eid_json_array_end(json);
}

eid_status eid__write_base64(eid_json_writer *json, eid_slice bytes)
{
    eid_buf text;
    eid_status status;

    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    eid_base64_encode(bytes, true, &text);
    status = eid_buf_status(&text);
    if (status == EID_OK) eid_json_string(json, eid_buf_slice(&text));
    eid_buf_fini(&text);
    return status == EID_OK ? eid_buf_status(json->out) : status;
}

/* -- entries ----------------------------------------------------------------------------------- */

eid_status eid__write_entry(eid_json_writer *json, const eid_entry *entry, eid_verdict verdict)
{
    eid_status status;

    eid_json_object(json);
    eid_json_key(json, "entry");
    status = eid__write_base64(json, eid_entry_bytes(entry));
    eid_json_key(json, "verdict");
    eid_json_uint(json, (uint64_t)verdict);
    eid_json_object_end(json);
    return status == EID_OK ? eid_buf_status(json->out) : status;
}

eid_status eid__read_verdict(uint64_t number, eid_verdict *out)
{
    *out = EID_UNVERIFIED;
    if (number > EID_UNVERIFIED) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "a message has an unknown verdict");
    }
    *out = (eid_verdict)number;
    return EID_OK;
}

eid_status eid__read_entry(eid_slice json, eid_entry **out, eid_verdict *verdict)
{
    static const char *const names[] = {"entry", "verdict"};
    eid_fields fields;
    eid_buf bytes;
    uint64_t number;
    eid_status status;

    *out = NULL;
    eid_buf_init(&bytes, EID_ENTRY_BYTES_MAX);
    eid_fields_init(&fields, json, names, 2);
    eid_fields_base64(&fields, 0, &bytes);
    number = eid_fields_uint(&fields, 1);
    status = fields.status;
    if (status == EID_OK) status = eid__read_verdict(number, verdict);
    if (status == EID_OK) status = eid_entry_decode(eid_buf_slice(&bytes), out);
    eid_buf_fini(&bytes);
    return status;
}

/* -- documents --------------------------------------------------------------------------------- */

static eid_status codec_string(eid_json_writer *json, const char *key, eid_status status,
                               eid_buf *text)
{
    if (status == EID_OK) status = eid_buf_status(text);
    if (status == EID_OK) {
        eid_json_key(json, key);
        eid_json_string(json, eid_buf_slice(text));
        status = eid_buf_status(json->out);
    }
    eid_buf_fini(text);
    return status;
}

eid_status eid__write_doc(eid_json_writer *json, const char *key, const eid_doc *doc)
{
    eid_buf text;

    if (!doc) {
        eid_json_key(json, key);
        eid_json_null(json);
        return eid_buf_status(json->out);
    }
    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    return codec_string(json, key, eid_payload_write_doc(doc, &text), &text);
}

eid_status eid__write_value(eid_json_writer *json, const char *key, const eid_value *value)
{
    eid_buf text;

    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    return codec_string(json, key, eid_payload_write_value(value, &text), &text);
}

void eid__read_doc(eid_fields *fields, size_t i, eid_doc **out)
{
    eid_buf text;

    *out = NULL;
    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    eid_fields_text(fields, i, &text);
    if (fields->status == EID_OK) fields->status = eid_payload_read_doc(eid_buf_slice(&text), out);
    eid_buf_fini(&text);
}

void eid__read_value(eid_fields *fields, size_t i, eid_value *out)
{
    eid_buf text;

    *out = EID_VALUE_NULL_INIT;
    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    eid_fields_text(fields, i, &text);
    if (fields->status == EID_OK) {
        fields->status = eid_payload_read_value(eid_buf_slice(&text), out);
    }
    eid_buf_fini(&text);
}

/* -- what is known of a database --------------------------------------------------------------- */

static const char *const info_names[] = {"root",       "name",   "type",        "tips",
                                         "entries",    "bytes",  "verified",    "failed",
                                         "unverified", "strict", "has_genesis", "shared"};

void eid__write_info(eid_json_writer *json, const eid_db_info *info)
{
    const uint64_t counts[] = {info->counts.entries, info->counts.bytes, info->counts.verified,
                               info->counts.failed, info->counts.unverified};
    const bool flags[] = {info->strict, info->has_genesis, info->shared};

    eid_json_object(json);
    eid__write_id(json, info_names[0], &info->root);
    eid_json_key(json, info_names[1]);
    eid_json_text(json, info->name);
    eid_json_key(json, info_names[2]);
    eid_json_text(json, info->type);
    eid__write_ids(json, info_names[3], eid_idset_ids(&info->tips));
    for (size_t i = 0; i < 5; i++) {
        eid_json_key(json, info_names[4 + i]);
        eid_json_uint(json, counts[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        eid_json_key(json, info_names[9 + i]);
        eid_json_bool(json, flags[i]);
    }
    eid_json_object_end(json);
}

eid_status eid__read_info(eid_slice json, eid_db_info *out)
{
    eid_fields fields;

    memset(out, 0, sizeof *out);
    eid_fields_init(&fields, json, info_names, 12);
    eid_fields_id(&fields, 0, &out->root);
    if (eid_fields_has(&fields, 1)) out->name = eid_fields_string(&fields, 1);
    if (eid_fields_has(&fields, 2)) out->type = eid_fields_string(&fields, 2);
    eid_fields_ids(&fields, 3, &out->tips);
    out->counts.entries = eid_fields_uint(&fields, 4);
    out->counts.bytes = eid_fields_uint(&fields, 5);
    out->counts.verified = eid_fields_uint(&fields, 6);
    out->counts.failed = eid_fields_uint(&fields, 7);
    out->counts.unverified = eid_fields_uint(&fields, 8);
    out->strict = eid_fields_bool(&fields, 9);
    out->has_genesis = eid_fields_bool(&fields, 10);
    out->shared = eid_fields_bool(&fields, 11);
    if (fields.status != EID_OK) eid_db_info_fini(out);
    return fields.status;
}

/* -- the context of a transaction -------------------------------------------------------------- */

eid_status eid__write_context(eid_json_writer *json, const eid_txn_context *context)
{
    eid_status status;

    eid_json_object(json);
    eid__write_ids(json, "parents", eid_idset_ids(&context->parents));
    eid_json_key(json, "height_max");
    eid_json_uint(json, context->height_max);
    eid_json_key(json, "stores");
    eid_json_array(json);
    for (size_t i = 0; i < context->store_count; i++) {
        eid_json_object(json);
        eid_json_key(json, "name");
        eid_json_text(json, context->stores[i].name);
        eid__write_ids(json, "parents", eid_idset_ids(&context->stores[i].parents));
        eid_json_key(json, "height_max");
        eid_json_uint(json, context->stores[i].height_max);
        eid_json_object_end(json);
    }
    eid_json_array_end(json);
    eid__write_ids(json, "settings_tips", eid_idset_ids(&context->settings_tips));
    status = eid__write_doc(json, "settings", context->settings);
    if (status == EID_OK) status = eid__write_doc(json, "index", context->index);
    eid_json_object_end(json);
    return status == EID_OK ? eid_buf_status(json->out) : status;
}

static eid_status context_on_store(void *arg, eid_slice item)
{
    static const char *const names[] = {"name", "parents", "height_max"};
    eid_txn_context *context = arg;
    eid_store_context *stores, *store;
    eid_fields fields;

    if (context->store_count >= EID_ENTRY_STORES_MAX * 16) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "too many stores in a message");
    }
    stores = eid_realloc(context->stores, (context->store_count + 1) * sizeof *stores);
    if (!stores) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a store");
    context->stores = stores;
    store = &stores[context->store_count++];
    *store = (eid_store_context){0};
    eid_fields_init(&fields, item, names, 3);
    store->name = eid_fields_string(&fields, 0);
    eid_fields_ids(&fields, 1, &store->parents);
    store->height_max = eid_fields_uint(&fields, 2);
    return fields.status;
}

eid_status eid__read_context(eid_slice json, eid_txn_context *out)
{
    static const char *const names[] = {"parents",       "height_max", "stores",
                                        "settings_tips", "settings",   "index"};
    eid_fields fields;

    memset(out, 0, sizeof *out);
    eid_fields_init(&fields, json, names, 6);
    eid_fields_ids(&fields, 0, &out->parents);
    out->height_max = eid_fields_uint(&fields, 1);
    eid_fields_each(&fields, 2, context_on_store, out);
    eid_fields_ids(&fields, 3, &out->settings_tips);
    if (eid_fields_has(&fields, 4)) eid__read_doc(&fields, 4, &out->settings);
    if (eid_fields_has(&fields, 5)) eid__read_doc(&fields, 5, &out->index);
    if (fields.status != EID_OK) eid_txn_context_fini(out);
    return fields.status;
}
