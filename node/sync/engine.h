/* Sync engine: decides what to say to which peer about which database. Sans-I/O.
 *
 * Events come in by on_ calls (a connection, bytes of a stream, the timer, a local write, the end
 * of an ingest); effects leave by two tables: eid_sync_net (connections and streams) and
 * eid_sync_host (entries, policies, what to remember). The network thread drives it in production,
 * tests/sim in a simulation; there is no second implementation. The wire is PROTOCOL.md beside this
 * file.
 *
 * One thread; no lock. Bounds: EID_SYNC_* below; a peer cannot make it hold more.
 * Not here: sockets and threads (network.h), messages (message.h), `_sync` records (peers.h).
 */
#ifndef EID_NODE_SYNC_ENGINE_H
#define EID_NODE_SYNC_ENGINE_H

#include "auth/key.h"
#include "dag/clock.h"
#include "dag/graph.h"
#include "dag/random.h"
#include "transport/address.h"
#include "transport/endpoint.h"

#define EID_SYNC_MESSAGE_MAX (4u * 1024u * 1024u)
#define EID_SYNC_BATCH_BYTES (256u * 1024u) /* entries are sent in messages of about this size */
#define EID_SYNC_INGEST_BYTES (4u * 1024u * 1024u) /* received and not yet stored, per peer */
#define EID_SYNC_ORPHAN_BYTES (16u * 1024u * 1024u)
#define EID_SYNC_DATABASES_MAX                                                                     \
    4096u /* streams per connection are fewer; the rest wait their turn */
#define EID_SYNC_TIPS_MAX 1024u
#define EID_SYNC_BACKOFF_MIN_NS 500000000ull
#define EID_SYNC_BACKOFF_MAX_NS 60000000000ull

/* A proof that a device may sync a database for one of its keys: that key's signature over
 * "eidetica/1 device-proof" ‖ root id bytes ‖ device public key. TLS proves the device. */
typedef struct eid_sync_proof {
    eid_pubkey key;
    uint8_t signature[64];
} eid_sync_proof;
/* The bytes that are signed. */
void eid_sync_proof_message(const eid_id *root, const uint8_t device[32], eid_buf *out);

/* Connections and streams; as transport/endpoint.h, which implements it in production. */
typedef struct eid_sync_net {
    void *self;
    /* Dial a node at any of its addresses; on_connected or on_dial_failed follows. */
    eid_status (*dial)(void *self, const eid_quic_address *address, uint64_t *attempt);
    void (*close)(void *self, uint64_t conn, eid_close reason, const char *text);
    eid_status (*stream_open)(void *self, uint64_t conn, int64_t *stream);
    eid_status (*stream_send)(void *self, uint64_t conn, int64_t stream, eid_slice bytes, bool fin);
    size_t (*stream_queued)(void *self, uint64_t conn, int64_t stream);
    void (*stream_consumed)(void *self, uint64_t conn, int64_t stream, size_t bytes);
    void (*stream_reset)(void *self, uint64_t conn, int64_t stream, uint64_t code);
    void (*timer_set)(void *self, uint64_t due_ns); /* moves the one timer; UINT64_MAX = none */
} eid_sync_net;

/* The databases and what is remembered of peers. Calls are quick (index reads) but ingest, which
 * answers later by eid_sync_on_ingested() with the same ticket number. */
typedef struct eid_sync_host {
    void *self;
    uint64_t (*now_ns)(void *self);
    uint64_t (*wall_ms)(void *self);
    const eid_random *random;
    uint8_t device[32];
    /* Our own listening addresses for hello: filled into `out`, at most 8 candidates. */
    void (*addresses)(void *self, eid_quic_address *out);

    /* Is this database served to a peer with these proofs? true = shared, held, and (public, or a
     * proof's key may read and its signature holds). The answer for unknown ones must cost about
     * the same. */
    bool (*may_read)(void *self, const eid_id *root, const uint8_t device[32],
                     const eid_sync_proof *proofs, size_t count);
    /* Our own proofs for a database, at most `max`. */
    size_t (*proofs)(void *self, const eid_id *root, eid_sync_proof *out, size_t max);
    /* Visible tips and number of visible entries; a database not held has none. */
    eid_status (*tips)(void *self, const eid_id *root, eid_idset *tips, uint64_t *count);
    /* Which of these ids are held and visible: flags[i]. */
    eid_status (*held)(void *self, const eid_id *root, eid_ids ids, bool *flags);
    /* Visible entries that are not ancestors-or-equal of `have` (all of which are held), (height,
     * id) order. */
    eid_status (*missing)(void *self, const eid_id *root, eid_ids have, eid_order *out);
    /* Visible entries in order after an item (NULL = from the first), at most `max`. */
    eid_status (*scan)(void *self, const eid_id *root, const eid_order_item *after, size_t max,
                       eid_order *out);
    /* Count and sum of ids (mod 2^256, of the 32-byte digests, big-endian) of visible entries in
     * [low, high) of the (height, id) order; NULL = open end. */
    eid_status (*fingerprint)(void *self, const eid_id *root, const eid_order_item *low,
                              const eid_order_item *high, uint64_t *count, uint8_t sum[32]);
    /* The item that `rank` visible items precede in [low, high): where to split. */
    eid_status (*item_at)(void *self, const eid_id *root, const eid_order_item *low,
                          const eid_order_item *high, uint64_t rank, eid_order_item *out);
    /* Exact bytes of an entry, appended to `out`. NOT_FOUND bare. */
    eid_status (*bytes)(void *self, const eid_id *root, const eid_id *id, eid_buf *out);
    /* Store received entries (bytes are copied or consumed during the call; `number` comes back
     * with eid_sync_on_ingested()). FULL: too much is under way; the engine stops reading. */
    eid_status (*ingest)(void *self, const eid_id *root, const eid_slice *entries, size_t count,
                         uint64_t number);

    /* What is remembered: the databases a peer and we have in common, peers with their addresses,
     * cursors. Called at start and when told that something changed (eid_sync_on_peers_changed()).
     */
    eid_status (*peers)(void *self,
                        void (*fn)(void *arg, const eid_quic_address *address, bool blocked,
                                   const eid_id *roots, size_t root_count),
                        void *arg);
    /* Remember an address of a peer (from hello or a successful dial), and that it has a database.
     */
    void (*remember)(void *self, const eid_quic_address *address, const eid_id *root);
    /* Cursor: tips that both sides are known to have. Load answers NOT_FOUND bare. */
    eid_status (*cursor_load)(void *self, const uint8_t peer[32], const eid_id *root,
                              eid_idset *out);
    void (*cursor_store)(void *self, const uint8_t peer[32], const eid_id *root, eid_ids tips);
    /* Something to show: state of a (peer, database) changed. Optional. */
    void (*changed)(void *self, const uint8_t peer[32], const eid_id *root);
} eid_sync_host;

