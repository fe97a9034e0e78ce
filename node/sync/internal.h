/* The engine's own structures: peers, links (connections), feeds (database streams), joins. Only
 * for node/sync/; who owns what: the engine owns peers, links and joins, a link its feeds. */
#ifndef EID_NODE_SYNC_INTERNAL_H
#define EID_NODE_SYNC_INTERNAL_H

#include "node/sync/engine.h"
#include "node/sync/message.h"

#define SYNC_SECOND 1000000000ull
#define SYNC_HELLO_NS (10 * SYNC_SECOND) /* a peer that says nothing for so long is closed */
#define SYNC_DIAL_NS (60 * SYNC_SECOND)  /* an attempt without any answer is given up */
#define SYNC_OPEN_NS (10 * SYNC_SECOND)  /* an open without answer */
#define SYNC_OPEN_DELAY_NS                                                                         \
    (SYNC_SECOND / 2)                    /* the side that was dialled lets the other open first */
#define SYNC_ACK_NS (SYNC_SECOND / 20)   /* at most 20 acknowledgements a second */
#define SYNC_CURSOR_NS (5 * SYNC_SECOND) /* a cursor is stored when it was quiet for so long */
#define SYNC_REOPEN_MIN_NS (10 * SYNC_SECOND)
#define SYNC_REOPEN_MAX_NS (600 * SYNC_SECOND)
#define SYNC_STALL_NS (SYNC_SECOND / 10)
#define SYNC_FRAMES_MAX (2u * EID_SYNC_MESSAGE_MAX)
/* Of a stream's first message, whose sender may have no rights; and of all that a peer has begun
 * and not ended. */
#define SYNC_OPEN_MAX (256u * 1024u)
#define SYNC_PARTIAL_MAX (64u * 1024u * 1024u)
#define SYNC_OUT_MAX (2u * EID_SYNC_MESSAGE_MAX)
#define SYNC_SEND_BYTES (256u * 1024u) /* given to a stream at once */
#define SYNC_WINDOW (512u * 1024u)     /* bytes that we keep queued in a stream */
#define SYNC_WANT_MAX 16384u           /* ids asked for, and to be answered, per feed */
#define SYNC_RECEIVED_MAX 65536u       /* ids remembered so as not to send them back */
#define SYNC_SCAN_ITEMS 512u
#define SYNC_RANGE_FAN 16u
#define SYNC_RANGE_IDS 32u
#define SYNC_PEERS_MAX 4096u
#define SYNC_JOINS_MAX 256u
#define SYNC_NEVER UINT64_MAX

typedef struct eid__peer eid__peer;
typedef struct eid__link eid__link;
typedef struct eid__feed eid__feed;
typedef struct eid__join eid__join;

/* Bytes of a stream until they are whole frames. */
typedef struct eid__frames {
    eid_buf bytes;
    size_t at; /* handled so far */
} eid__frames;

struct eid__peer {
    eid__peer *next;
    eid_quic_address address;
    bool blocked;
    eid_idset roots; /* databases in common */
    bool is_dialing;
    uint64_t attempt;
    uint64_t dial_due_ns; /* when to dial, or to give a dial up; SYNC_NEVER = not planned */
    uint64_t backoff_ns;
    eid__link *link; /* NULL = not connected */
    char error[160];
};

struct eid__link {
    eid__link *next;
    eid_sync *sync;
    eid__peer *peer;
    uint64_t conn;
    bool we_dialled;
    bool is_closed; /* swept at the end of the event */
    uint64_t since_ns;
    eid_netaddr remote;
    int64_t control; /* -1 = none yet */
    bool hello_sent, hello_got;
    eid__frames control_in;
    uint64_t open_due_ns; /* when to open the feeds that we want */
    size_t ingest_bytes;  /* received and not yet stored */
    eid__feed *feeds;
};

typedef enum eid__feed_state {
    FEED_NEW,     /* theirs, no open yet */
    FEED_OPENING, /* ours, no answer yet */
    FEED_WAITING, /* the other side sends first, then we know what it lacks */
    FEED_COMPARING,
    FEED_SENDING, /* the difference is known */
    FEED_LIVE,    /* our done is sent */
    FEED_REFUSED, /* kept for the next try and for people */
} eid__feed_state;

