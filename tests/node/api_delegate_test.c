/* Databases that let the keys of others act, through the public interface: in this process and with
 * a daemon. */
#include "tests/node/api_world.h"

typedef struct delegations {
    size_t count, tips;
    char root[160], max[32], min[32];
} delegations;

static bool delegations_take(void *self, const eidetica_delegation *delegation)
{
    delegations *all = self;

    all->count++;
    all->tips = delegation->tip_count;
    snprintf(all->root, sizeof all->root, "%s", delegation->root);
    snprintf(all->max, sizeof all->max, "%s", delegation->max);
    snprintf(all->min, sizeof all->min, "%s", delegation->min);
    return true;
}

static void take_permission(void *self, const eidetica_db_info *info)
{
    snprintf(self, 32, "%s", info->permission);
}

/* Bob, whose key only the database "people" knows, and "notes", which delegates to it. */
typedef struct family {
    eidetica_user *bob;
    eidetica_db *people, *notes;
} family;

static family family_open(api_world *world)
{
    family all;

    all.people = api_db(world, "people");
    all.notes = api_db(world, "notes");
    assert_ok(eidetica_user_add(world->ada, "bob", NULL));
    assert_ok(eidetica_login(world->node, "bob", NULL, &all.bob));
    assert_ok(eidetica_db_grant(all.people, eidetica_user_key(all.bob), "write:3", "Bob"));
    return all;
}

static void family_close(family *all)
{
    eidetica_db_close(all->people);
    eidetica_db_close(all->notes);
    eidetica_logout(all->bob);
}

