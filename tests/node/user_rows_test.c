/* Rows of users, keys and tracked databases: read as the reference writes them, written the same.
 */
#include "dag/alloc.h"
#include "node/user/user_rows.h"
#include "tests/node/txn_world.h"

#define KEY "ed25519:5w/E34WOcIPi8pZ/SUhwDz+MTfAaC/FxvWN6NLZrenE="
#define SECRET "ed25519:6QNb/6zUmW+uogmdVHXCQ1Cg7STK3eE5z4vRW9QNKCU="
#define DATABASE "bafyr4icqufpngxq5dbcx7cbqctkmacvzcooa7yiuj6r5l5lwlbaes2acby"
#define OTHER "bafyr4ieibrmiybu4n3xacaycfcnsgqaa7r6tnybfdlq7lrgsvkaleahjn4"
#define SEALED                                                                                     \
    "{\"type\":\"encrypted\",\"algorithm\":\"aes-256-gcm\",\"ciphertext\":[39,101,0,255],"         \
    "\"nonce\":[97,143]}"
#define CLEAR "{\"type\":\"unencrypted\",\"key\":\"" SECRET "\"}"

static const char user_row[] = "{\"username\":\"r\\u0000t\",\"user_database_id\":\"" DATABASE
                               "\",\"credentials\":{\"root_key_id\":\"" KEY
                               "\",\"root_key\":" SEALED ",\"password_salt\":\"+Nj0G2g0bLHU/"
                               "upO3j7fvw\"},\"created_at\":1700000000,\"status\":\"Active\"}";
static const char key_row[] =
    "{\"key_id\":\"" KEY "\",\"storage\":" CLEAR
    ",\"display_name\":null,\"created_at\":-5,\"last_used\":null,\"is_default\":true,"
    "\"database_sigkeys\":{\"" OTHER "\":null,\"" DATABASE
    "\":{\"Direct\":{\"hint\":{\"name\":\"kay\"}}}}}";
static const char tracked_row[] =
    "{\"database_id\":\"" DATABASE "\",\"key_id\":\"" KEY
    "\",\"sync_settings\":{\"sync_enabled\":true,\"sync_on_commit\":false,\"interval_seconds\":"
    "18446744073709551615,\"properties\":{\"a\":\"b\"}}}";

static void check_text(eid_buf *out, const char *wanted)
{
    char *written = eid_buf_take_text(out);

    assert_non_null(written);
    assert_string_equal(written, wanted);
    eid_free(written);
    eid_buf_fini(out);
}

static void test_user_rows__write_a_user_as_it_was_read(void **state)
{
    eid_user_info info;
    eid_buf out;

    assert_ok(eid_user_info_read(text(user_row), &info));
    assert_int_equal(info.username_len, 3);
    assert_int_equal(info.root_key.ciphertext.len, 4);
    eid_buf_init(&out, 4096);
    eid_user_info_write(&info, &out);
    check_text(&out, user_row);
    eid_user_info_fini(&info);
}

static void test_user_rows__write_a_key_as_it_was_read(void **state)
{
    eid_user_key key;
    eid_buf out;
    eid_id database;

    assert_ok(eid_user_key_read(text(key_row), &key));
    assert_int_equal(key.mapping_count, 2);
    assert_ok(eid_id_parse(text(OTHER), &database));
    assert_true(eid_user_key_mapping(&key, &database)->is_plain);
    assert_ok(eid_id_parse(text(DATABASE), &database));
    assert_false(eid_user_key_mapping(&key, &database)->is_plain);
    eid_buf_init(&out, 4096);
    eid_user_key_write(&key, &out);
    check_text(&out, key_row);
    eid_user_key_fini(&key);
}

static void test_user_rows__write_a_tracked_database_as_it_was_read(void **state)
{
    eid_tracked tracked;
    eid_buf out;

    assert_ok(eid_tracked_read(text(tracked_row), &tracked));
    assert_true(tracked.sync.has_interval);
    eid_buf_init(&out, 4096);
    eid_tracked_write(&tracked, &out);
    check_text(&out, tracked_row);
    eid_tracked_fini(&tracked);
}

static void test_user_rows__pass_over_unknown_members_in_any_order(void **state)
{
    eid_tracked tracked;

    assert_ok(eid_tracked_read(
        text("{\"new\":[1,{\"x\":2}],\"sync_settings\":{\"sync_on_commit\":true,\"sync_enabled\""
             ":false},\"key_id\":\"" KEY "\",\"database_id\":\"" DATABASE "\"}"),
        &tracked));
    assert_true(tracked.sync.on_commit);
    assert_false(tracked.sync.has_interval);
    eid_tracked_fini(&tracked);
}

