/* Accounts: the first user, logging in, adding others, keys and databases of a user. */
#include <stdio.h>

#include "node/user/instance.h"
#include "tests/node/txn_world.h"

static const eid_slice *password(const char *string, eid_slice *slice)
{
    *slice = text(string);
    return slice;
}

/* An instance whose first user is alice. Deriving keys is slow on purpose: most do without. */
static eid_session *open_alice(test_world *world, const char *with)
{
    eid_session *session = NULL;
    eid_slice pw;

    world_open(world);
    assert_ok(eid_instance_create(world->engine, text("alice"), with ? password(with, &pw) : NULL,
                                  &session));
    return session;
}

static void close_alice(test_world *world, eid_session *session)
{
    eid_session_logout(session);
    world_close(world);
}

static eid_session *login(test_world *world, const char *name, const char *with)
{
    eid_session *session = NULL;
    eid_slice pw;

    assert_ok(eid_session_login(world->seam, NULL, text(name), with ? password(with, &pw) : NULL,
                                &session));
    return session;
}

static void test_user_session__makes_the_first_user_admin(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    bool is_admin = false;

    assert_string_equal(eid_session_username(session), "alice");
    assert_int_equal(strlen(eid_session_uuid(session)), 36);
    assert_int_equal(eid_session_key_count(session), 1);
    assert_ok(eid_session_is_admin(session, &is_admin));
    assert_true(is_admin);
    close_alice(&world, session);
}

static void test_user_session__logs_in_with_the_password_and_finds_the_same_key(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, "pw");
    eid_session *again = login(&world, "alice", "pw");

    assert_true(
        eid_pubkey_equal(&eid_session_root_key(session)->pub, &eid_session_root_key(again)->pub));
    assert_memory_equal(eid_session_root_key(session)->seed, eid_session_root_key(again)->seed,
                        EID_KEY_BYTES);
    assert_string_equal(eid_session_uuid(session), eid_session_uuid(again));
    eid_session_logout(again);
    close_alice(&world, session);
}

static void test_user_session__refuses_wrong_missing_and_needless_passwords(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, "pw");
    eid_session *other = NULL;
    eid_slice pw;

    assert_ok(eid_session_add_user(session, text("bob"), NULL));
    assert_kind(USER_DECRYPT,
                eid_session_login(world.seam, NULL, text("alice"), password("PW", &pw), &other));
    assert_kind(USER_DECRYPT,
                eid_session_login(world.seam, NULL, text("alice"), password("", &pw), &other));
    assert_kind(USER_PASSWORD_REQUIRED,
                eid_session_login(world.seam, NULL, text("alice"), NULL, &other));
    assert_kind(USER_PASSWORD,
                eid_session_login(world.seam, NULL, text("bob"), password("", &pw), &other));
    assert_kind(USER_NOT_FOUND, eid_session_login(world.seam, NULL, text("ALICE"), NULL, &other));
    assert_null(other);
    close_alice(&world, session);
}

static void test_user_session__takes_the_empty_password_for_a_password(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    eid_session *other = NULL;
    eid_slice pw;

    assert_ok(eid_session_add_user(session, text("eve"), password("", &pw)));
    other = login(&world, "eve", "");
    eid_session_logout(other);
    other = NULL;
    assert_kind(USER_PASSWORD_REQUIRED,
                eid_session_login(world.seam, NULL, text("eve"), NULL, &other));
    close_alice(&world, session);
}

static void test_user_session__lets_admins_only_add_users(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    eid_session *bob;
    bool is_admin = true;

    assert_ok(eid_session_add_user(session, text("bob"), NULL));
    assert_kind(USER_EXISTS, eid_session_add_user(session, text("bob"), NULL));
    bob = login(&world, "bob", NULL);
    assert_ok(eid_session_is_admin(bob, &is_admin));
    assert_false(is_admin);
    assert_kind(USER_NOT_ADMIN, eid_session_add_user(bob, text("carol"), NULL));
    assert_ok(eid_session_grant_admin(session, &eid_session_root_key(bob)->pub));
    assert_ok(eid_session_add_user(bob, text("carol"), NULL)); /* the right chains */
    eid_session_logout(bob);
    close_alice(&world, session);
}

static void test_user_session__refuses_names_that_nobody_can_type(void **state)
{
    static const char *const names[] = {"", "line\nbreak", "tab\t", "\x7f", "\xc2\x85", "\xff"};
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    char longest[130];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_kind(USER_NAME, eid_session_add_user(session, text(names[i]), NULL));
    }
    memset(longest, 'n', 129);
    longest[129] = 0;
    assert_kind(USER_NAME, eid_session_add_user(session, text(longest), NULL));
    longest[128] = 0;
    assert_ok(eid_session_add_user(session, text(longest), NULL));
    assert_ok(eid_session_add_user(session, text("jos\xc3\xa9"), NULL));
    close_alice(&world, session);
}

