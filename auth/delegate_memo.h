/* Memo: what was found of claimed tips: which settings they see, and that they reach a floor.
 *
 * Both are facts of a closure that is held whole, so they stay true; finding them walks the history
 * of the delegated database, and a delegated writer claims the same tips in entry after entry.
 * Whether the tips are still Verified is asked anew each time. Bounded; part of a cache of policies
 * and under its lock.
 */
#ifndef EID_AUTH_DELEGATE_MEMO_H
#define EID_AUTH_DELEGATE_MEMO_H

#include "dag/id.h"

#define EID__MEMO_CLAIMS 8u

typedef struct eid__memo_claim {
    eid_id root; /* empty = free */
    eid_idset tips, floor, settings;
} eid__memo_claim;

typedef struct eid__memo {
    eid__memo_claim claims[EID__MEMO_CLAIMS];
    size_t next; /* the one to be replaced */
} eid__memo;

/* A zeroed struct is empty. Forget everything. */
void eid__memo_clear(eid__memo *memo);
/* The settings tips that `tips` of a database see, if these are known to reach `floor`; NULL if
 * that is not known. Borrowed until something is kept. */
const eid_idset *eid__memo_find(const eid__memo *memo, const eid_id *root, eid_ids tips,
                                eid_ids floor);
/* Keep a copy of it. Without memory it is not known. */
void eid__memo_keep(eid__memo *memo, const eid__memo_claim *claim);

#endif
