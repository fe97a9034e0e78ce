/* Nodes on a simulated network, and a record of what their endpoints told them. */
#ifndef EID_TESTS_TRANSPORT_NODES_H
#define EID_TESTS_TRANSPORT_NODES_H

#include "tests/support/test.h"

#include <sodium.h>
#include <stdio.h>

#include "dag/alloc.h"
#include "dag/tls_random.h"
#include "transport/endpoint.h"
#include "transport/simnet.h"

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define NODES_MAX 40
#define CLOSED_TEXT 200

typedef struct node {
    struct nodes *nodes;
    size_t host;
    eid_netaddr addr;
    uint8_t seed[32], key[32];
    eid_endpoint_world world;
    eid_endpoint *endpoint;
    eid_endpoint_config config;
    bool (*may_accept)(void *self, const uint8_t peer[32]);
    /* what happened */
    unsigned connected, closed, writable, streams_opened, streams_closed, paths, fins;
    uint64_t conn; /* the last one connected */
    uint8_t peer[32];
    bool dialled;
    eid_close reason;
    char text[CLOSED_TEXT];
    uint64_t stream_code;
    eid_netaddr path;
    uint64_t received;
    uint64_t hash;   /* FNV-1a of all received bytes, all streams in order of arrival */
    bool holds_back; /* returns no credit */
    bool echoes;     /* answers each byte with itself */
    uint64_t unconsumed;
    int64_t last_stream;
} node;

typedef struct nodes {
    eid_simnet *net;
    eid_random_seeded chance;
    eid_random random;
    size_t count;
    node at[NODES_MAX];
} nodes;

static inline void node_on_connected(void *self, uint64_t conn, const uint8_t peer[32],
                                     bool we_dialled, const eid_netaddr *remote)
{
    node *n = self;

    (void)remote;
    n->connected++;
    n->conn = conn;
    n->dialled = we_dialled;
    memcpy(n->peer, peer, 32);
}

static inline void node_on_closed(void *self, uint64_t conn, eid_close reason, const char *text)
{
    node *n = self;

    (void)conn;
    n->closed++;
    n->reason = reason;
    (void)snprintf(n->text, sizeof n->text, "%s", text);
}

