/* JSON (RFC 8259): a pull reader and a writer.
 *
 * Payloads of stores are hashed JSON with exact rules (spec 03 §2, §3.2: integers only in their
 * shortest form, ignored members may hold any bytes, at most 127 levels), and reading them is the
 * hot path of every received entry; so the node has its own reader, with no tree in between.
 * The first error sticks: eid_json_next() then gives EID_JSON_ERROR for ever, eid_json_finish()
 * the status.
 *
 * Not here: what a document means (crdt/payload.h).
 */
#ifndef EID_DAG_JSON_H
#define EID_DAG_JSON_H

#include "dag/bytes.h"

#define EID_JSON_DEPTH_MAX 127 /* nested arrays and objects; as the reference, spec 03 §3.2 */

typedef enum eid_json_event {
    EID_JSON_ERROR,
    EID_JSON_END, /* the one top-level value is over and nothing but white space follows */
    EID_JSON_NULL,
    EID_JSON_BOOL,   /* .boolean */
    EID_JSON_NUMBER, /* .text is its spelling */
    EID_JSON_STRING, /* .text is decoded; good until the next call */
    EID_JSON_ARRAY,
    EID_JSON_ARRAY_END,
    EID_JSON_OBJECT,
    EID_JSON_OBJECT_END,
    EID_JSON_KEY, /* .text is decoded; the value's event follows */
} eid_json_event;

typedef struct eid_json {
    const uint8_t *start, *at, *end;
    eid_json_event event; /* the last one given */
    eid_slice text;       /* of KEY, STRING, NUMBER */
    bool boolean;
    unsigned depth;
    uint8_t stack[EID_JSON_DEPTH_MAX + 1]; /* private */
    uint8_t expect;                        /* private */
    eid_buf scratch;                       /* decoded escapes */
    eid_status status;
} eid_json;

/* Begin to read `text`, which must outlive the reader. End with eid_json_fini(). */
void eid_json_init(eid_json *json, eid_slice text);
void eid_json_fini(eid_json *json);
/* The next event. Strings must be UTF-8 without raw control characters; \u escapes are decoded,
 * lone surrogates refused. */
eid_json_event eid_json_next(eid_json *json);
/* Pass over the value that is about to come (after KEY or inside an array), checking syntax only:
 * strings in it may hold bytes that are no UTF-8. */
void eid_json_skip(eid_json *json);
/* The event NUMBER as an integer; false for a fraction, an exponent, "-0" or one out of range. */
bool eid_json_int64(const eid_json *json, int64_t *out);
bool eid_json_uint64(const eid_json *json, uint64_t *out);
/* Make the reader fail, as if the text were malformed here; for what the caller does not accept. */
void eid_json_fail(eid_json *json, const char *why);
/* After the value: checks that nothing follows. OK or kind JSON with the byte offset. */
EID_MUST_CHECK eid_status eid_json_finish(eid_json *json);

/* Writer: appends compact JSON to a buffer, commas by itself; escapes as spec 03 §3.2. */
typedef struct eid_json_writer {
    eid_buf *out;
    bool comma; /* a comma is due before the next value or key */
} eid_json_writer;

void eid_json_writer_init(eid_json_writer *writer, eid_buf *out);
void eid_json_object(eid_json_writer *writer);
void eid_json_object_end(eid_json_writer *writer);
void eid_json_array(eid_json_writer *writer);
void eid_json_array_end(eid_json_writer *writer);
void eid_json_key(eid_json_writer *writer, const char *key);
void eid_json_key_slice(eid_json_writer *writer, eid_slice key);
void eid_json_string(eid_json_writer *writer, eid_slice text);
void eid_json_text(eid_json_writer *writer, const char *text); /* NULL writes null */
void eid_json_int(eid_json_writer *writer, int64_t value);
void eid_json_uint(eid_json_writer *writer, uint64_t value);
void eid_json_double(eid_json_writer *writer, double value); /* views and reports only */
void eid_json_bool(eid_json_writer *writer, bool value);
void eid_json_null(eid_json_writer *writer);
/* Put text that is JSON already. */
void eid_json_raw(eid_json_writer *writer, eid_slice json);

#endif
