/* The reference's tests of delegated trees and of errors on their way (crates/lib/tests/it/auth:
 * delegated_trees.rs, error_handling_tests.rs), by their names where the inventory gives one. What
 * needs a database is in tests/node/inventory_auth_delegated_test.c. */
#include <pthread.h>
#include <stdio.h>

#include "tests/auth/forest.h"

/* -- delegated_trees.rs ------------------------------------------------------------------------ */

/* Key 1 has `own` in its tree; what comes out at the end of a delegation within bounds. */
static void check_clamped(const char *own, const char *max, const char *min, const char *wanted)
{
    forest at;
    tree *people;
    question answer;

    forest_open(&at);
    people = forest_identity(&at, 1, own);
    answer = ask_one(&at, forest_delegating(&at, people, max, min), people, 1);
    assert_found(&answer, wanted, EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_delegated_tree_basic_validation(void **state)
{
    (void)state;
    check_clamped("admin:5", "admin:5", NULL, "admin:5");
}

static void test_delegated_tree_permission_clamping(void **state)
{
    (void)state;
    check_clamped("admin:5", "read", NULL, "read");
}

static void test_delegated_tree_min_bound_upgrade(void **state)
{
    (void)state;
    check_clamped("write:15", "write:0", "write:7", "write:7");
}

static void test_delegated_tree_priority_preservation(void **state)
{
    (void)state;
    check_clamped("write:12", "write:8", NULL, "write:12");
}

static void test_nested_delegation(void **state)
{
    forest at;
    tree *people, *org;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:10");
    org = forest_delegating(&at, people, "write:20", NULL);
    answer.from = forest_delegating(&at, org, "write:15", NULL);
    ask_step(&answer, org, history_ids(&org->tip, 1));
    ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_found(&answer, "write:20", EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_delegated_tree_with_revoked_keys(void **state)
{
    eid_auth_key revoked = record_of(1, "write:5", EID_KEY_REVOKED);
    forest at;
    eid_doc *settings = doc_new();
    tree *people, *main_tree;
    question answer;

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "write:5");
    main_tree = forest_delegating(&at, people, "write:5", NULL);
    history_ok(eid_settings_put_key(settings, &revoked));
    forest_append(&at, people, &settings);
    answer = ask_one(&at, main_tree, people, 1);
    assert_found(&answer, "write:5", EID_KEY_REVOKED);
    forest_close(&at);
}

static void test_delegation_depth_limits(void **state)
{
    forest at;
    question answer = {.number = 1};
    tree *people;

    (void)state;
    forest_open(&at);
    answer.from = people = forest_identity(&at, 1, "admin:5");
    while (answer.count < 12) ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_LONG);
    forest_close(&at);
}

static void test_delegation_depth_limit_exact(void **state)
{
    forest at;
    question answer = {.number = 1};
    tree *people;

    (void)state;
    forest_open(&at);
    answer.from = people = forest_identity(&at, 1, "admin:5");
    while (answer.count < 10) ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_NOT_FOUND);
    forest_close(&at);
}

static void test_delegated_tree_invalid_tips(void **state)
{
    eid_id invented = eid_id_of_entry(eid_slice_text("invented"));
    forest at;
    eid_doc *settings = doc_new();
    tree *people;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    put_key(settings, 0, "admin:0");
    put_delegation(settings, people, "admin:0", NULL, &invented);
    answer.from = forest_append(&at, NULL, &settings);
    ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer); /* refused by the reference; here it may still arrive */
    assert_refused(&answer, EID_DELEGATE_WAITS, EID_KIND_AUTH_DELEGATION_UNSYNCED);
    forest_close(&at);
}

static void test_complex_nested_delegation_chain(void **state)
{
    forest at;
    tree *trees[4];
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    trees[3] = forest_identity(&at, 1, "admin:0");
    for (size_t i = 3; i > 0; i--) {
        trees[i - 1] = forest_delegating(&at, trees[i], i == 3 ? "write:5" : "admin:9", NULL);
    }
    answer.from = trees[0];
    for (size_t i = 1; i < 4; i++) ask_step(&answer, trees[i], history_ids(&trees[i]->tip, 1));
    ask(&at, &answer);
    assert_found(&answer, "write:5", EID_KEY_ACTIVE);
    assert_int_equal(answer.count, 3);
    forest_close(&at);
}

/* -- error_handling_tests.rs ------------------------------------------------------------------- */

static void test_error__without_a_store_a_database_is_required(void **state)
{
    eid_sigkey key = {.is_delegation = true};
    eid_policy *policy = policy_with("read", EID_KEY_ACTIVE, NULL);
    eid_candidates found;
    eid_status status = eid_policy_resolve(policy, &key, &found);

    (void)state;
    assert_non_null(strstr(eid_status_detail(status).text, "Database required"));
    eid_policy_free(policy);
}

