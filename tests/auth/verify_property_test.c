/* Verdicts are a pure function of the entries held. Random histories, hostile ones among them, are
 * delivered in random orders and batches; the verdicts after every batch must be those of a fresh
 * store that got the same entries at once, must be what a naive repetition of single verdicts
 * settles at, and must never be taken back. A failure prints the seed that repeats it. */
#include <stdio.h>
#include <stdlib.h>

#include "dag/assert.h"
#include "tests/auth/history.h"

#define RUNS 400
#define ENTRIES_MAX 20
#define KEYS 4

typedef struct story {
    eid_random_seeded random;
    eid_entry *entries[ENTRIES_MAX];
    eid_id ids[ENTRIES_MAX];
    bool has_settings[ENTRIES_MAX];
    size_t count;
    eid_entry *foreign;
} story;

static size_t below(story *at, size_t bound)
{
    return (size_t)eid_random_below(&at->random, bound);
}

static bool chance(story *at, size_t percent)
{
    return below(at, 100) < percent;
}

/* An earlier entry. */
static eid_id pick(story *at)
{
    size_t back = below(at, chance(at, 30) && at->count > 3 ? 3 : at->count);

    return at->ids[at->count - 1 - back];
}

/* What a pin or a settings parent may name. */
static eid_id pick_settings(story *at)
{
    eid_id nowhere = eid_id_of_entry(eid_slice_text("never arrives"));

    if (chance(at, 3)) return nowhere;
    if (chance(at, 3)) return *eid_entry_id(at->foreign);
    if (chance(at, 5)) return pick(at);
    for (;;) {
        size_t i = below(at, at->count);

        if (at->has_settings[i]) return at->ids[i];
    }
}

/* New: eid_free(); NULL = the entry has no settings. */
static char *pick_payload(story *at)
{
    static const eid_permission_type types[] = {EID_PERMISSION_READ, EID_PERMISSION_WRITE,
                                                EID_PERMISSION_WRITE, EID_PERMISSION_ADMIN};
    static const char *const odd[] = {
        "no document", "{\"children\":{\"auth\":{\"Text\":\"x\"}}}", "{\"children\":{}}",
        "{\"children\":{\"auth\":{\"Doc\":{\"children\":{\"keys\":\"Deleted\"}}}}}"};

    if (chance(at, 45)) return NULL;
    if (chance(at, 12)) return eid_slice_dup_text(eid_slice_text(odd[below(at, 4)]));
    return history_grant((int)below(at, KEYS), types[below(at, 4)],
                         chance(at, 25) ? EID_KEY_REVOKED : EID_KEY_ACTIVE);
}

static void story_add(story *at)
{
    eid_id parents[2], pins[2], settings_parents[2];
    history_plan plan = {.data = "{\"children\":{}}", .signer = (int)below(at, KEYS)};
    char *payload = pick_payload(at);
    bool is_honest = chance(at, 60);

    if (is_honest || chance(at, 40)) plan.signer = 0;
    if (chance(at, 8)) plan.signer = HISTORY_UNSIGNED;
    plan.root = &at->ids[0];
    plan.height = chance(at, 10) ? below(at, 5) : at->count;
    for (size_t i = 0; i < 2; i++) {
        parents[i] = pick(at);
        pins[i] = pick_settings(at);
        settings_parents[i] = pick_settings(at);
    }
    if (chance(at, 3)) parents[1] = *eid_entry_id(at->foreign);
    if (chance(at, 3)) parents[1] = eid_id_of_entry(eid_slice_text("never arrives"));
    plan.parents = history_ids(parents, 1 + below(at, 2));
    if (is_honest) {
        pins[0] = settings_parents[0] = at->ids[0];
        plan.parents.count = 1;
    }
    plan.pins = history_ids(pins, is_honest ? 1 : 1 + below(at, 2));
    plan.settings_parents = history_ids(settings_parents, is_honest ? 1 : below(at, 3));
    if (chance(at, 12)) plan.pin = (history_pin)below(at, 4);
    plan.settings = payload;
    plan.is_global = chance(at, 4);
    plan.is_delegation = chance(at, 3);
    plan.breaks_signature = chance(at, 4);
    at->entries[at->count] = history_make(&plan);
    at->ids[at->count] = *eid_entry_id(at->entries[at->count]);
    at->has_settings[at->count] = payload != NULL;
    at->count++;
    eid_free(payload);
}

static void story_begin(story *at, uint64_t seed)
{
    char *grant = history_grant(0, EID_PERMISSION_ADMIN, EID_KEY_ACTIVE);
    size_t count;

    *at = (story){.random = {seed}};
    count = 4 + below(at, ENTRIES_MAX - 3);
    at->foreign = history_make(
        &(history_plan){.pin = HISTORY_PIN_EMPTY, .settings = grant, .signer = 0, .data = "{}"});
    at->entries[0] =
        history_make(&(history_plan){.pin = HISTORY_PIN_EMPTY,
                                     .settings = chance(at, 10) ? "{\"children\":{}}" : grant,
                                     .signer = chance(at, 90) ? 0 : HISTORY_UNSIGNED});
    at->ids[0] = *eid_entry_id(at->entries[0]);
    at->has_settings[0] = true;
    at->count = 1;
    while (at->count < count) story_add(at);
    eid_free(grant);
}

static void story_end(story *at)
{
    for (size_t i = 0; i < at->count; i++) eid_entry_free(at->entries[i]);
    eid_entry_free(at->foreign);
}

static void read_statuses(const story *at, const history_store *store, char *out)
{
    for (size_t i = 0; i < at->count; i++) out[i] = history_status(store, at->entries[i]);
    out[at->count] = 0;
}

