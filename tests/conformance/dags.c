/* dags.jsonl: the storage contract on random DAGs, through the real index over each backend. */
#include <stdlib.h>

#include "dag/alloc.h"
#include "storage/index.h"
#include "tests/conformance/runner.h"
#include "tests/storage/scratch.h"

/* One case: a DAG, and the store that it is put into. */
typedef struct dag {
    eid_suite *suite;
    const json_t *test;
    const char *backend;
    eid_id *ids; /* by entry number */
    size_t id_count;
    eid_kv *kv;
    eid_at at;
    const eid_id *root;
    eid_index_graph *graph;
} dag;

static const eid_graph *dag_source(const dag *self)
{
    return eid_index_graph_source(self->graph);
}

/* A name for messages, in a buffer that lasts until the next. */
static const char *dag_what(const dag *self, const char *what, const json_t *query)
{
    static char text[256];
    char *shown = query == NULL ? NULL : json_dumps(query, JSON_COMPACT);

    (void)snprintf(text, sizeof text, "%s: %s %.120s", self->backend, what,
                   shown == NULL ? "" : shown);
    free(shown);
    return text;
}

static size_t dag_number(const dag *self, const json_t *number)
{
    json_int_t value = json_integer_value(number);

    if (!json_is_integer(number) || value < 0 || (size_t)value >= self->id_count) abort();
    return (size_t)value;
}

/* Ids of a list of entry numbers. New: eid_free(). */
static eid_ids dag_ids(const dag *self, const json_t *numbers)
{
    eid_id *ids = eid_alloc_array(json_array_size(numbers) + 1, sizeof *ids);

    if (ids == NULL) abort();
    for (size_t i = 0; i < json_array_size(numbers); i++) {
        ids[i] = self->ids[dag_number(self, json_array_get(numbers, i))];
    }
    return (eid_ids){ids, json_array_size(numbers)};
}

static void ids_free(eid_ids ids)
{
    eid_free((void *)(uintptr_t)ids.at);
}

static void check_ids(const dag *self, const char *what, const json_t *expected, eid_ids actual)
{
    if (!eid_case_u64(self->suite, what, json_array_size(expected), actual.count)) return;
    for (size_t i = 0; i < actual.count; i++) {
        char text[EID_ID_TEXT_MAX];
        size_t number = dag_number(self, json_array_get(expected, i));

        (void)eid_id_format(&self->ids[number], text);
        (void)eid_case_id(self->suite, what, text, &actual.at[i]);
    }
}

static void check_set(const dag *self, const char *what, const json_t *expected,
                      const eid_idset *actual)
{
    eid_ids ids = dag_ids(self, expected);
    eid_idset set = EID_IDSET_EMPTY;

    if (!eid_case_ok(self->suite, what, eid_idset_assign(&set, ids))) return;
    if (!eid_idset_equal(&set, actual)) {
        eid_case_fail(self->suite, "%s: expected %zu ids, got %zu or others", what, set.count,
                      actual->count);
    }
    eid_idset_fini(&set);
    ids_free(ids);
}

static void check_order(const dag *self, const char *what, const json_t *expected,
                        const eid_order *actual)
{
    eid_id *ids = eid_alloc_array(actual->count + 1, sizeof *ids);

    if (ids == NULL) abort();
    for (size_t i = 0; i < actual->count; i++) ids[i] = actual->at[i].id;
    check_ids(self, what, expected, (eid_ids){ids, actual->count});
    eid_free(ids);
}

/* Does the query expect a failure? Then it is checked. */
static bool check_error(const dag *self, const char *what, const json_t *query, eid_status status)
{
    if (!eid_has(query, "error")) return !eid_case_ok(self->suite, what, status);
    (void)eid_case_error(self->suite, what, eid_get_text(query, "error"), status);
    return true;
}

static void check_tips(const dag *self, const json_t *expected, eid_level level)
{
    const json_t *stores = json_object_get(expected, "store_tips");
    eid_idset tips = EID_IDSET_EMPTY;
    const char *store;
    const json_t *list;

    if (eid_case_ok(self->suite, "tips",
                    eid_index_tips(&self->at, self->root, level, EID_SLICE_EMPTY, &tips))) {
        check_set(self, dag_what(self, "tips", NULL), json_object_get(expected, "tips"), &tips);
    }
    for (void *iter = json_object_iter((json_t *)(uintptr_t)stores); iter != NULL;
         iter = json_object_iter_next((json_t *)(uintptr_t)stores, iter)) {
        store = json_object_iter_key(iter);
        list = json_object_iter_value(iter);
        if (!eid_case_ok(
                self->suite, "store tips",
                eid_index_tips(&self->at, self->root, level, eid_slice_text(store), &tips))) {
            break;
        }
        check_set(self, dag_what(self, store, NULL), list, &tips);
    }
    eid_idset_fini(&tips);
}

