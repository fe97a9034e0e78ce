/* Inventory of spec 02: the lines of backend/subtree_operations.rs and height_calculations.rs, over
 * each backend. */
#include "tests/storage/letters.h"

/* Which of the stores "s" and "t" the next letter is in, with which parents there (NULL = not). */
static void letter_in(letters *self, const char *parents, const char *in_s, const char *in_t)
{
    eid_id main_ids[NODES_MAX], s_ids[NODES_MAX], t_ids[NODES_MAX];
    store_spec stores[2];
    entry_spec spec = {.height = self->count, .salt = 100 + self->count, .stores = stores};

    if (self->count > 0) spec.root = letter_id(self, 'A');
    spec.parents = letter_ids(self, parents, main_ids);
    if (in_s != NULL) {
        stores[spec.store_count++] =
            (store_spec){.name = "s", .parents = letter_ids(self, in_s, s_ids)};
    }
    if (in_t != NULL) {
        stores[spec.store_count++] =
            (store_spec){.name = "t", .parents = letter_ids(self, in_t, t_ids)};
    }
    self->entries[self->count++] = entry_new(&spec);
}

static void expect_store_tips(const world *self, const letters *tree, const char *store,
                              const char *names)
{
    eid_idset tips = EID_IDSET_EMPTY;

    assert_ok(eid_index_tips(&self->at, letter_id(tree, 'A'), EID_LEVEL_RAW, eid_slice_text(store),
                             &tips));
    expect_set(tree, names, &tips);
    eid_idset_fini(&tips);
}

static void expect_order(const letters *tree, const char *names, const eid_order *actual)
{
    assert_int_equal(actual->count, strlen(names));
    for (size_t i = 0; i < actual->count; i++) {
        assert_true(eid_id_equal(letter_id(tree, names[i]), &actual->at[i].id));
    }
}

/* The entries of a store whose heights differ, in order. */
static void expect_store(const world *self, const letters *tree, const char *store,
                         const char *names)
{
    eid_order order = EID_ORDER_EMPTY;

    assert_ok(eid_index_store_entries(&self->at, letter_id(tree, 'A'), eid_slice_text(store), false,
                                      &order));
    expect_order(tree, names, &order);
    eid_order_fini(&order);
}

/* What lies behind store tips (store_at). */
static void expect_store_at(const world *self, const letters *tree, const char *store,
                            const char *tips, const char *names)
{
    eid_order order = EID_ORDER_EMPTY;
    eid_index_graph *graph = NULL;
    eid_id ids[NODES_MAX];

    assert_ok(eid_index_graph_new(&self->at, letter_id(tree, 'A'), &graph));
    assert_ok(eid_graph_store_closure(eid_index_graph_source(graph), eid_slice_text(store),
                                      letter_ids(tree, tips, ids), &order, NULL));
    expect_order(tree, names, &order);
    eid_order_fini(&order);
    eid_index_graph_free(graph);
}

/* The store's tips as of a boundary (store_snapshot_at). */
static void expect_snapshot_at(const world *self, const letters *tree, const char *store,
                               const char *boundary, const char *names)
{
    eid_idset tips = EID_IDSET_EMPTY;
    eid_index_graph *graph = NULL;
    eid_id ids[NODES_MAX];

    assert_ok(eid_index_graph_new(&self->at, letter_id(tree, 'A'), &graph));
    assert_ok(eid_graph_store_tips_at(eid_index_graph_source(graph), eid_slice_text(store),
                                      letter_ids(tree, boundary, ids), &tips));
    expect_set(tree, names, &tips);
    eid_idset_fini(&tips);
    eid_index_graph_free(graph);
}

/* -- subtree_operations.rs --------------------------------------------------------------------- */

static void test_backend_subtree_operations(void **state)
{
    world *self = *state;
    letters tree = {.count = 0};

    letter_in(&tree, "", "", NULL);
    letter_in(&tree, "A", "A", NULL);
    put_letters(self, &tree, "A", EID_UNVERIFIED);
    expect_store_tips(self, &tree, "s", "A");
    put_letters(self, &tree, "B", EID_UNVERIFIED);
    expect_store_tips(self, &tree, "s", "B");
    expect_store(self, &tree, "s", "AB");
    letters_free(&tree);
}

