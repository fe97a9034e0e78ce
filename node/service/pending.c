/* Ids are kept up to the bound that an event has anyway; above it the log says more than a list. */
#include "node/service/pending.h"

#include "dag/alloc.h"

void eid__pending_fini(eid__pending *pending)
{
    eid_idset_fini(&pending->previous);
    eid_idset_fini(&pending->post);
    eid_free(pending->added);
    *pending = (eid__pending){0};
}

static bool pending_reserve(eid__pending *pending, size_t more)
{
    size_t need = pending->added_count + more, cap = pending->added_cap * 2;
    eid_id *added;

    if (need <= pending->added_cap) return true;
    if (cap < need) cap = need;
    added = eid_realloc(pending->added, cap * sizeof *added);
    if (!added) return false;
    pending->added = added;
    pending->added_cap = cap;
    return true;
}

eid_status eid__pending_add(eid__pending *pending, const eid_write_event *event)
{
    size_t room = EID_EVENT_IDS_MAX - pending->added_count;
    size_t more = event->added.count < room ? event->added.count : room;
    eid_idset post = EID_IDSET_EMPTY;
    eid_status status = eid_idset_assign(&post, event->post);

    if (status == EID_OK && !pending->has_any) {
        status = eid_idset_assign(&pending->previous, event->previous);
    }
    if (status != EID_OK) {
        eid_idset_fini(&post);
        return status;
    }
    eid_idset_fini(&pending->post);
    pending->post = post;
    if (more < event->added.count || event->is_cut) pending->is_cut = true;
    if (!pending_reserve(pending, more)) {
        pending->is_cut = true;
        more = 0;
    }
    if (more > 0) {
        memcpy(pending->added + pending->added_count, event->added.at, more * sizeof(eid_id));
    }
    pending->added_count += more;
    pending->is_remote = pending->is_remote || event->is_remote;
    pending->has_any = true;
    return EID_OK;
}

eid_write_event eid__pending_event(const eid__pending *pending, const eid_id *root)
{
    return (eid_write_event){.root = *root,
                             .previous = eid_idset_ids(&pending->previous),
                             .post = eid_idset_ids(&pending->post),
                             .is_remote = pending->is_remote,
                             .added = {pending->added, pending->added_count},
                             .is_cut = pending->is_cut};
}
