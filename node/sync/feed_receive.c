/* What a peer sends: entries go to the host, which answers when they are stored; acknowledgements
 * follow what is really there. QUIC credit is held back while too much is under way, so a slow disk
 * slows the sender and nothing grows. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

static void feed_remember_received(eid__feed *feed, const eid_message *message)
{
    bool is_new;

    if (feed->received && eid_visited_count(feed->received) > SYNC_RECEIVED_MAX) {
        eid_visited_free(feed->received);
        feed->received = NULL;
    }
    if (!feed->received && eid_visited_new(&feed->received) != EID_OK) return;
    for (size_t i = 0; i < message->entry_count; i++) {
        eid_id id = eid_id_of_entry(message->entries[i]);

        if (eid_visited_add(feed->received, &id, &is_new) != EID_OK) return;
    }
}

void eid__feed_on_entries(eid__feed *feed, const eid_message *message, eid_slice frame)
{
    eid_sync *sync = feed->link->sync;
    eid__ingest *ingest;
    eid_status status;

    if (message->entry_count == 0) return;
    ingest = eid__ingest_add(sync, feed, frame.len, message->entry_count);
    if (!ingest) {
        eid__feed_fail(feed, EID_CODE_OVERLOAD, "out of memory");
        return;
    }
    status = sync->host.ingest(sync->host.self, &feed->root, message->entries, message->entry_count,
                               ingest->number);
    if (status == EID_OK) {
        feed->pending++;
        feed->link->ingest_bytes += frame.len;
        feed_remember_received(feed, message);
        return;
    }
    sync->ingest_count--; /* it was the last */
    if (eid_kind_status(EID_KIND_OVERLOAD) != status) {
        eid__feed_fail(feed, EID_CODE_STORAGE, "entries cannot be stored");
        return;
    }
    eid_buf_clear(&feed->stalled);
    eid_buf_append(&feed->stalled, frame);
    if (eid_buf_status(&feed->stalled) != EID_OK) {
        eid__feed_fail(feed, EID_CODE_OVERLOAD, "out of memory");
        return;
    }
    feed->due_ns = eid__now(sync) + SYNC_STALL_NS;
}

/* The other side waits for us, or has sent all that it has: its tips are known here now. */
static void feed_review(eid__feed *feed)
{
    eid_idset common = EID_IDSET_EMPTY;
    size_t held;

    if (feed->state != FEED_WAITING || !feed->got_done || feed->pending > 0) return;
    eid__feed_recheck(feed);
    if (eid__feed_keep_held(feed, &feed->peer_tips, &common, &held) == EID_OK) {
        eid__feed_begin(feed, eid_idset_ids(&common));
    } else {
        eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
    }
    eid_idset_fini(&common);
}

static void feed_take_tips(eid__feed *feed, eid_message *message)
{
    eid_idset_fini(&feed->peer_tips);
    feed->peer_tips = message->tips;
    message->tips = EID_IDSET_EMPTY;
    feed->peer_count = message->count;
}

void eid__feed_on_done(eid__feed *feed, eid_message *message)
{
    feed->got_done = true;
    feed_take_tips(feed, message);
    feed_review(feed);
    if (feed->is_closed) return;
    eid__feed_note_sync(feed);
    eid__join_progress(feed);
}

void eid__feed_on_ack(eid__feed *feed, eid_message *message)
{
    feed_take_tips(feed, message);
    eid__feed_note_sync(feed);
    eid__join_progress(feed);
}

static void feed_want(eid__feed *feed, eid_ids missing)
{
    eid_message message;
    bool is_new;

    if (missing.count == 0) return;
    if (!feed->wanted && eid_visited_new(&feed->wanted) != EID_OK) return;
    eid_message_init(&message, EID_MESSAGE_WANT);
    for (size_t i = 0; i < missing.count && message.ids.count < EID_SYNC_TIPS_MAX; i++) {
        if (eid_visited_count(feed->wanted) >= SYNC_WANT_MAX) break;
        if (eid_visited_add(feed->wanted, &missing.at[i], &is_new) != EID_OK) break;
        if (is_new && eid_idset_add(&message.ids, &missing.at[i]) != EID_OK) break;
    }
    if (message.ids.count > 0) eid__feed_send(feed, &message);
    eid_message_fini(&message);
}

static void feed_owe_ack(eid__feed *feed)
{
    uint64_t now = eid__now(feed->link->sync);
    uint64_t earliest = feed->ack_sent_ns + SYNC_ACK_NS;

    if (feed->ack_due_ns != SYNC_NEVER) return;
    feed->ack_due_ns = earliest > now ? earliest : now;
    if (feed->ack_due_ns == now && feed->pending == 0) eid__feed_send_ack(feed);
}

void eid__feed_on_ingested(eid__feed *feed, const eid_sync_ingested *result)
{
    feed->pending--;
    if (result->status != EID_OK) {
        eid__feed_fail(feed, EID_CODE_STORAGE, eid_status_detail(result->status).text);
        eid__join_failed(feed->link->sync, feed->link->peer->address.node, &feed->root,
                         EID_KIND_STORE_IO, feed->error);
        return;
    }
    if (result->failed + result->malformed > 0) {
        snprintf(feed->error, sizeof feed->error, "%llu entries of this peer were refused",
                 (unsigned long long)(result->failed + result->malformed));
    }
    feed_want(feed, result->missing);
    eid__feed_resume(feed);
    if (feed->is_closed || feed->stream < 0) return;
    feed_review(feed);
    if (feed->is_closed || feed->stream < 0) return;
    feed_owe_ack(feed);
    eid__join_progress(feed);
}
