/* A goodbye is kept and said again for three probe timeouts, since the packet that says it may be
 * lost; a handshake that failed is not worth that memory and is forgotten at once. */
#include <ngtcp2/ngtcp2.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

const char *eid_close_text(eid_close reason)
{
    switch (reason) {
    case EID_CLOSE_NONE:
        return "goodbye";
    case EID_CLOSE_SHUTDOWN:
        return "the node stops";
    case EID_CLOSE_PROTOCOL:
        return "a message broke the protocol";
    case EID_CLOSE_DUPLICATE:
        return "another connection to the same node is kept";
    case EID_CLOSE_BLOCKED:
        return "the peer is blocked there";
    case EID_CLOSE_OVERLOAD:
        return "a limit is reached there";
    case EID_CLOSE_IDLE:
        return "nothing was heard for too long";
    case EID_CLOSE_UNREACHABLE:
        return "no answer";
    case EID_CLOSE_WRONG_KEY:
        return "not the node that was dialled";
    case EID_CLOSE_TLS:
        return "the handshake failed";
    case EID_CLOSE_RESET:
        return "the peer forgot this connection";
    }
    return "unknown reason";
}

/* The end, as the owner sees it. */
static void conn_report_end(eid__conn *conn, eid_close reason, const char *text)
{
    const eid_endpoint_events *events = &conn->endpoint->events;

    eid__conn_not_half_open(conn);
    eid_log_debug("conn.end", "conn=%llu reason=%d text=%s", (unsigned long long)conn->number,
                  (int)reason, text);
    if (!conn->is_known) return;
    conn->is_known = false;
    events->on_closed(events->self, conn->number, reason, text);
}

/* Texts come from peers: anything but printable ASCII is replaced. */
static void text_copy(char *out, const uint8_t *text, size_t len)
{
    if (len > EID__CLOSE_TEXT_MAX - 1) len = EID__CLOSE_TEXT_MAX - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? (char)text[i] : '?';
    out[len] = '\0';
}

/* Say why, and either keep the words for a while or be gone. */
static void conn_say(eid__conn *conn, const ngtcp2_ccerr *why, bool is_kept)
{
    eid_endpoint *endpoint = conn->endpoint;
    uint8_t packet[EID__PACKET_MAX];
    uint64_t now_ns = eid__now_ns(endpoint);
    ngtcp2_pkt_info info;
    ngtcp2_ssize len;

    len = ngtcp2_conn_write_connection_close(conn->quic, NULL, &info, packet, sizeof packet, why,
                                             now_ns);
    if (len > 0) {
        eid__endpoint_send_loose(endpoint, &conn->local, &conn->remote,
                                 eid_slice_of(packet, (size_t)len));
        if (is_kept) conn->last_words = eid_memdup(packet, (size_t)len);
    }
    if (!conn->last_words) {
        eid__conn_move(conn, EID__CONN_GONE);
        return;
    }
    conn->last_words_len = (size_t)len;
    eid__conn_move(conn, EID__CONN_CLOSING);
    eid__timers_set(&endpoint->timers, &conn->timer, now_ns + 3 * ngtcp2_conn_get_pto2(conn->quic));
}

void eid__conn_repeat_close(eid__conn *conn)
{
    conn->heard++;
    if ((conn->heard & (conn->heard - 1)) != 0) return; /* to each 1st, 2nd, 4th, 8th … */
    eid__endpoint_send_loose(conn->endpoint, &conn->local, &conn->remote,
                             eid_slice_of(conn->last_words, conn->last_words_len));
}

void eid__conn_close(eid__conn *conn)
{
    ngtcp2_ccerr why;

    EID_ASSERT(conn->is_close_asked);
    ngtcp2_ccerr_default(&why);
    ngtcp2_ccerr_set_application_error(&why, (uint64_t)conn->reason, (const uint8_t *)conn->text,
                                       strlen(conn->text));
    conn_say(conn, &why, ngtcp2_conn_get_handshake_completed2(conn->quic) != 0);
    conn_report_end(conn, conn->reason, conn->text);
}

