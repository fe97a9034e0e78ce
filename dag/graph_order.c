/* The one order of entries: a growing array, sorted once at the end of a walk. */
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/graph.h"

void eid_order_fini(eid_order *order)
{
    eid_free(order->at);
    *order = EID_ORDER_EMPTY;
}

eid_status eid_order_push(eid_order *order, uint64_t height, const eid_id *id)
{
    if (order->count == order->cap) {
        size_t cap = order->cap == 0 ? 16 : order->cap * 2;
        eid_order_item *at;

        if (cap > SIZE_MAX / sizeof *at) return EID_FAIL(EID_KIND_NO_MEMORY, "too many entries");
        at = eid_realloc(order->at, cap * sizeof *at);
        if (at == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu entries", cap);
        order->at = at;
        order->cap = cap;
    }
    order->at[order->count].height = height;
    order->at[order->count].id = *id;
    order->count++;
    return EID_OK;
}

static int item_compare(const void *a, const void *b)
{
    const eid_order_item *left = a;
    const eid_order_item *right = b;

    if (left->height != right->height) return left->height < right->height ? -1 : 1;
    return eid_id_compare(&left->id, &right->id);
}

void eid_order_sort(eid_order *order)
{
    if (order->count > 1) qsort(order->at, order->count, sizeof *order->at, item_compare);
}
