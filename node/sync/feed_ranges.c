/* Range-based set reconciliation (PROTOCOL.md §4.2) for two sides that know nothing of each other's
 * tips: equal fingerprints end a range, small ranges are listed, others are split sixteenfold.
 * Every question is answered by one message, so the work is bounded by what differs; a peer that
 * asks nonsense costs itself as much as us. Source: A. Meyer, "Range-Based Set Reconciliation"
 * (2022). */
#include "node/sync/internal.h"

#include "dag/alloc.h"

static const eid_order_item *range_item(const eid_bound *bound)
{
    return bound->open ? NULL : &bound->item;
}

/* Append a part to a message of ours; NULL when there is no room. */
static eid_part *range_add(eid_message *message, const eid_bound *from, const eid_bound *to)
{
    eid_part *part;

    if (message->part_count >= EID_MESSAGE_PARTS_MAX) return NULL;
    part = &message->parts[message->part_count++];
    memset(part, 0, sizeof *part);
    part->from = *from;
    part->to = *to;
    return part;
}

/* A part with our ids, which are few. */
static eid_status range_add_ids(eid__feed *feed, eid_message *message, const eid_bound *from,
                                const eid_bound *to, uint64_t count)
{
    eid_sync *sync = feed->link->sync;
    eid_part *part = range_add(message, from, to);
    eid_order_item item;
    eid_status status = EID_OK;

    if (!part) return EID_OK; /* the next comparison will find it */
    part->has_ids = true;
    part->ids = eid_alloc_array(count, sizeof *part->ids);
    if (!part->ids) return EID_FAIL(EID_KIND_NO_MEMORY, "%llu ids", (unsigned long long)count);
    for (uint64_t i = 0; i < count && status == EID_OK; i++) {
        status = sync->host.item_at(sync->host.self, &feed->root, range_item(from), range_item(to),
                                    i, &item);
        if (status == EID_OK) part->ids[part->id_count++] = item.id;
    }
    part->id_count = eid_ids_normalize(part->ids, part->id_count);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* A part with our fingerprint. */
static eid_status range_add_sum(eid__feed *feed, eid_message *message, const eid_bound *from,
                                const eid_bound *to)
{
    eid_sync *sync = feed->link->sync;
    eid_part *part = range_add(message, from, to);

    if (!part) return EID_OK;
    return sync->host.fingerprint(sync->host.self, &feed->root, range_item(from), range_item(to),
                                  &part->count, part->sum);
}

/* Split a range into parts of about equal numbers of ours. */
static eid_status range_split(eid__feed *feed, eid_message *message, const eid_bound *from,
                              const eid_bound *to, uint64_t count)
{
    eid_sync *sync = feed->link->sync;
    eid_bound low = *from;
    eid_status status = EID_OK;

    for (uint64_t i = 1; i <= SYNC_RANGE_FAN && status == EID_OK; i++) {
        eid_bound high = *to;

        if (i < SYNC_RANGE_FAN) {
            uint64_t rank =
                count / SYNC_RANGE_FAN * i + count % SYNC_RANGE_FAN * i / SYNC_RANGE_FAN;

            high.open = false;
            status = sync->host.item_at(sync->host.self, &feed->root, range_item(from),
                                        range_item(to), rank, &high.item);
            if (status != EID_OK) break;
        }
        status = range_add_sum(feed, message, &low, &high);
        low = high;
    }
    return status;
}

/* Our answer to a part that differs: ids if we have few, else a split. */
static eid_status range_answer(eid__feed *feed, eid_message *answer, const eid_part *part,
                               bool *asks)
{
    eid_sync *sync = feed->link->sync;
    uint8_t sum[32];
    uint64_t count;
    eid_status status = sync->host.fingerprint(
        sync->host.self, &feed->root, range_item(&part->from), range_item(&part->to), &count, sum);

    if (status != EID_OK) return status;
    if (count == part->count && memcmp(sum, part->sum, sizeof sum) == 0) return EID_OK;
    if (count <= SYNC_RANGE_IDS) {
        return range_add_ids(feed, answer, &part->from, &part->to, count);
    }
    *asks = true;
    return range_split(feed, answer, &part->from, &part->to, count);
}

/* Queue what we have in the part and they do not; ask for what they have and we do not. */
static eid_status range_exchange(eid__feed *feed, const eid_part *part, eid_message *want)
{
    eid_sync *sync = feed->link->sync;
    bool flags[EID_MESSAGE_PART_IDS_MAX];
    eid_idset theirs = {part->ids, part->id_count, part->id_count};
    eid_ids ids = {part->ids, part->id_count};
    eid_order_item item;
    eid_status status = sync->host.held(sync->host.self, &feed->root, ids, flags);

    for (size_t i = 0; i < part->id_count && status == EID_OK; i++) {
        if (!flags[i] && want->ids.count < EID_SYNC_TIPS_MAX) {
            status = eid_idset_add(&want->ids, &part->ids[i]);
        }
    }
    for (uint64_t rank = 0; status == EID_OK && feed->peer_may_read; rank++) {
        if (feed->queue.count - feed->queue_at >= SYNC_WANT_MAX) break; /* the next one finds it */
        status = sync->host.item_at(sync->host.self, &feed->root, range_item(&part->from),
                                    range_item(&part->to), rank, &item);
        if (status == EID_OK && !eid_idset_has(&theirs, &item.id)) eid__feed_queue(feed, &item);
    }
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

void eid__feed_compare(eid__feed *feed)
{
    eid_bound all = {.open = true};
    eid_message message;
    uint64_t count = 0;
    uint8_t sum[32];
    eid_sync *sync = feed->link->sync;
    eid_status status;

    eid_message_init(&message, EID_MESSAGE_RANGES);
    message.parts = eid_alloc_array(EID_MESSAGE_PARTS_MAX, sizeof *message.parts);
    status = message.parts ? sync->host.tips(sync->host.self, &feed->root, &feed->known, &count)
                           : EID_FAIL(EID_KIND_NO_MEMORY, "ranges");
    if (status == EID_OK) {
        status = sync->host.fingerprint(sync->host.self, &feed->root, NULL, NULL, &count, sum);
    }
    if (status == EID_OK) {
        status = count > SYNC_RANGE_IDS ? range_split(feed, &message, &all, &all, count)
                                        : range_add_sum(feed, &message, &all, &all);
    }
    if (status == EID_OK) {
        feed->state = FEED_COMPARING;
        feed->asked = 1;
        eid__feed_send(feed, &message);
    } else {
        eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
    }
    eid_message_fini(&message);
}

/* No question is open on either side: what is queued is the difference. */
static void range_finish(eid__feed *feed)
{
    if (feed->asked > 0 || feed->is_closed || feed->stream < 0) return;
    feed->state = FEED_SENDING;
    eid__feed_pump(feed);
}

static eid_status range_handle(eid__feed *feed, const eid_message *message, eid_message *answer,
                               eid_message *want, bool *is_question, bool *asks)
{
    eid_status status = EID_OK;

    for (size_t i = 0; i < message->part_count && status == EID_OK; i++) {
        const eid_part *part = &message->parts[i];

        if (part->has_ids) {
            status = range_exchange(feed, part, want);
        } else {
            *is_question = true;
            status = range_answer(feed, answer, part, asks);
        }
    }
    return status;
}

void eid__feed_on_ranges(eid__feed *feed, const eid_message *message)
{
    eid_message answer, want;
    bool is_question = false, asks = false;
    eid_sync *sync = feed->link->sync;
    eid_status status = EID_OK;
    uint64_t count;

    if (!feed->peer_may_read) {
        eid__feed_fail(feed, EID_CODE_STATE, "ranges without the right to read");
        return;
    }
    eid_message_init(&answer, EID_MESSAGE_RANGES);
    eid_message_init(&want, EID_MESSAGE_WANT);
    answer.parts = eid_alloc_array(EID_MESSAGE_PARTS_MAX, sizeof *answer.parts);
    if (feed->state == FEED_WAITING) {
        feed->state = FEED_COMPARING;
        status = sync->host.tips(sync->host.self, &feed->root, &feed->known, &count);
    }
    if (!answer.parts) status = EID_FAIL(EID_KIND_NO_MEMORY, "ranges");
    if (feed->asked > 0) feed->asked--;
    if (status == EID_OK) {
        status = range_handle(feed, message, &answer, &want, &is_question, &asks);
    }
    if (status != EID_OK) {
        eid__feed_fail(feed, EID_CODE_STORAGE, "the store cannot be read");
    } else {
        if (asks) feed->asked++;
        if (is_question) eid__feed_send(feed, &answer);
        if (want.ids.count > 0) eid__feed_send(feed, &want);
        if (feed->state == FEED_COMPARING)
            range_finish(feed);
        else
            eid__feed_pump(feed);
    }
    eid_message_fini(&answer);
    eid_message_fini(&want);
}
