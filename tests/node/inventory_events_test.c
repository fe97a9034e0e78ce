/* Inventory of spec 04, "database/tests.rs": who is told of writes, from which cursor to which. The
 * engine is inline, so events are delivered by the writer's thread before its call returns. */
#include <pthread.h>

#include "tests/node/inventory.h"

#define EVENTS_MAX 64

typedef struct event {
    bool is_remote;
    eid_idset previous, post;
    eid_id added[8];
    size_t added_count;
} event;

typedef struct listener {
    test_world *world;
    uint64_t subscription;
    event events[EVENTS_MAX];
    size_t count;
    void (*then)(struct listener *self); /* what the callback does besides */
} listener;

static void on_write(void *arg, const eid_write_event *from)
{
    listener *self = arg;
    event *to = &self->events[self->count];

    assert_true(self->count < EVENTS_MAX);
    assert_true(eid_id_equal(&from->root, &self->world->root));
    *to = (event){.is_remote = from->is_remote};
    assert_ok(eid_idset_assign(&to->previous, from->previous));
    assert_ok(eid_idset_assign(&to->post, from->post));
    assert_false(from->is_cut);
    for (size_t i = 0; i < from->added.count && i < 8; i++) to->added[i] = from->added.at[i];
    to->added_count = from->added.count;
    self->count++;
    if (self->then) self->then(self);
}

static listener *listen(test_world *world, const eid_idset *since)
{
    listener *self = eid_alloc(sizeof *self);

    assert_non_null(self);
    self->world = world;
    assert_ok(world->seam->subscribe(world->seam->self, &world->root, since, on_write, self,
                                     &self->subscription));
    return self;
}

static void unlisten(listener *self)
{
    self->world->seam->unsubscribe(self->world->seam->self, self->subscription);
    for (size_t i = 0; i < self->count; i++) {
        eid_idset_fini(&self->events[i].previous);
        eid_idset_fini(&self->events[i].post);
    }
    eid_free(self);
}

static void expect_ids(const eid_idset *set, const eid_id *wanted, size_t count)
{
    assert_int_equal(set->count, count);
    for (size_t i = 0; i < count; i++) assert_true(eid_idset_has(set, &wanted[i]));
}

/* -- making databases -------------------------------------------------------------------------- */

static eid_policy *policy_now(test_world *world)
{
    eid_txn *txn = world_begin(world);
    eid_policy *policy = NULL;

    assert_ok(eid_settings_store_policy(txn, &policy));
    eid_txn_free(txn);
    return policy;
}

static void test_find_sigkeys_returns_sorted_by_permission(void **state)
{
    test_world *world = *state;
    eid_auth_key everyone = {.permission = {EID_PERMISSION_WRITE, 10}, .status = EID_KEY_ACTIVE};
    eid_txn *txn = world_begin(world);
    eid_policy *policy;
    eid_way ways[2];

    assert_ok(eid_settings_store_put_global(txn, &everyone));
    (void)world_commit(txn);
    policy = policy_now(world);
    assert_int_equal(eid_policy_ways(policy, &world->key.pub, ways), 2);
    assert_false(ways[0].is_global);
    assert_int_equal(ways[0].permission.type, EID_PERMISSION_ADMIN);
    assert_int_equal(ways[0].permission.priority, 0);
    assert_true(ways[1].is_global);
    assert_int_equal(ways[1].permission.type, EID_PERMISSION_WRITE);
    assert_int_equal(ways[1].permission.priority, 10);
    eid_policy_free(policy);
}

static void test_create_bootstraps_signing_key_as_admin_zero(void **state)
{
    test_world *world = *state;
    eid_policy *policy = policy_now(world);
    const eid_auth_key *found = eid_policy_find(policy, &world->key.pub, NULL);

    assert_non_null(found);
    assert_int_equal(eid_policy_key_count(policy), 1);
    assert_int_equal(found->permission.type, EID_PERMISSION_ADMIN);
    assert_int_equal(found->permission.priority, 0);
    assert_int_equal(found->status, EID_KEY_ACTIVE);
    assert_false(found->has_name);
    eid_policy_free(policy);
}

static void test_create_rejects_preconfigured_auth(void **state)
{
    test_world *world = *state;
    eid_doc *settings = NULL;
    eid_id root;

    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, text("auth.x"), text("y")));
    assert_kind(AUTH_CONFIG,
                eid_txn_create_database(world->seam, settings, &world->key, NULL, NULL, &root));
    assert_non_null(
        strstr(eid_status_detail(EID_E_INVALID).text, "must not contain auth configuration"));
    eid_doc_free(settings);
}

/* -- local and remote writes ------------------------------------------------------------------- */

static void test_local_write_callback_fires(void **state)
{
    test_world *world = *state;
    listener *self = listen(world, NULL);

    assert_int_equal(self->count, 0);
    world_set(world, "data", "k", "1");
    assert_int_equal(self->count, 1);
    assert_false(self->events[0].is_remote);
    world_set(world, "data", "k", "2");
    assert_int_equal(self->count, 2);
    unlisten(self);
}

