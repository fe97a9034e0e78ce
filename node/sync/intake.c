/* A list under one lock. The worker unhooks a run of batches of one database, ingests them as one,
 * and answers each number; what the run found is told with its last number. */
#include "node/sync/intake.h"

#include <pthread.h>

#include "dag/alloc.h"
#include "dag/log.h"

typedef struct intake_batch {
    struct intake_batch *next;
    eid_id root;
    uint64_t number;
    size_t bytes;
    size_t count;
    eid_slice *entries; /* into `memory` */
    uint8_t *memory;
} intake_batch;

struct eid_intake {
    eid_engine *engine;
    void (*done)(void *self, uint64_t number, const eid_sync_ingested *result);
    void *self;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stops;
    size_t bytes; /* that wait or are being stored */
    intake_batch *first, **last;
};

static void batch_free(intake_batch *batch)
{
    if (!batch) return;
    eid_free(batch->entries);
    eid_free(batch->memory);
    eid_free(batch);
}

static intake_batch *batch_new(const eid_id *root, const eid_slice *entries, size_t count,
                               uint64_t number)
{
    intake_batch *batch = eid_alloc(sizeof *batch);
    size_t bytes = 0;

    if (!batch) return NULL;
    for (size_t i = 0; i < count; i++) bytes += entries[i].len;
    batch->root = *root;
    batch->number = number;
    batch->bytes = bytes + count * sizeof *entries;
    batch->count = count;
    batch->entries = eid_alloc_array(count, sizeof *batch->entries);
    batch->memory = eid_alloc(bytes);
    if (!batch->entries || !batch->memory) {
        batch_free(batch);
        return NULL;
    }
    bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].len > 0) memcpy(batch->memory + bytes, entries[i].at, entries[i].len);
        batch->entries[i] = eid_slice_of(batch->memory + bytes, entries[i].len);
        bytes += entries[i].len;
    }
    return batch;
}

/* Unhook a run of one database. The lock is held. */
static intake_batch *intake_take_run(eid_intake *intake)
{
    intake_batch *run = intake->first, *end = run;
    size_t bytes = run->bytes;

    while (end->next && eid_id_equal(&end->next->root, &run->root) &&
           bytes + end->next->bytes <= EID_INTAKE_MERGE_BYTES) {
        end = end->next;
        bytes += end->bytes;
    }
    intake->first = end->next;
    if (!intake->first) intake->last = &intake->first;
    end->next = NULL;
    return run;
}

static eid_status intake_store(eid_intake *intake, const intake_batch *run,
                               eid_ingest_report *report)
{
    eid_idset expect = EID_IDSET_EMPTY;
    eid_slice *entries = NULL;
    size_t count = 0;
    eid_status status = eid_idset_add(&expect, &run->root);

    for (const intake_batch *at = run; at; at = at->next) count += at->count;
    entries = eid_alloc_array(count, sizeof *entries);
    if (!entries) status = EID_FAIL(EID_KIND_NO_MEMORY, "%zu entries", count);
    count = 0;
    for (const intake_batch *at = run; at && status == EID_OK; at = at->next) {
        memcpy(entries + count, at->entries, at->count * sizeof *entries);
        count += at->count;
    }
    if (status == EID_OK) {
        /* Not acknowledged to a user: what a crash loses is fetched again. */
        status =
            eid_engine_ingest(intake->engine, entries, count, &expect, EID_DURABLE_ASYNC, report);
    }
    eid_free(entries);
    eid_idset_fini(&expect);
    return status;
}

static void intake_handle(eid_intake *intake, intake_batch *run)
{
    eid_ingest_report report = {0};
    eid_sync_ingested result = {.status = intake_store(intake, run, &report)};
    size_t bytes = 0;

    if (result.status != EID_OK) {
        eid_log_error("sync.store", "error=%s", eid_status_detail(result.status).text);
    }
    while (run) {
        intake_batch *next = run->next;

        if (!next) {
            result.stored = report.stored;
            result.verified = report.verified;
            result.failed = report.failed;
            result.malformed = report.malformed;
            result.missing = eid_idset_ids(&report.missing);
        }
        intake->done(intake->self, run->number, &result);
        bytes += run->bytes;
        batch_free(run);
        run = next;
    }
    eid_idset_fini(&report.missing);
    pthread_mutex_lock(&intake->lock);
    intake->bytes -= bytes;
    pthread_mutex_unlock(&intake->lock);
}

static void *intake_main(void *arg)
{
    eid_intake *intake = arg;

    pthread_mutex_lock(&intake->lock);
    for (;;) {
        intake_batch *run;

        while (!intake->first && !intake->stops) pthread_cond_wait(&intake->wake, &intake->lock);
        if (!intake->first) break;
        run = intake_take_run(intake);
        pthread_mutex_unlock(&intake->lock);
        intake_handle(intake, run);
        pthread_mutex_lock(&intake->lock);
    }
    pthread_mutex_unlock(&intake->lock);
    return NULL;
}

eid_status eid_intake_new(eid_engine *engine,
                          void (*done)(void *self, uint64_t number,
                                       const eid_sync_ingested *result),
                          void *self, eid_intake **out)
{
    eid_intake *intake = eid_alloc(sizeof *intake);

    if (!intake) return EID_FAIL(EID_KIND_NO_MEMORY, "intake");
    intake->engine = engine;
    intake->done = done;
    intake->self = self;
    intake->last = &intake->first;
    pthread_mutex_init(&intake->lock, NULL);
    pthread_cond_init(&intake->wake, NULL);
    if (pthread_create(&intake->thread, NULL, intake_main, intake) != 0) {
        eid_free(intake);
        return EID_FAIL(EID_KIND_OVERLOAD, "no thread for received entries");
    }
    *out = intake;
    return EID_OK;
}

void eid_intake_free(eid_intake *intake)
{
    if (!intake) return;
    pthread_mutex_lock(&intake->lock);
    intake->stops = true;
    pthread_cond_signal(&intake->wake);
    pthread_mutex_unlock(&intake->lock);
    pthread_join(intake->thread, NULL);
    pthread_cond_destroy(&intake->wake);
    pthread_mutex_destroy(&intake->lock);
    eid_free(intake);
}

eid_status eid_intake_put(eid_intake *intake, const eid_id *root, const eid_slice *entries,
                          size_t count, uint64_t number)
{
    intake_batch *batch = batch_new(root, entries, count, number);
    bool fits;

    if (!batch) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu received entries", count);
    pthread_mutex_lock(&intake->lock);
    fits = intake->bytes == 0 || intake->bytes + batch->bytes <= EID_INTAKE_BYTES_MAX;
    if (fits) {
        intake->bytes += batch->bytes;
        *intake->last = batch;
        intake->last = &batch->next;
        pthread_cond_signal(&intake->wake);
    }
    pthread_mutex_unlock(&intake->lock);
    if (fits) return EID_OK;
    batch_free(batch);
    return EID_FAIL(EID_KIND_OVERLOAD, "received entries wait for the disk");
}
