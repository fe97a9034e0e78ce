/* The reference's tests of corner cases (crates/lib/tests/it/auth: sig_key_edge_cases.rs by its
 * names; permission_edge_cases.rs, security_tests.rs and types.rs, of which the inventory gives the
 * behaviours alone). */
#include <time.h>

#include "tests/auth/forest.h"

#define MAX "4294967295"

/* -- sig_key_edge_cases.rs --------------------------------------------------------------------- */

/* Through JSON and through the bytes of an entry, unchanged. */
static void check_key(const eid_sigkey *key, const char *signature)
{
    eid_id root = eid_id_of_entry(eid_slice_text("root"));
    eid_builder *builder = NULL;
    eid_entry *entry = NULL, *back = NULL;
    eid_json_writer writer;
    eid_sigkey_owned read;
    eid_buf json;

    eid_buf_init(&json, 16u * 1024u * 1024u);
    eid_json_writer_init(&writer, &json);
    eid_sigkey_write_json(key, &writer);
    history_ok(eid_sigkey_read_json(eid_buf_slice(&json), &read));
    assert_true(eid_sigkey_equal(key, &read.key));
    eid_sigkey_owned_fini(&read);
    eid_buf_fini(&json);
    history_ok(eid_builder_new(&root, &builder));
    history_ok(eid_builder_add_parent(builder, &root));
    eid_builder_set_height(builder, 1);
    history_ok(eid_builder_set_sigkey(builder, key));
    if (signature) history_ok(eid_builder_set_signature(builder, eid_slice_text(signature)));
    history_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    history_ok(eid_entry_decode(eid_entry_bytes(entry), &back));
    assert_true(eid_sigkey_equal(key, eid_entry_sigkey(back)));
    eid_entry_free(entry);
    eid_entry_free(back);
    eid_builder_free(builder);
}

static eid_sigkey named(const char *name)
{
    return (eid_sigkey){.hint = {.has_name = true, .name = eid_slice_text(name)}};
}

static eid_sigkey delegated(const eid_delegation_step *path, size_t count, const char *name)
{
    eid_sigkey key = named(name);

    key.is_delegation = true;
    key.path = path;
    key.path_count = count;
    return key;
}

static eid_id id_number(uint8_t number)
{
    return eid_id_of_entry(eid_slice_of(&number, 1));
}

static void test_empty_delegation_path(void **state)
{
    forest at;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    answer.from = forest_identity(&at, 1, "read");
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_EMPTY);
    forest_close(&at);
}

static void test_direct_key_name_hint(void **state)
{
    eid_key key = history_key(1);
    eid_sigkey hint = named("laptop");
    eid_policy *policy = policy_with("write:3", EID_KEY_ACTIVE, NULL);
    eid_candidates found;
    eid_doc *settings = doc_new();

    (void)state;
    assert_int_not_equal(eid_policy_resolve(policy, &hint, &found), EID_OK);
    history_ok(eid_settings_rename_key(settings, policy, &key.pub, "laptop"));
    eid_policy_free(policy);
    history_ok(eid_policy_of_settings(settings, &policy));
    history_ok(eid_policy_resolve(policy, &hint, &found));
    assert_int_equal(found.count, 1);
    assert_true(eid_pubkey_equal(&found.at[0].key, &key.pub));
    eid_candidates_fini(&found);
    eid_policy_free(policy);
    eid_doc_free(settings);
}

static void test_delegation_with_empty_tips_intermediate(void **state)
{
    forest at;
    tree *people, *org;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:3");
    org = forest_delegating(&at, people, "write:5", NULL);
    answer.from = forest_delegating(&at, org, "write:8", NULL);
    ask_step(&answer, org, history_ids(NULL, 0));
    ask_step(&answer, people, history_ids(&people->tip, 1));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_TIPS);
    forest_close(&at);
}

