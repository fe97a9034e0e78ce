/* Commit follows the order of spec 04 §6, with one difference that the specification asks for: pin
 * and store parents come from the tips that the transaction builds on, so the author judges by the
 * very settings that every verifier will read from the entry. Nothing of the transaction is changed
 * before the entry is stored; a refused commit can be repeated. */
#include "auth/judge.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/builder.h"
#include "node/db/prune.h"
#include "node/db/registry.h"
#include "node/db/txn_internal.h"

#define COMMIT_PAYLOAD_MAX (64u * 1024u * 1024u) /* what is encoded at all before it is refused */

typedef struct commit {
    eid_txn *txn;
    bool repairs;         /* the database has no rights, and the entry brings some */
    const eid_doc *judge; /* settings that the entry is judged by; borrowed */
    eid_doc *settings;    /* those with what is staged on top; NULL = nothing is */
    eid_policy *policy;
    eid_slice *names; /* of the stores that go into the entry; borrowed from the transaction */
    size_t count;
    eid_builder *builder;
    eid_entry *entry;
} commit;

static void commit_fini(commit *work)
{
    eid_doc_free(work->settings);
    eid_policy_free(work->policy);
    eid_free(work->names);
    eid_builder_free(work->builder);
    eid_entry_free(work->entry);
}

static const eid_value *commit_auth(const eid_doc *settings)
{
    return eid_doc_child(settings, eid_slice_text("auth"));
}

static bool commit_has_auth(const eid_doc *settings)
{
    const eid_value *auth = commit_auth(settings);

    return auth && auth->type == EID_VALUE_DOC && eid_doc_live(auth->doc) > 0;
}

static eid_status commit_check_auth(const eid_doc *settings)
{
    const eid_value *auth = commit_auth(settings);

    if (!auth || auth->type == EID_VALUE_DOC) return EID_OK;
    return EID_FAIL(EID_KIND_TXN_AUTH_CORRUPT, "`auth` of the settings would be %s, not a document",
                    eid_value_type_name(auth->type));
}

/* Steps 1 to 4: which settings judge, and are they whole with the change? */
static eid_status commit_settings(commit *work)
{
    eid_txn *txn = work->txn;
    const eid_doc *base = txn->context.settings;
    const eid_doc *staged = eid_txn_peek_staged(txn, eid_slice_text(EID_STORE_SETTINGS));
    eid_status status;

    work->judge = base;
    if (staged && !commit_has_auth(base) && commit_has_auth(staged)) {
        work->judge = staged;
        work->repairs = !txn->is_genesis;
    }
    if (!staged) return EID_OK;
    status = eid_doc_copy(work->judge, &work->settings);
    if (status != EID_OK) return status;
    if (work->judge == base) status = eid_doc_merge(work->settings, staged);
    if (status != EID_OK) return status;
    return commit_check_auth(work->settings);
}

/* Step 5: a store whose index row changes belongs to the entry. */
static eid_status commit_touch_indexed(eid_txn *txn, const eid_doc *index)
{
    for (size_t i = 0; index && i < eid_doc_total(index); i++) {
        eid_slice name;
        const eid_value *row = eid_doc_at(index, i, &name);
        eid__txn_store *store;
        eid_status status;
        if (row->type == EID_VALUE_DELETED) continue;
        status = eid__txn_touch(txn, name, &store);
        if (status != EID_OK) return status;
        store->is_open = true;
    }
    return EID_OK;
}

/* Step 6: nodes without data stay only if the entry's own index names them. */
static bool commit_keeps(const eid__txn_store *store, const eid_doc *index)
{
    if (eid__txn_has_payload(store)) return true;
    return store->is_open && eid_prune_keeps(eid_slice_of(store->name, store->name_len), false,
                                             EID_SLICE_EMPTY, index);
}

