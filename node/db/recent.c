/* The walk down from the visible tips halts at the given ones. If these were the visible tips once,
 * then whatever it meets is new: an older entry it could only reach by a fork from below, and from
 * there it would run on to the genesis. So it gives up at an entry without parents, and everything
 * that it has met otherwise is new. */
#include "node/db/recent.h"

#include "dag/alloc.h"

struct eid__recent {
    const eid_at *at;
    const eid_graph *graph;
    eid_visited *added; /* visible now and not then */
    eid_order order;    /* the same */
};

void eid__recent_free(eid__recent *recent)
{
    if (recent == NULL) return;
    eid_visited_free(recent->added);
    eid_order_fini(&recent->order);
    eid_free(recent);
}

static bool ids_has(eid_ids ids, const eid_id *id)
{
    for (size_t i = 0; i < ids.count; i++) {
        if (eid_id_equal(&ids.at[i], id)) return true;
    }
    return false;
}

/* Append ids that were not seen. AGAIN bare if they become too many. */
static eid_status walk_push(eid_order *queue, eid_visited *seen, eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        bool is_new;
        eid_status status = eid_visited_add(seen, &ids.at[i], &is_new);

        if (status == EID_OK && is_new) status = eid_order_push(queue, 0, &ids.at[i]);
        if (status != EID_OK) return status;
    }
    return queue->count <= EID__RECENT_MAX ? EID_OK : EID_E_AGAIN;
}

/* An entry of this tree; AGAIN bare for any other. */
static eid_status walk_find(const eid_graph *graph, const eid_id *id, eid_slice store,
                            eid_node *out)
{
    eid_status status = graph->find(graph->self, id, store, out);

    if (status == EID_E_NOT_FOUND) return EID_E_AGAIN;
    if (status == EID_OK && !eid_id_equal(&out->tree, &graph->tree)) return EID_E_AGAIN;
    return status;
}

