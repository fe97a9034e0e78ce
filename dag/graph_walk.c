/* One loop for all walks: find() lends its node only until the next find(), and what a walk does
 * with an entry it has to do before it goes on, so it is a step that the caller takes and no
 * callback. */
#include "dag/graph_walk.h"

eid_status eid__walk_init(eid__walk *walk, const eid_graph *graph, eid_slice store)
{
    *walk = (eid__walk){.graph = graph, .store = store};
    return eid_visited_new(&walk->seen);
}

void eid__walk_fini(eid__walk *walk)
{
    eid_visited_free(walk->seen);
    walk->seen = NULL;
}

eid_status eid__walk_add(eid__walk *walk, eid_ids ids)
{
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < ids.count; i++) {
        bool is_new;

        status = eid_visited_add(walk->seen, &ids.at[i], &is_new);
    }
    return status;
}

eid_status eid__graph_look(const eid_graph *graph, const eid_id *id, eid_slice store,
                           eid__step *out)
{
    eid_status status;

    out->id = *id;
    out->is_held = false;
    out->is_foreign = false;
    status = graph->find(graph->self, &out->id, store, &out->node);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    out->is_held = eid_id_equal(&out->node.tree, &graph->tree);
    out->is_foreign = !out->is_held;
    return EID_OK;
}

eid_status eid__walk_step(eid__walk *walk, eid__step *out)
{
    if (walk->next == eid_visited_count(walk->seen)) return EID_E_NOT_FOUND;
    return eid__graph_look(walk->graph, eid__visited_at(walk->seen, walk->next++), walk->store,
                           out);
}

eid_status eid__graph_require(const eid_graph *graph, eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        eid__step step;
        eid_status status = eid__graph_look(graph, &ids.at[i], EID_SLICE_EMPTY, &step);

        if (status != EID_OK) return status;
        if (step.is_foreign) {
            return EID_FAIL(EID_KIND_ENTRY_NOT_IN_TREE, "%s is not in this database",
                            eid_id_str(&ids.at[i]));
        }
        if (!step.is_held) {
            return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "%s is not held", eid_id_str(&ids.at[i]));
        }
    }
    return EID_OK;
}
