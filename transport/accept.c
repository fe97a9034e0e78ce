/* Strangers cost us as little as they spent: no state before a first packet of full size, none
 * above a number of half-open handshakes without a proof of address (Retry), and no answer that is
 * longer or more frequent than what provoked it. Source: RFC 9000 §6, §8.1, §10.3. */
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "dag/assert.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

#define ACCEPT_RETRY_LIFE_NS (10u * UINT64_C(1000000000))
#define ACCEPT_HALF_OPEN_FACTOR 4u         /* half-open handshakes, in units of retry_above */
#define ACCEPT_ANSWER_NS UINT64_C(5000000) /* one answer each 5 ms, in the long run */
#define ACCEPT_ANSWER_BURST_NS (100u * ACCEPT_ANSWER_NS)
#define ACCEPT_RESET_BYTES 42u /* looks like a packet; below what provoked it */
#define ACCEPT_DATAGRAM_MIN 1200u

typedef struct accept_from { /* where a datagram came from and to */
    eid_endpoint *endpoint;
    const eid_netaddr *local, *remote;
    eid_slice packet;
} accept_from;

/* Whether the budget of answers has one left; takes it. */
static bool answer_take(eid_endpoint *endpoint)
{
    uint64_t now_ns = eid__now_ns(endpoint);

    if (endpoint->answers_ns < now_ns) endpoint->answers_ns = now_ns;
    if (endpoint->answers_ns - now_ns > ACCEPT_ANSWER_BURST_NS) return false;
    endpoint->answers_ns += ACCEPT_ANSWER_NS;
    return true;
}

static void answer_send(const accept_from *from, const uint8_t *packet, ngtcp2_ssize len)
{
    if (len <= 0) return;
    eid__endpoint_send_loose(from->endpoint, from->local, from->remote,
                             eid_slice_of(packet, (size_t)len));
}

static void answer_version(const accept_from *from, const ngtcp2_version_cid *ids)
{
    const uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
    uint8_t packet[EID__PACKET_MAX], chance;

    if (from->packet.len < ACCEPT_DATAGRAM_MIN || ids->dcidlen > 255 || ids->scidlen > 255) return;
    if (!answer_take(from->endpoint)) return;
    eid__random_fill(from->endpoint, &chance, 1);
    answer_send(from, packet,
                ngtcp2_pkt_write_version_negotiation(packet, sizeof packet, chance, ids->scid,
                                                     ids->scidlen, ids->dcid, ids->dcidlen,
                                                     versions, EID_COUNT(versions)));
}

/* Tell a peer that speaks to a connection which we do not have (any more). */
static void answer_reset(const accept_from *from, const ngtcp2_version_cid *ids)
{
    eid_endpoint *endpoint = from->endpoint;
    uint8_t packet[ACCEPT_RESET_BYTES], chance[ACCEPT_RESET_BYTES - EID__TOKEN_BYTES];
    ngtcp2_stateless_reset_token token;
    ngtcp2_cid cid;

    if (from->packet.len <= ACCEPT_RESET_BYTES || !answer_take(endpoint)) return;
    ngtcp2_cid_init(&cid, ids->dcid, ids->dcidlen);
    if (ngtcp2_crypto_generate_stateless_reset_token(
            token.data, endpoint->tls.reset_secret, sizeof endpoint->tls.reset_secret, &cid) != 0) {
        return;
    }
    eid__random_fill(endpoint, chance, sizeof chance);
    answer_send(
        from, packet,
        ngtcp2_pkt_write_stateless_reset2(packet, sizeof packet, &token, chance, sizeof chance));
}

static void answer_close(const accept_from *from, const ngtcp2_pkt_hd *header, uint64_t code)
{
    uint8_t packet[EID__PACKET_MAX];

    if (!answer_take(from->endpoint)) return;
    answer_send(from, packet,
                ngtcp2_crypto_write_connection_close(packet, sizeof packet, header->version,
                                                     &header->scid, &header->dcid, code, NULL, 0));
}

/* "Say that again with this": proves that the peer receives at its address, and we keep nothing. */
static void answer_retry(const accept_from *from, const ngtcp2_pkt_hd *header)
{
    uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2], packet[EID__PACKET_MAX];
    const eid_endpoint *endpoint = from->endpoint;
    struct sockaddr_storage remote;
    socklen_t remote_len = eid__netaddr_to_system(from->remote, &remote);
    ngtcp2_cid scid = {.datalen = EID__CID_BYTES};
    ngtcp2_ssize len;

    eid__random_fill(endpoint, scid.data, scid.datalen);
    len = ngtcp2_crypto_generate_retry_token2(
        token, endpoint->tls.retry_secret, sizeof endpoint->tls.retry_secret, header->version,
        (const struct sockaddr *)&remote, remote_len, &scid, &header->dcid, eid__now_ns(endpoint));
    if (len < 0) return;
    answer_send(from, packet,
                ngtcp2_crypto_write_retry(packet, sizeof packet, header->version, &header->scid,
                                          &scid, &header->dcid, token, (size_t)len));
}

