/* The pin of a commit: read leniently in nothing, never an error (spec 01 §5). */
#include "dag/builder.h"
#include "dag/entry.h"
#include "tests/dag/examples.h"

#define TIP "bafyr4iegcu4p4w4knkxaymfxjoks5qtn4q5qmn6dktyqrj7bbs4w2u3mqm"
#define TIP2 "bafkr4iad5vsfvw5w5epk77mli2bqlrkcwavtagaeqelby6cmqn6auegbnu"

/* The pin of an entry with this metadata; NULL = none. */
static eid_pin pin_of(const char *metadata)
{
    eid_builder *builder;
    eid_entry *entry;
    eid_pin pin;

    assert_int_equal(eid_builder_new(NULL, &builder), EID_OK);
    assert_int_equal(eid_builder_touch(builder, eid_slice_text(EID_STORE_ROOT)), EID_OK);
    if (metadata) {
        assert_int_equal(eid_builder_set_metadata(builder, eid_slice_text(metadata)), EID_OK);
    }
    assert_int_equal(eid_builder_seal(builder, NULL, NULL, &entry), EID_OK);
    assert_int_equal(eid_entry_pin(entry, &pin), EID_OK);
    eid_entry_free(entry);
    eid_builder_free(builder);
    return pin;
}

static void test_entry_pin__reads_commit_metadata(void **state)
{
    eid_pin pin = pin_of("{\"settings_tips\":[\"" TIP "\",\"" TIP2 "\",\"" TIP
                         "\"],\"entropy\":18446744073709551615}");

    assert_true(pin.present && pin.valid && pin.has_entropy);
    assert_true(pin.entropy == UINT64_MAX);
    assert_int_equal(pin.tips.count, 2);
    assert_string_equal(eid_id_str(&pin.tips.at[0]), TIP2);
    eid_pin_fini(&pin);
    pin = pin_of("{\"x\":[{}],\"settings_tips\":[]}");
    assert_true(pin.valid && !pin.has_entropy);
    eid_pin_fini(&pin);
}

static void test_entry_pin__is_not_valid_for_anything_else(void **state)
{
    static const char *const bad[] = {"",
                                      "{}",
                                      "{\"entropy\":42}",
                                      "null",
                                      "{\"settings_tips\":null}",
                                      "{\"settings_tips\":[1]}",
                                      "{\"settings_tips\":[\"abc\"]}",
                                      "{\"settings_tips\":[],\"settings_tips\":[]}",
                                      "{\"settings_tips\":[],\"entropy\":-1}",
                                      "{\"settings_tips\":[],\"entropy\":1.0}",
                                      "{\"settings_tips\":[]}x",
                                      "{\"settings_tips\":[],\"entropy\":18446744073709551616}",
                                      "{\"settings_tips\":[],\"entropy\":\"1\"}",
                                      "{\"settings_tips\":[\"" TIP "\""};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        eid_pin pin = pin_of(bad[i]);

        assert_true(pin.present);
        if (pin.valid) fail_msg("valid: %s", bad[i]);
        assert_int_equal(pin.tips.count, 0);
        eid_pin_fini(&pin);
    }
}

static void test_entry_pin__may_be_absent(void **state)
{
    eid_pin pin = pin_of(NULL);

    assert_false(pin.present);
    assert_false(pin.valid);
    eid_pin_fini(&pin);
}

static void test_pin_write__writes_what_a_commit_writes(void **state)
{
    uint64_t entropy = 7;
    eid_id tip;
    eid_buf out;

    eid_buf_init(&out, 1000);
    assert_int_equal(eid_id_parse(eid_slice_text(TIP), &tip), EID_OK);
    eid_pin_write((eid_ids){NULL, 0}, &entropy, &out);
    eid_pin_write((eid_ids){&tip, 1}, NULL, &out);
    eid_buf_append_byte(&out, 0);
    assert_string_equal(out.at, "{\"settings_tips\":[],\"entropy\":7}"
                                "{\"settings_tips\":[\"" TIP "\"],\"entropy\":null}");
    eid_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_pin__reads_commit_metadata),
        cmocka_unit_test(test_entry_pin__is_not_valid_for_anything_else),
        cmocka_unit_test(test_entry_pin__may_be_absent),
        cmocka_unit_test(test_pin_write__writes_what_a_commit_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
