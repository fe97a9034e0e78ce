/* Challenge: proof of a key by signing what somebody else chose.
 *
 * A signature over chosen bytes is dangerous where the same key signs entries: a "challenge" that
 * is an entry would be a signed entry. So only 32 bytes are signed, and never any that read as a
 * DAG-CBOR map (an honest random challenge is none but by a chance that nobody will see). Source:
 * spec 05 §1.1, §7.5 row 4.
 */
#ifndef EID_AUTH_CHALLENGE_H
#define EID_AUTH_CHALLENGE_H

#include "auth/key.h"

#define EID_CHALLENGE_BYTES 32

/* Fill in a fresh one. */
void eid_challenge_new(const eid_random *random, uint8_t out[EID_CHALLENGE_BYTES]);
/* Sign a challenge. Errors: AUTH_CHALLENGE (another length, or a map). */
EID_MUST_CHECK eid_status eid_challenge_answer(const eid_key *key, eid_slice challenge,
                                               uint8_t signature[EID_SIGNATURE_BYTES]);
bool eid_challenge_check(const eid_pubkey *key, eid_slice challenge, eid_slice signature);

#endif
