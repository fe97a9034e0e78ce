/* A feed is the stream of one database with one peer. Here is its life: bytes to messages to the
 * handler that its state allows, the timer, and every way to end. What is said is in feed_open,
 * feed_send, feed_receive and feed_ranges. A feed of ours that ended is kept without a stream and
 * tried again. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

eid__feed *eid__feed_new(eid__link *link, int64_t stream, bool is_ours)
{
    eid__feed *feed = eid_alloc(sizeof *feed);

    if (!feed) return NULL;
    feed->link = link;
    feed->stream = stream;
    feed->is_ours = is_ours;
    feed->state = is_ours ? FEED_OPENING : FEED_NEW;
    feed->due_ns = eid__now(link->sync) + SYNC_OPEN_NS;
    feed->ack_due_ns = feed->cursor_due_ns = SYNC_NEVER;
    feed->reopen_ns = SYNC_REOPEN_MIN_NS;
    eid__frames_init(&feed->in);
    eid_buf_init(&feed->out, SYNC_OUT_MAX);
    eid_buf_init(&feed->stalled, EID_SYNC_MESSAGE_MAX);
    feed->next = link->feeds;
    link->feeds = feed;
    return feed;
}

/* Everything that belongs to one stream, so that a feed can begin again. */
static void feed_clear(eid__feed *feed)
{
    eid__frames_fini(&feed->in);
    eid_idset_fini(&feed->peer_tips);
    eid_idset_fini(&feed->told);
    eid_idset_fini(&feed->known);
    eid_order_fini(&feed->queue);
    eid_buf_fini(&feed->out);
    eid_buf_fini(&feed->stalled);
    eid_visited_free(feed->received);
    eid_visited_free(feed->wanted);
    feed->received = feed->wanted = NULL;
    feed->queue_at = feed->withheld = feed->proof_count = 0;
    feed->peer_may_read = feed->got_done = feed->in_sync = false;
    feed->is_scanning = feed->scan_begun = false;
    feed->asked = 0;
    feed->ack_due_ns = SYNC_NEVER;
}

void eid__feed_free(eid__feed *feed)
{
    feed_clear(feed);
    eid_free(feed);
}

eid__feed *eid__feed_find(eid__link *link, int64_t stream)
{
    for (eid__feed *feed = link->feeds; feed; feed = feed->next) {
        if (feed->stream == stream && !feed->is_closed) return feed;
    }
    return NULL;
}

eid__feed *eid__feed_of_root(eid__link *link, const eid_id *root)
{
    for (eid__feed *feed = link->feeds; feed; feed = feed->next) {
        if (!feed->is_closed && feed->state != FEED_NEW && eid_id_equal(&feed->root, root)) {
            return feed;
        }
    }
    return NULL;
}

static void feed_store_cursor(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;

    if (feed->cursor_due_ns == SYNC_NEVER) return;
    feed->cursor_due_ns = SYNC_NEVER;
    if (feed->peer_tips.count == 0 || feed->state == FEED_NEW) return;
    sync->host.cursor_store(sync->host.self, feed->link->peer->address.node, &feed->root,
                            eid_idset_ids(&feed->told));
}

void eid__feed_drop(eid__feed *feed)
{
    if (feed->is_closed) return;
    if (feed->in_sync) feed_store_cursor(feed);
    feed->is_closed = true;
    feed->in_sync = false;
}

/* Keep it, without a stream, for the next try. */
static void feed_retire(eid__feed *feed)
{
    uint64_t pause = feed->reopen_ns;

    if (feed->in_sync) feed_store_cursor(feed);
    feed_clear(feed);
    feed->stream = -1;
    feed->state = FEED_REFUSED;
    feed->due_ns = eid__now(feed->link->sync) + pause;
    feed->reopen_ns = pause > SYNC_REOPEN_MAX_NS / 2 ? SYNC_REOPEN_MAX_NS : pause * 2;
}

/* The stream is over: a feed of ours is tried again. One of the peer's goes, and is tried again by
 * the peer; should that have forgotten it (each side may have dropped its own for the other's), by
 * us some time later. */
