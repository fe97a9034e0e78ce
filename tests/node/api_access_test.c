/* Users, databases and rights through the public interface. */
#include "tests/node/api_world.h"

typedef struct names {
    int count;
    char text[300];
} names;

static bool names_add(void *self, const char *name)
{
    names *all = self;
    size_t at = strlen(all->text);

    snprintf(all->text + at, sizeof all->text - at, "%s;", name);
    all->count++;
    return true;
}

static void test_users__are_added_listed_and_log_in(void **state)
{
    api_world *world = *state;
    eidetica_user *bob;
    names all = {0};

    assert_ok(eidetica_user_add(world->ada, "bob", "secret"));
    assert_kind(USER_EXISTS, eidetica_user_add(world->ada, "bob", NULL));
    assert_kind(USER_NAME, eidetica_user_add(world->ada, "", NULL));
    assert_ok(eidetica_users(world->node, names_add, &all));
    assert_string_equal(all.text, "ada;bob;");
    assert_kind(USER_NOT_FOUND, eidetica_login(world->node, "eve", NULL, &bob));
    assert_null(bob);
    assert_kind(USER_PASSWORD_REQUIRED, eidetica_login(world->node, "bob", NULL, &bob));
    assert_kind(USER_PASSWORD, eidetica_login(world->node, "ada", "x", &bob));
    assert_status(DENIED, eidetica_login(world->node, "bob", "wrong", &bob));
    assert_ok(eidetica_login(world->node, "bob", "secret", &bob));
    assert_string_equal(eidetica_user_name(bob), "bob");
    assert_string_not_equal(eidetica_user_key(bob), eidetica_user_key(world->ada));
    assert_kind(USER_NOT_ADMIN, eidetica_user_add(bob, "carl", NULL));
    eidetica_logout(bob);
    assert_string_equal(eidetica_device(world->node), eidetica_device(world->host));
}

static void test_db__opens_by_root_prefix_and_name(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *other = api_db(world, "twice"),
                *again = api_db(world, "twice"), *found;
    char prefix[30];

    assert_ok(eidetica_db_open(world->ada, "notes", &found));
    assert_string_equal(eidetica_db_root(found), eidetica_db_root(db));
    eidetica_db_close(found);
    assert_ok(eidetica_db_open(world->ada, eidetica_db_root(db), &found));
    eidetica_db_close(found);
    snprintf(prefix, sizeof prefix, "%.24s", eidetica_db_root(db));
    assert_ok(eidetica_db_open(world->ada, prefix, &found));
    assert_string_equal(eidetica_db_root(found), eidetica_db_root(db));
    eidetica_db_close(found);
    assert_kind(DATABASE_AMBIGUOUS, eidetica_db_open(world->ada, "twice", &found));
    assert_kind(DATABASE_NOT_FOUND, eidetica_db_open(world->ada, "none", &found));
    assert_kind(DATABASE_NOT_FOUND, eidetica_db_open(world->ada, "bafyr4i", &found));
    assert_kind(ARGUMENT, eidetica_db_open(world->ada, "", &found));
    assert_null(found);
    eidetica_db_close(db);
    eidetica_db_close(other);
    eidetica_db_close(again);
}

typedef struct infos {
    int count, system_count;
    char permission[30];
    char name[30];
    uint64_t entries, height;
    size_t tips;
    bool strict, shared;
} infos;

static bool infos_add(void *self, const eidetica_db_info *info)
{
    infos *all = self;

    all->count++;
    all->system_count += info->system ? 1 : 0;
    return true;
}

static void infos_take(void *self, const eidetica_db_info *info)
{
    infos *all = self;

    snprintf(all->permission, sizeof all->permission, "%s", info->permission);
    snprintf(all->name, sizeof all->name, "%s", info->name);
    all->entries = info->entries;
    all->height = info->height;
    all->tips = info->tip_count;
    all->strict = info->strict;
    all->shared = info->shared;
}

