/* The requests of the specification, so that its own clients can talk to this node. Each operation
 * writes its answer into a buffer; one place turns failures into error frames. What cannot be read
 * as the operation it claims to be ends the connection. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/service/frame.h"
#include "node/service/server_internal.h"
#include "storage/batch.h"

#define OP_NAME_MAX 256u

/* One operation on one database. */
typedef struct op {
    eid__connection *connection;
    const eid_seam *seam;
    eid_at at;
    eid_id root;
    eid_sigkey_owned identity;
    eid_slice content;    /* of the operation */
    eid_json_writer json; /* the answer */
    bool is_malformed;    /* the request, whatever the status */
} op;

static void op_begin_answer(op *op, const char *name)
{
    eid_json_object(&op->json);
    eid_json_key(&op->json, name);
}

static eid_status op_end_answer(op *op)
{
    eid_json_object_end(&op->json);
    return eid_buf_status(op->json.out);
}

static eid_status op_answer_ids(op *op, eid_ids ids)
{
    eid_json_object(&op->json);
    eid__write_ids(&op->json, "Ids", ids);
    return op_end_answer(op);
}

static eid_status op_answer_ok(op *op)
{
    eid_json_text(&op->json, "Ok");
    return eid_buf_status(op->json.out);
}

/* Whether the members could be read; then the failure is the client's. */
static eid_status op_read(op *op, const eid_fields *fields)
{
    op->is_malformed = fields->status != EID_OK;
    return fields->status;
}

static eid_status op_not_found(const eid_id *id)
{
    return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "entry not found: %s", eid_id_str(id));
}

/* -- tips and transactions --------------------------------------------------------------------- */

static eid_status op_verified_tips(op *op)
{
    eid_db_info info;
    eid_status status = op->seam->info(op->seam->self, &op->root, &info);

    if (status == EID_E_NOT_FOUND) return op_not_found(&op->root);
    if (status != EID_OK) return status;
    status = op_answer_ids(op, eid_idset_ids(&info.tips));
    eid_db_info_fini(&info);
    return status;
}

/* [[id, height]] of tips; `store` empty = heights in the tree. */
static eid_status op_write_heights(op *op, const eid_graph *graph, eid_slice store, eid_ids tips)
{
    char text[EID_ID_TEXT_MAX];

    eid_json_array(&op->json);
    for (size_t i = 0; i < tips.count; i++) {
        eid_node node;
        eid_status status = graph->find(graph->self, &tips.at[i], store, &node);

        if (status != EID_OK) return status;
        eid_json_array(&op->json);
        eid_json_text(&op->json, eid_id_format(&tips.at[i], text));
        eid_json_uint(&op->json, store.len > 0 ? node.store_height : node.height);
        eid_json_array_end(&op->json);
    }
    eid_json_array_end(&op->json);
    return EID_OK;
}

static eid_status op_write_context(op *op, const eid_graph *graph, const eid_txn_context *context)
{
    eid_status status;

    op_begin_answer(op, "TransactionContext");
    eid_json_object(&op->json);
    eid_json_key(&op->json, "main_parents");
    status = op_write_heights(op, graph, EID_SLICE_EMPTY, eid_idset_ids(&context->parents));
    eid_json_key(&op->json, "subtree_parents");
    eid_json_object(&op->json);
    for (size_t i = 0; i < context->store_count && status == EID_OK; i++) {
        const eid_store_context *store = &context->stores[i];

        eid_json_key(&op->json, store->name);
        status = op_write_heights(op, graph, eid_slice_text(store->name),
                                  eid_idset_ids(&store->parents));
    }
    eid_json_object_end(&op->json);
    eid__write_ids(&op->json, "settings_tips", eid_idset_ids(&context->settings_tips));
    eid_json_key(&op->json, "settings_value");
    if (status == EID_OK && context->settings) {
        status = eid_payload_write_doc(context->settings, op->json.out);
    } else {
        eid_json_raw(&op->json, eid_slice_text("{\"children\":{}}"));
    }
    op->json.comma = true;
    eid_json_object_end(&op->json);
    return status == EID_OK ? op_end_answer(op) : status;
}

typedef struct op_names {
    char *at[EID_ENTRY_STORES_MAX];
    eid_slice slices[EID_ENTRY_STORES_MAX];
    size_t count;
} op_names;

static eid_status op_on_name(void *arg, eid_slice item)
{
    op_names *names = arg;
    eid_buf text;
    eid_status status;

    if (names->count == EID_ENTRY_STORES_MAX) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "more than %u stores", EID_ENTRY_STORES_MAX);
    }
    eid_buf_init(&text, EID_FRAME_BYTES_MAX);
    status = eid_field_text(item, &text);
    if (status == EID_OK) {
        char *name = eid_buf_take_text(&text);
        if (!name) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
        names->at[names->count] = name;
        names->slices[names->count] = name ? eid_slice_text(name) : EID_SLICE_EMPTY;
        names->count += name ? 1 : 0;
    }
    eid_buf_fini(&text);
    return status;
}

