/* Closures and what follows from them: ancestors of tips in the tree or in a store, the store's
 * tips as of a boundary, the parents of one entry. */
#include "dag/graph.h"

#include "dag/graph_walk.h"
#include "dag/log.h"

eid_status eid_graph_closure(const eid_graph *graph, eid_ids tips, eid_order *out)
{
    eid__walk walk = {.seen = NULL};
    eid__step step;
    eid_status status = eid__graph_require(graph, tips);

    out->count = 0;
    if (status != EID_OK) return status;
    status = eid__walk_init(&walk, graph, EID_SLICE_EMPTY);
    if (status == EID_OK) status = eid__walk_add(&walk, tips);
    while (status == EID_OK) {
        status = eid__walk_step(&walk, &step);
        if (status != EID_OK || !step.is_held) continue;
        status = eid__walk_add(&walk, step.node.parents);
        if (status == EID_OK) status = eid_order_push(out, step.node.height, &step.id);
    }
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    eid__walk_fini(&walk);
    eid_order_sort(out);
    return status;
}

eid_status eid_graph_store_closure(const eid_graph *graph, eid_slice store, eid_ids tips,
                                   eid_order *out, bool *has_gap)
{
    eid__walk walk;
    eid__step step;
    bool is_missing = false;
    eid_status status = eid__walk_init(&walk, graph, store);

    out->count = 0;
    if (status == EID_OK) status = eid__walk_add(&walk, tips);
    while (status == EID_OK) {
        status = eid__walk_step(&walk, &step);
        if (status != EID_OK) break;
        if (!step.is_held && !step.is_foreign) is_missing = true;
        if (!step.is_held || !step.node.in_store) continue;
        status = eid__walk_add(&walk, step.node.store_parents);
        if (status == EID_OK) status = eid_order_push(out, step.node.store_height, &step.id);
    }
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    if (has_gap != NULL) *has_gap = is_missing;
    eid__walk_fini(&walk);
    eid_order_sort(out);
    return status;
}

/* Split a closure into the members that have the store and the ids that those list as parents. */
static eid_status store_members(const eid_graph *graph, eid_slice store, const eid_order *closure,
                                eid_visited *members, eid_visited *listed)
{
    for (size_t i = 0; i < closure->count; i++) {
        eid__step step;
        bool is_new;
        eid_status status = eid__graph_look(graph, &closure->at[i].id, store, &step);

        if (status != EID_OK) return status;
        if (!step.is_held || !step.node.in_store) continue;
        for (size_t p = 0; status == EID_OK && p < step.node.store_parents.count; p++) {
            status = eid_visited_add(listed, &step.node.store_parents.at[p], &is_new);
        }
        if (status == EID_OK) status = eid_visited_add(members, &step.id, &is_new);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

eid_status eid_graph_store_tips_at(const eid_graph *graph, eid_slice store, eid_ids boundary,
                                   eid_idset *out)
{
    eid_order closure = EID_ORDER_EMPTY;
    eid_visited *members = NULL;
    eid_visited *listed = NULL;
    eid_status status = eid_idset_assign(out, (eid_ids){NULL, 0});

    if (status != EID_OK || boundary.count == 0) return status;
    status = eid_graph_closure(graph, boundary, &closure);
    if (status == EID_OK) status = eid_visited_new(&members);
    if (status == EID_OK) status = eid_visited_new(&listed);
    if (status == EID_OK) status = store_members(graph, store, &closure, members, listed);
    for (size_t i = 0; status == EID_OK && i < eid_visited_count(members); i++) {
        const eid_id *id = eid__visited_at(members, i);

        if (!eid_visited_has(listed, id)) status = eid_idset_add(out, id);
    }
    eid_order_fini(&closure);
    eid_visited_free(members);
    eid_visited_free(listed);
    return status;
}

/* Take what is left of a walk, with the heights in its store; 0 for what is not in it. */
static eid_status walk_rest(eid__walk *walk, eid_order *out)
{
    eid_status status = EID_OK;
    eid__step step;

    while (status == EID_OK) {
        bool in_store;

        status = eid__walk_step(walk, &step);
        if (status != EID_OK) break;
        in_store = step.is_held && step.node.in_store;
        status = eid_order_push(out, in_store ? step.node.store_height : 0, &step.id);
    }
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid_graph_sorted_store_parents(const eid_graph *graph, eid_slice store, const eid_id *id,
                                          eid_order *out)
{
    eid__walk walk;
    eid__step step;
    eid_status status = eid__walk_init(&walk, graph, store);

    out->count = 0;
    if (status == EID_OK) status = eid__graph_look(graph, id, store, &step);
    if (status != EID_OK) goto done;
    if (!step.is_held && !step.is_foreign) {
        status = EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "%s is not held", eid_id_str(id));
        goto done;
    }
    if (step.is_held && step.node.in_store) {
        status = eid__walk_add(&walk, step.node.store_parents);
    }
    if (status == EID_OK) status = walk_rest(&walk, out);

done:
    eid__walk_fini(&walk);
    eid_order_sort(out);
    return status;
}

uint64_t eid_height_next(eid_height_strategy strategy, bool has_parents, uint64_t parent_max,
                         uint64_t now_ms)
{
    uint64_t height = 0;

    if (has_parents) height = parent_max == UINT64_MAX ? UINT64_MAX : parent_max + 1;
    switch (strategy) {
    case EID_HEIGHT_INCREMENTAL:
        return height;
    case EID_HEIGHT_TIMESTAMP:
        if (height <= now_ms) return now_ms;
        eid_log_warn("height.clock_skew", "now_ms=%llu height=%llu", (unsigned long long)now_ms,
                     (unsigned long long)height);
        return height;
    }
    return height;
}
