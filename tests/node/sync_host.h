/* The fake host of sync_world.h: a node's table, who may read it, and what it remembers of peers.
 */
#ifndef EID_TESTS_NODE_SYNC_HOST_H
#define EID_TESTS_NODE_SYNC_HOST_H

#include "tests/node/sync_net.h"

static inline uint64_t host_now_ns(void *context)
{
    return ((node *)context)->world->now_ns;
}

static inline uint64_t host_wall_ms(void *context)
{
    return 1700000000000u + ((node *)context)->world->now_ns / 1000000;
}

static inline eid_quic_address node_address(const node *self)
{
    eid_quic_address address;

    memset(&address, 0, sizeof address);
    memcpy(address.node, self->device.pub.bytes, 32);
    address.count = 1;
    address.at[0].klass = 'd';
    snprintf(address.at[0].host, sizeof address.at[0].host, "192.0.2.%zu", self->index + 1);
    address.at[0].port = 4433;
    return address;
}

static inline void host_addresses(void *context, eid_quic_address *out)
{
    const node *self = context;

    if (self->has_address) *out = node_address(self);
}

static inline bool node_lets_read(const node *self, const uint8_t device[32],
                                  const eid_sync_proof *proof)
{
    bool holds = false;
    eid_buf message;

    eid_buf_init(&message, 256);
    eid_sync_proof_message(&self->store.root, device, &message);
    for (size_t i = 0; i < self->reader_count; i++) {
        holds = holds || (eid_pubkey_equal(&self->readers[i], &proof->key) &&
                          eid_key_verify(&proof->key, eid_buf_slice(&message),
                                         eid_slice_of(proof->signature, 64)));
    }
    eid_buf_fini(&message);
    return holds;
}

static inline bool host_may_read(void *context, const eid_id *root, const uint8_t device[32],
                                 const eid_sync_proof *proofs, size_t count)
{
    const node *self = context;

    if (self->serves_any) return true;
    if (!self->is_shared || !eid_id_equal(root, &self->store.root)) return false;
    if (self->is_public) return true;
    for (size_t i = 0; i < count; i++) {
        if (node_lets_read(self, device, &proofs[i])) return true;
    }
    return false;
}

static inline size_t host_proofs(void *context, const eid_id *root, eid_sync_proof *out, size_t max)
{
    const node *self = context;
    eid_buf message;

    assert_true(max > 0);
    eid_buf_init(&message, 256);
    eid_sync_proof_message(root, self->device.pub.bytes, &message);
    out->key = self->user.pub;
    eid_key_sign(&self->user, eid_buf_slice(&message), out->signature);
    eid_buf_fini(&message);
    return 1;
}

static inline eid_status host_tips(void *context, const eid_id *root, eid_idset *tips,
                                   uint64_t *count)
{
    const node *self = context;

    *count = 0;
    if (!eid_id_equal(root, &self->store.root)) return EID_OK;
    *count = self->store.visible_count;
    return eid_idset_assign(tips, eid_idset_ids(&self->store.tips));
}

static inline eid_status host_held(void *context, const eid_id *root, eid_ids ids, bool *flags)
{
    const node *self = context;

    (void)root;
    for (size_t i = 0; i < ids.count; i++) flags[i] = store_has(&self->store, &ids.at[i]);
    return EID_OK;
}

static inline eid_status host_missing(void *context, const eid_id *root, eid_ids have,
                                      eid_order *out)
{
    node *self = context;
    eid_graph graph = {&self->store, store_graph_find, *root};

    return eid_graph_diff(&graph, have, eid_idset_ids(&self->store.tips), out);
}

static inline eid_status host_scan(void *context, const eid_id *root, const eid_order_item *after,
                                   size_t max, eid_order *out)
{
    node *self = context;
    const eid_order *order = store_order(&self->store);

    (void)root;
    for (size_t i = 0; i < order->count && out->count < max; i++) {
        if (after && !item_is_before(after, &order->at[i])) continue;
        assert_ok(eid_order_push(out, order->at[i].height, &order->at[i].id));
    }
    return EID_OK;
}

