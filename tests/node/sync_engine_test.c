/* The engine between good peers: who opens, what is sent how often, and what is remembered. */
#include "tests/node/sync_world.h"

/* Nodes that all know each other; the later one dials. */
static world *world_mesh(size_t nodes)
{
    world *self = world_new(nodes);

    for (size_t i = 0; i < nodes; i++) {
        for (size_t j = 0; j < nodes; j++) {
            if (i == j) continue;
            world_relate(self, i, j);
            if (i < j) self->nodes[i].peers[j].address.count = 0;
        }
    }
    return self;
}

static void world_start(world *self)
{
    for (size_t i = 0; i < self->node_count; i++) node_start(&self->nodes[i]);
}

static void node_stop(node *self)
{
    eid_sync_stop(self->sync);
    world_settle(self->world);
    eid_sync_free(self->sync);
    self->sync = NULL;
}

static size_t world_open_streams(const world *self)
{
    size_t open = 0;

    for (size_t i = 0; i < self->stream_count; i++) {
        const world_stream *stream = &self->streams[i];

        open += !stream->is_over && stream->id != 0 && self->conns[stream->conn - 1].is_open;
    }
    return open;
}

static size_t world_open_conns(const world *self)
{
    size_t open = 0;

    for (size_t i = 0; i < self->conn_count; i++) open += self->conns[i].is_open;
    return open;
}

/* ---- beginning */

static void test_open__of_both_at_once_keeps_one_stream(void **state)
{
    world *self = world_mesh(2);
    eid_id other = self->nodes[0].store.root;

    /* Both are connected for another database, and hear of this one at the same moment. */
    other.bytes[other.len - 1] ^= 1;
    for (size_t i = 0; i < 2; i++) {
        eid_idset_fini(&self->nodes[i].peers[1 - i].roots);
        assert_ok(eid_idset_add(&self->nodes[i].peers[1 - i].roots, &other));
        fill(&self->nodes[i], 3, i == 0 ? "a" : "b");
    }
    world_start(self);
    world_run(self, 2 * SECOND);
    for (size_t i = 0; i < 2; i++) {
        world_relate(self, i, 1 - i);
        eid_idset_remove(&self->nodes[i].peers[1 - i].roots, &other);
    }
    world_clear_log(self);
    for (size_t i = 0; i < 2; i++) eid_sync_on_peers_changed(self->nodes[i].sync);
    world_run(self, 3 * SECOND);
    assert_true(world_count(self, 0, EID_MESSAGE_OPEN) >= 1);
    assert_true(world_count(self, 1, EID_MESSAGE_OPEN) >= 1);
    expect_equal_stores(self);
    assert_int_equal(world_open_streams(self), 1);
    for (size_t i = 0; i < 2; i++) assert_true(node_view(&self->nodes[i]).in_sync);
    world_free(self);
}

static void test_connect__of_both_at_once_keeps_one_connection(void **state)
{
    world *self = world_new(2);
    const uint8_t *first = self->nodes[0].device.pub.bytes;
    size_t smaller = memcmp(first, self->nodes[1].device.pub.bytes, 32) < 0 ? 0 : 1;

    world_relate(self, 0, 1);
    world_relate(self, 1, 0);
    fill(&self->nodes[0], 2, "a");
    world_start(self);
    world_run(self, 5 * SECOND);
    assert_int_equal(self->conn_count, 2);
    assert_int_equal(world_open_conns(self), 1);
    for (size_t i = 0; i < 2; i++) {
        const world_conn *conn = &self->conns[i];

        if (conn->is_open)
            assert_int_equal(conn->ends[0], smaller);
        else
            assert_int_equal(conn->reason, EID_CLOSE_DUPLICATE);
    }
    expect_equal_stores(self);
    world_free(self);
}

static void test_connect__again_replaces_the_older_connection(void **state)
{
    world *self = world_mesh(2);

    world_start(self);
    world_run(self, 5 * SECOND);
    assert_int_equal(self->conn_count, 1);
    (void)world_connect(self, 1, 0); /* it has lost the first, and this side does not know yet */
    world_run(self, 5 * SECOND);
    assert_false(self->conns[0].is_open);
    assert_int_equal(self->conns[0].reason, EID_CLOSE_DUPLICATE);
    assert_true(self->conns[1].is_open);
    assert_int_equal(self->conn_count, 2);
    node_write(&self->nodes[0], "after");
    world_run(self, SECOND);
    expect_equal_stores(self);
    world_free(self);
}

