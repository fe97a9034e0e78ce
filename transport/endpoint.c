/* One table finds the connection of a datagram, one heap the next deadline, one list what has
 * something to send; nothing here looks at all connections but the end. A turn is: datagrams or the
 * timer come in, owners are told and answer, and then flush() writes, sweeps and sets the timer. */
#include "transport/endpoint.h"

#include <ngtcp2/ngtcp2.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "transport/tls_clock.h"
#include "transport/transport_internal.h"

#define ENDPOINT_SECOND_NS UINT64_C(1000000000)
#define ENDPOINT_RETRY_ABOVE 64u

_Static_assert(EID_STREAM_WINDOW <= EID_CONNECTION_WINDOW, "one stream must fit");

static uint64_t wall_ms_system(void *self)
{
    const eid_clock *clock = eid_clock_system();

    (void)self;
    return clock->wall_ms(clock->self);
}

static void config_fill(eid_endpoint_config *config)
{
    if (!config->random) config->random = eid_random_system();
    if (!config->wall_ms) config->wall_ms = wall_ms_system;
    if (config->idle_ns == 0) config->idle_ns = 30 * ENDPOINT_SECOND_NS;
    if (config->keep_alive_ns == 0) config->keep_alive_ns = 10 * ENDPOINT_SECOND_NS;
    if (config->handshake_ns == 0) config->handshake_ns = 10 * ENDPOINT_SECOND_NS;
    if (config->connections_max == 0) config->connections_max = EID_CONNECTIONS_MAX;
    if (config->retry_above == 0) config->retry_above = ENDPOINT_RETRY_ABOVE;
}

eid_status eid_endpoint_new(const eid_endpoint_config *config, const eid_endpoint_world *world,
                            const eid_endpoint_events *events, eid_endpoint **out)
{
    eid_endpoint *endpoint = eid_alloc(sizeof *endpoint);
    eid_status status;

    EID_ASSERT(events->on_closed != NULL);
    if (!endpoint) return EID_FAIL(EID_KIND_NO_MEMORY, "for an endpoint");
    endpoint->config = *config;
    endpoint->world = *world;
    endpoint->events = *events;
    endpoint->next_number = 1;
    endpoint->timer_due_ns = UINT64_MAX;
    config_fill(&endpoint->config);
    TAILQ_INIT(&endpoint->conns);
    TAILQ_INIT(&endpoint->dirty);
    TAILQ_INIT(&endpoint->dead_streams);
    eid__cidmap_init(&endpoint->cids, endpoint->config.random);
    eid__cidmap_init(&endpoint->tokens, endpoint->config.random);
    eid__cidmap_init(&endpoint->numbers, endpoint->config.random);
    status = eid__tls_init(&endpoint->tls, &endpoint->config, world->self);
    endpoint->config.keylog_path = NULL;
    eid_wipe(endpoint->config.seed, sizeof endpoint->config.seed); /* TLS has it now */
    if (status != EID_OK) {
        eid_endpoint_free(endpoint);
        return status;
    }
    *out = endpoint;
    return EID_OK;
}

static void endpoint_sweep(eid_endpoint *endpoint)
{
    eid__stream *stream;
    eid__conn *conn, *next;

    while ((stream = TAILQ_FIRST(&endpoint->dead_streams))) {
        TAILQ_REMOVE(&endpoint->dead_streams, stream, link);
        eid__stream_free(stream);
    }
    for (conn = TAILQ_FIRST(&endpoint->conns); conn && endpoint->gone_count > 0; conn = next) {
        next = TAILQ_NEXT(conn, link);
        if (conn->state == EID__CONN_GONE) eid__conn_free(conn);
    }
}

void eid_endpoint_free(eid_endpoint *endpoint)
{
    eid__conn *conn;

    if (!endpoint) return;
    EID_ASSERT(!endpoint->is_in_turn);
    eid__tls_clock_use(NULL, NULL);
    endpoint_sweep(endpoint);
    while ((conn = TAILQ_FIRST(&endpoint->conns))) eid__conn_free(conn);
    eid__timers_fini(&endpoint->timers);
    eid__cidmap_fini(&endpoint->cids);
    eid__cidmap_fini(&endpoint->tokens);
    eid__cidmap_fini(&endpoint->numbers);
    eid__tls_fini(&endpoint->tls);
    eid_free(endpoint);
}

