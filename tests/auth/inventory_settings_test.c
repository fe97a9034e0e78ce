/* The reference's tests of the settings document, of permissions and bounds, and of error classes
 * (crates/lib/src/auth/settings.rs, permission.rs, errors.rs), by their names. */
#include "tests/auth/history.h"

static eid_permission reads(void)
{
    return (eid_permission){EID_PERMISSION_READ, 0};
}

static eid_permission writes(uint32_t priority)
{
    return (eid_permission){EID_PERMISSION_WRITE, priority};
}

static eid_permission admin(uint32_t priority)
{
    return (eid_permission){EID_PERMISSION_ADMIN, priority};
}

static bool same(eid_permission a, eid_permission b)
{
    return eid_permission_compare(a, b) == 0;
}

static bool fails(eid_kind kind, eid_status status)
{
    return status != EID_OK && eid_status_detail(status).kind == kind;
}

/* -- a document that is worked on -------------------------------------------------------------- */

typedef struct desk {
    eid_doc *settings;
    eid_policy *policy; /* of it, now */
} desk;

static void desk_read(desk *at)
{
    eid_policy_free(at->policy);
    history_ok(eid_policy_of_settings(at->settings, &at->policy));
}

static desk desk_open(void)
{
    desk at = {NULL, NULL};

    history_ok(eid_doc_new(&at.settings));
    desk_read(&at);
    return at;
}

static void desk_close(desk *at)
{
    eid_policy_free(at->policy);
    eid_doc_free(at->settings);
}

static eid_auth_key record_of(int number, eid_permission permission, const char *name)
{
    eid_key key = history_key(number);

    return (eid_auth_key){.pubkey = key.pub,
                          .has_name = name != NULL,
                          .name = (char *)(uintptr_t)name,
                          .permission = permission};
}

static void desk_put(desk *at, int number, eid_permission permission, const char *name)
{
    eid_auth_key record = record_of(number, permission, name);

    history_ok(eid_settings_put_key(at->settings, &record));
    desk_read(at);
}

static void desk_global(desk *at, eid_permission permission, eid_key_status status)
{
    eid_auth_key record = {.permission = permission, .status = status};

    history_ok(eid_settings_put_global(at->settings, &record));
    desk_read(at);
}

static const eid_auth_key *desk_find(const desk *at, int number)
{
    eid_key key = history_key(number);

    return eid_policy_find(at->policy, &key.pub, NULL);
}

/* -- settings.rs ------------------------------------------------------------------------------- */

static void test_auth_settings_basic_operations(void **state)
{
    eid_auth_key again = record_of(1, writes(5), NULL);
    desk at = desk_open();

    (void)state;
    assert_null(desk_find(&at, 1));
    history_ok(eid_settings_add_key(at.settings, at.policy, &again));
    desk_read(&at);
    assert_true(same(desk_find(&at, 1)->permission, writes(5)));
    again.permission = admin(1);
    assert_true(
        fails(EID_KIND_AUTH_KEY_EXISTS, eid_settings_add_key(at.settings, at.policy, &again)));
    desk_put(&at, 1, admin(1), NULL);
    assert_true(same(desk_find(&at, 1)->permission, admin(1)));
    desk_close(&at);
}

static void resolve_name(const desk *at, const char *name, eid_candidates *out)
{
    eid_sigkey key = {.hint = {.has_name = true, .name = eid_slice_text(name)}};

    history_ok(eid_policy_resolve(at->policy, &key, out));
}

static void test_find_keys_by_name(void **state)
{
    char a[EID_KEY_TEXT_MAX], b[EID_KEY_TEXT_MAX];
    eid_candidates found;
    desk at = desk_open();

    (void)state;
    desk_put(&at, 1, writes(5), "laptop");
    desk_put(&at, 2, reads(), "laptop");
    desk_put(&at, 3, reads(), "phone");
    resolve_name(&at, "laptop", &found);
    assert_int_equal(found.count, 2);
    assert_true(strcmp(eid_pubkey_text(&found.at[0].key, a), eid_pubkey_text(&found.at[1].key, b)) <
                0);
    eid_candidates_fini(&found);
    desk_close(&at);
}

static void test_revoke_key(void **state)
{
    eid_key key = history_key(1), other = history_key(2);
    desk at = desk_open();

    (void)state;
    desk_put(&at, 1, writes(5), "laptop");
    history_ok(eid_settings_revoke_key(at.settings, at.policy, &key.pub));
    desk_read(&at);
    assert_int_equal(desk_find(&at, 1)->status, EID_KEY_REVOKED);
    assert_true(same(desk_find(&at, 1)->permission, writes(5)));
    assert_string_equal(desk_find(&at, 1)->name, "laptop");
    assert_true(fails(EID_KIND_AUTH_KEY_NOT_FOUND,
                      eid_settings_revoke_key(at.settings, at.policy, &other.pub)));
    desk_close(&at);
}