static void test_open__waits_when_the_peer_allows_no_more_streams(void **state)
{
    world *self = world_mesh(2);

    self->nodes[1].stream_max = 1; /* the control stream is all it may open */
    fill(&self->nodes[0], 2, "a");
    self->nodes[0].is_shared = self->nodes[1].is_shared = true;
    eid_idset_fini(&self->nodes[0].peers[1].roots); /* so that only the dialler asks */
    world_start(self);
    world_run(self, 5 * SECOND);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_OPEN), 0);
    self->nodes[1].stream_max = 0;
    world_run(self, 5 * SECOND);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_OPEN), 1);
    expect_equal_stores(self);
    world_free(self);
}

/* ---- what is sent */

static void test_bootstrap__sends_everything_once(void **state)
{
    world *self = world_mesh(2);

    fill(&self->nodes[0], 1500, "a");
    world_start(self);
    world_run(self, 10 * SECOND);
    expect_equal_stores(self);
    assert_int_equal(self->nodes[1].ingested, 1500); /* it has the genesis */
    assert_int_equal(world_count(self, 1, EID_MESSAGE_ENTRIES), 0);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_WANT), 0);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_RANGES), 0);
    world_free(self);
}

static void test_bootstrap__sends_an_entry_of_the_greatest_size(void **state)
{
    world *self = world_mesh(2);
    char *text = malloc(1000000);

    assert_non_null(text);
    memset(text, 'x', 999999);
    text[999999] = 0;
    for (int i = 0; i < 3; i++) { /* each with smaller ones before it, in one message */
        text[0]++;
        text[200000] = 0;
        store_write(&self->nodes[0].store, NULL, text);
        text[200000] = 'x';
        store_write(&self->nodes[0].store, NULL, text);
    }
    world_start(self);
    world_run(self, 10 * SECOND);
    expect_equal_stores(self);
    free(text);
    world_free(self);
}

static void test_bootstrap__of_a_slow_disk_is_not_begun_again(void **state)
{
    world *self = world_mesh(2);

    fill(&self->nodes[0], 3000, "a");
    node_forget(&self->nodes[1]);
    self->nodes[1].ingest_ns = 25 * SECOND;
    world_start(self);
    world_run(self, 120 * SECOND);
    expect_equal_stores(self);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_OPEN), 1);
    world_free(self);
}

static void test_bootstrap__over_a_slow_line_is_not_begun_again(void **state)
{
    world *self = world_mesh(2);
    world_stream *stream;
    size_t end;

    fill(&self->nodes[0], 3000, "a");
    node_forget(&self->nodes[1]);
    world_start(self);
    while (self->stream_count < 2) { /* stop the line as soon as the stream is there */
        world_event *event = self->first;

        self->first = event->next;
        if (!self->first) self->last = &self->first;
        world_deliver(self, event);
        event_free(event);
    }
    stream = &self->streams[1];
    end = conn_end(&self->conns[stream->conn - 1], 0);
    stream->is_slow[end] = true;
    for (size_t i = 0; i < 12; i++) { /* a piece every 9 s */
        world_run(self, 9 * SECOND);
        stream->is_full[end] = false;
        eid_sync_on_stream_writable(self->nodes[0].sync, stream->conn, stream->id);
    }
    world_run(self, SECOND);
    expect_equal_stores(self);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_OPEN), 1);
    world_free(self);
}

static void test_ingest__that_is_overloaded_stops_reading_and_resumes(void **state)
{
    world *self = world_mesh(2);
    const world_stream *stream;
    size_t consumed, end;

    fill(&self->nodes[0], 3000, "a");
    self->nodes[1].is_overloaded = true;
    world_start(self);
    world_run(self, 3 * SECOND);
    stream = &self->streams[1];
    end = conn_end(&self->conns[stream->conn - 1], 1);
    consumed = stream->consumed[end];
    assert_int_equal(self->nodes[1].ingested, 0);
    world_run(self, 3 * SECOND);
    assert_int_equal(stream->consumed[end], consumed); /* no credit while nothing is taken */
    self->nodes[1].is_overloaded = false;
    world_run(self, 3 * SECOND);
    expect_equal_stores(self);
    assert_true(stream->consumed[end] > consumed + 100000);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_OPEN), 1);
    assert_true(node_view(&self->nodes[1]).in_sync);
    world_free(self);
}

static void test_ingest__that_fails_ends_the_stream_and_it_is_tried_again(void **state)
{
    world *self = world_mesh(2);

    fill(&self->nodes[0], 3, "a");
    self->nodes[1].ingest_ns = SECOND;
    self->nodes[1].ingest_status = EID_FAIL(EID_KIND_STORE_IO, "the disk is full");
    world_start(self);
    world_run(self, 3 * SECOND);
    assert_int_equal(node_view(&self->nodes[1]).phase, EID_SYNC_REFUSED);
    assert_true(self->streams[1].is_over);
    assert_int_equal(self->streams[1].code, EID_CODE_STORAGE);
    self->nodes[1].ingest_status = EID_OK;
    world_run(self, 30 * SECOND);
    expect_equal_stores(self);
    assert_true(node_view(&self->nodes[1]).in_sync);
    world_free(self);
}

