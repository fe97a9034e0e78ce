/* Several clients of one daemon at once, and what they see when it goes. */
#include "tests/node/api_world.h"

#include <pthread.h>

static int clients_setup(void **state)
{
    *state = api_open(true);
    return 0;
}

/* A second client of the same user. */
typedef struct client {
    eidetica_instance *node;
    eidetica_user *user;
    eidetica_db *db;
} client;

static void client_open(client *self, api_world *world, const char *db)
{
    assert_ok(eidetica_open(world->url, &self->node));
    assert_ok(eidetica_login(self->node, "ada", NULL, &self->user));
    assert_ok(eidetica_db_open(self->user, db, &self->db));
}

static void client_close(client *self)
{
    eidetica_db_close(self->db);
    eidetica_logout(self->user);
    eidetica_close(self->node);
}

typedef struct seen {
    pthread_mutex_t lock;
    pthread_cond_t more;
    size_t count;
    char ids[256][80];
} seen;

static void seen_init(seen *all)
{
    memset(all, 0, sizeof *all);
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->more, NULL);
}

static void seen_add(void *self, const eidetica_event *event)
{
    seen *all = self;

    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < event->entry_count && all->count < 256; i++) {
        snprintf(all->ids[all->count++], 80, "%s", event->entries[i]);
    }
    pthread_cond_broadcast(&all->more);
    pthread_mutex_unlock(&all->lock);
}

static void seen_wait(seen *all, size_t count)
{
    pthread_mutex_lock(&all->lock);
    while (all->count < count) pthread_cond_wait(&all->more, &all->lock);
    pthread_mutex_unlock(&all->lock);
}

typedef struct writer {
    eidetica_db *db;
    const char *path;
    int failed;
} writer;

static void *writer_run(void *arg)
{
    writer *self = arg;

    for (int i = 0; i < 25; i++) {
        eidetica_txn *txn = NULL;
        eidetica_status status = eidetica_txn_begin(self->db, &txn);
        if (!status) status = eidetica_doc_set(txn, "data", self->path, "1");
        if (!status) status = eidetica_txn_commit_async(txn, NULL);
        eidetica_txn_free(txn);
        if (status) self->failed++;
    }
    return NULL;
}

static void test_clients__write_at_once_and_all_see_all_in_one_order(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *host;
    eidetica_watch *here, *there, *at_host;
    client second;
    writer writers[4];
    pthread_t threads[4];
    static seen one, two, three;

    client_open(&second, world, "notes");
    assert_ok(eidetica_db_open(world->owner, "notes", &host));
    seen_init(&one);
    seen_init(&two);
    seen_init(&three);
    assert_ok(eidetica_watch_start(db, NULL, seen_add, &one, &here));
    assert_ok(eidetica_watch_start(second.db, NULL, seen_add, &two, &there));
    assert_ok(eidetica_watch_start(host, NULL, seen_add, &three, &at_host));
    writers[0] = (writer){db, "a", 0};
    writers[1] = (writer){second.db, "b", 0};
    writers[2] = (writer){host, "c", 0};
    writers[3] = (writer){db, "d", 0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(writers[i].failed, 0);
    }
    seen_wait(&one, 100);
    seen_wait(&two, 100);
    seen_wait(&three, 100);
    eidetica_watch_stop(here);
    eidetica_watch_stop(there);
    eidetica_watch_stop(at_host);
    for (size_t i = 0; i < 100; i++) {
        assert_string_equal(one.ids[i], three.ids[i]);
        assert_string_equal(two.ids[i], three.ids[i]);
    }
    api_check(second.db, "data", NULL, "{\"a\":1,\"b\":1,\"c\":1,\"d\":1}");
    eidetica_db_close(host);
    client_close(&second);
    eidetica_db_close(db);
}

/* Writes and watches from inside a callback. */
typedef struct echo {
    eidetica_db *db;
    eidetica_watch *inner;
    seen inside;
    int count;
} echo;

static void echo_on(void *self, const eidetica_event *event)
{
    echo *it = self;

    (void)event;
    if (it->count++ > 0) return;
    assert_ok(eidetica_watch_start(it->db, NULL, seen_add, &it->inside, &it->inner));
    api_set(it->db, "echo", "1");
}

static void test_watch__a_callback_may_write_and_watch(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes");
    eidetica_watch *watch;
    static echo it;

    it.db = db;
    seen_init(&it.inside);
    assert_ok(eidetica_watch_start(db, NULL, echo_on, &it, &watch));
    api_set(db, "a", "1");
    seen_wait(&it.inside, 1);
    eidetica_watch_stop(it.inner);
    eidetica_watch_stop(watch);
    api_check(db, "data", "echo", "1");
    eidetica_db_close(db);
}

static void test_daemon__that_is_gone_is_told_as_closed(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes");
    eidetica_watch *watch;
    char *json;
    static seen all;

    seen_init(&all);
    assert_ok(eidetica_watch_start(db, NULL, seen_add, &all, &watch));
    eidetica_logout(world->owner);
    eidetica_close(world->host);
    world->owner = NULL;
    world->host = NULL;
    assert_kind(SERVICE_CLOSED, eidetica_doc_get(db, "data", "a", &json));
    assert_string_equal(eidetica_last_error().message, "the daemon has closed the connection");
    assert_kind(SERVICE_CLOSED, eidetica_doc_get(db, "data", "a", &json));
    eidetica_watch_stop(watch);
    eidetica_db_close(db);
    eidetica_logout(world->ada);
    eidetica_close(world->node);
    free(world);
    *state = NULL;
}

static void test_users__of_one_process_do_not_share_rights(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes"), *none;
    eidetica_user *bob;

    assert_ok(eidetica_user_add(world->ada, "bob", NULL));
    assert_ok(eidetica_login(world->node, "bob", NULL, &bob));
    assert_kind(DATABASE_NOT_FOUND, eidetica_db_open(bob, "notes", &none));
    assert_kind(AUTH_PERMISSION, eidetica_db_open(bob, eidetica_db_root(db), &none));
    assert_kind(USER_NOT_ADMIN, eidetica_user_add(bob, "carl", NULL));
    api_set(db, "still", "1");
    eidetica_logout(bob);
    api_check(db, "data", "still", "1");
    eidetica_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_clients__write_at_once_and_all_see_all_in_one_order,
                                        clients_setup, api_teardown),
        cmocka_unit_test_setup_teardown(test_watch__a_callback_may_write_and_watch, clients_setup,
                                        api_teardown),
        cmocka_unit_test_setup(test_daemon__that_is_gone_is_told_as_closed, clients_setup),
        cmocka_unit_test_setup_teardown(test_users__of_one_process_do_not_share_rights,
                                        clients_setup, api_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
