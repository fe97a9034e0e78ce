/* The closure of a pin: the pinned entries and their settings ancestors, all of which have to be
 * held, each with its whole main history. A Verified entry's main history is held by construction,
 * so it is not walked: the walk costs what the settings are, not what the database is. What a mere
 * main ancestor names as its settings parents is not asked for: nothing that is read depends on it,
 * and one such dangling name would stop a database for ever (here the reference waits).
 *
 * The walk stays in the tree (spec 05 §7.5 row 6). Nothing here can go round in circles: an entry's
 * hash covers its parents and its pin, so "must be known first" is an order by itself, and it needs
 * no height. What is asked for depends on the entries held and on nothing else, and once it is
 * there, it stays. */
#include "auth/rule.h"
#include "auth/verify_parts.h"
#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct pin_item {
    eid_id id;
    bool is_main; /* reached as a main ancestor: it must be held, its settings do not matter */
} pin_item;

typedef struct pin_walk {
    eid__verifier *verifier;
    const eid_id *self; /* the entry whose pin it is, and which may be its own */
    pin_item *list;     /* all that were met, in the order of meeting: a queue never shortened */
    size_t count, cap, next;
    eid_visited *seen, *seen_main;
    bool is_missing, is_undecided, is_waiting;
    const char *refused; /* why, or NULL */
} pin_walk;

static bool pin_is_known(const pin_walk *walk, const eid_id *id, bool is_main)
{
    const eid__verifier *verifier = walk->verifier;

    if (eid_visited_has(verifier->proven, id) || eid_visited_has(walk->seen, id)) return true;
    return is_main &&
           (eid_visited_has(verifier->proven_main, id) || eid_visited_has(walk->seen_main, id));
}

static eid_status pin_push(pin_walk *walk, eid_ids ids, bool is_main)
{
    for (size_t i = 0; i < ids.count; i++) {
        bool is_new;
        eid_status status;

        if (pin_is_known(walk, &ids.at[i], is_main)) continue;
        status = eid_visited_add(is_main ? walk->seen_main : walk->seen, &ids.at[i], &is_new);
        if (status != EID_OK) return status;
        if (walk->count == walk->cap) {
            size_t cap = walk->cap == 0 ? 16 : walk->cap * 2;
            pin_item *list = eid_realloc(walk->list, cap * sizeof *list);

            if (!list) return EID_FAIL(EID_KIND_NO_MEMORY, "the closure of a pin");
            walk->list = list;
            walk->cap = cap;
        }
        walk->list[walk->count++] = (pin_item){ids.at[i], is_main};
    }
    return EID_OK;
}

/* Go on to the main parents if `main`, to the settings parents if `settings`. */
static eid_status pin_expand(pin_walk *walk, const eid_id *id, bool settings, bool main,
                             bool *in_store)
{
    const eid_graph *graph = eid_index_graph_source(walk->verifier->graph);
    eid_node node;
    eid_status status = graph->find(graph->self, id, eid_slice_text(EID_STORE_SETTINGS), &node);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s has no edges", eid_id_str(id));
    }
    if (status != EID_OK) return status;
    *in_store = node.in_store;
    if (settings && node.in_store) status = pin_push(walk, node.store_parents, false);
    if (status == EID_OK && main) status = pin_push(walk, node.parents, true);
    return status;
}

/* A held entry of the tree that is not Verified. */
static eid_status pin_visit_unproven(pin_walk *walk, const pin_item *item, bool has_failed)
{
    bool in_store;

    if (!walk->verifier->strict) {
        return pin_expand(walk, &item->id, !item->is_main, true, &in_store);
    }
    if (has_failed) {
        walk->refused = EID_WHY(PIN_FAILED);
    } else {
        walk->is_undecided = true;
    }
    return EID_OK;
}

