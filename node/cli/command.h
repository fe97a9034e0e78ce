/* Commands: what they are called, what they take, what runs them; one table.
 *
 * Not here: the options' meaning (option.h). Constant; any thread.
 */
#ifndef EID_NODE_CLI_COMMAND_H
#define EID_NODE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EID__CLI_OPERANDS_MAX 257

typedef struct eid__cli eid__cli;

typedef struct eid__cli_command {
    const char *name;     /* one or two words: "db create" */
    const char *operands; /* "DB STORE [PATH]": optional ones last; "[ID]...": any number */
    uint64_t options;     /* EID__CLI_SET() bits besides EID__CLI_GLOBAL */
    int (*run)(eid__cli *cli);
    const char *about;  /* one line */
    const char *detail; /* more sentences for help; NULL = none */
} eid__cli_command;

typedef struct eid__cli_table {
    const eid__cli_command *commands;
    size_t count;
} eid__cli_table;

/* The program's commands, in the order in which help shows them. */
extern const eid__cli_table eid__cli_commands;

/* How many operands a command needs at least and takes at most. */
void eid__cli_command_arity(const eid__cli_command *command, size_t *least, size_t *most);
/* The name of the operand at `place`, without brackets, into `out` (of `size` bytes). */
void eid__cli_command_operand(const eid__cli_command *command, size_t place, char *out,
                              size_t size);
/* The command that the first words name, the longer name first; *used is the number of words it
 * took. NULL if there is none. */
const eid__cli_command *eid__cli_command_find(const eid__cli_table *table, char *const *words,
                                              size_t count, size_t *used);
/* Whether some command's name begins with this word and goes on. */
bool eid__cli_command_is_group(const eid__cli_table *table, const char *word);

#endif
