/* getrandom() and no generator of our own in between: there is no state that a fork could double or
 * a core dump could show. The seeded one is SplitMix64 (Steele, Lea, Flood 2014): one word of
 * state, so that a failing test is named by its seed. */
#include "dag/random.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "dag/assert.h"

static void system_fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);

        if (got < 0 && errno == EINTR) continue;
        EID_ASSERT(got > 0);
        out += got;
        len -= (size_t)got;
    }
}

const eid_random *eid_random_system(void)
{
    static const eid_random random = {NULL, system_fill};

    return &random;
}

static void seeded_fill(void *self, uint8_t *out, size_t len)
{
    while (len > 0) {
        uint64_t word = eid_random_next(self);
        size_t take = len < sizeof word ? len : sizeof word;

        for (size_t i = 0; i < take; i++) out[i] = (uint8_t)(word >> (8 * i));
        out += take;
        len -= take;
    }
}

eid_random eid_random_of_seeded(eid_random_seeded *seeded)
{
    return (eid_random){seeded, seeded_fill};
}

uint64_t eid_random_next(eid_random_seeded *seeded)
{
    uint64_t z = seeded->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t eid_random_below(eid_random_seeded *seeded, uint64_t bound)
{
    uint64_t uneven, word;

    EID_ASSERT(bound > 0);
    uneven = (UINT64_MAX - bound + 1) % bound; /* words below it would favour small results */
    do {
        word = eid_random_next(seeded);
    } while (word < uneven);
    return word % bound;
}

uint64_t eid_random_u64(const eid_random *random)
{
    uint64_t word;

    random->fill(random->self, (uint8_t *)&word, sizeof word);
    return word;
}

void eid_random_uuid_text(const eid_random *random, char out[37])
{
    uint8_t b[16];

    random->fill(random->self, b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* RFC 9562 §5.4 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
}
