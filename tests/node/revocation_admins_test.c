/* Scenes of admins who revoke each other: who wins is decided by grants that others signed, never
 * by the height of an entry (auth/REVOCATION.md). */
#include "tests/node/revocation_stage.h"

static void test_revocation__of_two_admins_is_won_by_the_stronger(void **state)
{
    stage s;
    eid_id grants, low, high, answer;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:2"));
    grants = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    high = stage_write(&s, BOB, &grants, "a", 1);
    high = stage_write(&s, BOB, &high, "b", 1);
    answer = stage_settings(&s, BOB, &high, stage_key(&s, CAROL, NULL));
    low = stage_settings(&s, CAROL, &grants, stage_key(&s, BOB, NULL)); /* dated back */
    assert_true(stage_is_void(&s, &low));
    assert_false(stage_is_void(&s, &answer));
    assert_int_equal(stage_level(&s, BOB), FACTS_ADMIN);
    assert_int_equal(stage_level(&s, CAROL), FACTS_NONE);
    stage_clear(&s);
}

static void test_revocation__of_two_admins_is_won_by_the_one_closer_to_the_creator(void **state)
{
    stage s;
    eid_id grants, low, high, answer;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    grants = stage_settings(&s, BOB, NULL, stage_key(&s, CAROL, "admin:0")); /* made no stronger */
    high = stage_write(&s, BOB, &grants, "a", 1);
    answer = stage_settings(&s, BOB, &high, stage_key(&s, CAROL, NULL));
    low = stage_settings(&s, CAROL, &grants, stage_key(&s, BOB, NULL));
    assert_true(stage_is_void(&s, &low));
    assert_false(stage_is_void(&s, &answer));
    assert_int_equal(stage_level(&s, CAROL), FACTS_NONE);
    stage_clear(&s);
}

static void test_revocation__of_two_admins_is_won_by_the_one_granted_earlier(void **state)
{
    stage s;
    eid_id grants, low, high, answer;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    grants = stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:1"));
    high = stage_write(&s, BOB, &grants, "a", 1);
    answer = stage_settings(&s, BOB, &high, stage_key(&s, CAROL, NULL));
    low = stage_settings(&s, CAROL, &grants, stage_key(&s, BOB, NULL));
    assert_true(stage_is_void(&s, &low));
    assert_false(stage_is_void(&s, &answer));
    assert_int_equal(stage_level(&s, BOB), FACTS_ADMIN);
    stage_clear(&s);
}

static void test_revocation__by_a_weaker_admin_voids_nothing_of_a_stronger(void **state)
{
    stage s;
    eid_id grant, given, attack;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    given = stage_settings(&s, ALICE, &grant, stage_key(&s, CAROL, "write:10"));
    attack = stage_settings(&s, BOB, &grant, stage_key(&s, ALICE, NULL));
    assert_false(stage_is_void(&s, &given));
    assert_false(stage_is_void(&s, &attack));
    assert_int_equal(stage_level(&s, ALICE), FACTS_NONE); /* as in the reference, until answered */
    stage_settings(&s, ALICE, &given, stage_key(&s, BOB, NULL));
    assert_true(stage_is_void(&s, &attack));
    assert_int_equal(stage_level(&s, ALICE), FACTS_ADMIN);
    assert_int_equal(stage_level(&s, BOB), FACTS_NONE);
    assert_int_equal(stage_level(&s, CAROL), FACTS_WRITE);
    stage_clear(&s);
}

static void test_revocation__that_is_void_does_not_bind_who_has_seen_it(void **state)
{
    stage s;
    eid_id grant, seen, attack, answer, after;

    stage_set(&s);
    grant = stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    seen = stage_write(&s, BOB, &grant, "a", 1);
    answer = stage_settings(&s, ALICE, &grant, stage_key(&s, BOB, NULL));
    attack =
        stage_settings(&s, BOB, &seen, stage_key(&s, ALICE, NULL)); /* the later by its stamp */
    assert_true(stage_is_void(&s, &attack));
    after = stage_do(&s, (step){.by = ALICE,
                                .at = {&answer, &attack},
                                .store = "data",
                                .payload = stage_number(&s, "x", 7)});
    assert_false(stage_is_void(&s, &after));
    assert_int_equal(stage_read(&s, "x"), 7);
    after = stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "write:10"));
    assert_false(stage_is_void(&s, &after));
    assert_int_equal(stage_level(&s, CAROL), FACTS_WRITE);
    stage_clear(&s);
}

static void test_revocation__in_a_circle_is_begun_by_the_senior(void **state)
{
    stage s;
    eid_id grants, bobs, carols, daves;

    stage_set(&s);
    stage_settings(&s, ALICE, NULL, stage_key(&s, BOB, "admin:1"));
    stage_settings(&s, ALICE, NULL, stage_key(&s, CAROL, "admin:1"));
    grants = stage_settings(&s, ALICE, NULL, stage_key(&s, DAVE, "admin:1"));
    daves = stage_settings(&s, DAVE, &grants, stage_key(&s, BOB, NULL));
    carols = stage_settings(&s, CAROL, &grants, stage_key(&s, DAVE, NULL));
    bobs = stage_settings(&s, BOB, &grants, stage_key(&s, CAROL, NULL));
    assert_false(stage_is_void(&s, &bobs));
    assert_true(stage_is_void(&s, &carols));
    assert_false(stage_is_void(&s, &daves)); /* nobody who stands has revoked him */
    assert_int_equal(stage_level(&s, BOB), FACTS_NONE);
    assert_int_equal(stage_level(&s, CAROL), FACTS_NONE);
    assert_int_equal(stage_level(&s, DAVE), FACTS_ADMIN);
    stage_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revocation__of_two_admins_is_won_by_the_stronger),
        cmocka_unit_test(test_revocation__of_two_admins_is_won_by_the_one_closer_to_the_creator),
        cmocka_unit_test(test_revocation__of_two_admins_is_won_by_the_one_granted_earlier),
        cmocka_unit_test(test_revocation__by_a_weaker_admin_voids_nothing_of_a_stronger),
        cmocka_unit_test(test_revocation__that_is_void_does_not_bind_who_has_seen_it),
        cmocka_unit_test(test_revocation__in_a_circle_is_begun_by_the_senior),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
