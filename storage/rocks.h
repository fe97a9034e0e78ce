/* Rocks: what the files that wrap RocksDB share; private to them.
 *
 * The C interface is RocksDB's own c.h. No function of RocksDB is called outside rocks*.c.
 */
#ifndef EID_STORAGE_ROCKS_H
#define EID_STORAGE_ROCKS_H

#include <stdatomic.h>

#include "storage/backend.h"

#define EID__ROCKS_FORMAT 1u /* of everything that we store; a newer one is refused */
#define EID__ROCKS_FORMAT_NAME "eidetica-format"
#define EID__ROCKS_FAMILIES (EID_FAMILY_COUNT + 1) /* ours, then RocksDB's "default" */

struct rocksdb_t;
struct rocksdb_options_t;
struct rocksdb_cache_t;
struct rocksdb_column_family_handle_t;
struct rocksdb_readoptions_t;
struct rocksdb_writeoptions_t;
struct rocksdb_writebatch_t;

/* The names of the column families, by eid_family; "default" last. */
extern const char *const eid__rocks_names[EID__ROCKS_FAMILIES];

/* Options: one set for the database and a table setting per family, over one block cache. */
typedef struct eid__rocks_options {
    struct rocksdb_cache_t *cache;
    struct rocksdb_options_t *database;
    struct rocksdb_options_t *families[EID__ROCKS_FAMILIES];
} eid__rocks_options;
void eid__rocks_options_init(eid__rocks_options *options, bool compress);
void eid__rocks_options_fini(eid__rocks_options *options);

/* A status for an error text of RocksDB. Take: `error` is freed; NULL gives OK. */
EID_MUST_CHECK eid_status eid__rocks_status(char *error, const char *doing);

/* Is there a store in the folder `path` that we may open for writing? *is_unfinished: its making
 * was interrupted, families may be missing. Errors: STORE_FORMAT, STORE_CORRUPT, STORE_IO. */
EID_MUST_CHECK eid_status eid__rocks_format_check(const char *path, bool *is_unfinished);
/* Judge the format record: `text` EMPTY if there is none. Errors: STORE_FORMAT. */
EID_MUST_CHECK eid_status eid__rocks_format_judge(const char *path, eid_slice text);
/* Is there no key at all in these families? */
bool eid__rocks_is_empty(struct rocksdb_t *database,
                         struct rocksdb_column_family_handle_t *const *handles, size_t count);

typedef struct eid__rocks {
    eid_kv base;
    struct rocksdb_t *database;
    struct rocksdb_column_family_handle_t *handles[EID__ROCKS_FAMILIES];
    eid__rocks_options options;
    struct rocksdb_readoptions_t *read;
    struct rocksdb_writeoptions_t *write_sync, *write_async;
    _Atomic(struct rocksdb_writebatch_t *) spare; /* empty, for the next write; or NULL */
} eid__rocks;

/* A kv of this backend. */
static inline eid__rocks *eid__rocks_of(eid_kv *kv)
{
    return (eid__rocks *)(void *)kv;
}

/* Parts of the table (rocks_io.c, rocks_iter.c). */
eid_status eid__rocks_view_new(eid_kv *kv, eid_kv_view **out);
void eid__rocks_view_free(eid_kv *kv, eid_kv_view *view);
eid_status eid__rocks_get(eid_kv *kv, const eid_kv_view *view, eid_family family, eid_slice key,
                          eid_buf *out);
eid_status eid__rocks_write(eid_kv *kv, const eid_kv_write_op *ops, size_t count,
                            eid_durability durability);
eid_status eid__rocks_sync(eid_kv *kv);
uint64_t eid__rocks_bytes(eid_kv *kv);
eid_status eid__rocks_iter_new(eid_kv *kv, const eid_kv_view *view, eid_family family,
                               eid_slice prefix, eid_kv_iter **out);
void eid__rocks_iter_free(eid_kv_iter *iter);
void eid__rocks_iter_seek(eid_kv_iter *iter, eid_slice from);
void eid__rocks_iter_seek_last(eid_kv_iter *iter);
bool eid__rocks_iter_pair(const eid_kv_iter *iter, eid_slice *key, eid_slice *value);
void eid__rocks_iter_next(eid_kv_iter *iter);
void eid__rocks_iter_previous(eid_kv_iter *iter);
eid_status eid__rocks_iter_status(const eid_kv_iter *iter);

#endif
