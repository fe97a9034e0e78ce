/* Network: the engine in production: one network thread, dialling with all of a peer's addresses at
 * once, entries through the intake, peers in the book. The other half of control.c, which is its
 * only user. */
#ifndef EID_NODE_SYNC_NETWORK_H
#define EID_NODE_SYNC_NETWORK_H

#include <pthread.h>

#include "node/sync/book.h"
#include "node/sync/control.h"
#include "node/sync/engine.h"
#include "node/sync/intake.h"
#include "node/sync/source.h"
#include "transport/net.h"

typedef struct eid__dial eid__dial;

struct eid_sync_service {
    eid_engine *engine;
    const eid_seam *seam;
    eid_key device; /* wiped at the end */
    eid_net *net;
    eid_sync *sync;
    eid_sync_source *source;
    eid_book *book;
    eid_intake *intake;
    eid__dial *dials; /* under way; the network thread's */
    uint64_t next_attempt;
    char (*listens)[64];
    size_t listen_count;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    eid_idset written; /* databases with news that the network thread has not seen */
    bool stops;        /* waits end */
    uint64_t changes;  /* counts what might end a wait */
};

extern const eid_sync_net eid__network_net; /* network_tables.c; self is the service */
extern const eid_sync_host eid__network_host;

/* Set up sockets, thread, engine. Errors: LISTEN, TLS, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__network_start(eid_sync_service *service,
                                             const eid_sync_config *config);
void eid__network_stop(eid_sync_service *service);
/* Our own hint: what we listen on, seen from outside as far as we know. */
void eid__network_addresses(const eid_sync_service *service, eid_quic_address *out);
/* Something changed that a waiter may wait for. Any thread. */
void eid__network_signal(eid_sync_service *service);
/* Proofs of our users' keys for a database, as stored by sync.share and sync.join. */
size_t eid__network_proofs(const eid_sync_service *service, const eid_id *root, eid_sync_proof *out,
                           size_t max);
EID_MUST_CHECK eid_status eid__network_add_proof(const eid_sync_service *service,
                                                 const eid_id *root, const eid_sync_proof *proof);

/* dial.c: one attempt = all addresses of one peer; the first connection wins. */
eid_status eid__dial_start(eid_sync_service *service, const eid_quic_address *address,
                           uint64_t *attempt);
/* The connection belongs to an attempt: true; the attempt is over, the others are closed. */
bool eid__dial_connected(eid_sync_service *service, uint64_t conn);
/* A connection of an attempt ended: true; when none is left the engine is told. */
bool eid__dial_closed(eid_sync_service *service, uint64_t conn, eid_close reason, const char *text);
void eid__dial_free_all(eid_sync_service *service);

#endif