static void test_backend_store_at(void **state)
{
    world *self = *state;
    eid_order order = EID_ORDER_EMPTY;
    eid_index_graph *graph = NULL;
    letters tree = {.count = 0}, other = {.count = 0};
    eid_id unknown = eid_id_of_entry(eid_slice_text("nobody")), foreign;

    letter_in(&tree, "", "", NULL);
    letter_in(&tree, "A", "A", NULL);
    letter_in(&tree, "B", NULL, NULL); /* C is not in the store */
    letter_in(&tree, "C", "B", "");
    letter_add(&other, 50, "", "");
    put_letters(self, &tree, "ABCD", EID_UNVERIFIED);
    put_letters(self, &other, "A", EID_UNVERIFIED);
    expect_store_at(self, &tree, "s", "D", "ABD");
    expect_store_at(self, &tree, "s", "B", "AB");
    expect_store_at(self, &tree, "s", "C", "");
    expect_store_at(self, &tree, "unknown", "D", "");
    assert_ok(eid_index_graph_new(&self->at, letter_id(&tree, 'A'), &graph));
    assert_ok(eid_graph_store_closure(eid_index_graph_source(graph), eid_slice_text("s"),
                                      (eid_ids){&unknown, 1}, &order, NULL));
    assert_int_equal(order.count, 0);
    foreign = *letter_id(&other, 'A');
    assert_ok(eid_graph_store_closure(eid_index_graph_source(graph), eid_slice_text("s"),
                                      (eid_ids){&foreign, 1}, &order, NULL));
    assert_int_equal(order.count, 0);
    eid_order_fini(&order);
    eid_index_graph_free(graph);
    letters_free(&tree);
    letters_free(&other);
}

static void test_store_snapshot(void **state)
{
    world *self = *state;
    letters tree = {.count = 0};

    letter_in(&tree, "", NULL, NULL);
    letter_in(&tree, "A", "", NULL);
    letter_in(&tree, "A", NULL, "");
    letter_in(&tree, "BC", "B", "C");
    put_letters(self, &tree, "ABC", EID_UNVERIFIED);
    expect_store_tips(self, &tree, "s", "B");
    expect_store_tips(self, &tree, "t", "C");
    put_letters(self, &tree, "D", EID_UNVERIFIED);
    expect_store_tips(self, &tree, "s", "D");
    expect_store_tips(self, &tree, "t", "D");
    letters_free(&tree);
}

static void test_store_snapshot_at_linear_chain(void **state)
{
    world *self = *state;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "ABCDE", EID_UNVERIFIED);
    expect_snapshot_at(self, &tree, "s", "E", "E");
    expect_snapshot_at(self, &tree, "s", "C", "C");
    expect_snapshot_at(self, &tree, "s", "A", "A");
    expect_snapshot_at(self, &tree, "s", "AB", "B");
    letters_free(&tree);
}

static void test_store_snapshot_at_diamond_pattern(void **state)
{
    world *self = *state;
    letters tree;

    letters_diamond(&tree);
    put_letters(self, &tree, "ABCD", EID_UNVERIFIED);
    expect_snapshot_at(self, &tree, "s", "BC", "BC");
    expect_snapshot_at(self, &tree, "s", "B", "B");
    expect_snapshot_at(self, &tree, "s", "D", "D");
    letters_free(&tree);
}

static void test_store_snapshot_at_multiple_subtrees(void **state)
{
    world *self = *state;
    letters tree = {.count = 0};

    letter_in(&tree, "", "", NULL);
    letter_in(&tree, "A", NULL, "");
    letter_in(&tree, "B", "A", NULL);
    letter_in(&tree, "C", NULL, "B");
    put_letters(self, &tree, "ABCD", EID_UNVERIFIED);
    expect_snapshot_at(self, &tree, "s", "D", "C"); /* D has it not; the nearest that has */
    expect_snapshot_at(self, &tree, "s", "B", "A");
    expect_snapshot_at(self, &tree, "t", "C", "B");
    expect_snapshot_at(self, &tree, "t", "D", "D");
    expect_snapshot_at(self, &tree, "t", "A", "");
    letters_free(&tree);
}

static void test_store_snapshot_at_edge_cases(void **state)
{
    world *self = *state;
    eid_id unknown = eid_id_of_entry(eid_slice_text("nobody"));
    eid_idset tips = EID_IDSET_EMPTY;
    eid_index_graph *graph = NULL;
    letters tree;

    letters_chain(&tree);
    put_letters(self, &tree, "AB", EID_UNVERIFIED);
    expect_snapshot_at(self, &tree, "s", "", "");
    expect_snapshot_at(self, &tree, "unknown", "B", "");
    assert_ok(eid_index_graph_new(&self->at, letter_id(&tree, 'A'), &graph));
    assert_kind(EID_KIND_ENTRY_NOT_FOUND,
                eid_graph_store_tips_at(eid_index_graph_source(graph), eid_slice_text("s"),
                                        (eid_ids){&unknown, 1}, &tips));
    eid_idset_fini(&tips);
    eid_index_graph_free(graph);
    letters_free(&tree);
}

/*     A          s
 *    / \
 *   B   C        s | t
 *   |   | \
 *   D   E  F     s | s,t | t
 *    \ /   |
 *     G    H     t | s
 *      \  /
 *       I        s,t
 */
