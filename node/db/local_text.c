/* A document is taken out of the table while it is worked on, so that nobody waits for another
 * one's fold; two who ask for the same at once fold it twice, and the later one's is kept. */
#include "node/db/local_text.h"

#include "crdt/ydoc.h"
#include "dag/alloc.h"
#include "node/db/local.h"

#define TEXT_BYTES_MAX (64u * 1024u * 1024u)
#define TEXT_NEW_MAX 4096u /* entries since; after more it is folded anew */

/* A document as of tips of the database. */
typedef struct text_slot {
    eid_id root;
    char *store; /* owned; NULL = the slot is free */
    size_t store_len;
    uint64_t used; /* when, in turns of the table */
    eid_idset tips, voids;
    bool has_last;
    eid_order_item last; /* of what is in it, in store order */
    eid_ydoc *doc;
} text_slot;

struct eid__texts {
    pthread_mutex_t lock;
    uint64_t turn;
    text_slot slots[EID__TEXTS_MAX];
};

static void text_slot_fini(text_slot *slot)
{
    eid_free(slot->store);
    eid_idset_fini(&slot->tips);
    eid_idset_fini(&slot->voids);
    eid_ydoc_free(slot->doc);
    *slot = (text_slot){0};
}

eid_status eid__texts_new(eid__texts **out)
{
    eid__texts *texts = eid_alloc(sizeof *texts);

    *out = texts;
    if (!texts) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for texts");
    pthread_mutex_init(&texts->lock, NULL);
    return EID_OK;
}

void eid__texts_free(eid__texts *texts)
{
    if (!texts) return;
    for (size_t i = 0; i < EID__TEXTS_MAX; i++) text_slot_fini(&texts->slots[i]);
    pthread_mutex_destroy(&texts->lock);
    eid_free(texts);
}

/* -- the table --------------------------------------------------------------------------------- */

static bool text_is(const text_slot *slot, const eid_id *root, eid_slice store)
{
    return slot->store && eid_id_equal(&slot->root, root) &&
           eid_slice_equal(eid_slice_of(slot->store, slot->store_len), store);
}

/* Take a document out; an empty one if it is not there. */
static eid_status texts_take(eid__texts *texts, const eid_id *root, eid_slice store, text_slot *out)
{
    *out = (text_slot){0};
    pthread_mutex_lock(&texts->lock);
    for (size_t i = 0; i < EID__TEXTS_MAX; i++) {
        if (!text_is(&texts->slots[i], root, store)) continue;
        *out = texts->slots[i];
        texts->slots[i] = (text_slot){0};
        break;
    }
    pthread_mutex_unlock(&texts->lock);
    if (out->store) return EID_OK;
    out->root = *root;
    out->store_len = store.len;
    out->store = eid_memdup(store.at, store.len);
    return out->store ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a store's name");
}

/* Put it back, in place of the one that was not used for the longest time. */
static void texts_put(eid__texts *texts, text_slot *slot)
{
    size_t place = 0;

    pthread_mutex_lock(&texts->lock);
    slot->used = ++texts->turn;
    for (size_t i = 0; i < EID__TEXTS_MAX; i++) {
        if (text_is(&texts->slots[i], &slot->root, eid_slice_of(slot->store, slot->store_len))) {
            place = i;
            break;
        }
        if (texts->slots[i].used < texts->slots[place].used) place = i;
    }
    text_slot_fini(&texts->slots[place]);
    texts->slots[place] = *slot;
    pthread_mutex_unlock(&texts->lock);
    *slot = (text_slot){0};
}

/* -- one document ------------------------------------------------------------------------------ */

/* What a call works with. */
typedef struct text_work {
    eid_at at;
    const eid_graph *graph;
    eid_slice store;
    eid_ids tips;
    eid_idset voids;
    text_slot slot;
} text_work;

static eid_status text_apply(eid_ydoc *doc, eid_slice payload)
{
    eid_buf update;
    eid_status status;

    if (payload.len == 0) return EID_OK;
    eid_buf_init(&update, TEXT_BYTES_MAX);
    status = eid_ydoc_payload_read(payload, &update);
    if (status == EID_OK && update.len > 0) status = eid_ydoc_apply(doc, eid_buf_slice(&update));
    eid_buf_fini(&update);
    return status;
}

static eid_status text_on_payload(void *arg, const eid_id *id, eid_slice payload)
{
    text_slot *slot = arg;

    slot->last.id = *id;
    slot->has_last = true;
    return text_apply(slot->doc, payload);
}

