/* DAG-CBOR: a strict reader in place and a one-pass writer.
 *
 * Strict means canonical: shortest heads, definite lengths, map keys ascending by length then bytes
 * and without repeats, text that is UTF-8, no tag but 42, no floats, no undefined. What it refuses,
 * the encoder would never have made (spec 01 §2, H3), so received bytes can be kept as they are.
 * The reader's first error sticks. Source: spec 01 §2; RFC 8949 §4.2.
 */
#ifndef EID_DAG_CBOR_H
#define EID_DAG_CBOR_H

#include "dag/bytes.h"
#include "dag/id.h"

#define EID_CBOR_DEPTH_MAX 64

typedef enum eid_cbor_type {
    EID_CBOR_UINT,
    EID_CBOR_NEGATIVE, /* -1 - value */
    EID_CBOR_BYTES,
    EID_CBOR_TEXT,
    EID_CBOR_ARRAY,
    EID_CBOR_MAP,
    EID_CBOR_LINK,
    EID_CBOR_BOOL,
    EID_CBOR_NULL,
    EID_CBOR_NONE, /* end of input, or an error */
} eid_cbor_type;

typedef struct eid_cbor {
    const uint8_t *start, *at, *end;
    eid_status status;
} eid_cbor;

void eid_cbor_init(eid_cbor *cbor, eid_slice bytes);
/* What comes next, without taking it. */
eid_cbor_type eid_cbor_peek(const eid_cbor *cbor);
uint64_t eid_cbor_uint(eid_cbor *cbor);
int64_t eid_cbor_int(eid_cbor *cbor);
bool eid_cbor_bool(eid_cbor *cbor);
void eid_cbor_null(eid_cbor *cbor);
/* Borrowed from the input. */
eid_slice eid_cbor_bytes(eid_cbor *cbor);
eid_slice eid_cbor_text(eid_cbor *cbor);
/* Heads; the count is checked against what is left of the input, so a loop over it is bounded. */
size_t eid_cbor_array(eid_cbor *cbor);
size_t eid_cbor_map(eid_cbor *cbor);
/* The next key of a map: text that sorts after *last, which starts EMPTY and is updated. */
eid_slice eid_cbor_key(eid_cbor *cbor, eid_slice *last);
/* A tag-42 link. */
void eid_cbor_link(eid_cbor *cbor, eid_id *out);
/* Pass over one item of any kind (checked as strictly). */
void eid_cbor_skip(eid_cbor *cbor);
/* Fail here. */
void eid_cbor_fail(eid_cbor *cbor, const char *why);
/* OK if no error and no byte is left; kind CBOR with the offset otherwise. */
EID_MUST_CHECK eid_status eid_cbor_finish(eid_cbor *cbor);

/* Writer; errors stick in the buffer. Callers give map keys in canonical order. */
void eid_cbor_put_uint(eid_buf *out, uint64_t value);
void eid_cbor_put_int(eid_buf *out, int64_t value);
void eid_cbor_put_bytes(eid_buf *out, eid_slice bytes);
void eid_cbor_put_text(eid_buf *out, eid_slice text);
void eid_cbor_put_string(eid_buf *out, const char *text);
void eid_cbor_put_array(eid_buf *out, uint64_t count);
void eid_cbor_put_map(eid_buf *out, uint64_t count);
void eid_cbor_put_bool(eid_buf *out, bool value);
void eid_cbor_put_null(eid_buf *out);
/* Tag 42; an empty id is written as null (spec 01 §1.6). */
void eid_cbor_put_link(eid_buf *out, const eid_id *id);

#endif
