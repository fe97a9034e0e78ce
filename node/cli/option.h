/* Options: all that the program knows, in one table.
 *
 * An option means the same for every command that takes it, so it is described once; a command
 * names the ones it takes as a set of bits. Parsing, help, man page and completion read this table.
 *
 * Not here: what a command line held (parse.h). Constant; any thread.
 */
#ifndef EID_NODE_CLI_OPTION_H
#define EID_NODE_CLI_OPTION_H

#include <stdbool.h>
#include <stdint.h>

typedef enum eid__cli_option_id {
    /* taken by every command */
    EID__OPT_DATA_DIR,
    EID__OPT_URL,
    EID__OPT_USER,
    EID__OPT_PASSWORD_FILE,
    EID__OPT_JSON,
    EID__OPT_JSONL,
    EID__OPT_QUIET,
    EID__OPT_VERBOSE,
    EID__OPT_LOG_FORMAT,
    EID__OPT_NO_COLOR,
    EID__OPT_NO_PROGRESS,
    EID__OPT_HELP,
    EID__OPT_VERSION,
    /* of some commands */
    EID__OPT_USERNAME,
    EID__OPT_PASSWORDLESS,
    EID__OPT_NEW_PASSWORD_FILE,
    EID__OPT_LISTEN,
    EID__OPT_SOCKET,
    EID__OPT_HTTP,
    EID__OPT_SYSTEM,
    EID__OPT_NAME,
    EID__OPT_PERMISSION,
    EID__OPT_MIN,
    EID__OPT_TEXT,
    EID__OPT_AS,
    EID__OPT_DROP,
    EID__OPT_UNDO,
    EID__OPT_STORE_PASSWORD_FILE,
    EID__OPT_KEY,
    EID__OPT_BATCH,
    EID__OPT_ASYNC,
    EID__OPT_FORMAT,
    EID__OPT_AFTER,
    EID__OPT_LIMIT,
    EID__OPT_GRAPH,
    EID__OPT_SVG,
    EID__OPT_STORE,
    EID__OPT_PATH,
    EID__OPT_ENTRY,
    EID__OPT_PRUNE,
    EID__OPT_SINCE,
    EID__OPT_COUNT,
    EID__OPT_TIMEOUT,
    EID__OPT_MAN,
    EID__OPT_COMPLETION,
    EID__OPT_END
} eid__cli_option_id;

_Static_assert(EID__OPT_END <= 64, "a set of options is a uint64_t");

#define EID__CLI_SET(id) (UINT64_C(1) << EID__OPT_##id)
#define EID__CLI_GLOBAL (EID__CLI_SET(USERNAME) - 1) /* all before the first special one */

typedef enum eid__cli_option_type {
    EID__CLI_FLAG,
    EID__CLI_REPEATED, /* a flag that counts */
    EID__CLI_TEXT,
    EID__CLI_FILE,
    EID__CLI_LIST,     /* a text that may be given several times */
    EID__CLI_NUMBER,   /* decimal, min to max */
    EID__CLI_DURATION, /* "500ms", "30s", "5m", "2h", "30" = seconds; kept in milliseconds */
    EID__CLI_CHOICE,   /* one of the words of `value`, separated by '|' */
} eid__cli_option_type;

typedef struct eid__cli_option {
    const char *name; /* without the dashes */
    char letter;      /* 0 = none */
    eid__cli_option_type type;
    const char *value; /* how help calls the value; NULL for flags */
    const char *env;   /* variable that stands in for it; NULL = none */
    bool env_apart;    /* what the variable holds is not the option's value: read elsewhere */
    uint64_t min, max; /* of a NUMBER */
    const char *about;
} eid__cli_option;

/* By eid__cli_option_id. */
extern const eid__cli_option eid__cli_options[EID__OPT_END];

/* Whether an option is followed by a value. */
bool eid__cli_option_has_value(const eid__cli_option *option);
/* The option of a long name (of `len` bytes) or of a letter; EID__OPT_END if there is none. */
eid__cli_option_id eid__cli_option_find(const char *name, uint64_t len);
eid__cli_option_id eid__cli_option_letter(char letter);

#endif
