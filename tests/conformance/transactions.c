/* Scenarios of transactions, run step by step with our own code. A genesis is random, so entries
 * are known by the labels of the scenario and compared by their parts: parents, heights, pin,
 * signer, payloads. Where a decision of ours makes another outcome than the recorded one (spec 04
 * §14 T1, T2, T3, T8; spec 02 §9.6), the rule stands at the step, and what is compared is the
 * outcome that it makes. */
#include "dag/alloc.h"
#include "node/db/docstore.h"
#include "tests/conformance/transactions_case.h"

/* -- nodes and labels -------------------------------------------------------------------------- */

static bool node_open(scenario *run, const char *name)
{
    eid_engine_config config = {
        .url = "memory://", .create = true, .clock = &run->clock, .verify_inline = true};
    scenario_node *made = &run->nodes[run->node_count];

    if (run->node_count == NODES_MAX) {
        eid_case_fail(run->suite, "more than %d nodes", NODES_MAX);
        return false;
    }
    *made = (scenario_node){.name = name};
    if (!eid_case_ok(run->suite, "open", eid_engine_open(&config, &made->engine))) return false;
    made->seam = eid_engine_seam(made->engine);
    run->node_count++;
    return true;
}

static scenario_node *node_find(scenario *run, const json_t *step)
{
    const char *name = eid_has(step, "inst") ? eid_get_text(step, "inst") : run->nodes[0].name;

    for (size_t i = 0; i < run->node_count; i++) {
        if (strcmp(run->nodes[i].name, name) == 0) return &run->nodes[i];
    }
    return &run->nodes[0];
}

/* A handle has stored an entry: the label keeps it. NULL if it cannot be read again. */
static const eid_entry *label_put(scenario *run, const char *name, const handle *db,
                                  const eid_id *id)
{
    label *made = &run->labels[run->label_count];
    eid_verdict verdict;
    eid_status status;

    if (run->label_count == NAMES_MAX) {
        eid_case_fail(run->suite, "more than %d entries", NAMES_MAX);
        return NULL;
    }
    *made = (label){.name = name, .id = *id};
    status = db->at->seam->entry(db->at->seam->self, &db->root, id, &made->entry, &verdict);
    if (!eid_case_ok(run->suite, "entry", status)) return NULL;
    db->at->holds[run->label_count++] = true;
    return made->entry;
}

/* An earlier entry comes to another node. */
static eid_status step_receive(scenario *run, const json_t *step)
{
    scenario_node *at = node_find(run, step);
    eid_id id = scenario_id(run, eid_get_text(step, "entry"));
    eid_status status = EID_OK;

    for (size_t i = 0; i < run->label_count && status == EID_OK; i++) {
        eid_slice bytes = eid_entry_bytes(run->labels[i].entry);
        uint64_t stored, visible;

        if (!eid_id_equal(&run->labels[i].id, &id)) continue;
        status = at->seam->ingest(at->seam->self, &bytes, 1, &stored, &visible);
        at->holds[i] = true;
    }
    return status;
}

/* -- steps that make entries ------------------------------------------------------------------- */

/* Whether the step went as recorded; an error must be the recorded one. */
static bool step_result(const scenario *run, const json_t *step, eid_status status)
{
    const char *op = eid_get_text(step, "op");

    if (eid_get_bool(step, "ok")) return eid_case_ok(run->suite, op, status);
    (void)eid_case_error(run->suite, op, eid_get_text(step, "error"), status);
    return false;
}

/* T8: nobody makes a store whose name is the system's. */
static bool step_is_refused(const scenario *run, const json_t *step, eid_status status)
{
    const char *op = eid_get_text(step, "op");
    bool is_row = strcmp(op, "set_store_strategy") == 0;

    if (!eid_has(step, "store") || !scenario_is_refused(eid_get_text(step, "store"))) return false;
    (void)eid_case_error(run->suite, op, is_row ? "KeyNotFound" : "InvalidOperation", status);
    return true;
}

static eid_status init_stores(void *self, eid_txn *txn)
{
    const json_t *stores = self;
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < json_array_size(stores); i++) {
        const json_t *item = json_array_get(stores, i);
        const char *store = eid_get_text(item, "store");
        status = eid_txn_open_store(txn, eid_slice_text(store), EID_TYPE_DOCSTORE);
        if (status == EID_OK && eid_has(item, "key")) {
            status = eid_docstore_set_text(txn, eid_slice_text(store), eid_get_text(item, "key"),
                                           eid_get_slice(item, "value"));
        }
    }
    return status;
}

