/* Groups are claimed in ascending order under one lock. A group is some milliseconds of signatures,
 * so the lock is never hot, and "done up to here" is a flag per group that its waiter looks at.
 * Jobs stand in a list; a thread serves the oldest that has groups left, so a small batch behind a
 * large one waits for the pool but not for its own caller, who always helps himself. */
#include "node/db/pool.h"

#include <pthread.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"

struct eid__job {
    eid__pool *pool;
    size_t count, group;
    void (*fn)(void *arg, size_t i);
    void *arg;
    size_t groups;  /* number of them */
    size_t claimed; /* under the pool's lock, as all below */
    size_t finished;
    bool *done; /* per group */
    eid__job *next;
};

struct eid__pool {
    pthread_mutex_t lock;
    pthread_cond_t work; /* there are groups to claim, or the end */
    pthread_cond_t done; /* a group was finished */
    unsigned wanted, count;
    bool stop, started;
    eid__job *jobs; /* oldest first; those with groups to claim */
    pthread_t threads[];
};

eid_status eid__pool_new(unsigned threads, eid__pool **out)
{
    eid__pool *pool;

    if (threads > EID__POOL_THREADS_MAX) threads = EID__POOL_THREADS_MAX;
    pool = eid_alloc(sizeof(*pool) + threads * sizeof(pthread_t));
    if (pool == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for %u threads", threads);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->wanted = threads;
    *out = pool;
    return EID_OK;
}

void eid__pool_free(eid__pool *pool)
{
    if (pool == NULL) return;
    EID_ASSERT(pool->jobs == NULL);
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    eid_free(pool);
}

/* Claim the next group of a job; under the lock. False when none is left. */
static bool job_claim(eid__job *job, size_t *group)
{
    eid__job **link = &job->pool->jobs;

    if (job->claimed == job->groups) return false;
    *group = job->claimed++;
    if (job->claimed < job->groups) return true;
    while (*link != NULL && *link != job) link = &(*link)->next;
    if (*link != NULL) *link = job->next;
    return true;
}

/* Do one group; called under the lock, which is open meanwhile. */
static void job_do(eid__job *job, size_t group)
{
    size_t from = group * job->group;
    size_t end = job->count - from < job->group ? job->count : from + job->group;

    pthread_mutex_unlock(&job->pool->lock);
    for (size_t i = from; i < end; i++) job->fn(job->arg, i);
    pthread_mutex_lock(&job->pool->lock);
    job->done[group] = true;
    job->finished++;
    pthread_cond_broadcast(&job->pool->done);
}

static void *pool_thread(void *self)
{
    eid__pool *pool = self;
    size_t group;

    pthread_mutex_lock(&pool->lock);
    while (!pool->stop) {
        eid__job *job = pool->jobs;
        if (job == NULL) {
            pthread_cond_wait(&pool->work, &pool->lock);
        } else if (job_claim(job, &group)) {
            job_do(job, group);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Make the threads; with fewer than wanted everything is only slower. Under the lock. */
static void pool_start(eid__pool *pool)
{
    pool->started = true;
    while (pool->count < pool->wanted) {
        if (pthread_create(&pool->threads[pool->count], NULL, pool_thread, pool) != 0) {
            eid_log_warn("pool.threads", "have=%u wanted=%u", pool->count, pool->wanted);
            return;
        }
        pool->count++;
    }
}

eid_status eid__job_start(eid__pool *pool, size_t count, size_t group,
                          void (*fn)(void *arg, size_t i), void *arg, eid__job **out)
{
    eid__job **link;
    eid__job *job;

    EID_ASSERT(group > 0);
    job = eid_alloc(sizeof(*job));
    if (job == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a job");
    *job = (eid__job){.pool = pool, .count = count, .group = group, .fn = fn, .arg = arg};
    job->groups = count / group + (count % group != 0 ? 1 : 0);
    job->done = eid_alloc_array(job->groups, sizeof(bool));
    if (job->done == NULL) {
        eid_free(job);
        return EID_FAIL(EID_KIND_NO_MEMORY, "for a job of %zu groups", count / group);
    }
    *out = job;
    if (job->groups <= 1) return EID_OK; /* the caller's, when he needs it */
    pthread_mutex_lock(&pool->lock);
    if (!pool->started) pool_start(pool);
    link = &pool->jobs;
    while (*link != NULL) link = &(*link)->next;
    *link = job;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return EID_OK;
}

void eid__job_need(eid__job *job, size_t i)
{
    size_t group, wanted = i / job->group;

    EID_ASSERT(i < job->count);
    pthread_mutex_lock(&job->pool->lock);
    while (!job->done[wanted]) {
        if (job_claim(job, &group)) {
            job_do(job, group);
        } else {
            pthread_cond_wait(&job->pool->done, &job->pool->lock);
        }
    }
    pthread_mutex_unlock(&job->pool->lock);
}

void eid__job_end(eid__job *job)
{
    size_t group;

    if (job == NULL) return;
    pthread_mutex_lock(&job->pool->lock);
    while (job->finished < job->groups) {
        if (job_claim(job, &group)) {
            job_do(job, group);
        } else {
            pthread_cond_wait(&job->pool->done, &job->pool->lock);
        }
    }
    pthread_mutex_unlock(&job->pool->lock);
    eid_free(job->done);
    eid_free(job);
}
