/* Three ways in, one way out: every failure becomes the same four words (status, kind, message,
 * remedy) before it is shown, as a line for people and as an object for programs. */
#include <stdarg.h>
#include <string.h>

#include "dag/json.h"
#include "node/cli/cli.h"
#include "node/cli/text.h"

#define FAIL_TEXT_MAX 8192 /* of a report; longer ones are cut */

typedef struct fail_report {
    const char *status, *kind;
    const char *what, *why, *remedy;
} fail_report;

int eid__cli_exit_code(eidetica_status status)
{
    switch (status) {
    case EIDETICA_OK:
        return 0;
    case EIDETICA_INVALID:
        return 2;
    case EIDETICA_MALFORMED:
    case EIDETICA_TOO_BIG:
        return 65;
    case EIDETICA_NOT_FOUND:
        return 66;
    case EIDETICA_UNREACHABLE:
    case EIDETICA_CLOSED:
        return 69;
    case EIDETICA_NO_MEMORY:
        return 71;
    case EIDETICA_EXISTS:
        return 73;
    case EIDETICA_IO:
    case EIDETICA_CORRUPT:
        return 74;
    case EIDETICA_AGAIN:
    case EIDETICA_PENDING:
    case EIDETICA_FULL:
    case EIDETICA_BUSY:
    case EIDETICA_TIMEOUT:
        return 75;
    case EIDETICA_PROTOCOL:
        return 76;
    case EIDETICA_DENIED:
        return 77;
    case EIDETICA_STATE:
    case EIDETICA_UNSUPPORTED:
        return 78;
    }
    return 1;
}

static void fail_write_person(const fail_report *report)
{
    eid_buf line;

    eid_buf_init(&line, FAIL_TEXT_MAX);
    eid_buf_append_text(&line, "eidetica: ");
    eid__cli_text_append(&line, eid_slice_text(report->what));
    eid_buf_append_text(&line, ": ");
    eid__cli_text_append(&line, eid_slice_text(report->why));
    if (report->remedy[0] != 0) {
        eid_buf_append_text(&line, " (");
        eid__cli_text_append(&line, eid_slice_text(report->remedy));
        eid_buf_append_text(&line, ")");
    }
    fflush(stdout);
    fprintf(stderr, "%.*s\n", (int)line.len, line.at == NULL ? "" : (const char *)line.at);
    eid_buf_fini(&line);
}

static void fail_write_program(const fail_report *report)
{
    eid_json_writer json;
    eid_buf line, message;

    eid_buf_init(&message, FAIL_TEXT_MAX);
    eid_buf_append_format(&message, "%s: %s", report->what, report->why);
    eid_buf_init(&line, (size_t)8 * FAIL_TEXT_MAX);
    eid_json_writer_init(&json, &line);
    eid_json_object(&json);
    eid_json_key(&json, "v");
    eid_json_uint(&json, 1);
    eid_json_key(&json, "error");
    eid_json_object(&json);
    eid_json_key(&json, "status");
    eid_json_text(&json, report->status);
    eid_json_key(&json, "kind");
    eid_json_text(&json, report->kind);
    eid_json_key(&json, "message");
    eid_json_string(&json, eid_buf_slice(&message));
    eid_json_key(&json, "remedy");
    eid_json_text(&json, report->remedy);
    eid_json_object_end(&json);
    eid_json_object_end(&json);
    printf("%.*s\n", (int)line.len, line.at == NULL ? "" : (const char *)line.at);
    eid_buf_fini(&line);
    eid_buf_fini(&message);
}

static void fail_write(const eid__cli *cli, const fail_report *report)
{
    fail_write_person(report);
    if (cli->form != EID__CLI_HUMAN) fail_write_program(report);
}

int eid__cli_failed(eid__cli *cli, eidetica_status status, const char *what, ...)
{
    eidetica_error error = eidetica_last_error();
    bool own = error.status == status;
    fail_report report = {.status = eidetica_status_name(status),
                          .kind = own ? error.kind : "",
                          .why = own && error.message[0] != 0 ? error.message : "it failed",
                          .remedy = own ? error.remedy : ""};
    char text[1024];
    va_list args;

    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    report.what = text;
    fail_write(cli, &report);
    return eid__cli_exit_code(status);
}

int eid__cli_refuse(eid__cli *cli, eidetica_status status, const char *what, const char *remedy,
                    const char *why, ...)
{
    fail_report report = {
        .status = eidetica_status_name(status), .kind = "", .what = what, .remedy = remedy};
    char text[2048];
    va_list args;

    va_start(args, why);
    vsnprintf(text, sizeof text, why, args);
    va_end(args);
    report.why = text;
    fail_write(cli, &report);
    return eid__cli_exit_code(status);
}

int eid__cli_usage(eid__cli *cli, const char *why, ...)
{
    const eid__cli_command *command = cli->args.command;
    const char *name = command != NULL ? command->name : "";
    fail_report report = {.status = "INVALID", .kind = "USAGE"};
    char text[1024], remedy[128], what[64];
    va_list args;

    va_start(args, why);
    vsnprintf(text, sizeof text, why, args);
    va_end(args);
    snprintf(what, sizeof what, "%s", command != NULL ? name : "usage");
    snprintf(remedy, sizeof remedy, "see `eidetica %s%s--help`", name, command != NULL ? " " : "");
    report.what = what;
    report.why = text;
    report.remedy = remedy;
    fail_write(cli, &report);
    return 2;
}

int eid__cli_no_memory(eid__cli *cli)
{
    return eid__cli_refuse(cli, EIDETICA_NO_MEMORY, "working", "free some memory and try again",
                           "out of memory");
}

void eid__cli_note(const eid__cli *cli, const char *format, ...)
{
    char text[2048];
    eid_buf line;
    va_list args;

    if (eid__cli_has(cli, EID__OPT_QUIET)) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    eid_buf_init(&line, FAIL_TEXT_MAX);
    eid__cli_text_append(&line, eid_slice_text(text));
    fflush(stdout);
    fprintf(stderr, "eidetica: %.*s\n", (int)line.len,
            line.at == NULL ? "" : (const char *)line.at);
    eid_buf_fini(&line);
}
