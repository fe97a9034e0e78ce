/* A link is one connection with a peer: its control stream and its feeds. Nothing is freed inside
 * an event: links and feeds are marked and swept by the engine at its end. */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

#define LINK_NODE_NAME "eidetica-c"

eid__link *eid__link_find(eid_sync *sync, uint64_t conn)
{
    for (eid__link *link = sync->links; link; link = link->next) {
        if (link->conn == conn && !link->is_closed) return link;
    }
    return NULL;
}

void eid__link_free(eid__link *link)
{
    while (link->feeds) {
        eid__feed *feed = link->feeds;

        link->feeds = feed->next;
        eid__feed_free(feed);
    }
    eid__frames_fini(&link->control_in);
    eid_free(link);
}

static void link_send(eid__link *link, const eid_message *message)
{
    eid_buf frame;

    eid_buf_init(&frame, EID_SYNC_MESSAGE_MAX);
    if (eid_message_encode(message, &frame) != EID_OK ||
        link->sync->net.stream_send(link->sync->net.self, link->conn, link->control,
                                    eid_buf_slice(&frame), false) != EID_OK) {
        eid_log_debug("sync.control", "dropped=%s", eid_message_name(message->type));
    }
    eid_buf_fini(&frame);
}

void eid__link_close(eid__link *link, eid_close reason, const char *text)
{
    eid_sync *sync = link->sync;
    eid_message message;

    if (link->is_closed) return;
    if (link->control >= 0) {
        eid_message_init(&message, EID_MESSAGE_GOODBYE);
        message.code = reason == EID_CLOSE_SHUTDOWN    ? EID_CODE_SHUTDOWN
                       : reason == EID_CLOSE_DUPLICATE ? EID_CODE_DUPLICATE
                       : reason == EID_CLOSE_BLOCKED   ? EID_CODE_BLOCKED
                       : reason == EID_CLOSE_OVERLOAD  ? EID_CODE_OVERLOAD
                       : reason == EID_CLOSE_PROTOCOL  ? EID_CODE_MALFORMED
                                                       : EID_CODE_NONE;
        message.text = eid_slice_text(text);
        link_send(link, &message);
    }
    sync->net.close(sync->net.self, link->conn, reason, text);
    eid_sync_on_closed(sync, link->conn, reason, text);
}

static void link_send_hello(eid__link *link)
{
    eid_sync *sync = link->sync;
    char text[EID_ADDRESS_TEXT_MAX] = "";
    eid_quic_address address;
    eid_message message;

    if (link->hello_sent) return;
    link->hello_sent = true;
    memset(&address, 0, sizeof address);
    memcpy(address.node, sync->host.device, EID_NODE_ID_BYTES);
    sync->host.addresses(sync->host.self, &address);
    if (address.count == 0 || eid_quic_address_format(&address, text) != EID_OK) text[0] = '\0';
    eid_message_init(&message, EID_MESSAGE_HELLO);
    message.node = eid_slice_text(LINK_NODE_NAME);
    message.addr = eid_slice_text(text);
    message.message_max = EID_SYNC_MESSAGE_MAX;
    message.streams_max = EID_STREAMS_PER_CONNECTION;
    link_send(link, &message);
}

static void link_send_observed(eid__link *link)
{
    char text[64];
    eid_message message;

    eid_message_init(&message, EID_MESSAGE_OBSERVED);
    message.addr = eid_slice_text(eid_netaddr_format(&link->remote, text));
    link_send(link, &message);
}

/* A peer's own word on where it listens is taken for its own node id only. */
static void link_learn_addresses(eid__link *link, eid_slice text)
{
    eid_quic_address address;

    if (text.len == 0 || eid_quic_address_parse(text, &address) != EID_OK) return;
    if (memcmp(address.node, link->peer->address.node, EID_NODE_ID_BYTES) != 0) return;
    eid_quic_address_merge(&address, &link->peer->address);
    link->peer->address = address;
    link->sync->host.remember(link->sync->host.self, &link->peer->address, NULL);
}

