/* Policies from any document: what is asked of them stays consistent, whatever they were made of.
 */
#include "auth/settings.h"
#include "crdt/payload.h"
#include "tests/fuzz/fuzz.h"

static void check_key(const eid_policy *policy, const eid_auth_key *key)
{
    eid_way ways[2], best;
    size_t count = eid_policy_ways(policy, &key->pubkey, ways);
    bool malformed, can;

    fuzz_check(count <= 2);
    fuzz_check(eid_policy_find(policy, &key->pubkey, &malformed) == key);
    fuzz_check((eid_policy_best_way(policy, &key->pubkey, &best) == EID_OK) == (count > 0));
    if (eid_policy_allows(policy, &key->pubkey, EID_PERMISSION_ADMIN))
        fuzz_check(eid_policy_allows(policy, &key->pubkey, EID_PERMISSION_WRITE));
    if (eid_policy_allows(policy, &key->pubkey, EID_PERMISSION_WRITE))
        fuzz_check(eid_policy_allows(policy, &key->pubkey, EID_PERMISSION_READ));
    if (eid_policy_can_modify(policy, key->permission, &key->pubkey, &can) != EID_OK) return;
}

static void check_record(const eid_auth_key *key)
{
    eid_auth_key again = {0};
    eid_doc *doc = NULL;

    fuzz_check(eid_auth_key_to_doc(key, &doc) == EID_OK);
    fuzz_check(eid_auth_key_from_doc(doc, &again) == EID_OK);
    fuzz_check(again.status == key->status && again.has_name == key->has_name);
    fuzz_check(again.permission.type == key->permission.type);
    eid_auth_key_fini(&again);
    eid_doc_free(doc);
}

static void check_policy(const eid_policy *policy)
{
    size_t keys = eid_policy_key_count(policy);
    bool malformed;

    for (size_t i = 0; i < keys; i++) {
        check_key(policy, eid_policy_key(policy, i));
        check_record(eid_policy_key(policy, i));
    }
    for (size_t i = 0; i < eid_policy_record_count(policy); i++) {
        eid_slice text;
        bool is_key;

        fuzz_check(eid_policy_record(policy, i, &text, &is_key) != NULL);
    }
    fuzz_check(eid_policy_record_count(policy) >= keys);
    if (eid_policy_global(policy, &malformed)) fuzz_check(!malformed);
    if (keys > 0) fuzz_check(eid_policy_has_auth(policy));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_policy *policy = NULL;
    eid_doc *doc = NULL;

    if (eid_payload_read_doc(eid_slice_of(data, size), &doc) != EID_OK) return 0;
    if (eid_policy_new(doc, &policy) == EID_OK) check_policy(policy);
    eid_policy_free(policy);
    policy = NULL;
    if (eid_policy_of_settings(doc, &policy) == EID_OK) check_policy(policy);
    eid_policy_free(policy);
    eid_doc_free(doc);
    return 0;
}
