/* Whoever holds the same entries sees the same data, in whatever order they came. Random histories
 * of enforced databases, hostile ones among them, are delivered to three engines in random orders
 * and batches, one of them in a single batch; what is void, the states of the stores, the statuses,
 * the tips and the policy must be those of the naive evaluator, which was written from
 * auth/REVOCATION.md alone.
 *
 * EID_RUNS = number of histories, EID_SEED = only this one: a failure prints it, and the history.
 */
#include <stdlib.h>

#include "crdt/fold.h"
#include "node/db/engine.h"
#include "tests/node/revocation_people.h"
#include "tests/node/revocation_show.h"

#define RUNS 2000
#define ENGINES 3

typedef struct run {
    story story;
    naive naive; /* of what is Verified when all has come */
    eid_engine *engine;
    eid_id root;
    const char *what;
} run;

typedef struct tally {
    size_t entries, verified, voided, standing, readmitted, added;
} tally;

/* -- failing ----------------------------------------------------------------------------------- */

/* Print the history and fail. */
static void fail_run(const run *self, const char *what)
{
    story_show(&self->story, &self->naive);
    fail_msg("EID_SEED=%llu, %s: %s", (unsigned long long)self->story.seed, self->what, what);
}

/* -- comparing --------------------------------------------------------------------------------- */

static char status_of(const run *self, size_t i)
{
    const eid_at at = {.kv = eid_engine_kv(self->engine)};
    eid_index_info info;
    eid_status status = eid_index_find(&at, eid_entry_id(self->story.entries[i]), &info);

    if (status == EID_E_NOT_FOUND) return '-';
    FACTS_OK(status);
    return eid_verdict_name(info.verdict)[0];
}

static void check_statuses(const run *self)
{
    char expected[STORY_ENTRIES_MAX + 1] = "", actual[STORY_ENTRIES_MAX + 1] = "", text[200];

    for (size_t i = 0; i < self->story.count; i++) {
        expected[i] = self->story.verified & STORY_BIT(i) ? 'V' : 'F';
        actual[i] = status_of(self, i);
    }
    if (strcmp(expected, actual) == 0) return;
    snprintf(text, sizeof(text), "statuses: expected %s, got %s", expected, actual);
    fail_run(self, text);
}

/* The entries that the engine calls void are those of `expected`, and it says the same of each. */
static void check_voids(const run *self, const naive *expected)
{
    const eid_at at = {.kv = eid_engine_kv(self->engine)};
    eid_idset voids = EID_IDSET_EMPTY;
    uint32_t database = 0;
    size_t count = 0;
    char text[200];

    FACTS_OK(eid_index_database(&at, &self->root, &database));
    FACTS_OK(eid_index_voids(&at, &self->root, &voids));
    for (size_t i = 0; i < expected->f.count; i++) {
        const eid_id *id = eid_entry_id(expected->f.entries[i]);
        bool is_void = false;

        count += expected->is_void[i];
        FACTS_OK(eid_index_is_void(&at, database, id, &is_void));
        if (is_void == expected->is_void[i] && eid_idset_has(&voids, id) == is_void) continue;
        snprintf(text, sizeof(text), "entry %d is %s, expected %s",
                 __builtin_ctz(story_show_ids(&self->story, (eid_ids){id, 1})),
                 is_void ? "void" : "not void", expected->is_void[i] ? "void" : "not void");
        fail_run(self, text);
    }
    if (voids.count != count) fail_run(self, "an entry that is not Verified is void");
    eid_idset_fini(&voids);
}

/* The plain fold of the Verified entries of a store that are not void. New: eid_doc_free(). */
static eid_doc *fold(const naive *by, const char *store)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_doc *state;

    FACTS_OK(eid_doc_new(&state));
    for (size_t i = 0; i < by->f.count; i++) {
        const eid_subtree *subtree =
            eid_entry_find_subtree(by->f.entries[i], eid_slice_text(store));

        if (by->is_void[i] || subtree == NULL) continue;
        FACTS_OK(eid_order_push(&order, subtree->height, eid_entry_id(by->f.entries[i])));
    }
    eid_order_sort(&order);
    for (size_t k = 0; k < order.count; k++) {
        const eid_entry *entry = by->f.entries[facts_place(&by->f, &order.at[k].id)];
        const eid_subtree *subtree = eid_entry_find_subtree(entry, eid_slice_text(store));

        if (subtree->has_data) FACTS_OK(eid_fold_payload(state, subtree->data));
    }
    eid_order_fini(&order);
    return state;
}