static void check_tree_order(const dag *self, const json_t *expect)
{
    eid_index_scan *scan = NULL;
    eid_order order = EID_ORDER_EMPTY;
    eid_order_item item;
    eid_verdict verdict;
    eid_status status = eid_index_scan_new(&self->at, self->root, &scan);

    while (status == EID_OK) {
        status = eid_index_scan_next(scan, &item, &verdict);
        if (status == EID_OK) status = eid_order_push(&order, item.height, &item.id);
    }
    (void)eid_case_u64(self->suite, "end of scan", EID_E_NOT_FOUND, status);
    check_order(self, dag_what(self, "tree_order", NULL), eid_get_array(expect, "tree_order"),
                &order);
    eid_order_fini(&order);
    eid_index_scan_free(scan);
}

static void check_store_order(const dag *self, const json_t *expect)
{
    const json_t *stores = json_object_get(expect, "store_order");
    const json_t *heights = json_object_get(expect, "store_order_heights");
    eid_order order = EID_ORDER_EMPTY;

    for (void *iter = json_object_iter((json_t *)(uintptr_t)stores); iter != NULL;
         iter = json_object_iter_next((json_t *)(uintptr_t)stores, iter)) {
        const char *store = json_object_iter_key(iter);
        const json_t *store_heights = json_object_get(heights, store);
        eid_status status =
            eid_index_store_entries(&self->at, self->root, eid_slice_text(store), false, &order);

        if (!eid_case_ok(self->suite, "store order", status)) break;
        check_order(self, dag_what(self, store, NULL), json_object_iter_value(iter), &order);
        for (size_t i = 0; i < order.count; i++) {
            char text[24];

            (void)snprintf(text, sizeof text, "%llu", (unsigned long long)order.at[i].height);
            (void)eid_case_text(self->suite, dag_what(self, "store height", NULL),
                                json_string_value(json_array_get(store_heights, i)),
                                eid_slice_text(text));
        }
    }
    eid_order_fini(&order);
}

/* The height of each entry that is held; those never stored have one in the file too. */
static void check_heights(const dag *self, const json_t *expect)
{
    const json_t *heights = eid_get_array(expect, "heights");

    for (size_t i = 0; i < json_array_size(heights) && i < self->id_count; i++) {
        const char *expected = json_string_value(json_array_get(heights, i));
        eid_index_info info;
        char text[24];

        if (expected == NULL || !eid_index_has(&self->at, &self->ids[i])) continue;
        if (!eid_case_ok(self->suite, "find", eid_index_find(&self->at, &self->ids[i], &info))) {
            return;
        }
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)info.height);
        (void)eid_case_text(self->suite, dag_what(self, "height", NULL), expected,
                            eid_slice_text(text));
    }
}

static void check_roots(const dag *self, const json_t *expect)
{
    eid_idset roots = EID_IDSET_EMPTY;

    if (eid_case_ok(self->suite, "databases", eid_index_databases(&self->at, &roots))) {
        check_set(self, dag_what(self, "all_roots", NULL), eid_get_array(expect, "all_roots"),
                  &roots);
    }
    eid_idset_fini(&roots);
}

static void query_merge_base(const dag *self, const json_t *query)
{
    const char *what = dag_what(self, "merge_base", query);
    eid_ids ids = dag_ids(self, eid_get_array(query, "ids"));
    char text[EID_ID_TEXT_MAX];
    eid_id base = EID_ID_EMPTY;
    eid_status status =
        eid_graph_merge_base(dag_source(self), eid_get_slice(query, "store"), ids, &base);

    if (!check_error(self, what, query, status)) {
        (void)eid_id_format(&self->ids[dag_number(self, json_object_get(query, "result"))], text);
        (void)eid_case_id(self->suite, what, text, &base);
    }
    ids_free(ids);
}

static void query_path(const dag *self, const json_t *query)
{
    const char *what = dag_what(self, "path", query);
    eid_ids to = dag_ids(self, eid_get_array(query, "to"));
    const eid_id *from = &self->ids[dag_number(self, json_object_get(query, "from"))];
    eid_order order = EID_ORDER_EMPTY;
    eid_status status =
        eid_graph_path(dag_source(self), eid_get_slice(query, "store"), from, to, &order);

    if (!check_error(self, what, query, status)) {
        check_order(self, what, eid_get_array(query, "result"), &order);
    }
    eid_order_fini(&order);
    ids_free(to);
}

