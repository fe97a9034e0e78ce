/* What the files of this folder share and nobody else sees: readers of addresses, and the parts of
 * an endpoint: its connections and their streams.
 *
 * Nothing is freed while ngtcp2 is on the stack. A connection or a stream that has ended is put on
 * a list, and eid_endpoint_flush() sweeps it. */
#ifndef EID_TRANSPORT_INTERNAL_H
#define EID_TRANSPORT_INTERNAL_H

#include <sys/queue.h>
#include <sys/socket.h>

#include "transport/cidmap.h"
#include "transport/endpoint.h"
#include "transport/sendq.h"
#include "transport/timers.h"
#include "transport/tls.h"

/* --- addresses (netaddr.c) --- */

/* 1 to 5 digits, at most 65535. */
bool eid__port_parse(eid_slice text, uint16_t *out);
/* Split at the last colon; brackets around the host are taken off. False if there is no host. */
bool eid__host_port_split(eid_slice text, eid_slice *host, eid_slice *port, bool *is_bracketed);
/* A numeric host without brackets; the port is set to 0. */
bool eid__ip_parse(eid_slice text, bool is_v6, eid_netaddr *out);
/* To and from the system's form; a family that is neither IPv4 nor IPv6 gives family 0. */
socklen_t eid__netaddr_to_system(const eid_netaddr *addr, struct sockaddr_storage *out);
eid_netaddr eid__netaddr_from_system(const struct sockaddr *addr);

/* --- connections --- */

#define EID__CID_BYTES 16u   /* of ours */
#define EID__TOKEN_BYTES 16u /* of a stateless reset */
#define EID__CIDS_MAX 32u    /* of ours alive for one connection; ngtcp2 keeps 8 and retired ones */
#define EID__CLOSE_TEXT_MAX 160u  /* bytes of a reason */
#define EID__PACKET_MAX 1452u     /* Ethernet less IPv6 and UDP headers */
#define EID__BURST_MAX 65000u     /* bytes handed to the system at once (GSO); IPv4 ends at 65507 */
#define EID__TURN_BURSTS_MAX 128u /* bursts a turn, so that receiving has its turn too */

typedef enum eid__conn_state {
    EID__CONN_HANDSHAKE, /* its owner has not been told that it is connected */
    EID__CONN_OPEN,
    EID__CONN_CLOSING,  /* we said why; what still comes is answered by the same again */
    EID__CONN_DRAINING, /* they said why */
    EID__CONN_GONE,     /* to be swept */
} eid__conn_state;

typedef struct eid__cid {
    uint8_t len;
    uint8_t bytes[EID__CID_MAX];
} eid__cid;

typedef struct eid__stream {
    struct eid__conn *conn;
    int64_t id;
    eid__sendq sendq;
    bool is_fin_queued, is_fin_sent;
    bool is_ready;                 /* in conn->ready: has something that flow control lets go */
    bool is_blocked;               /* until the peer gives more credit */
    bool wants_room;               /* answered AGAIN */
    bool is_closed;                /* in endpoint->dead_streams */
    size_t unconsumed;             /* bytes given to the owner whose credit it has not returned */
    TAILQ_ENTRY(eid__stream) link; /* of conn->streams or endpoint->dead_streams */
    TAILQ_ENTRY(eid__stream) ready_link; /* of conn->ready */
} eid__stream;

TAILQ_HEAD(eid__streams, eid__stream);

typedef struct eid__conn {
    eid_endpoint *endpoint;
    uint64_t number;
    eid__conn_state state;
    struct ngtcp2_conn *quic;
    eid__tls_session *tls;
    bool is_client;
    bool is_half_open; /* counted: a peer that has not shown who it is */
    bool is_known;     /* dialled or reported: the owner is told of its end */
    bool is_dirty;     /* in endpoint->dirty */
    bool is_reset;     /* a stateless reset came */
    bool is_close_asked;
    eid_close reason;
    char text[EID__CLOSE_TEXT_MAX];
    eid_netaddr local, remote;
    uint8_t peer[32];
    eid__timer timer;
    struct eid__streams streams, ready;
    uint8_t *last_words; /* the packet that said why, while closing */
    size_t last_words_len;
    unsigned heard; /* packets since then */
    size_t cid_count, token_count;
    eid__cid cids[EID__CIDS_MAX];      /* in endpoint->cids */
    eid__cid tokens[EID__CIDS_MAX];    /* in endpoint->tokens */
    TAILQ_ENTRY(eid__conn) link;       /* of endpoint->conns */
    TAILQ_ENTRY(eid__conn) dirty_link; /* of endpoint->dirty */
} eid__conn;

TAILQ_HEAD(eid__conns, eid__conn);

