/* One document for a store and transaction, and not one for each edit: a client number costs bytes
 * in every update that is ever made after it. The diff is made when the entry is, so that a
 * transaction of many edits encodes once. */
#include "node/db/ydoc_store.h"

#include "node/db/registry.h"
#include "node/db/txn_internal.h"

#define STORE_BYTES_MAX (64u * 1024u * 1024u)

static eid_status ydoc_on_payload(void *arg, eid_slice payload)
{
    eid_ydoc *doc = arg;
    eid_buf update;
    eid_status status;

    eid_buf_init(&update, STORE_BYTES_MAX);
    status = eid_ydoc_payload_read(payload, &update);
    if (status == EID_OK && update.len > 0) status = eid_ydoc_apply(doc, eid_buf_slice(&update));
    eid_buf_fini(&update);
    return status;
}

/* Who holds the data merges it, unless it is sealed. */
static eid_status ydoc_load_merged(eid_txn *txn, eid_slice name, eid_ydoc *doc)
{
    const eid_seam *seam = eid_txn_seam(txn);
    eid_buf update;
    eid_status status = eid__txn_need_context(txn);

    if (status != EID_OK) return status;
    eid_buf_init(&update, STORE_BYTES_MAX);
    status = seam->text(seam->self, eid_txn_root(txn), name, eid_idset_ids(&txn->context.parents),
                        &update);
    if (status == EID_E_NOT_FOUND) status = EID_OK;
    if (status == EID_OK && update.len > 0) status = eid_ydoc_apply(doc, eid_buf_slice(&update));
    eid_buf_fini(&update);
    return status;
}

/* Read what was committed. */
static eid_status ydoc_load(eid_txn *txn, eid_slice name)
{
    const eid_random *random = eid_txn_seam(txn)->random;
    uint32_t clock = 0, client = (uint32_t)eid_random_u64(random);
    eid__txn_store *store;
    eid_ydoc *doc = NULL;
    eid_buf base;
    eid_status status;

    if (txn->writers) client = eid_text_writers_take(txn->writers, name, random, &clock);
    status = eid_ydoc_new(client, &doc);
    eid_buf_init(&base, STORE_BYTES_MAX);
    if (status == EID_OK && eid__txn_inner_type(txn, name)) {
        status = eid__txn_payloads(txn, name, ydoc_on_payload, doc);
    } else if (status == EID_OK && !txn->is_genesis) {
        status = ydoc_load_merged(txn, name, doc);
    }
    if (status == EID_OK) status = eid_ydoc_state_vector(doc, &base);
    if (status == EID_OK) status = eid__txn_touch(txn, name, &store);
    if (status != EID_OK) {
        eid_ydoc_free(doc);
        eid_buf_fini(&base);
        return status;
    }
    if (eid_ydoc_clock(doc, client) != clock) { /* not all of it is here: never again */
        do {
            client = (uint32_t)eid_random_u64(random);
        } while (eid_ydoc_clock(doc, client) != 0);
        eid_ydoc_set_client(doc, client);
        clock = 0;
    }
    store->text = doc;
    store->text_base = base;
    store->text_client = client;
    store->text_clock = clock;
    return EID_OK;
}

static eid_status ydoc_need(eid_txn *txn, eid_slice name, eid__txn_store **out)
{
    eid__txn_store *store = eid__txn_find(txn, name);
    eid_status status;

    if (!store || !store->text) {
        status = ydoc_load(txn, name);
        if (status != EID_OK) return status;
        store = eid__txn_find(txn, name);
    }
    *out = store;
    return EID_OK;
}

/* A store that nobody registered reads as an empty one. */
static eid_status ydoc_check_type(eid_txn *txn, eid_slice name)
{
    const char *inner = eid__txn_inner_type(txn, name);
    eid_registry_row row = {0};
    eid_status status = inner ? EID_OK : eid_registry_find(txn, name, &row);
    const char *type = inner ? inner : row.type;

    if (status == EID_OK && strcmp(type, EID_TYPE_YDOC) != 0) {
        status = EID_FAIL(EID_KIND_STORE_TYPE, "Type mismatch: store %.*s is of type %s, not %s",
                          EID_SLICE_ARG(name), type, EID_TYPE_YDOC);
    }
    eid_registry_row_fini(&row);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid_ydoc_store_read(eid_txn *txn, eid_slice store, const eid_ydoc **out)
{
    eid__txn_store *found;
    eid_status status = ydoc_check_type(txn, store);

    *out = NULL;
    if (status == EID_OK) status = ydoc_need(txn, store, &found);
    if (status == EID_OK) *out = found->text;
    return status;
}

eid_status eid_ydoc_store_edit(eid_txn *txn, eid_slice store, eid_ydoc **out)
{
    eid__txn_store *found;
    eid_status status = eid__txn_open_as(txn, store, EID_TYPE_YDOC);

    *out = NULL;
    if (status == EID_OK) status = ydoc_need(txn, store, &found);
    if (status != EID_OK) return status;
    found->is_text_edited = true;
    *out = found->text;
    return EID_OK;
}

eid_status eid_ydoc_store_save_whole(eid_txn *txn, eid_slice store)
{
    eid_ydoc *doc;
    eid_status status = eid_ydoc_store_edit(txn, store, &doc);

    if (status == EID_OK) eid__txn_find(txn, store)->is_text_whole = true;
    return status;
}

eid_status eid_ydoc_store_apply(eid_txn *txn, eid_slice store, eid_slice update)
{
    eid_ydoc *doc;
    eid_status status = eid_ydoc_store_edit(txn, store, &doc);

    return status == EID_OK ? eid_ydoc_apply(doc, update) : status;
}

eid_status eid_ydoc_store_update(eid_txn *txn, eid_slice store, eid_buf *out)
{
    const eid_ydoc *doc;
    eid_status status = eid_ydoc_store_read(txn, store, &doc);

    return status == EID_OK ? eid_ydoc_encode(doc, EID_SLICE_EMPTY, out) : status;
}
