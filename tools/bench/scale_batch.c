/* What RocksDB alone needs for what a commit of one row writes: the same families, keys and sizes,
 * in one batch. A commit signs first and writes then, so it can never be faster than both one after
 * the other, however little else it does. */
#include <string.h>

#include "dag/random.h"
#include "tools/bench/limit.h"
#include "tools/bench/scale.h"

#define SLICES 5u /* the best of them counts, as in limit_store.c */
#define SLICE_BATCHES_MAX 10000u
#define KEY_MAX 64u
#define VALUE_MAX 8192u

typedef enum batch_key {
    KEY_SAME,   /* changed by every commit */
    KEY_NEXT,   /* after the one before */
    KEY_RANDOM, /* a hash */
} batch_key;

/* Value 0 is the entry itself. */
static const struct batch_part {
    eid_family family;
    batch_key kind;
    size_t key, value;
} batch_parts[] = {
    {EID_FAMILY_META, KEY_SAME, 39, 95},   {EID_FAMILY_ENTRY, KEY_RANDOM, 36, 0},
    {EID_FAMILY_ORDER, KEY_NEXT, 48, 1},   {EID_FAMILY_GRAPH, KEY_RANDOM, 40, 128},
    {EID_FAMILY_TIP, KEY_SAME, 5, 52},     {EID_FAMILY_TIP, KEY_SAME, 9, 52},
    {EID_FAMILY_STATE, KEY_NEXT, 21, 142},
};
#define BATCH_PARTS (sizeof batch_parts / sizeof batch_parts[0])

static void batch_write(eid_kv *kv, uint64_t number, eid_slice bytes)
{
    eid_random_seeded spread = {number};
    uint8_t keys[BATCH_PARTS][KEY_MAX];
    eid_kv_write_op ops[BATCH_PARTS];
    uint64_t random = eid_random_next(&spread);

    memset(keys, 0, sizeof keys);
    for (size_t i = 0; i < BATCH_PARTS; i++) {
        const struct batch_part *part = &batch_parts[i];
        size_t len = part->value > 0 ? part->value : bytes.len;

        if (part->kind == KEY_NEXT) eid_put_u64(keys[i] + 4, number);
        if (part->kind == KEY_RANDOM) eid_put_u64(keys[i] + 4, random);
        ops[i] = (eid_kv_write_op){
            .family = part->family, .key = {keys[i], part->key}, .value = {bytes.at, len}};
    }
    bench_need_lower(eid_kv_write(kv, ops, BATCH_PARTS, EID_DURABLE_ASYNC), "limit: write");
}

double scale_limit_batches(const bench_plan *plan, size_t entry_bytes)
{
    eid_kv *kv = bench_limit_store(plan, "limit-batch");
    double slice = plan->quick ? 0.05 : 0.3, best = 0;
    static uint8_t value[VALUE_MAX];
    eid_random_seeded seeded = {BENCH_SEED};
    eid_random random = eid_random_of_seeded(&seeded);
    uint64_t number = 0;

    random.fill(random.self, value, sizeof value);
    if (entry_bytes > sizeof value) entry_bytes = sizeof value;
    for (size_t i = 0; i < SLICES; i++) {
        uint64_t start = bench_now_ns(), first = number;
        double seconds = 0, rate;

        while (seconds < slice && number - first < SLICE_BATCHES_MAX) {
            batch_write(kv, number++, eid_slice_of(value, entry_bytes));
            seconds = bench_seconds_since(start);
        }
        rate = (double)(number - first) / seconds;
        if (rate > best) best = rate;
    }
    eid_kv_close(kv);
    return best;
}