static void query_tree_from_tips(const dag *self, const json_t *query)
{
    const char *what = dag_what(self, "tree_from_tips", query);
    eid_ids tips = dag_ids(self, eid_get_array(query, "tips"));
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_graph_closure(dag_source(self), tips, &order);

    if (!check_error(self, what, query, status)) {
        check_order(self, what, eid_get_array(query, "result"), &order);
    }
    eid_order_fini(&order);
    ids_free(tips);
}

static void query_store_at(const dag *self, const json_t *query)
{
    const char *what = dag_what(self, "store_at", query);
    eid_ids tips = dag_ids(self, eid_get_array(query, "tips"));
    eid_order order = EID_ORDER_EMPTY;
    bool has_gap = false;
    eid_status status = eid_graph_store_closure(dag_source(self), eid_get_slice(query, "store"),
                                                tips, &order, &has_gap);

    if (!check_error(self, what, query, status)) {
        check_order(self, what, eid_get_array(query, "result"), &order);
    }
    eid_order_fini(&order);
    ids_free(tips);
}

static void query_store_snapshot_at(const dag *self, const json_t *query)
{
    const char *what = dag_what(self, "store_snapshot_at", query);
    eid_ids boundary = dag_ids(self, eid_get_array(query, "boundary"));
    eid_idset tips = EID_IDSET_EMPTY;
    eid_status status =
        eid_graph_store_tips_at(dag_source(self), eid_get_slice(query, "store"), boundary, &tips);

    if (!check_error(self, what, query, status)) {
        check_ids(self, what, eid_get_array(query, "result"), eid_idset_ids(&tips));
    }
    eid_idset_fini(&tips);
    ids_free(boundary);
}

static void query_reachable(const dag *self, const json_t *query)
{
    static const char *const names[] = {"reachable", "unreachable", "indeterminate"};
    const char *what = dag_what(self, "reachable", query);
    const json_t *expected = json_object_get(query, "result");
    eid_ids from = dag_ids(self, eid_get_array(query, "from"));
    eid_ids targets = dag_ids(self, eid_get_array(query, "targets"));
    eid_idset missing = EID_IDSET_EMPTY;
    eid_reach reach = EID_REACH_NO;
    eid_status status = eid_graph_reachable(dag_source(self), from, targets, &reach, &missing);

    if (check_error(self, what, query, status)) goto done;
    if (json_is_object(expected)) {
        (void)eid_case_text(self->suite, what, names[EID_REACH_UNKNOWN],
                            eid_slice_text(names[reach]));
        check_ids(self, what, eid_get_array(expected, "indeterminate"), eid_idset_ids(&missing));
    } else {
        (void)eid_case_text(self->suite, what, json_string_value(expected),
                            eid_slice_text(names[reach]));
    }

done:
    eid_idset_fini(&missing);
    ids_free(from);
    ids_free(targets);
}

static void query_sorted_store_parents(const dag *self, const json_t *query)
{
    const char *what = dag_what(self, "sorted_store_parents", query);
    const eid_id *id = &self->ids[dag_number(self, json_object_get(query, "id"))];
    eid_order order = EID_ORDER_EMPTY;
    eid_status status =
        eid_graph_sorted_store_parents(dag_source(self), eid_get_slice(query, "store"), id, &order);

    if (!check_error(self, what, query, status)) {
        check_order(self, what, eid_get_array(query, "result"), &order);
    }
    eid_order_fini(&order);
}

/* What is not there is empty and no error. */
static void query_unknown(const dag *self, const json_t *query)
{
    eid_id nobody = eid_id_of_raw(eid_slice_text("no tree"));
    eid_slice store = eid_slice_text("no store");
    eid_idset tips = EID_IDSET_EMPTY;
    eid_order order = EID_ORDER_EMPTY;

    (void)eid_case_ok(self->suite, "tips",
                      eid_index_tips(&self->at, &nobody, EID_LEVEL_RAW, EID_SLICE_EMPTY, &tips));
    check_set(self, "unknown tree", eid_get_array(query, "snapshot_unknown_tree"), &tips);
    (void)eid_case_ok(self->suite, "tips",
                      eid_index_tips(&self->at, self->root, EID_LEVEL_RAW, store, &tips));
    check_set(self, "unknown store", eid_get_array(query, "store_snapshot_unknown_store"), &tips);
    (void)eid_case_ok(self->suite, "entries",
                      eid_index_store_entries(&self->at, self->root, store, false, &order));
    (void)eid_case_u64(self->suite, "unknown store", eid_get_u64_text(query, "get_store_unknown"),
                       order.count);
    eid_idset_fini(&tips);
    eid_order_fini(&order);
}

