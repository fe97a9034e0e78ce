/* Verdicts are a pure function of the entries held, over all databases of a store: random trees
 * that delegate to each other (and round in circles), with claims of tips that are good, old,
 * Failed, foreign or never to come, are delivered in random orders and batches to engines, which
 * must agree after any subset and at the end. Nobody asks for a pass: what waits must be woken. A
 * failure prints the seed that repeats it. */
#include <stdio.h>

#include "node/db/db_internal.h"
#include "tests/auth/history.h"

#define RUNS 80
#define TREES 3
#define ENTRIES_MAX 26
#define KEYS 4

typedef struct node {
    eid_entry *entry;
    eid_id id;
    size_t tree;
    uint64_t height, settings_height;
    bool has_settings;
} node;

typedef struct story {
    eid_random_seeded random;
    eid_id roots[TREES];
    node nodes[ENTRIES_MAX];
    size_t count;
    bool is_enforced; /* revocations reach back */
} story;

static size_t below(story *at, size_t bound)
{
    return (size_t)eid_random_below(&at->random, bound);
}

static bool chance(story *at, size_t percent)
{
    return below(at, 100) < percent;
}

/* A node of a tree, the latest ones more often; of settings if asked. */
static const node *pick(story *at, size_t tree, bool settings)
{
    const node *last = NULL;

    for (size_t i = 0; i < at->count; i++) {
        const node *it = &at->nodes[i];

        if (it->tree != tree || (settings && !it->has_settings)) continue;
        if (!last || chance(at, 75)) last = it;
    }
    assert_non_null(last);
    return last;
}

static eid_id pick_claim(story *at, size_t tree)
{
    if (chance(at, 4)) return eid_id_of_entry(eid_slice_text("never arrives"));
    if (chance(at, 4)) return pick(at, below(at, TREES), false)->id;
    return pick(at, tree, false)->id;
}

static eid_permission pick_permission(story *at)
{
    eid_permission_type type = (eid_permission_type)below(at, 3);

    if (chance(at, 50)) type = EID_PERMISSION_WRITE;
    return (eid_permission){type, type == EID_PERMISSION_READ ? 0 : (uint32_t)below(at, 20)};
}

/* Stage a key or a delegation. */
static void stage(story *at, size_t own, eid_doc *settings)
{
    bool is_honest = at->count < 2 * TREES; /* the first of each tree: a wide delegation */
    size_t tree = is_honest || chance(at, 60) ? (own + 1) % TREES : below(at, TREES);
    eid_delegation delegation = {.root = at->roots[tree], .tips = EID_IDSET_EMPTY};
    eid_key key = history_key((int)below(at, KEYS));
    eid_auth_key record = {.pubkey = key.pub, .permission = pick_permission(at)};

    if (chance(at, 20)) record.status = EID_KEY_REVOKED;
    delegation.bounds.max = pick_permission(at);
    delegation.bounds.has_min = chance(at, 20);
    delegation.bounds.min = pick_permission(at);
    if (is_honest) delegation.bounds = (eid_bounds){.max = {EID_PERMISSION_ADMIN, 0}};
    for (size_t i = is_honest ? 0 : below(at, 3); i > 0; i--) {
        eid_id tip = pick_claim(at, tree);

        history_ok(eid_idset_add(&delegation.tips, &tip));
    }
    if (is_honest || chance(at, 55)) {
        history_ok(eid_settings_put_delegation(settings, &delegation));
    } else {
        history_ok(eid_settings_put_key(settings, &record));
    }
    eid_delegation_fini(&delegation);
}

static void put_doc(eid_builder *builder, const char *store, const eid_doc *doc)
{
    eid_buf text;

    eid_buf_init(&text, 65536);
    history_ok(eid_payload_write_doc(doc, &text));
    history_ok(eid_builder_set_data(builder, eid_slice_text(store), eid_buf_slice(&text)));
    eid_buf_fini(&text);
}

static void put_pin(eid_builder *builder, eid_ids tips)
{
    eid_buf metadata;

    eid_buf_init(&metadata, 65536);
    eid_pin_write(tips, NULL, &metadata);
    history_ok(eid_builder_set_metadata(builder, eid_buf_slice(&metadata)));
    eid_buf_fini(&metadata);
}

