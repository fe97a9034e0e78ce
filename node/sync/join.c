/* A join waits for one of the nodes of a ticket to have given a whole database. It fails when each
 * of them has failed; what was received stays. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"

static void join_end(eid_sync *sync, eid__join *join, eid_kind kind, const char *text)
{
    eid__join **at = &sync->joins;

    while (*at != join) at = &(*at)->next;
    *at = join->next;
    sync->join_count--;
    join->events.done(join->events.self, kind, text);
    eid_free(join);
}

static bool join_has_node(const eid__join *join, const uint8_t node[32], size_t *at)
{
    for (size_t i = 0; i < join->count; i++) {
        if (memcmp(join->nodes[i], node, 32) != 0) continue;
        *at = i;
        return true;
    }
    return false;
}

bool eid__join_wants(const eid_sync *sync, const uint8_t node[32], const eid_id *root)
{
    size_t at;

    for (const eid__join *join = sync->joins; join; join = join->next) {
        if (root && !eid_id_equal(&join->root, root)) continue;
        if (join_has_node(join, node, &at) && !join->failed[at]) return true;
    }
    return false;
}

void eid__join_failed(eid_sync *sync, const uint8_t node[32], const eid_id *root, eid_kind kind,
                      const char *text)
{
    eid__join *next;
    size_t at;

    for (eid__join *join = sync->joins; join; join = next) {
        bool all = true;

        next = join->next;
        if (root && !eid_id_equal(&join->root, root)) continue;
        if (!join_has_node(join, node, &at)) continue;
        join->kind = kind;
        snprintf(join->text, sizeof join->text, "%s", text);
        for (size_t i = 0; i < join->count; i++) { /* a ticket may name a node more than once */
            if (memcmp(join->nodes[i], node, 32) == 0) join->failed[i] = true;
            all = all && join->failed[i];
        }
        if (all) join_end(sync, join, join->kind, join->text);
    }
}

void eid__join_progress(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;
    eid_idset tips = EID_IDSET_EMPTY;
    eid__join *next;
    uint64_t count = 0;
    size_t at;

    if (!sync->joins || feed->is_closed) return;
    if (sync->host.tips(sync->host.self, &feed->root, &tips, &count) != EID_OK) count = 0;
    eid_idset_fini(&tips);
    for (eid__join *join = sync->joins; join; join = next) {
        next = join->next;
        if (!eid_id_equal(&join->root, &feed->root)) continue;
        if (!join_has_node(join, feed->link->peer->address.node, &at)) continue;
        if (join->events.progress) {
            join->events.progress(join->events.self, count, feed->peer_count, feed->received_bytes);
        }
        if (feed->got_done && feed->pending == 0 && feed->stalled.len == 0 && count > 0) {
            join_end(sync, join, EID_KIND_NONE, "");
        }
    }
}

/* A node that is neither connected nor being dialled will never answer. */
static void join_check_nodes(eid_sync *sync, const eid_quic_address *addresses, size_t count,
                             const eid_id *root)
{
    for (size_t i = 0; i < count; i++) {
        const eid__peer *peer = eid__peer_find(sync, addresses[i].node);

        if (peer && (peer->link || peer->is_dialing)) continue;
        eid__join_failed(sync, addresses[i].node, root, EID_KIND_CONNECT,
                         peer && peer->blocked ? "that node is blocked here"
                                               : "that node has no address that can be dialled");
    }
}

/* A feed that has come to rest tells nothing any more, and perhaps of a copy that was forgotten
 * since: begin anew. */
static void join_reopen(eid_sync *sync, const uint8_t node[32], const eid_id *root)
{
    const eid__peer *peer = eid__peer_find(sync, node);
    eid__link *link = peer ? peer->link : NULL;
    eid__feed *feed = link ? eid__feed_of_root(link, root) : NULL;

    if (!feed || feed->state == FEED_NEW || feed->state == FEED_OPENING) return;
    if (feed->stream >= 0) {
        sync->net.stream_reset(sync->net.self, link->conn, feed->stream, EID_CODE_DUPLICATE);
    }
    eid__feed_drop(feed);
    eid__feed_open(link, root);
}

eid_status eid_sync_join(eid_sync *sync, const eid_quic_address *addresses, size_t count,
                         const eid_id *root, const eid_sync_join_events *events, uint64_t *number)
{
    eid__join *join;

    if (count == 0) return EID_FAIL(EID_KIND_TICKET_NO_ADDRESS, "no address that can be dialled");
    if (count > EID_CANDIDATES_MAX_PER_NODE) count = EID_CANDIDATES_MAX_PER_NODE;
    if (sync->join_count >= SYNC_JOINS_MAX) {
        return EID_FAIL(EID_KIND_OVERLOAD, "%u joins are under way", SYNC_JOINS_MAX);
    }
    join = eid_alloc(sizeof *join);
    if (!join) return EID_FAIL(EID_KIND_NO_MEMORY, "join");
    eid__sync_enter(sync);
    join->number = *number = ++sync->next_number;
    join->root = *root;
    join->events = *events;
    join->count = count;
    join->next = sync->joins;
    sync->joins = join;
    sync->join_count++;
    for (size_t i = 0; i < count; i++) memcpy(join->nodes[i], addresses[i].node, 32);
    for (size_t i = 0; i < count; i++) {
        eid__peer *peer = eid__peer_ensure(sync, addresses[i].node);

        if (!peer) continue;
        eid_quic_address_merge(&peer->address, &addresses[i]);
        peer->backoff_ns = 0;
    }
    for (size_t i = 0; i < count; i++) join_reopen(sync, addresses[i].node, root);
    eid_sync_now(sync, root);
    join_check_nodes(sync, addresses, count, root);
    eid__sync_leave(sync);
    return EID_OK;
}

void eid_sync_join_cancel(eid_sync *sync, uint64_t number)
{
    for (eid__join *join = sync->joins; join; join = join->next) {
        if (join->number != number) continue;
        join_end(sync, join, EID_KIND_CANCELLED, "cancelled");
        return;
    }
}
