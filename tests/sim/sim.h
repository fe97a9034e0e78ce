/* The simulated cluster: real engines, real QUIC endpoints, memory stores, a virtual network and
 * clock.
 *
 * node.c is one node, acts.c what its user does, world.c what happens to all of them, main.c the
 * seeds. One thread, no real time.
 */
#ifndef EID_TESTS_SIM_H
#define EID_TESTS_SIM_H

#include "auth/key.h"
#include "node/db/engine.h"
#include "node/db/txn.h"
#include "node/sync/engine.h"
#include "node/sync/source.h"
#include "transport/endpoint.h"
#include "transport/simnet.h"

#define SIM_NODES_MAX 6
#define SIM_INGESTS_MAX 256
#define SIM_SECOND 1000000000ull

typedef struct sim_ingest {
    uint64_t due_ns, number;
    eid_id root;
    eid_slice *entries;
    uint8_t *memory;
    size_t count;
} sim_ingest;

typedef struct sim_cursor {
    uint8_t node[32];
    eid_id root;
    eid_idset tips;
} sim_cursor;

typedef struct sim_peer {
    eid_quic_address address;
    eid_idset roots;
} sim_peer;

typedef struct sim_world sim_world;

typedef struct sim_node {
    sim_world *world;
    size_t index, host;
    bool is_up;
    eid_key key; /* of its user */
    eid_key device;
    eid_random_seeded seeded;
    eid_random random;
    eid_clock clock;
    eid_netaddr address;
    eid_endpoint_world world_table;
    eid_engine *engine;
    eid_endpoint *endpoint;
    eid_sync_source *source;
    eid_sync *sync;
    uint64_t sync_due_ns;
    sim_ingest ingests[SIM_INGESTS_MAX];
    size_t ingest_count;
    sim_peer peers[SIM_NODES_MAX];
    size_t peer_count;
    sim_cursor cursors[SIM_NODES_MAX * 4];
    size_t cursor_count;
    bool joined;
} sim_node;

struct sim_world {
    uint64_t seed;
    eid_random_seeded seeded;
    eid_simnet *net;
    eid_simnet_config weather; /* while it is bad */
    sim_node nodes[SIM_NODES_MAX];
    size_t node_count;
    eid_id root;
    bool is_private;
    uint64_t writes;
    const char *what; /* is being done, for reports */
};

/* node.c. A failure of ours prints and exits. */
void sim_node_init(sim_world *world, size_t index);
void sim_node_start(sim_node *node);
/* Stop: with a goodbye, or as a crash. The store stays. */
void sim_node_stop(sim_node *node, bool crash);
void sim_node_fini(sim_node *node);
/* Join the database through another node. */
void sim_node_join(sim_node *node, const sim_node *from);
/* One random change, committed by the node's user. */
void sim_node_write(sim_node *node);
/* One random change of who may do what, or a void entry let in again; nothing if it may not. */
void sim_node_rule(sim_node *node);
eid_quic_address sim_node_address(const sim_node *node);

/* world.c */
bool sim_run(uint64_t seed, bool verbose);

/* Exit with the seed unless it holds. */
void sim_require(const sim_world *world, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sim_check(const sim_world *world, eid_status status, const char *what);

#endif
