/* Index: the entries of all databases, their graph, order, statuses and tips, over a key-value
 * store.
 *
 * A database has a small local number; an entry of it a record in each of `entry`, `order` and
 * `graph` and in `tip` where it is one. There are two levels of tips: RAW (all held entries) and
 * VISIBLE (Verified entries, an ancestor-closed set by construction). Both are kept by increments
 * that are right for any order of arrival: a reference to a parent that is not there yet (or not
 * visible yet) is remembered beside the tips, so that the parent does not become a tip when it
 * comes. Changes go into a batch; reads come from a view, from now, or from a batch (the `at`
 * argument).
 *
 * Not here: judging (auth/verify.h), state of stores (node/db). Source: spec 02 §5, §6, §9, §11;
 * architecture "Data on disk".
 */
#ifndef EID_STORAGE_INDEX_H
#define EID_STORAGE_INDEX_H

#include "dag/entry.h"
#include "dag/graph.h"
#include "storage/batch.h"

/* Stored codes (spec 02 §5.1). */
typedef enum eid_verdict {
    EID_VERIFIED = 0,
    EID_FAILED = 1,
    EID_UNVERIFIED = 2,
} eid_verdict;

const char *eid_verdict_name(eid_verdict verdict); /* "Verified", "Failed", "Unverified" */

/* Where to read: in a batch (with its changes), in a snapshot, or now. */
typedef struct eid_at {
    eid_kv *kv;
    eid_batch *batch;        /* wins if not NULL */
    const eid_kv_view *view; /* NULL = now */
} eid_at;

typedef enum eid_level { EID_LEVEL_RAW, EID_LEVEL_VISIBLE } eid_level;

/* The local number of a database (1, 2, …). NOT_FOUND bare if none of its entries is held. */
EID_MUST_CHECK eid_status eid_index_database(const eid_at *at, const eid_id *root, uint32_t *out);
/* All databases whose genesis is held, ascending by root id. New array: eid_free(). */
EID_MUST_CHECK eid_status eid_index_databases(const eid_at *at, eid_idset *roots);
/* All databases of which anything is held. */
EID_MUST_CHECK eid_status eid_index_database_count(const eid_at *at, uint64_t *out);

typedef struct eid_index_info {
    uint32_t database;
    eid_verdict verdict;
    uint64_t height;
    uint64_t arrival_ms;
} eid_index_info;

/* Store an entry with a verdict, and its effects on order, graph and tips. Already held: EXISTS is
 * answered as *is_new = false, nothing changes. The entry must be structurally valid.
 * Errors: ENTRY_STRUCTURE, NO_MEMORY, STORE_IO. */
EID_MUST_CHECK eid_status eid_index_put(eid_batch *batch, const eid_entry *entry,
                                        eid_verdict verdict, uint64_t arrival_ms, bool *is_new);
/* Change the verdict; moves visible tips. NOT_FOUND bare if not held. Demotion (Verified to
 * something else) recomputes the visible tips of the database from the graph. */
EID_MUST_CHECK eid_status eid_index_set_verdict(eid_batch *batch, const eid_id *id,
                                                eid_verdict verdict);
/* NOT_FOUND bare if not held. */
EID_MUST_CHECK eid_status eid_index_find(const eid_at *at, const eid_id *id, eid_index_info *out);
bool eid_index_has(const eid_at *at, const eid_id *id);
/* Read an entry, re-hashed. New: eid_entry_free(). NOT_FOUND bare. Errors: STORE_CORRUPT. */
EID_MUST_CHECK eid_status eid_index_entry(const eid_at *at, const eid_id *id, eid_entry **out);
/* The exact stored bytes, re-hashed, for sending. NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid_index_bytes(const eid_at *at, const eid_id *id, eid_buf *out);

/* Tips of a tree (`store` empty) or of a store in it; unknown = empty, never an error. */
EID_MUST_CHECK eid_status eid_index_tips(const eid_at *at, const eid_id *root, eid_level level,
                                         eid_slice store, eid_idset *out);
