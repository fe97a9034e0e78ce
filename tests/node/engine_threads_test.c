/* Several threads write, read, take in and listen at once; run under the thread sanitizer too.
 * Threads must not jump out of a test, so they count what went wrong. */
#include <pthread.h>
#include <stdatomic.h>

#include "dag/assert.h"
#include "tests/node/engine_world.h"
#include "tests/storage/scratch.h"

#define DATABASES 3
#define WRITES 40
#define RECEIVED 60

typedef struct shared {
    world self;
    eid_id roots[DATABASES];
    eid_id received_root; /* of a database that only comes from elsewhere */
    eid_entry *received[RECEIVED];
    atomic_size_t wrong, events, done;
} shared;

typedef struct worker {
    shared *all;
    pthread_t thread;
    unsigned number;
} worker;

static void *write_thread(void *arg)
{
    worker *self = arg;

    for (int i = 0; i < WRITES; i++) {
        world_write(&self->all->self, &self->all->roots[(self->number + (unsigned)i) % DATABASES],
                    self->number == 0 ? "a" : "b", i);
    }
    atomic_fetch_add(&self->all->done, 1);
    return NULL;
}

static void *read_thread(void *arg)
{
    worker *self = arg;
    const eid_seam *seam = self->all->self.seam;

    while (atomic_load(&self->all->done) < 2) {
        const eid_id *root = &self->all->roots[self->number % DATABASES];
        eid_slice data = eid_slice_text("data");
        eid_txn_context context;
        eid_db_info info;
        eid_doc *doc;

        world_read(&self->all->self, root, "a");
        if (seam->doc(seam->self, root, data, &doc) == EID_OK) eid_doc_free(doc);
        if (seam->info(seam->self, root, &info) != EID_OK) {
            atomic_fetch_add(&self->all->wrong, 1);
            continue;
        }
        eid_db_info_fini(&info);
        if (seam->begin(seam->self, root, &data, 1, NULL, &context) != EID_OK) {
            atomic_fetch_add(&self->all->wrong, 1);
            continue;
        }
        for (size_t i = 0; i < context.stores[2].parents.count; i++) {
            if (context.stores[2].height_max > context.height_max) {
                atomic_fetch_add(&self->all->wrong, 1);
            }
        }
        eid_txn_context_fini(&context);
    }
    return NULL;
}

static void hear(void *arg, const eid_write_event *event)
{
    shared *self = arg;

    atomic_fetch_add(&self->events, event->added.count);
}

/* Open, listen and close subscriptions. */
static void *listen_thread(void *arg)
{
    worker *self = arg;
    const eid_seam *seam = self->all->self.seam;

    while (atomic_load(&self->all->done) < 2) {
        uint64_t subscription;

        if (seam->subscribe(seam->self, &self->all->roots[0], NULL, hear, self->all,
                            &subscription) != EID_OK) {
            atomic_fetch_add(&self->all->wrong, 1);
            continue;
        }
        seam->unsubscribe(seam->self, subscription);
    }
    return NULL;
}

/* Take entries in backwards, in small batches, as two peers would send them. */
static void *ingest_thread(void *arg)
{
    worker *self = arg;
    eid_slice bytes[5];
    eid_ingest_report report;

    for (size_t i = RECEIVED; i > 0;) {
        size_t count = 0;

        while (count < EID_COUNT(bytes) && i > 0) {
            bytes[count++] = eid_entry_bytes(self->all->received[--i]);
        }
        if (eid_engine_ingest(self->all->self.engine, bytes, count, NULL, EID_DURABLE_ASYNC,
                              &report) != EID_OK) {
            atomic_fetch_add(&self->all->wrong, 1);
        }
        eid_idset_fini(&report.missing);
    }
    return NULL;
}

static void make_received(shared *all)
{
    char payload[200];
    world maker;

    world_open(&maker, "memory://", true);
    all->received[0] = world_genesis(&maker, "received");
    all->received_root = *eid_entry_id(all->received[0]);
    for (int i = 0; i < RECEIVED; i++) {
        eid_verdict verdict;

        if (i > 0) {
            all->received[i] = world_entry(&maker, &all->received_root, NULL, "data",
                                           world_payload(payload, "r", i), &maker.admin);
        }
        assert_ok(maker.seam->submit(maker.seam->self, &all->received_root, all->received[i],
                                     EID_DURABLE_ASYNC, &verdict));
    }
    world_close(&maker);
}

static void run(const char *url)
{
    void *(*const threads[])(void *) = {write_thread,  write_thread,  read_thread,  read_thread,
                                        listen_thread, ingest_thread, ingest_thread};
    worker workers[EID_COUNT(threads)];
    uint64_t subscriptions[DATABASES], written = 0;
    shared *all = eid_alloc(sizeof(*all));

    make_received(all);
    world_open(&all->self, url, false);
    for (unsigned i = 0; i < DATABASES; i++) {
        all->roots[i] = world_database(&all->self, "db");
        assert_ok(all->self.seam->subscribe(all->self.seam->self, &all->roots[i], NULL, hear, all,
                                            &subscriptions[i]));
    }
    for (unsigned i = 0; i < EID_COUNT(threads); i++) {
        workers[i] = (worker){.all = all, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, threads[i], &workers[i]), 0);
    }
    for (unsigned i = 0; i < EID_COUNT(threads); i++) pthread_join(workers[i].thread, NULL);
    assert_int_equal(atomic_load(&all->wrong), 0);
    for (unsigned i = 0; i < DATABASES; i++) {
        eid_db_info info;

        assert_ok(all->self.seam->info(all->self.seam->self, &all->roots[i], &info));
        written += info.counts.verified - 1;
        eid_db_info_fini(&info);
        world_check(&all->self, &all->roots[i]);
    }
    assert_int_equal(written, 2 * WRITES);
    assert_int_equal(world_read(&all->self, &all->received_root, "r"), RECEIVED - 1);
    world_check(&all->self, &all->received_root);
    for (size_t i = 0; i < RECEIVED; i++) eid_entry_free(all->received[i]);
    world_close(&all->self);
    eid_free(all);
}

static void test_engine_threads__memory(void **state)
{
    run("memory://");
}

static void test_engine_threads__rocksdb(void **state)
{
    scratch folder;

    scratch_begin(&folder);
    run(folder.url);
    scratch_end(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_threads__memory),
        cmocka_unit_test(test_engine_threads__rocksdb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
