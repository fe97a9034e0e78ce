/* Putting, reading, tips and verdicts: the storage contract of spec 02 as sentences, over each
 * backend. */
#include "tests/storage/letters.h"

static void test_index_put__keeps_the_exact_bytes(void **state)
{
    world *self = *state;
    letters tree;
    eid_entry *read = NULL;
    eid_index_info info;
    eid_buf bytes;

    letters_chain(&tree);
    put_letters(self, &tree, "AB", EID_UNVERIFIED);
    eid_buf_init(&bytes, EID_ENTRY_BYTES_MAX);
    (void)world_reopen(self);
    assert_ok(eid_index_bytes(&self->at, letter_id(&tree, 'B'), &bytes));
    assert_true(eid_slice_equal(eid_buf_slice(&bytes), eid_entry_bytes(tree.entries[1])));
    assert_ok(eid_index_entry(&self->at, letter_id(&tree, 'B'), &read));
    assert_true(eid_id_equal(eid_entry_id(read), letter_id(&tree, 'B')));
    assert_ok(eid_index_find(&self->at, letter_id(&tree, 'B'), &info));
    assert_int_equal(info.verdict, EID_UNVERIFIED);
    assert_int_equal(info.height, 1);
    assert_int_equal(info.arrival_ms, 1000);
    assert_int_equal(info.database, 1);
    assert_true(eid_index_has(&self->at, letter_id(&tree, 'A')));
    assert_false(eid_index_has(&self->at, letter_id(&tree, 'C')));
    assert_status(EID_E_NOT_FOUND, eid_index_find(&self->at, letter_id(&tree, 'C'), &info));
    assert_status(EID_E_NOT_FOUND, eid_index_bytes(&self->at, letter_id(&tree, 'C'), &bytes));
    eid_buf_fini(&bytes);
    eid_entry_free(read);
    letters_free(&tree);
}

static void test_index_put__again_changes_nothing(void **state)
{
    world *self = *state;
    eid_index_counts counts;
    eid_index_info info;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);
    put_letters(self, &tree, "B", EID_FAILED);
    assert_false(entry_put(self, tree.entries[0], EID_UNVERIFIED));
    assert_false(entry_put(self, tree.entries[1], EID_VERIFIED));
    assert_ok(eid_index_find(&self->at, letter_id(&tree, 'A'), &info));
    assert_int_equal(info.verdict, EID_VERIFIED);
    assert_ok(eid_index_find(&self->at, letter_id(&tree, 'B'), &info));
    assert_int_equal(info.verdict, EID_FAILED);
    assert_ok(eid_index_count(&self->at, letter_id(&tree, 'A'), &counts));
    assert_int_equal(counts.entries, 2);
    letters_free(&tree);
}

static void test_index_read__refuses_damaged_bytes(void **state)
{
    world *self = *state;
    eid_entry *read = NULL;
    letters tree;
    eid_buf value;
    eid_kv_write_op op = {.family = EID_FAMILY_ENTRY};

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);
    eid_buf_init(&value, 4096);
    op.key = eid_id_slice(letter_id(&tree, 'A'));
    assert_ok(eid_kv_get(self->kv, NULL, EID_FAMILY_ENTRY, op.key, &value));
    value.at[value.len - 1] ^= 1;
    op.value = eid_buf_slice(&value);
    assert_ok(eid_kv_write(self->kv, &op, 1, EID_DURABLE_ASYNC));
    assert_kind(EID_KIND_STORE_CORRUPT, eid_index_entry(&self->at, letter_id(&tree, 'A'), &read));
    eid_buf_clear(&value);
    assert_kind(EID_KIND_STORE_CORRUPT, eid_index_bytes(&self->at, letter_id(&tree, 'A'), &value));
    assert_int_equal(value.len, 0);
    eid_buf_fini(&value);
    letters_free(&tree);
}

static void test_index_tips__of_a_chain_stored_out_of_order(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "A");
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "AC");
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "C");
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "");
    letters_free(&tree);
}

static void test_index_tips__of_a_diamond_whose_arms_come_last(void **state)
{
    world *self = *state;
    letters tree;

    letters_diamond(&tree);
    put_letters(self, &tree, "AD", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "AD");
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "D");
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "D");
    letters_free(&tree);
}

static void test_index_tips__with_gaps(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "BED", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "BE");
    (void)world_reopen(self);
    expect_tips(self, &tree, EID_LEVEL_RAW, "BE");
    letters_free(&tree);
}

static void test_index_tips__of_a_fork(void **state)
{
    world *self = *state;
    eid_idset tips = EID_IDSET_EMPTY;
    uint64_t height = 0;
    letters tree;

    letters_diamond(&tree);
    put_letters(self, &tree, "ABC", EID_VERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "BC");
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "BC");
    assert_ok(eid_index_tips_height(&self->at, letter_id(&tree, 'A'), EID_LEVEL_VISIBLE,
                                    EID_SLICE_EMPTY, &tips, &height));
    assert_int_equal(height, 1);
    put_letters(self, &tree, "D", EID_VERIFIED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "D");
    eid_idset_fini(&tips);
    letters_free(&tree);
}

