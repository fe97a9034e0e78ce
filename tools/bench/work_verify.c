/* What checking an entry's signature costs above the signature itself: finding what was signed in
 * the entry's bytes, and reading the signature's text. One thread. */
#include <string.h>

#include "auth/key.h"
#include "dag/builder.h"
#include "tools/bench/limit.h"
#include "tools/bench/node.h"

#define ENTRIES 200u

static eid_entry *verify_entry(eid_key *key, uint64_t number)
{
    char value[128], text[EID_KEY_TEXT_MAX];
    eid_sigkey sigkey = {.hint = {.has_pubkey = true}};
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;

    bench_value(number, value);
    memcpy(sigkey.hint.pubkey, key->pub.bytes, EID_KEY_BYTES);
    sigkey.hint.pubkey_text = eid_slice_text(eid_pubkey_text(&key->pub, text));
    bench_need_lower(eid_builder_new(NULL, &builder), "begin an entry");
    bench_need_lower(eid_builder_set_data(builder, eid_slice_text("_root"), EID_SLICE_EMPTY),
                     "build an entry");
    bench_need_lower(
        eid_builder_set_data(builder, eid_slice_text(BENCH_STORE), eid_slice_text(value)),
        "build an entry");
    bench_need_lower(eid_builder_set_sigkey(builder, &sigkey), "build an entry");
    bench_need_lower(eid_builder_seal(builder, eid_key_sign_fn, key, &entry), "seal an entry");
    eid_builder_free(builder);
    return entry;
}

void bench_verify(const bench_plan *plan)
{
    bench_row row = {.workload = "verify",
                     .n = bench_count(plan, 10000, 500),
                     .unit = "entries/s",
                     .limit_is = "signatures checked, one thread"};
    uint8_t seed[EID_KEY_BYTES] = {0xb, 0xe, 0xc};
    eid_entry *entries[ENTRIES];
    uint64_t start;
    eid_key key;
    size_t bytes;

    eid_key_from_seed(seed, &key);
    for (size_t i = 0; i < ENTRIES; i++) entries[i] = verify_entry(&key, i);
    bytes = eid_entry_bytes(entries[0]).len;
    start = bench_now_ns();
    for (size_t i = 0; i < row.n; i++) {
        if (!eid_key_verify_entry(&key.pub, entries[i % ENTRIES])) {
            bench_fail("verify: a good signature is refused");
        }
    }
    row.value = (double)row.n / bench_seconds_since(start);
    for (size_t i = 0; i < ENTRIES; i++) eid_entry_free(entries[i]);
    eid_key_wipe(&key);
    row.limit = bench_limit_verifies(plan, bytes);
    bench_row_print(plan, &row);
}
