/* Start and stop, and what crosses threads: events of the endpoint go to the engine as they come,
 * writes and ended ingests of other threads are posted to the network thread. */
#include "node/sync/network.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"

#define NETWORK_LISTEN_RECORD "sync/listen"

void eid__network_signal(eid_sync_service *service)
{
    pthread_mutex_lock(&service->lock);
    service->changes++;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->lock);
}

/* ---- events of the endpoint */

static void net_on_connected(void *self, uint64_t conn, const uint8_t peer[32], bool we_dialled,
                             const eid_netaddr *remote)
{
    eid_sync_service *service = self;

    if (we_dialled && !eid__dial_connected(service, conn)) return;
    eid_sync_on_connected(service->sync, conn, peer, we_dialled, remote);
    eid__network_signal(service);
}

static void net_on_closed(void *self, uint64_t conn, eid_close reason, const char *text)
{
    eid_sync_service *service = self;

    if (!eid__dial_closed(service, conn, reason, text)) {
        eid_sync_on_closed(service->sync, conn, reason, text);
    }
    eid__network_signal(service);
}

static void net_on_data(void *self, uint64_t conn, int64_t stream, eid_slice bytes, bool fin)
{
    eid_sync_service *service = self;

    eid_sync_on_data(service->sync, conn, stream, bytes, fin);
}

static void net_on_writable(void *self, uint64_t conn, int64_t stream)
{
    eid_sync_service *service = self;

    eid_sync_on_stream_writable(service->sync, conn, stream);
}

static void net_on_stream_closed(void *self, uint64_t conn, int64_t stream, uint64_t code)
{
    eid_sync_service *service = self;

    eid_sync_on_stream_closed(service->sync, conn, stream, code);
}

static bool net_may_accept(void *self, const uint8_t peer[32])
{
    eid_sync_service *service = self;

    return !eid_book_is_blocked(service->book, peer);
}

static void net_on_timer(void *self)
{
    eid_sync_service *service = self;

    eid_sync_on_timer(service->sync);
}

/* ---- from other threads to the network thread */

typedef struct network_ingested {
    eid_sync_service *service;
    uint64_t number;
    eid_sync_ingested result;
    eid_idset missing;
    eid_kind kind;
    char text[EID_DETAIL_TEXT_MAX];
} network_ingested;

static void network_deliver_ingested(void *arg)
{
    network_ingested *ended = arg;

    ended->result.missing = eid_idset_ids(&ended->missing);
    if (ended->kind != EID_KIND_NONE) {
        ended->result.status = eid_status_restore(ended->kind, ended->text);
    }
    eid_sync_on_ingested(ended->service->sync, ended->number, &ended->result);
    eid__network_signal(ended->service);
    eid_idset_fini(&ended->missing);
    eid_free(ended);
}

/* On the intake's worker. */
static void network_on_ingested(void *self, uint64_t number, const eid_sync_ingested *result)
{
    eid_sync_service *service = self;
    network_ingested *ended = eid_alloc(sizeof *ended);

    if (!ended) return;
    ended->service = service;
    ended->number = number;
    ended->result = *result;
    if (result->status != EID_OK) {
        eid_detail detail = eid_status_detail(result->status);

        ended->kind = detail.kind;
        snprintf(ended->text, sizeof ended->text, "%s", detail.text);
    }
    if (eid_idset_assign(&ended->missing, result->missing) != EID_OK ||
        eid_net_post(service->net, network_deliver_ingested, ended) != EID_OK) {
        eid_idset_fini(&ended->missing);
        eid_free(ended);
    }
}

static void network_deliver_writes(void *arg)
{
    eid_sync_service *service = arg;
    eid_idset written;

    pthread_mutex_lock(&service->lock);
    written = service->written;
    service->written = EID_IDSET_EMPTY;
    pthread_mutex_unlock(&service->lock);
    for (size_t i = 0; i < written.count; i++) {
        if (!eid_sync_source_is_shared(service->source, &written.at[i])) continue;
        eid_sync_on_write(service->sync, &written.at[i]);
    }
    eid_idset_fini(&written);
    eid__network_signal(service);
}

/* On the writing thread. Under load many writes wait for one turn of the network thread, which then
 * sends them together. */
static void network_on_write(void *self, const eid_id *root, bool is_remote)
{
    eid_sync_service *service = self;
    eid_status status = EID_OK;
    bool is_first;

    (void)is_remote;
    pthread_mutex_lock(&service->lock);
    is_first = service->written.count == 0;
    if (!eid_idset_has(&service->written, root)) status = eid_idset_add(&service->written, root);
    pthread_mutex_unlock(&service->lock);
    if (status == EID_OK && is_first) {
        status = eid_net_post(service->net, network_deliver_writes, service);
    }
    if (status == EID_OK) return;
    eid_log_debug("sync.write", "status=%s", eid_status_name(status));
    pthread_mutex_lock(&service->lock);
    eid_idset_fini(&service->written); /* the next write posts again */
    pthread_mutex_unlock(&service->lock);
}

/* ---- start and stop */

static const eid_endpoint_events network_events = {
    .on_connected = net_on_connected,
    .on_closed = net_on_closed,
    .on_data = net_on_data,
    .on_stream_writable = net_on_writable,
    .on_stream_closed = net_on_stream_closed,
    .may_accept = net_may_accept,
};

