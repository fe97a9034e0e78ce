/* Signing and verifying by wolfSSL, which is half as fast again as libsodium at both, and which,
 * unlike libsodium, accepts what the reference accepts: points with y >= p and mixed orders. Keys
 * of small order it refuses too; those go to small_order.c. libsodium makes public keys out of
 * seeds.
 *
 * A signature is checked against a key that is imported as "trusted": whether the bytes are a point
 * comes out of the verification itself, and a second decompression would cost a fifth of it. */
#include "auth/key.h"

#include <sodium.h>
#include <wolfssl/wolfcrypt/ed25519.h>

#include "auth/auth_internal.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/base.h"
#include "dag/point.h"

#define KEY_PREFIX "ed25519"
#define KEY_PREFIX_COLON KEY_PREFIX ":"
#define KEY_TEXT_DECODED_MAX                                                                       \
    128u /* bytes of a payload that are worth decoding to tell its length */

_Static_assert(crypto_sign_SECRETKEYBYTES == 64, "eid_key.expanded is libsodium's secret key");

void eid_key_from_seed(const uint8_t seed[EID_KEY_BYTES], eid_key *out)
{
    int result;

    memmove(out->seed, seed, EID_KEY_BYTES);
    result = crypto_sign_seed_keypair(out->pub.bytes, out->expanded, out->seed);
    EID_ASSERT(result == 0); /* every seed gives a key pair */
}

void eid_key_generate(const eid_random *random, eid_key *out)
{
    uint8_t seed[EID_KEY_BYTES];

    random->fill(random->self, seed, sizeof seed);
    eid_key_from_seed(seed, out);
    eid_wipe(seed, sizeof seed);
}

void eid_key_wipe(eid_key *key)
{
    eid_wipe(key, sizeof *key);
}

static char *key_text(const uint8_t bytes[EID_KEY_BYTES], char *out)
{
    const size_t prefix_len = sizeof KEY_PREFIX_COLON - 1;

    _Static_assert(sizeof KEY_PREFIX_COLON - 1 + 45 == EID_KEY_TEXT_MAX,
                   "32 bytes are 44 characters");
    memcpy(out, KEY_PREFIX_COLON, prefix_len);
    sodium_bin2base64(out + prefix_len, EID_KEY_TEXT_MAX - prefix_len, bytes, EID_KEY_BYTES,
                      sodium_base64_VARIANT_ORIGINAL);
    return out;
}

char *eid_pubkey_text(const eid_pubkey *key, char *out)
{
    return key_text(key->bytes, out);
}

char *eid_key_secret_text(const eid_key *key, char *out)
{
    return key_text(key->seed, out);
}

/* The messages never quote the payload, which may be a secret. */
eid_status eid__key_decode(eid_slice text, uint8_t out[EID_KEY_BYTES])
{
    const uint8_t *colon = text.len > 0 ? memchr(text.at, ':', text.len) : NULL;
    eid_slice prefix, payload;

    if (colon == NULL) return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT, "Expected 'algorithm:key' format");
    prefix = eid_slice_of(text.at, (size_t)(colon - text.at));
    payload = eid_slice_of(colon + 1, text.len - prefix.len - 1);
    if (!eid_slice_is(prefix, KEY_PREFIX)) {
        return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT, "Unknown key algorithm prefix: '%.*s'",
                        EID_SLICE_ARG(prefix));
    }
    if (!eid_base64_decode_exact(payload, out, EID_KEY_BYTES)) {
        return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT,
                        "Ed25519 key must be 32 bytes in base64 with padding, got %zu characters",
                        payload.len);
    }
    return EID_OK;
}

eid_status eid_pubkey_parse(eid_slice text, eid_pubkey *out)
{
    eid_status status = eid__key_decode(text, out->bytes);

    if (status == EID_OK && !eid_point_is_valid(out->bytes)) {
        return EID_FAIL(EID_KIND_AUTH_KEY_PARSE, "these 32 bytes are no point of the curve");
    }
    return status;
}

