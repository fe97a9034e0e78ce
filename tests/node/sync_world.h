/* A world for tests of the sync engine: nodes with a table for a database each, and a network that
 * is a list of events. Time moves only in world_run().
 *
 * A node without an engine (is_raw) is played by the test: it says what the test sends, and what it
 * hears is in the log like everything else.
 */
#ifndef EID_TESTS_NODE_SYNC_WORLD_H
#define EID_TESTS_NODE_SYNC_WORLD_H

#include "tests/node/sync_host.h"

/* ---- life */

static inline void node_start(node *self)
{
    eid_sync_net net = {self,
                        net_dial,
                        net_close,
                        net_stream_open,
                        net_stream_send,
                        net_stream_queued,
                        net_stream_consumed,
                        net_stream_reset,
                        net_timer_set};
    eid_sync_host host = {
        .self = self,
        .now_ns = host_now_ns,
        .wall_ms = host_wall_ms,
        .random = &self->world->random,
        .addresses = host_addresses,
        .may_read = host_may_read,
        .proofs = host_proofs,
        .tips = host_tips,
        .held = host_held,
        .missing = host_missing,
        .scan = host_scan,
        .fingerprint = host_fingerprint,
        .item_at = host_item_at,
        .bytes = host_bytes,
        .ingest = host_ingest,
        .peers = host_peers,
        .remember = host_remember,
        .cursor_load = host_cursor_load,
        .cursor_store = host_cursor_store,
    };

    memcpy(host.device, self->device.pub.bytes, 32);
    self->timer_ns = UINT64_MAX;
    assert_ok(eid_sync_new(&net, &host, &self->sync));
    assert_ok(eid_sync_start(self->sync));
}

/* Nodes hold the genesis, share the database with everyone, and know nobody. Device keys are from
 * the seeds 00..1f, 20..3f and so on; users' keys all from 80..9f. */
static inline world *world_new(size_t nodes)
{
    world *self = calloc(1, sizeof *self);

    assert_non_null(self);
    self->now_ns = 1000 * SECOND;
    self->seeded.state = 7;
    self->random = eid_random_of_seeded(&self->seeded);
    self->last = &self->first;
    self->node_count = nodes;
    self->streams = calloc(WORLD_STREAMS_MAX, sizeof *self->streams);
    assert_non_null(self->streams);
    self->genesis = store_make(NULL, (eid_ids){NULL, 0}, 0, eid_slice_text("\"\""));
    for (size_t i = 0; i < nodes; i++) {
        node *at = &self->nodes[i];
        uint8_t seed[32], user[32];

        for (unsigned j = 0; j < 32; j++) {
            seed[j] = (uint8_t)(i * 32 + j);
            user[j] = (uint8_t)(0x80 + j);
        }
        at->world = self;
        at->index = i;
        at->timer_ns = UINT64_MAX;
        at->is_shared = at->is_public = true;
        eid_key_from_seed(seed, &at->device);
        eid_key_from_seed(user, &at->user);
        store_init(&at->store, eid_entry_id(self->genesis));
        assert_true(store_put(&at->store, eid_entry_bytes(self->genesis)));
    }
    return self;
}

static inline void ingest_free(node_ingest *ingest)
{
    eid_buf_fini(&ingest->bytes);
    free(ingest);
}

static inline void event_free(world_event *event)
{
    eid_buf_fini(&event->bytes);
    free(event);
}

static inline void world_free(world *self)
{
    for (size_t i = 0; i < self->node_count; i++) {
        node *at = &self->nodes[i];

        eid_sync_free(at->sync);
        store_fini(&at->store);
        for (size_t j = 0; j < at->ingest_count; j++) ingest_free(at->ingests[j]);
        for (size_t j = 0; j < WORLD_NODES_MAX; j++) {
            eid_idset_fini(&at->peers[j].roots);
            eid_idset_fini(&at->peers[j].cursor);
        }
    }
    while (self->first) {
        world_event *event = self->first;

        self->first = event->next;
        event_free(event);
    }
    for (size_t i = 0; i < self->stream_count; i++) {
        eid_buf_fini(&self->streams[i].partial[0]);
        eid_buf_fini(&self->streams[i].partial[1]);
    }
    for (size_t i = 0; i < self->frame_count; i++) eid_buf_fini(&self->frames[i].bytes);
    free(self->frames);
    free(self->streams);
    eid_entry_free(self->genesis);
    free(self);
}

/* Node `a` knows that `b` has the database too. */
static inline void world_relate(world *self, size_t a, size_t b)
{
    node_peer *peer = &self->nodes[a].peers[b];

    peer->address = node_address(&self->nodes[b]);
    assert_ok(eid_idset_add(&peer->roots, &self->nodes[a].store.root));
}

/* ---- time */

