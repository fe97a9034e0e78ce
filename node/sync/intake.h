/* Intake: received entries on their way to the store, off the network thread.
 *
 * One worker takes batches in order and stores neighbours of one database together, so that a slow
 * disk costs one write for many small messages. Bounded in bytes: a full intake says so and the
 * sender's stream stops.
 */
#ifndef EID_NODE_SYNC_INTAKE_H
#define EID_NODE_SYNC_INTAKE_H

#include "node/db/engine.h"
#include "node/sync/engine.h"

#define EID_INTAKE_BYTES_MAX (32u * 1024u * 1024u)
#define EID_INTAKE_MERGE_BYTES (4u * 1024u * 1024u) /* stored by one write at most */

typedef struct eid_intake eid_intake;

/* `done` is called on the worker for each number, in order; the result is lent. New:
 * eid_intake_free(). */
EID_MUST_CHECK eid_status eid_intake_new(eid_engine *engine,
                                         void (*done)(void *self, uint64_t number,
                                                      const eid_sync_ingested *result),
                                         void *self, eid_intake **out);
/* Store what waits, then end. */
void eid_intake_free(eid_intake *intake);
/* Take a batch (copied). Errors: OVERLOAD when too much waits, NO_MEMORY. Any thread. */
EID_MUST_CHECK eid_status eid_intake_put(eid_intake *intake, const eid_id *root,
                                         const eid_slice *entries, size_t count, uint64_t number);

#endif
