/* The pass itself: order of work, what it is told and tells, settings at tips and their cache. */
#include "auth/verify.h"

#include "tests/auth/history.h"

enum { ADMIN, WRITER, OUTSIDER };

#define CHAIN 400

typedef struct chain {
    eid_entry *entries[CHAIN];
    eid_id ids[CHAIN];
    size_t count;
} chain;

static void chain_add(chain *at, history_plan plan)
{
    assert_true(at->count < CHAIN);
    plan.root = at->count > 0 ? &at->ids[0] : NULL;
    at->entries[at->count] = history_make(&plan);
    at->ids[at->count] = *eid_entry_id(at->entries[at->count]);
    at->count++;
}

static void chain_begin(chain *at)
{
    char *grant = history_grant(ADMIN, EID_PERMISSION_ADMIN, EID_KEY_ACTIVE);

    at->count = 0;
    chain_add(at, (history_plan){.pin = HISTORY_PIN_EMPTY, .settings = grant, .signer = ADMIN});
    eid_free(grant);
}

static void chain_end(chain *at)
{
    for (size_t i = 0; i < at->count; i++) eid_entry_free(at->entries[i]);
}

/* Data over the last entry, pinning entry `pin`. */
static void chain_add_data(chain *at, size_t pin, int signer, uint64_t height)
{
    chain_add(at, (history_plan){.parents = history_ids(&at->ids[at->count - 1], 1),
                                 .height = height,
                                 .pins = history_ids(&at->ids[pin], 1),
                                 .data = "{\"children\":{}}",
                                 .signer = signer});
}

/* Settings over the last entry, which must be settings too. */
static void chain_add_settings(chain *at, const char *payload, uint64_t height)
{
    const eid_id *last = &at->ids[at->count - 1];

    chain_add(at, (history_plan){.parents = history_ids(last, 1),
                                 .height = height,
                                 .pins = history_ids(last, 1),
                                 .settings = payload,
                                 .settings_parents = history_ids(last, 1),
                                 .signer = ADMIN});
}

typedef struct listener {
    chain *at;
    size_t heard;
    size_t asked;
    bool in_order;
} listener;

static eid_status on_changed(void *self, const eid_entry *entry, eid_verdict verdict,
                             const char *reason)
{
    listener *ear = self;

    ear->in_order = ear->in_order && eid_id_equal(eid_entry_id(entry), &ear->at->ids[ear->heard]);
    assert_non_null(reason);
    assert_int_equal(verdict, EID_VERIFIED);
    ear->heard++;
    return EID_OK;
}

static eid_status on_signature(void *self, const eid_id *id, bool *ok)
{
    listener *ear = self;

    ear->asked++;
    *ok = !eid_id_equal(id, &ear->at->ids[ear->at->count - 1]);
    return eid_id_equal(id, &ear->at->ids[1]) ? EID_E_NOT_FOUND : EID_OK;
}

/* Heights that fall towards the tips put every child before its parent in the list. */
static void test_verify__decides_parents_first_whatever_the_heights(void **state)
{
    static chain at;
    history_store store;
    listener ear = {.at = &at, .in_order = true};
    eid_verify_options options = {.strict = true, .changed = on_changed, .self = &ear};
    eid_verify_report report;

    chain_begin(&at);
    while (at.count < CHAIN) chain_add_data(&at, 0, ADMIN, CHAIN - at.count);
    history_store_open(&store);
    for (size_t i = 0; i < at.count; i++) history_put(&store, at.entries[i], EID_UNVERIFIED);
    history_ok(eid_verify_tree(store.batch, &at.ids[0], &options, &report));
    assert_int_equal(report.verified, CHAIN);
    assert_int_equal(report.failed + report.still_unverified, 0);
    assert_int_equal(ear.heard, CHAIN);
    assert_true(ear.in_order);
    history_store_close(&store);
    chain_end(&at);
}

static void test_verify__believes_a_pool_about_signatures(void **state)
{
    static chain at;
    history_store store;
    listener ear = {.at = &at, .in_order = true};
    eid_verify_options options = {.strict = true, .signature = on_signature, .self = &ear};
    eid_verify_report report;

    chain_begin(&at);
    for (size_t i = 0; i < 3; i++) chain_add_data(&at, 0, ADMIN, at.count);
    history_store_open(&store);
    for (size_t i = 0; i < at.count; i++) history_put(&store, at.entries[i], EID_UNVERIFIED);
    history_ok(eid_verify_tree(store.batch, &at.ids[0], &options, &report));
    assert_int_equal(ear.asked, 4);
    assert_int_equal(report.verified, 3);
    assert_int_equal(report.failed, 1); /* the last one's, as the pool said */
    history_store_close(&store);
    chain_end(&at);
}

