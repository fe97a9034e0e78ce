/* A node of the simulation: what network.c does with threads and sockets is done here by timers of
 * the virtual network. Entries are stored a random moment after they came, so that messages and
 * stores interleave. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dag/alloc.h"
#include "dag/tls_random.h"

static uint64_t node_wall_ms(void *self)
{
    const sim_node *node = self;

    return 1700000000000ull + eid_simnet_now_ns(node->world->net) / 1000000;
}

static uint64_t node_now_ns(void *self)
{
    const sim_node *node = self;

    return eid_simnet_now_ns(node->world->net);
}

/* ---- one timer for the engine and the ingests */

static void node_on_timer(void *self);

static void node_set_timer(sim_node *node)
{
    uint64_t due = node->sync_due_ns;

    for (size_t i = 0; i < node->ingest_count; i++) {
        if (node->ingests[i].due_ns < due) due = node->ingests[i].due_ns;
    }
    eid_simnet_timer(node->world->net, node->host, due, node_on_timer, node);
}

static void ingest_free(sim_ingest *ingest)
{
    eid_free(ingest->entries);
    eid_free(ingest->memory);
}

static void node_store(sim_node *node, sim_ingest ingest)
{
    eid_ingest_report report;
    eid_sync_ingested result;
    eid_idset expect = EID_IDSET_EMPTY;

    memset(&report, 0, sizeof report);
    memset(&result, 0, sizeof result);
    sim_check(node->world, eid_idset_add(&expect, &ingest.root), "ingest");
    result.status = eid_engine_ingest(node->engine, ingest.entries, ingest.count, &expect,
                                      EID_DURABLE_ASYNC, &report);
    sim_check(node->world, result.status, "ingest");
    sim_require(node->world, report.malformed == 0 && report.failed == 0,
                "node %zu refused %llu entries", node->index,
                (unsigned long long)(report.failed + report.malformed));
    result.stored = report.stored;
    result.verified = report.verified;
    result.missing = eid_idset_ids(&report.missing);
    eid_sync_on_ingested(node->sync, ingest.number, &result);
    eid_idset_fini(&report.missing);
    eid_idset_fini(&expect);
    ingest_free(&ingest);
}

static void node_on_timer(void *self)
{
    sim_node *node = self;
    uint64_t now = node_now_ns(node);

    if (!node->is_up) return;
    for (size_t i = 0; i < node->ingest_count;) {
        sim_ingest ingest = node->ingests[i];

        if (ingest.due_ns > now) {
            i++;
            continue;
        }
        node->ingest_count--;
        memmove(&node->ingests[i], &node->ingests[i + 1],
                (node->ingest_count - i) * sizeof *node->ingests);
        node_store(node, ingest);
    }
    if (now >= node->sync_due_ns) {
        node->sync_due_ns = UINT64_MAX;
        eid_sync_on_timer(node->sync);
    }
    eid_endpoint_flush(node->endpoint);
    node_set_timer(node);
}

/* ---- the engine's net table: straight to the endpoint */

static eid_status net_dial(void *self, const eid_quic_address *address, uint64_t *attempt)
{
    sim_node *node = self;
    eid_netaddr remote;
    char text[300];

    snprintf(text, sizeof text, "%s:%u", address->at[0].host, address->at[0].port);
    sim_check(node->world, eid_netaddr_parse(eid_slice_text(text), &remote), "address");
    return eid_endpoint_dial(node->endpoint, &node->address, &remote, address->node, attempt);
}

static void net_close(void *self, uint64_t conn, eid_close reason, const char *text)
{
    eid_endpoint_close(((sim_node *)self)->endpoint, conn, reason, text);
}

static eid_status net_stream_open(void *self, uint64_t conn, int64_t *stream)
{
    return eid_endpoint_stream_open(((sim_node *)self)->endpoint, conn, stream);
}

static eid_status net_stream_send(void *self, uint64_t conn, int64_t stream, eid_slice bytes,
                                  bool fin)
{
    return eid_endpoint_stream_send(((sim_node *)self)->endpoint, conn, stream, bytes, fin);
}

static size_t net_stream_queued(void *self, uint64_t conn, int64_t stream)
{
    return eid_endpoint_stream_queued(((sim_node *)self)->endpoint, conn, stream);
}

