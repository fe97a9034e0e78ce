/* A table without chains: a new key takes the place of the old one. The keys are few and the same
 * again and again, so what a collision costs is one read. */
#include "storage/batch_hot.h"

#include "dag/alloc.h"

typedef struct hot_place {
    eid_family family;
    bool is_absent;
    size_t key_len, value_len, cap;
    uint8_t *bytes; /* key, then value; NULL = nothing is known here */
} hot_place;

struct eid__hot {
    hot_place places[EID__HOT_PLACES];
};

eid__hot *eid__hot_new(void)
{
    return eid_alloc(sizeof(eid__hot));
}

static void place_clear(hot_place *place)
{
    eid_free(place->bytes);
    memset(place, 0, sizeof *place);
}

void eid__hot_free(eid__hot *hot)
{
    if (hot == NULL) return;
    for (size_t i = 0; i < EID__HOT_PLACES; i++) place_clear(&hot->places[i]);
    eid_free(hot);
}

/* FNV-1a; whoever makes keys collide slows himself down. */
static size_t hot_index(eid_family family, eid_slice key)
{
    uint64_t hash = 14695981039346656037u ^ (uint64_t)family;

    for (size_t i = 0; i < key.len; i++) hash = (hash ^ key.at[i]) * 1099511628211u;
    return (size_t)(hash >> 32) % EID__HOT_PLACES;
}

static bool place_is(const hot_place *place, eid_family family, eid_slice key)
{
    return place->bytes != NULL && place->family == family &&
           eid_slice_equal(eid_slice_of(place->bytes, place->key_len), key);
}

bool eid__hot_find(const eid__hot *hot, eid_family family, eid_slice key, eid_slice *value,
                   bool *is_absent)
{
    const hot_place *place = &hot->places[hot_index(family, key)];

    if (!place_is(place, family, key)) return false;
    *value = eid_slice_of(place->bytes + place->key_len, place->value_len);
    *is_absent = place->is_absent;
    return true;
}

static void place_set(hot_place *place, const eid_kv_write_op *op)
{
    size_t len = op->key.len + op->value.len;

    if (len > EID__HOT_BYTES_MAX) {
        place_clear(place);
        return;
    }
    if (len > place->cap || place->bytes == NULL) {
        uint8_t *bytes = eid_realloc(place->bytes, len + 32); /* tips come and go */

        if (bytes == NULL) {
            place_clear(place);
            return;
        }
        place->bytes = bytes;
        place->cap = len + 32;
    }
    place->family = op->family;
    place->key_len = op->key.len;
    place->value_len = op->value.len;
    place->is_absent = op->is_delete;
    if (op->key.len > 0) memcpy(place->bytes, op->key.at, op->key.len);
    if (op->value.len > 0) memcpy(place->bytes + op->key.len, op->value.at, op->value.len);
}

void eid__hot_keep(eid__hot *hot, eid_family family, eid_slice key, eid_slice value, bool is_absent)
{
    const eid_kv_write_op op = {family, key, value, is_absent};

    place_set(&hot->places[hot_index(family, key)], &op);
}

void eid__hot_change(eid__hot *hot, const eid_kv_write_op *op)
{
    hot_place *place = &hot->places[hot_index(op->family, op->key)];

    if (place_is(place, op->family, op->key)) place_set(place, op);
}
