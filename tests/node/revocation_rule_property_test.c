/* The rule alone (auth/revocation.h), without an engine around it, against the naive evaluator: the
 * settings entries of random histories are added in random order, decided once or after each, and
 * everything that can be asked must be what auth/REVOCATION.md says.
 *
 * EID_RUNS = number of histories, EID_SEED = only this one: a failure prints it. */
#include <stdlib.h>

#include "auth/revocation.h"
#include "crdt/fold.h"
#include "tests/node/revocation_people.h"
#include "tests/node/revocation_show.h"

#define RUNS 700

typedef struct run {
    story story;
    naive naive;
    eid_revocations *history;
} run;

static void fail_run(const run *self, const char *what, size_t i)
{
    story_show(&self->story, &self->naive);
    fail_msg("EID_SEED=%llu, entry %zu: %s", (unsigned long long)self->story.seed,
             story_place(&self->story, eid_entry_id(self->naive.f.entries[i])), what);
}

static eid_status is_before(void *arg, const eid_id *revocation, const eid_id *entry, bool *out)
{
    const run *self = arg;

    *out =
        self->naive.f
            .is_before[facts_place(&self->naive.f, revocation)][facts_place(&self->naive.f, entry)];
    return EID_OK;
}

static void fill(run *self)
{
    size_t order[FACTS_ENTRIES_MAX];
    bool is_eager = story_chance(&self->story, 20);

    FACTS_OK(eid_revocations_new(&self->history));
    for (size_t i = 0; i < self->naive.f.count; i++) order[i] = i;
    for (size_t i = self->naive.f.count; i > 1; i--) {
        size_t j = story_below(&self->story, i), kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
    for (size_t i = 0; i < self->naive.f.count; i++) {
        if (!self->naive.f.in_s[order[i]]) continue;
        FACTS_OK(eid_revocations_add(self->history, self->naive.f.entries[order[i]]));
        if (is_eager) FACTS_OK(eid_revocations_decide(self->history));
    }
    FACTS_OK(eid_revocations_decide(self->history));
}

static void check_list(const run *self)
{
    if (eid_revocations_count(self->history) != self->naive.stand_count) {
        fail_run(self, "the number of revocations that stand", 0);
    }
    for (size_t i = 0; i < self->naive.stand_count; i++) {
        eid_revocation at = eid_revocations_at(self->history, i);
        size_t r = facts_place(&self->naive.f, at.id);

        if (!self->naive.stands[r]) fail_run(self, "stands, and should not", r);
        if (self->naive.rank[r].strength != at.strength) fail_run(self, "strength", r);
    }
}

static void check_voids(run *self)
{
    naive before = self->naive;
    eid_idset voids = EID_IDSET_EMPTY;

    naive_judge(&before);
    FACTS_OK(eid_revocations_voids(self->history, &voids));
    for (size_t i = 0; i < before.f.count; i++) {
        bool is_listed = eid_idset_has(&voids, eid_entry_id(before.f.entries[i]));
        eid_revocation_answer answer;

        FACTS_OK(
            eid_revocations_judge(self->history, before.f.entries[i], is_before, self, &answer));
        if (answer.is_void != self->naive.is_void[i]) {
            fail_run(self, answer.is_void ? "judged void" : "judged not void", i);
        }
        if (answer.is_readmitted != (before.is_void[i] && !self->naive.is_void[i])) {
            fail_run(self, answer.is_readmitted ? "readmitted" : "not readmitted", i);
        }
        if (before.f.in_s[i] && is_listed != before.is_void[i]) {
            fail_run(self, is_listed ? "listed as void" : "not listed as void", i);
        }
    }
    eid_idset_fini(&voids);
}

/* The `_settings` of S without the void. New: eid_doc_free(). */
static eid_doc *fold(const run *self)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_doc *state;

    FACTS_OK(eid_doc_new(&state));
    for (size_t i = 0; i < self->naive.f.count; i++) {
        eid_order_item stamp = self->naive.f.stamp[i];

        if (!self->naive.f.in_s[i] || self->naive.is_void[i]) continue;
        FACTS_OK(eid_order_push(&order, stamp.height, &stamp.id));
    }
    eid_order_sort(&order);
    for (size_t k = 0; k < order.count; k++) {
        size_t i = facts_place(&self->naive.f, &order.at[k].id);
        eid_doc *payload = facts_payload(self->naive.f.entries[i], EID_STORE_SETTINGS);

        if (payload != NULL) FACTS_OK(eid_doc_merge(state, payload));
        eid_doc_free(payload);
    }
    eid_order_fini(&order);
    return state;
}

static facts_write now_of(const eid_policy *policy, const facts_principal *principal)
{
    const eid_auth_key *key = eid_policy_global(policy, NULL);
    eid_pubkey pubkey;
    eid_id tree;

    if (principal->section == FACTS_IN_DELEGATIONS) {
        const eid_delegation *delegation;

        FACTS_OK(eid_id_parse(eid_slice_text(principal->text), &tree));
        delegation = eid_policy_find_delegation(policy, &tree, NULL);
        if (delegation == NULL) return (facts_write){.is_there = true};
        return facts_write_of_permission(delegation->bounds.max);
    }
    if (principal->section == FACTS_IN_KEYS) {
        FACTS_OK(eid_pubkey_parse(eid_slice_text(principal->text), &pubkey));
        key = eid_policy_find(policy, &pubkey, NULL);
    }
    if (key == NULL || key->status != EID_KEY_ACTIVE) return (facts_write){.is_there = true};
    return facts_write_of_permission(key->permission);
}

static void check_policy(const run *self)
{
    eid_doc *settings = fold(self);
    eid_policy *policy;
    char text[200];

    FACTS_OK(eid_revocations_override(self->history, settings));
    FACTS_OK(eid_policy_of_settings(settings, &policy));
    for (size_t x = 0; x < self->naive.f.principal_count; x++) {
        facts_write expected = naive_now(&self->naive, x), now;

        now = now_of(policy, &self->naive.f.principals[x]);
        if (now.level == expected.level && now.priority == expected.priority) continue;
        snprintf(text, sizeof(text), "%s has %d:%u now, expected %d:%u",
                 self->naive.f.principals[x].text, now.level, now.priority, expected.level,
                 expected.priority);
        fail_run(self, text, 0);
    }
    eid_policy_free(policy);
    eid_doc_free(settings);
}

static void run_one(uint64_t seed, const eid_key *keys)
{
    static run self;
    const eid_entry *entries[STORY_ENTRIES_MAX];

    memset(&self, 0, sizeof(self));
    story_begin(&self.story, seed, STORY_ENTRIES_MAX, keys);
    naive_run(&self.naive, entries, story_list(&self.story, self.story.verified, entries));
    if (self.naive.f.is_enforced) {
        fill(&self);
        check_list(&self);
        check_voids(&self);
        check_policy(&self);
        eid_revocations_free(self.history);
    }
    story_end(&self.story);
}

static void test_revocations__decide_as_the_document_says(void **state)
{
    const char *only = getenv("EID_SEED"), *more = getenv("EID_RUNS");
    uint64_t first = only ? strtoull(only, NULL, 10) : 1;
    size_t runs = more ? (size_t)strtoull(more, NULL, 10) : only ? 1 : RUNS;
    eid_key keys[STORY_KEYS];

    story_keys(keys);
    printf("seeds %llu to %llu; EID_SEED repeats one\n", (unsigned long long)first,
           (unsigned long long)(first + runs - 1));
    for (size_t i = 0; i < runs; i++) run_one(first + i, keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revocations__decide_as_the_document_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
