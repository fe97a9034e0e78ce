/* Bytes: borrowed slices, and buffers that grow up to a maximum given at birth.
 *
 * A slice never owns. A buffer's first error sticks: appends after it do nothing, and
 * eid_buf_status() gives it at the end, so that writers are straight lines. Not thread-safe.
 */
#ifndef EID_DAG_BYTES_H
#define EID_DAG_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dag/status.h"

typedef struct eid_slice {
    const uint8_t *at;
    size_t len;
} eid_slice;

#define EID_SLICE_EMPTY ((eid_slice){NULL, 0})

static inline eid_slice eid_slice_of(const void *at, size_t len)
{
    return (eid_slice){(const uint8_t *)at, len};
}

/* The bytes of a C string, without its zero. */
static inline eid_slice eid_slice_text(const char *text)
{
    return eid_slice_of(text, strlen(text));
}

static inline bool eid_slice_equal(eid_slice a, eid_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool eid_slice_is(eid_slice a, const char *text)
{
    return eid_slice_equal(a, eid_slice_text(text));
}

/* Bytewise order, a prefix before what it begins: negative, 0, positive. */
int eid_slice_compare(eid_slice a, eid_slice b);
bool eid_slice_has_prefix(eid_slice a, eid_slice prefix);
/* Whether it is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool eid_slice_is_utf8(eid_slice a);
/* The length of the character that `text` begins with: 1 to 4, or 0 if it begins with none. */
size_t eid_utf8_step(eid_slice text);
/* A C string copy; NULL without memory. New: eid_free(). */
char *eid_slice_dup_text(eid_slice a);

/* printf helpers: printf("%.*s", EID_SLICE_ARG(s)). */
#define EID_SLICE_ARG(s) (int)((s).len > 4096 ? 4096 : (s).len), (const char *)(s).at

typedef struct eid_buf {
    uint8_t *at; /* NULL while empty and never grown */
    size_t len;
    size_t cap;
    size_t max;        /* appends beyond it fail with LIMIT */
    eid_status status; /* first error; sticks */
} eid_buf;

/* Begin an empty buffer that may hold at most `max` bytes. End it with eid_buf_fini(). */
void eid_buf_init(eid_buf *buf, size_t max);
/* Free the bytes; the struct may be initialised again. Also ends a zeroed struct. */
void eid_buf_fini(eid_buf *buf);
/* Like eid_buf_fini(), wiping the bytes first. */
void eid_buf_wipe(eid_buf *buf);
/* Forget contents and error, keep the memory. */
void eid_buf_clear(eid_buf *buf);
void eid_buf_append(eid_buf *buf, eid_slice bytes);
void eid_buf_append_byte(eid_buf *buf, uint8_t byte);
void eid_buf_append_text(eid_buf *buf, const char *text);
void eid_buf_append_format(eid_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Big-endian integers, for keys and frames. */
void eid_buf_append_u16(eid_buf *buf, uint16_t value);
void eid_buf_append_u32(eid_buf *buf, uint32_t value);
void eid_buf_append_u64(eid_buf *buf, uint64_t value);
/* Room for `len` more bytes, counted as appended; NULL after an error. Borrowed until the next
 * call. */
uint8_t *eid_buf_extend(eid_buf *buf, size_t len);
/* Shorten to `len`, which is at most the present length. */
void eid_buf_truncate(eid_buf *buf, size_t len);
static inline eid_slice eid_buf_slice(const eid_buf *buf)
{
    return (eid_slice){buf->at, buf->len};
}
EID_MUST_CHECK eid_status eid_buf_status(const eid_buf *buf);
/* Give the bytes away as a C string (a zero is put after them); the buffer is empty afterwards.
 * NULL after an error. New: eid_free(). */
char *eid_buf_take_text(eid_buf *buf);

/* Big-endian reads from memory that is known to be long enough. */
uint16_t eid_get_u16(const uint8_t *at);
uint32_t eid_get_u32(const uint8_t *at);
uint64_t eid_get_u64(const uint8_t *at);
void eid_put_u32(uint8_t *at, uint32_t value);
void eid_put_u64(uint8_t *at, uint64_t value);

#endif
