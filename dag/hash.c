/* The official C code of BLAKE3 and libsodium's SHA-256, one-shot: entries are at most one mebibyte
 * and lie in memory as a whole. */
#include "dag/hash.h"

#include <blake3.h>
#include <sodium.h>

_Static_assert(BLAKE3_OUT_LEN == EID_HASH_BYTES, "BLAKE3-256");
_Static_assert(crypto_hash_sha256_BYTES == EID_HASH_BYTES, "SHA-256");

void eid_hash_blake3(eid_slice bytes, uint8_t out[EID_HASH_BYTES])
{
    blake3_hasher hasher;

    blake3_hasher_init(&hasher);
    blake3_hasher_update(&hasher, bytes.at, bytes.len);
    blake3_hasher_finalize(&hasher, out, EID_HASH_BYTES);
}

void eid_hash_sha256(eid_slice bytes, uint8_t out[EID_HASH_BYTES])
{
    (void)crypto_hash_sha256(out, bytes.at, bytes.len);
}
