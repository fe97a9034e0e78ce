/* The joining node is new: it must check every signature, so that is the limit, on all cores,
 * although the other node shares them. Its memory is what the row tells. */
#include "tools/bench/limit.h"
#include "tools/bench/peer.h"

void bench_bootstrap(const bench_plan *plan)
{
    bench_row row = {.workload = "bootstrap", .unit = "entries/s"};
    double seconds;
    bench_pair pair;
    size_t bytes;

    bench_pair_start(plan, bench_count(plan, 10000, 300), &pair);
    bench_tell(pair.b.to, "join %s", pair.ticket);
    seconds = bench_hear_number(pair.b.from);
    row.n = (uint64_t)bench_ask_number(&pair.b, "visible");
    if ((uint64_t)bench_ask_number(&pair.a, "visible") != row.n) {
        bench_fail("bootstrap: joined, but not all has come");
    }
    bytes = (size_t)bench_ask_number(&pair.a, "bytes");
    row.value = (double)row.n / seconds;
    row.wire_bytes_per_op = bench_ask_number(&pair.b, "wire") / (double)row.n;
    row.rss_mib = bench_ask_number(&pair.b, "rss");
    bench_pair_end(&pair);
    row.limit = bench_limit_verifies(plan, bytes) * plan->cores;
    row.limit_is = "signatures checked, all cores";
    bench_row_print(plan, &row);
}
