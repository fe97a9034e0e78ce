/* Pool: threads that do one thing for every index of a range, in order of index, in small groups.
 *
 * For hashes and signatures of received batches: the caller helps, and may use the first results
 * while the last are still being made. Owns no state of the node. Threads are made when first
 * needed; none at all with `threads` 0, where the caller does everything (simulation).
 */
#ifndef EID_NODE_DB_POOL_H
#define EID_NODE_DB_POOL_H

#include <stddef.h>

#include "dag/status.h"

#define EID__POOL_THREADS_MAX 256u

typedef struct eid__pool eid__pool;
typedef struct eid__job eid__job;

/* New: eid__pool_free(), after all jobs have ended. */
EID_MUST_CHECK eid_status eid__pool_new(unsigned threads, eid__pool **out);
void eid__pool_free(eid__pool *pool);

/* Begin to call fn(arg, i) for i < count; groups of `group` indexes go to one thread. `fn` may run
 * on several threads at once. New: eid__job_end(). */
EID_MUST_CHECK eid_status eid__job_start(eid__pool *pool, size_t count, size_t group,
                                         void (*fn)(void *arg, size_t i), void *arg,
                                         eid__job **out);
/* Return when index `i` is done, helping meanwhile. */
void eid__job_need(eid__job *job, size_t i);
/* Wait for all of it and free it; NULL does nothing. */
void eid__job_end(eid__job *job);

#endif
