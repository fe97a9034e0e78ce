/* One seed: a cluster is born, one node makes a database, the others join it; then for a while
 * everybody writes while links break, packets are lost and nodes crash; then the weather clears,
 * and within ten virtual minutes all must be equal: the same entries, the same tips, the same
 * state, and each store consistent in itself. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/revocation.h"
#include "crdt/payload.h"
#include "dag/tls_random.h"
#include "node/db/settings.h"

void sim_require(const sim_world *world, bool holds, const char *format, ...)
{
    va_list args;

    if (holds) return;
    va_start(args, format);
    fprintf(stderr, "seed %llu fails at %.3f s (%s): ", (unsigned long long)world->seed,
            (double)eid_simnet_now_ns(world->net) / 1e9, world->what);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nreplay it with: simulate --seeds %llu..%llu -v\n",
            (unsigned long long)world->seed, (unsigned long long)world->seed);
    va_end(args);
    exit(1);
}

void sim_check(const sim_world *world, eid_status status, const char *what)
{
    eid_detail detail = eid_status_detail(status);

    sim_require(world, status == EID_OK, "%s: %s: %s (%s:%d)", what, eid_status_name(status),
                detail.text, detail.file ? detail.file : "?", detail.line);
}

static uint64_t world_below(sim_world *world, uint64_t bound)
{
    return eid_random_below(&world->seeded, bound);
}

static void world_pass(sim_world *world, uint64_t ns)
{
    uint64_t until = eid_simnet_now_ns(world->net) + ns;

    while (eid_simnet_step(world->net, until)) {
    }
}

static eid_status world_settings(void *self, eid_txn *txn)
{
    (void)self;
    (void)txn;
    return EID_OK;
}

/* Node 0 makes the database and lets everyone, or each key, write. */
static void world_create(sim_world *world)
{
    sim_node *node = &world->nodes[0];
    const eid_seam *seam = eid_engine_seam(node->engine);
    eid_signer signer = {&node->key, NULL};
    eid_txn *txn = NULL;
    eid_doc *settings = NULL;
    eid_id id;

    world->what = "create";
    sim_check(world, eid_doc_new(&settings), "create");
    sim_check(world,
              eid_doc_set_text(settings, eid_slice_text(EID_SETTINGS_REVOCATION),
                               eid_slice_text(EID_SETTINGS_ENFORCED)),
              "create");
    sim_check(
        world,
        eid_txn_create_database(seam, settings, &node->key, world_settings, NULL, &world->root),
        "create");
    eid_doc_free(settings);
    sim_check(world, eid_txn_begin(seam, &world->root, &signer, NULL, &txn), "begin");
    for (size_t i = 1; i < world->node_count; i++) {
        eid_auth_key writer = {.pubkey = world->nodes[i].key.pub,
                               .permission = {EID_PERMISSION_WRITE, 10}};

        sim_check(world, eid_settings_store_put_key(txn, &writer), "grant");
    }
    if (!world->is_private) {
        eid_auth_key everyone = {.permission = {EID_PERMISSION_READ, 0}};

        sim_check(world, eid_settings_store_put_global(txn, &everyone), "grant global");
    }
    sim_check(world, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id), "commit");
    eid_txn_free(txn);
    sim_check(world, seam->set_shared(seam->self, &world->root, true), "share");
    sim_check(world, eid_sync_source_share(node->source, &world->root, true), "share");
    node->joined = true;
}

static void world_join_all(sim_world *world)
{
    world->what = "join";
    for (int round = 0; round < 40; round++) {
        bool all = true;

        for (size_t i = 1; i < world->node_count; i++) {
            sim_node *node = &world->nodes[i];
            sim_node *from = &world->nodes[world_below(world, i)];

            if (node->joined || !from->joined) continue;
            sim_node_join(node, from);
        }
        world_pass(world, 5 * SIM_SECOND);
        for (size_t i = 0; i < world->node_count; i++) all = all && world->nodes[i].joined;
        if (all) return;
    }
    sim_require(world, false, "not everybody could join");
}

static void world_mischief(sim_world *world)
{
    sim_node *node = &world->nodes[world_below(world, world->node_count)];
    size_t other = world_below(world, world->node_count);

    switch (world_below(world, 12)) {
    case 0:
    case 1:
        if (other != node->index)
            eid_simnet_link(world->net, node->host, world->nodes[other].host, false);
        return;
    case 2:
    case 3:
        if (other != node->index)
            eid_simnet_link(world->net, node->host, world->nodes[other].host, true);
        return;
    case 4:
        sim_node_stop(node, world_below(world, 2) == 0);
        return;
    case 5:
    case 6:
        if (!node->is_up) sim_node_start(node);
        return;
    case 7: {
        uint64_t count = world_below(world, 40);

        for (uint64_t i = 0; i < count; i++) sim_node_write(node);
        return;
    }
    case 8:
        sim_node_rule(&world->nodes[world_below(world, 3) == 0 ? node->index : 0]);
        return;
    default:
        sim_node_write(node);
        return;
    }
}

static void world_clear(sim_world *world)
{
    eid_simnet_config calm = world->weather;

    world->what = "heal";
    calm.loss_ppm = calm.duplicate_ppm = 0;
    eid_simnet_configure(world->net, &calm);
    for (size_t i = 0; i < world->node_count; i++) {
        for (size_t j = 0; j < i; j++) {
            eid_simnet_link(world->net, world->nodes[i].host, world->nodes[j].host, true);
        }
        if (!world->nodes[i].is_up) sim_node_start(&world->nodes[i]);
    }
}

