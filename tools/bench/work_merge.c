/* Two nodes have the same database, lose each other, write, and meet again. Measured from the
 * moment at which both listen again to that at which both see everything: finding each other is
 * part of it, but not the pause between two attempts to, which sync_now cuts short. */
#include "tools/bench/limit.h"
#include "tools/bench/peer.h"

#include <string.h>

static void merge_ask_both(bench_pair *pair, const char *a, const char *b)
{
    char answer[BENCH_LINE_MAX];

    bench_tell(pair->a.to, "%s", a);
    bench_tell(pair->b.to, "%s", b);
    bench_hear(pair->a.from, answer);
    bench_hear(pair->b.from, answer);
}

/* Seconds until both see `all` entries. */
static double merge_meet(bench_pair *pair, uint64_t all)
{
    char until[64];
    uint64_t start;
    double a, b;

    merge_ask_both(pair, "listen again", "listen again");
    start = bench_now_ns();
    merge_ask_both(pair, "now", "now");
    snprintf(until, sizeof until, "until %llu", (unsigned long long)all);
    bench_tell(pair->a.to, "%s", until);
    bench_tell(pair->b.to, "%s", until);
    a = bench_hear_number(pair->a.from);
    b = bench_hear_number(pair->b.from);
    return ((a > b ? a : b) - (double)start) / 1e9;
}

static void merge_must_be_equal(bench_pair *pair, uint64_t all)
{
    char a[BENCH_LINE_MAX], b[BENCH_LINE_MAX];

    bench_ask(&pair->a, a, "tips");
    bench_ask(&pair->b, b, "tips");
    if (strcmp(a, b) != 0) bench_fail("merge: the tips differ: %s against %s", a, b);
    if ((uint64_t)bench_ask_number(&pair->a, "visible") != all ||
        (uint64_t)bench_ask_number(&pair->b, "visible") != all) {
        bench_fail("merge: one has more than was written");
    }
}

void bench_merge(const bench_plan *plan)
{
    size_t each = bench_count(plan, 5000, 150);
    char answer[BENCH_LINE_MAX], a[64], b[64], variant[64];
    bench_row rate = {.workload = "merge",
                      .variant = variant,
                      .n = 2 * each,
                      .unit = "entries/s",
                      .limit_is = "signatures checked, all cores"};
    bench_row time;
    bench_pair pair;
    double seconds, checked;
    uint64_t all;
    size_t bytes;

    bench_pair_start(plan, 10, &pair);
    bench_ask(&pair.b, answer, "join %s", pair.ticket);
    merge_ask_both(&pair, "watch", "watch");
    bench_ask(&pair.b, answer, "settle");
    all = (uint64_t)bench_ask_number(&pair.a, "visible") + 2 * each;
    merge_ask_both(&pair, "stop", "stop");
    snprintf(variant, sizeof variant, "%zu+%zu", each, each);
    snprintf(a, sizeof a, "fill a %zu", each);
    snprintf(b, sizeof b, "fill b %zu", each);
    merge_ask_both(&pair, a, b);
    seconds = merge_meet(&pair, all);
    merge_must_be_equal(&pair, all);
    bytes = (size_t)bench_ask_number(&pair.a, "bytes");
    rate.value = (double)rate.n / seconds;
    rate.wire_bytes_per_op =
        bench_ask_number(&pair.b, "wire") / (double)rate.n; /* since it listens again */
    rate.rss_mib = bench_ask_number(&pair.b, "rss");
    bench_pair_end(&pair);
    checked = bench_limit_verifies(plan, bytes) * plan->cores;
    rate.limit = checked;
    bench_row_print(plan, &rate);
    time = rate;
    time.unit = "s";
    time.is_time = true;
    time.value = seconds;
    time.limit = (double)rate.n / checked;
    time.rss_mib = time.wire_bytes_per_op = 0;
    bench_row_print(plan, &time);
}
