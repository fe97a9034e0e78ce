/* The order family is the tree order itself, so walking it needs no sorting. Its iterators keep to
 * the moment they were made, which is the snapshot that a scan promises. */
#include "dag/alloc.h"
#include "storage/index_parts.h"

struct eid_index_scan {
    eid__cursor *cursor; /* NULL = nothing of the tree is held */
    uint32_t database;
};

/* What lies after the first `skip` bytes of a key: height and id. */
static eid_status order_read_key(eid_slice key, size_t skip, eid_order_item *out)
{
    size_t len = key.len < skip + 8 ? 0 : key.len - skip - 8;

    *out = (eid_order_item){.height = 0};
    if (len == 0 || len > EID_ID_BYTES_MAX) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a key of the order has %zu bytes", key.len);
    }
    out->height = eid_get_u64(key.at + skip);
    out->id.len = (uint8_t)len;
    memcpy(out->id.bytes, key.at + skip + 8, len);
    return EID_OK;
}

eid_status eid__order_read(eid_slice key, eid_slice value, eid_order_item *item,
                           eid_verdict *verdict)
{
    eid_status status = order_read_key(key, 4, item);

    if (status != EID_OK) return status;
    if (value.len != 1) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a verdict of %zu bytes", value.len);
    }
    return eid__verdict_read(value.at[0], verdict);
}

eid_status eid_index_scan_new(const eid_at *at, const eid_id *root, eid_index_scan **out)
{
    eid_index_scan *scan = eid_alloc(sizeof *scan);
    eid__key prefix;
    eid_status status;

    *out = NULL;
    if (scan == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a scan");
    status = eid_index_database(at, root, &scan->database);
    if (status == EID_OK) {
        eid__key_db(&prefix, scan->database);
        status = eid__cursor_new(at, EID_FAMILY_ORDER, eid__key_slice(&prefix), &scan->cursor);
    } else if (status == EID_E_NOT_FOUND) {
        status = EID_OK;
    }
    if (status != EID_OK) {
        eid_index_scan_free(scan);
        return status;
    }
    *out = scan;
    return EID_OK;
}

void eid_index_scan_free(eid_index_scan *scan)
{
    if (scan == NULL) return;
    eid__cursor_free(scan->cursor);
    eid_free(scan);
}

void eid_index_scan_seek(eid_index_scan *scan, uint64_t height, const eid_id *id)
{
    eid__key key;

    if (scan->cursor == NULL) return;
    eid__key_order(&key, scan->database, height, id);
    eid__cursor_seek(scan->cursor, eid__key_slice(&key));
}

eid_status eid_index_scan_next(eid_index_scan *scan, eid_order_item *item, eid_verdict *verdict)
{
    eid_slice key, value;
    eid_status status;

    if (scan->cursor == NULL) return EID_E_NOT_FOUND;
    if (!eid__cursor_pair(scan->cursor, &key, &value)) {
        status = eid__cursor_status(scan->cursor);
        return status == EID_OK ? EID_E_NOT_FOUND : status;
    }
    status = eid__order_read(key, value, item, verdict);
    if (status == EID_OK) eid__cursor_next(scan->cursor);
    return status;
}

eid_status eid_index_unverified(const eid_at *at, const eid_id *root, size_t max, eid_order *out)
{
    eid__cursor *cursor = NULL;
    eid_slice key, value;
    uint32_t database;
    eid__key prefix;
    eid_status status = eid_index_database(at, root, &database);

    out->count = 0;
    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    eid__key_tip(&prefix, database, EID__TIP_UNVERIFIED);
    status = eid__cursor_new(at, EID_FAMILY_TIP, eid__key_slice(&prefix), &cursor);
    for (; status == EID_OK && out->count < max && eid__cursor_pair(cursor, &key, &value);
         eid__cursor_next(cursor)) {
        eid_order_item item;

        status = order_read_key(key, prefix.len, &item);
        if (status == EID_OK) status = eid_order_push(out, item.height, &item.id);
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    return status;
}

/* Push an entry if it is in the store. */
static eid_status store_push(const eid_graph *graph, eid_slice store, const eid_id *id,
                             eid_order *out)
{
    eid_node node;
    eid_status status = graph->find(graph->self, id, store, &node);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s has no edges", eid_id_str(id));
    }
    if (status != EID_OK || !node.in_store) return status;
    return eid_order_push(out, node.store_height, id);
}

eid_status eid_index_store_entries(const eid_at *at, const eid_id *root, eid_slice store,
                                   bool verified_only, eid_order *out)
{
    eid_index_graph *graph = NULL;
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    eid_status status = eid_index_graph_new(at, root, &graph);

    out->count = 0;
    if (status == EID_OK) status = eid_index_scan_new(at, root, &scan);
    while (status == EID_OK) {
        status = eid_index_scan_next(scan, &item, &verdict);
        if (status != EID_OK) break;
        if (verified_only && verdict != EID_VERIFIED) continue;
        status = store_push(eid_index_graph_source(graph), store, &item.id, out);
    }
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    if (status == EID_OK) eid_order_sort(out);
    eid_index_scan_free(scan);
    eid_index_graph_free(graph);
    return status;
}
