/* Changing a database's rule changes verdicts that were given under the other one (spec 05 §7.5).
 * The laxer rule can only help what Failed; the stricter one can only harm what is Verified, and
 * what is withdrawn has left its mark in the state, which is a join and has no way back: then the
 * state is made again from what stays. Seldom, explicit, and one batch: it is done whole or not at
 * all. */
#include "node/db/write.h"

#include "dag/log.h"
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
    eid_status status = eid_index_entry(at, id, &entry);

    if (status != EID_OK) return status;
    status = eid_verify_explain(at, entry, true, &verdict, &reason);
    eid_entry_free(entry);
    *is_withdrawn = status == EID_OK && verdict != EID_VERIFIED;
    if (!*is_withdrawn) return status;
    eid_log_warn("strict.withdraw", "entry=%s reason=%s", eid_id_str(id), reason ? reason : "");
    write->waiting++;
    return eid_index_set_verdict(write->batch, id, EID_UNVERIFIED);
}

/* Make the state of all stores again from the Verified entries. */
static eid_status strict_rebuild(eid__write *write, const eid_at *at)
{
    eid_order verified = EID_ORDER_EMPTY;
    uint32_t database;
    uint8_t prefix[4];
    eid_status status = eid_index_database(at, &write->tree->root, &database);

    if (status != EID_OK) return status;
    eid_put_u32(prefix, database);
    status = eid_batch_delete_prefix(write->batch, EID_FAMILY_STATE,
                                     eid_slice_of(prefix, sizeof(prefix)));
    if (status == EID_OK) status = strict_list(at, &write->tree->root, EID_VERIFIED, &verified);
    for (size_t i = 0; i < verified.count && status == EID_OK; i++) {
        eid_entry *entry = NULL;

        status = eid_index_entry(at, &verified.at[i].id, &entry);
        if (status != EID_OK) break;
        status = eid__state_apply_entry(write->batch, database, entry, &write->marks_opaque);
        eid_entry_free(entry);
    }
    eid_order_fini(&verified);
    return status;
}

/* To the stricter rule. */
static eid_status strict_tighten(eid__write *write, const eid_at *at)
{
    eid_order verified = EID_ORDER_EMPTY;
    bool is_withdrawn, is_any = false;
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

    if (write->tree->is_strict == strict) return EID_OK;
    eid__dbtree_forget_policies(write->tree);
    write->tree->is_strict = strict;
    write->must_pass = true;
    write->must_clear = true;
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
