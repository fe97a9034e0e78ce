/* Claimed tips of a delegated database. Three questions: is everything there and decided, so that
 * the answer is final; do the tips reach the floor; and which settings do they see. A Verified
 * entry's main history is Verified by construction, so with strict pins the first question costs
 * the tips and the settings; only lenient ones walk the history of what is not Verified. */
#include "auth/delegate_parts.h"
#include "dag/alloc.h"

typedef struct claim_look {
    const eid_delegate_place *place;
    eid__claim *claim;
    eid_id root;
    uint32_t database;
    const eid_graph *graph;
    eid_visited *seen;
    eid_id *list; /* all that were met, in the order of meeting */
    size_t count, cap, next;
} claim_look;

static eid_status claim_push(claim_look *look, eid_ids ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        bool is_new;
        eid_status status = eid_visited_add(look->seen, &ids.at[i], &is_new);

        if (status != EID_OK) return status;
        if (!is_new) continue;
        if (look->count == look->cap) {
            size_t cap = look->cap == 0 ? 16 : look->cap * 2;
            eid_id *list = eid_realloc(look->list, cap * sizeof *list);

            if (!list) return EID_FAIL(EID_KIND_NO_MEMORY, "the history of claimed tips");
            look->list = list;
            look->cap = cap;
        }
        look->list[look->count++] = ids.at[i];
    }
    return EID_OK;
}

static eid_status claim_standing(const claim_look *look, const eid_id *id, eid__standing *out)
{
    eid__verifier *own = look->place->own;
    eid_index_info info;
    eid_status status;

    if (own && eid_id_equal(&own->root, &look->root)) return eid__verifier_standing(own, id, out);
    *out = EID__ABSENT;
    status = eid_index_find(&look->place->at, id, &info);
    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    *out = EID__FOREIGN;
    if (info.database != look->database) return EID_OK;
    if (info.verdict == EID_VERIFIED) *out = EID__VERIFIED;
    if (info.verdict == EID_FAILED) *out = EID__FAILED;
    if (info.verdict == EID_UNVERIFIED) *out = EID__UNVERIFIED;
    return EID_OK;
}

/* Note an entry that is waited for; `held` is how it stands, NULL if it is absent. */
static void claim_await(claim_look *look, const eid_id *id, const eid_verdict *held)
{
    if (look->claim->has_awaited) return;
    look->claim->has_awaited = true;
    look->claim->awaited = (eid_awaited){.id = *id, .is_held = held != NULL};
    if (held) look->claim->awaited.verdict = *held;
}

/* Note what stands in the way; *goes_on tells whether the entry is held and may count. */
static void claim_note(claim_look *look, const eid_id *id, eid__standing standing, bool *goes_on)
{
    bool strict = look->place->strict;

    *goes_on = false;
    switch (standing) {
    case EID__ABSENT:
        claim_await(look, id, NULL);
        break;
    case EID__FOREIGN:
        break;
    case EID__VERIFIED:
        *goes_on = true;
        break;
    case EID__FAILED:
        look->claim->has_failed |= strict;
        *goes_on = !strict;
        break;
    case EID__UNVERIFIED:
        if (strict) claim_await(look, id, &(eid_verdict){EID_UNVERIFIED});
        *goes_on = !strict;
        break;
    case EID__PENDING:
        look->claim->is_pending |= strict;
        *goes_on = !strict;
        break;
    }
}

static eid_status claim_expand(claim_look *look, const eid_id *id, bool settings)
{
    eid_node node;
    eid_status status =
        look->graph->find(look->graph->self, id, eid_slice_text(EID_STORE_SETTINGS), &node);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s has no edges", eid_id_str(id));
    }
    if (status != EID_OK) return status;
    if (!settings) return claim_push(look, node.parents);
    return node.in_store ? claim_push(look, node.store_parents) : EID_OK;
}

/* Walk from `ids`: over settings parents, or over main parents down to what is Verified. */
static eid_status claim_walk(claim_look *look, eid_ids ids, bool settings)
{
    eid_status status;

    look->count = 0;
    look->next = 0;
    eid_visited_free(look->seen);
    look->seen = NULL;
    status = eid_visited_new(&look->seen);
    if (status == EID_OK) status = claim_push(look, ids);
    while (status == EID_OK && look->next < look->count) {
        eid_id id = look->list[look->next++];
        eid__standing standing;
        bool goes_on;

        status = claim_standing(look, &id, &standing);
        if (status != EID_OK) break;
        claim_note(look, &id, standing, &goes_on);
        if (goes_on && (settings || standing != EID__VERIFIED)) {
            status = claim_expand(look, &id, settings);
        }
    }
    return status;
}

/* Another database may be written meanwhile: what was once seen absent is waited for, even if it is
 * there when the walk comes to it. */
static eid_status claim_tips(claim_look *look, eid_ids tips)
{
    for (size_t i = 0; i < tips.count; i++) {
        eid__standing standing;
        eid_status status = claim_standing(look, &tips.at[i], &standing);

        if (status != EID_OK) return status;
        look->claim->has_foreign |= standing == EID__FOREIGN;
        if (standing != EID__ABSENT) continue;
        look->claim->has_absent = true;
        claim_await(look, &tips.at[i], NULL);
    }
    return claim_walk(look, tips, false);
}

