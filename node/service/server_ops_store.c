/* Reads of stores for the specification's clients, which merge what is encrypted by themselves:
 * they ask for entries and paths, and keep the result here. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/service/frame.h"
#include "node/service/server_op.h"

eid_status eid__op_store_state(eid__op *op)
{
    static const char *const members[] = {"store"};
    eid_fields fields;
    eid_doc *doc = NULL;
    char *store;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 1);
    store = eid_fields_string(&fields, 0);
    status = eid__op_read(op, &fields);
    if (status == EID_OK) {
        status = op->seam->doc(op->seam->self, &op->root, eid_slice_text(store), &doc);
    }
    if (status == EID_E_NOT_FOUND) status = eid_doc_new(&doc);
    if (status == EID_OK) {
        eid__op_begin_answer(op, "CrdtValue");
        status = eid_payload_write_doc(doc, op->json.out);
        op->json.comma = true;
    }
    eid_doc_free(doc);
    eid_free(store);
    return status == EID_OK ? eid__op_end_answer(op) : status;
}

static eid_status op_write_entry(eid__op *op, const eid_id *id)
{
    eid_entry *entry = NULL;
    eid_buf json;
    eid_status status = eid_index_entry(&op->at, id, &entry);

    if (status == EID_E_NOT_FOUND) return eid__op_not_found(id);
    if (status != EID_OK) return status;
    eid_buf_init(&json, EID_FRAME_BYTES_MAX);
    status = eid_entry_to_json(entry, &json);
    if (status == EID_OK) eid_json_raw(&op->json, eid_buf_slice(&json));
    eid_buf_fini(&json);
    eid_entry_free(entry);
    return status;
}

static eid_status op_write_entries(eid__op *op, const eid_order *order)
{
    eid_status status = EID_OK;

    eid__op_begin_answer(op, "Entries");
    eid_json_array(&op->json);
    for (size_t i = 0; i < order->count && status == EID_OK; i++) {
        status = op_write_entry(op, &order->at[i].id);
    }
    eid_json_array_end(&op->json);
    return status == EID_OK ? eid__op_end_answer(op) : status;
}

eid_status eid__op_store_entries(eid__op *op)
{
    static const char *const members[] = {"store", "tips", "scope"};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_order order = EID_ORDER_EMPTY;
    eid_index_graph *graph = NULL;
    eid_fields fields;
    char *store;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 3);
    store = eid_fields_string(&fields, 0);
    eid_fields_ids(&fields, 1, &tips);
    (void)eid__op_scope_is_loose(&fields, 2); /* checked, and ignored as by the reference */
    status = eid__op_read(op, &fields);
    if (status == EID_OK) status = eid_index_graph_new(&op->at, &op->root, &graph);
    if (status == EID_OK) {
        status = eid_graph_store_closure(eid_index_graph_source(graph), eid_slice_text(store),
                                         eid_idset_ids(&tips), &order, NULL);
    }
    if (status == EID_OK) status = op_write_entries(op, &order);
    eid_index_graph_free(graph);
    eid_order_fini(&order);
    eid_idset_fini(&tips);
    eid_free(store);
    return status;
}

eid_status eid__op_store_tips(eid__op *op)
{
    static const char *const members[] = {"store", "up_to"};
    eid_idset up_to = EID_IDSET_EMPTY, tips = EID_IDSET_EMPTY;
    eid_index_graph *graph = NULL;
    eid_fields fields;
    char *store;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 2);
    store = eid_fields_string(&fields, 0);
    eid_fields_ids(&fields, 1, &up_to);
    status = eid__op_read(op, &fields);
    if (status == EID_OK) status = eid_index_graph_new(&op->at, &op->root, &graph);
    if (status == EID_OK) {
        status = eid_graph_store_tips_at(eid_index_graph_source(graph), eid_slice_text(store),
                                         eid_idset_ids(&up_to), &tips);
    }
    if (status == EID_OK) status = eid__op_answer_ids(op, eid_idset_ids(&tips));
    eid_index_graph_free(graph);
    eid_idset_fini(&up_to);
    eid_idset_fini(&tips);
    eid_free(store);
    return status;
}

static eid_status op_write_merge(eid__op *op, const eid_graph *graph, eid_slice store, eid_ids ids)
{
    eid_order path = EID_ORDER_EMPTY;
    char text[EID_ID_TEXT_MAX];
    eid_id base;
    eid_status status = eid_graph_merge_base(graph, store, ids, &base);

    if (status == EID_OK) status = eid_graph_path(graph, store, &base, ids, &path);
    if (status == EID_OK) {
        eid__op_begin_answer(op, "MergeState");
        eid_json_object(&op->json);
        eid__write_id(&op->json, "merge_base", &base);
        eid_json_key(&op->json, "path");
        eid_json_array(&op->json);
        for (size_t i = 0; i < path.count; i++) {
            eid_json_text(&op->json, eid_id_format(&path.at[i].id, text));
        }
        eid_json_array_end(&op->json);
        eid_json_object_end(&op->json);
        status = eid__op_end_answer(op);
    }
    eid_order_fini(&path);
    return status;
}