static bool init_is_refused(const json_t *init)
{
    for (size_t i = 0; i < json_array_size(init); i++) {
        if (scenario_is_refused(eid_get_text(json_array_get(init, i), "store"))) return true;
    }
    return false;
}

static eid_status create_settings(const json_t *settings, eid_doc **out)
{
    eid_status status = eid_doc_new(out);
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)settings, name, value)
    {
        if (status != EID_OK) break;
        status =
            eid_doc_set_text(*out, eid_slice_text(name), eid_slice_text(json_string_value(value)));
    }
    return status;
}

static void step_create(scenario *run, const json_t *step)
{
    json_t *init = json_object_get(step, "init");
    handle *db = &run->handles[run->handle_count];
    const eid_entry *entry;
    eid_doc *settings = NULL;
    eid_status status = create_settings(json_object_get(step, "settings"), &settings);

    *db = (handle){.name = eid_get_text(step, "db"), .at = node_find(run, step), .has_key = true};
    scenario_key(run, eid_get_text(step, "key"), &db->key);
    if (status == EID_OK) {
        status = eid_txn_create_database(db->at->seam, settings, &db->key,
                                         init ? init_stores : NULL, init, &db->root);
    }
    eid_doc_free(settings);
    if (eid_get_bool(step, "ok") && init_is_refused(init)) { /* T8 */
        (void)eid_case_error(run->suite, "create", "InvalidOperation", status);
        return;
    }
    if (!step_result(run, step, status)) return;
    run->handle_count++;
    entry = label_put(run, eid_get_text(step, "entry"), db, &db->root);
    if (entry) scenario_check_stored(run, json_object_get(step, "stored"), entry, false);
}

static void step_open_db(scenario *run, const json_t *step)
{
    handle *db = &run->handles[run->handle_count++];
    eid_slice identity = EID_SLICE_EMPTY;
    eid_status status = EID_OK;

    *db = (handle){.name = eid_get_text(step, "db"), .at = node_find(run, step)};
    db->has_key = eid_has(step, "key");
    db->is_loose = eid_has(step, "allow_unverified") && eid_get_bool(step, "allow_unverified");
    db->root = scenario_id(run, eid_get_text(step, "root"));
    if (db->has_key) scenario_key(run, eid_get_text(step, "key"), &db->key);
    if (eid_has(step, "identity")) identity = eid_get_slice(step, "identity");
    if (eid_slice_has_prefix(identity, eid_slice_text("name:"))) {
        status = eid_sigkey_of_name(eid_slice_of(identity.at + 5, identity.len - 5), &db->identity);
        db->has_identity = true;
    } else if (eid_slice_is(identity, "global")) {
        status = eid_sigkey_of_global(&db->key.pub, &db->identity);
        db->has_identity = true;
    }
    (void)step_result(run, step, status);
}

static eid_status begin_on(const scenario *run, const json_t *tips, open_txn *open)
{
    const handle *db = open->db;
    eid_signer signer = {&db->key, db->has_identity ? &db->identity.key : NULL};
    const eid_signer *by = db->has_key ? &signer : NULL;
    eid_idset at = EID_IDSET_EMPTY;
    eid_status status = EID_OK;

    if (!open->has_at && db->is_loose) {
        return eid_txn_begin_loose(db->at->seam, &db->root, by, &open->txn);
    }
    for (size_t i = 0; i < json_array_size(tips) && status == EID_OK; i++) {
        eid_id id = scenario_id(run, json_string_value(json_array_get(tips, i)));
        status = eid_idset_add(&at, &id);
    }
    if (status == EID_OK) {
        status = eid_txn_begin(db->at->seam, &db->root, by, open->has_at ? &at : NULL, &open->txn);
    }
    eid_idset_fini(&at);
    return status;
}

static void step_begin(scenario *run, const json_t *step)
{
    const json_t *tips = json_object_get(step, "at");
    open_txn *open = &run->txns[run->txn_count];
    eid_status status;

    *open = (open_txn){.name = eid_get_text(step, "tx"),
                       .db = scenario_handle(run, eid_get_text(step, "db")),
                       .has_at = json_is_array(tips)};
    status = begin_on(run, tips, open);
    if (step_result(run, step, status)) run->txn_count++;
}

