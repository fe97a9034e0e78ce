/* One write at a time: the latency of a quiet network, from before the commit on one node to the
 * callback on the other. On its way the entry goes to the disk of the writer and over the wire, so
 * one put and one way are the least that it could take. The put is measured between the writes: how
 * long a disk takes depends on what it did just before. */
#include "tools/bench/limit.h"
#include "tools/bench/peer.h"

#define NS_PER_MS 1e6
#define VARIANTS 2u

static const struct live_variant {
    const char *name;
    eid_durability durability;
    const char *limit_is;
} live_variants[VARIANTS] = {
    {"sync", EID_DURABLE_SYNC, "RocksDB put with fsync + one way of bare QUIC"},
    {"async", EID_DURABLE_ASYNC, "RocksDB put + one way of bare QUIC"},
};

/* Milliseconds from the commit on one side to the callback on the other. */
static double live_once(bench_pair *pair, const char *variant, size_t number)
{
    double start, end;

    bench_tell(pair->b.to, "next");
    bench_tell(pair->a.to, "commit %s %zu", variant, number);
    end = bench_hear_number(pair->b.from);
    start = bench_hear_number(pair->a.from);
    return (end - start) / NS_PER_MS;
}

/* Fill a row; its limit is that of the disk only. */
static void live_measure(const bench_plan *plan, bench_pair *pair,
                         const struct live_variant *variant, bench_row *row)
{
    size_t count = bench_count(plan, 500, 30);
    double wire = bench_ask_number(&pair->b, "wire");
    size_t bytes = (size_t)bench_ask_number(&pair->a, "bytes");
    eid_kv *kv = bench_limit_store(plan, variant->name);
    bench_samples samples, puts;

    bench_samples_init(&samples, count);
    bench_samples_init(&puts, count);
    for (size_t i = 0; i < count; i++) {
        bench_samples_add(&samples, live_once(pair, variant->name, i));
        bench_samples_add(&puts, bench_limit_put_ms(kv, i, bytes, variant->durability));
    }
    *row = (bench_row){.workload = "live",
                       .variant = variant->name,
                       .n = count,
                       .value = bench_samples_at(&samples, 0.5),
                       .unit = "ms",
                       .is_time = true,
                       .limit = bench_samples_at(&puts, 0.5),
                       .limit_is = variant->limit_is,
                       .p50_ms = bench_samples_at(&samples, 0.5),
                       .p99_ms = bench_samples_at(&samples, 0.99)};
    row->wire_bytes_per_op = (bench_ask_number(&pair->b, "wire") - wire) / (double)count;
    row->rss_mib = bench_ask_number(&pair->b, "rss");
    bench_samples_fini(&samples);
    bench_samples_fini(&puts);
    eid_kv_close(kv);
}

void bench_live(const bench_plan *plan)
{
    char answer[BENCH_LINE_MAX];
    bench_row rows[VARIANTS];
    bench_pair pair;
    size_t bytes;
    double way;

    bench_pair_start(plan, 10, &pair);
    bench_ask(&pair.b, answer, "join %s", pair.ticket);
    bench_ask(&pair.b, answer, "watch");
    bench_ask(&pair.b, answer, "settle");
    for (size_t i = 0; i < VARIANTS; i++) live_measure(plan, &pair, &live_variants[i], &rows[i]);
    bytes = (size_t)bench_ask_number(&pair.a, "bytes");
    bench_pair_end(&pair);
    way = bench_limit_one_way_ms(plan, bytes);
    for (size_t i = 0; i < VARIANTS; i++) {
        rows[i].limit += way;
        bench_row_print(plan, &rows[i]);
    }
}
