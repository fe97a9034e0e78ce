/* Formats on the stack before it takes the lock, so that a slow writer holds nobody up longer than
 * its own line takes, and a log line never needs memory. */
#include "dag/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define LOG_FIELDS_MAX 1024 /* longer lines are cut */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static struct {
    pthread_mutex_t lock;
    eid_log_level level;
    eid_log_sink sink;
    void *self;
} out = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = EID_LOG_WARN};

static void log_to_stderr(void *self, eid_log_level level, const char *event, const char *fields)
{
    (void)self;
    (void)fprintf(stderr, "%s %s%s%s\n", level_names[level], event, fields[0] ? " " : "", fields);
}

void eid_log_setup(eid_log_level level, eid_log_sink sink, void *self)
{
    out.level = level;
    out.sink = sink;
    out.self = self;
}

void eid_log(eid_log_level level, const char *event, const char *format, ...)
{
    char fields[LOG_FIELDS_MAX];
    va_list args;

    if (level > out.level) return;
    va_start(args, format);
    (void)vsnprintf(fields, sizeof fields, format, args);
    va_end(args);
    for (char *c = fields; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?'; /* one line stays one line */
    }
    (void)pthread_mutex_lock(&out.lock);
    (out.sink ? out.sink : log_to_stderr)(out.self, level, event, fields);
    (void)pthread_mutex_unlock(&out.lock);
}
