/* Rows are texts, never merged: the later writer of a row wins it whole. A key is one child name,
 * so that keys with dots stay what they are. A scan streams the committed rows and merges the
 * staged ones in. */
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
    status = eid_txn_open_store(txn, store, EID_TYPE_TABLE);
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
    if (status == EID_OK) {
        *json = eid_slice_dup_text(eid_value_text(&row));
        if (!*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a row");
    }
    eid_value_fini(&row);
    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_KEY_NOT_FOUND, "no row %.*s in table %.*s", EID_SLICE_ARG(key),
                    EID_SLICE_ARG(store));
}

eid_status eid_table_delete(eid_txn *txn, eid_slice store, eid_slice key, bool *was_live)
{
    eid_value gone = EID_VALUE_DELETED_INIT;
    eid_doc *staged;
    char *json;
    eid_status status = eid_table_get(txn, store, key, &json);

    *was_live = false;
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    eid_free(json);
    status = eid_txn_open_store(txn, store, EID_TYPE_TABLE);
    if (status != EID_OK) return status;
    status = eid_txn_staged(txn, store, &staged);
    if (status == EID_OK) status = eid_doc_put_child_take(staged, key, &gone);
    *was_live = status == EID_OK;
    return status;
}

typedef struct table_scan {
    const eid_doc *staged; /* may be NULL */
    size_t next;           /* staged child that comes next */
    eid_status (*fn)(void *arg, eid_slice key, eid_slice json);
    void *arg;
    bool is_stopped;
} table_scan;

static eid_status table_give(table_scan *scan, eid_slice key, const eid_value *value)
{
    eid_status status;

    if (value->type != EID_VALUE_TEXT) return EID_OK;
    status = scan->fn(scan->arg, key, eid_value_text(value));
    if (status == EID_E_AGAIN) scan->is_stopped = true;
    return status;
}

/* Give the staged rows before `limit` (NULL = all that are left). */
static eid_status table_give_staged(table_scan *scan, const eid_slice *limit)
{
    while (scan->staged && scan->next < eid_doc_total(scan->staged)) {
        eid_slice key;
        const eid_value *value = eid_doc_at(scan->staged, scan->next, &key);
        eid_status status;
        if (limit && eid_slice_compare(key, *limit) >= 0) return EID_OK;
        scan->next++;
        status = table_give(scan, key, value);
        if (status != EID_OK) return status;
    }
    return EID_OK;
}

static eid_status table_on_committed(void *self, eid_slice name, const eid_value *value)
{
    table_scan *scan = self;
    eid_slice key = EID_SLICE_EMPTY;
    const eid_value *change = NULL;
    eid_status status = table_give_staged(scan, &name);

    if (status != EID_OK) return status;
    if (scan->staged && scan->next < eid_doc_total(scan->staged)) {
        change = eid_doc_at(scan->staged, scan->next, &key);
        if (!eid_slice_equal(key, name)) change = NULL;
    }
    if (change) scan->next++;
    return table_give(scan, name, change ? change : value);
}

static eid_status table_scan_past(eid_txn *txn, eid_slice store, bool has_after, eid_slice after,
                                  table_scan *scan)
{
    const eid_doc *past;
    eid_status status = eid__txn_past(txn, store, &past);

    for (size_t i = 0; status == EID_OK && i < eid_doc_total(past); i++) {
        eid_slice name;
        const eid_value *value = eid_doc_at(past, i, &name);
        if (has_after && eid_slice_compare(name, after) <= 0) continue;
        status = table_on_committed(scan, name, value);
    }
    return status;
}

eid_status eid_table_scan(eid_txn *txn, eid_slice store, bool has_after, eid_slice after,
                          eid_status (*fn)(void *arg, eid_slice key, eid_slice json), void *arg)
{
    const eid_seam *seam = eid_txn_seam(txn);
    table_scan scan = {.staged = eid_txn_peek_staged(txn, store), .fn = fn, .arg = arg};
    eid_status status = EID_OK;

    while (has_after && scan.staged && scan.next < eid_doc_total(scan.staged)) {
        eid_slice key;
        (void)eid_doc_at(scan.staged, scan.next, &key);
        if (eid_slice_compare(key, after) > 0) break;
        scan.next++;
    }
    if (txn->has_at) {
        status = table_scan_past(txn, store, has_after, after, &scan);
    } else if (!txn->is_genesis) {
        status = seam->children(seam->self, eid_txn_root(txn), store, has_after, after,
                                table_on_committed, &scan);
    }
    if (scan.is_stopped) return EID_OK;
    if (status == EID_OK || status == EID_E_NOT_FOUND) status = table_give_staged(&scan, NULL);
    return scan.is_stopped ? EID_OK : status;
}
