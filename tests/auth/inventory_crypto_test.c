/* The reference's tests of keys, signatures and challenges (crates/lib/src/auth/crypto.rs), by
 * their names. */
#include "auth/challenge.h"
#include "tests/auth/history.h"

static eid_slice text_of(const char *text)
{
    return eid_slice_text(text);
}

static eid_key fresh_key(void)
{
    eid_key key;

    eid_key_generate(eid_random_system(), &key);
    return key;
}

static bool signs(const eid_key *key, const char *message, const char *asked)
{
    uint8_t signature[EID_SIGNATURE_BYTES];

    eid_key_sign(key, text_of(message), signature);
    return eid_key_verify(&key->pub, text_of(asked), eid_slice_of(signature, sizeof signature));
}

static void test_keypair_generation(void **state)
{
    eid_key one = fresh_key(), two = fresh_key();

    (void)state;
    assert_true(signs(&one, "a", "a"));
    assert_true(signs(&two, "a", "a"));
    assert_false(eid_pubkey_equal(&one.pub, &two.pub));
}

static void test_key_formatting(void **state)
{
    eid_key key = fresh_key();
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey back;

    (void)state;
    assert_int_equal(strncmp(eid_pubkey_text(&key.pub, text), "ed25519:", 8), 0);
    history_ok(eid_pubkey_parse(text_of(text), &back));
    assert_true(eid_pubkey_equal(&key.pub, &back));
}

static void test_entry_signing(void **state)
{
    history_plan plan = {.pin = HISTORY_PIN_EMPTY, .data = "{\"children\":{}}", .signer = 1};
    eid_entry *entry = history_make(&plan);
    eid_key right = history_key(1), wrong = history_key(2);

    (void)state;
    assert_true(eid_key_verify_entry(&right.pub, entry));
    assert_false(eid_key_verify_entry(&wrong.pub, entry));
    eid_entry_free(entry);
}

static void test_challenge_generation(void **state)
{
    uint8_t one[EID_CHALLENGE_BYTES], two[EID_CHALLENGE_BYTES];

    (void)state;
    assert_int_equal(EID_CHALLENGE_BYTES, 32);
    eid_challenge_new(eid_random_system(), one);
    eid_challenge_new(eid_random_system(), two);
    assert_memory_not_equal(one, two, sizeof one);
}

static void test_challenge_response(void **state)
{
    uint8_t challenge[EID_CHALLENGE_BYTES], signature[EID_SIGNATURE_BYTES];
    eid_slice asked = eid_slice_of(challenge, sizeof challenge);
    eid_slice answer = eid_slice_of(signature, sizeof signature);
    eid_key key = fresh_key(), other = fresh_key();

    (void)state;
    memset(challenge, 0x42, sizeof challenge);
    history_ok(eid_challenge_answer(&key, asked, signature));
    assert_true(eid_challenge_check(&key.pub, asked, answer));
    assert_false(eid_challenge_check(&other.pub, asked, answer));
    challenge[0] ^= 1;
    assert_false(eid_challenge_check(&key.pub, asked, answer));
}

/* Spec 05 §7.5 row 4. */
static void test_challenge__that_could_be_an_entry_is_not_signed(void **state)
{
    uint8_t map[EID_CHALLENGE_BYTES] = {0xa1, 0x60, 0x78, 28}, signature[EID_SIGNATURE_BYTES];
    eid_key key = fresh_key();

    (void)state;
    memset(map + 4, 'x', sizeof map - 4);
    assert_int_equal(eid_challenge_answer(&key, eid_slice_of(map, sizeof map), signature),
                     eid_kind_status(EID_KIND_AUTH_CHALLENGE));
    assert_int_equal(eid_challenge_answer(&key, eid_slice_of(map, 31), signature),
                     eid_kind_status(EID_KIND_AUTH_CHALLENGE));
    map[31] = 0xff; /* no UTF-8: no map either */
    history_ok(eid_challenge_answer(&key, eid_slice_of(map, sizeof map), signature));
}

static void test_private_key_generate_and_sign(void **state)
{
    eid_key key = fresh_key();

    (void)state;
    assert_true(signs(&key, "message", "message"));
    assert_false(signs(&key, "message", "another"));
}

