/* Subscriptions: each visible entry is named once, in an order in which parents come first, and the
 * cursors of events join. */
#include <pthread.h>
#include <stdio.h>

#include "tests/node/engine_world.h"

/* What a subscriber has been told. Its lock is for the test's thread. */
typedef struct listener {
    pthread_mutex_t lock;
    pthread_cond_t told;
    eid_id root;
    eid_visited *added;
    eid_idset cursor;
    size_t events;
    bool is_broken; /* a repeat, a gap, or a child before its parent */
    bool is_cut;
    pthread_mutex_t gate; /* held by the test to make it slow */
} listener;

static void listener_init(listener *self, const eid_id *root, const eid_idset *cursor)
{
    memset(self, 0, sizeof(*self));
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->gate, NULL);
    pthread_cond_init(&self->told, NULL);
    self->root = *root;
    assert_ok(eid_visited_new(&self->added));
    if (cursor != NULL) assert_ok(eid_idset_assign(&self->cursor, eid_idset_ids(cursor)));
}

static void listener_fini(listener *self)
{
    eid_visited_free(self->added);
    eid_idset_fini(&self->cursor);
    pthread_cond_destroy(&self->told);
    pthread_mutex_destroy(&self->gate);
    pthread_mutex_destroy(&self->lock);
}

static void listener_hear(void *arg, const eid_write_event *event)
{
    listener *self = arg;
    eid_idset previous = {(eid_id *)(uintptr_t)event->previous.at, event->previous.count,
                          event->previous.count};
    bool is_new;

    pthread_mutex_lock(&self->gate);
    pthread_mutex_unlock(&self->gate);
    pthread_mutex_lock(&self->lock);
    if (!eid_idset_equal(&previous, &self->cursor)) self->is_broken = true;
    for (size_t i = 0; i < event->added.count; i++) {
        if (eid_visited_add(self->added, &event->added.at[i], &is_new) != EID_OK || !is_new) {
            self->is_broken = true;
        }
    }
    if (eid_idset_assign(&self->cursor, event->post) != EID_OK) self->is_broken = true;
    if (event->is_cut) self->is_cut = true;
    self->events++;
    pthread_cond_broadcast(&self->told);
    pthread_mutex_unlock(&self->lock);
}

/* Wait until so many entries were named. */
static void listener_wait(listener *self, size_t count)
{
    pthread_mutex_lock(&self->lock);
    while (eid_visited_count(self->added) < count && !self->is_broken) {
        pthread_cond_wait(&self->told, &self->lock);
    }
    assert_false(self->is_broken);
    assert_false(self->is_cut);
    assert_int_equal(eid_visited_count(self->added), count);
    pthread_mutex_unlock(&self->lock);
}

static void get_tips(world *self, const eid_id *root, eid_idset *out)
{
    eid_db_info info;

    assert_ok(self->seam->info(self->seam->self, root, &info));
    assert_ok(eid_idset_assign(out, eid_idset_ids(&info.tips)));
    eid_db_info_fini(&info);
}

/* A branch off an old entry, so that cursors are no line. */
static void write_branch(world *self, const eid_id *root, const eid_id *from)
{
    eid_idset tips = EID_IDSET_EMPTY;
    char payload[200];
    eid_verdict verdict;

    assert_ok(eid_idset_add(&tips, from));
    eid_entry *entry =
        world_entry(self, root, &tips, "data",
                    world_payload(payload, "b", (int64_t)++self->entropy), &self->admin);
    assert_ok(self->seam->submit(self->seam->self, root, entry, EID_DURABLE_ASYNC, &verdict));
    eid_entry_free(entry);
    eid_idset_fini(&tips);
}

static void test_engine_subscribe__names_each_entry_once(void **state)
{
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t subscription;
    listener ears;
    world self;

    for (int round = 0; round < 2; round++) {
        world_open(&self, "memory://", round == 0);
        eid_id root = world_database(&self, "a"), other = world_database(&self, "b");
        eid_id old = world_write(&self, &root, "a", 0);
        get_tips(&self, &root, &tips);
        listener_init(&ears, &root, &tips);
        assert_ok(self.seam->subscribe(self.seam->self, &root, NULL, listener_hear, &ears,
                                       &subscription));
        for (int i = 0; i < 50; i++) {
            world_write(&self, &root, "a", i);
            world_write(&self, &other, "a", i);
            if (i % 5 == 0) write_branch(&self, &root, &old);
        }
        listener_wait(&ears, 60);
        if (round == 0) assert_int_equal(ears.events, 60);
        self.seam->unsubscribe(self.seam->self, subscription);
        world_write(&self, &root, "a", 1);
        assert_int_equal(eid_visited_count(ears.added), 60);
        listener_fini(&ears);
        world_close(&self);
        eid_idset_fini(&tips);
    }
}