static void test_index_tips__are_not_taken_by_another_trees_entry(void **state)
{
    world *self = *state;
    letters tree, other = {.count = 0};
    eid_id parent;
    entry_spec spec = {.height = 5, .salt = 99};

    letters_chain(&tree);
    letter_add(&other, 0, "", NULL);
    eid_entry_free(other.entries[0]);
    other.entries[0] = entry_new(&(entry_spec){.salt = 77});
    spec.root = letter_id(&other, 'A');
    parent = *letter_id(&tree, 'B');
    spec.parents = (eid_ids){&parent, 1};
    other.entries[other.count++] = entry_new(&spec);
    assert_true(entry_put(self, other.entries[1], EID_VERIFIED)); /* names B, and comes first */
    put_letters(self, &tree, "AB", EID_VERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "B");
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "B");
    letters_free(&tree);
    letters_free(&other);
}

static void test_index_tips__of_stores_are_independent(void **state)
{
    world *self = *state;
    eid_idset tips = EID_IDSET_EMPTY;
    letters tree = {.count = 0};

    letter_add(&tree, 0, "", NULL);
    letter_add(&tree, 1, "A", "");
    letter_add(&tree, 2, "B", NULL);
    put_letters(self, &tree, "ABC", EID_VERIFIED);
    assert_ok(
        eid_index_tips(&self->at, letter_id(&tree, 'A'), EID_LEVEL_RAW, EID_SLICE_EMPTY, &tips));
    expect_set(&tree, "C", &tips);
    assert_ok(eid_index_tips(&self->at, letter_id(&tree, 'A'), EID_LEVEL_RAW, eid_slice_text("s"),
                             &tips));
    expect_set(&tree, "B", &tips);
    assert_ok(eid_index_tips(&self->at, letter_id(&tree, 'A'), EID_LEVEL_RAW,
                             eid_slice_text("unknown"), &tips));
    expect_set(&tree, "", &tips);
    eid_idset_fini(&tips);
    letters_free(&tree);
}

static void test_index_verdict__moves_the_visible_tips_and_the_counters(void **state)
{
    world *self = *state;
    eid_order unverified = EID_ORDER_EMPTY;
    eid_index_counts counts;
    letters tree;

    letters_diamond(&tree);
    put_letters(self, &tree, "ABCD", EID_UNVERIFIED);
    assert_ok(eid_index_unverified(&self->at, letter_id(&tree, 'A'), 3, &unverified));
    assert_int_equal(unverified.count, 3);
    assert_true(eid_id_equal(&unverified.at[0].id, letter_id(&tree, 'A')));
    set_verdict(self, letter_id(&tree, 'A'), EID_VERIFIED);
    set_verdict(self, letter_id(&tree, 'B'), EID_VERIFIED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "B");
    set_verdict(self, letter_id(&tree, 'C'), EID_FAILED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "B");
    set_verdict(self, letter_id(&tree, 'D'), EID_VERIFIED); /* above one that failed */
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "D");
    set_verdict(self, letter_id(&tree, 'C'), EID_VERIFIED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "D");
    set_verdict(self, letter_id(&tree, 'D'), EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "BC");
    set_verdict(self, letter_id(&tree, 'B'), EID_FAILED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "C");
    expect_tips(self, &tree, EID_LEVEL_RAW, "D");
    assert_ok(eid_index_count(&self->at, letter_id(&tree, 'A'), &counts));
    assert_int_equal(counts.entries, 4);
    assert_int_equal(counts.verified, 2);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(counts.unverified, 1);
    assert_ok(eid_index_unverified(&self->at, letter_id(&tree, 'A'), 10, &unverified));
    assert_int_equal(unverified.count, 1);
    assert_true(eid_id_equal(&unverified.at[0].id, letter_id(&tree, 'D')));
    eid_order_fini(&unverified);
    letters_free(&tree);
}

static void test_index_verdict__of_an_unknown_entry_is_not_found(void **state)
{
    world *self = *state;
    eid_id nobody = eid_id_of_raw(eid_slice_text("x"));
    eid_batch *batch = NULL;

    assert_ok(eid_batch_new(self->kv, &batch));
    assert_status(EID_E_NOT_FOUND, eid_index_set_verdict(batch, &nobody, EID_VERIFIED));
    assert_int_equal(eid_batch_count(batch), 0);
    eid_batch_free(batch);
}

static void test_index_verdict__has_the_stored_codes(void **state)
{
    assert_int_equal(EID_VERIFIED, 0);
    assert_int_equal(EID_FAILED, 1);
    assert_int_equal(EID_UNVERIFIED, 2);
    assert_string_equal(eid_verdict_name(EID_UNVERIFIED), "Unverified");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_index_put__keeps_the_exact_bytes),
        ON_ALL(test_index_put__again_changes_nothing),
        ON_ALL(test_index_read__refuses_damaged_bytes),
        ON_ALL(test_index_tips__of_a_chain_stored_out_of_order),
        ON_ALL(test_index_tips__of_a_diamond_whose_arms_come_last),
        ON_ALL(test_index_tips__with_gaps),
        ON_ALL(test_index_tips__of_a_fork),
        ON_ALL(test_index_tips__are_not_taken_by_another_trees_entry),
        ON_ALL(test_index_tips__of_stores_are_independent),
        ON_ALL(test_index_verdict__moves_the_visible_tips_and_the_counters),
        ON_ALL(test_index_verdict__of_an_unknown_entry_is_not_found),
        cmocka_unit_test(test_index_verdict__has_the_stored_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