/* Read the token of a packet that follows a Retry: the id the client had begun with. */
static bool retry_verify(const accept_from *from, const ngtcp2_pkt_hd *header, ngtcp2_cid *odcid)
{
    const eid_endpoint *endpoint = from->endpoint;
    struct sockaddr_storage remote;
    socklen_t remote_len = eid__netaddr_to_system(from->remote, &remote);

    return ngtcp2_crypto_verify_retry_token2(
               odcid, header->token, header->tokenlen, endpoint->tls.retry_secret,
               sizeof endpoint->tls.retry_secret, header->version, (const struct sockaddr *)&remote,
               remote_len, &header->dcid, ACCEPT_RETRY_LIFE_NS, eid__now_ns(endpoint)) == 0;
}

/* Half-open handshakes of one host, so that one cannot take the places of all. */
static size_t half_open_of(const eid_endpoint *endpoint, const eid_netaddr *remote)
{
    size_t count = 0;
    const eid__conn *conn;

    TAILQ_FOREACH(conn, &endpoint->conns, link)
    {
        if (!conn->is_half_open || conn->remote.family != remote->family) continue;
        if (memcmp(conn->remote.ip, remote->ip, sizeof remote->ip) == 0) count++;
    }
    return count;
}

static void accept_new(const accept_from *from, const ngtcp2_pkt_hd *header,
                       const ngtcp2_cid *odcid)
{
    eid_endpoint *endpoint = from->endpoint;
    const eid__conn_origin origin = {header, odcid};
    size_t half_open_max = ACCEPT_HALF_OPEN_FACTOR * endpoint->config.retry_above;
    eid__conn *conn = NULL;

    if (endpoint->conn_count >= endpoint->config.connections_max) {
        answer_close(from, header, NGTCP2_CONNECTION_REFUSED);
        return;
    }
    /* Silence, not a refusal: the client repeats its packet, and there may be room then. */
    if (endpoint->half_open_count >= half_open_max) return;
    if (endpoint->half_open_count >= endpoint->config.retry_above &&
        half_open_of(endpoint, from->remote) >= endpoint->config.retry_above * 2) {
        return;
    }
    if (eid__conn_new(endpoint, from->local, from->remote, NULL, &origin, &conn) != EID_OK) return;
    eid__conn_read(conn, from->local, from->remote, from->packet);
}

static void accept_initial(const accept_from *from)
{
    ngtcp2_cid odcid;
    ngtcp2_pkt_hd header;

    if (ngtcp2_accept(&header, from->packet.at, from->packet.len) != 0) return;
    if (header.tokenlen > 0 && header.token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2) {
        if (retry_verify(from, &header, &odcid)) {
            accept_new(from, &header, &odcid);
        } else {
            answer_close(from, &header, NGTCP2_INVALID_TOKEN);
        }
    } else if (from->endpoint->half_open_count >= from->endpoint->config.retry_above) {
        answer_retry(from, &header);
    } else {
        accept_new(from, &header, NULL);
    }
}

void eid__accept(eid_endpoint *endpoint, const eid_netaddr *local, const eid_netaddr *remote,
                 eid_slice packet)
{
    const accept_from from = {endpoint, local, remote, packet};
    ngtcp2_version_cid ids;
    eid__conn *conn;
    int error = ngtcp2_pkt_decode_version_cid(&ids, packet.at, packet.len, EID__CID_BYTES);

    if (error == NGTCP2_ERR_VERSION_NEGOTIATION) answer_version(&from, &ids);
    if (error != 0) return;
    if (ids.version != 0) { /* a long header */
        accept_initial(&from);
        return;
    }
    if ((packet.at[0] & 0x80) != 0 || packet.len <= EID__TOKEN_BYTES) return;
    conn =
        eid__cidmap_find(&endpoint->tokens,
                         eid_slice_of(packet.at + packet.len - EID__TOKEN_BYTES, EID__TOKEN_BYTES));
    if (conn) {
        eid__conn_read(conn, local, remote, packet);
    } else {
        answer_reset(&from, &ids);
    }
}
