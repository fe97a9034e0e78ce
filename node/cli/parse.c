/* Two passes: which options and words there are, needing only the table of options; then, with the
 * command known, whether they are its own. So an option may stand before the command's name, and an
 * option of another command is refused by name. */
#include "node/cli/parse.h"

#include <string.h>

#include "node/cli/number.h"

typedef struct parse {
    const eid__cli_table *table;
    int argc;
    char *const *argv;
    int at;
    char *words[EID__CLI_WORDS_MAX];
    size_t word_count;
    eid__cli_args *args;
    eid_buf *why;
} parse;

static bool parse_choice_has(const char *choices, const char *text)
{
    size_t len = strlen(text);

    for (const char *at = choices; *at != 0;) {
        size_t next = strcspn(at, "|");

        if (next == len && memcmp(at, text, len) == 0) return true;
        at += next;
        if (*at == '|') at++;
    }
    return false;
}

static bool parse_value_fits(const eid__cli_option *option, const char *text, uint64_t *number)
{
    switch (option->type) {
    case EID__CLI_NUMBER:
        return eid__cli_number_parse(text, option->min, option->max, number);
    case EID__CLI_DURATION:
        return eid__cli_duration_parse(text, number);
    case EID__CLI_CHOICE:
        return parse_choice_has(option->value, text);
    case EID__CLI_FILE:
        return text[0] != 0;
    case EID__CLI_FLAG:
    case EID__CLI_REPEATED:
    case EID__CLI_TEXT:
    case EID__CLI_LIST:
        return true;
    }
    return false;
}

static void parse_explain_value(eid_buf *why, const eid__cli_option *option, const char *source,
                                const char *text)
{
    eid_buf_append_format(why, "%s: \"%s\" is ", source, text);
    switch (option->type) {
    case EID__CLI_NUMBER:
        eid_buf_append_format(why, "no number from %llu to %llu", (unsigned long long)option->min,
                              (unsigned long long)option->max);
        break;
    case EID__CLI_DURATION:
        eid_buf_append_text(why, "no time like 500ms, 30s, 5m or 2h");
        break;
    case EID__CLI_CHOICE:
        eid_buf_append_format(why, "not one of %s", option->value);
        break;
    case EID__CLI_FLAG:
    case EID__CLI_REPEATED:
    case EID__CLI_TEXT:
    case EID__CLI_FILE:
    case EID__CLI_LIST:
        eid_buf_append_text(why, "not allowed");
        break;
    }
}

/* `text` is NULL for an option without a value; `source` is what to call it in an error. */
static bool parse_take(parse *p, eid__cli_option_id id, const char *text, const char *source)
{
    const eid__cli_option *option = &eid__cli_options[id];
    eid__cli_args *args = p->args;

    if (option->type == EID__CLI_REPEATED) {
        args->options[id].number++;
    } else if (args->options[id].given && option->type != EID__CLI_LIST &&
               option->type != EID__CLI_FLAG) {
        eid_buf_append_format(p->why, "%s is given twice", source);
        return false;
    }
    if (text != NULL && !parse_value_fits(option, text, &args->options[id].number)) {
        parse_explain_value(p->why, option, source, text);
        return false;
    }
    if (option->type == EID__CLI_LIST) {
        if (args->list_count == EID__CLI_LIST_MAX) {
            eid_buf_append_format(p->why, "%s is given more than %d times", source,
                                  EID__CLI_LIST_MAX);
            return false;
        }
        args->list[args->list_count++] = text;
    }
    args->options[id].given = true;
    args->options[id].text = text;
    return true;
}

static bool parse_option(parse *p, eid__cli_option_id id, const char *attached, const char *source)
{
    if (!eid__cli_option_has_value(&eid__cli_options[id])) {
        if (attached == NULL) return parse_take(p, id, NULL, source);
        eid_buf_append_format(p->why, "%s takes no value", source);
        return false;
    }
    if (attached == NULL && p->at < p->argc) attached = p->argv[p->at++];
    if (attached == NULL) {
        eid_buf_append_format(p->why, "%s needs a value: %s", source, eid__cli_options[id].value);
        return false;
    }
    return parse_take(p, id, attached, source);
}

static bool parse_long(parse *p, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    eid__cli_option_id id = eid__cli_option_find(word + 2, len - 2);
    char source[40];

    if (id == EID__OPT_END) {
        eid_buf_append_format(p->why, "there is no option %.*s", (int)(len < 60 ? len : 60), word);
        return false;
    }
    source[0] = source[1] = '-';
    memcpy(source + 2, eid__cli_options[id].name, strlen(eid__cli_options[id].name) + 1);
    return parse_option(p, id, equals != NULL ? equals + 1 : NULL, source);
}

