/* Joining: the ticket's nodes are handed to the engine, and the caller waits here, told of progress
 * on its own thread. What the engine tells is kept under the service's lock. */
#include <jansson.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "node/sync/control_internal.h"
#include "transport/ticket.h"

typedef struct control_join {
    eid_sync_service *service;
    eid_quic_address addresses[EID_CANDIDATES_MAX_PER_NODE];
    size_t count;
    eid_id root;
    uint64_t number;
    eid_status started;
    eid_kind started_kind;
    /* Under the service's lock from here on: */
    bool is_done;
    eid_kind kind;
    char text[EID_DETAIL_TEXT_MAX];
    uint64_t entries, total, bytes;
    uint64_t news; /* of progress */
} control_join;

static void join_on_progress(void *self, uint64_t entries, uint64_t total, uint64_t bytes)
{
    control_join *join = self;

    pthread_mutex_lock(&join->service->lock);
    join->entries = entries;
    join->total = total;
    join->bytes = bytes;
    join->news++;
    pthread_cond_broadcast(&join->service->changed);
    pthread_mutex_unlock(&join->service->lock);
}

static void join_on_done(void *self, eid_kind kind, const char *text)
{
    control_join *join = self;

    pthread_mutex_lock(&join->service->lock);
    join->is_done = true;
    join->kind = kind;
    snprintf(join->text, sizeof join->text, "%s", text);
    pthread_cond_broadcast(&join->service->changed);
    pthread_mutex_unlock(&join->service->lock);
}

static void join_start_on_net(void *arg)
{
    control_join *join = arg;
    eid_sync_join_events events = {join, join_on_progress, join_on_done};

    join->started = eid_sync_join(join->service->sync, join->addresses, join->count, &join->root,
                                  &events, &join->number);
    if (join->started == EID_OK) return;
    join->started_kind = eid_status_detail(join->started).kind;
    snprintf(join->text, sizeof join->text, "%s", eid_status_detail(join->started).text);
}

static void join_cancel_on_net(void *arg)
{
    control_join *join = arg;

    eid_sync_join_cancel(join->service->sync, join->number);
}

static eid_status join_read_ticket(eid__call *call, control_join *join)
{
    const char *text = eid__call_text(call, "ticket");
    eid_ticket ticket;
    eid_status status;

    if (!text) return EID_FAIL(EID_KIND_ARGUMENT, "the ticket is missing");
    memset(&ticket, 0, sizeof ticket);
    status = eid_ticket_parse(eid_slice_text(text), &ticket);
    if (status != EID_OK) return status;
    join->root = ticket.database;
    while (join->count < EID_CANDIDATES_MAX_PER_NODE &&
           eid_ticket_quic(&ticket, join->count, &join->addresses[join->count]) == EID_OK) {
        join->count++;
    }
    eid_ticket_fini(&ticket);
    if (join->count > 0) return EID_OK;
    return EID_FAIL(EID_KIND_TICKET_NO_ADDRESS,
                    "the ticket has no address hints that this node can dial");
}

static void join_tell_progress(eid__call *call, uint64_t entries, uint64_t total, uint64_t bytes)
{
    char json[160];

    if (!call->progress) return;
    snprintf(json, sizeof json, "{\"entries\":%llu,\"total\":%llu,\"bytes\":%llu}",
             (unsigned long long)entries, (unsigned long long)total, (unsigned long long)bytes);
    call->progress(call->progress_arg, eid_slice_text(json));
}

/* Until it is done (true) or the time is over. */
static bool join_wait(eid__call *call, control_join *join, uint64_t until_ms)
{
    eid_sync_service *service = call->service;
    uint64_t told = 0;
    bool is_done;

    pthread_mutex_lock(&service->lock);
    while (!join->is_done && !service->stops && eid__control_now_ms(service) < until_ms) {
        eid__control_wait_tick(service);
        if (join->news == told) continue;
        told = join->news;
        uint64_t entries = join->entries, total = join->total, bytes = join->bytes;
        pthread_mutex_unlock(&service->lock);
        join_tell_progress(call, entries, total, bytes);
        pthread_mutex_lock(&service->lock);
    }
    is_done = join->is_done;
    pthread_mutex_unlock(&service->lock);
    return is_done;
}

static eid_status join_run(eid__call *call, control_join *join)
{
    uint64_t timeout = eid__call_timeout_ms(call);
    uint64_t until = timeout ? eid__control_now_ms(call->service) + timeout : UINT64_MAX;
    eid_status status = eid_net_call(call->service->net, join_start_on_net, join);

    if (status != EID_OK) return status;
    if (join->started != EID_OK) return eid_status_restore(join->started_kind, join->text);
    if (!join_wait(call, join, until)) {
        status = eid_net_call(call->service->net, join_cancel_on_net, join);
        if (status != EID_OK) return status;
        if (join->kind == EID_KIND_CANCELLED) {
            return EID_FAIL(EID_KIND_TIMEOUT,
                            "%llu of %llu entries have come; what has come is kept",
                            (unsigned long long)join->entries, (unsigned long long)join->total);
        }
    }
    if (join->kind != EID_KIND_NONE) return eid_status_restore(join->kind, join->text);
    return EID_OK;
}

eid_status eid__method_join(eid__call *call)
{
    char text[EID_ID_TEXT_MAX];
    control_join *join = eid_alloc(sizeof *join);
    eid_sync_proof proof;
    eid_status status;

    if (!join) return EID_FAIL(EID_KIND_NO_MEMORY, "join");
    join->service = call->service;
    status = join_read_ticket(call, join);
    if (status == EID_OK) status = eid__call_proof(call, &join->root, &proof);
    if (status == EID_OK) status = eid__network_add_proof(call->service, &join->root, &proof);
    if (status == EID_OK) status = join_run(call, join);
    if (status == EID_OK) status = eid__control_set_shared(call->service, &join->root, true);
    if (status == EID_OK) {
        eid_json_key(&call->writer, "root");
        eid_json_text(&call->writer, eid_id_format(&join->root, text));
        eid_json_key(&call->writer, "entries");
        eid_json_uint(&call->writer, join->entries);
        eid_json_key(&call->writer, "bytes");
        eid_json_uint(&call->writer, join->bytes);
    }
    eid_free(join);
    return status;
}
