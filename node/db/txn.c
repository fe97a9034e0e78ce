/* The stores of a transaction are Docs until it commits, and not payload bytes: what is staged is
 * read and changed many times and written once. The tips are fixed when a transaction that can
 * write begins, so two of them that begin together fork, as the specification wants, and both read
 * what was there when they began (txn_now.c). */
#include "node/db/txn.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "node/db/txn_internal.h"

#define TXN_STORES_MAX 4096u /* touched, read ones included; an entry carries fewer (builder.h) */

bool eid__txn_is_system(eid_slice name)
{
    return eid_slice_is(name, EID_STORE_SETTINGS) || eid_slice_is(name, EID_STORE_INDEX) ||
           eid_slice_is(name, EID_STORE_ROOT);
}

static eid_status txn_set_signer(eid_txn *txn, const eid_signer *signer)
{
    txn->has_signer = true;
    txn->key = *signer->key;
    if (signer->identity) return eid_sigkey_copy(signer->identity, &txn->identity);
    return eid_sigkey_of_pubkey(&signer->key->pub, &txn->identity);
}

eid_status eid__txn_new(const eid_seam *seam, const eid_id *root, const eid_signer *signer,
                        eid_txn **out)
{
    eid_txn *txn = eid_alloc(sizeof *txn);
    eid_status status = EID_OK;

    *out = NULL;
    if (!txn) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a transaction");
    txn->seam = seam;
    txn->root = root ? *root : EID_ID_EMPTY;
    if (signer) status = txn_set_signer(txn, signer);
    if (status != EID_OK) {
        txn->has_signer = false; /* the identity was not made */
        eid_key_wipe(&txn->key);
        eid_txn_free(txn);
        return status;
    }
    *out = txn;
    return EID_OK;
}

eid_status eid_txn_begin(const eid_seam *seam, const eid_id *root, const eid_signer *signer,
                         const eid_idset *at, eid_txn **out)
{
    eid_txn *txn = NULL;
    eid_status status;

    *out = NULL;
    status = eid__txn_new(seam, root, signer, &txn);
    if (status != EID_OK) return status;
    if (at) {
        txn->has_at = true;
        status = eid_idset_assign(&txn->at, eid_idset_ids(at));
        if (status != EID_OK) goto done;
    }
    if (at || signer) status = eid__txn_need_context(txn);
    if (status != EID_OK) goto done;
    *out = txn;
    txn = NULL;

done:
    eid_txn_free(txn);
    return status;
}

eid_status eid_txn_begin_loose(const eid_seam *seam, const eid_id *root, const eid_signer *signer,
                               eid_txn **out)
{
    eid_idset tips;
    eid_status status = seam->tips(seam->self, root, true, &tips);

    *out = NULL;
    if (status == EID_OK) status = eid_txn_begin(seam, root, signer, &tips, out);
    eid_idset_fini(&tips);
    return status;
}

eid_status eid_txn_run(const eid_seam *seam, const eid_id *root, const eid_signer *signer,
                       eid_status (*fn)(void *self, eid_txn *txn), void *self, eid_id *id)
{
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(seam, root, signer, NULL, &txn);

    *id = EID_ID_EMPTY;
    if (status == EID_OK) status = fn(self, txn);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, id);
    eid_txn_free(txn);
    return status;
}

void eid_txn_free(eid_txn *txn)
{
    if (!txn) return;
    eid__txn_keep_writers(txn);
    for (size_t i = 0; i < txn->store_count; i++) {
        eid__txn_store_fini(&txn->stores[i]);
    }
    eid_free(txn->stores);
    if (txn->has_context) eid_txn_context_fini(&txn->context);
    if (txn->has_signer) eid_sigkey_owned_fini(&txn->identity);
    eid_key_wipe(&txn->key);
    eid_idset_fini(&txn->at);
    eid_idset_fini(&txn->seen);
    eid_free(txn);
}

const eid_seam *eid_txn_seam(const eid_txn *txn)
{
    return txn->seam;
}

const eid_id *eid_txn_root(const eid_txn *txn)
{
    return &txn->root;
}

eid_status eid_txn_tips(eid_txn *txn, eid_ids *out)
{
    eid_status status = eid__txn_need_context(txn);

    if (status == EID_OK) *out = eid_idset_ids(&txn->context.parents);
    return status;
}

eid_status eid__txn_check_lock(const eid_txn *txn, eid_slice name)
{
    if (!txn->is_locked || !eid__txn_is_system(name)) return EID_OK;
    return EID_FAIL(EID_KIND_TXN_LOCKED_STORE, "store %.*s is closed while a database is made",
                    EID_SLICE_ARG(name));
}

