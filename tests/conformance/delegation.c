/* delegation.jsonl: trees that delegate to others, delivered in pieces to a whole engine.
 *
 * Run with strict pins off, as recorded. The reference answers by Failed for ever what rests on
 * entries that have not arrived; ours waits for them (spec 02, D7), so
 *  - where every delegated tree was stored before the main tree was, ours must be as recorded,
 *    except that an entry may wait that names ids nobody delivered;
 *  - in other runs recorded Verified entries must be, and the rest follows from the next two:
 *  - ours must come out the same when the same entries are stored in other orders of the trees;
 *  - with strict pins on this holds as well, and nothing is Verified that was not without. */
#include <stdio.h>
#include <stdlib.h>

#include "auth/delegate.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "node/db/db_internal.h"
#include "tests/conformance/auth_case.h"

#define TREES_MAX 16
#define ENTRIES_MAX 512 /* of all trees of a case */

typedef struct family {
    eid_suite *suite;
    eid_id roots[TREES_MAX];
    size_t first[TREES_MAX + 1]; /* place of a tree's entries in the next two */
    size_t tree_count, count;
    eid_entry *entries[ENTRIES_MAX];
    const json_t *items[ENTRIES_MAX];
    const char *script;
} family;

static void must(eid_status status)
{
    if (status == EID_OK) return;
    (void)fprintf(stderr, "conformance: %s\n", eid_status_detail(status).text);
    abort();
}

/* -- engines ----------------------------------------------------------------------------------- */

static eid_engine *engine_open(const family *self, bool strict)
{
    const eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};
    eid_engine *engine = NULL;
    eid_batch *batch = NULL;

    must(eid_engine_open(&config, &engine));
    must(eid_batch_new(eid_engine_kv(engine), &batch));
    for (size_t i = 0; i < self->tree_count; i++) {
        must(eid__option_set(batch, &self->roots[i], EID__OPTION_STRICT, strict));
    }
    must(eid_batch_write(batch, EID_DURABLE_ASYNC));
    eid_batch_free(batch);
    return engine;
}

static void engine_store(eid_engine *engine, const eid_slice *bytes, size_t count)
{
    eid_ingest_report report;

    must(eid_engine_ingest(engine, bytes, count, NULL, EID_DURABLE_ASYNC, &report));
    eid_idset_fini(&report.missing);
}

static void engine_statuses(const family *self, eid_engine *engine, char *out)
{
    const eid_at at = {.kv = eid_engine_kv(engine)};

    for (size_t i = 0; i < self->count; i++) {
        eid_index_info info;
        eid_status status = eid_index_find(&at, eid_entry_id(self->entries[i]), &info);

        out[i] = 'a';
        if (status == EID_E_NOT_FOUND) continue;
        must(status);
        out[i] = eid_verdict_name(info.verdict)[0];
    }
    out[self->count] = 0;
}

/* The statuses when the entries of `held` (not 'a') are stored tree by tree, the last tree first
 * or, with `main_first`, in the order of the case. */
static void statuses_in_order(const family *self, const char *held, bool strict, bool main_first,
                              char *out)
{
    eid_engine *engine = engine_open(self, strict);

    for (size_t turn = 0; turn < self->tree_count; turn++) {
        size_t tree = main_first ? turn : self->tree_count - 1 - turn;

        for (size_t i = self->first[tree]; i < self->first[tree + 1]; i++) {
            eid_slice bytes = eid_entry_bytes(self->entries[i]);

            if (held[i] != 'a') engine_store(engine, &bytes, 1);
        }
    }
    engine_statuses(self, engine, out);
    eid_engine_close(engine);
}

/* -- statuses ---------------------------------------------------------------------------------- */

static bool same(const family *self, const char *what, const char *expected, const char *actual)
{
    if (strcmp(expected, actual) == 0) return true;
    eid_case_fail(self->suite, "%s, %s:\n  expected %s\n  got      %s", self->script, what,
                  expected, actual);
    return false;
}

