/* How a feed begins: who may read what, what both sides know of each other, and who sends first
 * (PROTOCOL.md §4, §4.1). */
#include "node/sync/internal.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

/* Not more than a message may say: the peer then sends too much, never too little. */
static void feed_cap(eid_idset *set)
{
    if (set->count > EID_SYNC_TIPS_MAX) set->count = EID_SYNC_TIPS_MAX;
}

/* Fill in what open and accept have in common. */
static eid_status feed_introduce(eid__feed *feed, eid_message *message)
{
    eid_sync *sync = feed->link->sync;
    eid_status status =
        sync->host.tips(sync->host.self, &feed->root, &message->tips, &message->count);

    if (status != EID_OK) return status;
    status = sync->host.cursor_load(sync->host.self, feed->link->peer->address.node, &feed->root,
                                    &message->have);
    if (status != EID_OK && status != EID_E_NOT_FOUND) return status;
    feed_cap(&message->tips);
    feed_cap(&message->have);
    message->proof_count =
        sync->host.proofs(sync->host.self, &feed->root, message->proofs, EID_MESSAGE_PROOFS_MAX);
    return eid_idset_assign(&feed->told, eid_idset_ids(&message->tips));
}

void eid__feed_open(eid__link *link, const eid_id *root)
{
    eid_sync *sync = link->sync;
    eid_message message;
    eid__feed *feed;
    int64_t stream;

    if (sync->net.stream_open(sync->net.self, link->conn, &stream) != EID_OK) {
        link->open_due_ns = eid__now(sync) + SYNC_SECOND; /* the peer's limit: later */
        return;
    }
    feed = eid__feed_new(link, stream, true);
    if (!feed) {
        sync->net.stream_reset(sync->net.self, link->conn, stream, EID_CODE_OVERLOAD);
        return;
    }
    feed->root = *root;
    eid_message_init(&message, EID_MESSAGE_OPEN);
    message.root = *root;
    if (feed_introduce(feed, &message) == EID_OK)
        eid__feed_send(feed, &message);
    else
        eid__feed_fail(feed, EID_CODE_STORAGE, "our own store cannot be read");
    eid_message_fini(&message);
}

static void feed_keep_proofs(eid__feed *feed, const eid_message *message)
{
    memcpy(feed->proofs, message->proofs, message->proof_count * sizeof *message->proofs);
    feed->proof_count = message->proof_count;
}

void eid__feed_recheck(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;

    feed->peer_may_read =
        sync->host.may_read(sync->host.self, &feed->root, feed->link->peer->address.node,
                            feed->proofs, feed->proof_count);
}

static void feed_refuse(eid__feed *feed, eid_message_code code, const char *text)
{
    eid_message message;

    eid_message_init(&message, EID_MESSAGE_REFUSE);
    message.code = (uint64_t)code;
    message.text = eid_slice_text(text);
    eid__feed_send(feed, &message);
    eid_message_fini(&message);
    if (feed->is_closed || feed->stream < 0) return;
    (void)feed->link->sync->net.stream_send(feed->link->sync->net.self, feed->link->conn,
                                            feed->stream, EID_SLICE_EMPTY, true);
    eid__feed_drop(feed);
}

/* Both sides may open at once: the smaller key's stream stays. True if this one may go on. */
static bool feed_wins(eid__feed *feed)
{
    eid_sync *sync = feed->link->sync;
    eid__feed *other = eid__feed_of_root(feed->link, &feed->root);
    bool we_are_smaller =
        memcmp(sync->host.device, feed->link->peer->address.node, EID_NODE_ID_BYTES) < 0;

    if (!other) return true;
    if (other->is_ours && other->state == FEED_OPENING && we_are_smaller) return false;
    if (other->stream >= 0) {
        sync->net.stream_reset(sync->net.self, other->link->conn, other->stream,
                               EID_CODE_DUPLICATE);
    }
    eid__feed_drop(other);
    return true;
}

typedef enum past { PAST_NOTHING, PAST_ALL, PAST_SOME, PAST_UNKNOWN } past;

eid_status eid__feed_keep_held(eid__feed *feed, const eid_idset *ids, eid_idset *out, size_t *held)
{
    eid_sync *sync = feed->link->sync;
    bool *flags = eid_alloc_array(ids->count, sizeof *flags);
    eid_status status;

    *held = 0;
    if (ids->count == 0) {
        eid_free(flags);
        return EID_OK;
    }
    if (!flags) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu tips", ids->count);
    status = sync->host.held(sync->host.self, &feed->root, eid_idset_ids(ids), flags);
    for (size_t i = 0; i < ids->count && status == EID_OK; i++) {
        if (!flags[i]) continue;
        status = eid_idset_add(out, &ids->at[i]);
        ++*held;
    }
    eid_free(flags);
    return status;
}

