/* What the user of a node does: small changes, at random, that the seed decides. Who may only read
 * at the moment is refused, and goes on. */
#include "sim.h"

#include <stdio.h>

#include "node/db/docstore.h"
#include "node/db/settings.h"

void sim_node_write(sim_node *node)
{
    static const char *const stores[] = {"notes", "tasks", "places"};
    static const char *const paths[] = {"a", "b", "c", "a.x", "a.y", "b.x.y", "d"};
    eid_random_seeded *seeded = &node->world->seeded;
    eid_slice store = eid_slice_text(stores[eid_random_below(seeded, 3)]);
    const char *path = paths[eid_random_below(seeded, 7)];
    eid_signer signer = {&node->key, NULL};
    eid_txn *txn = NULL;
    char text[64];
    bool was_live;
    eid_status status;
    eid_id id;

    snprintf(text, sizeof text, "write %llu of node %zu", (unsigned long long)node->world->writes++,
             node->index);
    sim_check(node->world,
              eid_txn_begin(eid_engine_seam(node->engine), &node->world->root, &signer, NULL, &txn),
              "begin");
    if (eid_random_below(seeded, 5) == 0) {
        sim_check(node->world, eid_docstore_delete(txn, store, eid_slice_text(path), &was_live),
                  "delete");
    } else {
        sim_check(node->world, eid_docstore_set_text(txn, store, path, eid_slice_text(text)),
                  "set");
    }
    status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    if (status != EID_E_DENIED) sim_check(node->world, status, "commit"); /* it may only read now */
    eid_txn_free(txn);
    if (node->is_up) eid_endpoint_flush(node->endpoint);
}

/* Let in again one entry that is void, if there is one. */
static eid_status node_accept(sim_node *node, eid_txn *txn)
{
    const eid_at at = {.kv = eid_engine_kv(node->engine)};
    eid_idset voids = EID_IDSET_EMPTY;
    eid_status status = eid_index_voids(&at, &node->world->root, &voids);

    if (status == EID_OK && voids.count > 0) {
        uint64_t place = eid_random_below(&node->world->seeded, voids.count);

        status = eid_settings_store_readmit(txn, &voids.at[place], true);
    }
    eid_idset_fini(&voids);
    return status;
}

void sim_node_rule(sim_node *node)
{
    static const eid_permission permissions[] = {{EID_PERMISSION_READ, 0},
                                                 {EID_PERMISSION_READ, 0},
                                                 {EID_PERMISSION_WRITE, 10},
                                                 {EID_PERMISSION_ADMIN, 5}};
    sim_world *world = node->world;
    size_t other = 1 + eid_random_below(&world->seeded, world->node_count - 1);
    eid_auth_key key = {.pubkey = world->nodes[other].key.pub,
                        .permission = permissions[eid_random_below(&world->seeded, 4)]};
    eid_signer signer = {&node->key, NULL};
    eid_txn *txn = NULL;
    eid_status status;
    eid_id id;

    sim_check(world,
              eid_txn_begin(eid_engine_seam(node->engine), &world->root, &signer, NULL, &txn),
              "begin");
    if (eid_random_below(&world->seeded, 4) == 0) {
        status = node_accept(node, txn);
    } else {
        status = eid_settings_store_put_key(txn, &key);
    }
    sim_check(world, status, "stage a rule");
    status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    if (status != EID_E_DENIED) sim_check(world, status, "commit"); /* who is no admin may not */
    eid_txn_free(txn);
    if (node->is_up) eid_endpoint_flush(node->endpoint);
}
