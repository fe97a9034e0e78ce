/* One entry's verdict, in an order in which every step only refines "undecided": a Failed parent is
 * definitive, a missing or undecided one waits; then the entry's own settings payload; then its
 * pin; then the judge. No step can turn what an earlier state of the store would have answered by
 * Verified or Failed into the other, which is why verdicts do not depend on the order of arrival.
 */
#include "auth/delegate.h"
#include "auth/rule.h"
#include "auth/verify_parts.h"

/* What stands in the way of an entry before its own content counts. */
typedef struct assess_parents {
    bool has_failed, has_missing, has_undecided, has_pending;
} assess_parents;

static eid_status assess_look_at_parents(eid__verifier *verifier, eid_ids parents,
                                         assess_parents *out)
{
    *out = (assess_parents){false, false, false, false};
    for (size_t i = 0; i < parents.count; i++) {
        eid__standing standing;
        eid_status status = eid__verifier_standing(verifier, &parents.at[i], &standing);

        if (status != EID_OK) return status;
        switch (standing) {
        case EID__ABSENT:
        case EID__FOREIGN:
            out->has_missing = true;
            break;
        case EID__VERIFIED:
            break;
        case EID__FAILED:
            out->has_failed = true;
            break;
        case EID__UNVERIFIED:
            out->has_undecided = true;
            break;
        case EID__PENDING:
            out->has_pending = true;
            break;
        }
    }
    return EID_OK;
}

/* Row 5 of spec 05 §7.5: a settings payload that is no Doc is Failed, and harms nobody else. */
static eid_status assess_own_settings(const eid_entry *entry, bool *is_bad)
{
    eid_doc *settings = NULL;
    eid_status status;

    *is_bad = false;
    if (!eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS))) return EID_OK;
    status = eid_doc_new(&settings);
    if (status == EID_OK) status = eid__settings_apply(entry, settings);
    eid_doc_free(settings);
    if (!eid__settings_is_bad(status)) return status;
    *is_bad = true;
    return EID_OK;
}

/* Row 1: whoever names no settings in a database that has keys is refused. */
static eid_status assess_root_has_auth(eid__verifier *verifier, bool *has_auth)
{
    const eid_policy *policy;
    eid_status status = eid_verify_policy_at(verifier->cache, &verifier->at, &verifier->root,
                                             (eid_ids){&verifier->root, 1}, &policy);

    *has_auth = true; /* unreadable settings protect, too */
    if (status == EID_OK) *has_auth = eid_policy_has_auth(policy);
    return eid__settings_is_bad(status) ? EID_OK : status;
}

/* An entry without a pin: its own settings if it may vouch for itself, else none. Row 2: when
 * strict, only the first entry may; no honest later one does, and to judge it by no settings
 * instead would accept unsigned settings that the reference refuses. */
static eid_status assess_without_pin(eid__verifier *verifier, const eid_entry *entry,
                                     eid__pin_outcome *out, const char **reason)
{
    const eid_id *id = eid_entry_id(entry);
    bool is_root = eid_id_equal(id, &verifier->root);
    bool has_settings = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS)) != NULL;
    bool has_auth = false;
    eid_status status = EID_OK;

    *out = EID__PIN_EMPTY;
    if (verifier->strict && !is_root && has_settings) {
        *out = EID__PIN_REFUSED;
        *reason = EID_WHY(PIN_SELF);
        return EID_OK;
    }
    if (verifier->strict && !is_root) {
        status = assess_root_has_auth(verifier, &has_auth);
        if (status == EID_OK && has_auth) {
            *out = EID__PIN_REFUSED;
            *reason = EID_WHY(PIN_NONE);
        }
        return status;
    }
    if (!has_settings) return EID_OK;
    return eid__pin_follow(verifier, entry, (eid_ids){id, 1}, out, reason);
}

