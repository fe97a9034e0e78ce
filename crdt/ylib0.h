/* lib0: the primitives of Yjs updates: variable-length integers, texts, and "any" values.
 *
 * The reader's first error sticks and everything after it reads as 0 or empty, so that decoders are
 * straight lines. Values are passed over and kept as bytes; they are looked into for views only.
 *
 * Not here: what updates consist of (yupdate.h). Inside crdt/ only; not thread-safe.
 * Source: github.com/dmonad/lib0, encoding.js and decoding.js (formats only).
 */
#ifndef EID_CRDT_YLIB0_H
#define EID_CRDT_YLIB0_H

#include "dag/json.h"

#define EID__YANY_DEPTH_MAX EID_JSON_DEPTH_MAX /* values are viewed as JSON */

typedef struct eid__yreader {
    eid_slice rest;    /* borrowed */
    const char *error; /* what was wrong first; NULL = nothing yet */
} eid__yreader;

void eid__yreader_fail(eid__yreader *reader, const char *why);
uint8_t eid__yread_byte(eid__yreader *reader);
/* Fails above 64 bits. */
uint64_t eid__yread_uint(eid__yreader *reader);
/* Fails above 32 bits: clocks and counts. */
uint32_t eid__yread_u32(eid__yreader *reader);
/* A client id. What is above 32 bits is folded in as the reference's engine does, so that both read
 * the same from the same bytes (2^33+5 is 5, 2^40 is 256: spec 03 §14). */
uint32_t eid__yread_client(eid__yreader *reader);
/* `len` bytes; borrowed from what is read. */
eid_slice eid__yread_bytes(eid__yreader *reader, uint64_t len);
/* A length and as many bytes; the second must be UTF-8. */
eid_slice eid__yread_block(eid__yreader *reader);
eid_slice eid__yread_text(eid__yreader *reader);
/* Pass over one value, checking it; nested at most EID__YANY_DEPTH_MAX deep. */
void eid__yread_any(eid__yreader *reader);

void eid__ywrite_uint(eid_buf *out, uint64_t value);
void eid__ywrite_block(eid_buf *out, eid_slice bytes);

/* One value, which eid__yread_any() has passed, as JSON: undefined and numbers that are not finite
 * are null, buffers arrays of numbers. */
void eid__yany_view(eid_slice any, eid_json_writer *out);
/* The bytes of a text value; false if it is another. Borrowed. */
bool eid__yany_text(eid_slice any, eid_slice *out);
/* The JSON value that has just been begun by `event` of `json` as an "any", appended to `out`.
 * What is wrong shows in the reader and in the buffer. */
void eid__yany_from_json(eid_json *json, eid_buf *out);

#endif