/* Fold it from its entries. */
static eid_status text_fold(text_work *work)
{
    text_slot *slot = &work->slot;
    eid_idset store_tips = EID_IDSET_EMPTY;
    eid_node node;
    eid_status status;

    eid_ydoc_free(slot->doc);
    slot->doc = NULL;
    slot->has_last = false;
    status = eid_ydoc_new(1, &slot->doc); /* never edited here */
    if (status == EID_OK) {
        status = eid_graph_store_tips_at(work->graph, work->store, work->tips, &store_tips);
    }
    if (status == EID_OK) {
        status = eid__local_each_payload(&work->at, &slot->root, work->store,
                                         eid_idset_ids(&store_tips), text_on_payload, slot);
    }
    if (status == EID_OK && slot->has_last) {
        status = work->graph->find(work->graph->self, &slot->last.id, work->store, &node);
        if (status == EID_OK) slot->last.height = node.store_height;
    }
    eid_idset_fini(&store_tips);
    return status;
}

/* Of the entries that came since, those of the store, in its order. *is_behind if one of them comes
 * before what is in the document. */
static eid_status text_collect(text_work *work, const eid_order *since, eid_order *out,
                               bool *is_behind)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < since->count && status == EID_OK; i++) {
        const eid_id *id = &since->at[i].id;
        eid_node node;

        status = work->graph->find(work->graph->self, id, work->store, &node);
        if (status != EID_OK || !node.in_store || eid_idset_has(&work->voids, id)) continue;
        status = eid_order_push(out, node.store_height, id);
    }
    eid_order_sort(out);
    if (status != EID_OK || out->count == 0 || !work->slot.has_last) return status;
    *is_behind = out->at[0].height < work->slot.last.height ||
                 (out->at[0].height == work->slot.last.height &&
                  eid_id_compare(&out->at[0].id, &work->slot.last.id) < 0);
    return EID_OK;
}

static eid_status text_apply_entry(text_work *work, const eid_order_item *item)
{
    const eid_subtree *subtree;
    eid_entry *entry = NULL;
    eid_status status = eid_index_entry(&work->at, &item->id, &entry);

    if (status != EID_OK) return status;
    subtree = eid_entry_find_subtree(entry, work->store);
    if (subtree && subtree->has_data) {
        status = text_apply(work->slot.doc, subtree->data);
        work->slot.last = *item;
        work->slot.has_last = true;
    }
    eid_entry_free(entry);
    return status;
}

/* Merge what came since; *is_done false (and nothing is changed) if that cannot be done. */
static eid_status text_follow(text_work *work, bool *is_done)
{
    text_slot *slot = &work->slot;
    eid_order since = EID_ORDER_EMPTY, ours = EID_ORDER_EMPTY;
    bool is_behind = false;
    eid_status status;

    *is_done = false;
    if (!slot->doc || !eid_idset_equal(&slot->voids, &work->voids)) return EID_OK;
    status = eid_graph_diff(work->graph, work->tips, eid_idset_ids(&slot->tips), &since);
    is_behind = since.count > 0; /* something that is in it is not asked for */
    eid_order_fini(&since);
    since = EID_ORDER_EMPTY;
    if (status == EID_OK && !is_behind) {
        status = eid_graph_diff(work->graph, eid_idset_ids(&slot->tips), work->tips, &since);
    }
    if (status == EID_OK && !is_behind && since.count <= TEXT_NEW_MAX) {
        status = text_collect(work, &since, &ours, &is_behind);
        for (size_t i = 0; status == EID_OK && !is_behind && i < ours.count; i++) {
            status = text_apply_entry(work, &ours.at[i]);
        }
        *is_done = status == EID_OK && !is_behind;
    }
    eid_order_fini(&since);
    eid_order_fini(&ours);
    return status;
}

static eid_status text_run(text_work *work, eid_buf *out)
{
    text_slot *slot = &work->slot;
    bool is_done;
    eid_status status = text_follow(work, &is_done);

    if (status == EID_OK && !is_done) status = text_fold(work);
    if (status == EID_OK) status = eid_idset_assign(&slot->tips, work->tips);
    if (status == EID_OK) status = eid_idset_assign(&slot->voids, eid_idset_ids(&work->voids));
    return status == EID_OK ? eid_ydoc_encode(slot->doc, EID_SLICE_EMPTY, out) : status;
}

eid_status eid__local_text(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                           eid_buf *out)
{
    eid_engine *engine = self;
    text_work work = {.store = store, .tips = tips, .voids = EID_IDSET_EMPTY};
    eid_index_graph *graph = NULL;
    eid_kv_view *view = NULL;
    eid_status status = texts_take(engine->texts, root, store, &work.slot);

    if (status == EID_OK) status = eid_kv_view_new(engine->kv, &view);
    work.at = (eid_at){.kv = engine->kv, .view = view};
    if (status == EID_OK) status = eid_index_graph_new(&work.at, root, &graph);
    if (status == EID_OK) status = eid_index_voids(&work.at, root, &work.voids);
    if (status == EID_OK) {
        work.graph = eid_index_graph_source(graph);
        status = text_run(&work, out);
    }
    if (status == EID_OK) texts_put(engine->texts, &work.slot);
    text_slot_fini(&work.slot);
    eid_idset_fini(&work.voids);
    eid_index_graph_free(graph);
    eid_kv_view_free(engine->kv, view);
    return status;
}
