/* Key-value backend: what the node asks of a disk. Ordered keys in named families, snapshots, and
 * batches that are written whole or not at all.
 *
 * A backend is a table of functions; RocksDB and memory implement it and pass one shared suite.
 * Everything above (entries, tips, state) is written once, over this. Thread-safe, except that an
 * iterator and a batch belong to one thread. Opening is by URL: rocksdb:///abs/dir, memory://.
 *
 * Not here: what keys mean (index.h, records.h); read-your-writes (batch.h).
 */
#ifndef EID_STORAGE_KV_H
#define EID_STORAGE_KV_H

#include "dag/bytes.h"

typedef enum eid_family {
    EID_FAMILY_META, /* name -> CBOR or text: instance metadata, secrets, format version, numbers */
    EID_FAMILY_ENTRY, /* CID -> arrival, database number ‖ exact DAG-CBOR bytes */
    EID_FAMILY_ORDER, /* db, height (BE), CID -> status */
    EID_FAMILY_GRAPH, /* db, CID -> status, height, parents, per-store heights and parents */
    EID_FAMILY_TIP,   /* db, level, store, CID -> height */
    EID_FAMILY_STATE, /* db, store, path -> value, stamp */
    EID_FAMILY_BLOB,  /* CID -> bytes */
    EID_FAMILY_COUNT,
} eid_family;

typedef enum eid_durability {
    EID_DURABLE_SYNC,  /* fsync before it returns; writers at the same time share one */
    EID_DURABLE_ASYNC, /* survives a crash of the process, not of the machine */
} eid_durability;

typedef struct eid_kv eid_kv;
typedef struct eid_kv_view eid_kv_view; /* a snapshot: everything as of one moment */
typedef struct eid_kv_iter eid_kv_iter;

typedef struct eid_kv_write_op {
    eid_family family;
    eid_slice key;
    eid_slice value;
    bool is_delete;
} eid_kv_write_op;

/* Open a store; `create` makes it (folder 0700) when missing. New: eid_kv_close().
 * Errors: URL, URL_SCHEME, STORE_MISSING (create false), STORE_LOCKED, STORE_READ_ONLY,
 * STORE_FORMAT (written by another program or a newer version), STORE_CORRUPT, DISK_FULL, STORE_IO,
 * NO_MEMORY. */
EID_MUST_CHECK eid_status eid_kv_open(const char *url, bool create, eid_kv **out);
/* Flush and close; no view or iterator may be left. NULL does nothing. */
void eid_kv_close(eid_kv *kv);
/* "rocksdb" or "memory". */
const char *eid_kv_backend(const eid_kv *kv);

/* Take a snapshot. New: eid_kv_view_free(). */
EID_MUST_CHECK eid_status eid_kv_view_new(eid_kv *kv, eid_kv_view **out);
void eid_kv_view_free(eid_kv *kv, eid_kv_view *view);

/* Read one value into `out` (cleared first). `view` NULL = now. NOT_FOUND bare.
 * Errors: STORE_IO, STORE_CORRUPT, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_kv_get(eid_kv *kv, const eid_kv_view *view, eid_family family,
                                     eid_slice key, eid_buf *out);

/* Walk the keys that begin with `prefix`, from `from` on (EMPTY = the first), ascending; or, with
 * `backward`, descending from the last key at or before `from`. New: eid_kv_iter_free(). */
EID_MUST_CHECK eid_status eid_kv_iter_new(eid_kv *kv, const eid_kv_view *view, eid_family family,
                                          eid_slice prefix, eid_kv_iter **out);
void eid_kv_iter_free(eid_kv_iter *iter);
void eid_kv_iter_seek(eid_kv_iter *iter, eid_slice from); /* EMPTY = first of the prefix */
void eid_kv_iter_seek_last(eid_kv_iter *iter);            /* last of the prefix */
/* The present pair, lent until the iterator moves; false at the end (check status then). */
bool eid_kv_iter_pair(const eid_kv_iter *iter, eid_slice *key, eid_slice *value);
void eid_kv_iter_next(eid_kv_iter *iter);
void eid_kv_iter_previous(eid_kv_iter *iter);
EID_MUST_CHECK eid_status eid_kv_iter_status(const eid_kv_iter *iter);

/* Write all operations, in order, or none. Errors: DISK_FULL, STORE_READ_ONLY, STORE_IO, NO_MEMORY.
 */
EID_MUST_CHECK eid_status eid_kv_write(eid_kv *kv, const eid_kv_write_op *ops, size_t count,
                                       eid_durability durability);
/* Make everything written so far durable. */
EID_MUST_CHECK eid_status eid_kv_sync(eid_kv *kv);
/* Approximate bytes on disk (memory: in use), for reports. */
uint64_t eid_kv_bytes(eid_kv *kv);

#endif
