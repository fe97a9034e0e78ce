/* Conflicts of a database, listed and pruned: the two functions of the seam, over our own storage.
 */
#ifndef EID_NODE_DB_CONFLICT_LIST_H
#define EID_NODE_DB_CONFLICT_LIST_H

#include "node/db/conflict.h"
#include "node/db/local.h"

/* seam.conflicts and seam.prune_conflicts; `self` is the engine. */
eid_status eid__local_conflicts(void *self, const eid_id *root, const eid_conflict_query *query,
                                eid_conflict_fn fn, void *arg);
eid_status eid__local_prune_conflicts(void *self, const eid_id *root,
                                      const eid_conflict_query *query, uint64_t *pruned);

#endif
