/* Writes through the seam. A refused entry of ours is dropped with its batch, so it leaves no trace
 * and can be tried again; a received one is kept as Failed, so that it is not asked for again. */
#include "auth/rule.h"
#include "dag/alloc.h"
#include "node/db/local.h"
#include "node/db/repair.h"
#include "node/db/revoke.h"

/* The entry is held already: its verdict is the answer. */
static eid_status submit_known(const eid__write *write, const eid_entry *entry,
                               eid_verdict *verdict)
{
    const eid_at at = {.kv = write->engine->kv};
    eid_index_info info;
    eid_status status = eid_index_find(&at, eid_entry_id(entry), &info);

    if (status != EID_OK) return status;
    *verdict = info.verdict;
    if (info.verdict != EID_FAILED) return EID_OK;
    return EID_FAIL(EID_KIND_TXN_REFUSED, "entry %s was judged invalid before",
                    eid_id_str(eid_entry_id(entry)));
}

typedef struct submit_request {
    const eid_entry *entry;
    const bool *is_good; /* what is known of its signature; NULL = nothing */
    eid_durability durability;
    bool may_repair;
} submit_request;

/* An entry of ours that nobody would apply is not made at all. */
static eid_status submit_refuse_void(const eid_revocation_answer *answer)
{
    if (answer->by.len > 0) {
        return EID_FAIL(EID_KIND_TXN_REFUSED,
                        "its key was revoked by entry %s: an admin may grant it again",
                        eid_id_str(&answer->by));
    }
    return EID_FAIL(EID_KIND_TXN_REFUSED,
                    "what let its key in has been voided by a revocation: an admin may grant it "
                    "again");
}

/* Nor one that waits for entries of another database, which is where its own key should be. */
static eid_status submit_refuse_waiting(const eid__write *write, const eid_entry *entry)
{
    const eid_at at = {.kv = write->engine->kv, .batch = write->batch};
    const char *reason = NULL;
    eid_verdict verdict;
    eid_status status;

    if (!eid_entry_sigkey(entry)->is_delegation) return EID_OK;
    status = eid_verify_explain(&at, entry, write->tree->is_strict, &verdict, &reason);
    if (status != EID_OK || eid_rule_find(reason) != EID_RULE_PATH_WAITS) return status;
    return EID_FAIL(EID_KIND_TXN_REFUSED, "its key cannot be judged here: %s", reason);
}

static eid_status submit_put(eid__write *write, const submit_request *request, eid_verdict *verdict)
{
    bool is_new;
    eid_status status;

    write->asked = eid_entry_id(request->entry);
    write->asked_verdict = EID_UNVERIFIED;
    status = eid__write_put(write, request->entry, request->is_good, &is_new);
    if (status == EID_OK && !is_new) return submit_known(write, request->entry, verdict);
    if (status == EID_OK) status = eid__write_pass(write);
    if (status == EID_OK && request->may_repair && write->asked_verdict == EID_FAILED) {
        status = eid__repair_try(write, request->entry);
    }
    if (status != EID_OK) return status;
    status = eid__revoke_settle(write);
    if (status != EID_OK) return status;
    *verdict = write->asked_verdict;
    if (write->asked_void.is_void) return submit_refuse_void(&write->asked_void);
    if (write->asked_verdict == EID_UNVERIFIED) return submit_refuse_waiting(write, request->entry);
    if (write->asked_verdict != EID_FAILED) return EID_OK;
    return EID_FAIL(EID_KIND_TXN_REFUSED, "the entry is not valid here: %s",
                    write->asked_reason != NULL ? write->asked_reason : "no reason given");
}

static eid_status submit(eid_engine *engine, const submit_request *request, eid_verdict *verdict)
{
    eid__dbtree *tree;
    eid__write write;
    eid_status status = eid__dbtree_ref(engine->trees, eid_entry_tree(request->entry), &tree);

    if (status != EID_OK) return status;
    status = eid__write_begin(engine, tree, &write);
    if (status == EID_OK) status = submit_put(&write, request, verdict);
    if (status == EID_OK) status = eid__write_commit(&write, request->durability);
    eid__write_end(&write);
    eid__dbtree_unref(engine->trees, tree);
    return status;
}

static eid_status submit_check_root(const eid_id *root, const eid_entry *entry)
{
    eid_status status = eid_entry_validate(entry);

    if (status != EID_OK || eid_id_equal(root, eid_entry_tree(entry))) return status;
    return EID_FAIL(EID_KIND_NOT_IN_DATABASE, "entry %s does not belong to database %s",
                    eid_id_str(eid_entry_id(entry)), eid_id_str(root));
}

eid_status eid__local_submit(void *self, const eid_id *root, const eid_entry *entry,
                             eid_durability durability, eid_verdict *verdict)
{
    eid_status status = submit_check_root(root, entry);

    if (status != EID_OK) return status;
    return submit(self, &(submit_request){entry, NULL, durability, false}, verdict);
}

eid_status eid__local_repair(void *self, const eid_id *root, const eid_entry *entry,
                             eid_durability durability, eid_verdict *verdict)
{
    eid_status status = submit_check_root(root, entry);

    if (status != EID_OK) return status;
    return submit(self, &(submit_request){entry, NULL, durability, true}, verdict);
}

eid_status eid__local_submit_own(void *self, const eid_id *root, const eid_entry *entry,
                                 eid_durability durability, eid_verdict *verdict)
{
    static const bool is_good = true;
    eid_status status = submit_check_root(root, entry);

    if (status != EID_OK) return status;
    return submit(self, &(submit_request){entry, &is_good, durability, false}, verdict);
}

eid_status eid__local_ingest(void *self, const eid_slice *entries, size_t count, uint64_t *stored,
                             uint64_t *visible)
{
    eid_ingest_report report;
    eid_status status = eid_engine_ingest(self, entries, count, NULL, EID_DURABLE_SYNC, &report);

    *stored = report.stored;
    *visible = report.verified;
    eid_idset_fini(&report.missing);
    return status;
}

/* -- subscriptions ----------------------------------------------------------------------------- */

eid_status eid__local_subscribe(void *self, const eid_id *root, const eid_idset *since,
                                eid_write_fn fn, void *arg, uint64_t *subscription)
{
    eid_engine *engine = self;
    const eid_at at = {.kv = engine->kv};
    eid_idset tips = EID_IDSET_EMPTY;
    eid__watch_request request = {root, &tips, since, fn, arg};
    eid__dbtree *tree;
    eid_status status = eid__dbtree_ref(engine->trees, root, &tree);

    if (status != EID_OK) return status;
    pthread_mutex_lock(&tree->write); /* so that no write falls between the tips and the cursor */
    status = eid_index_tips(&at, root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, &tips);
    if (status == EID_OK) status = eid__watch_add(engine->watch, &request, subscription);
    pthread_mutex_unlock(&tree->write);
    eid__dbtree_unref(engine->trees, tree);
    eid_idset_fini(&tips);
    if (status == EID_OK) eid__watch_deliver(engine->watch);
    return status;
}

void eid__local_unsubscribe(void *self, uint64_t subscription)
{
    eid_engine *engine = self;

    eid__watch_remove(engine->watch, subscription);
}