/* Tips of the floor that are not here are waited for, before one of them can be found foreign. */
static eid_status claim_floor(claim_look *look, eid_ids floor)
{
    for (size_t i = 0; i < floor.count; i++) {
        eid_index_info info;
        eid_status status = eid_index_find(&look->place->at, &floor.at[i], &info);

        if (status == EID_E_NOT_FOUND) {
            claim_await(look, &floor.at[i], NULL);
        } else if (status != EID_OK) {
            return status;
        } else if (info.database != look->database) {
            look->claim->has_foreign = true;
        }
    }
    return EID_OK;
}

static eid_status claim_reach(claim_look *look, eid_ids tips, eid_ids floor)
{
    eid__claim *claim = look->claim;
    eid_idset missing = EID_IDSET_EMPTY;
    eid_status status = claim_floor(look, floor);

    if (status != EID_OK || claim->has_foreign) return status;
    status = eid_graph_reachable(look->graph, tips, floor, &claim->reach, &missing);

    claim->missing = missing.count;
    if (status == EID_OK && claim->reach == EID_REACH_UNKNOWN) {
        claim_await(look, &missing.at[0], NULL);
    }
    eid_idset_fini(&missing);
    return status;
}

/* The settings that the tips see, whose closure has to be in order, too. */
static eid_status claim_settings(claim_look *look, eid_ids tips)
{
    eid__claim *claim = look->claim;
    eid_policy_cache *cache = look->place->cache;
    eid__proof proof = look->place->strict ? EID__PROOF_VERIFIED : EID__PROOF_COMPLETE;
    eid_status status = eid_graph_store_tips_at(look->graph, eid_slice_text(EID_STORE_SETTINGS),
                                                tips, &claim->settings);

    if (status != EID_OK) return status;
    if (eid__cache_is_proven(cache, eid_idset_ids(&claim->settings), proof)) return EID_OK;
    return claim_walk(look, eid_idset_ids(&claim->settings), true);
}

static bool claim_is_clean(const eid__claim *claim)
{
    return !claim->has_foreign && !claim->has_absent && !claim->has_failed && !claim->is_pending &&
           !claim->has_awaited;
}

/* Nothing stands in the way, and the rest was found before. */
static bool claim_recall(claim_look *look, eid_ids tips, eid_ids floor, eid_status *status)
{
    const eid__memo *memo = eid__cache_memo(look->place->cache);
    const eid_idset *settings =
        claim_is_clean(look->claim) ? eid__memo_find(memo, &look->root, tips, floor) : NULL;

    if (!settings) return false;
    look->claim->reach = EID_REACH_YES;
    *status = eid_idset_assign(&look->claim->settings, eid_idset_ids(settings));
    return true;
}

static eid_status claim_find(claim_look *look, eid_ids tips, eid_ids floor)
{
    eid__claim *claim = look->claim;
    eid_status status = claim_reach(look, tips, floor);

    if (status != EID_OK || claim->reach != EID_REACH_YES || claim->has_absent ||
        claim->is_pending) {
        return status;
    }
    status = claim_settings(look, tips);
    if (status == EID_OK && claim_is_clean(claim)) {
        eid__memo_keep(eid__cache_memo(look->place->cache),
                       &(eid__memo_claim){look->root,
                                          {(eid_id *)(uintptr_t)tips.at, tips.count, 0},
                                          {(eid_id *)(uintptr_t)floor.at, floor.count, 0},
                                          claim->settings});
    }
    return status;
}

eid_at eid__claim_at(const eid_delegate_place *place, const eid_id *root)
{
    eid_at at = place->at;

    if (place->own && !eid_id_equal(&place->own->root, root)) at.batch = NULL;
    return at;
}

static eid_status claim_has_tree(claim_look *look)
{
    const eid_at at = eid__claim_at(look->place, &look->root);
    eid_index_info info;
    eid_status status = eid_index_find(&look->place->at, &look->root, &info);
    bool is_held = status == EID_OK;

    if (is_held) status = eid_index_database(&at, &look->root, &look->database);
    if (status != EID_OK && status != EID_E_NOT_FOUND) return status;
    look->claim->has_tree = status == EID_OK && info.database == look->database;
    if (!look->claim->has_tree) claim_await(look, &look->root, is_held ? &info.verdict : NULL);
    return EID_OK;
}

eid_status eid__claim_look(const eid_delegate_place *place, const eid_id *root, eid_ids tips,
                           eid_ids floor, eid__claim *out)
{
    claim_look look = {.place = place, .claim = out, .root = *root};
    const eid_at at = eid__claim_at(place, root);
    eid_index_graph *graph = NULL;
    eid_status status;

    *out = (eid__claim){.reach = EID_REACH_NO, .settings = EID_IDSET_EMPTY};
    status = claim_has_tree(&look);
    if (status != EID_OK || !out->has_tree || tips.count == 0) return status;
    status = eid_index_graph_new(&at, root, &graph);
    if (status != EID_OK) return status;
    look.graph = eid_index_graph_source(graph);
    status = claim_tips(&look, tips);
    if (status == EID_OK && !claim_recall(&look, tips, floor, &status)) {
        status = claim_find(&look, tips, floor);
    }
    eid_index_graph_free(graph);
    eid_visited_free(look.seen);
    eid_free(look.list);
    return status;
}

void eid__claim_fini(eid__claim *claim)
{
    eid_idset_fini(&claim->settings);
}
