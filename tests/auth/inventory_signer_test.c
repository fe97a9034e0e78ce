/* The reference's tests of signers (crates/lib/src/auth/types/tests.rs: SigKey, KeyHint, SigInfo),
 * by their names. A SigInfo is the `sig` of an entry here. */
#include "tests/auth/history.h"

static eid_id id_number(uint8_t number)
{
    return eid_id_of_entry(eid_slice_of(&number, 1));
}

/* -- signers ----------------------------------------------------------------------------------- */

static char *sigkey_json(const eid_sigkey *key)
{
    eid_json_writer writer;
    eid_buf json;
    char *text;

    eid_buf_init(&json, 65536);
    eid_json_writer_init(&writer, &json);
    eid_sigkey_write_json(key, &writer);
    text = eid_buf_take_text(&json);
    assert_non_null(text);
    return text;
}

static void check_sigkey(const eid_sigkey *key, const char *wanted)
{
    char *text = sigkey_json(key);
    eid_sigkey_owned back;

    if (wanted) assert_string_equal(text, wanted);
    history_ok(eid_sigkey_read_json(eid_slice_text(text), &back));
    assert_true(eid_sigkey_equal(key, &back.key));
    eid_sigkey_owned_fini(&back);
    eid_free(text);
}

static eid_sigkey named(const char *name)
{
    return (eid_sigkey){.hint = {.has_name = true, .name = eid_slice_text(name)}};
}

static void test_sig_key_direct_format(void **state)
{
    eid_sigkey key = named("laptop");

    (void)state;
    check_sigkey(&key, "{\"Direct\":{\"hint\":{\"name\":\"laptop\"}}}");
}

static void test_sig_key_delegation_format(void **state)
{
    eid_id tips[2] = {id_number(1), id_number(2)};
    eid_delegation_step step = {id_number(9), {tips, 2}};
    eid_sigkey key = named("laptop");
    char *text;

    (void)state;
    key.is_delegation = true;
    key.path = &step;
    key.path_count = 1;
    text = sigkey_json(&key);
    assert_int_equal(strncmp(text, "{\"Delegation\":{\"path\":[{\"tree\":\"", 31), 0);
    assert_non_null(strstr(text, "\"tips\":[\""));
    assert_non_null(strstr(text, "\"hint\":{\"name\":\"laptop\"}}}"));
    eid_free(text);
}

static void check_path(size_t steps, size_t tips)
{
    eid_id ids[4];
    eid_delegation_step path[3];
    eid_sigkey key = named("laptop");

    for (uint8_t i = 0; i < 4; i++) ids[i] = id_number(i);
    for (size_t i = 0; i < steps; i++) path[i] = (eid_delegation_step){ids[i], {ids, tips}};
    key.is_delegation = true;
    key.path = steps > 0 ? path : NULL;
    key.path_count = steps;
    check_sigkey(&key, NULL);
}

static void test_sig_key_delegation_roundtrip(void **state)
{
    (void)state;
    check_path(2, 2);
}

static void test_delegation_sig_key(void **state)
{
    (void)state;
    check_path(1, 1);
}

static void test_delegation_step_serialization(void **state)
{
    (void)state;
    check_path(3, 0);
    check_path(3, 4);
}

static void test_sig_key_nested_value_roundtrip(void **state)
{
    eid_key pubkey = history_key(1);
    eid_sigkey_owned key;

    (void)state;
    history_ok(eid_sigkey_of_pubkey(&pubkey.pub, &key));
    check_sigkey(&key.key, NULL);
    eid_sigkey_owned_fini(&key);
    check_path(1, 3);
}