typedef struct names {
    char text[256];
} names;

static eid_status on_name(void *arg, const char *name)
{
    names *list = arg;

    strncat(list->text, name, sizeof list->text - strlen(list->text) - 2);
    strncat(list->text, ";", 2);
    return EID_OK;
}

static void test_user_session__lists_users_by_name(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    names list = {""};

    assert_ok(eid_session_add_user(session, text("zoe"), NULL));
    assert_ok(eid_session_add_user(session, text("Bob"), NULL));
    assert_ok(eid_session_list_users(world.seam, on_name, &list));
    assert_string_equal(list.text, "Bob;alice;zoe;");
    close_alice(&world, session);
}

/* Change the text of alice's row in `_users`, as an admin could. */
static void edit_users(test_world *world, eid_session *session, const char *from, const char *to,
                       bool as_second)
{
    eid_pubkey device;
    eid_id users_db, databases_db, sync_db;
    eid_signer as = {.key = eid_session_root_key(session)};
    eid_txn *txn = NULL;
    char *row = NULL, *at;
    char changed[4096], key[37];

    assert_ok(
        world->seam->instance(world->seam->self, &device, &users_db, &databases_db, &sync_db));
    assert_ok(eid_txn_begin(world->seam, &users_db, &as, NULL, &txn));
    assert_ok(eid_table_get(txn, text("users"), text(eid_session_uuid(session)), &row));
    at = strstr(row, from);
    assert_non_null(at);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - row), row, to, at + strlen(from));
    if (as_second) {
        assert_ok(eid_table_insert(txn, text("users"), text(changed), key));
    } else {
        assert_ok(
            eid_table_set(txn, text("users"), text(eid_session_uuid(session)), text(changed)));
    }
    eid_free(row);
    (void)world_commit(txn);
}

static void test_user_session__refuses_a_disabled_account(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    eid_session *other = NULL;

    edit_users(&world, session, "\"status\":\"Active\"", "\"status\":\"Disabled\"", false);
    assert_kind(USER_DISABLED, eid_session_login(world.seam, NULL, text("alice"), NULL, &other));
    close_alice(&world, session);
}

static void test_user_session__tells_when_a_name_was_given_twice(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    eid_session *other = NULL;

    edit_users(&world, session, "alice", "alice", true);
    assert_kind(USER_DUPLICATE, eid_session_login(world.seam, NULL, text("alice"), NULL, &other));
    close_alice(&world, session);
}

static void test_user_session__passes_over_rows_that_are_damaged(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);

    edit_users(&world, session, "\"username\"", "\"nickname\"", true);
    eid_session_logout(login(&world, "alice", NULL));
    close_alice(&world, session);
}

static void test_user_session__notes_the_time_of_a_login_with_the_device_key(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL), *again = NULL;
    eid_instance_record record;
    eid_key device;
    eid_txn *txn = NULL;
    char *row = NULL;

    assert_ok(eid_instance_open(world.engine, &record, &device));
    assert_ok(eid_txn_begin(world.seam, &record.users_db, NULL, NULL, &txn));
    assert_kind(KEY_NOT_FOUND,
                eid_table_get(txn, text("last_login"), text(eid_session_uuid(session)), &row));
    assert_ok(eid_session_login(world.seam, &device, text("alice"), NULL, &again));
    assert_ok(eid_table_get(txn, text("last_login"), text(eid_session_uuid(session)), &row));
    assert_string_equal(row, "1700000000");
    eid_free(row);
    eid_txn_free(txn);
    eid_session_logout(again);
    close_alice(&world, session);
}

