/* Walks between two places: from tips down to a base, up to a set of targets, between two cursors.
 */
#include "dag/graph_walk.h"

#include "dag/alloc.h"

static eid_status step_missing(const eid__step *step)
{
    return EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "%s is not held", eid_id_str(&step->id));
}

eid_status eid_graph_path(const eid_graph *graph, eid_slice store, const eid_id *from, eid_ids to,
                          eid_order *out)
{
    eid__walk walk;
    eid__step step;
    eid_status status = eid__walk_init(&walk, graph, store);

    out->count = 0;
    if (status == EID_OK) status = eid__walk_add(&walk, to);
    while (status == EID_OK) {
        if (walk.next == eid_visited_count(walk.seen)) break;
        if (eid_id_equal(eid__visited_at(walk.seen, walk.next), from)) {
            walk.next++;
            continue;
        }
        status = eid__walk_step(&walk, &step);
        if (status != EID_OK || step.is_foreign) continue;
        if (!step.is_held) {
            status = step_missing(&step);
            break;
        }
        if (step.node.in_store) status = eid__walk_add(&walk, step.node.store_parents);
        if (status != EID_OK) break;
        status = eid_order_push(out, step.node.in_store ? step.node.store_height : 0, &step.id);
    }
    eid__walk_fini(&walk);
    eid_order_sort(out);
    return status;
}

/* What is looked for: targets that are held and were not met, and how far down to look. */
typedef struct reach {
    eid_idset unmet;
    uint64_t floor; /* the least height of them; the greatest there is, if there are none */
    size_t missing_targets;
    eid_idset *missing;
} reach;

/* Look at one side of the question. */
static eid_status reach_look(reach *self, const eid_graph *graph, eid_ids ids, bool are_targets)
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
            if (are_targets) self->missing_targets++;
            status = eid_idset_add(self->missing, &ids.at[i]);
        } else if (are_targets) {
            if (step.node.height < self->floor) self->floor = step.node.height;
            status = eid_idset_add(&self->unmet, &ids.at[i]);
        }
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

/* Walk up from `from` until all targets are met; one that is not held never is. */
static eid_status reach_walk(reach *self, const eid_graph *graph, eid_ids from, bool *is_met)
{
    bool has_missing = self->missing_targets > 0;
    eid__walk walk;
    eid__step step;
    eid_status status = eid__walk_init(&walk, graph, EID_SLICE_EMPTY);

    if (status == EID_OK) status = eid__walk_add(&walk, from);
    while (status == EID_OK && (self->unmet.count > 0 || has_missing)) {
        status = eid__walk_step(&walk, &step);
        if (status != EID_OK || step.is_foreign) continue;
        if (!step.is_held) {
            status = eid_idset_add(self->missing, &step.id);
            continue;
        }
        eid_idset_remove(&self->unmet, &step.id);
        if (step.node.height > self->floor) status = eid__walk_add(&walk, step.node.parents);
    }
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    *is_met = self->unmet.count == 0 && !has_missing;
    eid__walk_fini(&walk);
    return status;
}

eid_status eid_graph_reachable(const eid_graph *graph, eid_ids from, eid_ids targets,
                               eid_reach *out, eid_idset *missing)
{
    reach self = {.unmet = EID_IDSET_EMPTY, .floor = UINT64_MAX, .missing = missing};
    bool is_met = targets.count == 0;
    eid_status status = eid_idset_assign(missing, (eid_ids){NULL, 0});

    *out = EID_REACH_NO;
    if (status == EID_OK) status = reach_look(&self, graph, from, false);
    if (status == EID_OK && targets.count > 0 && from.count > 0) {
        status = reach_look(&self, graph, targets, true);
        if (status == EID_OK) status = reach_walk(&self, graph, from, &is_met);
    }
    if (status != EID_OK) goto done;
    if (is_met) {
        *out = EID_REACH_YES;
    } else if (missing->count > 0) {
        *out = EID_REACH_UNKNOWN;
    }
    if (*out != EID_REACH_UNKNOWN) status = eid_idset_assign(missing, (eid_ids){NULL, 0});

done:
    eid_idset_fini(&self.unmet);
    return status;
}
