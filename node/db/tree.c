/* A hash table with chains under one lock: a look-up per call of the seam, some tens of
 * nanoseconds. Sweeping looks at every idle tree at once, and gives each a second chance; it runs
 * only when there are a thousand more than are in use. */
#include "node/db/tree.h"

#include "dag/alloc.h"
#include "dag/assert.h"

#define TREES_BUCKETS 1024u

struct eid__dbtrees {
    pthread_mutex_t lock;
    eid_kv *kv;
    size_t count, sweep_at;
    eid__dbtree *buckets[TREES_BUCKETS];
};

static void pin_clear(eid__pin *pin)
{
    eid_free(pin->metadata);
    eid_policy_free(pin->policy);
    memset(pin, 0, sizeof(*pin));
}

static void tree_free(eid__dbtree *tree)
{
    EID_ASSERT(tree->refs == 0);
    eid_batch_free(tree->batch);
    eid_policy_cache_free(tree->policies);
    eid_revocations_free(tree->revocations);
    for (size_t i = 0; i < EID__PINS_MAX; i++) pin_clear(&tree->pins[i]);
    eid__current_clear(&tree->current);
    pthread_mutex_destroy(&tree->cache);
    pthread_mutex_destroy(&tree->write);
    eid_free(tree);
}

static eid_status tree_new(eid_kv *kv, const eid_id *root, eid__dbtree **out)
{
    eid__dbtree *tree = eid_alloc(sizeof(*tree));
    eid_status status;

    if (tree == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for a database's object");
    tree->root = *root;
    tree->kv = kv;
    pthread_mutex_init(&tree->write, NULL);
    pthread_mutex_init(&tree->cache, NULL);
    status = eid_batch_new(kv, &tree->batch);
    if (status == EID_OK) {
        eid_batch_keep_hot(tree->batch); /* nobody else writes the index of this database */
        *out = tree;
    } else {
        tree_free(tree);
    }
    return status;
}

eid_status eid__dbtrees_new(eid_kv *kv, eid__dbtrees **out)
{
    eid__dbtrees *trees = eid_alloc(sizeof(*trees));

    if (trees == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for the table of databases");
    pthread_mutex_init(&trees->lock, NULL);
    trees->kv = kv;
    trees->sweep_at = EID__TREES_IDLE_MAX;
    *out = trees;
    return EID_OK;
}

void eid__dbtrees_free(eid__dbtrees *trees)
{
    if (trees == NULL) return;
    for (size_t i = 0; i < TREES_BUCKETS; i++) {
        while (trees->buckets[i] != NULL) {
            eid__dbtree *tree = trees->buckets[i];
            trees->buckets[i] = tree->next;
            tree_free(tree);
        }
    }
    pthread_mutex_destroy(&trees->lock);
    eid_free(trees);
}

/* Free what was idle since the last sweep. */
static void trees_sweep(eid__dbtrees *trees)
{
    for (size_t i = 0; i < TREES_BUCKETS; i++) {
        eid__dbtree **link = &trees->buckets[i];
        while (*link != NULL) {
            eid__dbtree *tree = *link;
            if (tree->refs == 0 && !tree->is_recent) {
                *link = tree->next;
                tree_free(tree);
                trees->count--;
            } else {
                tree->is_recent = false;
                link = &tree->next;
            }
        }
    }
    trees->sweep_at = trees->count + EID__TREES_IDLE_MAX;
}

eid_status eid__dbtree_ref(eid__dbtrees *trees, const eid_id *root, eid__dbtree **out)
{
    eid__dbtree **bucket = &trees->buckets[eid_id_hash(root) % TREES_BUCKETS];
    eid__dbtree *tree;
    eid_status status = EID_OK;

    pthread_mutex_lock(&trees->lock);
    tree = *bucket;
    while (tree != NULL && !eid_id_equal(&tree->root, root)) tree = tree->next;
    if (tree == NULL) {
        if (trees->count >= trees->sweep_at) trees_sweep(trees);
        status = tree_new(trees->kv, root, &tree);
        if (status != EID_OK) goto done;
        EID_ASSERT(tree != NULL);
        tree->next = *bucket;
        *bucket = tree;
        trees->count++;
    }
    tree->refs++;
    tree->is_recent = true;
    *out = tree;

done:
    pthread_mutex_unlock(&trees->lock);
    return status;
}

void eid__dbtree_unref(eid__dbtrees *trees, eid__dbtree *tree)
{
    if (tree == NULL) return;
    pthread_mutex_lock(&trees->lock);
    EID_ASSERT(tree->refs > 0);
    tree->refs--;
    pthread_mutex_unlock(&trees->lock);
}

/* The same of a snapshot, for while a batch is being written. */
static eid_status tree_read_view(eid__dbtree *tree, eid__current_fn fn, void *arg)
{
    eid_at at = {.kv = tree->kv};
    eid_kv_view *view = NULL;
    eid__current *current = eid_alloc(sizeof(*current));
    eid_status status;

    if (current == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "for reading a database");
    status = eid_kv_view_new(tree->kv, &view);
    if (status == EID_OK) {
        at.view = view;
        status = fn(arg, current, &at, &tree->root);
        eid_kv_view_free(tree->kv, view);
    }
    eid__current_clear(current);
    eid_free(current);
    return status;
}

eid_status eid__dbtree_read(eid__dbtree *tree, eid__current_fn fn, void *arg)
{
    const eid_at at = {.kv = tree->kv};
    eid_status status;

    pthread_mutex_lock(&tree->cache);
    if (tree->is_writing) {
        pthread_mutex_unlock(&tree->cache);
        return tree_read_view(tree, fn, arg);
    }
    status = fn(arg, &tree->current, &at, &tree->root);
    pthread_mutex_unlock(&tree->cache);
    return status;
}

const eid_policy *eid__dbtree_pin(const eid__dbtree *tree, eid_slice metadata)
{
    for (size_t i = 0; i < EID__PINS_MAX; i++) {
        const eid__pin *pin = &tree->pins[i];
        if (pin->metadata == NULL) continue;
        if (eid_slice_equal(eid_slice_of(pin->metadata, pin->len), metadata)) return pin->policy;
    }
    return NULL;
}

void eid__dbtree_put_pin(eid__dbtree *tree, eid_slice metadata, eid_policy *policy)
{
    eid__pin *pin = &tree->pins[tree->pin_next];

    pin_clear(pin);
    pin->metadata = eid_memdup(metadata.at, metadata.len);
    if (pin->metadata == NULL) {
        eid_policy_free(policy);
        return;
    }
    pin->len = metadata.len;
    pin->policy = policy;
    tree->pin_next = (tree->pin_next + 1) % EID__PINS_MAX;
}

void eid__dbtree_forget_policies(eid__dbtree *tree)
{
    for (size_t i = 0; i < EID__PINS_MAX; i++) pin_clear(&tree->pins[i]);
    eid_policy_cache_free(tree->policies);
    tree->policies = NULL;
    eid_revocations_free(tree->revocations);
    tree->revocations = NULL;
    tree->has_enforced = false;
}