static void test_key_hint_types(void **state)
{
    eid_key pubkey = history_key(1);
    eid_sigkey_owned plain, global;
    eid_sigkey name = named("laptop"), none = {.is_delegation = false};

    (void)state;
    history_ok(eid_sigkey_of_pubkey(&pubkey.pub, &plain));
    history_ok(eid_sigkey_of_global(&pubkey.pub, &global));
    assert_string_equal(eid_hint_type(&plain.key.hint), "pubkey");
    assert_string_equal(eid_hint_type(&global.key.hint), "global");
    assert_string_equal(eid_hint_type(&name.hint), "name");
    assert_string_equal(eid_hint_type(&none.hint), "none");
    assert_true(eid_hint_is_set(&plain.key.hint));
    assert_true(eid_hint_is_set(&global.key.hint));
    assert_true(eid_hint_is_set(&name.hint));
    assert_false(eid_hint_is_set(&none.hint));
    eid_sigkey_owned_fini(&plain);
    eid_sigkey_owned_fini(&global);
}

static void test_sig_key_hint_access(void **state)
{
    eid_sigkey direct = named("laptop"), delegated = named("laptop");

    (void)state;
    delegated.is_delegation = true;
    assert_true(direct.hint.has_name && delegated.hint.has_name);
    assert_false(direct.hint.has_pubkey || delegated.hint.has_pubkey);
    assert_true(eid_slice_is(eid_sigkey_display(&delegated), "laptop"));
}

static void test_sig_key_is_global(void **state)
{
    eid_key pubkey = history_key(1);
    eid_sigkey_owned plain, global;

    (void)state;
    history_ok(eid_sigkey_of_pubkey(&pubkey.pub, &plain));
    history_ok(eid_sigkey_of_global(&pubkey.pub, &global));
    assert_false(plain.key.hint.is_global);
    assert_true(global.key.hint.is_global);
    assert_true(eid_slice_is(eid_sigkey_display(&global.key), "*"));
    eid_sigkey_owned_fini(&plain);
    eid_sigkey_owned_fini(&global);
}

/* -- SigInfo: the `sig` of an entry ------------------------------------------------------------ */

static eid_entry *entry_with(const eid_sigkey *key, const char *signature)
{
    eid_id root = id_number(7);
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;

    history_ok(eid_builder_new(&root, &builder));
    history_ok(eid_builder_add_parent(builder, &root));
    eid_builder_set_height(builder, 1);
    if (key) history_ok(eid_builder_set_sigkey(builder, key));
    if (signature) history_ok(eid_builder_set_signature(builder, eid_slice_text(signature)));
    history_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    eid_builder_free(builder);
    return entry;
}

/* The JSON of an entry must hold this, and be read back as the same entry. */
static void check_info(const eid_sigkey *key, const char *signature, const char *wanted)
{
    eid_entry *entry = entry_with(key, signature), *back = NULL;
    eid_buf json;
    char *text;

    eid_buf_init(&json, 65536);
    history_ok(eid_entry_to_json(entry, &json));
    history_ok(eid_entry_from_json(eid_buf_slice(&json), &back));
    assert_true(eid_id_equal(eid_entry_id(entry), eid_entry_id(back)));
    text = eid_buf_take_text(&json);
    if (!strstr(text, wanted)) fail_msg("%s is not in %s", wanted, text);
    eid_free(text);
    eid_entry_free(back);
    eid_entry_free(entry);
}

static void test_sig_info_serialization(void **state)
{
    eid_sigkey key = named("laptop");

    (void)state;
    check_info(&key, "abc",
               "\"sig\":{\"sig\":\"abc\",\"key\":{\"Direct\":{\"hint\":{\"name\":\"laptop\"}}}}");
}

static void test_sig_info_nested_value_roundtrip(void **state)
{
    eid_sigkey key = named("laptop");

    (void)state;
    check_info(&key, NULL, "\"sig\":{\"key\":{\"Direct\":{\"hint\":{\"name\":\"laptop\"}}}}");
}

static void test_sig_info_with_global_serialization(void **state)
{
    eid_key pubkey = history_key(1);
    eid_sigkey_owned global;

    (void)state;
    history_ok(eid_sigkey_of_global(&pubkey.pub, &global));
    check_info(&global.key, "abc", "\"is_global\":true}}}}");
    eid_sigkey_owned_fini(&global);
}

static void test_sig_info_default(void **state)
{
    (void)state;
    check_info(NULL, NULL, "\"sig\":{\"key\":{\"Direct\":{\"hint\":{}}}}");
}