static void test_delegation_with_duplicate_tips(void **state)
{
    eid_id tips[3] = {id_number(1), id_number(1), id_number(2)};
    eid_delegation_step step = {id_number(9), {tips, 3}};
    eid_sigkey key = delegated(&step, 1, "laptop");

    (void)state;
    check_key(&key, "s");
}

static void test_delegation_with_long_key_names(void **state)
{
    static char name[10001];
    eid_delegation_step step = {.tree = id_number(9)};
    eid_sigkey key;

    (void)state;
    memset(name, 'n', sizeof name - 1);
    key = delegated(&step, 1, name);
    check_key(&key, "s");
}

static void test_delegation_with_unicode_keys(void **state)
{
    eid_delegation_step step = {.tree = id_number(9)};
    eid_sigkey key = delegated(&step, 1, "🔑-ключ-鍵-\u00e9");

    (void)state;
    check_key(&key, "s");
}

static void test_sig_info_with_signature_no_key(void **state)
{
    eid_sigkey none = {.is_delegation = false};

    (void)state;
    check_key(&none, "a signature");
}

static void test_sig_info_with_key_no_signature(void **state)
{
    eid_sigkey key = named("laptop");

    (void)state;
    check_key(&key, NULL);
}

static void test_deep_delegation_path_performance(void **state)
{
    eid_delegation_step path[9];
    eid_id tip = id_number(1);
    clock_t begin = clock();
    eid_sigkey key;

    (void)state;
    for (uint8_t i = 0; i < 9; i++) path[i] = (eid_delegation_step){id_number(i), {&tip, 1}};
    key = delegated(path, 9, "laptop");
    for (size_t i = 0; i < 10; i++) check_key(&key, "s");
    assert_true(clock() - begin < CLOCKS_PER_SEC);
}

static void test_delegation_path_invalid_json(void **state)
{
    static const char *const bad[] = {
        "{\"Direct\":{\"hint\":{\"pubkey\":1}}}",
        "{\"Direct\":{\"hint\":{\"name\":[]}}}",
        "{\"Direct\":{\"hint\":{\"is_global\":\"yes\"}}}",
        "{\"Direct\":\"hint\"}",
        "\"Direct\"",
        "null",
        "[]",
        "{\"Delegation\":{\"path\":{},\"hint\":{}}}",
        "{\"Other\":{}}",
    };
    eid_sigkey_owned key;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_not_equal(eid_sigkey_read_json(eid_slice_text(bad[i]), &key), EID_OK);
    }
}

static void test_circular_delegation_simple(void **state)
{
    forest at;
    tree *self;
    eid_doc *settings = doc_new();
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    self = forest_identity(&at, 1, "admin:3");
    put_delegation(settings, self, "write:10", NULL, &self->tip);
    forest_append(&at, self, &settings);
    answer.from = self;
    while (answer.count < 10) ask_step(&answer, self, history_ids(&self->tip, 1));
    ask(&at, &answer);
    assert_found(&answer, "write:10", EID_KEY_ACTIVE);
    forest_close(&at);
}

static void test_delegation_step_serialization_edge_cases(void **state)
{
    eid_id tips[64];

    (void)state;
    for (uint8_t i = 0; i < 64; i++) tips[i] = id_number(i);
    for (size_t count = 0; count <= 64; count += count < 2 ? 1 : 31) {
        eid_delegation_step step = {id_number(9), {tips, count}};
        eid_sigkey key = delegated(&step, 1, "laptop");

        check_key(&key, "s");
    }
}

/* -- permission_edge_cases.rs, types.rs -------------------------------------------------------- */

