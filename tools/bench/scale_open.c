/* Every opening is a new process; the files are in the system's cache, as in the workload `open`.
 */
#include "tools/bench/limit.h"
#include "tools/bench/scale.h"

#define OPENS 7u

/* Answers milliseconds and MiB at the first value. */
static void open_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const scale *self = arg;
    uint64_t start = bench_now_ns();
    char key[32], *json = NULL;
    bench_node node;
    double ms;

    (void)plan;
    (void)from;
    scale_key(self->entries / 2, key);
    scale_open(self, &node);
    bench_need(eidetica_table_get(node.db, SCALE_TABLE, key, &json), "get");
    ms = bench_seconds_since(start) * 1000;
    bench_tell(to, "%.6f", ms);
    bench_tell(to, "%.3f", bench_rss_mib());
    eidetica_free(json);
    bench_node_close(&node);
}

static void open_part_limit(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const scale *self = arg;
    char url[BENCH_PATH_MAX + 200];

    (void)plan;
    (void)from;
    bench_node_url(&self->stores, "large", url, sizeof url);
    bench_tell(to, "%.6f", bench_limit_open_ms(url));
}

void scale_open_first(scale *self)
{
    bench_row row = {.workload = "scale",
                     .variant = "open",
                     .n = self->entries,
                     .unit = "ms",
                     .is_time = true,
                     .limit_is = "RocksDB opens the same store and looks for one key"};
    bench_samples samples;
    bench_process part;

    bench_samples_init(&samples, OPENS);
    for (size_t i = 0; i < OPENS; i++) {
        double rss;

        bench_process_start(self->plan, open_part, self, &part);
        bench_samples_add(&samples, bench_hear_number(part.from));
        rss = bench_hear_number(part.from);
        if (rss > row.rss_mib) row.rss_mib = rss;
        bench_process_end(&part);
    }
    row.p50_ms = bench_samples_at(&samples, 0.5);
    row.p99_ms = bench_samples_at(&samples, 0.99);
    row.value = row.p50_ms;
    bench_samples_fini(&samples);
    bench_process_start(self->plan, open_part_limit, self, &part);
    row.limit = bench_hear_number(part.from);
    bench_process_end(&part);
    bench_row_print(self->plan, &row);
}
