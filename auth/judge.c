/* The eight steps of spec 05 §6, in their order. A delegation is not followed here, since this is
 * free of storage: only what breaks the limits is INVALID at once, and for the rest the caller
 * finds the candidates and comes back with them. */
#include "auth/judge.h"

#include "auth/auth_internal.h"
#include "auth/delegation.h"
#include "auth/rule.h"

static eid_judgement judge_say(eid_judgement judgement, const char *text, const char **reason)
{
    if (reason) *reason = text;
    return judgement;
}

static eid_judgement judge_delegation(const eid_sigkey *key, const char **reason)
{
    if (key->path_count == 0) {
        return judge_say(EID_JUDGED_INVALID, EID_WHY(PATH_EMPTY), reason);
    }
    if (key->path_count > EID_DELEGATION_STEPS_MAX) {
        return judge_say(EID_JUDGED_INVALID, EID_WHY(PATH_LONG), reason);
    }
    if (key->hint.is_global) {
        return judge_say(EID_JUDGED_INVALID, EID_WHY(PATH_GLOBAL), reason);
    }
    for (size_t i = 0; i < key->path_count; i++) {
        if (key->path[i].tips.count > EID_DELEGATION_TIPS_MAX) {
            return judge_say(EID_JUDGED_INVALID, EID_WHY(PATH_TIPS_MANY), reason);
        }
    }
    return judge_say(EID_JUDGED_UNDECIDED, EID_WHY(PATH_WAITS), reason);
}

static bool judge_is_own_hint(const eid_sigkey *key, const eid_pubkey *candidate)
{
    return key->hint.has_pubkey && memcmp(key->hint.pubkey, candidate->bytes, EID_KEY_BYTES) == 0;
}

static eid_status judge_signature(const eid_candidate *candidate, const eid_entry *entry,
                                  const bool *signature_ok, bool *ok)
{
    *ok = signature_ok && *signature_ok;
    if (signature_ok && judge_is_own_hint(eid_entry_sigkey(entry), &candidate->key)) return EID_OK;
    return eid__key_check_entry(&candidate->key, entry, ok);
}

/* Some active candidate signed it and may do this. */
eid_status eid_judge_candidates(const eid_candidates *candidates, const eid_entry *entry,
                                const bool *signature_ok, eid_judgement *out, const char **reason)
{
    bool is_settings = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL;
    const char *why = EID_WHY(KEY_REVOKED);

    for (size_t i = 0; i < candidates->count; i++) {
        const eid_candidate *candidate = &candidates->at[i];
        bool may = is_settings ? eid_permission_can_admin(candidate->permission)
                               : eid_permission_can_write(candidate->permission);
        eid_status status;
        bool ok;

        if (candidate->status != EID_KEY_ACTIVE) continue;
        if (!may) {
            why = is_settings ? EID_WHY(KEY_NO_ADMIN) : EID_WHY(KEY_READS);
            continue;
        }
        status = judge_signature(candidate, entry, signature_ok, &ok);
        if (status != EID_OK) return status;
        if (ok) {
            *out = judge_say(EID_JUDGED_VALID, EID_WHY(SIGNED), reason);
            return EID_OK;
        }
        why = EID_WHY(SIGNATURE);
    }
    *out = judge_say(EID_JUDGED_INVALID, why, reason);
    return EID_OK;
}

eid_status eid_judge_entry(const eid_policy *policy, const eid_entry *entry,
                           const bool *signature_ok, eid_judgement *out, const char **reason)
{
    const eid_sigkey *key = eid_entry_sigkey(entry);
    bool has_auth = eid_policy_has_auth(policy);
    const char *malformed = eid_entry_malformed_reason(entry);
    eid_candidates candidates;
    eid_status status;

    *out = EID_JUDGED_INVALID;
    if (malformed) {
        *out = judge_say(EID_JUDGED_INVALID, malformed, reason);
        return EID_OK;
    }
    if (eid_entry_is_unsigned(entry)) {
        *out = has_auth ? judge_say(EID_JUDGED_INVALID, EID_WHY(UNSIGNED), reason)
                        : judge_say(EID_JUDGED_VALID, EID_WHY(UNSIGNED_FREE), reason);
        return EID_OK;
    }
    if (!has_auth) {
        *out = judge_say(EID_JUDGED_INVALID, EID_WHY(NO_KEYS), reason);
        return EID_OK;
    }
    if (key->is_delegation) {
        *out = judge_delegation(key, reason);
        return EID_OK;
    }
    status = eid_policy_resolve(policy, key, &candidates);
    if (status == EID_E_NO_MEMORY) return status;
    if (status != EID_OK) {
        *out = judge_say(EID_JUDGED_INVALID, EID_WHY(KEY_UNKNOWN), reason);
        return EID_OK;
    }
    status = eid_judge_candidates(&candidates, entry, signature_ok, out, reason);
    eid_candidates_fini(&candidates);
    return status;
}
