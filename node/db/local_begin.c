/* Contexts of transactions. On the visible tips everything comes from the cache of the database; on
 * given tips the graph is walked, as far as it must be (recent.h), and settings and index are
 * folded naively: they are small. */
#include "dag/alloc.h"
#include "node/db/local.h"
#include "node/db/recent.h"

typedef struct begin_request {
    const eid_slice *stores;
    size_t store_count;
    const eid_idset *at; /* NULL = the visible tips */
    eid_txn_context *out;
} begin_request;

static bool begin_has_store(const eid_txn_context *context, eid_slice name)
{
    for (size_t i = 0; i < context->store_count; i++) {
        if (eid_slice_is(name, context->stores[i].name)) return true;
    }
    return false;
}

/* A place for a store's tips; NULL in *out if the store has one already. */
static eid_status begin_add_store(eid_txn_context *context, eid_slice name, eid_store_context **out)
{
    eid_store_context *store = &context->stores[context->store_count];

    *out = NULL;
    if (begin_has_store(context, name)) return EID_OK;
    store->name = eid_slice_dup_text(name);
    if (store->name == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the name of a store");
    context->store_count++;
    *out = store;
    return EID_OK;
}

/* Call fn for each store asked for, `_settings` and `_index`. */
static eid_status
begin_each_store(const begin_request *request,
                 eid_status (*fn)(void *arg, eid_slice name, eid_store_context *store), void *arg)
{
    const eid_slice always[] = {eid_slice_text(EID_STORE_SETTINGS),
                                eid_slice_text(EID_STORE_INDEX)};
    size_t count = request->store_count + 2;
    eid_status status = EID_OK;

    request->out->stores = eid_alloc_array(count, sizeof(eid_store_context));
    if (request->out->stores == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu stores", count);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        eid_slice name = i < 2 ? always[i] : request->stores[i - 2];
        eid_store_context *store;

        status = begin_add_store(request->out, name, &store);
        if (status == EID_OK && store != NULL) status = fn(arg, name, store);
    }
    return status;
}

/* -- on the visible tips ----------------------------------------------------------------------- */

typedef struct begin_now {
    const begin_request *request;
    eid__current *current;
    const eid_at *at;
    const eid_id *root;
} begin_now;

static eid_status begin_now_store(void *arg, eid_slice name, eid_store_context *store)
{
    const begin_now *self = arg;
    const eid__current_store *known;
    eid_status status = eid__current_need_store(self->current, self->at, self->root, name, &known);

    if (status != EID_OK) return status;
    store->height_max = known->height_max;
    return eid_idset_assign(&store->parents, eid_idset_ids(&known->tips));
}

static eid_status begin_now_read(void *arg, eid__current *current, const eid_at *at,
                                 const eid_id *root)
{
    const begin_request *request = arg;
    eid_txn_context *out = request->out;
    begin_now self = {request, current, at, root};
    eid_status status = eid__current_need_tips(current, at, root);

    if (status == EID_OK) status = eid__current_need_settings(current, at, root);
    if (status == EID_OK) status = eid__current_need_index(current, at, root);
    if (status == EID_OK) status = begin_each_store(request, begin_now_store, &self);
    if (status != EID_OK) return status;
    out->height_max = current->height_max;
    status = eid_idset_assign(&out->parents, eid_idset_ids(&current->tips));
    if (status == EID_OK) {
        status = eid_idset_assign(&out->settings_tips, eid_idset_ids(&out->stores[0].parents));
    }
    if (status != EID_OK) return status;
    out->settings =
        eid_doc_ref(current->settings); /* dropped there and not changed, see current.c */
    out->index = eid_doc_ref(current->index);
    return EID_OK;
}

/* -- on given tips ----------------------------------------------------------------------------- */

typedef struct begin_at {
    const begin_request *request;
    const eid_graph *graph;
    const eid__recent *recent; /* NULL = the tips are not recent */
} begin_at;

/* The greatest height of ids in the tree (`store` EMPTY) or in a store of it. */
static eid_status begin_height(const eid_graph *graph, eid_slice store, eid_ids ids, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < ids.count; i++) {
        eid_node node;
        eid_status status = graph->find(graph->self, &ids.at[i], store, &node);
        uint64_t height;

        if (status != EID_OK) return status;
        height = store.len > 0 ? node.store_height : node.height;
        if (height > *out) *out = height;
    }
    return EID_OK;
}