/* What comes out of a clamp; min NULL = none. */
static const struct clamp_row {
    const char *permission, *max, *min, *wanted;
} clamps[] = {
    {"admin:0", "read", "admin:0", "read"},        /* invalid bounds: max alone */
    {"read", "read", "write:1", "read"},           /* likewise */
    {"admin:0", "admin:" MAX, NULL, "admin:" MAX}, /* no overflow at the extremes */
    {"write:" MAX, "write:0", NULL, "write:" MAX},
    {"read", "write:0", NULL, "read"}, /* no lower bound */
    {"admin:1", "write:5", NULL, "write:5"},
    {"read", "admin:0", "read", "read"}, /* Read as the lower bound */
    {"write:9", "admin:0", "read", "write:9"},
    {"write:8", "write:5", "write:10", "write:8"},   /* inside: its own priority */
    {"write:20", "write:5", "write:10", "write:10"}, /* below: that of the bound */
    {"write:3", "write:5", "write:10", "write:5"},
    {"admin:7", "admin:5", "admin:10", "admin:7"}, /* bounds of one level */
    {"write:0", "admin:5", "admin:10", "admin:10"},
    {"admin:0", "admin:5", "admin:10", "admin:5"},
    {"read", "admin:0", "write:" MAX, "write:" MAX}, /* raise Read alone */
    {"write:5", "admin:0", "write:" MAX, "write:5"},
    {"admin:3", "admin:0", "write:" MAX, "admin:3"},
};

static void test_permission__is_clamped_at_every_edge(void **state)
{
    char text[24];

    (void)state;
    for (size_t i = 0; i < sizeof clamps / sizeof clamps[0]; i++) {
        const struct clamp_row *row = &clamps[i];
        eid_bounds bounds = {.max = permission_of(row->max), .has_min = row->min != NULL};
        eid_permission out;

        if (row->min) bounds.min = permission_of(row->min);
        out = eid_permission_clamp(permission_of(row->permission), &bounds);
        assert_string_equal(eid_permission_text(out, text), row->wanted);
    }
}

static void test_permission__is_clamped_by_three_levels(void **state)
{
    static const char *const maxima[] = {"write:5", "write:15", "read"};
    eid_permission permission = permission_of("admin:0");
    char text[24];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        permission =
            eid_permission_clamp(permission, &(eid_bounds){.max = permission_of(maxima[i])});
        assert_string_equal(eid_permission_text(permission, text), maxima[i]);
    }
}

static void test_permission__levels_are_ordered_across_priorities(void **state)
{
    (void)state;
    assert_true(eid_permission_compare(permission_of("admin:" MAX), permission_of("write:0")) > 0);
    assert_true(eid_permission_compare(permission_of("write:" MAX), permission_of("read")) > 0);
    assert_true(eid_permission_compare(permission_of("admin:0"), permission_of("admin:" MAX)) > 0);
}

static void test_permission__extreme_values_survive_storing(void **state)
{
    static const char *const texts[] = {"read", "write:0", "write:" MAX, "admin:0", "admin:" MAX};
    char text[24];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        eid_permission back;
        eid_doc *doc = NULL;

        history_ok(eid_permission_to_doc(permission_of(texts[i]), &doc));
        history_ok(eid_permission_from_doc(doc, &back));
        assert_string_equal(eid_permission_text(back, text), texts[i]);
        eid_doc_free(doc);
    }
}

static void test_permission__capabilities_and_priorities(void **state)
{
    (void)state;
    assert_false(eid_permission_can_write(permission_of("read")));
    assert_true(eid_permission_can_write(permission_of("write:" MAX)));
    assert_false(eid_permission_can_admin(permission_of("write:0")));
    assert_true(eid_permission_can_admin(permission_of("admin:" MAX)));
    assert_int_equal(permission_of("write:17").priority, 17);
    assert_int_equal(permission_of("admin:" MAX).priority, UINT32_MAX);
}

