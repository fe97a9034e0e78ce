/* One row is merged at a time, not the whole index: opening a store costs the same in a database of
 * one store and of a thousand. */
#include "node/db/registry.h"

#include "dag/alloc.h"
#include "node/db/txn_internal.h"

#define ROW_TYPE "type"
#define ROW_CONFIG "config"
#define ROW_SETTINGS "settings"
#define ROW_STRATEGY "height_strategy"

void eid_registry_row_fini(eid_registry_row *row)
{
    eid_free(row->type);
    eid_doc_free(row->config);
    *row = (eid_registry_row){0};
}

static eid_slice registry_store(void)
{
    return eid_slice_text(EID_STORE_INDEX);
}

static eid_status registry_refuse(eid_slice name, const char *what)
{
    return EID_FAIL(EID_KIND_STORE_DECODE, "index row of store %.*s: %s", EID_SLICE_ARG(name),
                    what);
}

/* The row as it would be after a commit; NOT_FOUND bare. */
static eid_status registry_value(eid_txn *txn, eid_slice name, eid_value *out)
{
    const eid_doc *staged;
    const eid_value *change, *base;
    eid_status status = eid__txn_need_context(txn);

    *out = EID_VALUE_NULL_INIT;
    if (status != EID_OK) return status;
    base = eid_doc_child(txn->context.index, name);
    staged = eid_txn_peek_staged(txn, registry_store());
    change = staged ? eid_doc_child(staged, name) : NULL;
    if (!base && !change) return EID_E_NOT_FOUND;
    status = eid_value_copy(base ? base : change, out);
    if (status != EID_OK) return status;
    if (base && change) status = eid_value_merge(out, change);
    if (status == EID_OK && out->type == EID_VALUE_DELETED) status = EID_E_NOT_FOUND;
    if (status != EID_OK) eid_value_fini(out);
    return status;
}

static const eid_value *registry_part(const eid_doc *row, const char *name)
{
    const eid_value *part = eid_doc_child(row, eid_slice_text(name));

    return part && part->type != EID_VALUE_DELETED ? part : NULL;
}

static eid_status registry_read_config(eid_slice name, const eid_doc *row, eid_registry_row *out)
{
    const eid_value *config = registry_part(row, ROW_CONFIG);

    if (config && config->type == EID_VALUE_DOC) return eid_doc_copy(config->doc, &out->config);
    if (config && config->type == EID_VALUE_TEXT && !eid_slice_is(eid_value_text(config), "{}")) {
        return registry_refuse(name, "its config is no document");
    }
    return eid_doc_new(&out->config);
}

static eid_status registry_read_settings(eid_slice name, const eid_doc *row, eid_registry_row *out)
{
    const eid_value *settings = registry_part(row, ROW_SETTINGS);
    const eid_value *strategy;

    if (!settings) return EID_OK;
    if (settings->type != EID_VALUE_DOC)
        return registry_refuse(name, "its settings are no document");
    strategy = registry_part(settings->doc, ROW_STRATEGY);
    if (!strategy) return EID_OK;
    if (strategy->type != EID_VALUE_TEXT ||
        !eid_settings_strategy_parse(eid_value_text(strategy), &out->strategy)) {
        return registry_refuse(name, "its height strategy is none");
    }
    out->has_strategy = true;
    return EID_OK;
}

static eid_status registry_read(eid_slice name, const eid_value *value, eid_registry_row *out)
{
    const eid_value *type;
    eid_status status;

    if (value->type != EID_VALUE_DOC) return registry_refuse(name, "it is no document");
    type = registry_part(value->doc, ROW_TYPE);
    if (!type || type->type != EID_VALUE_TEXT) return registry_refuse(name, "it has no type");
    out->type = eid_slice_dup_text(eid_value_text(type));
    if (!out->type) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an index row");
    status = registry_read_config(name, value->doc, out);
    if (status != EID_OK) return status;
    return registry_read_settings(name, value->doc, out);
}

eid_status eid_registry_find(eid_txn *txn, eid_slice name, eid_registry_row *out)
{
    eid_value value;
    eid_status status;

    *out = (eid_registry_row){0};
    status = registry_value(txn, name, &value);
    if (status != EID_OK) return status;
    status = registry_read(name, &value, out);
    if (status != EID_OK) eid_registry_row_fini(out);
    eid_value_fini(&value);
    return status;
}

static eid_status registry_missing(eid_slice name)
{
    return EID_FAIL(EID_KIND_KEY_NOT_FOUND, "no store %.*s in the index", EID_SLICE_ARG(name));
}

static eid_status registry_check_name(eid_slice name)
{
    const char *why = NULL;

    if (name.len == 0) return EID_OK; /* refused at commit, as everywhere */
    if (name.len > EID_ENTRY_NAME_MAX) {
        why = "it is longer than 255 bytes";
    } else if (memchr(name.at, '.', name.len)) {
        why = "it has a '.' in it, which separates parts of paths";
    } else if (name.at[0] == '_') {
        why = "names that begin with '_' are the system's";
    } else if (!eid_slice_is_utf8(name) || memchr(name.at, 0, name.len)) {
        why = "it is not UTF-8 text";
    }
    if (!why) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_OPERATION, "a store cannot be called \"%.*s\": %s",
                    EID_SLICE_ARG(name), why);
}

