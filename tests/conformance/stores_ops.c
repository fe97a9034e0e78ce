/* Each operation opens its store by name, as the recorded ones did. Where our decisions differ from
 * the reference (spec 03 §16, 04 §14), the rule stands beside the test of it. */
#include "tests/conformance/stores_ops.h"

#include <stdlib.h>

#include "dag/alloc.h"
#include "node/db/password_store.h"
#include "node/db/table_search.h"
#include "node/db/ydoc_store.h"

eid_slice store_op_path(const store_op *op)
{
    return eid_has(op->op, "path") ? eid_get_slice(op->op, "path") : eid_slice_text("");
}

void store_op_check_json(const store_op *op, json_t *actual)
{
    if (op->ok && !json_equal(op->ok, actual)) {
        char *want = json_dumps(op->op, JSON_COMPACT | JSON_ENCODE_ANY);
        char *got = actual ? json_dumps(actual, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

        eid_case_fail(op->node->suite, "%s: got %s", want, got ? got : "nothing");
        free(want);
        free(got);
    }
    json_decref(actual);
}

void store_op_check_value(const store_op *op, const eid_value *actual)
{
    eid_value wanted;

    if (op->ok && eid_case_value_of(op->node->suite, op->ok, &wanted)) {
        (void)eid_case_value_equal(op->node->suite, eid_get_text(op->op, "op"), &wanted, actual);
        eid_value_fini(&wanted);
    }
}

void store_op_check_bool(const store_op *op, bool actual)
{
    store_op_check_json(op, json_boolean(actual));
}

static bool is_op(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0;
}

/* -- tables ------------------------------------------------------------------------------------ */

static char *row_text(const json_t *op)
{
    return json_dumps(json_object_get(op, "row"), JSON_COMPACT | JSON_ENCODE_ANY);
}

static json_t *row_json(eid_slice row)
{
    return json_loadb((const char *)row.at, row.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static eid_status table_write(const store_op *op, bool is_insert)
{
    char *row = row_text(op->op);
    eid_status status;

    if (is_insert) { /* under the key that was drawn there */
        eid_slice key = eid_slice_of(json_string_value(op->ok), json_string_length(op->ok));
        status = eid_table_set(op->txn, op->store, key, eid_slice_text(row));
    } else {
        status = eid_table_set(op->txn, op->store, store_op_path(op), eid_slice_text(row));
    }
    free(row);
    return status;
}

static eid_status table_get(const store_op *op)
{
    char *row = NULL;
    eid_status status = eid_table_get(op->txn, op->store, store_op_path(op), &row);

    if (status == EID_OK) store_op_check_json(op, row_json(eid_slice_text(row)));
    eid_free(row);
    return status;
}

static eid_status table_on_row(void *arg, eid_slice key, eid_slice row)
{
    json_t *pair = json_array();

    json_array_append_new(pair, json_stringn((const char *)key.at, key.len));
    json_array_append_new(pair, row_json(row));
    json_array_append_new(arg, pair);
    return EID_OK;
}

static bool table_pick_all(void *arg, eid_slice key, eid_slice row)
{
    return true;
}

static eid_status table_search(const store_op *op)
{
    json_t *rows = json_array();
    char *value;
    eid_status status;

    if (!eid_has(op->op, "field")) {
        status = eid_table_search(op->txn, op->store, table_pick_all, table_on_row, rows);
    } else {
        value = json_dumps(json_object_get(op->op, "equals"), JSON_COMPACT | JSON_ENCODE_ANY);
        status = eid_table_find(op->txn, op->store, eid_get_slice(op->op, "field"),
                                eid_slice_text(value), table_on_row, rows);
        free(value);
    }
    if (status == EID_OK) {
        store_op_check_json(op, rows);
    } else {
        json_decref(rows);
    }
    return status;
}

static eid_status store_op_table(const store_op *op, const char *name, bool *known)
{
    bool was_live = false;
    eid_status status;

    if (is_op(name, "open")) return eid_txn_open_store(op->txn, op->store, EID_TYPE_TABLE);
    if (is_op(name, "set")) return table_write(op, false);
    if (is_op(name, "insert")) return table_write(op, true);
    if (is_op(name, "get")) return table_get(op);
    if (is_op(name, "search") || is_op(name, "search_all")) return table_search(op);
    if (is_op(name, "delete")) {
        status = eid_table_delete(op->txn, op->store, store_op_path(op), &was_live);
        if (status == EID_OK) store_op_check_bool(op, was_live);
        return status;
    }
    *known = false;
    return EID_OK;
}

/* -- text documents ---------------------------------------------------------------------------- */

/* Offsets are bytes of UTF-8; ours are UTF-16 units. */
static uint64_t ydoc_units(const eid_ydoc *doc, uint64_t bytes)
{
    uint64_t units = 0;
    eid_buf text;

    eid_buf_init(&text, (size_t)1 << 26);
    if (eid_ydoc_view_text(doc, "t", &text) != EID_OK) bytes = 0;
    for (size_t i = 0; i < bytes && i < text.len; i++) {
        if ((text.at[i] & 0xc0) != 0x80) units += text.at[i] >= 0xf0 ? 2 : 1;
    }
    eid_buf_fini(&text);
    return units;
}

static eid_status ydoc_edit(const store_op *op, const char *name, eid_ydoc *doc, bool *known)
{
    uint64_t index = eid_has(op->op, "index") ? eid_get_u64_text(op->op, "index") : 0;
    uint64_t from = ydoc_units(doc, index);
    eid_status status = EID_OK;
    char *json;

    if (is_op(name, "none")) return EID_OK;
    if (is_op(name, "text_insert")) {
        return eid_ydoc_text_insert(doc, "t", from, eid_get_slice(op->op, "text"));
    }
    if (is_op(name, "text_remove")) {
        uint64_t end = ydoc_units(doc, index + eid_get_u64_text(op->op, "count"));
        return eid_ydoc_text_delete(doc, "t", from, end - from);
    }
    if (is_op(name, "map_remove")) {
        return eid_ydoc_map_delete(doc, "m", eid_get_slice(op->op, "key"));
    }
    json = is_op(name, "map_set") ? json_dumps(json_object_get(op->op, "text"), JSON_ENCODE_ANY)
                                  : json_dumps(json_object_get(op->op, "number"), JSON_ENCODE_ANY);
    if (is_op(name, "map_set")) {
        status = eid_ydoc_map_set(doc, "m", eid_get_slice(op->op, "key"), eid_slice_text(json));
    } else if (is_op(name, "array_push")) {
        char list[64];
        snprintf(list, sizeof list, "[%.60s]", json);
        status = eid_ydoc_array_insert(doc, "a", eid_ydoc_length(doc, "a"), eid_slice_text(list));
    } else {
        *known = false;
    }
    free(json);
    return status;
}

static eid_status store_op_ydoc(const store_op *op, const char *name, bool *known)
{
    const eid_ydoc *read = NULL;
    eid_ydoc *doc = NULL;
    eid_status status;

    if (is_op(name, "open")) return eid_txn_open_store(op->txn, op->store, EID_TYPE_YDOC);
    if (is_op(name, "state")) {
        status = eid_ydoc_store_read(op->txn, op->store, &read);
        if (status == EID_OK && op->ok) stores_check_ydoc(op->node->suite, op->ok, read);
        return status;
    }
    status = eid_ydoc_store_edit(op->txn, op->store, &doc);
    return status == EID_OK ? ydoc_edit(op, name, doc, known) : status;
}

/* -- encrypted stores -------------------------------------------------------------------------- */

static eid_status store_op_password(const store_op *op, const char *name, bool *known)
{
    eid_password_state state;
    const char *type;
    eid_status status = eid_password_store_load(op->txn, op->store, &state);

    if (status != EID_OK) return status;
    if (is_op(name, "initialize")) {
        return eid_password_store_initialize(op->txn, op->store, eid_get_slice(op->op, "password"),
                                             EID_TYPE_DOCSTORE, NULL);
    }
    if (is_op(name, "open")) {
        return eid_password_store_open(op->txn, op->store, eid_get_slice(op->op, "password"), NULL);
    }
    if (is_op(name, "inner")) return eid_password_store_inner(op->txn, op->store, &type);
    status = stores_unlock(op->node, op->txn, eid_get_text(op->op, "store"));
    return status == EID_OK ? store_op_doc(op, name, known) : status;
}

/* -- transactions ------------------------------------------------------------------------------ */

eid_status store_op_run(const store_op *op, bool *known)
{
    const char *type = eid_has(op->op, "type") ? eid_get_text(op->op, "type") : EID_TYPE_DOCSTORE;
    const char *name = eid_get_text(op->op, "op");

    *known = true;
    if (is_op(type, EID_TYPE_TABLE)) return store_op_table(op, name, known);
    if (is_op(type, EID_TYPE_YDOC)) return store_op_ydoc(op, name, known);
    if (is_op(type, EID_TYPE_PASSWORD)) return store_op_password(op, name, known);
    if (is_op(type, "_settings")) return store_op_settings(op, name, known);
    if (is_op(type, "_index")) return store_op_index(op, name, known);
    return store_op_doc(op, name, known);
}
