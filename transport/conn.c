/* Connections are owned by the endpoint alone. What finds one (ids, reset tokens, its number) is
 * noted in the connection as well, so that its end takes out exactly what its life put in. */
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

#define CONN_ACTIVE_CIDS 4u /* of the peer that we keep, for changes of path */

static const struct conn_rule {
    const char *name;
    unsigned next; /* the states that may follow */
} conn_rules[] = {
    [EID__CONN_HANDSHAKE] = {"handshake", EID_BIT(EID__CONN_OPEN) | EID_BIT(EID__CONN_CLOSING) |
                                              EID_BIT(EID__CONN_DRAINING) |
                                              EID_BIT(EID__CONN_GONE)},
    [EID__CONN_OPEN] = {"open", EID_BIT(EID__CONN_CLOSING) | EID_BIT(EID__CONN_DRAINING) |
                                    EID_BIT(EID__CONN_GONE)},
    [EID__CONN_CLOSING] = {"closing", EID_BIT(EID__CONN_GONE)},
    [EID__CONN_DRAINING] = {"draining", EID_BIT(EID__CONN_GONE)},
    [EID__CONN_GONE] = {"gone", 0},
};

void eid__conn_move(eid__conn *conn, eid__conn_state state)
{
    EID_ASSERT(conn_rules[conn->state].next & EID_BIT(state));
    eid_log_debug("conn.move", "conn=%llu to=%s", (unsigned long long)conn->number,
                  conn_rules[state].name);
    conn->state = state;
    if (state == EID__CONN_GONE) {
        conn->endpoint->gone_count++;
        eid__timers_set(&conn->endpoint->timers, &conn->timer, UINT64_MAX);
    }
}

void eid__conn_mark(eid__conn *conn)
{
    if (conn->is_dirty) return;
    conn->is_dirty = true;
    TAILQ_INSERT_TAIL(&conn->endpoint->dirty, conn, dirty_link);
}

void eid__conn_not_half_open(eid__conn *conn)
{
    if (!conn->is_half_open) return;
    conn->is_half_open = false;
    EID_ASSERT(conn->endpoint->half_open_count > 0);
    conn->endpoint->half_open_count--;
}

static eid_slice cid_slice(const eid__cid *cid)
{
    return eid_slice_of(cid->bytes, cid->len);
}

static bool cid_list_remove(eid__cid *list, size_t *count, eid_slice cid)
{
    for (size_t i = 0; i < *count; i++) {
        if (!eid_slice_equal(cid_slice(&list[i]), cid)) continue;
        list[i] = list[--*count];
        return true;
    }
    return false;
}

static void cid_list_add(eid__cid *list, size_t *count, eid_slice cid)
{
    eid__cid *at = &list[(*count)++];

    at->len = (uint8_t)cid.len;
    memcpy(at->bytes, cid.at, cid.len);
}

eid_status eid__conn_add_cid(eid__conn *conn, eid_slice cid)
{
    eid_status status;

    if (conn->cid_count == EID__CIDS_MAX) {
        return EID_FAIL(EID_KIND_QUIC, "the peer uses up connection ids too fast");
    }
    status = eid__cidmap_put(&conn->endpoint->cids, cid, conn);
    if (status == EID_OK) cid_list_add(conn->cids, &conn->cid_count, cid);
    return status;
}

void eid__conn_remove_cid(eid__conn *conn, eid_slice cid)
{
    if (!cid_list_remove(conn->cids, &conn->cid_count, cid)) return;
    eid__cidmap_remove(&conn->endpoint->cids, cid, conn);
}

/* Without room the connection only misses that its peer has restarted, until it is idle. */
void eid__conn_add_token(eid__conn *conn, eid_slice token)
{
    if (conn->token_count == EID__CIDS_MAX) return;
    if (eid__cidmap_put(&conn->endpoint->tokens, token, conn) != EID_OK) return;
    cid_list_add(conn->tokens, &conn->token_count, token);
}

void eid__conn_remove_token(eid__conn *conn, eid_slice token)
{
    if (!cid_list_remove(conn->tokens, &conn->token_count, token)) return;
    eid__cidmap_remove(&conn->endpoint->tokens, token, conn);
}