static void check_store(const run *self, const naive *by, const char *store)
{
    const eid_seam *seam = eid_engine_seam(self->engine);
    eid_doc *expected = fold(by, store), *actual = NULL;
    eid_status status = seam->doc(seam->self, &self->root, eid_slice_text(store), &actual);
    eid_buf text;

    if (status == EID_E_NOT_FOUND) status = eid_doc_new(&actual);
    FACTS_OK(status);
    if (!eid_doc_equal(expected, actual)) {
        eid_buf_init(&text, 1u << 20);
        FACTS_OK(eid_payload_write_doc(expected, &text));
        eid_buf_append_text(&text, "\n");
        FACTS_OK(eid_payload_write_doc(actual, &text));
        print_error("store %s, expected and actual:\n%.*s\n", store,
                    EID_SLICE_ARG(eid_buf_slice(&text)));
        eid_buf_fini(&text);
        fail_run(self, "the state of a store");
    }
    eid_doc_free(expected);
    eid_doc_free(actual);
}

/* The same as of the visible tips, where it is folded anew. */
static void check_store_there(const run *self, const naive *by, const char *store)
{
    const eid_seam *seam = eid_engine_seam(self->engine);
    eid_doc *expected = fold(by, store), *actual = NULL;
    eid_idset tips = EID_IDSET_EMPTY;

    FACTS_OK(seam->tips(seam->self, &self->root, false, &tips));
    FACTS_OK(seam->doc_at(seam->self, &self->root, eid_slice_text(store), eid_idset_ids(&tips),
                          &actual));
    if (!eid_doc_equal(expected, actual)) fail_run(self, "a store as of the visible tips");
    eid_idset_fini(&tips);
    eid_doc_free(expected);
    eid_doc_free(actual);
}

static void check_stores(const run *self, const naive *by)
{
    check_store(self, by, "a");
    check_store(self, by, "b");
    check_store(self, by, EID_STORE_SETTINGS);
}

static void check_tips(const run *self)
{
    const eid_seam *seam = eid_engine_seam(self->engine);
    eid_idset expected =
        story_ids(&self->story, story_tips(self->story.past, self->story.verified));
    eid_idset actual = EID_IDSET_EMPTY;

    FACTS_OK(seam->tips(seam->self, &self->root, false, &actual));
    if (!eid_idset_equal(&expected, &actual)) fail_run(self, "the visible tips");
    eid_idset_fini(&expected);
    eid_idset_fini(&actual);
}

/* What each key may do now; runs under the lock of the policy, so it only looks. */
typedef struct policy_look {
    const run *run;
    facts_write keys[STORY_KEYS + 1]; /* the last is `global` */
} policy_look;

static facts_write policy_write(const eid_auth_key *key)
{
    if (key == NULL || key->status != EID_KEY_ACTIVE) return (facts_write){.is_there = true};
    return facts_write_of_permission(key->permission);
}

static void policy_take(void *arg, const eid_policy *policy)
{
    policy_look *look = arg;

    for (size_t k = 0; k < STORY_KEYS; k++) {
        look->keys[k] = policy_write(eid_policy_find(policy, &look->run->story.keys[k].pub, NULL));
    }
    look->keys[STORY_KEYS] = policy_write(eid_policy_global(policy, NULL));
}

static void check_policy(const run *self, const naive *by)
{
    policy_look look = {.run = self};
    char text[EID_KEY_TEXT_MAX], what[100];

    FACTS_OK(eid_engine_with_policy(self->engine, &self->root, policy_take, &look));
    for (size_t k = 0; k <= STORY_KEYS; k++) {
        size_t x = FACTS_GLOBAL;
        facts_write now = {.is_there = true};

        if (k < STORY_KEYS) {
            eid_pubkey_text(&self->story.keys[k].pub, text);
            x = facts_find(&by->f, FACTS_IN_KEYS, eid_slice_text(text));
        }
        if (x != FACTS_NOBODY) now = naive_now(by, x);
        if (now.level == look.keys[k].level && now.priority == look.keys[k].priority) continue;
        snprintf(what, sizeof(what), "key %zu has level %d:%u now, expected %d:%u", k,
                 look.keys[k].level, look.keys[k].priority, now.level, now.priority);
        fail_run(self, what);
    }
}

static void check_itself(const run *self)
{
    const eid_seam *seam = eid_engine_seam(self->engine);
    uint64_t findings = 0;
    eid_buf report;

    eid_buf_init(&report, 100000);
    FACTS_OK(seam->check(seam->self, &self->root, &report, &findings));
    if (findings > 0) {
        print_error("%.*s", EID_SLICE_ARG(eid_buf_slice(&report)));
        fail_run(self, "its own check finds something");
    }
    eid_buf_fini(&report);
}

/* -- delivering -------------------------------------------------------------------------------- */

