/* Reads of the seam. What comes in pieces is given on as it comes; what the callback answers ends
 * the walk as it would over the local engine. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"

static eid_status read_on_instance(eid_slice content, eid_pubkey *device, eid_id *users_db,
                                   eid_id *databases_db, eid_id *sync_db)
{
    static const char *const names[] = {"id", "users_db", "databases_db", "sync_db"};
    eid_fields fields;

    if (content.len == 0 || eid_slice_is(content, "null")) {
        return EID_FAIL(EID_KIND_INSTANCE_NOT_INITIALIZED, "the daemon's store holds no instance");
    }
    eid_fields_init(&fields, content, names, 4);
    eid_fields_pubkey(&fields, 0, device);
    eid_fields_id(&fields, 1, users_db);
    eid_fields_id(&fields, 2, databases_db);
    *sync_db = EID_ID_EMPTY;
    if (eid_fields_has(&fields, 3)) eid_fields_id(&fields, 3, sync_db);
    return fields.status;
}

eid_status eid__client_instance(void *self, eid_pubkey *device, eid_id *users_db,
                                eid_id *databases_db, eid_id *sync_db)
{
    eid_service_client *client = self;
    eid__link *link;
    eid_slice content;
    eid_buf frame, tag;
    eid_status status = eid__link_take(client, false, &link);

    if (status != EID_OK) return status;
    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    eid_buf_init(&tag, 4096);
    status = eid__link_send(link->fd, eid_slice_text("\"GetInstanceMetadata\""));
    if (status == EID_OK) status = eid__link_receive(link->fd, &frame, &tag, &content);
    eid__link_give(client, link, status != EID_OK);
    if (status == EID_OK) status = eid__link_result(content, "InstanceMetadata", &content);
    if (status == EID_OK) {
        status = read_on_instance(content, device, users_db, databases_db, sync_db);
    }
    eid_buf_fini(&frame);
    eid_buf_fini(&tag);
    return status;
}

/* -- databases --------------------------------------------------------------------------------- */

typedef struct read_databases {
    eid_status (*fn)(void *arg, const eid_db_info *info);
    void *arg;
} read_databases;

static eid_status read_on_database(void *arg, eid_slice json)
{
    const read_databases *walk = arg;
    eid_db_info info;
    eid_status status = eid__read_info(json, &info);

    if (status != EID_OK) return status;
    status = walk->fn(walk->arg, &info);
    eid_db_info_fini(&info);
    return status;
}

eid_status eid__client_databases(void *self, eid_status (*fn)(void *arg, const eid_db_info *info),
                                 void *arg)
{
    read_databases walk = {fn, arg};
    eid__request request;
    eid_status status;

    eid__request_init(&request, self, "databases");
    status = eid__request_run(&request, read_on_database, &walk);
    eid__request_fini(&request);
    return status == EID_E_AGAIN ? EID_OK : status;
}

eid_status eid__client_info(void *self, const eid_id *root, eid_db_info *out)
{
    eid__request request;
    eid_status status;

    memset(out, 0, sizeof *out);
    eid__request_init(&request, self, "info");
    eid__request_root(&request, root);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) status = eid__read_info(request.result, out);
    eid__request_fini(&request);
    return status;
}

eid_status eid__client_check(void *self, const eid_id *root, eid_buf *report, uint64_t *findings)
{
    static const char *const names[] = {"report", "findings"};
    eid__request request;
    eid_fields fields;
    eid_buf text;
    eid_status status;

    *findings = 0;
    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    eid__request_init(&request, self, "check");
    eid__request_root(&request, root);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, names, 2);
        eid_fields_text(&fields, 0, &text);
        *findings = eid_fields_uint(&fields, 1);
        status = fields.status;
    }
    if (status == EID_OK) {
        eid_buf_append(report, eid_buf_slice(&text));
        status = eid_buf_status(report);
    }
    eid_buf_fini(&text);
    eid__request_fini(&request);
    return status;
}

/* -- state ------------------------------------------------------------------------------------- */

static void read_store(eid__request *request, const eid_id *root, eid_slice store)
{
    eid__request_root(request, root);
    eid_json_key(&request->json, "store");
    eid_json_string(&request->json, store);
}

eid_status eid__client_value(void *self, const eid_id *root, eid_slice store, const eid_slice *path,
                             size_t count, eid_value *out)
{
    static const char *const names[] = {"value"};
    eid__request request;
    eid_fields fields;
    eid_status status;

    *out = EID_VALUE_NULL_INIT;
    eid__request_init(&request, self, "value");
    read_store(&request, root, store);
    eid_json_key(&request.json, "path");
    eid_json_array(&request.json);
    for (size_t i = 0; i < count; i++) eid_json_string(&request.json, path[i]);
    eid_json_array_end(&request.json);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, names, 1);
        eid__read_value(&fields, 0, out);
        status = fields.status;
    }
    eid__request_fini(&request);
    return status;
}

