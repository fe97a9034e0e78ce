/* Endpoint: our QUIC, without I/O. Many connections, both directions, one identity.
 *
 * Mutual TLS 1.3 with Ed25519 device keys as raw public keys (RFC 7250), ALPN eidetica/1. Datagrams
 * and the time come in by on_ calls, datagrams and one timer leave by the world's table, so that
 * the network thread (net.h) and a simulated network drive the same code. Connections and streams
 * are named by numbers that are never reused; calls on one that is gone answer NOT_FOUND.
 *
 * The network thread's; no lock. Callbacks may call any eid_endpoint_ function but never free the
 * endpoint; what must go is marked and swept at the end of the turn.
 * Source: RFC 9000, 9001, 7250; design/quic-notes.
 */
#ifndef EID_TRANSPORT_ENDPOINT_H
#define EID_TRANSPORT_ENDPOINT_H

#include "dag/clock.h"
#include "dag/random.h"
#include "transport/address.h"

#define EID_ALPN "eidetica/1"
#define EID_CONNECTIONS_MAX 1024u           /* ours and theirs together */
#define EID_STREAMS_PER_CONNECTION 256u     /* bidirectional ones a peer may have open */
#define EID_STREAM_SEND_MAX (1024u * 1024u) /* bytes that wait in one stream before FULL */
#define EID_STREAM_WINDOW (1024u * 1024u)   /* flow-control credit per stream */
#define EID_CONNECTION_WINDOW (8u * 1024u * 1024u)

typedef struct eid_endpoint eid_endpoint;

/* Why a connection ended; the number goes on the wire as application error code. */
typedef enum eid_close {
    EID_CLOSE_NONE = 0,          /* goodbye: all is well */
    EID_CLOSE_SHUTDOWN = 1,      /* the node stops */
    EID_CLOSE_PROTOCOL = 2,      /* a message broke the protocol */
    EID_CLOSE_DUPLICATE = 3,     /* another connection to the same node is kept */
    EID_CLOSE_BLOCKED = 4,       /* the peer is blocked here */
    EID_CLOSE_OVERLOAD = 5,      /* a limit of ours is reached */
    EID_CLOSE_IDLE = 100,        /* local: nothing was heard for too long */
    EID_CLOSE_UNREACHABLE = 101, /* local: no answer to the handshake */
    EID_CLOSE_WRONG_KEY = 102,   /* local: the peer is not the node that was dialled */
    EID_CLOSE_TLS = 103,         /* local: the handshake failed otherwise */
    EID_CLOSE_RESET = 104,       /* stateless reset: the peer forgot us */
} eid_close;
const char *eid_close_text(eid_close reason);

typedef struct eid_endpoint_world {
    void *self;
    uint64_t (*now_ns)(void *self); /* monotonic */
    /* Send `bytes` to `remote` from `local`, cut into datagrams of `segment` bytes (the last may be
     * shorter). OK, or AGAIN (bare) when the socket is full: eid_endpoint_on_writable() follows. */
    eid_status (*send)(void *self, const eid_netaddr *local, const eid_netaddr *remote,
                       eid_slice bytes, size_t segment);
    void (*timer_set)(void *self, uint64_t due_ns); /* moves the one timer; UINT64_MAX = none */
} eid_endpoint_world;

/* What happens on connections. Any may be NULL but on_closed. */
typedef struct eid_endpoint_events {
    void *self;
    /* The handshake is complete and the peer's key proven (for a dialled one also confirmed). */
    void (*on_connected)(void *self, uint64_t conn, const uint8_t peer[32], bool we_dialled,
                         const eid_netaddr *remote);
    /* The connection is gone, for each one that was dialled or connected, once. `text` is
     * printable. */
    void (*on_closed)(void *self, uint64_t conn, eid_close reason, const char *text);
    /* Bytes of a stream in order. A stream not seen before was opened by the peer. `fin`: no more.
     * Credit for the bytes is returned by eid_endpoint_consumed(). */
    void (*on_data)(void *self, uint64_t conn, int64_t stream, eid_slice bytes, bool fin);
    /* Room in a stream that had answered FULL. */
    void (*on_stream_writable)(void *self, uint64_t conn, int64_t stream);
    /* Both directions are over, or it was reset (`code` of the application, 0 = regular). Not
     * called for the streams of a connection that ends: on_closed says it for all. */
    void (*on_stream_closed)(void *self, uint64_t conn, int64_t stream, uint64_t code);
    /* The peer's address changed (NAT rebinding, migration). */
    void (*on_path)(void *self, uint64_t conn, const eid_netaddr *remote);
    /* A new peer asks in: false refuses it (blocked). */
    bool (*may_accept)(void *self, const uint8_t peer[32]);
} eid_endpoint_events;

