/* A buffer doubles and never beyond its maximum. An append that does not fit leaves the contents as
 * they were, so that what a failed writer has made can still be looked at. */
#include "dag/bytes.h"

#include <stdarg.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "dag/assert.h"

#define BUF_FIRST_BYTES 64

int eid_slice_compare(eid_slice a, eid_slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.at, b.at, len);

    if (order != 0) return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool eid_slice_has_prefix(eid_slice a, eid_slice prefix)
{
    return a.len >= prefix.len && eid_slice_equal(eid_slice_of(a.at, prefix.len), prefix);
}

char *eid_slice_dup_text(eid_slice a)
{
    return eid_memdup(a.at, a.len);
}

void eid_buf_init(eid_buf *buf, size_t max)
{
    *buf = (eid_buf){.max = max, .status = EID_OK};
}

void eid_buf_fini(eid_buf *buf)
{
    eid_free(buf->at);
    *buf = (eid_buf){.max = buf->max, .status = EID_OK};
}

void eid_buf_wipe(eid_buf *buf)
{
    eid_wipe(buf->at, buf->cap);
    eid_buf_fini(buf);
}

void eid_buf_clear(eid_buf *buf)
{
    buf->len = 0;
    buf->status = EID_OK;
}

/* Room for `len` more bytes; false after an error. */
static bool buf_reserve(eid_buf *buf, size_t len)
{
    size_t cap;
    uint8_t *at;

    if (buf->status != EID_OK) return false;
    if (len <= buf->cap - buf->len) return true;
    if (len > buf->max - buf->len) {
        buf->status = EID_FAIL(EID_KIND_LIMIT, "more than %zu bytes", buf->max);
        return false;
    }
    cap = buf->cap > buf->max / 2 ? buf->max : buf->cap * 2;
    if (cap < BUF_FIRST_BYTES) cap = buf->max < BUF_FIRST_BYTES ? buf->max : BUF_FIRST_BYTES;
    if (cap < buf->len + len) cap = buf->len + len;
    at = eid_realloc(buf->at, cap);
    if (!at) {
        buf->status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a buffer of %zu bytes", cap);
        return false;
    }
    buf->at = at;
    buf->cap = cap;
    return true;
}

uint8_t *eid_buf_extend(eid_buf *buf, size_t len)
{
    uint8_t *at;

    if (!buf_reserve(buf, len == 0 ? 1 : len)) return NULL;
    at = buf->at + buf->len;
    buf->len += len;
    return at;
}

void eid_buf_append(eid_buf *buf, eid_slice bytes)
{
    if (bytes.len == 0 || !buf_reserve(buf, bytes.len)) return;
    memcpy(buf->at + buf->len, bytes.at, bytes.len);
    buf->len += bytes.len;
}

void eid_buf_append_byte(eid_buf *buf, uint8_t byte)
{
    if (!buf_reserve(buf, 1)) return;
    buf->at[buf->len++] = byte;
}

void eid_buf_append_text(eid_buf *buf, const char *text)
{
    eid_buf_append(buf, eid_slice_text(text));
}

void eid_buf_append_format(eid_buf *buf, const char *format, ...)
{
    char small[256];
    char *text = small;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    EID_ASSERT(len >= 0);
    if ((size_t)len >= sizeof small) {
        text = eid_alloc((size_t)len + 1);
        if (!text) {
            buf->status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a text of %d bytes", len);
            return;
        }
        va_start(args, format);
        (void)vsnprintf(text, (size_t)len + 1, format, args);
        va_end(args);
    }
    eid_buf_append(buf, eid_slice_of(text, (size_t)len));
    if (text != small) eid_free(text);
}

void eid_buf_append_u16(eid_buf *buf, uint16_t value)
{
    uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    eid_buf_append(buf, eid_slice_of(bytes, sizeof bytes));
}

void eid_buf_append_u32(eid_buf *buf, uint32_t value)
{
    uint8_t bytes[4];

    eid_put_u32(bytes, value);
    eid_buf_append(buf, eid_slice_of(bytes, sizeof bytes));
}

void eid_buf_append_u64(eid_buf *buf, uint64_t value)
{
    uint8_t bytes[8];

    eid_put_u64(bytes, value);
    eid_buf_append(buf, eid_slice_of(bytes, sizeof bytes));
}

void eid_buf_truncate(eid_buf *buf, size_t len)
{
    EID_ASSERT(len <= buf->len);
    buf->len = len;
}

eid_status eid_buf_status(const eid_buf *buf)
{
    return buf->status;
}

char *eid_buf_take_text(eid_buf *buf)
{
    uint8_t *text;

    if (buf->status != EID_OK) return NULL;
    text = eid_realloc(buf->at, buf->len + 1);
    if (!text) {
        buf->status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a text of %zu bytes", buf->len);
        return NULL;
    }
    text[buf->len] = '\0';
    *buf = (eid_buf){.max = buf->max, .status = EID_OK};
    return (char *)text;
}

uint16_t eid_get_u16(const uint8_t *at)
{
    return (uint16_t)((at[0] << 8) | at[1]);
}

uint32_t eid_get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint64_t eid_get_u64(const uint8_t *at)
{
    return (uint64_t)eid_get_u32(at) << 32 | eid_get_u32(at + 4);
}

void eid_put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void eid_put_u64(uint8_t *at, uint64_t value)
{
    eid_put_u32(at, (uint32_t)(value >> 32));
    eid_put_u32(at + 4, (uint32_t)value);
}
