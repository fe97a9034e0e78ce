/* Ids lie in an array in the order they came, and a table of places in it finds them: a walk needs
 * its queue anyway, and the array is that queue (graph_walk.h). */
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/graph_walk.h"

#define SLOTS_FIRST 64u

struct eid_visited {
    eid_id *ids;
    size_t count, cap;
    uint32_t *slots; /* place + 1; 0 = free. A power of two, at most half full. */
    size_t slot_count;
};

eid_status eid_visited_new(eid_visited **out)
{
    eid_visited *visited = eid_alloc(sizeof *visited);

    *out = NULL;
    if (visited == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a walk");
    visited->slot_count = SLOTS_FIRST;
    visited->slots = eid_alloc_array(visited->slot_count, sizeof *visited->slots);
    if (visited->slots == NULL) {
        eid_free(visited);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a walk");
    }
    *out = visited;
    return EID_OK;
}

void eid_visited_free(eid_visited *visited)
{
    if (visited == NULL) return;
    eid_free(visited->ids);
    eid_free(visited->slots);
    eid_free(visited);
}

/* The slot of an id, or the free one where it would be. */
static size_t visited_slot(const eid_visited *visited, const eid_id *id)
{
    size_t mask = visited->slot_count - 1;
    size_t slot = (size_t)eid_id_hash(id) & mask;

    while (visited->slots[slot] != 0 &&
           !eid_id_equal(&visited->ids[visited->slots[slot] - 1], id)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static eid_status visited_grow(eid_visited *visited)
{
    size_t cap = visited->slot_count; /* so many ids, in twice as many slots */
    eid_id *ids;
    uint32_t *slots;

    if (cap > UINT32_MAX / 2) return EID_FAIL(EID_KIND_LIMIT, "a walk over %zu entries", cap);
    ids = eid_realloc(visited->ids, cap * sizeof *ids);
    if (ids == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a walk");
    visited->ids = ids;
    visited->cap = cap;
    slots = eid_alloc_array(cap * 2, sizeof *slots);
    if (slots == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a walk");
    eid_free(visited->slots);
    visited->slots = slots;
    visited->slot_count = cap * 2;
    for (size_t i = 0; i < visited->count; i++) {
        slots[visited_slot(visited, &ids[i])] = (uint32_t)(i + 1);
    }
    return EID_OK;
}

eid_status eid__visited_put(eid_visited *visited, const eid_id *id, size_t *place, bool *is_new)
{
    size_t slot = visited_slot(visited, id);

    *is_new = visited->slots[slot] == 0;
    if (!*is_new) {
        *place = visited->slots[slot] - 1;
        return EID_OK;
    }
    if (visited->count >= visited->slot_count / 2 || visited->count == visited->cap) {
        eid_status status = visited_grow(visited);

        if (status != EID_OK) return status;
        slot = visited_slot(visited, id);
    }
    *place = visited->count;
    visited->ids[visited->count++] = *id;
    visited->slots[slot] = (uint32_t)visited->count;
    return EID_OK;
}

bool eid__visited_find(const eid_visited *visited, const eid_id *id, size_t *place)
{
    uint32_t found = visited->slots[visited_slot(visited, id)];

    if (found != 0) *place = found - 1;
    return found != 0;
}

const eid_id *eid__visited_at(const eid_visited *visited, size_t place)
{
    EID_ASSERT(place < visited->count);
    return &visited->ids[place];
}

eid_status eid_visited_add(eid_visited *visited, const eid_id *id, bool *is_new)
{
    size_t place;

    return eid__visited_put(visited, id, &place, is_new);
}

bool eid_visited_has(const eid_visited *visited, const eid_id *id)
{
    size_t place;

    return eid__visited_find(visited, id, &place);
}

size_t eid_visited_count(const eid_visited *visited)
{
    return visited->count;
}
