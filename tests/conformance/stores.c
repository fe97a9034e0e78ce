/* Whole recorded databases: every merged state, by the plain fold and by the state engine, which
 * gets the entries in the order of creation, backwards and shuffled; the same states, and those of
 * text documents and encrypted stores, as a node reads them; and what the recorded transactions
 * read and staged. All entries are valid, so those before a state are all visible. */
#include "crdt/fold.h"
#include "crdt/state.h"
#include "dag/entry.h"
#include "dag/graph.h"
#include "dag/random.h"
#include "tests/conformance/stores_node.h"
#include "tests/crdt/row_table.h"

typedef struct database {
    eid_suite *suite;
    eid_entry **entries; /* in order of creation */
    size_t count;
    const json_t *types; /* store -> type */
} database;

/* What an entry brings to a store; NULL if nothing. */
static const eid_subtree *entry_payload(const eid_entry *entry, const char *store)
{
    const eid_subtree *node = eid_entry_find_subtree(entry, eid_slice_text(store));

    return node != NULL && node->has_data ? node : NULL;
}

static eid_stamp entry_stamp(const eid_entry *entry, const eid_subtree *node)
{
    return (eid_stamp){node->height, *eid_entry_id(entry)};
}

/* -- the two ways to a state ------------------------------------------------------------------- */

/* Fold the first `after` entries in store order. New: eid_doc_free(). */
static eid_status database_fold(const database *db, const char *store, size_t after, eid_doc **out)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_doc_new(out);

    for (size_t i = 0; i < after && status == EID_OK; i++) {
        const eid_subtree *node = entry_payload(db->entries[i], store);

        if (node != NULL) {
            status = eid_order_push(&order, node->height, eid_entry_id(db->entries[i]));
        }
    }
    eid_order_sort(&order);
    for (size_t i = 0; i < order.count && status == EID_OK; i++) {
        for (size_t k = 0; k < after; k++) {
            if (!eid_id_equal(eid_entry_id(db->entries[k]), &order.at[i].id)) continue;
            status = eid_fold_payload(*out, entry_payload(db->entries[k], store)->data);
            break;
        }
    }
    eid_order_fini(&order);
    return status;
}

static eid_status database_apply(const database *db, const char *store, const size_t *arrival,
                                 size_t after, row_table *table)
{
    eid_state_rows rows = row_table_rows(table);
    eid_status status = EID_OK;

    for (size_t i = 0; i < after && status == EID_OK; i++) {
        const eid_entry *entry = db->entries[arrival[i]];
        const eid_subtree *node = entry_payload(entry, store);
        eid_doc *payload = NULL;
        eid_stamp stamp;

        if (node == NULL) continue;
        stamp = entry_stamp(entry, node);
        status = eid_payload_read_doc(node->data, &payload);
        if (status == EID_OK) status = eid_state_apply(&rows, &stamp, payload);
        eid_doc_free(payload);
    }
    return status;
}

static void arrival_set(size_t *arrival, size_t count, unsigned way)
{
    eid_random_seeded random = {count};

    for (size_t i = 0; i < count; i++) arrival[i] = way == 1 ? count - 1 - i : i;
    for (size_t i = count; way == 2 && i > 1; i--) {
        size_t k = eid_random_below(&random, i), moved = arrival[k];

        arrival[k] = arrival[i - 1];
        arrival[i - 1] = moved;
    }
}

static void check_engine(const database *db, const char *store, size_t after,
                         const eid_doc *expected)
{
    static const char *const ways[] = {"applied in order", "applied backwards", "applied shuffled"};
    size_t *arrival = eid_alloc_array(after, sizeof(*arrival));

    for (unsigned way = 0; way < 3 && arrival != NULL; way++) {
        row_table table = {0};
        eid_state_rows rows = row_table_rows(&table);
        eid_doc *state = NULL;

        arrival_set(arrival, after, way);
        if (eid_case_ok(db->suite, "apply", database_apply(db, store, arrival, after, &table)) &&
            eid_case_ok(db->suite, "read", eid_state_read(&rows, &state))) {
            (void)eid_case_doc_equal(db->suite, ways[way], expected, state);
        }
        eid_doc_free(state);
        row_table_fini(&table);
    }
    eid_free(arrival);
}

/* -- checks ------------------------------------------------------------------------------------ */