struct eid_endpoint {
    eid_endpoint_config config;
    eid_endpoint_world world;
    eid_endpoint_events events;
    eid__tls tls;
    eid__cidmap cids;    /* connection id -> connection */
    eid__cidmap tokens;  /* reset token of a peer -> connection */
    eid__cidmap numbers; /* number, big-endian -> connection */
    eid__timers timers;
    struct eid__conns conns, dirty;
    struct eid__streams dead_streams;
    size_t conn_count, half_open_count, gone_count;
    uint64_t next_number;
    bool is_in_turn;       /* ngtcp2 or a sweep is on the stack */
    uint64_t timer_due_ns; /* what the world was told */
    uint64_t answers_ns;   /* when the budget of answers to strangers is full again */
    uint64_t bytes_sent, bytes_received;
    /* A burst that the socket did not take; nothing is sent before it. */
    size_t held_len, held_segment;
    eid_netaddr held_local, held_remote;
    uint8_t burst[EID__BURST_MAX];
};

static inline uint64_t eid__now_ns(const eid_endpoint *endpoint)
{
    return endpoint->world.now_ns(endpoint->world.self);
}
static inline void eid__random_fill(const eid_endpoint *endpoint, uint8_t *out, size_t len)
{
    endpoint->config.random->fill(endpoint->config.random->self, out, len);
}

/* conn.c: what a connection is made of. */
typedef struct eid__conn_origin { /* how a peer came to us */
    const void *header;           /* its first packet, an ngtcp2_pkt_hd */
    const void *retry_odcid;      /* the ngtcp2_cid it began with, if it comes back after a Retry */
} eid__conn_origin;

/* Dial if `origin` is NULL (then `peer` is required), else accept. Lent by the endpoint; freed by
 * its sweep. Errors: OVERLOAD, NO_MEMORY, TLS. */
EID_MUST_CHECK eid_status eid__conn_new(eid_endpoint *endpoint, const eid_netaddr *local,
                                        const eid_netaddr *remote, const uint8_t *peer,
                                        const eid__conn_origin *origin, eid__conn **out);
void eid__conn_free(eid__conn *conn);
/* The living connection of a number, else NULL. */
eid__conn *eid__conn_find(const eid_endpoint *endpoint, uint64_t number);
/* It has something to do in the next flush. */
void eid__conn_mark(eid__conn *conn);
/* Change the state; to be counted in one place. */
void eid__conn_move(eid__conn *conn, eid__conn_state state);
/* The peer has proven its key: it counts no longer among strangers. */
void eid__conn_not_half_open(eid__conn *conn);
/* Keep one of our ids, or a reset token, so that packets with it find the connection. */
EID_MUST_CHECK eid_status eid__conn_add_cid(eid__conn *conn, eid_slice cid);
void eid__conn_remove_cid(eid__conn *conn, eid_slice cid);
void eid__conn_add_token(eid__conn *conn, eid_slice token);
void eid__conn_remove_token(eid__conn *conn, eid_slice token);

/* conn_events.c: what ngtcp2 tells us; gives an ngtcp2_callbacks. */
const void *eid__conn_callbacks(void);

/* conn_io.c: packets in and out. */
void eid__conn_read(eid__conn *conn, const eid_netaddr *local, const eid_netaddr *remote,
                    eid_slice packet);
void eid__conn_expire(eid__conn *conn);
/* Write one burst; true if there may be more. */
bool eid__conn_write(eid__conn *conn);
void eid__conn_set_timer(eid__conn *conn);

/* conn_close.c: ends of connections. */
/* ngtcp2 gave an error: say so to the peer where it helps, and to the owner. */
void eid__conn_fail(eid__conn *conn, int error);
/* Do what eid_endpoint_close() asked. */
void eid__conn_close(eid__conn *conn);
/* A packet came for one that is closing. */
void eid__conn_repeat_close(eid__conn *conn);

/* accept.c: a datagram of nobody we know. */
void eid__accept(eid_endpoint *endpoint, const eid_netaddr *local, const eid_netaddr *remote,
                 eid_slice packet);

/* endpoint.c: send or hold; false = the socket is full and the burst is held. */
bool eid__endpoint_send(eid_endpoint *endpoint, const eid_netaddr *local, const eid_netaddr *remote,
                        size_t len, size_t segment);
/* Send a single packet that may as well be lost. */
void eid__endpoint_send_loose(eid_endpoint *endpoint, const eid_netaddr *local,
                              const eid_netaddr *remote, eid_slice packet);

/* stream.c */
EID_MUST_CHECK eid_status eid__stream_new(eid__conn *conn, int64_t id, eid__stream **out);
/* Put among those with something to send, if it has and may. */
void eid__stream_ready(eid__stream *stream);
void eid__stream_unready(eid__stream *stream);
/* It is over: to the dead ones, its credit returned to the connection. */
void eid__stream_end(eid__stream *stream);
void eid__stream_free(eid__stream *stream);

#endif
