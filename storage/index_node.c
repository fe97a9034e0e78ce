/* The graph record holds names and whole ids, not local numbers of stores and entries: a parent may
 * be named before it is held, and a walk then needs no second table. */
#include "dag/alloc.h"
#include "dag/assert.h"
#include "storage/index_parts.h"

#define NODE_BYTES_MAX                                                                             \
    (4u * EID_ENTRY_BYTES_MAX) /* ids of an entry are shorter here than in it                      \
                                */

const char *eid_verdict_name(eid_verdict verdict)
{
    switch (verdict) {
    case EID_VERIFIED:
        return "Verified";
    case EID_FAILED:
        return "Failed";
    case EID_UNVERIFIED:
        return "Unverified";
    }
    return "?";
}

eid_status eid__verdict_read(uint8_t code, eid_verdict *out)
{
    *out = EID_UNVERIFIED;
    if (code > EID_UNVERIFIED) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "%u is no verdict", (unsigned)code);
    }
    *out = (eid_verdict)code;
    return EID_OK;
}

void eid__node_fini(eid__node *node)
{
    eid_free(node->edges);
    eid_free(node->ids);
    eid_buf_fini(&node->bytes);
    memset(node, 0, sizeof *node);
}

eid_status eid__node_of(const eid_entry *entry, eid_verdict verdict, eid__node *out)
{
    size_t stores = eid_entry_subtree_count(entry);

    memset(out, 0, sizeof *out);
    if (stores > EID_ENTRY_STORES_MAX) {
        return EID_FAIL(EID_KIND_ENTRY_STRUCTURE, "an entry with %zu stores", stores);
    }
    out->edges = eid_alloc_array(stores + 1, sizeof *out->edges);
    if (out->edges == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an entry's edges");
    out->verdict = verdict;
    out->count = 1;
    out->edges[0].height = eid_entry_height(entry);
    out->edges[0].parents = eid_entry_parents(entry);
    for (size_t i = 0; i < stores; i++) {
        const eid_subtree *subtree = eid_entry_subtree(entry, i);

        if (eid_entry_find_subtree(entry, subtree->name) != subtree) continue; /* a repeat */
        out->edges[out->count].name = subtree->name;
        out->edges[out->count].height = subtree->height;
        out->edges[out->count].parents = subtree->parents;
        out->count++;
    }
    return EID_OK;
}

eid_status eid__node_put(eid_batch *batch, uint32_t database, const eid_id *id,
                         const eid__node *node)
{
    eid__key key;
    eid_buf value;
    eid_status status;
    size_t ids = 0;

    for (size_t i = 0; i < node->count; i++) ids += node->edges[i].parents.count;
    eid_buf_init(&value, NODE_BYTES_MAX);
    eid_buf_append_byte(&value, EID__RECORD_FORMAT);
    eid_buf_append_byte(&value, (uint8_t)node->verdict);
    eid_buf_append_u64(&value, node->edges[0].height);
    eid_buf_append_u32(&value, (uint32_t)ids);
    eid_buf_append_u32(&value, (uint32_t)node->count);
    for (size_t i = 0; i < node->count; i++) {
        const eid__edges *edges = &node->edges[i];

        eid_buf_append_u32(&value, (uint32_t)edges->name.len);
        eid_buf_append(&value, edges->name);
        eid_buf_append_u64(&value, edges->height);
        eid_buf_append_u32(&value, (uint32_t)edges->parents.count);
        for (size_t p = 0; p < edges->parents.count; p++) {
            eid__record_put_id(&value, &edges->parents.at[p]);
        }
    }
    eid__key_graph(&key, database, id);
    status = eid_buf_status(&value);
    if (status == EID_OK) {
        status =
            eid_batch_put(batch, EID_FAMILY_GRAPH, eid__key_slice(&key), eid_buf_slice(&value));
    }
    eid_buf_fini(&value);
    return status;
}

/* Read the edges; ids[] and edges[] are long enough for what the head said. */
static void node_read_edges(eid__record *record, eid__node *out, size_t id_count)
{
    size_t used = 0;

    for (size_t i = 0; i < out->count && !record->failed; i++) {
        eid__edges *edges = &out->edges[i];

        edges->name = eid__record_slice(record, eid__record_u32(record));
        edges->height = eid__record_u64(record);
        edges->parents.count = eid__record_u32(record);
        edges->parents.at = out->ids + used;
        if (edges->parents.count > id_count - used) record->failed = true;
        for (size_t p = 0; p < edges->parents.count && !record->failed; p++) {
            eid__record_id(record, &out->ids[used++]);
        }
    }
}

eid_status eid__node_get(const eid_at *at, uint32_t database, const eid_id *id, eid__node *out)
{
    eid__key key;
    eid__record record;
    eid_status status;
    size_t id_count;
    uint8_t verdict;

    memset(out, 0, sizeof *out);
    eid_buf_init(&out->bytes, NODE_BYTES_MAX);
    eid__key_graph(&key, database, id);
    status = eid__at_get(at, EID_FAMILY_GRAPH, eid__key_slice(&key), &out->bytes);
    if (status != EID_OK) return status;
    record = eid__record_begin(eid_buf_slice(&out->bytes));
    verdict = eid__record_u8(&record);
    (void)eid__record_u64(&record);
    id_count = eid__record_u32(&record);
    out->count = eid__record_u32(&record);
    if (id_count > out->bytes.len || out->count > out->bytes.len || out->count == 0) {
        record.failed = true;
    }
    status = eid__record_status(&record, "the edges of an entry");
    if (status == EID_OK) status = eid__verdict_read(verdict, &out->verdict);
    if (status != EID_OK) return status;
    out->edges = eid_alloc_array(out->count, sizeof *out->edges);
    out->ids = eid_alloc_array(id_count, sizeof *out->ids);
    if (out->edges == NULL || out->ids == NULL) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an entry's edges");
    }
    node_read_edges(&record, out, id_count);
    return eid__record_status(&record, "the edges of an entry");
}

eid_status eid__node_peek(const eid_at *at, uint32_t database, const eid_id *id,
                          eid_verdict *verdict, uint64_t *height)
{
    eid__key key;
    eid__record record;
    eid_buf value;
    eid_status status;
    uint8_t code;

    eid_buf_init(&value, NODE_BYTES_MAX);
    eid__key_graph(&key, database, id);
    status = eid__at_get(at, EID_FAMILY_GRAPH, eid__key_slice(&key), &value);
    if (status == EID_OK) {
        record = eid__record_begin(eid_buf_slice(&value));
        code = eid__record_u8(&record);
        *height = eid__record_u64(&record);
        status = eid__record_status(&record, "the edges of an entry");
        if (status == EID_OK) status = eid__verdict_read(code, verdict);
    }
    eid_buf_fini(&value);
    return status;
}
