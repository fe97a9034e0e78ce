/* auth-settings.jsonl: one settings document, asked and changed, without storage. */
#include <stdlib.h>

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"
#include "tests/conformance/auth_case.h"

static void resolve_case(eid_suite *suite, const json_t *test)
{
    eid_policy *policy = eid_auth_policy(json_object_get(test, "auth"));

    eid_auth_check_resolve(suite, policy, json_object_get(test, "sig_key"),
                           json_object_get(test, "expect"));
    eid_policy_free(policy);
}

static void identity_case(eid_suite *suite, const json_t *test)
{
    eid_policy *policy = eid_auth_policy(json_object_get(test, "auth"));

    eid_auth_check_identity(suite, policy, json_object_get(test, "sig_key"),
                            json_object_get(test, "proven"), json_object_get(test, "expect"));
    eid_policy_free(policy);
}

static void find_case(eid_suite *suite, const json_t *test)
{
    eid_policy *policy = eid_auth_policy(json_object_get(test, "auth"));

    eid_auth_check_find(suite, policy, json_object_get(test, "pubkey"),
                        json_object_get(test, "expect"));
    eid_policy_free(policy);
}

static void random_case(eid_suite *suite, const json_t *test)
{
    eid_policy *policy = eid_auth_policy(json_object_get(test, "auth"));
    const json_t *queries = eid_get_array(test, "queries");

    for (size_t i = 0; i < json_array_size(queries); i++) {
        const json_t *query = json_array_get(queries, i);
        const json_t *sig_key = json_object_get(query, "sig_key");
        const json_t *proven = json_object_get(query, "proven");

        eid_auth_check_resolve(suite, policy, sig_key, json_object_get(query, "resolve"));
        eid_auth_check_identity(suite, policy, sig_key, proven, json_object_get(query, "identity"));
        eid_auth_check_find(suite, policy, proven, json_object_get(query, "find"));
    }
    eid_policy_free(policy);
}

static void write_record(const eid_auth_key *key, eid_slice text, eid_json_writer *writer)
{
    eid_json_object(writer);
    eid_json_key(writer, "key");
    eid_json_string(writer, text);
    eid_json_key(writer, "name");
    eid_json_text(writer, key->has_name ? key->name : NULL);
    eid_json_key(writer, "permission");
    eid_permission_write_json(key->permission, writer);
    eid_json_key(writer, "status");
    eid_json_text(writer, eid_key_status_text(key->status));
    eid_json_object_end(writer);
}

static void write_all_keys(const eid_policy *policy, eid_json_writer *writer, bool only_pc)
{
    eid_json_array(writer);
    for (size_t i = 0; i < eid_policy_record_count(policy); i++) {
        eid_slice text;
        const eid_auth_key *key = eid_policy_record(policy, i, &text, NULL);

        if (!only_pc) {
            write_record(key, text, writer);
        } else if (key->has_name && strcmp(key->name, "pc") == 0) {
            eid_json_string(writer, text);
        }
    }
    eid_json_array_end(writer);
}

static void all_keys_case(eid_suite *suite, const json_t *test)
{
    eid_policy *policy = eid_auth_policy(json_object_get(test, "auth"));
    const eid_auth_key *global = eid_policy_global(policy, NULL);
    eid_json_writer writer;
    eid_buf ours;

    eid_buf_init(&ours, 1024 * 1024);
    eid_json_writer_init(&writer, &ours);
    eid_json_object(&writer);
    eid_json_key(&writer, "global_permission");
    if (global && global->status == EID_KEY_ACTIVE) {
        eid_permission_write_json(global->permission, &writer);
    } else {
        eid_json_null(&writer);
    }
    eid_json_key(&writer, "keys");
    write_all_keys(policy, &writer, false);
    eid_json_key(&writer, "named_pc");
    write_all_keys(policy, &writer, true);
    eid_json_object_end(&writer);
    eid_auth_same(suite, "keys", json_object_get(test, "expect"), &ours);
    eid_buf_fini(&ours);
    eid_policy_free(policy);
}

static void rank_row(eid_suite *suite, const eid_policy *policy, const json_t *row)
{
    eid_permission signer = eid_auth_permission(json_object_get(row, "signer"));
    const json_t *expected = json_object_get(row, "can_modify");
    eid_pubkey target;
    eid_status status;
    bool can;

    if (!expected) {
        eid_case_bool(
            suite, "can_create", eid_get_bool(row, "can_create"),
            eid_policy_can_create(signer, eid_auth_permission(json_object_get(row, "new"))));
        return;
    }
    target = eid_auth_pubkey(json_object_get(row, "target"));
    status = eid_policy_can_modify(policy, signer, &target, &can);
    if (json_is_string(expected)) {
        eid_case_error(suite, "can_modify", json_string_value(expected), status);
    } else if (eid_case_ok(suite, "can_modify", status)) {
        eid_case_bool(suite, "can_modify", json_is_true(expected), can);
    }
}

