/* Conflict: an edit that does not show because a concurrent one won, as it is listed.
 *
 * Of concurrent writes at a path the last one shows (by height, then id), and the others would be
 * lost in silence. Each node keeps a ledger of them (conflict_ledger.h), by what it has seen
 * itself: it is not synced, and two nodes that hold the same entries list the same open conflicts.
 * Listed are edits of leaves (values, deletes, empty containers) that neither the winner nor any
 * later edit at the path builds on; besides those that somebody has settled since, who had both
 * before him. Not listed: plain overwriting, an edit that its own author replaced, one that equals
 * what is there now, and stores that this node cannot read. A conflict stays until it is pruned;
 * then it does not come back.
 */
#ifndef EID_NODE_DB_CONFLICT_H
#define EID_NODE_DB_CONFLICT_H

#include "crdt/value.h"
#include "dag/id.h"

/* An entry that is part of one. */
typedef struct eid_conflict_side {
    eid_id entry;           /* empty if it is not held */
    eid_slice signer;       /* key or name of the hint; EMPTY if unsigned */
    uint64_t arrived_ms;    /* when it came to this node */
    const eid_value *value; /* NULL = nothing is there */
} eid_conflict_side;

/* All is lent. */
typedef struct eid_conflict {
    eid_slice store;
    const eid_slice *path; /* names; "[3/2]" for the position in a list */
    size_t path_count;
    eid_conflict_side lost;
    eid_conflict_side now; /* what shows at the path, or hides it */
    bool is_settled;
    eid_slice cursor; /* opaque: go on behind this one */
} eid_conflict;

/* Which; what is empty or NULL does not restrict. */
typedef struct eid_conflict_query {
    eid_slice store;
    eid_slice path;      /* names joined by '.': this path and those below */
    const eid_id *entry; /* whose edit was lost */
    bool settled_only;
    eid_slice after; /* a cursor */
} eid_conflict_query;

/* fn answers EID_E_AGAIN to stop. */
typedef eid_status (*eid_conflict_fn)(void *arg, const eid_conflict *conflict);

#endif
