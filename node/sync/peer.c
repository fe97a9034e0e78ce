/* Peers are few and looked up rarely, so a list. A peer is dialled while there is a reason to (a
 * database in common, a join), with a pause that doubles up to a minute and is spread by chance,
 * and never given up. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

eid__peer *eid__peer_find(eid_sync *sync, const uint8_t node[32])
{
    for (eid__peer *peer = sync->peers; peer; peer = peer->next) {
        if (memcmp(peer->address.node, node, EID_NODE_ID_BYTES) == 0) return peer;
    }
    return NULL;
}

eid__peer *eid__peer_ensure(eid_sync *sync, const uint8_t node[32])
{
    eid__peer *peer = eid__peer_find(sync, node);

    if (peer || sync->peer_count >= SYNC_PEERS_MAX) return peer;
    peer = eid_alloc(sizeof *peer);
    if (!peer) return NULL;
    memcpy(peer->address.node, node, EID_NODE_ID_BYTES);
    peer->dial_due_ns = SYNC_NEVER;
    peer->next = sync->peers;
    sync->peers = peer;
    sync->peer_count++;
    return peer;
}

void eid__peer_free(eid__peer *peer)
{
    eid_idset_fini(&peer->roots);
    eid_free(peer);
}

bool eid__peer_is_wanted(const eid_sync *sync, const eid__peer *peer)
{
    if (peer->blocked || peer->address.count == 0) return false;
    if (memcmp(peer->address.node, sync->host.device, EID_NODE_ID_BYTES) == 0) return false;
    return peer->roots.count > 0 || eid__join_wants(sync, peer->address.node, NULL);
}

void eid__peer_dial(eid_sync *sync, eid__peer *peer)
{
    if (peer->is_dialing && eid__now(sync) >= peer->dial_due_ns) {
        eid__peer_back_off(sync, peer); /* whoever dials has lost it */
        return;
    }
    if (peer->is_dialing) return;
    eid_status status;

    peer->dial_due_ns = SYNC_NEVER;
    if (!sync->is_running || peer->link || !eid__peer_is_wanted(sync, peer)) return;
    status = sync->net.dial(sync->net.self, &peer->address, &peer->attempt);
    if (status != EID_OK) {
        snprintf(peer->error, sizeof peer->error, "%s", eid_status_detail(status).text);
        eid__join_failed(sync, peer->address.node, NULL, EID_KIND_CONNECT, peer->error);
        eid__peer_back_off(sync, peer);
        return;
    }
    peer->is_dialing = true;
    peer->dial_due_ns = eid__now(sync) + SYNC_DIAL_NS;
}

void eid__peer_back_off(eid_sync *sync, eid__peer *peer)
{
    uint64_t pause = peer->backoff_ns ? peer->backoff_ns : EID_SYNC_BACKOFF_MIN_NS;
    uint64_t jitter = eid_random_u64(sync->host.random) % (pause / 2 + 1);

    peer->is_dialing = false;
    peer->backoff_ns = pause > EID_SYNC_BACKOFF_MAX_NS / 2 ? EID_SYNC_BACKOFF_MAX_NS : pause * 2;
    peer->dial_due_ns =
        eid__peer_is_wanted(sync, peer) ? eid__now(sync) + pause - pause / 4 + jitter : SYNC_NEVER;
}

void eid__peer_relate(eid_sync *sync, eid__peer *peer, const eid_id *root)
{
    if (!eid_idset_has(&peer->roots, root) && eid_idset_add(&peer->roots, root) != EID_OK) {
        eid_log_warn("sync.relate", "error=no-memory");
        return;
    }
    sync->host.remember(sync->host.self, &peer->address, root);
}
