/* Keyring: encryption of private keys under a password (Argon2id, AES-256-GCM). Source: spec 06 §6.
 *
 * Formats are the reference's; derived keys live in eid_wrap and are wiped with it.
 */
#ifndef EID_AUTH_KEYRING_H
#define EID_AUTH_KEYRING_H

#include "auth/key.h"

#define EID_SALT_TEXT_LEN 22
#define EID_WRAP_NONCE_BYTES 12
#define EID_WRAP_TAG_BYTES 16

/* A key derived from a password. End with eid_wrap_wipe(). */
typedef struct eid_wrap {
    uint8_t key[32];
} eid_wrap;

/* 16 random bytes as 22 characters; `out` holds 23 bytes. */
void eid_salt_make(const eid_random *random, char out[EID_SALT_TEXT_LEN + 1]);
/* Derive (19 MiB, 2 passes: some 30 ms). Errors: USER_SALT_LENGTH, USER_ENCRYPT (salt characters).
 */
EID_MUST_CHECK eid_status eid_wrap_derive(eid_slice password, eid_slice salt_text, eid_wrap *out);
/* What Argon2id costs; the defaults are those of eid_wrap_derive(). */
typedef struct eid_wrap_costs {
    uint32_t memory_kib, passes, lanes;
} eid_wrap_costs;
#define EID_WRAP_COSTS_DEFAULT ((eid_wrap_costs){19456u, 2u, 1u})
/* Kibibytes and kibibytes × passes that are spent on a record that somebody else wrote: 1 GiB, and
 * some ten seconds. */
#define EID_WRAP_MEMORY_MAX (1024u * 1024u)
#define EID_WRAP_WORK_MAX (16u * 1024u * 1024u)
/* The same with other costs and a salt text of 8 to 64 characters. Errors: USER_ENCRYPT (salt, or
 * costs that Argon2 refuses), LIMIT (costs above ours). */
EID_MUST_CHECK eid_status eid_wrap_derive_costs(eid_slice password, eid_slice salt_text,
                                                const eid_wrap_costs *costs, eid_wrap *out);
void eid_wrap_wipe(eid_wrap *wrap);
/* AES-256-GCM without associated data: appends ciphertext ‖ tag. */
EID_MUST_CHECK eid_status eid_wrap_seal(const eid_wrap *wrap,
                                        const uint8_t nonce[EID_WRAP_NONCE_BYTES], eid_slice plain,
                                        eid_buf *out);
/* Appends the plaintext. Errors: USER_DECRYPT (wrong key or altered), USER_NONCE_LENGTH. */
EID_MUST_CHECK eid_status eid_wrap_open(const eid_wrap *wrap, eid_slice nonce, eid_slice sealed,
                                        eid_buf *out);

#endif
