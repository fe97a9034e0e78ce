/* Reads of stores. A snapshot is taken for each, because the state engine asks for several rows
 * that must be of one moment; store numbers come from the cache, since they never change. */
#include "crdt/fold.h"
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/local.h"
#include "node/db/recent.h"
#include "node/db/state_rows.h"

/* An open read of one store. */
typedef struct state_read {
    eid_kv *kv;
    eid_kv_view *view;
    eid__state_rows rows;
} state_read;

typedef struct state_known {
    uint32_t numbers[2]; /* of the database and of the store */
    bool is_rootless;    /* as in state_rows.h; good for the snapshot */
} state_known;

static void state_read_end(state_read *read)
{
    eid__state_rows_fini(&read->rows);
    eid_kv_view_free(read->kv, read->view);
}

/* What the cache knows of a store, and (unless `view` is NULL) a snapshot of the very moment. */
static eid_status state_look(eid_engine *engine, const eid_id *root, eid_slice store,
                             state_known *out, eid_kv_view **view)
{
    const eid_at at = {.kv = engine->kv};
    const eid__current_store *known = NULL;
    eid__dbtree *tree;
    bool is_opaque = false;
    eid_status status = eid__dbtree_ref(engine->trees, root, &tree);

    if (status != EID_OK) return status;
    pthread_mutex_lock(&tree->cache);
    status = eid__current_need_number(&tree->current, &at, root, store, &known);
    if (status == EID_OK) {
        out->numbers[0] = tree->current.database;
        out->numbers[1] = known->number;
        out->is_rootless = !known->has_root && !tree->is_writing;
        is_opaque = known->is_opaque;
        if (view != NULL && !is_opaque) status = eid_kv_view_new(engine->kv, view);
    }
    pthread_mutex_unlock(&tree->cache);
    eid__dbtree_unref(engine->trees, tree);
    if (!is_opaque) return status;
    return EID_FAIL(EID_KIND_STORE_DECODE,
                    "store %.*s holds data that is no document: encrypted, of a type that is not "
                    "known here, or malformed",
                    EID_SLICE_ARG(store));
}

eid_status eid__local_numbers(eid_engine *engine, const eid_id *root, eid_slice store,
                              uint32_t numbers[2])
{
    state_known known;
    eid_status status = state_look(engine, root, store, &known, NULL);

    if (status == EID_OK) memcpy(numbers, known.numbers, sizeof(known.numbers));
    return status;
}

static eid_status state_read_begin(eid_engine *engine, const eid_id *root, eid_slice store,
                                   state_read *read)
{
    eid_at at = {.kv = engine->kv};
    state_known known;
    eid_status status = state_look(engine, root, store, &known, &read->view);

    if (status != EID_OK) return status;
    read->kv = engine->kv;
    at.view = read->view;
    eid__state_rows_init(&read->rows, &at, known.numbers[0], known.numbers[1]);
    read->rows.is_rootless = known.is_rootless;
    return EID_OK;
}

/* An absent store is fine if its database is there. */
static eid_status state_absent(eid_engine *engine, const eid_id *root)
{
    const eid_at at = {.kv = engine->kv};
    uint32_t database;
    eid_status status = eid_index_database(&at, root, &database);

    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", eid_id_str(root));
}

eid_status eid__local_value(void *self, const eid_id *root, eid_slice store, const eid_slice *path,
                            size_t count, eid_value *out)
{
    state_read read;
    eid_status status = state_read_begin(self, root, store, &read);

    if (status != EID_OK) return status;
    status = eid_state_get(&read.rows.rows, path, count, out, NULL);
    state_read_end(&read);
    return status;
}

eid_status eid__local_doc(void *self, const eid_id *root, eid_slice store, eid_doc **out)
{
    state_read read;
    eid_status status = state_read_begin(self, root, store, &read);

    if (status == EID_E_NOT_FOUND) {
        status = state_absent(self, root);
        return status == EID_OK ? eid_doc_new(out) : status;
    }
    if (status != EID_OK) return status;
    status = eid_state_read(&read.rows.rows, out);
    state_read_end(&read);
    return status;
}

eid_status eid__local_children(void *self, const eid_id *root, eid_slice store, bool has_after,
                               eid_slice after,
                               eid_status (*fn)(void *arg, eid_slice name, const eid_value *value),
                               void *arg)
{
    state_read read;
    eid_status status = state_read_begin(self, root, store, &read);

    if (status == EID_E_NOT_FOUND) return state_absent(self, root);
    if (status != EID_OK) return status;
    status = eid_state_children(&read.rows.rows, has_after, after, fn, arg);
    state_read_end(&read);
    return status == EID_E_AGAIN ? EID_OK : status;
}

/* -- payloads and their fold ------------------------------------------------------------------- */

