/* The kinds of auth-settings.jsonl that need no settings: permissions, records, signers. */
#include <stdlib.h>

#include "auth/delegation.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "dag/base.h"
#include "dag/builder.h"
#include "tests/conformance/auth_case.h"

static void order_case(eid_suite *suite, const json_t *test)
{
    const json_t *list = eid_get_array(test, "expect");

    for (size_t i = 0; i + 1 < json_array_size(list); i++) {
        eid_permission weaker = eid_auth_permission(json_array_get(list, i));
        eid_permission stronger = eid_auth_permission(json_array_get(list, i + 1));

        eid_case_bool(suite, "ascending", true, eid_permission_compare(weaker, stronger) < 0);
        eid_case_bool(suite, "descending", true, eid_permission_compare(stronger, weaker) > 0);
        eid_case_bool(suite, "equal", true, eid_permission_compare(weaker, weaker) == 0);
    }
}

static void operations_row(eid_suite *suite, const json_t *row)
{
    eid_permission permission = eid_auth_permission(json_object_get(row, "permission"));
    bool is_settings;

    if (!eid_has(row, "operation")) {
        eid_case_bool(suite, "can_write", eid_get_bool(row, "can_write"),
                      eid_permission_can_write(permission));
        eid_case_bool(suite, "can_admin", eid_get_bool(row, "can_admin"),
                      eid_permission_can_admin(permission));
        if (eid_has(row, "priority")) {
            eid_case_u64(suite, "priority", eid_get_u64_text(row, "priority"), permission.priority);
        }
        return;
    }
    is_settings = strcmp(eid_get_text(row, "operation"), "WriteSettings") == 0;
    eid_case_bool(suite, "allowed", eid_get_bool(row, "allowed_by_check"),
                  is_settings ? eid_permission_can_admin(permission)
                              : eid_permission_can_write(permission));
    eid_case_bool(suite, "grants_access", eid_get_bool(row, "grants_access"),
                  strcmp(eid_get_text(row, "status"), eid_key_status_text(EID_KEY_ACTIVE)) == 0);
}

static void operations_case(eid_suite *suite, const json_t *test)
{
    const json_t *rows = eid_get_array(test, "expect");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        operations_row(suite, json_array_get(rows, i));
    }
}

static void clamp_row(eid_suite *suite, const json_t *row)
{
    const json_t *min = json_array_get(row, 2);
    eid_permission permission = eid_auth_permission(json_array_get(row, 0));
    eid_bounds bounds = {.max = eid_auth_permission(json_array_get(row, 1)),
                         .has_min = !json_is_null(min)};
    eid_bounds max_only = {.max = bounds.max};

    if (bounds.has_min) bounds.min = eid_auth_permission(min);
    eid_auth_same_permission(suite, "clamped", json_array_get(row, 3),
                             eid_permission_clamp(permission, &bounds));
    eid_case_bool(suite, "bounds_valid", json_is_true(json_array_get(row, 4)),
                  eid_bounds_valid(&bounds));
    eid_case_bool(suite, "can_delegate", json_is_true(json_array_get(row, 5)),
                  eid_bounds_can_delegate(permission, &bounds));
    eid_auth_same_permission(suite, "clamp to max", json_array_get(row, 6),
                             eid_permission_clamp(permission, &max_only));
}

static void clamp_case(eid_suite *suite, const json_t *test)
{
    const json_t *rows = eid_get_array(test, "expect");

    EID_ASSERT(json_array_size(eid_get_array(test, "columns")) == 7);
    for (size_t i = 0; i < json_array_size(rows); i++) clamp_row(suite, json_array_get(rows, i));
}

static void permission_text_case(eid_suite *suite, const json_t *test)
{
    const json_t *rows = eid_get_array(test, "expect");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        char text[24];
        eid_permission permission;
        eid_status status = eid_permission_parse(eid_get_slice(row, "text"), &permission);

        if (eid_has(row, "error")) {
            eid_case_error(suite, eid_get_text(row, "text"), eid_get_text(row, "error"), status);
        } else if (eid_case_ok(suite, eid_get_text(row, "text"), status)) {
            eid_auth_same_permission(suite, "permission", json_object_get(row, "permission"),
                                     permission);
            eid_case_text(suite, "back", eid_get_text(row, "back"),
                          eid_slice_text(eid_permission_text(permission, text)));
        }
    }
}