typedef struct eid_endpoint_config {
    uint8_t seed[32];                /* the device key's; copied, wiped at the end */
    uint8_t node[32];                /* its public key */
    const eid_random *random;        /* NULL = the system's */
    uint64_t (*wall_ms)(void *self); /* for ticket ages; self = world.self; NULL = the system's */
    uint64_t idle_ns;                /* 0 = 30 s */
    uint64_t keep_alive_ns;          /* 0 = 10 s */
    uint64_t handshake_ns;           /* 0 = 10 s */
    size_t connections_max;          /* 0 = EID_CONNECTIONS_MAX */
    size_t retry_above;      /* half-open handshakes above which Retry is demanded; 0 = 64 */
    const char *keylog_path; /* NULL; debugging only, by an explicit option */
} eid_endpoint_config;

/* New: eid_endpoint_free(). Config and tables are copied. Errors: TLS, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_endpoint_new(const eid_endpoint_config *config,
                                           const eid_endpoint_world *world,
                                           const eid_endpoint_events *events, eid_endpoint **out);
/* Drop everything without a word; call eid_endpoint_shutdown() first to say goodbye. */
void eid_endpoint_free(eid_endpoint *endpoint);
/* Close all connections with a reason (packets are sent; on_closed is not called any more). */
void eid_endpoint_shutdown(eid_endpoint *endpoint, eid_close reason);

/* From the world. `segment` = size of each datagram in `bytes` (GRO), 0 = one datagram. */
void eid_endpoint_on_datagrams(eid_endpoint *endpoint, const eid_netaddr *local,
                               const eid_netaddr *remote, eid_slice bytes, size_t segment);
void eid_endpoint_on_timer(eid_endpoint *endpoint);
void eid_endpoint_on_writable(eid_endpoint *endpoint);
/* Send what calls since the last turn have queued; the driver calls it at the end of each turn. */
void eid_endpoint_flush(eid_endpoint *endpoint);

/* Dial `remote` and require that key there. The number is given at once; on_connected or on_closed
 * follows. Errors: OVERLOAD, NO_MEMORY, TLS. */
EID_MUST_CHECK eid_status eid_endpoint_dial(eid_endpoint *endpoint, const eid_netaddr *local,
                                            const eid_netaddr *remote, const uint8_t peer[32],
                                            uint64_t *conn);
/* Close with a reason; on_closed follows in this or the next turn. */
void eid_endpoint_close(eid_endpoint *endpoint, uint64_t conn, eid_close reason, const char *text);
/* Open a bidirectional stream of a connection that was reported. Errors: AGAIN (bare) when the
 * peer's limit is reached, until one of ours is closed; NOT_FOUND (bare); NO_MEMORY. */
EID_MUST_CHECK eid_status eid_endpoint_stream_open(eid_endpoint *endpoint, uint64_t conn,
                                                   int64_t *stream);
/* Queue bytes (copied) and perhaps the end. All or nothing: AGAIN (bare) when EID_STREAM_SEND_MAX
 * would be passed; on_stream_writable follows. NOT_FOUND bare if it is gone or its end was queued.
 * Errors: LIMIT for more than EID_STREAM_SEND_MAX at once, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_endpoint_stream_send(eid_endpoint *endpoint, uint64_t conn,
                                                   int64_t stream, eid_slice bytes, bool fin);
/* Bytes queued and not yet acknowledged. */
size_t eid_endpoint_stream_queued(eid_endpoint *endpoint, uint64_t conn, int64_t stream);
/* Return credit for bytes that on_data gave and the owner has dealt with. */
void eid_endpoint_consumed(eid_endpoint *endpoint, uint64_t conn, int64_t stream, size_t bytes);
/* Abort both directions with an application code. */
void eid_endpoint_stream_reset(eid_endpoint *endpoint, uint64_t conn, int64_t stream,
                               uint64_t code);
/* 32 bytes that only the two ends of this connection know, for proofs bound to it. NOT_FOUND bare.
 * The TLS library is built without the exporter of RFC 8446 §7.5; these come from the first traffic
 * secrets of both sides by HKDF-SHA256, which depend on the same master secret and transcript. */
EID_MUST_CHECK eid_status eid_endpoint_exporter(eid_endpoint *endpoint, uint64_t conn,
                                                const char *label, uint8_t out[32]);
/* The peer's address now; NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid_endpoint_remote(eid_endpoint *endpoint, uint64_t conn,
                                              eid_netaddr *out);

typedef struct eid_conn_stats {
    uint64_t bytes_sent, bytes_received, packets_lost, rtt_ns;
    bool is_resumed; /* the handshake went by a ticket */
} eid_conn_stats;
EID_MUST_CHECK eid_status eid_endpoint_stats(eid_endpoint *endpoint, uint64_t conn,
                                             eid_conn_stats *out);
/* UDP payload bytes of the endpoint's life, for reports. */
void eid_endpoint_totals(const eid_endpoint *endpoint, uint64_t *sent, uint64_t *received);
size_t eid_endpoint_connection_count(const eid_endpoint *endpoint);

#endif
