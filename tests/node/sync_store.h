/* A database for tests of the sync engine, in a table: entries by id, visible when all parents are.
 *
 * It answers what node/sync/source.c answers over a real store, by the plainest means, and may hold
 * entries whose parents are missing. Nothing is verified. Source: engine.h, eid_sync_host.
 */
#ifndef EID_TESTS_NODE_SYNC_STORE_H
#define EID_TESTS_NODE_SYNC_STORE_H

#include <stdio.h>
#include <stdlib.h>

#include "dag/alloc.h"
#include "dag/builder.h"
#include "dag/graph.h"
#include "node/sync/engine.h"
#include "tests/support/test.h"

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        eid_status status_ = (call);                                                               \
        if (status_ != EID_OK) {                                                                   \
            print_error("%s: %s\n", #call, eid_status_detail(status_).text);                       \
        }                                                                                          \
        assert_int_equal(status_, EID_OK);                                                         \
    } while (0)

#define STORE_SLOTS 32768u /* of the hash table; a power of two, far above the entries held */

typedef struct store_item {
    eid_entry *entry;
    bool is_visible;
} store_item;

typedef struct store {
    eid_id root;
    store_item *items;
    size_t count, cap, visible_count;
    size_t *slots; /* index + 1 */
    eid_idset tips;
    eid_order order; /* of the visible ones */
    bool is_sorted;
    eid_graph graph;
} store;

static inline size_t *store_slot(const store *self, const eid_id *id)
{
    size_t at = (size_t)eid_id_hash(id) & (STORE_SLOTS - 1);

    while (self->slots[at] != 0 &&
           !eid_id_equal(eid_entry_id(self->items[self->slots[at] - 1].entry), id)) {
        at = (at + 1) & (STORE_SLOTS - 1);
    }
    return &self->slots[at];
}

static inline store_item *store_find(const store *self, const eid_id *id)
{
    size_t *slot = store_slot(self, id);

    return *slot == 0 ? NULL : &self->items[*slot - 1];
}

static inline bool store_has(const store *self, const eid_id *id)
{
    const store_item *item = store_find(self, id);

    return item && item->is_visible;
}

static inline eid_status store_graph_find(void *context, const eid_id *id, eid_slice name,
                                          eid_node *out)
{
    const store *self = context;
    const store_item *item = store_find(self, id);

    (void)name;
    if (!item || !item->is_visible) return EID_E_NOT_FOUND;
    memset(out, 0, sizeof *out);
    out->tree = self->root;
    out->height = eid_entry_height(item->entry);
    out->parents = eid_entry_parents(item->entry);
    return EID_OK;
}

static inline void store_init(store *self, const eid_id *root)
{
    memset(self, 0, sizeof *self);
    self->root = *root;
    self->slots = calloc(STORE_SLOTS, sizeof *self->slots);
    assert_non_null(self->slots);
}

static inline void store_fini(store *self)
{
    for (size_t i = 0; i < self->count; i++) eid_entry_free(self->items[i].entry);
    free(self->items);
    free(self->slots);
    eid_idset_fini(&self->tips);
    eid_order_fini(&self->order);
}

static inline bool store_parents_visible(const store *self, const eid_entry *entry)
{
    eid_ids parents = eid_entry_parents(entry);

    for (size_t i = 0; i < parents.count; i++) {
        if (!store_has(self, &parents.at[i])) return false;
    }
    return true;
}

static inline void store_show(store *self, store_item *item)
{
    eid_ids parents = eid_entry_parents(item->entry);

    item->is_visible = true;
    self->visible_count++;
    self->is_sorted = false;
    for (size_t i = 0; i < parents.count; i++) eid_idset_remove(&self->tips, &parents.at[i]);
    assert_ok(eid_idset_add(&self->tips, eid_entry_id(item->entry)));
    assert_ok(
        eid_order_push(&self->order, eid_entry_height(item->entry), eid_entry_id(item->entry)));
}

