/* Operands are described by the very text that help prints, "DB STORE [PATH]", and counted from it:
 * a second description could disagree with the first. */
#include "node/cli/command.h"

#include <stdio.h>
#include <string.h>

#include "dag/assert.h"

static size_t operand_next(const char **at, size_t *len)
{
    *at += strspn(*at, " ");
    *len = strcspn(*at, " ");
    return *len;
}

void eid__cli_command_arity(const eid__cli_command *command, size_t *least, size_t *most)
{
    const char *at = command->operands;

    *least = 0;
    *most = 0;
    for (size_t len; operand_next(&at, &len) > 0; at += len) {
        *most += 1;
        if (at[0] != '[') *least += 1;
        /* one less than there is room for, so that one too many is seen */
        if (len > 3 && strncmp(at + len - 3, "...", 3) == 0) *most = EID__CLI_OPERANDS_MAX - 1;
    }
    EID_ASSERT(*most < EID__CLI_OPERANDS_MAX);
}

void eid__cli_command_operand(const eid__cli_command *command, size_t place, char *out, size_t size)
{
    const char *at = command->operands;
    size_t len = 0;

    while (operand_next(&at, &len) > 0 && place > 0) {
        at += len;
        place--;
    }
    if (len > 0 && at[0] == '[') {
        at++;
        len = strcspn(at, "]");
    }
    snprintf(out, size, "%.*s", (int)len, at);
}

const eid__cli_command *eid__cli_command_find(const eid__cli_table *table, char *const *words,
                                              size_t count, size_t *used)
{
    for (size_t take = count < 2 ? count : 2; take > 0; take--) {
        char name[64];

        snprintf(name, sizeof name, "%s%s%s", words[0], take == 2 ? " " : "",
                 take == 2 ? words[1] : "");
        for (size_t i = 0; i < table->count; i++) {
            if (strcmp(table->commands[i].name, name) != 0) continue;
            *used = take;
            return &table->commands[i];
        }
    }
    return NULL;
}

bool eid__cli_command_is_group(const eid__cli_table *table, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->commands[i].name;

        if (strncmp(name, word, len) == 0 && name[len] == ' ') return true;
    }
    return false;
}
