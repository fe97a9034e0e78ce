/* The engine's frame: birth, start, stop, the one timer, and what comes from our own side (writes,
 * ended ingests, changed relations). Events may call each other; only the outermost one frees. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"

#define PROOF_CONTEXT "eidetica/1 device-proof"

void eid_sync_proof_message(const eid_id *root, const uint8_t device[32], eid_buf *out)
{
    eid_buf_append_text(out, PROOF_CONTEXT);
    eid_buf_append(out, eid_id_slice(root));
    eid_buf_append(out, eid_slice_of(device, 32));
}

eid_status eid_sync_new(const eid_sync_net *net, const eid_sync_host *host, eid_sync **out)
{
    eid_sync *sync = eid_alloc(sizeof *sync);

    if (!sync) return EID_FAIL(EID_KIND_NO_MEMORY, "sync engine");
    sync->net = *net;
    sync->host = *host;
    sync->timer_ns = SYNC_NEVER;
    *out = sync;
    return EID_OK;
}

void eid_sync_free(eid_sync *sync)
{
    if (!sync) return;
    while (sync->links) {
        eid__link *link = sync->links;

        sync->links = link->next;
        eid__link_free(link);
    }
    while (sync->peers) {
        eid__peer *peer = sync->peers;

        sync->peers = peer->next;
        eid__peer_free(peer);
    }
    while (sync->joins) {
        eid__join *join = sync->joins;

        sync->joins = join->next;
        eid_free(join);
    }
    eid_free(sync->ingests);
    eid_free(sync);
}

static void sync_sweep_feeds(eid__link *link)
{
    eid__feed **at = &link->feeds;

    while (*at) {
        eid__feed *feed = *at;

        if (!feed->is_closed) {
            at = &feed->next;
            continue;
        }
        *at = feed->next;
        eid__feed_free(feed);
    }
}

static void sync_sweep(eid_sync *sync)
{
    eid__link **at = &sync->links;

    while (*at) {
        eid__link *link = *at;

        sync_sweep_feeds(link);
        if (!link->is_closed) {
            at = &link->next;
            continue;
        }
        *at = link->next;
        eid__link_free(link);
    }
}

static void sync_set_timer(eid_sync *sync)
{
    uint64_t due = SYNC_NEVER;

    for (const eid__peer *peer = sync->peers; peer; peer = peer->next) {
        if (peer->dial_due_ns < due) due = peer->dial_due_ns;
    }
    for (const eid__link *link = sync->links; link; link = link->next) {
        uint64_t link_due = eid__link_due(link);

        if (link_due < due) due = link_due;
    }
    if (due == sync->timer_ns) return;
    sync->timer_ns = due;
    sync->net.timer_set(sync->net.self, due);
}

void eid__sync_enter(eid_sync *sync)
{
    sync->depth++;
}

void eid__sync_leave(eid_sync *sync)
{
    EID_ASSERT(sync->depth > 0);
    if (--sync->depth > 0) return;
    sync_sweep(sync);
    sync_set_timer(sync);
}

static void sync_add_peer(void *arg, const eid_quic_address *address, bool blocked,
                          const eid_id *roots, size_t root_count)
{
    eid_sync *sync = arg;
    eid__peer *peer = eid__peer_ensure(sync, address->node);

    if (!peer) return;
    eid_quic_address_merge(&peer->address, address);
    peer->blocked = blocked;
    if (eid_idset_assign(&peer->roots, (eid_ids){roots, root_count}) != EID_OK) {
        eid_log_warn("sync.peers", "error=no-memory");
    }
}

static eid_status sync_load_peers(eid_sync *sync)
{
    return sync->host.peers(sync->host.self, sync_add_peer, sync);
}

eid_status eid_sync_start(eid_sync *sync)
{
    eid_status status = sync_load_peers(sync);

    if (status != EID_OK) return status;
    eid__sync_enter(sync);
    sync->is_running = true;
    for (eid__peer *peer = sync->peers; peer; peer = peer->next) eid__peer_dial(sync, peer);
    eid__sync_leave(sync);
    return EID_OK;
}

void eid_sync_stop(eid_sync *sync)
{
    eid__sync_enter(sync);
    sync->is_running = false;
    for (eid__link *link = sync->links; link; link = link->next) {
        if (!link->is_closed) eid__link_close(link, EID_CLOSE_SHUTDOWN, "the node stops");
    }
    for (eid__peer *peer = sync->peers; peer; peer = peer->next) peer->dial_due_ns = SYNC_NEVER;
    while (sync->joins) eid_sync_join_cancel(sync, sync->joins->number);
    eid__sync_leave(sync);
}

void eid_sync_on_dial_failed(eid_sync *sync, uint64_t attempt, eid_close reason, const char *text)
{
    eid__sync_enter(sync);
    for (eid__peer *peer = sync->peers; peer; peer = peer->next) {
        if (!peer->is_dialing || peer->attempt != attempt) continue;
        snprintf(peer->error, sizeof peer->error, "%s%s%s", eid_close_text(reason),
                 *text ? ": " : "", text);
        /* It keeps an older connection, which may be that of our process before this one: it goes
         * when the other side notices, and a join waits for that. */
        if (reason != EID_CLOSE_DUPLICATE) {
            eid__join_failed(sync, peer->address.node, NULL,
                             reason == EID_CLOSE_WRONG_KEY ? EID_KIND_PEER_KEY : EID_KIND_CONNECT,
                             peer->error);
        }
        eid__peer_back_off(sync, peer);
        break;
    }
    eid__sync_leave(sync);
}

