/* Every read takes a head, checks that it is the shortest one, and moves on; an error moves to the
 * end of the input, so that a loop over counts that were read before runs out by itself. */
#include "dag/cbor.h"

#include "dag/assert.h"

#define HEAD_TAG_LINK 0xd8, 0x2a /* major 6, tag 42 in one byte */

enum cbor_major { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP };

void eid_cbor_init(eid_cbor *cbor, eid_slice bytes)
{
    const uint8_t *start = bytes.len > 0 ? bytes.at : (const uint8_t *)"";

    *cbor = (eid_cbor){start, start, start + bytes.len, EID_OK};
}

void eid_cbor_fail(eid_cbor *cbor, const char *why)
{
    if (cbor->status != EID_OK) return;
    cbor->status = EID_FAIL(EID_KIND_CBOR, "%s at byte %zu of the CBOR", why,
                            (size_t)(cbor->at - cbor->start));
    cbor->at = cbor->end;
}

static size_t cbor_left(const eid_cbor *cbor)
{
    return (size_t)(cbor->end - cbor->at);
}

static bool cbor_at_link(const eid_cbor *cbor)
{
    static const uint8_t head[] = {HEAD_TAG_LINK};

    return cbor_left(cbor) >= sizeof head && memcmp(cbor->at, head, sizeof head) == 0;
}

eid_cbor_type eid_cbor_peek(const eid_cbor *cbor)
{
    static const eid_cbor_type by_major[] = {EID_CBOR_UINT, EID_CBOR_NEGATIVE, EID_CBOR_BYTES,
                                             EID_CBOR_TEXT, EID_CBOR_ARRAY,    EID_CBOR_MAP};
    unsigned major;

    if (cbor->status != EID_OK || cbor->at == cbor->end) return EID_CBOR_NONE;
    major = *cbor->at >> 5;
    if (major < EID_COUNT(by_major)) return by_major[major];
    if (major == 6) return cbor_at_link(cbor) ? EID_CBOR_LINK : EID_CBOR_NONE;
    if (*cbor->at == 0xf4 || *cbor->at == 0xf5) return EID_CBOR_BOOL;
    return *cbor->at == 0xf6 ? EID_CBOR_NULL : EID_CBOR_NONE;
}

/* The argument of a head of `major`; 0 after an error, which says `what` was expected. */
static uint64_t cbor_head(eid_cbor *cbor, enum cbor_major major, const char *what)
{
    unsigned info, size;
    uint64_t value = 0;

    if (cbor->status != EID_OK) return 0;
    if (cbor->at == cbor->end || *cbor->at >> 5 != (unsigned)major) {
        eid_cbor_fail(cbor, what);
        return 0;
    }
    info = *cbor->at & 0x1f;
    if (info < 24) {
        cbor->at++;
        return info;
    }
    size = info <= 27 ? EID_BIT(info - 24) : 0;
    if (size == 0 || cbor_left(cbor) <= size) {
        eid_cbor_fail(cbor, size == 0 ? "an indefinite or reserved length" : "the end in a head");
        return 0;
    }
    for (unsigned i = 1; i <= size; i++) value = value << 8 | cbor->at[i];
    if (value < 24 || (size > 1 && value >> (4 * size) == 0)) {
        eid_cbor_fail(cbor, "a number that is not in its shortest form");
        return 0;
    }
    cbor->at += size + 1;
    return value;
}

uint64_t eid_cbor_uint(eid_cbor *cbor)
{
    return cbor_head(cbor, MAJOR_UINT, "no unsigned integer");
}

int64_t eid_cbor_int(eid_cbor *cbor)
{
    bool is_negative = eid_cbor_peek(cbor) == EID_CBOR_NEGATIVE;
    eid_cbor at_head = *cbor;
    uint64_t value = cbor_head(cbor, is_negative ? MAJOR_NEGATIVE : MAJOR_UINT, "no integer");

    if (value > INT64_MAX) {
        *cbor = at_head;
        eid_cbor_fail(cbor, "an integer of more than 64 bits");
        return 0;
    }
    return is_negative && cbor->status == EID_OK ? -1 - (int64_t)value : (int64_t)value;
}

bool eid_cbor_bool(eid_cbor *cbor)
{
    if (eid_cbor_peek(cbor) != EID_CBOR_BOOL) {
        eid_cbor_fail(cbor, "no boolean");
        return false;
    }
    return *cbor->at++ == 0xf5;
}

void eid_cbor_null(eid_cbor *cbor)
{
    if (eid_cbor_peek(cbor) == EID_CBOR_NULL) {
        cbor->at++;
    } else {
        eid_cbor_fail(cbor, "no null");
    }
}

static eid_slice cbor_string(eid_cbor *cbor, enum cbor_major major, const char *what)
{
    uint64_t len = cbor_head(cbor, major, what);
    eid_slice bytes;

    if (cbor->status != EID_OK) return EID_SLICE_EMPTY;
    if (len > cbor_left(cbor)) {
        eid_cbor_fail(cbor, "the end in a string");
        return EID_SLICE_EMPTY;
    }
    bytes = eid_slice_of(cbor->at, (size_t)len);
    cbor->at += bytes.len;
    return bytes;
}