static eid_status payload_give(const eid_at *at, const eid_id *id, eid_slice store,
                               eid__payload_fn fn, void *arg)
{
    const eid_subtree *subtree;
    eid_entry *entry = NULL;
    eid_status status = eid_index_entry(at, id, &entry);

    if (status != EID_OK) return status;
    subtree = eid_entry_find_subtree(entry, store);
    if (subtree != NULL && subtree->has_data) status = fn(arg, id, subtree->data);
    eid_entry_free(entry);
    return status;
}

eid_status eid__local_each_payload(const eid_at *at, const eid_id *root, eid_slice store,
                                   eid_ids store_tips, eid__payload_fn fn, void *arg)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_idset voids = EID_IDSET_EMPTY;
    eid_index_graph *graph = NULL;
    eid_status status = eid_index_graph_new(at, root, &graph);

    if (status != EID_OK) return status;
    status =
        eid_graph_store_closure(eid_index_graph_source(graph), store, store_tips, &order, NULL);
    if (status == EID_OK) status = eid_index_voids(at, root, &voids);
    for (size_t i = 0; i < order.count && status == EID_OK; i++) {
        if (eid_idset_has(&voids, &order.at[i].id)) continue;
        status = payload_give(at, &order.at[i].id, store, fn, arg);
    }
    eid_idset_fini(&voids);
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    return status;
}

typedef struct fold_walk {
    eid_slice store;
    eid_doc *state;
} fold_walk;

static eid_status fold_on_payload(void *arg, const eid_id *id, eid_slice payload)
{
    fold_walk *walk = arg;
    eid_status status;

    if (payload.len == 0) return EID_OK;
    status = eid_fold_payload(walk->state, payload);
    if (status != EID_E_MALFORMED && status != EID_E_TOO_BIG) return status;
    eid_log_debug("fold.payload", "entry=%s", eid_id_str(id));
    return EID_FAIL(EID_KIND_STORE_DECODE, "entry %s writes no document to store %.*s",
                    eid_id_str(id), EID_SLICE_ARG(walk->store));
}

eid_status eid__local_fold(const eid_at *at, const eid_id *root, eid_slice store,
                           eid_ids store_tips, eid_doc **out)
{
    fold_walk walk = {.store = store};
    eid_status status = eid_doc_new(&walk.state);

    if (status != EID_OK) return status;
    status = eid__local_each_payload(at, root, store, store_tips, fold_on_payload, &walk);
    if (status == EID_OK) {
        *out = walk.state;
        walk.state = NULL;
    }
    eid_doc_free(walk.state);
    return status;
}

/* A store as of main tips: a snapshot, and in it the tips of the store. */
typedef struct past_store {
    eid_kv *kv;
    eid_at at;
    eid_kv_view *view;
    eid_idset tips;
} past_store;

static void past_close(past_store *past)
{
    eid_idset_fini(&past->tips);
    eid_kv_view_free(past->kv, past->view);
}

/* End with past_close(), also after errors. */
static eid_status past_open(eid_engine *engine, const eid_id *root, eid_slice store, eid_ids tips,
                            past_store *out)
{
    eid_index_graph *graph = NULL;
    eid_status status;

    *out = (past_store){.kv = engine->kv, .tips = EID_IDSET_EMPTY};
    status = eid_kv_view_new(engine->kv, &out->view);
    if (status != EID_OK) return status;
    out->at = (eid_at){.kv = engine->kv, .view = out->view};
    status = eid_index_graph_new(&out->at, root, &graph);
    if (status == EID_OK) {
        status = eid_graph_store_tips_at(eid_index_graph_source(graph), store, tips, &out->tips);
    }
    eid_index_graph_free(graph);
    return status;
}

eid_status eid__local_doc_at(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                             eid_doc **out)
{
    past_store past;
    eid_status status = past_open(self, root, store, tips, &past);

    if (status == EID_OK) {
        status = eid__local_fold(&past.at, root, store, eid_idset_ids(&past.tips), out);
    }
    past_close(&past);
    return status;
}

typedef struct payload_walk {
    eid_status (*fn)(void *arg, eid_slice payload);
    void *arg;
} payload_walk;

static eid_status payload_on_entry(void *arg, const eid_id *id, eid_slice payload)
{
    const payload_walk *walk = arg;

    (void)id;
    return walk->fn(walk->arg, payload);
}

eid_status eid__local_payloads(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                               eid_status (*fn)(void *arg, eid_slice payload), void *arg)
{
    payload_walk walk = {fn, arg};
    past_store past;
    eid_status status = past_open(self, root, store, tips, &past);

    if (status == EID_OK) {
        status = eid__local_each_payload(&past.at, root, store, eid_idset_ids(&past.tips),
                                         payload_on_entry, &walk);
    }
    past_close(&past);
    return status == EID_E_AGAIN ? EID_OK : status;
}