static const struct dag_query {
    const char *name;
    void (*run)(const dag *self, const json_t *query);
} dag_queries[] = {
    {"merge_base", query_merge_base},
    {"path", query_path},
    {"tree_from_tips", query_tree_from_tips},
    {"store_at", query_store_at},
    {"store_snapshot_at", query_store_snapshot_at},
    {"reachable", query_reachable},
    {"sorted_store_parents", query_sorted_store_parents},
    {"unknown", query_unknown},
};

static void dag_query_all(const dag *self)
{
    const json_t *queries = json_object_get(self->test, "queries");

    for (size_t i = 0; i < sizeof dag_queries / sizeof dag_queries[0]; i++) {
        const json_t *list = json_object_get(queries, dag_queries[i].name);

        if (json_is_object(list)) dag_queries[i].run(self, list);
        for (size_t q = 0; q < json_array_size(list); q++) {
            dag_queries[i].run(self, json_array_get(list, q));
        }
    }
}

/* Store entry `number` as Unverified, in a batch of its own. */
static bool dag_put(const dag *self, size_t number)
{
    const json_t *text = json_array_get(eid_get_array(self->test, "entries_b64"), number);
    json_t *holder = json_pack("{s:O}", "b64", text);
    eid_buf bytes = eid_get_b64(holder, "b64");
    eid_entry *entry = NULL;
    eid_batch *batch = NULL;
    bool is_new = false;
    eid_status status = eid_entry_decode(eid_buf_slice(&bytes), &entry);

    if (status == EID_OK) status = eid_batch_new(self->kv, &batch);
    if (status == EID_OK) status = eid_index_put(batch, entry, EID_UNVERIFIED, number, &is_new);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);
    eid_batch_free(batch);
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
    json_decref(holder);
    return eid_case_ok(self->suite, "store an entry", status) &&
           eid_case_bool(self->suite, "is new", true, is_new);
}

static void dag_put_all(const dag *self)
{
    const json_t *put_order = eid_get_array(self->test, "put_order");
    const json_t *steps = json_object_get(self->test, "steps");

    for (size_t i = 0; i < json_array_size(put_order); i++) {
        const json_t *step = json_array_get(steps, i);

        if (!dag_put(self, dag_number(self, json_array_get(put_order, i)))) return;
        if (step != NULL) check_tips(self, step, EID_LEVEL_RAW);
    }
}

/* When all entries are Verified, what is visible is what is held. */
static void dag_verify_all(const dag *self)
{
    const json_t *put_order = eid_get_array(self->test, "put_order");
    eid_batch *batch = NULL;
    eid_status status = eid_batch_new(self->kv, &batch);

    for (size_t i = json_array_size(put_order); status == EID_OK && i-- > 0;) {
        size_t number = dag_number(self, json_array_get(put_order, i));

        status = eid_index_set_verdict(batch, &self->ids[number], EID_VERIFIED);
    }
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);
    eid_batch_free(batch);
    (void)eid_case_ok(self->suite, "verify", status);
}

static void dag_run(dag *self, const char *url)
{
    const json_t *expect = json_object_get(self->test, "expect");

    if (!eid_case_ok(self->suite, "open", eid_kv_open(url, true, &self->kv))) return;
    self->backend = eid_kv_backend(self->kv);
    self->at = (eid_at){.kv = self->kv};
    dag_put_all(self);
    if (eid_case_ok(self->suite, "graph",
                    eid_index_graph_new(&self->at, self->root, &self->graph))) {
        check_tips(self, expect, EID_LEVEL_RAW);
        check_tree_order(self, expect);
        check_heights(self, expect);
        check_store_order(self, expect);
        check_roots(self, expect);
        dag_query_all(self);
    }
    eid_index_graph_free(self->graph);
    dag_verify_all(self);
    check_tips(self, expect, EID_LEVEL_VISIBLE);
    check_tips(self, expect, EID_LEVEL_RAW);
    eid_kv_close(self->kv);
}

static void dag_case(eid_suite *suite, const json_t *test)
{
    const json_t *texts = eid_get_array(test, "ids");
    dag self = {.suite = suite, .test = test, .id_count = json_array_size(texts)};
    eid_id root = eid_get_id(test, "tree");
    scratch folder;

    self.root = &root;
    self.ids = eid_alloc_array(self.id_count, sizeof *self.ids);
    if (self.ids == NULL) abort();
    for (size_t i = 0; i < self.id_count; i++) {
        self.ids[i] = eid_id_of_json(json_array_get(texts, i));
    }
    dag_run(&self, "memory://");
    scratch_begin(&folder);
    dag_run(&self, folder.url);
    scratch_end(&folder);
    eid_free(self.ids);
}

static void dags_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, dag_case);
}

EID_SUITE("dags.jsonl", dags_run)