eid_status eid_key_parse_secret(eid_slice text, eid_key *out)
{
    uint8_t seed[EID_KEY_BYTES];
    eid_status status = eid__key_decode(text, seed);

    if (status == EID_OK) eid_key_from_seed(seed, out);
    eid_wipe(seed, sizeof seed);
    return status;
}

bool eid_pubkey_equal(const eid_pubkey *a, const eid_pubkey *b)
{
    return memcmp(a->bytes, b->bytes, EID_KEY_BYTES) == 0;
}

/* wolfSSL counts in 32 bits and wants a pointer even for nothing. */
static const uint8_t *key_message(eid_slice message, word32 *len)
{
    static const uint8_t nothing[1];

    EID_ASSERT(message.len <= UINT32_MAX);
    *len = (word32)message.len;
    return message.len > 0 ? message.at : nothing;
}

void eid_key_sign(const eid_key *key, eid_slice message, uint8_t signature[EID_SIGNATURE_BYTES])
{
    ed25519_key wolf;
    word32 message_len;
    const uint8_t *at = key_message(message, &message_len);
    word32 len = EID_SIGNATURE_BYTES;
    bool ok;

    ok = wc_ed25519_init(&wolf) == 0 &&
         wc_ed25519_import_private_key_ex(key->seed, EID_KEY_BYTES, key->pub.bytes, EID_KEY_BYTES,
                                          &wolf, 1) == 0 &&
         wc_ed25519_sign_msg(at, message_len, signature, &len, &wolf) == 0;
    EID_ASSERT(ok); /* a key of ours and a buffer of the right size: nothing is left to fail */
    EID_ASSERT(len == EID_SIGNATURE_BYTES);
    wc_ed25519_free(&wolf);
    eid_wipe(&wolf, sizeof wolf);
}

eid_status eid_key_sign_fn(void *self, eid_slice message, uint8_t signature[64])
{
    const eid_key *key = self;

    eid_key_sign(key, message, signature);
    return EID_OK;
}

bool eid_key_verify(const eid_pubkey *key, eid_slice message, eid_slice signature)
{
    ed25519_key wolf;
    word32 message_len;
    const uint8_t *at = key_message(message, &message_len);
    int valid = 0;

    if (signature.len != EID_SIGNATURE_BYTES) return false;
    if (eid__small_order_is(key)) return eid__small_order_verify(key, message, signature.at);
    if (wc_ed25519_init(&wolf) != 0) return false;
    if (wc_ed25519_import_public_ex(key->bytes, EID_KEY_BYTES, &wolf, 1) != 0 ||
        wc_ed25519_verify_msg(signature.at, EID_SIGNATURE_BYTES, at, message_len, &valid, &wolf) !=
            0) {
        valid = 0;
    }
    wc_ed25519_free(&wolf);
    return valid == 1;
}

eid_status eid__key_check_entry(const eid_pubkey *key, const eid_entry *entry, bool *ok)
{
    uint8_t signature[EID_SIGNATURE_BYTES];
    eid_slice text;
    eid_buf message;
    eid_status status;

    *ok = false;
    if (!eid_entry_signature(entry, &text)) return EID_OK;
    if (!eid_base64_decode_exact(text, signature, sizeof signature)) return EID_OK;
    eid_buf_init(&message, EID_ENTRY_BYTES_MAX);
    status = eid_entry_signing_bytes(entry, &message);
    if (status == EID_OK) {
        *ok =
            eid_key_verify(key, eid_buf_slice(&message), eid_slice_of(signature, sizeof signature));
    }
    eid_buf_fini(&message);
    return status;
}

bool eid_key_verify_entry(const eid_pubkey *key, const eid_entry *entry)
{
    bool ok;

    return eid__key_check_entry(key, entry, &ok) == EID_OK && ok;
}