static void world_tips(sim_world *world, size_t index, eid_idset *tips, uint64_t *count)
{
    sim_check(world, eid_sync_source_tips(world->nodes[index].source, &world->root, tips, count),
              "tips");
}

static bool world_is_equal(sim_world *world)
{
    eid_idset first = EID_IDSET_EMPTY;
    uint64_t first_count;
    bool equal = true;

    world_tips(world, 0, &first, &first_count);
    for (size_t i = 1; i < world->node_count; i++) {
        eid_idset tips = EID_IDSET_EMPTY;
        uint64_t count;

        world_tips(world, i, &tips, &count);
        equal = equal && count == first_count && eid_idset_equal(&tips, &first);
        eid_idset_fini(&tips);
    }
    eid_idset_fini(&first);
    return equal;
}

static void world_state(sim_world *world, size_t index, eid_buf *out)
{
    static const char *const stores[] = {"notes", "tasks", "places", "_settings", "_index"};
    const eid_seam *seam = eid_engine_seam(world->nodes[index].engine);

    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        eid_doc *doc = NULL;
        eid_status status = seam->doc(seam->self, &world->root, eid_slice_text(stores[i]), &doc);

        if (status == EID_E_NOT_FOUND) continue;
        sim_check(world, status, "state");
        sim_check(world, eid_payload_write_doc(doc, out), "state");
        eid_doc_free(doc);
    }
}

static void world_voids(sim_world *world, size_t index, eid_idset *out)
{
    const eid_at at = {.kv = eid_engine_kv(world->nodes[index].engine)};

    sim_check(world, eid_index_voids(&at, &world->root, out), "void entries");
}

static void world_compare(sim_world *world)
{
    eid_idset first_voids = EID_IDSET_EMPTY;
    eid_buf first, report;

    world->what = "compare";
    world_voids(world, 0, &first_voids);
    eid_buf_init(&first, 16 * 1024 * 1024);
    eid_buf_init(&report, 1024 * 1024);
    world_state(world, 0, &first);
    for (size_t i = 0; i < world->node_count; i++) {
        const eid_seam *seam = eid_engine_seam(world->nodes[i].engine);
        eid_idset voids = EID_IDSET_EMPTY;
        eid_buf state;
        uint64_t findings = 0;

        eid_buf_init(&state, 16 * 1024 * 1024);
        world_state(world, i, &state);
        sim_require(world, eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&state)),
                    "states of nodes 0 and %zu differ:\n%.*s\n%.*s", i,
                    EID_SLICE_ARG(eid_buf_slice(&first)), EID_SLICE_ARG(eid_buf_slice(&state)));
        world_voids(world, i, &voids);
        sim_check(world, seam->check(seam->self, &world->root, &report, &findings), "check");
        sim_require(world, eid_idset_equal(&voids, &first_voids),
                    "nodes 0 and %zu hold other entries for void: %zu and %zu", i,
                    first_voids.count, voids.count);
        sim_require(world, findings == 0, "node %zu: %.*s", i,
                    EID_SLICE_ARG(eid_buf_slice(&report)));
        eid_buf_fini(&state);
        eid_idset_fini(&voids);
    }
    eid_idset_fini(&first_voids);
    eid_buf_fini(&first);
    eid_buf_fini(&report);
}

static void world_init(sim_world *world, uint64_t seed)
{
    world->seed = world->seeded.state = seed;
    world->what = "start";
    world->node_count = 2 + world_below(world, SIM_NODES_MAX - 1);
    world->is_private = world_below(world, 2) == 0;
    world->weather = (eid_simnet_config){
        .seed = eid_random_next(&world->seeded),
        .delay_min_ns = 1000000,
        .delay_max_ns = 1000000 + world_below(world, 80) * 1000000,
        .loss_ppm = (uint32_t)world_below(world, 200000),
        .duplicate_ppm = (uint32_t)world_below(world, 50000),
    };
    sim_check(world, eid_simnet_new(&world->weather, &world->net), "network");
    for (size_t i = 0; i < world->node_count; i++) {
        sim_node_init(world, i);
        sim_node_start(&world->nodes[i]);
    }
}

bool sim_run(uint64_t seed, bool verbose)
{
    static sim_world world;
    eid_random_seeded tls = {seed};
    eid_random tls_random = eid_random_of_seeded(&tls);
    uint64_t steps, healed;

    memset(&world, 0, sizeof world);
    eid_tls_random_use(&tls_random);
    world_init(&world, seed);
    world_create(&world);
    world_join_all(&world);
    steps = 30 + world_below(&world, 120);
    world.what = "mischief";
    for (uint64_t i = 0; i < steps; i++) {
        world_mischief(&world);
        world_pass(&world, world_below(&world, SIM_SECOND));
    }
    world_clear(&world);
    healed = eid_simnet_now_ns(world.net);
    for (int i = 0; i < 600 && !world_is_equal(&world); i++) world_pass(&world, SIM_SECOND);
    sim_require(&world, world_is_equal(&world), "the nodes are not equal after ten minutes");
    world_compare(&world);
    if (verbose) {
        printf("seed %llu: %zu nodes, %s, %llu writes, loss %.1f %%, equal %.3f s after the last "
               "trouble\n",
               (unsigned long long)seed, world.node_count, world.is_private ? "private" : "public",
               (unsigned long long)world.writes, world.weather.loss_ppm / 1e4,
               (double)(eid_simnet_now_ns(world.net) - healed) / 1e9);
    }
    for (size_t i = 0; i < world.node_count; i++) sim_node_fini(&world.nodes[i]);
    eid_simnet_free(world.net);
    eid_tls_random_use(eid_random_system());
    return true;
}
