/* Ranges are joined before they are used: however a peer repeats them, each block is visited once.
 * What is above a client's state waits, like blocks do. */
#include <stdlib.h>

#include "crdt/ystore.h"
#include "dag/alloc.h"

static int range_compare(const void *a, const void *b)
{
    const eid__yrange *left = a, *right = b;

    if (left->client != right->client) return left->client < right->client ? -1 : 1;
    return (left->clock > right->clock) - (left->clock < right->clock);
}

static size_t ranges_normalize(eid__yrange *ranges, size_t count)
{
    size_t kept = 0;

    if (count > 1) qsort(ranges, count, sizeof(*ranges), range_compare);
    for (size_t i = 0; i < count; i++) {
        eid__yrange *last = kept > 0 ? &ranges[kept - 1] : NULL;
        uint32_t end = ranges[i].clock + ranges[i].len;

        if (last == NULL || last->client != ranges[i].client ||
            last->clock + last->len < ranges[i].clock) {
            ranges[kept++] = ranges[i];
        } else if (end > last->clock + last->len) {
            last->len = end - last->clock;
        }
    }
    return kept;
}

/* Delete clocks from `clock` up to `end`, which the client has. False without memory. */
static bool range_delete(eid_ydoc *doc, const eid__yclient *client, uint32_t clock, uint32_t end)
{
    eid__yitem *item = eid__yclient_get(client, clock);

    if (item->id.clock < clock && !item->is_deleted) {
        if (!eid__yitem_cut(doc, item, clock - item->id.clock)) return false;
        item = item->next;
    }
    for (; item != NULL && item->id.clock < end; item = item->next) {
        if (item->is_deleted) continue;
        if (eid__yitem_end(item) > end && !eid__yitem_cut(doc, item, end - item->id.clock)) {
            return false;
        }
        eid__yitem_delete(item);
    }
    return true;
}

/* Delete what is there; *range keeps what is not, and has no length if there is nothing left. */
static bool range_apply(eid_ydoc *doc, eid__yrange *range)
{
    const eid__yclient *client = eid__yclient_find(doc, range->client);
    uint32_t end = range->clock + range->len, known;

    if (client == NULL || client->state <= range->clock) return true;
    known = end < client->state ? end : client->state;
    if (!range_delete(doc, client, range->clock, known)) return false;
    range->clock = known;
    range->len = end - known;
    return true;
}

eid_status eid__ydelete_apply(eid_ydoc *doc, const eid__yrange *ranges, size_t count)
{
    size_t all = doc->delete_count + count, kept = 0;
    eid__yrange *waiting;

    if (all == 0) return EID_OK;
    waiting = eid_alloc_array(all, sizeof(*waiting));
    if (waiting == NULL) return eid__ydoc_break(doc);
    if (doc->delete_count > 0) memcpy(waiting, doc->deletes, doc->delete_count * sizeof(*waiting));
    if (count > 0) memcpy(waiting + doc->delete_count, ranges, count * sizeof(*waiting));
    all = ranges_normalize(waiting, all);
    for (size_t i = 0; i < all; i++) {
        if (!range_apply(doc, &waiting[i])) {
            eid_free(waiting);
            return eid__ydoc_break(doc);
        }
        if (waiting[i].len > 0) waiting[kept++] = waiting[i];
    }
    eid_free(doc->deletes);
    doc->deletes = waiting;
    doc->delete_count = kept;
    return EID_OK;
}