static void test_permission__texts_are_read_or_refused(void **state)
{
    static const struct {
        const char *text;
        eid_kind kind;
    } rows[] = {{"read", EID_KIND_NONE},
                {"read:anything", EID_KIND_NONE},
                {"write:10", EID_KIND_NONE},
                {"write", EID_KIND_AUTH_PRIORITY_MISSING},
                {"admin", EID_KIND_AUTH_PRIORITY_MISSING},
                {"admin:-1", EID_KIND_AUTH_PRIORITY},
                {"write:4294967296", EID_KIND_AUTH_PRIORITY},
                {"owner:1", EID_KIND_AUTH_PERMISSION_TEXT},
                {"", EID_KIND_AUTH_PERMISSION_TEXT}};
    eid_permission out;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        eid_status status = eid_permission_parse(eid_slice_text(rows[i].text), &out);

        assert_int_equal(status == EID_OK ? EID_KIND_NONE : eid_status_detail(status).kind,
                         rows[i].kind);
    }
}

/* -- security_tests.rs ------------------------------------------------------------------------- */

static bool may_modify(const char *signer, const char *target)
{
    eid_policy *policy = policy_with(target, EID_KEY_ACTIVE, NULL);
    eid_key key = history_key(1);
    bool out;

    history_ok(eid_policy_can_modify(policy, permission_of(signer), &key.pub, &out));
    eid_policy_free(policy);
    return out;
}

static void test_security__a_weaker_admin_does_not_modify_a_stronger_key(void **state)
{
    (void)state;
    assert_false(may_modify("admin:10", "admin:5"));
    assert_false(may_modify("admin:4294967294", "admin:0"));
    assert_false(may_modify("admin:" MAX, "admin:4294967294"));
    assert_true(may_modify("admin:5", "admin:5"));
    assert_true(may_modify("admin:5", "admin:10"));
    assert_true(may_modify("admin:" MAX, "write:0"));
}

static void test_security__who_is_no_admin_modifies_and_creates_nothing(void **state)
{
    (void)state;
    assert_false(may_modify("write:0", "write:10"));
    assert_false(may_modify("read", "read"));
    assert_false(eid_policy_can_create(permission_of("write:0"), permission_of("admin:" MAX)));
    assert_false(eid_policy_can_create(permission_of("write:0"), permission_of("read")));
}

static void test_security__an_admin_creates_nothing_stronger_than_itself(void **state)
{
    (void)state;
    assert_false(eid_policy_can_create(permission_of("admin:100"), permission_of("admin:0")));
    assert_true(eid_policy_can_create(permission_of("admin:100"), permission_of("admin:100")));
    assert_true(eid_policy_can_create(permission_of("admin:100"), permission_of("admin:101")));
    assert_true(eid_policy_can_create(permission_of("admin:100"), permission_of("write:0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_delegation_path),
        cmocka_unit_test(test_direct_key_name_hint),
        cmocka_unit_test(test_delegation_with_empty_tips_intermediate),
        cmocka_unit_test(test_delegation_with_duplicate_tips),
        cmocka_unit_test(test_delegation_with_long_key_names),
        cmocka_unit_test(test_delegation_with_unicode_keys),
        cmocka_unit_test(test_sig_info_with_signature_no_key),
        cmocka_unit_test(test_sig_info_with_key_no_signature),
        cmocka_unit_test(test_deep_delegation_path_performance),
        cmocka_unit_test(test_delegation_path_invalid_json),
        cmocka_unit_test(test_circular_delegation_simple),
        cmocka_unit_test(test_delegation_step_serialization_edge_cases),
        cmocka_unit_test(test_permission__is_clamped_at_every_edge),
        cmocka_unit_test(test_permission__is_clamped_by_three_levels),
        cmocka_unit_test(test_permission__levels_are_ordered_across_priorities),
        cmocka_unit_test(test_permission__extreme_values_survive_storing),
        cmocka_unit_test(test_permission__capabilities_and_priorities),
        cmocka_unit_test(test_permission__texts_are_read_or_refused),
        cmocka_unit_test(test_security__a_weaker_admin_does_not_modify_a_stronger_key),
        cmocka_unit_test(test_security__who_is_no_admin_modifies_and_creates_nothing),
        cmocka_unit_test(test_security__an_admin_creates_nothing_stronger_than_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
