/* Many authors of one database in one process: nobody's change is lost, whatever tips they began
 * on. */
#include <pthread.h>
#include <stdio.h>

#include "tests/node/txn_world.h"

#define THREADS 4
#define COMMITS 25

typedef struct author {
    test_world *world;
    int number;
    eid_status status;
} author;

static eid_status write_one(const author *self, int round)
{
    eid_txn *txn = NULL;
    char key[32], store[16];
    eid_id id;
    eid_status status;

    snprintf(key, sizeof key, "%d-%d", self->number, round);
    snprintf(store, sizeof store, "store%d", round % 3);
    status = eid_txn_begin(self->world->seam, &self->world->root, &self->world->signer, NULL, &txn);
    if (status == EID_OK) status = eid_docstore_set_text(txn, text(store), key, text(key));
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

static void *author_run(void *arg)
{
    author *self = arg;

    for (int round = 0; round < COMMITS && self->status == EID_OK; round++) {
        self->status = write_one(self, round);
    }
    return NULL;
}

static void test_txn_threads__lose_no_change_of_concurrent_authors(void **state)
{
    test_world world;
    author authors[THREADS];
    pthread_t threads[THREADS];
    char key[32], store[16];
    eid_db_info info;

    world_open_database(&world);
    for (int i = 0; i < THREADS; i++) {
        authors[i] = (author){&world, i, EID_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, author_run, &authors[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(authors[i].status, EID_OK);
    }
    assert_ok(world.seam->info(world.seam->self, &world.root, &info));
    assert_int_equal(info.counts.verified, THREADS * COMMITS + 1);
    eid_db_info_fini(&info);
    for (int i = 0; i < THREADS * COMMITS; i++) {
        snprintf(key, sizeof key, "%d-%d", i % THREADS, i / THREADS);
        snprintf(store, sizeof store, "store%d", i / THREADS % 3);
        world_check(&world, store, key, key);
    }
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_txn_threads__lose_no_change_of_concurrent_authors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
