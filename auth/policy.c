/* One sorted array of the records under `auth.keys`, in the order in which the Doc holds them,
 * which is the order of the key texts: a look-up is a binary search, and "all keys of this name,
 * sorted" is a walk. Malformed records stay in the array, since "there, but unreadable" and
 * "absent" are different answers; so do records whose name is no key, since they spoil the names
 * they bear. */
#include "auth/auth_internal.h"
#include "auth/policy_parts.h"
#include "dag/alloc.h"
#include "dag/assert.h"

static const eid_doc *policy_doc(const eid_doc *doc, const char *key)
{
    const eid_value *value = doc ? eid_doc_child(doc, eid_slice_text(key)) : NULL;

    return value && value->type == EID_VALUE_DOC ? value->doc : NULL;
}

/* The length of a record's name, which may hold zeros. */
static size_t policy_name_len(const eid_doc *record)
{
    const eid_value *name = eid_doc_child(record, eid_slice_text("name"));

    return name && name->type == EID_VALUE_TEXT ? name->text.len : 0;
}

/* Read one record; only want of memory fails, anything else makes it malformed. */
static eid_status policy_read_record(const eid_value *value, eid__policy_record *out)
{
    eid_status status;

    if (value->type != EID_VALUE_DOC) return EID_OK;
    status = eid_auth_key_from_doc(value->doc, &out->key);
    if (status == EID_E_NO_MEMORY) return status;
    out->is_readable = status == EID_OK;
    out->name_len = policy_name_len(value->doc);
    return EID_OK;
}

static eid_status policy_add(eid_policy *policy, eid_slice text, const eid_value *value)
{
    eid__policy_record *record = &policy->records[policy->count];
    eid_pubkey pubkey;
    eid_status status;

    record->text = eid_memdup(text.at, text.len);
    if (!record->text) return EID_FAIL(EID_KIND_NO_MEMORY, "a key record");
    record->text_len = text.len;
    policy->count++;
    status = policy_read_record(value, record);
    if (status != EID_OK) return status;
    status = eid__key_decode(text, pubkey.bytes);
    if (status == EID_E_NO_MEMORY) return status;
    record->is_key = status == EID_OK;
    if (record->is_key) record->key.pubkey = pubkey;
    policy->readable += record->is_readable;
    return EID_OK;
}

static eid_status policy_read_keys(eid_policy *policy, const eid_doc *keys)
{
    size_t total = eid_doc_total(keys);

    policy->records = eid_alloc_array(total, sizeof *policy->records);
    policy->keys = eid_alloc_array(total, sizeof *policy->keys);
    if (!policy->records || !policy->keys) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu keys", total);
    for (size_t i = 0; i < total; i++) {
        eid_slice text;
        const eid_value *value = eid_doc_at(keys, i, &text);
        eid_status status;

        if (value->type == EID_VALUE_DELETED) continue;
        status = policy_add(policy, text, value);
        if (status != EID_OK) return status;
    }
    for (size_t i = 0; i < policy->count; i++) {
        const eid__policy_record *record = &policy->records[i];

        if (record->is_key && record->is_readable) policy->keys[policy->key_count++] = i;
    }
    return EID_OK;
}

static eid_status policy_add_delegation(eid_policy *policy, eid_slice text, const eid_value *value)
{
    eid__policy_delegation *record = &policy->delegations[policy->delegation_count];
    eid_status status;

    record->text = eid_memdup(text.at, text.len);
    if (!record->text) return EID_FAIL(EID_KIND_NO_MEMORY, "a delegation");
    record->text_len = text.len;
    policy->delegation_count++;
    if (value->type != EID_VALUE_DOC) return EID_OK;
    status = eid_delegation_from_doc(value->doc, &record->delegation);
    record->is_readable = status == EID_OK;
    return status == EID_E_NO_MEMORY ? status : EID_OK;
}

static eid_status policy_read_delegations(eid_policy *policy, const eid_doc *delegations)
{
    size_t total = eid_doc_total(delegations);
    eid_status status = EID_OK;

    policy->has_delegations = true;
    policy->delegations = eid_alloc_array(total, sizeof *policy->delegations);
    if (!policy->delegations) return EID_FAIL(EID_KIND_NO_MEMORY, "%zu delegations", total);
    for (size_t i = 0; status == EID_OK && i < total; i++) {
        eid_slice text;
        const eid_value *value = eid_doc_at(delegations, i, &text);

        if (value->type == EID_VALUE_DELETED) continue;
        status = policy_add_delegation(policy, text, value);
    }
    return status;
}

