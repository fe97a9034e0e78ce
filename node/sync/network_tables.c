/* The two tables that the engine works by: connections by the endpoint, databases and memory by
 * source, book and intake. All of it runs on the network thread. */
#include "node/sync/network.h"

#include <stdio.h>

/* ---- what the engine asks of connections */

static eid_status sync_dial(void *self, const eid_quic_address *address, uint64_t *attempt)
{
    return eid__dial_start(self, address, attempt);
}

static void sync_close(void *self, uint64_t conn, eid_close reason, const char *text)
{
    eid_sync_service *service = self;

    eid_endpoint_close(eid_net_endpoint(service->net), conn, reason, text);
}

static eid_status sync_stream_open(void *self, uint64_t conn, int64_t *stream)
{
    eid_sync_service *service = self;

    return eid_endpoint_stream_open(eid_net_endpoint(service->net), conn, stream);
}

static eid_status sync_stream_send(void *self, uint64_t conn, int64_t stream, eid_slice bytes,
                                   bool fin)
{
    eid_sync_service *service = self;

    return eid_endpoint_stream_send(eid_net_endpoint(service->net), conn, stream, bytes, fin);
}

static size_t sync_stream_queued(void *self, uint64_t conn, int64_t stream)
{
    eid_sync_service *service = self;

    return eid_endpoint_stream_queued(eid_net_endpoint(service->net), conn, stream);
}

static void sync_stream_consumed(void *self, uint64_t conn, int64_t stream, size_t bytes)
{
    eid_sync_service *service = self;

    eid_endpoint_consumed(eid_net_endpoint(service->net), conn, stream, bytes);
}

static void sync_stream_reset(void *self, uint64_t conn, int64_t stream, uint64_t code)
{
    eid_sync_service *service = self;

    eid_endpoint_stream_reset(eid_net_endpoint(service->net), conn, stream, code);
}

static void sync_timer_set(void *self, uint64_t due_ns)
{
    eid_sync_service *service = self;

    eid_net_timer_set(service->net, due_ns);
}

/* ---- what the engine asks of databases and memory */

static uint64_t host_now_ns(void *self)
{
    eid_sync_service *service = self;

    return service->seam->clock->monotonic_ns(service->seam->clock->self);
}

static uint64_t host_wall_ms(void *self)
{
    eid_sync_service *service = self;

    return service->seam->clock->wall_ms(service->seam->clock->self);
}

/* Add an address, unless it is there or there is no room. */
static void network_add_address(eid_quic_address *out, const eid_netaddr *address)
{
    eid_candidate_addr candidate = {.klass = 'd', .port = address->port};
    char text[64];
    char *host = text;

    eid_netaddr_format(address, text);
    *strrchr(text, ':') = '\0';
    if (text[0] == '[') {
        host = text + 1;
        host[strlen(host) - 1] = '\0';
    }
    snprintf(candidate.host, sizeof candidate.host, "%s", host);
    for (size_t i = 0; i < out->count; i++) {
        bool is_same = strcmp(out->at[i].host, host) == 0 && out->at[i].port == candidate.port;

        if (is_same) return;
    }
    if (out->count < EID_CANDIDATES_MAX_PER_NODE) out->at[out->count++] = candidate;
}

void eid__network_addresses(const eid_sync_service *service, eid_quic_address *out)
{
    eid_netaddr interfaces[EID_CANDIDATES_MAX_PER_NODE];
    size_t count = eid_net_interfaces(service->net, interfaces, EID_CANDIDATES_MAX_PER_NODE);

    memcpy(out->node, service->device.pub.bytes, sizeof out->node);
    out->count = 0;
    for (size_t i = 0; i < eid_net_local_count(service->net); i++) {
        const eid_netaddr *local = eid_net_local(service->net, i);

        if (!eid_netaddr_is_any(local)) network_add_address(out, local);
    }
    for (size_t i = 0; i < count; i++) network_add_address(out, &interfaces[i]);
}

static void host_addresses(void *self, eid_quic_address *out)
{
    eid__network_addresses(self, out);
}

static bool host_may_read(void *self, const eid_id *root, const uint8_t device[32],
                          const eid_sync_proof *proofs, size_t count)
{
    eid_sync_service *service = self;

    return eid_sync_source_may_read(service->source, root, device, proofs, count);
}