struct eid__feed {
    eid__feed *next;
    eid__link *link;
    eid_id root;
    int64_t stream; /* -1 = none (refused, waiting for the next try) */
    bool is_ours;   /* we opened it */
    bool is_closed; /* swept at the end of the event */
    eid__feed_state state;
    eid__frames in;
    size_t withheld; /* credit not yet returned */

    eid_sync_proof proofs[EID_MESSAGE_PROOFS_MAX]; /* of the peer */
    size_t proof_count;
    bool peer_may_read;
    bool got_done;
    bool in_sync;
    eid_idset peer_tips; /* as last told */
    uint64_t peer_count;
    eid_idset told; /* tips that we told last */

    eid_idset known; /* our tips up to which everything was queued */
    eid_order queue; /* what is to be sent, from queue_at on */
    size_t queue_at;
    bool is_scanning; /* sending everything, page by page */
    bool scan_begun;
    eid_order_item scan_after;
    eid_buf out;    /* frames that the stream had no room for */
    unsigned asked; /* ranges questions of ours without answer */

    size_t pending;  /* ingests under way */
    eid_buf stalled; /* an entries frame that the host had no room for */
    eid_visited *received;
    eid_visited *wanted;

    uint64_t due_ns;     /* of the state: answer, next try, stalled ingest */
    uint64_t ack_due_ns; /* SYNC_NEVER = none owed */
    uint64_t ack_sent_ns;
    uint64_t cursor_due_ns;
    uint64_t reopen_ns; /* pause before the next try; doubles */
    uint64_t sent, received_count, received_bytes;
    uint64_t last_sync_ms;
    char error[160];
};

typedef struct eid__ingest {
    uint64_t number;
    uint64_t conn;
    int64_t stream;
    size_t bytes;
    size_t entries;
} eid__ingest;

struct eid__join {
    eid__join *next;
    uint64_t number;
    eid_id root;
    eid_sync_join_events events;
    uint8_t nodes[EID_CANDIDATES_MAX_PER_NODE][32];
    bool failed[EID_CANDIDATES_MAX_PER_NODE];
    size_t count;
    eid_kind kind; /* of the last failure */
    char text[200];
};

struct eid_sync {
    eid_sync_net net;
    eid_sync_host host;
    bool is_running;
    eid__peer *peers;
    size_t peer_count;
    eid__link *links;
    eid__join *joins;
    size_t join_count;
    uint64_t next_number; /* of ingests and joins */
    eid__ingest *ingests; /* under way */
    size_t ingest_count, ingest_cap;
    unsigned depth;    /* of events that are being handled */
    uint64_t timer_ns; /* what the timer is set to */
};

static inline uint64_t eid__now(const eid_sync *sync)
{
    return sync->host.now_ns(sync->host.self);
}

/* frames.c */
void eid__frames_init(eid__frames *frames);
void eid__frames_fini(eid__frames *frames);
/* Take bytes; SYNC_MESSAGE if too many wait. */
eid_status eid__frames_feed(eid__frames *frames, eid_slice bytes);
/* The next whole body, lent until the next call; AGAIN bare; SYNC_MESSAGE for a length over the
 * limit. */
eid_status eid__frames_next(eid__frames *frames, eid_slice *body);

/* peer.c */
eid__peer *eid__peer_find(eid_sync *sync, const uint8_t node[32]);
/* Find or make; NULL = too many or no memory. */
eid__peer *eid__peer_ensure(eid_sync *sync, const uint8_t node[32]);
void eid__peer_free(eid__peer *peer);
/* Whether there is a reason to be connected. */
bool eid__peer_is_wanted(const eid_sync *sync, const eid__peer *peer);
/* Dial now if wanted and possible; joins are told if it cannot even be tried. */
void eid__peer_dial(eid_sync *sync, eid__peer *peer);
/* Plan the next dial after a failure or a lost connection. */
void eid__peer_back_off(eid_sync *sync, eid__peer *peer);
/* The peer has this database too: remember it. */
void eid__peer_relate(eid_sync *sync, eid__peer *peer, const eid_id *root);