static void test_want__fetches_parents_that_are_missing(void **state)
{
    world *self = world_mesh(2);
    node *holder = &self->nodes[0], *other = &self->nodes[1];
    eid_id ids[6];

    for (size_t i = 0; i < 6; i++) {
        char text[20];

        snprintf(text, sizeof text, "%zu", i);
        ids[i] = store_write(&holder->store, NULL, text);
    }
    /* It holds the last, from elsewhere, and nothing between. */
    assert_true(
        store_put(&other->store, eid_entry_bytes(store_find(&holder->store, &ids[5])->entry)));
    assert_int_equal(other->store.visible_count, 1);
    world_start(self);
    world_run(self, 5 * SECOND);
    expect_equal_stores(self);
    world_free(self);
}

static void test_live__push_reaches_everybody_and_is_not_sent_back(void **state)
{
    world *self = world_mesh(3);

    /* A line: 0 - 1 - 2. */
    eid_idset_fini(&self->nodes[0].peers[2].roots);
    eid_idset_fini(&self->nodes[2].peers[0].roots);
    self->nodes[2].peers[0].address.count = 0;
    world_start(self);
    world_run(self, 20 * SECOND);
    assert_int_equal(world_open_conns(self), 2);
    world_clear_log(self);
    node_write(&self->nodes[0], "from the end");
    world_run(self, SECOND);
    expect_equal_stores(self);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 1);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_ENTRIES), 1); /* to 2, and not back to 0 */
    assert_int_equal(world_count(self, 2, EID_MESSAGE_ENTRIES), 0);
    world_clear_log(self);
    node_write(&self->nodes[1], "from the middle");
    world_run(self, SECOND);
    expect_equal_stores(self);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_ENTRIES), 2);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    assert_int_equal(world_count(self, 2, EID_MESSAGE_ENTRIES), 0);
    for (size_t i = 0; i < 3; i++) assert_true(node_view(&self->nodes[i]).in_sync);
    world_free(self);
}

static void test_live__acknowledges_at_most_20_times_a_second(void **state)
{
    world *self = world_mesh(2);

    world_start(self);
    world_run(self, 5 * SECOND);
    world_clear_log(self);
    for (int i = 0; i < 200; i++) {
        node_write(&self->nodes[0], "again");
        world_run(self, SECOND / 100);
    }
    world_run(self, SECOND);
    expect_equal_stores(self);
    assert_in_range(world_count(self, 1, EID_MESSAGE_ACK), 10, 45);
    assert_true(node_view(&self->nodes[0]).in_sync);
    world_free(self);
}

static void test_tips__beyond_what_a_message_holds_are_left_out(void **state)
{
    world *self = world_mesh(2);
    eid_id root = self->nodes[0].store.root;

    for (int i = 0; i < 1100; i++) {
        char text[20];

        snprintf(text, sizeof text, "%d", i);
        store_write(&self->nodes[0].store, &root, text);
    }
    world_start(self);
    world_run(self, 5 * SECOND);
    expect_equal_stores(self);
    world_free(self);
}

/* ---- what is remembered */

static void test_cursor__is_stored_when_quiet_and_saves_the_next_comparison(void **state)
{
    world *self = world_mesh(2);

    fill(&self->nodes[0], 300, "common");
    world_start(self);
    world_run(self, 2 * SECOND);
    assert_int_equal(self->nodes[0].peers[1].cursor_stores, 0); /* not quiet for long enough */
    world_run(self, 10 * SECOND);
    for (size_t i = 0; i < 2; i++) {
        const node_peer *peer = &self->nodes[i].peers[1 - i];

        assert_int_equal(peer->cursor_stores, 1);
        assert_true(eid_idset_equal(&peer->cursor, &self->nodes[i].store.tips));
    }
    for (size_t i = 0; i < 2; i++) node_stop(&self->nodes[i]);
    fill(&self->nodes[0], 3, "left");
    fill(&self->nodes[1], 5, "right");
    world_clear_log(self);
    self->nodes[0].ingested = self->nodes[1].ingested = 0;
    world_start(self);
    world_run(self, SECOND);
    expect_equal_stores(self);
    /* Both know each other's past by the cursor: one round trip, and only what differs. */
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(world_count(self, i, EID_MESSAGE_RANGES), 0);
        assert_int_equal(world_count(self, i, EID_MESSAGE_ENTRIES), 1);
        assert_int_equal(world_count(self, i, EID_MESSAGE_DONE), 1);
        assert_in_range(world_count(self, i, EID_MESSAGE_ACK), 1, 2);
    }
    assert_int_equal(self->nodes[0].ingested, 5);
    assert_int_equal(self->nodes[1].ingested, 3);
    world_free(self);
}

