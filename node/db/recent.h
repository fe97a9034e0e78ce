/* Recent: the tips of stores as of main tips that were visible a moment ago.
 *
 * The plain answer walks the whole graph (dag/graph.h), which a transaction that was overtaken by a
 * few others must not cost. What has become visible since is found by walking from the visible tips
 * down to the given ones; a store's tips then are the present ones without what is new, and the
 * store parents of what is new. Bounded: who asks about a farther past, or about tips that were
 * never visible together, gets the plain answer. Source: spec 02 §6.2.
 */
#ifndef EID_NODE_DB_RECENT_H
#define EID_NODE_DB_RECENT_H

#include "storage/index.h"

#define EID__RECENT_MAX 1024u /* entries that are looked at in each walk */

typedef struct eid__recent eid__recent;

/* Find what is new since `tips`. `at` (a view) and the graph over it must outlive it. *out is NULL
 * if the question cannot be answered this way. New: eid__recent_free(). */
EID_MUST_CHECK eid_status eid__recent_new(const eid_at *at, const eid_graph *graph, eid_ids tips,
                                          eid__recent **out);
void eid__recent_free(eid__recent *recent);
/* The tips of a store then. AGAIN bare if it cannot be answered this way. */
EID_MUST_CHECK eid_status eid__recent_store_tips(const eid__recent *recent, eid_slice store,
                                                 eid_idset *out);
/* The same in any case: by `recent` (NULL = none), or else by the plain walk. */
EID_MUST_CHECK eid_status eid__store_tips_at(const eid__recent *recent, const eid_graph *graph,
                                             eid_slice store, eid_ids tips, eid_idset *out);

#endif