static void rank_helpers_case(eid_suite *suite, const json_t *test)
{
    eid_policy *policy = eid_auth_policy(json_object_get(test, "auth"));
    const json_t *rows = eid_get_array(test, "expect");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        rank_row(suite, policy, json_array_get(rows, i));
    }
    eid_policy_free(policy);
}

/* One change of a `_settings` Doc that is at the same time the merged state. */
static eid_status ops_apply(eid_doc *settings, const json_t *step)
{
    const char *op = eid_get_text(step, "op");
    const json_t *name = json_object_get(step, "name_value");
    eid_auth_key key = {.status = EID_KEY_ACTIVE};
    eid_policy *now = NULL;
    eid_status status = eid_policy_of_settings(settings, &now);

    EID_ASSERT(status == EID_OK);
    if (eid_has(step, "key")) key.pubkey = eid_auth_pubkey(json_object_get(step, "key"));
    if (eid_has(step, "permission")) {
        key.permission = eid_auth_permission(json_object_get(step, "permission"));
    }
    if (json_is_string(name)) {
        key.has_name = true;
        key.name = eid_slice_dup_text(eid_slice_text(json_string_value(name)));
    }
    if (strcmp(op, "add") == 0) {
        status = eid_settings_add_key(settings, now, &key);
    } else if (strcmp(op, "overwrite") == 0) {
        status = eid_settings_put_key(settings, &key);
    } else if (strcmp(op, "set_global") == 0) {
        status = eid_settings_put_global(settings, &key);
    } else if (strcmp(op, "rename") == 0) {
        status = eid_settings_rename_key(settings, now, &key.pubkey, key.name);
    } else if (strcmp(op, "revoke") == 0) {
        status = eid_settings_revoke_key(settings, now, &key.pubkey);
    } else {
        abort();
    }
    eid_auth_key_fini(&key);
    eid_policy_free(now);
    return status;
}

static void ops_check_document(eid_suite *suite, const json_t *expect, const eid_doc *settings)
{
    const eid_value *auth = eid_doc_get(settings, eid_slice_text("auth"));
    eid_buf ours;

    if (!auth || auth->type != EID_VALUE_DOC) {
        eid_case_fail(suite, "no `auth` document");
        return;
    }
    eid_buf_init(&ours, 1024 * 1024);
    if (eid_case_ok(suite, "write", eid_payload_write_doc(auth->doc, &ours))) {
        eid_auth_same(suite, "document", expect, &ours);
    }
    eid_buf_fini(&ours);
}

static void ops_case(eid_suite *suite, const json_t *test)
{
    const json_t *steps = eid_get_array(test, "steps");
    eid_doc *settings = NULL;

    if (eid_doc_new(&settings) != EID_OK) abort();
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const char *result = eid_get_text(step, "result");
        eid_status status = ops_apply(settings, step);

        if (strcmp(result, "ok") == 0) {
            eid_case_ok(suite, eid_get_text(step, "op"), status);
        } else {
            eid_case_error(suite, eid_get_text(step, "op"), result, status);
        }
    }
    ops_check_document(suite, json_object_get(test, "expect"), settings);
    eid_doc_free(settings);
}

static void settings_case(eid_suite *suite, const json_t *test)
{
    static const struct {
        const char *kind;
        eid_case_fn fn;
    } kinds[] = {
        {"resolve", resolve_case}, {"identity", identity_case}, {"find_sigkeys", find_case},
        {"random", random_case},   {"all_keys", all_keys_case}, {"rank_helpers", rank_helpers_case},
        {"ops", ops_case},
    };
    const char *kind = eid_get_text(test, "kind");

    for (size_t i = 0; i < EID_COUNT(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) != 0) continue;
        kinds[i].fn(suite, test);
        return;
    }
    if (!eid_auth_value_case(suite, kind, test)) eid_case_fail(suite, "unknown kind %s", kind);
}

static void auth_settings_run(const char *path, eid_suite *suite)
{
    eid_suite_each_line(suite, path, settings_case);
}

EID_SUITE("auth-settings.jsonl", auth_settings_run)