/* --- packets out --- */

bool eid__endpoint_send(eid_endpoint *endpoint, const eid_netaddr *local, const eid_netaddr *remote,
                        size_t len, size_t segment)
{
    eid_status status;

    EID_ASSERT(endpoint->held_len == 0);
    status = endpoint->world.send(endpoint->world.self, local, remote,
                                  eid_slice_of(endpoint->burst, len), segment);
    if (status == EID_E_AGAIN) {
        endpoint->held_len = len;
        endpoint->held_segment = segment;
        endpoint->held_local = *local;
        endpoint->held_remote = *remote;
        return false;
    }
    endpoint->bytes_sent += len; /* other failures are losses, which QUIC repairs */
    return true;
}

void eid__endpoint_send_loose(eid_endpoint *endpoint, const eid_netaddr *local,
                              const eid_netaddr *remote, eid_slice packet)
{
    if (endpoint->held_len > 0) return;
    if (endpoint->world.send(endpoint->world.self, local, remote, packet, packet.len) == EID_OK) {
        endpoint->bytes_sent += packet.len;
    }
}

static void endpoint_send_held(eid_endpoint *endpoint)
{
    size_t len = endpoint->held_len;

    if (len == 0) return;
    endpoint->held_len = 0;
    (void)eid__endpoint_send(endpoint, &endpoint->held_local, &endpoint->held_remote, len,
                             endpoint->held_segment);
}

/* --- turns --- */

static void datagram_read(eid_endpoint *endpoint, const eid_netaddr *local,
                          const eid_netaddr *remote, eid_slice packet)
{
    ngtcp2_version_cid ids;
    eid__conn *conn = NULL;

    endpoint->bytes_received += packet.len;
    if (ngtcp2_pkt_decode_version_cid(&ids, packet.at, packet.len, EID__CID_BYTES) == 0) {
        conn = eid__cidmap_find(&endpoint->cids, eid_slice_of(ids.dcid, ids.dcidlen));
    }
    if (conn) {
        eid__conn_read(conn, local, remote, packet);
    } else {
        eid__accept(endpoint, local, remote, packet);
    }
}

void eid_endpoint_on_datagrams(eid_endpoint *endpoint, const eid_netaddr *local,
                               const eid_netaddr *remote, eid_slice bytes, size_t segment)
{
    EID_ASSERT(!endpoint->is_in_turn);
    endpoint->is_in_turn = true;
    eid__tls_clock_use(endpoint->tls.wall_ms, endpoint->tls.self);
    while (bytes.len > 0) {
        size_t len = segment > 0 && segment < bytes.len ? segment : bytes.len;

        datagram_read(endpoint, local, remote, eid_slice_of(bytes.at, len));
        bytes = eid_slice_of(bytes.at + len, bytes.len - len);
    }
    endpoint->is_in_turn = false;
}

void eid_endpoint_on_timer(eid_endpoint *endpoint)
{
    uint64_t now_ns = eid__now_ns(endpoint);
    eid__timer *timer;

    EID_ASSERT(!endpoint->is_in_turn);
    endpoint->is_in_turn = true;
    endpoint->timer_due_ns = UINT64_MAX; /* the world's timer has fired */
    while ((timer = eid__timers_pop(&endpoint->timers, now_ns))) eid__conn_expire(timer->owner);
    endpoint->is_in_turn = false;
}

void eid_endpoint_on_writable(eid_endpoint *endpoint)
{
    EID_ASSERT(!endpoint->is_in_turn);
    endpoint_send_held(endpoint);
}

/* One connection's share of a turn. */
static void conn_turn(eid__conn *conn)
{
    bool has_more = false;

    if (conn->state != EID__CONN_HANDSHAKE && conn->state != EID__CONN_OPEN) return;
    if (conn->is_close_asked) {
        eid__conn_close(conn);
        return;
    }
    has_more = eid__conn_write(conn);
    eid__conn_set_timer(conn);
    if (has_more) eid__conn_mark(conn);
}

static void world_timer_set(eid_endpoint *endpoint)
{
    uint64_t due_ns = eid__timers_due(&endpoint->timers);

    if (!TAILQ_EMPTY(&endpoint->dirty)) due_ns = eid__now_ns(endpoint);
    if (endpoint->held_len > 0) due_ns = UINT64_MAX; /* on_writable comes first */
    if (due_ns == endpoint->timer_due_ns) return;
    endpoint->timer_due_ns = due_ns;
    endpoint->world.timer_set(endpoint->world.self, due_ns);
}

