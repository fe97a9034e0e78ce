/* Scale: what the parts of the workload `scale` share. Its store has `entries` entries, each of one
 * row of a table; with --keep it stays for the next run, since making a million takes minutes. */
#ifndef EID_BENCH_SCALE_H
#define EID_BENCH_SCALE_H

#include "tools/bench/node.h"
#include "tools/bench/process.h"

#define SCALE_TABLE "rows"

typedef struct scale {
    const bench_plan *plan;
    bench_plan stores; /* the same, with the folder of the large store */
    size_t small, entries;
    char root[BENCH_LINE_MAX]; /* of the large store's database, once it is made */
    size_t entry_bytes;
    /* limits, each a second: */
    double signs, verifies, puts, batches;
} scale;

/* Open the large store. */
void scale_open(const scale *self, bench_node *out);
/* Commit row `number`, not waiting for the disk. */
void scale_commit(bench_node *node, uint64_t number);
void scale_key(uint64_t number, char *out);

/* Fill in the limits; `entry_bytes` is known. */
void scale_limits_measure(scale *self);

/* RocksDB: batches a second like that of a commit whose entry has so many bytes. */
double scale_limit_batches(const bench_plan *plan, size_t entry_bytes);

/* The variants; each prints its rows. */
void scale_append(scale *self); /* makes the store */
void scale_open_first(scale *self);
void scale_read(scale *self);
void scale_table(scale *self);
void scale_merge(scale *self);

/* What RocksDB did for this thread since lookups_begin(), by its own count. A get is counted only
 * in a family whose memtable is not empty, so something must have been written before. */
typedef struct scale_lookups {
    uint64_t gets, seeks, blocks_read, blocks_cached;
} scale_lookups;
void scale_lookups_begin(void);
scale_lookups scale_lookups_end(void);

#endif
