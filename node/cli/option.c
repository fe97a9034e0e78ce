/* One array in the order of the ids, and a search from its beginning: forty options, looked for a
 * few times in the life of the process. */
#include "node/cli/option.h"

#include <string.h>

#define FLAG EID__CLI_FLAG
#define TEXT EID__CLI_TEXT
#define FILE_ EID__CLI_FILE

/* clang-format off */
const eid__cli_option eid__cli_options[EID__OPT_END] = {
    [EID__OPT_DATA_DIR] = {"data-dir", 'd', FILE_, "DIR", "EIDETICA_DATA_DIR", false, 0, 0,
        "the node's folder (default: $XDG_DATA_HOME/eidetica, else ~/.local/share/eidetica)"},
    [EID__OPT_URL] = {"url", 0, TEXT, "URL", "EIDETICA_URL", false, 0, 0,
        "where the data is: rocksdb:///FOLDER, memory://, or unix:///SOCKET of a daemon (default: the daemon of DATA_DIR if one runs, else rocksdb://DATA_DIR/store)"},
    [EID__OPT_USER] = {"user", 'u', TEXT, "NAME", "EIDETICA_USER", false, 0, 0,
        "who you are (default: the only user)"},
    [EID__OPT_PASSWORD_FILE] = {"password-file", 0, FILE_, "FILE", "EIDETICA_PASSWORD", true, 0, 0,
        "the password is the file's first line; else what EIDETICA_PASSWORD holds; else you are asked on a terminal"},
    [EID__OPT_JSON] = {"json", 0, FLAG, NULL, NULL, false, 0, 0,
        "print one JSON object, errors too"},
    [EID__OPT_JSONL] = {"jsonl", 0, FLAG, NULL, NULL, false, 0, 0,
        "print a stream of JSON objects, one a line"},
    [EID__OPT_QUIET] = {"quiet", 'q', FLAG, NULL, NULL, false, 0, 0,
        "no notes, and only errors in the log"},
    [EID__OPT_VERBOSE] = {"verbose", 'v', EID__CLI_REPEATED, NULL, "EIDETICA_LOG", true, 0, 0,
        "log what changes (-v) or everything (-vv) on standard error; EIDETICA_LOG is error, warn, info or debug"},
    [EID__OPT_LOG_FORMAT] = {"log-format", 0, EID__CLI_CHOICE, "text|json", NULL, false, 0, 0,
        "how log lines look (default: text)"},
    [EID__OPT_NO_COLOR] = {"no-color", 0, FLAG, NULL, "NO_COLOR", true, 0, 0,
        "no colours; they are only used on a terminal anyway"},
    [EID__OPT_NO_PROGRESS] = {"no-progress", 0, FLAG, NULL, NULL, false, 0, 0,
        "no progress line; it is only shown on a terminal anyway"},
    [EID__OPT_HELP] = {"help", 'h', FLAG, NULL, NULL, false, 0, 0,
        "explain the command and stop"},
    [EID__OPT_VERSION] = {"version", 'V', FLAG, NULL, NULL, false, 0, 0,
        "print the version and stop"},
    [EID__OPT_USERNAME] = {"username", 0, TEXT, "NAME", NULL, false, 0, 0,
        "the first user, who administers the node (required)"},
    [EID__OPT_PASSWORDLESS] = {"passwordless", 0, FLAG, NULL, NULL, false, 0, 0,
        "no password: the user's keys are stored in clear"},
    [EID__OPT_NEW_PASSWORD_FILE] = {"new-password-file", 0, FILE_, "FILE", "EIDETICA_NEW_PASSWORD", true, 0, 0,
        "the new user's password is the file's first line; else what EIDETICA_NEW_PASSWORD holds; else you are asked"},
    [EID__OPT_LISTEN] = {"listen", 0, EID__CLI_LIST, "ADDR:PORT", NULL, false, 0, 0,
        "meet peers at this UDP address; may be given several times (default: as last time, else any free port)"},
    [EID__OPT_SOCKET] = {"socket", 's', FILE_, "PATH", "EIDETICA_SOCKET", false, 0, 0,
        "the socket for programs of this machine (default: DATA_DIR/daemon.sock)"},
    [EID__OPT_HTTP] = {"http", 0, TEXT, "ADDR:PORT", NULL, false, 0, 0,
        "serve HTTP (not in this version)"},
    [EID__OPT_SYSTEM] = {"system", 0, FLAG, NULL, NULL, false, 0, 0,
        "the node's own databases too"},
    [EID__OPT_NAME] = {"name", 0, TEXT, "NAME", NULL, false, 0, 0,
        "how the key is called in the database's settings"},
    [EID__OPT_MIN] = {"min", 0, TEXT, "PERMISSION", NULL, false, 0, 0,
        "the least that each of the keys may do"},
    [EID__OPT_PERMISSION] = {"permission", 0, TEXT, "PERMISSION", NULL, false, 0, 0,
        "let everyone who has the ticket do this: read, write:N or admin:N (default: only who was granted something)"},
    [EID__OPT_TEXT] = {"text", 0, FLAG, NULL, NULL, false, 0, 0,
        "the value is plain text and not JSON"},
    [EID__OPT_AS] = {"as", 0, EID__CLI_CHOICE, "text|map|array", NULL, false, 0, 0,
        "what is under the name (default: text); maps and arrays are printed as JSON"},
    [EID__OPT_DROP] = {"drop", 0, FLAG, NULL, NULL, false, 0, 0,
        "drop the index"},
    [EID__OPT_UNDO] = {"undo", 0, FLAG, NULL, NULL, false, 0, 0,
        "keep the entries out again"},
    [EID__OPT_STORE_PASSWORD_FILE] = {"store-password-file", 0, FILE_, "FILE", "EIDETICA_STORE_PASSWORD", true, 0, 0,
        "the password of the encrypted STORE is the file's first line; else what EIDETICA_STORE_PASSWORD holds"},
    [EID__OPT_KEY] = {"key", 0, TEXT, "FIELD", NULL, false, 0, 0,
        "the field that becomes the row's key (default: a new random one)"},
    [EID__OPT_BATCH] = {"batch", 0, EID__CLI_NUMBER, "N", NULL, false, 1, 100000,
        "rows in one entry (default: 500)"},
    [EID__OPT_ASYNC] = {"async", 0, FLAG, NULL, NULL, false, 0, 0,
        "do not wait for the disk at every entry, only at the end"},
    [EID__OPT_FORMAT] = {"format", 0, EID__CLI_CHOICE, "json|jsonl|csv", NULL, false, 0, 0,
        "what the file holds (default: told by its name and beginning)"},
    [EID__OPT_AFTER] = {"after", 0, TEXT, "KEY", NULL, false, 0, 0,
        "begin behind this key or cursor"},
    [EID__OPT_LIMIT] = {"limit", 'n', EID__CLI_NUMBER, "N", NULL, false, 1, UINT32_MAX,
        "stop after so many"},
    [EID__OPT_GRAPH] = {"graph", 0, FLAG, NULL, NULL, false, 0, 0,
        "draw how the entries hang together"},
    [EID__OPT_SVG] = {"svg", 0, FILE_, "FILE", NULL, false, 0, 0,
        "draw the newest entries (2,000 at most) into an SVG file"},
    [EID__OPT_STORE] = {"store", 0, TEXT, "STORE", NULL, false, 0, 0,
        "only what is of this store"},
    [EID__OPT_PATH] = {"path", 0, TEXT, "PATH", NULL, false, 0, 0,
        "only this path, keys joined by dots, and those below"},
    [EID__OPT_ENTRY] = {"entry", 0, TEXT, "ID", NULL, false, 0, 0,
        "only what this entry wrote"},
    [EID__OPT_PRUNE] = {"prune", 0, EID__CLI_CHOICE, "all|settled", NULL, false, 0, 0,
        "forget them at this node, for good: all, or those that somebody has settled since"},
    [EID__OPT_SINCE] = {"since", 0, TEXT, "CURSOR", NULL, false, 0, 0,
        "go on after this cursor; \"\" is the beginning (default: from now on)"},
    [EID__OPT_COUNT] = {"count", 0, EID__CLI_NUMBER, "N", NULL, false, 1, UINT32_MAX,
        "end after so many changes"},
    [EID__OPT_TIMEOUT] = {"timeout", 't', EID__CLI_DURATION, "TIME", NULL, false, 0, 0,
        "give up after 500ms, 30s, 5m, 2h; a bare number is seconds (default: 60s)"},
    [EID__OPT_MAN] = {"man", 0, FLAG, NULL, NULL, false, 0, 0,
        "print the manual page in troff"},
    [EID__OPT_COMPLETION] = {"completion", 0, EID__CLI_CHOICE, "bash", NULL, false, 0, 0,
        "print a completion script for a shell"},
};
/* clang-format on */

bool eid__cli_option_has_value(const eid__cli_option *option)
{
    return option->type != EID__CLI_FLAG && option->type != EID__CLI_REPEATED;
}

eid__cli_option_id eid__cli_option_find(const char *name, uint64_t len)
{
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        const char *known = eid__cli_options[id].name;

        if (strlen(known) == len && memcmp(known, name, len) == 0) return (eid__cli_option_id)id;
    }
    return EID__OPT_END;
}

eid__cli_option_id eid__cli_option_letter(char letter)
{
    for (unsigned id = 0; id < EID__OPT_END; id++) {
        if (letter != 0 && eid__cli_options[id].letter == letter) return (eid__cli_option_id)id;
    }
    return EID__OPT_END;
}
