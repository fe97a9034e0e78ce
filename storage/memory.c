/* Versions of a tree and not one locked table: a view is a count, a batch is applied to a draft
 * that is published or dropped whole, and readers hold a lock only to pick up a root. */
#include <pthread.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/random.h"
#include "storage/backend.h"
#include "storage/tree.h"

struct eid_kv_view {
    eid__tree *roots[EID_FAMILY_COUNT];
};

typedef struct memory {
    eid_kv base;
    pthread_mutex_t write_lock; /* one writer; guards priorities and bytes */
    pthread_mutex_t roots_lock; /* held to read or swap roots, never longer; after write_lock */
    eid__tree *roots[EID_FAMILY_COUNT];
    eid_random_seeded priorities;
    uint64_t bytes; /* of keys and values */
} memory;

typedef struct memory_iter {
    eid_kv_iter base;
    eid__tree *root;
    eid_buf prefix, end; /* end: EMPTY = no key is after the prefix */
    bool valid;
    eid__tree_pair pair; /* in root */
} memory_iter;

static memory *memory_of(eid_kv *kv)
{
    return (memory *)(void *)kv;
}

static void memory_close(eid_kv *kv)
{
    memory *self = memory_of(kv);

    for (size_t i = 0; i < EID_FAMILY_COUNT; i++) eid__tree_unref(self->roots[i]);
    EID_ASSERT(pthread_mutex_destroy(&self->write_lock) == 0);
    EID_ASSERT(pthread_mutex_destroy(&self->roots_lock) == 0);
    eid__kv_fini(&self->base);
    eid_free(self);
}

static void memory_roots_ref(memory *self, eid__tree **roots)
{
    EID_ASSERT(pthread_mutex_lock(&self->roots_lock) == 0);
    for (size_t i = 0; i < EID_FAMILY_COUNT; i++) roots[i] = eid__tree_ref(self->roots[i]);
    EID_ASSERT(pthread_mutex_unlock(&self->roots_lock) == 0);
}

/* Ref: the root of a family in a view, or now. */
static eid__tree *memory_root_ref(memory *self, const eid_kv_view *view, eid_family family)
{
    eid__tree *root;

    if (view != NULL) return eid__tree_ref(view->roots[family]);
    EID_ASSERT(pthread_mutex_lock(&self->roots_lock) == 0);
    root = eid__tree_ref(self->roots[family]);
    EID_ASSERT(pthread_mutex_unlock(&self->roots_lock) == 0);
    return root;
}

