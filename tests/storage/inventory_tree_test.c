/* Inventory of spec 02: the lines of backend/basic_operations.rs, concurrent_writes.rs,
 * out_of_order_tips.rs and tree_operations.rs, over each backend. */
#include <pthread.h>

#include "tests/storage/letters.h"

/* The entries of a tree, in (height, id) order; `names` in any order. */
static void expect_tree(const world *self, const letters *tree, const char *names)
{
    eid_index_scan *scan = NULL;
    eid_order_item item, last = {0};
    eid_verdict verdict;
    size_t count = 0;
    eid_status status;

    assert_ok(eid_index_scan_new(&self->at, letter_id(tree, 'A'), &scan));
    while ((status = eid_index_scan_next(scan, &item, &verdict)) == EID_OK) {
        bool is_known = false;

        for (const char *at = names; *at != 0; at++) {
            is_known = is_known || eid_id_equal(letter_id(tree, *at), &item.id);
        }
        assert_true(is_known);
        assert_true(count == 0 || item.height > last.height ||
                    (item.height == last.height && eid_id_compare(&item.id, &last.id) > 0));
        last = item;
        count++;
    }
    assert_status(EID_E_NOT_FOUND, status);
    assert_int_equal(count, strlen(names));
    eid_index_scan_free(scan);
}

/* -- basic_operations.rs ----------------------------------------------------------------------- */

static void test_backend_basic_operations(void **state)
{
    world *self = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    eid_entry *read = NULL;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    assert_ok(eid_index_entry(&self->at, letter_id(&tree, 'A'), &read));
    assert_true(eid_slice_equal(eid_entry_bytes(read), eid_entry_bytes(tree.entries[0])));
    assert_ok(eid_index_databases(&self->at, &roots));
    expect_set(&tree, "A", &roots);
    eid_idset_fini(&roots);
    eid_entry_free(read);
    letters_free(&tree);
}

static void test_backend_error_handling(void **state)
{
    world *self = *state;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_order order = EID_ORDER_EMPTY;
    eid_entry *read = NULL;
    letters tree;

    letters_chain(&tree);
    assert_status(EID_E_NOT_FOUND, eid_index_entry(&self->at, letter_id(&tree, 'A'), &read));
    assert_null(read);
    expect_tips(self, &tree, EID_LEVEL_RAW, "");
    assert_ok(eid_index_store_entries(&self->at, letter_id(&tree, 'A'), eid_slice_text("s"), false,
                                      &order));
    assert_int_equal(order.count, 0);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    assert_ok(eid_index_tips(&self->at, letter_id(&tree, 'A'), EID_LEVEL_RAW,
                             eid_slice_text("unknown"), &tips));
    assert_int_equal(tips.count, 0);
    eid_idset_fini(&tips);
    eid_order_fini(&order);
    letters_free(&tree);
}

static void test_all_roots(void **state)
{
    world *self = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    letters first, second;

    letters_chain(&first);
    second.count = 0;
    assert_ok(eid_index_databases(&self->at, &roots));
    assert_int_equal(roots.count, 0);
    letter_add(&second, 7, "", ""); /* another genesis */
    put_letters(self, &first, "AB", EID_UNVERIFIED);
    put_letters(self, &second, "A", EID_UNVERIFIED);
    assert_ok(eid_index_databases(&self->at, &roots));
    assert_int_equal(roots.count, 2);
    assert_true(eid_idset_has(&roots, letter_id(&first, 'A')));
    assert_true(eid_idset_has(&roots, letter_id(&second, 'A')));
    assert_false(eid_idset_has(&roots, letter_id(&first, 'B')));
    eid_idset_fini(&roots);
    letters_free(&first);
    letters_free(&second);
}

/* -- concurrent_writes.rs ---------------------------------------------------------------------- */

#define WRITERS 4
#define ROOTS 25

typedef struct writer {
    world *place;
    size_t number;
    eid_status status;
} writer;

static void *write_roots(void *arg)
{
    writer *self = arg;
    eid_batch *batch = NULL;

    self->status = eid_batch_new(self->place->kv, &batch);
    for (size_t i = 0; i < ROOTS && self->status == EID_OK; i++) {
        eid_entry *entry = entry_new(&(entry_spec){.salt = self->number * ROOTS + i});
        bool is_new;

        self->status = eid_index_put(batch, entry, EID_UNVERIFIED, i, &is_new);
        if (self->status == EID_OK) self->status = eid_batch_write(batch, EID_DURABLE_SYNC);
        eid_entry_free(entry);
    }
    eid_batch_free(batch);
    return NULL;
}

