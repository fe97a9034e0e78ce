/* What people ask: status, peers, totals, and waiting until all is in sync. The engine's views are
 * copied on the network thread and written here. */
#include <jansson.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "node/sync/control_internal.h"

typedef struct control_views {
    eid_sync_service *service;
    eid_sync_view *at;
    size_t count, cap;
    bool failed;
} control_views;

static void views_add(void *self, const eid_sync_view *view)
{
    control_views *views = self;

    if (views->count == views->cap) {
        size_t cap = views->cap ? views->cap * 2 : 32;
        eid_sync_view *at = eid_realloc(views->at, cap * sizeof *at);

        if (!at) {
            views->failed = true;
            return;
        }
        views->at = at;
        views->cap = cap;
    }
    views->at[views->count++] = *view;
}

static void views_on_net(void *arg)
{
    control_views *views = arg;

    eid_sync_views(views->service->sync, views_add, views);
}

static eid_status control_views_take(eid_sync_service *service, control_views *views)
{
    eid_status status;

    memset(views, 0, sizeof *views);
    views->service = service;
    status = eid_net_call(service->net, views_on_net, views);
    if (status == EID_OK && views->failed) status = EID_FAIL(EID_KIND_NO_MEMORY, "peers");
    return status;
}

static void write_node(eid_json_writer *writer, const char *key, const uint8_t node[32])
{
    char text[EID_NODE_ID_TEXT];

    eid_json_key(writer, key);
    eid_json_text(writer, eid_node_id_format(node, text));
}

static void write_peer_key(eid_json_writer *writer, const uint8_t node[32])
{
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey key;

    memcpy(key.bytes, node, sizeof key.bytes);
    eid_json_key(writer, "peer");
    eid_json_text(writer, eid_pubkey_text(&key, text));
}

static void write_view(eid_json_writer *writer, const eid_sync_view *view)
{
    char seen[40];

    eid_json_object(writer);
    write_peer_key(writer, view->peer);
    eid_json_key(writer, "phase");
    eid_json_text(writer, eid_sync_phase_name(view->phase));
    eid_json_key(writer, "in_sync");
    eid_json_bool(writer, view->in_sync);
    eid_json_key(writer, "to_send");
    eid_json_uint(writer, view->to_send);
    eid_json_key(writer, "to_receive");
    eid_json_uint(writer, view->to_receive);
    eid_json_key(writer, "sent");
    eid_json_uint(writer, view->sent);
    eid_json_key(writer, "received");
    eid_json_uint(writer, view->received);
    eid_clock_format_rfc3339(view->last_sync_ms, seen);
    eid_json_key(writer, "last_sync");
    eid_json_text(writer, view->last_sync_ms ? seen : NULL);
    eid_json_key(writer, "error");
    eid_json_text(writer, view->error[0] ? view->error : NULL);
    eid_json_object_end(writer);
}

typedef struct control_databases {
    eid__call *call;
    const control_views *views;
} control_databases;

static eid_status write_database(void *arg, const eid_db_info *info)
{
    control_databases *databases = arg;
    eid_json_writer *writer = &databases->call->writer;
    const control_views *views = databases->views;
    char text[EID_ID_TEXT_MAX];

    if (!info->shared) return EID_OK;
    if (databases->call->has_root && !eid_id_equal(&databases->call->root, &info->root)) {
        return EID_OK;
    }
    eid_json_object(writer);
    eid_json_key(writer, "root");
    eid_json_text(writer, eid_id_format(&info->root, text));
    eid_json_key(writer, "name");
    eid_json_text(writer, info->name);
    eid_json_key(writer, "shared");
    eid_json_bool(writer, info->shared);
    eid_json_key(writer, "entries");
    eid_json_uint(writer, info->counts.verified);
    eid_json_key(writer, "peers");
    eid_json_array(writer);
    for (size_t i = 0; i < views->count; i++) {
        if (eid_id_equal(&views->at[i].root, &info->root)) write_view(writer, &views->at[i]);
    }
    eid_json_array_end(writer);
    eid_json_object_end(writer);
    return EID_OK;
}

static void write_self(const eid_sync_service *service, eid_json_writer *writer)
{
    write_node(writer, "node", service->device.pub.bytes);
    eid_json_key(writer, "listen");
    eid_json_array(writer);
    for (size_t i = 0; i < service->listen_count; i++) eid_json_text(writer, service->listens[i]);
    eid_json_array_end(writer);
}

