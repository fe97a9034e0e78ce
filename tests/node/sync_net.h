/* The fake network of sync_world.h: a list of events, in order and without loss.
 *
 * Streams end as QUIC's do: a reset forgets what is under way and is told to both sides; what was
 * sent before a connection is closed is still heard. Every frame is logged as it is sent.
 */
#ifndef EID_TESTS_NODE_SYNC_NET_H
#define EID_TESTS_NODE_SYNC_NET_H

#include "node/sync/message.h"
#include "tests/node/sync_store.h"

#define WORLD_NODES_MAX 4u
#define WORLD_CONNS_MAX 64u
#define WORLD_STREAMS_MAX 2048u
#define SECOND UINT64_C(1000000000)

typedef struct world world;

typedef struct node_ingest {
    uint64_t number, due_ns;
    eid_id root;
    eid_buf bytes; /* of all entries */
    size_t ends[EID_MESSAGE_ENTRIES_MAX];
    size_t count;
} node_ingest;

typedef struct node_peer {
    eid_quic_address address;
    eid_idset roots, cursor;
    bool is_blocked;
    size_t cursor_stores;
} node_peer;

typedef struct node {
    world *world;
    size_t index;
    bool is_raw;
    eid_key device, user;
    bool has_address; /* hello tells one */
    eid_sync *sync;
    uint64_t timer_ns;

    store store;
    bool is_shared, is_public;
    bool serves_any; /* whatever is asked for */
    eid_pubkey readers[4];
    size_t reader_count;

    node_ingest *ingests[64];
    size_t ingest_count;
    uint64_t ingest_ns;       /* how long storing takes */
    bool is_overloaded;       /* answers OVERLOAD */
    eid_status ingest_status; /* of what is stored */
    size_t ingested;          /* entries, in all */

    node_peer peers[WORLD_NODES_MAX];
    size_t dials;
    uint64_t dial_ns[64]; /* when */
    eid_close dial_fails; /* how those to this node end; NONE = they connect */
    bool no_dial;         /* its own dials fail at once */
    size_t stream_max;    /* that it may open, 0 = 256 */
} node;

typedef struct world_conn {
    bool is_open;
    size_t ends[2]; /* nodes; 0 dialled */
    int64_t next_stream[2];
    eid_close reason;
    char text[100];
} world_conn;

typedef struct world_stream {
    uint64_t conn;
    int64_t id;
    bool is_over, fin[2], is_full[2];
    bool is_slow[2]; /* is full after each piece */
    uint64_t code;
    size_t consumed[2];
    eid_buf partial[2]; /* sent by each end, not yet a whole frame */
} world_stream;

/* A frame as it was sent. */
typedef struct world_frame {
    size_t from;
    uint64_t conn, type, at_ns;
    int64_t stream;
    eid_buf bytes;
} world_frame;

typedef struct world_event {
    struct world_event *next;
    enum { EVENT_CONNECTED, EVENT_DIAL_FAILED, EVENT_CLOSED, EVENT_DATA, EVENT_STREAM_OVER } what;
    size_t to;
    uint64_t conn;
    int64_t stream;
    bool fin;
    bool we_dialled;
    eid_buf bytes;
} world_event;

struct world {
    uint64_t now_ns;
    eid_random_seeded seeded;
    eid_random random;
    node nodes[WORLD_NODES_MAX];
    size_t node_count;
    world_conn conns[WORLD_CONNS_MAX]; /* number = place + 1 */
    size_t conn_count;
    world_stream *streams;
    size_t stream_count;
    world_event *first, **last;
    world_frame *frames;
    size_t frame_count, frame_cap;
    uint64_t bytes; /* sent in all */
    eid_entry *genesis;
};

static inline world_event *world_push(world *self, size_t to, uint64_t conn, int64_t stream)
{
    world_event *event = calloc(1, sizeof *event);

    assert_non_null(event);
    event->to = to;
    event->conn = conn;
    event->stream = stream;
    eid_buf_init(&event->bytes, SIZE_MAX / 2);
    *self->last = event;
    self->last = &event->next;
    return event;
}