/* Nobody of ours is ever told that a store is busy: writers wait for each other. */
static void concurrent_writers_do_not_collide_on_sqlite_busy(void **state)
{
    world *self = *state;
    eid_idset roots = EID_IDSET_EMPTY;
    pthread_t threads[WRITERS];
    writer writers[WRITERS];

    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = (writer){self, i, EID_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, write_roots, &writers[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(writers[i].status, EID_OK);
    }
    assert_ok(eid_index_databases(&self->at, &roots));
    assert_int_equal(roots.count, WRITERS * ROOTS);
    eid_idset_fini(&roots);
}

/* -- out_of_order_tips.rs ---------------------------------------------------------------------- */

static void expect_tips_of(const world *self, const letters *tree, const char *store,
                           const char *names)
{
    eid_idset tips = EID_IDSET_EMPTY;

    assert_ok(eid_index_tips(&self->at, letter_id(tree, 'A'), EID_LEVEL_RAW, eid_slice_text(store),
                             &tips));
    expect_set(tree, names, &tips);
    eid_idset_fini(&tips);
}

static void test_tree_tips_out_of_order_arrival(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "AC");
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "C");
    letters_free(&tree);
}

static void test_store_tips_out_of_order_arrival(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "AC", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "s", "AC");
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "s", "C");
    letters_free(&tree);
}

static void test_diamond_tips_out_of_order_arrival(void **state)
{
    world *self = *state;
    letters tree;

    letters_diamond(&tree);
    put_letters(self, &tree, "AD", EID_UNVERIFIED);
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "D"); /* B never is one */
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "D");
    letters_free(&tree);
}

static void test_partial_sync_with_gaps(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree); /* A - B - C - D - E; the genesis and C are never here */
    put_letters(self, &tree, "BED", EID_UNVERIFIED);
    expect_tips(self, &tree, EID_LEVEL_RAW, "BE");
    letters_free(&tree);
}

/* -- tree_operations.rs ------------------------------------------------------------------------ */

static void test_backend_tree_operations(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "ABC", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "C");
    expect_tree(self, &tree, "ABC");
    letters_free(&tree);
}

static void test_backend_complex_tree_structure(void **state)
{
    world *self = *state;
    letters tree;

    letters_diamond(&tree);
    letter_add(&tree, 3, "D", "D");
    put_letters(self, &tree, "ABC", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "BC");
    put_letters(self, &tree, "D", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "D");
    expect_tree(self, &tree, "ABCD");
    put_letters(self, &tree, "E", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "E");
    expect_tree(self, &tree, "ABCDE");
    letters_free(&tree);
}

static eid_index_graph *graph_of(const world *self, const letters *tree)
{
    eid_index_graph *graph = NULL;

    assert_ok(eid_index_graph_new(&self->at, letter_id(tree, 'A'), &graph));
    return graph;
}

static void test_backend_get_tree_from_tips(void **state)
{
    world *self = *state;
    eid_order order = EID_ORDER_EMPTY;
    eid_id ids[NODES_MAX], foreign;
    eid_index_graph *graph;
    letters tree, other;

    letters_diamond(&tree);
    other.count = 0;
    letter_add(&other, 9, "", "");
    foreign = *letter_id(&other, 'A');
    put_letters(self, &tree, "ABCD", EID_UNVERIFIED);
    put_letters(self, &other, "A", EID_UNVERIFIED);
    graph = graph_of(self, &tree);
    assert_ok(
        eid_graph_closure(eid_index_graph_source(graph), letter_ids(&tree, "B", ids), &order));
    assert_int_equal(order.count, 2);
    assert_true(eid_id_equal(&order.at[0].id, letter_id(&tree, 'A')));
    assert_true(eid_id_equal(&order.at[1].id, letter_id(&tree, 'B')));
    assert_ok(
        eid_graph_closure(eid_index_graph_source(graph), letter_ids(&tree, "D", ids), &order));
    assert_int_equal(order.count, 4);
    for (size_t i = 1; i < 4; i++) assert_true(order.at[i - 1].height <= order.at[i].height);
    ids[0] = eid_id_of_entry(eid_slice_text("nobody"));
    assert_kind(EID_KIND_ENTRY_NOT_FOUND,
                eid_graph_closure(eid_index_graph_source(graph), (eid_ids){ids, 1}, &order));
    assert_kind(EID_KIND_ENTRY_NOT_IN_TREE,
                eid_graph_closure(eid_index_graph_source(graph), (eid_ids){&foreign, 1}, &order));
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    letters_free(&tree);
    letters_free(&other);
}