eid_status eid__op_merge_state(eid__op *op)
{
    static const char *const members[] = {"store", "entry_ids"};
    eid_idset ids = EID_IDSET_EMPTY;
    eid_index_graph *graph = NULL;
    eid_fields fields;
    char *store;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 2);
    store = eid_fields_string(&fields, 0);
    eid_fields_ids(&fields, 1, &ids);
    status = eid__op_read(op, &fields);
    if (status == EID_OK) status = eid_index_graph_new(&op->at, &op->root, &graph);
    if (status == EID_OK) {
        status = op_write_merge(op, eid_index_graph_source(graph), eid_slice_text(store),
                                eid_idset_ids(&ids));
    }
    eid_index_graph_free(graph);
    eid_idset_fini(&ids);
    eid_free(store);
    return status;
}

/* Read on the entry's own tree, too: the one that was named may be any. */
eid_status eid__op_entry(eid__op *op)
{
    static const char *const members[] = {"id"};
    eid_entry *entry = NULL;
    eid_fields fields;
    eid_id id;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 1);
    eid_fields_id(&fields, 0, &id);
    status = eid__op_read(op, &fields);
    if (status != EID_OK) return status;
    status = eid_index_entry(&op->at, &id, &entry);
    if (status == EID_E_NOT_FOUND) return eid__op_not_found(&id);
    if (status != EID_OK) return status;
    status = eid__gate_identity(op->connection, eid_entry_tree(entry), &op->identity.key,
                                EID_PERMISSION_READ);
    eid_entry_free(entry);
    if (status != EID_OK) return status;
    eid__op_begin_answer(op, "Entry");
    status = op_write_entry(op, &id);
    return status == EID_OK ? eid__op_end_answer(op) : status;
}

/* -- cached states ----------------------------------------------------------------------------- */

static eid_status op_on_octet(void *arg, eid_slice item)
{
    uint64_t value;
    eid_status status = eid_field_uint(item, &value);

    if (status != EID_OK) return status;
    if (value > 255) return EID_FAIL(EID_KIND_SERVICE_FRAME, "a byte is above 255");
    eid_buf_append_byte(arg, (uint8_t)value);
    return EID_OK;
}

/* User, tree, store and state: a slot is its user's own. */
static void op_cache_key(const eid__op *op, eid_slice store, const eid_id *state, eid_buf *out)
{
    const eid_pubkey *user = &op->connection->login->key;

    eid_buf_append(out, eid_slice_of(user->bytes, sizeof user->bytes));
    eid_buf_append(out, eid_id_slice(&op->root));
    eid_buf_append(out, eid_id_slice(state));
    eid_buf_append(out, store);
}

static eid_status op_cache(eid__op *op, bool is_put)
{
    static const char *const members[] = {"store", "key", "blob"};
    eid__cache *cache = op->connection->server->cache;
    eid_buf store, key, blob;
    eid_fields fields;
    eid_id state;
    eid_status status;

    eid_buf_init(&store, EID_FRAME_BYTES_MAX);
    eid_buf_init(&key, EID_FRAME_BYTES_MAX);
    eid_buf_init(&blob, EID_FRAME_BYTES_MAX);
    eid_fields_init(&fields, op->content, members, 3);
    eid_fields_text(&fields, 0, &store);
    eid_fields_id(&fields, 1, &state);
    if (is_put) eid_fields_each(&fields, 2, op_on_octet, &blob);
    status = eid__op_read(op, &fields);
    if (status != EID_OK) goto done;
    op_cache_key(op, eid_buf_slice(&store), &state, &key);
    if (is_put) {
        eid__cache_put(cache, eid_buf_slice(&key), eid_buf_slice(&blob));
        status = eid__op_answer_ok(op);
        goto done;
    }
    status = eid__cache_get(cache, eid_buf_slice(&key), &blob);
    eid_json_object(&op->json);
    if (status == EID_OK) {
        eid__write_octets(&op->json, "CachedCrdtState", eid_buf_slice(&blob));
    } else if (status == EID_E_NOT_FOUND) {
        eid_json_key(&op->json, "CachedCrdtState");
        eid_json_null(&op->json);
        status = EID_OK;
    }
    if (status == EID_OK) status = eid__op_end_answer(op);

done:
    eid_buf_fini(&store);
    eid_buf_fini(&key);
    eid_buf_fini(&blob);
    return status;
}

eid_status eid__op_cache_get(eid__op *op)
{
    return op_cache(op, false);
}

eid_status eid__op_cache_put(eid__op *op)
{
    return op_cache(op, true);
}