static eid_status pin_visit(pin_walk *walk, const pin_item *item, bool is_tip)
{
    bool strict = walk->verifier->strict;
    bool in_store = true;
    eid__standing standing;
    eid_status status;

    if (eid_id_equal(&item->id, walk->self)) {
        return pin_expand(walk, &item->id, true, false, &in_store);
    }
    status = eid__verifier_standing(walk->verifier, &item->id, &standing);
    if (status != EID_OK) return status;
    switch (standing) {
    case EID__ABSENT:
        walk->is_missing = true;
        break;
    case EID__FOREIGN:
        if (strict && is_tip) walk->refused = EID_WHY(PIN_FOREIGN);
        break;
    case EID__PENDING:
        walk->is_waiting = true;
        break;
    case EID__VERIFIED:
        if (item->is_main) break;
        status = pin_expand(walk, &item->id, true, false, &in_store);
        if (status == EID_OK && strict && is_tip && !in_store) {
            walk->refused = EID_WHY(PIN_NO_SETTINGS);
        }
        break;
    case EID__FAILED:
        return pin_visit_unproven(walk, item, true);
    case EID__UNVERIFIED:
        return pin_visit_unproven(walk, item, false);
    }
    return status;
}

/* Tips are looked at even where their closure is proven: more is asked of a tip. */
static eid_status pin_walk_all(pin_walk *walk, eid_ids tips)
{
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < tips.count && !walk->refused; i++) {
        status = pin_visit(walk, &(pin_item){tips.at[i], false}, true);
    }
    while (status == EID_OK && walk->next < walk->count && !walk->refused) {
        pin_item item = walk->list[walk->next++];

        status = pin_visit(walk, &item, false);
    }
    return status;
}

static eid__pin_outcome pin_outcome(const pin_walk *walk, const char **reason)
{
    *reason = NULL;
    if (walk->refused) {
        *reason = walk->refused;
        return EID__PIN_REFUSED;
    }
    if (walk->is_waiting) return EID__PIN_WAITS;
    if (walk->is_missing) *reason = EID_WHY(PIN_MISSING);
    if (walk->is_undecided) *reason = EID_WHY(PIN_UNDECIDED);
    return *reason ? EID__PIN_BLOCKED : EID__PIN_READY;
}

/* The closure was in order, and stays so: nobody has to walk it again in this pass. */
static eid_status pin_remember(const pin_walk *walk)
{
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < walk->count; i++) {
        const pin_item *item = &walk->list[i];
        bool is_new;

        if (eid_id_equal(&item->id, walk->self)) continue;
        status =
            eid_visited_add(item->is_main ? walk->verifier->proven_main : walk->verifier->proven,
                            &item->id, &is_new);
    }
    return status;
}

static eid_status pin_follow_slow(eid__verifier *verifier, const eid_entry *entry, eid_ids tips,
                                  eid__pin_outcome *out, const char **reason)
{
    pin_walk walk = {.verifier = verifier, .self = eid_entry_id(entry)};
    eid_status status = eid_visited_new(&walk.seen);

    if (status == EID_OK) status = eid_visited_new(&walk.seen_main);
    if (status == EID_OK) status = pin_walk_all(&walk, tips);
    if (status == EID_OK) *out = pin_outcome(&walk, reason);
    if (status == EID_OK && *out == EID__PIN_READY) status = pin_remember(&walk);
    eid_free(walk.list);
    eid_visited_free(walk.seen);
    eid_visited_free(walk.seen_main);
    return status;
}

eid_status eid__pin_follow(eid__verifier *verifier, const eid_entry *entry, eid_ids tips,
                           eid__pin_outcome *out, const char **reason)
{
    eid__proof proof = verifier->strict ? EID__PROOF_VERIFIED : EID__PROOF_COMPLETE;
    const eid_idset asked = {(eid_id *)(uintptr_t)tips.at, tips.count, tips.count};
    eid_status status;

    EID_ASSERT(tips.count > 0);
    *reason = NULL;
    if (eid__cache_is_proven(verifier->cache, tips, proof)) {
        *out = EID__PIN_READY;
        return EID_OK;
    }
    if (verifier->has_last && eid_idset_equal(&verifier->last_tips, &asked)) {
        *out = verifier->last_outcome;
        *reason = verifier->last_reason;
        return EID_OK;
    }
    status = pin_follow_slow(verifier, entry, tips, out, reason);
    if (status != EID_OK || *out == EID__PIN_WAITS) return status;
    verifier->has_last = false;
    status = eid_idset_assign(&verifier->last_tips, tips);
    if (status != EID_OK) return status;
    verifier->has_last = true;
    verifier->last_outcome = *out;
    verifier->last_reason = *reason;
    return EID_OK;
}