eid__conn *eid__conn_find(const eid_endpoint *endpoint, uint64_t number)
{
    uint8_t key[8];
    eid__conn *conn;

    eid_put_u64(key, number);
    conn = eid__cidmap_find(&endpoint->numbers, eid_slice_of(key, sizeof key));
    if (!conn || conn->is_close_asked) return NULL;
    return conn->state == EID__CONN_HANDSHAKE || conn->state == EID__CONN_OPEN ? conn : NULL;
}

static void settings_fill(const eid_endpoint *endpoint, ngtcp2_settings *settings)
{
    ngtcp2_settings_default(settings);
    settings->initial_ts = eid__now_ns(endpoint);
    settings->rand_ctx.native_handle = (void *)(uintptr_t)endpoint->config.random;
    settings->handshake_timeout = endpoint->config.handshake_ns;
    settings->max_tx_udp_payload_size = EID__PACKET_MAX;
}

static void params_fill(const eid_endpoint *endpoint, ngtcp2_transport_params *params)
{
    ngtcp2_transport_params_default(params);
    params->initial_max_stream_data_bidi_local = EID_STREAM_WINDOW;
    params->initial_max_stream_data_bidi_remote = EID_STREAM_WINDOW;
    params->initial_max_data = EID_CONNECTION_WINDOW;
    params->initial_max_streams_bidi = EID_STREAMS_PER_CONNECTION;
    params->initial_max_streams_uni = 0;
    params->max_idle_timeout = endpoint->config.idle_ns;
    params->active_connection_id_limit = CONN_ACTIVE_CIDS;
    params->grease_quic_bit = 1;
}

static ngtcp2_cid cid_random(const eid_endpoint *endpoint)
{
    ngtcp2_cid cid = {.datalen = EID__CID_BYTES};

    eid__random_fill(endpoint, cid.data, cid.datalen);
    return cid;
}

static int quic_new_client(eid__conn *conn, const ngtcp2_path *path, const ngtcp2_cid *scid)
{
    ngtcp2_cid dcid = cid_random(conn->endpoint);
    ngtcp2_transport_params params;
    ngtcp2_settings settings;

    settings_fill(conn->endpoint, &settings);
    params_fill(conn->endpoint, &params);
    return ngtcp2_conn_client_new(&conn->quic, &dcid, scid, path, NGTCP2_PROTO_VER_V1,
                                  eid__conn_callbacks(), &settings, &params, NULL, conn);
}

static int quic_new_server(eid__conn *conn, const ngtcp2_path *path, const ngtcp2_cid *scid,
                           const eid__conn_origin *origin)
{
    const ngtcp2_pkt_hd *header = origin->header;
    const ngtcp2_cid *odcid = origin->retry_odcid;
    ngtcp2_transport_params params;
    ngtcp2_settings settings;

    settings_fill(conn->endpoint, &settings);
    params_fill(conn->endpoint, &params);
    params.original_dcid = odcid ? *odcid : header->dcid;
    params.original_dcid_present = 1;
    if (odcid) {
        params.retry_scid = header->dcid;
        params.retry_scid_present = 1;
        settings.token = header->token;
        settings.tokenlen = header->tokenlen;
        settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
    }
    params.stateless_reset_token_present = 1;
    if (ngtcp2_crypto_generate_stateless_reset_token(
            params.stateless_reset_token, conn->endpoint->tls.reset_secret,
            sizeof conn->endpoint->tls.reset_secret, scid) != 0) {
        return NGTCP2_ERR_NOMEM;
    }
    return ngtcp2_conn_server_new(&conn->quic, &header->scid, scid, path, header->version,
                                  eid__conn_callbacks(), &settings, &params, NULL, conn);
}

static eid_status conn_start_quic(eid__conn *conn, const eid__conn_origin *origin)
{
    struct sockaddr_storage local, remote;
    ngtcp2_cid scid = cid_random(conn->endpoint);
    ngtcp2_path path = {0};
    eid_status status = eid__conn_add_cid(conn, eid_slice_of(scid.data, scid.datalen));
    int error;

    if (status == EID_OK &&
        origin) { /* until the client has learnt our id it uses its own choice */
        const ngtcp2_pkt_hd *header = origin->header;

        status = eid__conn_add_cid(conn, eid_slice_of(header->dcid.data, header->dcid.datalen));
    }
    if (status != EID_OK) return status;
    path.local.addrlen = eid__netaddr_to_system(&conn->local, &local);
    path.remote.addrlen = eid__netaddr_to_system(&conn->remote, &remote);
    path.local.addr = (struct sockaddr *)&local;
    path.remote.addr = (struct sockaddr *)&remote;
    error =
        origin ? quic_new_server(conn, &path, &scid, origin) : quic_new_client(conn, &path, &scid);
    if (error == NGTCP2_ERR_NOMEM) return EID_FAIL(EID_KIND_NO_MEMORY, "for a connection");
    if (error != 0) return EID_FAIL(EID_KIND_QUIC, "no connection: %s", ngtcp2_strerror(error));
    eid__tls_session_bind(conn->tls, conn->quic);
    ngtcp2_conn_set_keep_alive_timeout(conn->quic, conn->endpoint->config.keep_alive_ns);
    return EID_OK;
}