static void test_db__is_described_and_listed(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes");
    infos all = {0};

    api_set(db, "a", "1");
    assert_ok(eidetica_db_describe(db, infos_take, &all));
    assert_string_equal(all.permission, "admin:0");
    assert_string_equal(all.name, "notes");
    assert_int_equal(all.entries, 2);
    assert_int_equal(all.height, 1);
    assert_int_equal(all.tips, 1);
    assert_true(all.strict);
    assert_false(all.shared);
    assert_int_equal(eidetica_db_set_strict(db, false), EIDETICA_INVALID); /* it is enforced */
    assert_ok(eidetica_db_set_strict(db, true));
    assert_ok(eidetica_db_describe(db, infos_take, &all));
    assert_true(all.strict);
    assert_ok(eidetica_dbs(world->ada, false, infos_add, &all));
    assert_int_equal(all.count, 1);
    all.count = 0;
    assert_ok(eidetica_dbs(world->ada, true, infos_add, &all));
    assert_int_equal(all.count, 4); /* _users, _databases, _user_ada */
    assert_int_equal(all.system_count, 3);
    eidetica_db_close(db);
}

static void test_rights__let_others_in_and_out(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *theirs;
    eidetica_user *bob;
    eidetica_txn *txn;
    infos info = {0};

    api_set(db, "a", "1");
    assert_ok(eidetica_user_add(world->ada, "bob", NULL));
    assert_ok(eidetica_login(world->node, "bob", NULL, &bob));
    assert_status(DENIED, eidetica_db_open(bob, eidetica_db_root(db), &theirs));

    assert_kind(AUTH_PERMISSION_TEXT, eidetica_db_grant(db, eidetica_user_key(bob), "all", NULL));
    assert_kind(AUTH_KEY_FORMAT, eidetica_db_grant(db, "bob", "read", NULL));
    assert_ok(eidetica_db_grant(db, eidetica_user_key(bob), "read", "Bob"));
    assert_ok(eidetica_db_open(bob, eidetica_db_root(db), &theirs));
    api_check(theirs, "data", "a", "1");
    txn = api_begin(theirs);
    assert_ok(eidetica_doc_set(txn, "data", "b", "2"));
    assert_status(DENIED, eidetica_txn_commit(txn, NULL));
    eidetica_txn_free(txn);
    assert_status(DENIED, eidetica_db_set_strict(theirs, false));
    assert_status(DENIED, eidetica_db_grant(theirs, eidetica_user_key(bob), "admin:0", NULL));

    assert_ok(eidetica_db_grant(db, eidetica_user_key(bob), "write:5", NULL));
    api_set(theirs, "b", "2");
    assert_ok(eidetica_db_describe(theirs, infos_take, &info));
    assert_string_equal(info.permission, "write:5");
    api_check(db, "data", "b", "2");

    assert_ok(eidetica_db_revoke(db, eidetica_user_key(bob)));
    eidetica_db_close(theirs);
    assert_status(DENIED, eidetica_db_open(bob, eidetica_db_root(db), &theirs));
    eidetica_logout(bob);
    eidetica_db_close(db);
}

static void test_rights__everybody_may_read_what_says_so(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *theirs;
    eidetica_user *bob;

    api_set(db, "a", "1");
    assert_ok(eidetica_db_grant(db, "*", "write:9", NULL));
    assert_ok(eidetica_user_add(world->ada, "bob", NULL));
    assert_ok(eidetica_login(world->node, "bob", NULL, &bob));
    assert_ok(eidetica_db_open(bob, "notes", &theirs));
    api_set(theirs, "b", "2");
    api_check(db, "data", NULL, "{\"a\":1,\"b\":2}");
    assert_ok(eidetica_db_revoke(db, "*"));
    eidetica_db_close(theirs);
    assert_status(DENIED, eidetica_db_open(bob, eidetica_db_root(db), &theirs));
    eidetica_logout(bob);
    eidetica_db_close(db);
}