static eid_status memory_view_new(eid_kv *kv, eid_kv_view **out)
{
    eid_kv_view *view = eid_alloc(sizeof *view);

    *out = view;
    if (view == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a snapshot");
    memory_roots_ref(memory_of(kv), view->roots);
    return EID_OK;
}

static void memory_view_free(eid_kv *kv, eid_kv_view *view)
{
    (void)kv;
    for (size_t i = 0; i < EID_FAMILY_COUNT; i++) eid__tree_unref(view->roots[i]);
    eid_free(view);
}

static eid_status memory_get(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice key,
                             eid_buf *out)
{
    eid__tree *root = memory_root_ref(memory_of(kv), view, family);
    eid__tree_pair pair;
    eid_status status = EID_E_NOT_FOUND;

    if (eid__tree_find(root, key, &pair)) {
        eid_buf_append(out, pair.value);
        status = eid_buf_status(out);
    }
    eid__tree_unref(root);
    return status;
}

static void memory_iter_settle(memory_iter *iter, bool found)
{
    iter->valid = found && eid_slice_has_prefix(iter->pair.key, eid_buf_slice(&iter->prefix));
}

static void memory_iter_seek(eid_kv_iter *base, eid_slice from)
{
    memory_iter *iter = (memory_iter *)(void *)base;
    eid_slice prefix = eid_buf_slice(&iter->prefix);
    eid_slice start = eid_slice_compare(from, prefix) > 0 ? from : prefix;

    memory_iter_settle(iter, eid__tree_after(iter->root, start, true, &iter->pair));
}

static void memory_iter_seek_last(eid_kv_iter *base)
{
    memory_iter *iter = (memory_iter *)(void *)base;
    eid_slice end = eid_buf_slice(&iter->end);
    bool found = end.len > 0 ? eid__tree_before(iter->root, end, &iter->pair)
                             : eid__tree_last(iter->root, &iter->pair);

    memory_iter_settle(iter, found);
}

static void memory_iter_free(eid_kv_iter *base)
{
    memory_iter *iter = (memory_iter *)(void *)base;

    eid_buf_fini(&iter->prefix);
    eid_buf_fini(&iter->end);
    eid__tree_unref(iter->root);
    eid_free(iter);
}

static eid_status memory_iter_new(eid_kv *kv, const eid_kv_view *view, eid_family family,
                                  eid_slice prefix, eid_kv_iter **out)
{
    memory_iter *iter = eid_alloc(sizeof *iter);
    eid_status status;

    *out = NULL;
    if (iter == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an iterator");
    iter->base.backend = kv->backend;
    iter->root = memory_root_ref(memory_of(kv), view, family);
    status = eid__prefix_range(prefix, &iter->prefix, &iter->end);
    if (status != EID_OK) {
        memory_iter_free(&iter->base);
        return status;
    }
    memory_iter_seek(&iter->base, EID_SLICE_EMPTY);
    *out = &iter->base;
    return EID_OK;
}

static bool memory_iter_pair(const eid_kv_iter *base, eid_slice *key, eid_slice *value)
{
    const memory_iter *iter = (const memory_iter *)(const void *)base;

    if (!iter->valid) return false;
    *key = iter->pair.key;
    *value = iter->pair.value;
    return true;
}

static void memory_iter_next(eid_kv_iter *base)
{
    memory_iter *iter = (memory_iter *)(void *)base;

    EID_ASSERT(iter->valid);
    memory_iter_settle(iter, eid__tree_after(iter->root, iter->pair.key, false, &iter->pair));
}

static void memory_iter_previous(eid_kv_iter *base)
{
    memory_iter *iter = (memory_iter *)(void *)base;

    EID_ASSERT(iter->valid);
    memory_iter_settle(iter, eid__tree_before(iter->root, iter->pair.key, &iter->pair));
}

static eid_status memory_iter_status(const eid_kv_iter *base)
{
    (void)base;
    return EID_OK;
}

/* Apply one operation to a draft, and its effect on the number of bytes. */
static bool memory_apply(memory *self, eid__tree **root, const eid_kv_write_op *op, uint64_t *bytes)
{
    eid__tree_pair old;

    if (eid__tree_find(*root, op->key, &old)) *bytes -= old.key.len + old.value.len;
    if (op->is_delete) return eid__tree_delete(root, op->key);
    *bytes += op->key.len + op->value.len;
    return eid__tree_put(root, op->key, op->value, eid_random_next(&self->priorities));
}

static eid_status memory_write(eid_kv *kv, const eid_kv_write_op *ops, size_t count,
                               eid_durability durability)
{
    memory *self = memory_of(kv);
    eid__tree *draft[EID_FAMILY_COUNT];
    uint64_t bytes;
    bool done = true;

    (void)durability;
    EID_ASSERT(pthread_mutex_lock(&self->write_lock) == 0);
    bytes = self->bytes;
    memory_roots_ref(self, draft);
    for (size_t i = 0; done && i < count; i++) {
        done = memory_apply(self, &draft[ops[i].family], &ops[i], &bytes);
    }
    if (done) {
        EID_ASSERT(pthread_mutex_lock(&self->roots_lock) == 0);
        for (size_t i = 0; i < EID_FAMILY_COUNT; i++) {
            eid__tree *old = self->roots[i];

            self->roots[i] = draft[i];
            draft[i] = old;
        }
        EID_ASSERT(pthread_mutex_unlock(&self->roots_lock) == 0);
        self->bytes = bytes;
    }
    EID_ASSERT(pthread_mutex_unlock(&self->write_lock) == 0);
    for (size_t i = 0; i < EID_FAMILY_COUNT; i++) eid__tree_unref(draft[i]);
    return done ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no memory to store %zu changes", count);
}

static eid_status memory_sync(eid_kv *kv)
{
    (void)kv;
    return EID_OK;
}

static uint64_t memory_bytes(eid_kv *kv)
{
    memory *self = memory_of(kv);
    uint64_t bytes;

    EID_ASSERT(pthread_mutex_lock(&self->write_lock) == 0);
    bytes = self->bytes;
    EID_ASSERT(pthread_mutex_unlock(&self->write_lock) == 0);
    return bytes;
}

static const eid__backend memory_backend = {
    .name = "memory",
    .close = memory_close,
    .view_new = memory_view_new,
    .view_free = memory_view_free,
    .get = memory_get,
    .iter_new = memory_iter_new,
    .iter_free = memory_iter_free,
    .iter_seek = memory_iter_seek,
    .iter_seek_last = memory_iter_seek_last,
    .iter_pair = memory_iter_pair,
    .iter_next = memory_iter_next,
    .iter_previous = memory_iter_previous,
    .iter_status = memory_iter_status,
    .write = memory_write,
    .sync = memory_sync,
    .bytes = memory_bytes,
};

eid_status eid__memory_open(eid_kv **out)
{
    memory *self = eid_alloc(sizeof *self);

    *out = NULL;
    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a store");
    eid__kv_init(&self->base, &memory_backend);
    EID_ASSERT(pthread_mutex_init(&self->write_lock, NULL) == 0);
    EID_ASSERT(pthread_mutex_init(&self->roots_lock, NULL) == 0);
    self->priorities.state = eid_random_u64(eid_random_system());
    *out = &self->base;
    return EID_OK;
}