static eid_status commit_select(commit *work)
{
    eid_txn *txn = work->txn;
    const eid_doc *index = eid_txn_peek_staged(txn, eid_slice_text(EID_STORE_INDEX));
    eid_status status = commit_touch_indexed(txn, index);

    if (status != EID_OK) return status;
    work->names = eid_alloc_array(txn->store_count + 1, sizeof *work->names);
    if (!work->names) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for the stores of an entry");
    for (size_t i = 0; i < txn->store_count; i++) {
        const eid__txn_store *store = &txn->stores[i];
        if (!commit_keeps(store, index)) continue;
        if (store->name_len == 0) {
            return EID_FAIL(EID_KIND_ENTRY_STRUCTURE, "a store of the entry has an empty name");
        }
        work->names[work->count++] = eid_slice_of(store->name, store->name_len);
    }
    return EID_OK;
}

static uint64_t commit_height(const commit *work, eid_height_strategy strategy, bool has_parents,
                              uint64_t parent_max)
{
    const eid_clock *clock = work->txn->seam->clock;
    uint64_t now = strategy == EID_HEIGHT_TIMESTAMP ? clock->wall_ms(clock->self) : 0;

    return eid_height_next(strategy, has_parents, parent_max, now);
}

/* Step 13: a height of its own for a store with an override. */
static eid_status commit_store_height(commit *work, eid_slice name, const eid__txn_store *store)
{
    eid_registry_row row;
    uint64_t height;
    eid_status status;

    if (name.len > 0 && name.at[0] == '_') return EID_OK;
    status = eid_registry_find(work->txn, name, &row);
    if (status == EID_E_NOT_FOUND || status == EID_E_MALFORMED) return EID_OK;
    if (status != EID_OK) return status;
    if (row.has_strategy) {
        height = commit_height(work, row.strategy, store->parents.count > 0, store->height_max);
        status = eid_builder_set_store_height(work->builder, name, &height);
    }
    eid_registry_row_fini(&row);
    return status;
}

static eid_status commit_add_payload(commit *work, eid_slice name)
{
    const eid__txn_store *store = eid__txn_find(work->txn, name);
    eid_buf payload;
    eid_status status;

    if (!eid__txn_has_payload(store)) return eid_builder_touch(work->builder, name);
    eid_buf_init(&payload, COMMIT_PAYLOAD_MAX);
    status = eid__txn_write_payload(store, &payload);
    if (payload.len > EID_ENTRY_BYTES_MAX) {
        status =
            EID_FAIL(EID_KIND_ENTRY_TOO_BIG, "the change to store %.*s is larger than %u bytes",
                     EID_SLICE_ARG(name), EID_ENTRY_BYTES_MAX);
    }
    if (status == EID_OK) {
        status = eid_builder_set_data(work->builder, name, eid_buf_slice(&payload));
    }
    eid_buf_fini(&payload);
    return status;
}

static eid_status commit_add_store(commit *work, eid_slice name)
{
    const eid__txn_store *store = eid__txn_find(work->txn, name);
    const eid_idset *parents = eid_slice_is(name, EID_STORE_SETTINGS)
                                   ? &work->txn->context.settings_tips
                                   : &store->parents;
    eid_status status = commit_add_payload(work, name);

    if (status != EID_OK) return status;
    status = eid_builder_set_store_parents(work->builder, name, eid_idset_ids(parents));
    if (status != EID_OK) return status;
    return commit_store_height(work, name, store);
}

/* Steps 7 and 8. */
static eid_status commit_add_metadata(commit *work)
{
    eid_txn *txn = work->txn;
    eid_buf metadata;
    eid_status status;

    eid_buf_init(&metadata, EID_ENTRY_BYTES_MAX);
    eid_pin_write(eid_idset_ids(&txn->context.settings_tips),
                  txn->is_genesis ? &txn->entropy : NULL, &metadata);
    status = eid_buf_status(&metadata);
    if (status == EID_OK)
        status = eid_builder_set_metadata(work->builder, eid_buf_slice(&metadata));
    eid_buf_fini(&metadata);
    return status;
}

