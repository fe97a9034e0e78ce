/* The reference's tests of the types of authentication (crates/lib/src/auth/types/tests.rs), by
 * their names. Its "nested values" are the stored Docs here; its SigInfo is the `sig` of an entry.
 */
#include <stdio.h>

#include "tests/auth/history.h"

static eid_permission permission_of(const char *text)
{
    eid_permission out;

    history_ok(eid_permission_parse(eid_slice_text(text), &out));
    return out;
}

static bool same(eid_permission a, eid_permission b)
{
    return eid_permission_compare(a, b) == 0;
}

static void assert_doc_text(const eid_doc *doc, const char *wanted)
{
    eid_buf text;
    char *found;

    eid_buf_init(&text, 65536);
    history_ok(eid_payload_write_doc(doc, &text));
    found = eid_buf_take_text(&text);
    assert_string_equal(found, wanted);
    eid_free(found);
    eid_buf_fini(&text);
}

static eid_doc *doc_of(const char *text)
{
    eid_doc *doc = NULL;

    history_ok(eid_payload_read_doc(eid_slice_text(text), &doc));
    return doc;
}

/* -- permissions ------------------------------------------------------------------------------- */

static const char *const ascending[] = {
    "read", "write:4294967295", "write:10", "write:0", "admin:4294967295", "admin:5", "admin:0"};
#define ASCENDING (sizeof ascending / sizeof ascending[0])

static void test_permission_ordering(void **state)
{
    (void)state;
    for (size_t i = 0; i < ASCENDING; i++) {
        for (size_t j = 0; j < ASCENDING; j++) {
            int order =
                eid_permission_compare(permission_of(ascending[i]), permission_of(ascending[j]));

            assert_int_equal(order, (i > j) - (i < j));
        }
    }
}

static void test_permission_min_max(void **state)
{
    (void)state;
    assert_int_equal(eid_permission_rank(permission_of("read")), 0);
    assert_int_equal(eid_permission_rank(permission_of("write:4294967295")), 1);
    assert_int_equal(eid_permission_rank(permission_of("admin:0")), 2 + 2 * (uint64_t)UINT32_MAX);
}

static void test_permission_methods(void **state)
{
    (void)state;
    assert_false(eid_permission_can_write(permission_of("read")));
    assert_true(eid_permission_can_write(permission_of("write:1")));
    assert_true(eid_permission_can_write(permission_of("admin:1")));
    assert_false(eid_permission_can_admin(permission_of("write:0")));
    assert_true(eid_permission_can_admin(permission_of("admin:9")));
    assert_int_equal(permission_of("write:10").priority, 10);
}

static void test_permission_clamping(void **state)
{
    const eid_bounds bounds = {.max = permission_of("write:10")};

    (void)state;
    assert_true(same(eid_permission_clamp(permission_of("admin:0"), &bounds), bounds.max));
    assert_true(same(eid_permission_clamp(permission_of("read"), &bounds), permission_of("read")));
}

static void test_permission_bounds_clamping(void **state)
{
    const eid_bounds bounds = {permission_of("write:10"), true, permission_of("write:30")};
    const eid_bounds crossed = {permission_of("read"), true, permission_of("admin:0")};

    (void)state;
    assert_true(same(eid_permission_clamp(permission_of("read"), &bounds), bounds.min));
    assert_true(same(eid_permission_clamp(permission_of("admin:0"), &bounds), bounds.max));
    assert_true(
        same(eid_permission_clamp(permission_of("write:20"), &bounds), permission_of("write:20")));
    assert_true(same(eid_permission_clamp(permission_of("write:1"), &crossed), crossed.max));
}

static void check_permission_doc(const char *permission, const char *wanted)
{
    eid_permission back;
    eid_doc *doc = NULL;

    history_ok(eid_permission_to_doc(permission_of(permission), &doc));
    assert_doc_text(doc, wanted);
    history_ok(eid_permission_from_doc(doc, &back));
    assert_true(same(back, permission_of(permission)));
    eid_doc_free(doc);
}

static void test_permission_nested_value_roundtrip(void **state)
{
    (void)state;
    check_permission_doc("read", "{\"children\":{\"type\":{\"Text\":\"Read\"}}}");
    check_permission_doc(
        "write:10", "{\"children\":{\"priority\":{\"Int\":10},\"type\":{\"Text\":\"Write\"}}}");
    check_permission_doc("admin:4294967295", "{\"children\":{\"priority\":{\"Int\":4294967295},"
                                             "\"type\":{\"Text\":\"Admin\"}}}");
}

static void test_key_status_nested_value_roundtrip(void **state)
{
    eid_key_status status;

    (void)state;
    assert_string_equal(eid_key_status_text(EID_KEY_ACTIVE), "Active");
    assert_string_equal(eid_key_status_text(EID_KEY_REVOKED), "Revoked");
    history_ok(eid_key_status_parse(eid_slice_text("active"), &status));
    assert_int_equal(status, EID_KEY_ACTIVE);
    history_ok(eid_key_status_parse(eid_slice_text("revoked"), &status));
    assert_int_equal(status, EID_KEY_REVOKED);
}