/* The signer: a key, or a path of up to three steps that ends at a key. */
static void seal(story *at, eid_builder *builder, int number, bool is_delegated, node *out)
{
    size_t tree = out->tree;
    eid_key key = history_key(number);
    eid_delegation_step steps[3];
    eid_id claims[3][2];
    eid_sigkey_owned owned;

    history_ok(eid_sigkey_of_pubkey(&key.pub, &owned));
    if (is_delegated) {
        owned.key.is_delegation = true;
        owned.key.path = steps;
        owned.key.path_count = chance(at, 70) ? 1 : 1 + below(at, 3);
    }
    for (size_t i = 0; i < owned.key.path_count; i++) {
        size_t count = chance(at, 80) ? 1 : below(at, 3);

        tree = chance(at, 80) ? (tree + 1) % TREES : below(at, TREES);
        for (size_t j = 0; j < count; j++) claims[i][j] = pick_claim(at, tree);
        steps[i] = (eid_delegation_step){at->roots[tree], {claims[i], count}};
    }
    history_ok(eid_builder_set_sigkey(builder, &owned.key));
    history_ok(eid_builder_seal(builder, eid_key_sign_fn, &key, &out->entry));
    out->id = *eid_entry_id(out->entry);
    eid_sigkey_owned_fini(&owned);
    eid_builder_free(builder);
}

static void add_genesis(story *at, size_t tree)
{
    node *out = &at->nodes[at->count];
    eid_key key = history_key((int)tree);
    eid_auth_key record = {.pubkey = key.pub, .permission = {EID_PERMISSION_ADMIN, 0}};
    eid_builder *builder = NULL;
    eid_doc *settings = NULL;

    *out = (node){.tree = tree, .has_settings = true};
    history_ok(eid_builder_new(NULL, &builder));
    history_ok(eid_doc_new(&settings));
    history_ok(eid_settings_put_key(settings, &record));
    if (at->is_enforced) {
        history_ok(
            eid_doc_set_text(settings, eid_slice_text("revocation"), eid_slice_text("enforced")));
    }
    put_doc(builder, EID_STORE_SETTINGS, settings);
    history_ok(
        eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), eid_slice_text("\"\"")));
    put_pin(builder, (eid_ids){NULL, 0});
    seal(at, builder, (int)tree, false, out);
    at->roots[tree] = out->id;
    at->count++;
    eid_doc_free(settings);
}

static void add_entry(story *at)
{
    node *out = &at->nodes[at->count];
    bool is_honest = at->count < 2 * TREES;
    size_t tree = is_honest ? at->count - TREES : below(at, TREES);
    const node *parent = pick(at, tree, false), *pinned = pick(at, tree, true);
    bool is_delegated = !is_honest && chance(at, 45);
    eid_builder *builder = NULL;
    eid_doc *doc = NULL;

    *out = (node){.tree = tree,
                  .height = parent->height + 1,
                  .has_settings = is_honest || chance(at, 50),
                  .settings_height = pinned->settings_height + 1};
    history_ok(eid_builder_new(&at->roots[tree], &builder));
    history_ok(eid_builder_add_parent(builder, &parent->id));
    eid_builder_set_height(builder, out->height);
    put_pin(builder, (eid_ids){&pinned->id, 1});
    history_ok(eid_doc_new(&doc));
    if (out->has_settings) {
        stage(at, tree, doc);
        put_doc(builder, EID_STORE_SETTINGS, doc);
        history_ok(
            eid_builder_add_store_parent(builder, eid_slice_text(EID_STORE_SETTINGS), &pinned->id));
        history_ok(eid_builder_set_store_height(builder, eid_slice_text(EID_STORE_SETTINGS),
                                                &out->settings_height));
    } else {
        put_doc(builder, "data", doc);
    }
    if (is_honest || (!is_delegated && chance(at, 70))) {
        seal(at, builder, (int)tree, false, out);
    } else {
        seal(at, builder, (int)(chance(at, 60) ? (tree + 1) % TREES : below(at, KEYS)),
             is_delegated, out);
    }
    at->count++;
    eid_doc_free(doc);
}

static void story_make(story *at, uint64_t seed)
{
    size_t wanted;

    at->random.state = seed;
    at->count = 0;
    at->is_enforced = seed % 3 == 0;
    for (size_t i = 0; i < TREES; i++) add_genesis(at, i);
    wanted = 2 * TREES + 3 + below(at, ENTRIES_MAX - 2 * TREES - 3);
    while (at->count < wanted) add_entry(at);
}

/* -- engines ----------------------------------------------------------------------------------- */