static inline void node_store(node *self, size_t place)
{
    node_ingest *ingest = self->ingests[place];
    eid_sync_ingested result = {.status = self->ingest_status};
    eid_idset missing = EID_IDSET_EMPTY;
    size_t visible = self->store.visible_count;

    self->ingest_count--;
    memmove(&self->ingests[place], &self->ingests[place + 1],
            (self->ingest_count - place) * sizeof *self->ingests);
    for (size_t i = 0, at = 0; i < ingest->count && result.status == EID_OK;
         at = ingest->ends[i++]) {
        eid_slice bytes = eid_slice_of(ingest->bytes.at + at, ingest->ends[i] - at);

        if (store_put(&self->store, bytes))
            result.stored++;
        else
            result.malformed++;
        store_missing_parents(&self->store, bytes, &missing);
    }
    self->ingested += result.stored;
    result.verified = self->store.visible_count - visible;
    result.missing = eid_idset_ids(&missing);
    eid_sync_on_ingested(self->sync, ingest->number, &result);
    if (result.verified > 0) eid_sync_on_write(self->sync, &self->store.root);
    eid_idset_fini(&missing);
    ingest_free(ingest);
}

static inline void world_deliver(world *self, world_event *event)
{
    node *to = &self->nodes[event->to];
    eid_netaddr remote = {.family = 4, .ip = {192, 0, 2, (uint8_t)(event->to + 1)}, .port = 4433};
    world_conn *conn = event->what == EVENT_DIAL_FAILED ? NULL : world_conn_of(self, event->conn);
    eid_slice bytes = eid_buf_slice(&event->bytes);

    if (!to->sync) return;
    switch (event->what) {
    case EVENT_CONNECTED: {
        size_t other = conn->ends[1 - conn_end(conn, event->to)];

        remote.ip[3] = (uint8_t)(other + 1);
        eid_sync_on_connected(to->sync, event->conn, self->nodes[other].device.pub.bytes,
                              event->we_dialled, &remote);
        return;
    }
    case EVENT_DIAL_FAILED:
        eid_sync_on_dial_failed(to->sync, event->conn, (eid_close)event->stream, "");
        return;
    case EVENT_CLOSED:
        eid_sync_on_closed(to->sync, event->conn, conn->reason, conn->text);
        return;
    case EVENT_DATA:
        eid_sync_on_data(to->sync, event->conn, event->stream, bytes, event->fin);
        if (event->fin) {
            world_stream *stream = world_stream_of(self, event->conn, event->stream);

            if (stream->fin[0] && stream->fin[1] && !stream->is_over) stream_over(self, stream, 0);
        }
        return;
    case EVENT_STREAM_OVER:
        eid_sync_on_stream_closed(to->sync, event->conn, event->stream,
                                  world_stream_of(self, event->conn, event->stream)->code);
        return;
    }
}

/* Everything that happens now. */
static inline void world_settle(world *self)
{
    for (size_t turns = 0; self->first; turns++) {
        world_event *event = self->first;

        if (turns > 200000) fail_msg("the nodes do not stop talking");
        self->first = event->next;
        if (!self->first) self->last = &self->first;
        world_deliver(self, event);
        event_free(event);
    }
}

static inline uint64_t world_due(const world *self)
{
    uint64_t due = UINT64_MAX;

    for (size_t i = 0; i < self->node_count; i++) {
        const node *at = &self->nodes[i];

        if (at->sync && at->timer_ns < due) due = at->timer_ns;
        for (size_t j = 0; j < at->ingest_count; j++) {
            if (at->ingests[j]->due_ns < due) due = at->ingests[j]->due_ns;
        }
    }
    return due;
}

/* Let `ns` pass. */
static inline void world_run(world *self, uint64_t ns)
{
    uint64_t until = self->now_ns + ns;
    size_t turns = 0;

    world_settle(self);
    for (uint64_t due = world_due(self); due <= until; due = world_due(self)) {
        if (++turns > 200000) fail_msg("a timer that is always due");
        if (due > self->now_ns) self->now_ns = due;
        for (size_t i = 0; i < self->node_count; i++) {
            node *at = &self->nodes[i];

            for (size_t j = 0; j < at->ingest_count;) {
                if (at->ingests[j]->due_ns <= self->now_ns)
                    node_store(at, j);
                else
                    j++;
            }
            if (at->sync && at->timer_ns <= self->now_ns) {
                at->timer_ns = UINT64_MAX;
                eid_sync_on_timer(at->sync);
            }
        }
        world_settle(self);
    }
    self->now_ns = until;
}

/* ---- what tests ask */

static inline size_t world_count(const world *self, size_t from, uint64_t type)
{
    size_t count = 0;

    for (size_t i = 0; i < self->frame_count; i++) {
        count += self->frames[i].from == from && self->frames[i].type == type;
    }
    return count;
}