static void test_store_snapshot_at_complex_dag(void **state)
{
    world *self = *state;
    letters tree = {.count = 0};

    letter_in(&tree, "", "", NULL);
    letter_in(&tree, "A", "A", NULL);
    letter_in(&tree, "A", NULL, "");
    letter_in(&tree, "B", "B", NULL);
    letter_in(&tree, "C", "A", "C");
    letter_in(&tree, "C", NULL, "C");
    letter_in(&tree, "DE", NULL, "E");
    letter_in(&tree, "F", "A", NULL);
    letter_in(&tree, "GH", "DEH", "GF");
    put_letters(self, &tree, "ABCDEFGHI", EID_UNVERIFIED);
    expect_snapshot_at(self, &tree, "s", "G", "DE");
    expect_snapshot_at(self, &tree, "t", "G", "G");
    expect_snapshot_at(self, &tree, "s", "GH", "DEH");
    expect_snapshot_at(self, &tree, "t", "GH", "GF");
    expect_snapshot_at(self, &tree, "s", "BF", "B");
    expect_snapshot_at(self, &tree, "t", "BF", "F");
    expect_snapshot_at(self, &tree, "t", "D", "");
    expect_snapshot_at(self, &tree, "s", "DI", "I");
    expect_snapshot_at(self, &tree, "t", "I", "I");
    letters_free(&tree);
}

/* -- height_calculations.rs -------------------------------------------------------------------- */

/* An entry of these heights, stored and read again; `store_height` NULL = that of the tree. */
static eid_entry *stored(const world *self, uint64_t height, const uint64_t *store_height)
{
    const store_spec store = {.name = "s", .height = store_height};
    eid_entry *entry =
        entry_new(&(entry_spec){.height = height, .stores = &store, .store_count = 1});
    eid_entry *read = NULL;

    assert_true(entry_put(self, entry, EID_UNVERIFIED));
    assert_ok(eid_index_entry(&self->at, eid_entry_id(entry), &read));
    eid_entry_free(entry);
    return read;
}

static uint64_t store_height_of(const eid_entry *entry)
{
    const eid_subtree *store = eid_entry_find_subtree(entry, eid_slice_text("s"));

    assert_non_null(store);
    return store->height;
}

static void test_height_stored_in_entry(void **state)
{
    const uint64_t store_height = 3;
    eid_entry *entry = stored(*state, 11, &store_height);
    world *self = *state;
    eid_index_info info;

    assert_int_equal(eid_entry_height(entry), 11);
    assert_int_equal(store_height_of(entry), 3);
    assert_ok(eid_index_find(&self->at, eid_entry_id(entry), &info));
    assert_int_equal(info.height, 11);
    eid_entry_free(entry);
}

static void test_height_serialization(void **state)
{
    const uint64_t store_height = 7;
    eid_entry *entry = stored(*state, 42, &store_height), *again = NULL;

    assert_ok(eid_entry_decode(eid_entry_bytes(entry), &again));
    assert_int_equal(eid_entry_height(again), 42);
    assert_int_equal(store_height_of(again), 7);
    eid_entry_free(again);
    eid_entry_free(entry);
}

static bool json_has(const eid_entry *entry, const char *text)
{
    eid_buf json;
    bool has;

    eid_buf_init(&json, EID_ENTRY_BYTES_MAX);
    assert_ok(eid_entry_to_json(entry, &json));
    eid_buf_append_byte(&json, 0);
    has = strstr((const char *)json.at, text) != NULL;
    eid_buf_fini(&json);
    return has;
}

static void test_zero_height_not_serialized(void **state)
{
    eid_entry *zero = stored(*state, 0, NULL), *one = stored(*state, 1, NULL);

    assert_int_equal(eid_entry_height(zero), 0);
    assert_int_equal(store_height_of(zero), 0);
    assert_false(json_has(zero, "\"h\":"));
    assert_true(json_has(one, "\"h\":"));
    eid_entry_free(zero);
    eid_entry_free(one);
}

static void test_subtree_height_inheritance(void **state)
{
    eid_entry *entry = stored(*state, 9, NULL);

    assert_int_equal(store_height_of(entry), 9);
    eid_entry_free(entry);
}

static void test_subtree_independent_height_vs_inherited(void **state)
{
    const uint64_t five = 5;
    eid_entry *own = stored(*state, 100, &five), *inherited = stored(*state, 100, NULL);

    assert_int_equal(store_height_of(own), 5);
    assert_int_equal(store_height_of(inherited), 100);
    eid_entry_free(own);
    eid_entry_free(inherited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_backend_subtree_operations),
        ON_ALL(test_backend_store_at),
        ON_ALL(test_store_snapshot),
        ON_ALL(test_store_snapshot_at_linear_chain),
        ON_ALL(test_store_snapshot_at_diamond_pattern),
        ON_ALL(test_store_snapshot_at_multiple_subtrees),
        ON_ALL(test_store_snapshot_at_edge_cases),
        ON_ALL(test_store_snapshot_at_complex_dag),
        ON_ALL(test_height_stored_in_entry),
        ON_ALL(test_height_serialization),
        ON_ALL(test_zero_height_not_serialized),
        ON_ALL(test_subtree_height_inheritance),
        ON_ALL(test_subtree_independent_height_vs_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
