/* The engine against peers that may not read, or mean harm: database streams. */
#include "tests/node/sync_peer.h"

/* ---- who may read */

static void test_refuse__is_the_same_for_private_unshared_and_unknown(void **state)
{
    world *self = world_with_peer(true);
    node *holder = &self->nodes[0];
    eid_id roots[3] = {holder->store.root, holder->store.root, other_root(self)};
    eid_buf first;

    eid_buf_init(&first, 1000);
    for (size_t i = 0; i < 3; i++) {
        const world_frame *refuse;
        int64_t stream;

        holder->is_public = i != 0;
        holder->is_shared = i != 1;
        stream = raw_open(self, PEER, 1, &roots[i]);
        world_settle(self);
        refuse = world_said(self, 0, stream, EID_MESSAGE_REFUSE);
        assert_non_null(refuse);
        assert_null(world_said(self, 0, stream, EID_MESSAGE_ACCEPT));
        if (i == 0) eid_buf_append(&first, eid_buf_slice(&refuse->bytes));
        assert_true(eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&refuse->bytes)));
    }
    assert_int_equal(holder->peers[PEER].roots.count, 0); /* nothing is remembered of it */
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    eid_buf_fini(&first);
    world_free(self);
}

static void test_proof__of_another_device_gives_no_right(void **state)
{
    world *self = world_with_peer(true);
    node *holder = &self->nodes[0];
    eid_message message;
    int64_t stream;

    holder->is_public = false;
    holder->readers[0] = self->nodes[PEER].user.pub;
    holder->reader_count = 1;
    stream = raw_open(self, PEER, 1, &holder->store.root);
    world_settle(self);
    assert_non_null(world_said(self, 0, stream, EID_MESSAGE_ACCEPT));
    /* The proof that the holder itself has just shown, played back by the peer. */
    world_decode(world_said(self, 0, stream, EID_MESSAGE_ACCEPT), &message);
    assert_int_equal(message.proof_count, 1);
    message.type = EID_MESSAGE_OPEN;
    message.root = holder->store.root;
    assert_ok(net_stream_open(&self->nodes[PEER], 1, &stream));
    raw_send(self, PEER, 1, stream, &message);
    world_settle(self);
    assert_non_null(world_said(self, 0, stream, EID_MESSAGE_REFUSE));
    eid_message_fini(&message);
    world_free(self);
}

static void test_right__that_ends_ends_the_stream(void **state)
{
    world *self = world_with_peer(true);
    node *holder = &self->nodes[0];
    int64_t stream;

    holder->is_public = false;
    holder->readers[0] = self->nodes[PEER].user.pub;
    holder->reader_count = 1;
    stream = raw_open(self, PEER, 1, &holder->store.root);
    world_settle(self);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_DONE), 1);
    world_clear_log(self);
    holder->reader_count = 0;
    node_write(holder, "the key is revoked");
    world_run(self, SECOND);
    expect_reset(self, stream, EID_CODE_UNKNOWN);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    node_write(holder, "not for the peer");
    world_run(self, 60 * SECOND);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    stream = raw_open(self, PEER, 1, &holder->store.root);
    world_settle(self);
    assert_non_null(world_said(self, 0, stream, EID_MESSAGE_REFUSE));
    world_free(self);
}

static void test_right__that_ends_while_much_is_to_be_sent_ends_the_stream(void **state)
{
    world *self = world_with_peer(true);
    node *holder = &self->nodes[0];
    char *text = calloc(1, 100001);
    world_stream *stream;
    int64_t id;

    assert_non_null(text);
    memset(text, 'x', 100000);
    for (int i = 0; i < 30; i++) {
        text[0]++;
        store_write(&holder->store, NULL, text);
    }
    free(text);
    assert_ok(net_stream_open(&self->nodes[PEER], 1, &id));
    stream = world_stream_of(self, 1, id);
    stream->is_full[1] = true; /* the peer does not read */
    {
        eid_message open;

        eid_message_init(&open, EID_MESSAGE_OPEN);
        open.root = holder->store.root;
        raw_send(self, PEER, 1, id, &open);
    }
    world_run(self, SECOND);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    holder->is_public = false;
    node_write(holder, "private from now on");
    stream->is_full[1] = false;
    eid_sync_on_stream_writable(holder->sync, 1, id);
    world_run(self, SECOND);
    expect_reset(self, id, EID_CODE_UNKNOWN);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    world_free(self);
}

/* ---- database streams */

