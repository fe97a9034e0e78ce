/* databases/: complete databases. Every entry must verify, the tips and the state of every store
 * must be the recorded ones, whatever the order in which the entries come: as recorded, backwards
 * in small batches, and in one. */
#include "dag/alloc.h"
#include "node/db/engine.h"
#include "tests/conformance/doc_case.h"
#include "tests/conformance/runner.h"

typedef enum delivery { DELIVER_AT_ONCE, DELIVER_IN_BATCHES, DELIVER_BACKWARDS } delivery;

typedef struct database {
    const json_t *file;
    eid_buf *bytes;
    size_t count;
    eid_id root;
} database;

static void recorded_load(const json_t *file, database *out)
{
    const json_t *entries = eid_get_array(file, "entries");

    out->file = file;
    out->count = json_array_size(entries);
    out->root = eid_get_id(file, "tree");
    out->bytes = eid_alloc_array(out->count, sizeof *out->bytes);
    for (size_t i = 0; i < out->count; i++) {
        out->bytes[i] = eid_get_b64(json_array_get(entries, i), "b64");
    }
}

static void recorded_fini(database *recorded)
{
    for (size_t i = 0; i < recorded->count; i++) eid_buf_fini(&recorded->bytes[i]);
    eid_free(recorded->bytes);
}

static eid_status deliver(const database *recorded, eid_engine *engine, delivery how)
{
    const size_t batch = how == DELIVER_AT_ONCE ? recorded->count : 7;
    eid_slice *slices = eid_alloc_array(recorded->count, sizeof *slices);
    eid_status status = EID_OK;

    for (size_t i = 0; i < recorded->count; i++) {
        size_t from = how == DELIVER_BACKWARDS ? recorded->count - 1 - i : i;

        slices[i] = eid_buf_slice(&recorded->bytes[from]);
    }
    for (size_t i = 0; i < recorded->count && status == EID_OK; i += batch) {
        size_t count = recorded->count - i < batch ? recorded->count - i : batch;
        eid_ingest_report report;

        memset(&report, 0, sizeof report);
        status = eid_engine_ingest(engine, slices + i, count, NULL, EID_DURABLE_ASYNC, &report);
        eid_idset_fini(&report.missing);
    }
    eid_free(slices);
    return status;
}

static void check_ids(eid_suite *suite, const char *key, const database *recorded, eid_level level,
                      eid_engine *engine)
{
    const json_t *expected = eid_get_array(recorded->file, key);
    eid_at at = {.kv = eid_engine_kv(engine)};
    eid_idset tips = EID_IDSET_EMPTY;

    if (eid_case_ok(suite, key,
                    eid_index_tips(&at, &recorded->root, level, EID_SLICE_EMPTY, &tips))) {
        eid_case_u64(suite, key, json_array_size(expected), tips.count);
        for (size_t i = 0; i < json_array_size(expected); i++) {
            eid_id id = eid_id_of_json(json_array_get(expected, i));

            eid_case_bool(suite, key, true, eid_idset_has(&tips, &id));
        }
    }
    eid_idset_fini(&tips);
}

static void check_verdicts(eid_suite *suite, const database *recorded, eid_engine *engine)
{
    eid_at at = {.kv = eid_engine_kv(engine)};
    eid_index_counts counts;

    if (!eid_case_ok(suite, "counts", eid_index_count(&at, &recorded->root, &counts))) return;
    eid_case_u64(suite, "entries", recorded->count, counts.entries);
    eid_case_u64(suite, "failed", json_array_size(eid_get_array(recorded->file, "failed")),
                 counts.failed);
    eid_case_u64(suite, "unverified", json_array_size(eid_get_array(recorded->file, "unverified")),
                 counts.unverified);
}

static void check_stores(eid_suite *suite, const database *recorded, eid_engine *engine)
{
    const eid_seam *seam = eid_engine_seam(engine);
    json_t *stores = json_object_get(recorded->file, "stores"), *state;
    const char *name;

    json_object_foreach(stores, name, state)
    {
        eid_doc *expected = eid_case_doc_of(suite, state), *ours = NULL;
        eid_status status = seam->doc(seam->self, &recorded->root, eid_slice_text(name), &ours);

        if (status == EID_E_NOT_FOUND) status = eid_doc_new(&ours);
        if (expected && eid_case_ok(suite, name, status)) {
            eid_case_doc_equal(suite, name, expected, ours);
        }
        eid_doc_free(expected);
        eid_doc_free(ours);
    }
}

static void check_delivery(eid_suite *suite, const char *name, const database *recorded,
                           delivery how)
{
    eid_engine_config config = {.url = "memory://", .create = true};
    eid_engine *engine = NULL;
    const eid_seam *seam;
    uint64_t findings = 0;
    eid_buf report;

    if (!eid_case_begin(suite, name)) return;
    eid_buf_init(&report, 1024 * 1024);
    if (eid_case_ok(suite, "open", eid_engine_open(&config, &engine)) &&
        eid_case_ok(suite, "ingest", deliver(recorded, engine, how))) {
        seam = eid_engine_seam(engine);
        check_verdicts(suite, recorded, engine);
        check_ids(suite, "tips", recorded, EID_LEVEL_RAW, engine);
        check_ids(suite, "verified_tips", recorded, EID_LEVEL_VISIBLE, engine);
        check_stores(suite, recorded, engine);
        eid_case_ok(suite, "check", seam->check(seam->self, &recorded->root, &report, &findings));
        eid_case_u64(suite, "findings", 0, findings);
    }
    eid_engine_close(engine);
    eid_buf_fini(&report);
    eid_case_end(suite);
}

static void databases_run(const char *path, eid_suite *suite)
{
    json_t *file = eid_suite_load(suite, path);
    database recorded;

    if (!file) return;
    recorded_load(file, &recorded);
    check_delivery(suite, "at-once", &recorded, DELIVER_AT_ONCE);
    check_delivery(suite, "in-batches", &recorded, DELIVER_IN_BATCHES);
    check_delivery(suite, "backwards", &recorded, DELIVER_BACKWARDS);
    recorded_fini(&recorded);
    json_decref(file);
}

EID_SUITE("databases/", databases_run)
