/* Ancestry: which of some writes an entry has seen, that is, descends from in its store.
 *
 * A walk down the store's graph, no further than the lowest of those that are sought: what has
 * happened before costs nothing. Never changes for two entries, so answers may be kept. Memory is
 * that of the entries passed.
 */
#ifndef EID_NODE_DB_CONFLICT_ANCESTRY_H
#define EID_NODE_DB_CONFLICT_ANCESTRY_H

#include "crdt/state.h"
#include "dag/graph.h"

typedef struct eid__sought {
    const eid_stamp *stamp; /* borrowed */
    size_t tag;             /* the caller's own */
    bool is_found;
} eid__sought;

/* Mark those of which `from` is a descendant; it is none of itself. Entries that are not held are
 * not passed, and heights must rise: else less is found than there is. */
EID_MUST_CHECK eid_status eid__ancestry_find(const eid_graph *graph, eid_slice store,
                                             const eid_id *from, eid__sought *sought, size_t count);

#endif