static void status_text_case(eid_suite *suite, const json_t *test)
{
    const json_t *rows = eid_get_array(test, "expect");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        eid_key_status value;
        eid_status status = eid_key_status_parse(eid_get_slice(row, "text"), &value);

        if (eid_has(row, "error")) {
            eid_case_error(suite, eid_get_text(row, "text"), eid_get_text(row, "error"), status);
        } else if (eid_case_ok(suite, eid_get_text(row, "text"), status)) {
            eid_case_text(suite, "status", eid_get_text(row, "status"),
                          eid_slice_text(eid_key_status_text(value)));
        }
    }
}

/* A record as it would lie in the document; which error it gives is ours to say. */
static eid_value record_value(const json_t *test)
{
    eid_buf text = eid_auth_dump(json_object_get(test, "record"));
    eid_value value;

    if (eid_payload_read_value(eid_buf_slice(&text), &value) != EID_OK) abort();
    EID_ASSERT(value.type == EID_VALUE_DOC);
    eid_buf_fini(&text);
    return value;
}

static void key_record_case(eid_suite *suite, const json_t *test)
{
    const json_t *expect = json_object_get(test, "expect");
    eid_value record = record_value(test);
    eid_auth_key key;
    eid_status status = eid_auth_key_from_doc(record.doc, &key);

    eid_case_bool(suite, "readable", !eid_has(expect, "error"), status == EID_OK);
    if (status == EID_OK && !eid_has(expect, "error")) {
        eid_auth_same_permission(suite, "permission", json_object_get(expect, "permission"),
                                 key.permission);
        eid_case_text(suite, "status", eid_get_text(expect, "status"),
                      eid_slice_text(eid_key_status_text(key.status)));
        eid_case_bool(suite, "has name", eid_has(expect, "name"), key.has_name);
        if (key.has_name && eid_has(expect, "name")) {
            eid_case_text(suite, "name", eid_get_text(expect, "name"), eid_slice_text(key.name));
        }
    }
    if (status == EID_OK) eid_auth_key_fini(&key);
    eid_value_fini(&record);
}

static void delegation_check(eid_suite *suite, const json_t *expect, const eid_delegation *read)
{
    const json_t *tips = eid_get_array(expect, "tips");
    const json_t *min = json_object_get(expect, "min");

    eid_case_id(suite, "root", eid_get_text(expect, "root"), &read->root);
    eid_auth_same_permission(suite, "max", json_object_get(expect, "max"), read->bounds.max);
    eid_case_bool(suite, "has min", min && !json_is_null(min), read->bounds.has_min);
    if (read->bounds.has_min) eid_auth_same_permission(suite, "min", min, read->bounds.min);
    eid_case_u64(suite, "tips", json_array_size(tips), read->tips.count);
    for (size_t i = 0; i < json_array_size(tips); i++) {
        eid_id id = eid_id_of_json(json_array_get(tips, i));

        eid_case_bool(suite, "tip", true, eid_idset_has(&read->tips, &id));
    }
}

static void delegation_record_case(eid_suite *suite, const json_t *test)
{
    const json_t *expect = json_object_get(test, "expect");
    eid_value record = record_value(test);
    eid_delegation read;
    eid_status status = eid_delegation_from_doc(record.doc, &read);

    eid_case_bool(suite, "readable", !eid_has(expect, "error"), status == EID_OK);
    if (status == EID_OK && !eid_has(expect, "error")) delegation_check(suite, expect, &read);
    if (status == EID_OK) eid_delegation_fini(&read);
    eid_value_fini(&record);
}

/* An entry that carries this signer and signature text. */
static eid_entry *sig_info_entry(const eid_sigkey *key, const json_t *row)
{
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;

    if (eid_builder_new(NULL, &builder) != EID_OK) abort();
    if (eid_builder_touch(builder, eid_slice_text(EID_STORE_ROOT)) != EID_OK) abort();
    if (eid_builder_set_sigkey(builder, key) != EID_OK) abort();
    if (eid_has(row, "sig") &&
        eid_builder_set_signature(builder, eid_get_slice(row, "sig")) != EID_OK) {
        abort();
    }
    if (eid_builder_seal(builder, NULL, NULL, &entry) != EID_OK) abort();
    eid_builder_free(builder);
    return entry;
}

