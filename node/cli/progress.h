/* Progress: one line on a terminal that is written over, at most ten times a second.
 *
 * One thread at a time: the library's while it works, ours before and after.
 */
#ifndef EID_NODE_CLI_PROGRESS_H
#define EID_NODE_CLI_PROGRESS_H

#include "node/cli/cli.h"

typedef struct eid__cli_progress {
    bool on;
    const char *noun; /* "rows" */
    uint64_t start_ns, shown_ns;
    bool drawn;
} eid__cli_progress;

void eid__cli_progress_begin(eid__cli_progress *progress, const eid__cli *cli, const char *noun);
/* `done` of `total` (0 = not known) so far, `bytes` of them. */
void eid__cli_progress_show(eid__cli_progress *progress, uint64_t done, uint64_t total,
                            uint64_t bytes);
/* Take the line away. */
void eid__cli_progress_end(eid__cli_progress *progress);
/* An eidetica_progress_fn whose self is an eid__cli_progress. */
void eid__cli_progress_on(void *self, const eidetica_progress *progress);

#endif
