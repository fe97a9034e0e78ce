/* Both questions are asked by local front ends, of the settings that are visible now: under which
 * identities may a key act, and what may it do under one. A delegation that cannot be followed
 * helps nobody, so it is passed over and not reported (spec 05 §5.3). */
#include "auth/delegate.h"

#include <stdio.h>

#include "auth/verify_parts.h"
#include "dag/alloc.h"

void eid_found_ways_fini(eid_found_ways *ways)
{
    for (size_t i = 0; i < ways->count; i++) eid_sigkey_owned_fini(&ways->at[i].identity);
    eid_free(ways->at);
    *ways = (eid_found_ways){NULL, 0};
}

eid_status eid_delegate_identity(const eid_delegate_place *place, const eid_policy *policy,
                                 const eid_sigkey *identity, const eid_pubkey *proven,
                                 eid_permission *out)
{
    char text[EID_KEY_TEXT_MAX], why[EID_DETAIL_TEXT_MAX];
    eid_delegate_answer answer;
    eid_candidates candidates;
    eid_status status = eid_delegate_resolve(place, policy, identity, &candidates, &answer);

    if (status == EID_OK && !eid_candidates_strongest(&candidates, proven, out)) {
        status = EID_FAIL(EID_KIND_AUTH_MISMATCH, "pubkey '%s' is none of the delegated identity",
                          eid_pubkey_text(proven, text));
    } else if (status != EID_OK && answer.state != EID_DELEGATE_FOUND) {
        (void)snprintf(why, sizeof why, "%s", eid_status_detail(status).text);
        status = EID_FAIL(EID_KIND_AUTH_CONFIG, "Delegation resolution failed: %s", why);
    }
    eid_candidates_fini(&candidates);
    eid_delegate_answer_fini(&answer);
    return status;
}

/* Take an identity into the list, before the first that is weaker. */
static eid_status find_add_take(eid_found_ways *ways, eid_sigkey_owned *identity,
                                eid_permission permission)
{
    eid_found_way *at = eid_realloc(ways->at, (ways->count + 1) * sizeof *at);
    size_t place = ways->count;

    if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "identities of a key");
    ways->at = at;
    while (place > 0 && eid_permission_compare(at[place - 1].permission, permission) < 0) {
        at[place] = at[place - 1];
        place--;
    }
    at[place] = (eid_found_way){*identity, permission};
    ways->count++;
    *identity = (eid_sigkey_owned){.memory = NULL};
    return EID_OK;
}

static eid_status find_direct(const eid_policy *policy, const eid_pubkey *key, eid_found_ways *out)
{
    eid_way ways[2];
    size_t count = eid_policy_ways(policy, key, ways);
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < count; i++) {
        eid_sigkey_owned identity = {.memory = NULL};

        status = ways[i].is_global ? eid_sigkey_of_global(key, &identity)
                                   : eid_sigkey_of_pubkey(key, &identity);
        if (status == EID_OK) status = find_add_take(out, &identity, ways[i].permission);
        eid_sigkey_owned_fini(&identity);
    }
    return status;
}

/* Whether the settings of a database that are visible now list the key as active. */
static eid_status find_is_listed(const eid_delegate_place *place, const eid_id *tree,
                                 const eid_pubkey *key, bool *out)
{
    const eid_policy *policy;
    eid_way ways[2];
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status = eid_index_tips(&place->at, tree, EID_LEVEL_VISIBLE,
                                       eid_slice_text(EID_STORE_SETTINGS), &tips);

    *out = false;
    if (status == EID_OK) {
        status =
            eid_verify_policy_at(place->cache, &place->at, tree, eid_idset_ids(&tips), &policy);
    }
    for (size_t i = status == EID_OK ? eid_policy_ways(policy, key, ways) : 0; i > 0; i--) {
        *out = *out || !ways[i - 1].is_global;
    }
    eid_idset_fini(&tips);
    return status;
}

/* The identity that stands in `tree`, as one step by all of its tips now. */
static eid_status find_through(const eid_delegate_place *place, const eid_policy *policy,
                               const eid_id *tree, const eid_pubkey *key, eid_found_ways *out)
{
    eid_idset tips = EID_IDSET_EMPTY;
    eid_sigkey_owned hint = {.memory = NULL}, identity = {.memory = NULL};
    eid_level level = place->strict ? EID_LEVEL_VISIBLE : EID_LEVEL_RAW;
    eid_delegation_step step = {.tree = *tree};
    eid_sigkey path = {.is_delegation = true, .path = &step, .path_count = 1};
    eid_permission permission;
    bool is_listed;
    eid_status status = find_is_listed(place, tree, key, &is_listed);

    if (status != EID_OK || !is_listed) goto done;
    status = eid_index_tips(&place->at, tree, level, EID_SLICE_EMPTY, &tips);
    if (status != EID_OK) goto done;
    status = eid_sigkey_of_pubkey(key, &hint);
    if (status != EID_OK) goto done;
    step.tips = eid_idset_ids(&tips);
    path.hint = hint.key.hint;
    status = eid_delegate_identity(place, policy, &path, key, &permission);
    if (status == EID_OK) status = eid_sigkey_copy(&path, &identity);
    if (status == EID_OK) status = find_add_take(out, &identity, permission);

done:
    eid_sigkey_owned_fini(&identity);
    eid_sigkey_owned_fini(&hint);
    eid_idset_fini(&tips);
    return status == EID_E_NO_MEMORY ? status : EID_OK;
}

eid_status eid_delegate_find(const eid_delegate_place *place, const eid_policy *policy,
                             const eid_pubkey *key, eid_found_ways *out)
{
    eid_status status;

    *out = (eid_found_ways){NULL, 0};
    status = find_direct(policy, key, out);
    for (size_t i = 0; status == EID_OK && i < eid_policy_delegation_count(policy); i++) {
        eid_slice name;
        eid_id tree;

        if (!eid_policy_delegation(policy, i, &name)) continue;
        if (eid_id_parse(name, &tree) != EID_OK) continue;
        status = find_through(place, policy, &tree, key, out);
    }
    if (status != EID_OK) eid_found_ways_fini(out);
    return status;
}
