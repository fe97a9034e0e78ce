/* The specification lets clients keep merged states of encrypted stores with the daemon. It is a
 * cache: a short list, and what nobody has asked for longest goes when there is no room. */
#include "dag/alloc.h"
#include "node/service/server_internal.h"

#define CACHE_BYTES_MAX (16u * 1024u * 1024u)

typedef struct cache_item {
    struct cache_item *next;
    uint8_t *bytes; /* key, then value */
    size_t key_len, value_len;
} cache_item;

struct eid__cache {
    pthread_mutex_t lock;
    cache_item *items; /* last asked for first */
    size_t bytes;
};

eid_status eid__cache_new(eid__cache **out)
{
    *out = eid_alloc(sizeof **out);
    if (*out && pthread_mutex_init(&(*out)->lock, NULL) == 0) return EID_OK;
    eid_free(*out);
    *out = NULL;
    return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a cache");
}

static void cache_drop(eid__cache *cache, cache_item **link)
{
    cache_item *item = *link;

    *link = item->next;
    cache->bytes -= item->key_len + item->value_len;
    eid_free(item->bytes);
    eid_free(item);
}

void eid__cache_free(eid__cache *cache)
{
    if (!cache) return;
    while (cache->items) cache_drop(cache, &cache->items);
    pthread_mutex_destroy(&cache->lock);
    eid_free(cache);
}

static cache_item **cache_find(eid__cache *cache, eid_slice key)
{
    cache_item **link = &cache->items;

    while (*link && !eid_slice_equal(eid_slice_of((*link)->bytes, (*link)->key_len), key)) {
        link = &(*link)->next;
    }
    return link;
}

static cache_item *cache_item_new(eid_slice key, eid_slice value)
{
    cache_item *item = eid_alloc(sizeof *item);

    if (item) item->bytes = eid_alloc(key.len + value.len);
    if (!item || !item->bytes) {
        eid_free(item);
        return NULL;
    }
    item->key_len = key.len;
    item->value_len = value.len;
    if (key.len > 0) memcpy(item->bytes, key.at, key.len);
    if (value.len > 0) memcpy(item->bytes + key.len, value.at, value.len);
    return item;
}

void eid__cache_put(eid__cache *cache, eid_slice key, eid_slice value)
{
    cache_item *item;
    cache_item **link;

    if (value.len > CACHE_BYTES_MAX / 2 || key.len > CACHE_BYTES_MAX / 2) return;
    item = cache_item_new(key, value);
    if (!item) return;
    pthread_mutex_lock(&cache->lock);
    link = cache_find(cache, key);
    if (*link) cache_drop(cache, link);
    item->next = cache->items;
    cache->items = item;
    cache->bytes += key.len + value.len;
    while (cache->bytes > CACHE_BYTES_MAX) {
        for (link = &cache->items; (*link)->next;) link = &(*link)->next;
        cache_drop(cache, link);
    }
    pthread_mutex_unlock(&cache->lock);
}

eid_status eid__cache_get(eid__cache *cache, eid_slice key, eid_buf *out)
{
    cache_item **link, *item;
    eid_status status = EID_E_NOT_FOUND;

    pthread_mutex_lock(&cache->lock);
    link = cache_find(cache, key);
    item = *link;
    if (item) {
        *link = item->next;
        item->next = cache->items;
        cache->items = item;
        eid_buf_append(out, eid_slice_of(item->bytes + item->key_len, item->value_len));
        status = eid_buf_status(out);
    }
    pthread_mutex_unlock(&cache->lock);
    return status;
}
