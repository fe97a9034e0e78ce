/* Two nodes of one process that share a database over the network of this machine. */
#include "tests/node/api_world.h"

static void node_start(api_world *world)
{
    const char *listen[] = {"127.0.0.1:0"};

    assert_ok(eidetica_sync_start(world->host, listen, 1));
}

static void count_progress(void *self, const eidetica_progress *progress)
{
    *(uint64_t *)self = progress->entries;
}

static void test_join__brings_a_database_and_keeps_it_in_sync(void **state)
{
    api_world *here = *state, *there = api_open(here->node != here->host);
    eidetica_db *db = api_db(here, "notes"), *copy;
    char *ticket, *json;
    uint64_t told = 0;

    node_start(here);
    node_start(there);
    if (here->node == here->host) {
        assert_kind(INSTANCE_RUNNING, eidetica_sync_start(here->node, NULL, 0));
    } else {
        assert_kind(UNSUPPORTED, eidetica_sync_start(here->node, NULL, 0));
    }
    for (int i = 0; i < 10; i++) api_set(db, "a", "1");
    assert_ok(eidetica_db_grant(db, eidetica_user_key(there->ada), "write:1", NULL));
    assert_ok(eidetica_share(db, &ticket));
    assert_ok(eidetica_ticket_show(ticket, &json));
    assert_non_null(strstr(json, "\"name\":\"notes\""));
    assert_non_null(strstr(json, "\"type\":\"quic\""));
    eidetica_free(json);
    assert_ok(eidetica_join(there->ada, ticket, 20000, count_progress, &told, &copy));
    api_check(copy, "data", "a", "1");
    api_set(copy, "b", "2");
    assert_ok(eidetica_sync_wait(there->node, eidetica_db_root(copy), 20000));
    assert_ok(eidetica_sync_wait(here->node, eidetica_db_root(db), 20000));
    api_check(db, "data", NULL, "{\"a\":1,\"b\":2}");
    assert_ok(eidetica_sync_status(here->node, NULL, &json));
    assert_non_null(strstr(json, eidetica_db_root(db)));
    eidetica_free(json);
    assert_ok(eidetica_peers(here->node, &json));
    eidetica_free(json);
    assert_ok(eidetica_net_info(here->node, &json));
    eidetica_free(json);
    assert_ok(eidetica_unshare(db));
    eidetica_free(ticket);
    eidetica_db_close(copy);
    eidetica_db_close(db);
    api_teardown((void **)&there);
}

static void test_join__without_a_right_is_refused(void **state)
{
    api_world *here = *state, *there = api_open(here->node != here->host);
    eidetica_db *db = api_db(here, "notes"), *copy;
    char *ticket;

    node_start(here);
    node_start(there);
    assert_ok(eidetica_share(db, &ticket));
    assert_status(DENIED, eidetica_join(there->ada, ticket, 20000, NULL, NULL, &copy));
    assert_null(copy);
    eidetica_free(ticket);
    eidetica_db_close(db);
    api_teardown((void **)&there);
}

/* The other node's key is known to the identity alone: it is served, writes, and is verified. */
static void test_join__by_a_key_that_only_a_delegated_database_knows(void **state)
{
    api_world *here = *state, *there = api_open(here->node != here->host);
    eidetica_db *people = api_db(here, "people"), *db = api_db(here, "notes"), *identity, *copy;
    char *first, *second;

    node_start(here);
    node_start(there);
    api_set(db, "a", "1");
    assert_ok(eidetica_db_grant(people, eidetica_user_key(there->ada), "write:5", NULL));
    assert_ok(eidetica_db_delegate(db, "people", "write:10", NULL));
    assert_ok(eidetica_share(people, &first));
    assert_ok(eidetica_share(db, &second));
    assert_ok(eidetica_join(there->ada, first, 20000, NULL, NULL, &identity));
    assert_ok(eidetica_join(there->ada, second, 20000, NULL, NULL, &copy));
    api_check(copy, "data", "a", "1");
    api_set(copy, "b", "2");
    assert_ok(eidetica_sync_wait(there->node, eidetica_db_root(copy), 20000));
    api_check(db, "data", NULL, "{\"a\":1,\"b\":2}");
    eidetica_free(first);
    eidetica_free(second);
    eidetica_db_close(identity);
    eidetica_db_close(copy);
    eidetica_db_close(people);
    eidetica_db_close(db);
    api_teardown((void **)&there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_join__brings_a_database_and_keeps_it_in_sync),
        api_test_both(test_join__without_a_right_is_refused),
        api_test_both(test_join__by_a_key_that_only_a_delegated_database_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