void eid_sync_on_timer(eid_sync *sync)
{
    uint64_t now = eid__now(sync);

    eid__sync_enter(sync);
    sync->timer_ns = SYNC_NEVER;
    for (eid__peer *peer = sync->peers; peer; peer = peer->next) {
        if (now >= peer->dial_due_ns) eid__peer_dial(sync, peer);
    }
    for (eid__link *link = sync->links; link; link = link->next) {
        if (!link->is_closed && now >= eid__link_due(link)) eid__link_on_timer(link, now);
    }
    eid__sync_leave(sync);
}

void eid_sync_on_write(eid_sync *sync, const eid_id *root)
{
    eid__sync_enter(sync);
    for (eid__link *link = sync->links; link; link = link->next) {
        eid__feed *feed = link->is_closed ? NULL : eid__feed_of_root(link, root);

        if (!feed || feed->stream < 0 || feed->state == FEED_OPENING) continue;
        eid__feed_recheck(feed);
        if (!feed->peer_may_read && !feed->is_ours) {
            eid__feed_fail(feed, EID_CODE_UNKNOWN, "the right to read has ended");
            continue;
        }
        if (feed->state == FEED_LIVE || feed->state == FEED_SENDING) eid__feed_pump(feed);
        eid__feed_note_sync(feed);
    }
    eid__sync_leave(sync);
}

eid__ingest *eid__ingest_add(eid_sync *sync, eid__feed *feed, size_t bytes, size_t entries)
{
    eid__ingest *ingest;

    if (sync->ingest_count == sync->ingest_cap) {
        size_t cap = sync->ingest_cap ? sync->ingest_cap * 2 : 64;
        eid__ingest *grown = eid_realloc(sync->ingests, cap * sizeof *grown);

        if (!grown) return NULL;
        sync->ingests = grown;
        sync->ingest_cap = cap;
    }
    ingest = &sync->ingests[sync->ingest_count++];
    *ingest = (eid__ingest){++sync->next_number, feed->link->conn, feed->stream, bytes, entries};
    return ingest;
}

void eid_sync_on_ingested(eid_sync *sync, uint64_t number, const eid_sync_ingested *result)
{
    eid__ingest ingest;
    eid__link *link;
    eid__feed *feed;
    size_t i = 0;

    while (i < sync->ingest_count && sync->ingests[i].number != number) i++;
    if (i == sync->ingest_count) return;
    ingest = sync->ingests[i];
    sync->ingest_count--;
    memmove(&sync->ingests[i], &sync->ingests[i + 1],
            (sync->ingest_count - i) * sizeof *sync->ingests);
    link = eid__link_find(sync, ingest.conn);
    if (!link) return;
    eid__sync_enter(sync);
    link->ingest_bytes -= ingest.bytes;
    feed = eid__feed_find(link, ingest.stream);
    if (feed && feed->stream >= 0) {
        feed->received_count += ingest.entries;
        feed->received_bytes += ingest.bytes;
        eid__feed_on_ingested(feed, result);
    }
    for (feed = link->feeds; feed && !link->is_closed; feed = feed->next) {
        if (!feed->is_closed && feed->stream >= 0 && feed->withheld > 0) eid__feed_resume(feed);
    }
    eid__sync_leave(sync);
}

void eid_sync_on_peers_changed(eid_sync *sync)
{
    eid__sync_enter(sync);
    if (sync_load_peers(sync) != EID_OK) eid_log_error("sync.peers", "error=unreadable");
    for (eid__link *link = sync->links; link; link = link->next) {
        if (!link->is_closed && link->peer->blocked) {
            eid__link_close(link, EID_CLOSE_BLOCKED, "blocked");
        }
    }
    eid_sync_now(sync, NULL);
    eid__sync_leave(sync);
}

/* Open again what waits for its next try. */
static void sync_retry_feeds(eid__link *link, const eid_id *root)
{
    uint64_t now = eid__now(link->sync);

    for (eid__feed *feed = link->feeds; feed; feed = feed->next) {
        if (feed->is_closed || feed->state != FEED_REFUSED) continue;
        if (!root || eid_id_equal(&feed->root, root)) feed->due_ns = now;
    }
    link->open_due_ns = now;
}

void eid_sync_now(eid_sync *sync, const eid_id *root)
{
    eid__sync_enter(sync);
    for (eid__peer *peer = sync->peers; peer; peer = peer->next) {
        bool concerned = !root || eid_idset_has(&peer->roots, root) ||
                         eid__join_wants(sync, peer->address.node, root);

        if (!concerned) continue;
        if (peer->link)
            sync_retry_feeds(peer->link, root);
        else
            eid__peer_dial(sync, peer);
    }
    eid__sync_leave(sync);
}
