/* What ngtcp2 tells us, each as short as it can be: note it, tell the owner, return. Its own crypto
 * helpers stand where they read no clock and no generator but the one we gave. */
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "dag/assert.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

static void conn_report_open(eid__conn *conn)
{
    const eid_endpoint_events *events = &conn->endpoint->events;

    if (conn->state != EID__CONN_HANDSHAKE || conn->is_close_asked) return;
    eid__conn_move(conn, EID__CONN_OPEN);
    conn->is_known = true;
    if (events->on_connected) {
        events->on_connected(events->self, conn->number, conn->peer, conn->is_client,
                             &conn->remote);
    }
}

static void conn_refuse(eid__conn *conn)
{
    conn->is_close_asked = true; /* nobody knows of it, so nobody is told */
    conn->reason = EID_CLOSE_BLOCKED;
    eid__conn_mark(conn);
}

static int on_handshake_completed(ngtcp2_conn *quic, void *user_data)
{
    eid__conn *conn = user_data;
    const eid_endpoint_events *events = &conn->endpoint->events;
    uint8_t peer[32];

    (void)quic;
    if (!eid__tls_session_finish(conn->tls, peer)) return NGTCP2_ERR_CALLBACK_FAILURE;
    eid__conn_not_half_open(conn);
    if (conn->is_client) {
        EID_ASSERT(memcmp(conn->peer, peer, sizeof peer) == 0);
        return 0; /* the server has yet to judge our key */
    }
    memcpy(conn->peer, peer, sizeof peer);
    if (events->may_accept && !events->may_accept(events->self, conn->peer)) {
        conn_refuse(conn);
    } else {
        conn_report_open(conn);
    }
    return 0;
}

static int on_handshake_confirmed(ngtcp2_conn *quic, void *user_data)
{
    (void)quic;
    conn_report_open(user_data);
    return 0;
}

static int on_stream_open(ngtcp2_conn *quic, int64_t id, void *user_data)
{
    eid__conn *conn = user_data;
    eid__stream *stream = NULL;

    conn_report_open(conn); /* a server that opens streams has judged our key */
    if (eid__stream_new(conn, id, &stream) != EID_OK) return NGTCP2_ERR_CALLBACK_FAILURE;
    return ngtcp2_conn_set_stream_user_data(quic, id, stream) == 0 ? 0
                                                                   : NGTCP2_ERR_CALLBACK_FAILURE;
}

