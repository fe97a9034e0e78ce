/* RocksDB and not LMDB or SQLite: many small writes of random keys, group commit for writers at the
 * same time, snapshots without blocking. The plain C interface of the system's library is used, so
 * the program is no C++. */
#include <errno.h>
#include <rocksdb/c.h>
#include <stdio.h>
#include <sys/stat.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/log.h"
#include "storage/rocks.h"

#define REPLAY_BYTES_MAX ((uint64_t)4 << 20) /* left to the next opening: some 50 ms */

static bool error_has(const char *error, const char *part)
{
    return strcasestr(error, part) != NULL;
}

static eid_kind error_kind(const char *error)
{
    if (error_has(error, "no space left") || error_has(error, "disk quota exceeded") ||
        error_has(error, "NoSpace")) {
        return EID_KIND_DISK_FULL;
    }
    if (error_has(error, "read-only file system") || error_has(error, "permission denied")) {
        return EID_KIND_STORE_READ_ONLY;
    }
    if (error_has(error, "lock file") || error_has(error, "lock hold")) {
        return EID_KIND_STORE_LOCKED;
    }
    if (error_has(error, "corruption")) return EID_KIND_STORE_CORRUPT;
    return EID_KIND_STORE_IO;
}

eid_status eid__rocks_status(char *error, const char *doing)
{
    eid_status status = EID_OK;

    if (error != NULL) status = EID_FAIL(error_kind(error), "could not %s: %s", doing, error);
    rocksdb_free(error);
    return status;
}

static eid_status folder_error(const char *path, const char *doing, int code)
{
    eid_kind kind = EID_KIND_STORE_IO;

    if (code == ENOSPC || code == EDQUOT) kind = EID_KIND_DISK_FULL;
    if (code == EACCES || code == EPERM || code == EROFS) kind = EID_KIND_STORE_READ_ONLY;
    if (code == ENOTDIR) kind = EID_KIND_STORE_FORMAT;
    return EID_FAIL(kind, "could not %s %s: %s", doing, path, strerror(code));
}

/* Make the folder and those above it. */
static eid_status folder_make(const char *path)
{
    char *part = eid_memdup(path, strlen(path));
    eid_status status = EID_OK;

    if (part == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a path");
    for (char *at = part + 1; status == EID_OK && *at != '\0'; at++) {
        if (*at != '/') continue;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            status = folder_error(part, "make the folder", errno);
        }
        *at = '/';
    }
    if (status == EID_OK && mkdir(path, 0700) != 0 && errno != EEXIST) {
        status = folder_error(path, "make the folder", errno);
    }
    eid_free(part);
    return status;
}

/* Is there a store in the folder? Makes the folder, if there is none and it is to be made. */
static eid_status folder_check(const char *path, bool create, bool *is_there)
{
    eid_buf current;
    struct stat info;
    eid_status status;

    eid_buf_init(&current, 8192);
    eid_buf_append_text(&current, path);
    eid_buf_append_text(&current, "/CURRENT"); /* RocksDB makes it last */
    eid_buf_append_byte(&current, 0);
    status = eid_buf_status(&current);
    if (status != EID_OK) goto done;
    *is_there = stat((const char *)current.at, &info) == 0;
    if (*is_there) goto done;
    if (errno == ENOTDIR) {
        status = EID_FAIL(EID_KIND_STORE_FORMAT, "%s is a file and no folder of a store", path);
    } else if (errno != ENOENT) {
        status = folder_error(path, "look into the folder", errno);
    } else if (!create) {
        status = EID_FAIL(EID_KIND_STORE_MISSING, "there is no store in %s", path);
    } else {
        status = folder_make(path);
    }

done:
    eid_buf_fini(&current);
    return status;
}

/* Write the memtables out if opening again would have to replay much. A failure loses nothing: the
 * write-ahead log has it all. */
static void rocks_flush(eid__rocks *self)
{
    rocksdb_flushoptions_t *options;
    char *error = NULL;
    uint64_t bytes = 0;

    for (size_t i = 0; i < EID__ROCKS_FAMILIES; i++) {
        uint64_t part = 0;

        (void)rocksdb_property_int_cf(self->database, self->handles[i],
                                      "rocksdb.cur-size-all-mem-tables", &part);
        bytes += part;
    }
    if (bytes < REPLAY_BYTES_MAX) return;
    options = rocksdb_flushoptions_create();
    for (size_t i = 0; i < EID__ROCKS_FAMILIES && error == NULL; i++) {
        rocksdb_flush_cf(self->database, options, self->handles[i], &error);
    }
    if (error != NULL) eid_log_warn("store.flush", "error=%s", error);
    rocksdb_free(error);
    rocksdb_flushoptions_destroy(options);
}