static void feed_end(eid__feed *feed)
{
    eid__link *link = feed->link;
    uint64_t due = eid__now(link->sync) + 2 * SYNC_REOPEN_MIN_NS;

    if (feed->is_closed) return;
    if (feed->is_ours) {
        feed_retire(feed);
        return;
    }
    if (feed->peer_may_read && due < link->open_due_ns) link->open_due_ns = due;
    eid__feed_drop(feed);
}

/* Not equal, though everything is sent: compare again if nothing more comes for a while. */
static void feed_watch(eid__feed *feed)
{
    if (feed->is_closed || feed->state != FEED_LIVE || feed->in_sync || !feed->is_ours) return;
    if (feed->stalled.len == 0) feed->due_ns = eid__now(feed->link->sync) + feed->reopen_ns;
}

void eid__feed_fail(eid__feed *feed, eid_message_code code, const char *text)
{
    eid_sync *sync = feed->link->sync;
    eid_message message;

    if (feed->is_closed || feed->stream < 0) return;
    snprintf(feed->error, sizeof feed->error, "%s", text);
    eid_log_warn("sync.feed", "error=%d text=%s", (int)code, text);
    eid_message_init(&message, EID_MESSAGE_ERROR);
    message.code = (uint64_t)code;
    message.text = eid_slice_text(text);
    eid__feed_send(feed, &message);
    (void)eid__feed_flush(feed);
    sync->net.stream_reset(sync->net.self, feed->link->conn, feed->stream, (uint64_t)code);
    feed_end(feed);
}

bool eid__feed_flush(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;
    eid_status status = EID_OK;
    size_t at = 0;

    /* A stream takes less at once than a message may have. */
    while (at < feed->out.len && status == EID_OK) {
        size_t len = feed->out.len - at < SYNC_SEND_BYTES ? feed->out.len - at : SYNC_SEND_BYTES;

        status = sync->net.stream_send(sync->net.self, feed->link->conn, feed->stream,
                                       eid_slice_of(feed->out.at + at, len), false);
        if (status == EID_OK) at += len;
    }
    if (status != EID_OK && status != EID_E_AGAIN) {
        eid_log_debug("sync.send", "status=%s", eid_status_name(status));
        at = feed->out.len; /* the stream is gone */
    }
    if (at > 0) memmove(feed->out.at, feed->out.at + at, feed->out.len - at);
    eid_buf_truncate(&feed->out, feed->out.len - at);
    return feed->out.len == 0;
}

void eid__feed_send(eid__feed *feed, const eid_message *message)
{
    if (feed->is_closed || feed->stream < 0) return;
    if (eid_message_encode(message, &feed->out) != EID_OK) {
        /* The peer does not read what it asks for. */
        eid_buf_clear(&feed->out);
        feed->link->sync->net.stream_reset(feed->link->sync->net.self, feed->link->conn,
                                           feed->stream, EID_CODE_OVERLOAD);
        feed_end(feed);
        return;
    }
    (void)eid__feed_flush(feed);
}

/* Which messages a state allows; the rest of the protocol's table is in the handlers. */
static bool feed_allows(const eid__feed *feed, uint64_t type)
{
    bool is_open = feed->state != FEED_NEW && feed->state != FEED_OPENING;

    switch (type) {
    case EID_MESSAGE_OPEN:
        return feed->state == FEED_NEW;
    case EID_MESSAGE_ACCEPT:
    case EID_MESSAGE_REFUSE:
        return feed->state == FEED_OPENING;
    case EID_MESSAGE_RANGES:
    case EID_MESSAGE_ENTRIES:
    case EID_MESSAGE_DONE:
    case EID_MESSAGE_ACK:
    case EID_MESSAGE_WANT:
        return is_open;
    default:
        return true;
    }
}

static void feed_on_error(eid__feed *feed, const eid_message *message)
{
    if (message->code == EID_CODE_UNKNOWN_TYPE) return;
    snprintf(feed->error, sizeof feed->error, "the peer says: %.*s", (int)message->text.len,
             (const char *)message->text.at);
}

