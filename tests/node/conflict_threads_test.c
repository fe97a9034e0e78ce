/* Lists and prunes of the ledger while others write: each takes the database's lock for a moment
 * only, so nothing may be lost in between. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/node/engine_world.h"

#define WRITERS 3
#define ENTRIES 40 /* of each */

typedef struct stage {
    const eid_seam *seam;
    eid_id root;
    eid_entry *entries[WRITERS][ENTRIES];
    atomic_uint writing;
    _Atomic uint64_t pruned;
    _Atomic(eid_status) failure;
} stage;

typedef struct actor {
    stage *scene;
    size_t number;
} actor;

static void *act_write(void *arg)
{
    const actor *self = arg;
    stage *scene = self->scene;

    for (size_t i = 0; i < ENTRIES; i++) {
        const eid_entry *entry = scene->entries[self->number][i];
        eid_verdict verdict;
        eid_status status = scene->seam->submit(scene->seam->self, &scene->root, entry,
                                                EID_DURABLE_ASYNC, &verdict);

        if (status != EID_OK) atomic_store(&scene->failure, status);
    }
    (void)atomic_fetch_sub(&scene->writing, 1);
    return NULL;
}

static eid_status on_conflict(void *arg, const eid_conflict *conflict)
{
    size_t *count = arg;

    if (conflict->path_count > 0) (*count)++;
    return EID_OK;
}

static void *act_list(void *arg)
{
    const actor *self = arg;
    stage *scene = self->scene;
    const bool prunes = self->number == 0;

    while (atomic_load(&scene->writing) > 0) {
        static const eid_conflict_query everything;
        uint64_t pruned = 0;
        size_t count = 0;
        eid_status status = prunes ? scene->seam->prune_conflicts(scene->seam->self, &scene->root,
                                                                  &everything, &pruned)
                                   : scene->seam->conflicts(scene->seam->self, &scene->root,
                                                            &everything, on_conflict, &count);

        (void)atomic_fetch_add(&scene->pruned, pruned);
        if (status != EID_OK) atomic_store(&scene->failure, status);
    }
    return NULL;
}

/* All entries stand on the same one and write the same key: each but the last in order loses. */
static void stage_begin(world *self, stage *out)
{
    char payload[200];
    eid_id base;

    memset(out, 0, sizeof(*out));
    out->seam = self->seam;
    out->root = world_database(self, "x");
    base = world_write(self, &out->root, "a", 0);
    for (size_t w = 0; w < WRITERS; w++) {
        for (size_t i = 0; i < ENTRIES; i++) {
            const eid_idset tips = {&base, 1, 1};

            world_payload(payload, "a", (int64_t)(w * ENTRIES + i + 1));
            out->entries[w][i] =
                world_entry(self, &out->root, &tips, "data", payload, &self->admin);
        }
    }
    atomic_init(&out->writing, WRITERS);
}

static void run(bool prunes)
{
    static stage scene;
    world self;
    actor actors[WRITERS + 2];
    pthread_t threads[WRITERS + 2];
    size_t count = 0, listers = prunes ? 2 : 1;
    const eid_conflict_query everything = {.settled_only = false};

    world_open(&self, "memory://", true);
    stage_begin(&self, &scene);
    for (size_t i = 0; i < WRITERS + listers; i++) {
        size_t lister = prunes && i == WRITERS ? 0 : 1; /* the first one prunes */

        actors[i] = (actor){&scene, i < WRITERS ? i : lister};
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < WRITERS ? act_write : act_list, &actors[i]), 0);
    }
    for (size_t i = 0; i < WRITERS + listers; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&scene.failure), EID_OK);
    assert_ok(self.seam->conflicts(self.seam->self, &scene.root, &everything, on_conflict, &count));
    assert_int_equal(count + atomic_load(&scene.pruned), WRITERS * ENTRIES - 1);
    world_check(&self, &scene.root);
    for (size_t w = 0; w < WRITERS; w++) {
        for (size_t i = 0; i < ENTRIES; i++) eid_entry_free(scene.entries[w][i]);
    }
    world_close(&self);
}

static void test_conflicts__are_all_there_after_writers_and_listers_at_once(void **state)
{
    run(false);
}

static void test_conflicts__are_pruned_once_by_who_prunes_while_others_write(void **state)
{
    run(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts__are_all_there_after_writers_and_listers_at_once),
        cmocka_unit_test(test_conflicts__are_pruned_once_by_who_prunes_while_others_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
