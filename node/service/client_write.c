/* Writes of the seam, and control. An entry is signed before it comes here; the daemon checks the
 * signature like a stranger's. */
#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"

#define WRITE_BATCH_BYTES (16u * 1024u * 1024u) /* of entries in one frame; base64 makes it 4/3 */
#define WRITE_BATCH_ENTRIES 8192u

eid_status eid__client_begin(void *self, const eid_id *root, const eid_slice *stores,
                             size_t store_count, const eid_idset *at, eid_txn_context *out)
{
    eid__request request;
    eid_status status;

    memset(out, 0, sizeof *out);
    eid__request_init(&request, self, "begin");
    eid__request_root(&request, root);
    eid_json_key(&request.json, "stores");
    eid_json_array(&request.json);
    for (size_t i = 0; i < store_count; i++) eid_json_string(&request.json, stores[i]);
    eid_json_array_end(&request.json);
    if (at) eid__write_ids(&request.json, "at", eid_idset_ids(at));
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) status = eid__read_context(request.result, out);
    eid__request_fini(&request);
    return status;
}

typedef struct write_entry {
    const char *method;
    const eid_id *root;
    const eid_entry *entry;
    eid_durability durability;
} write_entry;

static eid_status write_submit(eid_service_client *client, const write_entry *call,
                               eid_verdict *verdict)
{
    static const char *const names[] = {"verdict"};
    eid__request request;
    eid_fields fields;
    uint64_t number;
    eid_status status;

    eid__request_init(&request, client, call->method);
    eid__request_root(&request, call->root);
    eid_json_key(&request.json, "entry");
    status = eid__write_base64(&request.json, eid_entry_bytes(call->entry));
    eid_json_key(&request.json, "async");
    eid_json_bool(&request.json, call->durability == EID_DURABLE_ASYNC);
    if (status == EID_OK) status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, names, 1);
        number = eid_fields_uint(&fields, 0);
        status = fields.status == EID_OK ? eid__read_verdict(number, verdict) : fields.status;
    }
    eid__request_fini(&request);
    return status;
}

eid_status eid__client_submit(void *self, const eid_id *root, const eid_entry *entry,
                              eid_durability durability, eid_verdict *verdict)
{
    return write_submit(self, &(write_entry){"submit", root, entry, durability}, verdict);
}

eid_status eid__client_repair(void *self, const eid_id *root, const eid_entry *entry,
                              eid_durability durability, eid_verdict *verdict)
{
    return write_submit(self, &(write_entry){"repair", root, entry, durability}, verdict);
}

static eid_status write_ingest(eid_service_client *client, const eid_slice *entries, size_t count,
                               uint64_t *stored, uint64_t *visible)
{
    static const char *const names[] = {"stored", "visible"};
    eid__request request;
    eid_fields fields;
    eid_status status = EID_OK;

    eid__request_init(&request, client, "ingest");
    eid_json_key(&request.json, "entries");
    eid_json_array(&request.json);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        status = eid__write_base64(&request.json, entries[i]);
    }
    eid_json_array_end(&request.json);
    if (status == EID_OK) status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, names, 2);
        *stored += eid_fields_uint(&fields, 0);
        *visible += eid_fields_uint(&fields, 1);
        status = fields.status;
    }
    eid__request_fini(&request);
    return status;
}

eid_status eid__client_ingest(void *self, const eid_slice *entries, size_t count, uint64_t *stored,
                              uint64_t *visible)
{
    size_t from = 0;
    eid_status status = EID_OK;

    *stored = 0;
    *visible = 0;
    while (from < count && status == EID_OK) {
        size_t bytes = 0, to = from;

        while (to < count && to - from < WRITE_BATCH_ENTRIES &&
               (to == from || bytes + entries[to].len <= WRITE_BATCH_BYTES)) {
            bytes += entries[to++].len;
        }
        status = write_ingest(self, entries + from, to - from, stored, visible);
        from = to;
    }
    return status;
}

/* -- administration ---------------------------------------------------------------------------- */

static eid_status write_flag(eid_service_client *client, const char *method, const eid_id *root,
                             const bool *value)
{
    eid__request request;
    eid_status status;

    eid__request_init(&request, client, method);
    eid__request_root(&request, root);
    if (value) {
        eid_json_key(&request.json, "value");
        eid_json_bool(&request.json, *value);
    }
    status = eid__request_run(&request, NULL, NULL);
    eid__request_fini(&request);
    return status;
}

eid_status eid__client_set_strict(void *self, const eid_id *root, bool strict)
{
    return write_flag(self, "set_strict", root, &strict);
}

eid_status eid__client_set_shared(void *self, const eid_id *root, bool shared)
{
    return write_flag(self, "set_shared", root, &shared);
}

eid_status eid__client_forget(void *self, const eid_id *root)
{
    return write_flag(self, "forget", root, NULL);
}

/* -- control ----------------------------------------------------------------------------------- */

typedef struct write_progress {
    void (*fn)(void *arg, eid_slice json);
    void *arg;
} write_progress;

static eid_status write_on_progress(void *arg, eid_slice json)
{
    const write_progress *progress = arg;

    if (progress->fn) progress->fn(progress->arg, json);
    return EID_OK;
}

eid_status eid__client_control(void *self, const char *method, eid_slice args,
                               void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out)
{
    write_progress told = {progress, arg};
    bool is_own = strcmp(method, "users") == 0;
    eid__request request;
    eid_status status;

    if (strcmp(method, "login_user") == 0) return eid__client_login_user(self, args, out);
    eid__request_init(&request, self, is_own ? method : "control");
    if (!is_own) {
        eid_json_key(&request.json, "method");
        eid_json_text(&request.json, method);
        eid_json_key(&request.json, "args");
        eid_json_raw(&request.json, args.len > 0 ? args : eid_slice_text("{}"));
    }
    status = eid__request_run(&request, write_on_progress, &told);
    if (status == EID_OK) {
        eid_buf_append(out, request.result);
        status = eid_buf_status(out);
    }
    eid__request_fini(&request);
    return status;
}
