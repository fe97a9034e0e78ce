/* Everything Unverified of a tree, in tree order: in that order parents of an honest history come
 * first, so most entries are looked at once. A hash table beside it says in one step whether an id
 * is in the list; looking it up in the store would cost more than judging. */
#include "auth/verify_parts.h"
#include "dag/alloc.h"
#include "dag/assert.h"

static size_t worklist_slot(const eid__worklist *work, const eid_id *id)
{
    size_t slot = (size_t)eid_id_hash(id) & (work->slot_count - 1);

    while (work->slots[slot] != 0 && !eid_id_equal(&work->order.at[work->slots[slot] - 1].id, id)) {
        slot = (slot + 1) & (work->slot_count - 1);
    }
    return slot;
}

eid_status eid__worklist_init(eid__worklist *work, const eid_at *at, const eid_id *root)
{
    eid_status status;

    *work = (eid__worklist){.order = EID_ORDER_EMPTY, .slot_count = 16};
    status = eid_index_unverified(at, root, UINT32_MAX - 1, &work->order);
    if (status != EID_OK) return status;
    EID_ASSERT(work->order.count < UINT32_MAX);
    while (work->slot_count < work->order.count * 2) work->slot_count *= 2;
    work->states = eid_alloc_array(work->order.count, sizeof *work->states);
    work->slots = eid_alloc_array(work->slot_count, sizeof *work->slots);
    if (!work->states || !work->slots) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "a list of unverified entries");
    }
    for (size_t i = 0; i < work->order.count; i++) {
        work->slots[worklist_slot(work, &work->order.at[i].id)] = (uint32_t)(i + 1);
        work->states[i] = EID__WORK_NEW;
    }
    return EID_OK;
}

void eid__worklist_fini(eid__worklist *work)
{
    eid_order_fini(&work->order);
    eid_free(work->states);
    eid_free(work->slots);
    work->states = NULL;
    work->slots = NULL;
}

size_t eid__worklist_find(const eid__worklist *work, const eid_id *id)
{
    uint32_t place = work->slots[worklist_slot(work, id)];

    return place == 0 ? SIZE_MAX : place - 1u;
}
