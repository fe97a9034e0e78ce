#include "auth/key.h"

#include "dag/base.h"
#include "dag/builder.h"
#include "tests/support/test.h"

static void hex(const char *text, uint8_t *out, size_t len)
{
    eid_buf bytes;

    eid_buf_init(&bytes, 1024);
    assert_true(eid_hex_decode(eid_slice_text(text), &bytes));
    assert_int_equal(bytes.len, len);
    memcpy(out, bytes.at, len);
    eid_buf_fini(&bytes);
}

/* Source: spec 05 §9.3, the worked example of a challenge. */
static void test_key_sign__gives_the_bytes_of_the_specification(void **state)
{
    uint8_t seed[32], challenge[32], expected[64], signature[64];
    char text[EID_KEY_TEXT_MAX];
    eid_key key;

    for (size_t i = 0; i < 32; i++) seed[i] = (uint8_t)i;
    memset(challenge, 0x42, sizeof challenge);
    hex("a82641bd59dce507361c86fa39e0d63312f9f806cb731e7bc72e940ce0be8ff5"
        "81e2c7d720d0471fbfea581e4eecea6621a8d4178e899d6d5e67566b111b130a",
        expected, 64);
    eid_key_from_seed(seed, &key);
    assert_string_equal(eid_key_secret_text(&key, text),
                        "ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    assert_string_equal(eid_pubkey_text(&key.pub, text),
                        "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
    eid_key_sign(&key, eid_slice_of(challenge, 32), signature);
    assert_memory_equal(signature, expected, 64);
    assert_true(eid_key_verify(&key.pub, eid_slice_of(challenge, 32), eid_slice_of(signature, 64)));
    eid_key_wipe(&key);
}

static void test_key_verify__refuses_another_message_key_or_length(void **state)
{
    eid_key a, b;
    uint8_t signature[64];
    eid_slice message = eid_slice_text("message");

    eid_key_generate(eid_random_system(), &a);
    eid_key_generate(eid_random_system(), &b);
    eid_key_sign(&a, message, signature);
    assert_true(eid_key_verify(&a.pub, message, eid_slice_of(signature, 64)));
    assert_false(eid_key_verify(&b.pub, message, eid_slice_of(signature, 64)));
    assert_false(eid_key_verify(&a.pub, eid_slice_text("messagf"), eid_slice_of(signature, 64)));
    assert_false(eid_key_verify(&a.pub, message, eid_slice_of(signature, 63)));
    assert_false(eid_key_verify(&a.pub, message, EID_SLICE_EMPTY));
    for (size_t i = 0; i < 64; i++) {
        signature[i] ^= 1;
        assert_false(eid_key_verify(&a.pub, message, eid_slice_of(signature, 64)));
        signature[i] ^= 1;
    }
}

static void test_key_sign__takes_an_empty_message(void **state)
{
    uint8_t signature[64];
    eid_key key;

    eid_key_generate(eid_random_system(), &key);
    eid_key_sign(&key, EID_SLICE_EMPTY, signature);
    assert_true(eid_key_verify(&key.pub, EID_SLICE_EMPTY, eid_slice_of(signature, 64)));
}

static void test_key_parse__gives_back_what_was_printed(void **state)
{
    char text[EID_KEY_TEXT_MAX];
    eid_key key, again;
    eid_pubkey pub;

    eid_key_generate(eid_random_system(), &key);
    assert_int_equal(eid_pubkey_parse(eid_slice_text(eid_pubkey_text(&key.pub, text)), &pub), 0);
    assert_true(eid_pubkey_equal(&pub, &key.pub));
    assert_int_equal(eid_key_parse_secret(eid_slice_text(eid_key_secret_text(&key, text)), &again),
                     0);
    assert_memory_equal(&again, &key, sizeof key);
}

static void test_key_parse__never_quotes_a_secret(void **state)
{
    static const char *const texts[] = {"ed25519:c2VjcmV0c2VjcmV0", "ed25519:!!secret!!"};
    eid_key key;

    for (size_t i = 0; i < 2; i++) {
        eid_status status = eid_key_parse_secret(eid_slice_text(texts[i]), &key);

        assert_int_equal(status, EID_E_MALFORMED);
        assert_int_equal(eid_status_detail(status).kind, EID_KIND_AUTH_KEY_FORMAT);
        assert_null(strstr(eid_status_detail(status).text, "ecret"));
        assert_null(strstr(eid_status_detail(status).text, "c2Vj"));
    }
}

static void test_key_verify_entry__covers_all_but_the_signature(void **state)
{
    eid_key key, other;
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;
    eid_sigkey sigkey = {.hint = {.has_pubkey = true}};
    char text[EID_KEY_TEXT_MAX];

    eid_key_generate(eid_random_system(), &key);
    eid_key_generate(eid_random_system(), &other);
    memcpy(sigkey.hint.pubkey, key.pub.bytes, 32);
    sigkey.hint.pubkey_text = eid_slice_text(eid_pubkey_text(&key.pub, text));
    assert_int_equal(eid_builder_new(NULL, &builder), 0);
    assert_int_equal(eid_builder_set_data(builder, eid_slice_text("_root"), eid_slice_text("\"\"")),
                     0);
    assert_int_equal(eid_builder_set_sigkey(builder, &sigkey), 0);
    assert_int_equal(eid_builder_seal(builder, eid_key_sign_fn, &key, &entry), 0);
    assert_true(eid_key_verify_entry(&key.pub, entry));
    assert_false(eid_key_verify_entry(&other.pub, entry));
    eid_entry_free(entry);
    eid_builder_free(builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_sign__gives_the_bytes_of_the_specification),
        cmocka_unit_test(test_key_verify__refuses_another_message_key_or_length),
        cmocka_unit_test(test_key_sign__takes_an_empty_message),
        cmocka_unit_test(test_key_parse__gives_back_what_was_printed),
        cmocka_unit_test(test_key_parse__never_quotes_a_secret),
        cmocka_unit_test(test_key_verify_entry__covers_all_but_the_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