/* The same with heights, for building the next entry: *height_max = greatest height of them
 * (store heights when `store` is given). */
EID_MUST_CHECK eid_status eid_index_tips_height(const eid_at *at, const eid_id *root,
                                                eid_level level, eid_slice store, eid_idset *out,
                                                uint64_t *height_max);
/* The highest (height, id) held; NOT_FOUND bare when nothing is. */
EID_MUST_CHECK eid_status eid_index_last(const eid_at *at, const eid_id *root, eid_order_item *out);
/* Number of entries held of a tree, and how many of each verdict (kept as counters, O(1)). */
typedef struct eid_index_counts {
    uint64_t entries, verified, failed, unverified, bytes;
} eid_index_counts;
EID_MUST_CHECK eid_status eid_index_count(const eid_at *at, const eid_id *root,
                                          eid_index_counts *out);
/* Ids of a tree with status Unverified, in tree order, at most `max`. */
EID_MUST_CHECK eid_status eid_index_unverified(const eid_at *at, const eid_id *root, size_t max,
                                               eid_order *out);

/* Void: a Verified entry that revocation keeps out of the state (auth/REVOCATION.md); it keeps its
 * place in the graph, and so all else here goes on as if the mark were not there. */
EID_MUST_CHECK eid_status eid_index_set_void(eid_batch *batch, uint32_t database, const eid_id *id,
                                             bool is_void);
EID_MUST_CHECK eid_status eid_index_is_void(const eid_at *at, uint32_t database, const eid_id *id,
                                            bool *out);
/* All of a tree; an unknown tree has none. */
EID_MUST_CHECK eid_status eid_index_voids(const eid_at *at, const eid_id *root, eid_idset *out);

/* A graph source for dag/graph.h; lives as long as `at` and what it names; one thread.
 * New: eid_index_graph_free(). */
typedef struct eid_index_graph eid_index_graph;
EID_MUST_CHECK eid_status eid_index_graph_new(const eid_at *at, const eid_id *root,
                                              eid_index_graph **out);
void eid_index_graph_free(eid_index_graph *graph);
const eid_graph *eid_index_graph_source(const eid_index_graph *graph);

/* Walk a tree in (height, id) order. New: eid_index_scan_free(). The scan holds a snapshot of its
 * own unless `at` has a view. */
typedef struct eid_index_scan eid_index_scan;
EID_MUST_CHECK eid_status eid_index_scan_new(const eid_at *at, const eid_id *root,
                                             eid_index_scan **out);
void eid_index_scan_free(eid_index_scan *scan);
/* Go to the first item at or after (height, id). */
void eid_index_scan_seek(eid_index_scan *scan, uint64_t height, const eid_id *id);
/* The next item; NOT_FOUND bare at the end. */
EID_MUST_CHECK eid_status eid_index_scan_next(eid_index_scan *scan, eid_order_item *item,
                                              eid_verdict *verdict);
/* Entries of a store in (store height, id) order, Verified only or all; for folds. NOT part of the
 * hot path. */
EID_MUST_CHECK eid_status eid_index_store_entries(const eid_at *at, const eid_id *root,
                                                  eid_slice store, bool verified_only,
                                                  eid_order *out);

/* Names of the stores that entries of the tree name, ascending; each is given to `fn`. */
typedef eid_status (*eid_store_name_fn)(void *self, eid_slice name);
EID_MUST_CHECK eid_status eid_index_stores(const eid_at *at, const eid_id *root,
                                           eid_store_name_fn fn, void *self);
/* The local number of a store of a database, made if missing (for `state` keys). */
EID_MUST_CHECK eid_status eid_index_store_number(eid_batch *batch, uint32_t database,
                                                 eid_slice name, uint32_t *out);
/* The same for reading; NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid_index_store_number_find(const eid_at *at, uint32_t database,
                                                      eid_slice name, uint32_t *out);

/* Forget a database: every record of it in every family. */
EID_MUST_CHECK eid_status eid_index_forget(eid_batch *batch, const eid_id *root);

#endif