/* After a commit above a gap, what a node shows is not what the reference shows (spec 02 §9.6 row
 * 1): then what must follow is that the entry is built on what is decided. */
static void commit_check(const scenario *run, const json_t *step, const open_txn *open,
                         const eid_entry *entry)
{
    const handle *db = open->db;
    eid_idset expected = EID_IDSET_EMPTY;

    if (!db->at->stranded || open->has_at || db->is_loose) {
        scenario_check_stored(run, json_object_get(step, "stored"), entry, open->has_at);
        return;
    }
    db->at->holds[run->label_count - 1] = false; /* as it was before */
    model_tips(run, db->at, false, &expected);
    db->at->holds[run->label_count - 1] = true;
    scenario_check_set(run, "parents", &expected, eid_entry_parents(entry));
    eid_idset_fini(&expected);
}

static void step_commit(scenario *run, const json_t *step)
{
    open_txn *open = scenario_txn(run, step);
    const eid_entry *entry;
    uint64_t complete, gaps, gaps_before;
    eid_id id;
    eid_status status = eid_txn_commit(open->txn, EID_DURABLE_ASYNC, &id);

    if (open->clone_of && eid_get_bool(step, "ok")) { /* T1 */
        (void)eid_case_error(run->suite, "second commit", "TransactionAlreadyCommitted", status);
        return;
    }
    if (!step_result(run, step, status)) return;
    model_count(run, open->db->at, &complete, &gaps_before);
    entry = label_put(run, eid_get_text(step, "entry"), open->db, &id);
    if (!entry) return;
    run->labels[run->label_count - 1].anchored = open->has_at;
    commit_check(run, step, open, entry);
    model_count(run, open->db->at, &complete, &gaps);
    if (gaps > gaps_before) open->db->at->stranded = true;
}

/* -- scenarios --------------------------------------------------------------------------------- */

static void scenario_step(scenario *run, const json_t *step)
{
    const char *op = eid_get_text(step, "op");

    if (strcmp(op, "clock") == 0) {
        run->time.now_ms = eid_get_u64_text(step, "ms");
    } else if (strcmp(op, "create") == 0) {
        step_create(run, step);
    } else if (strcmp(op, "open_db") == 0) {
        step_open_db(run, step);
    } else if (strcmp(op, "begin") == 0) {
        step_begin(run, step);
    } else if (strcmp(op, "commit") == 0) {
        step_commit(run, step);
    } else if (strcmp(op, "instance") == 0) {
        (void)node_open(run, eid_get_text(step, "name"));
    } else if (strcmp(op, "receive") == 0) {
        (void)step_result(run, step, step_receive(run, step));
    } else {
        eid_status status = scenario_do(run, step, op);
        if (!step_is_refused(run, step, status)) (void)step_result(run, step, status);
    }
}

static void scenario_end(scenario *run)
{
    for (size_t i = 0; i < run->txn_count; i++) {
        if (!run->txns[i].clone_of) eid_txn_free(run->txns[i].txn);
    }
    for (size_t i = 0; i < run->handle_count; i++) {
        if (run->handles[i].has_identity) eid_sigkey_owned_fini(&run->handles[i].identity);
    }
    for (size_t i = 0; i < run->label_count; i++) eid_entry_free(run->labels[i].entry);
    for (size_t i = 0; i < run->node_count; i++) eid_engine_close(run->nodes[i].engine);
}

static void scenario_case(eid_suite *suite, const json_t *test)
{
    static scenario run;
    const json_t *steps = eid_get_array(test, "steps");

    run = (scenario){.suite = suite, .keys = json_object_get(test, "keys")};
    run.time = (eid_clock_fixed){.now_ms = eid_get_u64_text(test, "clock_start_ms"), .held = 1};
    run.clock = eid_clock_of_fixed(&run.time);
    if (!node_open(&run, "i1")) return;
    for (size_t i = 0; i < json_array_size(steps) && !eid_case_has_failed(suite); i++) {
        scenario_step(&run, json_array_get(steps, i));
    }
    scenario_end(&run);
}

static void transactions_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (!root) return;
    eid_suite_each(suite, root, "cases", scenario_case);
    json_decref(root);
}

EID_SUITE("transactions.json", transactions_run)
