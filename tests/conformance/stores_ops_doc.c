/* Operations on documents: stores, the settings, the registry. */
#include "dag/alloc.h"
#include "node/db/registry.h"
#include "node/db/settings.h"
#include "node/db/value_editor.h"
#include "tests/conformance/stores_ops.h"

#define KEYS_MAX 16

static bool is_op(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0;
}

/* The recorded doc is ours. */
static void check_doc(const store_op *op, const eid_doc *actual)
{
    eid_doc *wanted;

    if (!op->ok) return;
    wanted = eid_case_doc_of(op->node->suite, op->ok);
    (void)eid_case_doc_equal(op->node->suite, eid_get_text(op->op, "op"), wanted, actual);
    eid_doc_free(wanted);
}

static void check_text(const store_op *op, eid_slice actual)
{
    store_op_check_json(op, json_stringn((const char *)actual.at, actual.len));
}

/* -- reads ------------------------------------------------------------------------------------- */

static eid_status doc_get(const store_op *op, eid_value_type type)
{
    eid_value value;
    eid_status status;

    if (type == EID_VALUE_NULL) {
        status = eid_docstore_get(op->txn, op->store, store_op_path(op), &value);
    } else {
        status = eid_docstore_get_as(op->txn, op->store, store_op_path(op), type, &value);
    }
    if (status != EID_OK) return status;
    if (type == EID_VALUE_DOC) {
        check_doc(op, value.doc);
    } else if (type == EID_VALUE_INT) {
        store_op_check_json(op, json_integer(value.integer));
    } else if (type == EID_VALUE_TEXT) {
        check_text(op, eid_value_text(&value));
    } else if (type == EID_VALUE_LIST && op->ok) {
        eid_list *wanted = eid_case_list_of(op->node->suite, op->ok);
        (void)eid_case_bool(op->node->suite, "list", true, eid_list_equal(wanted, value.list));
        eid_list_free(wanted);
    } else if (type == EID_VALUE_NULL) {
        store_op_check_value(op, &value);
    }
    eid_value_fini(&value);
    return EID_OK;
}

static eid_status doc_all(const store_op *op)
{
    eid_doc *all = NULL;
    eid_status status = eid_txn_doc(op->txn, op->store, &all);

    if (status == EID_OK) check_doc(op, all);
    eid_doc_free(all);
    return status;
}

static eid_status doc_config(const store_op *op)
{
    eid_registry_row row;
    eid_status status = eid_registry_find(op->txn, op->store, &row);

    if (status == EID_OK) check_doc(op, row.config);
    if (status == EID_OK) eid_registry_row_fini(&row);
    return status;
}

/* -- writes ------------------------------------------------------------------------------------ */

static eid_status doc_set(const store_op *op, bool is_exchange)
{
    eid_value value = EID_VALUE_NULL_INIT, old = EID_VALUE_DELETED_INIT;
    eid_status status;

    if (!eid_case_value_of(op->node->suite, json_object_get(op->op, "value"), &value)) {
        return EID_OK;
    }
    if (is_exchange) {
        status = eid_docstore_exchange_take(op->txn, op->store, store_op_path(op), &value, &old);
        if (status == EID_OK && op->ok) {
            if (json_is_null(op->ok)) {
                (void)eid_case_text(op->node->suite, "previous", "deleted",
                                    eid_slice_text(eid_value_type_name(old.type)));
            } else {
                store_op_check_value(op, &old);
            }
        }
        eid_value_fini(&old);
    } else {
        status = eid_docstore_set_take(op->txn, op->store, store_op_path(op), &value);
    }
    eid_value_fini(&value);
    return status;
}

static eid_status doc_delete(const store_op *op)
{
    bool was_live = false;
    eid_status status = eid_docstore_delete(op->txn, op->store, store_op_path(op), &was_live);

    if (status == EID_OK) store_op_check_bool(op, was_live);
    return status;
}

static eid_status doc_or_insert(const store_op *op)
{
    eid_value value =
        eid_value_of_int((int64_t)json_integer_value(json_object_get(op->op, "default")));
    eid_value found = EID_VALUE_NULL_INIT;
    eid_status status =
        eid_docstore_get_or_insert_take(op->txn, op->store, store_op_path(op), &value, &found);

    if (status == EID_OK) store_op_check_json(op, json_integer(found.integer));
    eid_value_fini(&found);
    return status;
}

static eid_status doc_at_path(const store_op *op, const char *name)
{
    const json_t *list = eid_get_array(op->op, "keys");
    size_t count = json_array_size(list);
    eid_slice keys[KEYS_MAX];
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status;

    for (size_t i = 0; i < count && i < KEYS_MAX; i++) {
        const json_t *key = json_array_get(list, i);
        keys[i] = eid_slice_of(json_string_value(key), json_string_length(key));
    }
    if (is_op(name, "get_at_path")) {
        status = eid_docstore_get_at(op->txn, op->store, keys, count, &value);
        if (status == EID_OK) store_op_check_value(op, &value);
    } else if (is_op(name, "delete_at_path")) {
        status = eid_docstore_delete_at(op->txn, op->store, keys, count);
    } else {
        (void)eid_case_value_of(op->node->suite, json_object_get(op->op, "value"), &value);
        status = eid_docstore_set_at_take(op->txn, op->store, keys, count, &value);
    }
    eid_value_fini(&value);
    return status;
}

