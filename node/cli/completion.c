/* A case for each command, written out from the table, so that the script needs no program to run
 * when somebody presses the tabulator. Source: bash(1), "Programmable Completion". */
#include <string.h>

#include "node/cli/help.h"

static void completion_names(const eid__cli_table *table, eid_buf *out)
{
    const char *last = "";

    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->commands[i].name;
        size_t len = strcspn(name, " ");

        if (strncmp(last, name, len) == 0 && (last[len] == 0 || last[len] == ' ')) continue;
        eid_buf_append_format(out, " %.*s", (int)len, name);
        last = name;
    }
}

static void completion_options(eid_buf *out, uint64_t set)
{
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        if ((set & (UINT64_C(1) << id)) == 0) continue;
        eid_buf_append_format(out, " --%s", eid__cli_options[id].name);
    }
}

/* What may follow an option: files, or one of some words. */
static void completion_values(eid_buf *out)
{
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        const eid__cli_option *option = &eid__cli_options[id];

        if (!eid__cli_option_has_value(option)) continue;
        eid_buf_append_format(out, "    --%s", option->name);
        if (option->letter != 0) eid_buf_append_format(out, " | -%c", option->letter);
        eid_buf_append_text(out, ")");
        if (option->type == EID__CLI_FILE) {
            eid_buf_append_text(out, " COMPREPLY=($(compgen -f -- \"$word\"));");
        } else if (option->type == EID__CLI_CHOICE) {
            eid_buf_append_text(out, " COMPREPLY=($(compgen -W '");
            for (const char *at = option->value; *at != 0; at++) {
                eid_buf_append_byte(out, *at == '|' ? ' ' : (uint8_t)*at);
            }
            eid_buf_append_text(out, "' -- \"$word\"));");
        }
        eid_buf_append_text(out, " return ;;\n");
    }
}

static void completion_command(const eid__cli_table *table, const eid__cli_command *command,
                               eid_buf *out)
{
    size_t len = strlen(command->name);

    eid_buf_append_format(out, "    '%s') options='", command->name);
    completion_options(out, command->options);
    eid_buf_append_text(out, "' more='");
    for (size_t i = 0; i < table->count && strchr(command->name, ' ') == NULL; i++) {
        const char *name = table->commands[i].name;

        if (strncmp(name, command->name, len) == 0 && name[len] == ' ') {
            eid_buf_append_format(out, " %s", name + len + 1);
        }
    }
    eid_buf_append_format(out, "' files=%d ;;\n", strstr(command->operands, "FILE") != NULL);
}

/* First words that are no command themselves: what may follow them. */
static void completion_groups(const eid__cli_table *table, eid_buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->commands[i].name, *space = strchr(name, ' ');

        if (space == NULL) continue;
        eid_buf_append_format(out, "    '%.*s') more+=' %s' ;;&\n", (int)(space - name), name,
                              space + 1);
    }
}

void eid__cli_help_bash(const eid__cli_table *table, eid_buf *out)
{
    eid_buf_append_text(
        out, "# bash completion for eidetica; made by `eidetica help --completion "
             "bash`\n_eidetica() {\n"
             "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
             "  local words=() i options='' more='' files=0 every='");
    completion_options(out, EID__CLI_GLOBAL);
    eid_buf_append_text(out, "'\n  COMPREPLY=()\n  case $before in\n");
    completion_values(out);
    eid_buf_append_text(out, "  esac\n"
                             "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                             "    [[ ${COMP_WORDS[i]} == -* ]] || words+=(\"${COMP_WORDS[i]}\")\n"
                             "  done\n"
                             "  if ((${#words[@]} == 0)); then more='");
    completion_names(table, out);
    eid_buf_append_text(out, "'; fi\n  case ${words[0]:-} in\n");
    completion_groups(table, out);
    eid_buf_append_text(out, "  esac\n  ((${#words[@]} < 2)) || more=''\n"
                             "  case ${words[0]:-} in\n");
    for (size_t i = 0; i < table->count; i++) {
        if (strchr(table->commands[i].name, ' ') == NULL) {
            completion_command(table, &table->commands[i], out);
        }
    }
    eid_buf_append_text(out, "  esac\n  case \"${words[*]:0:2}\" in\n");
    for (size_t i = 0; i < table->count; i++) {
        if (strchr(table->commands[i].name, ' ') != NULL) {
            completion_command(table, &table->commands[i], out);
        }
    }
    eid_buf_append_text(out, "  esac\n"
                             "  if [[ $word == -* ]]; then\n"
                             "    COMPREPLY=($(compgen -W \"$options $every\" -- \"$word\"))\n"
                             "  else\n"
                             "    COMPREPLY=($(compgen -W \"$more\" -- \"$word\"))\n"
                             "    ((files)) && COMPREPLY+=($(compgen -f -- \"$word\"))\n"
                             "  fi\n  return 0\n}\ncomplete -F _eidetica eidetica\n");
}
