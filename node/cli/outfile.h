/* Outfile: a file that appears whole or not at all, or standard output.
 *
 * Written beside its name and renamed when it is on the disk.
 */
#ifndef EID_NODE_CLI_OUTFILE_H
#define EID_NODE_CLI_OUTFILE_H

#include <stdio.h>

#include "node/cli/cli.h"

typedef struct eid__cli_outfile {
    eid__cli *cli;
    FILE *file; /* to write to */
    const char *name;
    char *beside; /* NULL for standard output */
} eid__cli_outfile;

/* Begin; `path` is borrowed, "-" is standard output. Exit code; end it in any case. */
int eid__cli_outfile_begin(eid__cli_outfile *out, eid__cli *cli, const char *path);
/* If `code` is 0, put the file in its place; else remove what was written. Gives the exit code. */
int eid__cli_outfile_end(eid__cli_outfile *out, int code);

#endif
