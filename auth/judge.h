/* Judge: may this entry stand under this policy? Pure: no storage, no clock. Source: spec 05 §6. */
#ifndef EID_AUTH_JUDGE_H
#define EID_AUTH_JUDGE_H

#include "auth/settings.h"
#include "dag/entry.h"

typedef enum eid_judgement {
    EID_JUDGED_VALID,
    EID_JUDGED_INVALID,
    EID_JUDGED_UNDECIDED, /* a delegation: follow it (delegate.h), then judge the candidates */
} eid_judgement;

/* Judge `entry` (spec 05 §6). `reason` (may be NULL) gets a sentence of rule.h. `signature_ok`:
 * what a pool found beforehand for the entry's own pubkey hint, NULL = check here.
 * Errors: NO_MEMORY only. */
EID_MUST_CHECK eid_status eid_judge_entry(const eid_policy *policy, const eid_entry *entry,
                                          const bool *signature_ok, eid_judgement *out,
                                          const char **reason);
/* Steps 6 to 8 alone: for the candidates at the end of a delegation path. */
EID_MUST_CHECK eid_status eid_judge_candidates(const eid_candidates *candidates,
                                               const eid_entry *entry, const bool *signature_ok,
                                               eid_judgement *out, const char **reason);

#endif
