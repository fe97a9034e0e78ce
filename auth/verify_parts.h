/* What the parts of the verify pass share: the cache of policies (policy_cache.c), the entries that
 * wait (worklist.c), the settings behind a pin (pin.c), one entry's verdict (assess.c). */
#ifndef EID_AUTH_VERIFY_PARTS_H
#define EID_AUTH_VERIFY_PARTS_H

#include "auth/delegate_memo.h"
#include "auth/verify.h"

/* What is known of a set of settings tips, and stays true whatever arrives. */
typedef enum eid__proof {
    EID__PROOF_COMPLETE = 1, /* the closure of the tips is held */
    EID__PROOF_VERIFIED = 2, /* and all of it is Verified */
} eid__proof;

bool eid__cache_is_proven(const eid_policy_cache *cache, eid_ids tips, eid__proof proof);
/* What delegations have found (delegate_memo.h); goes when the cache is cleared. */
eid__memo *eid__cache_memo(eid_policy_cache *cache);
/* Note a proof beside the cached policy of `tips`, if there is one. */
void eid__cache_prove(eid_policy_cache *cache, eid_ids tips, eid__proof proof);

/* The fold behind eid_verify_settings_at(); *last gets the highest stamp of the closure (height 0
 * and the empty id if there is none), *has_gap whether a tip or an ancestor is missing. */
EID_MUST_CHECK eid_status eid__settings_fold(const eid_at *at, const eid_id *root,
                                             eid_ids settings_tips, eid_doc **out,
                                             eid_order_item *last, bool *has_gap);
/* The same, leaving some entries out. New also after an error: eid_doc_free(). */
EID_MUST_CHECK eid_status eid__settings_fold_without(const eid_at *at, const eid_id *root,
                                                     eid_ids settings_tips,
                                                     const eid_idset *without, eid_doc **out);
/* Merge one entry's `_settings` payload into a Doc, if it has any. */
EID_MUST_CHECK eid_status eid__settings_apply(const eid_entry *entry, eid_doc *settings);
/* Whether a status means that a payload is no Doc, and not that something failed here. */
bool eid__settings_is_bad(eid_status status);

/* How an entry of the tree stands at this moment of the pass. */
typedef enum eid__standing {
    EID__ABSENT,
    EID__FOREIGN, /* held, of another database */
    EID__VERIFIED,
    EID__FAILED,
    EID__UNVERIFIED, /* undecided, and looked at in this pass */
    EID__PENDING,    /* undecided, and not looked at yet */
} eid__standing;

/* The Unverified entries of a tree, each looked at once in a pass. */
typedef enum eid__work {
    EID__WORK_NEW,
    EID__WORK_OPEN, /* put off until others are done */
    EID__WORK_VERIFIED,
    EID__WORK_FAILED,
    EID__WORK_UNDECIDED,
} eid__work;

typedef struct eid__worklist {
    eid_order order;
    uint8_t *states;   /* an eid__work for each */
    uint32_t *slots;   /* hash table: place in `order` + 1, 0 = free */
    size_t slot_count; /* a power of two */
} eid__worklist;

/* End with eid__worklist_fini(), also after an error. */
EID_MUST_CHECK eid_status eid__worklist_init(eid__worklist *work, const eid_at *at,
                                             const eid_id *root);
void eid__worklist_fini(eid__worklist *work);
/* The place of an id; SIZE_MAX if it is not in the list. */
size_t eid__worklist_find(const eid__worklist *work, const eid_id *id);

/* The settings that an entry is judged by. */
typedef enum eid__pin_outcome {
    EID__PIN_READY,   /* the policy of the tips can be asked for */
    EID__PIN_EMPTY,   /* no settings at all */
    EID__PIN_WAITS,   /* on entries of the worklist (see verifier.wanted) */
    EID__PIN_BLOCKED, /* something is missing or undecided */
    EID__PIN_REFUSED, /* Failed, whatever arrives */
} eid__pin_outcome;

typedef struct eid__verifier eid__verifier;
struct eid__verifier {
    eid_at at;
    eid_id root;
    uint32_t database;
    bool strict;
    bool has_enforced, is_enforced; /* of the database, once it was read (REVOCATION.md) */
    eid_policy_cache *cache;
    eid__worklist *work; /* NULL: nothing is pending */
    eid_index_graph *graph;
    eid_visited *proven;      /* entries whose closure of settings was seen to be in order */
    eid_visited *proven_main; /* entries whose main history was seen to be held */
    size_t *wanted;           /* places in `work` that must be looked at first */
    size_t wanted_count, wanted_cap;
    eid_idset last_tips; /* the last pin that was followed, and what came out: most repeat it */
    bool has_last;
    eid__pin_outcome last_outcome;
    const char *last_reason;
    bool is_pending;  /* the entry's delegation path waits for `wanted` */
    bool has_awaited; /* or for `awaited`, of any database */
    eid_awaited awaited;
    eid_status (*signature)(void *self, const eid_id *id, bool *ok); /* may be NULL */
    void *self;
};

/* End with eid__verifier_fini(), also after an error. */
EID_MUST_CHECK eid_status eid__verifier_init(eid__verifier *verifier, const eid_at *at,
                                             const eid_id *root, bool strict,
                                             eid_policy_cache *cache);
void eid__verifier_fini(eid__verifier *verifier);
/* Read an entry that the index lists: NOT_FOUND is STORE_CORRUPT here. New: eid_entry_free(). */
EID_MUST_CHECK eid_status eid__verifier_entry(const eid_at *at, const eid_id *id, eid_entry **out);
/* How an entry stands; a pending one is added to `wanted`. */
EID_MUST_CHECK eid_status eid__verifier_standing(eid__verifier *verifier, const eid_id *id,
                                                 eid__standing *out);
/* Follow a non-empty pin of `entry`, whose parents are all Verified. */
EID_MUST_CHECK eid_status eid__pin_follow(eid__verifier *verifier, const eid_entry *entry,
                                          eid_ids tips, eid__pin_outcome *out, const char **reason);
/* REVOCATION.md, "Verified or not": whether an entry over Verified parents is high enough, and
 * whether one that the settings at `tips` refuse stands all the same. No, if the database is not
 * enforced. (enforce.c) */
EID_MUST_CHECK eid_status eid__enforce_height(eid__verifier *verifier, const eid_entry *entry,
                                              bool *is_good);
/* READY, BLOCKED or REFUSED by its settings parents; *waits is set if they must be looked at first.
 */
EID_MUST_CHECK eid_status eid__enforce_parents(eid__verifier *verifier, const eid_entry *entry,
                                               bool *waits, eid__pin_outcome *out);
EID_MUST_CHECK eid_status eid__enforce_stands(eid__verifier *verifier, const eid_entry *entry,
                                              eid_ids tips, bool *stands);
/* The verdict on one entry. If *waits, `wanted` must be looked at first and the rest is unset. */
EID_MUST_CHECK eid_status eid__assess(eid__verifier *verifier, const eid_entry *entry, bool *waits,
                                      eid_verdict *verdict, const char **reason);

#endif
