/* Open addressing with backward shifts and no tombstones: ids come and go for the whole life of a
 * node, and a table that only collects marks would have to be rebuilt for ever. */
#include "transport/cidmap.h"

#include "dag/alloc.h"
#include "dag/assert.h"

#define CIDMAP_CAP_MIN 64u

void eid__cidmap_init(eid__cidmap *map, const eid_random *random)
{
    *map = (eid__cidmap){0};
    map->secret[0] = eid_random_u64(random);
    map->secret[1] = eid_random_u64(random);
}

void eid__cidmap_fini(eid__cidmap *map)
{
    eid_free(map->slots);
    map->slots = NULL;
    map->count = map->cap = 0;
}

static uint64_t rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static void sip_rounds(uint64_t v[4], unsigned rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[1] = rotl(v[1], 13) ^ v[0];
        v[0] = rotl(v[0], 32);
        v[2] += v[3];
        v[3] = rotl(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotl(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotl(v[1], 17) ^ v[2];
        v[2] = rotl(v[2], 32);
    }
}

/* SipHash-2-4 (Aumasson, Bernstein 2012) of at most 20 bytes, words taken big-endian. */
static uint64_t sip_hash(const uint64_t secret[2], eid_slice key)
{
    uint8_t padded[24] = {0};
    uint64_t v[4] = {
        secret[0] ^ UINT64_C(0x736f6d6570736575), secret[1] ^ UINT64_C(0x646f72616e646f6d),
        secret[0] ^ UINT64_C(0x6c7967656e657261), secret[1] ^ UINT64_C(0x7465646279746573)};

    EID_ASSERT(key.len <= EID__CID_MAX);
    memcpy(padded, key.at, key.len);
    padded[23] = (uint8_t)key.len;
    for (size_t at = 0; at < sizeof padded; at += 8) {
        uint64_t word = eid_get_u64(padded + at);

        v[3] ^= word;
        sip_rounds(v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static size_t map_home(const eid__cidmap *map, eid_slice key)
{
    return (size_t)sip_hash(map->secret, key) & (map->cap - 1);
}

static eid_slice slot_key(const eid__cidmap_slot *slot)
{
    return eid_slice_of(slot->key, slot->len);
}

/* The slot of `key`, or the empty one where it would go. The table is never full. */
static eid__cidmap_slot *map_slot(const eid__cidmap *map, eid_slice key)
{
    size_t at = map_home(map, key);

    while (map->slots[at].len > 0 && !eid_slice_equal(slot_key(&map->slots[at]), key)) {
        at = (at + 1) & (map->cap - 1);
    }
    return &map->slots[at];
}

static eid_status map_grow(eid__cidmap *map)
{
    eid__cidmap old = *map;
    size_t cap = old.cap == 0 ? CIDMAP_CAP_MIN : old.cap * 2;
    eid__cidmap_slot *slots = eid_alloc_array(cap, sizeof *slots);

    if (!slots) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu connection ids", cap);
    map->slots = slots;
    map->cap = cap;
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slots[i].len > 0) *map_slot(map, slot_key(&old.slots[i])) = old.slots[i];
    }
    eid_free(old.slots);
    return EID_OK;
}

eid_status eid__cidmap_put(eid__cidmap *map, eid_slice key, void *value)
{
    eid__cidmap_slot *slot;

    EID_ASSERT(key.len > 0 && key.len <= EID__CID_MAX);
    if (map->count >= map->cap / 2) {
        eid_status status = map_grow(map);

        if (status != EID_OK) return status;
    }
    slot = map_slot(map, key);
    if (slot->len == 0) map->count++;
    slot->len = (uint8_t)key.len;
    memcpy(slot->key, key.at, key.len);
    slot->value = value;
    return EID_OK;
}

void *eid__cidmap_find(const eid__cidmap *map, eid_slice key)
{
    eid__cidmap_slot *slot;

    if (map->count == 0 || key.len == 0 || key.len > EID__CID_MAX) return NULL;
    slot = map_slot(map, key);
    return slot->len > 0 ? slot->value : NULL;
}

void eid__cidmap_remove(eid__cidmap *map, eid_slice key, const void *value)
{
    size_t hole, at, mask = map->cap - 1;

    if (map->count == 0 || key.len == 0 || eid__cidmap_find(map, key) != value) return;
    hole = (size_t)(map_slot(map, key) - map->slots);
    if (map->slots[hole].len == 0) return;
    for (at = (hole + 1) & mask; map->slots[at].len > 0; at = (at + 1) & mask) {
        size_t home = map_home(map, slot_key(&map->slots[at]));

        if (((at - home) & mask) < ((at - hole) & mask))
            continue; /* it would stand before its home */
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole] = (eid__cidmap_slot){0};
    map->count--;
}
