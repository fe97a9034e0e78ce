/* What walks over many things sends each as it comes, so neither side holds a table in memory; a
 * client that has seen enough hangs up, and the walk ends with the next item. */
#include "dag/alloc.h"
#include "node/service/frame.h"
#include "node/service/server_call.h"

/* A walk that sends items. */
typedef struct read_walk {
    eid__call *call;
    eid_buf item;
    eid_json_writer json;
    bool is_admin; /* of the node */
} read_walk;

static void walk_begin(read_walk *walk, eid__call *call)
{
    *walk = (read_walk){.call = call};
    eid_buf_init(&walk->item, EID_FRAME_BYTES_MAX);
}

static void walk_item(read_walk *walk)
{
    eid_buf_clear(&walk->item);
    eid_json_writer_init(&walk->json, &walk->item);
}

static eid_status walk_send(read_walk *walk)
{
    eid_status status = eid_buf_status(&walk->item);

    return status == EID_OK ? eid__call_item(walk->call, eid_buf_slice(&walk->item)) : status;
}

static eid_status read_on_database(void *arg, const eid_db_info *info)
{
    read_walk *walk = arg;

    if (!walk->is_admin &&
        eid__gate_any(walk->call->connection, &info->root, EID_PERMISSION_READ) != EID_OK) {
        return EID_OK; /* that it is here is nobody else's business */
    }
    walk_item(walk);
    eid__write_info(&walk->json, info);
    return walk_send(walk);
}

eid_status eid__call_databases(eid__call *call)
{
    read_walk walk;
    eid_status status;

    walk_begin(&walk, call);
    walk.is_admin = eid__gate_is_node_admin(call->connection);
    status = call->seam->databases(call->seam->self, read_on_database, &walk);
    eid_buf_fini(&walk.item);
    return status;
}

eid_status eid__call_info(eid__call *call)
{
    eid_db_info info;
    eid_id root;
    eid_status status = eid__call_root(call, &root);

    if (status == EID_OK) status = call->seam->info(call->seam->self, &root, &info);
    if (status != EID_OK) return status;
    eid__write_info(&call->json, &info);
    eid_db_info_fini(&info);
    return EID_OK;
}

/* -- state ------------------------------------------------------------------------------------- */

typedef struct read_path {
    eid_buf text[64];
    eid_slice at[64];
    size_t count;
} read_path;

static eid_status read_on_component(void *arg, eid_slice item)
{
    read_path *path = arg;
    eid_status status;

    if (path->count == 64) return EID_FAIL(EID_KIND_SERVICE_FRAME, "a path is too long");
    eid_buf_init(&path->text[path->count], EID_FRAME_BYTES_MAX);
    status = eid_field_text(item, &path->text[path->count]);
    path->at[path->count] = eid_buf_slice(&path->text[path->count]);
    path->count++;
    return status;
}

static eid_status read_value(eid__call *call, const eid_id *root, eid_slice store,
                             const read_path *path)
{
    eid_value value;
    eid_status status =
        call->seam->value(call->seam->self, root, store, path->at, path->count, &value);

    if (status != EID_OK) return status;
    eid_json_object(&call->json);
    status = eid__write_value(&call->json, "value", &value);
    eid_json_object_end(&call->json);
    eid_value_fini(&value);
    return status;
}

eid_status eid__call_value(eid__call *call)
{
    static const char *const members[] = {"root", "store", "path"};
    read_path *path = eid_alloc(sizeof *path);
    eid_fields fields;
    eid_buf store;
    eid_id root;
    eid_status status;

    if (!path) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a path");
    eid_buf_init(&store, EID_FRAME_BYTES_MAX);
    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    eid_fields_text(&fields, 1, &store);
    eid_fields_each(&fields, 2, read_on_component, path);
    status = fields.status;
    if (status == EID_OK) status = read_value(call, &root, eid_buf_slice(&store), path);
    for (size_t i = 0; i < path->count; i++) eid_buf_fini(&path->text[i]);
    eid_free(path);
    eid_buf_fini(&store);
    return status;
}

static eid_status read_write_doc(eid__call *call, eid_doc *doc)
{
    eid_status status;

    eid_json_object(&call->json);
    status = eid__write_doc(&call->json, "doc", doc);
    eid_json_object_end(&call->json);
    eid_doc_free(doc);
    return status;
}

eid_status eid__call_doc(eid__call *call)
{
    static const char *const members[] = {"root", "store"};
    eid_doc *doc = NULL;
    eid_fields fields;
    eid_buf store;
    eid_id root;
    eid_status status;

    eid_buf_init(&store, EID_FRAME_BYTES_MAX);
    eid_fields_init(&fields, call->args, members, 2);
    eid_fields_id(&fields, 0, &root);
    eid_fields_text(&fields, 1, &store);
    status = fields.status;
    if (status == EID_OK) {
        status = call->seam->doc(call->seam->self, &root, eid_buf_slice(&store), &doc);
    }
    if (status == EID_OK) status = read_write_doc(call, doc);
    eid_buf_fini(&store);
    return status;
}

