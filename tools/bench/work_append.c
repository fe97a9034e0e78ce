/* Commits one after the other by one writer: nothing is grouped, each waits for its own fsync,
 * which is what a program sees that saves what a person typed. */
#include "tools/bench/limit.h"
#include "tools/bench/node.h"
#include "tools/bench/process.h"

typedef struct append_job {
    bool sync;
    size_t count;
} append_job;

/* In a process of its own: "seconds p50 p99 rss", then the bytes of an entry. */
static void append_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const append_job *job = arg;
    bench_samples samples;
    bench_size before, size;
    bench_node node;
    uint64_t start;
    double seconds;

    (void)from;
    bench_node_create(plan, job->sync ? "sync" : "async", &node);
    bench_node_create_db(&node);
    bench_node_commit(&node, "first", 0, true);
    before = bench_node_size(&node);
    bench_samples_init(&samples, job->count);
    start = bench_now_ns();
    for (size_t i = 0; i < job->count; i++) {
        uint64_t one = bench_now_ns();

        bench_node_commit(&node, "k", i, job->sync);
        bench_samples_add(&samples, bench_seconds_since(one) * 1000);
    }
    bench_need(eidetica_sync_disk(node.instance), "sync the disk");
    seconds = bench_seconds_since(start);
    size = bench_node_size(&node);
    if (size.verified != before.verified + job->count) bench_fail("append: commits are missing");
    bench_tell(to, "%.9f", seconds);
    bench_tell(to, "%.6f", bench_samples_at(&samples, 0.5));
    bench_tell(to, "%.6f", bench_samples_at(&samples, 0.99));
    bench_tell(to, "%.3f", bench_rss_mib());
    bench_tell(to, "%zu", bench_entry_bytes(&size));
    bench_samples_fini(&samples);
    bench_node_close(&node);
}

/* Do it, and fill a row but for its limit; gives the bytes of an entry. */
static size_t append_measure(const bench_plan *plan, bool sync, bench_row *row)
{
    append_job job = {sync, bench_count(plan, 10000, 200)};
    bench_process part;
    size_t bytes;

    *row = (bench_row){.workload = "append",
                       .variant = sync ? "sync" : "async",
                       .n = job.count,
                       .unit = "commits/s"};
    bench_process_start(plan, append_part, &job, &part);
    row->value = (double)job.count / bench_hear_number(part.from);
    row->p50_ms = bench_hear_number(part.from);
    row->p99_ms = bench_hear_number(part.from);
    row->rss_mib = bench_hear_number(part.from);
    bytes = (size_t)bench_hear_number(part.from);
    bench_process_end(&part);
    return bytes;
}

static void append_limit(const bench_plan *plan, size_t bytes, bool sync, bench_row *row)
{
    double puts = bench_limit_puts(plan, bytes, sync ? EID_DURABLE_SYNC : EID_DURABLE_ASYNC);
    double signs = bench_limit_signs(plan, bytes);

    row->limit = signs < puts ? signs : puts;
    row->limit_is =
        signs < puts ? "signatures made, one thread" : "RocksDB puts of an entry's size";
    bench_row_print(plan, row);
}

void bench_append(const bench_plan *plan)
{
    bench_row sync, async;
    size_t bytes = append_measure(plan, true, &sync);

    /* Limits come last, for they open stores in this process. */
    (void)append_measure(plan, false, &async);
    append_limit(plan, bytes, true, &sync);
    append_limit(plan, bytes, false, &async);
}