void eid_endpoint_flush(eid_endpoint *endpoint)
{
    unsigned bursts = 0;
    eid__conn *conn;

    if (endpoint->is_in_turn) return;
    endpoint->is_in_turn = true;
    endpoint_send_held(endpoint);
    while ((conn = TAILQ_FIRST(&endpoint->dirty))) {
        if (endpoint->held_len > 0 || bursts++ == EID__TURN_BURSTS_MAX) break;
        TAILQ_REMOVE(&endpoint->dirty, conn, dirty_link);
        conn->is_dirty = false;
        conn_turn(conn);
    }
    endpoint_sweep(endpoint);
    endpoint->is_in_turn = false;
    world_timer_set(endpoint);
}

/* --- connections --- */

eid_status eid_endpoint_dial(eid_endpoint *endpoint, const eid_netaddr *local,
                             const eid_netaddr *remote, const uint8_t peer[32], uint64_t *number)
{
    eid__conn *conn = NULL;
    eid_status status;

    eid__tls_clock_use(endpoint->tls.wall_ms, endpoint->tls.self);
    status = eid__conn_new(endpoint, local, remote, peer, NULL, &conn);
    if (conn) *number = conn->number;
    return status;
}

static void close_ask(eid__conn *conn, eid_close reason, const char *text)
{
    conn->is_close_asked = true;
    conn->reason = reason;
    (void)snprintf(conn->text, sizeof conn->text, "%s", text ? text : eid_close_text(reason));
    eid__conn_mark(conn);
}

void eid_endpoint_close(eid_endpoint *endpoint, uint64_t number, eid_close reason, const char *text)
{
    eid__conn *conn = eid__conn_find(endpoint, number);

    if (conn) close_ask(conn, reason, text);
}

void eid_endpoint_shutdown(eid_endpoint *endpoint, eid_close reason)
{
    eid__conn *conn;

    TAILQ_FOREACH(conn, &endpoint->conns, link)
    {
        conn->is_known = false; /* the owner knows */
        if (conn->state != EID__CONN_HANDSHAKE && conn->state != EID__CONN_OPEN) continue;
        if (!conn->is_close_asked) close_ask(conn, reason, NULL);
    }
    do {
        eid_endpoint_flush(endpoint);
    } while (!endpoint->is_in_turn && endpoint->held_len == 0 && !TAILQ_EMPTY(&endpoint->dirty));
}

eid_status eid_endpoint_exporter(eid_endpoint *endpoint, uint64_t number, const char *label,
                                 uint8_t out[32])
{
    eid__conn *conn = eid__conn_find(endpoint, number);

    if (!conn || conn->state != EID__CONN_OPEN) return EID_E_NOT_FOUND;
    return eid__tls_session_export(conn->tls, label, out) ? EID_OK : EID_E_NOT_FOUND;
}

eid_status eid_endpoint_remote(eid_endpoint *endpoint, uint64_t number, eid_netaddr *out)
{
    const eid__conn *conn = eid__conn_find(endpoint, number);

    if (!conn) return EID_E_NOT_FOUND;
    *out = conn->remote;
    return EID_OK;
}

eid_status eid_endpoint_stats(eid_endpoint *endpoint, uint64_t number, eid_conn_stats *out)
{
    const eid__conn *conn = eid__conn_find(endpoint, number);
    ngtcp2_conn_info info;

    if (!conn) return EID_E_NOT_FOUND;
    ngtcp2_conn_get_conn_info2(conn->quic, &info);
    *out = (eid_conn_stats){.bytes_sent = info.bytes_sent,
                            .bytes_received = info.bytes_recv,
                            .packets_lost = info.pkt_lost,
                            .rtt_ns = info.smoothed_rtt,
                            .is_resumed = eid__tls_session_is_resumed(conn->tls)};
    return EID_OK;
}

void eid_endpoint_totals(const eid_endpoint *endpoint, uint64_t *sent, uint64_t *received)
{
    *sent = endpoint->bytes_sent;
    *received = endpoint->bytes_received;
}

size_t eid_endpoint_connection_count(const eid_endpoint *endpoint)
{
    return endpoint->conn_count;
}
