/* Values go through our own JSON readers, so that these are checked on the way. */
#include "tests/conformance/auth_case.h"

#include <stdlib.h>

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/assert.h"

#define DUMP_MAX (64u * 1024u * 1024u)

eid_buf eid_auth_dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    eid_buf out;

    EID_ASSERT(text);
    eid_buf_init(&out, DUMP_MAX);
    eid_buf_append_text(&out, text);
    EID_ASSERT(eid_buf_status(&out) == EID_OK);
    free(text);
    return out;
}

bool eid_auth_same(eid_suite *suite, const char *what, const json_t *expected, const eid_buf *ours)
{
    json_t *read =
        json_loadb((const char *)ours->at, ours->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    bool same = read && json_equal(read, expected);

    if (!same) {
        eid_buf text = eid_auth_dump(expected);

        eid_case_fail(suite, "%s:\n  expected %.*s\n  got      %.*s", what,
                      EID_SLICE_ARG(eid_buf_slice(&text)), EID_SLICE_ARG(eid_buf_slice(ours)));
        eid_buf_fini(&text);
    }
    json_decref(read);
    return same;
}

eid_doc *eid_auth_doc(const json_t *doc)
{
    eid_buf text = eid_auth_dump(doc);
    eid_doc *out = NULL;

    if (eid_payload_read_doc(eid_buf_slice(&text), &out) != EID_OK) abort();
    eid_buf_fini(&text);
    return out;
}

eid_policy *eid_auth_policy(const json_t *auth)
{
    eid_doc *doc = eid_auth_doc(auth);
    eid_policy *policy = NULL;

    if (eid_policy_new(doc, &policy) != EID_OK) abort();
    eid_doc_free(doc);
    return policy;
}

eid_sigkey_owned eid_auth_sigkey(const json_t *sig_key)
{
    eid_buf text = eid_auth_dump(sig_key);
    eid_sigkey_owned out;

    if (eid_sigkey_read_json(eid_buf_slice(&text), &out) != EID_OK) abort();
    eid_buf_fini(&text);
    return out;
}

eid_pubkey eid_auth_pubkey(const json_t *text)
{
    eid_pubkey key;

    if (eid_pubkey_parse(eid_slice_text(json_string_value(text)), &key) != EID_OK) abort();
    return key;
}

eid_permission eid_auth_permission(const json_t *permission)
{
    eid_permission out = {EID_PERMISSION_READ, 0};

    if (eid_has(permission, "Write")) {
        out.type = EID_PERMISSION_WRITE;
        out.priority = (uint32_t)eid_get_u64_text(permission, "Write");
    } else if (eid_has(permission, "Admin")) {
        out.type = EID_PERMISSION_ADMIN;
        out.priority = (uint32_t)eid_get_u64_text(permission, "Admin");
    } else if (!json_is_string(permission)) {
        abort();
    }
    return out;
}

static void begin_json(eid_buf *out, eid_json_writer *writer)
{
    eid_buf_init(out, DUMP_MAX);
    eid_json_writer_init(writer, out);
}

bool eid_auth_same_permission(eid_suite *suite, const char *what, const json_t *expected,
                              eid_permission actual)
{
    eid_json_writer writer;
    eid_buf ours;
    bool same;

    begin_json(&ours, &writer);
    eid_permission_write_json(actual, &writer);
    same = eid_auth_same(suite, what, expected, &ours);
    eid_buf_fini(&ours);
    return same;
}

static void write_candidates(const eid_candidates *candidates, eid_json_writer *writer)
{
    char text[EID_KEY_TEXT_MAX];

    eid_json_array(writer);
    for (size_t i = 0; i < candidates->count; i++) {
        const eid_candidate *candidate = &candidates->at[i];

        eid_json_object(writer);
        eid_json_key(writer, "pubkey");
        eid_json_text(writer, eid_pubkey_text(&candidate->key, text));
        eid_json_key(writer, "permission");
        eid_permission_write_json(candidate->permission, writer);
        eid_json_key(writer, "status");
        eid_json_text(writer, eid_key_status_text(candidate->status));
        eid_json_object_end(writer);
    }
    eid_json_array_end(writer);
}

bool eid_auth_same_candidates(eid_suite *suite, const json_t *expected,
                              const eid_candidates *actual)
{
    eid_json_writer writer;
    eid_buf ours;
    bool same;

    begin_json(&ours, &writer);
    write_candidates(actual, &writer);
    same = eid_auth_same(suite, "candidates", expected, &ours);
    eid_buf_fini(&ours);
    return same;
}

void eid_auth_check_resolve(eid_suite *suite, const eid_policy *policy, const json_t *sig_key,
                            const json_t *expect)
{
    eid_sigkey_owned key = eid_auth_sigkey(sig_key);
    eid_candidates candidates = {NULL, 0};
    eid_status status = eid_policy_resolve(policy, &key.key, &candidates);

    if (eid_has(expect, "error")) {
        eid_case_error(suite, "resolve", eid_get_text(expect, "error"), status);
    } else if (eid_case_ok(suite, "resolve", status)) {
        eid_auth_same_candidates(suite, json_object_get(expect, "candidates"), &candidates);
    }
    eid_candidates_fini(&candidates);
    eid_sigkey_owned_fini(&key);
}

void eid_auth_check_identity(eid_suite *suite, const eid_policy *policy, const json_t *sig_key,
                             const json_t *proven, const json_t *expect)
{
    eid_sigkey_owned key = eid_auth_sigkey(sig_key);
    eid_pubkey pubkey = eid_auth_pubkey(proven);
    eid_permission permission;
    eid_status status = eid_policy_identity(policy, &key.key, &pubkey, &permission);

    if (eid_has(expect, "error")) {
        eid_case_error(suite, "identity", eid_get_text(expect, "error"), status);
    } else if (eid_case_ok(suite, "identity", status)) {
        eid_auth_same_permission(suite, "permission", json_object_get(expect, "permission"),
                                 permission);
    }
    eid_sigkey_owned_fini(&key);
}

static void write_way(const eid_pubkey *key, const eid_way *way, eid_json_writer *writer)
{
    eid_sigkey_owned sigkey;

    if ((way->is_global ? eid_sigkey_of_global : eid_sigkey_of_pubkey)(key, &sigkey) != EID_OK) {
        abort();
    }
    eid_json_object(writer);
    eid_json_key(writer, "permission");
    eid_permission_write_json(way->permission, writer);
    eid_json_key(writer, "sig_key");
    eid_sigkey_write_json(&sigkey.key, writer);
    eid_json_object_end(writer);
    eid_sigkey_owned_fini(&sigkey);
}

static void check_best(eid_suite *suite, const eid_policy *policy, const eid_pubkey *key,
                       const json_t *expect)
{
    eid_json_writer writer;
    eid_buf ours;
    eid_way way;
    eid_status status = eid_policy_best_way(policy, key, &way);

    if (eid_has(expect, "error")) {
        eid_case_error(suite, "for_operation", eid_get_text(expect, "error"), status);
        return;
    }
    if (!eid_case_ok(suite, "for_operation", status)) return;
    begin_json(&ours, &writer);
    write_way(key, &way, &writer);
    eid_auth_same(suite, "for_operation", expect, &ours);
    eid_buf_fini(&ours);
}

void eid_auth_check_find(eid_suite *suite, const eid_policy *policy, const json_t *pubkey,
                         const json_t *expect)
{
    eid_pubkey key = eid_auth_pubkey(pubkey);
    eid_json_writer writer;
    eid_way ways[2];
    size_t count = eid_policy_ways(policy, &key, ways);
    eid_buf ours;

    begin_json(&ours, &writer);
    eid_json_array(&writer);
    for (size_t i = 0; i < count; i++) write_way(&key, &ways[i], &writer);
    eid_json_array_end(&writer);
    eid_auth_same(suite, "list", json_object_get(expect, "list"), &ours);
    eid_buf_fini(&ours);
    check_best(suite, policy, &key, json_object_get(expect, "for_operation"));
}
