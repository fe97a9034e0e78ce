/* Scenes of one key that is revoked, and let in again: each sentence of auth/REVOCATION.md that
 * promises something. Admins against each other are in revocation_admins_test.c, what and where
 * revocation reaches in revocation_reach_test.c. */
#include "tests/node/revocation_stage.h"

/* -- one key is revoked ------------------------------------------------------------------------ */

static void test_revocation__reaches_what_is_dated_back(void **state)
{
    stage s;
    eid_id grant, honest, stolen;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    honest = stage_write(&s, BOB, NULL, "honest", 1);
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    stolen = stage_write(&s, BOB, &grant, "stolen", 2);
    assert_true(stage_is_void(&s, &stolen));
    assert_int_equal(stage_read(&s, "stolen"), -1);
    assert_false(stage_is_void(&s, &honest));
    assert_int_equal(stage_read(&s, "honest"), 1);
    stage_clear(&s);
}

static void test_revocation__takes_back_what_came_before_it(void **state)
{
    stage s;
    eid_id grant, unseen;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_write(&s, ALICE, NULL, "x", 1);
    stage_write(&s, ALICE, NULL, "x", 2);
    unseen = stage_write(&s, BOB, NULL, "x", 3);
    assert_int_equal(stage_read(&s, "x"), 3);
    stage_settings(&s, ALICE, &grant, stage_key(&s, BOB, NULL));
    assert_true(stage_is_void(&s, &unseen));
    assert_int_equal(stage_read(&s, "x"), 2);
    stage_clear(&s);
}

static void test_revocation__leaves_honest_work_on_top_of_void_entries(void **state)
{
    stage s;
    eid_id grant, stolen, honest;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    stolen = stage_write(&s, BOB, &grant, "x", 1);
    honest = stage_write(&s, ALICE, NULL, "y", 2);
    assert_true(stage_is_void(&s, &stolen));
    assert_false(stage_is_void(&s, &honest));
    assert_int_equal(stage_read(&s, "x"), -1);
    assert_int_equal(stage_read(&s, "y"), 2);
    stage_clear(&s);
}

static void test_revocation__makes_the_grants_of_void_entries_void(void **state)
{
    stage s;
    eid_id grant, given, written;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    given = stage_settings(&s, BOB, &grant, stage_key(&s, CAROL, "write:10"));
    written = stage_write(&s, CAROL, &given, "x", 1);
    assert_true(stage_is_void(&s, &given));
    assert_true(stage_is_void(&s, &written));
    assert_int_equal(stage_level(&s, CAROL), FACTS_NONE);
    assert_int_equal(stage_read(&s, "x"), -1);
    stage_clear(&s);
}

static void test_revocation__reaches_a_key_that_signs_by_name_only(void **state)
{
    stage s;
    eid_id grant, honest, stolen;
    step by_name = {.by = BOB, .name = "bob", .store = "data"};

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_named(&s, BOB, "write:10", "bob"));
    by_name.payload = stage_number(&s, "honest", 1);
    honest = stage_do(&s, by_name);
    stage_settings(&s, ALICE, NULL, stage_named(&s, BOB, NULL, "bob"));
    by_name.payload = stage_number(&s, "stolen", 2);
    by_name.at[0] = &grant;
    stolen = stage_do(&s, by_name);
    assert_false(stage_is_void(&s, &honest));
    assert_true(stage_is_void(&s, &stolen));
    assert_int_equal(stage_read(&s, "stolen"), -1);
    stage_clear(&s);
}

static void test_revocation__of_rank_voids_changes_of_settings_only(void **state)
{
    stage s;
    eid_id grant, change, data;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    change = stage_settings(&s, BOB, &grant, stage_key(&s, CAROL, "write:10"));
    data = stage_write(&s, BOB, &grant, "x", 1);
    assert_true(stage_is_void(&s, &change));
    assert_false(stage_is_void(&s, &data));
    assert_int_equal(stage_read(&s, "x"), 1);
    assert_int_equal(stage_level(&s, BOB), FACTS_WRITE);
    assert_int_equal(stage_level(&s, CAROL), FACTS_NONE);
    stage_clear(&s);
}

/* -- let in again ------------------------------------------------------------------------------ */

static void test_revocation__ends_with_a_grant_that_knows_of_it(void **state)
{
    stage s;
    eid_id grant, again, late;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    again = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    late = stage_write(&s, BOB, &again, "x", 1);
    assert_false(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "x"), 1);
    assert_int_equal(stage_level(&s, BOB), FACTS_WRITE);
    late = stage_write(&s, BOB, &grant, "y", 2);
    assert_true(stage_is_void(&s, &late)); /* what it pins is not the new grant */
    stage_clear(&s);
}

static void test_revocation__wins_over_a_grant_made_at_the_same_time(void **state)
{
    stage s;
    eid_id grant, seen, late;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    seen = stage_write(&s, ALICE, &grant, "a", 1);
    stage_settings(&s, ALICE, &grant, stage_key(&s, BOB, NULL));
    stage_settings(&s, ALICE, &seen, stage_key(&s, BOB, "write:3")); /* higher, so later */
    assert_int_equal(stage_level(&s, BOB), FACTS_NONE);
    late = stage_write(&s, BOB, NULL, "x", 1);
    assert_true(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "x"), -1);
    stage_clear(&s);
}

