/* The hash of bytes is a polynomial modulo 2^61-1 at a secret point: whoever does not know the
 * point cannot choose keys that meet, and no cipher is needed for that. */
#include "crdt/ymemory.h"

#include "dag/alloc.h"
#include "dag/assert.h"

#define CHUNK_BYTES_MIN 1024u
#define CHUNK_BYTES_MAX (256u * 1024u)
#define CHUNK_ALIGN 16u
#define HASH_PRIME ((UINT64_C(1) << 61) - 1)

__extension__ typedef unsigned __int128 hash_wide;

struct eid__yarena_chunk {
    eid__yarena_chunk *next;
    size_t used, size; /* of what follows the header */
};

#define CHUNK_HEAD ((sizeof(eid__yarena_chunk) + CHUNK_ALIGN - 1) / CHUNK_ALIGN * CHUNK_ALIGN)

static eid__yarena_chunk *chunk_new(const eid__yarena *arena, size_t size)
{
    size_t want = arena->first == NULL ? CHUNK_BYTES_MIN : arena->first->size * 2;
    eid__yarena_chunk *chunk;

    if (want > CHUNK_BYTES_MAX) want = CHUNK_BYTES_MAX;
    if (want < size) want = size;
    if (want > SIZE_MAX - CHUNK_HEAD) return NULL;
    chunk = eid_alloc(CHUNK_HEAD + want);
    if (chunk != NULL) chunk->size = want;
    return chunk;
}

void *eid__yarena_alloc(eid__yarena *arena, size_t size)
{
    eid__yarena_chunk *chunk = arena->first;
    uint8_t *at;

    if (size > SIZE_MAX - CHUNK_ALIGN) return NULL;
    size = (size + CHUNK_ALIGN - 1) / CHUNK_ALIGN * CHUNK_ALIGN;
    if (chunk == NULL || size > chunk->size - chunk->used) {
        chunk = chunk_new(arena, size);
        if (chunk == NULL) return NULL;
        chunk->next = arena->first;
        arena->first = chunk;
    }
    at = (uint8_t *)chunk + CHUNK_HEAD + chunk->used;
    chunk->used += size;
    return at;
}

bool eid__yarena_copy(eid__yarena *arena, eid_slice bytes, eid_slice *out)
{
    uint8_t *copy = eid__yarena_alloc(arena, bytes.len + 1);

    if (copy == NULL) return false;
    if (bytes.len > 0) memcpy(copy, bytes.at, bytes.len);
    *out = eid_slice_of(copy, bytes.len);
    return true;
}

void eid__yarena_adopt(eid__yarena *arena, eid__yarena *from)
{
    eid__yarena_chunk *last = from->first;

    if (last == NULL) return;
    while (last->next != NULL) last = last->next;
    last->next = arena->first;
    arena->first = from->first;
    from->first = NULL;
}

void eid__yarena_fini(eid__yarena *arena)
{
    while (arena->first != NULL) {
        eid__yarena_chunk *next = arena->first->next;

        eid_free(arena->first);
        arena->first = next;
    }
}

/* -- table ------------------------------------------------------------------------------------- */

void *eid__ytable_next(const eid__ytable *table, uint64_t hash, size_t *probe)
{
    while (*probe < table->cap) {
        const eid__ytable_slot *slot = &table->slots[(hash + *probe) & (table->cap - 1)];

        if (slot->value == NULL) return NULL;
        ++*probe;
        if (slot->hash == hash) return slot->value;
    }
    return NULL;
}

static void table_place(eid__ytable *table, uint64_t hash, void *value)
{
    size_t at = (size_t)hash & (table->cap - 1);

    while (table->slots[at].value != NULL) at = (at + 1) & (table->cap - 1);
    table->slots[at] = (eid__ytable_slot){hash, value};
    table->count++;
}

static bool table_grow(eid__ytable *table)
{
    eid__ytable grown = {.cap = table->cap == 0 ? 16 : table->cap * 2};

    grown.slots = eid_alloc_array(grown.cap, sizeof(*grown.slots));
    if (grown.slots == NULL) return false;
    for (size_t i = 0; i < table->cap; i++) {
        if (table->slots[i].value == NULL) continue;
        table_place(&grown, table->slots[i].hash, table->slots[i].value);
    }
    eid_free(table->slots);
    *table = grown;
    return true;
}

bool eid__ytable_put(eid__ytable *table, uint64_t hash, void *value)
{
    EID_ASSERT(value != NULL);
    if (table->count >= table->cap / 2 && !table_grow(table)) return false;
    table_place(table, hash, value);
    return true;
}

void eid__ytable_fini(eid__ytable *table)
{
    eid_free(table->slots);
    *table = (eid__ytable){0};
}

uint64_t eid__yhash_number(uint64_t secret, uint64_t number)
{
    uint64_t mixed = secret ^ number;

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint64_t eid__yhash_bytes(uint64_t secret, uint64_t number, eid_slice bytes)
{
    uint64_t point = secret % HASH_PRIME;
    uint64_t sum = number % HASH_PRIME;

    for (size_t i = 0; i < bytes.len; i++) {
        sum = (uint64_t)(((hash_wide)sum * point + bytes.at[i] + 1) % HASH_PRIME);
    }
    return eid__yhash_number(secret, sum);
}