static void test_engine_subscribe__begins_with_what_came_after_a_cursor(void **state)
{
    eid_idset since = EID_IDSET_EMPTY, nothing = EID_IDSET_EMPTY;
    uint64_t subscription[2];
    listener ears, all;
    world self;

    world_open(&self, "memory://", false);
    eid_id root = world_database(&self, "a");
    eid_id old = world_write(&self, &root, "a", 0);
    write_branch(&self, &root, &root);
    for (int i = 0; i < 5; i++) world_write(&self, &root, "a", i);
    write_branch(&self, &root, &old);
    get_tips(&self, &root, &since);
    for (int i = 0; i < 3; i++) world_write(&self, &root, "c", i);
    write_branch(&self, &root, &old);
    listener_init(&ears, &root, &since);
    listener_init(&all, &root, NULL);
    void *seam = self.seam->self;
    assert_ok(self.seam->subscribe(seam, &root, &since, listener_hear, &ears, &subscription[0]));
    assert_ok(self.seam->subscribe(seam, &root, &nothing, listener_hear, &all, &subscription[1]));
    world_write(&self, &root, "c", 9);
    listener_wait(&ears, 5);
    listener_wait(&all, 14);
    for (int i = 0; i < 2; i++) self.seam->unsubscribe(seam, subscription[i]);
    listener_fini(&ears);
    listener_fini(&all);
    eid_idset_fini(&since);
    world_close(&self);
}

static void test_engine_subscribe__gives_the_slow_fewer_events_and_all_entries(void **state)
{
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t subscription;
    listener ears;
    world self;

    world_open(&self, "memory://", false);
    eid_id root = world_database(&self, "a");
    get_tips(&self, &root, &tips);
    listener_init(&ears, &root, &tips);
    assert_ok(
        self.seam->subscribe(self.seam->self, &root, NULL, listener_hear, &ears, &subscription));
    pthread_mutex_lock(&ears.gate);
    for (int i = 0; i < 200; i++) {
        world_write(&self, &root, "a", i);
        if (i % 20 == 0) write_branch(&self, &root, &root);
    }
    pthread_mutex_unlock(&ears.gate);
    listener_wait(&ears, 210);
    assert_true(ears.events < 100);
    self.seam->unsubscribe(self.seam->self, subscription);
    listener_fini(&ears);
    eid_idset_fini(&tips);
    world_close(&self);
}

typedef struct one_shot {
    world *self;
    uint64_t subscription;
    size_t events;
} one_shot;

static void hear_once(void *arg, const eid_write_event *event)
{
    one_shot *shot = arg;

    shot->events++;
    shot->self->seam->unsubscribe(shot->self->seam->self, shot->subscription);
    world_write(shot->self, &event->root, "from", 1); /* a callback may write */
}

static void test_engine_unsubscribe__works_from_the_callback(void **state)
{
    one_shot shot = {0};
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    shot.self = &self;
    assert_ok(
        self.seam->subscribe(self.seam->self, &root, NULL, hear_once, &shot, &shot.subscription));
    world_write(&self, &root, "a", 1);
    world_write(&self, &root, "a", 2);
    assert_int_equal(shot.events, 1);
    assert_int_equal(world_read(&self, &root, "from"), 1);
    world_close(&self);
}

static void count_write(void *arg, const eid_id *root, bool is_remote)
{
    (*(size_t *)arg)++;
}

static void test_engine_on_write__hears_of_every_tree(void **state)
{
    size_t count = 0;
    world self;

    world_open(&self, "memory://", true);
    eid_engine_on_write(self.engine, count_write, &count);
    eid_id root = world_database(&self, "a");
    world_database(&self, "b");
    world_write(&self, &root, "a", 1);
    assert_int_equal(count, 3);
    world_close(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_subscribe__names_each_entry_once),
        cmocka_unit_test(test_engine_subscribe__begins_with_what_came_after_a_cursor),
        cmocka_unit_test(test_engine_subscribe__gives_the_slow_fewer_events_and_all_entries),
        cmocka_unit_test(test_engine_unsubscribe__works_from_the_callback),
        cmocka_unit_test(test_engine_on_write__hears_of_every_tree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