/* Raw tips that were not judged invalid: what "AllowUnverified" builds on. */
static eid_status op_loose_tips(const op *op, eid_idset *out)
{
    eid_status status = eid_index_tips(&op->at, &op->root, EID_LEVEL_RAW, EID_SLICE_EMPTY, out);

    for (size_t i = out->count; i-- > 0 && status == EID_OK;) {
        eid_index_info info;
        eid_id id = out->at[i];

        status = eid_index_find(&op->at, &id, &info);
        if (status == EID_OK && info.verdict == EID_FAILED) eid_idset_remove(out, &id);
    }
    return status;
}

static eid_status op_begin_run(op *op, const op_names *names, bool is_loose)
{
    eid_idset tips = EID_IDSET_EMPTY;
    eid_txn_context context = {0};
    eid_index_graph *graph = NULL;
    eid_status status = is_loose ? op_loose_tips(op, &tips) : EID_OK;

    if (status == EID_OK) {
        status = op->seam->begin(op->seam->self, &op->root, names->slices, names->count,
                                 is_loose && tips.count > 0 ? &tips : NULL, &context);
    }
    if (status == EID_OK) status = eid_index_graph_new(&op->at, &op->root, &graph);
    if (status == EID_OK) status = op_write_context(op, eid_index_graph_source(graph), &context);
    eid_index_graph_free(graph);
    eid_txn_context_fini(&context);
    eid_idset_fini(&tips);
    return status;
}

/* "Verified" or "AllowUnverified". */
static bool op_scope_is_loose(op *op, eid_fields *fields, size_t i)
{
    eid_buf scope;
    bool is_loose;

    eid_buf_init(&scope, OP_NAME_MAX);
    eid_fields_text(fields, i, &scope);
    is_loose = eid_slice_is(eid_buf_slice(&scope), "AllowUnverified");
    if (!is_loose && !eid_slice_is(eid_buf_slice(&scope), "Verified")) {
        eid_fields_fail(fields, "an unknown scope");
    }
    eid_buf_fini(&scope);
    (void)op;
    return is_loose;
}

static eid_status op_begin(op *op)
{
    static const char *const members[] = {"stores", "scope"};
    op_names *names = eid_alloc(sizeof *names);
    eid_fields fields;
    bool is_loose;
    eid_status status;

    if (!names) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a request");
    eid_fields_init(&fields, op->content, members, 2);
    eid_fields_each(&fields, 0, op_on_name, names);
    is_loose = op_scope_is_loose(op, &fields, 1);
    status = op_read(op, &fields);
    if (status == EID_OK) status = op_begin_run(op, names, is_loose);
    for (size_t i = 0; i < names->count; i++) eid_free(names->at[i]);
    eid_free(names);
    return status;
}

/* An entry that is judged invalid is stored by the reference and answered "Ok" all the same; ours
 * refuses to store it, which its sender cannot tell apart by what it reads afterwards. That the
 * entry belongs to the database that was named is our rule. */
static eid_status op_submit(op *op)
{
    static const char *const members[] = {"entry"};
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_fields fields;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 1);
    status = fields.status;
    if (status == EID_OK) status = eid_entry_from_json(eid_fields_raw(&fields, 0), &entry);
    op->is_malformed = status != EID_OK;
    if (status != EID_OK) return status;
    status = op->seam->submit(op->seam->self, &op->root, entry, EID_DURABLE_SYNC, &verdict);
    eid_entry_free(entry);
    if (status == EID_E_DENIED) status = EID_OK;
    return status == EID_OK ? op_answer_ok(op) : status;
}

/* -- stores ------------------------------------------------------------------------------------ */

static eid_status op_store_state(op *op)
{
    static const char *const members[] = {"store"};
    eid_fields fields;
    eid_doc *doc = NULL;
    char *store;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 1);
    store = eid_fields_string(&fields, 0);
    status = op_read(op, &fields);
    if (status == EID_OK) {
        status = op->seam->doc(op->seam->self, &op->root, eid_slice_text(store), &doc);
    }
    if (status == EID_E_NOT_FOUND) status = eid_doc_new(&doc);
    if (status == EID_OK) {
        op_begin_answer(op, "CrdtValue");
        status = eid_payload_write_doc(doc, op->json.out);
        op->json.comma = true;
    }
    eid_doc_free(doc);
    eid_free(store);
    return status == EID_OK ? op_end_answer(op) : status;
}