/* What the peer's last words mean to us. */
static eid_close reason_of(const ngtcp2_ccerr *why)
{
    if (why->type == NGTCP2_CCERR_TYPE_APPLICATION) {
        return why->error_code <= EID_CLOSE_OVERLOAD ? (eid_close)why->error_code
                                                     : EID_CLOSE_PROTOCOL;
    }
    if (why->error_code == NGTCP2_CONNECTION_REFUSED) return EID_CLOSE_OVERLOAD;
    if (why->error_code >= NGTCP2_CRYPTO_ERROR && why->error_code < NGTCP2_CRYPTO_ERROR + 0x100) {
        return EID_CLOSE_TLS;
    }
    return EID_CLOSE_PROTOCOL;
}

/* The peer said goodbye, or reset us. */
static void conn_drained(eid__conn *conn)
{
    const ngtcp2_ccerr *why = ngtcp2_conn_get_ccerr2(conn->quic);
    eid_close reason = conn->is_reset ? EID_CLOSE_RESET : reason_of(why);
    char text[EID__CLOSE_TEXT_MAX];

    text_copy(text, why->reason, conn->is_reset ? 0 : why->reasonlen);
    eid__conn_move(conn, EID__CONN_DRAINING);
    eid__timers_set(&conn->endpoint->timers, &conn->timer,
                    eid__now_ns(conn->endpoint) + 3 * ngtcp2_conn_get_pto2(conn->quic));
    conn_report_end(conn, reason, text[0] ? text : eid_close_text(reason));
}

static void conn_failed_tls(eid__conn *conn)
{
    const uint8_t *found = eid__tls_session_wrong_key(conn->tls);
    char text[EID__CLOSE_TEXT_MAX], error[96], at[64], want[EID_NODE_ID_TEXT],
        got[EID_NODE_ID_TEXT];
    ngtcp2_ccerr why;

    ngtcp2_ccerr_default(&why);
    ngtcp2_ccerr_set_tls_alert(&why, ngtcp2_conn_get_tls_alert2(conn->quic), NULL, 0);
    conn_say(conn, &why, false);
    eid_netaddr_format(&conn->remote, at);
    if (found) {
        (void)snprintf(text, sizeof text, "not the node %s, but %s",
                       eid_node_id_format(conn->peer, want), eid_node_id_format(found, got));
        conn_report_end(conn, EID_CLOSE_WRONG_KEY, text);
        return;
    }
    (void)snprintf(text, sizeof text, "%s", eid__tls_session_error(conn->tls, error));
    eid_log_debug("conn.tls", "remote=%s error=%s", at, text);
    conn_report_end(conn, EID_CLOSE_TLS, text);
}

/* End without a word: there is nobody to hear it, or nothing to say. */
static void conn_vanish(eid__conn *conn, eid_close reason)
{
    eid__conn_move(conn, EID__CONN_GONE);
    conn_report_end(conn, reason, eid_close_text(reason));
}

static void conn_failed_otherwise(eid__conn *conn, int error)
{
    bool is_open = conn->state == EID__CONN_OPEN;
    ngtcp2_ccerr why;

    ngtcp2_ccerr_default(&why);
    ngtcp2_ccerr_set_liberr(&why, error, NULL, 0);
    conn_say(conn, &why, is_open);
    conn_report_end(conn, is_open ? EID_CLOSE_PROTOCOL : EID_CLOSE_TLS, ngtcp2_strerror(error));
}

void eid__conn_fail(eid__conn *conn, int error)
{
    eid__conn_mark(conn);
    switch (error) {
    case NGTCP2_ERR_DRAINING:
        conn_drained(conn);
        break;
    case NGTCP2_ERR_CRYPTO:
        conn_failed_tls(conn);
        break;
    case NGTCP2_ERR_IDLE_CLOSE:
        conn_vanish(conn, EID_CLOSE_IDLE);
        break;
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
        conn_vanish(conn, EID_CLOSE_UNREACHABLE);
        break;
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
        conn_vanish(conn, EID_CLOSE_TLS);
        break;
    default:
        conn_failed_otherwise(conn, error);
        break;
    }
}
