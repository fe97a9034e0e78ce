/* Finding rows, and the indexes that make it quick. Both are the seam's; rows that the transaction
 * has staged are merged in on this side. */
#include "node/api_internal.h"
#include "node/db/table_search.h"

typedef struct find_walk {
    bool (*each)(void *self, const char *key, const char *json);
    void *self;
    eid_buf texts;
} find_walk;

static eid_status find_give(void *arg, eid_slice key, eid_slice json)
{
    find_walk *walk = arg;
    eid_status status;

    eid_buf_clear(&walk->texts);
    eid_buf_append(&walk->texts, key);
    eid_buf_append_byte(&walk->texts, 0);
    eid_buf_append(&walk->texts, json);
    eid_buf_append_byte(&walk->texts, 0);
    status = eid_buf_status(&walk->texts);
    if (status != EID_OK) return status;
    return walk->each(walk->self, (const char *)walk->texts.at,
                      (const char *)walk->texts.at + key.len + 1)
               ? EID_OK
               : EID_E_AGAIN;
}

static eid_status find_check(const void *handle, const char *store, const char *field,
                             const char *json)
{
    eid_status status = eid__api_need(handle, "the handle");

    if (status == EID_OK) status = eid__api_need(store, "store");
    if (status == EID_OK) status = eid__api_need(field, "field");
    return status == EID_OK ? eid__api_need(json, "json") : status;
}

static eid_status find_run(eid_txn *txn, const char *store, const char *field, const char *json,
                           find_walk *walk)
{
    eid_status status;

    eid_buf_init(&walk->texts, EID__API_JSON_MAX);
    status = eid_table_find(txn, eid_slice_text(store), eid_slice_text(field), eid_slice_text(json),
                            find_give, walk);
    eid_buf_fini(&walk->texts);
    return status;
}

eidetica_status eidetica_table_find(eidetica_db *db, const char *store, const char *field,
                                    const char *json,
                                    bool (*each)(void *self, const char *key, const char *json),
                                    void *self)
{
    find_walk walk = {.each = each, .self = self};
    eid_txn *txn = NULL;
    eid_status status = find_check(db, store, field, json);

    if (status == EID_OK) status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = find_run(txn, store, field, json, &walk);
    eid_txn_free(txn);
    return eid__api_end(status);
}

eidetica_status eidetica_txn_table_find(eidetica_txn *txn, const char *store, const char *field,
                                        const char *json,
                                        bool (*each)(void *self, const char *key, const char *json),
                                        void *self)
{
    find_walk walk = {.each = each, .self = self};
    eid_status status = find_check(txn, store, field, json);

    if (status == EID_OK) status = find_run(txn->txn, store, field, json, &walk);
    return eid__api_end(status);
}

eidetica_status eidetica_table_index(eidetica_db *db, const char *store, const char *field, bool on)
{
    eid_status status = find_check(db, store, field, field);

    if (status == EID_OK) {
        status = db->seam->set_index(db->seam->self, &db->root, eid_slice_text(store),
                                     eid_slice_text(field), on);
    }
    return eid__api_end(status);
}

typedef struct index_walk {
    bool (*each)(void *self, const char *field);
    void *self;
} index_walk;

static eid_status index_give(void *arg, eid_slice field)
{
    const index_walk *walk = arg;
    char text[257];
    size_t len = field.len < sizeof text ? field.len : sizeof text - 1;

    memcpy(text, field.at, len);
    text[len] = 0;
    return walk->each(walk->self, text) ? EID_OK : EID_E_AGAIN;
}

eidetica_status eidetica_table_indexes(eidetica_db *db, const char *store,
                                       bool (*each)(void *self, const char *field), void *self)
{
    index_walk walk = {each, self};
    eid_status status = find_check(db, store, store, store);

    if (status == EID_OK) {
        status =
            db->seam->indexes(db->seam->self, &db->root, eid_slice_text(store), index_give, &walk);
    }
    return eid__api_end(status);
}
