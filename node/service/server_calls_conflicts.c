/* The daemon's side of client_conflicts.c. Whoever may read a database may list; to prune the
 * ledger is to change this node's view of it, which takes somebody who may write. */
#include "node/service/frame.h"
#include "node/service/server_call.h"

typedef struct conflicts_args {
    eid_id root, entry;
    eid_buf store, path, after;
    eid_conflict_query query; /* borrows from the others */
} conflicts_args;

static eid_status conflicts_read(const eid__call *call, conflicts_args *out)
{
    static const char *const members[] = {"root", "store", "path", "settled", "entry", "after"};
    eid_fields fields;

    eid_buf_init(&out->store, EID_FRAME_BYTES_MAX);
    eid_buf_init(&out->path, EID_FRAME_BYTES_MAX);
    eid_buf_init(&out->after, EID_FRAME_BYTES_MAX);
    eid_fields_init(&fields, call->args, members, 6);
    eid_fields_id(&fields, 0, &out->root);
    eid_fields_text(&fields, 1, &out->store);
    eid_fields_text(&fields, 2, &out->path);
    out->query = (eid_conflict_query){.store = eid_buf_slice(&out->store),
                                      .path = eid_buf_slice(&out->path)};
    out->query.settled_only = eid_fields_bool(&fields, 3);
    if (eid_fields_has(&fields, 4)) {
        eid_fields_id(&fields, 4, &out->entry);
        out->query.entry = &out->entry;
    }
    if (eid_fields_has(&fields, 5)) eid_fields_base64(&fields, 5, &out->after);
    out->query.after = eid_buf_slice(&out->after);
    return fields.status;
}

static void conflicts_args_fini(conflicts_args *args)
{
    eid_buf_fini(&args->store);
    eid_buf_fini(&args->path);
    eid_buf_fini(&args->after);
}

typedef struct conflicts_walk {
    eid__call *call;
    eid_buf item;
} conflicts_walk;

static eid_status conflicts_write_side(eid_json_writer *json, const char *const keys[4],
                                       const eid_conflict_side *side)
{
    if (eid_id_is_empty(&side->entry)) return EID_OK;
    eid__write_id(json, keys[0], &side->entry);
    eid_json_key(json, keys[1]);
    eid_json_string(json, side->signer);
    eid_json_key(json, keys[2]);
    eid_json_uint(json, side->arrived_ms);
    return side->value ? eid__write_value(json, keys[3], side->value) : EID_OK;
}

static eid_status conflicts_write(eid_json_writer *json, const eid_conflict *conflict)
{
    static const char *const lost[4] = {"entry", "signer", "arrived_ms", "value"};
    static const char *const now[4] = {"now_entry", "now_signer", "now_arrived_ms", "now_value"};
    eid_status status;

    eid_json_object(json);
    eid_json_key(json, "store");
    eid_json_string(json, conflict->store);
    eid_json_key(json, "path");
    eid_json_array(json);
    for (size_t i = 0; i < conflict->path_count; i++) eid_json_string(json, conflict->path[i]);
    eid_json_array_end(json);
    eid_json_key(json, "settled");
    eid_json_bool(json, conflict->is_settled);
    eid_json_key(json, "cursor");
    status = eid__write_base64(json, conflict->cursor);
    if (status == EID_OK) status = conflicts_write_side(json, lost, &conflict->lost);
    if (status == EID_OK) status = conflicts_write_side(json, now, &conflict->now);
    eid_json_object_end(json);
    return status;
}

static eid_status conflicts_on_conflict(void *arg, const eid_conflict *conflict)
{
    conflicts_walk *walk = arg;
    eid_json_writer json;
    eid_status status;

    eid_buf_clear(&walk->item);
    eid_json_writer_init(&json, &walk->item);
    status = conflicts_write(&json, conflict);
    if (status == EID_OK) status = eid_buf_status(&walk->item);
    return status == EID_OK ? eid__call_item(walk->call, eid_buf_slice(&walk->item)) : status;
}

eid_status eid__call_conflicts(eid__call *call)
{
    conflicts_walk walk = {.call = call};
    conflicts_args args;
    eid_status status = conflicts_read(call, &args);

    eid_buf_init(&walk.item, EID_FRAME_BYTES_MAX);
    if (status == EID_OK) {
        status = call->seam->conflicts(call->seam->self, &args.root, &args.query,
                                       conflicts_on_conflict, &walk);
    }
    eid_buf_fini(&walk.item);
    conflicts_args_fini(&args);
    return status;
}

eid_status eid__call_prune_conflicts(eid__call *call)
{
    conflicts_args args;
    uint64_t pruned = 0;
    eid_status status = conflicts_read(call, &args);

    if (status == EID_OK) {
        status = eid__gate_any(call->connection, &args.root, EID_PERMISSION_WRITE);
    }
    if (status == EID_OK) {
        status = call->seam->prune_conflicts(call->seam->self, &args.root, &args.query, &pruned);
    }
    if (status == EID_OK) {
        eid_json_object(&call->json);
        eid_json_key(&call->json, "pruned");
        eid_json_uint(&call->json, pruned);
        eid_json_object_end(&call->json);
    }
    conflicts_args_fini(&args);
    return status;
}