static void test_user_session__lets_the_device_read_the_private_database(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    eid_pubkey device;
    eid_id users_db, databases_db, sync_db;
    eid_db_info info;
    eid_status found = EID_E_NOT_FOUND;
    eid_txn *txn = NULL;
    eid_policy *policy = NULL;
    eid_idset roots = EID_IDSET_EMPTY;
    const eid_at at = {.kv = eid_engine_kv(world.engine)};

    assert_ok(world.seam->instance(world.seam->self, &device, &users_db, &databases_db, &sync_db));
    assert_true(eid_id_is_empty(&sync_db));
    assert_ok(eid_index_databases(&at, &roots));
    assert_int_equal(roots.count, 3);
    for (size_t i = 0; i < roots.count; i++) {
        assert_ok(world.seam->info(world.seam->self, &roots.at[i], &info));
        if (strcmp(info.name, "_user_alice") == 0) {
            found = EID_OK;
            assert_string_equal(info.type, "user");
            assert_ok(eid_txn_begin(world.seam, &roots.at[i], NULL, NULL, &txn));
            assert_ok(eid_settings_store_policy(txn, &policy));
            assert_non_null(eid_policy_find(policy, &device, NULL));
            assert_string_equal(eid_policy_find(policy, &device, NULL)->name, "device");
            assert_true(eid_policy_allows(policy, &device, EID_PERMISSION_READ));
            assert_false(eid_policy_allows(policy, &device, EID_PERMISSION_WRITE));
        }
        eid_db_info_fini(&info);
    }
    assert_ok(found);
    eid_policy_free(policy);
    eid_txn_free(txn);
    eid_idset_fini(&roots);
    close_alice(&world, session);
}

static void test_user_session__keeps_added_keys_sealed_and_in_order(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, "pw"), *again;
    eid_pubkey first, second;

    world.time.now_ms += 5000;
    assert_ok(eid_session_add_key(session, "laptop", &first));
    world.time.now_ms += 5000;
    assert_ok(eid_session_add_key(session, NULL, &second));
    again = login(&world, "alice", "pw");
    assert_int_equal(eid_session_key_count(again), 3);
    assert_true(
        eid_pubkey_equal(&eid_session_key(again, 0)->pub, &eid_session_root_key(again)->pub));
    assert_true(eid_pubkey_equal(&eid_session_key(again, 1)->pub, &first));
    assert_true(eid_pubkey_equal(&eid_session_key(again, 2)->pub, &second));
    assert_non_null(eid_session_find_key(again, &second));
    assert_null(eid_session_key(again, 3));
    eid_session_logout(again);
    close_alice(&world, session);
}

typedef struct tracked {
    size_t count;
    eid_id root;
    eid_pubkey key;
    bool sync_enabled;
} tracked;

static eid_status on_tracked(void *arg, const eid_id *root, const eid_pubkey *key,
                             bool sync_enabled)
{
    tracked *seen = arg;

    seen->count++;
    seen->root = *root;
    seen->key = *key;
    seen->sync_enabled = sync_enabled;
    return EID_OK;
}

static void test_user_session__maps_and_tracks_the_databases_it_makes(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL), *again;
    eid_signer as;
    eid_pubkey key;
    eid_id root;
    tracked seen = {0};

    assert_ok(eid_session_add_key(session, "work", &key));
    assert_ok(eid_session_create_database(session, NULL, &key, &root));
    assert_ok(eid_session_tracked(session, on_tracked, &seen));
    assert_int_equal(seen.count, 1);
    assert_true(eid_id_equal(&seen.root, &root));
    assert_true(eid_pubkey_equal(&seen.key, &key));
    assert_false(seen.sync_enabled);
    again = login(&world, "alice", NULL);
    assert_ok(eid_session_signer(again, &root, &as));
    assert_true(eid_pubkey_equal(&as.key->pub, &key));
    assert_null(as.identity);
    assert_ok(eid_session_track(again, &root, &key, NULL, true));
    seen = (tracked){0};
    assert_ok(eid_session_tracked(session, on_tracked, &seen));
    assert_int_equal(seen.count, 1);
    assert_true(seen.sync_enabled);
    assert_ok(eid_session_untrack(session, &root));
    assert_kind(USER_NOT_TRACKED, eid_session_untrack(session, &root));
    world_key(9, &world.key);
    assert_kind(USER_KEY_NOT_FOUND,
                eid_session_create_database(session, NULL, &world.key.pub, &root));
    eid_session_logout(again);
    close_alice(&world, session);
}

static void test_user_session__keeps_mappings_that_another_session_made(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL), *stale = login(&world, "alice", NULL), *again;
    eid_signer as;
    eid_id first, second;

    assert_ok(eid_session_create_database(session, NULL, NULL, &first));
    assert_ok(eid_session_create_database(stale, NULL, NULL, &second));
    again = login(&world, "alice", NULL);
    assert_ok(eid_session_signer(again, &first, &as));
    assert_ok(eid_session_signer(again, &second, &as));
    eid_session_logout(again);
    eid_session_logout(stale);
    close_alice(&world, session);
}