eid_status eid__txn_need_context(eid_txn *txn)
{
    eid_txn_context *context = &txn->context;
    eid_status status = EID_OK;

    if (txn->has_context) return EID_OK;
    *context = (eid_txn_context){0};
    if (!txn->is_genesis) {
        status = txn->seam->begin(txn->seam->self, &txn->root, NULL, 0,
                                  txn->has_at ? &txn->at : NULL, context);
        if (status != EID_OK) return status;
    }
    txn->has_context = true;
    if (!context->settings) status = eid_doc_new(&context->settings);
    if (status == EID_OK && !context->index) status = eid_doc_new(&context->index);
    if (status != EID_OK) {
        eid_txn_context_fini(context);
        txn->has_context = false;
    }
    return status;
}

eid__txn_store *eid__txn_find(eid_txn *txn, eid_slice name)
{
    for (size_t i = 0; i < txn->store_count; i++) {
        eid__txn_store *store = &txn->stores[i];
        if (eid_slice_equal(eid_slice_of(store->name, store->name_len), name)) return store;
    }
    return NULL;
}

static eid_status txn_reserve(eid_txn *txn)
{
    size_t cap = txn->store_cap ? txn->store_cap * 2 : 4;
    eid__txn_store *stores;

    if (txn->store_count < txn->store_cap) return EID_OK;
    if (txn->store_count >= TXN_STORES_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "more than %u stores in one transaction", TXN_STORES_MAX);
    }
    stores = eid_realloc(txn->stores, cap * sizeof *stores);
    if (!stores) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for %zu stores", cap);
    txn->stores = stores;
    txn->store_cap = cap;
    return EID_OK;
}

eid_status eid__txn_touch(eid_txn *txn, eid_slice name, eid__txn_store **out)
{
    eid__txn_store *store = eid__txn_find(txn, name);
    char *text;
    eid_status status;

    *out = store;
    if (store) return EID_OK;
    status = txn_reserve(txn);
    if (status != EID_OK) return status;
    text = eid_memdup(name.at, name.len);
    if (!text) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a store's name");
    store = &txn->stores[txn->store_count++];
    *store = (eid__txn_store){.name = text, .name_len = name.len};
    *out = store;
    return EID_OK;
}

eid_status eid__txn_stage(eid_txn *txn, eid_slice name, eid_doc **out)
{
    eid__txn_store *store;
    eid_status status = eid__txn_touch(txn, name, &store);

    *out = NULL;
    if (status != EID_OK) return status;
    if (!store->staged) status = eid_doc_new(&store->staged);
    if (status != EID_OK) return status;
    store->is_open = true;
    *out = store->staged;
    return EID_OK;
}

eid_status eid_txn_staged(eid_txn *txn, eid_slice name, eid_doc **out)
{
    eid_status status = eid__txn_check_lock(txn, name);

    *out = NULL;
    if (status != EID_OK) return status;
    if (eid_slice_is(name, EID_STORE_ROOT)) {
        return EID_FAIL(EID_KIND_STORE_OPERATION, "store %s is written by the genesis only",
                        EID_STORE_ROOT);
    }
    status = eid__txn_need_context(txn);
    if (status != EID_OK) return status;
    return eid__txn_stage(txn, name, out);
}

eid_doc *eid_txn_peek_staged(eid_txn *txn, eid_slice name)
{
    eid__txn_store *store = eid__txn_find(txn, name);

    return store ? store->staged : NULL;
}

/* `base` with what is staged of `name` on top. */
static eid_status txn_merged(eid_txn *txn, const eid_doc *base, const char *name, eid_doc **out)
{
    const eid_doc *staged = eid_txn_peek_staged(txn, eid_slice_text(name));
    eid_status status;

    *out = NULL;
    status = eid_doc_copy(base, out);
    if (status != EID_OK || !staged) return status;
    status = eid_doc_merge(*out, staged);
    if (status != EID_OK) {
        eid_doc_free(*out);
        *out = NULL;
    }
    return status;
}

eid_status eid_txn_settings(eid_txn *txn, eid_doc **out)
{
    eid_status status = eid__txn_check_lock(txn, eid_slice_text(EID_STORE_SETTINGS)); /* T6 */

    *out = NULL;
    if (status == EID_OK) status = eid__txn_need_context(txn);
    if (status != EID_OK) return status;
    return txn_merged(txn, txn->context.settings, EID_STORE_SETTINGS, out);
}

eid_status eid_txn_index(eid_txn *txn, eid_doc **out)
{
    eid_status status = eid__txn_check_lock(txn, eid_slice_text(EID_STORE_INDEX)); /* T6 */

    *out = NULL;
    if (status == EID_OK) status = eid__txn_need_context(txn);
    if (status != EID_OK) return status;
    return txn_merged(txn, txn->context.index, EID_STORE_INDEX, out);
}