/* What the engine calls Verified at this moment, judged naively. */
static void check_midway(run *self)
{
    const eid_entry *entries[STORY_ENTRIES_MAX];
    size_t count = 0;
    naive now;

    for (size_t i = 0; i < self->story.count; i++) {
        if (status_of(self, i) == 'V') entries[count++] = self->story.entries[i];
    }
    if (count == 0) return;
    naive_run(&now, entries, count);
    check_voids(self, &now);
    check_stores(self, &now);
    check_policy(self, &now);
}

static void deliver(run *self, size_t number)
{
    story *s = &self->story;
    eid_slice bytes[STORY_ENTRIES_MAX];
    size_t largest = number == 0 ? s->count : 1 + story_below(s, 5);

    for (size_t i = 0; i < s->count; i++) bytes[i] = eid_entry_bytes(s->entries[i]);
    for (size_t i = s->count; i > 1; i--) {
        size_t j = story_below(s, i);
        eid_slice kept = bytes[i - 1];

        bytes[i - 1] = bytes[j];
        bytes[j] = kept;
    }
    for (size_t i = 0; i < s->count;) {
        size_t count = number == 0 ? s->count : 1 + story_below(s, largest);
        eid_ingest_report report;

        if (count > s->count - i) count = s->count - i;
        FACTS_OK(
            eid_engine_ingest(self->engine, bytes + i, count, NULL, EID_DURABLE_ASYNC, &report));
        eid_idset_fini(&report.missing);
        i += count;
        if (number == 1 && i < s->count) check_midway(self);
    }
}

static void run_engine(run *self, size_t number)
{
    static const char *const names[ENGINES] = {"in one batch", "looked at midway", "in any order"};
    eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};

    self->what = names[number];
    FACTS_OK(eid_engine_open(&config, &self->engine));
    deliver(self, number);
    check_statuses(self);
    check_voids(self, &self->naive);
    check_stores(self, &self->naive);
    check_store_there(self, &self->naive, "a");
    check_tips(self);
    check_policy(self, &self->naive);
    if (self->story.seed % ENGINES == number) check_itself(self);
    eid_engine_close(self->engine);
    self->engine = NULL;
}

static void count_run(const run *self, tally *sum)
{
    bool is_void[FACTS_ENTRIES_MAX];
    naive again = self->naive;

    sum->entries += self->story.count;
    sum->verified += self->naive.f.count;
    sum->standing += self->naive.stand_count;
    if (!self->naive.f.is_enforced) return;
    naive_judge(&again);
    memcpy(is_void, again.is_void, sizeof(is_void));
    for (size_t i = 0; i < again.f.count; i++) {
        sum->voided += self->naive.is_void[i];
        sum->readmitted += is_void[i] && !self->naive.is_void[i];
    }
}

static void run_one(uint64_t seed, const eid_key *keys, tally *sum)
{
    static run self;
    const eid_entry *entries[STORY_ENTRIES_MAX];
    size_t count = 0;

    memset(&self, 0, sizeof(self));
    story_begin(&self.story, seed, seed % 4 == 0 ? STORY_ENTRIES_MAX : 16, keys);
    self.root = *eid_entry_id(self.story.entries[0]);
    for (size_t i = 0; i < self.story.count; i++) {
        if (self.story.verified & STORY_BIT(i)) entries[count++] = self.story.entries[i];
    }
    naive_run(&self.naive, entries, count);
    for (size_t number = 0; number < ENGINES; number++) run_engine(&self, number);
    count_run(&self, sum);
    story_end(&self.story);
}

static void test_revocation__is_the_same_in_any_order_and_as_the_document_says(void **state)
{
    const char *only = getenv("EID_SEED"), *more = getenv("EID_RUNS");
    uint64_t first = only ? strtoull(only, NULL, 10) : 1;
    size_t runs = more ? (size_t)strtoull(more, NULL, 10) : only ? 1 : RUNS;
    tally sum = {0};
    eid_key keys[STORY_KEYS];

    story_keys(keys);
    printf("seeds %llu to %llu; EID_SEED repeats one\n", (unsigned long long)first,
           (unsigned long long)(first + runs - 1));
    for (size_t i = 0; i < runs; i++) run_one(first + i, keys, &sum);
    printf("%zu entries, %zu Verified, %zu revocations stand, %zu void, %zu readmitted\n",
           sum.entries, sum.verified, sum.standing, sum.voided, sum.readmitted);
    if (runs < RUNS) return;
    assert_true(sum.verified > sum.entries / 2);
    assert_true(sum.voided > runs / 2);
    assert_true(sum.readmitted > runs / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revocation__is_the_same_in_any_order_and_as_the_document_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