/* What is known of the entry's signature beforehand: `ok`, or NULL for nothing. */
static eid_status assess_signature(const eid__verifier *verifier, const eid_entry *entry, bool *ok,
                                   const bool **known)
{
    eid_status status = EID_E_NOT_FOUND;

    if (verifier->signature) status = verifier->signature(verifier->self, eid_entry_id(entry), ok);
    *known = status == EID_OK ? ok : NULL;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* Follow the delegation of an entry, and judge it by the keys at its end. */
static eid_status assess_delegated(eid__verifier *verifier, const eid_entry *entry,
                                   const eid_policy *policy, eid_judgement *judgement,
                                   const char **reason)
{
    const eid_delegate_place place = {verifier->at, verifier->strict, verifier->cache, verifier};
    eid_delegate_answer answer;
    eid_candidates candidates;
    const bool *known;
    bool ok;
    eid_status status =
        eid_delegate_resolve(&place, policy, eid_entry_sigkey(entry), &candidates, &answer);

    *reason = answer.reason;
    if (status == EID_OK) {
        status = assess_signature(verifier, entry, &ok, &known);
        if (status == EID_OK) {
            status = eid_judge_candidates(&candidates, entry, known, judgement, reason);
        }
    } else if (answer.state != EID_DELEGATE_FOUND) {
        status = EID_OK; /* the failure is the answer */
        if (answer.state == EID_DELEGATE_REFUSED) *judgement = EID_JUDGED_INVALID;
    }
    verifier->is_pending = answer.state == EID_DELEGATE_PENDING;
    verifier->has_awaited = answer.state == EID_DELEGATE_WAITS;
    verifier->awaited = answer.awaited;
    eid_candidates_fini(&candidates);
    eid_delegate_answer_fini(&answer);
    return status;
}

static eid_status assess_judge(eid__verifier *verifier, const eid_entry *entry,
                               const eid_policy *policy, eid_verdict *verdict, const char **reason)
{
    eid_judgement judgement = EID_JUDGED_INVALID;
    const bool *known;
    bool ok;
    eid_status status = assess_signature(verifier, entry, &ok, &known);

    if (status == EID_OK) status = eid_judge_entry(policy, entry, known, &judgement, reason);
    if (status == EID_OK && judgement == EID_JUDGED_UNDECIDED) {
        status = assess_delegated(verifier, entry, policy, &judgement, reason);
    }
    switch (judgement) {
    case EID_JUDGED_VALID:
        *verdict = EID_VERIFIED;
        break;
    case EID_JUDGED_INVALID:
        *verdict = EID_FAILED;
        break;
    case EID_JUDGED_UNDECIDED:
        *verdict = EID_UNVERIFIED;
        break;
    }
    return status;
}

static eid_status assess_by_policy(eid__verifier *verifier, const eid_entry *entry, eid_ids tips,
                                   eid_verdict *verdict, const char **reason)
{
    const eid_policy *policy;
    bool is_own = tips.count == 1 && eid_id_equal(&tips.at[0], eid_entry_id(entry));
    bool stands;
    eid_status status =
        eid_verify_policy_at(verifier->cache, &verifier->at, &verifier->root, tips, &policy);

    if (eid__settings_is_bad(status)) {
        *verdict = EID_FAILED;
        *reason = EID_WHY(PIN_BAD);
        return EID_OK;
    }
    if (status != EID_OK) return status;
    if (!is_own) {
        eid__cache_prove(verifier->cache, tips, EID__PROOF_COMPLETE);
        if (verifier->strict) eid__cache_prove(verifier->cache, tips, EID__PROOF_VERIFIED);
    }
    status = assess_judge(verifier, entry, policy, verdict, reason);
    if (status != EID_OK || *verdict != EID_FAILED || is_own) return status;
    status = eid__enforce_stands(verifier, entry, tips, &stands);
    if (status != EID_OK || !stands) return status;
    *verdict = EID_VERIFIED;
    *reason = EID_WHY(STANDS);
    return EID_OK;
}

static eid_status assess_without_settings(eid__verifier *verifier, const eid_entry *entry,
                                          eid_verdict *verdict, const char **reason)
{
    eid_policy *policy = NULL;
    eid_status status = eid_policy_new(NULL, &policy);

    if (status == EID_OK) status = assess_judge(verifier, entry, policy, verdict, reason);
    eid_policy_free(policy);
    return status;
}

static eid_status assess_by_pin(eid__verifier *verifier, const eid_entry *entry, const eid_pin *pin,
                                bool *waits, eid_verdict *verdict, const char **reason)
{
    eid_ids tips = eid_idset_ids(&pin->tips);
    eid__pin_outcome outcome = EID__PIN_BLOCKED;
    eid_status status;

    if (pin->present && !pin->valid) {
        *reason = EID_WHY(PIN_UNREADABLE);
        return EID_OK;
    }
    if (tips.count > 0) {
        status = eid__pin_follow(verifier, entry, tips, &outcome, reason);
    } else {
        tips = (eid_ids){eid_entry_id(entry), 1};
        status = assess_without_pin(verifier, entry, &outcome, reason);
    }
    if (status != EID_OK) return status;
    switch (outcome) {
    case EID__PIN_READY:
        return assess_by_policy(verifier, entry, tips, verdict, reason);
    case EID__PIN_EMPTY:
        return assess_without_settings(verifier, entry, verdict, reason);
    case EID__PIN_WAITS:
        *waits = true;
        break;
    case EID__PIN_BLOCKED:
        break;
    case EID__PIN_REFUSED:
        *verdict = EID_FAILED;
        break;
    }
    return EID_OK;
}

/* What an enforced database asks of an entry itself; *reason is set if that decides it. */
static eid_status assess_enforced(eid__verifier *verifier, const eid_entry *entry, bool *waits,
                                  eid_verdict *verdict, const char **reason)
{
    eid__pin_outcome parents;
    bool is_high;
    eid_status status = eid__enforce_height(verifier, entry, &is_high);

    if (status == EID_OK) status = eid__enforce_parents(verifier, entry, waits, &parents);
    if (status != EID_OK) return status;
    if (!is_high || parents == EID__PIN_REFUSED) {
        *waits = false;
        *verdict = EID_FAILED;
        *reason = is_high ? EID_WHY(SETTINGS_PARENT) : EID_WHY(HEIGHT);
    } else if (!*waits && parents == EID__PIN_BLOCKED) {
        *reason = EID_WHY(SETTINGS_PARENT);
    }
    return EID_OK;
}

eid_status eid__assess(eid__verifier *verifier, const eid_entry *entry, bool *waits,
                       eid_verdict *verdict, const char **reason)
{
    assess_parents parents;
    eid_pin pin;
    bool is_bad;
    eid_status status;

    verifier->wanted_count = 0;
    verifier->is_pending = false;
    verifier->has_awaited = false;
    *waits = false;
    *verdict = EID_UNVERIFIED;
    *reason = NULL;
    status = assess_look_at_parents(verifier, eid_entry_parents(entry), &parents);
    if (status != EID_OK) return status;
    if (parents.has_failed) {
        *verdict = EID_FAILED;
        *reason = EID_WHY(PARENT_FAILED);
        return EID_OK;
    }
    *waits = parents.has_pending;
    if (parents.has_undecided) *reason = EID_WHY(PARENT_UNDECIDED);
    if (parents.has_missing) *reason = EID_WHY(PARENT_MISSING);
    if (*waits || *reason) return EID_OK;
    status = assess_enforced(verifier, entry, waits, verdict, reason);
    if (status != EID_OK || *waits || *reason) return status;
    status = assess_own_settings(entry, &is_bad);
    if (status != EID_OK) return status;
    if (is_bad) {
        *verdict = EID_FAILED;
        *reason = EID_WHY(OWN_SETTINGS);
        return EID_OK;
    }
    status = eid_entry_pin(entry, &pin);
    if (status != EID_OK) return status;
    status = assess_by_pin(verifier, entry, &pin, waits, verdict, reason);
    *waits = *waits || verifier->is_pending;
    eid_pin_fini(&pin);
    return status;
}