static inline eid_status host_fingerprint(void *context, const eid_id *root,
                                          const eid_order_item *low, const eid_order_item *high,
                                          uint64_t *count, uint8_t sum[32])
{
    node *self = context;
    const eid_order *order = store_order(&self->store);
    size_t first = low ? store_rank(&self->store, low) : 0;
    size_t end = high ? store_rank(&self->store, high) : order->count;

    (void)root;
    memset(sum, 0, 32);
    *count = end > first ? end - first : 0;
    for (size_t i = first; i < end; i++) sum_add(sum, &order->at[i].id);
    return EID_OK;
}

static inline eid_status host_item_at(void *context, const eid_id *root, const eid_order_item *low,
                                      const eid_order_item *high, uint64_t rank,
                                      eid_order_item *out)
{
    node *self = context;
    const eid_order *order = store_order(&self->store);
    size_t first = low ? store_rank(&self->store, low) : 0;
    size_t end = high ? store_rank(&self->store, high) : order->count;

    (void)root;
    if (end < first || rank >= end - first) return EID_E_NOT_FOUND;
    *out = order->at[first + rank];
    return EID_OK;
}

static inline eid_status host_bytes(void *context, const eid_id *root, const eid_id *id,
                                    eid_buf *out)
{
    node *self = context;
    const store_item *item = store_find(&self->store, id);

    (void)root;
    if (!item) return EID_E_NOT_FOUND;
    eid_buf_append(out, eid_entry_bytes(item->entry));
    return eid_buf_status(out);
}

static inline eid_status host_ingest(void *context, const eid_id *root, const eid_slice *entries,
                                     size_t count, uint64_t number)
{
    node *self = context;
    node_ingest *ingest;

    if (self->is_overloaded || self->ingest_count == 64) {
        return EID_FAIL(EID_KIND_OVERLOAD, "the disk is slow");
    }
    ingest = calloc(1, sizeof *ingest);
    assert_non_null(ingest);
    self->ingests[self->ingest_count++] = ingest;
    ingest->number = number;
    ingest->due_ns = self->world->now_ns + self->ingest_ns;
    ingest->root = *root;
    ingest->count = count;
    eid_buf_init(&ingest->bytes, SIZE_MAX / 2);
    for (size_t i = 0; i < count; i++) {
        eid_buf_append(&ingest->bytes, entries[i]);
        ingest->ends[i] = ingest->bytes.len;
    }
    return EID_OK;
}

static inline node_peer *node_peer_of(node *self, const uint8_t peer[32])
{
    for (size_t i = 0; i < self->world->node_count; i++) {
        if (memcmp(self->world->nodes[i].device.pub.bytes, peer, 32) == 0) return &self->peers[i];
    }
    fail_msg("a peer that nobody is");
    return NULL;
}

static inline eid_status host_peers(void *context,
                                    void (*fn)(void *arg, const eid_quic_address *address,
                                               bool blocked, const eid_id *roots,
                                               size_t root_count),
                                    void *arg)
{
    node *self = context;

    for (size_t i = 0; i < self->world->node_count; i++) {
        const node_peer *peer = &self->peers[i];

        if (peer->roots.count == 0 && !peer->is_blocked) continue;
        fn(arg, &peer->address, peer->is_blocked, peer->roots.at, peer->roots.count);
    }
    return EID_OK;
}

static inline void host_remember(void *context, const eid_quic_address *address, const eid_id *root)
{
    node_peer *peer = node_peer_of(context, address->node);

    memcpy(peer->address.node, address->node, 32);
    if (address->count > 0) peer->address = *address;
    if (root) assert_ok(eid_idset_add(&peer->roots, root));
}

static inline eid_status host_cursor_load(void *context, const uint8_t peer[32], const eid_id *root,
                                          eid_idset *out)
{
    const node_peer *known = node_peer_of(context, peer);

    (void)root;
    if (known->cursor.count == 0) return EID_E_NOT_FOUND;
    return eid_idset_assign(out, eid_idset_ids(&known->cursor));
}

static inline void host_cursor_store(void *context, const uint8_t peer[32], const eid_id *root,
                                     eid_ids tips)
{
    node_peer *known = node_peer_of(context, peer);

    (void)root;
    known->cursor_stores++;
    assert_ok(eid_idset_assign(&known->cursor, tips));
}

#endif
