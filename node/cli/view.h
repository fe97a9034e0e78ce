/* View: a JSON object as people read it, whatever it is about.
 *
 * Members become aligned "Label:  value" lines, objects are indented, lists of objects become
 * tables. One way for all reports, so that --json and the screen never disagree.
 */
#ifndef EID_NODE_CLI_VIEW_H
#define EID_NODE_CLI_VIEW_H

#include "node/cli/cli.h"

typedef struct eid__cli_label {
    const char *member; /* NULL ends an array of labels */
    const char *label;
} eid__cli_label;

/* Print a JSON object (or, for people, a list) to standard output: with --json or --jsonl as it is,
 * with "v" in front; else for people. `labels` (may be NULL) replaces the names that are made of
 * the members' own. A member "v" is not shown. */
int eid__cli_view(eid__cli *cli, eid_slice json, const eid__cli_label *labels);
/* Print any JSON indented, as JSON. */
int eid__cli_view_indented(eid__cli *cli, eid_slice json);

#endif
