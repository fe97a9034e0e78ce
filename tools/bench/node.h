/* Node: what all workloads do with a node, through the public interface only. */
#ifndef EID_BENCH_NODE_H
#define EID_BENCH_NODE_H

#include "tools/bench/bench.h"

#define BENCH_STORE "notes"
#define BENCH_VALUE_BYTES 100

typedef struct bench_node {
    char url[BENCH_PATH_MAX + 200];
    eidetica_instance *instance;
    eidetica_user *user;
    eidetica_db *db; /* NULL until one is created, opened or joined */
} bench_node;

/* Make a node in its own folder of the workload's; no database yet. */
void bench_node_create(const bench_plan *plan, const char *name, bench_node *out);
/* Where its store is, for processes that find it there. */
void bench_node_url(const bench_plan *plan, const char *name, char *out, size_t size);
void bench_node_create_db(bench_node *node);
void bench_node_close(bench_node *node);

/* "k000042", for 42; `out` holds 32 bytes. */
void bench_key(const char *prefix, uint64_t number, char *out);
/* A JSON text of BENCH_VALUE_BYTES characters, different for each number; `out` holds 128 bytes. */
void bench_value(uint64_t number, char *out);
/* Commit one value under bench_key() as one entry, waiting for the disk or not. */
void bench_node_commit(bench_node *node, const char *prefix, uint64_t number, bool sync);
/* Commit keys from..to-1 of prefix "k" in entries of `batch` values; on the disk when it returns.
 */
void bench_node_fill(bench_node *node, uint64_t from, uint64_t to, size_t batch);

typedef struct bench_size {
    uint64_t entries, verified, bytes;
} bench_size;
bench_size bench_node_size(bench_node *node);
/* Average bytes of an entry. */
size_t bench_entry_bytes(const bench_size *size);
/* UDP payload bytes that the node has sent and received; sync must run. */
double bench_node_wire_bytes(bench_node *node);

#endif