static void test_local_write_event_brackets_one_entry(void **state)
{
    test_world *world = *state;
    listener *self = listen(world, NULL);
    eid_id id = world_set(world, "data", "k", "1");

    expect_ids(&self->events[0].previous, &world->root, 1);
    expect_ids(&self->events[0].post, &id, 1);
    assert_int_equal(self->events[0].added_count, 1);
    assert_true(eid_id_equal(&self->events[0].added[0], &id));
    unlisten(self);
}

/* A peer that holds the genesis. */
static void peer_open(test_world *world, test_world *peer)
{
    inventory_peer(world, peer);
    inventory_send(world, &world->root, peer);
}

static void test_remote_write_callback_fires_via_put_remote_entries(void **state)
{
    test_world *world = *state, peer;
    eid_id a = world_set(world, "data", "k", "1"), b = world_set(world, "data", "k", "2");
    listener *self;

    peer_open(world, &peer);
    self = listen(&peer, NULL);
    inventory_send(world, &b, &peer); /* received, but not visible yet */
    assert_int_equal(self->count, 0);
    inventory_send(world, &a, &peer);
    assert_int_equal(self->count, 1); /* one for both */
    assert_true(self->events[0].is_remote);
    inventory_send(world, &a, &peer); /* again */
    assert_int_equal(self->count, 1);
    unlisten(self);
    world_close(&peer);
}

static void test_remote_write_previous_tips(void **state)
{
    test_world *world = *state, peer;
    eid_id a = world_set(world, "data", "k", "1"), b = world_set(world, "data", "k", "2");
    listener *self;

    peer_open(world, &peer);
    self = listen(&peer, NULL);
    inventory_send(world, &a, &peer);
    inventory_send(world, &b, &peer);
    assert_int_equal(self->count, 2);
    expect_ids(&self->events[0].previous, &world->root, 1);
    expect_ids(&self->events[0].post, &a, 1);
    expect_ids(&self->events[1].previous, &a, 1);
    expect_ids(&self->events[1].post, &b, 1);
    unlisten(self);
    world_close(&peer);
}

static void test_remote_callback_catches_up_promoted_entries_via_ids_added(void **state)
{
    test_world *world = *state, peer;
    eid_id ids[3];
    listener *self;

    for (size_t i = 0; i < 3; i++) ids[i] = world_set(world, "data", "k", "v");
    peer_open(world, &peer);
    self = listen(&peer, NULL);
    inventory_send(world, &ids[2], &peer);
    inventory_send(world, &ids[1], &peer);
    inventory_send(world, &ids[0], &peer);
    assert_int_equal(self->count, 1);
    assert_int_equal(self->events[0].added_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(eid_id_equal(&self->events[0].added[i], &ids[i])); /* parents first */
    }
    unlisten(self);
    world_close(&peer);
}

static void test_empty_remote_batch_does_not_fire_callback(void **state)
{
    test_world *world = *state;
    listener *self = listen(world, NULL);
    uint64_t stored, visible;

    assert_ok(world->seam->ingest(world->seam->self, NULL, 0, &stored, &visible));
    assert_int_equal(stored + visible, 0);
    assert_int_equal(self->count, 0);
    unlisten(self);
}

/* -- the life of a subscription ---------------------------------------------------------------- */

static void fail_to_commit(listener *self)
{
    eid_key foreign;
    eid_txn *txn;
    eid_id id;

    world_key(66, &foreign);
    txn = inventory_begin_as(self->world, &foreign);
    inventory_stage(txn, "data", "k", "refused");
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
}

/* Callbacks answer nothing; what fails inside of one is its own affair. */
static void test_callback_error_does_not_block_other_callbacks(void **state)
{
    test_world *world = *state;
    listener *bad = listen(world, NULL), *good = listen(world, NULL);

    bad->then = fail_to_commit;
    world_set(world, "data", "k", "1");
    world_set(world, "data", "k", "2");
    assert_int_equal(bad->count, 2);
    assert_int_equal(good->count, 2);
    world_check(world, "data", "k", "2");
    unlisten(bad);
    unlisten(good);
}

static void test_drop_write_callback_unregisters(void **state)
{
    test_world *world = *state;
    listener *self = listen(world, NULL);

    world_set(world, "data", "k", "1");
    world->seam->unsubscribe(world->seam->self, self->subscription);
    world_set(world, "data", "k", "2");
    assert_int_equal(self->count, 1);
    unlisten(self);
}

static void test_drop_only_unregisters_that_callback(void **state)
{
    test_world *world = *state;
    listener *first = listen(world, NULL), *second = listen(world, NULL);

    world->seam->unsubscribe(world->seam->self, first->subscription);
    world_set(world, "data", "k", "1");
    assert_int_equal(first->count, 0);
    assert_int_equal(second->count, 1);
    unlisten(first);
    unlisten(second);
}

