/* Transactions that are not alone: what they read while others commit, and what becomes of a commit
 * that failed or came second. A seam that counts and fails stands before the engine's. */
#include "tests/node/inventory.h"

typedef struct watched {
    eid_seam seam;
    size_t folds;            /* states that were folded from entries */
    size_t failures_left;    /* submits that find the disk full */
    void (*meanwhile)(void); /* runs once, after the present was read */
} watched;

static watched *through; /* the one of this test */

static eid_status count_fold(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                             eid_doc **out)
{
    const eid_seam *engine = eid_engine_seam(self);

    through->folds++;
    return engine->doc_at(self, root, store, tips, out);
}

static eid_status fail_submit(void *self, const eid_id *root, const eid_entry *entry,
                              eid_durability durability, eid_verdict *verdict)
{
    if (through->failures_left > 0) {
        through->failures_left--;
        return EID_FAIL(EID_KIND_DISK_FULL, "no room");
    }
    return eid_engine_seam(self)->submit_own(self, root, entry, durability, verdict);
}

static eid_status value_then(void *self, const eid_id *root, eid_slice store, const eid_slice *path,
                             size_t count, eid_value *out)
{
    void (*meanwhile)(void) = through->meanwhile;
    eid_status status = eid_engine_seam(self)->value(self, root, store, path, count, out);

    through->meanwhile = NULL;
    if (meanwhile) meanwhile();
    return status;
}

static test_world *world_of_test;

static watched watch(test_world *world)
{
    watched made = {.seam = *world->seam};

    made.seam.doc_at = count_fold;
    made.seam.submit_own = fail_submit;
    made.seam.value = value_then;
    world_of_test = world;
    return made;
}

static eid_txn *begin(watched *self, test_world *world)
{
    eid_txn *txn = NULL;

    through = self;
    assert_ok(eid_txn_begin(&self->seam, &world->root, &world->signer, NULL, &txn));
    return txn;
}

/* -- reading ----------------------------------------------------------------------------------- */

static void test_txn_now__reads_the_present_while_nobody_writes(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_txn *txn;

    world_set(world, "data", "k", "1");
    txn = begin(&seam, world);
    inventory_expect(txn, "data", "k", "1");
    inventory_expect(txn, "data", "none", NULL);
    assert_int_equal(seam.folds, 0);
    eid_txn_free(txn);
}

static void test_txn_now__a_write_elsewhere_costs_no_fold(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_txn *txn;

    world_set(world, "data", "k", "1");
    txn = begin(&seam, world);
    for (int i = 0; i < 5; i++) world_set(world, "other", "k", i % 2 ? "odd" : "even");
    inventory_expect(txn, "data", "k", "1");
    assert_int_equal(seam.folds, 0);
    inventory_expect(txn, "other", "k", NULL); /* it was not there when we began */
    assert_int_equal(seam.folds, 1);
    eid_txn_free(txn);
}

static void test_txn_now__reads_the_past_of_a_store_that_moved(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_txn *txn;

    world_set(world, "data", "k", "1");
    txn = begin(&seam, world);
    inventory_expect(txn, "data", "k", "1");
    world_set(world, "data", "k", "2");
    inventory_expect(txn, "data", "k", "1");
    inventory_expect(txn, "data", "k", "1");
    assert_int_equal(seam.folds, 1); /* kept */
    inventory_stage(txn, "data", "l", "mine");
    inventory_expect(txn, "data", "l", "mine");
    (void)world_commit(txn);
    world_check(world, "data", "k", "2");
    world_check(world, "data", "l", "mine");
}

static void test_txn_now__a_write_to_another_key_costs_no_fold(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_txn *txn;

    world_set(world, "data", "doc.a", "1");
    world_set(world, "data", "k", "1");
    txn = begin(&seam, world);
    world_set(world, "data", "k", "2");
    world_set(world, "data", "new", "3");
    inventory_expect(txn, "data", "doc.a", "1");
    inventory_expect(txn, "data", "never", NULL);
    assert_int_equal(seam.folds, 0);
    inventory_expect(txn, "data", "new", NULL);
    inventory_expect(txn, "data", "k", "1");
    assert_int_equal(seam.folds, 1);
    world_set(world, "data", "doc.b", "4"); /* beside it, in the same child */
    inventory_expect(txn, "data", "doc.b", NULL);
    inventory_expect(txn, "data", "doc.a", "1");
    eid_txn_free(txn);
}

/* What replaces the whole document has moved all of it. */
static void test_txn_now__an_atomic_payload_moves_everything(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_entry *entry;
    eid_id tip;
    eid_txn *txn;

    world_set(world, "data", "k", "1");
    tip = inventory_tip(world);
    txn = begin(&seam, world);
    entry = inventory_forge(
        world, &(inventory_forgery){
                   &world->key, {&tip, 1}, NULL, "data", "{\"_a\":true,\"children\":{}}"});
    inventory_receive(world, entry, NULL);
    eid_entry_free(entry);
    world_check(world, "data", "k", NULL);
    inventory_expect(txn, "data", "k", "1");
    assert_int_equal(seam.folds, 1);
    eid_txn_free(txn);
}

static void write_meanwhile(void)
{
    world_set(world_of_test, "data", "k", "2");
}

/* The write falls between reading the value and asking whether it still holds. */
static void test_txn_now__notices_a_write_during_the_read(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_txn *txn;

    world_set(world, "data", "k", "1");
    txn = begin(&seam, world);
    seam.meanwhile = write_meanwhile;
    inventory_expect(txn, "data", "k", "1");
    assert_int_equal(seam.folds, 1);
    eid_txn_free(txn);
}

