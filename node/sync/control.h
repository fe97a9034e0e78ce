/* Control: the sync calls of an instance as methods with JSON arguments, for seam.control: the
 * public API calls them in process, the daemon's socket from outside. This is their list.
 *
 * | method       | arguments                                              | result |
 * |--------------|--------------------------------------------------------|--------|
 * | sync.share   | root, key, proof (base64), name                        | {"ticket":T}: marks the
 * database shared, keeps the proof | | sync.unshare | root | {} | | sync.join    | ticket, key,
 * proof, timeout_ms                         | {"root":R,"entries":n,"bytes":n}; progress
 * {"entries":n,"total":n,"bytes":n} | | sync.status  | root? |
 * {"node":ID,"listen":[…],"databases":[{root,name,shared,peers:[{peer,phase,in_sync,to_send,to_receive,last_sync,error}]}]}
 * | | sync.now     | root?                                                  | {} | | sync.wait    |
 * root?, timeout_ms                                      | {"in_sync":true}; kind SYNC_BEHIND names
 * what is missing | | peer.list    |                                                        |
 * {"peers":[{peer,node,addresses,status,connected,rtt_ms,first_seen,last_seen}]} | | net.info     |
 * | {"node":ID,"listen":[…],"bytes_sent":n,"bytes_received":n} |
 *
 * Roots and keys are texts. Errors are statuses with kinds SYNC_*, TICKET, CONNECT, PEER_KEY.
 */
#ifndef EID_NODE_SYNC_CONTROL_H
#define EID_NODE_SYNC_CONTROL_H

#include "node/db/engine.h"

typedef struct eid_sync_service eid_sync_service;

typedef struct eid_sync_config {
    const char *const
        *listen; /* "ADDR:PORT" texts; NULL/0 = the port of last time, else any free one */
    size_t listen_count;
    const eid_key *device;
    eid_id sync_database; /* `_sync` */
    const char *keylog_path;
} eid_sync_config;

/* Start the network thread and the engine for an instance, and answer its seam.control. New:
 * eid_sync_service_stop(). Errors: LISTEN, TLS, … */
EID_MUST_CHECK eid_status eid_sync_service_start(eid_engine *engine, const eid_sync_config *config,
                                                 eid_sync_service **out);
/* Say goodbye, store cursors, join the thread. NULL does nothing. */
void eid_sync_service_stop(eid_sync_service *service);
/* Listening addresses as texts; lent. */
size_t eid_sync_service_listen_count(const eid_sync_service *service);
const char *eid_sync_service_listen(const eid_sync_service *service, size_t i);

#endif