/* What waited for a parent becomes visible. */
static inline void store_promote(store *self)
{
    bool again = self->visible_count < self->count;

    while (again) {
        again = false;
        for (size_t i = 0; i < self->count; i++) {
            if (self->items[i].is_visible) continue;
            if (!store_parents_visible(self, self->items[i].entry)) continue;
            store_show(self, &self->items[i]);
            again = true;
        }
    }
}

/* Take bytes; false if they are no entry of this database, true also for one that is held. */
static inline bool store_put(store *self, eid_slice bytes)
{
    eid_entry *entry = NULL;
    size_t *slot;

    if (eid_entry_decode(bytes, &entry) != EID_OK) return false;
    slot = store_slot(self, eid_entry_id(entry));
    if (*slot != 0 || !eid_entry_is_in_tree(entry, &self->root)) {
        bool is_held = *slot != 0;

        eid_entry_free(entry);
        return is_held;
    }
    if (self->count == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 64;
        self->items = realloc(self->items, self->cap * sizeof *self->items);
        assert_non_null(self->items);
    }
    assert_true(self->count < STORE_SLOTS / 2);
    self->items[self->count++] = (store_item){entry, false};
    *slot = self->count;
    if (store_parents_visible(self, entry)) {
        store_show(self, &self->items[self->count - 1]);
        store_promote(self);
    }
    return true;
}

/* Parents that are named and not held. */
static inline void store_missing_parents(const store *self, eid_slice bytes, eid_idset *out)
{
    eid_entry *entry = NULL;
    eid_ids parents;

    if (eid_entry_decode(bytes, &entry) != EID_OK) return;
    parents = eid_entry_parents(entry);
    for (size_t i = 0; i < parents.count; i++) {
        if (!store_find(self, &parents.at[i])) assert_ok(eid_idset_add(out, &parents.at[i]));
    }
    eid_entry_free(entry);
}

static inline const eid_order *store_order(store *self)
{
    if (!self->is_sorted) eid_order_sort(&self->order);
    self->is_sorted = true;
    return &self->order;
}

static inline bool item_is_before(const eid_order_item *a, const eid_order_item *b)
{
    return a->height != b->height ? a->height < b->height : eid_id_compare(&a->id, &b->id) < 0;
}

/* Number of visible items before a bound. */
static inline size_t store_rank(store *self, const eid_order_item *bound)
{
    const eid_order *order = store_order(self);
    size_t low = 0, high = order->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (item_is_before(&order->at[middle], bound))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline void sum_add(uint8_t sum[32], const eid_id *id)
{
    eid_id_parts parts;
    unsigned carry = 0;

    eid_id_parts_of(id, &parts);
    assert_int_equal(parts.digest.len, 32);
    for (int i = 31; i >= 0; i--) {
        carry += (unsigned)sum[i] + parts.digest.at[i];
        sum[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* An entry of the database (NULL = its genesis) that says `text`, signed by nobody. */
static inline eid_entry *store_make(const eid_id *root, eid_ids parents, uint64_t height,
                                    eid_slice text)
{
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;

    assert_ok(eid_builder_new(root, &builder));
    assert_ok(eid_builder_set_parents(builder, parents));
    eid_builder_set_height(builder, height);
    assert_ok(eid_builder_set_data(builder, eid_slice_text(root ? "notes" : EID_STORE_ROOT), text));
    assert_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    eid_builder_free(builder);
    return entry;
}

/* Write an entry on the tips, or (not NULL) on one parent; the id is given. */
static inline eid_id store_write(store *self, const eid_id *parent, const char *text)
{
    eid_ids parents = parent ? (eid_ids){parent, 1} : eid_idset_ids(&self->tips);
    uint64_t height = 0;
    eid_entry *entry;
    eid_id id;

    for (size_t i = 0; i < parents.count; i++) {
        uint64_t above = eid_entry_height(store_find(self, &parents.at[i])->entry) + 1;

        if (above > height) height = above;
    }
    entry = store_make(&self->root, parents, height, eid_slice_text(text));
    id = *eid_entry_id(entry);
    assert_true(store_put(self, eid_entry_bytes(entry)));
    eid_entry_free(entry);
    return id;
}

#endif