eid_status eid_policy_new(const eid_doc *auth, eid_policy **out)
{
    const eid_value *global = auth ? eid_doc_child(auth, eid_slice_text("global")) : NULL;
    const eid_doc *keys = policy_doc(auth, "keys");
    const eid_doc *delegations = policy_doc(auth, "delegations");
    eid_policy *policy = eid_alloc(sizeof *policy);
    eid_status status = EID_OK;

    if (!policy) return EID_FAIL(EID_KIND_NO_MEMORY, "a policy");
    policy->has_anything = auth && eid_doc_live(auth) > 0;
    if (global && global->type != EID_VALUE_DELETED) {
        policy->has_global = true;
        status = policy_read_record(global, &policy->global);
    }
    if (status == EID_OK && keys) status = policy_read_keys(policy, keys);
    if (status == EID_OK && delegations) status = policy_read_delegations(policy, delegations);
    if (status != EID_OK) {
        eid_policy_free(policy);
        return status;
    }
    *out = policy;
    return EID_OK;
}

eid_status eid_policy_of_settings(const eid_doc *settings, eid_policy **out)
{
    return eid_policy_new(policy_doc(settings, "auth"), out);
}

void eid_policy_free(eid_policy *policy)
{
    if (!policy) return;
    for (size_t i = 0; i < policy->count; i++) {
        eid_auth_key_fini(&policy->records[i].key);
        eid_free(policy->records[i].text);
    }
    for (size_t i = 0; i < policy->delegation_count; i++) {
        eid_delegation_fini(&policy->delegations[i].delegation);
        eid_free(policy->delegations[i].text);
    }
    eid_auth_key_fini(&policy->global.key);
    eid_free(policy->delegations);
    eid_free(policy->records);
    eid_free(policy->keys);
    eid_free(policy);
}

bool eid__policy_global_is_active(const eid_policy *policy)
{
    return policy->has_global && policy->global.is_readable &&
           policy->global.key.status == EID_KEY_ACTIVE;
}

bool eid_policy_has_auth(const eid_policy *policy)
{
    return policy->readable > 0 || eid__policy_global_is_active(policy);
}

bool eid_policy_is_private(const eid_policy *policy)
{
    return policy->has_anything && !eid__policy_global_is_active(policy);
}

size_t eid_policy_key_count(const eid_policy *policy)
{
    return policy->key_count;
}

const eid_auth_key *eid_policy_key(const eid_policy *policy, size_t i)
{
    EID_ASSERT(i < policy->key_count);
    return &policy->records[policy->keys[i]].key;
}

size_t eid_policy_record_count(const eid_policy *policy)
{
    return policy->readable;
}

const eid_auth_key *eid_policy_record(const eid_policy *policy, size_t i, eid_slice *key_text,
                                      bool *is_key)
{
    const eid__policy_record *record = policy->records;

    EID_ASSERT(i < policy->readable);
    for (size_t left = i;; record++) {
        if (!record->is_readable) continue;
        if (left == 0) break;
        left--;
    }
    *key_text = eid_slice_of(record->text, record->text_len);
    if (is_key) *is_key = record->is_key;
    return &record->key;
}

const eid_auth_key *eid_policy_find(const eid_policy *policy, const eid_pubkey *key,
                                    bool *malformed)
{
    char text[EID_KEY_TEXT_MAX];
    eid_slice wanted = eid_slice_text(eid_pubkey_text(key, text));
    size_t low = 0, high = policy->count;

    if (malformed) *malformed = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const eid__policy_record *record = &policy->records[middle];
        int order = eid_slice_compare(eid_slice_of(record->text, record->text_len), wanted);

        if (order == 0) {
            if (malformed) *malformed = !record->is_readable;
            return record->is_readable ? &record->key : NULL;
        }
        if (order < 0) low = middle + 1;
        if (order > 0) high = middle;
    }
    return NULL;
}

const eid_auth_key *eid_policy_global(const eid_policy *policy, bool *malformed)
{
    if (malformed) *malformed = policy->has_global && !policy->global.is_readable;
    return policy->has_global && policy->global.is_readable ? &policy->global.key : NULL;
}

size_t eid_policy_delegation_count(const eid_policy *policy)
{
    return policy->delegation_count;
}

const eid_delegation *eid_policy_delegation(const eid_policy *policy, size_t i, eid_slice *name)
{
    const eid__policy_delegation *record = &policy->delegations[i];

    EID_ASSERT(i < policy->delegation_count);
    *name = eid_slice_of(record->text, record->text_len);
    return record->is_readable ? &record->delegation : NULL;
}

const eid_delegation *eid_policy_find_delegation(const eid_policy *policy, const eid_id *tree,
                                                 bool *malformed)
{
    bool is_empty = eid_id_is_empty(tree), is_there = is_empty && policy->has_delegations;
    const eid_delegation *found = NULL;
    char text[EID_ID_TEXT_MAX];
    eid_slice wanted = eid_slice_text(eid_id_format(tree, text));

    for (size_t i = 0; i < policy->delegation_count && !is_empty && !is_there; i++) {
        const eid__policy_delegation *record = &policy->delegations[i];

        is_there = eid_slice_equal(eid_slice_of(record->text, record->text_len), wanted);
        if (is_there && record->is_readable) found = &record->delegation;
    }
    if (malformed) *malformed = is_there && !found;
    return found;
}
