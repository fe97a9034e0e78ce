/* Source: man(7), man-pages(7). Dashes are escaped, or a copied option would hold a typographic
 * one.
 */
#include <string.h>

#include "node/cli/help.h"

static void man_text(eid_buf *out, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        if (at == text && (*at == '.' || *at == '\'')) eid_buf_append_text(out, "\\&");
        if (*at == '-' || *at == '\\') eid_buf_append_byte(out, '\\');
        if (*at == '\\') {
            eid_buf_append_byte(out, 'e');
        } else {
            eid_buf_append_byte(out, (uint8_t)*at);
        }
    }
}

static void man_option(eid_buf *out, const eid__cli_option *option)
{
    eid_buf_append_text(out, ".TP\n.BR ");
    if (option->letter != 0) eid_buf_append_format(out, "\\-%c \", \" ", option->letter);
    eid_buf_append_text(out, "\\-\\-");
    man_text(out, option->name);
    if (option->value != NULL) {
        eid_buf_append_text(out, " \" \\fI");
        man_text(out, option->value);
        eid_buf_append_text(out, "\\fR\"");
    }
    eid_buf_append_byte(out, '\n');
    man_text(out, option->about);
    eid_buf_append_text(out, ".\n");
    if (option->env != NULL && strstr(option->about, option->env) == NULL) {
        eid_buf_append_format(out, "Environment: %s.\n", option->env);
    }
}

static void man_options(eid_buf *out, uint64_t set)
{
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        if ((set & (UINT64_C(1) << id)) != 0) man_option(out, &eid__cli_options[id]);
    }
}

static void man_command(eid_buf *out, const eid__cli_command *command)
{
    eid_buf_append_format(out, ".SS \"eidetica %s", command->name);
    if (command->operands[0] != 0) eid_buf_append_format(out, " \\fI%s\\fP", command->operands);
    eid_buf_append_text(out, "\"\n");
    man_text(out, command->about);
    eid_buf_append_text(out, ".\n");
    if (command->detail != NULL) {
        man_text(out, command->detail);
        eid_buf_append_byte(out, '\n');
    }
    man_options(out, command->options);
}

static void man_exit_codes(eid_buf *out)
{
    static const struct {
        const char *code, *about;
    } codes[] = {
        {"0", "Done."},
        {"1", "Failed, for none of the reasons below."},
        {"2", "The call makes no sense: an unknown option, a bad value."},
        {"65", "Data that breaks a format or a limit."},
        {"66", "Not found."},
        {"69", "Nobody answers there."},
        {"71", "Out of memory."},
        {"73", "It exists already."},
        {"74", "A file cannot be read or written, or stored bytes are wrong."},
        {"75", "Not now: busy, waiting for somebody, or it took too long. Try again."},
        {"76", "A peer broke the protocol."},
        {"77", "Not allowed."},
        {"78", "Not possible as things are set up."},
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        eid_buf_append_format(out, ".TP\n.B %s\n%s\n", codes[i].code, codes[i].about);
    }
}

void eid__cli_help_man(const eid__cli_table *table, const char *version, eid_buf *out)
{
    eid_buf_append_format(out, ".TH EIDETICA 1 \"\" \"eidetica %s\" \"User Commands\"\n", version);
    eid_buf_append_text(out, ".SH NAME\neidetica \\- a peer-to-peer node for local-first software\n"
                             ".SH SYNOPSIS\n.B eidetica\n.I COMMAND\n"
                             ".RI [ OPERANDS ]\n.RI [ OPTIONS ]\n"
                             ".SH DESCRIPTION\n"
                             "A node keeps many small databases, each a history of signed entries "
                             "with documents and tables on top. Everything works with no peer in "
                             "reach; nodes that meet come to the same state.\n"
                             ".PP\nA command opens the node's store, or talks to the daemon that "
                             "runs on it; both give the same results.\n"
                             ".SH OPTIONS\nEvery command takes these.\n");
    man_options(out, EID__CLI_GLOBAL);
    eid_buf_append_text(out, ".SH COMMANDS\n");
    for (size_t i = 0; i < table->count; i++) man_command(out, &table->commands[i]);
    eid_buf_append_text(out, ".SH EXIT STATUS\n");
    man_exit_codes(out);
    eid_buf_append_text(
        out, ".SH OUTPUT\nErrors go to standard error as\n.PP\n"
             ".RS\neidetica: \\fIwhat failed\\fP: \\fIwhy\\fP (\\fIwhat to do\\fP)\n.RE\n.PP\n"
             "and with\n.B \\-\\-json\nalso to standard output, as an object with the member\n"
             ".BR error .\nWhat peers may have written is escaped before a terminal sees it.\n");
}
