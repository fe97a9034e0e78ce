/* Subscribe: who is told of visible writes, and the thread that tells them.
 *
 * A write hands over, under its tree's write lock, the visible tips after it and the entries that
 * became visible, so the events of a tree follow each other without gap or repeat. Each subscriber
 * has a short queue; one that is slow gets a single event for what it missed, computed by a walk
 * from its cursor. A writer never waits for a subscriber. Inline (simulation) there is no thread:
 * the writer's own delivers when it has released its locks. Source: spec 04 §9, 07 §1.6, 02 §10.
 */
#ifndef EID_NODE_DB_SUBSCRIBE_H
#define EID_NODE_DB_SUBSCRIBE_H

#include "node/db/seam.h"

#define EID__WATCH_QUEUE_MAX 32u  /* events that wait for one subscriber */
#define EID__WATCH_MAX (1u << 20) /* subscriptions of one engine */

typedef struct eid__watch eid__watch;

/* New: eid__watch_free(), which waits for a running callback. */
EID_MUST_CHECK eid_status eid__watch_new(eid_kv *kv, bool is_inline, eid__watch **out);
void eid__watch_free(eid__watch *watch);

/* Add a subscription; the caller holds the tree's write lock, `tips` are the visible ones now.
 * `since` NULL = from now. Errors: LIMIT, NO_MEMORY. */
typedef struct eid__watch_request {
    const eid_id *root;
    const eid_idset *tips, *since;
    eid_write_fn fn;
    void *arg;
} eid__watch_request;
EID_MUST_CHECK eid_status eid__watch_add(eid__watch *watch, const eid__watch_request *request,
                                         uint64_t *out);
/* No callback runs or comes after this, unless it is called from that callback. Unknown: nothing.
 */
void eid__watch_remove(eid__watch *watch, uint64_t subscription);
/* Whether a tree has subscribers. */
bool eid__watch_has(eid__watch *watch, const eid_id *root);

/* Queue what was written, for every subscriber of the tree; its write lock is held. Never fails:
 * without memory the next event spans more. */
typedef struct eid__watch_write {
    const eid_id *root;
    eid_ids tips;  /* visible, after it */
    eid_ids added; /* parents first */
    bool is_cut;
    bool is_remote;
} eid__watch_write;
void eid__watch_publish(eid__watch *watch, const eid__watch_write *write);
/* The same when it cannot be said what was written: the next event spans it. */
void eid__watch_miss(eid__watch *watch, const eid_id *root);
/* Inline: deliver what is queued; otherwise nothing. No lock is held. */
void eid__watch_deliver(eid__watch *watch);

#endif
