/* Passwords: from a file, from the environment, or asked for on a terminal; wiped after use.
 *
 * Never from an argument: those are seen by every process of the machine.
 */
#ifndef EID_NODE_CLI_PASSWORD_H
#define EID_NODE_CLI_PASSWORD_H

#include "node/cli/cli.h"

#define EID__CLI_PASSWORD_MAX 1024 /* bytes */

typedef struct eid__cli_password {
    bool given;
    char text[EID__CLI_PASSWORD_MAX + 1];
} eid__cli_password;

/* What the option's file (its first line) or its environment variable has; else not given.
 * `old_env` (may be NULL) is a variable of the reference that stands in. */
int eid__cli_password_given(eid__cli *cli, eid__cli_option_id option, const char *old_env,
                            eid__cli_password *out);
/* Ask on the terminal, without echo; not given if there is none. An empty answer is given. */
int eid__cli_password_ask(eid__cli *cli, const char *prompt, eid__cli_password *out);
/* The password of a user that is made: given, or asked for twice, or none with --passwordless. */
int eid__cli_password_new(eid__cli *cli, eid__cli_option_id option, const char *old_env,
                          const char *prompt, eid__cli_password *out);
void eid__cli_password_wipe(eid__cli_password *password);

#endif
