/* Scenarios of transactions, run step by step with our own code. A genesis is random, so entries
 * are known by the labels of the scenario and compared by their parts: parents, heights, pin,
 * signer, payloads. Where our decisions differ from the reference (spec 04 §14), the step says so
 * beside the rule. */
#include <stdio.h>

#include "dag/alloc.h"
#include "node/db/registry.h"
#include "node/db/settings.h"
#include "node/db/table.h"
#include "tests/conformance/transactions_case.h"

/* -- names ------------------------------------------------------------------------------------- */

static void label_put(scenario *run, const char *name, const eid_id *id)
{
    if (run->label_count == NAMES_MAX) return;
    run->labels[run->label_count++] = (label){name, *id};
}

static void key_get(const scenario *run, const char *name, eid_key *out)
{
    eid_buf seed = eid_get_hex(json_object_get(run->keys, name), "seed_hex");

    eid_key_from_seed(seed.at, out);
    eid_buf_fini(&seed);
}

static handle *handle_find(scenario *run, const char *name)
{
    for (size_t i = run->handle_count; i > 0; i--) {
        if (strcmp(run->handles[i - 1].name, name) == 0) return &run->handles[i - 1];
    }
    return NULL;
}

static open_txn *txn_find(scenario *run, const json_t *step)
{
    const char *name = eid_get_text(step, "tx");

    for (size_t i = run->txn_count; i > 0; i--) {
        if (strcmp(run->txns[i - 1].name, name) == 0) return &run->txns[i - 1];
    }
    return NULL;
}

