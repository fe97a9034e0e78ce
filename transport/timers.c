/* A binary heap that knows where each timer stands: a connection moves its deadline with every
 * packet, and must not search for it. */
#include "transport/timers.h"

#include "dag/alloc.h"
#include "dag/assert.h"

void eid__timers_fini(eid__timers *timers)
{
    eid_free(timers->at);
    *timers = (eid__timers){0};
}

eid_status eid__timers_reserve(eid__timers *timers, size_t count)
{
    eid__timer **grown;

    if (count <= timers->cap) return EID_OK;
    if (count < 2 * timers->cap) count = 2 * timers->cap;
    grown = eid_realloc(timers->at, count * sizeof(eid__timer *));
    if (!grown) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu timers", count);
    timers->at = grown;
    timers->cap = count;
    return EID_OK;
}

static void heap_place(eid__timers *timers, size_t at, eid__timer *timer)
{
    timers->at[at] = timer;
    timer->place = at + 1;
}

static void heap_up(eid__timers *timers, size_t at, eid__timer *timer)
{
    while (at > 0 && timers->at[(at - 1) / 2]->due_ns > timer->due_ns) {
        heap_place(timers, at, timers->at[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_place(timers, at, timer);
}

static void heap_down(eid__timers *timers, size_t at, eid__timer *timer)
{
    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < timers->count &&
            timers->at[child + 1]->due_ns < timers->at[child]->due_ns) {
            child++;
        }
        if (child >= timers->count || timers->at[child]->due_ns >= timer->due_ns) break;
        heap_place(timers, at, timers->at[child]);
        at = child;
    }
    heap_place(timers, at, timer);
}

static void heap_remove(eid__timers *timers, eid__timer *timer)
{
    size_t at = timer->place - 1;
    eid__timer *last = timers->at[--timers->count];

    EID_ASSERT(timers->count >= at);
    timer->place = 0;
    if (last == timer) return;
    if (last->due_ns < timer->due_ns) {
        heap_up(timers, at, last);
    } else {
        heap_down(timers, at, last);
    }
}

void eid__timers_set(eid__timers *timers, eid__timer *timer, uint64_t due_ns)
{
    if (timer->place > 0 && timer->due_ns == due_ns) return;
    if (timer->place > 0) heap_remove(timers, timer);
    timer->due_ns = due_ns;
    if (due_ns == UINT64_MAX) return;
    EID_ASSERT(timers->count < timers->cap);
    timers->count++;
    heap_up(timers, timers->count - 1, timer);
}

uint64_t eid__timers_due(const eid__timers *timers)
{
    return timers->count > 0 ? timers->at[0]->due_ns : UINT64_MAX;
}

eid__timer *eid__timers_pop(eid__timers *timers, uint64_t now_ns)
{
    eid__timer *timer;

    if (timers->count == 0 || timers->at[0]->due_ns > now_ns) return NULL;
    timer = timers->at[0];
    heap_remove(timers, timer);
    return timer;
}
