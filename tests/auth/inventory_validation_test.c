/* The reference's tests of validation (crates/lib/src/auth/validation/tests.rs), by their names:
 * resolution and delegation over a store, entries judged against settings. */
#include "tests/auth/forest.h"

/* -- keys -------------------------------------------------------------------------------------- */

static eid_kind resolve_key(const eid_policy *policy, int number, bool is_global,
                            eid_candidate *out)
{
    eid_key key = history_key(number);
    eid_sigkey_owned hint;
    eid_candidates found;
    eid_status status;

    history_ok((is_global ? eid_sigkey_of_global : eid_sigkey_of_pubkey)(&key.pub, &hint));
    status = eid_policy_resolve(policy, &hint.key, &found);
    if (found.count > 0) *out = found.at[0];
    eid_candidates_fini(&found);
    eid_sigkey_owned_fini(&hint);
    return status == EID_OK ? EID_KIND_NONE : eid_status_detail(status).kind;
}

static void test_basic_key_resolution(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_ACTIVE, NULL);
    eid_candidate found = {.status = EID_KEY_REVOKED};

    (void)state;
    assert_int_equal(resolve_key(policy, 1, false, &found), EID_KIND_NONE);
    assert_int_equal(found.status, EID_KEY_ACTIVE);
    eid_policy_free(policy);
}

static void test_missing_key(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_ACTIVE, NULL);
    eid_candidate found;

    (void)state;
    assert_int_equal(resolve_key(policy, 2, false, &found), EID_KIND_AUTH_KEY_NOT_FOUND);
    eid_policy_free(policy);
}

static void test_revoked_key_validation(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_REVOKED, NULL);
    eid_candidate found = {.status = EID_KEY_ACTIVE};

    (void)state;
    assert_int_equal(resolve_key(policy, 1, false, &found), EID_KIND_NONE);
    assert_int_equal(found.status, EID_KEY_REVOKED);
    eid_policy_free(policy);
}

static void test_entry_validation_with_revoked_key(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_REVOKED, NULL);

    (void)state;
    assert_int_equal(judge(policy, 1, false, false), EID_JUDGED_INVALID);
    eid_policy_free(policy);
}

static void test_resolve_identity_permission_revoked_direct_key(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_REVOKED, NULL);
    eid_key key = history_key(1);
    eid_sigkey_owned hint;
    eid_permission permission;

    (void)state;
    history_ok(eid_sigkey_of_pubkey(&key.pub, &hint));
    assert_int_not_equal(eid_policy_identity(policy, &hint.key, &key.pub, &permission), EID_OK);
    eid_sigkey_owned_fini(&hint);
    eid_policy_free(policy);
}

static void test_permission_levels(void **state)
{
    static const struct {
        const char *permission;
        eid_judgement data, settings;
    } rows[] = {{"read", EID_JUDGED_INVALID, EID_JUDGED_INVALID},
                {"write:10", EID_JUDGED_VALID, EID_JUDGED_INVALID},
                {"admin:10", EID_JUDGED_VALID, EID_JUDGED_VALID}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        eid_policy *policy = policy_with(rows[i].permission, EID_KEY_ACTIVE, NULL);

        assert_int_equal(judge(policy, 1, false, false), rows[i].data);
        assert_int_equal(judge(policy, 1, false, true), rows[i].settings);
        eid_policy_free(policy);
    }
}

static void test_entry_validation_success(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_ACTIVE, NULL);

    (void)state;
    assert_int_equal(judge(policy, 1, false, false), EID_JUDGED_VALID);
    eid_policy_free(policy);
}

static void test_validate_entry_with_auth_info_against_empty_settings(void **state)
{
    eid_policy *policy = policy_with(NULL, EID_KEY_ACTIVE, NULL);

    (void)state;
    assert_int_equal(judge(policy, 1, false, false), EID_JUDGED_INVALID);
    assert_int_equal(judge(policy, HISTORY_UNSIGNED, false, false), EID_JUDGED_VALID);
    eid_policy_free(policy);
}

static void test_performance_optimizations(void **state)
{
    eid_policy *policy = policy_with("write:10", EID_KEY_ACTIVE, NULL);

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        eid_candidate found = {.status = EID_KEY_REVOKED};

        assert_int_equal(resolve_key(policy, 1, false, &found), EID_KIND_NONE);
        assert_int_equal(found.permission.priority, 10);
    }
    eid_policy_free(policy);
}

static void test_global_permission_with_pubkey_hint(void **state)
{
    eid_policy *policy = policy_with(NULL, EID_KEY_ACTIVE, "write:10");

    (void)state;
    assert_int_equal(judge(policy, 5, true, false), EID_JUDGED_VALID);
    eid_policy_free(policy);
}

