/* auth-histories.jsonl: histories delivered in pieces, and what each entry is in the end.
 *
 * With strict pins off ours equals the reference, except where its answer depends on the order of
 * arrival: `settled_status` then says what ours must always give, and null (with a named rule) that
 * it must be the same in every delivery. `events` are the node's (auth_events.c). */
#include <stdio.h>
#include <stdlib.h>

#include "auth/verify.h"
#include "crdt/fold.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "tests/conformance/auth_case.h"
#include "tests/conformance/auth_events.h"

#define ENTRIES_MAX 1024

typedef struct history {
    eid_suite *suite;
    const json_t *test;
    eid_id root;
    eid_entry *entries[ENTRIES_MAX];
    size_t count;
    eid_kv *kv; /* of the present delivery */
    eid_batch *batch;
    eid_policy_cache *cache;
    const char *order;
    char first[ENTRIES_MAX + 1]; /* statuses after the first whole delivery: V F U a */
    bool has_first;
} history;

static eid_at history_at(const history *run)
{
    return (eid_at){.kv = run->kv, .batch = run->batch};
}

static void must(eid_status status)
{
    if (status != EID_OK) {
        (void)fprintf(stderr, "conformance: %s\n", eid_status_detail(status).text);
        abort();
    }
}

static void put_foreign(history *run)
{
    const json_t *list = json_object_get(run->test, "foreign_verified_b64");

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *holder = json_pack("{s:O}", "b64", json_array_get(list, i));
        eid_buf bytes = eid_get_b64(holder, "b64");
        eid_entry *entry = NULL;
        bool is_new;

        must(eid_entry_decode(eid_buf_slice(&bytes), &entry));
        must(eid_index_put(run->batch, entry, EID_VERIFIED, 0, &is_new));
        eid_entry_free(entry);
        eid_buf_fini(&bytes);
        json_decref(holder);
    }
}

static void delivery_begin(history *run, const json_t *delivery)
{
    run->order = eid_get_text(delivery, "order");
    must(eid_kv_open("memory://", true, &run->kv));
    must(eid_batch_new(run->kv, &run->batch));
    must(eid_policy_cache_new(4, &run->cache));
    put_foreign(run);
}

static void delivery_end(history *run)
{
    eid_policy_cache_free(run->cache);
    eid_batch_free(run->batch);
    eid_kv_close(run->kv);
}

/* One letter for an entry: V, F, U, or a for absent. */
static char status_of(const history *run, size_t i)
{
    eid_at at = history_at(run);
    eid_index_info info;
    eid_status status = eid_index_find(&at, eid_entry_id(run->entries[i]), &info);

    if (status == EID_E_NOT_FOUND) return 'a';
    must(status);
    return eid_verdict_name(info.verdict)[0];
}

static void statuses(const history *run, char *out)
{
    for (size_t i = 0; i < run->count; i++) out[i] = status_of(run, i);
    out[run->count] = 0;
}

static void expected_statuses(const json_t *list, char *out)
{
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count; i++) out[i] = json_string_value(json_array_get(list, i))[0];
    out[count] = 0;
}

static bool same_statuses(history *run, const char *what, const char *expected, const char *actual)
{
    if (strcmp(expected, actual) == 0) return true;
    eid_case_fail(run->suite, "%s, %s:\n  expected %s\n  got      %s", run->order, what, expected,
                  actual);
    return false;
}

static void check_counts(history *run, const json_t *expected, const eid_verify_report *report)
{
    eid_case_u64(run->suite, "verified", eid_get_u64_text(expected, "verified"), report->verified);
    eid_case_u64(run->suite, "failed", eid_get_u64_text(expected, "failed"), report->failed);
    eid_case_u64(run->suite, "still_unverified", eid_get_u64_text(expected, "still_unverified"),
                 report->still_unverified);
}

