/* Random rows of the large table, and the whole table from end to end; the limits are the same
 * reads of the very rows by RocksDB alone. */
#include <stdlib.h>
#include <string.h>

#include "dag/random.h"
#include "tools/bench/limit.h"
#include "tools/bench/scale.h"

#define READS_FULL 50000u
#define READS_QUICK 1000u
#define READS_COUNTED 1000u
#define LOOKUPS_MAX 1.0   /* of one read: the row itself */
#define RSS_MIB_MAX 224.0 /* cache, memtables and the program, whatever the table has */
#define KEY_MAX 256u

static void read_one(bench_node *node, uint64_t number)
{
    char key[32], wanted[128], *json = NULL;

    scale_key(number, key);
    bench_need(eidetica_table_get(node->db, SCALE_TABLE, key, &json), "get");
    bench_value(number, wanted);
    if (strcmp(json, wanted) != 0) bench_fail("scale: %s is %s, not %s", key, json, wanted);
    eidetica_free(json);
}

/* Gets and seeks of RocksDB for one read. */
static double read_count_lookups(const scale *self, bench_node *node)
{
    eid_random_seeded chance = {BENCH_SEED + 1};
    bench_size size = bench_node_size(node);
    scale_lookups lookups;

    scale_commit(node, size.verified); /* so that gets are counted */
    read_one(node, 0);                 /* what is cached of a database is there then */
    scale_lookups_begin();
    for (size_t i = 0; i < READS_COUNTED; i++) {
        read_one(node, eid_random_below(&chance, self->entries));
    }
    lookups = scale_lookups_end();
    if (lookups.gets == 0) bench_fail("scale: RocksDB counts no get");
    if (lookups.seeks > 0) bench_fail("scale: a read seeks");
    return (double)lookups.gets / READS_COUNTED;
}

/* Answers reads a second, p50, p99, MiB, lookups. */
static void read_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const scale *self = arg;
    size_t reads = bench_count(plan, READS_FULL, READS_QUICK);
    eid_random_seeded chance = {BENCH_SEED};
    bench_samples samples;
    bench_node node;
    uint64_t start;

    (void)from;
    scale_open(self, &node);
    bench_samples_init(&samples, reads);
    start = bench_now_ns();
    for (size_t i = 0; i < reads; i++) {
        uint64_t one = bench_now_ns();

        read_one(&node, eid_random_below(&chance, self->entries));
        bench_samples_add(&samples, bench_seconds_since(one) * 1000);
    }
    bench_tell(to, "%.6f", (double)reads / bench_seconds_since(start));
    bench_tell(to, "%.6f", bench_samples_at(&samples, 0.5));
    bench_tell(to, "%.6f", bench_samples_at(&samples, 0.99));
    bench_tell(to, "%.3f", bench_rss_mib());
    bench_tell(to, "%.6f", read_count_lookups(self, &node));
    bench_samples_fini(&samples);
    bench_node_close(&node);
}

static bool row_count(void *self, const char *key, const char *json)
{
    uint64_t *rows = self;

    if (key[0] == 'k' && json[0] == '"') (*rows)++;
    return true;
}

/* Answers rows a second and MiB. */
static void table_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const scale *self = arg;
    uint64_t start, rows = 0;
    bench_node node;

    (void)plan;
    (void)from;
    scale_open(self, &node);
    start = bench_now_ns();
    bench_need(eidetica_table_rows(node.db, SCALE_TABLE, NULL, row_count, &rows), "list rows");
    bench_tell(to, "%.6f", (double)rows / bench_seconds_since(start));
    bench_tell(to, "%.3f", bench_rss_mib());
    if (rows < self->entries) bench_fail("scale: %llu rows", (unsigned long long)rows);
    bench_node_close(&node);
}

typedef struct raw_keys {
    uint8_t (*at)[KEY_MAX];
    size_t *len, count, seen;
} raw_keys;

/* Walk all rows of state; keys are kept as in a lottery, so that each has the same chance. Rows a
 * second. */
