/* A handful of recent policies, searched in a row: a pass sees few different pins, and the row is
 * short. Each keeps its settings Doc, so that the next settings entry in a chain costs one merge
 * and not a fold from the start; that is right only if it comes after all of its ancestors in store
 * order, which is checked, since heights of received entries are not.
 *
 * What was computed over a gap is lent but never kept (spec 02, decision D3). */
#include "auth/verify_parts.h"
#include "dag/alloc.h"
#include "dag/assert.h"

typedef struct cache_item {
    uint64_t hash; /* of the tips */
    eid_idset tips;
    eid_doc *settings;
    eid_policy *policy;
    eid_order_item last; /* the highest stamp in the closure of the tips */
    unsigned proofs;     /* bits of eid__proof */
    uint64_t used;       /* turn of the last use */
} cache_item;

struct eid_policy_cache {
    size_t max, count;
    uint64_t turn;
    cache_item *items;
    cache_item loose; /* lent once, not kept */
    eid__memo memo;
};

eid_status eid_policy_cache_new(size_t policies_max, eid_policy_cache **out)
{
    eid_policy_cache *cache = eid_alloc(sizeof *cache);

    EID_ASSERT(policies_max > 0);
    if (cache) cache->items = eid_alloc_array(policies_max, sizeof *cache->items);
    if (!cache || !cache->items) {
        eid_free(cache);
        return EID_FAIL(EID_KIND_NO_MEMORY, "a cache of %zu policies", policies_max);
    }
    cache->max = policies_max;
    *out = cache;
    return EID_OK;
}

static void cache_item_fini(cache_item *item)
{
    eid_idset_fini(&item->tips);
    eid_doc_free(item->settings);
    eid_policy_free(item->policy);
    *item = (cache_item){.tips = EID_IDSET_EMPTY};
}

void eid_policy_cache_clear(eid_policy_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++) cache_item_fini(&cache->items[i]);
    cache_item_fini(&cache->loose);
    eid__memo_clear(&cache->memo);
    cache->count = 0;
}

void eid_policy_cache_free(eid_policy_cache *cache)
{
    if (!cache) return;
    eid_policy_cache_clear(cache);
    eid_free(cache->items);
    eid_free(cache);
}

eid__memo *eid__cache_memo(eid_policy_cache *cache)
{
    return &cache->memo;
}

/* Tips come as snapshots do: sorted, without repeats. */
static bool cache_same_tips(const eid_idset *a, eid_ids b)
{
    if (a->count != b.count) return false;
    for (size_t i = 0; i < b.count; i++) {
        if (!eid_id_equal(&a->at[i], &b.at[i])) return false;
    }
    return true;
}

static uint64_t cache_hash(eid_ids tips)
{
    uint64_t hash = tips.count;

    for (size_t i = 0; i < tips.count; i++) {
        hash = hash * UINT64_C(0x9e3779b97f4a7c15) + eid_id_hash(&tips.at[i]);
    }
    return hash;
}

static cache_item *cache_find(const eid_policy_cache *cache, eid_ids tips)
{
    uint64_t hash = cache_hash(tips);

    for (size_t i = 0; i < cache->count; i++) {
        cache_item *item = &cache->items[i];

        if (item->hash == hash && cache_same_tips(&item->tips, tips)) return item;
    }
    return NULL;
}

bool eid__cache_is_proven(const eid_policy_cache *cache, eid_ids tips, eid__proof proof)
{
    const cache_item *item = cache_find(cache, tips);

    return item && (item->proofs & (unsigned)proof);
}

void eid__cache_prove(eid_policy_cache *cache, eid_ids tips, eid__proof proof)
{
    cache_item *item = cache_find(cache, tips);

    if (item) item->proofs |= (unsigned)proof;
}

/* Make the settings of one tip out of those of its only settings parent, if these are cached.
 * *done tells whether that was possible. */
static eid_status cache_extend(eid_policy_cache *cache, const eid_at *at, const eid_id *root,
                               const eid_id *tip, cache_item *out, bool *done)
{
    eid_entry *entry = NULL;
    const eid_subtree *store;
    const cache_item *parent = NULL;
    eid_status status = eid_index_entry(at, tip, &entry);

    *done = false;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    store = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    if (store && store->parents.count == 1 && eid_entry_is_in_tree(entry, root)) {
        parent = cache_find(cache, store->parents);
    }
    if (!parent || store->height < parent->last.height ||
        (store->height == parent->last.height && eid_id_compare(tip, &parent->last.id) <= 0)) {
        goto done;
    }
    status = eid_doc_copy(parent->settings, &out->settings);
    if (status == EID_OK) status = eid__settings_apply(entry, out->settings);
    out->last = (eid_order_item){store->height, *tip};
    *done = status == EID_OK;

done:
    eid_entry_free(entry);
    return status;
}

static eid_status cache_compute(eid_policy_cache *cache, const eid_at *at, const eid_id *root,
                                eid_ids tips, cache_item *out, bool *has_gap)
{
    bool done = false;
    eid_status status = eid_idset_assign(&out->tips, tips);

    *has_gap = false;
    out->hash = cache_hash(tips);
    if (status == EID_OK && tips.count == 1) {
        status = cache_extend(cache, at, root, &tips.at[0], out, &done);
    }
    if (status == EID_OK && !done) {
        status = eid__settings_fold(at, root, tips, &out->settings, &out->last, has_gap);
    }
    if (status == EID_OK) status = eid_policy_of_settings(out->settings, &out->policy);
    return status;
}

/* A free place, made by forgetting what was not used for longest. */
static cache_item *cache_place(eid_policy_cache *cache)
{
    cache_item *oldest = &cache->items[0];

    if (cache->count < cache->max) return &cache->items[cache->count++];
    for (size_t i = 1; i < cache->count; i++) {
        if (cache->items[i].used < oldest->used) oldest = &cache->items[i];
    }
    cache_item_fini(oldest);
    return oldest;
}

eid_status eid_verify_policy_at(eid_policy_cache *cache, const eid_at *at, const eid_id *root,
                                eid_ids settings_tips, const eid_policy **out)
{
    cache_item *item = cache_find(cache, settings_tips);
    cache_item fresh = {.tips = EID_IDSET_EMPTY};
    bool has_gap;
    eid_status status;

    cache->turn++;
    if (item) {
        item->used = cache->turn;
        *out = item->policy;
        return EID_OK;
    }
    status = cache_compute(cache, at, root, settings_tips, &fresh, &has_gap);
    if (status != EID_OK) {
        cache_item_fini(&fresh);
        return status;
    }
    if (has_gap) {
        cache_item_fini(&cache->loose);
        item = &cache->loose;
    } else {
        item = cache_place(cache);
    }
    fresh.used = cache->turn;
    *item = fresh;
    *out = item->policy;
    return EID_OK;
}
