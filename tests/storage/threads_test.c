/* Several writers and readers at once: batches are whole in every snapshot, numbers are not shared.
 */
#include <pthread.h>

#include "tests/storage/suite.h"

#define WRITERS 3
#define ROUNDS 150

typedef struct worker {
    world *place;
    size_t number;
    bool is_good;
} worker;

/* Write the same round number under two keys, always together. */
static void *write_pairs(void *context)
{
    worker *self = context;
    char names[2][16];

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(names[i], sizeof names[i], "%zu/%zu", self->number, i);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        uint8_t value[8];
        eid_kv_write_op ops[2];

        eid_put_u64(value, round);
        for (size_t i = 0; i < 2; i++) {
            ops[i] = (eid_kv_write_op){EID_FAMILY_STATE, eid_slice_text(names[i]),
                                       eid_slice_of(value, sizeof value), false};
        }
        if (eid_kv_write(self->place->kv, ops, 2, EID_DURABLE_ASYNC) != EID_OK) return NULL;
    }
    self->is_good = true;
    return NULL;
}

/* In a snapshot, keys come in pairs of equal values. */
static bool pairs_match(const world *place)
{
    eid_kv_view *view = NULL;
    eid_kv_iter *iter = NULL;
    eid_slice key, value;
    uint64_t values[2] = {0, 0};
    bool is_good =
        eid_kv_view_new(place->kv, &view) == EID_OK &&
        eid_kv_iter_new(place->kv, view, EID_FAMILY_STATE, EID_SLICE_EMPTY, &iter) == EID_OK;

    for (size_t i = 0; is_good && eid_kv_iter_pair(iter, &key, &value); i++) {
        values[i % 2] = eid_get_u64(value.at);
        is_good = i % 2 == 0 || values[0] == values[1];
        eid_kv_iter_next(iter);
    }
    eid_kv_iter_free(iter);
    eid_kv_view_free(place->kv, view);
    return is_good;
}

static void *read_pairs(void *context)
{
    worker *self = context;

    self->is_good = true;
    for (size_t round = 0; round < ROUNDS && self->is_good; round++) {
        self->is_good = pairs_match(self->place);
    }
    return NULL;
}

static void run(world *place, size_t count, void *(*work)(void *), worker *workers)
{
    pthread_t threads[2 * WRITERS];

    for (size_t i = 0; i < count; i++) {
        bool is_reader = work == write_pairs && i >= WRITERS;

        workers[i] = (worker){place, i, false};
        assert_int_equal(
            pthread_create(&threads[i], NULL, is_reader ? read_pairs : work, &workers[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(workers[i].is_good);
    }
}

static void test_kv_view__is_of_one_moment_while_others_write(void **state)
{
    worker workers[2 * WRITERS];

    run(*state, 2 * WRITERS, write_pairs, workers);
}

/* A database of its own: a genesis and some children. */
static void *write_database(void *context)
{
    worker *self = context;
    eid_batch *batch = NULL;
    eid_status status = eid_batch_new(self->place->kv, &batch);

    for (size_t i = 0; status == EID_OK && i < 20; i++) {
        eid_entry *entry = entry_new(&(entry_spec){.salt = self->number * 1000 + i});
        bool is_new = false;

        status = eid_index_put(batch, entry, EID_VERIFIED, i, &is_new);
        if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);
        eid_entry_free(entry);
    }
    eid_batch_free(batch);
    self->is_good = status == EID_OK;
    return NULL;
}

static void test_index_put__gives_each_database_a_number_of_its_own(void **state)
{
    world *place = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    worker workers[2 * WRITERS];
    bool is_taken[20 * WRITERS + 1] = {false};

    run(place, WRITERS, write_database, workers);
    assert_ok(eid_index_databases(&place->at, &roots));
    assert_int_equal(roots.count, 20 * WRITERS);
    for (size_t i = 0; i < roots.count; i++) {
        uint32_t number = 0;

        assert_ok(eid_index_database(&place->at, &roots.at[i], &number));
        assert_in_range(number, 1, 20 * WRITERS);
        assert_false(is_taken[number]);
        is_taken[number] = true;
    }
    eid_idset_fini(&roots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_kv_view__is_of_one_moment_while_others_write),
        ON_ALL(test_index_put__gives_each_database_a_number_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
