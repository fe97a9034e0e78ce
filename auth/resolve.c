/* Resolution as the reference does it, down to its asymmetry: an entry's pubkey hint never falls
 * back to the global grant (§5), an identity does (§5.2). Revoked candidates are given, and dropped
 * by whoever uses them. */
#include "auth/policy_parts.h"
#include "dag/alloc.h"
#include "dag/point.h"

void eid_candidates_fini(eid_candidates *candidates)
{
    eid_free(candidates->at);
    *candidates = (eid_candidates){NULL, 0};
}

static eid_status resolve_push(eid_candidates *out, const eid_pubkey *key,
                               const eid_auth_key *found)
{
    eid_candidate *at = eid_realloc(out->at, (out->count + 1) * sizeof *at);

    if (!at) return EID_FAIL(EID_KIND_NO_MEMORY, "candidates of a signer");
    out->at = at;
    at[out->count++] = (eid_candidate){*key, found->permission, found->status};
    return EID_OK;
}

static eid_pubkey resolve_hint_key(const eid_hint *hint)
{
    eid_pubkey key;

    memcpy(key.bytes, hint->pubkey, EID_KEY_BYTES);
    return key;
}

static eid_status resolve_missing(const eid_policy *policy, const eid_pubkey *key)
{
    char text[EID_KEY_TEXT_MAX];
    bool malformed;

    (void)eid_policy_find(policy, key, &malformed);
    if (malformed) {
        return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT, "the record of %s cannot be read",
                        eid_pubkey_text(key, text));
    }
    return EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "Key not found: %s", eid_pubkey_text(key, text));
}

static eid_status resolve_global(const eid_policy *policy, const eid_hint *hint,
                                 eid_candidates *out)
{
    const eid_auth_key *global = eid_policy_global(policy, NULL);
    eid_pubkey key;

    if (!global) {
        return EID_FAIL(EID_KIND_AUTH_CONFIG,
                        "Global hint used but no global permission configured");
    }
    if (!hint->has_pubkey) return EID_FAIL(EID_KIND_AUTH_CONFIG, "Global hint has no pubkey");
    key = resolve_hint_key(hint);
    return resolve_push(out, &key, global);
}

static eid_status resolve_name(const eid_policy *policy, eid_slice name, eid_candidates *out)
{
    for (size_t i = 0; i < policy->count && out->count < EID_CANDIDATES_MAX; i++) {
        const eid__policy_record *record = &policy->records[i];
        eid_status status;

        if (!record->is_readable || !record->key.has_name) continue;
        if (!eid_slice_equal(eid_slice_of(record->key.name, record->name_len), name)) continue;
        if (!record->is_key) {
            return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT, "a record of this name is under no key: %.*s",
                            EID_SLICE_ARG(eid_slice_of(record->text, record->text_len)));
        }
        if (!eid_point_is_valid(record->key.pubkey.bytes)) {
            return EID_FAIL(EID_KIND_AUTH_KEY_PARSE, "a record of this name is under no key: %.*s",
                            EID_SLICE_ARG(eid_slice_of(record->text, record->text_len)));
        }
        status = resolve_push(out, &record->key.pubkey, &record->key);
        if (status != EID_OK) return status;
    }
    if (out->count > 0) return EID_OK;
    return EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "Key not found: %.*s", EID_SLICE_ARG(name));
}

eid_status eid_policy_resolve(const eid_policy *policy, const eid_sigkey *key, eid_candidates *out)
{
    const eid_hint *hint = &key->hint;
    eid_status status;

    *out = (eid_candidates){NULL, 0};
    if (key->is_delegation) {
        return EID_FAIL(EID_KIND_AUTH_DATABASE_REQUIRED,
                        "Database required for delegated tree resolution");
    }
    if (hint->is_global) {
        status = resolve_global(policy, hint, out);
    } else if (hint->has_pubkey) {
        eid_pubkey pubkey = resolve_hint_key(hint);
        const eid_auth_key *found = eid_policy_find(policy, &pubkey, NULL);

        status = found ? resolve_push(out, &pubkey, found) : resolve_missing(policy, &pubkey);
    } else if (hint->has_name) {
        status = resolve_name(policy, hint->name, out);
    } else {
        status = EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "Key not found: hint(\"none\")");
    }
    if (status != EID_OK) eid_candidates_fini(out);
    return status;
}