static void rocks_close(eid_kv *kv)
{
    eid__rocks *self = eid__rocks_of(kv);

    if (self->database != NULL) {
        rocks_flush(self);
        for (size_t i = 0; i < EID__ROCKS_FAMILIES; i++) {
            rocksdb_column_family_handle_destroy(self->handles[i]);
        }
        rocksdb_close(self->database);
    }
    eid__rocks_options_fini(&self->options);
    rocksdb_readoptions_destroy(self->read);
    rocksdb_writeoptions_destroy(self->write_sync);
    rocksdb_writeoptions_destroy(self->write_async);
    if (self->spare != NULL) rocksdb_writebatch_destroy(self->spare);
    eid__kv_fini(&self->base);
    eid_free(self);
}

static const eid__backend rocks_backend = {
    .name = "rocksdb",
    .close = rocks_close,
    .view_new = eid__rocks_view_new,
    .view_free = eid__rocks_view_free,
    .get = eid__rocks_get,
    .iter_new = eid__rocks_iter_new,
    .iter_free = eid__rocks_iter_free,
    .iter_seek = eid__rocks_iter_seek,
    .iter_seek_last = eid__rocks_iter_seek_last,
    .iter_pair = eid__rocks_iter_pair,
    .iter_next = eid__rocks_iter_next,
    .iter_previous = eid__rocks_iter_previous,
    .iter_status = eid__rocks_iter_status,
    .write = eid__rocks_write,
    .sync = eid__rocks_sync,
    .bytes = eid__rocks_bytes,
};

/* Try to open with or without compression. *error is RocksDB's, to be freed. */
static void rocks_try(eid__rocks *self, const char *path, bool make, bool compress, char **error)
{
    eid__rocks_options_fini(&self->options);
    eid__rocks_options_init(&self->options, compress);
    rocksdb_options_set_create_if_missing(self->options.database, make);
    rocksdb_options_set_create_missing_column_families(self->options.database, make);
    self->database = rocksdb_open_column_families(
        self->options.database, path, (int)EID__ROCKS_FAMILIES, eid__rocks_names,
        (const rocksdb_options_t *const *)self->options.families, self->handles, error);
}

static eid_status rocks_start(eid__rocks *self, const char *path, bool make)
{
    char *error = NULL;

    rocks_try(self, path, make, true, &error);
    if (error != NULL && error_has(error, "compression")) {
        /* This build of RocksDB has no LZ4. */
        rocksdb_free(error);
        error = NULL;
        rocks_try(self, path, make, false, &error);
    }
    if (error != NULL && error_kind(error) == EID_KIND_STORE_LOCKED) {
        rocksdb_free(error);
        return EID_FAIL(EID_KIND_STORE_LOCKED, "the store in %s is in use", path);
    }
    return eid__rocks_status(error, "open the store");
}

/* Check the format record of an open store, or write it into a new one. */
static eid_status rocks_mark(eid__rocks *self, const char *path, bool create)
{
    eid_slice name = eid_slice_text(EID__ROCKS_FORMAT_NAME);
    char version[16];
    eid_kv_write_op op = {.family = EID_FAMILY_META, .key = name};
    eid_status status;
    eid_buf found;

    eid_buf_init(&found, 4096);
    status = eid__rocks_get(&self->base, NULL, EID_FAMILY_META, name, &found);
    if (status != EID_E_NOT_FOUND) {
        if (status == EID_OK) status = eid__rocks_format_judge(path, eid_buf_slice(&found));
        goto done;
    }
    if (!eid__rocks_is_empty(self->database, self->handles, EID__ROCKS_FAMILIES)) {
        status = eid__rocks_format_judge(path, EID_SLICE_EMPTY);
        goto done;
    }
    if (!create) {
        status = EID_FAIL(EID_KIND_STORE_MISSING, "the store in %s was never finished", path);
        goto done;
    }
    (void)snprintf(version, sizeof version, "%u", EID__ROCKS_FORMAT);
    op.value = eid_slice_text(version);
    status = eid__rocks_write(&self->base, &op, 1, EID_DURABLE_SYNC);

done:
    eid_buf_fini(&found);
    return status;
}

eid_status eid__rocks_open(const char *path, bool create, eid_kv **out)
{
    bool is_there = false, is_unfinished = false;
    eid__rocks *self;
    eid_status status = folder_check(path, create, &is_there);

    *out = NULL;
    if (status != EID_OK) return status;
    if (is_there) status = eid__rocks_format_check(path, &is_unfinished);
    if (status != EID_OK) return status;
    if (!create && is_unfinished) {
        return EID_FAIL(EID_KIND_STORE_MISSING, "the store in %s was never finished", path);
    }
    self = eid_alloc(sizeof *self);
    if (self == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a store");
    eid__kv_init(&self->base, &rocks_backend);
    self->read = rocksdb_readoptions_create();
    self->write_sync = rocksdb_writeoptions_create();
    self->write_async = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(self->write_sync, 1);
    status = rocks_start(self, path, !is_there || is_unfinished);
    if (status == EID_OK) status = rocks_mark(self, path, create);
    if (status == EID_OK && create && !is_there && chmod(path, 0700) != 0) {
        status = folder_error(path, "protect the folder", errno);
    }
    if (status != EID_OK) {
        rocks_close(&self->base);
        return status;
    }
    *out = &self->base;
    return EID_OK;
}
