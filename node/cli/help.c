/* Wrapped at 78 columns by hand: help is read in terminals of that width, and in pipes. */
#include "node/cli/help.h"

#include <string.h>

#include "node/cli/cli.h"
#include "node/cli/commands.h"

#define HELP_WIDTH 78
#define HELP_COLUMN 26 /* where explanations begin */

static void help_pad(eid_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) eid_buf_append_byte(out, ' ');
}

/* Append words, wrapped, the first line beginning at column `at`, the others at `indent`. */
static void help_wrap(eid_buf *out, const char *text, size_t at, size_t indent)
{
    while (*text != 0) {
        size_t word = strcspn(text, " ");

        if (at > indent && at + 1 + word > HELP_WIDTH) {
            eid_buf_append_byte(out, '\n');
            help_pad(out, indent);
            at = indent;
        } else if (at > indent) {
            eid_buf_append_byte(out, ' ');
            at++;
        }
        eid_buf_append(out, eid_slice_of(text, word));
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    eid_buf_append_byte(out, '\n');
}

/* A term and its explanation beside it, or below if the term is long. */
static void help_item(eid_buf *out, const char *term, const char *about)
{
    size_t len = strlen(term);

    eid_buf_append_format(out, "  %s", term);
    if (len + 4 > HELP_COLUMN) {
        eid_buf_append_byte(out, '\n');
        help_pad(out, HELP_COLUMN);
    } else {
        help_pad(out, HELP_COLUMN - 2 - len);
    }
    help_wrap(out, about, HELP_COLUMN, HELP_COLUMN);
}

static void help_option(eid_buf *out, const eid__cli_option *option)
{
    char term[96], letter[8] = "    ";
    eid_buf about;

    if (option->letter != 0) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(term, sizeof term, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
    eid_buf_init(&about, 4096);
    eid_buf_append_text(&about, option->about);
    if (option->env != NULL && strstr(option->about, option->env) == NULL) {
        eid_buf_append_format(&about, " [%s]", option->env);
    }
    eid_buf_append_byte(&about, 0);
    if (eid_buf_status(&about) == EID_OK) help_item(out, term, (const char *)about.at);
    eid_buf_fini(&about);
}

static void help_options(eid_buf *out, const char *title, uint64_t set)
{
    if (set == 0) return;
    eid_buf_append_format(out, "\n%s:\n", title);
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        if ((set & (UINT64_C(1) << id)) != 0) help_option(out, &eid__cli_options[id]);
    }
}

void eid__cli_help_program(const eid__cli_table *table, const char *group, eid_buf *out)
{
    size_t len = group == NULL ? 0 : strlen(group);

    eid_buf_append_text(out, "eidetica: a peer-to-peer node for local-first software\n\n"
                             "usage: eidetica COMMAND [OPERANDS] [OPTIONS]\n\ncommands:\n");
    for (size_t i = 0; i < table->count; i++) {
        const eid__cli_command *command = &table->commands[i];
        char term[128];

        if (group != NULL && strcmp(command->name, group) != 0 &&
            (strncmp(command->name, group, len) != 0 || command->name[len] != ' ')) {
            continue;
        }
        snprintf(term, sizeof term, "%s%s%s", command->name, command->operands[0] ? " " : "",
                 command->operands);
        help_item(out, term, command->about);
    }
    if (group == NULL) help_options(out, "options of every command", EID__CLI_GLOBAL);
    eid_buf_append_text(out, "\n`eidetica COMMAND --help` tells more about a command.\n");
}

void eid__cli_help_command(const eid__cli_command *command, eid_buf *out)
{
    eid_buf_append_format(out, "usage: eidetica %s%s%s%s\n\n", command->name,
                          command->operands[0] ? " " : "", command->operands, " [OPTIONS]");
    help_wrap(out, command->about, 0, 0);
    if (command->detail != NULL) {
        eid_buf_append_byte(out, '\n');
        help_wrap(out, command->detail, 0, 0);
    }
    help_options(out, "options", command->options);
    help_options(out, "options of every command", EID__CLI_GLOBAL);
}

static int help_of_words(eid__cli *cli, eid_buf *out)
{
    char *words[2] = {NULL, NULL};
    size_t count = cli->args.operand_count, used = 0;
    const eid__cli_command *command;

    for (size_t i = 0; i < count && i < 2; i++) words[i] = (char *)(uintptr_t)cli->args.operands[i];
    command = count == 0 ? NULL : eid__cli_command_find(cli->table, words, count, &used);
    if (count == 0) {
        eid__cli_help_program(cli->table, NULL, out);
    } else if (command != NULL && used == count) {
        eid__cli_help_command(command, out);
    } else if (count == 1 && eid__cli_command_is_group(cli->table, words[0])) {
        eid__cli_help_program(cli->table, words[0], out);
    } else {
        return eid__cli_usage(cli, "there is no command \"%s%s%s\"", words[0], count > 1 ? " " : "",
                              count > 1 ? words[1] : "");
    }
    return 0;
}

int eid__cli_run_help(eid__cli *cli)
{
    eid_buf out;
    int code = 0;

    eid_buf_init(&out, 1u << 20);
    if (eid__cli_has(cli, EID__OPT_MAN)) {
        eid__cli_help_man(cli->table, eidetica_version(), &out);
    } else if (eid__cli_has(cli, EID__OPT_COMPLETION)) {
        eid__cli_help_bash(cli->table, &out);
    } else {
        code = help_of_words(cli, &out);
    }
    if (code == 0 && eid_buf_status(&out) != EID_OK) code = eid__cli_no_memory(cli);
    if (code == 0) fwrite(out.at, 1, out.len, stdout);
    eid_buf_fini(&out);
    return code;
}