static void test_global_permission(void **state)
{
    eid_key key = history_key(1);
    eid_way ways[2];
    desk at = desk_open();

    (void)state;
    assert_null(eid_policy_global(at.policy, NULL));
    desk_global(&at, writes(9), EID_KEY_ACTIVE);
    assert_int_equal(eid_policy_ways(at.policy, &key.pub, ways), 1);
    assert_true(ways[0].is_global && same(ways[0].permission, writes(9)));
    desk_global(&at, writes(9), EID_KEY_REVOKED);
    assert_int_equal(eid_policy_ways(at.policy, &key.pub, ways), 0);
    desk_close(&at);
}

static void test_resolve_hint_pubkey(void **state)
{
    eid_key key = history_key(1);
    eid_sigkey_owned hint;
    eid_candidates found;
    desk at = desk_open();

    (void)state;
    desk_put(&at, 1, writes(5), NULL);
    history_ok(eid_sigkey_of_pubkey(&key.pub, &hint));
    history_ok(eid_policy_resolve(at.policy, &hint.key, &found));
    assert_int_equal(found.count, 1);
    assert_true(same(found.at[0].permission, writes(5)));
    eid_candidates_fini(&found);
    eid_sigkey_owned_fini(&hint);
    desk_close(&at);
}

static void test_resolve_hint_name(void **state)
{
    eid_candidates found;
    desk at = desk_open();

    (void)state;
    desk_put(&at, 1, writes(5), "laptop");
    resolve_name(&at, "laptop", &found);
    assert_int_equal(found.count, 1);
    assert_true(eid_pubkey_equal(&found.at[0].key, &desk_find(&at, 1)->pubkey));
    eid_candidates_fini(&found);
    desk_close(&at);
}

static void test_resolve_hint_global(void **state)
{
    eid_key key = history_key(4);
    eid_sigkey_owned hint;
    eid_candidates found;
    desk at = desk_open();

    (void)state;
    desk_global(&at, reads(), EID_KEY_ACTIVE);
    history_ok(eid_sigkey_of_global(&key.pub, &hint));
    history_ok(eid_policy_resolve(at.policy, &hint.key, &found));
    assert_int_equal(found.count, 1);
    assert_true(eid_pubkey_equal(&found.at[0].key, &key.pub));
    assert_true(same(found.at[0].permission, reads()));
    eid_candidates_fini(&found);
    eid_sigkey_owned_fini(&hint);
    desk_close(&at);
}

static void test_find_all_sigkeys_for_pubkey(void **state)
{
    eid_key key = history_key(1);
    eid_way ways[2];
    desk at = desk_open();

    (void)state;
    desk_put(&at, 1, writes(5), NULL);
    desk_global(&at, admin(3), EID_KEY_ACTIVE);
    assert_int_equal(eid_policy_ways(at.policy, &key.pub, ways), 2);
    assert_true(ways[0].is_global && !ways[1].is_global);
    history_ok(eid_settings_revoke_key(at.settings, at.policy, &key.pub));
    desk_read(&at);
    assert_int_equal(eid_policy_ways(at.policy, &key.pub, ways), 1);
    desk_close(&at);
}

static void test_resolve_sig_key_for_operation(void **state)
{
    eid_key key = history_key(1), nobody = history_key(2);
    eid_way way;
    desk at = desk_open();

    (void)state;
    desk_put(&at, 1, writes(5), NULL);
    history_ok(eid_policy_best_way(at.policy, &key.pub, &way));
    assert_true(same(way.permission, writes(5)));
    assert_true(fails(EID_KIND_AUTH_PERMISSION, eid_policy_best_way(at.policy, &nobody.pub, &way)));
    desk_close(&at);
}

static void test_auth_settings_merge(void **state)
{
    desk one = desk_open(), two = desk_open();

    (void)state;
    desk_put(&one, 1, writes(5), NULL);
    desk_put(&two, 2, reads(), NULL);
    history_ok(eid_doc_merge(one.settings, two.settings));
    desk_read(&one);
    assert_non_null(desk_find(&one, 1));
    assert_non_null(desk_find(&one, 2));
    desk_close(&one);
    desk_close(&two);
}

/* -- permission.rs ----------------------------------------------------------------------------- */

static eid_permission clamp(eid_permission permission, eid_permission max,
                            const eid_permission *min)
{
    eid_bounds bounds = {.max = max, .has_min = min != NULL};

    if (min) bounds.min = *min;
    return eid_permission_clamp(permission, &bounds);
}

static void test_clamp_permission_max_bound(void **state)
{
    (void)state;
    assert_true(same(clamp(admin(5), writes(10), NULL), writes(10)));
    assert_true(same(clamp(writes(20), writes(10), NULL), writes(20)));
    assert_true(same(clamp(reads(), writes(10), NULL), reads()));
}

static void test_clamp_permission_min_bound(void **state)
{
    eid_permission min = writes(5);

    (void)state;
    assert_true(same(clamp(reads(), admin(0), &min), writes(5)));
    assert_true(same(clamp(writes(9), admin(0), &min), writes(5)));
    assert_true(same(clamp(admin(9), admin(0), &min), admin(9)));
}

static void test_clamp_permission_both_bounds(void **state)
{
    eid_permission min = writes(20);

    (void)state;
    assert_true(same(clamp(admin(0), writes(10), &min), writes(10)));
    assert_true(same(clamp(reads(), writes(10), &min), writes(20)));
    assert_true(same(clamp(writes(15), writes(10), &min), writes(15)));
}

