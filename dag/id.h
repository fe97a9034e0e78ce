/* Ids: content identifiers (CID) of entries and blobs, kept in their binary form.
 *
 * A value, compared and copied whole. The empty id (len 0) is legal in memory and never as a
 * parent. Ids are sorted by eid_id_compare() everywhere, never by their text. Source: spec 01 §1.
 */
#ifndef EID_DAG_ID_H
#define EID_DAG_ID_H

#include "dag/bytes.h"

#define EID_ID_BYTES_MAX 87   /* 1 + 10 + 10 + 1 + 64, one spare */
#define EID_ID_ENTRY_BYTES 36 /* v1, one-byte codec and hash code, 32-byte digest */
#define EID_ID_TEXT_MAX 160   /* base32 of EID_ID_BYTES_MAX, prefix and zero */
#define EID_CODEC_DAG_CBOR 0x71u
#define EID_CODEC_RAW 0x55u
#define EID_HASHCODE_BLAKE3 0x1eu
#define EID_HASHCODE_SHA256 0x12u

typedef struct eid_id {
    uint8_t len; /* 0 = the empty id */
    uint8_t bytes[EID_ID_BYTES_MAX];
} eid_id;

#define EID_ID_EMPTY ((eid_id){0, {0}})

/* A borrowed list. */
typedef struct eid_ids {
    const eid_id *at;
    size_t count;
} eid_ids;

typedef struct eid_id_parts {
    unsigned version; /* 0 or 1 */
    uint64_t codec;
    uint64_t hash_code;
    eid_slice digest; /* borrowed from the id */
} eid_id_parts;

/* The id of an entry's bytes: v1, dag-cbor, BLAKE3-256. */
eid_id eid_id_of_entry(eid_slice bytes);
/* The id of opaque bytes: v1, raw, BLAKE3-256. */
eid_id eid_id_of_raw(eid_slice bytes);
/* v1 with any codec; hash_code is BLAKE3 or SHA-256. */
eid_id eid_id_of(eid_slice bytes, uint64_t codec, uint64_t hash_code);

static inline bool eid_id_is_empty(const eid_id *id)
{
    return id->len == 0;
}
bool eid_id_equal(const eid_id *a, const eid_id *b);
/* The one order: empty, then version, codec, hash code, digest size, digest (spec 01 §1.5). */
int eid_id_compare(const eid_id *a, const eid_id *b);
/* For hash tables; the digest's first bytes. */
uint64_t eid_id_hash(const eid_id *id);
static inline eid_slice eid_id_slice(const eid_id *id)
{
    return (eid_slice){id->bytes, id->len};
}
void eid_id_parts_of(const eid_id *id, eid_id_parts *out);

/* Read the binary form; *used tells its length (bytes may follow). Errors: ID_FORMAT. */
EID_MUST_CHECK eid_status eid_id_from_bytes(eid_slice bytes, eid_id *out, size_t *used);
/* Read text as spec 01 §1.4 ("" gives the empty id, /ipfs/ prefix, multibases). Errors: ID_FORMAT.
 */
EID_MUST_CHECK eid_status eid_id_parse(eid_slice text, eid_id *out);
/* Print; `out` holds EID_ID_TEXT_MAX bytes, gets a zero at the end; gives `out`. */
char *eid_id_format(const eid_id *id, char *out);
/* A temporary text for messages: one of a few thread-local buffers. */
const char *eid_id_str(const eid_id *id);

/* A set of ids that grows: sorted by eid_id_compare(), without repeats = a snapshot (spec 02 §2).
 */
typedef struct eid_idset {
    eid_id *at;
    size_t count, cap;
} eid_idset;

#define EID_IDSET_EMPTY ((eid_idset){NULL, 0, 0})

void eid_idset_fini(eid_idset *set);
/* Add; a repeat changes nothing. Errors: NO_MEMORY. O(count). */
EID_MUST_CHECK eid_status eid_idset_add(eid_idset *set, const eid_id *id);
/* Replace by these ids, sorted and without repeats. */
EID_MUST_CHECK eid_status eid_idset_assign(eid_idset *set, eid_ids ids);
/* Remove if there. */
void eid_idset_remove(eid_idset *set, const eid_id *id);
bool eid_idset_has(const eid_idset *set, const eid_id *id);
bool eid_idset_equal(const eid_idset *a, const eid_idset *b);
static inline eid_ids eid_idset_ids(const eid_idset *set)
{
    return (eid_ids){set->at, set->count};
}
/* Sort in place and drop repeats; gives the new count. */
size_t eid_ids_normalize(eid_id *ids, size_t count);

#endif
