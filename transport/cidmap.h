/* Cidmap: short byte strings (connection ids, reset tokens, numbers) to what they belong to.
 *
 * Peers choose some of the keys, so places are found with a keyed hash (SipHash-2-4). Values are
 * borrowed. One thread. Shape: 32 bytes a slot, at most half of them in use. */
#ifndef EID_TRANSPORT_CIDMAP_H
#define EID_TRANSPORT_CIDMAP_H

#include "dag/bytes.h"
#include "dag/random.h"

#define EID__CID_MAX 20u /* RFC 9000 §17.2 */

typedef struct eid__cidmap_slot {
    void *value;
    uint8_t len; /* 0 = empty */
    uint8_t key[EID__CID_MAX];
} eid__cidmap_slot;

typedef struct eid__cidmap {
    uint64_t secret[2];
    size_t count, cap; /* cap is 0 or a power of two; count <= cap / 2 */
    eid__cidmap_slot *slots;
} eid__cidmap;

/* Begin an empty map whose hash key is drawn from `random`. */
void eid__cidmap_init(eid__cidmap *map, const eid_random *random);
void eid__cidmap_fini(eid__cidmap *map);
/* Put `value` under `key` of 1 to EID__CID_MAX bytes, replacing what is there. Errors: NO_MEMORY.
 */
EID_MUST_CHECK eid_status eid__cidmap_put(eid__cidmap *map, eid_slice key, void *value);
/* The value under `key`, or NULL. */
void *eid__cidmap_find(const eid__cidmap *map, eid_slice key);
/* Remove `key` if it is there and belongs to `value`. */
void eid__cidmap_remove(eid__cidmap *map, eid_slice key, const void *value);

#endif
