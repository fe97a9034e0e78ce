/* A timerfd and not libev's timers: those round up to a millisecond, and pacing needs a tenth of
 * it. */
#include "transport/loop.h"

#include <errno.h>
#include <ev.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct loop_fd {
    ev_io reader, writer;
    eid__loop *loop;
    unsigned which;
} loop_fd;

struct eid__loop {
    struct ev_loop *ev;
    eid__loop_events events;
    int timer_fd;
    ev_io timer;
    ev_async wake;
    ev_prepare turn;
    unsigned fd_count;
    loop_fd fds[EID__LOOP_FDS_MAX];
};

static void on_readable(struct ev_loop *ev, ev_io *watcher, int what)
{
    loop_fd *fd = watcher->data;

    (void)ev;
    (void)what;
    fd->loop->events.on_readable(fd->loop->events.self, fd->which);
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int what)
{
    loop_fd *fd = watcher->data;

    (void)ev;
    (void)what;
    fd->loop->events.on_writable(fd->loop->events.self, fd->which);
}

static void on_timer(struct ev_loop *ev, ev_io *watcher, int what)
{
    eid__loop *loop = watcher->data;
    uint64_t times;

    (void)ev;
    (void)what;
    if (read(loop->timer_fd, &times, sizeof times) != (ssize_t)sizeof times)
        return; /* it was moved */
    loop->events.on_timer(loop->events.self);
}

static void on_wake(struct ev_loop *ev, ev_async *watcher, int what)
{
    eid__loop *loop = watcher->data;

    (void)ev;
    (void)what;
    loop->events.on_wake(loop->events.self);
}

static void on_turn(struct ev_loop *ev, ev_prepare *watcher, int what)
{
    eid__loop *loop = watcher->data;

    (void)ev;
    (void)what;
    loop->events.on_turn(loop->events.self);
}

static void watchers_start(eid__loop *loop)
{
    ev_io_init(&loop->timer, on_timer, loop->timer_fd, EV_READ);
    loop->timer.data = loop;
    ev_io_start(loop->ev, &loop->timer);
    ev_async_init(&loop->wake, on_wake);
    loop->wake.data = loop;
    ev_async_start(loop->ev, &loop->wake);
    ev_prepare_init(&loop->turn, on_turn);
    loop->turn.data = loop;
    ev_prepare_start(loop->ev, &loop->turn);
}

eid_status eid__loop_new(const eid__loop_events *events, eid__loop **out)
{
    eid__loop *loop = eid_alloc(sizeof *loop);

    if (!loop) return EID_FAIL(EID_KIND_NO_MEMORY, "for an event loop");
    loop->events = *events;
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    loop->ev = ev_loop_new(EVFLAG_AUTO);
    if (loop->timer_fd < 0 || !loop->ev) {
        eid__loop_free(loop);
        return EID_FAIL(EID_KIND_IO, "no event loop: too many open files?");
    }
    watchers_start(loop);
    *out = loop;
    return EID_OK;
}

void eid__loop_free(eid__loop *loop)
{
    if (!loop) return;
    if (loop->ev) ev_loop_destroy(loop->ev);
    if (loop->timer_fd >= 0) (void)close(loop->timer_fd);
    eid_free(loop);
}

void eid__loop_watch(eid__loop *loop, int fd)
{
    loop_fd *at = &loop->fds[loop->fd_count];

    EID_ASSERT(loop->fd_count < EID__LOOP_FDS_MAX);
    at->loop = loop;
    at->which = loop->fd_count++;
    ev_io_init(&at->reader, on_readable, fd, EV_READ);
    ev_io_init(&at->writer, on_writable, fd, EV_WRITE);
    at->reader.data = at->writer.data = at;
    ev_io_start(loop->ev, &at->reader);
}

void eid__loop_want_write(eid__loop *loop, unsigned which, bool wanted)
{
    EID_ASSERT(which < loop->fd_count);
    if (wanted) {
        ev_io_start(loop->ev, &loop->fds[which].writer);
    } else {
        ev_io_stop(loop->ev, &loop->fds[which].writer);
    }
}

void eid__loop_timer_set(eid__loop *loop, uint64_t after_ns)
{
    const uint64_t second_ns = 1000000000;
    struct itimerspec when = {0};

    if (after_ns == 0) after_ns = 1; /* zero would switch it off */
    if (after_ns != UINT64_MAX) {
        when.it_value.tv_sec = (time_t)(after_ns / second_ns);
        when.it_value.tv_nsec = (long)(after_ns % second_ns);
    }
    EID_ASSERT(timerfd_settime(loop->timer_fd, 0, &when, NULL) == 0);
}

void eid__loop_wake(eid__loop *loop)
{
    ev_async_send(loop->ev, &loop->wake);
}

void eid__loop_run(eid__loop *loop)
{
    ev_run(loop->ev, 0);
}

void eid__loop_stop(eid__loop *loop)
{
    ev_break(loop->ev, EVBREAK_ALL);
}