static void expect_reach(eid_index_graph *graph, eid_ids from, eid_ids targets, eid_reach wanted)
{
    eid_idset missing = EID_IDSET_EMPTY;
    eid_reach reach;

    assert_ok(eid_graph_reachable(eid_index_graph_source(graph), from, targets, &reach, &missing));
    assert_int_equal(reach, wanted);
    assert_int_equal(missing.count > 0, wanted == EID_REACH_UNKNOWN);
    eid_idset_fini(&missing);
}

static void test_backend_check_targets_reachable_from(void **state)
{
    world *self = *state;
    const eid_ids nobody = {NULL, 0};
    eid_idset missing = EID_IDSET_EMPTY;
    eid_id from[NODES_MAX], to[NODES_MAX], foreign;
    eid_index_graph *graph;
    eid_reach reach;
    letters tree, other;

    letters_chain(&tree);
    letter_add(&tree, 1, "A", NULL); /* F, beside the chain */
    other.count = 0;
    letter_add(&other, 9, "", "");
    put_letters(self, &tree, "ABCEF", EID_UNVERIFIED); /* without D */
    put_letters(self, &other, "A", EID_UNVERIFIED);
    foreign = *letter_id(&other, 'A');
    graph = graph_of(self, &tree);
#define REACH(names, targets, wanted)                                                              \
    expect_reach(graph, letter_ids(&tree, names, from), letter_ids(&tree, targets, to), wanted)
    expect_reach(graph, nobody, nobody, EID_REACH_YES);
    REACH("C", "", EID_REACH_YES);
    REACH("", "A", EID_REACH_NO);
    REACH("C", "A", EID_REACH_YES);
    REACH("C", "C", EID_REACH_YES);
    REACH("C", "AB", EID_REACH_YES);
    REACH("B", "C", EID_REACH_NO);
    REACH("F", "B", EID_REACH_NO);
    REACH("FC", "BF", EID_REACH_YES);
    REACH("D", "A", EID_REACH_UNKNOWN); /* `from` is missing */
    REACH("DC", "A", EID_REACH_YES);    /* but somebody else reaches it */
    REACH("C", "D", EID_REACH_UNKNOWN); /* the target is missing */
    REACH("E", "B", EID_REACH_UNKNOWN); /* an ancestor between them is missing */
#undef REACH
    assert_kind(EID_KIND_ENTRY_NOT_IN_TREE,
                eid_graph_reachable(eid_index_graph_source(graph), (eid_ids){&foreign, 1},
                                    letter_ids(&tree, "A", to), &reach, &missing));
    assert_kind(EID_KIND_ENTRY_NOT_IN_TREE,
                eid_graph_reachable(eid_index_graph_source(graph), letter_ids(&tree, "A", from),
                                    (eid_ids){&foreign, 1}, &reach, &missing));
    eid_idset_fini(&missing);
    eid_index_graph_free(graph);
    letters_free(&tree);
    letters_free(&other);
}

static void test_snapshot(void **state)
{
    world *self = *state;
    letters tree;

    letters_diamond(&tree);
    expect_tips_of(self, &tree, "", "");
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "A");
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "B");
    put_letters(self, &tree, "C", EID_UNVERIFIED);
    expect_tips_of(self, &tree, "", "BC");
    letters_free(&tree);
}

static void test_sort_entries_by_height(void **state)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_id id = eid_id_of_entry(eid_slice_text("x"));

    eid_order_sort(&order);
    assert_int_equal(order.count, 0);
    for (uint64_t height = 5; height > 0; height--) {
        id.bytes[35] = (uint8_t)height;
        assert_ok(eid_order_push(&order, height / 2, &id));
    }
    eid_order_sort(&order);
    for (size_t i = 1; i < order.count; i++) {
        const eid_order_item *left = &order.at[i - 1], *right = &order.at[i];

        assert_true(left->height < right->height ||
                    (left->height == right->height && eid_id_compare(&left->id, &right->id) < 0));
    }
    eid_order_fini(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_backend_basic_operations),
        ON_ALL(test_backend_error_handling),
        ON_ALL(test_all_roots),
        ON_ALL(concurrent_writers_do_not_collide_on_sqlite_busy),
        ON_ALL(test_tree_tips_out_of_order_arrival),
        ON_ALL(test_store_tips_out_of_order_arrival),
        ON_ALL(test_diamond_tips_out_of_order_arrival),
        ON_ALL(test_partial_sync_with_gaps),
        ON_ALL(test_backend_tree_operations),
        ON_ALL(test_backend_complex_tree_structure),
        ON_ALL(test_backend_get_tree_from_tips),
        ON_ALL(test_backend_check_targets_reachable_from),
        ON_ALL(test_snapshot),
        cmocka_unit_test(test_sort_entries_by_height),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
