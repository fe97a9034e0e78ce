/* Inventory of spec 04, instance/tests.rs, errors.rs and sync_integration: a node made once and
 * opened ever after, over a store on disk. */
#include <unistd.h>

#include "tests/node/inventory.h"

/* A store on disk that nobody has used. */
typedef struct disk {
    char url[300];
    test_world world; /* engine and seam while it is open */
} disk;

static void disk_open(disk *at)
{
    eid_engine_config config = {.url = at->url, .create = true, .verify_inline = true};

    assert_ok(eid_engine_open(&config, &at->world.engine));
    at->world.seam = eid_engine_seam(at->world.engine);
}

static void disk_close(disk *at)
{
    eid_engine_close(at->world.engine);
}

static disk disk_new(void)
{
    static int count;
    char folder[200];
    disk made = {.url = ""};

    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(made.url, sizeof made.url, "rocksdb://%s/life.%d.%d", folder, (int)getpid(), ++count);
    disk_open(&made);
    return made;
}

static void disk_reopen(disk *at)
{
    disk_close(at);
    disk_open(at);
}

static eid_status instance_create(disk *at, const char *password, eid_session **out)
{
    eid_slice slice = password ? text(password) : EID_SLICE_EMPTY;

    return eid_instance_create(at->world.engine, text("ada"), password ? &slice : NULL, out);
}

static eid_pubkey device_of(disk *at)
{
    eid_instance_record record;
    eid_key device;
    eid_pubkey pub;

    assert_ok(eid_instance_open(at->world.engine, &record, &device));
    pub = device.pub;
    eid_key_wipe(&device);
    return pub;
}

static eid_session *login(disk *at, const char *name, const char *password)
{
    eid_slice slice = password ? text(password) : EID_SLICE_EMPTY;
    eid_session *session = NULL;

    assert_ok(
        eid_session_login(at->world.seam, NULL, text(name), password ? &slice : NULL, &session));
    return session;
}

/* An instance of ada, who is logged in. */
static disk disk_of_ada(eid_session **ada)
{
    disk at = disk_new();

    assert_ok(instance_create(&at, NULL, ada));
    return at;
}

/* -- databases of a new instance --------------------------------------------------------------- */