static bool store_is(database *db, const char *store, const char *prefix)
{
    const char *type = json_string_value(json_object_get(db->types, store));

    return type != NULL && strncmp(type, prefix, strlen(prefix)) == 0;
}

static void check_store(database *db, const char *store, const json_t *expected, size_t after)
{
    const char *error = json_string_value(json_object_get(expected, "error"));
    eid_doc *fold = NULL, *doc = NULL;
    eid_status status;

    if (store_is(db, store, "ydoc:") || store_is(db, store, "encrypted:")) return;
    status = database_fold(db, store, after, &fold);
    if (error != NULL && strcmp(error, "NoCommonAncestor") != 0) {
        (void)eid_case_bool(db->suite, "the state cannot be read", true, status != EID_OK);
    } else if (eid_case_ok(db->suite, store, status)) {
        if (eid_has(expected, "doc")) {
            doc = eid_case_read_doc(db->suite, expected, "doc");
            (void)eid_case_doc_equal(db->suite, store, doc, fold);
        }
        check_engine(db, store, after, fold);
    }
    eid_doc_free(fold);
    eid_doc_free(doc);
}

static void check_payloads(const database *db, const eid_entry *entry, json_t *payloads)
{
    const char *store;
    json_t *expected;

    json_object_foreach(payloads, store, expected)
    {
        const eid_subtree *node = entry_payload(entry, store);
        eid_doc *actual = NULL, *doc = NULL;

        if (!eid_case_bool(db->suite, "payload", !json_is_null(expected), node != NULL) ||
            node == NULL || !json_is_object(json_object_get(expected, "children"))) {
            continue;
        }
        doc = eid_case_doc_of(db->suite, expected);
        if (eid_case_ok(db->suite, "payload", eid_payload_read_doc(node->data, &actual))) {
            (void)eid_case_doc_equal(db->suite, "payload", doc, actual);
        }
        eid_doc_free(actual);
        eid_doc_free(doc);
    }
}

static bool database_open(database *db, const json_t *test)
{
    const json_t *entries = eid_get_array(test, "entries");

    db->types = json_object_get(test, "stores");
    db->entries = eid_alloc_array(json_array_size(entries), sizeof(eid_entry *));
    for (size_t i = 0; db->entries != NULL && i < json_array_size(entries); i++) {
        const json_t *item = json_array_get(entries, i);
        eid_buf bytes = eid_get_b64(item, "bytes_b64");
        eid_status status = eid_entry_decode(eid_buf_slice(&bytes), &db->entries[i]);

        eid_buf_fini(&bytes);
        if (!eid_case_ok(db->suite, "entry", status)) return false;
        db->count++;
        (void)eid_case_id(db->suite, "id", eid_get_text(item, "id"), eid_entry_id(db->entries[i]));
        check_payloads(db, db->entries[i], json_object_get(item, "payloads"));
    }
    return db->entries != NULL;
}

/* The same as a node sees it. */
static void case_run_node(const database *db, const json_t *test)
{
    const json_t *states = eid_get_array(test, "states"), *txns = eid_get_array(test, "txns");
    stores_node node = {.suite = db->suite, .entries = db->entries, .entry_count = db->count};
    bool open = stores_node_open(&node, test);

    for (size_t i = 0; open && i < json_array_size(states); i++) {
        json_t *state = json_array_get(states, i), *expected;
        const char *store;

        stores_node_hold(&node, eid_get_u64_text(state, "after"));
        json_object_foreach(json_object_get(state, "stores"), store, expected)
            stores_node_check(&node, store, expected);
    }
    if (open) stores_node_replay(&node, txns);
    stores_node_close(&node);
}

static void case_run(eid_suite *suite, const json_t *test)
{
    database db = {.suite = suite};
    const json_t *states = eid_get_array(test, "states");
    bool open = database_open(&db, test);

    for (size_t i = 0; open && i < json_array_size(states); i++) {
        json_t *state = json_array_get(states, i), *expected;
        const char *store;

        json_object_foreach(json_object_get(state, "stores"), store, expected)
        {
            check_store(&db, store, expected, eid_get_u64_text(state, "after"));
        }
    }
    if (open) case_run_node(&db, test);
    for (size_t i = 0; i < db.count; i++) eid_entry_free(db.entries[i]);
    eid_free(db.entries);
}

static void stores_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, case_run);
}

EID_SUITE("stores.jsonl", stores_run)
