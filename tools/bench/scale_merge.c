/* Two writers who did not hear of each other meet at a third node, which gets their entries mixed
 * and in pieces, as a peer would send them. How often an entry was applied is counted by the node
 * itself. */
#include <stdlib.h>
#include <string.h>

#include "node/db/docstore.h"
#include "node/db/engine.h"
#include "node/db/state_rows.h"
#include "tools/bench/scale.h"

#define EACH_FULL 5000u
#define EACH_QUICK 200u
#define PIECE 512u /* entries that are received at once */

typedef struct merge_history {
    eid_id root;
    eid_buf *entries; /* the genesis, then in turn of one chain and of the other */
    size_t count;
} merge_history;

static eid_engine *merge_engine(const bench_plan *plan, const char *name)
{
    char url[BENCH_PATH_MAX + 200];
    eid_engine_config config = {.url = url, .create = true};
    eid_engine *engine = NULL;

    bench_node_url(plan, name, url, sizeof url);
    bench_need_lower(eid_engine_open(&config, &engine), "open an engine");
    return engine;
}

static void history_add(merge_history *history, eid_engine *engine, const eid_id *id)
{
    const eid_at at = {.kv = eid_engine_kv(engine)};
    eid_buf *bytes = &history->entries[history->count++];

    eid_buf_init(bytes, EID_ENTRY_BYTES_MAX);
    bench_need_lower(eid_index_bytes(&at, id, bytes), "read an entry");
}

/* One more entry of a chain. Both chains write to the same places. */
static void history_write(merge_history *history, eid_engine *engine, const eid_signer *signer)
{
    char key[32], value[128];
    eid_txn *txn = NULL;
    eid_id id;

    bench_key("k", history->count / 2, key);
    bench_value(history->count, value);
    bench_need_lower(eid_txn_begin(eid_engine_seam(engine), &history->root, signer, NULL, &txn),
                     "begin");
    bench_need_lower(
        eid_docstore_set_text(txn, eid_slice_text(BENCH_STORE), key, eid_slice_text(value)), "set");
    bench_need_lower(eid_txn_commit(txn, EID_DURABLE_ASYNC, &id), "commit");
    eid_txn_free(txn);
    history_add(history, engine, &id);
}

static void merge_receive_some(eid_engine *engine, const merge_history *history, size_t from,
                               size_t count, uint64_t *verified)
{
    eid_ingest_report report;
    eid_slice piece[PIECE];

    for (size_t i = 0; i < count; i++) piece[i] = eid_buf_slice(&history->entries[from + i]);
    bench_need_lower(eid_engine_ingest(engine, piece, count, NULL, EID_DURABLE_ASYNC, &report),
                     "receive");
    *verified += report.verified;
    eid_idset_fini(&report.missing);
}

static void history_make(const bench_plan *plan, size_t each, merge_history *out)
{
    eid_engine *writers[2] = {merge_engine(plan, "writer-a"), merge_engine(plan, "writer-b")};
    uint8_t seed[EID_KEY_BYTES] = {0x5c, 0xa1, 0xe};
    uint64_t verified = 0;
    eid_signer signer;
    eid_key key;

    eid_key_from_seed(seed, &key);
    signer = (eid_signer){.key = &key};
    out->entries = calloc(2 * each + 1, sizeof *out->entries);
    if (!out->entries) bench_fail("no memory for %zu entries", 2 * each + 1);
    bench_need_lower(
        eid_txn_create_database(eid_engine_seam(writers[0]), NULL, &key, NULL, NULL, &out->root),
        "create a database");
    history_add(out, writers[0], &out->root);
    merge_receive_some(writers[1], out, 0, 1, &verified);
    for (size_t i = 0; i < 2 * each; i++) history_write(out, writers[i % 2], &signer);
    eid_key_wipe(&key);
    for (size_t i = 0; i < 2; i++) eid_engine_close(writers[i]);
}

/* Receive all; gives how many became visible. */
static uint64_t merge_receive(eid_engine *engine, const merge_history *history)
{
    uint64_t verified = 0;

    for (size_t at = 0; at < history->count; at += PIECE) {
        size_t left = history->count - at;

        merge_receive_some(engine, history, at, left < PIECE ? left : PIECE, &verified);
    }
    return verified;
}

/* Answers seconds, how often an entry was applied, MiB. */
static void merge_part(const bench_plan *plan, void *arg, FILE *from, FILE *to)
{
    merge_history history = {.count = 0};
    eid_engine *engine;
    uint64_t start, applied;

    (void)arg;
    (void)from;
    history_make(plan, bench_count(plan, EACH_FULL, EACH_QUICK), &history);
    engine = merge_engine(plan, "reader");
    applied = eid_state_applied();
    start = bench_now_ns();
    if (merge_receive(engine, &history) != history.count) bench_fail("scale: entries are missing");
    bench_need_lower(eid_kv_sync(eid_engine_kv(engine)), "sync");
    bench_tell(to, "%.9f", bench_seconds_since(start));
    bench_tell(to, "%.0f", (double)(eid_state_applied() - applied));
    bench_tell(to, "%.3f", bench_rss_mib());
    eid_engine_close(engine);
    for (size_t i = 0; i < history.count; i++) eid_buf_fini(&history.entries[i]);
    free(history.entries);
}

void scale_merge(scale *self)
{
    size_t all = 2 * bench_count(self->plan, EACH_FULL, EACH_QUICK) + 1;
    bench_row row = {.workload = "scale",
                     .variant = "merge",
                     .n = all - 1,
                     .unit = "entries/s",
                     .limit = self->verifies * self->plan->cores,
                     .limit_is = "signatures checked, all cores"};
    bench_row applied = {.workload = "scale",
                         .variant = "merge applied",
                         .n = all - 1,
                         .unit = "times each",
                         .is_time = true,
                         .limit = 1,
                         .limit_is = "no entry twice"};
    bench_process part;

    bench_process_start(self->plan, merge_part, NULL, &part);
    row.value = (double)all / bench_hear_number(part.from);
    applied.value = bench_hear_number(part.from) / (double)all;
    row.rss_mib = bench_hear_number(part.from);
    bench_process_end(&part);
    bench_row_print(self->plan, &row);
    bench_row_print(self->plan, &applied);
    if (applied.value > 1) bench_fail("scale: entries were applied again");
}