eid_status eid__call_doc_at(eid__call *call)
{
    static const char *const members[] = {"root", "store", "tips"};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_doc *doc = NULL;
    eid_fields fields;
    eid_buf store;
    eid_id root;
    eid_status status;

    eid_buf_init(&store, EID_FRAME_BYTES_MAX);
    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    eid_fields_text(&fields, 1, &store);
    eid_fields_ids(&fields, 2, &tips);
    status = fields.status;
    if (status == EID_OK) {
        status = call->seam->doc_at(call->seam->self, &root, eid_buf_slice(&store),
                                    eid_idset_ids(&tips), &doc);
    }
    if (status == EID_OK) status = read_write_doc(call, doc);
    eid_idset_fini(&tips);
    eid_buf_fini(&store);
    return status;
}

static eid_status read_on_child(void *arg, eid_slice name, const eid_value *value)
{
    read_walk *walk = arg;
    eid_status status;

    walk_item(walk);
    eid_json_object(&walk->json);
    eid_json_key(&walk->json, "name");
    eid_json_string(&walk->json, name);
    status = eid__write_value(&walk->json, "value", value);
    eid_json_object_end(&walk->json);
    return status == EID_OK ? walk_send(walk) : status;
}

eid_status eid__call_children(eid__call *call)
{
    static const char *const members[] = {"root", "store", "after"};
    eid_buf store, after;
    eid_fields fields;
    read_walk walk;
    bool has_after;
    eid_id root;
    eid_status status;

    eid_buf_init(&store, EID_FRAME_BYTES_MAX);
    eid_buf_init(&after, EID_FRAME_BYTES_MAX);
    walk_begin(&walk, call);
    eid_fields_init(&fields, call->args, members, 3);
    eid_fields_id(&fields, 0, &root);
    eid_fields_text(&fields, 1, &store);
    has_after = eid_fields_has(&fields, 2);
    if (has_after) eid_fields_text(&fields, 2, &after);
    status = fields.status;
    if (status == EID_OK) {
        status = call->seam->children(call->seam->self, &root, eid_buf_slice(&store), has_after,
                                      eid_buf_slice(&after), read_on_child, &walk);
    }
    eid_buf_fini(&walk.item);
    eid_buf_fini(&store);
    eid_buf_fini(&after);
    return status;
}

/* -- entries ----------------------------------------------------------------------------------- */

eid_status eid__call_entry(eid__call *call)
{
    static const char *const members[] = {"root", "id"};
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_fields fields;
    eid_id root, id;
    eid_status status;

    eid_fields_init(&fields, call->args, members, 2);
    eid_fields_id(&fields, 0, &root);
    eid_fields_id(&fields, 1, &id);
    status = fields.status;
    if (status == EID_OK)
        status = call->seam->entry(call->seam->self, &root, &id, &entry, &verdict);
    if (status == EID_OK) status = eid__write_entry(&call->json, entry, verdict);
    eid_entry_free(entry);
    return status;
}

static eid_status read_on_entry(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    read_walk *walk = arg;
    eid_status status;

    walk_item(walk);
    status = eid__write_entry(&walk->json, entry, verdict);
    return status == EID_OK ? walk_send(walk) : status;
}

eid_status eid__call_entries(eid__call *call)
{
    static const char *const members[] = {"root", "backward", "height", "id"};
    eid_order_item from = {0};
    eid_fields fields;
    read_walk walk;
    bool backward, has_from;
    eid_id root;
    eid_status status;

    walk_begin(&walk, call);
    eid_fields_init(&fields, call->args, members, 4);
    eid_fields_id(&fields, 0, &root);
    backward = eid_fields_bool(&fields, 1);
    has_from = eid_fields_has(&fields, 2);
    if (has_from) from.height = eid_fields_uint(&fields, 2);
    if (has_from) eid_fields_id(&fields, 3, &from.id);
    status = fields.status;
    if (status == EID_OK) {
        status = call->seam->entries(call->seam->self, &root, has_from ? &from : NULL, backward,
                                     read_on_entry, &walk);
    }
    eid_buf_fini(&walk.item);
    return status;
}

eid_status eid__call_check(eid__call *call)
{
    uint64_t findings = 0;
    eid_buf report;
    eid_id root;
    eid_status status = eid__call_root(call, &root);

    eid_buf_init(&report, EID_FRAME_BYTES_MAX / 2);
    if (status == EID_OK) status = call->seam->check(call->seam->self, &root, &report, &findings);
    if (status == EID_OK) {
        eid_json_object(&call->json);
        eid_json_key(&call->json, "report");
        eid_json_string(&call->json, eid_buf_slice(&report));
        eid_json_key(&call->json, "findings");
        eid_json_uint(&call->json, findings);
        eid_json_object_end(&call->json);
    }
    eid_buf_fini(&report);
    return status;
}
