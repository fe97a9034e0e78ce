/* Diff: the entries that one set of tips has in its past and another has not. */
#ifndef EID_NODE_SYNC_DIFF_H
#define EID_NODE_SYNC_DIFF_H

#include "dag/graph.h"

/* Entries in the past of `tips` (themselves included) that are not in the past of `have`, in
 * (height, id) order. Ids of `have` that the graph does not hold are ignored. Work is in proportion
 * to the answer and to what of `have`'s past lies as high as it. Errors: NO_MEMORY, the source's.
 */
EID_MUST_CHECK eid_status eid_diff(const eid_graph *graph, eid_ids have, eid_ids tips,
                                   eid_order *out);

#endif