static void test_stream__with_garbage_or_too_long_a_message_is_reset(void **state)
{
    static const uint8_t garbage[] = {0, 0, 0, 2, 0xff, 0xff};
    static const uint8_t oversized[] = {0xff, 0xff, 0xff, 0xff};
    world *self = world_with_peer(true);
    int64_t stream = raw_open(self, PEER, 1, &self->nodes[0].store.root);

    world_settle(self);
    raw_bytes(self, stream, eid_slice_of(garbage, sizeof garbage), false);
    expect_reset(self, stream, EID_CODE_MALFORMED);
    stream = raw_open(self, PEER, 1, &self->nodes[0].store.root);
    world_settle(self);
    raw_bytes(self, stream, eid_slice_of(oversized, sizeof oversized), false);
    expect_reset(self, stream, EID_CODE_TOO_BIG);
    world_free(self);
}

static void test_stream__with_a_message_in_the_wrong_state_is_reset(void **state)
{
    static const eid_message_type before[] = {
        EID_MESSAGE_ACCEPT, EID_MESSAGE_REFUSE, EID_MESSAGE_RANGES, EID_MESSAGE_ENTRIES,
        EID_MESSAGE_DONE,   EID_MESSAGE_ACK,    EID_MESSAGE_WANT,
    };
    static const eid_message_type after[] = {EID_MESSAGE_OPEN, EID_MESSAGE_ACCEPT,
                                             EID_MESSAGE_REFUSE};
    world *self = world_with_peer(true);
    eid_message message;
    int64_t stream;

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        eid_message_init(&message, before[i]);
        assert_ok(net_stream_open(&self->nodes[PEER], 1, &stream));
        raw_send(self, PEER, 1, stream, &message);
        world_settle(self);
        expect_reset(self, stream, EID_CODE_STATE);
    }
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        eid_message_init(&message, after[i]);
        message.root = self->nodes[0].store.root;
        stream = raw_open(self, PEER, 1, &self->nodes[0].store.root);
        raw_send(self, PEER, 1, stream, &message);
        world_settle(self);
        expect_reset(self, stream, EID_CODE_STATE);
    }
    world_free(self);
}

static void test_stream__without_a_word_is_reset_in_time(void **state)
{
    static const uint8_t half[] = {0, 0};
    world *self = world_with_peer(true);
    int64_t stream;

    assert_ok(net_stream_open(&self->nodes[PEER], 1, &stream));
    raw_bytes(self, stream, eid_slice_of(half, sizeof half), false);
    world_run(self, 11 * SECOND);
    expect_reset(self, stream, EID_CODE_STATE);
    world_free(self);
}

static void test_streams__in_great_number_cost_one_refusal_each(void **state)
{
    world *self = world_with_peer(true);
    eid_id root = other_root(self);
    size_t asked = 0;

    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 250; i++, asked++) {
            int64_t stream = raw_open(self, PEER, 1, &root);

            raw_bytes(self, stream, EID_SLICE_EMPTY, true);
        }
        world_settle(self);
        assert_int_equal(world_count(self, 0, EID_MESSAGE_REFUSE), asked);
    }
    for (size_t i = 1; i < self->stream_count; i++) assert_true(self->streams[i].is_over);
    assert_true(self->conns[0].is_open);
    world_free(self);
}

/* The beginning of a frame that says it is long, and never ends. */
static void raw_endless(world *self, int64_t stream, size_t sent)
{
    static const uint8_t head[] = {0x00, 0x40, 0x00, 0x00};
    static uint8_t piece[65536];

    raw_bytes(self, stream, eid_slice_of(head, sizeof head), false);
    for (size_t at = 0; at < sent && !world_stream_of(self, 1, stream)->is_over; at += sizeof piece)
        raw_bytes(self, stream, eid_slice_of(piece, sizeof piece), false);
}

static void test_stream__that_begins_with_an_endless_message_is_reset(void **state)
{
    world *self = world_with_peer(true);
    int64_t stream;

    assert_ok(net_stream_open(&self->nodes[PEER], 1, &stream));
    raw_endless(self, stream, 1 << 20);
    expect_reset(self, stream, EID_CODE_OVERLOAD);
    world_free(self);
}

static void test_streams__that_hoard_memory_are_reset(void **state)
{
    world *self = world_with_peer(true);
    size_t kept = 0;

    self->nodes[0].serves_any = true;
    for (uint8_t i = 0; i < 30; i++) {
        eid_id root = other_root(self);
        int64_t stream;

        root.bytes[root.len - 2] ^= i;
        stream = raw_open(self, PEER, 1, &root);
        raw_endless(self, stream, 3u << 20);
    }
    for (size_t i = 1; i < self->stream_count; i++) {
        const world_stream *stream = &self->streams[i];

        kept += !stream->is_over;
        if (stream->is_over) assert_int_equal(stream->code, EID_CODE_OVERLOAD);
    }
    if (kept < 10 || kept * 3 > 64) fail_msg("%zu streams hold 3 MiB each", kept);
    world_free(self);
}

