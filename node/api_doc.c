/* Values cross as plain JSON, which says what a program wants to know and hides what merging needs.
 * A read asks for one path only; the whole store is read when no path is given. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/docstore_list.h"
#include "node/db/registry.h"

static void doc_random(void *self, uint8_t out[16])
{
    const eid_random *random = self;

    random->fill(random->self, out, 16);
}

/* Stores that hold the database's own records are changed by their own functions. */
static eid_status doc_check_store(const char *store)
{
    if (strcmp(store, EID_STORE_INDEX) != 0 && strcmp(store, EID_STORE_ROOT) != 0) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_OPERATION, "store %s cannot be written directly", store);
}

static eid_status doc_check(const void *handle, const char *store, const void *path)
{
    eid_status status = eid__api_need(handle, "the handle");

    if (status == EID_OK) status = eid__api_need(store, "store");
    return status == EID_OK ? eid__api_need(path, "path") : status;
}

eidetica_status eidetica_doc_set(eidetica_txn *txn, const char *store, const char *path,
                                 const char *json)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status = doc_check(txn, store, path);

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) status = doc_check_store(store);
    if (status == EID_OK) {
        eid_random random = *eid_txn_seam(txn->txn)->random;
        status = eid_payload_from_plain(eid_slice_text(json), doc_random, &random, &value);
    }
    if (status == EID_OK) {
        status = eid_docstore_replace_take(txn->txn, eid_slice_text(store), eid_slice_text(path),
                                           &value);
    }
    eid_value_fini(&value);
    return eid__api_end(status);
}

eidetica_status eidetica_doc_set_text(eidetica_txn *txn, const char *store, const char *path,
                                      const char *text)
{
    eid_status status = doc_check(txn, store, path);

    if (status == EID_OK) status = eid__api_need(text, "text");
    if (status == EID_OK) status = doc_check_store(store);
    if (status == EID_OK) {
        status = eid_docstore_set_text(txn->txn, eid_slice_text(store), path, eid_slice_text(text));
    }
    return eid__api_end(status);
}

eidetica_status eidetica_doc_delete(eidetica_txn *txn, const char *store, const char *path)
{
    bool was_live = false;
    eid_status status = doc_check(txn, store, path);

    if (status == EID_OK) status = doc_check_store(store);
    if (status == EID_OK) {
        status =
            eid_docstore_delete(txn->txn, eid_slice_text(store), eid_slice_text(path), &was_live);
    }
    if (status == EID_OK && !was_live) {
        status = EID_FAIL(EID_KIND_KEY_NOT_FOUND, "nothing at %s in store %s", path, store);
    }
    return eid__api_end(status);
}

static eid_status doc_take_text(eid_buf *buf, char **json)
{
    eid_status status = eid_buf_status(buf);

    if (status == EID_OK) {
        *json = eid_buf_take_text(buf);
        if (!*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a value");
    }
    eid_buf_fini(buf);
    return status;
}

static eid_status doc_get_value(eid_txn *txn, const char *store, const char *path, char **json)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_json_writer writer;
    eid_buf buf;
    eid_status status =
        eid_docstore_get_merged(txn, eid_slice_text(store), eid_slice_text(path), &value);

    if (status != EID_OK) return status;
    eid_buf_init(&buf, EID__API_JSON_MAX);
    eid_json_writer_init(&writer, &buf);
    eid_payload_view_value(&value, &writer);
    eid_value_fini(&value);
    return doc_take_text(&buf, json);
}

/* An empty store is there if it was registered. */
static eid_status doc_need_store(eid_txn *txn, const char *store)
{
    eid_registry_row row;
    eid_status status = eid_registry_find(txn, eid_slice_text(store), &row);

    if (status == EID_OK) eid_registry_row_fini(&row);
    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_KEY_NOT_FOUND, "there is no store %s", store);
}

/* Everything that was committed, with what is staged on top. */
static eid_status doc_merged(eid_txn *txn, const char *store, eid_doc **out)
{
    eid_status status = eid_txn_doc(txn, eid_slice_text(store), out);

    if (status != EID_OK || eid_doc_total(*out) > 0) return status;
    return eid_txn_peek_staged(txn, eid_slice_text(store)) ? EID_OK : doc_need_store(txn, store);
}

static eid_status doc_get_whole(eid_txn *txn, const char *store, char **json)
{
    eid_doc *doc = NULL;
    eid_json_writer writer;
    eid_buf buf;
    eid_status status = doc_merged(txn, store, &doc);

    if (status == EID_OK) {
        eid_buf_init(&buf, EID__API_JSON_MAX);
        eid_json_writer_init(&writer, &buf);
        eid_payload_view_doc(doc, &writer);
        status = doc_take_text(&buf, json);
    }
    eid_doc_free(doc);
    return status;
}

static eid_status doc_get(eid_txn *txn, const char *store, const char *path, char **json)
{
    if (path && path[0]) return doc_get_value(txn, store, path, json);
    return doc_get_whole(txn, store, json);
}

eidetica_status eidetica_doc_get(eidetica_db *db, const char *store, const char *path, char **json)
{
    eid_txn *txn = NULL;
    eid_status status = doc_check(db, store, json);

    if (status == EID_OK) {
        *json = NULL;
        status = eid__api_reader(db, &txn);
    }
    if (status == EID_OK) status = doc_get(txn, store, path, json);
    eid_txn_free(txn);
    return eid__api_end(status);
}

eidetica_status eidetica_txn_doc_get(eidetica_txn *txn, const char *store, const char *path,
                                     char **json)
{
    eid_status status = doc_check(txn, store, json);

    if (status == EID_OK) {
        *json = NULL;
        status = doc_get(txn->txn, store, path, json);
    }
    return eid__api_end(status);
}
