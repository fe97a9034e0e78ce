/* One step after the other, as the reference goes. Its error says what was asked first; ours is the
 * same, but the state beside it follows another order: what is missing or undecided comes before
 * what is wrong, since only then nothing that arrives later can turn the answer round. */
#include "auth/delegate.h"

#include "auth/delegate_parts.h"
#include "auth/rule.h"
#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct delegate_path {
    const eid_delegate_place *place;
    const eid_policy *policy; /* where the path has come to; lent by the cache after a step */
    eid_bounds bounds;        /* of all steps so far */
    bool has_bounds;
    eid_delegate_answer *answer;
} delegate_path;

void eid_delegate_answer_fini(eid_delegate_answer *answer)
{
    eid_idset_fini(&answer->settings);
}

static void path_refuse(delegate_path *path, const char *reason)
{
    path->answer->state = EID_DELEGATE_REFUSED;
    path->answer->reason = reason;
}

static eid_status path_check(delegate_path *path, const eid_sigkey *key)
{
    path_refuse(path, EID_WHY(PATH_EMPTY));
    if (key->path_count == 0) {
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_EMPTY, "Empty delegation path");
    }
    path->answer->reason = EID_WHY(PATH_LONG);
    if (key->path_count > EID_DELEGATION_STEPS_MAX) {
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_LONG,
                        "Delegation path too long: %zu steps (max %u)", key->path_count,
                        EID_DELEGATION_STEPS_MAX);
    }
    path->answer->reason = EID_WHY(PATH_GLOBAL);
    if (key->hint.is_global) {
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_STEP,
                        "Invalid delegation step: a delegated signer names a concrete key");
    }
    path->answer->reason = EID_WHY(PATH_TIPS_MANY);
    for (size_t i = 0; i < key->path_count; i++) {
        if (key->path[i].tips.count <= EID_DELEGATION_TIPS_MAX) continue;
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_MANY,
                        "Delegation step for tree %s claims too many tips: %zu (max %u)",
                        eid_id_str(&key->path[i].tree), key->path[i].tips.count,
                        EID_DELEGATION_TIPS_MAX);
    }
    path->answer->state = EID_DELEGATE_FOUND;
    return EID_OK;
}

/* The record by which the settings delegate to a tree; a copy, since the policy is only lent. */
static eid_status path_find(delegate_path *path, const eid_id *tree, eid_delegation *out)
{
    bool malformed;
    const eid_delegation *found = eid_policy_find_delegation(path->policy, tree, &malformed);

    *out = (eid_delegation){.tips = EID_IDSET_EMPTY};
    if (found) {
        out->root = found->root;
        out->bounds = found->bounds;
        return eid_idset_assign(&out->tips, eid_idset_ids(&found->tips));
    }
    if (malformed) {
        path_refuse(path, EID_WHY(PATH_SETTINGS));
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "the delegation to %s cannot be read",
                        eid_id_str(tree));
    }
    path_refuse(path, EID_WHY(PATH_UNKNOWN));
    return EID_FAIL(EID_KIND_AUTH_DELEGATION_NOT_FOUND, "Delegation not found for tree: %s",
                    eid_id_str(tree));
}

static void path_narrow(delegate_path *path, const eid_bounds *bounds)
{
    eid_bounds *all = &path->bounds;

    if (!path->has_bounds) {
        *all = *bounds;
        path->has_bounds = true;
        return;
    }
    if (eid_permission_compare(bounds->max, all->max) < 0) all->max = bounds->max;
    if (!bounds->has_min) return;
    if (!all->has_min || eid_permission_compare(bounds->min, all->min) > 0) all->min = bounds->min;
    all->has_min = true;
}

static void path_set_state(eid_delegate_answer *answer, const eid__claim *claim, bool has_tips)
{
    answer->state = EID_DELEGATE_REFUSED;
    answer->reason = EID_WHY(PATH_TIPS);
    if (claim->has_tree && !has_tips) return;
    if (claim->is_pending) {
        answer->state = EID_DELEGATE_PENDING;
        answer->reason = EID_WHY(PATH_WAITS);
    } else if (claim->has_awaited) {
        answer->state = EID_DELEGATE_WAITS;
        answer->reason = EID_WHY(PATH_WAITS);
        answer->awaited = claim->awaited;
    } else if (claim->has_failed) {
        answer->reason = EID_WHY(PATH_FAILED);
    } else if (!claim->has_foreign && claim->reach == EID_REACH_YES) {
        answer->state = EID_DELEGATE_FOUND;
        answer->reason = NULL;
    }
}