static void test_rights__one_of_everybody_can_be_banned(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *theirs;
    eidetica_user *bob;
    eidetica_txn *txn;

    api_set(db, "a", "1");
    assert_ok(eidetica_db_grant(db, "*", "write:9", NULL));
    assert_ok(eidetica_user_add(world->ada, "bob", NULL));
    assert_ok(eidetica_login(world->node, "bob", NULL, &bob));
    assert_ok(eidetica_db_open(bob, "notes", &theirs));
    api_set(theirs, "b", "2");
    assert_ok(eidetica_db_revoke(db, eidetica_user_key(bob)));
    assert_ok(eidetica_txn_begin(theirs, &txn));
    assert_ok(eidetica_doc_set(txn, "data", "c", "3"));
    assert_status(DENIED, eidetica_txn_commit(txn, NULL));
    eidetica_txn_free(txn);
    api_check(db, "data", NULL, "{\"a\":1,\"b\":2}"); /* what he wrote before stays */
    eidetica_db_close(theirs);
    eidetica_logout(bob);
    eidetica_db_close(db);
}

static void test_db__forgotten_is_gone(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *found;
    char root[200];

    snprintf(root, sizeof root, "%s", eidetica_db_root(db));
    eidetica_db_close(db);
    assert_kind(ARGUMENT, eidetica_db_forget(world->ada, "_users"));
    assert_ok(eidetica_db_forget(world->ada, root));
    assert_kind(DATABASE_NOT_FOUND, eidetica_db_open(world->ada, root, &found));
    assert_kind(DATABASE_NOT_FOUND, eidetica_db_forget(world->ada, root));
}

static void test_sync__says_that_it_does_not_run(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes");
    char *text;

    assert_kind(SYNC_OFF, eidetica_share(db, &text));
    assert_null(text);
    assert_ok(eidetica_unshare(db));
    assert_kind(SYNC_OFF, eidetica_sync_status(world->node, NULL, &text));
    assert_kind(SYNC_OFF, eidetica_sync_wait(world->node, eidetica_db_root(db), 10));
    assert_status(MALFORMED, eidetica_ticket_show("nonsense", &text));
    assert_status(MALFORMED, eidetica_sync_now(world->node, "nonsense"));
    eidetica_db_close(db);
}

static void test_open__tells_what_is_wrong_with_a_url(void **state)
{
    eidetica_instance *node;
    eidetica_user *user;

    (void)state;
    assert_kind(URL, eidetica_open("unix://relative", &node));
    assert_null(node);
    assert_kind(SERVICE_ABSENT, eidetica_open("unix:///nowhere/at/all.sock", &node));
    assert_kind(INSTANCE_NOT_INITIALIZED, eidetica_open("memory://", &node));
    assert_kind(STORE_MISSING, eidetica_open("rocksdb:///nowhere/at/all", &node));
    assert_kind(URL_SCHEME, eidetica_open("mysql://x", &node));
    assert_kind(URL, eidetica_create("unix:///x", "ada", NULL, &node, &user));
    assert_kind(USER_NAME, eidetica_create("memory://", "", NULL, &node, &user));
    assert_kind(ARGUMENT, eidetica_open(NULL, &node));
    assert_string_not_equal(eidetica_last_error().remedy, "");
    assert_string_equal(eidetica_status_name(EIDETICA_DENIED), "DENIED");
    assert_int_equal(strlen(eidetica_version()) >= 5, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_users__are_added_listed_and_log_in),
        api_test_both(test_db__opens_by_root_prefix_and_name),
        api_test_both(test_db__is_described_and_listed),
        api_test_both(test_rights__let_others_in_and_out),
        api_test_both(test_rights__everybody_may_read_what_says_so),
        api_test_both(test_rights__one_of_everybody_can_be_banned),
        api_test_both(test_db__forgotten_is_gone),
        api_test_both(test_sync__says_that_it_does_not_run),
        cmocka_unit_test(test_open__tells_what_is_wrong_with_a_url),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
