/* Commits into the large store and into a small one take turns, so that whatever else the machine
 * does meanwhile happens to both, and the two figures can be compared. */
#include <string.h>

#include "tools/bench/limit.h"
#include "tools/bench/scale.h"

#define SAMPLES_FULL 5000u
#define SAMPLES_QUICK 400u
#define TURN 100u /* commits before the other has its turn */

typedef struct append_side {
    bench_node node;
    bench_samples samples;
    uint64_t next;  /* number of the next row */
    double seconds; /* in all */
} append_side;

static void side_fill(append_side *side, size_t entries)
{
    for (uint64_t i = 0; i < entries; i++) scale_commit(&side->node, i);
    bench_need(eidetica_sync_disk(side->node.instance), "sync the disk");
}

static void side_turn(append_side *side)
{
    uint64_t start = bench_now_ns();

    for (size_t i = 0; i < TURN; i++) {
        uint64_t one = bench_now_ns();

        scale_commit(&side->node, side->next++);
        bench_samples_add(&side->samples, bench_seconds_since(one) * 1000);
    }
    side->seconds += bench_seconds_since(start);
}

static void side_tell(append_side *side, FILE *to)
{
    bench_tell(to, "%.9f", (double)side->samples.count / side->seconds);
    bench_tell(to, "%.6f", bench_samples_at(&side->samples, 0.5));
    bench_tell(to, "%.6f", bench_samples_at(&side->samples, 0.99));
    bench_samples_fini(&side->samples);
}

/* Answers root, bytes of an entry, seconds that making the large store took, for both sides rate,
 * p50 and p99, then MiB. */
static void append_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const scale *self = arg;
    size_t samples = bench_count(plan, SAMPLES_FULL, SAMPLES_QUICK);
    append_side small = {.next = self->small}, large;
    bench_size size;
    uint64_t start = bench_now_ns();

    (void)from;
    memset(&large, 0, sizeof large);
    if (self->root[0]) {
        scale_open(self, &large.node);
    } else {
        bench_node_create(&self->stores, "large", &large.node);
        bench_node_create_db(&large.node);
        side_fill(&large, self->entries);
    }
    bench_tell(to, "%s", eidetica_db_root(large.node.db));
    size = bench_node_size(&large.node);
    if (size.verified < self->entries) bench_fail("scale: commits are missing");
    large.next = size.verified; /* of a store that is kept, rows were added before */
    bench_tell(to, "%zu", bench_entry_bytes(&size));
    bench_tell(to, "%.9f", bench_seconds_since(start));
    bench_node_create(plan, "small", &small.node);
    bench_node_create_db(&small.node);
    side_fill(&small, self->small);
    bench_samples_init(&small.samples, samples);
    bench_samples_init(&large.samples, samples);
    for (size_t i = 0; i < samples; i += TURN) {
        side_turn(&small);
        side_turn(&large);
    }
    side_tell(&small, to);
    side_tell(&large, to);
    bench_tell(to, "%.3f", bench_rss_mib());
    bench_node_close(&small.node);
    bench_node_close(&large.node);
}

static void append_hear(const scale *self, FILE *from, size_t entries, bench_row *row)
{
    *row = (bench_row){.workload = "scale", .variant = "append", .n = entries, .unit = "commits/s"};
    row->value = bench_hear_number(from);
    row->p50_ms = bench_hear_number(from);
    row->p99_ms = bench_hear_number(from);
    (void)self;
}

static void append_print(const scale *self, bench_row *row)
{
    bool is_puts = self->puts < self->signs;

    row->limit = is_puts ? self->puts : self->signs;
    row->limit_is = is_puts ? "RocksDB puts of an entry's size" : "signatures made, one thread";
    bench_row_print(self->plan, row);
}

/* Against both limits one after the other, which is what a writer has to do. */
static void append_print_in_turn(const scale *self, bench_row row)
{
    row.variant = "append/both";
    row.p50_ms = row.p99_ms = row.rss_mib = 0;
    row.limit = 1 / (1 / self->signs + 1 / self->batches);
    row.limit_is = "a signature, then RocksDB writes the same records";
    bench_row_print(self->plan, &row);
}

static void append_print_growth(const scale *self, const bench_row *small, const bench_row *large)
{
    bench_row row = {.workload = "scale",
                     .variant = "append p99",
                     .n = self->entries,
                     .value = large->p99_ms / small->p99_ms,
                     .unit = "times small",
                     .is_time = true,
                     .limit = 1.5,
                     .limit_is = "what is allowed"};

    bench_row_print(self->plan, &row);
}

void scale_append(scale *self)
{
    bench_row small, large;
    bench_process part;
    double seconds;
    bool is_made = !self->root[0];

    bench_process_start(self->plan, append_part, self, &part);
    bench_hear(part.from, self->root);
    self->entry_bytes = (size_t)bench_hear_number(part.from);
    seconds = bench_hear_number(part.from);
    append_hear(self, part.from, self->small, &small);
    append_hear(self, part.from, self->entries, &large);
    large.rss_mib = bench_hear_number(part.from);
    bench_process_end(&part);
    scale_limits_measure(self);
    append_print(self, &small);
    append_print(self, &large);
    append_print_in_turn(self, large);
    append_print_growth(self, &small, &large);
    if (!is_made) return;
    large.variant = "fill";
    large.value = (double)self->entries / seconds;
    large.p50_ms = large.p99_ms = large.rss_mib = 0;
    append_print(self, &large);
}
