/* The engine against peers that break the rules of connections and their control streams. */
#include "dag/cbor.h"
#include "tests/node/sync_peer.h"

static void test_hello__that_does_not_come_in_time_closes(void **state)
{
    world *self = world_with_peer(false);

    world_run(self, 9 * SECOND);
    assert_true(self->conns[0].is_open);
    world_run(self, 2 * SECOND);
    expect_closed(self, EID_CLOSE_PROTOCOL);
    world_free(self);
}

static void test_hello__twice_closes(void **state)
{
    world *self = world_with_peer(true);
    eid_message message;

    eid_message_init(&message, EID_MESSAGE_HELLO);
    raw_send(self, PEER, 1, 0, &message);
    world_settle(self);
    expect_closed(self, EID_CLOSE_PROTOCOL);
    assert_int_equal(world_count(self, 0, EID_MESSAGE_GOODBYE), 1);
    world_free(self);
}

static void test_stream__before_hello_is_reset(void **state)
{
    world *self = world_with_peer(false);
    eid_message message;
    int64_t control, stream;

    assert_ok(net_stream_open(&self->nodes[PEER], 1, &control));
    assert_ok(net_stream_open(&self->nodes[PEER], 1, &stream));
    eid_message_init(&message, EID_MESSAGE_OPEN);
    message.root = self->nodes[0].store.root;
    raw_send(self, PEER, 1, stream, &message);
    world_settle(self);
    expect_reset(self, stream, EID_CODE_STATE);
    assert_int_equal(self->frame_count, 1);
    world_free(self);
}

static void test_control__with_garbage_or_an_oversized_frame_or_an_end_closes(void **state)
{
    static const uint8_t garbage[] = {0, 0, 0, 2, 0xff, 0xff};
    static const uint8_t oversized[] = {0x00, 0x40, 0x00, 0x01, 0x82};

    for (int i = 0; i < 3; i++) {
        world *self = world_with_peer(true);

        if (i == 0) raw_bytes(self, 0, eid_slice_of(garbage, sizeof garbage), false);
        if (i == 1) raw_bytes(self, 0, eid_slice_of(oversized, sizeof oversized), false);
        if (i == 2) raw_bytes(self, 0, EID_SLICE_EMPTY, true);
        expect_closed(self, EID_CLOSE_PROTOCOL);
        world_free(self);
    }
}

static void put_unknown(eid_buf *frame, uint64_t type)
{
    eid_buf_init(frame, 100);
    eid_buf_append_u32(frame, 0);
    eid_cbor_put_array(frame, 2);
    eid_cbor_put_uint(frame, type);
    eid_cbor_put_map(frame, 0);
    eid_put_u32(frame->at, (uint32_t)(frame->len - EID_FRAME_HEAD));
}

static void test_unknown_type__is_answered_and_the_stream_goes_on(void **state)
{
    world *self = world_with_peer(true);
    int64_t streams[2] = {0, raw_open(self, PEER, 1, &self->nodes[0].store.root)};
    eid_buf frame;

    world_settle(self);
    put_unknown(&frame, 99);
    for (size_t i = 0; i < 2; i++) {
        eid_message error;

        raw_bytes(self, streams[i], eid_buf_slice(&frame), false);
        world_decode(world_said(self, 0, streams[i], EID_MESSAGE_ERROR), &error);
        assert_int_equal(error.code, EID_CODE_UNKNOWN_TYPE);
        assert_int_equal(error.about, 99);
        eid_message_fini(&error);
        assert_false(world_stream_of(self, 1, streams[i])->is_over);
    }
    assert_true(self->conns[0].is_open);
    eid_buf_fini(&frame);
    world_free(self);
}

static void test_hello__teaches_addresses_of_the_sender_only(void **state)
{
    world *self = world_with_peer(false);
    eid_quic_address address = node_address(&self->nodes[PEER]);
    char text[EID_ADDRESS_TEXT_MAX];
    eid_message message;
    int64_t control;

    address.node[0] ^= 1; /* of somebody else */
    assert_ok(eid_quic_address_format(&address, text));
    assert_ok(net_stream_open(&self->nodes[PEER], 1, &control));
    eid_message_init(&message, EID_MESSAGE_HELLO);
    message.addr = eid_slice_text(text);
    raw_send(self, PEER, 1, control, &message);
    world_settle(self);
    assert_true(self->conns[0].is_open);
    assert_int_equal(self->nodes[0].peers[PEER].address.count, 0);
    world_free(self);
}

static void test_blocked_peer__is_closed_at_once(void **state)
{
    world *self = world_with_peer(true);
    node_peer *peer = &self->nodes[0].peers[PEER];

    peer->address = node_address(&self->nodes[PEER]);
    peer->is_blocked = true;
    eid_sync_on_peers_changed(self->nodes[0].sync);
    world_settle(self);
    expect_closed(self, EID_CLOSE_BLOCKED);
    assert_int_equal(world_connect(self, PEER, 0), 2);
    world_settle(self);
    assert_false(self->conns[1].is_open);
    assert_int_equal(self->conns[1].reason, EID_CLOSE_BLOCKED);
    world_free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello__that_does_not_come_in_time_closes),
        cmocka_unit_test(test_hello__twice_closes),
        cmocka_unit_test(test_stream__before_hello_is_reset),
        cmocka_unit_test(test_control__with_garbage_or_an_oversized_frame_or_an_end_closes),
        cmocka_unit_test(test_unknown_type__is_answered_and_the_stream_goes_on),
        cmocka_unit_test(test_hello__teaches_addresses_of_the_sender_only),
        cmocka_unit_test(test_blocked_peer__is_closed_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
