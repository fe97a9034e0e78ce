/* A verdict lies beside the entry, in `graph` and `order`, so that changing it does not rewrite the
 * entry's bytes. Becoming Verified is one more join; the way back has no inverse, since nothing
 * says which other children a parent has, and so the visible level is made again from the graph. */
#include "storage/index_parts.h"

/* All Verified entries join the visible level again, in tree order. */
static eid_status visible_again(eid_batch *batch, uint32_t database)
{
    eid_at at = eid__at_batch(batch);
    eid__cursor *cursor = NULL;
    eid_slice key, value;
    eid__key prefix;
    eid_status status = eid__frontier_clear_visible(batch, database);

    if (status != EID_OK) return status;
    eid__key_db(&prefix, database);
    status = eid__cursor_new(&at, EID_FAMILY_ORDER, eid__key_slice(&prefix), &cursor);
    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        eid_order_item item;
        eid_verdict verdict;
        eid__node node;

        status = eid__order_read(key, value, &item, &verdict);
        if (status != EID_OK) break;
        if (verdict != EID_VERIFIED) continue;
        status = eid__node_get(&at, database, &item.id, &node);
        if (status == EID_OK) {
            status = eid__frontier_join(batch, database, &item.id, &node,
                                        EID__JOIN_VISIBLE | EID__JOIN_AGAIN);
        }
        eid__node_fini(&node);
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    return status;
}

/* Write the verdict where it is kept. */
static eid_status verdict_write(eid_batch *batch, uint32_t database, const eid_id *id,
                                const eid__node *node)
{
    uint64_t height = node->edges[0].height;
    uint8_t code = (uint8_t)node->verdict;
    eid__key order, unverified;
    eid_status status;

    eid__key_order(&order, database, height, id);
    eid__key_unverified(&unverified, database, height, id);
    status = eid__node_put(batch, database, id, node);
    if (status != EID_OK) return status;
    status = eid_batch_put(batch, EID_FAMILY_ORDER, eid__key_slice(&order), eid_slice_of(&code, 1));
    if (status != EID_OK) return status;
    if (node->verdict == EID_UNVERIFIED) {
        return eid_batch_put(batch, EID_FAMILY_TIP, eid__key_slice(&unverified), EID_SLICE_EMPTY);
    }
    return eid_batch_delete(batch, EID_FAMILY_TIP, eid__key_slice(&unverified));
}

static eid_status verdict_count(eid_batch *batch, uint32_t number, eid_verdict before,
                                eid_verdict after)
{
    eid_at at = eid__at_batch(batch);
    eid__database database;
    eid_id root;
    eid_status status = eid__database_root(&at, number, &root);

    if (status == EID_OK) status = eid__database_get(&at, &root, &database);
    if (status != EID_OK) return status;
    (*eid__counts_of(&database.counts, before))--;
    (*eid__counts_of(&database.counts, after))++;
    return eid__database_put(batch, &root, &database);
}

eid_status eid_index_set_verdict(eid_batch *batch, const eid_id *id, eid_verdict verdict)
{
    eid_at at = eid__at_batch(batch);
    eid__node node = {.count = 0};
    eid__entry_head head;
    eid_verdict before;
    eid_buf held;
    eid_status status = eid__entry_get(&at, id, &held, &head);

    eid_buf_fini(&held);
    if (status != EID_OK) return status;
    status = eid__node_get(&at, head.database, id, &node);
    if (status != EID_OK || node.verdict == verdict) goto done;
    before = node.verdict;
    node.verdict = verdict;
    status = verdict_write(batch, head.database, id, &node);
    if (status == EID_OK) status = verdict_count(batch, head.database, before, verdict);
    if (status != EID_OK) goto done;
    if (verdict == EID_VERIFIED) {
        status = eid__frontier_join(batch, head.database, id, &node, EID__JOIN_VISIBLE);
    } else if (before == EID_VERIFIED) {
        status = visible_again(batch, head.database);
    }

done:
    eid__node_fini(&node);
    return status;
}
