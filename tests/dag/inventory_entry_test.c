/* Inventory of spec 01, "Entry integration": the lines of it/entry/ on entries and their stores. */
#include "tests/dag/inventory.h"

static void test_entry_creation(void **state)
{
    static const char *const parents[] = {"parent1", NULL};
    eid_entry *entry = sealed_last(builder_with_parent("parent1"));

    assert_id(eid_entry_root(entry), "test_root");
    assert_false(eid_entry_is_root(entry));
    assert_ids(eid_entry_parents(entry), parents);
    eid_entry_free(entry);
}

static void test_entry_toplevel_creation(void **state)
{
    eid_entry *entry = sealed_last(builder_of_root());

    assert_null(eid_entry_root(entry));
    assert_true(eid_entry_is_root(entry));
    assert_non_null(eid_entry_find_subtree(entry, text(EID_STORE_ROOT)));
    eid_entry_free(entry);
}

static void test_in_tree_and_subtree(void **state)
{
    eid_id test_root = raw("test_root"), other = raw("other_tree");
    eid_entry *root = sealed_last(builder_of_root());
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *child;

    builder_put(builder, "users", "data");
    child = sealed_last(builder);
    assert_true(eid_entry_is_in_tree(root, eid_entry_id(root)));
    assert_false(eid_entry_is_in_tree(root, &test_root));
    assert_true(eid_entry_is_in_tree(child, &test_root));
    assert_false(eid_entry_is_in_tree(child, &other));
    assert_non_null(eid_entry_find_subtree(child, text("users")));
    assert_null(eid_entry_find_subtree(child, text("posts")));
    eid_entry_free(child);
    eid_entry_free(root);
}

static void test_entry_parents(void **state)
{
    static const char *const main_parents[] = {"parent1", NULL}, *const of_store[] = {"sub", NULL};
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *entry;

    builder_link(builder, "users", "sub");
    entry = sealed_last(builder);
    assert_ids(eid_entry_parents(entry), main_parents);
    assert_ids(eid_entry_find_subtree(entry, text("users"))->parents, of_store);
    eid_entry_free(entry);
}

static void test_entry_add_subtree(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *entry;

    builder_put(builder, "users", "first");
    entry = sealed(builder);
    assert_int_equal(eid_entry_subtree_count(entry), 1);
    assert_data(entry, "users", "first");
    assert_int_equal(eid_entry_find_subtree(entry, text("users"))->parents.count, 0);
    eid_entry_free(entry);
    builder_put(builder, "users", "second");
    entry = sealed_last(builder);
    assert_int_equal(eid_entry_subtree_count(entry), 1);
    assert_data(entry, "users", "second");
    eid_entry_free(entry);
}

static void test_entry_with_multiple_subtrees(void **state)
{
    static const char *const rows[][3] = {{"users", "user data", "u"},
                                          {"posts", "post data", "p"},
                                          {"comments", "comment data", "c"},
                                          {"ratings", "rating data", "r"}};
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *entry;

    for (size_t i = 0; i < 4; i++) {
        builder_put(builder, rows[i][0], rows[i][1]);
        builder_link(builder, rows[i][0], rows[i][2]);
    }
    entry = sealed_last(builder);
    assert_int_equal(eid_entry_subtree_count(entry), 4);
    for (size_t i = 0; i < 4; i++) {
        const char *const parents[] = {rows[i][2], NULL};

        assert_data(entry, rows[i][0], rows[i][1]);
        assert_ids(eid_entry_find_subtree(entry, text(rows[i][0]))->parents, parents);
    }
    assert_null(eid_entry_find_subtree(entry, text("non_existent")));
    eid_entry_free(entry);
}

static void test_subtrees_are_sorted(void **state)
{
    static const char *const given[] = {"c", "a", "b"}, *const sorted[] = {"_root", "a", "b", "c"};
    eid_builder *builder = builder_of_root();
    eid_entry *entry;

    for (size_t i = 0; i < 3; i++) builder_put(builder, given[i], "data");
    entry = sealed_last(builder);
    assert_int_equal(eid_entry_subtree_count(entry), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(eid_slice_is(eid_entry_subtree(entry, i)->name, sorted[i]));
    }
    eid_entry_free(entry);
}

static void test_entrybuilder_subtree_parent_methods(void **state)
{
    static const char *const both[] = {"p1", "p2", NULL}, *const one[] = {"p3", NULL};
    eid_id first = raw("p1");
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *entry;

    builder_put(builder, "users", "data");
    must(eid_builder_set_store_parents(builder, text("users"), (eid_ids){&first, 1}));
    builder_link(builder, "users", "p2");
    builder_link(builder, "unknown", "p3");
    entry = sealed_last(builder);
    assert_ids(eid_entry_find_subtree(entry, text("users"))->parents, both);
    assert_ids(eid_entry_find_subtree(entry, text("unknown"))->parents, one);
    assert_false(eid_entry_find_subtree(entry, text("unknown"))->has_data);
    eid_entry_free(entry);
}

static void test_subtree_empty_name_rejected(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");

    builder_put(builder, "", "data");
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, "empty name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_creation),
        cmocka_unit_test(test_entry_toplevel_creation),
        cmocka_unit_test(test_in_tree_and_subtree),
        cmocka_unit_test(test_entry_parents),
        cmocka_unit_test(test_entry_add_subtree),
        cmocka_unit_test(test_entry_with_multiple_subtrees),
        cmocka_unit_test(test_subtrees_are_sorted),
        cmocka_unit_test(test_entrybuilder_subtree_parent_methods),
        cmocka_unit_test(test_subtree_empty_name_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
