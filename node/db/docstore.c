/* Opening comes with every write and is cheap: the row of one store is looked up. Reading does not
 * open, so that looking into an unknown store leaves no trace. */
#include "node/db/docstore.h"

#include "dag/alloc.h"
#include "node/db/txn_internal.h"

/* The staged Doc to write to. */
static eid_status docstore_staged(eid_txn *txn, eid_slice store, eid_doc **out)
{
    eid_status status = eid_docstore_open(txn, store);

    *out = NULL;
    return status == EID_OK ? eid_txn_staged(txn, store, out) : status;
}

eid_status eid_docstore_open(eid_txn *txn, eid_slice store)
{
    if (eid__txn_is_system(store)) return eid__txn_check_lock(txn, store);
    return eid__txn_open_as(txn, store, EID_TYPE_DOCSTORE);
}

eid_status eid_docstore_initialize(eid_txn *txn, eid_slice store, const eid_doc *doc)
{
    eid_status status = eid_docstore_open(txn, store);

    for (size_t i = 0; status == EID_OK && i < eid_doc_total(doc); i++) {
        eid_value value = EID_VALUE_NULL_INIT;
        eid_slice key;
        const eid_value *child = eid_doc_at(doc, i, &key);
        if (child->type == EID_VALUE_DELETED) continue;
        status = eid_value_copy(child, &value);
        if (status == EID_OK) status = eid_docstore_set_take(txn, store, key, &value);
        eid_value_fini(&value);
    }
    return status;
}

eid_status eid_docstore_set_take(eid_txn *txn, eid_slice store, eid_slice path, eid_value *value)
{
    eid_doc *staged;
    eid_status status;

    if (!eid_slice_is_utf8(path)) {
        return EID_FAIL(EID_KIND_CRDT_PATH, "the path is not UTF-8: %.*s", EID_SLICE_ARG(path));
    }
    status = docstore_staged(txn, store, &staged);
    if (status != EID_OK) return status;
    return eid_doc_set_take(staged, path, value);
}

eid_status eid_docstore_set_text(eid_txn *txn, eid_slice store, const char *path, eid_slice text)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    if (!eid_slice_is_utf8(text)) {
        return EID_FAIL(EID_KIND_STORE_ENCODE, "the text for %s is not UTF-8", path);
    }
    status = eid_value_set_text(&value, text);
    if (status == EID_OK) {
        status = eid_docstore_set_take(txn, store, eid_slice_text(path), &value);
    }
    eid_value_fini(&value);
    return status;
}

eid_status eid_docstore_delete(eid_txn *txn, eid_slice store, eid_slice path, bool *was_live)
{
    eid_value value;
    eid_doc *staged;
    eid_status status = eid_txn_get(txn, store, path, &value);

    *was_live = false;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    eid_value_fini(&value);
    status = docstore_staged(txn, store, &staged);
    if (status == EID_OK) status = eid_doc_remove(staged, path, NULL);
    *was_live = status == EID_OK;
    return status;
}

eid_status eid_docstore_get(eid_txn *txn, eid_slice store, eid_slice path, eid_value *out)
{
    return eid_txn_get(txn, store, path, out);
}

eid_status eid_docstore_get_as(eid_txn *txn, eid_slice store, eid_slice path, eid_value_type type,
                               eid_value *out)
{
    eid_status status = eid_txn_get(txn, store, path, out);

    if (status != EID_OK || out->type == type) return status;
    status =
        EID_FAIL(EID_KIND_STORE_TYPE, "%.*s in store %.*s is %s, not %s", EID_SLICE_ARG(path),
                 EID_SLICE_ARG(store), eid_value_type_name(out->type), eid_value_type_name(type));
    eid_value_fini(out);
    return status;
}

bool eid_docstore_has(eid_txn *txn, eid_slice store, eid_slice path)
{
    eid_value value;
    eid_status status = eid_txn_get(txn, store, path, &value);

    if (status == EID_OK) eid_value_fini(&value);
    return status == EID_OK;
}

eid_status eid_docstore_text(eid_txn *txn, eid_slice store, const char *path, char **out)
{
    eid_value value;
    eid_status status =
        eid_docstore_get_as(txn, store, eid_slice_text(path), EID_VALUE_TEXT, &value);

    *out = NULL;
    if (status != EID_OK) return status;
    *out = eid_slice_dup_text(eid_value_text(&value));
    eid_value_fini(&value);
    return *out ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a text");
}
