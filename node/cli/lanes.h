/* Lanes: in which column each entry of a drawing stands, and where its edges run.
 *
 * Rows go from children to parents. A lane is taken by the edge that waits in it for its parent, so
 * no edge runs through an entry. Source: the idea of `git log --graph`.
 */
#ifndef EID_NODE_CLI_LANES_H
#define EID_NODE_CLI_LANES_H

#include "node/cli/history.h"

typedef struct eid__cli_lanes {
    size_t *target;   /* for each lane the entry it leads to, or EID__CLI_POINT_NONE */
    uint64_t *height; /* of the entry that stood in it last */
    bool *used;       /* whether one did */
    size_t width, cap;
} eid__cli_lanes;

void eid__cli_lanes_fini(eid__cli_lanes *lanes);
/* Place the next entry: sets its lane and those of its edges; `lanes` is then as below it. Call it
 * for every place from 0 on. False without memory. */
bool eid__cli_lanes_step(eid__cli_lanes *lanes, eid__cli_history *history, size_t place);

#endif