/* The last frame of a type from a node; NULL if there is none. */
static inline const world_frame *world_last(const world *self, size_t from, uint64_t type)
{
    for (size_t i = self->frame_count; i-- > 0;) {
        if (self->frames[i].from == from && self->frames[i].type == type) return &self->frames[i];
    }
    return NULL;
}

static inline void world_decode(const world_frame *frame, eid_message *out)
{
    assert_non_null(frame);
    assert_ok(eid_message_decode(
        eid_slice_of(frame->bytes.at + EID_FRAME_HEAD, frame->bytes.len - EID_FRAME_HEAD), out));
}

/* Forget the log. */
static inline void world_clear_log(world *self)
{
    for (size_t i = 0; i < self->frame_count; i++) eid_buf_fini(&self->frames[i].bytes);
    self->frame_count = 0;
    self->bytes = 0;
}

static inline void expect_equal_stores(const world *self)
{
    for (size_t i = 1; i < self->node_count; i++) {
        const store *first = &self->nodes[0].store, *other = &self->nodes[i].store;

        if (self->nodes[i].is_raw) continue;
        if (!eid_idset_equal(&first->tips, &other->tips) ||
            first->visible_count != other->visible_count) {
            fail_msg("node 0 has %zu entries and %zu tips, node %zu has %zu and %zu",
                     first->visible_count, first->tips.count, i, other->visible_count,
                     other->tips.count);
        }
    }
}

static inline void node_write(node *self, const char *text)
{
    store_write(&self->store, NULL, text);
    eid_sync_on_write(self->sync, &self->store.root);
}

/* It holds nothing, not even the genesis. */
static inline void node_forget(node *self)
{
    eid_id root = self->store.root;

    store_fini(&self->store);
    store_init(&self->store, &root);
}

static inline void fill(node *self, size_t count, const char *what)
{
    char text[60];

    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s %zu", what, i);
        store_write(&self->store, NULL, text);
    }
}

typedef struct view_answer {
    const eid_id *root;
    eid_sync_view view;
    bool is_found;
} view_answer;

static inline void view_take(void *context, const eid_sync_view *view)
{
    view_answer *answer = context;

    if (answer->is_found || !eid_id_equal(&view->root, answer->root)) return;
    answer->view = *view;
    answer->is_found = true;
}

/* What node shows of its first peer with the database. */
static inline eid_sync_view node_view(const node *self)
{
    view_answer answer;

    memset(&answer, 0, sizeof answer);
    answer.root = &self->store.root;
    eid_sync_views(self->sync, view_take, &answer);
    assert_true(answer.is_found);
    return answer.view;
}

/* ---- a node that the test plays */

static inline void raw_send(world *self, size_t from, uint64_t conn, int64_t stream,
                            const eid_message *message)
{
    eid_buf frame;

    eid_buf_init(&frame, EID_SYNC_MESSAGE_MAX + EID_FRAME_HEAD);
    assert_ok(eid_message_encode(message, &frame));
    assert_ok(net_stream_send(&self->nodes[from], conn, stream, eid_buf_slice(&frame), false));
    eid_buf_fini(&frame);
}

/* The dialler's first words; the stream is 0. */
static inline void raw_hello(world *self, size_t from, uint64_t conn)
{
    eid_message message;
    int64_t control = 0;

    if (self->conns[conn - 1].ends[0] == from)
        assert_ok(net_stream_open(&self->nodes[from], conn, &control));
    eid_message_init(&message, EID_MESSAGE_HELLO);
    message.node = eid_slice_text("test");
    message.message_max = message.streams_max = 1;
    raw_send(self, from, conn, control, &message);
}

/* Ask for a database on a new stream, with the tips that the node's table has. */
static inline int64_t raw_open(world *self, size_t from, uint64_t conn, const eid_id *root)
{
    node *at = &self->nodes[from];
    eid_message message;
    int64_t stream;

    assert_ok(net_stream_open(at, conn, &stream));
    eid_message_init(&message, EID_MESSAGE_OPEN);
    message.root = *root;
    assert_ok(host_tips(at, root, &message.tips, &message.count));
    message.proof_count = host_proofs(at, root, message.proofs, EID_MESSAGE_PROOFS_MAX);
    raw_send(self, from, conn, stream, &message);
    eid_message_fini(&message);
    return stream;
}

/* The last frame of a type that a node has said in a stream; NULL if there is none. */
static inline const world_frame *world_said(const world *self, size_t from, int64_t stream,
                                            uint64_t type)
{
    for (size_t i = self->frame_count; i-- > 0;) {
        const world_frame *frame = &self->frames[i];

        if (frame->from == from && frame->stream == stream && frame->type == type) return frame;
    }
    return NULL;
}

#endif
