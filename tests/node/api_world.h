/* A node in memory with its first user, seen through the public interface: in this process, or
 * through the socket that it serves. The same test runs both ways, since nothing may differ. */
#ifndef EID_TESTS_NODE_API_WORLD_H
#define EID_TESTS_NODE_API_WORLD_H

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/eidetica.h"

#define assert_ok(call) api_expect(EIDETICA_OK, (call), #call, __LINE__)
#define assert_status(wanted, call) api_expect(EIDETICA_##wanted, (call), #call, __LINE__)
#define assert_kind(kind, call) api_expect_kind(#kind, (call), #call, __LINE__)

static inline void api_expect(eidetica_status wanted, eidetica_status status, const char *call,
                              int line)
{
    eidetica_error error = eidetica_last_error();

    if (status == wanted) return;
    fail_msg("line %d: %s: %s %s (%s), wanted %s", line, call, eidetica_status_name(status),
             error.kind, error.message, eidetica_status_name(wanted));
}

static inline void api_expect_kind(const char *wanted, eidetica_status status, const char *call,
                                   int line)
{
    eidetica_error error = eidetica_last_error();

    if (status != EIDETICA_OK && strcmp(error.kind, wanted) == 0) return;
    fail_msg("line %d: %s: %s %s (%s), wanted %s", line, call, eidetica_status_name(status),
             error.kind, error.message, wanted);
}

typedef struct api_world {
    eidetica_instance *host; /* the node */
    eidetica_user *owner;    /* its first user, there */
    eidetica_instance *node; /* as the test sees it */
    eidetica_user *ada;
    char socket[100], url[120];
} api_world;

/* A file of this process in the scratch folder. */
static inline char *api_path(char out[100], const char *name)
{
    static int count;
    char folder[64];

    if (!getcwd(folder, sizeof folder)) strcpy(folder, "/tmp");
    snprintf(out, 100, "%s/%.20s.%d.%d", folder, name, (int)getpid(), ++count);
    return out;
}

static inline api_world *api_open(bool is_served)
{
    api_world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    assert_ok(eidetica_create("memory://", "ada", NULL, &world->host, &world->owner));
    world->node = world->host;
    world->ada = world->owner;
    if (!is_served) return world;
    api_path(world->socket, "s");
    snprintf(world->url, sizeof world->url, "unix://%s", world->socket);
    assert_ok(eidetica_serve(world->host, world->socket));
    assert_ok(eidetica_open(world->url, &world->node));
    assert_ok(eidetica_login(world->node, "ada", NULL, &world->ada));
    return world;
}

static inline int api_setup(void **state)
{
    *state = api_open(*state != NULL);
    return 0;
}

static inline int api_teardown(void **state)
{
    api_world *world = *state;

    if (world->ada != world->owner) eidetica_logout(world->ada);
    if (world->node != world->host) eidetica_close(world->node);
    eidetica_logout(world->owner);
    eidetica_close(world->host);
    free(world);
    return 0;
}

/* One test, once in this process and once through the socket. */
#define api_test_both(test)                                                                        \
    {#test " (here)", test, api_setup, api_teardown, NULL},                                        \
    {                                                                                              \
#test " (served)", test, api_setup, api_teardown, (void *)(uintptr_t)1                     \
    }

static inline eidetica_db *api_db(api_world *world, const char *name)
{
    eidetica_db *db = NULL;

    assert_ok(eidetica_db_create(world->ada, name, &db));
    return db;
}

static inline eidetica_txn *api_begin(eidetica_db *db)
{
    eidetica_txn *txn = NULL;

    assert_ok(eidetica_txn_begin(db, &txn));
    return txn;
}

static inline void api_commit(eidetica_txn *txn)
{
    assert_ok(eidetica_txn_commit_async(txn, NULL));
    eidetica_txn_free(txn);
}

/* Set one value in one entry. */
static inline void api_set(eidetica_db *db, const char *path, const char *json)
{
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_doc_set(txn, "data", path, json));
    api_commit(txn);
}

static inline void api_check(eidetica_db *db, const char *store, const char *path,
                             const char *wanted)
{
    char *json = NULL;

    assert_ok(eidetica_doc_get(db, store, path, &json));
    assert_string_equal(json, wanted);
    eidetica_free(json);
}

#endif
