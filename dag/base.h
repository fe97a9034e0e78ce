/* Base encodings of RFC 4648 and base58btc, strict: canonical input only unless said.
 *
 * Encoders append to a buffer; decoders append decoded bytes and answer MALFORMED (kind ARGUMENT is
 * the caller's business, so they give a bool) for anything not canonical: wrong alphabet, wrong
 * padding, non-zero spare bits.
 */
#ifndef EID_DAG_BASE_H
#define EID_DAG_BASE_H

#include "dag/bytes.h"

/* Lower-case base32 without padding; decoding also takes upper case. */
void eid_base32_encode(eid_slice bytes, eid_buf *out);
bool eid_base32_decode(eid_slice text, eid_buf *out);
/* Standard alphabet; with padding, or without it where `padded` is false. */
void eid_base64_encode(eid_slice bytes, bool padded, eid_buf *out);
bool eid_base64_decode(eid_slice text, bool padded, eid_buf *out);
/* Padded text of exactly `len` bytes, without memory; on false `out` holds anything. */
bool eid_base64_decode_exact(eid_slice text, uint8_t *out, size_t len);
void eid_hex_encode(eid_slice bytes, eid_buf *out);
bool eid_hex_decode(eid_slice text, eid_buf *out);
bool eid_base58_decode(eid_slice text, eid_buf *out);
void eid_base58_encode(eid_slice bytes, eid_buf *out);

#endif