static inline world_conn *world_conn_of(world *self, uint64_t conn)
{
    assert_true(conn >= 1 && conn <= self->conn_count);
    return &self->conns[conn - 1];
}

static inline size_t conn_end(const world_conn *conn, size_t place)
{
    return conn->ends[0] == place ? 0 : 1;
}

static inline world_stream *world_stream_of(world *self, uint64_t conn, int64_t id)
{
    for (size_t i = 0; i < self->stream_count; i++) {
        if (self->streams[i].conn == conn && self->streams[i].id == id) return &self->streams[i];
    }
    return NULL;
}

/* Forget what is under way in a stream. */
static inline void world_forget(world *self, uint64_t conn, int64_t stream)
{
    world_event **at = &self->first;

    while (*at) {
        world_event *event = *at;

        if (event->what == EVENT_DATA && event->conn == conn && event->stream == stream) {
            *at = event->next;
            eid_buf_fini(&event->bytes);
            free(event);
        } else {
            at = &event->next;
        }
    }
    self->last = at;
}

static inline void world_log(world *self, size_t from, uint64_t conn, world_stream *stream,
                             eid_slice bytes)
{
    eid_buf *partial = &stream->partial[conn_end(world_conn_of(self, conn), from)];

    self->bytes += bytes.len;
    eid_buf_append(partial, bytes);
    while (partial->len >= EID_FRAME_HEAD &&
           partial->len - EID_FRAME_HEAD >= eid_get_u32(partial->at)) {
        size_t len = EID_FRAME_HEAD + eid_get_u32(partial->at);
        world_frame *frame;
        eid_message message;

        if (self->frame_count == self->frame_cap) {
            self->frame_cap = self->frame_cap ? self->frame_cap * 2 : 64;
            self->frames = realloc(self->frames, self->frame_cap * sizeof *self->frames);
            assert_non_null(self->frames);
        }
        frame = &self->frames[self->frame_count++];
        *frame = (world_frame){from, conn, 0, self->now_ns, stream->id, {0}};
        eid_buf_init(&frame->bytes, SIZE_MAX / 2);
        eid_buf_append(&frame->bytes, eid_slice_of(partial->at, len));
        if (eid_message_decode(eid_slice_of(partial->at + EID_FRAME_HEAD, len - EID_FRAME_HEAD),
                               &message) == EID_OK) {
            frame->type = message.type;
        }
        eid_message_fini(&message);
        memmove(partial->at, partial->at + len, partial->len - len);
        eid_buf_truncate(partial, partial->len - len);
    }
}

static inline uint64_t world_connect(world *self, size_t dialler, size_t other)
{
    world_conn *conn = &self->conns[self->conn_count++];
    uint64_t number = self->conn_count;

    assert_true(number < WORLD_CONNS_MAX);
    *conn = (world_conn){.is_open = true, .ends = {dialler, other}, .next_stream = {0, 1}};
    for (size_t end = 0; end < 2; end++) {
        world_event *event = world_push(self, conn->ends[end], number, -1);

        event->what = EVENT_CONNECTED;
        event->we_dialled = end == 0;
    }
    return number;
}

static inline eid_status net_dial(void *context, const eid_quic_address *address, uint64_t *attempt)
{
    node *self = context;
    world *all = self->world;

    if (self->dials < 64) self->dial_ns[self->dials] = all->now_ns;
    self->dials++;
    if (self->no_dial) return EID_FAIL(EID_KIND_CONNECT, "no way there");
    for (size_t i = 0; i < all->node_count; i++) {
        node *other = &all->nodes[i];

        if (memcmp(other->device.pub.bytes, address->node, 32) != 0) continue;
        if (other->dial_fails == EID_CLOSE_NONE) {
            *attempt = world_connect(all, self->index, i);
        } else {
            *attempt = 1000000 + self->dials;
            world_push(all, self->index, *attempt, (int64_t)other->dial_fails)->what =
                EVENT_DIAL_FAILED;
        }
        return EID_OK;
    }
    return EID_FAIL(EID_KIND_CONNECT, "nobody is there");
}

