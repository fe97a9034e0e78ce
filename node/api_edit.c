/* Edits of one value: read, change, write in one transaction. A program's function sees JSON and
 * gives JSON; lists are changed element by element, since their positions are what merges. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/docstore_list.h"
#include "node/db/table_search.h"

static eid_status edit_check(const void *txn, const char *store, const char *path)
{
    eid_status status = eid__api_need(txn, "txn");

    if (status == EID_OK) status = eid__api_need(store, "store");
    if (status == EID_OK) status = eid__api_need(path, "path");
    if (status != EID_OK || strcmp(store, EID_STORE_INDEX) != 0) return status;
    return EID_FAIL(EID_KIND_STORE_OPERATION, "store %s cannot be written directly", store);
}

static void edit_random(void *self, uint8_t out[16])
{
    const eid_random *random = self;

    random->fill(random->self, out, 16);
}

static eid_status edit_read(eid_txn *txn, const char *json, eid_value *out)
{
    eid_random random = *eid_txn_seam(txn)->random;

    return eid_payload_from_plain(eid_slice_text(json), edit_random, &random, out);
}

/* -- values ------------------------------------------------------------------------------------ */

static eid_status edit_update(eid_txn *txn, const char *store, const char *path,
                              const char *(*edit)(void *self, const char *json), void *self)
{
    eid_value value = EID_VALUE_NULL_INIT;
    eid_json_writer writer;
    eid_buf json;
    const char *changed = NULL;
    eid_status status =
        eid_docstore_get_merged(txn, eid_slice_text(store), eid_slice_text(path), &value);
    bool is_there = status == EID_OK;

    if (status != EID_OK && status != EID_E_NOT_FOUND) return status;
    eid_buf_init(&json, EID__API_JSON_MAX);
    eid_json_writer_init(&writer, &json);
    if (is_there) eid_payload_view_value(&value, &writer);
    eid_value_fini(&value);
    eid_buf_append_byte(&json, 0);
    status = eid_buf_status(&json);
    if (status == EID_OK) changed = edit(self, is_there ? (const char *)json.at : NULL);
    if (changed) status = edit_read(txn, changed, &value);
    if (changed && status == EID_OK) {
        status =
            eid_docstore_replace_take(txn, eid_slice_text(store), eid_slice_text(path), &value);
    }
    eid_value_fini(&value);
    eid_buf_fini(&json);
    return status;
}

eidetica_status eidetica_doc_update(eidetica_txn *txn, const char *store, const char *path,
                                    const char *(*edit)(void *self, const char *json), void *self)
{
    eid_status status = edit_check(txn, store, path);

    if (status == EID_OK) status = edit_update(txn->txn, store, path, edit, self);
    return eid__api_end(status);
}

eidetica_status eidetica_doc_add(eidetica_txn *txn, const char *store, const char *path,
                                 int64_t delta, int64_t *sum)
{
    eid_status status = edit_check(txn, store, path);

    if (status == EID_OK) {
        status =
            eid_docstore_add(txn->txn, eid_slice_text(store), eid_slice_text(path), delta, sum);
    }
    return eid__api_end(status);
}

/* -- lists ------------------------------------------------------------------------------------- */

eidetica_status eidetica_list_insert(eidetica_txn *txn, const char *store, const char *path,
                                     size_t index, const char *json)
{
    eid_value element = EID_VALUE_NULL_INIT;
    eid_status status = edit_check(txn, store, path);

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) status = edit_read(txn->txn, json, &element);
    if (status == EID_OK) {
        status = eid_docstore_list_insert_take(txn->txn, eid_slice_text(store),
                                               eid_slice_text(path), index, &element);
    }
    eid_value_fini(&element);
    return eid__api_end(status);
}

eidetica_status eidetica_list_remove(eidetica_txn *txn, const char *store, const char *path,
                                     size_t index)
{
    eid_status status = edit_check(txn, store, path);

    if (status == EID_OK) {
        status =
            eid_docstore_list_remove(txn->txn, eid_slice_text(store), eid_slice_text(path), index);
    }
    return eid__api_end(status);
}

/* -- rows -------------------------------------------------------------------------------------- */

typedef struct edit_row {
    const char *(*edit)(void *self, const char *json);
    void *self;
} edit_row;

static eid_status edit_on_row(void *self, eid_slice json, eid_buf *out)
{
    const edit_row *row = self;
    const char *changed = row->edit(row->self, (const char *)json.at);

    eid_buf_append(out, changed ? eid_slice_text(changed) : json);
    return eid_buf_status(out);
}

eidetica_status eidetica_table_update(eidetica_txn *txn, const char *store, const char *key,
                                      const char *(*edit)(void *self, const char *json), void *self)
{
    edit_row row = {edit, self};
    eid_status status = edit_check(txn, store, key);

    if (status == EID_OK) {
        status = eid_table_modify(txn->txn, eid_slice_text(store), eid_slice_text(key), edit_on_row,
                                  &row);
    }
    return eid__api_end(status);
}
