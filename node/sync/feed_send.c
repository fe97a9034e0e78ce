/* What we owe a peer: the difference, then what becomes visible later. Ids wait in a queue (or are
 * walked page by page when everything is sent); bytes are read only when the stream has room. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

static void feed_drop_queue(eid__feed *feed)
{
    eid_order_fini(&feed->queue);
    feed->queue = EID_ORDER_EMPTY;
    feed->queue_at = 0;
}

static eid_status feed_own_tips(eid__feed *feed, eid_idset *tips, uint64_t *count)
{
    eid_sync *sync = feed->link->sync;

    return sync->host.tips(sync->host.self, &feed->root, tips, count);
}

/* Leave out what came from this peer. */
static void feed_drop_received(eid__feed *feed)
{
    size_t kept = 0;

    if (!feed->received) return;
    for (size_t i = 0; i < feed->queue.count; i++) {
        if (eid_visited_has(feed->received, &feed->queue.at[i].id)) continue;
        feed->queue.at[kept++] = feed->queue.at[i];
    }
    feed->queue.count = kept;
}

void eid__feed_begin(eid__feed *feed, eid_ids base)
{
    eid_sync *sync = feed->link->sync;
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t count;
    eid_status status = feed_own_tips(feed, &tips, &count);

    feed->state = FEED_SENDING;
    if (status == EID_OK && feed->peer_may_read && tips.count > 0) {
        feed_drop_queue(feed);
        if (base.count == 0) {
            feed->is_scanning = true;
            feed->scan_begun = false;
        } else {
            status = sync->host.missing(sync->host.self, &feed->root, base, &feed->queue);
        }
    }
    if (status == EID_OK) {
        eid_idset_fini(&feed->known);
        feed->known = tips;
        feed_drop_received(feed);
        eid__feed_pump(feed);
        return;
    }
    eid_idset_fini(&tips);
    eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
}

/* Queue what is in the past of `tips` and neither in that of what was queued before nor of the
 * peer's tips. */
static eid_status feed_queue_news(eid__feed *feed, eid_idset *tips)
{
    eid_sync *sync = feed->link->sync;
    eid_idset base = EID_IDSET_EMPTY;
    size_t held;
    eid_status status = eid__feed_keep_held(feed, &feed->peer_tips, &base, &held);

    for (size_t i = 0; i < feed->known.count && status == EID_OK; i++) {
        status = eid_idset_add(&base, &feed->known.at[i]);
    }
    if (status == EID_OK) {
        feed_drop_queue(feed);
        status =
            sync->host.missing(sync->host.self, &feed->root, eid_idset_ids(&base), &feed->queue);
    }
    eid_idset_fini(&base);
    if (status != EID_OK) return status;
    eid_idset_fini(&feed->known);
    feed->known = *tips;
    *tips = EID_IDSET_EMPTY;
    feed_drop_received(feed);
    return EID_OK;
}

void eid__feed_push(eid__feed *feed)
{
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t count;
    eid_status status;

    if (feed->state != FEED_SENDING && feed->state != FEED_LIVE) return;
    if (feed->is_scanning || feed->queue_at < feed->queue.count || !feed->peer_may_read) return;
    status = feed_own_tips(feed, &tips, &count);
    if (status == EID_OK && !eid_idset_equal(&tips, &feed->known)) {
        status = feed_queue_news(feed, &tips);
    }
    eid_idset_fini(&tips);
    if (status != EID_OK) eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
}

void eid__feed_queue(eid__feed *feed, const eid_order_item *item)
{
    if (feed->queue.count - feed->queue_at >= SYNC_WANT_MAX)
        return; /* comparing again repairs it */
    if (eid_order_push(&feed->queue, item->height, &item->id) != EID_OK) {
        eid_log_warn("sync.queue", "error=no-memory");
    }
}

/* The next page of a scan; false when it is over. */
static bool feed_scan_page(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;

    feed_drop_queue(feed);
    if (sync->host.scan(sync->host.self, &feed->root, feed->scan_begun ? &feed->scan_after : NULL,
                        SYNC_SCAN_ITEMS, &feed->queue) != EID_OK) {
        eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
        return false;
    }
    if (feed->queue.count == 0) {
        feed->is_scanning = false;
        return false;
    }
    feed->scan_begun = true;
    feed->scan_after = feed->queue.at[feed->queue.count - 1];
    return true;
}