static bool is_held(const family *self, const char *held, const eid_id *id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (held[i] != 'a' && eid_id_equal(eid_entry_id(self->entries[i]), id)) return true;
    }
    return false;
}

/* Whether the settings that an entry carries have a delegation with a floor that is not held. */
static bool has_unknown_floor(const family *self, const char *held, const eid_entry *entry)
{
    const eid_subtree *store = eid_entry_find_subtree(entry, eid_slice_text(EID_STORE_SETTINGS));
    eid_policy *policy = NULL;
    eid_doc *settings = NULL;
    bool found = false;
    eid_slice name;

    if (!store || !store->has_data) return false;
    if (eid_payload_read_doc(store->data, &settings) != EID_OK) return false;
    must(eid_policy_of_settings(settings, &policy));
    for (size_t i = 0; i < eid_policy_delegation_count(policy); i++) {
        const eid_delegation *delegation = eid_policy_delegation(policy, i, &name);

        for (size_t j = 0; delegation && j < delegation->tips.count; j++) {
            found = found || !is_held(self, held, &delegation->tips.at[j]);
        }
    }
    eid_policy_free(policy);
    eid_doc_free(settings);
    return found;
}

/* Whether an entry may rest on ids that were not delivered: its path names one, or a floor does, or
 * one of its parents waits. */
static bool may_wait(const family *self, const char *held, const eid_entry *entry)
{
    const eid_sigkey *key = eid_entry_sigkey(entry);
    eid_ids parents = eid_entry_parents(entry);

    for (size_t i = 0; i < self->count; i++) {
        const eid_id *id = eid_entry_id(self->entries[i]);

        for (size_t j = 0; j < parents.count; j++) {
            if (held[i] == 'U' && eid_id_equal(&parents.at[j], id)) return true;
        }
        if (!key->is_delegation || held[i] == 'a') continue;
        if (has_unknown_floor(self, held, self->entries[i])) return true;
    }
    for (size_t i = 0; i < key->path_count; i++) {
        const eid_delegation_step *step = &key->path[i];

        if (!is_held(self, held, &step->tree)) return true;
        for (size_t j = 0; j < step->tips.count; j++) {
            if (!is_held(self, held, &step->tips.at[j])) return true;
        }
    }
    return false;
}

/* Whether all of the other trees' entries came before the first of the main one's. */
static bool is_main_last(const json_t *steps)
{
    bool main_seen = false;

    for (size_t i = 0; i < json_array_size(steps); i++) {
        bool is_main = eid_get_u64_text(json_array_get(steps, i), "tree") == 0;

        if (main_seen && !is_main) return false;
        main_seen = main_seen || is_main;
    }
    return true;
}

static void check_statuses(const family *self, const json_t *run, const char *ours)
{
    const json_t *final = eid_get_array(run, "final_status");
    bool is_binding = is_main_last(eid_get_array(run, "steps"));

    for (size_t tree = 0; tree < self->tree_count; tree++) {
        for (size_t i = self->first[tree]; i < self->first[tree + 1]; i++) {
            const json_t *list = json_array_get(final, tree);
            char recorded = json_string_value(json_array_get(list, i - self->first[tree]))[0];
            const char *label = json_string_value(json_object_get(self->items[i], "label"));

            if (ours[i] == recorded) continue;
            if (recorded == 'F' && !is_binding) continue;
            if (recorded == 'F' && ours[i] == 'U' && may_wait(self, ours, self->entries[i])) {
                continue;
            }
            eid_case_fail(self->suite, "%s, tree %zu, entry %zu (%s): expected %c, got %c",
                          self->script, tree, i - self->first[tree], label ? label : "", recorded,
                          ours[i]);
        }
    }
}

