/* Joins: how they end, and what a node does to be connected. */
#include "tests/node/sync_world.h"

typedef struct join_answer {
    bool is_over;
    eid_kind kind;
    char text[300];
    uint64_t entries, total, bytes;
    size_t progress;
} join_answer;

static void join_progress(void *context, uint64_t entries, uint64_t total, uint64_t bytes)
{
    join_answer *answer = context;

    assert_false(answer->is_over);
    answer->progress++;
    answer->entries = entries;
    answer->total = total;
    answer->bytes = bytes;
}

static void join_done(void *context, eid_kind kind, const char *text)
{
    join_answer *answer = context;

    assert_false(answer->is_over); /* told once */
    answer->is_over = true;
    answer->kind = kind;
    snprintf(answer->text, sizeof answer->text, "%s", text);
}

/* Node 1 holds nothing but the genesis and knows nobody; node 0 has entries. */
static world *world_to_join(size_t nodes)
{
    world *self = world_new(nodes);

    for (int i = 0; i < 700; i++) {
        char text[20];

        snprintf(text, sizeof text, "%d", i);
        store_write(&self->nodes[0].store, NULL, text);
    }
    for (size_t i = 0; i < nodes; i++) node_start(&self->nodes[i]);
    return self;
}

/* Join node 0's database by its address and those of the nodes 2 and so on. */
static uint64_t world_join(world *self, join_answer *answer)
{
    eid_sync_join_events events = {answer, join_progress, join_done};
    eid_quic_address addresses[WORLD_NODES_MAX];
    size_t count = 0;
    uint64_t number = 0;

    memset(answer, 0, sizeof *answer);
    for (size_t i = 0; i < self->node_count; i++) {
        if (i != 1) addresses[count++] = node_address(&self->nodes[i]);
    }
    assert_ok(eid_sync_join(self->nodes[1].sync, addresses, count, &self->nodes[0].store.root,
                            &events, &number));
    return number;
}

static void test_join__fetches_and_remembers(void **state)
{
    world *self = world_to_join(2);
    join_answer answer;

    (void)world_join(self, &answer);
    assert_false(answer.is_over);
    world_run(self, 5 * SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_NONE);
    assert_true(answer.progress > 0);
    assert_int_equal(answer.entries, 701);
    assert_int_equal(answer.total, 701);
    assert_true(answer.bytes > 700);
    expect_equal_stores(self);
    assert_true(eid_idset_has(&self->nodes[1].peers[0].roots, &self->nodes[0].store.root));
    assert_true(eid_idset_has(&self->nodes[0].peers[1].roots, &self->nodes[0].store.root));
    world_free(self);
}

static void test_join__tells_that_nobody_answers(void **state)
{
    world *self = world_to_join(2);
    join_answer answer;

    self->nodes[0].dial_fails = EID_CLOSE_UNREACHABLE;
    (void)world_join(self, &answer);
    world_run(self, SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_CONNECT);
    assert_string_equal(answer.text, eid_close_text(EID_CLOSE_UNREACHABLE));
    world_run(self, 300 * SECOND);
    assert_int_equal(self->nodes[1].dials, 1); /* no reason is left to dial it */
    world_free(self);
}

static void test_join__tells_that_another_node_answers(void **state)
{
    world *self = world_to_join(2);
    join_answer answer;

    self->nodes[0].dial_fails = EID_CLOSE_WRONG_KEY;
    (void)world_join(self, &answer);
    world_run(self, SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_PEER_KEY);
    world_free(self);
}

static void test_join__tells_that_it_is_refused(void **state)
{
    world *self = world_to_join(2);
    join_answer answer;

    self->nodes[0].is_public = false;
    (void)world_join(self, &answer);
    world_run(self, 5 * SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_SYNC_REFUSED);
    assert_non_null(strstr(answer.text, "may not read it"));
    assert_int_equal(self->nodes[1].store.count, 1);
    world_free(self);
}

static void test_join__tells_that_there_is_no_way_to_dial(void **state)
{
    world *self = world_to_join(2);
    eid_quic_address address = node_address(&self->nodes[0]);
    eid_sync_join_events events = {.done = join_done};
    join_answer answer;
    uint64_t number;

    self->nodes[1].no_dial = true;
    (void)world_join(self, &answer);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_CONNECT);
    assert_string_equal(answer.text, "no way there");
    world_free(self);

    self = world_to_join(2);
    memset(&answer, 0, sizeof answer);
    events.self = &answer;
    address.count = 0; /* all its candidates are of classes that we do not know */
    assert_ok(eid_sync_join(self->nodes[1].sync, &address, 1, &self->nodes[0].store.root, &events,
                            &number));
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_CONNECT);
    world_free(self);
}

static void test_join__fails_only_when_each_node_has_failed(void **state)
{
    world *self = world_to_join(3);
    join_answer answer;

    self->nodes[2].dial_fails = EID_CLOSE_UNREACHABLE;
    (void)world_join(self, &answer);
    world_run(self, 5 * SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_NONE);
    world_free(self);

    self = world_to_join(3);
    self->nodes[2].dial_fails = EID_CLOSE_UNREACHABLE;
    self->nodes[0].is_shared = false;
    (void)world_join(self, &answer);
    world_run(self, 5 * SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_SYNC_REFUSED);
    world_free(self);
}