/* Put {type, config} and, if given, settings into the staged index; takes the docs on every way. */
static eid_status registry_stage(eid_txn *txn, eid_slice name, eid_slice type, eid_doc *config,
                                 eid_doc *settings)
{
    eid_value row_value = EID_VALUE_NULL_INIT, config_value, settings_value;
    eid_doc *row = NULL, *staged;
    eid_status status;

    config_value = eid_value_of_doc_take(&config);
    settings_value = settings ? eid_value_of_doc_take(&settings) : EID_VALUE_NULL_INIT;
    status = eid_doc_new(&row);
    if (status != EID_OK) goto done;
    status = eid_doc_set_text(row, eid_slice_text(ROW_TYPE), type);
    if (status != EID_OK) goto done;
    status = eid_doc_put_child_take(row, eid_slice_text(ROW_CONFIG), &config_value);
    if (status != EID_OK) goto done;
    if (settings_value.type == EID_VALUE_DOC) {
        status = eid_doc_put_child_take(row, eid_slice_text(ROW_SETTINGS), &settings_value);
        if (status != EID_OK) goto done;
    }
    status = eid__txn_stage(txn, registry_store(), &staged);
    if (status != EID_OK) goto done;
    row_value = eid_value_of_doc_take(&row);
    status = eid_doc_put_child_take(staged, name, &row_value);

done:
    eid_doc_free(row);
    eid_value_fini(&row_value);
    eid_value_fini(&config_value);
    eid_value_fini(&settings_value);
    return status;
}

eid_status eid_registry_add(eid_txn *txn, eid_slice name, const char *type)
{
    eid_doc *config = NULL;
    eid_status status = registry_check_name(name);

    if (status == EID_OK) status = eid__txn_need_context(txn);
    if (status == EID_OK) status = eid_doc_new(&config);
    if (status != EID_OK) return status;
    return registry_stage(txn, name, eid_slice_text(type), config, NULL);
}

eid_status eid_registry_set_take(eid_txn *txn, eid_slice name, const char *type, eid_doc **config)
{
    eid_registry_row row = {0};
    eid_doc *taken = *config;
    eid_status status = EID_OK;

    *config = NULL;
    if (!type) {
        status = eid_registry_find(txn, name, &row);
        if (status == EID_E_NOT_FOUND) status = registry_missing(name);
        type = row.type;
    }
    if (status == EID_OK) status = registry_check_name(name);
    if (status == EID_OK) status = eid__txn_need_context(txn);
    if (status == EID_OK) {
        status = registry_stage(txn, name, eid_slice_text(type), taken, NULL);
        taken = NULL;
    }
    eid_doc_free(taken);
    eid_registry_row_fini(&row);
    return status;
}

/* {height_strategy: text or tombstone}; NULL without an override to set or to take back. */
static eid_status registry_make_settings(const eid_registry_row *row,
                                         const eid_height_strategy *strategy, eid_doc **out)
{
    eid_value gone = EID_VALUE_DELETED_INIT;
    eid_status status;

    *out = NULL;
    if (!strategy && !row->has_strategy) return EID_OK;
    status = eid_doc_new(out);
    if (status != EID_OK) return status;
    if (strategy) {
        status = eid_doc_set_text(*out, eid_slice_text(ROW_STRATEGY),
                                  eid_slice_text(eid_settings_strategy_json(*strategy)));
    } else {
        status = eid_doc_put_child_take(*out, eid_slice_text(ROW_STRATEGY), &gone);
    }
    if (status != EID_OK) {
        eid_doc_free(*out);
        *out = NULL;
    }
    return status;
}

eid_status eid_registry_set_strategy(eid_txn *txn, eid_slice name,
                                     const eid_height_strategy *strategy)
{
    eid_registry_row row;
    eid_doc *settings = NULL, *config;
    eid_status status = eid_registry_find(txn, name, &row);

    if (status == EID_E_NOT_FOUND) return registry_missing(name);
    if (status != EID_OK) return status;
    status = registry_make_settings(&row, strategy, &settings);
    if (status == EID_OK) {
        config = row.config;
        row.config = NULL;
        status = registry_stage(txn, name, eid_slice_text(row.type), config, settings);
    }
    eid_registry_row_fini(&row);
    return status;
}

eid_status eid_registry_list(eid_txn *txn,
                             eid_status (*fn)(void *self, eid_slice name, eid_slice type),
                             void *self)
{
    eid_doc *index = NULL;
    eid_status status = eid_txn_index(txn, &index);

    for (size_t i = 0; status == EID_OK && i < eid_doc_total(index); i++) {
        eid_slice name, type = EID_SLICE_EMPTY;
        const eid_value *row = eid_doc_at(index, i, &name);
        const eid_value *part = NULL;
        if (row->type == EID_VALUE_DELETED) continue;
        if (row->type == EID_VALUE_DOC) part = registry_part(row->doc, ROW_TYPE);
        if (part && part->type == EID_VALUE_TEXT) type = eid_value_text(part);
        status = fn(self, name, type);
    }
    eid_doc_free(index);
    return status == EID_E_AGAIN ? EID_OK : status;
}
