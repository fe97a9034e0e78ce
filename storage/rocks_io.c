/* Point reads are pinned and copied once into the caller's buffer; a batch of ours becomes one
 * batch of RocksDB, so that it is in the write-ahead log whole or not at all. */
#include <rocksdb/c.h>

#include "storage/rocks.h"

#define SPARE_BYTES_MAX ((size_t)64 << 10)

static const char *bytes_of(eid_slice slice)
{
    return slice.len > 0 ? (const char *)slice.at : "";
}

eid_status eid__rocks_view_new(eid_kv *kv, eid_kv_view **out)
{
    *out = (eid_kv_view *)(void *)(uintptr_t)rocksdb_create_snapshot(eid__rocks_of(kv)->database);
    return EID_OK;
}

void eid__rocks_view_free(eid_kv *kv, eid_kv_view *view)
{
    rocksdb_release_snapshot(eid__rocks_of(kv)->database, (const rocksdb_snapshot_t *)(void *)view);
}

eid_status eid__rocks_get(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice key,
                          eid_buf *out)
{
    eid__rocks *self = eid__rocks_of(kv);
    rocksdb_readoptions_t *read = self->read;
    rocksdb_pinnableslice_t *found;
    eid_status status;
    const char *value;
    size_t len = 0;
    char *error = NULL;

    if (view != NULL) {
        read = rocksdb_readoptions_create();
        rocksdb_readoptions_set_snapshot(read, (const rocksdb_snapshot_t *)(const void *)view);
    }
    found = rocksdb_get_pinned_cf(self->database, read, self->handles[family], bytes_of(key),
                                  key.len, &error);
    status = eid__rocks_status(error, "read from the store");
    if (status == EID_OK && found == NULL) status = EID_E_NOT_FOUND;
    if (status == EID_OK) {
        value = rocksdb_pinnableslice_value(found, &len);
        eid_buf_append(out, eid_slice_of(value, len));
        status = eid_buf_status(out);
    }
    if (found != NULL) rocksdb_pinnableslice_destroy(found);
    if (view != NULL) rocksdb_readoptions_destroy(read);
    return status;
}

/* A batch grows its memory step by step, so an empty one that has grown is kept for the next write.
 */
static rocksdb_writebatch_t *rocks_batch_take(eid__rocks *self)
{
    rocksdb_writebatch_t *batch = atomic_exchange(&self->spare, NULL);

    return batch != NULL ? batch : rocksdb_writebatch_create();
}

static void rocks_batch_give(eid__rocks *self, rocksdb_writebatch_t *batch)
{
    size_t len = 0;

    (void)rocksdb_writebatch_data(batch, &len);
    if (len <= SPARE_BYTES_MAX) {
        rocksdb_writebatch_clear(batch);
        batch = atomic_exchange(&self->spare, batch);
    }
    if (batch != NULL) rocksdb_writebatch_destroy(batch);
}

eid_status eid__rocks_write(eid_kv *kv, const eid_kv_write_op *ops, size_t count,
                            eid_durability durability)
{
    eid__rocks *self = eid__rocks_of(kv);
    rocksdb_writebatch_t *batch = rocks_batch_take(self);
    char *error = NULL;

    for (size_t i = 0; i < count; i++) {
        const eid_kv_write_op *op = &ops[i];
        rocksdb_column_family_handle_t *handle = self->handles[op->family];

        if (op->is_delete) {
            rocksdb_writebatch_delete_cf(batch, handle, bytes_of(op->key), op->key.len);
        } else {
            rocksdb_writebatch_put_cf(batch, handle, bytes_of(op->key), op->key.len,
                                      bytes_of(op->value), op->value.len);
        }
    }
    rocksdb_write(self->database,
                  durability == EID_DURABLE_SYNC ? self->write_sync : self->write_async, batch,
                  &error);
    rocks_batch_give(self, batch);
    return eid__rocks_status(error, "write to the store");
}

eid_status eid__rocks_sync(eid_kv *kv)
{
    char *error = NULL;

    rocksdb_flush_wal(eid__rocks_of(kv)->database, 1, &error);
    return eid__rocks_status(error, "make the store durable");
}

uint64_t eid__rocks_bytes(eid_kv *kv)
{
    static const char *const parts[] = {"rocksdb.total-sst-files-size",
                                        "rocksdb.cur-size-all-mem-tables"};
    eid__rocks *self = eid__rocks_of(kv);
    uint64_t bytes = 0;

    for (size_t i = 0; i < 2 * EID__ROCKS_FAMILIES; i++) {
        uint64_t part = 0;

        if (rocksdb_property_int_cf(self->database, self->handles[i / 2], parts[i % 2], &part) ==
            0) {
            bytes += part;
        }
    }
    return bytes;
}