static eid_status recent_is_verified(const eid__recent *recent, const eid_id *id, bool *out)
{
    eid_index_info info;
    eid_status status = eid_index_find(recent->at, id, &info);

    *out = status == EID_OK && info.verdict == EID_VERIFIED;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* Tips that were visible together: all of them Verified, none behind another. */
static eid_status recent_check_tips(const eid__recent *recent, eid_ids tips)
{
    eid_visited *seen = NULL;
    eid_order queue = EID_ORDER_EMPTY;
    uint64_t floor = UINT64_MAX;
    eid_node node;
    eid_status status = eid_visited_new(&seen);

    for (size_t i = 0; i < tips.count && status == EID_OK; i++) {
        bool is_verified = false;
        status = recent_is_verified(recent, &tips.at[i], &is_verified);
        if (status == EID_OK && !is_verified) status = EID_E_AGAIN;
        if (status == EID_OK)
            status = walk_find(recent->graph, &tips.at[i], EID_SLICE_EMPTY, &node);
        if (status == EID_OK && node.height < floor) floor = node.height;
        if (status == EID_OK && tips.count > 1) status = walk_push(&queue, seen, node.parents);
    }
    for (size_t i = 0; i < queue.count && status == EID_OK; i++) {
        eid_id id = queue.at[i].id;
        if (ids_has(tips, &id)) status = EID_E_AGAIN;
        if (status == EID_OK) status = walk_find(recent->graph, &id, EID_SLICE_EMPTY, &node);
        if (status == EID_OK && node.height > floor) status = walk_push(&queue, seen, node.parents);
    }
    eid_order_fini(&queue);
    eid_visited_free(seen);
    return status;
}

/* Collect what lies between the visible tips and `tips`. */
static eid_status recent_collect(eid__recent *recent, eid_ids tips)
{
    eid_idset visible = EID_IDSET_EMPTY;
    eid_visited *seen = NULL;
    bool is_new;
    eid_status status = eid_index_tips(recent->at, &recent->graph->tree, EID_LEVEL_VISIBLE,
                                       EID_SLICE_EMPTY, &visible);

    if (status == EID_OK) status = eid_visited_new(&seen);
    for (size_t i = 0; i < tips.count && status == EID_OK; i++) {
        status = eid_visited_add(seen, &tips.at[i], &is_new);
    }
    if (status == EID_OK) status = walk_push(&recent->order, seen, eid_idset_ids(&visible));
    for (size_t i = 0; i < recent->order.count && status == EID_OK; i++) {
        eid_id id = recent->order.at[i].id;
        eid_node node;
        status = walk_find(recent->graph, &id, EID_SLICE_EMPTY, &node);
        if (status == EID_OK && node.parents.count == 0) status = EID_E_AGAIN;
        if (status == EID_OK) status = walk_push(&recent->order, seen, node.parents);
        if (status == EID_OK) status = eid_visited_add(recent->added, &id, &is_new);
    }
    eid_visited_free(seen);
    eid_idset_fini(&visible);
    return status;
}

eid_status eid__recent_new(const eid_at *at, const eid_graph *graph, eid_ids tips,
                           eid__recent **out)
{
    eid__recent *recent = eid_alloc(sizeof(*recent));
    eid_status status;

    *out = NULL;
    if (recent == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a look at the past");
    recent->at = at;
    recent->graph = graph;
    recent->order = EID_ORDER_EMPTY;
    status = eid_visited_new(&recent->added);
    if (status == EID_OK && tips.count == 0) status = EID_E_AGAIN;
    if (status == EID_OK) status = recent_check_tips(recent, tips);
    if (status == EID_OK) status = recent_collect(recent, tips);
    if (status == EID_OK) {
        *out = recent;
        recent = NULL;
    }
    eid__recent_free(recent);
    return status == EID_E_AGAIN ? EID_OK : status;
}

/* -- stores ------------------------------------------------------------------------------------ */

/* Present tips that are old, and old store parents of what is new: every tip of then is one of
 * them. */
static eid_status store_candidates(const eid__recent *recent, eid_slice store, eid_idset *out)
{
    eid_idset found = EID_IDSET_EMPTY;
    eid_status status =
        eid_index_tips(recent->at, &recent->graph->tree, EID_LEVEL_VISIBLE, store, &found);

    for (size_t i = 0; i < recent->order.count && status == EID_OK; i++) {
        eid_node node;
        status = walk_find(recent->graph, &recent->order.at[i].id, store, &node);
        for (size_t k = 0; status == EID_OK && node.in_store && k < node.store_parents.count; k++) {
            status = eid_idset_add(&found, &node.store_parents.at[k]);
        }
    }
    for (size_t i = 0; i < found.count && status == EID_OK; i++) {
        bool is_verified = false;
        eid_node node;
        if (eid_visited_has(recent->added, &found.at[i])) continue;
        status = recent_is_verified(recent, &found.at[i], &is_verified);
        if (status != EID_OK || !is_verified) continue;
        status = walk_find(recent->graph, &found.at[i], store, &node);
        if (status == EID_OK && node.in_store) status = eid_idset_add(out, &found.at[i]);
    }
    eid_idset_fini(&found);
    return status;
}

/* Take away the candidates that others are built on. */
static eid_status store_drop_ancestors(const eid__recent *recent, eid_slice store,
                                       eid_idset *candidates)
{
    eid_idset all = EID_IDSET_EMPTY;
    eid_visited *seen = NULL;
    eid_order queue = EID_ORDER_EMPTY;
    uint64_t floor = UINT64_MAX;
    eid_node node;
    eid_status status = eid_idset_assign(&all, eid_idset_ids(candidates));

    if (status == EID_OK) status = eid_visited_new(&seen);
    for (size_t i = 0; i < all.count && status == EID_OK; i++) {
        status = walk_find(recent->graph, &all.at[i], store, &node);
        if (status == EID_OK && node.store_height < floor) floor = node.store_height;
        if (status == EID_OK) status = walk_push(&queue, seen, node.store_parents);
    }
    for (size_t i = 0; i < queue.count && status == EID_OK; i++) {
        eid_id id = queue.at[i].id;
        if (eid_visited_has(recent->added, &id)) continue;
        eid_idset_remove(candidates, &id);
        status = walk_find(recent->graph, &id, store, &node);
        if (status == EID_OK && node.in_store && node.store_height > floor) {
            status = walk_push(&queue, seen, node.store_parents);
        }
    }
    eid_order_fini(&queue);
    eid_visited_free(seen);
    eid_idset_fini(&all);
    return status;
}

eid_status eid__recent_store_tips(const eid__recent *recent, eid_slice store, eid_idset *out)
{
    eid_status status = store_candidates(recent, store, out);

    if (status == EID_OK && out->count > 1) status = store_drop_ancestors(recent, store, out);
    if (status != EID_OK) eid_idset_fini(out);
    return status;
}

eid_status eid__store_tips_at(const eid__recent *recent, const eid_graph *graph, eid_slice store,
                              eid_ids tips, eid_idset *out)
{
    eid_status status = recent != NULL ? eid__recent_store_tips(recent, store, out) : EID_E_AGAIN;

    if (status != EID_E_AGAIN) return status;
    *out = EID_IDSET_EMPTY;
    return eid_graph_store_tips_at(graph, store, tips, out);
}
