/* The life of an instance: made once, opened ever after, and what a crash may leave. */
#include "node/user/instance.h"
#include "tests/node/txn_world.h"

static void test_user_instance__is_not_there_before_it_is_made(void **state)
{
    test_world world;
    eid_instance_record record;
    eid_key device;
    bool exists = true;

    world_open(&world);
    assert_ok(eid_instance_exists(world.engine, &exists));
    assert_false(exists);
    assert_kind(INSTANCE_NOT_INITIALIZED, eid_instance_open(world.engine, &record, &device));
    world_close(&world);
}

static void test_user_instance__opens_with_the_device_key_it_was_made_with(void **state)
{
    test_world world;
    eid_session *session = NULL;
    eid_instance_record record;
    eid_key device;
    bool exists = false;

    world_open(&world);
    assert_ok(eid_instance_create(world.engine, text("alice"), NULL, &session));
    assert_ok(eid_instance_exists(world.engine, &exists));
    assert_true(exists);
    assert_ok(eid_instance_open(world.engine, &record, &device));
    assert_memory_equal(record.device, device.pub.bytes, EID_KEY_BYTES);
    assert_false(record.has_sync_db);
    eid_session_logout(session);
    session = NULL;
    assert_kind(INSTANCE_EXISTS, eid_instance_create(world.engine, text("bob"), NULL, &session));
    assert_null(session);
    eid_key_wipe(&device);
    world_close(&world);
}

static void test_user_instance__describes_its_system_databases(void **state)
{
    test_world world;
    eid_session *session = NULL;
    eid_instance_record record;
    eid_key device;
    eid_id sync_db, again;
    char *found = NULL;

    world_open(&world);
    assert_ok(eid_instance_create(world.engine, text("alice"), NULL, &session));
    assert_ok(eid_instance_open(world.engine, &record, &device));
    world.root = record.users_db;
    world_check(&world, "_settings", "name", "_users");
    world_check(&world, "_settings", "type", "system");
    world_check(&world, "_settings", "description", "User directory database");
    world.root = record.databases_db;
    world_check(&world, "_settings", "name", "_databases");
    world_check(&world, "_settings", "description", "Database tracking and registry");
    assert_ok(eid_instance_sync_database(world.engine, &device, &sync_db));
    assert_ok(eid_instance_sync_database(world.engine, &device, &again));
    assert_true(eid_id_equal(&sync_db, &again));
    world.root = sync_db;
    world_check(&world, "_settings", "name", "_sync");
    world_check(&world, "_settings", "type", "sync_settings");
    world_check(&world, "_settings", "description", NULL);
    assert_null(found);
    eid_session_logout(session);
    world_close(&world);
}

static void damage(test_world *world, const eid_key *secret, const eid_instance_record *record)
{
    eid_batch *batch = NULL;

    assert_ok(eid_batch_new(eid_engine_kv(world->engine), &batch));
    assert_ok(eid_records_set_instance(batch, record));
    if (secret) assert_ok(eid_records_set_secret(batch, secret->seed));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    eid_batch_free(batch);
}

static void test_user_instance__refuses_a_device_key_that_is_another_or_gone(void **state)
{
    test_world world;
    eid_instance_record record = {.has_sync_db = false};
    eid_key device;

    world_open(&world);
    memcpy(record.device, world.key.pub.bytes, EID_KEY_BYTES);
    record.users_db = record.databases_db = eid_id_of_entry(text("some"));
    damage(&world, NULL, &record);
    assert_kind(INSTANCE_SECRETS, eid_instance_open(world.engine, &record, &device));
    world_key(2, &device);
    damage(&world, &device, &record);
    assert_kind(INSTANCE_KEY_MISMATCH, eid_instance_open(world.engine, &record, &device));
    world_close(&world);
}

static void test_user_instance__gets_its_first_user_after_a_crash_before_it(void **state)
{
    test_world world;
    eid_instance_record record = {.has_sync_db = false};
    eid_session *session = NULL;
    bool is_admin = false;

    world_open(&world);
    memcpy(record.device, world.key.pub.bytes, EID_KEY_BYTES);
    assert_ok(eid_txn_create_database(world.seam, NULL, &world.key, NULL, NULL, &record.users_db));
    assert_ok(
        eid_txn_create_database(world.seam, NULL, &world.key, NULL, NULL, &record.databases_db));
    damage(&world, &world.key, &record);
    assert_ok(eid_instance_create(world.engine, text("alice"), NULL, &session));
    assert_ok(eid_session_is_admin(session, &is_admin));
    assert_true(is_admin);
    eid_session_logout(session);
    world_close(&world);
}

static void test_user_instance__makes_nothing_for_a_user_it_would_refuse(void **state)
{
    test_world world;
    eid_session *session = NULL;
    bool exists = true;

    world_open(&world);
    assert_kind(USER_NAME, eid_instance_create(world.engine, text(""), NULL, &session));
    assert_ok(eid_instance_exists(world.engine, &exists));
    assert_false(exists);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_instance__is_not_there_before_it_is_made),
        cmocka_unit_test(test_user_instance__opens_with_the_device_key_it_was_made_with),
        cmocka_unit_test(test_user_instance__describes_its_system_databases),
        cmocka_unit_test(test_user_instance__refuses_a_device_key_that_is_another_or_gone),
        cmocka_unit_test(test_user_instance__gets_its_first_user_after_a_crash_before_it),
        cmocka_unit_test(test_user_instance__makes_nothing_for_a_user_it_would_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
