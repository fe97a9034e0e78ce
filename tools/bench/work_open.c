/* Every open is a new process. The files are in the system's cache: what is measured is what the
 * node does with them, not the disk. */
#include "tools/bench/limit.h"
#include "tools/bench/node.h"
#include "tools/bench/process.h"

#include <string.h>

#define OPENS 7u

typedef struct open_job {
    const char *name;
    size_t entries;
} open_job;

/* Make the store; answers the root. */
static void open_part_make(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const open_job *job = arg;
    bench_node node;

    (void)from;
    bench_node_create(plan, job->name, &node);
    bench_node_create_db(&node);
    bench_node_fill(&node, 0, job->entries, 1);
    bench_tell(to, "%s", eidetica_db_root(node.db));
    bench_node_close(&node);
}

/* Open and read; hears the root, answers milliseconds and MiB. */
static void open_part_read(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const open_job *job = arg;
    char root[BENCH_LINE_MAX], key[32], *json = NULL;
    bench_node node;
    uint64_t start;
    double ms;

    memset(&node, 0, sizeof node);
    bench_hear(from, root);
    bench_key("k", job->entries / 2, key);
    bench_node_url(plan, job->name, node.url, sizeof node.url);
    start = bench_now_ns();
    bench_need(eidetica_open(node.url, &node.instance), "open");
    bench_need(eidetica_login(node.instance, "bench", NULL, &node.user), "log in");
    bench_need(eidetica_db_open(node.user, root, &node.db), "open the database");
    bench_need(eidetica_doc_get(node.db, BENCH_STORE, key, &json), "get");
    ms = bench_seconds_since(start) * 1000;
    bench_tell(to, "%.6f", ms);
    bench_tell(to, "%.3f", bench_rss_mib());
    eidetica_free(json);
    bench_node_close(&node);
}

/* What RocksDB alone needs for it, in a process that has no threads yet, like the others. */
static void open_part_limit(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const open_job *job = arg;
    char url[BENCH_PATH_MAX + 200];

    (void)from;
    bench_node_url(plan, job->name, url, sizeof url);
    bench_tell(to, "%.6f", bench_limit_open_ms(url));
}

static void open_run(const bench_plan *plan, size_t entries)
{
    char name[40], variant[40], root[BENCH_LINE_MAX];
    open_job job = {name, entries};
    bench_row row = {.workload = "open", .variant = variant, .n = OPENS, .unit = "ms"};
    bench_samples samples;
    bench_process part;

    snprintf(name, sizeof name, "open-%zu", entries);
    snprintf(variant, sizeof variant, "%zu", entries);
    bench_process_start(plan, open_part_make, &job, &part);
    bench_hear(part.from, root);
    bench_process_end(&part);
    bench_samples_init(&samples, OPENS);
    for (size_t i = 0; i < OPENS; i++) {
        double rss;

        bench_process_start(plan, open_part_read, &job, &part);
        bench_tell(part.to, "%s", root);
        bench_samples_add(&samples, bench_hear_number(part.from));
        rss = bench_hear_number(part.from);
        if (rss > row.rss_mib) row.rss_mib = rss;
        bench_process_end(&part);
    }
    row.p50_ms = bench_samples_at(&samples, 0.5);
    row.p99_ms = bench_samples_at(&samples, 0.99);
    row.value = row.p50_ms;
    row.is_time = true;
    bench_process_start(plan, open_part_limit, &job, &part);
    row.limit = bench_hear_number(part.from);
    bench_process_end(&part);
    row.limit_is = "RocksDB opens the same store and looks for one key";
    bench_samples_fini(&samples);
    bench_row_print(plan, &row);
}

void bench_open(const bench_plan *plan)
{
    open_run(plan, bench_count(plan, 10000, 300));
    open_run(plan, bench_count(plan, 100000, 1000));
}
