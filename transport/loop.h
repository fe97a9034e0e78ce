/* Loop: libev for one thread: sockets, one timer of full precision, and a wake-up from outside. */
#ifndef EID_TRANSPORT_LOOP_H
#define EID_TRANSPORT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "dag/status.h"

#define EID__LOOP_FDS_MAX 16u

typedef struct eid__loop eid__loop;

typedef struct eid__loop_events {
    void *self;
    void (*on_readable)(void *self, unsigned which);
    void (*on_writable)(void *self, unsigned which);
    void (*on_timer)(void *self);
    void (*on_wake)(void *self); /* after one or many eid__loop_wake() */
    void (*on_turn)(void *self); /* before it waits again */
} eid__loop_events;

/* New: eid__loop_free(). Errors: IO, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__loop_new(const eid__loop_events *events, eid__loop **out);
void eid__loop_free(eid__loop *loop);
/* Watch a descriptor for reading; its number for the events is the count of those before it. */
void eid__loop_watch(eid__loop *loop, int fd);
/* Watch it for writing too, or no more. */
void eid__loop_want_write(eid__loop *loop, unsigned which, bool wanted);
/* Let on_timer come in `after_ns`; UINT64_MAX = not at all. */
void eid__loop_timer_set(eid__loop *loop, uint64_t after_ns);
/* Any thread: let on_wake come soon. */
void eid__loop_wake(eid__loop *loop);
/* Run in this thread until eid__loop_stop() is called in it. */
void eid__loop_run(eid__loop *loop);
void eid__loop_stop(eid__loop *loop);

#endif
