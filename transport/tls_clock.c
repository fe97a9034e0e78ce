/* Two functions of the C library, answered from the clock of the endpoint that is at work. Where a
 * program is linked without the option that leads here, the library reads the system's clock:
 * right, but not to be replayed. */
#include "transport/tls_clock.h"

#include <sys/time.h>
#include <time.h>

#include "dag/clock.h"

int __wrap_gettimeofday(struct timeval *out, void *zone);
time_t __wrap_time(time_t *out);

static _Thread_local struct {
    uint64_t (*wall_ms)(void *self);
    void *self;
} in_use;

void eid__tls_clock_use(uint64_t (*wall_ms)(void *self), void *self)
{
    in_use.wall_ms = wall_ms;
    in_use.self = self;
}

static uint64_t now_ms(void)
{
    const eid_clock *clock = eid_clock_system();

    return in_use.wall_ms ? in_use.wall_ms(in_use.self) : clock->wall_ms(clock->self);
}

int __wrap_gettimeofday(struct timeval *out, void *zone)
{
    uint64_t ms = now_ms();

    (void)zone;
    out->tv_sec = (time_t)(ms / 1000);
    out->tv_usec = (suseconds_t)(ms % 1000 * 1000);
    return 0;
}

time_t __wrap_time(time_t *out)
{
    time_t now = (time_t)(now_ms() / 1000);

    if (out) *out = now;
    return now;
}
