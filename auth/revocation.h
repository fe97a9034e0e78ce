/* Revocations: which entries of an enforced database are void. The rule is auth/REVOCATION.md.
 *
 * A history holds the settings entries of one database (S of the document) in a form that can be
 * asked; decide() applies the rule to it, judge() to any entry. Whoever owns it keeps it up with
 * what becomes Verified; nothing is stored here. One thread at a time. */
#ifndef EID_AUTH_REVOCATION_H
#define EID_AUTH_REVOCATION_H

#include "crdt/doc.h"
#include "dag/entry.h"
#include "storage/index.h"

/* Names in `_settings`. */
#define EID_SETTINGS_REVOCATION "revocation"
#define EID_SETTINGS_ENFORCED "enforced"
#define EID_SETTINGS_READMITTED "readmitted"

/* Whether a genesis says that its database is enforced. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid_revocation_is_enforced(const eid_entry *genesis, bool *out);

typedef struct eid_revocations eid_revocations;
/* An empty history. New: eid_revocations_free(). */
EID_MUST_CHECK eid_status eid_revocations_new(eid_revocations **out);
void eid_revocations_free(eid_revocations *history);
/* Add a Verified entry that has a `_settings` node; one that is in already is passed over. In any
 * order. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid_revocations_add(eid_revocations *history, const eid_entry *entry);
/* A history of the held Verified settings entries that `start` names, and of what they know:
 * with the visible settings tips it is all of S. Decided. New: eid_revocations_free(). */
EID_MUST_CHECK eid_status eid_revocations_load(const eid_at *at, const eid_id *root, eid_ids start,
                                               eid_revocations **out);
/* Apply the rule; wanted after adding. */
EID_MUST_CHECK eid_status eid_revocations_decide(eid_revocations *history);

/* As decided. Whether anything is void or could be: else nobody needs to ask. */
bool eid_revocations_is_any(const eid_revocations *history);
/* A revocation that stands. The numbers change with decide(). Borrowed. */
typedef struct eid_revocation {
    const eid_id *id;
    uint64_t strength; /* of who made it; the smaller the stronger */
} eid_revocation;
size_t eid_revocations_count(const eid_revocations *history);
eid_revocation eid_revocations_at(const eid_revocations *history, size_t i);
/* The settings entries that are void; the entries that are readmitted. */
EID_MUST_CHECK eid_status eid_revocations_voids(const eid_revocations *history, eid_idset *out);
EID_MUST_CHECK eid_status eid_revocations_readmitted(const eid_revocations *history,
                                                     eid_idset *out);

/* Whether an entry that is not in the history is an ancestor of a revocation in the tree. */
typedef eid_status (*eid_revocation_before_fn)(void *self, const eid_id *revocation,
                                               const eid_id *entry, bool *out);

typedef struct eid_revocation_answer {
    bool is_void;
    bool is_readmitted; /* it would be void, and an admin let it in again */
    eid_id by;          /* the revocation; empty: what let it act is void itself */
} eid_revocation_answer;
/* Whether an entry is void. One with settings that is not in the history is judged as if it were.
 * Errors: NO_MEMORY, those of `before`. */
EID_MUST_CHECK eid_status eid_revocations_judge(const eid_revocations *history,
                                                const eid_entry *entry,
                                                eid_revocation_before_fn before, void *self,
                                                eid_revocation_answer *out);
/* Make a merged `_settings` Doc (of what is not void) say what the policy now is: revocations win
 * over grants that were made at the same time. Errors: NO_MEMORY, CRDT_DEPTH. */
EID_MUST_CHECK eid_status eid_revocations_override(const eid_revocations *history,
                                                   eid_doc *settings);

#endif
