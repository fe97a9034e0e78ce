/* What is walked or listed: databases, entries in order, through a batch or a view, stores; and
 * that forgetting leaves nothing. */
#include "tests/storage/letters.h"

static void test_index_databases__are_those_whose_genesis_is_held(void **state)
{
    world *self = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    letters tree;
    uint64_t count = 0;
    uint32_t number = 0;
    eid_order_item last;

    letters_chain(&tree);
    assert_status(EID_E_NOT_FOUND, eid_index_database(&self->at, letter_id(&tree, 'A'), &number));
    assert_status(EID_E_NOT_FOUND, eid_index_last(&self->at, letter_id(&tree, 'A'), &last));
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    assert_ok(eid_index_databases(&self->at, &roots));
    assert_int_equal(roots.count, 0);
    assert_ok(eid_index_database_count(&self->at, &count));
    assert_int_equal(count, 1);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    assert_ok(eid_index_databases(&self->at, &roots));
    expect_set(&tree, "A", &roots);
    assert_ok(eid_index_database(&self->at, letter_id(&tree, 'A'), &number));
    assert_int_equal(number, 1);
    assert_ok(eid_index_last(&self->at, letter_id(&tree, 'A'), &last));
    assert_true(eid_id_equal(&last.id, letter_id(&tree, 'B')));
    eid_idset_fini(&roots);
    letters_free(&tree);
}

static void test_index_scan__walks_in_tree_order_from_any_place(void **state)
{
    world *self = *state;
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "ECABD", EID_VERIFIED);
    assert_ok(eid_index_scan_new(&self->at, letter_id(&tree, 'A'), &scan));
    put_letters(self, &tree, "", EID_VERIFIED);
    for (char letter = 'A'; letter <= 'E'; letter++) {
        assert_ok(eid_index_scan_next(scan, &item, &verdict));
        assert_int_equal(item.height, letter - 'A');
        assert_true(eid_id_equal(&item.id, letter_id(&tree, letter)));
    }
    assert_status(EID_E_NOT_FOUND, eid_index_scan_next(scan, &item, &verdict));
    eid_index_scan_seek(scan, 3, &EID_ID_EMPTY);
    assert_ok(eid_index_scan_next(scan, &item, &verdict));
    assert_true(eid_id_equal(&item.id, letter_id(&tree, 'D')));
    eid_index_scan_seek(scan, 1, letter_id(&tree, 'B'));
    assert_ok(eid_index_scan_next(scan, &item, &verdict));
    assert_true(eid_id_equal(&item.id, letter_id(&tree, 'B')));
    eid_index_scan_free(scan);
    letters_free(&tree);
}

static void test_index_scan__of_a_view_does_not_see_later_entries(void **state)
{
    world *self = *state;
    eid_kv_view *view = NULL;
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    letters tree;
    eid_at before = self->at;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_VERIFIED);
    assert_ok(eid_kv_view_new(self->kv, &view));
    before.view = view;
    put_letters(self, &tree, "B", EID_VERIFIED);
    assert_ok(eid_index_scan_new(&before, letter_id(&tree, 'A'), &scan));
    assert_ok(eid_index_scan_next(scan, &item, &verdict));
    assert_status(EID_E_NOT_FOUND, eid_index_scan_next(scan, &item, &verdict));
    eid_index_scan_free(scan);
    eid_kv_view_free(self->kv, view);
    letters_free(&tree);
}

static void test_index__in_a_batch_sees_the_batch(void **state)
{
    world *self = *state;
    eid_order_item item;
    eid_verdict verdict;
    eid_index_scan *scan = NULL;
    eid_batch *batch = NULL;
    world inside = *self;
    letters tree;
    bool is_new;

    letters_chain(&tree);
    put_letters(self, &tree, "AC", EID_VERIFIED);
    assert_ok(eid_batch_new(self->kv, &batch));
    inside.at.batch = batch;
    assert_ok(eid_index_put(batch, tree.entries[1], EID_VERIFIED, 0, &is_new));
    assert_true(is_new);
    assert_ok(eid_index_put(batch, tree.entries[1], EID_VERIFIED, 0, &is_new));
    assert_false(is_new);
    expect_tips(&inside, &tree, EID_LEVEL_VISIBLE, "C");
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "AC");
    assert_ok(eid_index_scan_new(&inside.at, letter_id(&tree, 'A'), &scan));
    for (char letter = 'A'; letter <= 'C'; letter++) {
        assert_ok(eid_index_scan_next(scan, &item, &verdict));
        assert_true(eid_id_equal(&item.id, letter_id(&tree, letter)));
        assert_int_equal(verdict, EID_VERIFIED);
        assert_ok(eid_index_set_verdict(batch, &item.id, EID_FAILED)); /* while it is walked */
    }
    assert_status(EID_E_NOT_FOUND, eid_index_scan_next(scan, &item, &verdict));
    eid_index_scan_free(scan);
    expect_tips(&inside, &tree, EID_LEVEL_VISIBLE, "");
    expect_tips(&inside, &tree, EID_LEVEL_RAW, "C");
    eid_batch_free(batch);
    letters_free(&tree);
}