static void test_private_key_sign_and_verify_roundtrip(void **state)
{
    eid_key key = history_key(3);

    (void)state;
    assert_true(signs(&key, "test data", "test data"));
    assert_false(signs(&key, "test data", "test datA"));
}

static void test_public_key_prefixed_string_roundtrip(void **state)
{
    eid_key key = history_key(4);
    char text[EID_KEY_TEXT_MAX], again[EID_KEY_TEXT_MAX];
    eid_pubkey back;

    (void)state;
    history_ok(eid_pubkey_parse(text_of(eid_pubkey_text(&key.pub, text)), &back));
    assert_string_equal(eid_pubkey_text(&back, again), text);
}

static void test_private_key_prefixed_string_roundtrip(void **state)
{
    eid_key key = history_key(4), back;
    char text[EID_KEY_TEXT_MAX];

    (void)state;
    history_ok(eid_key_parse_secret(text_of(eid_key_secret_text(&key, text)), &back));
    assert_memory_equal(key.seed, back.seed, EID_KEY_BYTES);
    assert_true(eid_pubkey_equal(&key.pub, &back.pub));
}

/* No prefix, another algorithm, bad base64, wrong lengths. */
static const char *const bad_texts[] = {
    "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    "rsa:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    "ED25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    "ed25519:not base64!",
    "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
    "ed25519:AAAA",
    "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbgA6EH=",
    "ed25519:",
    "",
};

static void test_public_key_from_prefixed_string_invalid(void **state)
{
    eid_pubkey key;

    (void)state;
    for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
        assert_int_equal(eid_pubkey_parse(text_of(bad_texts[i]), &key),
                         eid_kind_status(EID_KIND_AUTH_KEY_FORMAT));
    }
}

static void test_private_key_from_prefixed_string_invalid(void **state)
{
    eid_key key;

    (void)state;
    for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
        assert_int_equal(eid_key_parse_secret(text_of(bad_texts[i]), &key),
                         eid_kind_status(EID_KIND_AUTH_KEY_FORMAT));
    }
}

static void test_private_key_algorithm(void **state)
{
    eid_key key = history_key(5);
    char text[EID_KEY_TEXT_MAX];

    (void)state;
    assert_int_equal(strncmp(eid_key_secret_text(&key, text), "ed25519:", 8), 0);
}

static void test_private_key_bytes_roundtrip(void **state)
{
    eid_key key = fresh_key(), back;

    (void)state;
    eid_key_from_seed(key.seed, &back);
    assert_true(eid_pubkey_equal(&key.pub, &back.pub));
    assert_memory_equal(key.expanded, back.expanded, sizeof key.expanded);
}

