/* Scenes of revocation, by name: each sentence of auth/REVOCATION.md that promises something. */
#include "tests/node/revocation_stage.h"
#include "tests/storage/scratch.h"

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

/* An admin names as known a change that has not arrived: by what is here it lowers Bob, by that
 * change it does not. */
static void test_revocation__lets_in_again_when_what_a_revocation_knew_arrives(void **state)
{
    step first = {.by = ALICE, .store = EID_STORE_SETTINGS};
    step second = {.by = CAROL, .store = EID_STORE_SETTINGS};
    eid_slice settings = eid_slice_text(EID_STORE_SETTINGS);
    eid_builder *builder;
    const eid_entry *revocation;
    stage s;
    eid_id grant, written;

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
    stage_take(&s, stage_seal(&s, builder, &second));
    assert_true(stage_is_void(&s, &written));
    assert_int_equal(stage_read(&s, "x"), -1);
    stage_take(&s, revocation);
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

/* -- other principals -------------------------------------------------------------------------- */

static void test_revocation__reaches_whoever_acts_as_global(void **state)
{
    stage s;
    eid_id open, late;
    step any = {.by = BOB, .is_global = true, .store = "data"};

    stage_set(&s);
    open = stage_settings(&s, ALICE, NULL, stage_global(&s, "write:10"));
    any.payload = stage_number(&s, "before", 1);
    stage_do(&s, any);
    stage_settings(&s, ALICE, NULL, stage_global(&s, NULL));
    any.payload = stage_number(&s, "after", 2);
    any.at[0] = &open;
    late = stage_do(&s, any);
    assert_true(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "before"), 1);
    assert_int_equal(stage_read(&s, "after"), -1);
    stage_clear(&s);
}

static void test_revocation__of_one_key_reaches_it_as_global_too(void **state)
{
    stage s;
    eid_id open, bobs, carols;
    step any = {.by = BOB, .is_global = true, .store = "data", .at = {&open}};

    stage_set(&s);
    open = stage_settings(&s, ALICE, NULL, stage_global(&s, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL)); /* who had no record */
    any.payload = stage_number(&s, "bob", 1);
    bobs = stage_do(&s, any);
    any.by = CAROL;
    any.payload = stage_number(&s, "carol", 2);
    carols = stage_do(&s, any);
    assert_true(stage_is_void(&s, &bobs));
    assert_false(stage_is_void(&s, &carols));
    any.by = BOB;
    any.at[0] = NULL; /* he has seen it, and the grant to all still stands */
    any.payload = stage_number(&s, "bob", 3);
    bobs = stage_do(&s, any);
    assert_true(stage_is_void(&s, &bobs));
    assert_int_equal(stage_read(&s, "bob"), -1);
    assert_int_equal(stage_read(&s, "carol"), 2);
    stage_clear(&s);
}

static void test_revocation__reaches_the_keys_of_a_delegation(void **state)
{
    stage s;
    eid_id far, grant, early, late;
    step through = {.by = DAVE, .through = &far, .store = "data"};

    stage_set(&s);
    far = stage_genesis(&s, DAVE, NULL);
    grant = stage_settings(&s, ALICE, NULL, stage_delegate(&s, &far, "write:3"));
    through.payload = stage_number(&s, "early", 1);
    early = stage_do(&s, through);
    stage_settings(&s, ALICE, NULL, stage_delegate(&s, &far, NULL));
    through.at[0] = &grant;
    through.payload = stage_number(&s, "late", 2);
    late = stage_do(&s, through);
    assert_false(stage_is_void(&s, &early));
    assert_true(stage_is_void(&s, &late));
    assert_int_equal(stage_read(&s, "early"), 1);
    assert_int_equal(stage_read(&s, "late"), -1);
    stage_clear(&s);
}

static void test_revocation__of_one_key_reaches_it_through_a_delegation(void **state)
{
    stage s;
    eid_id far, grant, late;
    step through = {.by = DAVE, .through = &far, .store = "data"};

    stage_set(&s);
    far = stage_genesis(&s, DAVE, NULL);
    stage_settings(&s, ALICE, NULL, stage_delegate(&s, &far, "write:3"));
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, DAVE, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, DAVE, NULL));
    through.at[0] = &grant;
    through.payload = stage_number(&s, "late", 2);
    late = stage_do(&s, through);
    assert_true(stage_is_void(&s, &late));
    stage_clear(&s);
}