static int on_stream_data(ngtcp2_conn *quic, uint32_t flags, int64_t id, uint64_t offset,
                          const uint8_t *data, size_t len, void *user_data, void *stream_user_data)
{
    eid__conn *conn = user_data;
    const eid_endpoint_events *events = &conn->endpoint->events;
    eid__stream *stream = stream_user_data;

    (void)quic;
    (void)offset;
    EID_ASSERT(stream != NULL);
    stream->unconsumed += len;
    if (!events->on_data || conn->is_close_asked) return 0;
    events->on_data(events->self, conn->number, id, eid_slice_of(data, len),
                    (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
    return 0;
}

static int on_acked(ngtcp2_conn *quic, int64_t id, uint64_t offset, uint64_t len, void *user_data,
                    void *stream_user_data)
{
    eid__conn *conn = user_data;
    const eid_endpoint_events *events = &conn->endpoint->events;
    eid__stream *stream = stream_user_data;

    (void)quic;
    if (!stream) return 0;
    eid__sendq_acked(&stream->sendq, offset + len);
    if (!stream->wants_room || eid__sendq_unacked(&stream->sendq) > EID_STREAM_SEND_MAX / 2) {
        return 0;
    }
    stream->wants_room = false;
    if (events->on_stream_writable && !conn->is_close_asked) {
        events->on_stream_writable(events->self, conn->number, id);
    }
    return 0;
}

static int on_stream_close(ngtcp2_conn *quic, uint32_t flags, int64_t id, uint64_t code,
                           void *user_data, void *stream_user_data)
{
    eid__conn *conn = user_data;
    const eid_endpoint_events *events = &conn->endpoint->events;
    eid__stream *stream = stream_user_data;

    if (!ngtcp2_conn_is_local_stream2(quic, id)) ngtcp2_conn_extend_max_streams_bidi(quic, 1);
    if (!stream) return 0;
    eid__stream_end(stream);
    if (events->on_stream_closed && !conn->is_close_asked) {
        bool is_coded = (flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) != 0;

        events->on_stream_closed(events->self, conn->number, id, is_coded ? code : 0);
    }
    return 0;
}

/* A peer that gives up its half is done with the stream: ours is of no use to it. */
static int on_stream_reset(ngtcp2_conn *quic, int64_t id, uint64_t final_size, uint64_t code,
                           void *user_data, void *stream_user_data)
{
    eid__stream *stream = stream_user_data;
    int error = ngtcp2_conn_shutdown_stream_write(quic, 0, id, code);

    (void)final_size;
    (void)user_data;
    if (stream) {
        stream->is_fin_queued = stream->is_fin_sent = true;
        eid__stream_unready(stream);
    }
    return error == 0 || error == NGTCP2_ERR_STREAM_NOT_FOUND ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
}

static int on_more_stream_data(ngtcp2_conn *quic, int64_t id, uint64_t max, void *user_data,
                               void *stream_user_data)
{
    eid__stream *stream = stream_user_data;

    (void)quic;
    (void)id;
    (void)max;
    (void)user_data;
    if (!stream) return 0;
    stream->is_blocked = false;
    eid__stream_ready(stream);
    return 0;
}

static int on_new_cid(ngtcp2_conn *quic, ngtcp2_cid *cid, ngtcp2_stateless_reset_token *token,
                      size_t len, void *user_data)
{
    eid__conn *conn = user_data;
    const eid_endpoint *endpoint = conn->endpoint;

    (void)quic;
    cid->datalen = len;
    eid__random_fill(endpoint, cid->data, len);
    if (ngtcp2_crypto_generate_stateless_reset_token(token->data, endpoint->tls.reset_secret,
                                                     sizeof endpoint->tls.reset_secret, cid) != 0 ||
        eid__conn_add_cid(conn, eid_slice_of(cid->data, len)) != EID_OK) {
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
}

static int on_cid_retired(ngtcp2_conn *quic, const ngtcp2_cid *cid, void *user_data)
{
    (void)quic;
    eid__conn_remove_cid(user_data, eid_slice_of(cid->data, cid->datalen));
    return 0;
}

/* A reset comes under a random id; only its token tells whose it is. */
static int on_peer_cid(ngtcp2_conn *quic, ngtcp2_connection_id_status_type type, uint64_t seq,
                       const ngtcp2_cid *cid, const ngtcp2_stateless_reset_token *token,
                       void *user_data)
{
    eid_slice bytes;

    (void)quic;
    (void)seq;
    (void)cid;
    if (!token) return 0;
    bytes = eid_slice_of(token->data, sizeof token->data);
    switch (type) {
    case NGTCP2_CONNECTION_ID_STATUS_TYPE_ACTIVATE:
        eid__conn_add_token(user_data, bytes);
        break;
    case NGTCP2_CONNECTION_ID_STATUS_TYPE_DEACTIVATE:
        eid__conn_remove_token(user_data, bytes);
        break;
    }
    return 0;
}

static int on_reset(ngtcp2_conn *quic, const ngtcp2_pkt_stateless_reset2 *reset, void *user_data)
{
    eid__conn *conn = user_data;

    (void)quic;
    (void)reset;
    conn->is_reset = true;
    return 0;
}

static int on_path_validation(ngtcp2_conn *quic, uint32_t flags, const ngtcp2_path *path,
                              const ngtcp2_path *fallback, ngtcp2_path_validation_result result,
                              void *user_data)
{
    eid__conn *conn = user_data;
    const eid_endpoint_events *events = &conn->endpoint->events;
    eid_netaddr remote = eid__netaddr_from_system(path->remote.addr);

    (void)quic;
    (void)flags;
    (void)fallback;
    if (result != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) return 0;
    if (eid_netaddr_equal(&remote, &conn->remote)) return 0;
    conn->remote = remote;
    if (conn->state == EID__CONN_OPEN && events->on_path) {
        events->on_path(events->self, conn->number, &remote);
    }
    return 0;
}

static int on_path_challenge(ngtcp2_conn *quic, ngtcp2_path_challenge_data *data, void *user_data)
{
    const eid__conn *conn = user_data;

    (void)quic;
    eid__random_fill(conn->endpoint, data->data, sizeof data->data);
    return 0;
}

static void on_random(uint8_t *out, size_t len, const ngtcp2_rand_ctx *context)
{
    const eid_random *random = context->native_handle;

    random->fill(random->self, out, len);
}

const void *eid__conn_callbacks(void)
{
    static const ngtcp2_callbacks callbacks = {
        .client_initial = ngtcp2_crypto_client_initial_cb,
        .recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
        .recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
        .recv_retry = ngtcp2_crypto_recv_retry_cb,
        .encrypt = ngtcp2_crypto_encrypt_cb,
        .decrypt = ngtcp2_crypto_decrypt_cb,
        .hp_mask = ngtcp2_crypto_hp_mask_cb,
        .update_key = ngtcp2_crypto_update_key_cb,
        .delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
        .delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
        .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
        .handshake_completed = on_handshake_completed,
        .handshake_confirmed = on_handshake_confirmed,
        .stream_open = on_stream_open,
        .recv_stream_data = on_stream_data,
        .acked_stream_data_offset = on_acked,
        .stream_close = on_stream_close,
        .stream_reset = on_stream_reset,
        .extend_max_stream_data = on_more_stream_data,
        .get_new_connection_id2 = on_new_cid,
        .remove_connection_id = on_cid_retired,
        .dcid_status2 = on_peer_cid,
        .recv_stateless_reset2 = on_reset,
        .path_validation = on_path_validation,
        .get_path_challenge_data2 = on_path_challenge,
        .rand = on_random,
    };

    return &callbacks;
}
