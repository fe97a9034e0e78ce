/* Streams are known to ngtcp2 by number and carry our struct as its user data; there is no table of
 * our own that could differ from it. */
#include <ngtcp2/ngtcp2.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "transport/transport_internal.h"

eid_status eid__stream_new(eid__conn *conn, int64_t id, eid__stream **out)
{
    eid__stream *stream = eid_alloc(sizeof *stream);

    if (!stream) return EID_FAIL(EID_KIND_NO_MEMORY, "for a stream");
    stream->conn = conn;
    stream->id = id;
    TAILQ_INSERT_TAIL(&conn->streams, stream, link);
    *out = stream;
    return EID_OK;
}

void eid__stream_free(eid__stream *stream)
{
    eid__sendq_fini(&stream->sendq);
    eid_free(stream);
}

static bool stream_has_work(const eid__stream *stream)
{
    return eid__sendq_has_unsent(&stream->sendq) || (stream->is_fin_queued && !stream->is_fin_sent);
}

void eid__stream_ready(eid__stream *stream)
{
    if (stream->is_ready || stream->is_blocked || stream->is_closed) return;
    if (!stream_has_work(stream)) return;
    stream->is_ready = true;
    TAILQ_INSERT_TAIL(&stream->conn->ready, stream, ready_link);
}

void eid__stream_unready(eid__stream *stream)
{
    if (!stream->is_ready) return;
    stream->is_ready = false;
    TAILQ_REMOVE(&stream->conn->ready, stream, ready_link);
}

void eid__stream_end(eid__stream *stream)
{
    eid__conn *conn = stream->conn;

    EID_ASSERT(!stream->is_closed);
    eid__stream_unready(stream);
    stream->is_closed = true;
    TAILQ_REMOVE(&conn->streams, stream, link);
    TAILQ_INSERT_TAIL(&conn->endpoint->dead_streams, stream, link);
    if (stream->unconsumed > 0) ngtcp2_conn_extend_max_offset(conn->quic, stream->unconsumed);
    stream->unconsumed = 0;
}

/* The stream of an open connection, or NULL. */
static eid__stream *stream_find(eid_endpoint *endpoint, uint64_t number, int64_t id)
{
    eid__conn *conn = eid__conn_find(endpoint, number);
    eid__stream *stream;

    if (!conn || conn->state != EID__CONN_OPEN) return NULL;
    stream = ngtcp2_conn_get_stream_user_data2(conn->quic, id);
    return stream && !stream->is_closed ? stream : NULL;
}

eid_status eid_endpoint_stream_open(eid_endpoint *endpoint, uint64_t number, int64_t *id)
{
    eid__conn *conn = eid__conn_find(endpoint, number);
    eid__stream *stream = NULL;
    eid_status status;
    int error;

    if (!conn || conn->state != EID__CONN_OPEN) return EID_E_NOT_FOUND;
    if (ngtcp2_conn_get_streams_bidi_left2(conn->quic) == 0) return EID_E_AGAIN;
    status = eid__stream_new(conn, -1, &stream);
    if (!stream) return status;
    error = ngtcp2_conn_open_bidi_stream(conn->quic, &stream->id, stream);
    if (error != 0) {
        TAILQ_REMOVE(&conn->streams, stream, link);
        eid__stream_free(stream);
        return EID_FAIL(EID_KIND_NO_MEMORY, "for a stream: %s", ngtcp2_strerror(error));
    }
    *id = stream->id;
    return EID_OK;
}

eid_status eid_endpoint_stream_send(eid_endpoint *endpoint, uint64_t number, int64_t id,
                                    eid_slice bytes, bool fin)
{
    eid__stream *stream = stream_find(endpoint, number, id);
    eid_status status = EID_OK;

    if (!stream || stream->is_fin_queued) return EID_E_NOT_FOUND;
    if (bytes.len > EID_STREAM_SEND_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "%zu bytes at once, a stream takes %u", bytes.len,
                        EID_STREAM_SEND_MAX);
    }
    if (bytes.len > EID_STREAM_SEND_MAX - eid__sendq_unacked(&stream->sendq)) {
        stream->wants_room = true;
        return EID_E_AGAIN;
    }
    if (bytes.len > 0) status = eid__sendq_push(&stream->sendq, bytes);
    if (status != EID_OK) return status;
    stream->is_fin_queued = fin;
    eid__stream_ready(stream);
    eid__conn_mark(stream->conn);
    return EID_OK;
}

size_t eid_endpoint_stream_queued(eid_endpoint *endpoint, uint64_t number, int64_t id)
{
    const eid__stream *stream = stream_find(endpoint, number, id);

    return stream ? eid__sendq_unacked(&stream->sendq) : 0;
}

void eid_endpoint_consumed(eid_endpoint *endpoint, uint64_t number, int64_t id, size_t bytes)
{
    eid__stream *stream = stream_find(endpoint, number, id);

    if (!stream) return; /* its end has returned all credit */
    if (bytes > stream->unconsumed) bytes = stream->unconsumed;
    if (bytes == 0) return;
    stream->unconsumed -= bytes;
    ngtcp2_conn_extend_max_offset(stream->conn->quic, bytes);
    if (ngtcp2_conn_extend_max_stream_offset(stream->conn->quic, id, bytes) != 0) return;
    eid__conn_mark(stream->conn);
}

void eid_endpoint_stream_reset(eid_endpoint *endpoint, uint64_t number, int64_t id, uint64_t code)
{
    eid__stream *stream = stream_find(endpoint, number, id);

    if (!stream) return;
    if (ngtcp2_conn_shutdown_stream(stream->conn->quic, 0, id, code) != 0) return;
    stream->is_fin_queued = stream->is_fin_sent = true; /* nothing more goes out */
    eid__stream_unready(stream);
    eid__conn_mark(stream->conn);
}
