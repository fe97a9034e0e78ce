/* The walk of spec 02 §10 halts at the very members of `previous`, so a fork below them makes it
 * run on to the genesis and name what `previous` has seen. That has happened if and only if the
 * genesis is among what it found; only then is the whole past of `previous` walked too and taken
 * away. */
#include "node/db/added.h"

#include "dag/alloc.h"

/* Everything that the held members of `previous` reach. */
static eid_status added_past(const eid_at *at, const eid_graph *graph, eid_ids previous,
                             eid_visited *out)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_idset held = EID_IDSET_EMPTY;
    eid_index_info info;
    bool is_new;
    eid_status status = EID_OK;

    for (size_t i = 0; i < previous.count && status == EID_OK; i++) {
        status = eid_index_find(at, &previous.at[i], &info);
        if (status == EID_OK) status = eid_idset_add(&held, &previous.at[i]);
        if (status == EID_E_NOT_FOUND) status = EID_OK;
    }
    if (status == EID_OK && held.count > 0) {
        status = eid_graph_closure(graph, eid_idset_ids(&held), &order);
    }
    for (size_t i = 0; i < order.count && status == EID_OK; i++) {
        status = eid_visited_add(out, &order.at[i].id, &is_new);
    }
    eid_order_fini(&order);
    eid_idset_fini(&held);
    return status;
}

/* Keep what is Verified and not `past`. */
static eid_status added_keep(const eid_at *at, const eid_order *order, const eid_visited *past,
                             eid__added *out)
{
    size_t room = order->count < out->max ? order->count : out->max;

    out->at = eid_alloc_array(room, sizeof(eid_id));
    if (out->at == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu ids", room);
    for (size_t i = 0; i < order->count; i++) {
        const eid_id *id = &order->at[i].id;
        eid_index_info info;
        eid_status status;

        if (eid_visited_has(past, id)) continue;
        status = eid_index_find(at, id, &info);
        if (status != EID_OK) return status;
        if (info.verdict != EID_VERIFIED) continue;
        if (out->count == room) {
            out->is_cut = true;
            return EID_OK;
        }
        out->at[out->count++] = *id;
    }
    return EID_OK;
}

static bool order_has(const eid_order *order, const eid_id *id)
{
    for (size_t i = 0; i < order->count; i++) {
        if (eid_id_equal(&order->at[i].id, id)) return true;
    }
    return false;
}

eid_status eid__added_find(eid_kv *kv, const eid_id *root, eid_ids previous, eid_ids post,
                           eid__added *out)
{
    eid_at at = {.kv = kv};
    eid_kv_view *view = NULL;
    eid_index_graph *graph = NULL;
    eid_visited *past = NULL;
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_kv_view_new(kv, &view);

    *out = (eid__added){.max = out->max};
    if (status != EID_OK) return status;
    at.view = view;
    status = eid_visited_new(&past);
    if (status != EID_OK) goto done;
    status = eid_index_graph_new(&at, root, &graph);
    if (status != EID_OK) goto done;
    status = eid_graph_added(eid_index_graph_source(graph), previous, post, &order);
    if (status != EID_OK) goto done;
    if (previous.count > 0 && order_has(&order, root)) {
        status = added_past(&at, eid_index_graph_source(graph), previous, past);
        if (status != EID_OK) goto done;
    }
    status = added_keep(&at, &order, past, out);

done:
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    eid_visited_free(past);
    eid_kv_view_free(kv, view);
    return status;
}

void eid__added_fini(eid__added *added)
{
    eid_free(added->at);
    memset(added, 0, sizeof(*added));
}
