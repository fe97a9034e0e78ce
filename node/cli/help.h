/* Help: the tables as text, for people, man and shells.
 *
 * Any thread; appends to a buffer.
 */
#ifndef EID_NODE_CLI_HELP_H
#define EID_NODE_CLI_HELP_H

#include "dag/bytes.h"
#include "node/cli/command.h"
#include "node/cli/option.h"

/* What the program is, its commands, its options. With `group`, only the commands of that word. */
void eid__cli_help_program(const eid__cli_table *table, const char *group, eid_buf *out);
/* A command and its options. */
void eid__cli_help_command(const eid__cli_command *command, eid_buf *out);
/* The manual page, eidetica(1), as troff; man.c. Source: man(7). */
void eid__cli_help_man(const eid__cli_table *table, const char *version, eid_buf *out);
/* Completion for bash; completion.c. */
void eid__cli_help_bash(const eid__cli_table *table, eid_buf *out);

#endif
