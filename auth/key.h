/* Key: Ed25519 keys, their texts and signatures (RFC 8032). Source: spec 05 §1, spec 01 §6, H5.
 *
 * Verification accepts what the reference accepts: cofactorless, S < L, R compared as bytes, small
 * order not refused. Secrets are wiped; no function prints one but eid_key_secret_text(). Any
 * thread.
 */
#ifndef EID_AUTH_KEY_H
#define EID_AUTH_KEY_H

#include "dag/bytes.h"
#include "dag/entry.h"
#include "dag/random.h"

#define EID_KEY_BYTES 32
#define EID_SIGNATURE_BYTES 64
#define EID_KEY_TEXT_MAX 53       /* "ed25519:" + 44 characters + zero */
#define EID_SIGNATURE_TEXT_MAX 89 /* 88 characters + zero */

typedef struct eid_pubkey {
    uint8_t bytes[EID_KEY_BYTES];
} eid_pubkey;

/* A key pair. End with eid_key_wipe(). */
typedef struct eid_key {
    uint8_t seed[EID_KEY_BYTES];
    uint8_t expanded[64]; /* libsodium's form: seed and public key */
    eid_pubkey pub;
} eid_key;

void eid_key_from_seed(const uint8_t seed[EID_KEY_BYTES], eid_key *out);
void eid_key_generate(const eid_random *random, eid_key *out);
void eid_key_wipe(eid_key *key);
/* Text "ed25519:…" of 52 characters. `out` holds EID_KEY_TEXT_MAX bytes; gives `out`. */
char *eid_pubkey_text(const eid_pubkey *key, char *out);
/* The secret's text; the caller wipes it. */
char *eid_key_secret_text(const eid_key *key, char *out);
/* Errors: AUTH_KEY_FORMAT, AUTH_KEY_PARSE (no curve point). */
EID_MUST_CHECK eid_status eid_pubkey_parse(eid_slice text, eid_pubkey *out);
EID_MUST_CHECK eid_status eid_key_parse_secret(eid_slice text, eid_key *out);
bool eid_pubkey_equal(const eid_pubkey *a, const eid_pubkey *b);

void eid_key_sign(const eid_key *key, eid_slice message, uint8_t signature[EID_SIGNATURE_BYTES]);
/* eid_sign_fn of dag/builder.h; self is a const eid_key. */
eid_status eid_key_sign_fn(void *self, eid_slice message, uint8_t signature[64]);
bool eid_key_verify(const eid_pubkey *key, eid_slice message, eid_slice signature);
/* Checks an entry's attached signature with a key; false also for bad base64 or length. */
bool eid_key_verify_entry(const eid_pubkey *key, const eid_entry *entry);

#endif