/* Another length cannot be given to eid_key_from_seed(); the text is where it would come from. */
static void test_private_key_from_bytes_invalid(void **state)
{
    eid_key key;

    (void)state;
    assert_int_equal(eid_key_parse_secret(text_of("ed25519:AAECAwQFBgcICQoLDA0ODw=="), &key),
                     eid_kind_status(EID_KIND_AUTH_KEY_FORMAT));
    assert_int_equal(
        eid_key_parse_secret(text_of("x25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), &key),
        eid_kind_status(EID_KIND_AUTH_KEY_FORMAT));
}

/* As JSON a key is its text and nothing else. */
static void check_json(const char *text)
{
    eid_json_writer writer;
    eid_json reader;
    eid_buf json;

    eid_buf_init(&json, 256);
    eid_json_writer_init(&writer, &json);
    eid_json_text(&writer, text);
    eid_json_init(&reader, eid_buf_slice(&json));
    assert_int_equal(eid_json_next(&reader), EID_JSON_STRING);
    assert_true(eid_slice_is(reader.text, text));
    history_ok(eid_json_finish(&reader));
    eid_json_fini(&reader);
    eid_buf_fini(&json);
}

static void test_private_key_serde_roundtrip(void **state)
{
    eid_key key = history_key(6), back;
    char text[EID_KEY_TEXT_MAX];

    (void)state;
    check_json(eid_key_secret_text(&key, text));
    history_ok(eid_key_parse_secret(text_of(text), &back));
    assert_memory_equal(back.seed, key.seed, EID_KEY_BYTES);
}

static void test_public_key_serde_roundtrip(void **state)
{
    eid_key key = history_key(6);
    char text[EID_KEY_TEXT_MAX];
    eid_pubkey back;

    (void)state;
    check_json(eid_pubkey_text(&key.pub, text));
    history_ok(eid_pubkey_parse(text_of(text), &back));
    assert_true(eid_pubkey_equal(&back, &key.pub));
}

/* Here no function prints a key but the one that is asked for the secret's text; a failure to read
 * one does not quote it. */
static void test_private_key_debug_redacted(void **state)
{
    static const char secret[] = "ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    eid_key key;
    eid_status status = eid_key_parse_secret(text_of(secret), &key);

    (void)state;
    assert_int_not_equal(status, EID_OK);
    assert_null(strstr(eid_status_detail(status).text, "AAECAwQF"));
}

static void test_public_key_display(void **state)
{
    uint8_t seed[EID_KEY_BYTES];
    char text[EID_KEY_TEXT_MAX];
    eid_key key;

    (void)state;
    for (uint8_t i = 0; i < EID_KEY_BYTES; i++) seed[i] = i;
    eid_key_from_seed(seed, &key);
    assert_string_equal(eid_pubkey_text(&key.pub, text),
                        "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
}

static void test_public_key_display_matches_prefixed_string(void **state)
{
    eid_key key = history_key(7);
    char text[EID_KEY_TEXT_MAX];
    eid_sigkey_owned hint;

    (void)state;
    history_ok(eid_sigkey_of_pubkey(&key.pub, &hint));
    assert_true(eid_slice_is(eid_sigkey_display(&hint.key), eid_pubkey_text(&key.pub, text)));
    eid_sigkey_owned_fini(&hint);
}

static void test_public_key_verify_malformed_signature(void **state)
{
    static const uint8_t zeros[EID_SIGNATURE_BYTES];
    eid_key key = history_key(8);

    (void)state;
    assert_false(eid_key_verify(&key.pub, text_of("m"), eid_slice_of(zeros, 10)));
    assert_false(eid_key_verify(&key.pub, text_of("m"), eid_slice_of(zeros, 63)));
    assert_false(eid_key_verify(&key.pub, text_of("m"), eid_slice_of(zeros, 64)));
    assert_false(eid_key_verify(&key.pub, text_of("m"), EID_SLICE_EMPTY));
}

/* Keys are looked up by their text, which is one for each key. */
static void test_public_key_hash(void **state)
{
    eid_key one = history_key(1), same = history_key(1), two = history_key(2);
    char a[EID_KEY_TEXT_MAX], b[EID_KEY_TEXT_MAX];

    (void)state;
    assert_true(eid_pubkey_equal(&one.pub, &same.pub));
    assert_string_equal(eid_pubkey_text(&one.pub, a), eid_pubkey_text(&same.pub, b));
    assert_string_not_equal(a, eid_pubkey_text(&two.pub, b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keypair_generation),
        cmocka_unit_test(test_key_formatting),
        cmocka_unit_test(test_entry_signing),
        cmocka_unit_test(test_challenge_generation),
        cmocka_unit_test(test_challenge_response),
        cmocka_unit_test(test_challenge__that_could_be_an_entry_is_not_signed),
        cmocka_unit_test(test_private_key_generate_and_sign),
        cmocka_unit_test(test_private_key_sign_and_verify_roundtrip),
        cmocka_unit_test(test_public_key_prefixed_string_roundtrip),
        cmocka_unit_test(test_private_key_prefixed_string_roundtrip),
        cmocka_unit_test(test_public_key_from_prefixed_string_invalid),
        cmocka_unit_test(test_private_key_from_prefixed_string_invalid),
        cmocka_unit_test(test_private_key_algorithm),
        cmocka_unit_test(test_private_key_bytes_roundtrip),
        cmocka_unit_test(test_private_key_from_bytes_invalid),
        cmocka_unit_test(test_private_key_serde_roundtrip),
        cmocka_unit_test(test_public_key_serde_roundtrip),
        cmocka_unit_test(test_private_key_debug_redacted),
        cmocka_unit_test(test_public_key_display),
        cmocka_unit_test(test_public_key_display_matches_prefixed_string),
        cmocka_unit_test(test_public_key_verify_malformed_signature),
        cmocka_unit_test(test_public_key_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
