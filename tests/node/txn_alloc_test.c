/* Out of memory at every single allocation of a commit: it succeeds or answers NO_MEMORY, leaks
 * nothing and can be tried again. */
#include "node/user/instance.h"
#include "tests/node/txn_world.h"

#define ROUNDS_MAX 20000u

/* Stage and commit two stores; what the whole answers. */
static eid_status write_two(test_world *world, eid_id *id)
{
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(world->seam, &world->root, &world->signer, NULL, &txn);

    if (status == EID_OK) {
        status = eid_docstore_set_text(txn, text("notes"), "a.b", text("value"));
    }
    if (status == EID_OK) status = eid_table_set(txn, text("rows"), text("r"), text("{\"n\":1}"));
    if (status == EID_OK) status = eid_settings_store_set_name(txn, text("name"));
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, id);
    eid_txn_free(txn);
    return status;
}

static void test_txn_alloc__commits_or_says_that_memory_is_out(void **state)
{
    test_world world;
    eid_status status = EID_E_NO_MEMORY;
    eid_id id;
    unsigned round = 0;

    world_open_database(&world);
    while (status != EID_OK && round < ROUNDS_MAX) {
        eid_alloc_fail_at(++round, false);
        status = write_two(&world, &id);
        eid_alloc_fail_at(0, false);
        if (status != EID_OK && status != EID_E_NO_MEMORY) {
            fail_msg("allocation %u: %s (%s)", round, eid_status_name(status),
                     eid_status_detail(status).text);
        }
        if (status != EID_OK) continue;
        break;
    }
    assert_true(round > 50);
    assert_ok(write_two(&world, &id)); /* nothing is left locked or half changed */
    world_check(&world, "notes", "a.b", "value");
    world_close(&world);
}

static void test_txn_alloc__logs_in_or_says_that_memory_is_out(void **state)
{
    test_world world;
    eid_session *session = NULL;
    eid_status status = EID_E_NO_MEMORY;
    unsigned round = 0;

    world_open(&world);
    assert_ok(eid_instance_create(world.engine, text("alice"), NULL, &session));
    eid_session_logout(session);
    while (status != EID_OK && round < ROUNDS_MAX) {
        session = NULL;
        eid_alloc_fail_at(++round, false);
        status = eid_session_login(world.seam, NULL, text("alice"), NULL, &session);
        eid_alloc_fail_at(0, false);
        if (status != EID_OK && status != EID_E_NO_MEMORY) {
            fail_msg("allocation %u: %s (%s)", round, eid_status_name(status),
                     eid_status_detail(status).text);
        }
    }
    assert_non_null(session);
    eid_session_logout(session);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_txn_alloc__commits_or_says_that_memory_is_out),
        cmocka_unit_test(test_txn_alloc__logs_in_or_says_that_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