static void feed_dispatch(eid__feed *feed, eid_message *message, eid_slice frame)
{
    eid_message answer;

    switch (message->type) {
    case EID_MESSAGE_OPEN:
        eid__feed_on_open(feed, message);
        return;
    case EID_MESSAGE_ACCEPT:
        eid__feed_on_accept(feed, message);
        return;
    case EID_MESSAGE_REFUSE:
        eid__feed_on_refuse(feed, message);
        return;
    case EID_MESSAGE_RANGES:
        eid__feed_on_ranges(feed, message);
        return;
    case EID_MESSAGE_ENTRIES:
        eid__feed_on_entries(feed, message, frame);
        return;
    case EID_MESSAGE_DONE:
        eid__feed_on_done(feed, message);
        return;
    case EID_MESSAGE_ACK:
        eid__feed_on_ack(feed, message);
        return;
    case EID_MESSAGE_WANT:
        eid__feed_on_want(feed, message);
        return;
    case EID_MESSAGE_ERROR:
        feed_on_error(feed, message);
        return;
    default:
        eid_message_init(&answer, EID_MESSAGE_ERROR);
        answer.code = EID_CODE_UNKNOWN_TYPE;
        answer.about = message->type;
        answer.text = eid_slice_text("unknown message");
        eid__feed_send(feed, &answer);
    }
}

static void feed_on_frame(eid__feed *feed, eid_slice body)
{
    eid_message message;

    if (eid_message_decode(body, &message) != EID_OK) {
        eid__feed_fail(feed, EID_CODE_MALFORMED, "a malformed message");
    } else if (!feed_allows(feed, message.type)) {
        eid__feed_fail(feed, EID_CODE_STATE, "a message that does not belong here");
    } else {
        feed_dispatch(feed, &message, body);
    }
    eid_message_fini(&message);
}

/* Frames wait while an entries frame is stalled. */
static void feed_read(eid__feed *feed)
{
    eid_status status = EID_OK;
    eid_slice body;

    while (!feed->is_closed && feed->stream >= 0 && feed->stalled.len == 0) {
        status = eid__frames_next(&feed->in, &body);
        if (status != EID_OK) break;
        feed_on_frame(feed, body);
    }
    if (status != EID_OK && status != EID_E_AGAIN) {
        eid__feed_fail(feed, EID_CODE_TOO_BIG, "a message is too big");
    }
}

void eid__feed_resume(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;

    if (feed->stalled.len > 0) {
        eid_buf frame = feed->stalled;

        eid_buf_init(&feed->stalled, EID_SYNC_MESSAGE_MAX);
        feed_on_frame(feed, eid_buf_slice(&frame));
        eid_buf_fini(&frame);
        feed_read(feed);
    }
    if (feed->is_closed || feed->stream < 0 || feed->withheld == 0) return;
    if (feed->stalled.len > 0 || feed->link->ingest_bytes > EID_SYNC_INGEST_BYTES) return;
    sync->net.stream_consumed(sync->net.self, feed->link->conn, feed->stream, feed->withheld);
    feed->withheld = 0;
}

static size_t feed_partial(const eid__feed *feed)
{
    return feed->in.bytes.len - feed->in.at;
}

/* Whether a peer holds on to more of our memory than it may, by messages that it does not end. */
static bool feed_hoards(const eid__feed *feed)
{
    size_t sum = 0;

    if (feed_partial(feed) <= SYNC_OPEN_MAX) return false;
    if (feed->state == FEED_NEW || feed->state == FEED_OPENING) return true;
    for (const eid__feed *at = feed->link->feeds; at; at = at->next) {
        if (!at->is_closed) sum += feed_partial(at);
    }
    return sum > SYNC_PARTIAL_MAX;
}

void eid__feed_on_data(eid__feed *feed, eid_slice bytes, bool fin)
{
    feed->withheld += bytes.len;
    if (eid__frames_feed(&feed->in, bytes) != EID_OK) {
        eid__feed_fail(feed, EID_CODE_OVERLOAD, "too much waits");
        return;
    }
    feed_read(feed);
    if (!feed->is_closed && feed->stream >= 0 && feed_hoards(feed)) {
        eid__feed_fail(feed, EID_CODE_OVERLOAD, "too much waits");
    }
    eid__feed_resume(feed);
    feed_watch(feed);
    if (fin && !feed->is_closed && feed->stream >= 0) {
        feed->link->sync->net.stream_reset(feed->link->sync->net.self, feed->link->conn,
                                           feed->stream, EID_CODE_NONE);
        feed_end(feed);
    }
}

