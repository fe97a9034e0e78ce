/* Most stores of a transaction are Docs, which are staged, read and written as such. This is for
 * the others: a text document is edited as a whole and the entry carries what is new in it; an
 * encrypted store is a Doc (or a text document) here and sealed bytes in the entry. What was
 * committed to them is folded by whoever has the key, which is us and not the node that holds the
 * data. */
#include "crdt/fold.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "node/db/txn_internal.h"

#define PAYLOAD_BYTES_MAX (64u * 1024u * 1024u)

void eid__txn_store_fini(eid__txn_store *store)
{
    eid_free(store->name);
    eid_doc_free(store->staged);
    eid_doc_free(store->past);
    eid_doc_free(store->moved);
    eid_idset_fini(&store->parents);
    eid_ydoc_free(store->text);
    eid_buf_fini(&store->text_base);
    if (store->inner_type) store->seal.free(store->seal.self);
    eid_free(store->inner_type);
}

eid_status eid__txn_set_seal_take(eid_txn *txn, eid_slice name, const char *inner_type,
                                  eid__txn_seal *seal)
{
    eid__txn_store *store = NULL;
    char *type = eid_memdup(inner_type, strlen(inner_type));
    eid_status status = type ? eid__txn_touch(txn, name, &store)
                             : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a type");

    if (status != EID_OK) {
        eid_free(type);
        seal->free(seal->self);
    } else {
        EID_ASSERT(!store->inner_type);
        eid_doc_free(store->past);
        store->past = NULL;
        store->inner_type = type;
        store->seal = *seal;
    }
    *seal = (eid__txn_seal){0};
    return status;
}

const char *eid__txn_inner_type(eid_txn *txn, eid_slice name)
{
    const eid__txn_store *store = eid__txn_find(txn, name);

    return store ? store->inner_type : NULL;
}

/* -- numbers of text documents ----------------------------------------------------------------- */

void eid_txn_set_writers(eid_txn *txn, eid_text_writers *writers)
{
    eid_text_writers_unref(txn->writers);
    txn->writers = eid_text_writers_ref(writers);
}

void eid__txn_keep_writers(eid_txn *txn)
{
    for (size_t i = 0; txn->writers && i < txn->store_count; i++) {
        const eid__txn_store *store = &txn->stores[i];
        uint32_t clock = store->text_clock;
        if (!store->text) continue;
        if (store->is_text_edited && !txn->is_committed) continue; /* who knows what was seen */
        if (store->is_text_edited) clock = eid_ydoc_clock(store->text, store->text_client);
        eid_text_writers_keep(txn->writers, eid_slice_of(store->name, store->name_len),
                              store->text_client, clock);
    }
    eid_text_writers_unref(txn->writers);
    txn->writers = NULL;
}

/* -- what was committed ------------------------------------------------------------------------ */

typedef struct payload_walk {
    const eid__txn_seal *seal; /* NULL = not sealed */
    eid_status (*fn)(void *arg, eid_slice payload);
    void *arg;
} payload_walk;

static eid_status payload_on_sealed(void *arg, eid_slice sealed)
{
    const payload_walk *walk = arg;
    eid_buf plain;
    eid_status status;

    if (!walk->seal) return sealed.len > 0 ? walk->fn(walk->arg, sealed) : EID_OK;
    eid_buf_init(&plain, PAYLOAD_BYTES_MAX);
    status = walk->seal->open(walk->seal->self, sealed, &plain);
    if (status == EID_OK) status = walk->fn(walk->arg, eid_buf_slice(&plain));
    eid_buf_wipe(&plain);
    return status;
}

eid_status eid__txn_payloads(eid_txn *txn, eid_slice name,
                             eid_status (*fn)(void *arg, eid_slice payload), void *arg)
{
    const eid__txn_store *store = eid__txn_find(txn, name);
    eid__txn_seal seal;
    payload_walk walk = {.fn = fn, .arg = arg};
    eid_status status = EID_OK;

    if (txn->is_genesis) return EID_OK;
    if (store && store->inner_type) {
        seal = store->seal; /* the record may move */
        walk.seal = &seal;
    }
    status = eid__txn_need_context(txn);
    if (status != EID_OK) return status;
    status = txn->seam->payloads(txn->seam->self, &txn->root, name,
                                 eid_idset_ids(&txn->context.parents), payload_on_sealed, &walk);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status payload_fold(void *arg, eid_slice payload)
{
    eid_doc *state = arg;
    eid_status status = eid_fold_payload(state, payload);

    if (status != EID_E_MALFORMED && status != EID_E_TOO_BIG) return status;
    return EID_FAIL(EID_KIND_JSON, "a payload decrypts to what is no document");
}

eid_status eid__txn_fold(eid_txn *txn, eid_slice name, eid_doc **out)
{
    eid_doc *state = NULL;
    eid_status status = eid_doc_new(&state);

    *out = NULL;
    if (status == EID_OK) status = eid__txn_payloads(txn, name, payload_fold, state);
    if (status == EID_OK) {
        *out = state;
        state = NULL;
    }
    eid_doc_free(state);
    return status;
}

/* -- what the entry will carry ----------------------------------------------------------------- */

bool eid__txn_has_payload(const eid__txn_store *store)
{
    if (store->text) return store->is_text_edited;
    return store->staged && eid_doc_total(store->staged) > 0;
}

static eid_status payload_write_text(const eid__txn_store *store, eid_buf *out)
{
    eid_buf update;
    eid_status status;

    eid_buf_init(&update, PAYLOAD_BYTES_MAX);
    status = eid_ydoc_encode(
        store->text, store->is_text_whole ? EID_SLICE_EMPTY : eid_buf_slice(&store->text_base),
        &update);
    if (status == EID_OK) status = eid_ydoc_payload_write(eid_buf_slice(&update), out);
    eid_buf_wipe(&update);
    return status;
}

static eid_status payload_write_plain(const eid__txn_store *store, eid_buf *out)
{
    eid_status status =
        store->text ? payload_write_text(store, out) : eid_payload_write_doc(store->staged, out);

    return status == EID_OK ? eid_buf_status(out) : status;
}

eid_status eid__txn_write_payload(const eid__txn_store *store, eid_buf *out)
{
    eid_buf plain;
    eid_status status;

    if (!eid__txn_has_payload(store)) return EID_OK;
    if (!store->inner_type) return payload_write_plain(store, out);
    eid_buf_init(&plain, PAYLOAD_BYTES_MAX);
    status = payload_write_plain(store, &plain);
    if (status == EID_OK) {
        status = store->seal.seal(store->seal.self, eid_buf_slice(&plain), out);
    }
    if (status == EID_OK) status = eid_buf_status(out);
    eid_buf_wipe(&plain);
    return status;
}
