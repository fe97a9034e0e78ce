/* What an enforced database adds to a verdict. Both additions look at the past of the entry alone,
 * and so they are final like everything else about a verdict. */
#include "auth/revocation.h"
#include "auth/verify_parts.h"

/* Asked only over Verified parents, when the genesis is here. */
static eid_status enforce_need(eid__verifier *verifier)
{
    eid_entry *genesis = NULL;
    eid_status status;

    if (verifier->has_enforced) return EID_OK;
    status = eid_index_entry(&verifier->at, &verifier->root, &genesis);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status == EID_OK) status = eid_revocation_is_enforced(genesis, &verifier->is_enforced);
    verifier->has_enforced = status == EID_OK;
    verifier->strict = verifier->strict || verifier->is_enforced; /* its rule rests on pins */
    eid_entry_free(genesis);
    return status;
}

eid_status eid__enforce_height(eid__verifier *verifier, const eid_entry *entry, bool *is_good)
{
    eid_ids parents = eid_entry_parents(entry);
    eid_status status = enforce_need(verifier);

    *is_good = true;
    if (status != EID_OK || !verifier->is_enforced) return status;
    for (size_t i = 0; i < parents.count && *is_good; i++) {
        eid_index_info info;

        status = eid_index_find(&verifier->at, &parents.at[i], &info);
        if (status != EID_OK) return status;
        *is_good = eid_entry_height(entry) > info.height;
    }
    return EID_OK;
}

/* What a settings entry names as its settings parents is what its author knew, so all of it has to
 * be here and Verified before the entry says anything. Honest ones are ancestors in the tree as
 * well. */
eid_status eid__enforce_parents(eid__verifier *verifier, const eid_entry *entry, bool *waits,
                                eid__pin_outcome *out)
{
    const eid_subtree *store = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    eid_status status = enforce_need(verifier);

    *out = EID__PIN_READY;
    if (status != EID_OK || !verifier->is_enforced || store == NULL) return status;
    for (size_t i = 0; i < store->parents.count; i++) {
        eid__standing standing;

        status = eid__verifier_standing(verifier, &store->parents.at[i], &standing);
        if (status != EID_OK) return status;
        if (standing == EID__PENDING) *waits = true;
        if (standing == EID__FAILED) *out = EID__PIN_REFUSED;
        if (standing != EID__VERIFIED && *out == EID__PIN_READY) *out = EID__PIN_BLOCKED;
    }
    return EID_OK;
}

/* Whether the pinned settings without the void accept it. */
static eid_status enforce_judge(const eid__verifier *verifier, const eid_revocations *history,
                                const eid_entry *entry, eid_ids tips, bool *is_good)
{
    eid_judgement judgement = EID_JUDGED_INVALID;
    eid_idset voids = EID_IDSET_EMPTY;
    eid_doc *settings = NULL;
    eid_policy *policy = NULL;
    eid_status status = eid_revocations_voids(history, &voids);

    if (status == EID_OK) {
        status =
            eid__settings_fold_without(&verifier->at, &verifier->root, tips, &voids, &settings);
    }
    if (status == EID_OK) status = eid_policy_of_settings(settings, &policy);
    if (status == EID_OK) status = eid_judge_entry(policy, entry, NULL, &judgement, NULL);
    *is_good = judgement == EID_JUDGED_VALID;
    eid_policy_free(policy);
    eid_doc_free(settings);
    eid_idset_fini(&voids);
    return status;
}

/* By the rule, in what the pins know; a readmission does not count. */
static eid_status enforce_ask(const eid__verifier *verifier, const eid_revocations *history,
                              const eid_entry *entry, eid_ids tips, bool *stands)
{
    eid_revocation_answer answer;
    eid_status status;

    if (eid_entry_is_unsigned(entry) || !eid_revocations_is_any(history)) return EID_OK;
    status = enforce_judge(verifier, history, entry, tips, stands);
    if (status != EID_OK || !*stands) return status;
    status = eid_revocations_judge(history, entry, NULL, NULL, &answer);
    *stands = status == EID_OK && !answer.is_void && !answer.is_readmitted;
    return status;
}

eid_status eid__enforce_stands(eid__verifier *verifier, const eid_entry *entry, eid_ids tips,
                               bool *stands)
{
    eid_revocations *history = NULL;
    eid_status status = enforce_need(verifier);

    *stands = false;
    if (status != EID_OK || !verifier->is_enforced) return status;
    status = eid_revocations_load(&verifier->at, &verifier->root, tips, &history);
    if (status == EID_OK) status = enforce_ask(verifier, history, entry, tips, stands);
    eid_revocations_free(history);
    return status;
}
