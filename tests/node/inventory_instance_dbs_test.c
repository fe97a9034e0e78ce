/* Inventory of spec 04, instance "database_management" and "database_operations": many databases of
 * one node, found by name and by root. */
#include <pthread.h>

#include "tests/node/api_world.h"

static void expect_found(api_world *world, const char *wanted, const char *root)
{
    eidetica_db *db = NULL;

    assert_ok(eidetica_db_open(world->ada, wanted, &db));
    assert_string_equal(eidetica_db_root(db), root);
    eidetica_db_close(db);
}

static void expect_not_found(api_world *world, const char *wanted)
{
    eidetica_db *db = NULL;

    assert_kind(DATABASE_NOT_FOUND, eidetica_db_open(world->ada, wanted, &db));
    assert_null(db);
}

static bool count_one(void *self, const eidetica_db_info *info)
{
    assert_false(info->system);
    ++*(size_t *)self;
    return true;
}

static size_t count_all(api_world *world)
{
    size_t count = 0;

    assert_ok(eidetica_dbs(world->ada, false, count_one, &count));
    return count;
}

/* -- database_management.rs -------------------------------------------------------------------- */

static void test_create_and_find_databases(void **state)
{
    eidetica_db *one = api_db(*state, "one"), *two = api_db(*state, "two");

    assert_int_equal(count_all(*state), 2);
    expect_found(*state, "one", eidetica_db_root(one));
    expect_found(*state, "two", eidetica_db_root(two));
    expect_found(*state, eidetica_db_root(two), eidetica_db_root(two));
    eidetica_db_close(one);
    eidetica_db_close(two);
}

static void test_find_database(void **state)
{
    api_world *world = *state;
    eidetica_db *one = api_db(world, "same"), *two = api_db(world, "same"), *db = NULL;

    expect_not_found(world, "other");
    assert_kind(DATABASE_AMBIGUOUS, eidetica_db_open(world->ada, "same", &db));
    assert_string_not_equal(eidetica_db_root(one), eidetica_db_root(two));
    expect_found(world, eidetica_db_root(one), eidetica_db_root(one));
    eidetica_db_close(one);
    eidetica_db_close(two);
}

static void test_find_database_edge_cases(void **state)
{
    api_world *world = *state;
    eidetica_db *upper = api_db(world, "Name"), *odd = api_db(world, "имя с пробелом"), *db = NULL;

    expect_not_found(world, "name"); /* letters count */
    expect_not_found(world, "Nam");
    expect_found(world, "имя с пробелом", eidetica_db_root(odd));
    assert_kind(ARGUMENT, eidetica_db_open(world->ada, "", &db));
    eidetica_db_close(upper);
    eidetica_db_close(odd);
}

static void test_multiple_named_trees(void **state)
{
    eidetica_db *dbs[5];
    char name[16];

    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "db%d", i);
        dbs[i] = api_db(*state, name);
    }
    assert_int_equal(count_all(*state), 5);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "db%d", i);
        expect_found(*state, name, eidetica_db_root(dbs[i]));
        eidetica_db_close(dbs[i]);
    }
}

static void rename_to(eidetica_db *db, const char *name)
{
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_doc_set_text(txn, "_settings", "name", name));
    api_commit(txn);
}

static void test_tree_management_with_complex_scenarios(void **state)
{
    api_world *world = *state;
    eidetica_db *one = api_db(world, "one"), *two = api_db(world, "two");

    rename_to(one, "three");
    expect_not_found(world, "one");
    expect_found(world, "three", eidetica_db_root(one));
    api_set(two, "k", "1");
    assert_ok(eidetica_db_forget(world->ada, eidetica_db_root(one)));
    expect_not_found(world, "three");
    api_check(two, "data", "k", "1");
    assert_int_equal(count_all(world), 1);
    eidetica_db_close(one);
    eidetica_db_close(two);
}

static void *create_five(void *self)
{
    for (int i = 0; i < 5; i++) eidetica_db_close(api_db(self, "parallel"));
    return NULL;
}

static void test_concurrent_tree_creation(void **state)
{
    pthread_t threads[3];

    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, create_five, *state), 0);
    }
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert_int_equal(count_all(*state), 15);
}

typedef struct facts {
    const char *name;
    uint64_t entries;
} facts;

static void expect_facts(void *self, const eidetica_db_info *info)
{
    const facts *wanted = self;

    assert_string_equal(info->name, wanted->name);
    assert_int_equal(info->entries, wanted->entries);
    assert_int_equal(info->verified, wanted->entries);
    assert_int_equal(info->failed + info->unverified, 0);
    assert_int_equal(info->height, wanted->entries - 1);
}

static void test_tree_metadata_management(void **state)
{
    eidetica_db *db = api_db(*state, "facts");
    facts wanted = {"facts", 1};

    assert_ok(eidetica_db_describe(db, expect_facts, &wanted));
    api_set(db, "k", "1");
    api_set(db, "k", "2");
    wanted.entries = 3;
    assert_ok(eidetica_db_describe(db, expect_facts, &wanted));
    eidetica_db_close(db);
}

