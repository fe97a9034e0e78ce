/* A real node 0, and a peer, node 1, that the test plays and that is connected. */
#ifndef EID_TESTS_NODE_SYNC_PEER_H
#define EID_TESTS_NODE_SYNC_PEER_H

#include "tests/node/sync_world.h"

#define PEER 1u

/* A world with a real node and a played one that is connected and has said hello. */
static inline world *world_with_peer(bool says_hello)
{
    world *self = world_new(2);

    self->nodes[PEER].is_raw = true;
    for (int i = 0; i < 3; i++) store_write(&self->nodes[0].store, NULL, "secret");
    node_start(&self->nodes[0]);
    assert_int_equal(world_connect(self, PEER, 0), 1);
    world_settle(self);
    if (says_hello) {
        raw_hello(self, PEER, 1);
        world_settle(self);
    }
    return self;
}

static inline eid_id other_root(const world *self)
{
    eid_id root = self->nodes[0].store.root;

    root.bytes[root.len - 1] ^= 1;
    return root;
}

static inline const world_stream *expect_reset(world *self, int64_t stream, eid_message_code code)
{
    const world_stream *at = world_stream_of(self, 1, stream);

    assert_true(self->conns[0].is_open);
    assert_non_null(at);
    assert_true(at->is_over);
    assert_int_equal(at->code, code);
    return at;
}

static inline void expect_closed(const world *self, eid_close reason)
{
    assert_false(self->conns[0].is_open);
    assert_int_equal(self->conns[0].reason, reason);
}

static inline void raw_bytes(world *self, int64_t stream, eid_slice bytes, bool fin)
{
    assert_ok(net_stream_send(&self->nodes[PEER], 1, stream, bytes, fin));
    world_settle(self);
}

#endif