static void test_revocation__of_everything_at_once_is_one_of_each(void **state)
{
    stage s;
    eid_id grants, late, alices;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:0"));
    grants = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, CAROL, NULL, stage_text(&s, "auth.keys", "gone"));
    late = stage_write(&s, BOB, &grants, "x", 1);
    alices = stage_settings(&s, ALICE, &grants, stage_key(&s, DAVE, "write:10"));
    assert_true(stage_is_void(&s, &late));
    assert_true(stage_is_void(&s, &alices)); /* of one strength */
    assert_int_equal(stage_level(&s, DAVE), FACTS_NONE);
    stage_clear(&s);
}

/* -- where it holds ---------------------------------------------------------------------------- */

static void test_revocation__is_as_in_the_reference_where_it_is_not_enforced(void **state)
{
    static const char *const others[] = {NULL, "Enforced", "pinned"};

    for (size_t i = 0; i < EID_COUNT(others); i++) {
        stage s;
        eid_id grant, late;

        stage_set_as(&s, "memory://", others[i]);
        grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
        stage_settings(&s, ALICE, NULL, stage_text(&s, "revocation", "enforced")); /* too late */
        stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
        late = stage_write(&s, BOB, &grant, "x", 1);
        assert_false(stage_is_void(&s, &late));
        assert_int_equal(stage_read(&s, "x"), 1);
        stage_clear(&s);
    }
}

static void test_revocation__cannot_be_turned_off(void **state)
{
    stage s;
    eid_id grant, late;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_text(&s, "revocation", "off"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    late = stage_write(&s, BOB, &grant, "x", 1);
    assert_true(stage_is_void(&s, &late));
    stage_clear(&s);
}

static void test_revocation__refuses_an_entry_that_is_not_higher_than_its_parents(void **state)
{
    static const char *const kinds[] = {"enforced", "pinned"};

    for (size_t i = 0; i < EID_COUNT(kinds); i++) {
        step low = {.by = ALICE, .store = "data"};
        eid_builder *builder;
        eid_id id;
        stage s;

        stage_set_as(&s, "memory://", kinds[i]);
        stage_write(&s, ALICE, NULL, "x", 1);
        low.payload = stage_number(&s, "x", 2);
        builder = stage_build(&s, &low);
        eid_builder_set_height(builder, 1);
        id = stage_take(&s, stage_seal(&s, builder, &low));
        assert_string_equal(eid_verdict_name(stage_verdict(&s, &id)),
                            i == 0 ? "Failed" : "Verified");
        stage_clear(&s);
    }
}

static void test_revocation__is_kept_over_a_restart(void **state)
{
    eid_engine_config config = {.create = false, .verify_inline = true};
    eid_id grant, stolen, missed;
    scratch place;
    stage s;

    scratch_begin(&place);
    stage_set_as(&s, place.url, "enforced");
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "write:10"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, NULL));
    stolen = stage_write(&s, BOB, &grant, "x", 1);
    missed = stage_write(&s, BOB, &grant, "y", 2);
    stage_settings(&s, ALICE, NULL, stage_readmit(&s, &missed, true));
    eid_engine_close(s.world.engine);
    config.url = place.url;
    assert_ok(eid_engine_open(&config, &s.world.engine));
    s.world.seam = eid_engine_seam(s.world.engine);
    assert_true(stage_is_void(&s, &stolen));
    assert_false(stage_is_void(&s, &missed));
    assert_int_equal(stage_read(&s, "x"), -1);
    assert_int_equal(stage_read(&s, "y"), 2);
    assert_int_equal(stage_level(&s, BOB), FACTS_NONE);
    stolen = stage_write(&s, BOB, &grant, "z", 3);
    assert_true(stage_is_void(&s, &stolen));
    stage_clear(&s);
    scratch_end(&place);
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
        cmocka_unit_test(test_revocation__lets_in_again_when_what_a_revocation_knew_arrives),
        cmocka_unit_test(test_revocation__is_not_readmitted_by_those_who_are_void),
        cmocka_unit_test(test_revocation__reaches_whoever_acts_as_global),
        cmocka_unit_test(test_revocation__of_one_key_reaches_it_as_global_too),
        cmocka_unit_test(test_revocation__reaches_the_keys_of_a_delegation),
        cmocka_unit_test(test_revocation__of_one_key_reaches_it_through_a_delegation),
        cmocka_unit_test(test_revocation__of_everything_at_once_is_one_of_each),
        cmocka_unit_test(test_revocation__is_as_in_the_reference_where_it_is_not_enforced),
        cmocka_unit_test(test_revocation__cannot_be_turned_off),
        cmocka_unit_test(test_revocation__refuses_an_entry_that_is_not_higher_than_its_parents),
        cmocka_unit_test(test_revocation__is_kept_over_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