static void feed_on_due(eid__feed *feed)
{
    feed->due_ns = SYNC_NEVER;
    if (feed->state == FEED_REFUSED) {
        eid_id root = feed->root;
        uint64_t pause = feed->reopen_ns;
        eid__link *link = feed->link;

        eid__feed_drop(feed);
        eid__feed_open(link, &root);
        feed = eid__feed_of_root(link, &root);
        if (feed) feed->reopen_ns = pause;
    } else if (feed->stalled.len > 0) {
        eid__feed_resume(feed);
        feed_watch(feed);
    } else if (feed->state == FEED_NEW || feed->state == FEED_OPENING) {
        eid__feed_fail(feed, EID_CODE_STATE, "no answer in time");
    } else if (feed->state == FEED_LIVE && !feed->in_sync && feed->is_ours) {
        /* Quiet, and yet not equal: compare again. */
        if (feed->pending == 0)
            eid__feed_fail(feed, EID_CODE_NONE, "comparing again");
        else
            feed_watch(feed);
    }
}

void eid__feed_on_timer(eid__feed *feed, uint64_t now)
{
    if (now >= feed->ack_due_ns) eid__feed_send_ack(feed);
    if (now >= feed->cursor_due_ns) feed_store_cursor(feed);
    if (!feed->is_closed && now >= feed->due_ns) feed_on_due(feed);
}

uint64_t eid__feed_due(const eid__feed *feed)
{
    uint64_t due = feed->due_ns;

    if (feed->ack_due_ns < due) due = feed->ack_due_ns;
    if (feed->cursor_due_ns < due) due = feed->cursor_due_ns;
    return due;
}

/* QUIC numbers: the last bit of a stream tells who opened it, 0 = the dialler. */
static bool link_is_theirs(const eid__link *link, int64_t stream)
{
    return ((stream & 1) == 0) != link->we_dialled;
}

void eid_sync_on_data(eid_sync *sync, uint64_t conn, int64_t stream, eid_slice bytes, bool fin)
{
    eid__link *link = eid__link_find(sync, conn);
    eid__feed *feed;

    if (!link) return;
    eid__sync_enter(sync);
    if (link->control < 0 && !link->we_dialled && stream == 0) link->control = stream;
    if (stream == link->control) {
        eid__link_on_control(link, bytes, fin);
    } else {
        feed = eid__feed_find(link, stream);
        if (!feed && link->hello_got && link_is_theirs(link, stream)) {
            feed = eid__feed_new(link, stream, false);
        }
        if (feed)
            eid__feed_on_data(feed, bytes, fin);
        else
            sync->net.stream_reset(sync->net.self, conn, stream, EID_CODE_STATE);
    }
    eid__sync_leave(sync);
}

void eid_sync_on_stream_writable(eid_sync *sync, uint64_t conn, int64_t stream)
{
    eid__link *link = eid__link_find(sync, conn);
    eid__feed *feed = link ? eid__feed_find(link, stream) : NULL;

    if (!feed) return;
    eid__sync_enter(sync);
    if (eid__feed_flush(feed)) eid__feed_pump(feed);
    eid__sync_leave(sync);
}

/* The error that the code stands for may have been lost with the stream. */
static void feed_note_code(eid__feed *feed, uint64_t code)
{
    const char *text = code == EID_CODE_UNKNOWN    ? "the peer serves this database to us no more"
                       : code == EID_CODE_OVERLOAD ? "the peer has too much to do"
                       : code == EID_CODE_STORAGE  ? "the peer cannot read or store entries"
                                                   : "the peer sees an error of ours";

    if (code == EID_CODE_NONE || code == EID_CODE_DUPLICATE) return;
    snprintf(feed->error, sizeof feed->error, "%s", text);
}

void eid_sync_on_stream_closed(eid_sync *sync, uint64_t conn, int64_t stream, uint64_t code)
{
    eid__link *link = eid__link_find(sync, conn);
    eid__feed *feed = link ? eid__feed_find(link, stream) : NULL;

    if (!link) return;
    eid__sync_enter(sync);
    if (stream == link->control) {
        eid__link_close(link, EID_CLOSE_PROTOCOL, "no control stream");
    } else if (feed) {
        feed_note_code(feed, code);
        feed_end(feed);
    }
    eid__sync_leave(sync);
}
