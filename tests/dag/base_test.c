/* Base encodings: what is written is read, and nothing that is not canonical is. */
#include "dag/base.h"

#include "dag/random.h"
#include "tests/dag/examples.h"

typedef void (*encode_fn)(eid_slice bytes, eid_buf *out);
typedef bool (*decode_fn)(eid_slice text, eid_buf *out);

static void base64_encode(eid_slice bytes, eid_buf *out)
{
    eid_base64_encode(bytes, true, out);
}

static bool base64_decode(eid_slice text, eid_buf *out)
{
    return eid_base64_decode(text, true, out);
}

static bool base64_bare_decode(eid_slice text, eid_buf *out)
{
    return eid_base64_decode(text, false, out);
}

static const struct codec {
    encode_fn encode;
    decode_fn decode;
} codecs[] = {{eid_base32_encode, eid_base32_decode},
              {base64_encode, base64_decode},
              {eid_hex_encode, eid_hex_decode},
              {eid_base58_encode, eid_base58_decode}};

static bool is_decoded(decode_fn decode, const char *text)
{
    eid_buf out;
    bool is_good;

    eid_buf_init(&out, 1000);
    is_good = decode(eid_slice_text(text), &out);
    eid_buf_fini(&out);
    return is_good;
}

static void test_base__reads_what_it_writes(void **state)
{
    eid_random_seeded seeded = {1};
    eid_random random = eid_random_of_seeded(&seeded);

    for (size_t round = 0; round < 400; round++) {
        const struct codec *codec = &codecs[round % 4];
        uint8_t bytes[70] = {0};
        size_t len = eid_random_below(&seeded, sizeof bytes);
        eid_buf text, back;

        random.fill(random.self, bytes + round % 3, sizeof bytes - round % 3);
        eid_buf_init(&text, 1000);
        eid_buf_init(&back, 1000);
        codec->encode(eid_slice_of(bytes, len), &text);
        assert_true(codec->decode(eid_buf_slice(&text), &back));
        assert_int_equal(back.len, len);
        if (len > 0) assert_memory_equal(back.at, bytes, len);
        eid_buf_fini(&text);
        eid_buf_fini(&back);
    }
}

static void test_base__writes_the_vectors_of_rfc_4648(void **state)
{
    static const struct {
        const char *bytes, *base32, *base64;
    } rows[] = {{"", "", ""},
                {"f", "my", "Zg=="},
                {"fo", "mzxq", "Zm8="},
                {"foo", "mzxw6", "Zm9v"},
                {"foob", "mzxw6yq", "Zm9vYg=="},
                {"fooba", "mzxw6ytb", "Zm9vYmE="},
                {"foobar", "mzxw6ytboi", "Zm9vYmFy"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        eid_buf out;

        eid_buf_init(&out, 100);
        eid_base32_encode(eid_slice_text(rows[i].bytes), &out);
        eid_buf_append_byte(&out, '|');
        eid_base64_encode(eid_slice_text(rows[i].bytes), true, &out);
        eid_buf_append_byte(&out, 0);
        assert_memory_equal(out.at, rows[i].base32, strlen(rows[i].base32));
        assert_string_equal(strchr((char *)out.at, '|') + 1, rows[i].base64);
        eid_buf_fini(&out);
    }
}

static void test_base__refuses_what_is_not_canonical(void **state)
{
    static const char *const base64_bad[] = {"Zg", "Zg=",  "Zg===",    "Zh==", "Z===",   "====",
                                             "A",  "Zm9=", "Zg==Zg==", "Zm 9", "Zm9v\n", "-_v7"};
    static const char *const base32_bad[] = {
        "m", "mz1q", "mzxr", "my======", "mzx", "m y", "mzxw6y"};
    static const char *const bare_bad[] = {"Zg==", "Zh", "A"};

    for (size_t i = 0; i < sizeof base64_bad / sizeof base64_bad[0]; i++) {
        if (is_decoded(base64_decode, base64_bad[i])) fail_msg("base64 took %s", base64_bad[i]);
    }
    for (size_t i = 0; i < sizeof base32_bad / sizeof base32_bad[0]; i++) {
        if (is_decoded(eid_base32_decode, base32_bad[i])) fail_msg("base32 took %s", base32_bad[i]);
    }
    for (size_t i = 0; i < sizeof bare_bad / sizeof bare_bad[0]; i++) {
        if (is_decoded(base64_bare_decode, bare_bad[i])) fail_msg("base64 took %s", bare_bad[i]);
    }
    assert_true(is_decoded(base64_bare_decode, "Zg"));
    assert_true(is_decoded(eid_base32_decode, "MZXW6"));
    assert_false(is_decoded(eid_hex_decode, "abc"));
    assert_true(is_decoded(eid_hex_decode, "aBcD"));
    assert_false(is_decoded(eid_base58_decode, "0"));
}

static void test_base64_decode_exact__wants_the_exact_size(void **state)
{
    uint8_t out[3];

    assert_true(eid_base64_decode_exact(eid_slice_text("Zm8="), out, 2));
    assert_memory_equal(out, "fo", 2);
    assert_false(eid_base64_decode_exact(eid_slice_text("Zm8="), out, 1));
    assert_false(eid_base64_decode_exact(eid_slice_text("Zm8="), out, 3));
    assert_false(eid_base64_decode_exact(eid_slice_text("Zm9v"), out, 2));
    assert_false(eid_base64_decode_exact(eid_slice_text("Zm9="), out, 2));
}

static void test_base58__keeps_leading_zeros(void **state)
{
    eid_buf bytes = bytes_of_hex("0000287fb4cd");
    eid_buf text;

    eid_buf_init(&text, 100);
    eid_base58_encode(eid_buf_slice(&bytes), &text);
    eid_buf_append_byte(&text, 0);
    assert_string_equal(text.at, "11233QC4");
    eid_buf_fini(&text);
    eid_buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base__reads_what_it_writes),
        cmocka_unit_test(test_base__writes_the_vectors_of_rfc_4648),
        cmocka_unit_test(test_base__refuses_what_is_not_canonical),
        cmocka_unit_test(test_base64_decode_exact__wants_the_exact_size),
        cmocka_unit_test(test_base58__keeps_leading_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