static eid_status doc_open(const store_op *op)
{
    if (op->store.len > 0 && op->store.at[0] == '_') return EID_OK;
    return eid_txn_open_store(op->txn, op->store, EID_TYPE_DOCSTORE);
}

eid_status store_op_doc(const store_op *op, const char *name, bool *known)
{
    if (is_op(name, "open")) return doc_open(op);
    if (is_op(name, "get") || is_op(name, "get_path")) return doc_get(op, EID_VALUE_NULL);
    if (is_op(name, "get_string")) return doc_get(op, EID_VALUE_TEXT);
    if (is_op(name, "get_list")) return doc_get(op, EID_VALUE_LIST);
    if (is_op(name, "get_node")) return doc_get(op, EID_VALUE_DOC);
    if (is_op(name, "get_int")) return doc_get(op, EID_VALUE_INT);
    if (is_op(name, "get_all")) return doc_all(op);
    if (is_op(name, "get_config")) return doc_config(op);
    if (is_op(name, "set")) return doc_set(op, false);
    if (is_op(name, "insert")) return doc_set(op, true);
    if (is_op(name, "delete")) return doc_delete(op);
    if (is_op(name, "get_or_insert_int")) return doc_or_insert(op);
    if (is_op(name, "add_int")) {
        return eid_docstore_add(op->txn, op->store, store_op_path(op),
                                (int64_t)json_integer_value(json_object_get(op->op, "by")), NULL);
    }
    if (is_op(name, "contains") || is_op(name, "contains_path")) {
        store_op_check_bool(op, eid_docstore_has(op->txn, op->store, store_op_path(op)));
        return EID_OK;
    }
    if (strstr(name, "_at_path")) return doc_at_path(op, name);
    *known = false;
    return EID_OK;
}

/* -- settings ---------------------------------------------------------------------------------- */

static eid_status settings_strategy(const store_op *op, bool is_set)
{
    eid_height_strategy strategy = EID_HEIGHT_INCREMENTAL;
    eid_status status;

    if (is_set) {
        if (strcmp(eid_get_text(op->op, "value"), "timestamp") == 0) {
            strategy = EID_HEIGHT_TIMESTAMP;
        }
        return eid_settings_store_set_strategy(op->txn, strategy);
    }
    status = eid_settings_store_strategy(op->txn, &strategy);
    if (status == EID_OK) {
        store_op_check_json(
            op, json_string(strategy == EID_HEIGHT_TIMESTAMP ? "timestamp" : "incremental"));
    }
    return status;
}

eid_status store_op_settings(const store_op *op, const char *name, bool *known)
{
    char *found = NULL;
    eid_status status;

    if (is_op(name, "get_name")) {
        status = eid_settings_store_name(op->txn, &found);
        if (status == EID_OK) check_text(op, eid_slice_text(found));
        eid_free(found);
        return status;
    }
    if (is_op(name, "set_name")) {
        return eid_settings_store_set_name(op->txn, eid_get_slice(op->op, "value"));
    }
    if (is_op(name, "get_height_strategy")) return settings_strategy(op, false);
    if (is_op(name, "set_height_strategy")) return settings_strategy(op, true);
    return store_op_doc(op, name, known);
}

/* -- registry ---------------------------------------------------------------------------------- */

/* The committed names only: what the transaction has registered itself is not listed there. */
static eid_status index_list(const store_op *op)
{
    json_t *names = json_array();
    eid_doc *index = NULL;
    const eid_doc *staged = eid_txn_peek_staged(op->txn, op->store);
    eid_status status = eid_txn_index(op->txn, &index);

    for (size_t i = 0; status == EID_OK && i < eid_doc_total(index); i++) {
        eid_slice name;
        const eid_value *row = eid_doc_at(index, i, &name);
        if (row->type == EID_VALUE_DELETED || (staged && eid_doc_child(staged, name))) continue;
        json_array_append_new(names, json_stringn((const char *)name.at, name.len));
    }
    eid_doc_free(index);
    if (status == EID_OK) {
        store_op_check_json(op, names);
    } else {
        json_decref(names);
    }
    return status;
}

static eid_status index_entry(const store_op *op)
{
    eid_registry_row row;
    eid_status status = eid_registry_find(op->txn, store_op_path(op), &row);
    const json_t *ok = op->ok;

    if (status != EID_OK) return status;
    if (ok) {
        store_op part = *op;
        (void)eid_case_text(op->node->suite, "type", eid_get_text(ok, "type"),
                            eid_slice_text(row.type));
        part.ok = json_object_get(ok, "config");
        check_doc(&part, row.config);
        (void)eid_case_bool(op->node->suite, "strategy",
                            eid_has(json_object_get(ok, "settings"), "height_strategy"),
                            row.has_strategy);
    }
    eid_registry_row_fini(&row);
    return EID_OK;
}

eid_status store_op_index(const store_op *op, const char *name, bool *known)
{
    eid_registry_row row;
    eid_status status;

    if (is_op(name, "list")) return index_list(op);
    if (is_op(name, "get_entry")) return index_entry(op);
    if (is_op(name, "contains")) {
        status = eid_registry_find(op->txn, store_op_path(op), &row);
        store_op_check_bool(op, status == EID_OK);
        if (status == EID_OK) eid_registry_row_fini(&row);
        return EID_OK;
    }
    *known = false;
    return EID_OK;
}
