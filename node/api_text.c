/* Edits of a text document go to the one that the transaction holds; they differ only in what they
 * do to it, so each is a few lines over the same check. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/ydoc_store.h"

static eid_status text_open(eidetica_txn *txn, const char *store, const char *name, eid_ydoc **out)
{
    eid_status status = eid__api_need(txn, "txn");

    *out = NULL;
    if (status == EID_OK) status = eid__api_need(store, "store");
    if (status == EID_OK) status = eid__api_need(name, "name");
    return status == EID_OK ? eid_ydoc_store_edit(txn->txn, eid_slice_text(store), out) : status;
}

eidetica_status eidetica_text_insert(eidetica_txn *txn, const char *store, const char *name,
                                     uint64_t index, const char *text)
{
    eid_ydoc *doc;
    eid_status status = eid__api_need(text, "text");

    if (status == EID_OK) status = text_open(txn, store, name, &doc);
    if (status == EID_OK) status = eid_ydoc_text_insert(doc, name, index, eid_slice_text(text));
    return eid__api_end(status);
}

eidetica_status eidetica_text_delete(eidetica_txn *txn, const char *store, const char *name,
                                     uint64_t index, uint64_t count)
{
    eid_ydoc *doc;
    eid_status status = text_open(txn, store, name, &doc);

    if (status == EID_OK) status = eid_ydoc_text_delete(doc, name, index, count);
    return eid__api_end(status);
}

eidetica_status eidetica_text_map_set(eidetica_txn *txn, const char *store, const char *name,
                                      const char *key, const char *json)
{
    eid_ydoc *doc;
    eid_status status = eid__api_need(key, "key");

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) status = text_open(txn, store, name, &doc);
    if (status == EID_OK) {
        status = eid_ydoc_map_set(doc, name, eid_slice_text(key), eid_slice_text(json));
    }
    return eid__api_end(status);
}

eidetica_status eidetica_text_map_delete(eidetica_txn *txn, const char *store, const char *name,
                                         const char *key)
{
    eid_ydoc *doc;
    eid_status status = eid__api_need(key, "key");

    if (status == EID_OK) status = text_open(txn, store, name, &doc);
    if (status == EID_OK) status = eid_ydoc_map_delete(doc, name, eid_slice_text(key));
    return eid__api_end(status);
}

eidetica_status eidetica_text_array_insert(eidetica_txn *txn, const char *store, const char *name,
                                           uint64_t index, const char *json_array)
{
    eid_ydoc *doc;
    eid_status status = eid__api_need(json_array, "json_array");

    if (status == EID_OK) status = text_open(txn, store, name, &doc);
    if (status == EID_OK) {
        status = eid_ydoc_array_insert(doc, name, index, eid_slice_text(json_array));
    }
    return eid__api_end(status);
}

eidetica_status eidetica_text_array_delete(eidetica_txn *txn, const char *store, const char *name,
                                           uint64_t index, uint64_t count)
{
    eid_ydoc *doc;
    eid_status status = text_open(txn, store, name, &doc);

    if (status == EID_OK) status = eid_ydoc_array_delete(doc, name, index, count);
    return eid__api_end(status);
}

/* -- reading ----------------------------------------------------------------------------------- */

static eid_status text_view(const eid_ydoc *doc, const char *name, const char *kind,
                            eid_json_writer *json)
{
    eid_buf text;
    eid_status status;

    if (strcmp(kind, "map") == 0) return eid_ydoc_view_map(doc, name, json);
    if (strcmp(kind, "array") == 0) return eid_ydoc_view_array(doc, name, json);
    if (strcmp(kind, "text") != 0) {
        return EID_FAIL(EID_KIND_STORE_OPERATION,
                        "a text document is read as text, map or array, not as %s", kind);
    }
    eid_buf_init(&text, EID__API_JSON_MAX);
    status = eid_ydoc_view_text(doc, name, &text);
    if (status == EID_OK) eid_json_string(json, eid_buf_slice(&text));
    eid_buf_fini(&text);
    return status;
}

static eid_status text_get(eid_txn *txn, const char *store, const char *name, const char *kind,
                           char **json)
{
    const eid_ydoc *doc;
    eid_json_writer writer;
    eid_buf buf;
    eid_status status = eid_ydoc_store_read(txn, eid_slice_text(store), &doc);

    if (status != EID_OK) return status;
    eid_buf_init(&buf, EID__API_JSON_MAX);
    eid_json_writer_init(&writer, &buf);
    status = text_view(doc, name, kind, &writer);
    if (status == EID_OK) status = eid_buf_status(&buf);
    if (status == EID_OK) {
        *json = eid_buf_take_text(&buf);
        if (!*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a text");
    }
    eid_buf_fini(&buf);
    return status;
}

static eid_status text_check(const void *handle, const char *store, const char *name,
                             const char *kind, char **json)
{
    eid_status status = eid__api_need(handle, "the handle");

    if (status == EID_OK) status = eid__api_need(store, "store");
    if (status == EID_OK) status = eid__api_need(name, "name");
    if (status == EID_OK) status = eid__api_need(kind, "kind");
    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) *json = NULL;
    return status;
}

eidetica_status eidetica_text_get(eidetica_db *db, const char *store, const char *name,
                                  const char *kind, char **json)
{
    eid_txn *txn = NULL;
    eid_status status = text_check(db, store, name, kind, json);

    if (status == EID_OK) status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = text_get(txn, store, name, kind, json);
    eid_txn_free(txn);
    return eid__api_end(status);
}

eidetica_status eidetica_txn_text_get(eidetica_txn *txn, const char *store, const char *name,
                                      const char *kind, char **json)
{
    eid_status status = text_check(txn, store, name, kind, json);

    if (status == EID_OK) status = text_get(txn->txn, store, name, kind, json);
    return eid__api_end(status);
}

/* -- exchange ---------------------------------------------------------------------------------- */

eidetica_status eidetica_text_apply(eidetica_txn *txn, const char *store, const void *update,
                                    size_t size)
{
    eid_status status = eid__api_need(txn, "txn");

    if (status == EID_OK) status = eid__api_need(store, "store");
    if (status == EID_OK) status = eid__api_need(update, "update");
    if (status == EID_OK) {
        status = eid_ydoc_store_apply(txn->txn, eid_slice_text(store), eid_slice_of(update, size));
    }
    return eid__api_end(status);
}

eidetica_status eidetica_text_export(eidetica_db *db, const char *store, void **update,
                                     size_t *size)
{
    eid_txn *txn = NULL;
    eid_buf buf;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(store, "store");
    if (status == EID_OK) status = eid__api_need(update, "update");
    if (status == EID_OK) status = eid__api_need(size, "size");
    if (status != EID_OK) return eid__api_end(status);
    *update = NULL;
    *size = 0;
    eid_buf_init(&buf, EID_YDOC_UPDATE_BYTES_MAX);
    status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = eid_ydoc_store_update(txn, eid_slice_text(store), &buf);
    if (status == EID_OK) status = eid_buf_status(&buf);
    if (status == EID_OK) {
        *size = buf.len;
        *update = eid_buf_take_text(&buf);
        if (!*update) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an update");
    }
    eid_txn_free(txn);
    eid_buf_fini(&buf);
    return eid__api_end(status);
}
