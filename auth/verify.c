/* One pass over everything Unverified. The list says what is to be decided; a depth-first walk from
 * each entry first decides what it depends on (parents, pinned settings and their closure), so that
 * one pass is a fixpoint and each entry is read about once. The reference walks from the tips and
 * stops at decided entries, which strands what lies behind them (spec 05 §7.3); the list does not.
 *
 * The walk ends: an entry is put off only for entries that were not yet looked at, and it counts as
 * looked at from then on. */
#include "auth/verify.h"

#include "auth/rule.h"
#include "auth/verify_parts.h"
#include "dag/alloc.h"

#define VERIFY_CACHE_POLICIES 16u /* when the caller brings none */

typedef struct verify_pass {
    eid_batch *batch;
    eid__verifier verifier;
    eid__worklist work;
    const eid_verify_options *options;
    size_t *stack; /* places in `work`; the top one is looked at */
    size_t count, cap;
    eid_verify_report report;
} verify_pass;

static eid_status pass_push(verify_pass *pass, size_t place)
{
    if (pass->count == pass->cap) {
        size_t cap = pass->cap == 0 ? 64 : pass->cap * 2;
        size_t *stack = eid_realloc(pass->stack, cap * sizeof *stack);

        if (!stack) return EID_FAIL(EID_KIND_NO_MEMORY, "a walk over unverified entries");
        pass->stack = stack;
        pass->cap = cap;
    }
    pass->stack[pass->count++] = place;
    return EID_OK;
}

static eid_status pass_decide(verify_pass *pass, size_t place, const eid_entry *entry,
                              eid_verdict verdict, const char *reason)
{
    const eid_verify_options *options = pass->options;
    eid_status status;

    switch (verdict) {
    case EID_VERIFIED:
        pass->work.states[place] = EID__WORK_VERIFIED;
        pass->report.verified++;
        break;
    case EID_FAILED:
        pass->work.states[place] = EID__WORK_FAILED;
        pass->report.failed++;
        break;
    case EID_UNVERIFIED:
        pass->work.states[place] = EID__WORK_UNDECIDED;
        pass->report.still_unverified++;
        if (!pass->verifier.has_awaited || !options->awaits) return EID_OK;
        return options->awaits(options->self, &pass->verifier.awaited);
    }
    status = eid_index_set_verdict(pass->batch, eid_entry_id(entry), verdict);
    if (status != EID_OK || !options->changed) return status;
    return options->changed(options->self, entry, verdict, reason);
}

/* Look at the entry on top of the stack: decide it, or put what it waits for above it. */
static eid_status pass_step(verify_pass *pass)
{
    eid__verifier *verifier = &pass->verifier;
    size_t place = pass->stack[pass->count - 1];
    eid_entry *entry = NULL;
    eid_verdict verdict;
    const char *reason;
    bool waits;
    eid_status status;

    if (pass->work.states[place] > EID__WORK_OPEN) { /* was put on the stack twice */
        pass->count--;
        return EID_OK;
    }
    pass->work.states[place] = EID__WORK_OPEN;
    status = eid__verifier_entry(&verifier->at, &pass->work.order.at[place].id, &entry);
    if (status != EID_OK) goto done;
    status = eid__assess(verifier, entry, &waits, &verdict, &reason);
    if (status != EID_OK) goto done;
    if (!waits) {
        pass->count--;
        status = pass_decide(pass, place, entry, verdict, reason);
        goto done;
    }
    for (size_t i = 0; status == EID_OK && i < verifier->wanted_count; i++) {
        status = pass_push(pass, verifier->wanted[i]);
    }

done:
    eid_entry_free(entry);
    return status;
}

static eid_status pass_run(verify_pass *pass)
{
    eid_status status = EID_OK;

    for (size_t i = 0; status == EID_OK && i < pass->work.order.count; i++) {
        status = pass_push(pass, i);
        while (status == EID_OK && pass->count > 0) status = pass_step(pass);
    }
    return status;
}

static eid_status pass_begin(verify_pass *pass, const eid_id *root, eid_policy_cache *cache)
{
    const eid_verify_options *options = pass->options;
    eid_at at = {.kv = eid_batch_kv(pass->batch), .batch = pass->batch};
    eid_status status = eid__worklist_init(&pass->work, &at, root);

    if (status != EID_OK || pass->work.order.count == 0) return status;
    status = eid__verifier_init(&pass->verifier, &at, root, options->strict, cache);
    pass->verifier.work = &pass->work;
    pass->verifier.signature = options->signature;
    pass->verifier.self = options->self;
    return status;
}

eid_status eid_verify_tree(eid_batch *batch, const eid_id *root, const eid_verify_options *options,
                           eid_verify_report *out)
{
    verify_pass pass = {.batch = batch, .options = options};
    eid_policy_cache *own_cache = NULL;
    eid_status status = EID_OK;

    if (!options->cache) status = eid_policy_cache_new(VERIFY_CACHE_POLICIES, &own_cache);
    if (status == EID_OK) {
        status = pass_begin(&pass, root, options->cache ? options->cache : own_cache);
    }
    if (status == EID_OK) status = pass_run(&pass);
    *out = pass.report;
    eid_free(pass.stack);
    eid__verifier_fini(&pass.verifier);
    eid__worklist_fini(&pass.work);
    eid_policy_cache_free(own_cache);
    return status;
}

eid_status eid_verify_explain(const eid_at *at, const eid_entry *entry, bool strict,
                              eid_verdict *verdict, const char **reason)
{
    eid__verifier verifier = {.last_tips = EID_IDSET_EMPTY};
    eid_policy_cache *cache = NULL;
    bool waits;
    eid_status status;

    *verdict = EID_UNVERIFIED;
    *reason = EID_WHY(NOTHING_HELD);
    status = eid_policy_cache_new(VERIFY_CACHE_POLICIES, &cache);
    if (status == EID_OK) {
        status = eid__verifier_init(&verifier, at, eid_entry_tree(entry), strict, cache);
    }
    if (status == EID_OK) {
        status = eid__assess(&verifier, entry, &waits, verdict, reason);
    } else if (status == EID_E_NOT_FOUND) {
        status = EID_OK;
    }
    eid__verifier_fini(&verifier);
    eid_policy_cache_free(cache);
    return status;
}