static void check_orders(const family *self, const char *ours)
{
    char lenient[ENTRIES_MAX + 1], strict[ENTRIES_MAX + 1], other[ENTRIES_MAX + 1];

    statuses_in_order(self, ours, false, false, lenient);
    same(self, "delegated trees first", ours, lenient);
    statuses_in_order(self, ours, false, true, other);
    same(self, "main tree first", ours, other);
    statuses_in_order(self, ours, true, false, strict);
    statuses_in_order(self, ours, true, true, other);
    same(self, "strict, the main tree first", strict, other);
    for (size_t i = 0; i < self->count; i++) {
        if (strict[i] != 'V' || ours[i] == 'V') continue;
        eid_case_fail(self->suite, "%s: only Verified when strict: %zu", self->script, i);
    }
}

/* -- queries ----------------------------------------------------------------------------------- */

typedef struct question {
    const family *self;
    eid_delegate_place place;
    eid_policy *policy;
} question;

static void ask_resolve(const question *ask, const json_t *query)
{
    const json_t *expect = json_object_get(query, "resolve");
    eid_sigkey_owned key = eid_auth_sigkey(json_object_get(query, "sig_key"));
    eid_suite *suite = ask->self->suite;
    eid_candidates found;
    eid_delegate_answer answer;
    eid_status status;

    if (!key.key.is_delegation) {
        eid_auth_check_resolve(suite, ask->policy, json_object_get(query, "sig_key"), expect);
        eid_sigkey_owned_fini(&key);
        return;
    }
    status = eid_delegate_resolve(&ask->place, ask->policy, &key.key, &found, &answer);
    if (eid_has(expect, "error")) {
        eid_case_error(suite, eid_get_text(query, "name"), eid_get_text(expect, "error"), status);
        eid_case_bool(suite, "a failure has a state", true, answer.state != EID_DELEGATE_FOUND);
    } else if (eid_case_ok(suite, eid_get_text(query, "name"), status)) {
        eid_auth_same_candidates(suite, json_object_get(expect, "candidates"), &found);
    }
    eid_candidates_fini(&found);
    eid_delegate_answer_fini(&answer);
    eid_sigkey_owned_fini(&key);
}

static void ask_identity(const question *ask, const json_t *query)
{
    const json_t *expect = json_object_get(query, "identity");
    eid_sigkey_owned key = eid_auth_sigkey(json_object_get(query, "sig_key"));
    eid_pubkey proven = eid_auth_pubkey(json_object_get(query, "proven"));
    eid_suite *suite = ask->self->suite;
    eid_permission permission = {EID_PERMISSION_READ, 0};
    eid_status status;

    status = key.key.is_delegation
                 ? eid_delegate_identity(&ask->place, ask->policy, &key.key, &proven, &permission)
                 : eid_policy_identity(ask->policy, &key.key, &proven, &permission);
    if (eid_has(expect, "error")) {
        (void)eid_case_error(suite, "identity", eid_get_text(expect, "error"), status);
    } else if (eid_case_ok(suite, "identity", status)) {
        (void)eid_auth_same_permission(suite, "permission", json_object_get(expect, "permission"),
                                       permission);
    }
    eid_sigkey_owned_fini(&key);
}

static void ask_find(const question *ask, const json_t *query)
{
    const json_t *expect = json_object_get(query, "find_sigkeys");
    eid_pubkey proven = eid_auth_pubkey(json_object_get(query, "proven"));
    eid_found_ways ways;
    eid_json_writer writer;
    eid_buf ours;

    must(eid_delegate_find(&ask->place, ask->policy, &proven, &ways));
    eid_buf_init(&ours, 1024 * 1024);
    eid_json_writer_init(&writer, &ours);
    eid_json_array(&writer);
    for (size_t i = 0; i < ways.count; i++) {
        eid_json_object(&writer);
        eid_json_key(&writer, "permission");
        eid_permission_write_json(ways.at[i].permission, &writer);
        eid_json_key(&writer, "sig_key");
        eid_sigkey_write_json(&ways.at[i].identity.key, &writer);
        eid_json_object_end(&writer);
    }
    eid_json_array_end(&writer);
    eid_auth_same(ask->self->suite, "find_sigkeys", expect, &ours);
    eid_buf_fini(&ours);
    eid_found_ways_fini(&ways);
}

