/* Reads through the public interface: the value is found, decoded and written as JSON, where
 * RocksDB only copies bytes. */
#include "tools/bench/limit.h"
#include "tools/bench/node.h"
#include "tools/bench/process.h"

#include <string.h>

#include "dag/random.h"

#define FILL_BATCH 500u

typedef struct read_job {
    size_t keys, reads;
} read_job;

static void read_one(bench_node *node, uint64_t number)
{
    char key[32], wanted[128], *json = NULL;

    bench_key("k", number, key);
    bench_need(eidetica_doc_get(node->db, BENCH_STORE, key, &json), "get");
    bench_value(number, wanted);
    if (strcmp(json, wanted) != 0) bench_fail("read: %s is %s, not %s", key, json, wanted);
    eidetica_free(json);
}

/* Reads at random; answers seconds, p50, p99, MiB. */
static void read_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const read_job *job = arg;
    eid_random_seeded chance = {BENCH_SEED};
    bench_samples samples;
    bench_node node;
    uint64_t start;

    (void)from;
    bench_node_create(plan, "read", &node);
    bench_node_create_db(&node);
    bench_node_fill(&node, 0, job->keys, FILL_BATCH);
    bench_samples_init(&samples, job->reads);
    start = bench_now_ns();
    for (size_t i = 0; i < job->reads; i++) {
        uint64_t one = bench_now_ns();

        read_one(&node, eid_random_below(&chance, job->keys));
        bench_samples_add(&samples, bench_seconds_since(one) * 1000);
    }
    bench_tell(to, "%.9f", bench_seconds_since(start));
    bench_tell(to, "%.6f", bench_samples_at(&samples, 0.5));
    bench_tell(to, "%.6f", bench_samples_at(&samples, 0.99));
    bench_tell(to, "%.3f", bench_rss_mib());
    bench_samples_fini(&samples);
    bench_node_close(&node);
}

void bench_read(const bench_plan *plan)
{
    read_job job = {bench_count(plan, 10000, 1000), bench_count(plan, 50000, 1000)};
    bench_row row = {.workload = "read",
                     .n = job.reads,
                     .unit = "reads/s",
                     .limit_is = "RocksDB gets of values of this size"};
    bench_process part;

    bench_process_start(plan, read_part, &job, &part);
    row.value = (double)job.reads / bench_hear_number(part.from);
    row.p50_ms = bench_hear_number(part.from);
    row.p99_ms = bench_hear_number(part.from);
    row.rss_mib = bench_hear_number(part.from);
    bench_process_end(&part);
    row.limit = bench_limit_gets(plan, job.keys, BENCH_VALUE_BYTES);
    bench_row_print(plan, &row);
}
