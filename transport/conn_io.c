/* Bursts of up to 64 KiB for the system to cut: the sender's cost is by the call, and streams take
 * turns by the packet inside a burst. */
#include <ngtcp2/ngtcp2.h>

#include "dag/assert.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

#define IO_PIECES_MAX 16u

static void conn_received(eid__conn *conn, const eid_netaddr *local, const eid_netaddr *remote,
                          eid_slice packet)
{
    struct sockaddr_storage from, to;
    ngtcp2_pkt_info info = {0};
    ngtcp2_path path = {0};
    int error;

    path.local.addrlen = eid__netaddr_to_system(local, &to);
    path.remote.addrlen = eid__netaddr_to_system(remote, &from);
    path.local.addr = (struct sockaddr *)&to;
    path.remote.addr = (struct sockaddr *)&from;
    error = ngtcp2_conn_read_pkt(conn->quic, &path, &info, packet.at, packet.len,
                                 eid__now_ns(conn->endpoint));
    if (error != 0) {
        eid__conn_fail(conn, error);
    } else {
        eid__conn_mark(conn);
    }
}

void eid__conn_read(eid__conn *conn, const eid_netaddr *local, const eid_netaddr *remote,
                    eid_slice packet)
{
    switch (conn->state) {
    case EID__CONN_HANDSHAKE:
    case EID__CONN_OPEN:
        conn_received(conn, local, remote, packet);
        break;
    case EID__CONN_CLOSING:
        eid__conn_repeat_close(conn);
        break;
    case EID__CONN_DRAINING:
    case EID__CONN_GONE:
        break;
    }
}

void eid__conn_expire(eid__conn *conn)
{
    int error;

    switch (conn->state) {
    case EID__CONN_HANDSHAKE:
    case EID__CONN_OPEN:
        error = ngtcp2_conn_handle_expiry(conn->quic, eid__now_ns(conn->endpoint));
        if (error != 0) {
            eid__conn_fail(conn, error);
        } else {
            eid__conn_mark(conn);
        }
        break;
    case EID__CONN_CLOSING:
    case EID__CONN_DRAINING:
        eid__conn_move(conn, EID__CONN_GONE);
        break;
    case EID__CONN_GONE:
        break;
    }
}

/* The first stream with something to send, if the peer takes anything at all. */
static eid__stream *conn_next_stream(eid__conn *conn)
{
    if (conn->state != EID__CONN_OPEN || conn->is_close_asked) return NULL;
    if (ngtcp2_conn_get_max_data_left2(conn->quic) == 0) return NULL;
    return TAILQ_FIRST(&conn->ready);
}

/* So many bytes of the stream, and perhaps its end, are in a packet. */
static void stream_sent(eid__stream *stream, size_t bytes, bool has_fin)
{
    eid__sendq_sent(&stream->sendq, bytes);
    if (has_fin && !eid__sendq_has_unsent(&stream->sendq)) stream->is_fin_sent = true;
    eid__stream_unready(stream);
    eid__stream_ready(stream); /* behind the others, if there is more */
}

/* It has no more place in this packet: why? Gives the error if it is one. */
static ngtcp2_ssize stream_refused(eid__stream *stream, ngtcp2_ssize error)
{
    if (error == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
        stream->is_blocked = true;
    } else if (error == NGTCP2_ERR_STREAM_SHUT_WR || error == NGTCP2_ERR_STREAM_NOT_FOUND) {
        stream->is_fin_queued = stream->is_fin_sent = true;
        eid__sendq_sent(&stream->sendq, (size_t)(stream->sendq.end - stream->sendq.sent));
    } else {
        return error;
    }
    eid__stream_unready(stream);
    return 0;
}

typedef struct io_packet { /* what ngtcp2 hands through while a packet is filled */
    ngtcp2_path *path;
    ngtcp2_pkt_info *info;
    uint8_t *at;
    size_t len;
    ngtcp2_tstamp ts;
} io_packet;

/* Put a piece of one stream (or, NULL, none) in: bytes of a finished packet, or an error. */
static ngtcp2_ssize packet_add(eid__conn *conn, eid__stream *stream, const io_packet *packet)
{
    eid_slice pieces[IO_PIECES_MAX];
    ngtcp2_vec vec[IO_PIECES_MAX];
    size_t count = stream ? eid__sendq_peek(&stream->sendq, pieces, IO_PIECES_MAX) : 0;
    uint32_t flags = stream ? NGTCP2_WRITE_STREAM_FLAG_MORE : NGTCP2_WRITE_STREAM_FLAG_NONE;
    ngtcp2_ssize taken = -1, len;
    bool has_fin = false;
    size_t offered = 0;

    for (size_t i = 0; i < count; i++) {
        vec[i] = (ngtcp2_vec){(uint8_t *)(uintptr_t)pieces[i].at, pieces[i].len};
        offered += pieces[i].len;
    }
    if (stream && stream->is_fin_queued) {
        has_fin = offered == stream->sendq.end - stream->sendq.sent;
        if (has_fin) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    }
    len =
        ngtcp2_conn_writev_stream(conn->quic, packet->path, packet->info, packet->at, packet->len,
                                  &taken, flags, stream ? stream->id : -1, vec, count, packet->ts);
    if (stream && taken >= 0) stream_sent(stream, (size_t)taken, has_fin);
    return len;
}

/* Write one packet: streams take turns until it is full or they have no more. */
static ngtcp2_ssize packet_write(ngtcp2_conn *quic, ngtcp2_path *path, ngtcp2_pkt_info *info,
                                 uint8_t *at, size_t len, ngtcp2_tstamp ts, void *user_data)
{
    const io_packet packet = {path, info, at, len, ts};
    eid__conn *conn = user_data;

    (void)quic;
    for (;;) {
        eid__stream *stream = conn_next_stream(conn);
        ngtcp2_ssize written = packet_add(conn, stream, &packet);

        if (written >= 0 || !stream) return written;
        if (written == NGTCP2_ERR_WRITE_MORE) continue;
        written = stream_refused(stream, written);
        if (written != 0) return written;
    }
}

bool eid__conn_write(eid__conn *conn)
{
    eid_endpoint *endpoint = conn->endpoint;
    ngtcp2_path_storage path;
    ngtcp2_pkt_info info;
    ngtcp2_ssize len;
    eid_netaddr remote;
    size_t segment = 0;

    ngtcp2_path_storage_zero(&path);
    len = ngtcp2_conn_write_aggregate_pkt(conn->quic, &path.path, &info, endpoint->burst,
                                          sizeof endpoint->burst, &segment, packet_write,
                                          eid__now_ns(endpoint));
    if (len < 0) {
        eid__conn_fail(conn, (int)len);
        return false;
    }
    if (len == 0) return false;
    remote = eid__netaddr_from_system(path.path.remote.addr);
    (void)eid__endpoint_send(endpoint, &conn->local, &remote, (size_t)len, segment);
    return true;
}

void eid__conn_set_timer(eid__conn *conn)
{
    if (conn->state != EID__CONN_HANDSHAKE && conn->state != EID__CONN_OPEN) return;
    eid__timers_set(&conn->endpoint->timers, &conn->timer, ngtcp2_conn_get_expiry2(conn->quic));
}
