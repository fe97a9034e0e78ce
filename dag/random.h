/* Randomness: the only reader of the system's generator. Everything else is handed an eid_random.
 *
 * The seeded generator is for simulation and property tests only (SplitMix64 / ChaCha; not secret).
 */
#ifndef EID_DAG_RANDOM_H
#define EID_DAG_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct eid_random {
    void *self;
    void (*fill)(void *self, uint8_t *out,
                 size_t len); /* never fails: aborts if the system has none */
} eid_random;

/* The system's generator; lives for ever; any thread. */
const eid_random *eid_random_system(void);

/* A reproducible generator of `seed`; one thread. */
typedef struct eid_random_seeded {
    uint64_t state;
} eid_random_seeded;
eid_random eid_random_of_seeded(eid_random_seeded *seeded);
uint64_t eid_random_next(eid_random_seeded *seeded);
/* Uniform in 0 .. bound-1; bound > 0. */
uint64_t eid_random_below(eid_random_seeded *seeded, uint64_t bound);

uint64_t eid_random_u64(const eid_random *random);
/* A random UUID version 4, lower case with hyphens; `out` holds 37 bytes. */
void eid_random_uuid_text(const eid_random *random, char out[37]);

#endif