/* -- key records ------------------------------------------------------------------------------- */

#define RECORD_NAMED                                                                               \
    "{\"_a\":true,\"children\":{\"name\":{\"Text\":\"laptop\"},\"permissions\":{\"Doc\":"          \
    "{\"children\":{\"priority\":{\"Int\":10},\"type\":{\"Text\":\"Write\"}}}},"                   \
    "\"status\":{\"Text\":\"Active\"}}}"
#define RECORD_PLAIN                                                                               \
    "{\"_a\":true,\"children\":{\"permissions\":{\"Doc\":{\"children\":{\"type\":"                 \
    "{\"Text\":\"Read\"}}}},\"status\":{\"Text\":\"Revoked\"}}}"

static void check_record(const char *text, bool has_name, const char *permission,
                         eid_key_status status)
{
    eid_doc *doc = doc_of(text), *again = NULL;
    eid_auth_key record;

    history_ok(eid_auth_key_from_doc(doc, &record));
    assert_int_equal(record.has_name, has_name);
    assert_true(same(record.permission, permission_of(permission)));
    assert_int_equal(record.status, status);
    history_ok(eid_auth_key_to_doc(&record, &again));
    assert_doc_text(again, text);
    eid_auth_key_fini(&record);
    eid_doc_free(again);
    eid_doc_free(doc);
}

static void test_auth_key_serialization(void **state)
{
    (void)state;
    check_record(RECORD_NAMED, true, "write:10", EID_KEY_ACTIVE);
}

static void test_auth_key_to_nested_value(void **state)
{
    eid_auth_key record = {.has_name = true,
                           .name = (char *)(uintptr_t) "laptop",
                           .permission = permission_of("write:10")};
    eid_doc *doc = NULL;

    (void)state;
    history_ok(eid_auth_key_to_doc(&record, &doc));
    assert_true(eid_doc_is_atomic(doc));
    assert_doc_text(doc, RECORD_NAMED);
    eid_doc_free(doc);
}

static void test_auth_key_nested_value_roundtrip(void **state)
{
    (void)state;
    check_record(RECORD_NAMED, true, "write:10", EID_KEY_ACTIVE);
    check_record(RECORD_PLAIN, false, "read", EID_KEY_REVOKED);
}

static void test_auth_key_with_and_without_name(void **state)
{
    (void)state;
    assert_non_null(strstr(RECORD_NAMED, "name"));
    check_record(RECORD_PLAIN, false, "read", EID_KEY_REVOKED); /* no member for an absent name */
}

static void test_auth_key_mutators(void **state)
{
    eid_key key = history_key(1);
    eid_auth_key record = {.pubkey = key.pub, .permission = permission_of("write:10")};
    const eid_auth_key *now;
    eid_policy *policy = NULL;
    eid_doc *settings = NULL;

    (void)state;
    history_ok(eid_doc_new(&settings));
    history_ok(eid_settings_put_key(settings, &record));
    history_ok(eid_policy_of_settings(settings, &policy));
    history_ok(eid_settings_rename_key(settings, policy, &key.pub, "phone"));
    eid_policy_free(policy);
    history_ok(eid_policy_of_settings(settings, &policy));
    history_ok(eid_settings_revoke_key(settings, policy, &key.pub));
    eid_policy_free(policy);
    history_ok(eid_policy_of_settings(settings, &policy));
    now = eid_policy_find(policy, &key.pub, NULL);
    assert_string_equal(now->name, "phone");
    assert_int_equal(now->status, EID_KEY_REVOKED);
    assert_true(same(now->permission, record.permission));
    eid_policy_free(policy);
    eid_doc_free(settings);
}

/* -- delegations ------------------------------------------------------------------------------- */

static eid_id id_number(uint8_t number)
{
    return eid_id_of_entry(eid_slice_of(&number, 1));
}

static eid_delegation delegation_of(const char *max, const char *min, size_t tips)
{
    eid_delegation out = {.root = id_number(9), .tips = EID_IDSET_EMPTY};

    out.bounds.max = permission_of(max);
    out.bounds.has_min = min != NULL;
    if (min) out.bounds.min = permission_of(min);
    for (size_t i = 0; i < tips; i++) {
        eid_id tip = id_number((uint8_t)i);

        history_ok(eid_idset_add(&out.tips, &tip));
    }
    return out;
}

static void check_delegation(const char *max, const char *min, size_t tips)
{
    eid_delegation given = delegation_of(max, min, tips), back;
    eid_doc *doc = NULL;

    history_ok(eid_delegation_to_doc(&given, &doc));
    assert_true(eid_doc_is_atomic(doc));
    history_ok(eid_delegation_from_doc(doc, &back));
    assert_true(eid_id_equal(&given.root, &back.root));
    assert_true(eid_idset_equal(&given.tips, &back.tips));
    assert_true(same(given.bounds.max, back.bounds.max));
    assert_int_equal(given.bounds.has_min, back.bounds.has_min);
    if (min) assert_true(same(given.bounds.min, back.bounds.min));
    eid_delegation_fini(&given);
    eid_delegation_fini(&back);
    eid_doc_free(doc);
}