static void test_global_permission_without_pubkey_fails(void **state)
{
    eid_policy *policy = policy_with(NULL, EID_KEY_ACTIVE, "write:10");
    eid_sigkey key = {.hint = {.is_global = true}};
    eid_candidates found;
    eid_status status = eid_policy_resolve(policy, &key, &found);

    (void)state;
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_AUTH_CONFIG);
    eid_policy_free(policy);
}

static void test_global_permission_resolver(void **state)
{
    eid_policy *policy = policy_with(NULL, EID_KEY_ACTIVE, "write:10");
    eid_key key = history_key(5);
    eid_candidate found;

    (void)state;
    assert_int_equal(resolve_key(policy, 5, true, &found), EID_KIND_NONE);
    assert_true(eid_pubkey_equal(&found.key, &key.pub));
    assert_int_equal(found.permission.priority, 10);
    eid_policy_free(policy);
}

static void test_global_permission_insufficient_perms(void **state)
{
    eid_policy *policy = policy_with(NULL, EID_KEY_ACTIVE, "read");

    (void)state;
    assert_int_equal(judge(policy, 5, true, false), EID_JUDGED_INVALID);
    eid_policy_free(policy);
}

static void test_global_permission_vs_specific_key(void **state)
{
    eid_policy *policy = policy_with("admin:1", EID_KEY_ACTIVE, "write:10");

    (void)state;
    assert_int_equal(judge(policy, 1, false, true), EID_JUDGED_VALID);
    assert_int_equal(judge(policy, 1, true, true), EID_JUDGED_INVALID);
    assert_int_equal(judge(policy, 1, true, false), EID_JUDGED_VALID);
    eid_policy_free(policy);
}

/* -- one step ---------------------------------------------------------------------------------- */

static void test_delegated_tree_requires_backend(void **state)
{
    eid_sigkey key = {.is_delegation = true};
    eid_policy *policy = NULL;
    eid_candidates found;
    eid_status status;

    (void)state;
    history_ok(eid_policy_new(NULL, &policy));
    status = eid_policy_resolve(policy, &key, &found);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_AUTH_DATABASE_REQUIRED);
    eid_policy_free(policy);
}

static void test_basic_delegated_tree_resolution(void **state)
{
    forest at;
    tree *people, *main_tree;
    question answer;

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "write:12");
    main_tree = forest_delegating(&at, people, "admin:0", NULL);
    answer = ask_one(&at, main_tree, people, 1);
    assert_found(&answer, "write:12", EID_KEY_ACTIVE);
    answer = ask_one(&at, main_tree, people, 2);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_KEY_NOT_FOUND);
    forest_close(&at);
}

static void test_complete_delegation_workflow(void **state)
{
    forest at;
    tree *people, *main_tree;
    question answer;

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    main_tree = forest_delegating(&at, people, "write:10", NULL);
    answer = ask_one(&at, main_tree, people, 1);
    assert_found(&answer, "write:10", EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_delegated_tree_requires_tips(void **state)
{
    forest at;
    tree *people;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    answer.from = forest_delegating(&at, people, "write:10", NULL);
    ask_step(&answer, people, history_ids(NULL, 0));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_TIPS);
    forest_close(&at);
}

static void test_nested_delegation_with_permission_clamping(void **state)
{
    forest at;
    tree *people, *org;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:3");
    org = forest_delegating(&at, people, "write:5", NULL);
    answer.from = forest_delegating(&at, org, "write:8", NULL);
    ask_step(&answer, org, history_ids(&org->tip, 1));
    ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_found(&answer, "write:8", EID_KEY_ACTIVE);
    forest_close(&at);
}

/* -- limits ------------------------------------------------------------------------------------ */

/* The reference guards a recursion by 10; here the path itself is bounded by as many steps. */
static void test_delegation_depth_limit(void **state)
{
    forest at;
    question answer = {.number = 1};
    tree *people;

    (void)state;
    forest_open(&at);
    answer.from = people = forest_identity(&at, 1, "admin:3");
    while (answer.count < 9) ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_NOT_FOUND);
    forest_close(&at);
}

static void test_delegation_path_length_capped(void **state)
{
    forest at;
    question answer = {.number = 1};
    tree *people;

    (void)state;
    forest_open(&at);
    answer.from = people = forest_identity(&at, 1, "admin:3");
    while (answer.count < 11) ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_LONG);
    forest_close(&at);
}

static void test_delegation_tips_count_capped(void **state)
{
    forest at;
    question answer = {.number = 1};
    eid_id tips[65];
    tree *people;

    (void)state;
    forest_open(&at);
    answer.from = people = forest_identity(&at, 1, "admin:3");
    for (size_t i = 0; i < 65; i++) tips[i] = people->tip;
    ask_step(&answer, people, history_ids(tips, 65));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_MANY);
    answer.steps[0].tips.count = 64;
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_NOT_FOUND);
    forest_close(&at);
}