static void test_delegation__lets_a_key_of_another_database_write(void **state)
{
    family all = family_open(*state);
    eidetica_db *theirs;
    eidetica_txn *txn;
    char permission[32] = "", *entry, *json;

    api_set(all.notes, "a", "1");
    assert_status(DENIED, eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    assert_ok(eidetica_db_delegate(all.notes, "people", "write:10", NULL));
    assert_ok(eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    api_check(theirs, "data", "a", "1");
    assert_ok(eidetica_db_describe(theirs, take_permission, permission));
    assert_string_equal(permission, "write:10");

    txn = api_begin(theirs);
    assert_ok(eidetica_doc_set(txn, "data", "b", "2"));
    assert_ok(eidetica_txn_commit(txn, &entry));
    eidetica_txn_free(txn);
    api_check(all.notes, "data", "b", "2");
    assert_ok(eidetica_entry_explain(all.notes, entry, &json));
    assert_non_null(strstr(json, "\"rule\":\"signed\""));
    assert_non_null(strstr(json, "\"record\":\"auth.delegations."));
    assert_non_null(strstr(json, "\"record\":\"auth.keys.ed25519:"));
    assert_non_null(strstr(json, eidetica_db_root(all.people)));
    assert_null(strstr(json, "\"entry\":null"));
    eidetica_free(json);
    eidetica_free(entry);

    assert_kind(AUTH_PERMISSION,
                eidetica_db_grant(theirs, eidetica_user_key(all.bob), "read", NULL));
    eidetica_db_close(theirs);
    family_close(&all);
}

static void test_delegation__ends_when_the_key_is_revoked_there_or_it_is_taken_back(void **state)
{
    family all = family_open(*state);
    eidetica_db *theirs;
    eidetica_txn *txn;

    assert_ok(eidetica_db_delegate(all.notes, "people", "write:10", NULL));
    assert_ok(eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    api_set(theirs, "a", "1");
    assert_ok(eidetica_db_revoke(all.people, eidetica_user_key(all.bob)));
    txn = NULL;
    if (eidetica_txn_begin(theirs, &txn) == EIDETICA_OK &&
        eidetica_doc_set(txn, "data", "b", "2") == EIDETICA_OK) { /* a daemon refuses earlier */
        assert_status(DENIED, eidetica_txn_commit(txn, NULL));
    }
    eidetica_txn_free(txn);
    eidetica_db_close(theirs);
    assert_status(DENIED, eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));

    assert_ok(eidetica_db_grant(all.people, eidetica_user_key(all.bob), "write:3", NULL));
    assert_ok(eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    eidetica_db_close(theirs);
    assert_ok(eidetica_db_undelegate(all.notes, "people"));
    assert_kind(AUTH_DELEGATION_NOT_FOUND, eidetica_db_undelegate(all.notes, "people"));
    assert_status(DENIED, eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    family_close(&all);
}

static void test_delegation__is_listed_and_refused_where_it_gives_too_much(void **state)
{
    family all = family_open(*state);
    delegations list = {0};
    eidetica_db *theirs;

    assert_ok(eidetica_db_delegations(all.notes, delegations_take, &list));
    assert_int_equal(list.count, 0);
    assert_ok(eidetica_db_delegate(all.notes, "people", "admin:7", "read"));
    assert_ok(eidetica_db_delegations(all.notes, delegations_take, &list));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.tips, 1);
    assert_string_equal(list.root, eidetica_db_root(all.people));
    assert_string_equal(list.max, "admin:7");
    assert_string_equal(list.min, "read");
    assert_kind(ARGUMENT, eidetica_db_delegate(all.notes, "people", "read", "write:1"));
    assert_kind(AUTH_PERMISSION_TEXT, eidetica_db_delegate(all.notes, "people", "all", NULL));
    assert_status(NOT_FOUND, eidetica_db_delegate(all.notes, "nobody", "read", NULL));

    assert_ok(eidetica_db_grant(all.notes, eidetica_user_key(all.bob), "admin:5", NULL));
    assert_ok(eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    assert_kind(AUTH_PERMISSION,
                eidetica_db_delegate(theirs, eidetica_db_root(all.people), "admin:4", NULL));
    assert_ok(eidetica_db_delegate(theirs, eidetica_db_root(all.people), "admin:5", NULL));
    eidetica_db_close(theirs);
    family_close(&all);
}

static void test_rights__of_a_stronger_key_are_not_changed_by_a_weaker_admin(void **state)
{
    api_world *world = *state;
    family all = family_open(world);
    const char *ada = eidetica_user_key(world->ada), *bob = eidetica_user_key(all.bob);
    eidetica_db *theirs;

    assert_ok(eidetica_db_grant(all.notes, bob, "admin:5", NULL));
    assert_ok(eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    assert_kind(AUTH_PERMISSION, eidetica_db_revoke(theirs, ada));
    assert_kind(AUTH_PERMISSION, eidetica_db_grant(theirs, ada, "read", NULL));
    assert_kind(AUTH_PERMISSION, eidetica_db_grant(theirs, bob, "admin:4", NULL));
    assert_kind(AUTH_PERMISSION, eidetica_db_grant(theirs, "*", "admin:4", NULL));
    assert_ok(eidetica_db_grant(theirs, "*", "read", NULL));
    assert_ok(eidetica_db_grant(theirs, bob, "admin:6", NULL));
    eidetica_db_close(theirs);
    family_close(&all);
}

static void test_explain__names_the_rule_and_who_wrote_the_key(void **state)
{
    family all = family_open(*state);
    eidetica_db *theirs;
    eidetica_txn *txn;
    char *entry, *json;

    assert_ok(eidetica_db_grant(all.notes, eidetica_user_key(all.bob), "write:3", NULL));
    assert_ok(eidetica_db_open(all.bob, eidetica_db_root(all.notes), &theirs));
    txn = api_begin(theirs);
    assert_ok(eidetica_doc_set(txn, "data", "b", "2"));
    assert_ok(eidetica_txn_commit(txn, &entry));
    eidetica_txn_free(txn);
    assert_ok(eidetica_entry_explain(theirs, entry, &json));
    assert_non_null(strstr(json, "\"verdict\":\"Verified\""));
    assert_non_null(strstr(json, "\"source\":\"spec 05 §6 step 7\""));
    assert_non_null(strstr(json, "\"pinned\":[\"bafyr4i"));
    assert_non_null(strstr(json, eidetica_user_key(all.bob)));
    assert_null(strstr(json, "\"entry\":null"));
    eidetica_free(json);
    assert_ok(eidetica_entry_explain(theirs, eidetica_db_root(all.notes), &json));
    assert_non_null(strstr(json, "\"rule\":\"signed\""));
    eidetica_free(json);
    eidetica_free(entry);
    eidetica_db_close(theirs);
    family_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_delegation__lets_a_key_of_another_database_write),
        api_test_both(test_delegation__ends_when_the_key_is_revoked_there_or_it_is_taken_back),
        api_test_both(test_delegation__is_listed_and_refused_where_it_gives_too_much),
        api_test_both(test_rights__of_a_stronger_key_are_not_changed_by_a_weaker_admin),
        api_test_both(test_explain__names_the_rule_and_who_wrote_the_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
