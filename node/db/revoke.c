/* Meeting entries one by one. A database without a revocation pays one look at a flag; one with
 * revocations has its history of settings in memory, and nearly every entry is let through by a
 * look at who has signed it. What arrives after a revocation is no ancestor of it, since what is
 * visible has all of its past, so no walk is needed here. */
#include "node/db/revoke.h"

#include "dag/alloc.h"

eid_status eid__revoke_is_enforced(const eid_at *at, const eid_id *root, bool *out)
{
    eid_entry *genesis = NULL;
    eid_status status = eid_index_entry(at, root, &genesis);

    *out = false;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status == EID_OK) status = eid_revocation_is_enforced(genesis, out);
    eid_entry_free(genesis);
    return status;
}

/* The genesis says it, and it cannot change; a Verified entry has it among its ancestors. */
eid_status eid__revoke_need(eid__write *write)
{
    const eid_at at = {.kv = write->engine->kv, .batch = write->batch};
    eid__dbtree *tree = write->tree;
    eid_status status;

    if (tree->has_enforced) return EID_OK;
    status = eid__revoke_is_enforced(&at, &tree->root, &tree->is_enforced);
    if (status == EID_OK) {
        status = eid__option_get(write->engine->kv, &tree->root, EID__OPTION_REVOKED, false,
                                 &tree->is_revoked);
    }
    tree->has_enforced = status == EID_OK;
    return status;
}

eid_status eid__revoke_load(const eid_at *at, const eid_id *root, eid_revocations **out)
{
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status =
        eid_index_tips(at, root, EID_LEVEL_VISIBLE, eid_slice_text(EID_STORE_SETTINGS), &tips);

    *out = NULL;
    if (status == EID_OK) status = eid_revocations_load(at, root, eid_idset_ids(&tips), out);
    eid_idset_fini(&tips);
    return status;
}

/* The history as it was before this write. */
static eid_status revoke_need_history(eid__write *write)
{
    const eid_at at = {.kv = write->engine->kv};

    if (write->tree->revocations != NULL) return EID_OK;
    return eid__revoke_load(&at, &write->tree->root, &write->tree->revocations);
}

static eid_status revoke_push(eid_order *list, const eid_entry *entry)
{
    return eid_order_push(list, eid_entry_height(entry), eid_entry_id(entry));
}

eid_status eid__revoke_meet(eid__write *write, uint32_t database, const eid_entry *entry,
                            bool *applies)
{
    eid__revoke *revoke = &write->revoke;
    eid_revocation_answer answer;
    eid_status status = eid__revoke_need(write);

    *applies = true;
    if (status != EID_OK || !write->tree->is_enforced) return status;
    if (eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL) {
        status = revoke_need_history(write);
        if (status == EID_OK) status = revoke_push(&revoke->settings, entry);
    }
    if (status == EID_OK && revoke->settings.count > 0) {
        *applies = false;
        return revoke_push(&revoke->waiting, entry);
    }
    if (status != EID_OK || !write->tree->is_revoked) return status;
    status = revoke_need_history(write);
    if (status != EID_OK) return status;
    status = eid_revocations_judge(write->tree->revocations, entry, NULL, NULL, &answer);
    if (status != EID_OK || !answer.is_void) return status;
    *applies = false;
    if (write->asked != NULL && eid_id_equal(write->asked, eid_entry_id(entry))) {
        write->asked_void = answer;
    }
    return eid_index_set_void(write->batch, database, eid_entry_id(entry), true);
}

void eid__revoke_again(eid__write *write)
{
    write->revoke.is_again = true;
}

void eid__revoke_forget(eid__revoke *revoke)
{
    eid_order_fini(&revoke->settings);
    eid_order_fini(&revoke->waiting);
    memset(revoke, 0, sizeof(*revoke));
}

/* -- for readers ------------------------------------------------------------------------------- */

static eid_status revoke_flag(const eid_at *at, const eid_id *root, bool *out)
{
    return eid__option_get(at->kv, root, EID__OPTION_REVOKED, false, out);
}

eid_status eid__revoke_settings(const eid_at *at, const eid_id *root, eid_doc *settings)
{
    eid_revocations *history = NULL;
    bool is_any;
    eid_status status = revoke_flag(at, root, &is_any);

    if (status != EID_OK || !is_any) return status;
    status = eid__revoke_load(at, root, &history);
    if (status == EID_OK) status = eid_revocations_override(history, settings);
    eid_revocations_free(history);
    return status;
}

typedef struct revoke_walk {
    const eid_graph *graph;
} revoke_walk;

/* Whether an entry is in the past of a revocation, by walking all of it. */
static eid_status revoke_is_past(void *self, const eid_id *revocation, const eid_id *entry,
                                 bool *out)
{
    const revoke_walk *walk = self;
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_graph_closure(walk->graph, (eid_ids){revocation, 1}, &order);

    *out = false;
    for (size_t i = 0; status == EID_OK && i < order.count && !*out; i++) {
        *out = eid_id_equal(&order.at[i].id, entry);
    }
    eid_order_fini(&order);
    return status;
}

eid_status eid__revoke_judge(const eid_at *at, const eid_id *root, const eid_revocations *history,
                             const eid_entry *entry, eid_revocation_answer *out)
{
    eid_index_graph *graph = NULL;
    revoke_walk walk;
    eid_status status = eid_index_graph_new(at, root, &graph);

    if (status != EID_OK) return status;
    walk.graph = eid_index_graph_source(graph);
    status = eid_revocations_judge(history, entry, revoke_is_past, &walk, out);
    eid_index_graph_free(graph);
    return status;
}