static eid_status collect_name(void *context, eid_slice name)
{
    char *names = context;

    (void)snprintf(names + strlen(names), 100 - strlen(names), "%.*s ", EID_SLICE_ARG(name));
    return EID_OK;
}

static void test_index_stores__have_names_entries_and_numbers(void **state)
{
    world *self = *state;
    static const uint64_t seven = 7; /* a height of its own */
    store_spec stores[] = {{"zz", {NULL, 0}, NULL}, {"a", {NULL, 0}, &seven}};
    eid_order order = EID_ORDER_EMPTY;
    eid_batch *batch = NULL;
    char names[100] = "";
    uint32_t first = 0, second = 0, again = 0;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "ABC", EID_VERIFIED);
    tree.entries[tree.count++] = entry_new(&(entry_spec){.root = letter_id(&tree, 'A'),
                                                         .parents = {letter_id(&tree, 'C'), 1},
                                                         .height = 3,
                                                         .stores = stores,
                                                         .store_count = 2});
    put_letters(self, &tree, "F", EID_UNVERIFIED);
    assert_ok(eid_index_stores(&self->at, letter_id(&tree, 'A'), collect_name, names));
    assert_string_equal(names, "_root a s zz ");
    assert_ok(eid_index_store_entries(&self->at, letter_id(&tree, 'A'), eid_slice_text("a"), false,
                                      &order));
    assert_int_equal(order.count, 1);
    assert_int_equal(order.at[0].height, 7);
    assert_ok(eid_index_store_entries(&self->at, letter_id(&tree, 'A'), eid_slice_text("a"), true,
                                      &order));
    assert_int_equal(order.count, 0);
    assert_status(EID_E_NOT_FOUND,
                  eid_index_store_number_find(&self->at, 1, eid_slice_text("s"), &again));
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_index_store_number(batch, 1, eid_slice_text("s"), &first));
    assert_ok(eid_index_store_number(batch, 1, eid_slice_text("a"), &second));
    assert_ok(eid_index_store_number(batch, 1, eid_slice_text("s"), &again));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_int_not_equal(first, second);
    assert_int_equal(first, again);
    assert_ok(eid_index_store_number_find(&self->at, 1, eid_slice_text("a"), &again));
    assert_int_equal(second, again);
    eid_order_fini(&order);
    eid_batch_free(batch);
    letters_free(&tree);
}

/* Number of keys of all families. */
static size_t count_all_keys(const world *self)
{
    size_t count = 0;

    for (size_t family = 0; family < EID_FAMILY_COUNT; family++) {
        eid_kv_iter *iter = NULL;
        eid_slice key, value;

        assert_ok(eid_kv_iter_new(self->kv, NULL, (eid_family)family, EID_SLICE_EMPTY, &iter));
        for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) count++;
        eid_kv_iter_free(iter);
    }
    return count;
}

static void test_index_forget__leaves_no_record(void **state)
{
    world *self = *state;
    size_t before = count_all_keys(self);
    eid_batch *batch = NULL;
    uint32_t number = 0;
    letters tree;

    letters_diamond(&tree);
    put_letters(self, &tree, "AB", EID_VERIFIED);
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_index_store_number(batch, 1, eid_slice_text("s"), &number));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_true(count_all_keys(self) > before);
    assert_ok(eid_index_forget(batch, letter_id(&tree, 'A')));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_int_equal(count_all_keys(self), before);
    put_letters(self, &tree, "A", EID_VERIFIED);
    expect_tips(self, &tree, EID_LEVEL_VISIBLE, "A");
    eid_batch_free(batch);
    letters_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_index_databases__are_those_whose_genesis_is_held),
        ON_ALL(test_index_scan__walks_in_tree_order_from_any_place),
        ON_ALL(test_index_scan__of_a_view_does_not_see_later_entries),
        ON_ALL(test_index__in_a_batch_sees_the_batch),
        ON_ALL(test_index_stores__have_names_entries_and_numbers),
        ON_ALL(test_index_forget__leaves_no_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