static void commit_again(listener *self)
{
    if (self->count == 1) world_set(self->world, "data", "echo", "1");
}

static void test_callback_reentrant_tree_lock_local_commit_no_deadlock(void **state)
{
    test_world *world = *state;
    listener *self = listen(world, NULL);

    self->then = commit_again;
    world_set(world, "data", "k", "1");
    assert_int_equal(self->count, 2);
    assert_true(eid_idset_equal(&self->events[1].previous, &self->events[0].post));
    world_check(world, "data", "echo", "1");
    unlisten(self);
}

static test_world *promote_from; /* whose tip the callback fetches */
static eid_id promote_id;

static void promote_again(listener *self)
{
    if (self->count == 1) inventory_send(promote_from, &promote_id, self->world);
}

static void test_callback_reentrant_tree_lock_verify_promote_no_deadlock(void **state)
{
    test_world *world = *state, peer;
    eid_id a = world_set(world, "data", "k", "1");
    listener *self;

    promote_from = world;
    promote_id = world_set(world, "data", "k", "2");
    peer_open(world, &peer);
    self = listen(&peer, NULL);
    self->then = promote_again;
    inventory_send(world, &a, &peer);
    assert_int_equal(self->count, 2);
    expect_ids(&self->events[1].post, &promote_id, 1);
    unlisten(self);
    world_close(&peer);
}

/* -- cursors ----------------------------------------------------------------------------------- */

typedef struct writer {
    pthread_t thread;
    test_world *world;
    const char *key; /* of its own: equal changes on equal tips would be one entry */
} writer;

static void *write_ten(void *arg)
{
    const writer *self = arg;

    for (int i = 0; i < 10; i++) world_set(self->world, "data", self->key, "v");
    return NULL;
}

static void test_concurrent_writes_serialize_previous_tips(void **state)
{
    test_world *world = *state;
    listener *self = listen(world, NULL);
    writer writers[] = {{.key = "a"}, {.key = "b"}, {.key = "c"}};
    size_t added = 0;

    for (size_t i = 0; i < 3; i++) {
        writers[i].world = world;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_ten, &writers[i]), 0);
    }
    for (size_t i = 0; i < 3; i++) pthread_join(writers[i].thread, NULL);
    for (size_t i = 0; i < self->count; i++) {
        if (i > 0) {
            assert_true(eid_idset_equal(&self->events[i].previous, &self->events[i - 1].post));
        }
        added += self->events[i].added_count;
    }
    assert_int_equal(added, 30);
    unlisten(self);
}

static void test_per_callback_cursor_independent_previous_tips(void **state)
{
    test_world *world = *state;
    eid_id a = world_set(world, "data", "k", "1"), b, c;
    eid_idset nothing = EID_IDSET_EMPTY;
    listener *first = listen(world, NULL), *late, *replay;

    b = world_set(world, "data", "k", "2");
    late = listen(world, NULL);
    c = world_set(world, "data", "k", "3");
    replay = listen(world, &nothing);
    expect_ids(&first->events[0].previous, &a, 1);
    expect_ids(&first->events[1].previous, &b, 1);
    assert_int_equal(late->count, 1);
    expect_ids(&late->events[0].previous, &b, 1);
    assert_int_equal(replay->count, 1); /* one event for all that was */
    expect_ids(&replay->events[0].previous, NULL, 0);
    expect_ids(&replay->events[0].post, &c, 1);
    assert_int_equal(replay->events[0].added_count, 4);
    unlisten(first);
    unlisten(late);
    unlisten(replay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_find_sigkeys_returns_sorted_by_permission),
        INVENTORY_TEST(test_create_bootstraps_signing_key_as_admin_zero),
        INVENTORY_TEST(test_create_rejects_preconfigured_auth),
        INVENTORY_TEST(test_local_write_callback_fires),
        INVENTORY_TEST(test_local_write_event_brackets_one_entry),
        INVENTORY_TEST(test_remote_write_callback_fires_via_put_remote_entries),
        INVENTORY_TEST(test_remote_write_previous_tips),
        INVENTORY_TEST(test_remote_callback_catches_up_promoted_entries_via_ids_added),
        INVENTORY_TEST(test_empty_remote_batch_does_not_fire_callback),
        INVENTORY_TEST(test_callback_error_does_not_block_other_callbacks),
        INVENTORY_TEST(test_drop_write_callback_unregisters),
        INVENTORY_TEST(test_drop_only_unregisters_that_callback),
        INVENTORY_TEST(test_callback_reentrant_tree_lock_local_commit_no_deadlock),
        INVENTORY_TEST(test_callback_reentrant_tree_lock_verify_promote_no_deadlock),
        INVENTORY_TEST(test_concurrent_writes_serialize_previous_tips),
        INVENTORY_TEST(test_per_callback_cursor_independent_previous_tips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