/* -- tips -------------------------------------------------------------------------------------- */

static void test_delegation_floor_rejects_snapshot_regression(void **state)
{
    forest at;
    eid_doc *settings = doc_new();
    eid_id before;
    tree *people;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    before = people->tip;
    put_key(settings, 2, "read");
    forest_append(&at, people, &settings);
    answer.from = forest_delegating(&at, people, "admin:0", NULL);
    ask_step(&answer, people, history_ids(&before, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_TIPS);
    forest_close(&at);
}

/* A tree that lowered the permission of key 1 after `before`; the floor is `before`. */
static tree *forest_lowered(forest *at, tree **people, eid_id *before)
{
    eid_doc *settings = doc_new();
    tree *main_tree;

    *people = forest_identity(at, 1, "admin:5");
    *before = (*people)->tip;
    main_tree = forest_delegating(at, *people, "admin:0", NULL);
    put_key(settings, 1, "write:20");
    forest_append(at, *people, &settings);
    return main_tree;
}

static void test_delegation_resolves_settings_at_claimed_tips(void **state)
{
    forest at;
    tree *people;
    eid_id before;
    question old = {.number = 1}, now = {.number = 1};

    (void)state;
    forest_open(&at);
    old.from = now.from = forest_lowered(&at, &people, &before);
    ask_step(&old, people, history_ids(&before, 1));
    ask(&at, &old);
    assert_found(&old, "admin:5", EID_KEY_ACTIVE);
    ask_step(&now, people, history_ids(&people->tip, 1));
    ask(&at, &now);
    assert_found(&now, "write:20", EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_delegation_reads_auth_state_at_pinned_tips_not_live_head(void **state)
{
    forest at;
    tree *people;
    eid_id before;
    question answer = {.number = 1};
    eid_doc *settings = doc_new();
    eid_auth_key revoked = record_of(1, "write:20", EID_KEY_REVOKED);

    (void)state;
    forest_open(&at);
    answer.from = forest_lowered(&at, &people, &before);
    history_ok(eid_settings_put_key(settings, &revoked));
    forest_append(&at, people, &settings);
    ask_step(&answer, people, history_ids(&before, 1));
    ask(&at, &answer);
    assert_found(&answer, "admin:5", EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_delegation_rejects_foreign_tip(void **state)
{
    forest at;
    tree *people, *other;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    other = forest_identity(&at, 2, "read");
    answer.from = forest_delegating(&at, people, "admin:0", NULL);
    ask_step(&answer, people, history_ids(&other->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_TIPS);
    forest_close(&at);
}

static void test_delegation_indeterminate_when_tips_unsynced(void **state)
{
    forest at;
    eid_id nowhere = eid_id_of_entry(eid_slice_text("not here yet"));
    tree *people;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    answer.from = forest_delegating(&at, people, "admin:0", NULL);
    ask_step(&answer, people, history_ids(&nowhere, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_WAITS, EID_KIND_AUTH_DELEGATION_UNSYNCED);
    forest_close(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basic_key_resolution),
        cmocka_unit_test(test_missing_key),
        cmocka_unit_test(test_revoked_key_validation),
        cmocka_unit_test(test_entry_validation_with_revoked_key),
        cmocka_unit_test(test_resolve_identity_permission_revoked_direct_key),
        cmocka_unit_test(test_permission_levels),
        cmocka_unit_test(test_entry_validation_success),
        cmocka_unit_test(test_validate_entry_with_auth_info_against_empty_settings),
        cmocka_unit_test(test_performance_optimizations),
        cmocka_unit_test(test_global_permission_with_pubkey_hint),
        cmocka_unit_test(test_global_permission_without_pubkey_fails),
        cmocka_unit_test(test_global_permission_resolver),
        cmocka_unit_test(test_global_permission_insufficient_perms),
        cmocka_unit_test(test_global_permission_vs_specific_key),
        cmocka_unit_test(test_delegated_tree_requires_backend),
        cmocka_unit_test(test_basic_delegated_tree_resolution),
        cmocka_unit_test(test_complete_delegation_workflow),
        cmocka_unit_test(test_delegated_tree_requires_tips),
        cmocka_unit_test(test_nested_delegation_with_permission_clamping),
        cmocka_unit_test(test_delegation_depth_limit),
        cmocka_unit_test(test_delegation_path_length_capped),
        cmocka_unit_test(test_delegation_tips_count_capped),
        cmocka_unit_test(test_delegation_floor_rejects_snapshot_regression),
        cmocka_unit_test(test_delegation_resolves_settings_at_claimed_tips),
        cmocka_unit_test(test_delegation_reads_auth_state_at_pinned_tips_not_live_head),
        cmocka_unit_test(test_delegation_rejects_foreign_tip),
        cmocka_unit_test(test_delegation_indeterminate_when_tips_unsynced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