/* What of the other's tips and cursor is visible here: `common` gets it. */
static eid_status feed_past(eid__feed *feed, const eid_message *message, eid_idset *common,
                            past *out)
{
    size_t held;
    eid_status status;

    *out = PAST_NOTHING;
    if (message->tips.count == 0) return EID_OK;
    status = eid__feed_keep_held(feed, &message->tips, common, &held);
    if (status != EID_OK) return status;
    *out = PAST_ALL;
    if (held == message->tips.count) return EID_OK;
    status = eid__feed_keep_held(feed, &message->have, common, &held);
    *out = common->count > 0 ? PAST_SOME : PAST_UNKNOWN;
    return status;
}

static eid_status feed_take_state(eid__feed *feed, const eid_message *message)
{
    feed->peer_count = message->count;
    return eid_idset_assign(&feed->peer_tips, eid_idset_ids(&message->tips));
}

static void feed_answer(eid__feed *feed, const eid_message *open)
{
    eid_message answer;
    eid_idset common = EID_IDSET_EMPTY;
    past what = PAST_UNKNOWN;

    eid_message_init(&answer, EID_MESSAGE_ACCEPT);
    if (feed_take_state(feed, open) != EID_OK || feed_introduce(feed, &answer) != EID_OK ||
        feed_past(feed, open, &common, &what) != EID_OK) {
        feed_refuse(feed, EID_CODE_STORAGE, "the store cannot be read");
        goto done;
    }
    feed->state = FEED_WAITING;
    feed->due_ns = SYNC_NEVER;
    answer.common = what != PAST_UNKNOWN;
    eid__feed_send(feed, &answer);
    if (!feed->is_closed && what != PAST_UNKNOWN) eid__feed_begin(feed, eid_idset_ids(&common));

done:
    eid_idset_fini(&common);
    eid_message_fini(&answer);
}

void eid__feed_on_open(eid__feed *feed, eid_message *message)
{
    feed->root = message->root;
    feed_keep_proofs(feed, message);
    eid__feed_recheck(feed);
    if (!feed->peer_may_read) {
        feed_refuse(feed, EID_CODE_UNKNOWN, "no such database for you");
        return;
    }
    if (!feed_wins(feed)) {
        feed_refuse(feed, EID_CODE_DUPLICATE, "the other stream is kept");
        return;
    }
    eid__peer_relate(feed->link->sync, feed->link->peer, &feed->root);
    feed_answer(feed, message);
}

void eid__feed_on_accept(eid__feed *feed, eid_message *message)
{
    eid_idset common = EID_IDSET_EMPTY;
    past what = PAST_UNKNOWN;

    feed->error[0] = '\0';
    feed->state = FEED_WAITING;
    feed->due_ns = SYNC_NEVER;
    feed_keep_proofs(feed, message);
    eid__feed_recheck(feed);
    eid__peer_relate(feed->link->sync, feed->link->peer, &feed->root);
    if (feed_take_state(feed, message) != EID_OK ||
        feed_past(feed, message, &common, &what) != EID_OK) {
        eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
    } else if (!feed->peer_may_read || feed->told.count == 0 || what != PAST_UNKNOWN) {
        eid__feed_begin(feed, eid_idset_ids(&common));
    } else if (!message->common) {
        eid__feed_compare(feed);
    }
    eid_idset_fini(&common);
    eid__join_progress(feed);
}

void eid__feed_on_refuse(eid__feed *feed, const eid_message *message)
{
    eid__link *link = feed->link;
    eid_id root = feed->root;

    if (message->code == EID_CODE_DUPLICATE) {
        link->sync->net.stream_reset(link->sync->net.self, link->conn, feed->stream, EID_CODE_NONE);
        eid__feed_drop(feed);
        return;
    }
    eid__feed_fail(feed, EID_CODE_NONE,
                   message->code == EID_CODE_UNKNOWN ? "the peer does not serve this database to us"
                                                     : "the peer refuses for now");
    eid__join_failed(link->sync, link->peer->address.node, &root,
                     message->code == EID_CODE_UNKNOWN ? EID_KIND_SYNC_REFUSED : EID_KIND_OVERLOAD,
                     "the node that the ticket names does not know this database, or this user's "
                     "key may not read it");
}
