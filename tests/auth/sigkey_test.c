#include "auth/sigkey.h"

#include "dag/alloc.h"
#include "dag/assert.h"
#include "tests/support/test.h"

static eid_key key_of(uint8_t byte)
{
    uint8_t seed[EID_KEY_BYTES];
    eid_key key;

    memset(seed, byte, sizeof seed);
    eid_key_from_seed(seed, &key);
    return key;
}

static char *printed(const eid_sigkey *key)
{
    eid_json_writer writer;
    eid_buf json;
    char *text;

    eid_buf_init(&json, 65536);
    eid_json_writer_init(&writer, &json);
    eid_sigkey_write_json(key, &writer);
    text = eid_buf_take_text(&json);
    assert_non_null(text);
    eid_buf_fini(&json);
    return text;
}

static void assert_round_trip(const eid_sigkey *key)
{
    char *text = printed(key), *again;
    eid_sigkey_owned read;

    assert_int_equal(eid_sigkey_read_json(eid_slice_text(text), &read), EID_OK);
    assert_true(eid_sigkey_equal(key, &read.key));
    again = printed(&read.key);
    assert_string_equal(again, text);
    eid_free(again);
    eid_free(text);
    eid_sigkey_owned_fini(&read);
}

static void test_sigkey__is_printed_and_read_back(void **state)
{
    eid_key key = key_of(1);
    eid_sigkey_owned owned;
    eid_sigkey empty = {.is_delegation = false};

    assert_int_equal(eid_sigkey_of_pubkey(&key.pub, &owned), EID_OK);
    assert_round_trip(&owned.key);
    eid_sigkey_owned_fini(&owned);
    assert_int_equal(eid_sigkey_of_global(&key.pub, &owned), EID_OK);
    assert_true(eid_slice_is(eid_sigkey_display(&owned.key), "*"));
    assert_round_trip(&owned.key);
    eid_sigkey_owned_fini(&owned);
    assert_int_equal(eid_sigkey_of_name(eid_slice_text("a \"name\""), &owned), EID_OK);
    assert_true(eid_slice_is(eid_sigkey_display(&owned.key), "a \"name\""));
    assert_round_trip(&owned.key);
    eid_sigkey_owned_fini(&owned);
    assert_true(eid_slice_is(eid_sigkey_display(&empty), "unknown"));
    assert_round_trip(&empty);
}

static void test_sigkey__keeps_the_order_of_a_path_and_its_tips(void **state)
{
    eid_key key = key_of(2);
    eid_id ids[3];
    eid_delegation_step path[2];
    eid_sigkey_owned owned, copy;

    for (size_t i = 0; i < 3; i++) ids[i] = eid_id_of_entry(eid_slice_of(&i, 1));
    path[0] = (eid_delegation_step){ids[0], {ids, 3}};
    path[1] = (eid_delegation_step){ids[2], {NULL, 0}};
    assert_int_equal(eid_sigkey_of_pubkey(&key.pub, &owned), EID_OK);
    owned.key.is_delegation = true;
    owned.key.path = path;
    owned.key.path_count = 2;
    assert_int_equal(eid_sigkey_copy(&owned.key, &copy), EID_OK);
    assert_true(eid_sigkey_equal(&owned.key, &copy.key));
    assert_round_trip(&copy.key);
    eid_sigkey_owned_fini(&owned);
    assert_true(eid_id_equal(&copy.key.path[0].tips.at[2], &ids[2]));
    eid_sigkey_owned_fini(&copy);
}

static void test_sigkey_read_json__refuses_what_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "[]",
        "{}",
        "\"Direct\"",
        "{\"Direct\":null}",
        "{\"Direct\":{}}",
        "{\"Direct\":{\"hint\":{}},\"Direct\":{\"hint\":{}}}",
        "{\"Direct\":{\"hint\":{},\"hint\":{}}}",
        "{\"Direct\":{\"hint\":{\"name\":1}}}",
        "{\"Direct\":{\"hint\":{\"name\":\"a\",\"name\":\"b\"}}}",
        "{\"Direct\":{\"hint\":{\"pubkey\":\"x\"}}}",
        "{\"Delegation\":{\"hint\":{}}}",
        "{\"Delegation\":{\"hint\":{},\"path\":{}}}",
        "{\"Delegation\":{\"hint\":{},\"path\":[{\"tree\":\"zz\",\"tips\":[]}]}}",
        "{\"Delegation\":{\"hint\":{},\"path\":[{\"tree\":\"\",\"tips\":[1]}]}}",
        "{\"Direct\":{\"hint\":{}}} x",
        "{\"Direct\":{\"hint\":{}}",
    };

    for (size_t i = 0; i < EID_COUNT(texts); i++) {
        eid_sigkey_owned read;

        if (eid_sigkey_read_json(eid_slice_text(texts[i]), &read) == EID_OK) {
            fail_msg("accepted: %s", texts[i]);
        }
    }
}

static void test_sigkey_read_json__survives_every_failing_allocation(void **state)
{
    eid_slice json = eid_slice_text("{\"Delegation\":{\"path\":[{\"tree\":\"\",\"tips\":[\"\"]}],"
                                    "\"hint\":{\"name\":\"n\"}}}");
    eid_status status = EID_E_NO_MEMORY;

    for (uint64_t n = 1; status != EID_OK; n++) {
        eid_sigkey_owned read = {.memory = NULL};

        assert_true(n < 1000);
        (void)eid_alloc_fail_at(n, false);
        status = eid_sigkey_read_json(json, &read);
        (void)eid_alloc_fail_at(0, false);
        assert_true(status == EID_OK || status == EID_E_NO_MEMORY);
        if (status == EID_OK) eid_sigkey_owned_fini(&read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigkey__is_printed_and_read_back),
        cmocka_unit_test(test_sigkey__keeps_the_order_of_a_path_and_its_tips),
        cmocka_unit_test(test_sigkey_read_json__refuses_what_is_none),
        cmocka_unit_test(test_sigkey_read_json__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
