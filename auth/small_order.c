/* Signatures under keys of small order, which wolfSSL refuses and the reference accepts (spec 05
 * §1.3). No honest key is one, yet two nodes must not differ about an entry, so the equation
 * R = S·B - h·A is computed here. A is one of the eight points [i]T of a cyclic group, so h·A is
 * found by counting modulo 8 and no multiplication of an arbitrary point is needed.
 *
 * Encodings: the eight canonical ones, y written as y + p where that fits (y = 0, 1), and x = 0
 * with the sign bit set. Source: Bernstein et al., "EdDSA for more curves"; the eight points: RFC
 * 8032 curve, edwards25519. */
#include <sodium.h>

#include "auth/auth_internal.h"
#include "dag/assert.h"

#define SMALL_ORDER_COUNT 8u

/* [i]T for a point T of order 8. */
static const uint8_t small_order_points[SMALL_ORDER_COUNT][EID_KEY_BYTES] = {
    {0x01},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {[31] = 0x80},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x85},
    {0x00},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0xfa},
};

/* Bring an encoding with y of 0 or 1 written as y + p, or x = 0 with a sign, to its canonical form.
 */
static void small_order_canonical(const eid_pubkey *key, uint8_t out[EID_KEY_BYTES])
{
    uint8_t sign = key->bytes[31] & 0x80;
    bool is_high = (key->bytes[31] & 0x7f) == 0x7f;

    memcpy(out, key->bytes, EID_KEY_BYTES);
    for (size_t i = 1; i < 31; i++) is_high = is_high && out[i] == 0xff;
    if (is_high && (out[0] == 0xed || out[0] == 0xee)) {
        uint8_t y = (uint8_t)(out[0] - 0xed);

        memset(out, 0, EID_KEY_BYTES);
        out[0] = y;
        out[31] = sign;
    }
    out[31] &= 0x7f; /* x is 0 for y of 1 and -1, where the sign means nothing */
    if (memcmp(out, small_order_points[0], EID_KEY_BYTES) == 0) return;
    if (memcmp(out, small_order_points[4], EID_KEY_BYTES) == 0) return;
    out[31] |= sign;
}

/* The i of [i]T; SMALL_ORDER_COUNT if the key is none. */
static unsigned small_order_find(const eid_pubkey *key)
{
    uint8_t canonical[EID_KEY_BYTES];
    unsigned i = 0;

    small_order_canonical(key, canonical);
    while (i < SMALL_ORDER_COUNT && memcmp(canonical, small_order_points[i], EID_KEY_BYTES) != 0)
        i++;
    return i;
}

bool eid__small_order_is(const eid_pubkey *key)
{
    return small_order_find(key) < SMALL_ORDER_COUNT;
}

/* h = SHA-512(R ‖ A ‖ message) mod L, of which only h mod 8 is wanted. */
static unsigned small_order_challenge(const eid_pubkey *key, eid_slice message, const uint8_t *r)
{
    crypto_hash_sha512_state state;
    uint8_t digest[crypto_hash_sha512_BYTES];
    uint8_t reduced[crypto_core_ed25519_SCALARBYTES];

    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r, 32);
    crypto_hash_sha512_update(&state, key->bytes, EID_KEY_BYTES);
    if (message.len > 0) crypto_hash_sha512_update(&state, message.at, message.len);
    crypto_hash_sha512_final(&state, digest);
    crypto_core_ed25519_scalar_reduce(reduced, digest);
    return reduced[0] & 7u;
}

static bool small_order_scalar_is_canonical(const uint8_t *s)
{
    uint8_t wide[crypto_core_ed25519_NONREDUCEDSCALARBYTES] = {0};
    uint8_t reduced[crypto_core_ed25519_SCALARBYTES];

    memcpy(wide, s, 32);
    crypto_core_ed25519_scalar_reduce(reduced, wide);
    return memcmp(reduced, s, 32) == 0;
}

bool eid__small_order_verify(const eid_pubkey *key, eid_slice message,
                             const uint8_t signature[EID_SIGNATURE_BYTES])
{
    unsigned i = small_order_find(key);
    const uint8_t *s = signature + 32;
    uint8_t r[EID_KEY_BYTES];
    unsigned minus_ha;

    EID_ASSERT(i < SMALL_ORDER_COUNT);
    if (!small_order_scalar_is_canonical(s)) return false;
    minus_ha = (SMALL_ORDER_COUNT - small_order_challenge(key, message, signature) * i % 8u) % 8u;
    if (sodium_is_zero(s, 32)) {
        memcpy(r, small_order_points[minus_ha], sizeof r);
    } else {
        if (crypto_scalarmult_ed25519_base_noclamp(r, s) != 0) return false;
        if (crypto_core_ed25519_add(r, r, small_order_points[minus_ha]) != 0) return false;
    }
    return memcmp(r, signature, sizeof r) == 0;
}
