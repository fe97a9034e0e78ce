/* What came between two cursors. Sorting by (height, id) would do if heights always rose from
 * parent to child, which nobody checks in received entries; so each entry is put after its parents.
 */
#include "dag/alloc.h"
#include "dag/graph_walk.h"

/* Heights of a cursor's tips; false if one is not held. */
static eid_status cursor_heights(const eid_graph *graph, eid_ids tips, bool *all_held,
                                 uint64_t *least, uint64_t *most)
{
    *least = UINT64_MAX;
    *most = 0;
    for (size_t i = 0; i < tips.count; i++) {
        eid__step step;
        eid_status status = eid__graph_look(graph, &tips.at[i], EID_SLICE_EMPTY, &step);

        if (status != EID_OK) return status;
        if (!step.is_held) {
            *all_held = false;
            continue;
        }
        if (step.node.height < *least) *least = step.node.height;
        if (step.node.height > *most) *most = step.node.height;
    }
    return EID_OK;
}

/* Does the bracket go backward, or is it empty, so that nothing was added? */
static eid_status bracket_is_empty(const eid_graph *graph, eid_ids previous, eid_ids post,
                                   bool *is_empty)
{
    uint64_t previous_least, post_most, unused;
    eid_idset before = EID_IDSET_EMPTY, after = EID_IDSET_EMPTY;
    bool all_held = true;
    eid_status status = eid_idset_assign(&before, previous);

    *is_empty = true;
    if (status == EID_OK) status = eid_idset_assign(&after, post);
    if (status != EID_OK || post.count == 0 || eid_idset_equal(&before, &after)) goto done;
    *is_empty = false;
    if (previous.count == 0) goto done;
    status = cursor_heights(graph, previous, &all_held, &previous_least, &unused);
    if (status != EID_OK) goto done;
    status = cursor_heights(graph, post, &all_held, &unused, &post_most);
    *is_empty = all_held && previous_least > post_most;

done:
    eid_idset_fini(&before);
    eid_idset_fini(&after);
    return status;
}

/* Collect the entries from `post` down to members of `previous`, which are not looked at. */
static eid_status added_collect(const eid_graph *graph, eid_ids previous, eid_ids post,
                                eid_visited *added, eid_order *out)
{
    eid__walk walk;
    eid__step step;
    bool is_new;
    eid_status status = eid__walk_init(&walk, graph, EID_SLICE_EMPTY);

    if (status == EID_OK) status = eid__walk_add(&walk, previous);
    walk.next = status == EID_OK ? eid_visited_count(walk.seen) : 0;
    if (status == EID_OK) status = eid__walk_add(&walk, post);
    while (status == EID_OK && walk.next < eid_visited_count(walk.seen)) {
        status = eid__walk_step(&walk, &step);
        if (status != EID_OK || step.is_foreign) continue;
        if (!step.is_held) {
            status = EID_FAIL(EID_KIND_ENTRY_NOT_FOUND, "%s is not held", eid_id_str(&step.id));
            break;
        }
        status = eid__walk_add(&walk, step.node.parents);
        if (status == EID_OK) status = eid_visited_add(added, &step.id, &is_new);
        if (status == EID_OK) status = eid_order_push(out, step.node.height, &step.id);
    }
    eid__walk_fini(&walk);
    return status;
}

/* Put on the stack, as sorted, the parents of `id` that were added and are not written yet. */
static eid_status added_push_parents(const eid_graph *graph, const eid_id *id,
                                     const eid_visited *added, const eid_visited *written,
                                     eid_order *stack)
{
    eid_order parents = EID_ORDER_EMPTY;
    eid__step step;
    eid_status status = eid__graph_look(graph, id, EID_SLICE_EMPTY, &step);

    for (size_t i = 0; status == EID_OK && i < step.node.parents.count; i++) {
        const eid_id *parent = &step.node.parents.at[i];

        if (!eid_visited_has(added, parent) || eid_visited_has(written, parent)) continue;
        status = eid_order_push(&parents, 0, parent);
    }
    for (size_t i = 0; status == EID_OK && i < parents.count; i++) {
        status = eid__graph_look(graph, &parents.at[i].id, EID_SLICE_EMPTY, &step);
        parents.at[i].height = step.node.height;
    }
    eid_order_sort(&parents);
    for (size_t i = parents.count; status == EID_OK && i-- > 0;) {
        status = eid_order_push(stack, parents.at[i].height, &parents.at[i].id);
    }
    eid_order_fini(&parents);
    return status;
}

/* Write an entry after all of its parents that were added too. */
static eid_status added_write(const eid_graph *graph, const eid_order_item *item,
                              const eid_visited *added, eid_visited *written, eid_order *out)
{
    eid_order stack = EID_ORDER_EMPTY;
    eid_status status = eid_order_push(&stack, item->height, &item->id);

    while (status == EID_OK && stack.count > 0) {
        eid_order_item top = stack.at[stack.count - 1];
        size_t before = stack.count;
        bool is_new;

        if (!eid_visited_has(written, &top.id)) {
            status = added_push_parents(graph, &top.id, added, written, &stack);
        }
        if (status != EID_OK || stack.count > before) continue;
        stack.count--;
        status = eid_visited_add(written, &top.id, &is_new);
        if (status == EID_OK && is_new) status = eid_order_push(out, top.height, &top.id);
    }
    eid_order_fini(&stack);
    return status;
}

eid_status eid_graph_added(const eid_graph *graph, eid_ids previous, eid_ids post, eid_order *out)
{
    eid_order found = EID_ORDER_EMPTY;
    eid_visited *added = NULL;
    eid_visited *written = NULL;
    bool is_empty;
    eid_status status = bracket_is_empty(graph, previous, post, &is_empty);

    out->count = 0;
    if (status != EID_OK || is_empty) return status;
    status = eid_visited_new(&added);
    if (status == EID_OK) status = eid_visited_new(&written);
    if (status == EID_OK) status = added_collect(graph, previous, post, added, &found);
    eid_order_sort(&found);
    for (size_t i = 0; status == EID_OK && i < found.count; i++) {
        status = added_write(graph, &found.at[i], added, written, out);
    }
    eid_order_fini(&found);
    eid_visited_free(added);
    eid_visited_free(written);
    return status;
}