/* The state of what was found, and the failure as the reference names it. */
static eid_status path_judge(eid_delegate_answer *answer, const eid_id *root,
                             const eid__claim *claim, size_t tip_count)
{
    bool is_unsynced = tip_count > 0 && !claim->has_foreign && claim->reach == EID_REACH_UNKNOWN;

    path_set_state(answer, claim, tip_count > 0);
    if (answer->state == EID_DELEGATE_FOUND) return EID_OK;
    if (!claim->has_tree) {
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_LOAD, "Failed to load delegated tree %s",
                        eid_id_str(root));
    }
    if (claim->reach == EID_REACH_YES && !claim->has_absent && !claim->has_failed) {
        is_unsynced = answer->state != EID_DELEGATE_REFUSED;
    }
    if (is_unsynced) {
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_UNSYNCED,
                        "Delegated tree %s not synced enough to validate delegation: %zu "
                        "entry(ies) missing",
                        eid_id_str(root), claim->missing > 0 ? claim->missing : 1);
    }
    return EID_FAIL(EID_KIND_AUTH_DELEGATION_TIPS,
                    "Invalid delegation tips for tree %s: the %zu claimed tips don't match",
                    eid_id_str(root), tip_count);
}

/* Go into the delegated database: its policy as of the claimed tips. */
static eid_status path_enter(delegate_path *path, const eid_id *root, const eid__claim *claim)
{
    const eid_delegate_place *place = path->place;
    const eid_at at = eid__claim_at(place, root);
    eid_ids tips = eid_idset_ids(&claim->settings);
    eid_status status;

    status = eid_verify_policy_at(place->cache, &at, root, tips, &path->policy);
    if (eid__settings_is_bad(status)) {
        path_refuse(path, EID_WHY(PATH_SETTINGS));
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "the settings of %s cannot be read",
                        eid_id_str(root));
    }
    if (status != EID_OK) return status;
    eid__cache_prove(place->cache, tips, EID__PROOF_COMPLETE);
    if (place->strict) eid__cache_prove(place->cache, tips, EID__PROOF_VERIFIED);
    path->answer->decided_in = *root;
    return eid_idset_assign(&path->answer->settings, tips);
}

static eid_status path_step(delegate_path *path, const eid_delegation_step *step)
{
    eid_delegation record;
    eid__claim claim = {.settings = EID_IDSET_EMPTY};
    eid_status status = path_find(path, &step->tree, &record);

    if (status != EID_OK) goto done;
    path_narrow(path, &record.bounds);
    status =
        eid__claim_look(path->place, &record.root, step->tips, eid_idset_ids(&record.tips), &claim);
    if (status != EID_OK) goto done;
    status = path_judge(path->answer, &record.root, &claim, step->tips.count);
    if (status == EID_OK) status = path_enter(path, &record.root, &claim);

done:
    eid__claim_fini(&claim);
    eid_delegation_fini(&record);
    return status;
}

eid_status eid_delegate_resolve(const eid_delegate_place *place, const eid_policy *policy,
                                const eid_sigkey *key, eid_candidates *out,
                                eid_delegate_answer *answer)
{
    delegate_path path = {.place = place, .policy = policy, .answer = answer};
    eid_sigkey direct = {.hint = key->hint};
    eid_status status;

    EID_ASSERT(key->is_delegation);
    *out = (eid_candidates){NULL, 0};
    *answer = (eid_delegate_answer){.settings = EID_IDSET_EMPTY};
    status = path_check(&path, key);
    for (size_t i = 0; status == EID_OK && i < key->path_count; i++) {
        status = path_step(&path, &key->path[i]);
    }
    if (status != EID_OK) return status;
    status = eid_policy_resolve(path.policy, &direct, out);
    if (status == EID_E_NO_MEMORY) return status;
    if (status != EID_OK) path_refuse(&path, EID_WHY(PATH_KEY));
    for (size_t i = 0; i < out->count; i++) {
        out->at[i].permission = eid_permission_clamp(out->at[i].permission, &path.bounds);
    }
    return status;
}
