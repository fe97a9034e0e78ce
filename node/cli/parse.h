/* Parse: a command line by the tables of options and commands.
 *
 * Options may stand anywhere before "--"; the words that are left are the command's name and its
 * operands. A word like "-5" is no option but a number. A variable of the environment stands in for
 * an option that was not given.
 *
 * Not here: what a value means beyond its type. Any thread.
 */
#ifndef EID_NODE_CLI_PARSE_H
#define EID_NODE_CLI_PARSE_H

#include "dag/bytes.h"
#include "node/cli/command.h"
#include "node/cli/option.h"

#define EID__CLI_LIST_MAX 16  /* values of one option that may be repeated */
#define EID__CLI_WORDS_MAX 16 /* a command's name and operands */

typedef struct eid__cli_args {
    const eid__cli_command *command; /* NULL if only --help or --version was asked for */
    const char *operands[EID__CLI_OPERANDS_MAX];
    size_t operand_count;
    struct {
        bool given;
        const char *text; /* borrowed from argv or the environment */
        uint64_t number;  /* of NUMBER, DURATION in ms, REPEATED */
    } options[EID__OPT_END];
    const char *list[EID__CLI_LIST_MAX]; /* of the one LIST option, in order */
    size_t list_count;
} eid__cli_args;

/* Read the `argc` words behind the program's name. `env` gives a variable or NULL. On false, `why`
 * has a sentence for the user, with the hint where to read on; `args` may be filled in part, so
 * that its --json is known. Borrowed: argv and the environment, as long as `args` is used. */
bool eid__cli_parse(const eid__cli_table *table, int argc, char *const *argv,
                    char *(*env)(const char *name), eid__cli_args *args, eid_buf *why);

#endif
