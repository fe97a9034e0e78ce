/* The daemon's side of client_stores.c. What is sealed goes out sealed: who has the password is at
 * the other end. */
#include "node/service/frame.h"
#include "node/service/server_call.h"

/* The arguments of these calls: a store of a database, and two texts of the call's own. */
typedef struct stores_args {
    eid_id root;
    eid_buf store, first, second;
    eid_fields fields;
} stores_args;

/* Which call it is for says `names`: root, store, then at most two texts. */
static eid_status stores_read(const eid__call *call, const char *const *names, size_t count,
                              size_t texts, stores_args *out)
{
    eid_buf_init(&out->store, EID_FRAME_BYTES_MAX);
    eid_buf_init(&out->first, EID_FRAME_BYTES_MAX);
    eid_buf_init(&out->second, EID_FRAME_BYTES_MAX);
    eid_fields_init(&out->fields, call->args, names, count);
    eid_fields_id(&out->fields, 0, &out->root);
    eid_fields_text(&out->fields, 1, &out->store);
    if (texts > 0) eid_fields_text(&out->fields, 2, &out->first);
    if (texts > 1) eid_fields_text(&out->fields, 3, &out->second);
    return out->fields.status;
}

static void stores_args_fini(stores_args *args)
{
    eid_buf_fini(&args->store);
    eid_buf_fini(&args->first);
    eid_buf_fini(&args->second);
}

/* A walk that sends items. */
typedef struct stores_walk {
    eid__call *call;
    eid_buf item;
} stores_walk;

static eid_status walk_send(stores_walk *walk, eid_status status)
{
    if (status == EID_OK) status = eid_buf_status(&walk->item);
    return status == EID_OK ? eid__call_item(walk->call, eid_buf_slice(&walk->item)) : status;
}

static eid_status stores_on_payload(void *arg, eid_slice payload)
{
    stores_walk *walk = arg;
    eid_json_writer json;
    eid_status status;

    eid_buf_clear(&walk->item);
    eid_json_writer_init(&json, &walk->item);
    eid_json_object(&json);
    eid_json_key(&json, "payload");
    status = eid__write_base64(&json, payload);
    eid_json_object_end(&json);
    return walk_send(walk, status);
}

eid_status eid__call_payloads(eid__call *call)
{
    static const char *const names[] = {"root", "store", "tips"};
    eid_idset tips = EID_IDSET_EMPTY;
    stores_walk walk = {.call = call};
    stores_args args;
    eid_status status = stores_read(call, names, 3, 0, &args);

    eid_buf_init(&walk.item, EID_FRAME_BYTES_MAX);
    if (status == EID_OK) {
        eid_fields_ids(&args.fields, 2, &tips);
        status = args.fields.status;
    }
    if (status == EID_OK) {
        status = call->seam->payloads(call->seam->self, &args.root, eid_buf_slice(&args.store),
                                      eid_idset_ids(&tips), stores_on_payload, &walk);
    }
    eid_idset_fini(&tips);
    eid_buf_fini(&walk.item);
    stores_args_fini(&args);
    return status;
}

eid_status eid__call_text_doc(eid__call *call)
{
    static const char *const names[] = {"root", "store", "tips"};
    eid_idset tips = EID_IDSET_EMPTY;
    stores_args args;
    eid_buf update;
    eid_status status = stores_read(call, names, 3, 0, &args);

    eid_buf_init(&update, EID_FRAME_BYTES_MAX);
    if (status == EID_OK) {
        eid_fields_ids(&args.fields, 2, &tips);
        status = args.fields.status;
    }
    if (status == EID_OK) {
        status = call->seam->text(call->seam->self, &args.root, eid_buf_slice(&args.store),
                                  eid_idset_ids(&tips), &update);
    }
    if (status == EID_OK) {
        eid_json_object(&call->json);
        eid_json_key(&call->json, "update");
        status = eid__write_base64(&call->json, eid_buf_slice(&update));
        eid_json_object_end(&call->json);
    }
    eid_idset_fini(&tips);
    eid_buf_fini(&update);
    stores_args_fini(&args);
    return status;
}

static eid_status stores_on_field(void *arg, eid_slice field)
{
    stores_walk *walk = arg;
    eid_json_writer json;

    eid_buf_clear(&walk->item);
    eid_json_writer_init(&json, &walk->item);
    eid_json_object(&json);
    eid_json_key(&json, "field");
    eid_json_string(&json, field);
    eid_json_object_end(&json);
    return walk_send(walk, EID_OK);
}

eid_status eid__call_indexes(eid__call *call)
{
    static const char *const names[] = {"root", "store"};
    stores_walk walk = {.call = call};
    stores_args args;
    eid_status status = stores_read(call, names, 2, 0, &args);

    eid_buf_init(&walk.item, EID_FRAME_BYTES_MAX);
    if (status == EID_OK) {
        status = call->seam->indexes(call->seam->self, &args.root, eid_buf_slice(&args.store),
                                     stores_on_field, &walk);
    }
    eid_buf_fini(&walk.item);
    stores_args_fini(&args);
    return status;
}

eid_status eid__call_set_index(eid__call *call)
{
    static const char *const names[] = {"root", "store", "field", "on"};
    stores_args args;
    bool on = false;
    eid_status status = stores_read(call, names, 4, 1, &args);

    if (status == EID_OK) {
        on = eid_fields_bool(&args.fields, 3);
        status = args.fields.status;
    }
    if (status == EID_OK) {
        status = call->seam->set_index(call->seam->self, &args.root, eid_buf_slice(&args.store),
                                       eid_buf_slice(&args.first), on);
    }
    stores_args_fini(&args);
    return status;
}

static eid_status stores_on_row(void *arg, eid_slice key, const eid_value *row)
{
    stores_walk *walk = arg;
    eid_json_writer json;
    eid_status status;

    eid_buf_clear(&walk->item);
    eid_json_writer_init(&json, &walk->item);
    eid_json_object(&json);
    eid_json_key(&json, "name");
    eid_json_string(&json, key);
    status = eid__write_value(&json, "value", row);
    eid_json_object_end(&json);
    return walk_send(walk, status);
}

eid_status eid__call_find(eid__call *call)
{
    static const char *const names[] = {"root", "store", "field", "value"};
    stores_walk walk = {.call = call};
    stores_args args;
    eid_status status = stores_read(call, names, 4, 2, &args);

    eid_buf_init(&walk.item, EID_FRAME_BYTES_MAX);
    if (status == EID_OK) {
        status = call->seam->find(call->seam->self, &args.root, eid_buf_slice(&args.store),
                                  eid_buf_slice(&args.first), eid_buf_slice(&args.second),
                                  stores_on_row, &walk);
    }
    eid_buf_fini(&walk.item);
    stores_args_fini(&args);
    return status;
}
