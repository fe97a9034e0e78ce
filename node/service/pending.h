/* Pending: what one subscriber has not been told yet, as one event however many writes it was.
 *
 * A subscriber that does not keep up costs one of these, not a queue: events that follow each other
 * join to one that spans them, and cursors make sure that nothing is lost. Its owner's lock.
 */
#ifndef EID_NODE_SERVICE_PENDING_H
#define EID_NODE_SERVICE_PENDING_H

#include "node/db/seam.h"

typedef struct eid__pending {
    bool has_any;
    bool is_remote, is_cut;
    eid_idset previous, post;
    eid_id *added;
    size_t added_count, added_cap;
} eid__pending;

/* A zeroed struct is empty. */
void eid__pending_fini(eid__pending *pending);
/* Add an event that follows what is there. Without memory for the ids it is cut; without memory for
 * the tips it fails and nothing has changed. */
EID_MUST_CHECK eid_status eid__pending_add(eid__pending *pending, const eid_write_event *event);
/* What is there as an event; lent until the pending changes. */
eid_write_event eid__pending_event(const eid__pending *pending, const eid_id *root);

#endif