/* Steps 10 to 15. */
static eid_status commit_build(commit *work)
{
    eid_txn *txn = work->txn;
    const eid_idset *parents = &txn->context.parents;
    eid_status status = eid_builder_new(txn->is_genesis ? NULL : &txn->root, &work->builder);

    if (status != EID_OK) return status;
    status = eid_builder_set_parents(work->builder, eid_idset_ids(parents));
    if (status != EID_OK) return status;
    status = commit_add_metadata(work);
    if (status != EID_OK) return status;
    status = eid_builder_set_sigkey(work->builder, &txn->identity.key);
    if (status != EID_OK) return status;
    if (txn->is_genesis) {
        status = eid_builder_set_data(work->builder, eid_slice_text(EID_STORE_ROOT),
                                      eid_slice_text("\"\""));
        if (status != EID_OK) return status;
    }
    eid_builder_set_height(
        work->builder,
        commit_height(work, eid_settings_strategy_of(work->settings ? work->settings : work->judge),
                      parents->count > 0, txn->context.height_max));
    for (size_t i = 0; i < work->count; i++) {
        status = commit_add_store(work, work->names[i]);
        if (status != EID_OK) return status;
    }
    return eid_builder_seal(work->builder, eid_key_sign_fn, &txn->key, &work->entry);
}

/* Steps 16 and 17. Our own signature with the hinted key is known to be good. */
static eid_status commit_judge(commit *work)
{
    const eid_txn *txn = work->txn;
    const eid_hint *hint = &txn->identity.key.hint;
    const eid_value *auth = commit_auth(work->judge);
    const char *reason = NULL;
    const bool signed_by_us = true;
    bool is_own_hint;
    eid_judgement judgement;
    eid_status status = commit_check_auth(work->judge);

    if (status != EID_OK) return status;
    status = eid_policy_new(auth ? auth->doc : NULL, &work->policy);
    if (status != EID_OK) return status;
    is_own_hint = !txn->identity.key.is_delegation && hint->has_pubkey &&
                  memcmp(hint->pubkey, txn->key.pub.bytes, EID_KEY_BYTES) == 0;
    status = eid_judge_entry(work->policy, work->entry, is_own_hint ? &signed_by_us : NULL,
                             &judgement, &reason);
    if (status != EID_OK) return status;
    if (judgement != EID_JUDGED_INVALID) return EID_OK; /* who holds the data decides the rest */
    return EID_FAIL(EID_KIND_TXN_REFUSED, "this key may not make the change: %s",
                    reason ? reason : "no permission");
}

static eid_status commit_prepare(commit *work)
{
    eid_txn *txn = work->txn;
    eid_status status = eid__txn_need_context(txn);

    if (status != EID_OK) return status;
    status = commit_settings(work);
    if (status != EID_OK) return status;
    if (!txn->has_signer) {
        return EID_FAIL(EID_KIND_TXN_NO_KEY, "the transaction was begun without a key");
    }
    status = commit_select(work);
    if (status != EID_OK) return status;
    return eid__txn_need_parents(txn, work->names, work->count, false);
}

/* The engine of this process need not check a signature that was just made. */
static eid_status commit_submit(const commit *work, eid_durability durability)
{
    const eid_txn *txn = work->txn;
    const eid_seam *seam = txn->seam;
    const eid_id *root = txn->is_genesis ? eid_entry_id(work->entry) : &txn->root;
    eid_verdict verdict;

    if (work->repairs) return seam->repair(seam->self, root, work->entry, durability, &verdict);
    if (!seam->submit_own) {
        return seam->submit(seam->self, root, work->entry, durability, &verdict);
    }
    return seam->submit_own(seam->self, root, work->entry, durability, &verdict);
}

eid_status eid_txn_commit(eid_txn *txn, eid_durability durability, eid_id *id)
{
    commit work = {.txn = txn};
    eid_status status;

    *id = EID_ID_EMPTY;
    if (txn->is_committed) {
        return EID_FAIL(EID_KIND_TXN_COMMITTED, "this transaction was committed before");
    }
    status = commit_prepare(&work);
    if (status != EID_OK) goto done;
    status = commit_build(&work);
    if (status != EID_OK) goto done;
    status = commit_judge(&work);
    if (status != EID_OK) goto done;
    status = commit_submit(&work, durability);
    if (status != EID_OK) goto done;
    *id = *eid_entry_id(work.entry);
    txn->is_committed = true;

done:
    commit_fini(&work);
    return status;
}
