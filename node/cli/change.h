/* A change: one transaction of one command, from its begin to the id it prints. */
#ifndef EID_NODE_CLI_CHANGE_H
#define EID_NODE_CLI_CHANGE_H

#include "node/cli/cli.h"

typedef struct eid__cli_change {
    eid__cli *cli;
    eidetica_txn *txn; /* staged into by the command */
} eid__cli_change;

/* Open the database of the first operand and begin. Exit code; end it in any case. */
int eid__cli_change_begin(eid__cli_change *change, eid__cli *cli);
/* If `code` is 0, commit and print: for people `key` (may be NULL), else the entry's id; as JSON
 * both. Free the transaction. Gives the exit code. */
int eid__cli_change_end(eid__cli_change *change, int code, const char *key);

#endif