static eid_status op_write_entry(op *op, const eid_id *id)
{
    eid_entry *entry = NULL;
    eid_buf json;
    eid_status status = eid_index_entry(&op->at, id, &entry);

    if (status == EID_E_NOT_FOUND) return op_not_found(id);
    if (status != EID_OK) return status;
    eid_buf_init(&json, EID_FRAME_BYTES_MAX);
    status = eid_entry_to_json(entry, &json);
    if (status == EID_OK) eid_json_raw(&op->json, eid_buf_slice(&json));
    eid_buf_fini(&json);
    eid_entry_free(entry);
    return status;
}

static eid_status op_write_entries(op *op, const eid_order *order)
{
    eid_status status = EID_OK;

    op_begin_answer(op, "Entries");
    eid_json_array(&op->json);
    for (size_t i = 0; i < order->count && status == EID_OK; i++) {
        status = op_write_entry(op, &order->at[i].id);
    }
    eid_json_array_end(&op->json);
    return status == EID_OK ? op_end_answer(op) : status;
}

static eid_status op_store_entries(op *op)
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
    (void)op_scope_is_loose(op, &fields, 2); /* checked, and ignored as by the reference */
    status = op_read(op, &fields);
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

static eid_status op_store_tips(op *op)
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
    status = op_read(op, &fields);
    if (status == EID_OK) status = eid_index_graph_new(&op->at, &op->root, &graph);
    if (status == EID_OK) {
        status = eid_graph_store_tips_at(eid_index_graph_source(graph), eid_slice_text(store),
                                         eid_idset_ids(&up_to), &tips);
    }
    if (status == EID_OK) status = op_answer_ids(op, eid_idset_ids(&tips));
    eid_index_graph_free(graph);
    eid_idset_fini(&up_to);
    eid_idset_fini(&tips);
    eid_free(store);
    return status;
}

static eid_status op_write_merge(op *op, const eid_graph *graph, eid_slice store, eid_ids ids)
{
    eid_order path = EID_ORDER_EMPTY;
    char text[EID_ID_TEXT_MAX];
    eid_id base;
    eid_status status = eid_graph_merge_base(graph, store, ids, &base);

    if (status == EID_OK) status = eid_graph_path(graph, store, &base, ids, &path);
    if (status == EID_OK) {
        op_begin_answer(op, "MergeState");
        eid_json_object(&op->json);
        eid__write_id(&op->json, "merge_base", &base);
        eid_json_key(&op->json, "path");
        eid_json_array(&op->json);
        for (size_t i = 0; i < path.count; i++) {
            eid_json_text(&op->json, eid_id_format(&path.at[i].id, text));
        }
        eid_json_array_end(&op->json);
        eid_json_object_end(&op->json);
        status = op_end_answer(op);
    }
    eid_order_fini(&path);
    return status;
}

static eid_status op_merge_state(op *op)
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
    status = op_read(op, &fields);
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
static eid_status op_entry(op *op)
{
    static const char *const members[] = {"id"};
    eid_entry *entry = NULL;
    eid_fields fields;
    eid_id id;
    eid_status status;

    eid_fields_init(&fields, op->content, members, 1);
    eid_fields_id(&fields, 0, &id);
    status = op_read(op, &fields);
    if (status != EID_OK) return status;
    status = eid_index_entry(&op->at, &id, &entry);
    if (status == EID_E_NOT_FOUND) return op_not_found(&id);
    if (status != EID_OK) return status;
    status = eid__gate_identity(op->connection, eid_entry_tree(entry), &op->identity.key,
                                EID_PERMISSION_READ);
    eid_entry_free(entry);
    if (status != EID_OK) return status;
    op_begin_answer(op, "Entry");
    status = op_write_entry(op, &id);
    return status == EID_OK ? op_end_answer(op) : status;
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
static void op_cache_key(const op *op, eid_slice store, const eid_id *state, eid_buf *out)
{
    const eid_pubkey *user = &op->connection->login->key;

    eid_buf_append(out, eid_slice_of(user->bytes, sizeof user->bytes));
    eid_buf_append(out, eid_id_slice(&op->root));
    eid_buf_append(out, eid_id_slice(state));
    eid_buf_append(out, store);
}

static eid_status op_cache(op *op, bool is_put)
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
    status = op_read(op, &fields);
    if (status != EID_OK) goto done;
    op_cache_key(op, eid_buf_slice(&store), &state, &key);
    if (is_put) {
        eid__cache_put(cache, eid_buf_slice(&key), eid_buf_slice(&blob));
        status = op_answer_ok(op);
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
    if (status == EID_OK) status = op_end_answer(op);

done:
    eid_buf_fini(&store);
    eid_buf_fini(&key);
    eid_buf_fini(&blob);
    return status;
}

static eid_status op_cache_get(op *op)
{
    return op_cache(op, false);
}

static eid_status op_cache_put(op *op)
{
    return op_cache(op, true);
}
