/* Transactions of the specification's clients: tips with the heights that the client needs to build
 * an entry, and the entry that comes back signed. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/service/frame.h"
#include "node/service/server_op.h"

eid_status eid__op_verified_tips(eid__op *op)
{
    eid_db_info info;
    eid_status status = op->seam->info(op->seam->self, &op->root, &info);

    if (status == EID_E_NOT_FOUND) return eid__op_not_found(&op->root);
    if (status != EID_OK) return status;
    status = eid__op_answer_ids(op, eid_idset_ids(&info.tips));
    eid_db_info_fini(&info);
    return status;
}

/* [[id, height]] of tips; `store` empty = heights in the tree. */
static eid_status op_write_heights(eid__op *op, const eid_graph *graph, eid_slice store,
                                   eid_ids tips)
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

typedef struct op_names {
    char *at[EID_ENTRY_STORES_MAX];
    eid_slice slices[EID_ENTRY_STORES_MAX];
    size_t count;
} op_names;

/* The engine adds the system stores; the answer has those that were asked for only. */
static bool op_names_have(const op_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (eid_slice_is(names->slices[i], name)) return true;
    }
    return false;
}

static eid_status op_write_context(eid__op *op, const eid_graph *graph, const op_names *names,
                                   const eid_txn_context *context)
{
    eid_status status;

    eid__op_begin_answer(op, "TransactionContext");
    eid_json_object(&op->json);
    eid_json_key(&op->json, "main_parents");
    status = op_write_heights(op, graph, EID_SLICE_EMPTY, eid_idset_ids(&context->parents));
    eid_json_key(&op->json, "subtree_parents");
    eid_json_object(&op->json);
    for (size_t i = 0; i < context->store_count && status == EID_OK; i++) {
        const eid_store_context *store = &context->stores[i];

        if (!op_names_have(names, store->name)) continue;
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
    return status == EID_OK ? eid__op_end_answer(op) : status;
}

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
static eid_status op_loose_tips(const eid__op *op, eid_idset *out)
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

static eid_status op_begin_run(eid__op *op, const op_names *names, bool is_loose)
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
    if (status == EID_OK)
        status = op_write_context(op, eid_index_graph_source(graph), names, &context);
    eid_index_graph_free(graph);
    eid_txn_context_fini(&context);
    eid_idset_fini(&tips);
    return status;
}

eid_status eid__op_begin(eid__op *op)
{
    static const char *const members[] = {"stores", "scope"};
    op_names *names = eid_alloc(sizeof *names);
    eid_fields fields;
    bool is_loose;
    eid_status status;

    if (!names) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a request");
    eid_fields_init(&fields, op->content, members, 2);
    eid_fields_each(&fields, 0, op_on_name, names);
    is_loose = eid__op_scope_is_loose(&fields, 1);
    status = eid__op_read(op, &fields);
    if (status == EID_OK) status = op_begin_run(op, names, is_loose);
    for (size_t i = 0; i < names->count; i++) eid_free(names->at[i]);
    eid_free(names);
    return status;
}

/* An entry that is judged invalid is stored by the reference and answered "Ok" all the same; ours
 * refuses to store it, which its sender cannot tell apart by what it reads afterwards. That the
 * entry belongs to the database that was named is our rule. */
eid_status eid__op_submit(eid__op *op)
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
    return status == EID_OK ? eid__op_answer_ok(op) : status;
}