static eid_status read_doc(eid__request *request, eid_doc **out)
{
    static const char *const names[] = {"doc"};
    eid_fields fields;
    eid_status status = eid__request_run(request, NULL, NULL);

    *out = NULL;
    if (status == EID_OK) {
        eid_fields_init(&fields, request->result, names, 1);
        eid__read_doc(&fields, 0, out);
        status = fields.status;
    }
    eid__request_fini(request);
    return status;
}

eid_status eid__client_doc(void *self, const eid_id *root, eid_slice store, eid_doc **out)
{
    eid__request request;

    eid__request_init(&request, self, "doc");
    read_store(&request, root, store);
    return read_doc(&request, out);
}

eid_status eid__client_doc_at(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                              eid_doc **out)
{
    eid__request request;

    eid__request_init(&request, self, "doc_at");
    read_store(&request, root, store);
    eid__write_ids(&request.json, "tips", tips);
    return read_doc(&request, out);
}

typedef struct read_pairs {
    eid_status (*fn)(void *arg, eid_slice name, const eid_value *value);
    void *arg;
    eid_buf name;
} read_pairs;

static eid_status read_on_pair(void *arg, eid_slice json)
{
    static const char *const names[] = {"name", "value"};
    read_pairs *walk = arg;
    eid_value value;
    eid_fields fields;
    eid_status status;

    eid_fields_init(&fields, json, names, 2);
    eid_fields_text(&fields, 0, &walk->name);
    eid__read_value(&fields, 1, &value);
    status = fields.status;
    if (status == EID_OK) status = walk->fn(walk->arg, eid_buf_slice(&walk->name), &value);
    eid_value_fini(&value);
    return status;
}

eid_status eid__request_pairs(eid__request *request,
                              eid_status (*fn)(void *arg, eid_slice name, const eid_value *value),
                              void *arg)
{
    read_pairs walk = {.fn = fn, .arg = arg};
    eid_status status;

    eid_buf_init(&walk.name, EID_FRAME_BYTES_MAX);
    status = eid__request_run(request, read_on_pair, &walk);
    eid_buf_fini(&walk.name);
    return status;
}

eid_status eid__client_children(void *self, const eid_id *root, eid_slice store, bool has_after,
                                eid_slice after,
                                eid_status (*fn)(void *arg, eid_slice name, const eid_value *value),
                                void *arg)
{
    eid__request request;
    eid_status status;

    eid__request_init(&request, self, "children");
    read_store(&request, root, store);
    if (has_after) {
        eid_json_key(&request.json, "after");
        eid_json_string(&request.json, after);
    }
    status = eid__request_pairs(&request, fn, arg);
    eid__request_fini(&request);
    return status == EID_E_AGAIN ? EID_OK : status;
}

/* -- entries ----------------------------------------------------------------------------------- */

eid_status eid__client_entry(void *self, const eid_id *root, const eid_id *id, eid_entry **out,
                             eid_verdict *verdict)
{
    eid__request request;
    eid_status status;

    *out = NULL;
    eid__request_init(&request, self, "entry");
    eid__request_root(&request, root);
    eid__write_id(&request.json, "id", id);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) status = eid__read_entry(request.result, out, verdict);
    eid__request_fini(&request);
    return status;
}

typedef struct read_entries {
    eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict);
    void *arg;
} read_entries;

static eid_status read_on_entry(void *arg, eid_slice json)
{
    const read_entries *walk = arg;
    eid_entry *entry = NULL;
    eid_verdict verdict = EID_UNVERIFIED;
    eid_status status = eid__read_entry(json, &entry, &verdict);

    if (status == EID_OK) status = walk->fn(walk->arg, entry, verdict);
    eid_entry_free(entry);
    return status;
}

eid_status
eid__client_entries(void *self, const eid_id *root, const eid_order_item *from, bool backward,
                    eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict),
                    void *arg)
{
    read_entries walk = {fn, arg};
    eid__request request;
    eid_status status;

    eid__request_init(&request, self, "entries");
    eid__request_root(&request, root);
    eid_json_key(&request.json, "backward");
    eid_json_bool(&request.json, backward);
    if (from) {
        eid_json_key(&request.json, "height");
        eid_json_uint(&request.json, from->height);
        eid__write_id(&request.json, "id", &from->id);
    }
    status = eid__request_run(&request, read_on_entry, &walk);
    eid__request_fini(&request);
    return status == EID_E_AGAIN || status == EID_E_NOT_FOUND ? EID_OK : status;
}