eid_slice eid_cbor_bytes(eid_cbor *cbor)
{
    return cbor_string(cbor, MAJOR_BYTES, "no byte string");
}

eid_slice eid_cbor_text(eid_cbor *cbor)
{
    eid_slice text = cbor_string(cbor, MAJOR_TEXT, "no text");

    if (eid_slice_is_utf8(text)) return text;
    eid_cbor_fail(cbor, "text that is not UTF-8");
    return EID_SLICE_EMPTY;
}

static size_t cbor_count(eid_cbor *cbor, enum cbor_major major, size_t item_bytes_min,
                         const char *what)
{
    uint64_t count = cbor_head(cbor, major, what);

    if (count <= cbor_left(cbor) / item_bytes_min) return (size_t)count;
    eid_cbor_fail(cbor, "more items than bytes");
    return 0;
}

size_t eid_cbor_array(eid_cbor *cbor)
{
    return cbor_count(cbor, MAJOR_ARRAY, 1, "no array");
}

size_t eid_cbor_map(eid_cbor *cbor)
{
    return cbor_count(cbor, MAJOR_MAP, 2, "no map");
}

/* Whether `key` comes after `last`: shorter first, then bytewise. */
static bool key_is_after(eid_slice key, eid_slice last)
{
    if (key.len != last.len) return key.len > last.len;
    return eid_slice_compare(key, last) > 0;
}

eid_slice eid_cbor_key(eid_cbor *cbor, eid_slice *last)
{
    eid_slice key = eid_cbor_text(cbor);

    if (cbor->status != EID_OK) return EID_SLICE_EMPTY;
    if (last->at && !key_is_after(key, *last)) {
        eid_cbor_fail(cbor, "a key that is repeated or out of order before");
        return EID_SLICE_EMPTY;
    }
    *last = key;
    return key;
}

void eid_cbor_link(eid_cbor *cbor, eid_id *out)
{
    eid_slice bytes;
    size_t used;
    eid_status status;

    *out = EID_ID_EMPTY;
    if (cbor->status != EID_OK) return;
    if (!cbor_at_link(cbor)) {
        eid_cbor_fail(cbor, "no link");
        return;
    }
    cbor->at += 2;
    bytes = eid_cbor_bytes(cbor);
    if (cbor->status != EID_OK) return;
    if (bytes.len < 1 || bytes.at[0] != 0) {
        eid_cbor_fail(cbor, "a link without its zero byte before");
        return;
    }
    status = eid_id_from_bytes(eid_slice_of(bytes.at + 1, bytes.len - 1), out, &used);
    if (status == EID_OK && used == bytes.len - 1) return;
    *out = EID_ID_EMPTY;
    eid_cbor_fail(cbor, status == EID_OK ? "bytes behind an id before" : "a bad id before");
}

static void cbor_skip_at(eid_cbor *cbor, unsigned depth);

static void cbor_skip_map(eid_cbor *cbor, unsigned depth)
{
    eid_slice last = EID_SLICE_EMPTY;
    size_t count = eid_cbor_map(cbor);

    for (size_t i = 0; i < count && cbor->status == EID_OK; i++) {
        (void)eid_cbor_key(cbor, &last);
        cbor_skip_at(cbor, depth + 1);
    }
}

static void cbor_skip_array(eid_cbor *cbor, unsigned depth)
{
    size_t count = eid_cbor_array(cbor);

    for (size_t i = 0; i < count && cbor->status == EID_OK; i++) cbor_skip_at(cbor, depth + 1);
}

/* Recursion, but never deeper than EID_CBOR_DEPTH_MAX. */
static void cbor_skip_at(eid_cbor *cbor, unsigned depth)
{
    eid_id id;

    if (depth > EID_CBOR_DEPTH_MAX) {
        eid_cbor_fail(cbor, "too deep nesting");
        return;
    }
    switch (eid_cbor_peek(cbor)) {
    case EID_CBOR_UINT:
        (void)cbor_head(cbor, MAJOR_UINT, "no integer");
        break;
    case EID_CBOR_NEGATIVE:
        (void)cbor_head(cbor, MAJOR_NEGATIVE, "no integer");
        break;
    case EID_CBOR_BYTES:
        (void)eid_cbor_bytes(cbor);
        break;
    case EID_CBOR_TEXT:
        (void)eid_cbor_text(cbor);
        break;
    case EID_CBOR_ARRAY:
        cbor_skip_array(cbor, depth);
        break;
    case EID_CBOR_MAP:
        cbor_skip_map(cbor, depth);
        break;
    case EID_CBOR_LINK:
        eid_cbor_link(cbor, &id);
        break;
    case EID_CBOR_BOOL:
    case EID_CBOR_NULL:
        cbor->at++;
        break;
    case EID_CBOR_NONE:
        eid_cbor_fail(cbor, "no value of the data model");
        break;
    }
}

void eid_cbor_skip(eid_cbor *cbor)
{
    cbor_skip_at(cbor, 1);
}

eid_status eid_cbor_finish(eid_cbor *cbor)
{
    if (cbor->status == EID_OK && cbor->at != cbor->end) {
        eid_cbor_fail(cbor, "something after the value");
    }
    return cbor->status;
}