static eid_status list_row(void *arg, eid_slice key, eid_slice json)
{
    char *text = arg;
    size_t len = strlen(text);

    snprintf(text + len, 200 - len, "%.*s=%.*s;", EID_SLICE_ARG(key), EID_SLICE_ARG(json));
    return EID_OK;
}

static void set_row(test_world *world, const char *key, const char *json)
{
    eid_txn *txn = world_begin(world);

    assert_ok(eid_table_set(txn, text("rows"), text(key), text(json)));
    (void)world_commit(txn);
}

static void expect_rows(eid_txn *txn, const char *wanted)
{
    char found[200] = "";

    assert_ok(eid_table_scan(txn, text("rows"), false, EID_SLICE_EMPTY, list_row, found));
    assert_string_equal(found, wanted);
}

static void test_txn_now__walks_rows_and_documents_as_of_its_tips(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    eid_doc *doc = NULL;

    set_row(world, "a", "1");
    set_row(world, "c", "3");
    txn = world_begin(world);
    expect_rows(txn, "a=1;c=3;");
    set_row(world, "b", "2");
    expect_rows(txn, "a=1;c=3;");
    assert_ok(eid_table_set(txn, text("rows"), text("b"), text("\"mine\"")));
    expect_rows(txn, "a=1;b=\"mine\";c=3;");
    assert_ok(eid_txn_doc(txn, text("rows"), &doc));
    assert_int_equal(eid_doc_live(doc), 3);
    eid_doc_free(doc);
    eid_txn_free(txn);
    txn = world_begin(world);
    expect_rows(txn, "a=1;b=2;c=3;");
    eid_txn_free(txn);
}

static void test_txn_now__an_empty_table_stays_empty(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    expect_rows(txn, "");
    set_row(world, "a", "1");
    expect_rows(txn, "");
    eid_txn_free(txn);
}

/* -- committing -------------------------------------------------------------------------------- */

static void test_txn_commit__can_be_repeated_after_a_failure(void **state)
{
    test_world *world = *state;
    watched seam = watch(world);
    eid_txn *txn = begin(&seam, world);
    eid_id id, other;

    inventory_stage(txn, "data", "k", "v");
    seam.failures_left = 2;
    for (int i = 0; i < 2; i++) {
        assert_kind(DISK_FULL, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
        assert_true(eid_id_is_empty(&id));
        inventory_expect_tips(world, &world->root, 1);
    }
    other = world_set(world, "other", "k", "first"); /* meanwhile */
    inventory_stage(txn, "data", "l", "added after the failure");
    id = world_commit(txn);
    inventory_expect_parents(world, &id, &world->root, 1); /* it keeps its tips */
    inventory_expect_tips(world, (eid_id[]){id, other}, 2);
    world_check(world, "data", "k", "v");
    world_check(world, "data", "l", "added after the failure");
}

/* Nothing conflicts and nothing is retried: who comes second forks, and the next one merges. */
static void test_txn_commit__that_lost_a_race_forks(void **state)
{
    test_world *world = *state;
    eid_txn *one = world_begin(world), *two = world_begin(world);
    eid_id first, second, merged;

    inventory_stage(one, "data", "k", "one");
    inventory_stage(two, "data", "k", "two");
    first = world_commit(one);
    second = world_commit(two);
    inventory_expect_parents(world, &second, &world->root, 1);
    inventory_expect_tips(world, (eid_id[]){first, second}, 2);
    merged = world_set(world, "data", "l", "merged");
    inventory_expect_parents(world, &merged, (eid_id[]){first, second}, 2);
    world_check(world, "data", "k", eid_id_compare(&first, &second) > 0 ? "one" : "two");
}

/* T2 and T3: an anchored entry pins and extends the settings that its own parents have. */
static void test_txn_commit__pins_what_its_anchor_has(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "k", "1");
    eid_id settings = world_set(world, "_settings", "theme", "dark");
    eid_id data = inventory_set_at(world, &base, 1, "data", "k", "2");
    eid_id change = inventory_set_at(world, &base, 1, "_settings", "theme", "light");
    eid_entry *entry = world_entry(world, &change);
    const eid_subtree *node = eid_entry_find_subtree(entry, text("_settings"));

    (void)settings;
    inventory_expect_pin(world, &data, &world->root, 1);
    inventory_expect_pin(world, &change, &world->root, 1);
    assert_int_equal(node->parents.count, 1);
    assert_true(eid_id_equal(&node->parents.at[0], &world->root));
    eid_entry_free(entry);
    assert_int_equal(inventory_verdict(world, &data), EID_VERIFIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_txn_now__reads_the_present_while_nobody_writes),
        INVENTORY_TEST(test_txn_now__a_write_elsewhere_costs_no_fold),
        INVENTORY_TEST(test_txn_now__a_write_to_another_key_costs_no_fold),
        INVENTORY_TEST(test_txn_now__an_atomic_payload_moves_everything),
        INVENTORY_TEST(test_txn_now__reads_the_past_of_a_store_that_moved),
        INVENTORY_TEST(test_txn_now__notices_a_write_during_the_read),
        INVENTORY_TEST(test_txn_now__walks_rows_and_documents_as_of_its_tips),
        INVENTORY_TEST(test_txn_now__an_empty_table_stays_empty),
        INVENTORY_TEST(test_txn_commit__can_be_repeated_after_a_failure),
        INVENTORY_TEST(test_txn_commit__that_lost_a_race_forks),
        INVENTORY_TEST(test_txn_commit__pins_what_its_anchor_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
