/* The backend's own options are used, not RocksDB's defaults: the limit is what our store could do
 * if nothing stood on it, not what another store could. */
#include <stdio.h>
#include <string.h>

#include "dag/random.h"
#include "tools/bench/limit.h"

#define SLICES 5u /* the best of them counts: a disk that others use too has bad moments */
#define SLICE_PUTS_MAX 20000u
#define VALUE_MAX 8192u
#define OPENS 5u

static uint8_t store_value[VALUE_MAX];

static eid_kv *store_open(const char *url, bool create)
{
    eid_kv *kv = NULL;

    bench_need_lower(eid_kv_open(url, create, &kv), "limit: open a store");
    return kv;
}

eid_kv *bench_limit_store(const bench_plan *plan, const char *name)
{
    char url[BENCH_PATH_MAX + 200];

    snprintf(url, sizeof url, "rocksdb://%s/%s", plan->folder, name);
    return store_open(url, true);
}

/* Values that do not compress, as signatures and hashes do not. */
static eid_slice store_bytes(size_t bytes)
{
    eid_random_seeded seeded = {BENCH_SEED};
    eid_random random = eid_random_of_seeded(&seeded);

    if (bytes > VALUE_MAX) bytes = VALUE_MAX;
    random.fill(random.self, store_value, bytes);
    return eid_slice_of(store_value, bytes);
}

static void store_put(eid_kv *kv, uint64_t number, eid_slice value, eid_durability durability)
{
    eid_random_seeded spread = {number};
    uint8_t key[8];
    eid_kv_write_op op = {.family = EID_FAMILY_ENTRY, .key = {key, sizeof key}, .value = value};

    eid_put_u64(key, eid_random_next(&spread)); /* like hashes, in no order */
    bench_need_lower(eid_kv_write(kv, &op, 1, durability), "limit: put");
}

double bench_limit_put_ms(eid_kv *kv, uint64_t number, size_t bytes, eid_durability durability)
{
    eid_slice value = store_bytes(bytes);
    uint64_t start = bench_now_ns();

    store_put(kv, number, value, durability);
    return bench_seconds_since(start) * 1000;
}

double bench_limit_puts(const bench_plan *plan, size_t bytes, eid_durability durability)
{
    eid_kv *kv =
        bench_limit_store(plan, durability == EID_DURABLE_SYNC ? "limit-sync" : "limit-async");
    double slice = plan->quick ? 0.05 : 0.3, best = 0;
    eid_slice value = store_bytes(bytes);
    uint64_t number = 0;

    for (size_t i = 0; i < SLICES; i++) {
        uint64_t start = bench_now_ns(), first = number;
        double seconds = 0, rate;

        while (seconds < slice && number - first < SLICE_PUTS_MAX) {
            store_put(kv, number++, value, durability);
            seconds = bench_seconds_since(start);
        }
        rate = (double)(number - first) / seconds;
        if (rate > best) best = rate;
    }
    eid_kv_close(kv);
    return best;
}

double bench_limit_gets(const bench_plan *plan, size_t keys, size_t bytes)
{
    eid_kv *kv = bench_limit_store(plan, "limit-get");
    eid_slice value = store_bytes(bytes);
    eid_random_seeded chance = {BENCH_SEED};
    double seconds;
    uint64_t start;
    eid_buf out;

    for (uint64_t i = 0; i < keys; i++) store_put(kv, i, value, EID_DURABLE_ASYNC);
    eid_buf_init(&out, VALUE_MAX);
    start = bench_now_ns();
    for (size_t i = 0; i < keys; i++) {
        eid_random_seeded spread = {eid_random_below(&chance, keys)};
        uint8_t key[8];

        eid_put_u64(key, eid_random_next(&spread));
        bench_need_lower(eid_kv_get(kv, NULL, EID_FAMILY_ENTRY, eid_slice_of(key, 8), &out),
                         "limit: get");
    }
    seconds = bench_seconds_since(start);
    eid_buf_fini(&out);
    eid_kv_close(kv);
    return (double)keys / seconds;
}

double bench_limit_open_ms(const char *url)
{
    bench_samples samples;
    double median;

    bench_samples_init(&samples, OPENS);
    for (size_t i = 0; i < OPENS; i++) {
        uint64_t start = bench_now_ns();
        eid_kv *kv = store_open(url, false);
        eid_buf out;
        eid_status status;

        eid_buf_init(&out, VALUE_MAX);
        status = eid_kv_get(kv, NULL, EID_FAMILY_ENTRY, eid_slice_text("none"), &out);
        if (status != EID_E_NOT_FOUND) bench_need_lower(status, "limit: get");
        bench_samples_add(&samples, bench_seconds_since(start) * 1000);
        eid_buf_fini(&out);
        eid_kv_close(kv);
    }
    median = bench_samples_at(&samples, 0.5);
    bench_samples_fini(&samples);
    return median;
}
