/* Iterators are bounded on both sides, so that RocksDB itself stops at the end of a prefix and does
 * not look through deleted keys of the neighbours. */
#include <rocksdb/c.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "storage/rocks.h"

typedef struct rocks_iter {
    eid_kv_iter base;
    rocksdb_readoptions_t *read; /* borrows from and end */
    rocksdb_iterator_t *iter;
    eid_buf from, end;
} rocks_iter;

static rocks_iter *iter_of(eid_kv_iter *base)
{
    return (rocks_iter *)(void *)base;
}

void eid__rocks_iter_free(eid_kv_iter *base)
{
    rocks_iter *self = iter_of(base);

    if (self->iter != NULL) rocksdb_iter_destroy(self->iter);
    if (self->read != NULL) rocksdb_readoptions_destroy(self->read);
    eid_buf_fini(&self->from);
    eid_buf_fini(&self->end);
    eid_free(self);
}

eid_status eid__rocks_iter_new(eid_kv *kv, const eid_kv_view *view, eid_family family,
                               eid_slice prefix, eid_kv_iter **out)
{
    eid__rocks *rocks = eid__rocks_of(kv);
    rocks_iter *self = eid_alloc(sizeof *self);
    eid_status status;

    *out = NULL;
    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an iterator");
    self->base.backend = kv->backend;
    status = eid__prefix_range(prefix, &self->from, &self->end);
    if (status != EID_OK) {
        eid__rocks_iter_free(&self->base);
        return status;
    }
    self->read = rocksdb_readoptions_create();
    rocksdb_readoptions_set_snapshot(self->read, (const rocksdb_snapshot_t *)(const void *)view);
    if (self->from.len > 0) {
        rocksdb_readoptions_set_iterate_lower_bound(self->read, (const char *)self->from.at,
                                                    self->from.len);
    }
    if (self->end.len > 0) {
        rocksdb_readoptions_set_iterate_upper_bound(self->read, (const char *)self->end.at,
                                                    self->end.len);
    }
    self->iter = rocksdb_create_iterator_cf(rocks->database, self->read, rocks->handles[family]);
    rocksdb_iter_seek_to_first(self->iter);
    *out = &self->base;
    return EID_OK;
}

void eid__rocks_iter_seek(eid_kv_iter *base, eid_slice from)
{
    rocks_iter *self = iter_of(base);

    if (eid_slice_compare(from, eid_buf_slice(&self->from)) <= 0) {
        rocksdb_iter_seek_to_first(self->iter);
    } else {
        rocksdb_iter_seek(self->iter, (const char *)from.at, from.len);
    }
}

void eid__rocks_iter_seek_last(eid_kv_iter *base)
{
    rocksdb_iter_seek_to_last(iter_of(base)->iter);
}

bool eid__rocks_iter_pair(const eid_kv_iter *base, eid_slice *key, eid_slice *value)
{
    const rocks_iter *self = (const rocks_iter *)(const void *)base;
    const char *at;
    size_t len = 0;

    if (!rocksdb_iter_valid(self->iter)) return false;
    at = rocksdb_iter_key(self->iter, &len);
    *key = eid_slice_of(at, len);
    at = rocksdb_iter_value(self->iter, &len);
    *value = eid_slice_of(at, len);
    return true;
}

void eid__rocks_iter_next(eid_kv_iter *base)
{
    EID_ASSERT(rocksdb_iter_valid(iter_of(base)->iter));
    rocksdb_iter_next(iter_of(base)->iter);
}

void eid__rocks_iter_previous(eid_kv_iter *base)
{
    EID_ASSERT(rocksdb_iter_valid(iter_of(base)->iter));
    rocksdb_iter_prev(iter_of(base)->iter);
}

eid_status eid__rocks_iter_status(const eid_kv_iter *base)
{
    char *error = NULL;

    rocksdb_iter_get_error(((const rocks_iter *)(const void *)base)->iter, &error);
    return eid__rocks_status(error, "read from the store");
}
