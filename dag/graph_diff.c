/* Both pasts are walked together from the highest entry down, each entry painted with the sides it
 * belongs to. Since a child is higher than its parents, an entry's paint is final when it is taken;
 * the walk ends when all that is left belongs to `have`. Where heights do not rise (malformed
 * entries) a few entries may be given too many, never too few, and a receiver drops what it holds.
 */
#include "dag/graph.h"

#include <stdlib.h>

#include "dag/alloc.h"

enum { PAINT_HAVE = 1, PAINT_WANT = 2 };

typedef struct diff_node {
    eid_order_item item;
    uint8_t paint;
    bool is_taken;
} diff_node;

/* Nodes by id in a hash table of indexes, and a heap of those to take, highest first. */
typedef struct diff_walk {
    const eid_graph *graph;
    diff_node *nodes;
    size_t count, cap;
    size_t *table; /* index + 1 */
    size_t table_cap;
    size_t *heap;
    size_t heap_count;
    size_t open_wants; /* in the heap, wanted and not had */
} diff_walk;

static bool node_is_open(const diff_node *node)
{
    return node->paint == PAINT_WANT;
}

static bool walk_is_higher(const diff_walk *walk, size_t a, size_t b)
{
    const eid_order_item *left = &walk->nodes[a].item, *right = &walk->nodes[b].item;

    if (left->height != right->height) return left->height > right->height;
    return eid_id_compare(&left->id, &right->id) > 0;
}

static void heap_push(diff_walk *walk, size_t node)
{
    size_t at = walk->heap_count++;

    while (at > 0 && walk_is_higher(walk, node, walk->heap[(at - 1) / 2])) {
        walk->heap[at] = walk->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    walk->heap[at] = node;
}

static size_t heap_pop(diff_walk *walk)
{
    size_t top = walk->heap[0];
    size_t last = walk->heap[--walk->heap_count];
    size_t at = 0;

    for (;;) {
        size_t child = at * 2 + 1;

        if (child >= walk->heap_count) break;
        if (child + 1 < walk->heap_count &&
            walk_is_higher(walk, walk->heap[child + 1], walk->heap[child])) {
            child++;
        }
        if (!walk_is_higher(walk, walk->heap[child], last)) break;
        walk->heap[at] = walk->heap[child];
        at = child;
    }
    walk->heap[at] = last;
    return top;
}

static size_t *table_slot(const diff_walk *walk, const eid_id *id)
{
    size_t mask = walk->table_cap - 1;
    size_t at = (size_t)eid_id_hash(id) & mask;

    while (walk->table[at] != 0 && !eid_id_equal(&walk->nodes[walk->table[at] - 1].item.id, id)) {
        at = (at + 1) & mask;
    }
    return &walk->table[at];
}

/* Room for one more node in all three arrays. */
static eid_status walk_grow(diff_walk *walk)
{
    size_t cap = walk->cap ? walk->cap * 2 : 64;
    diff_node *nodes;
    size_t *heap, *table;

    if (walk->count < walk->cap) return EID_OK;
    nodes = eid_realloc(walk->nodes, cap * sizeof *nodes);
    if (nodes) walk->nodes = nodes;
    heap = eid_realloc(walk->heap, cap * sizeof *heap);
    if (heap) walk->heap = heap;
    table = eid_alloc_array(cap * 2, sizeof *table);
    if (!nodes || !heap || !table) {
        eid_free(table);
        return EID_FAIL(EID_KIND_NO_MEMORY, "a walk of %zu entries", cap);
    }
    eid_free(walk->table);
    walk->table = table;
    walk->table_cap = cap * 2;
    walk->cap = cap;
    for (size_t i = 0; i < walk->count; i++) *table_slot(walk, &walk->nodes[i].item.id) = i + 1;
    return EID_OK;
}

/* Paint an entry; one that is not held is left out. */
static eid_status walk_paint(diff_walk *walk, const eid_id *id, uint8_t paint)
{
    diff_node *node;
    eid_node found;
    size_t *slot;
    eid_status status = walk_grow(walk);

    if (status != EID_OK) return status;
    slot = table_slot(walk, id);
    if (*slot != 0) {
        node = &walk->nodes[*slot - 1];
        if (!node->is_taken && node_is_open(node) && paint == PAINT_HAVE) walk->open_wants--;
        node->paint |= paint;
        return EID_OK;
    }
    status = walk->graph->find(walk->graph->self, id, EID_SLICE_EMPTY, &found);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (!eid_id_equal(&found.tree, &walk->graph->tree)) return EID_OK;
    walk->nodes[walk->count] = (diff_node){{found.height, *id}, paint, false};
    *slot = ++walk->count;
    if (paint == PAINT_WANT) walk->open_wants++;
    heap_push(walk, walk->count - 1);
    return EID_OK;
}

static eid_status walk_paint_parents(diff_walk *walk, size_t at)
{
    eid_id id = walk->nodes[at].item.id;
    uint8_t paint = walk->nodes[at].paint & PAINT_HAVE ? PAINT_HAVE : PAINT_WANT;
    eid_id *parents = NULL;
    eid_node found;
    size_t count;
    eid_status status = walk->graph->find(walk->graph->self, &id, EID_SLICE_EMPTY, &found);

    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    count = found.parents.count;
    if (count == 0) return EID_OK;
    parents =
        eid_memdup(found.parents.at, count * sizeof *parents); /* lent until the next find() */
    if (!parents) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu parents", count);
    for (size_t i = 0; i < count && status == EID_OK; i++) {
        status = walk_paint(walk, &parents[i], paint);
    }
    eid_free(parents);
    return status;
}

static eid_status walk_run(diff_walk *walk, eid_order *out)
{
    eid_status status = EID_OK;

    while (status == EID_OK && walk->open_wants > 0) {
        size_t at = heap_pop(walk);
        diff_node *node = &walk->nodes[at];

        node->is_taken = true;
        if (node_is_open(node)) {
            walk->open_wants--;
            status = eid_order_push(out, node->item.height, &node->item.id);
        }
        if (status == EID_OK) status = walk_paint_parents(walk, at);
    }
    return status;
}

eid_status eid_graph_diff(const eid_graph *graph, eid_ids have, eid_ids tips, eid_order *out)
{
    diff_walk walk = {.graph = graph};
    eid_status status = EID_OK;

    for (size_t i = 0; i < have.count && status == EID_OK; i++) {
        status = walk_paint(&walk, &have.at[i], PAINT_HAVE);
    }
    for (size_t i = 0; i < tips.count && status == EID_OK; i++) {
        status = walk_paint(&walk, &tips.at[i], PAINT_WANT);
    }
    if (status == EID_OK) status = walk_run(&walk, out);
    if (status == EID_OK) eid_order_sort(out);
    eid_free(walk.nodes);
    eid_free(walk.heap);
    eid_free(walk.table);
    return status;
}
