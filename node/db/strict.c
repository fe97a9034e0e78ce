/* Changing a database's rule changes verdicts that were given under the other one (spec 05 §7.5).
 * The laxer rule can only help what Failed; the stricter one can only harm what is Verified, and
 * what is withdrawn has left its mark in the state, which is a join and has no way back: then the
 * state is made again from what stays. Seldom, explicit, and one batch: it is done whole or not at
 * all. */
#include "node/db/repair.h"

#include "dag/log.h"
#include "node/db/conflict_notes.h"
#include "node/db/revoke.h"
#include "node/db/state_rows.h"

/* Entries with a verdict, in tree order. */
static eid_status strict_list(const eid_at *at, const eid_id *root, eid_verdict wanted,
                              eid_order *out)
{
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    eid_status status = eid_index_scan_new(at, root, &scan);

    if (status != EID_OK) return status;
    for (;;) {
        status = eid_index_scan_next(scan, &item, &verdict);
        if (status == EID_OK && verdict == wanted) {
            status = eid_order_push(out, item.height, &item.id);
        }
        if (status != EID_OK) break;
    }
    eid_index_scan_free(scan);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

/* To the laxer rule: what Failed is to be judged again. */
static eid_status strict_relax(eid__write *write, const eid_at *at)
{
    eid_order failed = EID_ORDER_EMPTY;
    eid_status status = strict_list(at, &write->tree->root, EID_FAILED, &failed);

    for (size_t i = 0; i < failed.count && status == EID_OK; i++) {
        status = eid_index_set_verdict(write->batch, &failed.at[i].id, EID_UNVERIFIED);
        write->waiting++;
    }
    eid_order_fini(&failed);
    return status;
}

/* Judge a Verified entry by the stricter rule; parents were looked at before. */
static eid_status strict_withdraw(eid__write *write, const eid_at *at, const eid_id *id,
                                  bool *is_withdrawn)
{
    eid_entry *entry = NULL;
    eid_verdict verdict;
    const char *reason;
    bool is_repair = false;
    eid_index_info info;
    eid_status status = eid_index_entry(at, id, &entry);

    if (status != EID_OK) return status;
    status = eid_verify_explain(at, entry, true, &verdict, &reason);
    eid_entry_free(entry);
    if (status == EID_OK && verdict != EID_VERIFIED) {
        status = eid__repair_has(at->kv, &write->tree->root, id, &is_repair);
    }
    *is_withdrawn = status == EID_OK && verdict != EID_VERIFIED && !is_repair;
    if (!*is_withdrawn) return status;
    eid_log_warn("strict.withdraw", "entry=%s reason=%s", eid_id_str(id), reason ? reason : "");
    write->waiting++;
    status = eid_index_set_verdict(write->batch, id, EID_UNVERIFIED);
    if (status == EID_OK) status = eid_index_find(at, id, &info);
    return status == EID_OK ? eid_index_set_void(write->batch, info.database, id, false) : status;
}

typedef struct strict_drop {
    eid_batch *batch;
    uint32_t database;
} strict_drop;

static eid_status strict_drop_store(void *self, eid_slice name)
{
    const strict_drop *drop = self;
    const eid_at at = {.kv = eid_batch_kv(drop->batch), .batch = drop->batch};
    uint32_t store;
    eid_status status = eid_index_store_number_find(&at, drop->database, name, &store);

    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    return eid__state_drop(drop->batch, drop->database, store);
}

/* Make the state of all stores again from the Verified entries. */
static eid_status strict_rebuild(eid__write *write, const eid_at *at)
{
    eid_order verified = EID_ORDER_EMPTY;
    strict_drop drop = {.batch = write->batch};
    eid__replay replay = {0};
    eid_status status = eid_index_database(at, &write->tree->root, &drop.database);

    if (status == EID_OK) {
        status = eid_index_stores(at, &write->tree->root, strict_drop_store, &drop);
    }
    if (status == EID_OK) status = strict_list(at, &write->tree->root, EID_VERIFIED, &verified);
    for (size_t i = 0; i < verified.count && status == EID_OK; i++) {
        eid_entry *entry = NULL;
        bool is_void;

        status = eid_index_is_void(at, drop.database, &verified.at[i].id, &is_void);
        if (status != EID_OK || is_void) continue;
        status = eid_index_entry(at, &verified.at[i].id, &entry);
        if (status != EID_OK) break;
        status = eid__state_replay_entry(write->batch, drop.database, entry, &replay,
                                         &write->marks_opaque);
        eid_entry_free(entry);
    }
    eid_order_fini(&verified);
    eid__replay_fini(&replay);
    return status;
}

/* To the stricter rule. */
static eid_status strict_tighten(eid__write *write, const eid_at *at)
{
    eid_order verified = EID_ORDER_EMPTY;
    bool is_withdrawn = false, is_any = false;
    eid_status status = strict_list(at, &write->tree->root, EID_VERIFIED, &verified);

    for (size_t i = 0; i < verified.count && status == EID_OK; i++) {
        status = strict_withdraw(write, at, &verified.at[i].id, &is_withdrawn);
        is_any = is_any || is_withdrawn;
    }
    eid_order_fini(&verified);
    if (status == EID_OK && is_any) status = strict_rebuild(write, at);
    return status;
}

static eid_status strict_change(eid__write *write, bool strict)
{
    const eid_at at = {.kv = write->engine->kv, .batch = write->batch};
    eid_status status;

    status = eid__revoke_need(write);
    if (status != EID_OK) return status;
    if (!strict && write->tree->is_enforced) {
        return EID_FAIL(EID_KIND_ARGUMENT,
                        "database %s enforces revocations, which needs strict pins",
                        eid_id_str(&write->tree->root));
    }
    if (write->tree->is_strict == strict) return EID_OK;
    eid__dbtree_forget_policies(write->tree);
    write->tree->is_strict = strict;
    write->must_pass = true;
    write->must_clear = true;
    eid__revoke_again(write);
    status = eid__option_set(write->batch, &write->tree->root, EID__OPTION_STRICT, strict);
    if (status != EID_OK) return status;
    return strict ? strict_tighten(write, &at) : strict_relax(write, &at);
}

eid_status eid__strict_set(eid_engine *engine, const eid_id *root, bool strict)
{
    eid__dbtree *tree;
    eid__write write;
    eid_status status = eid__dbtree_ref(engine->trees, root, &tree);

    if (status != EID_OK) return status;
    status = eid__write_begin(engine, tree, &write);
    if (status == EID_OK) status = strict_change(&write, strict);
    if (status == EID_OK) status = eid__write_commit(&write, EID_DURABLE_SYNC);
    if (status != EID_OK) tree->has_strict = false; /* read it again: nothing was written */
    eid__write_end(&write);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}