static void
test_error__an_unknown_delegated_tree_is_refused_and_later_lookups_are_intact(void **state)
{
    forest at;
    tree *people, *other, *main_tree;
    question answer;

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    other = forest_identity(&at, 2, "admin:5");
    main_tree = forest_delegating(&at, people, "write:10", NULL);
    answer = ask_one(&at, main_tree, other, 2);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_NOT_FOUND);
    answer = ask_one(&at, main_tree, people, 1);
    assert_found(&answer, "write:10", EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_error__a_tree_that_is_not_here_is_waited_for(void **state)
{
    tree elsewhere = {.root = eid_id_of_entry(eid_slice_text("elsewhere"))};
    forest at;
    tree *main_tree;
    question answer;

    (void)state;
    elsewhere.tip = elsewhere.root;
    forest_open(&at);
    main_tree = forest_delegating(&at, &elsewhere, "write:10", NULL);
    answer = ask_one(&at, main_tree, &elsewhere, 1);
    assert_refused(&answer, EID_DELEGATE_WAITS, EID_KIND_AUTH_DELEGATION_LOAD);
    forest_close(&at);
}

static void test_error__a_corrupt_delegation_is_refused(void **state)
{
    forest at;
    eid_doc *settings = doc_new();
    tree *people;
    char path[EID_ID_TEXT_MAX + 32], text[EID_ID_TEXT_MAX];
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    put_key(settings, 0, "admin:0");
    (void)snprintf(path, sizeof path, "auth.delegations.%s", eid_id_format(&people->root, text));
    history_ok(eid_doc_set_text(settings, eid_slice_text(path), eid_slice_text("nonsense")));
    answer.from = forest_append(&at, NULL, &settings);
    ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_CONFIG);
    forest_close(&at);
}

static void test_error__privileges_are_not_escalated_by_delegation(void **state)
{
    (void)state;
    check_clamped("admin:0", "write:10", NULL, "write:10");
}

static void test_error__forged_tips_are_not_believed(void **state)
{
    eid_id forged = eid_id_of_raw(eid_slice_text("forged"));
    forest at;
    tree *people;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    answer.from = forest_delegating(&at, people, "admin:0", NULL);
    ask_step(&answer, people, history_ids(&forged, 1));
    ask(&at, &answer);
    assert_int_not_equal(answer.state, EID_DELEGATE_FOUND);
    forest_close(&at);
}

static void test_error__messages_name_the_thing(void **state)
{
    forest at;
    tree *people, *other;
    char text[EID_ID_TEXT_MAX];

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    other = forest_identity(&at, 2, "admin:5");
    (void)ask_one(&at, forest_delegating(&at, people, "read", NULL), other, 2);
    assert_non_null(
        strstr(eid_status_detail(eid_kind_status(EID_KIND_AUTH_DELEGATION_NOT_FOUND)).text,
               eid_id_format(&other->root, text)));
    forest_close(&at);
}

/* Each thread has a forest of its own; nothing is shared between them. */
static void *resolve_often(void *arg)
{
    forest at;
    tree *people, *main_tree;

    (void)arg;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:5");
    main_tree = forest_delegating(&at, people, "write:10", NULL);
    for (size_t i = 0; i < 20; i++) {
        question answer = ask_one(&at, main_tree, people, 1);

        if (answer.state != EID_DELEGATE_FOUND || answer.found.permission.priority != 10) {
            forest_close(&at);
            return arg;
        }
    }
    forest_close(&at);
    return NULL;
}

static void test_error__validators_of_several_threads_are_independent(void **state)
{
    pthread_t threads[4];
    int mark;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, resolve_often, &mark), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *failed;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delegated_tree_basic_validation),
        cmocka_unit_test(test_delegated_tree_permission_clamping),
        cmocka_unit_test(test_delegated_tree_min_bound_upgrade),
        cmocka_unit_test(test_delegated_tree_priority_preservation),
        cmocka_unit_test(test_nested_delegation),
        cmocka_unit_test(test_delegated_tree_with_revoked_keys),
        cmocka_unit_test(test_delegation_depth_limits),
        cmocka_unit_test(test_delegation_depth_limit_exact),
        cmocka_unit_test(test_delegated_tree_invalid_tips),
        cmocka_unit_test(test_complex_nested_delegation_chain),
        cmocka_unit_test(test_error__without_a_store_a_database_is_required),
        cmocka_unit_test(
            test_error__an_unknown_delegated_tree_is_refused_and_later_lookups_are_intact),
        cmocka_unit_test(test_error__a_tree_that_is_not_here_is_waited_for),
        cmocka_unit_test(test_error__a_corrupt_delegation_is_refused),
        cmocka_unit_test(test_error__privileges_are_not_escalated_by_delegation),
        cmocka_unit_test(test_error__forged_tips_are_not_believed),
        cmocka_unit_test(test_error__messages_name_the_thing),
        cmocka_unit_test(test_error__validators_of_several_threads_are_independent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