typedef struct eid_sync eid_sync;

/* New: eid_sync_free(). The tables are copied. */
EID_MUST_CHECK eid_status eid_sync_new(const eid_sync_net *net, const eid_sync_host *host,
                                       eid_sync **out);
void eid_sync_free(eid_sync *sync);
/* Load peers and begin to dial. */
EID_MUST_CHECK eid_status eid_sync_start(eid_sync *sync);
/* Say goodbye, store cursors, dial no more. */
void eid_sync_stop(eid_sync *sync);

void eid_sync_on_connected(eid_sync *sync, uint64_t conn, const uint8_t peer[32], bool we_dialled,
                           const eid_netaddr *remote);
void eid_sync_on_dial_failed(eid_sync *sync, uint64_t attempt, eid_close reason, const char *text);
void eid_sync_on_closed(eid_sync *sync, uint64_t conn, eid_close reason, const char *text);
void eid_sync_on_data(eid_sync *sync, uint64_t conn, int64_t stream, eid_slice bytes, bool fin);
void eid_sync_on_stream_writable(eid_sync *sync, uint64_t conn, int64_t stream);
void eid_sync_on_stream_closed(eid_sync *sync, uint64_t conn, int64_t stream, uint64_t code);
void eid_sync_on_timer(eid_sync *sync);
/* Entries became visible in a database (local commit, import, or another peer's). */
void eid_sync_on_write(eid_sync *sync, const eid_id *root);
/* The end of host.ingest. `failed` entries were judged invalid, `missing` parents are not held. */
typedef struct eid_sync_ingested {
    uint64_t stored, verified, failed, malformed;
    eid_ids missing;
    eid_status status; /* of the whole batch: a disk that is full stops the stream, not the node */
} eid_sync_ingested;
void eid_sync_on_ingested(eid_sync *sync, uint64_t number, const eid_sync_ingested *result);
/* Peers, relations, proofs or sharing changed: look again. */
void eid_sync_on_peers_changed(eid_sync *sync);

/* Join: fetch a database from a peer. Progress and the end are told once; `total` 0 = not known
 * yet. */
typedef struct eid_sync_join_events {
    void *self;
    void (*progress)(void *self, uint64_t entries, uint64_t total, uint64_t bytes);
    void (*done)(void *self, eid_kind kind, const char *text); /* KIND_NONE = joined */
} eid_sync_join_events;
EID_MUST_CHECK eid_status eid_sync_join(eid_sync *sync, const eid_quic_address *addresses,
                                        size_t count, const eid_id *root,
                                        const eid_sync_join_events *events, uint64_t *join);
void eid_sync_join_cancel(eid_sync *sync, uint64_t join);
/* Dial all peers of a database (NULL = all) now, without backoff. */
void eid_sync_now(eid_sync *sync, const eid_id *root);

/* State of one (peer, database). */
typedef enum eid_sync_phase {
    EID_SYNC_OFFLINE,   /* no connection */
    EID_SYNC_OPENING,   /* asked, no answer yet */
    EID_SYNC_COMPARING, /* finding the difference */
    EID_SYNC_STREAMING, /* sending or receiving it */
    EID_SYNC_LIVE,      /* equal, pushing */
    EID_SYNC_REFUSED,   /* the peer does not serve it to us */
} eid_sync_phase;
typedef struct eid_sync_view {
    uint8_t peer[32];
    eid_id root; /* empty: the peer alone */
    eid_sync_phase phase;
    bool in_sync; /* both sides have said that their tips are equal, and they still are here */
    uint64_t to_send, to_receive; /* entries known to be missing there and here; may be estimates */
    uint64_t sent, received;      /* entries of this connection */
    uint64_t last_sync_ms;        /* wall clock; 0 = never */
    char error[160];              /* the last one; "" = none */
    eid_netaddr remote;
    uint64_t rtt_ns;
} eid_sync_view;
/* Give the state of every (peer, database). */
void eid_sync_views(eid_sync *sync, void (*fn)(void *self, const eid_sync_view *view), void *self);
const char *eid_sync_phase_name(eid_sync_phase phase);

#endif
