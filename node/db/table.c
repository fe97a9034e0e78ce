/* Rows are texts, never merged: the later writer of a row wins it whole. A key is one child name,
 * so that keys with dots stay what they are. Other programs may have written such a row below
 * nested documents, where the key is a path; it can be read and deleted, and is not listed. */
#include "node/db/table.h"

#include "dag/alloc.h"
#include "dag/json.h"
#include "node/db/txn_internal.h"

#define TABLE_KEY_MAX 1024u /* bytes */

static eid_status table_check_key(eid_slice key)
{
    if (key.len > 0 && key.len <= TABLE_KEY_MAX && eid_slice_is_utf8(key)) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_OPERATION, "a row's key is 1 to %u bytes of UTF-8, not %zu",
                    TABLE_KEY_MAX, key.len);
}

static bool table_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static eid_status table_check_json(eid_slice json)
{
    eid_json reader;
    eid_json_event event;
    eid_status status;

    eid_json_init(&reader, json);
    do {
        event = eid_json_next(&reader);
    } while (event != EID_JSON_END && event != EID_JSON_ERROR);
    status = eid_json_finish(&reader);
    eid_json_fini(&reader);
    return status;
}

eid_status eid_table_set(eid_txn *txn, eid_slice store, eid_slice key, eid_slice json)
{
    eid_value row = EID_VALUE_NULL_INIT;
    eid_doc *staged;
    eid_status status = table_check_key(key);

    if (status != EID_OK) return status;
    while (json.len > 0 && table_is_space(json.at[0]))
        json = eid_slice_of(json.at + 1, json.len - 1);
    while (json.len > 0 && table_is_space(json.at[json.len - 1])) json.len--;
    status = table_check_json(json);
    if (status != EID_OK) return status;
    status = eid__txn_open_as(txn, store, EID_TYPE_TABLE);
    if (status != EID_OK) return status;
    status = eid_txn_staged(txn, store, &staged);
    if (status != EID_OK) return status;
    status = eid_value_set_text(&row, json);
    if (status == EID_OK) status = eid_doc_put_child_take(staged, key, &row);
    eid_value_fini(&row);
    return status;
}

eid_status eid_table_insert(eid_txn *txn, eid_slice store, eid_slice json, char key[37])
{
    eid_random_uuid_text(eid_txn_seam(txn)->random, key);
    return eid_table_set(txn, store, eid_slice_text(key), json);
}

static bool table_has_dot(eid_slice key)
{
    return key.len > 0 && memchr(key.at, '.', key.len) != NULL;
}

eid_status eid_table_get(eid_txn *txn, eid_slice store, eid_slice key, char **json)
{
    const eid_doc *staged = eid_txn_peek_staged(txn, store);
    const eid_value *change = staged ? eid_doc_child(staged, key) : NULL;
    eid_value row = EID_VALUE_NULL_INIT;
    eid_status status;

    *json = NULL;
    if (change && change->type == EID_VALUE_TEXT) {
        status = eid_value_copy(change, &row);
    } else if (change && change->type == EID_VALUE_DELETED) {
        status = EID_E_NOT_FOUND;
    } else {
        status = eid_txn_base_value(txn, store, &key, 1, &row);
    }
    if (status == EID_OK && row.type != EID_VALUE_TEXT) status = EID_E_NOT_FOUND;
    if (status == EID_E_NOT_FOUND && !change && table_has_dot(key)) {
        eid_value_fini(&row);
        status = eid_docstore_get_as(txn, store, key, EID_VALUE_TEXT, &row);
        if (status == EID_E_INVALID) status = EID_E_NOT_FOUND;
    }
    if (status == EID_OK) {
        *json = eid_slice_dup_text(eid_value_text(&row));
        if (!*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a row");
    }
    eid_value_fini(&row);
    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_KEY_NOT_FOUND, "no row %.*s in table %.*s", EID_SLICE_ARG(key),
                    EID_SLICE_ARG(store));
}

/* Leave a tombstone, where the row is: under its name, or where its key leads as a path. */
static eid_status table_bury(eid_txn *txn, eid_slice store, eid_slice key, eid_doc *staged)
{
    eid_value gone = EID_VALUE_DELETED_INIT, row = EID_VALUE_NULL_INIT;
    const eid_value *change = eid_doc_child(staged, key);
    eid_status status = EID_OK;

    if (!change && table_has_dot(key)) {
        status = eid_txn_base_value(txn, store, &key, 1, &row);
        eid_value_fini(&row);
    }
    if (status == EID_E_NOT_FOUND) return eid_doc_remove(staged, key, NULL);
    return status == EID_OK ? eid_doc_put_child_take(staged, key, &gone) : status;
}

eid_status eid_table_delete(eid_txn *txn, eid_slice store, eid_slice key, bool *was_live)
{
    eid_doc *staged;
    char *json;
    eid_status status = eid_table_get(txn, store, key, &json);

    *was_live = false;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    eid_free(json);
    status = eid__txn_open_as(txn, store, EID_TYPE_TABLE);
    if (status != EID_OK) return status;
    status = eid_txn_staged(txn, store, &staged);
    if (status == EID_OK) status = table_bury(txn, store, key, staged);
    *was_live = status == EID_OK;
    return status;
}