static eid_txn *txn_of(scenario *run, const json_t *step)
{
    open_txn *found = txn_find(run, step);

    return found ? found->txn : NULL;
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

static bool is_our_name(const char *store)
{
    return store[0] == '_' && strcmp(store, EID_STORE_SETTINGS) != 0 &&
           strcmp(store, EID_STORE_INDEX) != 0 && strcmp(store, EID_STORE_ROOT) != 0;
}

static void step_create(scenario *run, const json_t *step)
{
    json_t *init = json_object_get(step, "init");
    const char *name;
    json_t *value;
    handle *db = &run->handles[run->handle_count];
    eid_doc *settings = NULL;
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_status status = eid_doc_new(&settings);

    *db = (handle){.name = eid_get_text(step, "db"), .has_key = true};
    key_get(run, eid_get_text(step, "key"), &db->key);
    json_object_foreach(json_object_get(step, "settings"), name, value)
    {
        if (status != EID_OK) break;
        status = eid_doc_set_text(settings, eid_slice_text(name),
                                  eid_slice_text(json_string_value(value)));
    }
    if (status == EID_OK) {
        status = eid_txn_create_database(run->seam, settings, &db->key, init ? init_stores : NULL,
                                         init, &db->root);
    }
    eid_doc_free(settings);
    if (!step_result(run, step, status)) return;
    run->handle_count++;
    label_put(run, eid_get_text(step, "entry"), &db->root);
    status = run->seam->entry(run->seam->self, &db->root, &db->root, &entry, &verdict);
    if (eid_case_ok(run->suite, "entry", status)) {
        scenario_check_stored(run, json_object_get(step, "stored"), entry, false);
    }
    eid_entry_free(entry);
}

static void step_open_db(scenario *run, const json_t *step)
{
    handle *db = &run->handles[run->handle_count++];
    eid_slice identity = EID_SLICE_EMPTY;
    eid_status status = EID_OK;

    *db = (handle){.name = eid_get_text(step, "db"), .has_key = eid_has(step, "key")};
    db->root = scenario_id(run, eid_get_text(step, "root"));
    if (db->has_key) key_get(run, eid_get_text(step, "key"), &db->key);
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

static void step_begin(scenario *run, const json_t *step)
{
    const handle *db = handle_find(run, eid_get_text(step, "db"));
    eid_signer signer = {&db->key, db->has_identity ? &db->identity.key : NULL};
    open_txn *open = &run->txns[run->txn_count];
    eid_idset at = EID_IDSET_EMPTY;
    eid_status status = EID_OK;

    *open = (open_txn){.name = eid_get_text(step, "tx"), .db = db->name};
    open->has_at = json_is_array(json_object_get(step, "at"));
    for (size_t i = 0; open->has_at && i < json_array_size(json_object_get(step, "at")); i++) {
        const json_t *name = json_array_get(json_object_get(step, "at"), i);
        eid_id id = scenario_id(run, json_string_value(name));
        if (status == EID_OK) status = eid_idset_add(&at, &id);
    }
    if (status == EID_OK) {
        status = eid_txn_begin(run->seam, &db->root, db->has_key ? &signer : NULL,
                               open->has_at ? &at : NULL, &open->txn);
    }
    eid_idset_fini(&at);
    if (step_result(run, step, status)) run->txn_count++;
}

static void step_commit(scenario *run, const json_t *step)
{
    open_txn *open = txn_find(run, step);
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_id id;
    eid_status status = eid_txn_commit(open->txn, EID_DURABLE_ASYNC, &id);

    if (open->clone_of && eid_get_bool(step, "ok")) { /* T1 */
        (void)eid_case_error(run->suite, "second commit", "TransactionAlreadyCommitted", status);
        return;
    }
    if (!step_result(run, step, status)) return;
    label_put(run, eid_get_text(step, "entry"), &id);
    status = run->seam->entry(run->seam->self, eid_txn_root(open->txn), &id, &entry, &verdict);
    if (eid_case_ok(run->suite, "entry", status)) {
        scenario_check_stored(run, json_object_get(step, "stored"), entry, open->has_at);
    }
    eid_entry_free(entry);
}

/* -- steps inside a transaction ---------------------------------------------------------------- */

static eid_status do_strategy(scenario *run, const json_t *step)
{
    const char *value = eid_has(step, "value") ? eid_get_text(step, "value") : NULL;
    eid_height_strategy strategy =
        value && strcmp(value, "timestamp") == 0 ? EID_HEIGHT_TIMESTAMP : EID_HEIGHT_INCREMENTAL;

    if (!eid_has(step, "store")) {
        return eid_settings_store_set_strategy(txn_of(run, step), strategy);
    }
    return eid_registry_set_strategy(txn_of(run, step), eid_get_slice(step, "store"),
                                     value ? &strategy : NULL);
}

static eid_status do_key(scenario *run, const json_t *step, bool revoke)
{
    eid_auth_key record = {.status = EID_KEY_ACTIVE};
    char name[64] = "";
    eid_key key;
    eid_status status;

    key_get(run, eid_get_text(step, "key"), &key);
    if (revoke) return eid_settings_store_revoke_key(txn_of(run, step), &key.pub);
    record.pubkey = key.pub;
    record.has_name = eid_has(step, "key_name");
    if (record.has_name) (void)snprintf(name, sizeof name, "%s", eid_get_text(step, "key_name"));
    record.name = name;
    status = eid_permission_parse(eid_get_slice(step, "permission"), &record.permission);
    return status == EID_OK ? eid_settings_store_put_key(txn_of(run, step), &record) : status;
}

static eid_status do_text(scenario *run, const json_t *step, eid_txn *txn, eid_slice store,
                          const char *key)
{
    char *found = NULL;
    eid_status status = eid_docstore_text(txn, store, key, &found);

    if (status == EID_E_NOT_FOUND && !eid_has(step, "value")) return EID_OK;
    if (status == EID_OK) {
        (void)eid_case_text(run->suite, key, eid_get_text(step, "value"), eid_slice_text(found));
    }
    eid_free(found);
    return status;
}

static eid_status do_read(scenario *run, const json_t *step)
{
    const handle *db = handle_find(run, eid_get_text(step, "db"));
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(run->seam, &db->root, NULL, NULL, &txn);

    if (status == EID_OK) {
        status = do_text(run, step, txn, eid_get_slice(step, "store"), eid_get_text(step, "key"));
    }
    eid_txn_free(txn);
    return status;
}

static eid_status do_open(scenario *run, const json_t *step)
{
    const char *type = eid_has(step, "type") ? eid_get_text(step, "type") : "";
    bool is_table = strstr(type, "able") != NULL;

    return eid_txn_open_store(txn_of(run, step), eid_get_slice(step, "store"),
                              is_table ? EID_TYPE_TABLE : EID_TYPE_DOCSTORE);
}

static eid_status do_snapshot(scenario *run, const json_t *step)
{
    const handle *db = handle_find(run, eid_get_text(step, "db"));
    eid_db_info info;
    eid_status status = run->seam->info(run->seam->self, &db->root, &info);

    if (status != EID_OK) return status;
    if (json_is_array(json_object_get(step, "tips"))) {
        scenario_check_ids(run, "tips", json_object_get(step, "tips"), eid_idset_ids(&info.tips));
    } else {
        (void)eid_case_u64(run->suite, "entries", json_array_size(json_object_get(step, "order")),
                           info.counts.entries);
    }
    eid_db_info_fini(&info);
    return EID_OK;
}

static eid_status do_clone(scenario *run, const json_t *step)
{
    open_txn *from = txn_find(run, step), *open = &run->txns[run->txn_count++];

    *open = *from; /* clones share everything */
    open->name = eid_get_text(step, "as");
    open->clone_of = from->name;
    return EID_OK;
}

static eid_status step_do(scenario *run, const json_t *step, const char *op)
{
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);
    bool was_live;

    if (strcmp(op, "set") == 0) {
        return eid_docstore_set_text(txn_of(run, step), eid_get_slice(step, "store"),
                                     eid_get_text(step, "key"), eid_get_slice(step, "value"));
    }
    if (strcmp(op, "delete") == 0) {
        return eid_docstore_delete(txn_of(run, step), eid_get_slice(step, "store"),
                                   eid_get_slice(step, "key"), &was_live);
    }
    if (strcmp(op, "get") == 0) {
        return do_text(run, step, txn_of(run, step), eid_get_slice(step, "store"),
                       eid_get_text(step, "key"));
    }
    if (strcmp(op, "get_name") == 0) return do_text(run, step, txn_of(run, step), settings, "name");
    if (strcmp(op, "set_name") == 0) {
        return eid_settings_store_set_name(txn_of(run, step), eid_get_slice(step, "value"));
    }
    if (strcmp(op, "settings_set") == 0) {
        return eid_docstore_set_text(txn_of(run, step), settings, eid_get_text(step, "key"),
                                     eid_get_slice(step, "value"));
    }
    if (strcmp(op, "settings_delete") == 0) {
        return eid_docstore_delete(txn_of(run, step), settings, eid_get_slice(step, "key"),
                                   &was_live);
    }
    if (strcmp(op, "set_strategy") == 0 || strcmp(op, "set_store_strategy") == 0) {
        return do_strategy(run, step);
    }
    if (strcmp(op, "add_key") == 0) return do_key(run, step, false);
    if (strcmp(op, "revoke_key") == 0) return do_key(run, step, true);
    if (strcmp(op, "open") == 0) return do_open(run, step);
    if (strcmp(op, "read") == 0) return do_read(run, step);
    if (strcmp(op, "clone") == 0) return do_clone(run, step);
    if (strcmp(op, "snapshot") == 0 || strcmp(op, "count") == 0) return do_snapshot(run, step);
    return EID_FAIL(EID_KIND_UNSUPPORTED, "no such step: %s", op);
}

/* -- scenarios --------------------------------------------------------------------------------- */

/* What of a scenario we cannot or will not do, by rule; NULL if all can be run. */
static const char *scenario_skip(const json_t *steps)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const char *op = eid_get_text(step, "op");
        if (strcmp(op, "instance") == 0 || eid_has(step, "allow_unverified")) {
            return "handles that build on unverified entries: ours build on visible tips only";
        }
        if (strcmp(op, "verify_entry") == 0) {
            return "verify_entry: an entry that its author stores is one that verifies (T2)";
        }
        if (eid_has(step, "store")) {
            const char *store = eid_get_text(step, "store");
            if (*store == 0 || is_our_name(store)) return "names refused to new stores (T8)";
        }
        if (eid_has(step, "init")) {
            const json_t *init = json_object_get(step, "init");
            for (size_t k = 0; k < json_array_size(init); k++) {
                if (is_our_name(eid_get_text(json_array_get(init, k), "store"))) {
                    return "names refused to new stores (T8)";
                }
            }
        }
    }
    return NULL;
}

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
    } else {
        (void)step_result(run, step, step_do(run, step, op));
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
    eid_engine_close(run->engine);
}

static void scenario_case(eid_suite *suite, const json_t *test)
{
    static scenario run;
    const json_t *steps = eid_get_array(test, "steps");
    const char *skip = scenario_skip(steps);
    eid_engine_config config = {.url = "memory://", .create = true, .clock = &run.clock};

    if (skip) {
        eid_case_skip(suite, skip);
        return;
    }
    run = (scenario){.suite = suite, .keys = json_object_get(test, "keys")};
    run.time = (eid_clock_fixed){.now_ms = eid_get_u64_text(test, "clock_start_ms"), .held = 1};
    run.clock = eid_clock_of_fixed(&run.time);
    config.verify_inline = true;
    if (!eid_case_ok(suite, "open", eid_engine_open(&config, &run.engine))) return;
    run.seam = eid_engine_seam(run.engine);
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