static void check_changes(history *run, const json_t *step, const char *before, const char *after)
{
    const json_t *changes = json_object_get(step, "status_changes");
    char expected[ENTRIES_MAX + 1];
    const char *key;
    json_t *value;

    memcpy(expected, before, run->count + 1);
    json_object_foreach((json_t *)(uintptr_t)changes, key, value)
    {
        size_t i = (size_t)strtoul(key, NULL, 10);

        EID_ASSERT(i < run->count);
        expected[i] = json_string_value(value)[0];
    }
    same_statuses(run, "after a step", expected, after);
}

static eid_verify_report verify_now(history *run)
{
    eid_verify_options options = {.strict = false, .cache = run->cache};
    eid_verify_report report = {0, 0, 0};

    must(eid_verify_tree(run->batch, &run->root, &options, &report));
    return report;
}

/* Store what the step brings, and verify as the reference did: only where the root is held. */
static void step_run(history *run, const json_t *step, bool is_binding)
{
    const json_t *store = eid_get_array(step, "store");
    const json_t *verify = json_object_get(step, "verify");
    char before[ENTRIES_MAX + 1], after[ENTRIES_MAX + 1];
    eid_verify_report report, again;

    statuses(run, before);
    for (size_t i = 0; i < json_array_size(store); i++) {
        size_t which = (size_t)json_integer_value(json_array_get(store, i));
        bool is_new;

        must(eid_index_put(run->batch, run->entries[which], EID_UNVERIFIED, 0, &is_new));
    }
    if (!json_is_string(verify)) {
        report = verify_now(run);
        again = verify_now(run);
        eid_case_u64(run->suite, "verified by a second pass", 0, again.verified + again.failed);
        if (is_binding && !eid_has(verify, "error")) check_counts(run, verify, &report);
    }
    statuses(run, after);
    for (size_t i = 0; i < run->count; i++) {
        if (before[i] == 'V' || before[i] == 'F') {
            eid_case_bool(run->suite, "a verdict is final", true, before[i] == after[i]);
        }
    }
    if (is_binding) check_changes(run, step, before, after);
    must(eid_batch_write(run->batch, EID_DURABLE_ASYNC));
}

static void check_tips(history *run, const char *what, const json_t *expected,
                       const eid_idset *tips)
{
    if (tips->count != json_array_size(expected)) {
        eid_case_fail(run->suite, "%s, %s: expected %zu tips, got %zu", run->order, what,
                      json_array_size(expected), tips->count);
        return;
    }
    for (size_t i = 0; i < tips->count; i++) {
        size_t which = (size_t)json_integer_value(json_array_get(expected, i));

        if (eid_idset_has(tips, eid_entry_id(run->entries[which]))) continue;
        eid_case_fail(run->suite, "%s, %s: entry %zu is no tip", run->order, what, which);
    }
}

static void check_frontiers(history *run, const json_t *delivery)
{
    eid_at at = history_at(run);
    eid_idset raw = EID_IDSET_EMPTY, visible = EID_IDSET_EMPTY, allowed = EID_IDSET_EMPTY;

    must(eid_index_tips(&at, &run->root, EID_LEVEL_RAW, EID_SLICE_EMPTY, &raw));
    must(eid_index_tips(&at, &run->root, EID_LEVEL_VISIBLE, EID_SLICE_EMPTY, &visible));
    for (size_t i = 0; i < raw.count; i++) {
        eid_index_info info;

        must(eid_index_find(&at, &raw.at[i], &info));
        if (info.verdict != EID_FAILED) must(eid_idset_add(&allowed, &raw.at[i]));
    }
    check_tips(run, "raw_tips", eid_get_array(delivery, "raw_tips"), &raw);
    check_tips(run, "frontier", eid_get_array(delivery, "frontier"), &visible);
    check_tips(run, "frontier_allow_unverified",
               eid_get_array(delivery, "frontier_allow_unverified"), &allowed);
    eid_idset_fini(&raw);
    eid_idset_fini(&visible);
    eid_idset_fini(&allowed);
}

