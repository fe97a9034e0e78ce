/* What the files of this folder share with each other and with their tests. */
#ifndef EID_AUTH_INTERNAL_H
#define EID_AUTH_INTERNAL_H

#include "auth/key.h"

/* The 32 bytes behind "ed25519:", not asked whether they are a point. Errors: AUTH_KEY_FORMAT. */
EID_MUST_CHECK eid_status eid__key_decode(eid_slice text, uint8_t out[EID_KEY_BYTES]);
/* eid_key_verify_entry() for whoever must not take want of memory for a wrong signature. */
EID_MUST_CHECK eid_status eid__key_check_entry(const eid_pubkey *key, const eid_entry *entry,
                                               bool *ok);

/* Whether the key bytes decode to a point of order 1, 2, 4 or 8 (non-canonical forms too). */
bool eid__small_order_is(const eid_pubkey *key);
/* The verification equation for such a key: the TLS library refuses them, the reference does not.
 */
bool eid__small_order_verify(const eid_pubkey *key, eid_slice message,
                             const uint8_t signature[EID_SIGNATURE_BYTES]);

#endif