static double raw_walk(eid_kv *kv, raw_keys *keys, size_t max)
{
    eid_random_seeded chance = {BENCH_SEED};
    uint64_t start = bench_now_ns();
    eid_kv_iter *iter = NULL;
    eid_slice key, value;

    bench_need_lower(eid_kv_iter_new(kv, NULL, EID_FAMILY_STATE, EID_SLICE_EMPTY, &iter), "iter");
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        size_t place = keys->count;

        keys->seen++;
        if (place == max) place = eid_random_below(&chance, keys->seen);
        if (place >= max || key.len > KEY_MAX) continue;
        memcpy(keys->at[place], key.at, key.len);
        keys->len[place] = key.len;
        if (place == keys->count) keys->count++;
    }
    bench_need_lower(eid_kv_iter_status(iter), "iter");
    eid_kv_iter_free(iter);
    return (double)keys->seen / bench_seconds_since(start);
}

/* Answers what RocksDB alone does: gets a second, rows walked a second. */
static void raw_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    const scale *self = arg;
    size_t max = bench_count(plan, READS_FULL, READS_QUICK);
    raw_keys keys = {.at = calloc(max, KEY_MAX), .len = calloc(max, sizeof(size_t))};
    char url[BENCH_PATH_MAX + 200];
    eid_kv *kv = NULL;
    double walked;
    uint64_t start;
    eid_buf out;

    (void)from;
    if (!keys.at || !keys.len) bench_fail("no memory for %zu keys", max);
    bench_node_url(&self->stores, "large", url, sizeof url);
    bench_need_lower(eid_kv_open(url, false, &kv), "limit: open the store");
    walked = raw_walk(kv, &keys, max);
    eid_buf_init(&out, 1u << 20);
    start = bench_now_ns();
    for (size_t i = 0; i < keys.count; i++) {
        eid_slice key = eid_slice_of(keys.at[i], keys.len[i]);

        bench_need_lower(eid_kv_get(kv, NULL, EID_FAMILY_STATE, key, &out), "limit: get");
    }
    bench_tell(to, "%.6f", (double)keys.count / bench_seconds_since(start));
    bench_tell(to, "%.6f", walked);
    eid_buf_fini(&out);
    free(keys.at);
    free(keys.len);
    eid_kv_close(kv);
}

static double raw_measure(scale *self, bool is_walk)
{
    bench_process part;
    double gets, walked;

    bench_process_start(self->plan, raw_part, self, &part);
    gets = bench_hear_number(part.from);
    walked = bench_hear_number(part.from);
    bench_process_end(&part);
    return is_walk ? walked : gets;
}

void scale_read(scale *self)
{
    bench_row row = {.workload = "scale",
                     .variant = "read",
                     .n = self->entries,
                     .unit = "reads/s",
                     .limit_is = "RocksDB gets of the same rows"};
    bench_row lookups = {.workload = "scale",
                         .variant = "read lookups",
                         .n = self->entries,
                         .unit = "lookups",
                         .is_time = true,
                         .limit = 1,
                         .limit_is = "the row itself"};
    bench_process part;

    bench_process_start(self->plan, read_part, self, &part);
    row.value = bench_hear_number(part.from);
    row.p50_ms = bench_hear_number(part.from);
    row.p99_ms = bench_hear_number(part.from);
    row.rss_mib = bench_hear_number(part.from);
    lookups.value = bench_hear_number(part.from);
    bench_process_end(&part);
    row.limit = raw_measure(self, false);
    bench_row_print(self->plan, &row);
    bench_row_print(self->plan, &lookups);
    if (lookups.value > LOOKUPS_MAX) bench_fail("scale: %.1f lookups a read", lookups.value);
}

void scale_table(scale *self)
{
    bench_row row = {.workload = "scale",
                     .variant = "table",
                     .n = self->entries,
                     .unit = "rows/s",
                     .limit_is = "RocksDB walks the same rows"};
    bench_process part;

    bench_process_start(self->plan, table_part, self, &part);
    row.value = bench_hear_number(part.from);
    row.rss_mib = bench_hear_number(part.from);
    bench_process_end(&part);
    row.limit = raw_measure(self, true);
    bench_row_print(self->plan, &row);
    if (row.rss_mib > RSS_MIB_MAX) bench_fail("scale: %.0f MiB to list a table", row.rss_mib);
}
