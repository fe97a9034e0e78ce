#include "auth/settings.h"

#include <stdio.h>

#include "crdt/payload.h"
#include "dag/alloc.h"
#include "tests/auth/history.h"

static eid_auth_key record_of(int number, eid_permission_type type, const char *name)
{
    return (eid_auth_key){.pubkey = history_key(number).pub,
                          .has_name = name != NULL,
                          .name = (char *)(uintptr_t)name,
                          .permission = {type, 0}};
}

static eid_policy *policy_of(const eid_doc *settings)
{
    eid_policy *policy = NULL;

    history_ok(eid_policy_of_settings(settings, &policy));
    return policy;
}

static void test_settings_put__stages_one_path_and_nothing_else(void **state)
{
    eid_auth_key key = record_of(1, EID_PERMISSION_WRITE, "pc");
    char text[EID_KEY_TEXT_MAX], expected[512];
    eid_doc *settings = NULL;
    eid_buf json;
    char *actual;

    history_ok(eid_doc_new(&settings));
    history_ok(eid_settings_put_key(settings, &key));
    eid_buf_init(&json, 4096);
    history_ok(eid_payload_write_doc(settings, &json));
    actual = eid_buf_take_text(&json);
    snprintf(expected, sizeof expected,
             "{\"children\":{\"auth\":{\"Doc\":{\"children\":{\"keys\":{\"Doc\":{\"children\":{"
             "\"%s\":{\"Doc\":{\"_a\":true,\"children\":{\"name\":{\"Text\":\"pc\"},"
             "\"permissions\":{\"Doc\":{\"children\":{\"priority\":{\"Int\":0},\"type\":{\"Text\":"
             "\"Write\"}}}},\"status\":{\"Text\":\"Active\"}}}}}}}}}}}}",
             eid_pubkey_text(&key.pubkey, text));
    assert_string_equal(actual, expected);
    eid_free(actual);
    eid_doc_free(settings);
}

static void test_policy__answers_for_many_keys_in_text_order(void **state)
{
    eid_doc *settings = NULL;
    eid_policy *policy;
    char before[EID_KEY_TEXT_MAX] = "", text[EID_KEY_TEXT_MAX];
    eid_pubkey absent = history_key(200).pub;
    bool malformed;

    history_ok(eid_doc_new(&settings));
    for (int i = 0; i < 100; i++) {
        eid_auth_key key = record_of(i, EID_PERMISSION_WRITE, NULL);

        history_ok(eid_settings_put_key(settings, &key));
    }
    policy = policy_of(settings);
    assert_int_equal(eid_policy_key_count(policy), 100);
    for (size_t i = 0; i < 100; i++) {
        const eid_auth_key *key = eid_policy_key(policy, i);

        assert_true(strcmp(before, eid_pubkey_text(&key->pubkey, text)) < 0);
        memcpy(before, text, sizeof before);
        assert_ptr_equal(eid_policy_find(policy, &key->pubkey, NULL), key);
    }
    assert_null(eid_policy_find(policy, &absent, &malformed));
    assert_false(malformed);
    eid_policy_free(policy);
    eid_doc_free(settings);
}

static void test_policy_ways__puts_the_stronger_first_and_direct_on_a_tie(void **state)
{
    eid_auth_key direct = record_of(1, EID_PERMISSION_WRITE, NULL);
    eid_auth_key global = record_of(0, EID_PERMISSION_WRITE, NULL);
    eid_doc *settings = NULL;
    eid_policy *policy;
    eid_way ways[2];

    history_ok(eid_doc_new(&settings));
    history_ok(eid_settings_put_key(settings, &direct));
    policy = policy_of(settings);
    assert_true(eid_policy_is_private(policy));
    eid_policy_free(policy);
    history_ok(eid_settings_put_global(settings, &global));
    policy = policy_of(settings);
    assert_false(eid_policy_is_private(policy));
    assert_int_equal(eid_policy_ways(policy, &direct.pubkey, ways), 2);
    assert_false(ways[0].is_global);
    assert_true(eid_policy_allows(policy, &direct.pubkey, EID_PERMISSION_WRITE));
    assert_false(eid_policy_allows(policy, &direct.pubkey, EID_PERMISSION_ADMIN));
    eid_policy_free(policy);

    global.permission.type = EID_PERMISSION_ADMIN;
    history_ok(eid_settings_put_global(settings, &global));
    policy = policy_of(settings);
    assert_int_equal(eid_policy_ways(policy, &direct.pubkey, ways), 2);
    assert_true(ways[0].is_global);
    eid_policy_free(policy);
    eid_doc_free(settings);
}

static void test_settings_change__keeps_the_rest_of_the_record(void **state)
{
    eid_auth_key key = record_of(1, EID_PERMISSION_ADMIN, "laptop");
    const eid_auth_key *found;
    eid_doc *settings = NULL;
    eid_policy *policy;

    history_ok(eid_doc_new(&settings));
    history_ok(eid_settings_put_key(settings, &key));
    policy = policy_of(settings);
    assert_int_equal(eid_settings_add_key(settings, policy, &key), EID_E_EXISTS);
    history_ok(eid_settings_revoke_key(settings, policy, &key.pubkey));
    eid_policy_free(policy);
    policy = policy_of(settings);
    found = eid_policy_find(policy, &key.pubkey, NULL);
    assert_int_equal(found->status, EID_KEY_REVOKED);
    assert_string_equal(found->name, "laptop");
    assert_int_equal(found->permission.type, EID_PERMISSION_ADMIN);
    history_ok(eid_settings_rename_key(settings, policy, &key.pubkey, NULL));
    eid_policy_free(policy);
    policy = policy_of(settings);
    assert_false(eid_policy_find(policy, &key.pubkey, NULL)->has_name);
    assert_int_equal(eid_policy_find(policy, &key.pubkey, NULL)->status, EID_KEY_REVOKED);
    eid_policy_free(policy);
    eid_doc_free(settings);
}

static void test_policy_new__survives_every_failing_allocation(void **state)
{
    eid_auth_key key = record_of(1, EID_PERMISSION_WRITE, "pc");
    eid_doc *settings = NULL;
    eid_status status = EID_E_NO_MEMORY;

    history_ok(eid_doc_new(&settings));
    history_ok(eid_settings_put_key(settings, &key));
    history_ok(eid_settings_put_global(settings, &key));
    for (uint64_t n = 1; status != EID_OK; n++) {
        eid_policy *policy = NULL;

        assert_true(n < 1000);
        (void)eid_alloc_fail_at(n, false);
        status = eid_policy_of_settings(settings, &policy);
        (void)eid_alloc_fail_at(0, false);
        assert_true(status == EID_OK || status == EID_E_NO_MEMORY);
        eid_policy_free(policy);
    }
    eid_doc_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_put__stages_one_path_and_nothing_else),
        cmocka_unit_test(test_policy__answers_for_many_keys_in_text_order),
        cmocka_unit_test(test_policy_ways__puts_the_stronger_first_and_direct_on_a_tie),
        cmocka_unit_test(test_settings_change__keeps_the_rest_of_the_record),
        cmocka_unit_test(test_policy_new__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