static void net_stream_consumed(void *self, uint64_t conn, int64_t stream, size_t bytes)
{
    eid_endpoint_consumed(((sim_node *)self)->endpoint, conn, stream, bytes);
}

static void net_stream_reset(void *self, uint64_t conn, int64_t stream, uint64_t code)
{
    eid_endpoint_stream_reset(((sim_node *)self)->endpoint, conn, stream, code);
}

static void net_timer_set(void *self, uint64_t due_ns)
{
    sim_node *node = self;

    node->sync_due_ns = due_ns;
    node_set_timer(node);
}

/* ---- the engine's host table */

static void host_addresses(void *self, eid_quic_address *out)
{
    *out = sim_node_address(self);
}

static bool host_may_read(void *self, const eid_id *root, const uint8_t device[32],
                          const eid_sync_proof *proofs, size_t count)
{
    return eid_sync_source_may_read(((sim_node *)self)->source, root, device, proofs, count);
}

static size_t host_proofs(void *self, const eid_id *root, eid_sync_proof *out, size_t max)
{
    const sim_node *node = self;
    eid_buf message;

    if (max == 0) return 0;
    eid_buf_init(&message, 256);
    eid_sync_proof_message(root, node->device.pub.bytes, &message);
    out->key = node->key.pub;
    eid_key_sign(&node->key, eid_buf_slice(&message), out->signature);
    eid_buf_fini(&message);
    return 1;
}

static eid_status host_tips(void *self, const eid_id *root, eid_idset *tips, uint64_t *count)
{
    return eid_sync_source_tips(((sim_node *)self)->source, root, tips, count);
}

static eid_status host_held(void *self, const eid_id *root, eid_ids ids, bool *flags)
{
    return eid_sync_source_held(((sim_node *)self)->source, root, ids, flags);
}

static eid_status host_missing(void *self, const eid_id *root, eid_ids have, eid_order *out)
{
    return eid_sync_source_missing(((sim_node *)self)->source, root, have, out);
}

static eid_status host_scan(void *self, const eid_id *root, const eid_order_item *after, size_t max,
                            eid_order *out)
{
    return eid_sync_source_scan(((sim_node *)self)->source, root, after, max, out);
}

static eid_status host_fingerprint(void *self, const eid_id *root, const eid_order_item *low,
                                   const eid_order_item *high, uint64_t *count, uint8_t sum[32])
{
    return eid_sync_source_fingerprint(((sim_node *)self)->source, root, low, high, count, sum);
}

static eid_status host_item_at(void *self, const eid_id *root, const eid_order_item *low,
                               const eid_order_item *high, uint64_t rank, eid_order_item *out)
{
    return eid_sync_source_item_at(((sim_node *)self)->source, root, low, high, rank, out);
}

static eid_status host_bytes(void *self, const eid_id *root, const eid_id *id, eid_buf *out)
{
    return eid_sync_source_bytes(((sim_node *)self)->source, root, id, out);
}

static eid_status host_ingest(void *self, const eid_id *root, const eid_slice *entries,
                              size_t count, uint64_t number)
{
    sim_node *node = self;
    sim_ingest *ingest = &node->ingests[node->ingest_count];
    size_t bytes = 0, at = 0;

    if (node->ingest_count == SIM_INGESTS_MAX) return EID_FAIL(EID_KIND_OVERLOAD, "ingests");
    node->ingest_count++;
    for (size_t i = 0; i < count; i++) bytes += entries[i].len;
    *ingest = (sim_ingest){
        .due_ns = node_now_ns(node) + eid_random_below(&node->seeded, SIM_SECOND / 50),
        .number = number,
        .root = *root,
        .entries = eid_alloc_array(count, sizeof *ingest->entries),
        .memory = eid_alloc(bytes),
        .count = count,
    };
    for (size_t i = 0; i < count; i++) {
        memcpy(ingest->memory + at, entries[i].at, entries[i].len);
        ingest->entries[i] = eid_slice_of(ingest->memory + at, entries[i].len);
        at += entries[i].len;
    }
    node_set_timer(node);
    return EID_OK;
}

