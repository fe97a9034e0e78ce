/* Entries are compared by their parts; what our decisions change is left out where the rule is
 * named. */
#include "tests/conformance/transactions_case.h"

#include <stdio.h>
#include <stdlib.h>

#include "crdt/payload.h"
#include "tests/conformance/doc_case.h"

handle *scenario_handle(scenario *run, const char *name)
{
    for (size_t i = run->handle_count; i > 0; i--) {
        if (strcmp(run->handles[i - 1].name, name) == 0) return &run->handles[i - 1];
    }
    return NULL;
}

open_txn *scenario_txn(scenario *run, const json_t *step)
{
    const char *name = eid_get_text(step, "tx");

    for (size_t i = run->txn_count; i > 0; i--) {
        if (strcmp(run->txns[i - 1].name, name) == 0) return &run->txns[i - 1];
    }
    return NULL;
}

void scenario_key(const scenario *run, const char *name, eid_key *out)
{
    eid_buf seed = eid_get_hex(json_object_get(run->keys, name), "seed_hex");

    eid_key_from_seed(seed.at, out);
    eid_buf_fini(&seed);
}

bool scenario_is_refused(const char *store)
{
    return store[0] == '_' && strcmp(store, EID_STORE_SETTINGS) != 0 &&
           strcmp(store, EID_STORE_INDEX) != 0 && strcmp(store, EID_STORE_ROOT) != 0;
}

eid_id scenario_id(const scenario *run, const char *name)
{
    for (size_t i = run->label_count; i > 0; i--) {
        if (strcmp(run->labels[i - 1].name, name) == 0) return run->labels[i - 1].id;
    }
    return eid_id_of_entry(eid_slice_text(name));
}

void scenario_check_set(const scenario *run, const char *what, const eid_idset *expected,
                        eid_ids actual)
{
    eid_idset got = EID_IDSET_EMPTY;

    (void)eid_case_ok(run->suite, "set", eid_idset_assign(&got, actual));
    if (!eid_idset_equal(expected, &got)) {
        eid_case_fail(run->suite, "%s: expected %zu ids, got %zu", what, expected->count,
                      got.count);
        for (size_t i = 0; i < run->label_count; i++) {
            const label *of = &run->labels[i];
            if (eid_idset_has(expected, &of->id)) printf("  expected %s\n", of->name);
            if (eid_idset_has(&got, &of->id)) printf("  got %s\n", of->name);
        }
    }
    eid_idset_fini(&got);
}

void scenario_check_ids(const scenario *run, const char *what, const json_t *labels, eid_ids actual)
{
    eid_idset expected = EID_IDSET_EMPTY;

    for (size_t i = 0; i < json_array_size(labels); i++) {
        eid_id id = scenario_id(run, json_string_value(json_array_get(labels, i)));
        (void)eid_case_ok(run->suite, "set", eid_idset_add(&expected, &id));
    }
    scenario_check_set(run, what, &expected, actual);
    eid_idset_fini(&expected);
}

/* The rows of ours carry a tombstone where an override is taken back (spec 02 §3.4). */
static void drop_tombstones(eid_doc *index)
{
    for (size_t i = 0; i < eid_doc_total(index); i++) {
        eid_slice name;
        eid_value *row, *settings;
        (void)eid_doc_at(index, i, &name);
        row = eid_doc_child_mutable(index, name);
        if (row->type != EID_VALUE_DOC) continue;
        settings = eid_doc_child_mutable(row->doc, eid_slice_text("settings"));
        if (!settings || settings->type != EID_VALUE_DOC || eid_doc_live(settings->doc) > 0)
            continue;
        eid_doc_drop_child(row->doc, eid_slice_text("settings"));
    }
}

