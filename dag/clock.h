/* Clock: the only reader of the system's time. Everything else is handed an eid_clock.
 *
 * Source: spec 02 §3.3; architecture "Determinism".
 */
#ifndef EID_DAG_CLOCK_H
#define EID_DAG_CLOCK_H

#include <stdint.h>

typedef struct eid_clock {
    void *self;
    uint64_t (*wall_ms)(void *self);      /* since the Unix epoch; 0 if before it */
    uint64_t (*monotonic_ns)(void *self); /* from no particular moment */
} eid_clock;

/* The system's clock; lives for ever. */
const eid_clock *eid_clock_system(void);

/* A test clock: `wall_ms` gives `now_ms` and then advances it by `step_ms` unless held. */
typedef struct eid_clock_fixed {
    uint64_t now_ms;
    uint64_t step_ms;
    int held; /* depth of holds */
} eid_clock_fixed;
/* Make a clock of a fixed one, which must outlive it. monotonic_ns = now_ms * 1e6, no advance. */
eid_clock eid_clock_of_fixed(eid_clock_fixed *fixed);

/* RFC 3339 in UTC with offset +00:00 and 0 or 3 fractional digits, as 06 §5 stores it.
 * `out` holds at least 40 bytes. */
void eid_clock_format_rfc3339(uint64_t wall_ms, char *out);

#endif
