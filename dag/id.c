/* The binary form is the value: it is what is hashed, stored and sent, and comparing two ids of the
 * usual kind is one memcmp() of the digests. The parts are read again when an unusual id comes. */
#include "dag/id.h"

#include "dag/assert.h"
#include "dag/hash.h"

#define ID_DIGEST_MAX 64
#define ID_V0_BYTES 34
#define ID_V0_CODEC 0x70u /* dag-pb, which version 0 means */

static eid_status id_error(const char *what)
{
    return EID_FAIL(EID_KIND_ID_FORMAT, "not an id: %s", what);
}

/* Unsigned LEB128 in its shortest form; gives the bytes taken, 0 for none. */
static size_t varint_read(eid_slice bytes, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.len && i < 10; i++) {
        uint8_t byte = bytes.at[i];

        if (i == 9 && byte > 1) return 0;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte & 0x80) continue;
        if (byte == 0 && i > 0) return 0;
        *out = value;
        return i + 1;
    }
    return 0;
}

static size_t varint_write(uint64_t value, uint8_t *out)
{
    size_t len = 0;

    for (; value >= 0x80; value >>= 7) out[len++] = (uint8_t)(value | 0x80);
    out[len++] = (uint8_t)value;
    return len;
}

/* Take a varint off the front; false if there is none. */
static bool varint_take(eid_slice *rest, uint64_t *out)
{
    size_t len = varint_read(*rest, out);

    rest->at += len;
    rest->len -= len;
    return len > 0;
}

/* Read the parts and tell how long the binary form is; NULL or what is wrong. */
static const char *parts_read(eid_slice bytes, eid_id_parts *out, size_t *used)
{
    eid_slice rest = bytes;
    uint64_t version, size;

    if (bytes.len >= 2 && bytes.at[0] == EID_HASHCODE_SHA256 && bytes.at[1] == 32) {
        if (bytes.len < ID_V0_BYTES) return "the digest is cut short";
        *out = (eid_id_parts){0, ID_V0_CODEC, EID_HASHCODE_SHA256, {bytes.at + 2, 32}};
        *used = ID_V0_BYTES;
        return NULL;
    }
    if (!varint_take(&rest, &version)) return "no version";
    if (version != 1) return "unknown version";
    out->version = 1;
    if (!varint_take(&rest, &out->codec)) return "no codec";
    if (!varint_take(&rest, &out->hash_code)) return "no hash code";
    if (!varint_take(&rest, &size)) return "no digest size";
    if (size > ID_DIGEST_MAX) return "the digest is longer than 64 bytes";
    if (size > rest.len) return "the digest is cut short";
    out->digest = eid_slice_of(rest.at, (size_t)size);
    *used = (size_t)(rest.at - bytes.at) + (size_t)size;
    return NULL;
}

eid_status eid_id_from_bytes(eid_slice bytes, eid_id *out, size_t *used)
{
    eid_id_parts parts;
    size_t len;
    const char *wrong = parts_read(bytes, &parts, &len);

    if (wrong) return id_error(wrong);
    EID_ASSERT(len <= EID_ID_BYTES_MAX);
    *out = EID_ID_EMPTY;
    out->len = (uint8_t)len;
    memcpy(out->bytes, bytes.at, len);
    if (used) *used = len;
    return EID_OK;
}

void eid_id_parts_of(const eid_id *id, eid_id_parts *out)
{
    size_t used = 0;

    EID_ASSERT(id->len > 0);
    EID_ASSERT(parts_read(eid_id_slice(id), out, &used) == NULL);
    EID_ASSERT(used == id->len);
}

eid_id eid_id_of(eid_slice bytes, uint64_t codec, uint64_t hash_code)
{
    eid_id id = EID_ID_EMPTY;
    size_t len = 0;

    EID_ASSERT(hash_code == EID_HASHCODE_BLAKE3 || hash_code == EID_HASHCODE_SHA256);
    id.bytes[len++] = 1;
    len += varint_write(codec, id.bytes + len);
    len += varint_write(hash_code, id.bytes + len);
    id.bytes[len++] = EID_HASH_BYTES;
    if (hash_code == EID_HASHCODE_BLAKE3) {
        eid_hash_blake3(bytes, id.bytes + len);
    } else {
        eid_hash_sha256(bytes, id.bytes + len);
    }
    id.len = (uint8_t)(len + EID_HASH_BYTES);
    return id;
}

eid_id eid_id_of_entry(eid_slice bytes)
{
    return eid_id_of(bytes, EID_CODEC_DAG_CBOR, EID_HASHCODE_BLAKE3);
}

eid_id eid_id_of_raw(eid_slice bytes)
{
    return eid_id_of(bytes, EID_CODEC_RAW, EID_HASHCODE_BLAKE3);
}

bool eid_id_equal(const eid_id *a, const eid_id *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static int u64_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int parts_compare(const eid_id_parts *a, const eid_id_parts *b)
{
    int order = u64_compare(a->version, b->version);

    if (order == 0) order = u64_compare(a->codec, b->codec);
    if (order == 0) order = u64_compare(a->hash_code, b->hash_code);
    if (order == 0) order = u64_compare(a->digest.len, b->digest.len);
    if (order == 0) order = eid_slice_compare(a->digest, b->digest);
    return order;
}

int eid_id_compare(const eid_id *a, const eid_id *b)
{
    eid_id_parts parts_a, parts_b;

    if (a->len == 0 || b->len == 0) return (a->len != 0) - (b->len != 0);
    if (a->len == EID_ID_ENTRY_BYTES && b->len == EID_ID_ENTRY_BYTES &&
        memcmp(a->bytes, b->bytes, 4) == 0) {
        return memcmp(a->bytes + 4, b->bytes + 4, EID_HASH_BYTES);
    }
    eid_id_parts_of(a, &parts_a);
    eid_id_parts_of(b, &parts_b);
    return parts_compare(&parts_a, &parts_b);
}

uint64_t eid_id_hash(const eid_id *id)
{
    uint8_t first[8] = {0};
    eid_id_parts parts;

    if (id->len == 0) return 0;
    if (id->len == EID_ID_ENTRY_BYTES && id->bytes[0] == 1) return eid_get_u64(id->bytes + 4);
    eid_id_parts_of(id, &parts);
    if (parts.digest.len > 0) {
        memcpy(first, parts.digest.at, parts.digest.len < 8 ? parts.digest.len : 8);
    }
    return eid_get_u64(first);
}