static void test_new_database(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    eid_txn *txn;

    at.world.root = inventory_user_database(ada, "mine");
    txn = inventory_user_begin(ada, &at.world.root);
    inventory_stage(txn, "data", "k", "v");
    (void)world_commit(txn);
    world_check(&at.world, "data", "k", "v");
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_create_database_with_default_settings(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);

    assert_ok(eid_session_create_database(ada, NULL, NULL, &at.world.root));
    world_check(&at.world, "_settings", "name", NULL);
    inventory_expect_signer(&at.world, &at.world.root, eid_session_root_key(ada));
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_new_database_without_key_fails(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    eid_key foreign;
    eid_id root;

    world_key(66, &foreign);
    assert_kind(USER_KEY_NOT_FOUND, eid_session_create_database(ada, NULL, &foreign.pub, &root));
    eid_session_logout(ada);
    disk_close(&at);
}

/* -- users ------------------------------------------------------------------------------------- */

static void test_create_user(void **state)
{
    eid_session *ada, *ben;
    disk at = disk_of_ada(&ada);

    assert_ok(eid_session_add_user(ada, text("ben"), NULL));
    assert_kind(USER_EXISTS, eid_session_add_user(ada, text("ben"), NULL));
    ben = login(&at, "ben", NULL);
    assert_string_equal(eid_session_username(ben), "ben");
    assert_string_not_equal(eid_session_uuid(ben), eid_session_uuid(ada));
    eid_session_logout(ben);
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_login_user(void **state)
{
    eid_session *ada, *again, *nobody = NULL;
    disk at = disk_of_ada(&ada);

    again = login(&at, "ada", NULL);
    assert_string_equal(eid_session_uuid(again), eid_session_uuid(ada));
    assert_kind(USER_NOT_FOUND, eid_session_login(at.world.seam, NULL, text("ben"), NULL, &nobody));
    eid_session_logout(again);
    eid_session_logout(ada);
    disk_close(&at);
}

/* -- opening again ----------------------------------------------------------------------------- */

static void test_instance_load_new_backend(void **state)
{
    disk at = disk_new();
    eid_instance_record record;
    eid_session *ada = NULL;
    eid_key device;
    bool exists = true;

    assert_ok(eid_instance_exists(at.world.engine, &exists));
    assert_false(exists);
    assert_kind(INSTANCE_NOT_INITIALIZED, eid_instance_open(at.world.engine, &record, &device));
    assert_ok(instance_create(&at, NULL, &ada));
    assert_ok(eid_instance_exists(at.world.engine, &exists));
    assert_true(exists);
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_instance_load_existing_backend(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);

    eid_session_logout(ada);
    disk_reopen(&at);
    (void)device_of(&at);
    ada = login(&at, "ada", NULL);
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_instance_load_device_id_persistence(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    eid_pubkey before = device_of(&at), after;

    eid_session_logout(ada);
    for (int i = 0; i < 2; i++) {
        disk_reopen(&at);
        after = device_of(&at);
        assert_true(eid_pubkey_equal(&before, &after));
    }
    disk_close(&at);
}

static void test_instance_load_with_password_protected_users(void **state)
{
    disk at = disk_new();
    eid_slice wrong = text("wrong");
    eid_session *ada = NULL;

    assert_ok(instance_create(&at, "secret", &ada));
    eid_session_logout(ada);
    disk_reopen(&at);
    assert_kind(USER_DECRYPT, eid_session_login(at.world.seam, NULL, text("ada"), &wrong, &ada));
    assert_kind(USER_PASSWORD_REQUIRED,
                eid_session_login(at.world.seam, NULL, text("ada"), NULL, &ada));
    ada = login(&at, "ada", "secret");
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_instance_load_multiple_users(void **state)
{
    static const char *const names[] = {"ben", "eve", "zoe"};
    eid_session *ada;
    disk at = disk_of_ada(&ada);

    for (size_t i = 0; i < 3; i++) assert_ok(eid_session_add_user(ada, text(names[i]), NULL));
    eid_session_logout(ada);
    disk_reopen(&at);
    for (size_t i = 0; i < 3; i++) {
        eid_session *user = login(&at, names[i], NULL);
        assert_string_equal(eid_session_username(user), names[i]);
        eid_session_logout(user);
    }
    disk_close(&at);
}

static void test_instance_load_user_databases_persist(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    eid_txn *txn;

    at.world.root = inventory_user_database(ada, "mine");
    txn = inventory_user_begin(ada, &at.world.root);
    inventory_stage(txn, "data", "k", "before");
    (void)world_commit(txn);
    eid_session_logout(ada);
    disk_reopen(&at);
    ada = login(&at, "ada", NULL);
    world_check(&at.world, "data", "k", "before");
    txn = inventory_user_begin(ada, &at.world.root);
    inventory_stage(txn, "data", "k", "after");
    (void)world_commit(txn);
    world_check(&at.world, "data", "k", "after");
    eid_session_logout(ada);
    disk_close(&at);
}

static eid_status count_database(void *self, const eid_db_info *info)
{
    (void)info;
    ++*(size_t *)self;
    return EID_OK;
}

static void test_instance_load_idempotency(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    size_t before = 0;

    eid_session_logout(ada);
    assert_ok(at.world.seam->databases(at.world.seam->self, count_database, &before));
    for (int i = 0; i < 3; i++) {
        size_t count = 0;
        disk_reopen(&at);
        (void)device_of(&at);
        assert_ok(at.world.seam->databases(at.world.seam->self, count_database, &count));
        assert_int_equal(count, before);
    }
    disk_close(&at);
}

static void test_instance_load_new_vs_existing(void **state)
{
    eid_session *ada, *ben;
    disk one = disk_of_ada(&ada), two = disk_of_ada(&ben);
    eid_pubkey first = device_of(&one), second = device_of(&two), again;

    assert_false(eid_pubkey_equal(&first, &second));
    eid_session_logout(ada);
    disk_reopen(&one);
    again = device_of(&one);
    assert_true(eid_pubkey_equal(&first, &again));
    eid_session_logout(ben);
    disk_close(&one);
    disk_close(&two);
}

static void test_instance_create_strict_fails_on_existing(void **state)
{
    eid_session *ada, *other = NULL;
    disk at = disk_of_ada(&ada);
    eid_pubkey before = device_of(&at), after;

    assert_kind(INSTANCE_EXISTS, instance_create(&at, NULL, &other));
    after = device_of(&at);
    assert_true(eid_pubkey_equal(&before, &after));
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_instance_create_on_fresh_backend(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    bool is_admin = false;

    assert_ok(eid_session_is_admin(ada, &is_admin));
    assert_true(is_admin);
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_instance_open_fails_on_empty_backend(void **state)
{
    disk at = disk_new();
    eid_instance_record record;
    eid_key device;

    assert_kind(INSTANCE_NOT_INITIALIZED, eid_instance_open(at.world.engine, &record, &device));
    disk_close(&at);
}

/* Whoever wants either asks first. */
static void test_open_or_create_fresh_and_existing(void **state)
{
    disk at = disk_new();
    eid_session *ada = NULL;

    for (int i = 0; i < 2; i++) {
        bool exists;
        assert_ok(eid_instance_exists(at.world.engine, &exists));
        assert_int_equal(exists, i == 1);
        if (exists) {
            ada = login(&at, "ada", NULL);
        } else {
            assert_ok(instance_create(&at, NULL, &ada));
        }
        eid_session_logout(ada);
        disk_reopen(&at);
    }
    disk_close(&at);
}

/* -- errors.rs --------------------------------------------------------------------------------- */

static void test_error_helpers(void **state)
{
    assert_int_equal(eid_kind_status(EID_KIND_INSTANCE_EXISTS), EID_E_EXISTS);
    assert_int_equal(eid_kind_status(EID_KIND_DATABASE_NOT_FOUND), EID_E_NOT_FOUND);
    assert_int_equal(eid_kind_status(EID_KIND_NOT_IN_DATABASE), EID_E_INVALID);
    assert_int_equal(eid_kind_status(EID_KIND_ENTRY_STRUCTURE), EID_E_MALFORMED);
    assert_int_equal(eid_kind_status(EID_KIND_INSTANCE_CLOSED), EID_E_CLOSED);
    assert_int_equal(eid_kind_status(EID_KIND_INSTANCE_KEY_MISMATCH), EID_E_CORRUPT);
}

static void test_error_conversion(void **state)
{
    static const eid_kind kinds[] = {
        EID_KIND_INSTANCE_EXISTS,       EID_KIND_INSTANCE_NOT_INITIALIZED,
        EID_KIND_INSTANCE_SECRETS,      EID_KIND_NOT_IN_DATABASE,
        EID_KIND_INSTANCE_KEY_MISMATCH, EID_KIND_URL,
        EID_KIND_ENTRY_STRUCTURE,       EID_KIND_UNSUPPORTED,
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        eid_status status = EID_FAIL(kinds[i], "of an instance");
        assert_string_equal(eid_kind_module(eid_status_detail(status).kind), "instance");
        assert_int_equal(status, eid_kind_status(kinds[i]));
    }
}

/* -- sync_integration.rs ----------------------------------------------------------------------- */

static eid_id sync_database(disk *at)
{
    eid_instance_record record;
    eid_key device;
    eid_id root;

    assert_ok(eid_instance_open(at->world.engine, &record, &device));
    assert_ok(eid_instance_sync_database(at->world.engine, &device, &root));
    eid_key_wipe(&device);
    return root;
}

static void test_instance_sync_initialization(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    eid_id users, databases, sync, made;
    eid_pubkey device;

    assert_ok(at.world.seam->instance(at.world.seam->self, &device, &users, &databases, &sync));
    assert_true(eid_id_is_empty(&sync)); /* made when it is first wanted */
    made = sync_database(&at);
    assert_ok(at.world.seam->instance(at.world.seam->self, &device, &users, &databases, &sync));
    assert_true(eid_id_equal(&sync, &made));
    eid_session_logout(ada);
    disk_close(&at);
}

static void test_instance_sync_load(void **state)
{
    eid_session *ada;
    disk at = disk_of_ada(&ada);
    eid_id before = sync_database(&at), after;

    eid_session_logout(ada);
    disk_reopen(&at);
    after = sync_database(&at);
    assert_true(eid_id_equal(&before, &after));
    disk_close(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_database),
        cmocka_unit_test(test_create_database_with_default_settings),
        cmocka_unit_test(test_new_database_without_key_fails),
        cmocka_unit_test(test_create_user),
        cmocka_unit_test(test_login_user),
        cmocka_unit_test(test_instance_load_new_backend),
        cmocka_unit_test(test_instance_load_existing_backend),
        cmocka_unit_test(test_instance_load_device_id_persistence),
        cmocka_unit_test(test_instance_load_with_password_protected_users),
        cmocka_unit_test(test_instance_load_multiple_users),
        cmocka_unit_test(test_instance_load_user_databases_persist),
        cmocka_unit_test(test_instance_load_idempotency),
        cmocka_unit_test(test_instance_load_new_vs_existing),
        cmocka_unit_test(test_instance_create_strict_fails_on_existing),
        cmocka_unit_test(test_instance_create_on_fresh_backend),
        cmocka_unit_test(test_instance_open_fails_on_empty_backend),
        cmocka_unit_test(test_open_or_create_fresh_and_existing),
        cmocka_unit_test(test_error_helpers),
        cmocka_unit_test(test_error_conversion),
        cmocka_unit_test(test_instance_sync_initialization),
        cmocka_unit_test(test_instance_sync_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