static void check_queries(const family *self, const json_t *run, eid_engine *engine)
{
    const json_t *queries = eid_get_array(run, "queries_after");
    question ask = {.self = self, .place = {.at = {.kv = eid_engine_kv(engine)}, .strict = false}};
    eid_idset tips = EID_IDSET_EMPTY;
    eid_doc *settings = NULL;

    must(eid_index_tips(&ask.place.at, &self->roots[0], EID_LEVEL_VISIBLE,
                        eid_slice_text(EID_STORE_SETTINGS), &tips));
    must(eid_verify_settings_at(&ask.place.at, &self->roots[0], eid_idset_ids(&tips), &settings));
    must(eid_policy_of_settings(settings, &ask.policy));
    must(eid_policy_cache_new(4, &ask.place.cache));
    for (size_t i = 0; i < json_array_size(queries); i++) {
        ask_resolve(&ask, json_array_get(queries, i));
        ask_identity(&ask, json_array_get(queries, i));
        ask_find(&ask, json_array_get(queries, i));
    }
    eid_policy_cache_free(ask.place.cache);
    eid_policy_free(ask.policy);
    eid_doc_free(settings);
    eid_idset_fini(&tips);
}

/* -- cases ------------------------------------------------------------------------------------- */

static void run_steps(const family *self, const json_t *steps, eid_engine *engine)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i), *store = eid_get_array(step, "store");
        size_t tree = (size_t)eid_get_u64_text(step, "tree");
        eid_slice bytes[ENTRIES_MAX];

        EID_ASSERT(tree < self->tree_count && json_array_size(store) <= ENTRIES_MAX);
        for (size_t j = 0; j < json_array_size(store); j++) {
            size_t which = (size_t)json_integer_value(json_array_get(store, j));

            bytes[j] = eid_entry_bytes(self->entries[self->first[tree] + which]);
        }
        engine_store(engine, bytes, json_array_size(store));
    }
}

static void run_case(family *self, const json_t *run)
{
    eid_engine *engine = engine_open(self, false);
    char ours[ENTRIES_MAX + 1];

    self->script = eid_get_text(run, "script");
    run_steps(self, eid_get_array(run, "steps"), engine);
    engine_statuses(self, engine, ours);
    check_statuses(self, run, ours);
    check_queries(self, run, engine);
    eid_engine_close(engine);
    check_orders(self, ours);
}

static void load_tree(family *self, const json_t *tree)
{
    const json_t *entries = eid_get_array(tree, "entries");

    EID_ASSERT(self->tree_count < TREES_MAX);
    self->roots[self->tree_count] = eid_get_id(tree, "root");
    self->first[self->tree_count++] = self->count;
    for (size_t i = 0; i < json_array_size(entries); i++, self->count++) {
        const json_t *item = json_array_get(entries, i);
        eid_buf bytes = eid_get_b64(item, "bytes_b64");

        EID_ASSERT(self->count < ENTRIES_MAX);
        self->items[self->count] = item;
        must(eid_entry_decode(eid_buf_slice(&bytes), &self->entries[self->count]));
        eid_case_id(self->suite, "id", eid_get_text(item, "id"),
                    eid_entry_id(self->entries[self->count]));
        eid_buf_fini(&bytes);
    }
    self->first[self->tree_count] = self->count;
}

static void delegation_case(eid_suite *suite, const json_t *test)
{
    const json_t *trees = eid_get_array(test, "trees"), *runs = eid_get_array(test, "runs");
    family *self = eid_alloc(sizeof *self);

    EID_ASSERT(self);
    self->suite = suite;
    for (size_t i = 0; i < json_array_size(trees); i++) load_tree(self, json_array_get(trees, i));
    for (size_t i = 0; i < json_array_size(runs); i++) run_case(self, json_array_get(runs, i));
    for (size_t i = 0; i < self->count; i++) eid_entry_free(self->entries[i]);
    eid_free(self);
}

static void delegation_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, delegation_case);
}

EID_SUITE("delegation.jsonl", delegation_run)
