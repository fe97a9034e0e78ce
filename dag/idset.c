/* A sorted array: sets of tips have a handful of members, are compared as a whole and are written
 * in order, all of which an array does without a second structure. */
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/id.h"

static int id_order(const void *a, const void *b)
{
    return eid_id_compare(a, b);
}

size_t eid_ids_normalize(eid_id *ids, size_t count)
{
    size_t kept = 0;

    if (count == 0) return 0;
    qsort(ids, count, sizeof *ids, id_order);
    for (size_t i = 1; i < count; i++) {
        if (!eid_id_equal(&ids[kept], &ids[i])) ids[++kept] = ids[i];
    }
    return kept + 1;
}

/* Where `id` is, or where it would have to be put. */
static size_t idset_place(const eid_idset *set, const eid_id *id, bool *is_there)
{
    size_t low = 0, high = set->count;

    *is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = eid_id_compare(&set->at[middle], id);

        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static eid_status idset_reserve(eid_idset *set, size_t count)
{
    size_t cap = set->cap == 0 ? 4 : set->cap;
    eid_id *at;

    if (count <= set->cap) return EID_OK;
    while (cap < count) cap *= 2;
    at = eid_realloc(set->at, cap * sizeof *at);
    if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu ids", cap);
    set->at = at;
    set->cap = cap;
    return EID_OK;
}

void eid_idset_fini(eid_idset *set)
{
    eid_free(set->at);
    *set = EID_IDSET_EMPTY;
}

eid_status eid_idset_add(eid_idset *set, const eid_id *id)
{
    bool is_there;
    size_t place = idset_place(set, id, &is_there);
    eid_id copy = *id; /* it may lie in the set, which moves */
    eid_status status;

    if (is_there) return EID_OK;
    status = idset_reserve(set, set->count + 1);
    if (status != EID_OK) return status;
    memmove(set->at + place + 1, set->at + place, (set->count - place) * sizeof *set->at);
    set->at[place] = copy;
    set->count++;
    return EID_OK;
}

eid_status eid_idset_assign(eid_idset *set, eid_ids ids)
{
    eid_status status = idset_reserve(set, ids.count);

    if (status != EID_OK) return status;
    if (ids.count > 0) memmove(set->at, ids.at, ids.count * sizeof *set->at);
    set->count = eid_ids_normalize(set->at, ids.count);
    return EID_OK;
}

void eid_idset_remove(eid_idset *set, const eid_id *id)
{
    bool is_there;
    size_t place = idset_place(set, id, &is_there);

    if (!is_there) return;
    set->count--;
    memmove(set->at + place, set->at + place + 1, (set->count - place) * sizeof *set->at);
}

bool eid_idset_has(const eid_idset *set, const eid_id *id)
{
    bool is_there;

    (void)idset_place(set, id, &is_there);
    return is_there;
}

bool eid_idset_equal(const eid_idset *a, const eid_idset *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!eid_id_equal(&a->at[i], &b->at[i])) return false;
    }
    return true;
}
