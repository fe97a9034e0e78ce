/* The libraries at hand refuse some encodings that the reference accepts, and an entry that the
 * others can read must not be unreadable here. So this is written out, and only this: x^2 = (y^2 -
 * 1) / (d y^2 + 1) has a root if and only if the product of both is a square (the denominator is
 * never 0), which Euler's criterion answers. Five limbs of 51 bits. Source: RFC 8032 §5.1.3. */
#include "dag/point.h"

#include <stddef.h>
#include <string.h>

#define LIMB_BITS 51
#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)
#define CACHE_SIZE 64 /* keys; a database has few writers */

__extension__ typedef unsigned __int128 wide;

typedef struct field {
    uint64_t limb[5]; /* sum of limb[i] * 2^(51 i) mod 2^255 - 19; each below 2^52 */
} field;

static const field field_one = {{1, 0, 0, 0, 0}};

/* d = -121665 / 121666 */
static const field field_d = {{UINT64_C(0x34dca135978a3), UINT64_C(0x1a8283b156ebd),
                               UINT64_C(0x5e7a26001c029), UINT64_C(0x739c663a03cbb),
                               UINT64_C(0x52036cee2b6ff)}};

/* The low 255 bits; values from p to 2^255 - 1 stand for themselves less p. */
static field field_of_bytes(const uint8_t bytes[32])
{
    field out;
    uint64_t words[5] = {0};

    for (size_t i = 0; i < 32; i++) words[i / 8] |= (uint64_t)bytes[i] << (8 * (i % 8));
    for (size_t i = 0; i < 5; i++) {
        size_t bit = i * LIMB_BITS;
        size_t shift = bit % 64;
        uint64_t word = words[bit / 64] >> shift;

        if (shift > 64 - LIMB_BITS) word |= words[bit / 64 + 1] << (64 - shift);
        out.limb[i] = word & LIMB_MASK;
    }
    return out;
}

/* Carry once around, 2^255 being 19. */
static field field_carry(field a)
{
    for (size_t i = 0; i < 4; i++) {
        a.limb[i + 1] += a.limb[i] >> LIMB_BITS;
        a.limb[i] &= LIMB_MASK;
    }
    a.limb[0] += 19 * (a.limb[4] >> LIMB_BITS);
    a.limb[4] &= LIMB_MASK;
    return a;
}

static field field_add(field a, field b)
{
    for (size_t i = 0; i < 5; i++) a.limb[i] += b.limb[i];
    return field_carry(a);
}

static field field_subtract(field a, field b)
{
    /* 4p is added, so that no limb goes below zero */
    a.limb[0] += 4 * (LIMB_MASK - 18) - b.limb[0];
    for (size_t i = 1; i < 5; i++) a.limb[i] += 4 * LIMB_MASK - b.limb[i];
    return field_carry(a);
}

static field field_multiply(field a, field b)
{
    wide sums[5] = {0};
    wide carry = 0;
    field out;

    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < 5; j++) {
            uint64_t factor = i + j < 5 ? b.limb[j] : 19 * b.limb[j];

            sums[(i + j) % 5] += (wide)a.limb[i] * factor;
        }
    }
    for (size_t i = 0; i < 5; i++) {
        carry += sums[i];
        out.limb[i] = (uint64_t)carry & LIMB_MASK;
        carry >>= LIMB_BITS;
    }
    carry = carry * 19 + out.limb[0];
    out.limb[0] = (uint64_t)carry & LIMB_MASK;
    out.limb[1] += (uint64_t)(carry >> LIMB_BITS);
    return out;
}

/* a^(2^count) */
static field field_square_times(field a, unsigned count)
{
    for (unsigned i = 0; i < count; i++) a = field_multiply(a, a);
    return a;
}

/* From a^(2^m - 1) and a^(2^n - 1), a^(2^(m + n) - 1). */
static field field_join(field high, field low, unsigned n)
{
    return field_multiply(field_square_times(high, n), low);
}

/* a^((p - 1) / 2); the exponent is 2^254 - 10 = (2^250 - 1) 2^4 + 6. */
static field field_legendre(field a)
{
    field a2 = field_multiply(a, a);
    field n2 = field_join(a, a, 1);
    field n4 = field_join(n2, n2, 2);
    field n5 = field_join(n4, a, 1);
    field n10 = field_join(n5, n5, 5);
    field n20 = field_join(n10, n10, 10);
    field n40 = field_join(n20, n20, 20);
    field n50 = field_join(n40, n10, 10);
    field n100 = field_join(n50, n50, 50);
    field n200 = field_join(n100, n100, 100);
    field n250 = field_join(n200, n50, 50);
    field a6 = field_multiply(field_multiply(a2, a2), a2);

    return field_multiply(field_square_times(n250, 4), a6);
}

static bool field_is_zero(field a)
{
    static const field p = {{LIMB_MASK - 18, LIMB_MASK, LIMB_MASK, LIMB_MASK, LIMB_MASK}};

    a = field_carry(field_carry(a)); /* now below 2^255 in limbs of 51 bits: 0, or p, or neither */
    a = field_carry(a);
    if (memcmp(&a, &p, sizeof a) == 0) return true;
    return (a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3] | a.limb[4]) == 0;
}

static bool point_exists(const uint8_t bytes[32])
{
    field y = field_of_bytes(bytes);
    field y2 = field_multiply(y, y);
    field over = field_subtract(y2, field_one);
    field under = field_add(field_multiply(field_d, y2), field_one);
    field product = field_multiply(over, under);

    if (field_is_zero(product)) return true; /* x = 0 */
    return field_is_zero(field_subtract(field_legendre(product), field_one));
}

bool eid_point_is_valid(const uint8_t bytes[32])
{
    static _Thread_local struct {
        bool used;
        uint8_t bytes[32];
    } cache[CACHE_SIZE];
    size_t slot = (bytes[0] ^ bytes[16]) % CACHE_SIZE;

    if (cache[slot].used && memcmp(cache[slot].bytes, bytes, 32) == 0) return true;
    if (!point_exists(bytes)) return false;
    cache[slot].used = true;
    memcpy(cache[slot].bytes, bytes, 32);
    return true;
}