static void test_join__with_a_node_that_is_named_twice_fails_once(void **state)
{
    world *self = world_to_join(2);
    eid_quic_address addresses[2];
    join_answer answer = {0};
    eid_sync_join_events events = {&answer, join_progress, join_done};
    uint64_t number;

    self->nodes[0].dial_fails = EID_CLOSE_UNREACHABLE;
    addresses[0] = addresses[1] = node_address(&self->nodes[0]);
    assert_ok(eid_sync_join(self->nodes[1].sync, addresses, 2, &self->nodes[0].store.root, &events,
                            &number));
    world_run(self, SECOND);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_CONNECT);
    world_free(self);
}

static void test_join__can_be_cancelled_and_ends_with_the_node(void **state)
{
    world *self = world_to_join(2);
    join_answer answer;

    eid_sync_join_cancel(self->nodes[1].sync, world_join(self, &answer));
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_CANCELLED);
    (void)world_join(self, &answer);
    eid_sync_stop(self->nodes[1].sync);
    assert_true(answer.is_over);
    assert_int_equal(answer.kind, EID_KIND_CANCELLED);
    world_settle(self);
    world_free(self);
}

static void test_dial__backs_off_with_jitter_and_never_stops(void **state)
{
    world *self = world_new(2);
    node *dialler = &self->nodes[1];
    uint64_t nominal = EID_SYNC_BACKOFF_MIN_NS;
    bool is_spread = false;

    world_relate(self, 1, 0);
    self->nodes[0].dial_fails = EID_CLOSE_UNREACHABLE;
    node_start(dialler);
    world_run(self, 1800 * SECOND);
    assert_in_range(dialler->dials, 28, 50); /* of an hour's half, about one a minute */
    for (size_t i = 1; i < dialler->dials; i++) {
        uint64_t pause = dialler->dial_ns[i] - dialler->dial_ns[i - 1];

        assert_in_range(pause, nominal - nominal / 4, nominal + nominal / 4);
        is_spread = is_spread || pause != nominal;
        nominal = nominal > EID_SYNC_BACKOFF_MAX_NS / 2 ? EID_SYNC_BACKOFF_MAX_NS : nominal * 2;
    }
    assert_true(is_spread);
    assert_int_equal(nominal, EID_SYNC_BACKOFF_MAX_NS);
    assert_int_equal(node_view(dialler).phase, EID_SYNC_OFFLINE);
    assert_string_equal(node_view(dialler).error, eid_close_text(EID_CLOSE_UNREACHABLE));

    self->nodes[0].dial_fails = EID_CLOSE_NONE; /* it is back */
    node_start(&self->nodes[0]);
    world_run(self, 80 * SECOND);
    assert_true(node_view(dialler).in_sync);
    world_free(self);
}

static void test_dial__after_a_lost_connection_is_soon_again(void **state)
{
    world *self = world_new(2);
    node *dialler = &self->nodes[1];

    world_relate(self, 1, 0);
    node_start(&self->nodes[0]);
    node_start(dialler);
    world_run(self, 20 * SECOND);
    assert_int_equal(dialler->dials, 1);
    net_close(&self->nodes[0], 1, EID_CLOSE_IDLE, "");
    world_run(self, SECOND);
    assert_int_equal(dialler->dials, 2);
    assert_true(node_view(dialler).in_sync);
    world_free(self);
}

static void test_dial__now_does_not_wait_for_the_pause(void **state)
{
    world *self = world_new(2);
    node *dialler = &self->nodes[1];
    size_t dials;

    world_relate(self, 1, 0);
    self->nodes[0].dial_fails = EID_CLOSE_UNREACHABLE;
    node_start(dialler);
    world_run(self, 300 * SECOND);
    dials = dialler->dials;
    eid_sync_now(dialler->sync, NULL);
    assert_int_equal(dialler->dials, dials + 1);
    world_free(self);
}

static void test_refused_database__is_asked_for_again_with_growing_pauses(void **state)
{
    world *self = world_new(2);

    world_relate(self, 1, 0);
    self->nodes[0].is_public = false;
    node_start(&self->nodes[0]);
    node_start(&self->nodes[1]);
    world_run(self, 400 * SECOND);
    assert_in_range(world_count(self, 1, EID_MESSAGE_OPEN), 5, 8); /* 0, 10, 30, 70, 150, 310 s */
    assert_int_equal(node_view(&self->nodes[1]).phase, EID_SYNC_REFUSED);
    assert_non_null(strstr(node_view(&self->nodes[1]).error, "does not serve"));
    self->nodes[0].is_public = true; /* the right is granted */
    eid_sync_now(self->nodes[1].sync, &self->nodes[1].store.root);
    world_run(self, SECOND);
    assert_true(node_view(&self->nodes[1]).in_sync);
    world_free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join__fetches_and_remembers),
        cmocka_unit_test(test_join__tells_that_nobody_answers),
        cmocka_unit_test(test_join__tells_that_another_node_answers),
        cmocka_unit_test(test_join__tells_that_it_is_refused),
        cmocka_unit_test(test_join__tells_that_there_is_no_way_to_dial),
        cmocka_unit_test(test_join__fails_only_when_each_node_has_failed),
        cmocka_unit_test(test_join__with_a_node_that_is_named_twice_fails_once),
        cmocka_unit_test(test_join__can_be_cancelled_and_ends_with_the_node),
        cmocka_unit_test(test_dial__backs_off_with_jitter_and_never_stops),
        cmocka_unit_test(test_dial__after_a_lost_connection_is_soon_again),
        cmocka_unit_test(test_dial__now_does_not_wait_for_the_pause),
        cmocka_unit_test(test_refused_database__is_asked_for_again_with_growing_pauses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
