/* What only hand-made entries bring about: a database that has lost its rights, and entries that
 * are received before their parents. In this process and through the socket. */
#include "tests/node/api_forge.h"

static void break_rights(api_world *world, eidetica_db *db)
{
    assert_int_equal(
        forge_write(world, db, "_settings", "{\"children\":{\"auth\":\"Deleted\"}}", NULL), 1);
}

static void test_db_repair__gives_back_what_was_lost(void **state)
{
    api_world *world = *state;
    eidetica_db *db = forge_db(world), *again = NULL;
    eidetica_txn *txn = NULL;

    api_set(db, "k", "1");
    assert_kind(AUTH_CONFIG, eidetica_db_repair(world->ada, eidetica_db_root(db)));
    break_rights(world, db);
    api_check(db, "data", "k", "1"); /* still to be read */
    txn = api_begin(db);
    assert_ok(eidetica_doc_set(txn, "data", "k", "2"));
    assert_kind(TXN_AUTH_CORRUPT, eidetica_txn_commit(txn, NULL));
    eidetica_txn_free(txn);
    assert_ok(eidetica_db_repair(world->ada, eidetica_db_root(db)));
    assert_ok(eidetica_db_open(world->ada, eidetica_db_root(db), &again));
    api_set(again, "k", "3");
    api_check(again, "data", "k", "3");
    eidetica_db_close(db);
    eidetica_db_close(again);
}

static void test_db_repair__is_for_admins_of_the_node_behind_a_daemon(void **state)
{
    api_world *world = *state;
    eidetica_db *db = forge_db(world);
    eidetica_user *ben = NULL;

    assert_ok(eidetica_user_add(world->ada, "ben", NULL));
    assert_ok(eidetica_login(world->node, "ben", NULL, &ben));
    break_rights(world, db);
    assert_status(DENIED, eidetica_db_repair(ben, eidetica_db_root(db)));
    assert_ok(eidetica_db_repair(world->ada, eidetica_db_root(db)));
    eidetica_logout(ben);
    eidetica_db_close(db);
}

static char *cursor_of(eidetica_db *db)
{
    char *cursor = NULL;

    assert_ok(eidetica_db_cursor(db, &cursor));
    return cursor;
}

static bool count_entry(void *self, const eidetica_entry *entry)
{
    if (strcmp(entry->verdict, "Unverified") == 0) ++*(size_t *)self;
    return true;
}

static void test_allow_unverified__shows_and_builds_on_what_waits(void **state)
{
    eid_id missing = eid_id_of_entry(eid_slice_text("not here yet"));
    api_world *world = *state;
    eidetica_db *db = forge_db(world);
    char *strict, *loose, *after;
    bool valid = true;
    size_t waiting = 0;

    api_set(db, "k", "1");
    assert_int_equal(forge_write(world, db, "data", "{\"children\":{\"k\":{\"Int\":2}}}", &missing),
                     0);
    strict = cursor_of(db);
    api_check(db, "data", "k", "1");
    eidetica_db_allow_unverified(db, true);
    loose = cursor_of(db);
    assert_string_not_equal(strict, loose);
    api_check(db, "data", "k", "2");
    assert_ok(eidetica_entry_is_valid(db, loose, &valid));
    assert_false(valid);
    api_set(db, "l", "3"); /* on top of it, and waiting with it */
    api_check(db, "data", NULL, "{\"k\":2,\"l\":3}");
    eidetica_db_allow_unverified(db, false);
    after = cursor_of(db);
    assert_string_equal(strict, after);
    api_check(db, "data", NULL, "{\"k\":1}");
    assert_ok(eidetica_history(db, NULL, NULL, count_entry, &waiting));
    assert_int_equal(waiting, 2);
    eidetica_free(strict);
    eidetica_free(loose);
    eidetica_free(after);
    eidetica_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_db_repair__gives_back_what_was_lost),
        {"test_db_repair__is_for_admins_of_the_node_behind_a_daemon",
         test_db_repair__is_for_admins_of_the_node_behind_a_daemon, api_setup, api_teardown,
         (void *)(uintptr_t)1},
        api_test_both(test_allow_unverified__shows_and_builds_on_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
