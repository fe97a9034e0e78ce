/* The strict reader is enough to tell a map: what is not canonical is no entry anywhere. */
#include "auth/challenge.h"

#include "dag/cbor.h"

static bool challenge_is_map(eid_slice bytes)
{
    eid_cbor cbor;

    eid_cbor_init(&cbor, bytes);
    if (eid_cbor_peek(&cbor) != EID_CBOR_MAP) return false;
    eid_cbor_skip(&cbor);
    return eid_cbor_finish(&cbor) == EID_OK;
}

void eid_challenge_new(const eid_random *random, uint8_t out[EID_CHALLENGE_BYTES])
{
    random->fill(random->self, out, EID_CHALLENGE_BYTES);
}

eid_status eid_challenge_answer(const eid_key *key, eid_slice challenge,
                                uint8_t signature[EID_SIGNATURE_BYTES])
{
    if (challenge.len != EID_CHALLENGE_BYTES) {
        return EID_FAIL(EID_KIND_AUTH_CHALLENGE, "a challenge of %zu bytes is not signed",
                        challenge.len);
    }
    if (challenge_is_map(challenge)) {
        return EID_FAIL(EID_KIND_AUTH_CHALLENGE,
                        "a challenge that could be an entry is not signed");
    }
    eid_key_sign(key, challenge, signature);
    return EID_OK;
}

bool eid_challenge_check(const eid_pubkey *key, eid_slice challenge, eid_slice signature)
{
    return challenge.len == EID_CHALLENGE_BYTES && eid_key_verify(key, challenge, signature);
}