static void host_remember(void *self, const eid_quic_address *address, const eid_id *root)
{
    sim_node *node = self;
    sim_peer *peer = NULL;

    for (size_t i = 0; i < node->peer_count; i++) {
        if (memcmp(node->peers[i].address.node, address->node, 32) == 0) peer = &node->peers[i];
    }
    if (!peer && node->peer_count < SIM_NODES_MAX) peer = &node->peers[node->peer_count++];
    if (!peer) return;
    if (address->count > 0)
        peer->address = *address;
    else
        memcpy(peer->address.node, address->node, 32);
    if (root) sim_check(node->world, eid_idset_add(&peer->roots, root), "peer");
}

static eid_status host_peers(void *self,
                             void (*fn)(void *arg, const eid_quic_address *address, bool blocked,
                                        const eid_id *roots, size_t root_count),
                             void *arg)
{
    const sim_node *node = self;

    for (size_t i = 0; i < node->peer_count; i++) {
        fn(arg, &node->peers[i].address, false, node->peers[i].roots.at,
           node->peers[i].roots.count);
    }
    return EID_OK;
}

static sim_cursor *node_cursor(sim_node *node, const uint8_t peer[32], const eid_id *root)
{
    for (size_t i = 0; i < node->cursor_count; i++) {
        sim_cursor *cursor = &node->cursors[i];

        if (memcmp(cursor->node, peer, 32) == 0 && eid_id_equal(&cursor->root, root)) return cursor;
    }
    return NULL;
}

static eid_status host_cursor_load(void *self, const uint8_t peer[32], const eid_id *root,
                                   eid_idset *out)
{
    const sim_cursor *cursor = node_cursor(self, peer, root);

    return cursor ? eid_idset_assign(out, eid_idset_ids(&cursor->tips)) : EID_E_NOT_FOUND;
}

static void host_cursor_store(void *self, const uint8_t peer[32], const eid_id *root, eid_ids tips)
{
    sim_node *node = self;
    sim_cursor *cursor = node_cursor(node, peer, root);

    if (!cursor) {
        if (node->cursor_count == sizeof node->cursors / sizeof *node->cursors) return;
        cursor = &node->cursors[node->cursor_count++];
        memcpy(cursor->node, peer, 32);
        cursor->root = *root;
    }
    sim_check(node->world, eid_idset_assign(&cursor->tips, tips), "cursor");
}

/* ---- events of the endpoint */

static void on_connected(void *self, uint64_t conn, const uint8_t peer[32], bool we_dialled,
                         const eid_netaddr *remote)
{
    eid_sync_on_connected(((sim_node *)self)->sync, conn, peer, we_dialled, remote);
}

static void on_closed(void *self, uint64_t conn, eid_close reason, const char *text)
{
    sim_node *node = self;

    eid_sync_on_dial_failed(node->sync, conn, reason, text); /* attempts are named by connections */
    eid_sync_on_closed(node->sync, conn, reason, text);
}

static void on_data(void *self, uint64_t conn, int64_t stream, eid_slice bytes, bool fin)
{
    eid_sync_on_data(((sim_node *)self)->sync, conn, stream, bytes, fin);
}

static void on_writable(void *self, uint64_t conn, int64_t stream)
{
    eid_sync_on_stream_writable(((sim_node *)self)->sync, conn, stream);
}

static void on_stream_closed(void *self, uint64_t conn, int64_t stream, uint64_t code)
{
    eid_sync_on_stream_closed(((sim_node *)self)->sync, conn, stream, code);
}

static void on_engine_write(void *self, const eid_id *root, bool is_remote)
{
    sim_node *node = self;

    (void)is_remote;
    if (!node->is_up || !eid_sync_source_is_shared(node->source, root)) return;
    eid_sync_on_write(node->sync, root);
}

/* ---- life */

eid_quic_address sim_node_address(const sim_node *node)
{
    eid_quic_address address;

    memset(&address, 0, sizeof address);
    memcpy(address.node, node->device.pub.bytes, 32);
    address.count = 1;
    address.at[0].klass = 'd';
    snprintf(address.at[0].host, sizeof address.at[0].host, "10.0.0.%zu", node->index + 1);
    address.at[0].port = 4433;
    return address;
}

