/* Memory of a Y document: an arena for what lives as long as it, and a hash table of pointers.
 *
 * Blocks are small, many, and never freed one by one, so they are cut from chunks. Keys of the
 * table come from peers, so its hashes depend on a secret of the document.
 *
 * Not here: what is stored (ystore.h). Inside crdt/ only; not thread-safe.
 */
#ifndef EID_CRDT_YMEMORY_H
#define EID_CRDT_YMEMORY_H

#include "dag/bytes.h"

typedef struct eid__yarena_chunk eid__yarena_chunk;

typedef struct eid__yarena {
    eid__yarena_chunk *first; /* the one being filled; zeroed = empty arena */
} eid__yarena;

/* `size` zeroed bytes, aligned for anything, until the arena ends; NULL without memory. */
void *eid__yarena_alloc(eid__yarena *arena, size_t size);
/* A copy that lives as long as the arena; false without memory. */
bool eid__yarena_copy(eid__yarena *arena, eid_slice bytes, eid_slice *out);
/* Move all chunks of `from`, which is empty afterwards. */
void eid__yarena_adopt(eid__yarena *arena, eid__yarena *from);
/* Free all; the arena is empty afterwards. */
void eid__yarena_fini(eid__yarena *arena);

typedef struct eid__ytable_slot {
    uint64_t hash;
    void *value; /* NULL = free */
} eid__ytable_slot;

typedef struct eid__ytable {
    eid__ytable_slot *slots;
    size_t cap, count; /* cap is 0 or a power of two */
} eid__ytable;

/* The next value of that hash, NULL after the last; *probe begins with 0. */
void *eid__ytable_next(const eid__ytable *table, uint64_t hash, size_t *probe);
/* Add a value (borrowed, not NULL); false without memory, and then nothing has changed. */
bool eid__ytable_put(eid__ytable *table, uint64_t hash, void *value);
void eid__ytable_fini(eid__ytable *table);

/* Hashes keyed by `secret`: of bytes together with a number, and of a number. */
uint64_t eid__yhash_bytes(uint64_t secret, uint64_t number, eid_slice bytes);
uint64_t eid__yhash_number(uint64_t secret, uint64_t number);

#endif
