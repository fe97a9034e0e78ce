/* What is written through the socket is judged by the engine like anything else; the gate only says
 * who may reach it. */
#include "dag/alloc.h"
#include "node/service/frame.h"
#include "node/service/server_call.h"

#define WRITE_STORES_MAX EID_ENTRY_STORES_MAX
#define WRITE_ENTRIES_MAX 16384u

typedef struct write_names {
    char *text[WRITE_STORES_MAX];
    eid_slice at[WRITE_STORES_MAX];
    size_t count;
} write_names;

static eid_status write_on_name(void *arg, eid_slice item)
{
    write_names *names = arg;
    eid_buf text;
    eid_status status;

    if (names->count == WRITE_STORES_MAX) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "more than %u stores", WRITE_STORES_MAX);
    }
    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    status = eid_field_text(item, &text);
    if (status == EID_OK) {
        names->at[names->count].len = text.len;
        names->text[names->count] = eid_buf_take_text(&text);
        if (!names->text[names->count])
            status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
    }
    eid_buf_fini(&text);
    if (status != EID_OK) return status;
    names->at[names->count].at = (const uint8_t *)names->text[names->count];
    names->count++;
    return EID_OK;
}

eid_status eid__call_begin(eid__call *call)
{
    static const char *const members[] = {"root", "stores", "at"};
    write_names *names = eid_alloc(sizeof *names);
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn_context context = {0};
    eid_fields fields;
    bool has_at;
    eid_id root;
    eid_status status;

    if (!names) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a request");
    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    eid_fields_each(&fields, 1, write_on_name, names);
    has_at = eid_fields_has(&fields, 2);
    if (has_at) eid_fields_ids(&fields, 2, &at);
    status = fields.status;
    if (status == EID_OK) {
        status = call->seam->begin(call->seam->self, &root, names->at, names->count,
                                   has_at ? &at : NULL, &context);
    }
    if (status == EID_OK) {
        status = eid__write_context(&call->json, &context);
        eid_txn_context_fini(&context);
    }
    for (size_t i = 0; i < names->count; i++) eid_free(names->text[i]);
    eid_free(names);
    eid_idset_fini(&at);
    return status;
}

eid_status eid__call_submit(eid__call *call)
{
    static const char *const members[] = {"root", "entry", "async"};
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_fields fields;
    eid_buf bytes;
    bool is_async;
    eid_id root;
    eid_status status;
    /* "repair" and "submit" differ in who may call them and in which function of the seam it is. */
    eid_status (*submit)(void *self, const eid_id *root, const eid_entry *entry,
                         eid_durability durability, eid_verdict *verdict) =
        strcmp(call->name, "repair") == 0 ? call->seam->repair : call->seam->submit;

    eid_buf_init(&bytes, EID_ENTRY_BYTES_MAX);
    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    eid_fields_base64(&fields, 1, &bytes);
    is_async = eid_fields_bool(&fields, 2);
    status = fields.status;
    if (status == EID_OK) status = eid_entry_decode(eid_buf_slice(&bytes), &entry);
    if (status == EID_OK) {
        status = submit(call->seam->self, &root, entry,
                        is_async ? EID_DURABLE_ASYNC : EID_DURABLE_SYNC, &verdict);
    }
    if (status == EID_OK) {
        eid_json_object(&call->json);
        eid_json_key(&call->json, "verdict");
        eid_json_uint(&call->json, (uint64_t)verdict);
        eid_json_object_end(&call->json);
    }
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
    return status;
}

/* -- received entries -------------------------------------------------------------------------- */

typedef struct write_batch {
    eid_buf bytes, one;
    size_t *ends;
    size_t count;
} write_batch;

static eid_status write_on_entry(void *arg, eid_slice item)
{
    write_batch *batch = arg;
    static const char *const members[] = {"entry"};
    eid_fields fields = {.names = members, .count = 1, .raw = {item}};

    if (batch->count == WRITE_ENTRIES_MAX) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "more than %u entries", WRITE_ENTRIES_MAX);
    }
    eid_fields_base64(&fields, 0, &batch->one);
    if (fields.status != EID_OK) return fields.status;
    eid_buf_append(&batch->bytes, eid_buf_slice(&batch->one));
    batch->ends[batch->count++] = batch->bytes.len;
    return eid_buf_status(&batch->bytes);
}

static eid_status write_ingest(eid__call *call, const write_batch *batch)
{
    eid_slice *entries = eid_alloc_array(batch->count + 1, sizeof *entries);
    uint64_t stored = 0, visible = 0;
    size_t from = 0;
    eid_status status;

    if (!entries) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for entries");
    for (size_t i = 0; i < batch->count; i++) {
        entries[i] = eid_slice_of(batch->bytes.at + from, batch->ends[i] - from);
        from = batch->ends[i];
    }
    status = call->seam->ingest(call->seam->self, entries, batch->count, &stored, &visible);
    eid_free(entries);
    if (status != EID_OK) return status;
    eid_json_object(&call->json);
    eid_json_key(&call->json, "stored");
    eid_json_uint(&call->json, stored);
    eid_json_key(&call->json, "visible");
    eid_json_uint(&call->json, visible);
    eid_json_object_end(&call->json);
    return EID_OK;
}

eid_status eid__call_ingest(eid__call *call)
{
    static const char *const members[] = {"entries"};
    write_batch batch = {.ends = eid_alloc_array(WRITE_ENTRIES_MAX, sizeof *batch.ends)};
    eid_fields fields;
    eid_status status;

    if (!batch.ends) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for entries");
    eid_buf_init(&batch.bytes, EID_FRAME_BYTES_MAX);
    eid_buf_init(&batch.one, EID_FRAME_BYTES_MAX);
    eid_fields_init(&fields, call->args, members, 1);
    eid_fields_each(&fields, 0, write_on_entry, &batch);
    status = fields.status;
    if (status == EID_OK) status = write_ingest(call, &batch);
    eid_buf_fini(&batch.bytes);
    eid_buf_fini(&batch.one);
    eid_free(batch.ends);
    return status;
}

/* -- administration ---------------------------------------------------------------------------- */

static eid_status write_flag(eid__call *call, eid_id *root, bool *value)
{
    static const char *const members[] = {"root", "value"};
    eid_fields fields;

    eid_fields_init(&fields, call->args, members, 2);
    eid_fields_id(&fields, 0, root);
    *value = eid_fields_bool(&fields, 1);
    return fields.status;
}

eid_status eid__call_set_strict(eid__call *call)
{
    bool value;
    eid_id root;
    eid_status status = write_flag(call, &root, &value);

    return status == EID_OK ? call->seam->set_strict(call->seam->self, &root, value) : status;
}

eid_status eid__call_set_shared(eid__call *call)
{
    bool value;
    eid_id root;
    eid_status status = write_flag(call, &root, &value);

    return status == EID_OK ? call->seam->set_shared(call->seam->self, &root, value) : status;
}

eid_status eid__call_forget(eid__call *call)
{
    eid_id root;
    eid_status status = eid__call_root(call, &root);

    return status == EID_OK ? call->seam->forget(call->seam->self, &root) : status;
}
