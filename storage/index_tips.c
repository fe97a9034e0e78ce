/* Tips are read from one frontier record (index_frontier.c): one point read for the usual one or
 * two of them. */
#include "dag/alloc.h"
#include "storage/index_parts.h"

eid_status eid__order_ids(const eid_order *order, eid_idset *out)
{
    eid_id *ids = eid_alloc_array(order->count, sizeof *ids);
    eid_status status;

    if (ids == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu ids", order->count);
    for (size_t i = 0; i < order->count; i++) ids[i] = order->at[i].id;
    status = eid_idset_assign(out, (eid_ids){ids, order->count});
    eid_free(ids);
    return status;
}

eid_status eid_index_tips_height(const eid_at *at, const eid_id *root, eid_level level,
                                 eid_slice store, eid_idset *out, uint64_t *height_max)
{
    eid_order tips = EID_ORDER_EMPTY;
    uint32_t database;
    eid_status status = eid_index_database(at, root, &database);

    *height_max = 0;
    if (status == EID_OK) status = eid__frontier_tips(at, database, store, level, &tips);
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    for (size_t i = 0; i < tips.count; i++) {
        if (tips.at[i].height > *height_max) *height_max = tips.at[i].height;
    }
    if (status == EID_OK) status = eid__order_ids(&tips, out);
    eid_order_fini(&tips);
    return status;
}

eid_status eid_index_tips(const eid_at *at, const eid_id *root, eid_level level, eid_slice store,
                          eid_idset *out)
{
    uint64_t height_max;

    return eid_index_tips_height(at, root, level, store, out, &height_max);
}