static void test_permission_bounds_nested_value_roundtrip(void **state)
{
    (void)state;
    check_delegation("admin:0", "read", 1);
    check_delegation("write:10", NULL, 1);
}

static void test_option_permission_nested_value_roundtrip(void **state)
{
    eid_delegation given = delegation_of("write:10", NULL, 0);
    eid_doc *doc = NULL;

    (void)state;
    history_ok(eid_delegation_to_doc(&given, &doc));
    assert_null(eid_doc_get(doc, eid_slice_text("permission_bounds.min")));
    eid_doc_free(doc);
    check_delegation("write:10", "write:20", 0);
}

static void test_option_u32_nested_value_roundtrip(void **state)
{
    eid_doc *without = NULL, *with = NULL;

    (void)state;
    history_ok(eid_permission_to_doc(permission_of("read"), &without));
    history_ok(eid_permission_to_doc(permission_of("write:7"), &with));
    assert_null(eid_doc_child(without, eid_slice_text("priority")));
    assert_int_equal(eid_doc_child(with, eid_slice_text("priority"))->integer, 7);
    eid_doc_free(without);
    eid_doc_free(with);
}

static void test_vec_string_nested_value_roundtrip(void **state)
{
    (void)state;
    for (size_t tips = 0; tips < 12; tips++) check_delegation("read", NULL, tips);
}

static void test_tree_reference_nested_value_content(void **state)
{
    eid_delegation given = delegation_of("read", NULL, 2);
    char text[EID_ID_TEXT_MAX];
    eid_doc *doc = NULL;

    (void)state;
    history_ok(eid_delegation_to_doc(&given, &doc));
    assert_true(eid_slice_is(eid_value_text(eid_doc_get(doc, eid_slice_text("tree.root"))),
                             eid_id_format(&given.root, text)));
    assert_true(eid_slice_is(eid_value_text(eid_doc_get(doc, eid_slice_text("tree.tips.0"))),
                             eid_id_format(&given.tips.at[0], text)));
    assert_true(eid_slice_is(eid_value_text(eid_doc_get(doc, eid_slice_text("tree.tips.1"))),
                             eid_id_format(&given.tips.at[1], text)));
    eid_delegation_fini(&given);
    eid_doc_free(doc);
}

static void test_delegated_tree_ref_serialization(void **state)
{
    eid_delegation given = delegation_of("write:10", "read", 0);
    char text[EID_ID_TEXT_MAX], wanted[512];
    eid_doc *doc = NULL;

    (void)state;
    history_ok(eid_delegation_to_doc(&given, &doc));
    (void)snprintf(
        wanted, sizeof wanted,
        "{\"_a\":true,\"children\":{\"permission_bounds\":{\"Doc\":{\"children\":"
        "{\"max\":{\"Doc\":{\"children\":{\"priority\":{\"Int\":10},\"type\":{\"Text\":"
        "\"Write\"}}}},\"min\":{\"Doc\":{\"children\":{\"type\":{\"Text\":\"Read\"}}}}}}},"
        "\"tree\":{\"Doc\":{\"children\":{\"root\":{\"Text\":\"%s\"},\"tips\":{\"Doc\":"
        "{\"children\":{}}}}}}}}",
        eid_id_format(&given.root, text));
    assert_doc_text(doc, wanted);
    eid_doc_free(doc);
}

static void test_delegated_tree_ref_complete_roundtrip(void **state)
{
    (void)state;
    check_delegation("admin:5", "write:30", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permission_ordering),
        cmocka_unit_test(test_permission_min_max),
        cmocka_unit_test(test_permission_methods),
        cmocka_unit_test(test_permission_clamping),
        cmocka_unit_test(test_permission_bounds_clamping),
        cmocka_unit_test(test_permission_nested_value_roundtrip),
        cmocka_unit_test(test_key_status_nested_value_roundtrip),
        cmocka_unit_test(test_auth_key_serialization),
        cmocka_unit_test(test_auth_key_to_nested_value),
        cmocka_unit_test(test_auth_key_nested_value_roundtrip),
        cmocka_unit_test(test_auth_key_with_and_without_name),
        cmocka_unit_test(test_auth_key_mutators),
        cmocka_unit_test(test_permission_bounds_nested_value_roundtrip),
        cmocka_unit_test(test_option_permission_nested_value_roundtrip),
        cmocka_unit_test(test_option_u32_nested_value_roundtrip),
        cmocka_unit_test(test_vec_string_nested_value_roundtrip),
        cmocka_unit_test(test_tree_reference_nested_value_content),
        cmocka_unit_test(test_delegated_tree_ref_serialization),
        cmocka_unit_test(test_delegated_tree_ref_complete_roundtrip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