static void check_data(const scenario *run, const json_t *recorded, const eid_subtree *node)
{
    const char *name = eid_get_text(recorded, "name");
    const json_t *data = json_object_get(recorded, "data");
    eid_doc *expected, *actual = NULL;

    if (!eid_case_bool(run->suite, "has data", !json_is_null(data), node->has_data)) return;
    if (json_is_null(data)) return;
    if (json_is_string(data)) {
        (void)eid_case_bytes(run->suite, name, eid_slice_text("\"\""), node->data);
        return;
    }
    expected = eid_case_doc_of(run->suite, data);
    if (expected && eid_case_ok(run->suite, name, eid_payload_read_doc(node->data, &actual))) {
        if (strcmp(name, EID_STORE_INDEX) == 0) drop_tombstones(actual);
        (void)eid_case_doc_equal(run->suite, name, expected, actual);
    }
    eid_doc_free(expected);
    eid_doc_free(actual);
}

static void check_node(const scenario *run, const json_t *recorded, const eid_entry *entry,
                       bool anchored)
{
    const char *name = eid_get_text(recorded, "name");
    const eid_subtree *node = eid_entry_find_subtree(entry, eid_slice_text(name));

    if (!node) {
        eid_case_fail(run->suite, "no store %s in the entry", name);
        return;
    }
    if (anchored && strcmp(name, EID_STORE_SETTINGS) == 0) { /* T3: it follows the anchor */
        eid_idset expected = EID_IDSET_EMPTY;
        model_settings_tips(run, eid_entry_parents(entry), &expected);
        scenario_check_set(run, name, &expected, node->parents);
        eid_idset_fini(&expected);
    } else {
        scenario_check_ids(run, name, eid_get_array(recorded, "parents"), node->parents);
    }
    if (eid_case_bool(run->suite, "own height", eid_has(recorded, "own_h"), node->has_height)) {
        (void)eid_case_u64(run->suite, "store height", eid_get_u64_text(recorded, "h"),
                           node->height);
    }
    check_data(run, recorded, node);
}

/* T8: the entry is as recorded without the stores that are refused and without their rows. */
static bool is_left_out(const json_t *recorded)
{
    const char *name = eid_get_text(recorded, "name");
    const json_t *rows = json_object_get(json_object_get(recorded, "data"), "children");
    const char *row;
    json_t *value;

    if (strcmp(name, EID_STORE_INDEX) != 0) return scenario_is_refused(name);
    json_object_foreach((json_t *)(uintptr_t)rows, row, value)
    {
        if (!scenario_is_refused(row)) return false;
    }
    return json_object_size(rows) > 0;
}

static void check_pin(const scenario *run, const json_t *stored, const eid_entry *entry,
                      bool anchored)
{
    eid_idset expected = EID_IDSET_EMPTY;
    eid_pin pin;

    if (!eid_case_ok(run->suite, "pin", eid_entry_pin(entry, &pin))) return;
    if (anchored) { /* T2: so does the pin */
        model_settings_tips(run, eid_entry_parents(entry), &expected);
        scenario_check_set(run, "pin", &expected, eid_idset_ids(&pin.tips));
    } else {
        scenario_check_ids(run, "pin", eid_get_array(stored, "settings_tips"),
                           eid_idset_ids(&pin.tips));
    }
    (void)eid_case_bool(run->suite, "entropy", eid_has(stored, "entropy"), pin.has_entropy);
    eid_idset_fini(&expected);
    eid_pin_fini(&pin);
}

void scenario_check_stored(const scenario *run, const json_t *stored, const eid_entry *entry,
                           bool anchored)
{
    const json_t *nodes = eid_get_array(stored, "subtrees");
    const eid_sigkey *key = eid_entry_sigkey(entry);
    size_t count = 0;

    scenario_check_ids(run, "parents", eid_get_array(stored, "parents"), eid_entry_parents(entry));
    (void)eid_case_u64(run->suite, "height", eid_get_u64_text(stored, "h"),
                       eid_entry_height(entry));
    (void)eid_case_text(run->suite, "hint", eid_get_text(stored, "hint_type"),
                        eid_slice_text(eid_hint_type(&key->hint)));
    check_pin(run, stored, entry, anchored);
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        if (is_left_out(json_array_get(nodes, i))) continue;
        check_node(run, json_array_get(nodes, i), entry, anchored);
        count++;
    }
    (void)eid_case_u64(run->suite, "stores", count, eid_entry_subtree_count(entry));
}