static void link_on_hello(eid__link *link, const eid_message *message)
{
    if (link->hello_got) {
        eid__link_close(link, EID_CLOSE_PROTOCOL, "a second hello");
        return;
    }
    link->hello_got = true;
    link_learn_addresses(link, message->addr);
    link_send_hello(link);
    if (!link->we_dialled) link_send_observed(link);
    link->open_due_ns = eid__now(link->sync) + (link->we_dialled ? 0 : SYNC_OPEN_DELAY_NS);
    if (link->we_dialled) eid__link_open_feeds(link);
}

static void link_on_message(eid__link *link, eid_slice body)
{
    eid_message message;

    if (eid_message_decode(body, &message) != EID_OK) {
        eid_message_fini(&message);
        eid__link_close(link, EID_CLOSE_PROTOCOL, "a malformed control message");
        return;
    }
    if (message.type == EID_MESSAGE_HELLO) {
        link_on_hello(link, &message);
    } else if (message.type == EID_MESSAGE_OBSERVED || message.type == EID_MESSAGE_ERROR ||
               message.type == EID_MESSAGE_GOODBYE) {
        eid_log_debug("sync.control", "got=%s", eid_message_name(message.type));
    } else {
        eid_message answer;

        eid_message_init(&answer, EID_MESSAGE_ERROR);
        answer.code = EID_CODE_UNKNOWN_TYPE;
        answer.about = message.type;
        answer.text = eid_slice_text("unknown on the control stream");
        link_send(link, &answer);
    }
    eid_message_fini(&message);
}

void eid__link_on_control(eid__link *link, eid_slice bytes, bool fin)
{
    eid_sync *sync = link->sync;
    eid_slice body;
    eid_status status;

    sync->net.stream_consumed(sync->net.self, link->conn, link->control, bytes.len);
    status = eid__frames_feed(&link->control_in, bytes);
    while (status == EID_OK && !link->is_closed) {
        status = eid__frames_next(&link->control_in, &body);
        if (status == EID_OK) link_on_message(link, body);
    }
    if (link->is_closed) return;
    if (status != EID_OK && status != EID_E_AGAIN) {
        eid__link_close(link, EID_CLOSE_PROTOCOL, "a control message is too big");
    } else if (fin) {
        eid__link_close(link, EID_CLOSE_PROTOCOL, "the control stream ended");
    }
}

void eid__link_open_feeds(eid__link *link)
{
    eid_sync *sync = link->sync;

    link->open_due_ns = SYNC_NEVER;
    if (!link->hello_got || link->is_closed) return;
    for (size_t i = 0; i < link->peer->roots.count; i++) {
        if (!eid__feed_of_root(link, &link->peer->roots.at[i])) {
            eid__feed_open(link, &link->peer->roots.at[i]);
        }
    }
    for (eid__join *join = sync->joins; join; join = join->next) {
        if (eid__join_wants(sync, link->peer->address.node, &join->root) &&
            !eid__feed_of_root(link, &join->root)) {
            eid__feed_open(link, &join->root);
        }
    }
}

void eid__link_on_timer(eid__link *link, uint64_t now)
{
    if (!link->hello_got && now >= link->since_ns + SYNC_HELLO_NS) {
        eid__link_close(link, EID_CLOSE_PROTOCOL, "no hello in time");
        return;
    }
    if (now >= link->open_due_ns) eid__link_open_feeds(link);
    for (eid__feed *feed = link->feeds; feed && !link->is_closed; feed = feed->next) {
        if (!feed->is_closed) eid__feed_on_timer(feed, now);
    }
}

uint64_t eid__link_due(const eid__link *link)
{
    uint64_t due = link->open_due_ns;

    if (!link->hello_got && link->since_ns + SYNC_HELLO_NS < due)
        due = link->since_ns + SYNC_HELLO_NS;
    for (const eid__feed *feed = link->feeds; feed; feed = feed->next) {
        uint64_t feed_due = feed->is_closed ? SYNC_NEVER : eid__feed_due(feed);

        if (feed_due < due) due = feed_due;
    }
    return due;
}

