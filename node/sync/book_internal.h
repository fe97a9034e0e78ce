/* The book's own structures, for book.c (memory, keeper) and book_records.c (`_sync`). */
#ifndef EID_NODE_SYNC_BOOK_INTERNAL_H
#define EID_NODE_SYNC_BOOK_INTERNAL_H

#include <pthread.h>

#include "node/sync/book.h"

#define BOOK_PEERS "peers"
#define BOOK_TREES "trees"
#define BOOK_STATE "sync_state"

typedef struct eid__book_peer {
    eid_quic_address address;
    bool blocked;
    bool is_dirty;
    uint64_t first_seen_ms, last_seen_ms;
    eid_idset roots;
    bool roots_dirty;
} eid__book_peer;

typedef struct eid__book_cursor {
    uint8_t node[32];
    eid_id root;
    eid_idset tips;
    uint64_t time_ms;
    bool is_dirty;
} eid__book_cursor;

struct eid_book {
    const eid_seam *seam;
    const eid_key *device;
    eid_id root;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stops, is_dirty;
    eid__book_peer **peers;
    size_t peer_count, peer_cap;
    eid__book_cursor **cursors;
    size_t cursor_count, cursor_cap;
};

/* Under the lock, or before the thread runs. */
eid__book_peer *eid__book_find(eid_book *book, const uint8_t node[32]);
eid__book_peer *eid__book_ensure(eid_book *book, const uint8_t node[32]);
eid__book_cursor *eid__book_ensure_cursor(eid_book *book, const uint8_t node[32],
                                          const eid_id *root);

/* Read everything from `_sync`. */
eid_status eid__book_load(eid_book *book);
/* Stage all that is dirty into a transaction and mark it clean; the lock is held. *any tells
 * whether there was something. */
eid_status eid__book_stage(eid_book *book, eid_txn *txn, bool *any);

#endif