/* The merged store in the default view, by the naive fold. */
static eid_status store_state(const history *run, eid_slice store, eid_doc **out)
{
    eid_at at = history_at(run);
    eid_order order = EID_ORDER_EMPTY;
    eid_status status = eid_doc_new(out);

    must(status);
    must(eid_index_store_entries(&at, &run->root, store, true, &order));
    for (size_t i = 0; status == EID_OK && i < order.count; i++) {
        eid_entry *entry = NULL;
        const eid_subtree *subtree;

        must(eid_index_entry(&at, &order.at[i].id, &entry));
        subtree = eid_entry_find_subtree(entry, store);
        if (subtree->has_data) status = eid_fold_payload(*out, subtree->data);
        eid_entry_free(entry);
    }
    eid_order_fini(&order);
    return status;
}

static void check_state(history *run, const json_t *state)
{
    const char *store;
    json_t *expected;

    json_object_foreach((json_t *)(uintptr_t)state, store, expected)
    {
        eid_doc *ours = NULL, *theirs;

        if (eid_has(expected, "error")) continue; /* no common ancestor: ours can be read */
        theirs = eid_auth_doc(expected);
        if (eid_case_ok(run->suite, store, store_state(run, eid_slice_text(store), &ours))) {
            eid_case_bool(run->suite, store, true, eid_doc_equal(ours, theirs));
        }
        eid_doc_free(ours);
        eid_doc_free(theirs);
    }
}

static void check_final(history *run, const json_t *delivery)
{
    const json_t *settled = json_object_get(run->test, "settled_status");
    const json_t *state = json_object_get(delivery, "state");
    char final[ENTRIES_MAX + 1], expected[ENTRIES_MAX + 1], actual[ENTRIES_MAX + 1];
    bool is_whole;

    expected_statuses(eid_get_array(delivery, "final_status"), final);
    statuses(run, actual);
    is_whole = strchr(final, 'a') == NULL;
    if (is_whole && json_is_array(settled)) {
        expected_statuses(settled, expected);
        same_statuses(run, "settled", expected, actual);
    } else if (!eid_has(run->test, "deliberate_difference")) {
        same_statuses(run, "final", final, actual);
    }
    if (is_whole) {
        if (run->has_first) same_statuses(run, "as in the first delivery", run->first, actual);
        memcpy(run->first, actual, run->count + 1);
        run->has_first = true;
    }
    if (strcmp(final, actual) != 0) return; /* views follow the statuses, and these were checked */
    check_frontiers(run, delivery);
    check_state(run, state ? state : json_object_get(run->test, "state"));
}

static void delivery_run(history *run, const json_t *delivery)
{
    const json_t *steps = eid_get_array(delivery, "steps");
    bool is_binding =
        !eid_get_bool(run->test, "order_dependent") && !eid_has(run->test, "deliberate_difference");

    delivery_begin(run, delivery);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        step_run(run, json_array_get(steps, i), is_binding);
    }
    check_final(run, delivery);
    delivery_end(run);
    if (is_binding && !eid_has(run->test, "foreign_verified_b64")) {
        eid_auth_events_check(run->suite, delivery, &run->root, run->entries, run->count);
    }
}

static void history_case(eid_suite *suite, const json_t *test)
{
    const json_t *entries = eid_get_array(test, "entries");
    const json_t *deliveries = eid_get_array(test, "deliveries");
    history *run = eid_alloc(sizeof *run);

    EID_ASSERT(run && json_array_size(entries) <= ENTRIES_MAX);
    run->suite = suite;
    run->test = test;
    run->root = eid_get_id(test, "root");
    for (; run->count < json_array_size(entries); run->count++) {
        const json_t *item = json_array_get(entries, run->count);
        eid_buf bytes = eid_get_b64(item, "bytes_b64");

        must(eid_entry_decode(eid_buf_slice(&bytes), &run->entries[run->count]));
        eid_case_id(suite, "id", eid_get_text(item, "id"), eid_entry_id(run->entries[run->count]));
        eid_buf_fini(&bytes);
    }
    for (size_t i = 0; i < json_array_size(deliveries); i++) {
        delivery_run(run, json_array_get(deliveries, i));
    }
    for (size_t i = 0; i < run->count; i++) eid_entry_free(run->entries[i]);
    eid_free(run);
}

static void auth_histories_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, history_case);
}

EID_SUITE("auth-histories.jsonl", auth_histories_run)