/* Two nodes that dialled each other at once keep the connection of the smaller key; otherwise the
 * newer one wins, since the older may belong to a peer that has restarted. */
static bool link_keeps_old(const eid_sync *sync, const eid__link *old, bool new_is_ours)
{
    bool we_are_smaller = memcmp(sync->host.device, old->peer->address.node, EID_NODE_ID_BYTES) < 0;

    if (old->we_dialled == new_is_ours) return false;
    if (eid__now(sync) - old->since_ns > 2 * SYNC_SECOND) return false;
    return old->we_dialled == we_are_smaller;
}

static eid__link *link_new(eid_sync *sync, eid__peer *peer, uint64_t conn, bool we_dialled)
{
    eid__link *link = eid_alloc(sizeof *link);

    if (!link) return NULL;
    link->sync = sync;
    link->peer = peer;
    link->conn = conn;
    link->we_dialled = we_dialled;
    link->since_ns = eid__now(sync);
    link->control = -1;
    link->open_due_ns = SYNC_NEVER;
    eid__frames_init(&link->control_in);
    link->next = sync->links;
    sync->links = link;
    peer->link = link;
    peer->is_dialing = false;
    peer->dial_due_ns = SYNC_NEVER;
    peer->error[0] = '\0';
    return link;
}

static void link_accept(eid_sync *sync, uint64_t conn, const uint8_t node[32], bool we_dialled,
                        const eid_netaddr *remote)
{
    eid__peer *peer = eid__peer_ensure(sync, node);
    eid__link *link;

    if (!peer || peer->blocked || !sync->is_running) {
        sync->net.close(sync->net.self, conn, peer ? EID_CLOSE_BLOCKED : EID_CLOSE_OVERLOAD, "");
        return;
    }
    if (peer->link && link_keeps_old(sync, peer->link, we_dialled)) {
        peer->is_dialing = we_dialled ? false : peer->is_dialing;
        sync->net.close(sync->net.self, conn, EID_CLOSE_DUPLICATE, "connected already");
        return;
    }
    if (peer->link) eid__link_close(peer->link, EID_CLOSE_DUPLICATE, "a newer connection");
    link = link_new(sync, peer, conn, we_dialled);
    if (!link) {
        sync->net.close(sync->net.self, conn, EID_CLOSE_OVERLOAD, "out of memory");
        return;
    }
    link->remote = *remote;
    eid_log_info("sync.connected", "we_dialled=%d", we_dialled);
    if (we_dialled) {
        if (sync->net.stream_open(sync->net.self, conn, &link->control) == EID_OK) {
            link_send_hello(link);
        } else {
            eid__link_close(link, EID_CLOSE_PROTOCOL, "no control stream");
        }
    }
}

static void link_end(eid__link *link, eid_close reason, const char *text)
{
    eid_sync *sync = link->sync;

    link->is_closed = true;
    for (eid__feed *feed = link->feeds; feed; feed = feed->next) eid__feed_drop(feed);
    if (link->peer->link == link) {
        link->peer->link = NULL;
        snprintf(link->peer->error, sizeof link->peer->error, "%s%s%s", eid_close_text(reason),
                 *text ? ": " : "", text);
        if (sync->is_running) {
            if (link->hello_got) link->peer->backoff_ns = 0;
            eid__peer_back_off(sync, link->peer);
        }
    }
    eid_log_info("sync.closed", "reason=%s", eid_close_text(reason));
}

void eid_sync_on_connected(eid_sync *sync, uint64_t conn, const uint8_t node[32], bool we_dialled,
                           const eid_netaddr *remote)
{
    eid__sync_enter(sync);
    link_accept(sync, conn, node, we_dialled, remote);
    eid__sync_leave(sync);
}

void eid_sync_on_closed(eid_sync *sync, uint64_t conn, eid_close reason, const char *text)
{
    eid__link *link = eid__link_find(sync, conn);

    if (!link) return;
    eid__sync_enter(sync);
    link_end(link, reason, text);
    eid__sync_leave(sync);
}