static void test_sig_info_builder_basic(void **state)
{
    eid_sigkey key = named("laptop");

    (void)state;
    check_info(&key, "s", "\"sig\":\"s\"");
}

static void test_sig_info_builder_with_pubkey_hint(void **state)
{
    eid_key pubkey = history_key(1);
    eid_sigkey_owned key;
    char text[EID_KEY_TEXT_MAX];

    (void)state;
    history_ok(eid_sigkey_of_pubkey(&pubkey.pub, &key));
    check_info(&key.key, "s", eid_pubkey_text(&pubkey.pub, text));
    eid_sigkey_owned_fini(&key);
}

static void test_sig_info_builder_with_name_hint(void **state)
{
    eid_sigkey key = named("phone");

    (void)state;
    check_info(&key, "s", "{\"name\":\"phone\"}");
}

static void test_sig_info_builder_with_global_hint(void **state)
{
    test_sig_info_with_global_serialization(state);
}

static void test_sig_info_builder_minimal(void **state)
{
    eid_sigkey key = {.is_delegation = false};

    (void)state;
    check_info(&key, NULL, "\"sig\":{\"key\":{\"Direct\":{\"hint\":{}}}}");
}

static void test_sig_info_builder_delegation(void **state)
{
    eid_id tip = id_number(1);
    eid_delegation_step step = {id_number(9), {&tip, 1}};
    eid_sigkey key = named("laptop");

    (void)state;
    key.is_delegation = true;
    key.path = &step;
    key.path_count = 1;
    check_info(&key, "s", "\"key\":{\"Delegation\":{\"path\":[{\"tree\":");
}

static void check_state(const eid_sigkey *key, const char *signature, bool is_unsigned,
                        const char *malformed)
{
    eid_entry *entry = entry_with(key, signature);

    assert_int_equal(eid_entry_is_unsigned(entry), is_unsigned);
    if (malformed) {
        assert_string_equal(eid_entry_malformed_reason(entry), malformed);
    } else {
        assert_null(eid_entry_malformed_reason(entry));
    }
    eid_entry_free(entry);
}

static void test_sig_info_is_unsigned(void **state)
{
    eid_sigkey named_key = named("laptop"), path = {.is_delegation = true};

    (void)state;
    check_state(NULL, NULL, true, NULL);
    check_state(&named_key, "s", false, NULL);
    check_state(&path, "s", false, NULL);
}

static void test_sig_info_malformed_reason(void **state)
{
    eid_sigkey named_key = named("laptop"), path = {.is_delegation = true};

    (void)state;
    check_state(&named_key, NULL, false, "entry has key hint but no signature");
    check_state(NULL, "s", false, "entry has signature but no key hint");
    check_state(&path, NULL, false, "delegation entry requires a signature");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sig_key_direct_format),
        cmocka_unit_test(test_sig_key_delegation_format),
        cmocka_unit_test(test_sig_key_delegation_roundtrip),
        cmocka_unit_test(test_delegation_sig_key),
        cmocka_unit_test(test_delegation_step_serialization),
        cmocka_unit_test(test_sig_key_nested_value_roundtrip),
        cmocka_unit_test(test_key_hint_types),
        cmocka_unit_test(test_sig_key_hint_access),
        cmocka_unit_test(test_sig_key_is_global),
        cmocka_unit_test(test_sig_info_serialization),
        cmocka_unit_test(test_sig_info_nested_value_roundtrip),
        cmocka_unit_test(test_sig_info_with_global_serialization),
        cmocka_unit_test(test_sig_info_default),
        cmocka_unit_test(test_sig_info_builder_basic),
        cmocka_unit_test(test_sig_info_builder_with_pubkey_hint),
        cmocka_unit_test(test_sig_info_builder_with_name_hint),
        cmocka_unit_test(test_sig_info_builder_with_global_hint),
        cmocka_unit_test(test_sig_info_builder_minimal),
        cmocka_unit_test(test_sig_info_builder_delegation),
        cmocka_unit_test(test_sig_info_is_unsigned),
        cmocka_unit_test(test_sig_info_malformed_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