/* link.c */
eid__link *eid__link_find(eid_sync *sync, uint64_t conn);
void eid__link_free(eid__link *link);
/* Close with a reason; feeds end, the peer backs off. */
void eid__link_close(eid__link *link, eid_close reason, const char *text);
void eid__link_on_control(eid__link *link, eid_slice bytes, bool fin);
/* Open feeds for every database that we want from this peer and have none for. */
void eid__link_open_feeds(eid__link *link);
void eid__link_on_timer(eid__link *link, uint64_t now);
uint64_t eid__link_due(const eid__link *link);

/* feed.c */
eid__feed *eid__feed_new(eid__link *link, int64_t stream, bool is_ours);
void eid__feed_free(eid__feed *feed);
eid__feed *eid__feed_find(eid__link *link, int64_t stream);
eid__feed *eid__feed_of_root(eid__link *link, const eid_id *root);
void eid__feed_open(eid__link *link, const eid_id *root);
void eid__feed_on_data(eid__feed *feed, eid_slice bytes, bool fin);
void eid__feed_on_timer(eid__feed *feed, uint64_t now);
uint64_t eid__feed_due(const eid__feed *feed);
/* End: reset the stream with a code, say why to people; retried later if it is ours. */
void eid__feed_fail(eid__feed *feed, eid_message_code code, const char *text);
/* End without a word. */
void eid__feed_drop(eid__feed *feed);
/* Put a message into the stream (or the out buffer). */
void eid__feed_send(eid__feed *feed, const eid_message *message);
/* Send what waits in `out`; false when there is no room. */
bool eid__feed_flush(eid__feed *feed);

/* feed_open.c: how a feed begins */
void eid__feed_on_open(eid__feed *feed, eid_message *message);
void eid__feed_on_accept(eid__feed *feed, eid_message *message);
void eid__feed_on_refuse(eid__feed *feed, const eid_message *message);

/* Add those of `ids` that are visible here to `out`. */
eid_status eid__feed_keep_held(eid__feed *feed, const eid_idset *ids, eid_idset *out, size_t *held);

/* feed_send.c: what we owe the peer */
/* Begin to send what is not in the past of `base` (empty: everything), then done. */
void eid__feed_begin(eid__feed *feed, eid_ids base);
/* Queue what became visible since, and send as much as fits. */
void eid__feed_push(eid__feed *feed);
void eid__feed_pump(eid__feed *feed);
void eid__feed_queue(eid__feed *feed, const eid_order_item *item);
/* If everything is sent: done; look whether both are equal. */
void eid__feed_settle(eid__feed *feed);
void eid__feed_on_want(eid__feed *feed, const eid_message *message);
void eid__feed_send_ack(eid__feed *feed);
/* Compare tips, keep the flag and the cursor. */
void eid__feed_note_sync(eid__feed *feed);
/* Look again whether the peer may read (settings changed). */
void eid__feed_recheck(eid__feed *feed);

/* feed_receive.c: what the peer sends */
void eid__feed_on_entries(eid__feed *feed, const eid_message *message, eid_slice frame);
void eid__feed_on_done(eid__feed *feed, eid_message *message);
void eid__feed_on_ack(eid__feed *feed, eid_message *message);
void eid__feed_on_ingested(eid__feed *feed, const eid_sync_ingested *result);
/* Try the stalled frame again, return credit. */
void eid__feed_resume(eid__feed *feed);

/* feed_ranges.c: finding the difference */
void eid__feed_compare(eid__feed *feed);
void eid__feed_on_ranges(eid__feed *feed, const eid_message *message);

/* join.c */
void eid__join_review(eid_sync *sync);
void eid__join_failed(eid_sync *sync, const uint8_t node[32], const eid_id *root, eid_kind kind,
                      const char *text);
bool eid__join_wants(const eid_sync *sync, const uint8_t node[32], const eid_id *root);
void eid__join_progress(eid__feed *feed);

/* engine.c */
/* Around every event: at the outermost leave, what is closed is freed and the timer set. */
void eid__sync_enter(eid_sync *sync);
void eid__sync_leave(eid_sync *sync);
eid__ingest *eid__ingest_add(eid_sync *sync, eid__feed *feed, size_t bytes, size_t entries);

#endif
