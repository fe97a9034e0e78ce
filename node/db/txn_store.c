/* Opening a store is what registers it, as in the reference: a database says what its stores are
 * before the first value is in them. */
#include "node/db/password_store.h"
#include "node/db/registry.h"
#include "node/db/txn_internal.h"

static eid_status store_check_type(eid_slice name, const char *type, const char *registered)
{
    if (strcmp(type, registered) == 0) return EID_OK;
    if (strcmp(registered, EID_TYPE_PASSWORD) == 0) {
        return EID_FAIL(EID_KIND_STORE_TYPE,
                        "Type mismatch: store %.*s is of type %s, not %s; it is encrypted and was "
                        "not unlocked with its password",
                        EID_SLICE_ARG(name), registered, type);
    }
    return EID_FAIL(EID_KIND_STORE_TYPE, "Type mismatch: store %.*s is of type %s, not %s",
                    EID_SLICE_ARG(name), registered, type);
}

static eid_status store_open_system(eid_txn *txn, eid_slice name)
{
    eid__txn_store *store;
    eid_status status = eid__txn_check_lock(txn, name);

    return status == EID_OK ? eid__txn_touch(txn, name, &store) : status;
}

/* Move what was found out about stores into their records. */
static eid_status store_keep_parents(eid_txn *txn, eid_txn_context *found)
{
    for (size_t i = 0; i < found->store_count; i++) {
        eid_store_context *from = &found->stores[i];
        eid__txn_store *store = eid__txn_find(txn, eid_slice_text(from->name));
        eid_status status;
        if (!store || store->has_parents) continue;
        status = eid_idset_assign(&store->parents, eid_idset_ids(&from->parents));
        if (status != EID_OK) return status;
        store->height_max = from->height_max;
        store->has_parents = true;
    }
    return EID_OK;
}

static bool store_parents_missing(eid_txn *txn, const eid_slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const eid__txn_store *store = eid__txn_find(txn, names[i]);
        if (eid_slice_is(names[i], EID_STORE_SETTINGS)) continue; /* the context has them */
        if (!store || !store->has_parents) return true;
    }
    return false;
}

eid_status eid__txn_need_parents(eid_txn *txn, const eid_slice *names, size_t count, bool cheaply)
{
    const eid_seam *seam = txn->seam;
    eid_txn_context found = {0};
    bool is_known = false;
    eid_status status;

    if (txn->is_genesis || !txn->has_signer || !store_parents_missing(txn, names, count)) {
        return EID_OK;
    }
    status = eid__txn_need_context(txn);
    if (status == EID_OK && !txn->has_at) {
        status = seam->begin(seam->self, &txn->root, names, count, NULL, &found);
        is_known = status == EID_OK && eid_idset_equal(&found.parents, &txn->context.parents);
    }
    if (status == EID_OK && !is_known && !cheaply) {
        eid_txn_context_fini(&found);
        status = seam->begin(seam->self, &txn->root, names, count, &txn->context.parents, &found);
        is_known = status == EID_OK;
    }
    if (is_known) status = store_keep_parents(txn, &found);
    eid_txn_context_fini(&found);
    return status;
}

eid_status eid__txn_open_as(eid_txn *txn, eid_slice name, const char *type)
{
    const char *inner = eid__txn_inner_type(txn, name);
    eid__txn_store *store;
    eid_status status;

    if (!inner) return eid_txn_open_store(txn, name, type);
    status = store_check_type(name, type, inner);
    if (status == EID_OK) status = eid__txn_touch(txn, name, &store);
    if (status != EID_OK) return status;
    store->is_open = true;
    return EID_OK;
}

eid_status eid_txn_open_store(eid_txn *txn, eid_slice name, const char *type)
{
    eid_registry_row row;
    eid__txn_store *store;
    eid_status status;

    if (eid__txn_is_system(name)) return store_open_system(txn, name);
    status = eid_registry_find(txn, name, &row);
    if (status == EID_OK) {
        status = store_check_type(name, type, row.type);
        eid_registry_row_fini(&row);
    } else if (status == EID_E_NOT_FOUND || status == EID_E_MALFORMED) {
        status = eid_registry_add(txn, name, type);
    }
    if (status != EID_OK) return status;
    status = eid__txn_touch(txn, name, &store);
    if (status != EID_OK) return status;
    if (store->is_open) return EID_OK;
    store->is_open = true;
    return name.len > 0 ? eid__txn_need_parents(txn, &name, 1, true) : EID_OK;
}
