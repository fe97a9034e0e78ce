/* Walks over the stored graph. A record is read for each find(), without the entry's bytes; only
 * when an id is not of this tree is `entry` asked whether another has it. */
#include "dag/alloc.h"
#include "storage/index_parts.h"

struct eid_index_graph {
    eid_graph source;
    eid_at at;
    uint32_t database; /* 0 = nothing of the tree is held */
    eid__node node;    /* of the last find(): what is lent */
};

/* The node of an entry of another tree: what is lent of it is only that it is one. */
static eid_status graph_find_foreign(const eid_index_graph *self, const eid_id *id, eid_node *out)
{
    eid__entry_head head;
    eid_buf record;
    eid_status status = eid__entry_get(&self->at, id, &record, &head);

    eid_buf_fini(&record);
    if (status != EID_OK) return status;
    return eid__database_root(&self->at, head.database, &out->tree);
}

static eid_status graph_find(void *context, const eid_id *id, eid_slice store, eid_node *out)
{
    eid_index_graph *self = context;
    eid_status status = EID_E_NOT_FOUND;

    memset(out, 0, sizeof *out);
    eid__node_fini(&self->node);
    if (self->database != 0) status = eid__node_get(&self->at, self->database, id, &self->node);
    if (status == EID_E_NOT_FOUND) return graph_find_foreign(self, id, out);
    if (status != EID_OK) return status;
    out->tree = self->source.tree;
    out->height = self->node.edges[0].height;
    out->parents = self->node.edges[0].parents;
    for (size_t i = 1; store.len > 0 && i < self->node.count; i++) {
        const eid__edges *edges = &self->node.edges[i];

        if (!eid_slice_equal(edges->name, store)) continue;
        out->in_store = true;
        out->store_height = edges->height;
        out->store_parents = edges->parents;
        break;
    }
    return EID_OK;
}

eid_status eid_index_graph_new(const eid_at *at, const eid_id *root, eid_index_graph **out)
{
    eid_index_graph *self = eid_alloc(sizeof *self);
    eid_status status;

    *out = NULL;
    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a graph");
    self->source = (eid_graph){.self = self, .find = graph_find, .tree = *root};
    self->at = *at;
    status = eid_index_database(at, root, &self->database);
    if (status != EID_OK && status != EID_E_NOT_FOUND) {
        eid_free(self);
        return status;
    }
    *out = self;
    return EID_OK;
}

void eid_index_graph_free(eid_index_graph *graph)
{
    if (graph == NULL) return;
    eid__node_fini(&graph->node);
    eid_free(graph);
}

const eid_graph *eid_index_graph_source(const eid_index_graph *graph)
{
    return &graph->source;
}