static void test_tree_management_error_handling(void **state)
{
    api_world *world = *state;
    eidetica_db *db = NULL;

    expect_not_found(world, "nothing");
    expect_not_found(world, "bafyr4iaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_kind(ARGUMENT, eidetica_db_create(world->ada, "\xff", &db));
    assert_kind(ARGUMENT, eidetica_db_open(world->ada, NULL, &db));
    assert_kind(DATABASE_NOT_FOUND, eidetica_db_forget(world->ada, "nothing"));
    assert_int_equal(count_all(world), 0);
}

typedef struct search {
    const char *prefix;
    size_t count;
} search;

static bool search_one(void *self, const eidetica_db_info *info)
{
    search *wanted = self;

    if (strncmp(info->name, wanted->prefix, strlen(wanted->prefix)) == 0) wanted->count++;
    return true;
}

static void test_tree_listing_and_searching(void **state)
{
    static const char *const names[] = {"work-a", "work-b", "home-a"};
    api_world *world = *state;
    search wanted = {"work", 0};

    for (size_t i = 0; i < 3; i++) eidetica_db_close(api_db(world, names[i]));
    assert_ok(eidetica_dbs(world->ada, false, search_one, &wanted));
    assert_int_equal(wanted.count, 2);
    wanted = (search){"_", 0};
    assert_ok(eidetica_dbs(world->ada, true, search_one, &wanted));
    assert_true(wanted.count >= 2); /* the node's own */
}

/* -- database_operations.rs -------------------------------------------------------------------- */

static void test_load_tree(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "loaded"), *again = NULL;

    api_set(db, "k", "1");
    assert_ok(eidetica_db_open(world->ada, eidetica_db_root(db), &again));
    api_check(again, "data", "k", "1");
    api_set(again, "k", "2");
    api_check(db, "data", "k", "2");
    eidetica_db_close(db);
    eidetica_db_close(again);
}

static void test_database_authentication_scenarios(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "private"), *theirs = NULL;
    eidetica_user *ben = NULL;

    assert_ok(eidetica_user_add(world->ada, "ben", NULL));
    assert_ok(eidetica_login(world->node, "ben", NULL, &ben));
    assert_status(DENIED, eidetica_db_open(ben, eidetica_db_root(db), &theirs));
    assert_ok(eidetica_db_grant(db, eidetica_user_key(ben), "write:10", "ben"));
    assert_ok(eidetica_db_open(ben, eidetica_db_root(db), &theirs));
    api_set(theirs, "k", "1");
    api_check(db, "data", "k", "1");
    eidetica_db_close(theirs);
    eidetica_logout(ben);
    eidetica_db_close(db);
}

static void test_multiple_database_creation(void **state)
{
    eidetica_db *one = api_db(*state, "x"), *two = api_db(*state, "x"),
                *three = api_db(*state, "x");

    assert_string_not_equal(eidetica_db_root(one), eidetica_db_root(two));
    assert_string_not_equal(eidetica_db_root(two), eidetica_db_root(three));
    assert_int_equal(count_all(*state), 3);
    eidetica_db_close(one);
    eidetica_db_close(two);
    eidetica_db_close(three);
}

static void test_tree_creation_workflow_with_helpers(void **state)
{
    eidetica_db *db = api_db(*state, "workflow");

    api_set(db, "step", "1");
    rename_to(db, "done");
    expect_found(*state, "done", eidetica_db_root(db));
    api_check(db, "data", "step", "1");
    eidetica_db_close(db);
}

static eidetica_status stage_first(void *self, eidetica_txn *txn)
{
    return eidetica_doc_set(txn, "data", "k", self);
}

static void test_tree_creation_with_data(void **state)
{
    api_world *world = *state;
    eidetica_db *db = NULL;
    facts wanted = {"filled", 1};

    assert_ok(eidetica_db_create_with(world->ada, "filled", stage_first,
                                      (void *)(uintptr_t) "[1,2]", &db));
    api_check(db, "data", "k", "[1,2]");
    assert_ok(eidetica_db_describe(db, expect_facts, &wanted)); /* all in the genesis */
    eidetica_db_close(db);
}

static void test_database_operations_using_helpers(void **state)
{
    eidetica_db *one = api_db(*state, "one"), *two = api_db(*state, "two");

    api_set(one, "k", "1");
    api_set(two, "k", "2");
    api_check(one, "data", "k", "1");
    api_check(two, "data", "k", "2");
    eidetica_db_close(one);
    eidetica_db_close(two);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, api_setup, api_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(test_create_and_find_databases),
        HERE(test_find_database),
        HERE(test_find_database_edge_cases),
        HERE(test_multiple_named_trees),
        HERE(test_tree_management_with_complex_scenarios),
        HERE(test_concurrent_tree_creation),
        HERE(test_tree_metadata_management),
        HERE(test_tree_management_error_handling),
        HERE(test_tree_listing_and_searching),
        HERE(test_load_tree),
        HERE(test_database_authentication_scenarios),
        HERE(test_multiple_database_creation),
        HERE(test_tree_creation_workflow_with_helpers),
        HERE(test_tree_creation_with_data),
        HERE(test_database_operations_using_helpers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