static void test_entries__that_are_none_are_counted_and_not_kept(void **state)
{
    world *self = world_with_peer(true);
    int64_t stream = raw_open(self, PEER, 1, &self->nodes[0].store.root);
    eid_slice junk = eid_slice_text("junk");
    eid_message message;
    size_t held = self->nodes[0].store.count;

    eid_message_init(&message, EID_MESSAGE_ENTRIES);
    message.entries = &junk;
    message.entry_count = 1;
    raw_send(self, PEER, 1, stream, &message);
    world_run(self, SECOND);
    assert_int_equal(self->nodes[0].store.count, held);
    assert_false(world_stream_of(self, 1, stream)->is_over);
    assert_non_null(strstr(node_view(&self->nodes[0]).error, "1 entries of this peer"));
    world_free(self);
}

static void test_ranges__of_everything_at_once_are_answered_within_bounds(void **state)
{
    world *self = world_with_peer(true);
    node *holder = &self->nodes[0];
    eid_part *parts = calloc(EID_MESSAGE_PARTS_MAX, sizeof *parts);
    eid_message message;
    int64_t stream;

    assert_non_null(parts);
    for (int i = 0; i < 400; i++) store_write(&holder->store, NULL, "more");
    /* Tips that nobody knows: both sides would have to compare. */
    store_write(&self->nodes[PEER].store, NULL, "own");
    stream = raw_open(self, PEER, 1, &holder->store.root);
    world_settle(self);
    for (size_t i = 0; i < EID_MESSAGE_PARTS_MAX; i++) {
        parts[i].from.open = parts[i].to.open = true;
        parts[i].count = i + 1000000;
    }
    eid_message_init(&message, EID_MESSAGE_RANGES);
    message.parts = parts;
    message.part_count = EID_MESSAGE_PARTS_MAX;
    for (int i = 0; i < 20; i++) {
        raw_send(self, PEER, 1, stream, &message);
        world_settle(self);
    }
    assert_int_equal(world_count(self, 0, EID_MESSAGE_RANGES), 20);
    assert_true(world_last(self, 0, EID_MESSAGE_RANGES)->bytes.len < 60000);
    for (size_t i = 0; i < EID_MESSAGE_PARTS_MAX; i++) parts[i].has_ids = true;
    raw_send(self, PEER, 1, stream, &message); /* "I have nothing", 256 times */
    world_run(self, SECOND);
    assert_true(self->bytes < 20u << 20);
    free(parts);
    world_free(self);
}

static void test_want__of_what_is_not_there_is_not_answered(void **state)
{
    world *self = world_with_peer(true);
    node *holder = &self->nodes[0];
    int64_t stream = raw_open(self, PEER, 1, &holder->store.root);
    eid_id unknown = other_root(self);
    eid_message message;

    world_settle(self);
    world_clear_log(self);
    eid_message_init(&message, EID_MESSAGE_WANT);
    assert_ok(eid_idset_add(&message.ids, &unknown));
    raw_send(self, PEER, 1, stream, &message);
    world_settle(self);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 0);
    assert_ok(eid_idset_add(&message.ids, &holder->store.root));
    raw_send(self, PEER, 1, stream, &message);
    world_settle(self);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_ENTRIES), 1);
    eid_message_fini(&message);
    world_free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuse__is_the_same_for_private_unshared_and_unknown),
        cmocka_unit_test(test_proof__of_another_device_gives_no_right),
        cmocka_unit_test(test_right__that_ends_ends_the_stream),
        cmocka_unit_test(test_right__that_ends_while_much_is_to_be_sent_ends_the_stream),
        cmocka_unit_test(test_stream__with_garbage_or_too_long_a_message_is_reset),
        cmocka_unit_test(test_stream__with_a_message_in_the_wrong_state_is_reset),
        cmocka_unit_test(test_stream__without_a_word_is_reset_in_time),
        cmocka_unit_test(test_streams__in_great_number_cost_one_refusal_each),
        cmocka_unit_test(test_stream__that_begins_with_an_endless_message_is_reset),
        cmocka_unit_test(test_streams__that_hoard_memory_are_reset),
        cmocka_unit_test(test_entries__that_are_none_are_counted_and_not_kept),
        cmocka_unit_test(test_ranges__of_everything_at_once_are_answered_within_bounds),
        cmocka_unit_test(test_want__of_what_is_not_there_is_not_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