static eid_status begin_at_store(void *arg, eid_slice name, eid_store_context *store)
{
    const begin_at *self = arg;
    eid_ids boundary = eid_idset_ids(self->request->at);
    eid_status status =
        eid__store_tips_at(self->recent, self->graph, name, boundary, &store->parents);

    if (status != EID_OK) return status;
    return begin_height(self->graph, name, eid_idset_ids(&store->parents), &store->height_max);
}

static eid_status begin_check_tips(const eid_graph *graph, const eid_idset *tips)
{
    if (tips->count == 0) return EID_FAIL(EID_KIND_TXN_EMPTY_TIPS, "no tips to build on");
    for (size_t i = 0; i < tips->count; i++) {
        const eid_id *id = &tips->at[i];
        eid_node node;
        eid_status status = graph->find(graph->self, id, EID_SLICE_EMPTY, &node);

        if (status == EID_E_NOT_FOUND) {
            return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "tip %s is not here", eid_id_str(id));
        }
        if (status != EID_OK) return status;
        if (!eid_id_equal(&node.tree, &graph->tree)) {
            return EID_FAIL(EID_KIND_TXN_TIP, "tip %s is of another database", eid_id_str(id));
        }
    }
    return EID_OK;
}

static eid_status begin_at_stores(const begin_request *request, const eid_at *at,
                                  const eid_graph *graph)
{
    eid__recent *recent = NULL;
    begin_at self = {request, graph, NULL};
    eid_status status = eid__recent_new(at, graph, eid_idset_ids(request->at), &recent);

    self.recent = recent;
    if (status == EID_OK) status = begin_each_store(request, begin_at_store, &self);
    eid__recent_free(recent);
    return status;
}

static eid_status begin_at_fill(const begin_request *request, const eid_at *at,
                                const eid_graph *graph)
{
    eid_txn_context *out = request->out;
    const eid_id *root = &graph->tree;
    eid_status status = begin_check_tips(graph, request->at);

    if (status != EID_OK) return status;
    status = eid_idset_assign(&out->parents, eid_idset_ids(request->at));
    if (status != EID_OK) return status;
    status = begin_height(graph, EID_SLICE_EMPTY, eid_idset_ids(&out->parents), &out->height_max);
    if (status == EID_OK) status = begin_at_stores(request, at, graph);
    if (status != EID_OK) return status;
    status = eid_idset_assign(&out->settings_tips, eid_idset_ids(&out->stores[0].parents));
    if (status != EID_OK) return status;
    status = eid_verify_settings_at(at, root, eid_idset_ids(&out->settings_tips), &out->settings);
    if (status != EID_OK) return status;
    return eid__local_fold(at, root, eid_slice_text(EID_STORE_INDEX),
                           eid_idset_ids(&out->stores[1].parents), &out->index);
}

static eid_status begin_at_tips(eid_engine *engine, const eid_id *root,
                                const begin_request *request)
{
    eid_at at = {.kv = engine->kv};
    eid_kv_view *view = NULL;
    eid_index_graph *graph = NULL;
    eid_status status = eid_kv_view_new(engine->kv, &view);

    if (status != EID_OK) return status;
    at.view = view;
    status = eid_index_graph_new(&at, root, &graph);
    if (status == EID_OK) {
        status = begin_at_fill(request, &at, eid_index_graph_source(graph));
    }
    eid_index_graph_free(graph);
    eid_kv_view_free(engine->kv, view);
    return status;
}

/* -- the interface ----------------------------------------------------------------------------- */

eid_status eid__local_begin(void *self, const eid_id *root, const eid_slice *stores,
                            size_t store_count, const eid_idset *at, eid_txn_context *out)
{
    eid_engine *engine = self;
    begin_request request = {stores, store_count, at, out};
    eid__dbtree *tree = NULL;
    eid_status status;

    memset(out, 0, sizeof(*out));
    if (at != NULL) {
        status = begin_at_tips(engine, root, &request);
        goto done;
    }
    status = eid__dbtree_ref(engine->trees, root, &tree);
    if (status != EID_OK) return status;
    status = eid__dbtree_read(tree, begin_now_read, &request);
    eid__dbtree_unref(engine->trees, tree);
    if (status == EID_OK && out->parents.count == 0) {
        status = EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "of database %s nothing is to be seen here",
                          eid_id_str(root));
    }

done:
    if (status != EID_OK) eid_txn_context_fini(out);
    return status;
}
