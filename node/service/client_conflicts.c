/* Conflicts of the seam. The items have the members of eid_conflict; texts of one item lie in one
 * buffer that the next one takes over. */
#include "crdt/doc.h"
#include "dag/alloc.h"
#include "node/service/client_internal.h"
#include "node/service/frame.h"

static void conflicts_begin(eid__request *request, eid_service_client *client, const char *method,
                            const eid_id *root, const eid_conflict_query *query)
{
    eid_json_writer *json = &request->json;

    eid__request_init(request, client, method);
    eid__request_root(request, root);
    eid_json_key(json, "store");
    eid_json_string(json, query->store);
    eid_json_key(json, "path");
    eid_json_string(json, query->path);
    eid_json_key(json, "settled");
    eid_json_bool(json, query->settled_only);
    if (query->entry) eid__write_id(json, "entry", query->entry);
}

typedef struct conflicts_walk {
    eid_conflict_fn fn;
    void *arg;
    eid_buf store, signer, winner_signer, cursor, name, path;
    size_t ends[EID_DOC_DEPTH_MAX]; /* of the names in `path` */
    eid_slice names[EID_DOC_DEPTH_MAX];
    eid_conflict conflict;
} conflicts_walk;

static eid_status conflicts_on_name(void *arg, eid_slice item)
{
    conflicts_walk *walk = arg;
    eid_status status;

    if (walk->conflict.path_count == EID_DOC_DEPTH_MAX) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "a path is too long");
    }
    status = eid_field_text(item, &walk->name);
    eid_buf_append(&walk->path, eid_buf_slice(&walk->name));
    walk->ends[walk->conflict.path_count++] = walk->path.len;
    return status == EID_OK ? eid_buf_status(&walk->path) : status;
}

static void conflicts_read_path(conflicts_walk *walk, eid_fields *fields, size_t i)
{
    size_t from = 0;

    eid_buf_clear(&walk->path);
    walk->conflict.path_count = 0;
    walk->conflict.path = walk->names;
    eid_fields_each(fields, i, conflicts_on_name, walk);
    for (size_t n = 0; n < walk->conflict.path_count; n++) {
        walk->names[n] = eid_slice_of(walk->path.at + from, walk->ends[n] - from);
        from = walk->ends[n];
    }
}

/* Members from `i` on: entry, signer, arrived_ms, value; an entry that is left out is none. */
static void conflicts_read_side(eid_fields *fields, size_t i, eid_buf *signer, eid_value *value,
                                eid_conflict_side *out)
{
    *out = (eid_conflict_side){.arrived_ms = 0};
    if (!eid_fields_has(fields, i)) return;
    eid_fields_id(fields, i, &out->entry);
    eid_fields_text(fields, i + 1, signer);
    out->signer = eid_buf_slice(signer);
    out->arrived_ms = eid_fields_uint(fields, i + 2);
    if (!eid_fields_has(fields, i + 3)) return;
    eid__read_value(fields, i + 3, value);
    out->value = value;
}

static eid_status conflicts_on_item(void *arg, eid_slice item)
{
    static const char *const members[] = {"store",     "path",       "settled",        "cursor",
                                          "entry",     "signer",     "arrived_ms",     "value",
                                          "now_entry", "now_signer", "now_arrived_ms", "now_value"};
    conflicts_walk *walk = arg;
    eid_conflict *conflict = &walk->conflict;
    eid_value lost = EID_VALUE_NULL_INIT, now = EID_VALUE_NULL_INIT;
    eid_fields fields;
    eid_status status;

    eid_fields_init(&fields, item, members, 12);
    eid_fields_text(&fields, 0, &walk->store);
    conflicts_read_path(walk, &fields, 1);
    conflict->is_settled = eid_fields_bool(&fields, 2);
    eid_fields_base64(&fields, 3, &walk->cursor);
    conflicts_read_side(&fields, 4, &walk->signer, &lost, &conflict->lost);
    conflicts_read_side(&fields, 8, &walk->winner_signer, &now, &conflict->now);
    conflict->store = eid_buf_slice(&walk->store);
    conflict->cursor = eid_buf_slice(&walk->cursor);
    status = fields.status;
    if (status == EID_OK) status = walk->fn(walk->arg, conflict);
    eid_value_fini(&lost);
    eid_value_fini(&now);
    return status;
}

eid_status eid__client_conflicts(void *self, const eid_id *root, const eid_conflict_query *query,
                                 eid_conflict_fn fn, void *arg)
{
    conflicts_walk *walk = eid_alloc(sizeof *walk);
    eid__request request;
    eid_status status = EID_OK;

    if (!walk) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a list of conflicts");
    walk->fn = fn;
    walk->arg = arg;
    eid_buf *const bufs[] = {&walk->store,  &walk->signer, &walk->winner_signer,
                             &walk->cursor, &walk->name,   &walk->path};
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) {
        eid_buf_init(bufs[i], EID_FRAME_BYTES_MAX);
    }
    conflicts_begin(&request, self, "conflicts", root, query);
    if (query->after.len > 0) {
        eid_json_key(&request.json, "after");
        status = eid__write_base64(&request.json, query->after);
    }
    if (status == EID_OK) status = eid__request_run(&request, conflicts_on_item, walk);
    eid__request_fini(&request);
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) eid_buf_fini(bufs[i]);
    eid_free(walk);
    return status == EID_E_AGAIN ? EID_OK : status;
}

eid_status eid__client_prune_conflicts(void *self, const eid_id *root,
                                       const eid_conflict_query *query, uint64_t *pruned)
{
    static const char *const members[] = {"pruned"};
    eid__request request;
    eid_fields fields;
    eid_status status;

    *pruned = 0;
    conflicts_begin(&request, self, "prune_conflicts", root, query);
    status = eid__request_run(&request, NULL, NULL);
    if (status == EID_OK) {
        eid_fields_init(&fields, request.result, members, 1);
        *pruned = eid_fields_uint(&fields, 0);
        status = fields.status;
    }
    eid__request_fini(&request);
    return status;
}