void sim_node_init(sim_world *world, size_t index)
{
    sim_node *node = &world->nodes[index];
    eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};

    node->world = world;
    node->index = index;
    node->seeded.state = eid_random_next(&world->seeded);
    node->random = eid_random_of_seeded(&node->seeded);
    node->clock = (eid_clock){node, node_wall_ms, node_now_ns};
    eid_key_generate(&node->random, &node->key);
    eid_key_generate(&node->random, &node->device);
    node->address =
        (eid_netaddr){.family = 4, .ip = {10, 0, 0, (uint8_t)(index + 1)}, .port = 4433};
    sim_check(world, eid_simnet_host(world->net, &node->address, &node->world_table, &node->host),
              "host");
    config.clock = &node->clock;
    config.random = &node->random;
    sim_check(world, eid_engine_open(&config, &node->engine), "engine");
    eid_engine_on_write(node->engine, on_engine_write, node);
}

static void node_start_endpoint(sim_node *node)
{
    eid_endpoint_events events = {
        .self = node,
        .on_connected = on_connected,
        .on_closed = on_closed,
        .on_data = on_data,
        .on_stream_writable = on_writable,
        .on_stream_closed = on_stream_closed,
    };
    eid_endpoint_config config = {.random = &node->random, .wall_ms = eid_simnet_wall_ms};

    memcpy(config.seed, node->device.seed, 32);
    memcpy(config.node, node->device.pub.bytes, 32);
    sim_check(node->world, eid_endpoint_new(&config, &node->world_table, &events, &node->endpoint),
              "endpoint");
    eid_simnet_attach(node->world->net, node->host, node->endpoint);
}

void sim_node_start(sim_node *node)
{
    eid_sync_net net = {node,
                        net_dial,
                        net_close,
                        net_stream_open,
                        net_stream_send,
                        net_stream_queued,
                        net_stream_consumed,
                        net_stream_reset,
                        net_timer_set};
    eid_sync_host host = {
        .self = node,
        .now_ns = node_now_ns,
        .wall_ms = node_wall_ms,
        .random = &node->random,
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
    };

    memcpy(host.device, node->device.pub.bytes, 32);
    node->is_up = true;
    node->sync_due_ns = UINT64_MAX;
    node_start_endpoint(node);
    sim_check(node->world, eid_sync_source_new(node->engine, &node->source), "source");
    sim_check(node->world, eid_sync_new(&net, &host, &node->sync), "sync");
    sim_check(node->world, eid_sync_start(node->sync), "start");
    eid_endpoint_flush(node->endpoint);
}

void sim_node_stop(sim_node *node, bool crash)
{
    if (!node->is_up) return;
    if (!crash) {
        eid_sync_stop(node->sync);
        eid_endpoint_shutdown(node->endpoint, EID_CLOSE_SHUTDOWN);
    }
    node->is_up = false;
    eid_simnet_attach(node->world->net, node->host, NULL);
    eid_simnet_timer(node->world->net, node->host, UINT64_MAX, node_on_timer, node);
    eid_sync_free(node->sync);
    eid_sync_source_free(node->source);
    eid_endpoint_free(node->endpoint);
    node->sync = NULL;
    node->source = NULL;
    node->endpoint = NULL;
    for (size_t i = 0; i < node->ingest_count; i++) ingest_free(&node->ingests[i]);
    node->ingest_count = 0;
}

void sim_node_fini(sim_node *node)
{
    sim_node_stop(node, true);
    eid_engine_close(node->engine);
    for (size_t i = 0; i < node->peer_count; i++) eid_idset_fini(&node->peers[i].roots);
    for (size_t i = 0; i < node->cursor_count; i++) eid_idset_fini(&node->cursors[i].tips);
}

static void join_done(void *self, eid_kind kind, const char *text)
{
    sim_node *node = self;
    const eid_seam *seam = eid_engine_seam(node->engine);

    (void)text;
    if (kind != EID_KIND_NONE) return; /* the world tries again */
    node->joined = true;
    sim_check(node->world, seam->set_shared(seam->self, &node->world->root, true), "share");
    sim_check(node->world, eid_sync_source_share(node->source, &node->world->root, true), "share");
}

void sim_node_join(sim_node *node, const sim_node *from)
{
    eid_quic_address address = sim_node_address(from);
    eid_sync_join_events events = {.self = node, .done = join_done};
    uint64_t number;

    sim_check(node->world,
              eid_sync_join(node->sync, &address, 1, &node->world->root, &events, &number), "join");
    eid_endpoint_flush(node->endpoint);
}