static void sig_info_row(eid_suite *suite, const eid_sigkey *key, const json_t *row)
{
    static const char prefix[] = "\xa3\x63sig";
    const size_t prefix_len = sizeof prefix - 1;
    eid_entry *entry = sig_info_entry(key, row);
    eid_slice bytes = eid_entry_bytes(entry);
    eid_buf cbor = eid_get_b64(row, "cbor_b64");
    const char *malformed = eid_entry_malformed_reason(entry);
    eid_buf json;
    char *text;

    eid_case_bool(suite, "unsigned", eid_get_bool(row, "unsigned"), eid_entry_is_unsigned(entry));
    eid_case_bool(suite, "malformed", eid_has(row, "malformed"), malformed != NULL);
    if (malformed && eid_has(row, "malformed")) {
        eid_case_text(suite, "malformed", eid_get_text(row, "malformed"),
                      eid_slice_text(malformed));
    }
    EID_ASSERT(bytes.len > prefix_len + cbor.len);
    eid_case_bytes(suite, "cbor", eid_buf_slice(&cbor),
                   eid_slice_of(bytes.at + prefix_len, cbor.len));
    eid_buf_init(&json, 1024 * 1024);
    if (eid_entry_to_json(entry, &json) != EID_OK) abort();
    text = eid_buf_take_text(&json);
    eid_case_bool(suite, "json", true, text && strstr(text, eid_get_text(row, "json")) != NULL);
    eid_free(text);
    eid_buf_fini(&json);
    eid_buf_fini(&cbor);
    eid_entry_free(entry);
}

static void sig_info_case(eid_suite *suite, const json_t *test)
{
    const json_t *expect = json_object_get(test, "expect");
    const json_t *rows = eid_get_array(expect, "with");
    eid_sigkey_owned key = eid_auth_sigkey(json_object_get(test, "sig_key"));

    eid_case_text(suite, "hint type", eid_get_text(expect, "hint_type"),
                  eid_slice_text(eid_hint_type(&key.key.hint)));
    eid_case_bool(suite, "is_set", eid_get_bool(expect, "is_set"), eid_hint_is_set(&key.key.hint));
    eid_case_text(suite, "display", eid_get_text(expect, "display_id"),
                  eid_sigkey_display(&key.key));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        sig_info_row(suite, &key.key, json_array_get(rows, i));
    }
    eid_sigkey_owned_fini(&key);
}

static void sig_key_json_case(eid_suite *suite, const json_t *test)
{
    const json_t *expect = json_object_get(test, "expect");
    eid_sigkey_owned key;
    eid_status status = eid_sigkey_read_json(eid_get_slice(test, "input"), &key);

    eid_case_bool(suite, "accepted", eid_has(expect, "accepted"), status == EID_OK);
    if (status != EID_OK) return;
    if (eid_has(expect, "accepted")) {
        eid_json_writer writer;
        eid_buf ours;

        eid_buf_init(&ours, 1024 * 1024);
        eid_json_writer_init(&writer, &ours);
        eid_sigkey_write_json(&key.key, &writer);
        eid_auth_same(suite, "value", json_object_get(expect, "accepted"), &ours);
        eid_buf_fini(&ours);
    }
    eid_sigkey_owned_fini(&key);
}

bool eid_auth_value_case(eid_suite *suite, const char *kind, const json_t *test)
{
    static const struct {
        const char *kind;
        eid_case_fn fn;
    } kinds[] = {
        {"order", order_case},
        {"operations", operations_case},
        {"clamp", clamp_case},
        {"permission_text", permission_text_case},
        {"status_text", status_text_case},
        {"auth_key_record", key_record_case},
        {"delegation_record", delegation_record_case},
        {"sig_info", sig_info_case},
        {"sig_key_json", sig_key_json_case},
    };

    for (size_t i = 0; i < EID_COUNT(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) != 0) continue;
        kinds[i].fn(suite, test);
        return true;
    }
    return false;
}