/* The reference's walk stops at Failed entries and never comes back (spec 05 §7.3). */
static void test_verify__strands_nothing_behind_a_failed_entry(void **state)
{
    static chain at;
    history_store store;

    chain_begin(&at);
    chain_add_data(&at, 0, ADMIN, 1); /* arrives last */
    chain_add_data(&at, 0, ADMIN, 2);
    chain_add(&at, (history_plan){.parents = history_ids(&at.ids[2], 1),
                                  .height = 3,
                                  .settings = "no document",
                                  .pins = history_ids(&at.ids[0], 1),
                                  .signer = OUTSIDER});
    chain_add_data(&at, 0, ADMIN, 4);
    history_store_open(&store);
    history_put(&store, at.entries[0], EID_UNVERIFIED);
    for (size_t i = 2; i < 5; i++) history_put(&store, at.entries[i], EID_UNVERIFIED);
    assert_int_equal(history_verify(&store, &at.ids[0], true).still_unverified, 3);
    history_ok(eid_index_set_verdict(store.batch, &at.ids[4], EID_FAILED));
    history_put(&store, at.entries[1], EID_UNVERIFIED);
    (void)history_verify(&store, &at.ids[0], true);
    assert_int_equal(history_status(&store, at.entries[1]), 'V');
    assert_int_equal(history_status(&store, at.entries[2]), 'V');
    assert_int_equal(history_status(&store, at.entries[3]), 'F');
    history_store_close(&store);
    chain_end(&at);
}

static void
test_verify__refuses_a_delegation_that_its_settings_do_not_know_and_a_broken_one(void **state)
{
    static chain at;
    history_store store;
    history_plan plan = {
        .height = 1, .data = "{\"children\":{}}", .signer = WRITER, .is_delegation = true};

    chain_begin(&at);
    plan.parents = plan.pins = history_ids(&at.ids[0], 1);
    chain_add(&at, plan);
    plan.is_global = true;
    chain_add(&at, plan);
    history_store_open(&store);
    for (size_t i = 0; i < at.count; i++) history_put(&store, at.entries[i], EID_UNVERIFIED);
    (void)history_verify(&store, &at.ids[0], true);
    assert_int_equal(history_status(&store, at.entries[1]), 'F');
    assert_int_equal(history_status(&store, at.entries[2]), 'F');
    history_store_close(&store);
    chain_end(&at);
}

static void test_verify_explain__says_what_the_pass_would_say(void **state)
{
    static chain at;
    history_store store;
    eid_verdict verdict;
    const char *reason;
    eid_at here;

    chain_begin(&at);
    chain_add_data(&at, 0, ADMIN, 1);
    chain_add_data(&at, 0, OUTSIDER, 2);
    history_store_open(&store);
    here = history_at(&store);
    history_ok(eid_verify_explain(&here, at.entries[1], true, &verdict, &reason));
    assert_int_equal(verdict, EID_UNVERIFIED);
    assert_string_equal(reason, "nothing of its database is held");
    history_put(&store, at.entries[0], EID_VERIFIED);
    history_ok(eid_verify_explain(&here, at.entries[1], true, &verdict, &reason));
    assert_int_equal(verdict, EID_VERIFIED);
    history_ok(eid_verify_explain(&here, at.entries[2], true, &verdict, &reason));
    assert_int_equal(verdict, EID_UNVERIFIED);
    assert_string_equal(reason, "a parent of it has not arrived");
    history_put(&store, at.entries[1], EID_VERIFIED);
    history_ok(eid_verify_explain(&here, at.entries[2], true, &verdict, &reason));
    assert_int_equal(verdict, EID_FAILED);
    assert_string_equal(reason, "its key is not in the settings that it pins");
    assert_int_equal(history_status(&store, at.entries[2]), 'a');
    history_store_close(&store);
    chain_end(&at);
}

/* Cached policies are made one from the other; each must be what the plain fold gives, also where a
 * height puts an entry before its own parent. */