static void test_revocation__is_not_undone_by_a_rename_made_at_the_same_time(void **state)
{
    stage s;
    eid_id grant, seen, late;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:1"));
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    seen = stage_write(&s, CAROL, &grant, "a", 1);
    stage_settings(&s, ALICE, &grant, stage_key(&s, BOB, NULL));
    stage_settings(&s, CAROL, &seen, stage_named(&s, BOB, "write:10", "robert"));
    assert_int_equal(stage_level(&s, BOB), FACTS_NONE);
    late = stage_write(&s, BOB, NULL, "x", 1);
    assert_true(stage_is_void(&s, &late));
    stage_clear(&s);
}

static void test_revocation__lets_single_entries_in_again(void **state)
{
    stage s;
    eid_id grant, one, other;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    one = stage_write(&s, BOB, &grant, "one", 1);
    other = stage_write(&s, BOB, &grant, "other", 2);
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, &one, true));
    assert_false(stage_is_void(&s, &one));
    assert_true(stage_is_void(&s, &other));
    assert_int_equal(stage_read(&s, "one"), 1);
    assert_int_equal(stage_read(&s, "other"), -1);
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, &one, false));
    assert_true(stage_is_void(&s, &one));
    assert_int_equal(stage_read(&s, "one"), -1);
    stage_clear(&s);
}

static void test_revocation__readmits_what_comes_later_but_no_settings(void **state)
{
    eid_builder *builder;
    const eid_entry *later;
    stage s;
    eid_id grant, change, late;
    step late_step = {.by = BOB, .store = "data"};

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    late_step.at[0] = &grant;
    late_step.payload = stage_number(&s, "late", 1);
    builder = stage_build(&s, &late_step);
    later = stage_seal(&s, builder, &late_step); /* kept back */
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    change = stage_settings(&s, BOB, &grant, stage_key(&s, CAROL, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, eid_entry_id(later), true));
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, &change, true));
    late = stage_take(&s, later);
    assert_false(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "late"), 1);
    assert_true(stage_is_void(&s, &change));
    assert_int_equal(stage_level(&s, CAROL), FACTS_NONE);
    stage_clear(&s);
}

/* An admin names as known a change that has not arrived: by what is here it would lower Bob, by
 * that change it does not. */
static void test_revocation__waits_for_what_it_knew(void **state)
{
    step first = {.by = ALICE, .store = EID_STORE_SETTINGS};
    step second = {.by = CAROL, .store = EID_STORE_SETTINGS};
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);
    eid_builder *builder;
    const eid_entry *revocation;
    stage s;
    eid_id grant, written, waiting;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:0"));
    grant = stage_settings(&s, ALICE, NULL, stage_keys(&s, BOB, "write:10", DAVE, "write:10"));
    written = stage_write(&s, BOB, &grant, "x", 1);
    first.at[0] = &written;
    first.payload = stage_key(&s, BOB, NULL);
    revocation = stage_seal(&s, stage_build(&s, &first), &first); /* kept back */
    second.at[0] = &grant;
    second.payload = stage_keys(&s, BOB, "read", DAVE, NULL); /* and Dave in any case */
    builder = stage_build(&s, &second);
    assert_ok(
        eid_builder_set_store_parents(builder, settings, (eid_ids){eid_entry_id(revocation), 1}));
    waiting = stage_take(&s, stage_seal(&s, builder, &second));
    assert_string_equal(eid_verdict_name(stage_verdict(&s, &waiting)), "Unverified");
    assert_false(stage_is_void(&s, &written));
    stage_take(&s, revocation);
    assert_string_equal(eid_verdict_name(stage_verdict(&s, &waiting)), "Verified");
    assert_false(stage_is_void(&s, &written));
    assert_int_equal(stage_read(&s, "x"), 1);
    stage_clear(&s);
}

static void test_revocation__is_not_readmitted_by_those_who_are_void(void **state)
{
    stage s;
    eid_id grant, stolen, claim;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    stolen = stage_write(&s, BOB, &grant, "x", 1);
    claim = stage_settings(&s, BOB, &stolen, stage_readmit(&s, &stolen, true));
    assert_false(stage_is_void(&s, &stolen));
    stage_settings(&s, ALICE, &grant, stage_key(&s, BOB, NULL));
    assert_true(stage_is_void(&s, &claim));
    assert_true(stage_is_void(&s, &stolen));
    stage_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revocation__reaches_what_is_dated_back),
        cmocka_unit_test(test_revocation__takes_back_what_came_before_it),
        cmocka_unit_test(test_revocation__leaves_honest_work_on_top_of_void_entries),
        cmocka_unit_test(test_revocation__makes_the_grants_of_void_entries_void),
        cmocka_unit_test(test_revocation__reaches_a_key_that_signs_by_name_only),
        cmocka_unit_test(test_revocation__of_rank_voids_changes_of_settings_only),
        cmocka_unit_test(test_revocation__ends_with_a_grant_that_knows_of_it),
        cmocka_unit_test(test_revocation__wins_over_a_grant_made_at_the_same_time),
        cmocka_unit_test(test_revocation__is_not_undone_by_a_rename_made_at_the_same_time),
        cmocka_unit_test(test_revocation__lets_single_entries_in_again),
        cmocka_unit_test(test_revocation__readmits_what_comes_later_but_no_settings),
        cmocka_unit_test(test_revocation__waits_for_what_it_knew),
        cmocka_unit_test(test_revocation__is_not_readmitted_by_those_who_are_void),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