static eid_status resolve_mismatch(const eid_pubkey *proven, const eid_hint *hint)
{
    char text[EID_KEY_TEXT_MAX];

    return EID_FAIL(EID_KIND_AUTH_MISMATCH, "pubkey '%s' but identity claims '%.*s'",
                    eid_pubkey_text(proven, text), EID_SLICE_ARG(hint->pubkey_text));
}

static eid_status resolve_identity_global(const eid_policy *policy, eid_permission *out)
{
    const eid_auth_key *global = eid_policy_global(policy, NULL);

    if (!global) {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "Global '*' permission not configured");
    }
    if (global->status != EID_KEY_ACTIVE) {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "Global '*' permission is not active");
    }
    *out = global->permission;
    return EID_OK;
}

bool eid_candidates_strongest(const eid_candidates *candidates, const eid_pubkey *proven,
                              eid_permission *out)
{
    bool found = false;

    for (size_t i = 0; i < candidates->count; i++) {
        const eid_candidate *candidate = &candidates->at[i];

        if (candidate->status != EID_KEY_ACTIVE) continue;
        if (!eid_pubkey_equal(&candidate->key, proven)) continue;
        if (found && eid_permission_compare(candidate->permission, *out) <= 0) continue;
        *out = candidate->permission;
        found = true;
    }
    return found;
}

static eid_status resolve_identity_listed(const eid_policy *policy, const eid_sigkey *identity,
                                          const eid_pubkey *proven, eid_permission *out)
{
    eid_candidates candidates;
    eid_status status = eid_policy_resolve(policy, identity, &candidates);
    bool found;

    if (status == EID_E_NO_MEMORY) return status;
    found = status == EID_OK && eid_candidates_strongest(&candidates, proven, out);
    eid_candidates_fini(&candidates);
    if (found) return EID_OK;
    if (eid__policy_global_is_active(policy)) {
        *out = policy->global.key.permission;
        return EID_OK;
    }
    return EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "Key not found: %.*s",
                    EID_SLICE_ARG(identity->hint.has_pubkey ? identity->hint.pubkey_text
                                                            : identity->hint.name));
}

eid_status eid_policy_identity(const eid_policy *policy, const eid_sigkey *identity,
                               const eid_pubkey *proven, eid_permission *out)
{
    const eid_hint *hint = &identity->hint;
    bool differs = hint->has_pubkey && memcmp(hint->pubkey, proven->bytes, EID_KEY_BYTES) != 0;

    if (identity->is_delegation) {
        return EID_FAIL(EID_KIND_AUTH_DATABASE_REQUIRED,
                        "Database required for delegated tree resolution");
    }
    if (differs) return resolve_mismatch(proven, hint);
    if (hint->is_global) return resolve_identity_global(policy, out);
    if (!hint->has_pubkey && !hint->has_name) {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "identity has empty hint");
    }
    return resolve_identity_listed(policy, identity, proven, out);
}

size_t eid_policy_ways(const eid_policy *policy, const eid_pubkey *key, eid_way out[2])
{
    const eid_auth_key *direct = eid_policy_find(policy, key, NULL);
    size_t count = 0;

    if (direct && direct->status == EID_KEY_ACTIVE) {
        out[count++] = (eid_way){false, direct->permission};
    }
    if (eid__policy_global_is_active(policy)) {
        out[count++] = (eid_way){true, policy->global.key.permission};
    }
    if (count == 2 && eid_permission_compare(out[1].permission, out[0].permission) > 0) {
        eid_way weaker = out[0];

        out[0] = out[1];
        out[1] = weaker;
    }
    return count;
}

eid_status eid_policy_best_way(const eid_policy *policy, const eid_pubkey *key, eid_way *out)
{
    char text[EID_KEY_TEXT_MAX];
    eid_way ways[2];

    if (eid_policy_ways(policy, key, ways) == 0) {
        return EID_FAIL(EID_KIND_AUTH_PERMISSION, "No active key found for pubkey: %s",
                        eid_pubkey_text(key, text));
    }
    *out = ways[0];
    return EID_OK;
}

bool eid_policy_allows(const eid_policy *policy, const eid_pubkey *key, eid_permission_type wanted)
{
    eid_way ways[2];

    return eid_policy_ways(policy, key, ways) > 0 && ways[0].permission.type >= wanted;
}
