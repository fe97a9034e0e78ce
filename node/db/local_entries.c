/* Entries out. Forward is a scan of the order index. Backward starts at the raw tips, which
 * everything held hangs on, and goes on to the highest entry that is known and not yet given: the
 * last few cost the last few, whatever the history. */
#include "dag/alloc.h"
#include "node/db/local.h"

eid_status eid__local_entry(void *self, const eid_id *root, const eid_id *id, eid_entry **out,
                            eid_verdict *verdict)
{
    eid_engine *engine = self;
    const eid_at at = {.kv = engine->kv};
    eid_entry *entry = NULL;
    eid_index_info info;
    eid_status status = eid_index_find(&at, id, &info);

    if (status == EID_OK) status = eid_index_entry(&at, id, &entry);
    if (status != EID_OK) return status;
    if (!eid_id_equal(eid_entry_tree(entry), root)) {
        eid_entry_free(entry);
        return EID_FAIL(EID_KIND_NOT_IN_DATABASE, "entry %s does not belong to database %s",
                        eid_id_str(id), eid_id_str(root));
    }
    *verdict = info.verdict;
    *out = entry;
    return EID_OK;
}

typedef struct entries_walk {
    eid_at at;
    const eid_order_item *from; /* NULL = an end */
    eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict);
    void *arg;
} entries_walk;

static eid_status entries_forward(const entries_walk *walk, const eid_id *root)
{
    eid_index_scan *scan = NULL;
    eid_status status = eid_index_scan_new(&walk->at, root, &scan);

    if (status != EID_OK) return status;
    if (walk->from != NULL) eid_index_scan_seek(scan, walk->from->height, &walk->from->id);
    while (status == EID_OK) {
        eid_entry *entry = NULL;
        eid_order_item item;
        eid_verdict verdict;

        status = eid_index_scan_next(scan, &item, &verdict);
        if (status == EID_OK) status = eid_index_entry(&walk->at, &item.id, &entry);
        if (status == EID_OK) status = walk->fn(walk->arg, entry, verdict);
        eid_entry_free(entry);
    }
    eid_index_scan_free(scan);
    return status;
}

/* -- backward: a heap with the highest (height, id) on top ---------------------------------------
 */

static int item_compare(const eid_order_item *a, const eid_order_item *b)
{
    if (a->height != b->height) return a->height < b->height ? -1 : 1;
    return eid_id_compare(&a->id, &b->id);
}

static void heap_swap(eid_order *heap, size_t i, size_t j)
{
    eid_order_item item = heap->at[i];

    heap->at[i] = heap->at[j];
    heap->at[j] = item;
}

static eid_status heap_push(eid_order *heap, uint64_t height, const eid_id *id)
{
    size_t i = heap->count;
    eid_status status = eid_order_push(heap, height, id);

    if (status != EID_OK) return status;
    for (; i > 0 && item_compare(&heap->at[(i - 1) / 2], &heap->at[i]) < 0; i = (i - 1) / 2) {
        heap_swap(heap, i, (i - 1) / 2);
    }
    return EID_OK;
}

static eid_order_item heap_pop(eid_order *heap)
{
    eid_order_item top = heap->at[0];
    size_t i = 0;

    heap->at[0] = heap->at[--heap->count];
    for (;;) {
        size_t high = i, left = 2 * i + 1, right = left + 1;

        if (left < heap->count && item_compare(&heap->at[left], &heap->at[high]) > 0) high = left;
        if (right < heap->count && item_compare(&heap->at[right], &heap->at[high]) > 0) {
            high = right;
        }
        if (high == i) return top;
        heap_swap(heap, i, high);
        i = high;
    }
}

/* Put what is held of ids on the heap, each once. */
static eid_status heap_add(eid_order *heap, eid_visited *seen, const eid_graph *graph, eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        eid_node node;
        bool is_new;
        eid_status status = eid_visited_add(seen, &ids.at[i], &is_new);

        if (status != EID_OK) return status;
        if (!is_new) continue;
        status = graph->find(graph->self, &ids.at[i], EID_SLICE_EMPTY, &node);
        if (status == EID_E_NOT_FOUND) continue;
        if (status != EID_OK) return status;
        if (!eid_id_equal(&node.tree, &graph->tree)) continue;
        status = heap_push(heap, node.height, &ids.at[i]);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

/* Give the highest and go on to its parents. NOT_FOUND bare at the end. */
static eid_status entries_step(const entries_walk *walk, eid_order *heap, eid_visited *seen,
                               const eid_graph *graph)
{
    eid_entry *entry = NULL;
    eid_index_info info;
    eid_order_item item;
    eid_status status;

    if (heap->count == 0) return EID_E_NOT_FOUND;
    item = heap_pop(heap);
    status = eid_index_find(&walk->at, &item.id, &info);
    if (status == EID_OK) status = eid_index_entry(&walk->at, &item.id, &entry);
    if (status == EID_OK) status = heap_add(heap, seen, graph, eid_entry_parents(entry));
    if (status == EID_OK && (walk->from == NULL || item_compare(&item, walk->from) <= 0)) {
        status = walk->fn(walk->arg, entry, info.verdict);
    }
    eid_entry_free(entry);
    return status;
}

static eid_status entries_backward(const entries_walk *walk, const eid_id *root)
{
    eid_order heap = EID_ORDER_EMPTY;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_visited *seen = NULL;
    eid_index_graph *graph = NULL;
    const eid_graph *source = NULL;
    eid_status status = eid_visited_new(&seen);

    if (status == EID_OK) status = eid_index_graph_new(&walk->at, root, &graph);
    if (status == EID_OK) {
        source = eid_index_graph_source(graph);
        status = eid_index_tips(&walk->at, root, EID_LEVEL_RAW, EID_SLICE_EMPTY, &tips);
    }
    if (status == EID_OK) status = heap_add(&heap, seen, source, eid_idset_ids(&tips));
    while (status == EID_OK) status = entries_step(walk, &heap, seen, source);
    eid_order_fini(&heap);
    eid_idset_fini(&tips);
    eid_visited_free(seen);
    eid_index_graph_free(graph);
    return status;
}

eid_status
eid__local_entries(void *self, const eid_id *root, const eid_order_item *from, bool backward,
                   eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict),
                   void *arg)
{
    eid_engine *engine = self;
    entries_walk walk = {.at = {.kv = engine->kv}, .from = from, .fn = fn, .arg = arg};
    eid_kv_view *view = NULL;
    eid_status status = eid_kv_view_new(engine->kv, &view);

    if (status != EID_OK) return status;
    walk.at.view = view;
    status = backward ? entries_backward(&walk, root) : entries_forward(&walk, root);
    eid_kv_view_free(engine->kv, view);
    return status == EID_E_NOT_FOUND || status == EID_E_AGAIN ? EID_OK : status;
}