static void test_policy_cache__extends_to_what_the_fold_gives(void **state)
{
    static chain at;
    history_store store;
    eid_at here;

    chain_begin(&at);
    for (int i = 0; i < 24; i++) {
        char *grant = history_grant(WRITER, EID_PERMISSION_WRITE,
                                    i % 2 == 0 ? EID_KEY_ACTIVE : EID_KEY_REVOKED);

        chain_add_settings(&at, grant, i % 5 == 4 ? 1 : at.count);
        eid_free(grant);
    }
    history_store_open(&store);
    here = history_at(&store);
    for (size_t i = 0; i < at.count; i++) history_put(&store, at.entries[i], EID_UNVERIFIED);
    for (size_t i = 0; i < at.count; i++) {
        eid_key key = history_key(WRITER);
        const eid_policy *cached;
        const eid_auth_key *expected, *actual;
        eid_policy *folded;
        eid_doc *settings;

        history_ok(eid_verify_policy_at(store.cache, &here, &at.ids[0], history_ids(&at.ids[i], 1),
                                        &cached));
        history_ok(
            eid_verify_settings_at(&here, &at.ids[0], history_ids(&at.ids[i], 1), &settings));
        history_ok(eid_policy_of_settings(settings, &folded));
        expected = eid_policy_find(folded, &key.pub, NULL);
        actual = eid_policy_find(cached, &key.pub, NULL);
        assert_int_equal(expected != NULL, actual != NULL);
        if (expected) assert_int_equal(expected->status, actual->status);
        eid_policy_free(folded);
        eid_doc_free(settings);
    }
    history_store_close(&store);
    chain_end(&at);
}

static void test_policy_cache__keeps_nothing_made_over_a_gap(void **state)
{
    static chain at;
    history_store store;
    const eid_policy *policy;
    eid_key key = history_key(WRITER);
    char *grant = history_grant(WRITER, EID_PERMISSION_WRITE, EID_KEY_ACTIVE);
    eid_at here;

    chain_begin(&at);
    chain_add_settings(&at, grant, 1);
    chain_add_settings(&at, "{\"children\":{}}", 2);
    eid_free(grant);
    history_store_open(&store);
    here = history_at(&store);
    history_put(&store, at.entries[0], EID_UNVERIFIED);
    history_put(&store, at.entries[2], EID_UNVERIFIED);
    history_ok(
        eid_verify_policy_at(store.cache, &here, &at.ids[0], history_ids(&at.ids[2], 1), &policy));
    assert_null(eid_policy_find(policy, &key.pub, NULL));
    history_put(&store, at.entries[1], EID_UNVERIFIED);
    history_ok(
        eid_verify_policy_at(store.cache, &here, &at.ids[0], history_ids(&at.ids[2], 1), &policy));
    assert_non_null(eid_policy_find(policy, &key.pub, NULL));
    history_store_close(&store);
    chain_end(&at);
}

/* Want of memory fails the pass; it must never be taken for a wrong signature or a missing entry.
 */
static void test_verify__survives_every_failing_allocation(void **state)
{
    static chain at;
    bool has_fired = true;

    chain_begin(&at);
    chain_add_settings(&at, "{\"children\":{}}", 1);
    chain_add_data(&at, 1, ADMIN, 2);
    chain_add_data(&at, 0, OUTSIDER, 3);
    for (uint64_t n = 1; has_fired; n++) {
        eid_verify_options options = {.strict = true};
        eid_verify_report report;
        history_store store;
        eid_status status;

        history_store_open(&store);
        for (size_t i = 0; i < at.count; i++) history_put(&store, at.entries[i], EID_UNVERIFIED);
        (void)eid_alloc_fail_at(n, false);
        status = eid_verify_tree(store.batch, &at.ids[0], &options, &report);
        has_fired = eid_alloc_fail_at(0, false) >= n;
        if (status == EID_OK && (report.verified != 3 || report.failed != 1)) {
            fail_msg("allocation %d: %d verified, %d failed", (int)n, (int)report.verified,
                     (int)report.failed);
        }
        assert_true(status == EID_OK || status == EID_E_NO_MEMORY);
        history_store_close(&store);
    }
    chain_end(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify__decides_parents_first_whatever_the_heights),
        cmocka_unit_test(test_verify__believes_a_pool_about_signatures),
        cmocka_unit_test(test_verify__strands_nothing_behind_a_failed_entry),
        cmocka_unit_test(
            test_verify__refuses_a_delegation_that_its_settings_do_not_know_and_a_broken_one),
        cmocka_unit_test(test_verify_explain__says_what_the_pass_would_say),
        cmocka_unit_test(test_policy_cache__extends_to_what_the_fold_gives),
        cmocka_unit_test(test_verify__survives_every_failing_allocation),
        cmocka_unit_test(test_policy_cache__keeps_nothing_made_over_a_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
