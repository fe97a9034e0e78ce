/* Hashes that ids are made of. Thin wrappers of BLAKE3 (official C code) and SHA-256 (libsodium).
 */
#ifndef EID_DAG_HASH_H
#define EID_DAG_HASH_H

#include "dag/bytes.h"

#define EID_HASH_BYTES 32

void eid_hash_blake3(eid_slice bytes, uint8_t out[EID_HASH_BYTES]);
void eid_hash_sha256(eid_slice bytes, uint8_t out[EID_HASH_BYTES]);

#endif
