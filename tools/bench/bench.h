/* Bench: how fast a node is, and how fast this machine could be at best.
 *
 * A workload does what a program or a peer would ask of a node, through the public interface, and
 * prints rows. Each row names a physical limit that was measured in the same run with the lower
 * layers alone (a RocksDB put, a signature, a QUIC round trip), so that a figure means something on
 * any machine. Every workload runs in a process of its own, and so does every node in it: what a
 * row says of memory is that node's.
 *
 * What goes wrong ends the process by bench_fail(): there is nothing to measure after it.
 */
#ifndef EID_BENCH_BENCH_H
#define EID_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dag/status.h"
#include "node/eidetica.h"

#define BENCH_PATH_MAX 600
#define BENCH_SEED UINT64_C(0xe1de71ca) /* of all that is drawn by lot */

typedef struct bench_plan {
    bool quick;         /* a hundredth of the work: does it run at all? */
    bool json;          /* rows as JSON, one a line */
    const char *folder; /* for stores; exists, empty, this workload's own */
    unsigned cores;
    size_t entries;   /* of the large store of `scale`; 0 = what is usual */
    const char *kept; /* the folder where `scale` keeps it for the next run, or NULL */
} bench_plan;

/* `full` of something, or `quick` of it. */
size_t bench_count(const bench_plan *plan, size_t full, size_t quick);

typedef struct bench_row {
    const char *workload;
    const char *variant; /* NULL = there is only one */
    uint64_t n;          /* how often it was done */
    double value;
    const char *unit;
    bool is_time; /* less is better */
    double limit; /* in the same unit */
    const char *limit_is;
    /* 0 = does not apply: */
    double p50_ms, p99_ms;
    double rss_mib;           /* most that the measured node ever held */
    double wire_bytes_per_op; /* UDP payload, both directions */
} bench_row;

/* Print the heading of the table, unless rows are JSON. */
void bench_rows_begin(const bench_plan *plan);
void bench_row_print(const bench_plan *plan, const bench_row *row);

/* Make a folder, unless it is there; remove all that is in one. */
void bench_folder_make(const char *path);
void bench_folder_clear(const char *path);

/* Say what failed, and end the process. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Go on only after success; `doing` says what was tried. */
void bench_need(eidetica_status status, const char *doing);
void bench_need_lower(eid_status status, const char *doing);

/* Monotonic, the same in all processes of this machine. */
uint64_t bench_now_ns(void);
double bench_seconds_since(uint64_t start_ns);
/* The most memory that this process ever held. */
double bench_rss_mib(void);

/* Times of one operation each. */
typedef struct bench_samples {
    double *ms;
    size_t count, cap;
} bench_samples;
void bench_samples_init(bench_samples *samples, size_t cap);
void bench_samples_fini(bench_samples *samples);
/* Keep one; there must be room. */
void bench_samples_add(bench_samples *samples, double ms);
/* The sample that `part` (0 to 1) of all are not above; there must be one. Sorts them. */
double bench_samples_at(bench_samples *samples, double part);

typedef void bench_workload(const bench_plan *plan);
bench_workload bench_append, bench_bootstrap, bench_live, bench_merge, bench_open, bench_read,
    bench_scale, bench_verify;

#endif