static inline void net_close(void *context, uint64_t number, eid_close reason, const char *text)
{
    node *self = context;
    world_conn *conn = world_conn_of(self->world, number);

    if (!conn->is_open) return;
    conn->is_open = false;
    conn->reason = reason;
    snprintf(conn->text, sizeof conn->text, "%s", text);
    /* What was said before is still heard, as a goodbye is. */
    for (size_t end = 0; end < 2; end++) {
        world_push(self->world, conn->ends[end], number, (int64_t)reason)->what = EVENT_CLOSED;
    }
}

static inline eid_status net_stream_open(void *context, uint64_t number, int64_t *stream)
{
    node *self = context;
    world *all = self->world;
    world_conn *conn = world_conn_of(all, number);
    size_t end = conn_end(conn, self->index), open = 0;
    world_stream *made;

    if (!conn->is_open) return EID_E_NOT_FOUND;
    for (size_t i = 0; i < all->stream_count; i++) {
        const world_stream *at = &all->streams[i];

        open += at->conn == number && !at->is_over && (size_t)(at->id & 1) == end;
    }
    if (open >= (self->stream_max ? self->stream_max : EID_STREAMS_PER_CONNECTION))
        return EID_E_AGAIN;
    assert_true(all->stream_count < WORLD_STREAMS_MAX);
    made = &all->streams[all->stream_count++];
    memset(made, 0, sizeof *made);
    made->conn = number;
    made->id = *stream = conn->next_stream[end];
    conn->next_stream[end] += 4;
    for (size_t i = 0; i < 2; i++) eid_buf_init(&made->partial[i], SIZE_MAX / 2);
    return EID_OK;
}

static inline void stream_over(world *self, world_stream *stream, uint64_t code)
{
    const world_conn *conn = world_conn_of(self, stream->conn);

    stream->is_over = true;
    stream->code = code;
    for (size_t end = 0; end < 2; end++) {
        world_push(self, conn->ends[end], stream->conn, stream->id)->what = EVENT_STREAM_OVER;
    }
}

static inline eid_status net_stream_send(void *context, uint64_t number, int64_t id,
                                         eid_slice bytes, bool fin)
{
    node *self = context;
    world_conn *conn = world_conn_of(self->world, number);
    world_stream *stream = world_stream_of(self->world, number, id);
    size_t end = conn_end(conn, self->index);
    world_event *event;

    if (!conn->is_open || !stream || stream->is_over || stream->fin[end]) return EID_E_NOT_FOUND;
    if (bytes.len > EID_STREAM_SEND_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "%zu bytes at once", bytes.len);
    }
    if (stream->is_full[end]) return EID_E_AGAIN;
    stream->is_full[end] = stream->is_slow[end];
    world_log(self->world, self->index, number, stream, bytes);
    event = world_push(self->world, conn->ends[1 - end], number, id);
    event->what = EVENT_DATA;
    event->fin = stream->fin[end] = fin;
    eid_buf_append(&event->bytes, bytes);
    return EID_OK;
}

static inline size_t net_stream_queued(void *context, uint64_t number, int64_t id)
{
    node *self = context;
    const world_stream *stream = world_stream_of(self->world, number, id);
    size_t end = conn_end(world_conn_of(self->world, number), self->index);

    return stream && stream->is_full[end] ? EID_STREAM_SEND_MAX : 0;
}

static inline void net_stream_consumed(void *context, uint64_t number, int64_t id, size_t bytes)
{
    node *self = context;
    world_stream *stream = world_stream_of(self->world, number, id);

    if (stream)
        stream->consumed[conn_end(world_conn_of(self->world, number), self->index)] += bytes;
}

static inline void net_stream_reset(void *context, uint64_t number, int64_t id, uint64_t code)
{
    node *self = context;
    world_stream *stream = world_stream_of(self->world, number, id);

    if (!stream || stream->is_over || !world_conn_of(self->world, number)->is_open) return;
    world_forget(self->world, number, id);
    stream_over(self->world, stream, code);
}

static inline void net_timer_set(void *context, uint64_t due_ns)
{
    ((node *)context)->timer_ns = due_ns;
}

#endif