static eid_engine *engine_open(const story *at, bool strict)
{
    const eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};
    eid_engine *engine = NULL;
    eid_batch *batch = NULL;

    history_ok(eid_engine_open(&config, &engine));
    history_ok(eid_batch_new(eid_engine_kv(engine), &batch));
    for (size_t i = 0; i < TREES; i++) {
        history_ok(eid__option_set(batch, &at->roots[i], EID__OPTION_STRICT, strict));
    }
    history_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    eid_batch_free(batch);
    return engine;
}

/* Deliver nodes `from` to `end` of an order, in random batches. */
static void deliver(story *at, eid_engine *engine, const size_t *order, size_t from, size_t end)
{
    while (from < end) {
        size_t count = 1 + below(at, chance(at, 50) ? 2 : end - from);
        eid_slice bytes[ENTRIES_MAX];
        eid_ingest_report report;

        if (count > end - from) count = end - from;
        for (size_t i = 0; i < count; i++) {
            bytes[i] = eid_entry_bytes(at->nodes[order[from + i]].entry);
        }
        history_ok(eid_engine_ingest(engine, bytes, count, NULL, EID_DURABLE_ASYNC, &report));
        eid_idset_fini(&report.missing);
        from += count;
    }
}

static void statuses(const story *at, eid_engine *engine, char out[ENTRIES_MAX + 1])
{
    const eid_at where = {.kv = eid_engine_kv(engine)};

    for (size_t i = 0; i < at->count; i++) {
        eid_index_info info;
        eid_status status = eid_index_find(&where, &at->nodes[i].id, &info);

        bool is_void = false;

        out[i] = 'a';
        if (status != EID_OK) continue;
        history_ok(eid_index_is_void(&where, info.database, &at->nodes[i].id, &is_void));
        out[i] = is_void ? 'v' : eid_verdict_name(info.verdict)[0];
    }
    out[at->count] = 0;
}

static void shuffle(story *at, size_t *order, size_t from, size_t end)
{
    for (size_t i = end; i > from + 1; i--) {
        size_t j = from + below(at, i - from), kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
}

/* Two engines, the same subset and then the rest, each in an order of its own. */
static void run(story *at, uint64_t seed, bool strict, char *final)
{
    eid_engine *one = engine_open(at, strict), *two = engine_open(at, strict);
    char first[ENTRIES_MAX + 1], second[ENTRIES_MAX + 1];
    size_t order[ENTRIES_MAX], part = below(at, at->count);

    for (size_t i = 0; i < at->count; i++) order[i] = i;
    shuffle(at, order, 0, at->count);
    deliver(at, one, order, 0, part);
    shuffle(at, order, 0, part);
    deliver(at, two, order, 0, part);
    for (size_t turn = 0; turn < 2; turn++) {
        statuses(at, one, first);
        statuses(at, two, second);
        if (strcmp(first, second) != 0) {
            fail_msg("seed %llu, strict %d, %s:\n  one %s\n  two %s", (unsigned long long)seed,
                     strict, turn == 0 ? "a part" : "all", first, second);
        }
        if (turn == 1) break;
        deliver(at, one, order, part, at->count);
        shuffle(at, order, part, at->count);
        deliver(at, two, order, part, at->count);
    }
    memcpy(final, first, sizeof first);
    eid_engine_close(one);
    eid_engine_close(two);
}

/* Statuses of delegated entries, to see that the stories reach all of them. */
static void count(const story *at, const char *final, size_t counts[3])
{
    for (size_t i = 0; i < at->count; i++) {
        if (!eid_entry_sigkey(at->nodes[i].entry)->is_delegation) continue;
        if (final[i] == 'V') counts[0]++;
        if (final[i] == 'F') counts[1]++;
        if (final[i] == 'U') counts[2]++;
    }
}

static void test_delegation__verdicts_depend_on_the_entries_held_alone(void **state)
{
    size_t counts[3] = {0, 0, 0};
    static story at;

    (void)state;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        char strict[ENTRIES_MAX + 1], lenient[ENTRIES_MAX + 1];

        story_make(&at, seed);
        run(&at, seed, true, strict);
        if (!at.is_enforced) run(&at, seed, false, lenient);
        count(&at, strict, counts);
        for (size_t i = 0; i < at.count; i++) {
            assert_false(!at.is_enforced && strict[i] == 'V' && lenient[i] != 'V');
            eid_entry_free(at.nodes[i].entry);
        }
    }
    for (size_t i = 0; i < 3; i++) assert_in_range(counts[i], 10, SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delegation__verdicts_depend_on_the_entries_held_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