/* A line for each address. */
static void network_read_listens(eid_slice lines, eid_net_config *net)
{
    while (lines.len > 0 && net->listen_count < EID_LISTEN_MAX) {
        const uint8_t *end = memchr(lines.at, '\n', lines.len);
        size_t len = end ? (size_t)(end - lines.at) : lines.len;
        eid_status status =
            eid_netaddr_parse(eid_slice_of(lines.at, len), &net->listen[net->listen_count]);

        if (status == EID_OK) net->listen_count++;
        if (!end) return;
        lines = eid_slice_of(end + 1, lines.len - len - 1);
    }
}

/* Where to listen: as asked, else where it was last time. */
static eid_status network_listens(const eid_sync_service *service, const eid_sync_config *config,
                                  eid_net_config *net)
{
    eid_at at = {.kv = eid_engine_kv(service->engine)};
    eid_buf value;
    eid_status status = EID_OK;

    if (config->listen_count > EID_LISTEN_MAX) {
        return EID_FAIL(EID_KIND_LISTEN, "at most %u addresses can be listened on", EID_LISTEN_MAX);
    }
    for (size_t i = 0; i < config->listen_count && status == EID_OK; i++) {
        status = eid_netaddr_parse(eid_slice_text(config->listen[i]), &net->listen[i]);
        net->listen_count = i + 1;
    }
    if (config->listen_count > 0) return status;
    eid_buf_init(&value, 4096);
    if (eid_records_get(&at, NETWORK_LISTEN_RECORD, &value) == EID_OK) {
        network_read_listens(eid_buf_slice(&value), net);
    }
    eid_buf_fini(&value);
    return EID_OK;
}

/* Remember what was bound, so that peers find us again. */
static eid_status network_keep_listens(eid_sync_service *service)
{
    size_t count = eid_net_local_count(service->net);
    eid_batch *batch = NULL;
    eid_buf lines;
    eid_status status;

    service->listens = eid_alloc_array(count, sizeof *service->listens);
    if (!service->listens) return EID_FAIL(EID_KIND_NO_MEMORY, "addresses");
    eid_buf_init(&lines, 4096);
    for (size_t i = 0; i < count; i++) {
        eid_netaddr_format(eid_net_local(service->net, i), service->listens[i]);
        eid_buf_append_format(&lines, "%s\n", service->listens[i]);
    }
    service->listen_count = count;
    status = eid_buf_status(&lines);
    if (status == EID_OK) status = eid_batch_new(eid_engine_kv(service->engine), &batch);
    if (status == EID_OK) {
        status = eid_records_set(batch, NETWORK_LISTEN_RECORD, eid_buf_slice(&lines));
    }
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);
    eid_batch_free(batch);
    eid_buf_fini(&lines);
    return status;
}

static eid_status network_open(eid_sync_service *service, const eid_sync_config *config)
{
    eid_net_config net = {.events = network_events, .on_timer = net_on_timer, .self = service};
    eid_status status;

    net.events.self = service;
    memcpy(net.endpoint.seed, service->device.seed, sizeof net.endpoint.seed);
    memcpy(net.endpoint.node, service->device.pub.bytes, sizeof net.endpoint.node);
    net.endpoint.random = service->seam->random;
    net.endpoint.keylog_path = config->keylog_path;
    status = network_listens(service, config, &net);
    if (status == EID_OK) status = eid_net_new(&net, &service->net);
    if (status != EID_OK && config->listen_count == 0 && net.listen_count > 0) {
        net.listen_count = 0; /* the port of last time is taken: any other */
        status = eid_net_new(&net, &service->net);
    }
    eid_wipe(&net.endpoint, sizeof net.endpoint);
    return status;
}

static void network_start_engine(void *arg)
{
    eid_sync_service *service = arg;

    if (eid_sync_start(service->sync) != EID_OK) eid_log_error("sync.start", "error=peers");
}

static void network_stop_engine(void *arg)
{
    eid_sync_service *service = arg;

    eid_sync_stop(service->sync);
}

eid_status eid__network_start(eid_sync_service *service, const eid_sync_config *config)
{
    eid_sync_net net = eid__network_net;
    eid_sync_host host = eid__network_host;
    eid_status status = network_open(service, config);

    if (status != EID_OK) return status;
    net.self = host.self = service;
    host.random = service->seam->random;
    memcpy(host.device, service->device.pub.bytes, sizeof host.device);
    status = eid_sync_source_new(service->engine, &service->source);
    if (status == EID_OK) {
        status =
            eid_book_open(service->seam, &service->device, &config->sync_database, &service->book);
    }
    if (status == EID_OK) {
        status = eid_intake_new(service->engine, network_on_ingested, service, &service->intake);
    }
    if (status == EID_OK) status = eid_sync_new(&net, &host, &service->sync);
    if (status == EID_OK) status = network_keep_listens(service);
    if (status == EID_OK) status = eid_net_start(service->net);
    if (status != EID_OK) return status;
    eid_engine_on_write(service->engine, network_on_write, service);
    return eid_net_post(service->net, network_start_engine, service);
}

void eid__network_stop(eid_sync_service *service)
{
    eid_engine_on_write(service->engine, NULL, NULL);
    if (service->net && service->sync) {
        if (eid_net_call(service->net, network_stop_engine, service) != EID_OK) {
            eid_log_debug("sync.stop", "was=not-running");
        }
    }
    eid_intake_free(service->intake);
    if (service->net) eid_net_stop(service->net, EID_CLOSE_SHUTDOWN);
    eid_sync_free(service->sync);
    eid__dial_free_all(service);
    eid_net_free(service->net);
    eid_book_close(service->book);
    eid_sync_source_free(service->source);
    eid_idset_fini(&service->written);
    eid_free(service->listens);
}
