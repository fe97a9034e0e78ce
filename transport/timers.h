/* Timers: a heap of deadlines, so that one timer of the world serves all connections. One thread.
 */
#ifndef EID_TRANSPORT_TIMERS_H
#define EID_TRANSPORT_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "dag/status.h"

typedef struct eid__timer {
    void *owner;
    uint64_t due_ns;
    size_t place; /* in the heap, counted from 1; 0 = not set */
} eid__timer;

typedef struct eid__timers {
    eid__timer **at; /* at[i] is due no later than at[2i+1] and at[2i+2] */
    size_t count, cap;
} eid__timers;

void eid__timers_fini(eid__timers *timers);
/* Make room for `count` timers at once, so that setting one cannot fail. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid__timers_reserve(eid__timers *timers, size_t count);
/* Set, move or (UINT64_MAX) clear a timer. There must be room. */
void eid__timers_set(eid__timers *timers, eid__timer *timer, uint64_t due_ns);
/* When the first is due; UINT64_MAX = none is set. */
uint64_t eid__timers_due(const eid__timers *timers);
/* Clear and give the first one if it is due at `now_ns`, else NULL. */
eid__timer *eid__timers_pop(eid__timers *timers, uint64_t now_ns);

#endif