/* Write one value as this user; what commit answers. */
static eid_status write_as(test_world *world, eid_session *session, const eid_id *root)
{
    eid_signer as;
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid_session_signer(session, root, &as);

    if (status == EID_OK) status = eid_txn_begin(world->seam, root, &as, NULL, &txn);
    if (status == EID_OK) {
        status =
            eid_docstore_set_text(txn, text("notes"), "by", text(eid_session_username(session)));
    }
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

static void grant(test_world *world, eid_session *session, const eid_id *root,
                  const eid_pubkey *key, eid_permission permission)
{
    eid_auth_key record = {.permission = permission, .status = EID_KEY_ACTIVE};
    eid_signer as;
    eid_txn *txn = NULL;

    assert_ok(eid_session_signer(session, root, &as));
    assert_ok(eid_txn_begin(world->seam, root, &as, NULL, &txn));
    if (key) {
        record.pubkey = *key;
        assert_ok(eid_settings_store_put_key(txn, &record));
    } else {
        assert_ok(eid_settings_store_put_global(txn, &record));
    }
    (void)world_commit(txn);
}

static void test_user_session__writes_to_other_users_databases_by_their_grants(void **state)
{
    test_world world;
    eid_session *alice = open_alice(&world, NULL), *bob, *carol;
    eid_id root;

    assert_ok(eid_session_add_user(alice, text("bob"), NULL));
    assert_ok(eid_session_add_user(alice, text("carol"), NULL));
    bob = login(&world, "bob", NULL);
    carol = login(&world, "carol", NULL);
    assert_ok(eid_session_create_database(alice, NULL, NULL, &root));
    assert_kind(USER_NO_KEY, write_as(&world, bob, &root));
    grant(&world, alice, &root, &eid_session_root_key(bob)->pub,
          (eid_permission){EID_PERMISSION_WRITE, 10});
    assert_ok(write_as(&world, bob, &root));
    world.root = root;
    world_check(&world, "notes", "by", "bob");
    grant(&world, alice, &root, NULL, (eid_permission){EID_PERMISSION_READ, 0});
    assert_kind(TXN_REFUSED, write_as(&world, carol, &root));
    grant(&world, alice, &root, NULL, (eid_permission){EID_PERMISSION_WRITE, 3});
    assert_ok(write_as(&world, carol, &root));
    world_check(&world, "notes", "by", "carol");
    /* Mapped plainly, known only by the grant to everybody: the identity follows the grant. */
    assert_ok(eid_session_track(carol, &root, &eid_session_root_key(carol)->pub, NULL, false));
    assert_ok(write_as(&world, carol, &root));
    eid_session_logout(bob);
    eid_session_logout(carol);
    close_alice(&world, alice);
}

static void test_user_session__waits_for_databases_that_have_not_arrived(void **state)
{
    test_world world;
    eid_session *session = open_alice(&world, NULL);
    eid_id root = eid_id_of_entry(text("far away"));
    eid_signer as;

    assert_kind(USER_NO_KEY, eid_session_signer(session, &root, &as));
    assert_ok(eid_session_track(session, &root, &eid_session_root_key(session)->pub, NULL, true));
    assert_kind(USER_PENDING, eid_session_signer(session, &root, &as));
    close_alice(&world, session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_session__makes_the_first_user_admin),
        cmocka_unit_test(test_user_session__logs_in_with_the_password_and_finds_the_same_key),
        cmocka_unit_test(test_user_session__refuses_wrong_missing_and_needless_passwords),
        cmocka_unit_test(test_user_session__takes_the_empty_password_for_a_password),
        cmocka_unit_test(test_user_session__lets_admins_only_add_users),
        cmocka_unit_test(test_user_session__refuses_names_that_nobody_can_type),
        cmocka_unit_test(test_user_session__lists_users_by_name),
        cmocka_unit_test(test_user_session__refuses_a_disabled_account),
        cmocka_unit_test(test_user_session__tells_when_a_name_was_given_twice),
        cmocka_unit_test(test_user_session__passes_over_rows_that_are_damaged),
        cmocka_unit_test(test_user_session__notes_the_time_of_a_login_with_the_device_key),
        cmocka_unit_test(test_user_session__lets_the_device_read_the_private_database),
        cmocka_unit_test(test_user_session__keeps_added_keys_sealed_and_in_order),
        cmocka_unit_test(test_user_session__maps_and_tracks_the_databases_it_makes),
        cmocka_unit_test(test_user_session__keeps_mappings_that_another_session_made),
        cmocka_unit_test(test_user_session__writes_to_other_users_databases_by_their_grants),
        cmocka_unit_test(test_user_session__waits_for_databases_that_have_not_arrived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
