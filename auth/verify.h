/* Verify: the pass that turns Unverified entries into Verified or Failed, prefix-closed.
 *
 * A status is a pure function of the entries held: the pass is repeated to a fixpoint over
 * everything that is still Unverified (it walks through Verified and Failed entries, so nothing is
 * stranded), and an entry is judged only by what it pins. With `strict` (default for every tree)
 * the rules of spec 05 §7.5 rows 1-3 and 7 hold; rows 4-6 always hold. Policies are cached by their
 * set of settings tips.
 *
 * Two readings of §7.5 when strict: a later entry that changes settings and pins none is refused in
 * every database (row 2), and so is a pin on an entry of the tree that is no settings entry (row
 * 3). What strict accepts, lenient accepts. A parent of another database never counts: such an
 * entry stays Unverified, as the reference never shows it. Cost: what is undecided, plus the
 * settings behind each new pin; a settings entry costs the size of the settings.
 *
 * The caller holds the database's write lock. Source: spec 02 §9, spec 05 §6-§7.
 */
#ifndef EID_AUTH_VERIFY_H
#define EID_AUTH_VERIFY_H

#include "auth/judge.h"
#include "storage/index.h"

/* Cached policies of one database, keyed by the hash of the settings tips. Bounded. One lock owner.
 */
typedef struct eid_policy_cache eid_policy_cache;
EID_MUST_CHECK eid_status eid_policy_cache_new(size_t policies_max, eid_policy_cache **out);
void eid_policy_cache_free(eid_policy_cache *cache);
/* Forget everything; wanted after a demotion, since the cache also keeps what was proven of pins.
 */
void eid_policy_cache_clear(eid_policy_cache *cache);

/* The `_settings` Doc as of a set of settings tips: the fold over their store closure (naive on
 * purpose). New: eid_doc_free(). Errors: CRDT_DECODE for a bad payload, STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid_verify_settings_at(const eid_at *at, const eid_id *root,
                                                 eid_ids settings_tips, eid_doc **out);
/* The policy of it, cached; lent until the cache is used again. Tips as a snapshot: sorted, unique.
 */
EID_MUST_CHECK eid_status eid_verify_policy_at(eid_policy_cache *cache, const eid_at *at,
                                               const eid_id *root, eid_ids settings_tips,
                                               const eid_policy **out);

/* An entry that something waits for, and how it stood when it was found wanting: when it stands
 * otherwise, it is worth looking again. */
typedef struct eid_awaited {
    eid_id id;
    bool is_held;
    eid_verdict verdict; /* if it is held */
} eid_awaited;

typedef struct eid_verify_options {
    bool strict;
    eid_policy_cache *cache; /* may be NULL */
    /* Signatures that a pool has checked already; NULL = check here. NOT_FOUND bare if unknown. */
    eid_status (*signature)(void *self, const eid_id *id, bool *ok);
    /* Told of each entry whose verdict changes, parents first (may be NULL). */
    eid_status (*changed)(void *self, const eid_entry *entry, eid_verdict verdict,
                          const char *reason);
    /* Told of an entry, of this or another database, for which an undecided one waits: when it
     * arrives or is decided, the pass may find more (may be NULL). */
    eid_status (*awaits)(void *self, const eid_awaited *awaited);
    void *self;
} eid_verify_options;

typedef struct eid_verify_report {
    uint64_t verified, failed, still_unverified;
} eid_verify_report;

/* Run the pass over tree `root`, changes into `batch` (which may hold entries just put). */
EID_MUST_CHECK eid_status eid_verify_tree(eid_batch *batch, const eid_id *root,
                                          const eid_verify_options *options,
                                          eid_verify_report *out);

/* What verdict one entry would have, and why (for `explain`); nothing is changed. */
EID_MUST_CHECK eid_status eid_verify_explain(const eid_at *at, const eid_entry *entry, bool strict,
                                             eid_verdict *verdict, const char **reason);

#endif