static void expect_same(uint64_t seed, const char *what, const char *expected, const char *actual)
{
    if (strcmp(expected, actual) == 0) return;
    fail_msg("seed %llu, %s: expected %s, got %s", (unsigned long long)seed, what, expected,
             actual);
}

/* The verdicts of a store that gets these entries at once, in order of making. */
static void at_once(const story *at, const bool *held, bool strict, char *out)
{
    history_store store;

    history_store_open(&store);
    history_put(&store, at->foreign, EID_VERIFIED);
    for (size_t i = 0; i < at->count; i++) {
        if (held[i]) history_put(&store, at->entries[i], EID_UNVERIFIED);
    }
    (void)history_verify(&store, &at->ids[0], strict);
    read_statuses(at, &store, out);
    history_store_close(&store);
}

/* The same by single verdicts, repeated until nothing changes: slow, and nothing to get wrong. */
static void naively(const story *at, const bool *held, bool strict, char *out)
{
    history_store store;
    bool changed = true;
    eid_at here;

    history_store_open(&store);
    here = history_at(&store);
    history_put(&store, at->foreign, EID_VERIFIED);
    for (size_t i = 0; i < at->count; i++) {
        if (held[i]) history_put(&store, at->entries[i], EID_UNVERIFIED);
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < at->count; i++) {
            eid_verdict verdict;
            const char *reason;

            if (history_status(&store, at->entries[i]) != 'U') continue;
            history_ok(eid_verify_explain(&here, at->entries[i], strict, &verdict, &reason));
            if (verdict == EID_UNVERIFIED) continue;
            history_ok(eid_index_set_verdict(store.batch, &at->ids[i], verdict));
            changed = true;
        }
    }
    read_statuses(at, &store, out);
    history_store_close(&store);
}

static void expect_final(uint64_t seed, const char *before, const char *after)
{
    for (size_t i = 0; before[i]; i++) {
        if (before[i] != 'V' && before[i] != 'F') continue;
        if (before[i] != after[i]) expect_same(seed, "a verdict taken back", before, after);
    }
}

static void shuffle(story *at, size_t *order)
{
    for (size_t i = 0; i < at->count; i++) order[i] = i;
    for (size_t i = at->count; i > 1; i--) {
        size_t j = below(at, i), kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
}

/* One delivery in random order and batches; `out` gets the statuses at the end. */
static void deliver(story *at, uint64_t seed, bool strict, char *out)
{
    size_t order[ENTRIES_MAX];
    bool held[ENTRIES_MAX] = {false};
    char before[ENTRIES_MAX + 1], expected[ENTRIES_MAX + 1];
    bool is_careful = chance(at, 20), has_cache = chance(at, 50);
    history_store store;

    history_store_open(&store);
    history_put(&store, at->foreign, EID_VERIFIED);
    shuffle(at, order);
    for (size_t i = 0; i < at->count;) {
        size_t batch = 1 + below(at, at->count - i);
        eid_verify_options options = {.strict = strict, .cache = has_cache ? store.cache : NULL};
        eid_verify_report report, again;

        read_statuses(at, &store, before);
        for (; batch > 0; batch--, i++) {
            history_put(&store, at->entries[order[i]], EID_UNVERIFIED);
            held[order[i]] = true;
        }
        history_ok(eid_verify_tree(store.batch, &at->ids[0], &options, &report));
        if (chance(at, 50)) history_ok(eid_batch_write(store.batch, EID_DURABLE_ASYNC));
        again = history_verify(&store, &at->ids[0], strict);
        if (again.verified + again.failed > 0)
            fail_msg("seed %llu: one pass is no fixpoint", (unsigned long long)seed);
        read_statuses(at, &store, out);
        expect_final(seed, before, out);
        if (!is_careful) continue;
        at_once(at, held, strict, expected);
        expect_same(seed, "after a batch", expected, out);
    }
    history_store_close(&store);
}

static void run_one(uint64_t seed, unsigned counts[256])
{
    bool all[ENTRIES_MAX];
    char expected[ENTRIES_MAX + 1], actual[ENTRIES_MAX + 1], lenient[ENTRIES_MAX + 1];
    story at;

    story_begin(&at, seed);
    for (size_t i = 0; i < ENTRIES_MAX; i++) all[i] = true;
    at_once(&at, all, false, lenient);
    for (int strict = 0; strict < 2; strict++) {
        at_once(&at, all, strict, expected);
        if (seed % 4 == 0) {
            naively(&at, all, strict, actual);
            expect_same(seed, "at once", actual, expected);
        }
        deliver(&at, seed, strict, actual);
        expect_same(seed, strict ? "strict" : "lenient", expected, actual);
        for (size_t i = 0; i < at.count; i++) {
            counts[(unsigned char)actual[i]]++;
            if (actual[i] == 'V' && lenient[i] != 'V') {
                expect_same(seed, "strict accepts what lenient does not", lenient, actual);
            }
        }
    }
    story_end(&at);
}

static void test_verify__does_not_depend_on_order_or_batches(void **state)
{
    const char *only = getenv("EID_SEED");
    uint64_t first = only ? strtoull(only, NULL, 10) : 1;
    const char *more = getenv("EID_RUNS");
    size_t runs = only ? 1 : more ? (size_t)strtoull(more, NULL, 10) : RUNS;
    unsigned counts[256] = {0};

    printf("seeds %llu to %llu; EID_SEED repeats one\n", (unsigned long long)first,
           (unsigned long long)(first + runs - 1));
    for (size_t i = 0; i < runs; i++) run_one(first + i, counts);
    printf("%u Verified, %u Failed, %u Unverified\n", counts['V'], counts['F'], counts['U']);
    if (only) return;
    assert_true(counts['V'] > runs);
    assert_true(counts['F'] > runs);
    assert_true(counts['U'] > runs / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify__does_not_depend_on_order_or_batches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
