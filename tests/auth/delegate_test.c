/* What our rules add to following a delegation (spec 05 §7.5 row 8, §7.3 [H]), and the list of
 * rules. */
#include "auth/rule.h"
#include "tests/auth/forest.h"

/* An identity tree whose second entry, which makes key 1 an admin, is not Verified. */
typedef struct doubtful {
    forest at;
    tree *people;
    question answer;
} doubtful;

static void doubtful_open(doubtful *self, eid_verdict verdict)
{
    eid_doc *settings = doc_new();

    forest_open(&self->at);
    self->people = forest_identity(&self->at, 1, "read");
    self->answer = (question){.number = 1,
                              .from = forest_delegating(&self->at, self->people, "admin:0", NULL)};
    put_key(settings, 1, "admin:3");
    forest_append(&self->at, self->people, &settings);
    history_ok(eid_index_set_verdict(self->at.store.batch, &self->people->tip, verdict));
    ask_step(&self->answer, self->people, history_ids(&self->people->tip, 1));
}

static void test_delegate__strict_refuses_claimed_tips_that_are_failed(void **state)
{
    doubtful self;

    (void)state;
    doubtful_open(&self, EID_FAILED);
    ask(&self.at, &self.answer);
    assert_refused(&self.answer, EID_DELEGATE_REFUSED, EID_KIND_AUTH_DELEGATION_TIPS);
    forest_close(&self.at);
}

static void test_delegate__strict_waits_for_claimed_tips_that_are_undecided(void **state)
{
    doubtful self;

    (void)state;
    doubtful_open(&self, EID_UNVERIFIED);
    ask(&self.at, &self.answer);
    assert_refused(&self.answer, EID_DELEGATE_WAITS, EID_KIND_AUTH_DELEGATION_UNSYNCED);
    history_ok(eid_index_set_verdict(self.at.store.batch, &self.people->tip, EID_VERIFIED));
    ask(&self.at, &self.answer);
    assert_found(&self.answer, "admin:3", EID_KEY_ACTIVE);
    forest_close(&self.at);
}

static void test_delegate__lenient_asks_only_whether_claimed_tips_are_held(void **state)
{
    static const eid_verdict verdicts[] = {EID_FAILED, EID_UNVERIFIED};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        doubtful self;

        doubtful_open(&self, verdicts[i]);
        self.answer.is_lenient = true;
        ask(&self.at, &self.answer);
        assert_found(&self.answer, "admin:3", EID_KEY_ACTIVE);
        forest_close(&self.at);
    }
}

/* Whatever else is wrong with a path, what is missing is waited for: only then nothing that arrives
 * later can turn the answer round. */
static void test_delegate__what_is_missing_comes_before_what_is_wrong(void **state)
{
    eid_id claims[2] = {eid_id_of_entry(eid_slice_text("missing"))};
    forest at;
    tree *people, *other;
    question answer = {.number = 1};

    (void)state;
    forest_open(&at);
    people = forest_identity(&at, 1, "admin:3");
    other = forest_identity(&at, 2, "read");
    claims[1] = other->tip;
    answer.from = forest_delegating(&at, people, "admin:0", NULL);
    ask_step(&answer, people, history_ids(claims, 2));
    ask(&at, &answer);
    assert_refused(&answer, EID_DELEGATE_WAITS, EID_KIND_AUTH_DELEGATION_TIPS);
    forest_close(&at);
}

static void test_rule__is_found_again_by_its_sentence(void **state)
{
    (void)state;
    for (eid_rule rule = EID_RULE_OTHER + 1; rule <= EID_RULE_NOTHING_HELD; rule++) {
        assert_int_equal(eid_rule_find(eid_rule_text(rule)), rule);
        assert_int_equal(strncmp(eid_rule_source(rule), "spec ", 5), 0);
        assert_true(strlen(eid_rule_code(rule)) > 0);
    }
    assert_int_equal(eid_rule_find("something else"), EID_RULE_OTHER);
    assert_int_equal(eid_rule_find(NULL), EID_RULE_OTHER);
    assert_string_equal(eid_rule_code(EID_RULE_OTHER), "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delegate__strict_refuses_claimed_tips_that_are_failed),
        cmocka_unit_test(test_delegate__strict_waits_for_claimed_tips_that_are_undecided),
        cmocka_unit_test(test_delegate__lenient_asks_only_whether_claimed_tips_are_held),
        cmocka_unit_test(test_delegate__what_is_missing_comes_before_what_is_wrong),
        cmocka_unit_test(test_rule__is_found_again_by_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
