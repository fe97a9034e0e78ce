/* What scenarios do inside a transaction, and what they look at. */
#include "dag/alloc.h"
#include "node/db/registry.h"
#include "node/db/settings.h"
#include "node/db/table.h"
#include "tests/conformance/transactions_case.h"

static eid_txn *ops_txn(scenario *run, const json_t *step)
{
    const open_txn *found = scenario_txn(run, step);

    return found ? found->txn : NULL;
}

static eid_status do_strategy(scenario *run, const json_t *step)
{
    const char *value = eid_has(step, "value") ? eid_get_text(step, "value") : NULL;
    eid_height_strategy strategy =
        value && strcmp(value, "timestamp") == 0 ? EID_HEIGHT_TIMESTAMP : EID_HEIGHT_INCREMENTAL;

    if (!eid_has(step, "store")) {
        return eid_settings_store_set_strategy(ops_txn(run, step), strategy);
    }
    return eid_registry_set_strategy(ops_txn(run, step), eid_get_slice(step, "store"),
                                     value ? &strategy : NULL);
}

static eid_status do_key(scenario *run, const json_t *step, bool revoke)
{
    eid_auth_key record = {.status = EID_KEY_ACTIVE};
    char name[64] = "";
    eid_key key;
    eid_status status;

    scenario_key(run, eid_get_text(step, "key"), &key);
    if (revoke) return eid_settings_store_revoke_key(ops_txn(run, step), &key.pub);
    record.pubkey = key.pub;
    record.has_name = eid_has(step, "key_name");
    if (record.has_name) (void)snprintf(name, sizeof name, "%s", eid_get_text(step, "key_name"));
    record.name = name;
    status = eid_permission_parse(eid_get_slice(step, "permission"), &record.permission);
    return status == EID_OK ? eid_settings_store_put_key(ops_txn(run, step), &record) : status;
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
    const handle *db = scenario_handle(run, eid_get_text(step, "db"));
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(db->at->seam, &db->root, NULL, NULL, &txn);

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

    return eid_txn_open_store(ops_txn(run, step), eid_get_slice(step, "store"),
                              is_table ? EID_TYPE_TABLE : EID_TYPE_DOCSTORE);
}

/* Above a gap of the graph the reference leaves what it should show Unverified for ever (spec 02
 * §9.6 row 1); then what is decided is computed. */
static eid_status do_snapshot(scenario *run, const json_t *step)
{
    const handle *db = scenario_handle(run, eid_get_text(step, "db"));
    const eid_seam *seam = db->at->seam;
    eid_idset tips, decided = EID_IDSET_EMPTY;
    eid_status status = seam->tips(seam->self, &db->root, db->is_loose, &tips);

    if (status != EID_OK) return status;
    if (db->at->stranded) {
        model_tips(run, db->at, db->is_loose, &decided);
        scenario_check_set(run, "tips", &decided, eid_idset_ids(&tips));
    } else {
        scenario_check_ids(run, "tips", eid_get_array(step, "tips"), eid_idset_ids(&tips));
    }
    eid_idset_fini(&decided);
    eid_idset_fini(&tips);
    return EID_OK;
}

/* Entries in (height, id) order; ids are random here, so only the number is compared. */
static eid_status do_count(scenario *run, const json_t *step)
{
    const handle *db = scenario_handle(run, eid_get_text(step, "db"));
    eid_db_info info;
    eid_status status = db->at->seam->info(db->at->seam->self, &db->root, &info);

    if (status != EID_OK) return status;
    (void)eid_case_u64(run->suite, "entries", json_array_size(eid_get_array(step, "order")),
                       info.counts.entries);
    eid_db_info_fini(&info);
    return EID_OK;
}

/* We judge when entries arrive and the reference when it is asked, so what is compared is how
 * things stand after it. */
static eid_status do_verify(scenario *run, const json_t *step)
{
    const handle *db = scenario_handle(run, eid_get_text(step, "db"));
    uint64_t complete, gaps;
    eid_db_info info;
    eid_status status = db->at->seam->info(db->at->seam->self, &db->root, &info);

    if (status != EID_OK) return status;
    model_count(run, db->at, &complete, &gaps);
    if (!db->at->stranded) {
        (void)eid_case_u64(run->suite, "model", eid_get_u64_text(step, "still_unverified"), gaps);
    }
    (void)eid_case_u64(run->suite, "verified", complete, info.counts.verified);
    (void)eid_case_u64(run->suite, "still unverified", gaps, info.counts.unverified);
    (void)eid_case_u64(run->suite, "failed", eid_get_u64_text(step, "failed"), info.counts.failed);
    eid_db_info_fini(&info);
    return EID_OK;
}

/* T2: what an anchored transaction has stored verifies, since it pins what it was judged by. */
static eid_status do_verify_entry(scenario *run, const json_t *step)
{
    const handle *db = scenario_handle(run, eid_get_text(step, "db"));
    eid_id id = scenario_id(run, eid_get_text(step, "entry"));
    bool wanted = eid_get_bool(step, "valid");
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_status status = db->at->seam->entry(db->at->seam->self, &db->root, &id, &entry, &verdict);

    for (size_t i = 0; i < run->label_count; i++) {
        if (eid_id_equal(&run->labels[i].id, &id) && run->labels[i].anchored) wanted = true;
    }
    if (status == EID_OK) {
        (void)eid_case_bool(run->suite, "valid", wanted, verdict == EID_VERIFIED);
    }
    eid_entry_free(entry);
    return status;
}

static eid_status do_clone(scenario *run, const json_t *step)
{
    open_txn *from = scenario_txn(run, step), *open = &run->txns[run->txn_count++];

    *open = *from; /* clones share everything */
    open->name = eid_get_text(step, "as");
    open->clone_of = from->name;
    return EID_OK;
}

eid_status scenario_do(scenario *run, const json_t *step, const char *op)
{
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);
    bool was_live;

    if (strcmp(op, "set") == 0) {
        return eid_docstore_set_text(ops_txn(run, step), eid_get_slice(step, "store"),
                                     eid_get_text(step, "key"), eid_get_slice(step, "value"));
    }
    if (strcmp(op, "delete") == 0) {
        return eid_docstore_delete(ops_txn(run, step), eid_get_slice(step, "store"),
                                   eid_get_slice(step, "key"), &was_live);
    }
    if (strcmp(op, "get") == 0) {
        return do_text(run, step, ops_txn(run, step), eid_get_slice(step, "store"),
                       eid_get_text(step, "key"));
    }
    if (strcmp(op, "get_name") == 0)
        return do_text(run, step, ops_txn(run, step), settings, "name");
    if (strcmp(op, "set_name") == 0) {
        return eid_settings_store_set_name(ops_txn(run, step), eid_get_slice(step, "value"));
    }
    if (strcmp(op, "settings_set") == 0) {
        return eid_docstore_set_text(ops_txn(run, step), settings, eid_get_text(step, "key"),
                                     eid_get_slice(step, "value"));
    }
    if (strcmp(op, "settings_delete") == 0) {
        return eid_docstore_delete(ops_txn(run, step), settings, eid_get_slice(step, "key"),
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
    if (strcmp(op, "snapshot") == 0) return do_snapshot(run, step);
    if (strcmp(op, "count") == 0) return do_count(run, step);
    if (strcmp(op, "verify") == 0) return do_verify(run, step);
    if (strcmp(op, "verify_entry") == 0) return do_verify_entry(run, step);
    return EID_FAIL(EID_KIND_UNSUPPORTED, "no such step: %s", op);
}