static bool parse_letters(parse *p, const char *word)
{
    for (const char *at = word + 1; *at != 0; at++) {
        eid__cli_option_id id = eid__cli_option_letter(*at);
        char source[] = {'-', *at, 0};

        if (id == EID__OPT_END) {
            eid_buf_append_format(p->why, "there is no option %s", source);
            return false;
        }
        if (eid__cli_option_has_value(&eid__cli_options[id])) {
            return parse_option(p, id, at[1] != 0 ? at + 1 : NULL, source);
        }
        if (!parse_take(p, id, NULL, source)) return false;
    }
    return true;
}

static bool parse_word(parse *p, char *word)
{
    if (p->word_count == EID__CLI_WORDS_MAX) {
        eid_buf_append_format(p->why, "too many words, from \"%s\" on", word);
        return false;
    }
    p->words[p->word_count++] = word;
    return true;
}

static bool parse_words(parse *p)
{
    bool only_words = false, good = true;

    while (good && p->at < p->argc) {
        char *word = p->argv[p->at++];
        bool number = word[0] == '-' && word[1] >= '0' && word[1] <= '9';

        if (only_words || word[0] != '-' || word[1] == 0 || number) {
            good = parse_word(p, word);
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else if (word[1] == '-') {
            good = parse_long(p, word);
        } else {
            good = parse_letters(p, word);
        }
    }
    return good;
}

static bool parse_command(parse *p)
{
    eid__cli_args *args = p->args;
    size_t used = 0;

    args->command = eid__cli_command_find(p->table, p->words, p->word_count, &used);
    if (args->command == NULL) {
        bool group = eid__cli_command_is_group(p->table, p->words[0]);

        if (group && args->options[EID__OPT_HELP].given) return true;
        if (group && p->word_count == 1) {
            eid_buf_append_format(p->why, "%s what? a second word is missing", p->words[0]);
        } else {
            eid_buf_append_format(p->why, "there is no command \"%s%s%s\"", p->words[0],
                                  group ? " " : "", group ? p->words[1] : "");
        }
        return false;
    }
    for (size_t i = used; i < p->word_count; i++) {
        if (args->operand_count == EID__CLI_OPERANDS_MAX) break; /* refused by its arity */
        args->operands[args->operand_count++] = p->words[i];
    }
    return true;
}

static bool parse_check_options(parse *p)
{
    uint64_t taken = EID__CLI_GLOBAL | p->args->command->options;

    for (unsigned id = 0; id < EID__OPT_END; id++) {
        if (!p->args->options[id].given || (taken & (UINT64_C(1) << id)) != 0) continue;
        eid_buf_append_format(p->why, "there is no option --%s here", eid__cli_options[id].name);
        return false;
    }
    return true;
}

static bool parse_check_operands(parse *p)
{
    const eid__cli_args *args = p->args;
    size_t least, most;
    char name[64];

    eid__cli_command_arity(args->command, &least, &most);
    if (args->operand_count < least) {
        eid__cli_command_operand(args->command, args->operand_count, name, sizeof name);
        eid_buf_append_format(p->why, "%s is missing", name);
        return false;
    }
    if (args->operand_count > most) {
        eid_buf_append_format(p->why, "\"%s\" is one word too many", args->operands[most]);
        return false;
    }
    return true;
}

/* After the command line, since that wins. */
static bool parse_environment(parse *p, char *(*env)(const char *name))
{
    uint64_t taken = EID__CLI_GLOBAL | EID__CLI_SET(SOCKET);

    if (p->args->command != NULL) taken |= p->args->command->options;
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        const eid__cli_option *option = &eid__cli_options[id];
        const char *text;

        if (option->env == NULL || option->env_apart || p->args->options[id].given) continue;
        if ((taken & (UINT64_C(1) << id)) == 0) continue;
        text = env(option->env);
        if (text == NULL || text[0] == 0) continue;
        if (!parse_take(p, (eid__cli_option_id)id, text, option->env)) return false;
    }
    return true;
}

bool eid__cli_parse(const eid__cli_table *table, int argc, char *const *argv,
                    char *(*env)(const char *name), eid__cli_args *args, eid_buf *why)
{
    parse p = {.table = table, .argc = argc, .argv = argv, .args = args, .why = why};
    bool help;

    memset(args, 0, sizeof *args);
    if (!parse_words(&p)) return false;
    if (p.word_count > 0 && !parse_command(&p)) return false;
    help = args->options[EID__OPT_HELP].given || args->options[EID__OPT_VERSION].given;
    if (help) return true; /* whatever else there is */
    if (args->command == NULL) {
        eid_buf_append_text(why, "a command is missing");
        return false;
    }
    return parse_check_options(&p) && parse_check_operands(&p) && parse_environment(&p, env);
}
