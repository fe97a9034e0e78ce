/* Whole lines by one write(2): threads log at the same time, and stdio's lock is not the reader's.
 */
#include "node/cli/logsink.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dag/clock.h"
#include "dag/json.h"
#include "node/cli/text.h"

#define LOGSINK_LINE_MAX 16384

static const char *const logsink_levels[] = {"error", "warn", "info", "debug"};

static const char *logsink_level(int level)
{
    return logsink_levels[level < 0 ? 0 : level > 3 ? 3 : level];
}

static void logsink_write(eid_buf *line)
{
    eid_buf_append_byte(line, '\n');
    if (eid_buf_status(line) == EID_OK && write(STDERR_FILENO, line->at, line->len) < 0) {
        /* Nobody reads: there is nobody to tell either. */
    }
    eid_buf_fini(line);
}

static void logsink_now(char *out)
{
    const eid_clock *clock = eid_clock_system();

    eid_clock_format_rfc3339(clock->wall_ms(clock->self), out);
}

static void logsink_text(void *self, int level, const char *event, const char *fields)
{
    char now[40];
    eid_buf line;

    (void)self;
    logsink_now(now);
    eid_buf_init(&line, LOGSINK_LINE_MAX);
    eid_buf_append_format(&line, "%s %-5s ", now, logsink_level(level));
    eid__cli_text_append(&line, eid_slice_text(event));
    eid_buf_append_byte(&line, ' ');
    eid__cli_text_append(&line, eid_slice_text(fields));
    logsink_write(&line);
}

static void logsink_json(void *self, int level, const char *event, const char *fields)
{
    eid_json_writer json;
    char now[40];
    eid_buf line;

    (void)self;
    logsink_now(now);
    eid_buf_init(&line, LOGSINK_LINE_MAX);
    eid_json_writer_init(&json, &line);
    eid_json_object(&json);
    eid_json_key(&json, "v");
    eid_json_uint(&json, 1);
    eid_json_key(&json, "time");
    eid_json_text(&json, now);
    eid_json_key(&json, "level");
    eid_json_text(&json, logsink_level(level));
    eid_json_key(&json, "event");
    eid_json_text(&json, event);
    eid_json_key(&json, "fields");
    eid_json_text(&json, fields);
    eid_json_object_end(&json);
    logsink_write(&line);
}

int eid__cli_logsink_begin(eid__cli *cli)
{
    const char *env = getenv("EIDETICA_LOG");
    uint64_t verbose = eid__cli_number(cli, EID__OPT_VERBOSE, 0);
    bool json = strcmp(eid__cli_text(cli, EID__OPT_LOG_FORMAT, "text"), "json") == 0;
    int level = 1;

    if (env != NULL && env[0] != 0) {
        level = 0;
        while (level < 4 && strcmp(env, logsink_levels[level]) != 0) level++;
        if (level == 4) {
            return eid__cli_usage(
                cli, "EIDETICA_LOG: \"%s\" is not one of error, warn, info, debug", env);
        }
    }
    if (eid__cli_has(cli, EID__OPT_QUIET)) level = 0;
    if (verbose > 0) level = verbose == 1 ? 2 : 3;
    eidetica_set_log(level, json ? logsink_json : logsink_text, NULL);
    return 0;
}
