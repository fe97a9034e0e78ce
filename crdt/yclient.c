/* A directory of leaves and no tree: two binary searches find a block, an append touches one leaf,
 * and a cut moves at most a leaf's pointers, now and then the directory's. */
#include "crdt/crdt_internal.h"
#include "crdt/ystore.h"
#include "dag/alloc.h"
#include "dag/assert.h"

eid__yclient *eid__yclient_find(const eid_ydoc *doc, uint32_t id)
{
    uint64_t hash = eid__yhash_number(doc->secret, id);
    eid__yclient *client;
    size_t probe = 0;

    while ((client = eid__ytable_next(&doc->by_id, hash, &probe)) != NULL) {
        if (client->id == id) return client;
    }
    return NULL;
}

uint32_t eid__yclient_state(const eid_ydoc *doc, uint32_t id)
{
    const eid__yclient *client = eid__yclient_find(doc, id);

    return client == NULL ? 0 : client->state;
}

static size_t client_leaf_at(const eid__yclient *client, uint32_t clock)
{
    size_t low = 0, high = client->leaf_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (client->leaves[middle]->items[0]->id.clock <= clock)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static size_t leaf_place(const eid__yleaf *leaf, uint32_t clock)
{
    size_t low = 0, high = leaf->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (leaf->items[middle]->id.clock <= clock)
            low = middle;
        else
            high = middle;
    }
    return low;
}

eid__yitem *eid__yclient_get(const eid__yclient *client, uint32_t clock)
{
    const eid__yleaf *leaf;
    eid__yitem *item;

    EID_ASSERT(clock < client->state);
    leaf = client->leaves[client_leaf_at(client, clock)];
    item = leaf->items[leaf_place(leaf, clock)];
    EID_ASSERT(item->id.clock <= clock && clock < eid__yitem_end(item));
    return item;
}

eid__yitem *eid__yitem_find(const eid_ydoc *doc, eid__yid id)
{
    const eid__yclient *client = eid__yclient_find(doc, id.client);

    if (client == NULL || id.clock >= client->state) return NULL;
    return eid__yclient_get(client, id.clock);
}

/* A new leaf at `at` of the directory; NULL without memory. */
static eid__yleaf *client_add_leaf(eid_ydoc *doc, eid__yclient *client, size_t at)
{
    void *leaves = client->leaves;
    eid__yleaf *leaf;

    if (!eid__array_grow(&leaves, client->leaf_count, &client->leaf_cap, sizeof(leaf))) return NULL;
    client->leaves = leaves;
    leaf = eid__yarena_alloc(&doc->arena, sizeof(*leaf));
    if (leaf == NULL) return NULL;
    memmove(client->leaves + at + 1, client->leaves + at,
            (client->leaf_count - at) * sizeof(eid__yleaf *));
    client->leaves[at] = leaf;
    client->leaf_count++;
    return leaf;
}

static eid__yclient *client_make(eid_ydoc *doc, uint32_t id)
{
    eid__yclient *client = eid__yclient_find(doc, id);

    if (client != NULL) return client;
    client = eid__yarena_alloc(&doc->arena, sizeof(*client));
    if (client == NULL) return NULL;
    client->id = id;
    if (!eid__ytable_put(&doc->by_id, eid__yhash_number(doc->secret, id), client)) return NULL;
    client->next = doc->clients;
    doc->clients = client;
    doc->client_count++;
    return client;
}

bool eid__yclient_append(eid_ydoc *doc, eid__yitem *item)
{
    eid__yclient *client = client_make(doc, item->id.client);
    eid__yleaf *leaf;

    if (client == NULL) return false;
    EID_ASSERT(item->id.clock == client->state);
    leaf = client->leaf_count == 0 ? NULL : client->leaves[client->leaf_count - 1];
    if (leaf == NULL || leaf->count == EID__YLEAF_ITEMS) {
        leaf = client_add_leaf(doc, client, client->leaf_count);
        if (leaf == NULL) return false;
    }
    leaf->items[leaf->count++] = item;
    if (client->last == NULL)
        client->first = item;
    else
        client->last->next = item;
    client->last = item;
    client->state = eid__yitem_end(item);
    return true;
}

/* Move the upper half of a full leaf into one of its own. */
static bool client_split_leaf(eid_ydoc *doc, eid__yclient *client, size_t at)
{
    eid__yleaf *low = client->leaves[at];
    eid__yleaf *high = client_add_leaf(doc, client, at + 1);
    size_t keep = EID__YLEAF_ITEMS / 2;

    if (high == NULL) return false;
    high->count = low->count - keep;
    memcpy(high->items, low->items + keep, high->count * sizeof(*high->items));
    low->count = keep;
    return true;
}

bool eid__yclient_insert_after(eid_ydoc *doc, eid__yitem *item, eid__yitem *half)
{
    eid__yclient *client = eid__yclient_find(doc, item->id.client);
    eid__yleaf *leaf;
    size_t at, place;

    EID_ASSERT(client != NULL);
    at = client_leaf_at(client, item->id.clock);
    if (client->leaves[at]->count == EID__YLEAF_ITEMS) {
        if (!client_split_leaf(doc, client, at)) return false;
        at = client_leaf_at(client, item->id.clock);
    }
    leaf = client->leaves[at];
    place = leaf_place(leaf, item->id.clock) + 1;
    EID_ASSERT(leaf->items[place - 1] == item);
    memmove(leaf->items + place + 1, leaf->items + place,
            (leaf->count - place) * sizeof(*leaf->items));
    leaf->items[place] = half;
    leaf->count++;
    half->next = item->next;
    item->next = half;
    if (client->last == item) client->last = half;
    return true;
}

void eid__yclient_free_directory(eid__yclient *client)
{
    eid_free(client->leaves);
    client->leaves = NULL;
}
