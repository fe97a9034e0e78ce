/* What people are shown: computed when asked, from what the feeds know. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/assert.h"

const char *eid_sync_phase_name(eid_sync_phase phase)
{
    static const char *const names[] = {
        [EID_SYNC_OFFLINE] = "offline",     [EID_SYNC_OPENING] = "opening",
        [EID_SYNC_COMPARING] = "comparing", [EID_SYNC_STREAMING] = "streaming",
        [EID_SYNC_LIVE] = "live",           [EID_SYNC_REFUSED] = "refused",
    };

    EID_ASSERT((size_t)phase < EID_COUNT(names));
    return names[phase];
}

static eid_sync_phase view_phase(const eid__feed *feed)
{
    switch (feed->state) {
    case FEED_NEW:
    case FEED_OPENING:
        return EID_SYNC_OPENING;
    case FEED_COMPARING:
        return EID_SYNC_COMPARING;
    case FEED_WAITING:
    case FEED_SENDING:
        return EID_SYNC_STREAMING;
    case FEED_LIVE:
        return feed->got_done ? EID_SYNC_LIVE : EID_SYNC_STREAMING;
    case FEED_REFUSED:
        return EID_SYNC_REFUSED;
    }
    return EID_SYNC_OFFLINE;
}

static void view_of_feed(eid__feed *feed, eid_sync_view *view)
{
    eid_sync *sync = feed->link->sync;
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t count = 0;

    view->phase = view_phase(feed);
    view->in_sync = feed->in_sync;
    view->sent = feed->sent;
    view->received = feed->received_count;
    view->last_sync_ms = feed->last_sync_ms;
    view->remote = feed->link->remote;
    snprintf(view->error, sizeof view->error, "%s", feed->error);
    if (feed->in_sync || sync->host.tips(sync->host.self, &feed->root, &tips, &count) != EID_OK) {
        eid_idset_fini(&tips);
        return;
    }
    eid_idset_fini(&tips);
    view->to_send = feed->queue.count - feed->queue_at;
    if (count > feed->peer_count && count - feed->peer_count > view->to_send) {
        view->to_send = count - feed->peer_count;
    }
    if (feed->peer_count > count) view->to_receive = feed->peer_count - count;
}

static void view_peer(eid_sync *sync, const eid__peer *peer, const eid_id *root,
                      void (*fn)(void *self, const eid_sync_view *view), void *self)
{
    eid__feed *feed = peer->link ? eid__feed_of_root(peer->link, root) : NULL;
    eid_sync_view view;

    (void)sync;
    memset(&view, 0, sizeof view);
    memcpy(view.peer, peer->address.node, sizeof view.peer);
    view.root = *root;
    view.phase = peer->link ? EID_SYNC_OPENING : EID_SYNC_OFFLINE;
    snprintf(view.error, sizeof view.error, "%s", peer->error);
    if (feed) view_of_feed(feed, &view);
    fn(self, &view);
}

void eid_sync_views(eid_sync *sync, void (*fn)(void *self, const eid_sync_view *view), void *self)
{
    for (const eid__peer *peer = sync->peers; peer; peer = peer->next) {
        eid_sync_view view;

        for (size_t i = 0; i < peer->roots.count; i++) {
            view_peer(sync, peer, &peer->roots.at[i], fn, self);
        }
        memset(&view, 0, sizeof view);
        memcpy(view.peer, peer->address.node, sizeof view.peer);
        view.phase = peer->link ? EID_SYNC_LIVE : EID_SYNC_OFFLINE;
        if (peer->link) view.remote = peer->link->remote;
        snprintf(view.error, sizeof view.error, "%s", peer->error);
        fn(self, &view);
    }
}