static size_t host_proofs(void *self, const eid_id *root, eid_sync_proof *out, size_t max)
{
    return eid__network_proofs(self, root, out, max);
}

static eid_status host_tips(void *self, const eid_id *root, eid_idset *tips, uint64_t *count)
{
    eid_sync_service *service = self;

    return eid_sync_source_tips(service->source, root, tips, count);
}

static eid_status host_held(void *self, const eid_id *root, eid_ids ids, bool *flags)
{
    eid_sync_service *service = self;

    return eid_sync_source_held(service->source, root, ids, flags);
}

static eid_status host_missing(void *self, const eid_id *root, eid_ids have, eid_order *out)
{
    eid_sync_service *service = self;

    return eid_sync_source_missing(service->source, root, have, out);
}

static eid_status host_scan(void *self, const eid_id *root, const eid_order_item *after, size_t max,
                            eid_order *out)
{
    eid_sync_service *service = self;

    return eid_sync_source_scan(service->source, root, after, max, out);
}

static eid_status host_fingerprint(void *self, const eid_id *root, const eid_order_item *low,
                                   const eid_order_item *high, uint64_t *count, uint8_t sum[32])
{
    eid_sync_service *service = self;

    return eid_sync_source_fingerprint(service->source, root, low, high, count, sum);
}

static eid_status host_item_at(void *self, const eid_id *root, const eid_order_item *low,
                               const eid_order_item *high, uint64_t rank, eid_order_item *out)
{
    eid_sync_service *service = self;

    return eid_sync_source_item_at(service->source, root, low, high, rank, out);
}

static eid_status host_bytes(void *self, const eid_id *root, const eid_id *id, eid_buf *out)
{
    eid_sync_service *service = self;

    return eid_sync_source_bytes(service->source, root, id, out);
}

static eid_status host_ingest(void *self, const eid_id *root, const eid_slice *entries,
                              size_t count, uint64_t number)
{
    eid_sync_service *service = self;

    return eid_intake_put(service->intake, root, entries, count, number);
}

static eid_status host_peers(void *self,
                             void (*fn)(void *arg, const eid_quic_address *address, bool blocked,
                                        const eid_id *roots, size_t root_count),
                             void *arg)
{
    eid_sync_service *service = self;

    eid_book_each(service->book, fn, arg);
    return EID_OK;
}

static void host_remember(void *self, const eid_quic_address *address, const eid_id *root)
{
    eid_sync_service *service = self;

    eid_book_remember(service->book, address, root);
}

static eid_status host_cursor_load(void *self, const uint8_t peer[32], const eid_id *root,
                                   eid_idset *out)
{
    eid_sync_service *service = self;

    return eid_book_cursor(service->book, peer, root, out);
}

static void host_cursor_store(void *self, const uint8_t peer[32], const eid_id *root, eid_ids tips)
{
    eid_sync_service *service = self;

    eid_book_set_cursor(service->book, peer, root, tips);
}

static void host_changed(void *self, const uint8_t peer[32], const eid_id *root)
{
    (void)peer;
    (void)root;
    eid__network_signal(self);
}

const eid_sync_net eid__network_net = {
    .dial = sync_dial,
    .close = sync_close,
    .stream_open = sync_stream_open,
    .stream_send = sync_stream_send,
    .stream_queued = sync_stream_queued,
    .stream_consumed = sync_stream_consumed,
    .stream_reset = sync_stream_reset,
    .timer_set = sync_timer_set,
};

const eid_sync_host eid__network_host = {
    .now_ns = host_now_ns,
    .wall_ms = host_wall_ms,
    .addresses = host_addresses,
    .may_read = host_may_read,
    .proofs = host_proofs,
    .tips = host_tips,
    .held = host_held,
    .missing = host_missing,
    .scan = host_scan,
    .fingerprint = host_fingerprint,
    .item_at = host_item_at,
    .bytes = host_bytes,
    .ingest = host_ingest,
    .peers = host_peers,
    .remember = host_remember,
    .cursor_load = host_cursor_load,
    .cursor_store = host_cursor_store,
    .changed = host_changed,
};