static void test_cursor__is_not_needed_when_the_tips_are_known(void **state)
{
    world *self = world_mesh(2);

    world_start(self);
    world_run(self, 2 * SECOND);
    node_stop(&self->nodes[1]);
    fill(&self->nodes[0], 4, "news");
    world_clear_log(self);
    node_start(&self->nodes[1]);
    world_run(self, SECOND);
    expect_equal_stores(self);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 1);
    assert_int_equal(world_count(self, 1, EID_MESSAGE_ENTRIES), 0);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_RANGES), 0);
    world_free(self);
}

static void diverge(size_t common, size_t *messages, uint64_t *bytes)
{
    world *self = world_mesh(2);
    char text[40];

    for (size_t i = 0; i < common; i++) {
        snprintf(text, sizeof text, "common %zu", i);
        for (size_t j = 0; j < 2; j++) store_write(&self->nodes[j].store, NULL, text);
    }
    store_write(&self->nodes[0].store, NULL, "left");
    store_write(&self->nodes[1].store, NULL, "right");
    world_start(self);
    world_run(self, SECOND);
    expect_equal_stores(self);
    assert_int_equal(self->nodes[0].ingested, 1);
    assert_int_equal(self->nodes[1].ingested, 1);
    for (size_t i = 0; i < 2; i++) assert_true(node_view(&self->nodes[i]).in_sync);
    *messages = world_count(self, 0, EID_MESSAGE_RANGES) + world_count(self, 1, EID_MESSAGE_RANGES);
    *bytes = self->bytes;
    world_free(self);
}

static void test_ranges__find_one_entry_among_thousands_in_few_messages(void **state)
{
    size_t few, many;
    uint64_t few_bytes, many_bytes;

    diverge(300, &few, &few_bytes);
    diverge(5000, &many, &many_bytes);
    if (many > few + 2 || many > 6) fail_msg("%zu and %zu messages", few, many);
    if (many_bytes > 20000 || many_bytes > few_bytes + 6000) {
        fail_msg("%llu and %llu bytes", (unsigned long long)few_bytes,
                 (unsigned long long)many_bytes);
    }
}

static void test_ranges__reconcile_what_has_little_in_common(void **state)
{
    world *self = world_mesh(2);
    eid_id root = self->nodes[0].store.root;

    fill(&self->nodes[0], 2000, "left");
    store_write(&self->nodes[1].store, &root, "right");
    fill(&self->nodes[1], 900, "right");
    world_start(self);
    world_run(self, 300 * SECOND);
    expect_equal_stores(self);
    world_free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open__of_both_at_once_keeps_one_stream),
        cmocka_unit_test(test_connect__of_both_at_once_keeps_one_connection),
        cmocka_unit_test(test_connect__again_replaces_the_older_connection),
        cmocka_unit_test(test_open__waits_when_the_peer_allows_no_more_streams),
        cmocka_unit_test(test_bootstrap__sends_everything_once),
        cmocka_unit_test(test_bootstrap__sends_an_entry_of_the_greatest_size),
        cmocka_unit_test(test_bootstrap__of_a_slow_disk_is_not_begun_again),
        cmocka_unit_test(test_bootstrap__over_a_slow_line_is_not_begun_again),
        cmocka_unit_test(test_ingest__that_is_overloaded_stops_reading_and_resumes),
        cmocka_unit_test(test_ingest__that_fails_ends_the_stream_and_it_is_tried_again),
        cmocka_unit_test(test_want__fetches_parents_that_are_missing),
        cmocka_unit_test(test_live__push_reaches_everybody_and_is_not_sent_back),
        cmocka_unit_test(test_live__acknowledges_at_most_20_times_a_second),
        cmocka_unit_test(test_tips__beyond_what_a_message_holds_are_left_out),
        cmocka_unit_test(test_cursor__is_stored_when_quiet_and_saves_the_next_comparison),
        cmocka_unit_test(test_cursor__is_not_needed_when_the_tips_are_known),
        cmocka_unit_test(test_ranges__find_one_entry_among_thousands_in_few_messages),
        cmocka_unit_test(test_ranges__reconcile_what_has_little_in_common),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