static inline uint64_t hash_add(uint64_t hash, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static inline void node_on_data(void *self, uint64_t conn, int64_t stream, eid_slice bytes,
                                bool fin)
{
    node *n = self;

    n->received += bytes.len;
    n->hash = hash_add(n->hash, bytes.at, bytes.len);
    n->last_stream = stream;
    if (fin) n->fins++;
    if (n->echoes) {
        assert_int_equal(eid_endpoint_stream_send(n->endpoint, conn, stream, bytes, fin), EID_OK);
    }
    if (n->holds_back) {
        n->unconsumed += bytes.len;
    } else {
        eid_endpoint_consumed(n->endpoint, conn, stream, bytes.len);
    }
}

static inline void node_on_writable(void *self, uint64_t conn, int64_t stream)
{
    node *n = self;

    (void)conn;
    (void)stream;
    n->writable++;
}

static inline void node_on_stream_closed(void *self, uint64_t conn, int64_t stream, uint64_t code)
{
    node *n = self;

    (void)conn;
    (void)stream;
    n->streams_closed++;
    n->stream_code = code;
}

static inline void node_on_path(void *self, uint64_t conn, const eid_netaddr *remote)
{
    node *n = self;

    (void)conn;
    n->paths++;
    n->path = *remote;
}

static inline bool node_may_accept(void *self, const uint8_t peer[32])
{
    node *n = self;

    return n->may_accept ? n->may_accept(self, peer) : true;
}

static inline void nodes_begin(nodes *all, uint64_t seed, uint32_t loss_ppm, uint32_t twice_ppm,
                               uint64_t jitter_ns)
{
    eid_simnet_config config = {.seed = seed,
                                .delay_min_ns = 10 * MS,
                                .delay_max_ns = 10 * MS + jitter_ns,
                                .loss_ppm = loss_ppm,
                                .duplicate_ppm = twice_ppm};

    memset(all, 0, sizeof *all);
    all->chance.state = seed * 7 + 1;
    all->random = eid_random_of_seeded(&all->chance);
    eid_tls_random_use(&all->random);
    assert_int_equal(eid_simnet_new(&config, &all->net), EID_OK);
}

static inline void node_start(node *n)
{
    const eid_endpoint_events events = {.self = n,
                                        .on_connected = node_on_connected,
                                        .on_closed = node_on_closed,
                                        .on_data = node_on_data,
                                        .on_stream_writable = node_on_writable,
                                        .on_stream_closed = node_on_stream_closed,
                                        .on_path = node_on_path,
                                        .may_accept = node_may_accept};
    eid_status status = eid_endpoint_new(&n->config, &n->world, &events, &n->endpoint);

    if (status != EID_OK) print_error("%s\n", eid_status_detail(status).text);
    assert_int_equal(status, EID_OK);
    eid_simnet_attach(n->nodes->net, n->host, n->endpoint);
}

static inline void node_stop(node *n)
{
    eid_simnet_attach(n->nodes->net, n->host, NULL);
    eid_endpoint_free(n->endpoint);
    n->endpoint = NULL;
}

/* A node that is not started, so that its config may be changed. */
static inline node *nodes_prepare(nodes *all)
{
    node *n = &all->at[all->count];
    uint8_t secret[64];

    n->nodes = all;
    n->addr = (eid_netaddr){4, {10, 0, 0, (uint8_t)(all->count + 1)}, 4433};
    n->hash = UINT64_C(0xcbf29ce484222325);
    memset(n->seed, (int)all->count + 1, 32);
    crypto_sign_seed_keypair(n->key, secret, n->seed);
    assert_int_equal(eid_simnet_host(all->net, &n->addr, &n->world, &n->host), EID_OK);
    n->config = (eid_endpoint_config){.random = &all->random, .wall_ms = eid_simnet_wall_ms};
    memcpy(n->config.seed, n->seed, 32);
    memcpy(n->config.node, n->key, 32);
    all->count++;
    return n;
}

static inline node *nodes_add(nodes *all)
{
    node *n = nodes_prepare(all);

    node_start(n);
    return n;
}

static inline void nodes_end(nodes *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i].endpoint) node_stop(&all->at[i]);
    }
    eid_simnet_free(all->net);
    eid_tls_random_use(NULL);
}

static inline void nodes_run(nodes *all, uint64_t for_ns)
{
    uint64_t until = eid_simnet_now_ns(all->net) + for_ns;

    while (eid_simnet_step(all->net, until)) {
    }
}

/* Run until `*counter` reaches `value`, at most so long. */
static inline void nodes_until(nodes *all, const unsigned *counter, unsigned value, uint64_t for_ns)
{
    uint64_t until = eid_simnet_now_ns(all->net) + for_ns;

    while (*counter < value && eid_simnet_step(all->net, until)) {
    }
}

static inline uint64_t node_dial(node *from, const node *to, const uint8_t *key)
{
    uint64_t conn = 0;
    eid_status status = eid_endpoint_dial(from->endpoint, &from->addr, &to->addr, key, &conn);

    if (status != EID_OK) print_error("%s\n", eid_status_detail(status).text);
    assert_int_equal(status, EID_OK);
    return conn;
}

/* Dial and be connected on both sides. */
static inline void node_connect(node *from, node *to)
{
    unsigned ours = from->connected + 1, theirs = to->connected + 1;

    (void)node_dial(from, to, to->key);
    nodes_until(from->nodes, &from->connected, ours, 60 * SECOND);
    nodes_until(from->nodes, &to->connected, theirs, SECOND);
    if (from->connected != ours) print_error("closed: %s\n", from->text);
    assert_int_equal(from->connected, ours);
    assert_int_equal(to->connected, theirs);
}

#endif
