/* Logsink: the library's log lines on standard error, as text or JSON.
 *
 * Any thread writes; a line is one write.
 */
#ifndef EID_NODE_CLI_LOGSINK_H
#define EID_NODE_CLI_LOGSINK_H

#include "node/cli/cli.h"

/* Let the library log as options and EIDETICA_LOG say. Exit code. */
int eid__cli_logsink_begin(eid__cli *cli);

#endif