eid_status eid__method_status(eid__call *call)
{
    const eid_seam *seam = call->service->seam;
    control_views views;
    control_databases databases = {call, &views};
    eid_status status = control_views_take(call->service, &views);

    if (status == EID_OK) {
        write_self(call->service, &call->writer);
        eid_json_key(&call->writer, "databases");
        eid_json_array(&call->writer);
        status = seam->databases(seam->self, write_database, &databases);
        eid_json_array_end(&call->writer);
    }
    eid_free(views.at);
    return status;
}

static void now_on_net(void *arg)
{
    const eid__call *call = arg;

    eid_sync_now(call->service->sync, call->has_root ? &call->root : NULL);
}

eid_status eid__method_now(eid__call *call)
{
    return eid_net_call(call->service->net, now_on_net, call);
}

/* Whether a waiter is content; `why` gets what is missing. */
static bool views_in_sync(const eid__call *call, const control_views *views, char *why, size_t size)
{
    size_t connected = 0;

    for (size_t i = 0; i < views->count; i++) {
        const eid_sync_view *view = &views->at[i];

        if (eid_id_is_empty(&view->root) || view->phase == EID_SYNC_OFFLINE) continue;
        if (call->has_root && !eid_id_equal(&view->root, &call->root)) continue;
        if (view->phase == EID_SYNC_REFUSED) continue;
        connected++;
        if (view->in_sync) continue;
        snprintf(why, size, "a peer is %s: %llu entries to send, %llu to receive%s%s",
                 eid_sync_phase_name(view->phase), (unsigned long long)view->to_send,
                 (unsigned long long)view->to_receive, view->error[0] ? "; " : "", view->error);
        return false;
    }
    if (connected == 0) snprintf(why, size, "no peer that has it is connected");
    return connected > 0;
}

eid_status eid__method_wait(eid__call *call)
{
    eid_sync_service *service = call->service;
    uint64_t timeout = eid__call_timeout_ms(call);
    uint64_t until = timeout ? eid__control_now_ms(service) + timeout : UINT64_MAX;
    char why[400] = "";

    for (;;) {
        control_views views;
        uint64_t before;
        bool content, stops;
        eid_status status;

        pthread_mutex_lock(&service->lock);
        before = service->changes;
        stops = service->stops;
        pthread_mutex_unlock(&service->lock);
        if (stops) return EID_FAIL(EID_KIND_CANCELLED, "this node stops to sync");
        status = control_views_take(service, &views);
        if (status != EID_OK) return status;
        content = views_in_sync(call, &views, why, sizeof why);
        eid_free(views.at);
        if (content) break;
        if (eid__control_now_ms(service) >= until) return EID_FAIL(EID_KIND_SYNC_BEHIND, "%s", why);
        pthread_mutex_lock(&service->lock);
        if (service->changes == before) eid__control_wait_tick(service);
        pthread_mutex_unlock(&service->lock);
    }
    eid_json_key(&call->writer, "in_sync");
    eid_json_bool(&call->writer, true);
    return EID_OK;
}

eid_status eid__method_peers(eid__call *call)
{
    eid_json_writer *writer = &call->writer;
    control_views views;
    eid_status status = control_views_take(call->service, &views);

    eid_json_key(writer, "peers");
    eid_json_array(writer);
    for (size_t i = 0; i < views.count && status == EID_OK; i++) {
        const eid_sync_view *view = &views.at[i];

        if (!eid_id_is_empty(&view->root)) continue;
        eid_json_object(writer);
        write_peer_key(writer, view->peer);
        write_node(writer, "node", view->peer);
        eid_json_key(writer, "connected");
        eid_json_bool(writer, view->phase != EID_SYNC_OFFLINE);
        eid_json_key(writer, "error");
        eid_json_text(writer, view->error[0] ? view->error : NULL);
        eid_book_describe(call->service->book, view->peer, writer);
        eid_json_object_end(writer);
    }
    eid_json_array_end(writer);
    eid_free(views.at);
    return status;
}

typedef struct control_totals {
    eid_sync_service *service;
    uint64_t sent, received;
} control_totals;

static void totals_on_net(void *arg)
{
    control_totals *totals = arg;

    eid_endpoint_totals(eid_net_endpoint(totals->service->net), &totals->sent, &totals->received);
}

eid_status eid__method_net_info(eid__call *call)
{
    control_totals totals = {call->service, 0, 0};
    eid_status status = eid_net_call(call->service->net, totals_on_net, &totals);

    if (status != EID_OK) return status;
    write_self(call->service, &call->writer);
    eid_json_key(&call->writer, "bytes_sent");
    eid_json_uint(&call->writer, totals.sent);
    eid_json_key(&call->writer, "bytes_received");
    eid_json_uint(&call->writer, totals.received);
    return EID_OK;
}