static bool is_valid(eid_permission max, eid_permission min)
{
    return eid_bounds_valid(&(eid_bounds){.max = max, .has_min = true, .min = min});
}

static void test_validate_permission_bounds_valid(void **state)
{
    (void)state;
    assert_true(is_valid(admin(0), reads()));
    assert_true(is_valid(writes(10), writes(10)));
    assert_true(eid_bounds_valid(&(eid_bounds){.max = reads()}));
}

static void test_validate_permission_bounds_invalid(void **state)
{
    (void)state;
    assert_false(is_valid(reads(), writes(1)));
    assert_false(is_valid(writes(10), writes(9)));
}

static void test_can_delegate_with_bounds_valid(void **state)
{
    (void)state;
    assert_true(eid_bounds_can_delegate(admin(5), &(eid_bounds){.max = writes(0)}));
    assert_true(eid_bounds_can_delegate(admin(5), &(eid_bounds){.max = admin(5)}));
}

static void test_can_delegate_with_bounds_invalid(void **state)
{
    const eid_bounds crossed = {.max = reads(), .has_min = true, .min = writes(1)};

    (void)state;
    assert_false(eid_bounds_can_delegate(admin(5), &(eid_bounds){.max = admin(4)}));
    assert_false(eid_bounds_can_delegate(writes(5), &(eid_bounds){.max = admin(9)}));
    assert_false(eid_bounds_can_delegate(admin(0), &crossed));
}

static void test_permission_clamping_edge_cases(void **state)
{
    eid_permission equal = writes(7);

    (void)state;
    assert_true(same(clamp(admin(0), equal, &equal), equal));
    assert_true(same(clamp(reads(), equal, &equal), equal));
    assert_true(same(clamp(equal, equal, &equal), equal));
}

static void test_permission_priority_clamping(void **state)
{
    (void)state;
    assert_true(same(clamp(writes(3), writes(5), NULL), writes(5)));
    assert_true(same(clamp(writes(8), writes(5), NULL), writes(8)));
    assert_true(same(clamp(admin(1), admin(2), NULL), admin(2)));
}

/* -- errors.rs --------------------------------------------------------------------------------- */

/* The classes of the reference are statuses here. */
static void test_error_helpers(void **state)
{
    static const struct {
        eid_kind kind;
        eid_status status;
    } rows[] = {
        {EID_KIND_AUTH_KEY_NOT_FOUND, EID_E_NOT_FOUND},
        {EID_KIND_AUTH_DELEGATION_NOT_FOUND, EID_E_NOT_FOUND},
        {EID_KIND_AUTH_SIGNATURE, EID_E_DENIED},
        {EID_KIND_AUTH_PERMISSION, EID_E_DENIED},
        {EID_KIND_AUTH_CONFIG, EID_E_INVALID},
        {EID_KIND_AUTH_KEY_FORMAT, EID_E_MALFORMED},
        {EID_KIND_AUTH_KEY_PARSE, EID_E_MALFORMED},
        {EID_KIND_AUTH_DELEGATION_UNSYNCED, EID_E_AGAIN}, /* a class of its own */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(eid_kind_status(rows[i].kind), rows[i].status);
    }
}

static void test_error_conversion(void **state)
{
    eid_status status = EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "Key not found: %s", "k");

    (void)state;
    assert_string_equal(eid_kind_module(eid_status_detail(status).kind), "auth");
    assert_string_equal(eid_kind_label(EID_KIND_AUTH_KEY_NOT_FOUND), "KeyNotFound");
    assert_string_equal(eid_status_detail(status).text, "Key not found: k");
    assert_string_equal(eid_kind_module(EID_KIND_AUTH_DELEGATION_TIPS), "auth");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auth_settings_basic_operations),
        cmocka_unit_test(test_find_keys_by_name),
        cmocka_unit_test(test_revoke_key),
        cmocka_unit_test(test_global_permission),
        cmocka_unit_test(test_resolve_hint_pubkey),
        cmocka_unit_test(test_resolve_hint_name),
        cmocka_unit_test(test_resolve_hint_global),
        cmocka_unit_test(test_find_all_sigkeys_for_pubkey),
        cmocka_unit_test(test_resolve_sig_key_for_operation),
        cmocka_unit_test(test_auth_settings_merge),
        cmocka_unit_test(test_clamp_permission_max_bound),
        cmocka_unit_test(test_clamp_permission_min_bound),
        cmocka_unit_test(test_clamp_permission_both_bounds),
        cmocka_unit_test(test_validate_permission_bounds_valid),
        cmocka_unit_test(test_validate_permission_bounds_invalid),
        cmocka_unit_test(test_can_delegate_with_bounds_valid),
        cmocka_unit_test(test_can_delegate_with_bounds_invalid),
        cmocka_unit_test(test_permission_clamping_edge_cases),
        cmocka_unit_test(test_permission_priority_clamping),
        cmocka_unit_test(test_error_helpers),
        cmocka_unit_test(test_error_conversion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
