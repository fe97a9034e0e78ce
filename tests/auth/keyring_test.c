#include "auth/keyring.h"

#include "dag/alloc.h"
#include "dag/base.h"
#include "tests/support/test.h"

static void assert_hex(eid_slice bytes, const char *expected)
{
    eid_buf text;
    char *printed;

    eid_buf_init(&text, 1024);
    eid_hex_encode(bytes, &text);
    printed = eid_buf_take_text(&text);
    assert_non_null(printed);
    assert_string_equal(printed, expected);
    eid_free(printed);
    eid_buf_fini(&text);
}

/* Source: spec 06 §6, the table of vectors. */
static void test_wrap__gives_the_bytes_of_the_specification(void **state)
{
    eid_slice salt = eid_slice_text("c29tZXNhbHRzb21lc2FsdA");
    uint8_t nonce[EID_WRAP_NONCE_BYTES];
    eid_wrap wrap;
    eid_buf sealed, plain;

    assert_int_equal(eid_wrap_derive(EID_SLICE_EMPTY, salt, &wrap), EID_OK);
    assert_hex(eid_slice_of(wrap.key, 32),
               "a91b659438153f405b4857e95c22b85c5c0d87b2ee339d4800f653cbed577cf2");
    assert_int_equal(eid_wrap_derive(eid_slice_text("correct horse"), salt, &wrap), EID_OK);
    assert_hex(eid_slice_of(wrap.key, 32),
               "e56bca0b8184a16ea08dfea7f0e4f18c2168314a4f0c3cd8dfb4dbe4cc7fbbd4");

    for (size_t i = 0; i < sizeof nonce; i++) nonce[i] = (uint8_t)i;
    eid_buf_init(&sealed, 1024);
    eid_buf_init(&plain, 1024);
    assert_int_equal(
        eid_wrap_seal(&wrap, nonce,
                      eid_slice_text("ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
                      &sealed),
        EID_OK);
    assert_hex(eid_buf_slice(&sealed),
               "aa9bc3abfeedae831b2a9b9b39b628817cb6db655f58d2887afcf397357161b2b4737594fc69e617"
               "1cc6fb740377f41cf3cbcd598cdc84aaa3d00da43ff3e9d7cef3a062");
    assert_int_equal(
        eid_wrap_open(&wrap, eid_slice_of(nonce, sizeof nonce), eid_buf_slice(&sealed), &plain),
        EID_OK);
    assert_int_equal(plain.len, 52);
    eid_buf_fini(&plain);
    eid_buf_fini(&sealed);
    eid_wrap_wipe(&wrap);
}

static void test_wrap_open__refuses_what_was_altered_and_appends_nothing(void **state)
{
    eid_wrap wrap = {{1}};
    uint8_t nonce[EID_WRAP_NONCE_BYTES] = {2};
    eid_buf sealed, plain;

    eid_buf_init(&sealed, 1024);
    eid_buf_init(&plain, 1024);
    eid_buf_append_text(&plain, "before");
    assert_int_equal(eid_wrap_seal(&wrap, nonce, eid_slice_text("secret"), &sealed), EID_OK);
    for (size_t i = 0; i < sealed.len; i++) {
        eid_status status;

        sealed.at[i] ^= 0x80;
        status = eid_wrap_open(&wrap, eid_slice_of(nonce, 12), eid_buf_slice(&sealed), &plain);
        assert_int_equal(eid_status_detail(status).kind, EID_KIND_USER_DECRYPT);
        assert_int_equal(plain.len, 6);
        sealed.at[i] ^= 0x80;
    }
    for (size_t len = 0; len < EID_WRAP_TAG_BYTES; len++) {
        eid_status status =
            eid_wrap_open(&wrap, eid_slice_of(nonce, 12), eid_slice_of(sealed.at, len), &plain);

        assert_int_equal(eid_status_detail(status).kind, EID_KIND_USER_DECRYPT);
    }
    assert_int_equal(eid_status_detail(eid_wrap_open(&wrap, eid_slice_of(nonce, 11),
                                                     eid_buf_slice(&sealed), &plain))
                         .kind,
                     EID_KIND_USER_NONCE_LENGTH);
    eid_buf_fini(&plain);
    eid_buf_fini(&sealed);
}

static void test_salt_make__gives_text_that_is_accepted(void **state)
{
    eid_random_seeded seeded = {7};
    eid_random random = eid_random_of_seeded(&seeded);
    char salt[EID_SALT_TEXT_LEN + 1];
    eid_wrap wrap;

    eid_salt_make(&random, salt);
    assert_int_equal(strlen(salt), EID_SALT_TEXT_LEN);
    assert_int_equal(eid_wrap_derive(eid_slice_text("x"), eid_slice_text(salt), &wrap), EID_OK);
    eid_wrap_wipe(&wrap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap__gives_the_bytes_of_the_specification),
        cmocka_unit_test(test_wrap_open__refuses_what_was_altered_and_appends_nothing),
        cmocka_unit_test(test_salt_make__gives_text_that_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