/* Gather entries of the queue into one message of about EID_SYNC_BATCH_BYTES. */
static void feed_send_batch(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;
    size_t ends[EID_MESSAGE_ENTRIES_MAX];
    eid_slice slices[EID_MESSAGE_ENTRIES_MAX];
    size_t count = 0;
    eid_message message;
    eid_buf bytes;

    eid_buf_init(&bytes, EID_SYNC_MESSAGE_MAX - 65536);
    while (feed->queue_at < feed->queue.count && count < EID_MESSAGE_ENTRIES_MAX &&
           bytes.len < EID_SYNC_BATCH_BYTES) {
        const eid_id *id = &feed->queue.at[feed->queue_at++].id;

        if (sync->host.bytes(sync->host.self, &feed->root, id, &bytes) != EID_OK) {
            eid_log_error("sync.read", "entry=%s", eid_id_str(id));
            continue;
        }
        ends[count++] = bytes.len;
    }
    if (count > 0) {
        for (size_t i = 0, at = 0; i < count; at = ends[i++]) {
            slices[i] = eid_slice_of(bytes.at + at, ends[i] - at);
        }
        eid_message_init(&message, EID_MESSAGE_ENTRIES);
        message.entries = slices;
        message.entry_count = count;
        eid__feed_send(feed, &message);
        feed->sent += count;
    }
    eid_buf_fini(&bytes);
}

void eid__feed_pump(eid__feed *feed)
{
    /* Until the stream answers AGAIN and on_stream_writable is due: nothing else would wake us. */
    while (!feed->is_closed && feed->stream >= 0 && feed->out.len == 0) {
        if (feed->queue_at == feed->queue.count && !(feed->is_scanning && feed_scan_page(feed))) {
            if (feed->is_closed || feed->stream < 0) return;
            eid__feed_push(feed);
            if (feed->queue_at == feed->queue.count && !feed->is_scanning) break;
        }
        feed_send_batch(feed);
    }
    eid__feed_settle(feed);
}

static void feed_send_state(eid__feed *feed, eid_message_type type)
{
    eid_message message;

    eid_message_init(&message, type);
    if (feed_own_tips(feed, &message.tips, &message.count) == EID_OK) {
        if (!feed->peer_may_read) {
            eid_idset_fini(&message.tips);
            message.count = 0;
        }
        if (message.tips.count > EID_SYNC_TIPS_MAX) message.tips.count = EID_SYNC_TIPS_MAX;
        if (eid_idset_assign(&feed->told, eid_idset_ids(&message.tips)) == EID_OK) {
            eid__feed_send(feed, &message);
        }
    }
    eid_message_fini(&message);
}

void eid__feed_send_ack(eid__feed *feed)
{
    feed->ack_due_ns = SYNC_NEVER;
    feed->ack_sent_ns = eid__now(feed->link->sync);
    if (feed->state == FEED_REFUSED || feed->is_closed) return;
    feed_send_state(feed, EID_MESSAGE_ACK);
    eid__feed_note_sync(feed);
}

void eid__feed_settle(eid__feed *feed)
{
    if (feed->is_closed || feed->state != FEED_SENDING || feed->asked > 0) return;
    if (feed->is_scanning || feed->queue_at < feed->queue.count || feed->out.len > 0) return;
    feed->state = FEED_LIVE;
    feed->due_ns = eid__now(feed->link->sync) + feed->reopen_ns;
    feed_send_state(feed, EID_MESSAGE_DONE);
    eid__feed_note_sync(feed);
}

void eid__feed_note_sync(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t now = eid__now(sync);
    bool was = feed->in_sync;
    uint64_t count;

    if (feed->is_closed || feed->state != FEED_LIVE ||
        feed_own_tips(feed, &tips, &count) != EID_OK) {
        eid_idset_fini(&tips);
        return;
    }
    feed->in_sync = feed->got_done && eid_idset_equal(&tips, &feed->peer_tips);
    eid_idset_fini(&tips);
    if (feed->in_sync) {
        feed->last_sync_ms = sync->host.wall_ms(sync->host.self);
        feed->cursor_due_ns = now + SYNC_CURSOR_NS;
        feed->reopen_ns = SYNC_REOPEN_MIN_NS;
        feed->due_ns = SYNC_NEVER;
        feed->error[0] = '\0';
        if (feed->peer_may_read && feed->ack_due_ns == SYNC_NEVER &&
            !eid_idset_equal(&feed->told, &feed->peer_tips)) {
            feed->ack_due_ns = now; /* it does not know yet that we have the same */
        }
    } else if (was || (feed->is_ours && feed->due_ns == SYNC_NEVER)) {
        feed->due_ns = now + feed->reopen_ns;
    }
    if (sync->host.changed) {
        sync->host.changed(sync->host.self, feed->link->peer->address.node, &feed->root);
    }
}

void eid__feed_on_want(eid__feed *feed, const eid_message *message)
{
    eid_sync *sync = feed->link->sync;
    bool flags[EID_SYNC_TIPS_MAX];

    if (!feed->peer_may_read || message->ids.count == 0) return;
    if (sync->host.held(sync->host.self, &feed->root, eid_idset_ids(&message->ids), flags) !=
        EID_OK) {
        eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
        return;
    }
    for (size_t i = 0; i < message->ids.count; i++) {
        eid_order_item item = {0, message->ids.at[i]};

        if (flags[i]) eid__feed_queue(feed, &item);
    }
    eid__feed_pump(feed);
}