static eid_status conn_register(eid__conn *conn)
{
    eid_endpoint *endpoint = conn->endpoint;
    uint8_t key[8];

    eid_put_u64(key, conn->number);
    return eid__cidmap_put(&endpoint->numbers, eid_slice_of(key, sizeof key), conn);
}

/* Begin with an empty connection that the endpoint owns. */
static eid_status conn_alloc(eid_endpoint *endpoint, eid__conn **out)
{
    eid_status status;
    eid__conn *conn;

    if (endpoint->conn_count >= endpoint->config.connections_max) {
        return EID_FAIL(EID_KIND_OVERLOAD, "%zu connections are open", endpoint->conn_count);
    }
    status = eid__timers_reserve(&endpoint->timers, endpoint->conn_count + 1);
    if (status != EID_OK) return status;
    conn = eid_alloc(sizeof *conn);
    if (!conn) return EID_FAIL(EID_KIND_NO_MEMORY, "for a connection");
    conn->endpoint = endpoint;
    conn->number = endpoint->next_number++;
    conn->timer.owner = conn;
    TAILQ_INIT(&conn->streams);
    TAILQ_INIT(&conn->ready);
    TAILQ_INSERT_TAIL(&endpoint->conns, conn, link);
    endpoint->conn_count++;
    *out = conn;
    return EID_OK;
}

eid_status eid__conn_new(eid_endpoint *endpoint, const eid_netaddr *local,
                         const eid_netaddr *remote, const uint8_t *peer,
                         const eid__conn_origin *origin, eid__conn **out)
{
    eid__conn *conn = NULL;
    eid_status status = conn_alloc(endpoint, &conn);

    if (!conn) return status;
    conn->local = *local;
    conn->remote = *remote;
    conn->is_client = conn->is_known = origin == NULL;
    if (conn->is_client) {
        memcpy(conn->peer, peer, sizeof conn->peer);
    } else {
        conn->is_half_open = true;
        endpoint->half_open_count++;
    }
    status = conn_register(conn);
    if (status == EID_OK) {
        status = eid__tls_session_new(&endpoint->tls, conn->is_client ? peer : NULL, &conn->tls);
    }
    if (status == EID_OK) status = conn_start_quic(conn, origin);
    if (status != EID_OK) {
        eid__conn_free(conn);
        return status;
    }
    eid__conn_mark(conn);
    *out = conn;
    return EID_OK;
}

void eid__conn_free(eid__conn *conn)
{
    eid_endpoint *endpoint = conn->endpoint;
    eid__stream *stream;
    uint8_t key[8];

    while ((stream = TAILQ_FIRST(&conn->streams))) {
        TAILQ_REMOVE(&conn->streams, stream, link);
        eid__stream_free(stream);
    }
    while (conn->cid_count > 0) {
        eid__conn_remove_cid(conn, cid_slice(&conn->cids[conn->cid_count - 1]));
    }
    while (conn->token_count > 0) {
        eid__conn_remove_token(conn, cid_slice(&conn->tokens[conn->token_count - 1]));
    }
    eid_put_u64(key, conn->number);
    eid__cidmap_remove(&endpoint->numbers, eid_slice_of(key, sizeof key), conn);
    eid__timers_set(&endpoint->timers, &conn->timer, UINT64_MAX);
    eid__conn_not_half_open(conn);
    if (conn->state == EID__CONN_GONE) endpoint->gone_count--;
    if (conn->is_dirty) TAILQ_REMOVE(&endpoint->dirty, conn, dirty_link);
    TAILQ_REMOVE(&endpoint->conns, conn, link);
    endpoint->conn_count--;
    ngtcp2_conn_del(conn->quic);
    eid__tls_session_free(conn->tls);
    eid_free(conn->last_words);
    eid_free(conn);
}
