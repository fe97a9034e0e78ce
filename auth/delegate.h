/* Delegate: a signer who stands in another database of this store, found by following a path.
 *
 * Each step names a database that the settings so far delegate to, and tips of it that the signer
 * claims; these must reach the tips that the delegation has as its floor, and the settings as of
 * them are where the next step, or the key, is looked up. With `strict` the claimed tips must be
 * Verified in their own database (spec 05 §7.5 row 8), else it is enough that they are held.
 *
 * What cannot be known yet is told apart from what is wrong for ever: a path waits as long as
 * anything that it rests on is missing or undecided, whatever else is wrong with it, and `awaited`
 * is one such entry. So a verdict depends on the entries held alone, and whoever waits has to be
 * looked at again only when that one entry arrives or is decided. Paths cannot go round for ever: a
 * path has ten steps at most, and a hash covers the tips that it claims, so that no entry rests on
 * itself. Source: spec 05 §5.1, §7.3 [H].
 */
#ifndef EID_AUTH_DELEGATE_H
#define EID_AUTH_DELEGATE_H

#include "auth/sigkey.h"
#include "auth/verify.h"

/* Where paths are followed. */
typedef struct eid_delegate_place {
    eid_at at;
    bool strict;
    eid_policy_cache *cache;   /* policies of any databases */
    struct eid__verifier *own; /* the pass that asks, NULL outside of one */
} eid_delegate_place;

typedef enum eid_delegate_state {
    EID_DELEGATE_FOUND,
    EID_DELEGATE_REFUSED, /* wrong, whatever arrives */
    EID_DELEGATE_WAITS,   /* not to be known before `awaited` arrives or is decided */
    EID_DELEGATE_PENDING, /* the pass has to look at entries of its own database first */
} eid_delegate_state;

typedef struct eid_delegate_answer {
    eid_delegate_state state;
    const char *reason;  /* a sentence of rule.h; NULL if FOUND */
    eid_awaited awaited; /* WAITS */
    eid_id decided_in;   /* the last database that was come to; empty if none */
    eid_idset settings;  /* and its settings tips at the claimed tips */
} eid_delegate_answer;
void eid_delegate_answer_fini(eid_delegate_answer *answer);

/* Follow the path of `key` from `policy` (which may be lent by the cache). Candidates are the keys
 * at its end, clamped. End both outs, also after an error. Any error while the state is not FOUND
 * is the answer; with FOUND the store failed.
 * Errors: AUTH_DELEGATION_EMPTY, _LONG, _STEP (global hint), _MANY, _NOT_FOUND, _LOAD (not held),
 * _TIPS, _UNSYNCED, AUTH_CONFIG, and those of eid_policy_resolve(). */
EID_MUST_CHECK eid_status eid_delegate_resolve(const eid_delegate_place *place,
                                               const eid_policy *policy, const eid_sigkey *key,
                                               eid_candidates *out, eid_delegate_answer *answer);

/* Permission of a proven key acting under a delegation identity (§5.2). Errors: AUTH_CONFIG (the
 * path cannot be followed), AUTH_MISMATCH (not its key). */
EID_MUST_CHECK eid_status eid_delegate_identity(const eid_delegate_place *place,
                                                const eid_policy *policy,
                                                const eid_sigkey *identity,
                                                const eid_pubkey *proven, eid_permission *out);

/* How a key may act in a database: what its settings say, then through each database that these
 * delegate to directly, by all of its tips now (one step; longer chains are not looked for).
 * Strongest first. The policy must not be lent by the place's cache. New: eid_found_ways_fini().
 * Source: spec 05 §5.3. */
typedef struct eid_found_way {
    eid_sigkey_owned identity;
    eid_permission permission;
} eid_found_way;
typedef struct eid_found_ways {
    eid_found_way *at;
    size_t count;
} eid_found_ways;
void eid_found_ways_fini(eid_found_ways *ways);
EID_MUST_CHECK eid_status eid_delegate_find(const eid_delegate_place *place,
                                            const eid_policy *policy, const eid_pubkey *key,
                                            eid_found_ways *out);

#endif
