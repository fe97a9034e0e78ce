/* Two calls of the system and nothing cached: a clock that is asked is right also after a suspend.
 */
#include "dag/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dag/assert.h"

static uint64_t system_wall_ms(void *self)
{
    struct timespec now;

    (void)self;
    EID_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    if (now.tv_sec < 0) return 0;
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static uint64_t system_monotonic_ns(void *self)
{
    struct timespec now;

    (void)self;
    EID_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

const eid_clock *eid_clock_system(void)
{
    static const eid_clock clock = {NULL, system_wall_ms, system_monotonic_ns};

    return &clock;
}

static uint64_t fixed_wall_ms(void *self)
{
    eid_clock_fixed *fixed = self;
    uint64_t now_ms = fixed->now_ms;

    if (fixed->held == 0) fixed->now_ms += fixed->step_ms;
    return now_ms;
}

static uint64_t fixed_monotonic_ns(void *self)
{
    const eid_clock_fixed *fixed = self;

    return fixed->now_ms * 1000000u;
}

eid_clock eid_clock_of_fixed(eid_clock_fixed *fixed)
{
    return (eid_clock){fixed, fixed_wall_ms, fixed_monotonic_ns};
}

void eid_clock_format_rfc3339(uint64_t wall_ms, char *out)
{
    time_t seconds = (time_t)(wall_ms / 1000u);
    unsigned ms = (unsigned)(wall_ms % 1000u);
    char text[96];
    char fraction[8] = "";
    struct tm tm;

    EID_ASSERT(gmtime_r(&seconds, &tm) != NULL);
    if (ms != 0) (void)snprintf(fraction, sizeof fraction, ".%03u", ms);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%s+00:00", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
    text[39] = '\0';
    memcpy(out, text, 40);
}
