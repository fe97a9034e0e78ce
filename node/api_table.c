/* Rows are given to C programs as texts that end with a zero, so each is copied once into a buffer
 * that the walk reuses; a table of any size is streamed through it. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/registry.h"
#include "node/db/table.h"

static eid_status table_check(const void *handle, const char *store, const void *last,
                              const char *name)
{
    eid_status status = eid__api_need(handle, "the handle");

    if (status == EID_OK) status = eid__api_need(store, "store");
    return status == EID_OK ? eid__api_need(last, name) : status;
}

eidetica_status eidetica_table_insert(eidetica_txn *txn, const char *store, const char *json,
                                      char **key)
{
    char made[37];
    eid_status status = table_check(txn, store, json, "json");

    if (key) *key = NULL;
    if (status == EID_OK) {
        status = eid_table_insert(txn->txn, eid_slice_text(store), eid_slice_text(json), made);
    }
    if (status == EID_OK && key) {
        *key = eid_slice_dup_text(eid_slice_text(made));
        if (!*key) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    }
    return eid__api_end(status);
}

eidetica_status eidetica_table_set(eidetica_txn *txn, const char *store, const char *key,
                                   const char *json)
{
    eid_status status = table_check(txn, store, key, "key");

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) {
        status = eid_table_set(txn->txn, eid_slice_text(store), eid_slice_text(key),
                               eid_slice_text(json));
    }
    return eid__api_end(status);
}

eidetica_status eidetica_table_delete(eidetica_txn *txn, const char *store, const char *key)
{
    bool was_live = false;
    eid_status status = table_check(txn, store, key, "key");

    if (status == EID_OK) {
        status = eid_table_delete(txn->txn, eid_slice_text(store), eid_slice_text(key), &was_live);
    }
    if (status == EID_OK && !was_live) {
        status = EID_FAIL(EID_KIND_KEY_NOT_FOUND, "no row %s in table %s", key, store);
    }
    return eid__api_end(status);
}

eidetica_status eidetica_table_get(eidetica_db *db, const char *store, const char *key, char **json)
{
    eid_txn *txn = NULL;
    eid_status status = table_check(db, store, key, "key");

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) {
        *json = NULL;
        status = eid__api_reader(db, &txn);
    }
    if (status == EID_OK) {
        status = eid_table_get(txn, eid_slice_text(store), eid_slice_text(key), json);
    }
    eid_txn_free(txn);
    return eid__api_end(status);
}

eidetica_status eidetica_txn_table_get(eidetica_txn *txn, const char *store, const char *key,
                                       char **json)
{
    eid_status status = table_check(txn, store, key, "key");

    if (status == EID_OK) status = eid__api_need(json, "json");
    if (status == EID_OK) {
        *json = NULL;
        status = eid_table_get(txn->txn, eid_slice_text(store), eid_slice_text(key), json);
    }
    return eid__api_end(status);
}

/* A walk over pairs of texts. */
typedef struct table_walk {
    bool (*each)(void *self, const char *first, const char *second);
    void *self;
    eid_buf texts;
} table_walk;

static eid_status table_give(void *arg, eid_slice first, eid_slice second)
{
    table_walk *walk = arg;
    eid_status status;
    bool is_on;

    eid_buf_clear(&walk->texts);
    eid_buf_append(&walk->texts, first);
    eid_buf_append_byte(&walk->texts, 0);
    eid_buf_append(&walk->texts, second);
    eid_buf_append_byte(&walk->texts, 0);
    status = eid_buf_status(&walk->texts);
    if (status != EID_OK) return status;
    is_on = walk->each(walk->self, (const char *)walk->texts.at,
                       (const char *)walk->texts.at + first.len + 1);
    return is_on ? EID_OK : EID_E_AGAIN;
}

static eid_status table_rows(eid_txn *txn, const char *store, const char *after, table_walk *walk)
{
    eid_slice from = after ? eid_slice_text(after) : EID_SLICE_EMPTY;
    eid_status status;

    eid_buf_init(&walk->texts, EID__API_JSON_MAX);
    status = eid_table_scan(txn, eid_slice_text(store), after != NULL, from, table_give, walk);
    eid_buf_fini(&walk->texts);
    return status;
}

eidetica_status eidetica_table_rows(eidetica_db *db, const char *store, const char *after,
                                    bool (*each)(void *self, const char *key, const char *json),
                                    void *self)
{
    table_walk walk = {.each = each, .self = self};
    eid_txn *txn = NULL;
    eid_status status = table_check(db, store, db, "db");

    if (status == EID_OK) status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = table_rows(txn, store, after, &walk);
    eid_txn_free(txn);
    return eid__api_end(status);
}

eidetica_status eidetica_txn_table_rows(eidetica_txn *txn, const char *store, const char *after,
                                        bool (*each)(void *self, const char *key, const char *json),
                                        void *self)
{
    table_walk walk = {.each = each, .self = self};
    eid_status status = table_check(txn, store, txn, "txn");

    if (status == EID_OK) status = table_rows(txn->txn, store, after, &walk);
    return eid__api_end(status);
}

eidetica_status eidetica_stores(eidetica_db *db,
                                bool (*each)(void *self, const char *store, const char *type),
                                void *self)
{
    table_walk walk = {.each = each, .self = self};
    eid_txn *txn = NULL;
    eid_status status = eid__api_need(db, "db");

    eid_buf_init(&walk.texts, EID__API_JSON_MAX);
    if (status == EID_OK) status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = eid_registry_list(txn, table_give, &walk);
    eid_txn_free(txn);
    eid_buf_fini(&walk.texts);
    return eid__api_end(status);
}
