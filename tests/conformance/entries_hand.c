/* entries-hand.json: edge cases, what a builder must refuse, the JSON reader. */
#include "dag/builder.h"
#include "dag/entry.h"
#include "node/db/prune.h"
#include "tests/conformance/entry_case.h"
#include "tests/conformance/spec.h"

static void refused_case(eid_suite *suite, const json_t *test)
{
    eid_builder *builder = eid_spec_build(json_object_get(test, "spec"));
    eid_entry *entry = NULL;
    eid_status status = eid_builder_seal(builder, NULL, NULL, &entry);

    if (eid_case_error(suite, "seal", eid_get_text(test, "error"), status)) {
        eid_case_text(suite, "module", eid_get_text(test, "module"),
                      eid_slice_text(eid_kind_module(eid_status_detail(status).kind)));
    }
    eid_entry_free(entry);
    eid_builder_free(builder);
}

static void check_validate(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    const char *expected = eid_get_text(test, "validate");
    eid_status status = eid_entry_validate(entry);

    if (strcmp(expected, "ok") == 0) {
        eid_case_ok(suite, "validate", status);
    } else {
        eid_case_error(suite, "validate", expected, status);
    }
}

static void check_read(eid_suite *suite, const json_t *test, const eid_entry *entry)
{
    eid_buf bytes, json;

    if (!eid_case_bool(suite, "accepted", eid_get_bool(test, "ok"), true)) return;
    bytes = eid_get_b64(test, "bytes_b64");
    eid_buf_init(&json, SIZE_MAX);
    eid_case_bytes(suite, "bytes", eid_buf_slice(&bytes), eid_entry_bytes(entry));
    eid_case_id(suite, "id", eid_get_text(test, "id"), eid_entry_id(entry));
    if (eid_case_ok(suite, "to JSON", eid_entry_to_json(entry, &json))) {
        eid_case_text(suite, "json_text", eid_get_text(test, "json_text"), eid_buf_slice(&json));
    }
    check_validate(suite, test, entry);
    eid_buf_fini(&json);
    eid_buf_fini(&bytes);
}

/* Whether we would ever write this text: only for an entry that we can hold, and in one form. */
static bool is_our_text(const json_t *test)
{
    eid_buf bytes;
    eid_entry *entry = NULL;
    bool is_ours;

    if (!eid_slice_is(eid_get_slice(test, "text"), eid_get_text(test, "json_text"))) return false;
    bytes = eid_get_b64(test, "bytes_b64");
    is_ours = eid_entry_decode(eid_buf_slice(&bytes), &entry) == EID_OK;
    eid_entry_free(entry);
    eid_buf_fini(&bytes);
    return is_ours;
}

/* Spec 01 §11 lets us refuse more than the reference, as long as we read what we write. */
static void json_reader_case(eid_suite *suite, const json_t *test)
{
    eid_entry *entry = NULL;
    eid_status status = eid_entry_from_json(eid_get_slice(test, "text"), &entry);

    if (status == EID_OK) {
        check_read(suite, test, entry);
    } else if (eid_get_bool(test, "ok") && is_our_text(test)) {
        eid_case_ok(suite, "read", status);
    }
    eid_entry_free(entry);
}

static void check_kept(eid_suite *suite, const json_t *test, const eid_builder *builder)
{
    const json_t *kept = eid_get_array(test, "kept");
    size_t count = eid_builder_store_count(builder);

    if (!eid_case_u64(suite, "kept", json_array_size(kept), count)) return;
    for (size_t i = 0; i < count; i++) {
        eid_case_text(suite, "kept", json_string_value(json_array_get(kept, i)),
                      eid_builder_store(builder, i)->name);
    }
}

static void remove_empty_case(eid_suite *suite, const json_t *test)
{
    eid_builder *builder = eid_spec_build(json_object_get(test, "spec"));
    eid_entry *entry = NULL;
    eid_status status = eid_prune_builder(builder);

    if (eid_has(test, "error")) {
        eid_case_error(suite, "remove", eid_get_text(test, "error"), status);
    } else if (eid_case_ok(suite, "remove", status)) {
        check_kept(suite, test, builder);
        status = eid_builder_seal(builder, NULL, NULL, &entry);
        if (eid_has(test, "build_error")) {
            eid_case_error(suite, "seal", eid_get_text(test, "build_error"), status);
        } else if (eid_case_ok(suite, "seal", status)) {
            eid_buf bytes = eid_get_b64(test, "bytes_b64");

            eid_case_bytes(suite, "bytes", eid_buf_slice(&bytes), eid_entry_bytes(entry));
            eid_case_id(suite, "id", eid_get_text(test, "id"), eid_entry_id(entry));
            eid_buf_fini(&bytes);
        }
    }
    eid_entry_free(entry);
    eid_builder_free(builder);
}

static void entries_hand_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (!root) return;
    eid_suite_each(suite, root, "entries", eid_entry_case);
    eid_suite_each(suite, root, "refused", refused_case);
    eid_suite_each(suite, root, "json_reader", json_reader_case);
    eid_suite_each(suite, root, "remove_empty", remove_empty_case);
    json_decref(root);
}

EID_SUITE("entries-hand.json", entries_hand_run)