static void test_user_rows__refuse_what_is_not_whole(void **state)
{
    static const char *const keys[] = {
        "",
        "[]",
        "{}",
        "{\"key_id\":\"" KEY "\"}",
        "{\"key_id\":\"ed25519:x\",\"storage\":" CLEAR
        ",\"created_at\":1,\"is_default\":true,\"database_sigkeys\":{}}",
        "{\"key_id\":\"" KEY "\",\"storage\":{\"type\":\"encrypted\",\"key\":\"x\"},"
        "\"created_at\":1,\"is_default\":true,\"database_sigkeys\":{}}",
        "{\"key_id\":\"" KEY "\",\"storage\":{\"type\":\"encrypted\",\"algorithm\":\"a\","
        "\"ciphertext\":[256],\"nonce\":[]},\"created_at\":1,\"is_default\":true,"
        "\"database_sigkeys\":{}}",
        "{\"key_id\":\"" KEY "\",\"storage\":" CLEAR
        ",\"created_at\":1.5,\"is_default\":true,\"database_sigkeys\":{}}",
        "{\"key_id\":\"" KEY "\",\"storage\":" CLEAR
        ",\"created_at\":1,\"is_default\":true,\"database_sigkeys\":{\"x\":null}}",
        "{\"key_id\":\"" KEY "\",\"storage\":" CLEAR
        ",\"created_at\":1,\"is_default\":true,\"database_sigkeys\":{\"" DATABASE "\":7}}",
    };
    eid_user_key key;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_kind(STORE_DECODE, eid_user_key_read(text(keys[i]), &key));
    }
}

static void test_user_rows__refuse_every_row_that_was_cut(void **state)
{
    eid_user_info info;
    eid_user_key key;
    eid_tracked tracked;

    for (size_t len = 0; len + 1 < sizeof user_row; len++) {
        assert_kind(STORE_DECODE, eid_user_info_read(eid_slice_of(user_row, len), &info));
    }
    for (size_t len = 0; len + 1 < sizeof key_row; len++) {
        assert_kind(STORE_DECODE, eid_user_key_read(eid_slice_of(key_row, len), &key));
    }
    for (size_t len = 0; len + 1 < sizeof tracked_row; len++) {
        assert_kind(STORE_DECODE, eid_tracked_read(eid_slice_of(tracked_row, len), &tracked));
    }
}

static void test_user_rows__store_the_default_identity_as_null(void **state)
{
    eid_user_key key;
    eid_sigkey_owned plain;
    eid_id database;

    assert_ok(eid_user_key_read(text(key_row), &key));
    assert_ok(eid_id_parse(text(DATABASE), &database));
    assert_ok(eid_sigkey_of_pubkey(&key.key_id, &plain));
    assert_ok(eid_user_key_map(&key, &database, &plain.key));
    assert_true(eid_user_key_mapping(&key, &database)->is_plain);
    assert_int_equal(key.mapping_count, 2);
    eid_sigkey_owned_fini(&plain);
    eid_user_key_fini(&key);
}

static void test_user_rows__seal_and_open_keys(void **state)
{
    eid_wrap wrap, wrong = {{1}};
    eid_key_storage sealed, clear;
    eid_key key, opened;

    world_key(7, &key);
    assert_ok(eid_wrap_derive(text("pw"), text("c29tZXNhbHRzb21lc2FsdA"), &wrap));
    assert_ok(eid_key_storage_make(&key, &wrap, eid_random_system(), &sealed));
    assert_int_equal(sealed.ciphertext.len, 68);
    assert_int_equal(sealed.nonce.len, 12);
    assert_ok(eid_key_storage_open(&sealed, &wrap, &opened));
    assert_memory_equal(opened.seed, key.seed, EID_KEY_BYTES);
    assert_kind(USER_DECRYPT, eid_key_storage_open(&sealed, &wrong, &opened));
    assert_kind(USER_PASSWORD_REQUIRED, eid_key_storage_open(&sealed, NULL, &opened));
    sealed.algorithm[0] = 'x';
    assert_kind(USER_DECRYPT, eid_key_storage_open(&sealed, &wrap, &opened));
    assert_ok(eid_key_storage_make(&key, NULL, eid_random_system(), &clear));
    assert_ok(eid_key_storage_open(&clear, NULL, &opened));
    assert_memory_equal(opened.seed, key.seed, EID_KEY_BYTES);
    eid_key_storage_fini(&sealed);
    eid_key_storage_fini(&clear);
    eid_wrap_wipe(&wrap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_rows__write_a_user_as_it_was_read),
        cmocka_unit_test(test_user_rows__write_a_key_as_it_was_read),
        cmocka_unit_test(test_user_rows__write_a_tracked_database_as_it_was_read),
        cmocka_unit_test(test_user_rows__pass_over_unknown_members_in_any_order),
        cmocka_unit_test(test_user_rows__refuse_what_is_not_whole),
        cmocka_unit_test(test_user_rows__refuse_every_row_that_was_cut),
        cmocka_unit_test(test_user_rows__store_the_default_identity_as_null),
        cmocka_unit_test(test_user_rows__seal_and_open_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
