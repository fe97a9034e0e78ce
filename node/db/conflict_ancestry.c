/* Depth first, because a store's recent history is mostly a line: what is sought and is there is
 * met soon, and then the walk ends. */
#include "node/db/conflict_ancestry.h"

typedef struct ancestry {
    const eid_graph *graph;
    eid_slice store;
    eid__sought *sought;
    size_t count, left; /* not found yet */
    uint64_t height_min;
    eid_order stack; /* heights are not used */
    eid_visited *seen;
} ancestry;

static void ancestry_meet(ancestry *self, const eid_id *id, uint64_t height)
{
    for (size_t i = 0; i < self->count; i++) {
        eid__sought *sought = &self->sought[i];

        if (sought->is_found || sought->stamp->height != height) continue;
        if (!eid_id_equal(&sought->stamp->id, id)) continue;
        sought->is_found = true;
        self->left--;
    }
}

static eid_status ancestry_push(ancestry *self, eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        bool is_new;
        eid_status status = eid_visited_add(self->seen, &ids.at[i], &is_new);

        if (status == EID_OK && is_new) status = eid_order_push(&self->stack, 0, &ids.at[i]);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

/* Pass one entry. */
static eid_status ancestry_step(ancestry *self, bool is_first)
{
    eid_id id = self->stack.at[--self->stack.count].id;
    eid_node node;
    eid_status status = self->graph->find(self->graph->self, &id, self->store, &node);

    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK || !node.in_store) return status;
    if (!is_first) ancestry_meet(self, &id, node.store_height);
    if (node.store_height <= self->height_min) return EID_OK;
    return ancestry_push(self, node.store_parents);
}

eid_status eid__ancestry_find(const eid_graph *graph, eid_slice store, const eid_id *from,
                              eid__sought *sought, size_t count)
{
    ancestry self = {.graph = graph, .store = store, .sought = sought, .count = count};
    bool is_first = true;
    eid_status status;

    self.left = count;
    self.height_min = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        sought[i].is_found = false;
        if (sought[i].stamp->height < self.height_min) self.height_min = sought[i].stamp->height;
    }
    status = eid_visited_new(&self.seen);
    if (status == EID_OK) status = ancestry_push(&self, (eid_ids){from, 1});
    while (status == EID_OK && self.left > 0 && self.stack.count > 0) {
        status = ancestry_step(&self, is_first);
        is_first = false;
    }
    eid_order_fini(&self.stack);
    eid_visited_free(self.seen);
    return status;
}
