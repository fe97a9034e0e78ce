/* What an index gives is what was committed, so staged rows are merged in and looked at one by one,
 * and rows that they hide never come. The index is of the present state: as elsewhere (txn_now.c),
 * it is asked afterwards whether the present is still what the transaction builds on. */
#include "node/db/table_search.h"

#include "dag/alloc.h"
#include "dag/json.h"
#include "node/db/row_field.h"
#include "node/db/table_scan.h"

/* -- by a predicate ---------------------------------------------------------------------------- */

typedef struct search_pick {
    bool (*pick)(void *arg, eid_slice key, eid_slice json);
    eid__table_row_fn fn;
    void *arg;
} search_pick;

static eid_status search_check(eid_slice key, eid_slice json)
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
    if (status != EID_E_MALFORMED) return status;
    return EID_FAIL(EID_KIND_STORE_DECODE, "row %.*s is no JSON", EID_SLICE_ARG(key));
}

static eid_status search_on_row(void *arg, eid_slice key, eid_slice json)
{
    const search_pick *search = arg;
    eid_status status = search_check(key, json);

    if (status != EID_OK || !search->pick(search->arg, key, json)) return status;
    return search->fn(search->arg, key, json);
}

eid_status eid_table_search(eid_txn *txn, eid_slice store,
                            bool (*pick)(void *arg, eid_slice key, eid_slice json),
                            eid_status (*fn)(void *arg, eid_slice key, eid_slice json), void *arg)
{
    search_pick search = {pick, fn, arg};

    return eid_table_scan(txn, store, false, EID_SLICE_EMPTY, search_on_row, &search);
}

/* -- by a member's value ----------------------------------------------------------------------- */

typedef struct search_find {
    eid_txn *txn;
    eid_slice store, field, json;
    eid_buf scalar, found;
    eid__table_row_fn fn;
    void *arg;
} search_find;

static eid_status find_on_row(void *arg, eid_slice key, eid_slice json)
{
    search_find *find = arg;
    eid_status status = eid__row_field(json, find->field, &find->found);

    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (!eid_slice_equal(eid_buf_slice(&find->found), eid_buf_slice(&find->scalar))) return EID_OK;
    return find->fn(find->arg, key, json);
}

/* The rows that the node finds at present. */
typedef struct find_present {
    const search_find *find;
    eid__table_child_fn fn;
    void *arg;
    bool is_checked; /* that the present is what the transaction builds on */
    bool is_now, is_stopped;
} find_present;

static eid_status find_on_present(void *arg, eid_slice name, const eid_value *value)
{
    find_present *present = arg;
    eid_status status = EID_OK;

    if (!present->is_checked) {
        status = eid__txn_is_now(present->find->txn, present->find->store, &present->is_now);
    }
    if (status != EID_OK) return status;
    present->is_checked = true;
    if (!present->is_now) return EID_E_AGAIN;
    status = present->fn(present->arg, name, value);
    present->is_stopped = status == EID_E_AGAIN;
    return status;
}

static eid_status find_rows(void *self, eid__table_child_fn fn, void *arg)
{
    const search_find *find = self;
    const eid_seam *seam = eid_txn_seam(find->txn);
    find_present present = {.find = find, .fn = fn, .arg = arg};
    bool is_open = !eid__txn_inner_type(find->txn, find->store) && !find->txn->is_genesis;
    eid_status status = EID_OK;

    if (is_open) status = eid__txn_is_now(find->txn, find->store, &present.is_now);
    if (status == EID_OK && present.is_now) {
        status = seam->find(seam->self, eid_txn_root(find->txn), find->store, find->field,
                            find->json, find_on_present, &present);
        if (status == EID_E_NOT_FOUND) status = EID_OK;
        if (status != EID_OK || present.is_stopped) return status;
        if (!present.is_checked) {
            status = eid__txn_is_now(find->txn, find->store, &present.is_now);
        }
        if (status != EID_OK || present.is_now) return status;
    }
    if (status != EID_OK) return status;
    return eid__txn_base_children(find->txn, find->store, false, EID_SLICE_EMPTY, fn, arg);
}

eid_status eid_table_find(eid_txn *txn, eid_slice store, eid_slice field, eid_slice json,
                          eid_status (*fn)(void *arg, eid_slice key, eid_slice json), void *arg)
{
    search_find find = {
        .txn = txn, .store = store, .field = field, .json = json, .fn = fn, .arg = arg};
    const eid__table_source source = {find_rows, &find};
    eid_status status;

    eid_buf_init(&find.scalar, EID__ROW_SCALAR_MAX);
    eid_buf_init(&find.found, EID__ROW_SCALAR_MAX);
    status = eid__row_scalar(json, &find.scalar);
    if (status == EID_OK) {
        status = eid__table_merge(txn, store, NULL, &source, find_on_row, &find);
    }
    eid_buf_fini(&find.scalar);
    eid_buf_fini(&find.found);
    return status;
}

/* -- changing a row ---------------------------------------------------------------------------- */

eid_status eid_table_modify(eid_txn *txn, eid_slice store, eid_slice key,
                            eid_status (*edit)(void *self, eid_slice json, eid_buf *out),
                            void *self)
{
    char *json = NULL;
    eid_buf changed;
    eid_status status = eid_table_get(txn, store, key, &json);

    if (status != EID_OK) return status;
    eid_buf_init(&changed, EID_ENTRY_BYTES_MAX);
    status = edit(self, eid_slice_text(json), &changed);
    if (status == EID_OK) status = eid_buf_status(&changed);
    if (status == EID_OK) status = eid_table_set(txn, store, key, eid_buf_slice(&changed));
    eid_buf_fini(&changed);
    eid_free(json);
    return status;
}
