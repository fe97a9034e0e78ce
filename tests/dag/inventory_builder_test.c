/* Inventory of spec 01, "Entry integration": the lines of it/entry/ on the builder and on what an
 * id depends on. The reference has a chaining and an in-place flavour of each setter; ours are
 * those that set a list at once and those that add to it. */
#include "tests/dag/inventory.h"

typedef struct store_part {
    const char *name, *data, *parent;
} store_part;

static const store_part parts[] = {
    {"users", "{\"u\":1}", "u1"}, {"posts", "{\"p\":2}", "p1"},    {"comments", "", "c1"},
    {"votes", "{\"v\":4}", "v1"}, {"settings", "{\"s\":5}", "s1"},
};
#define PART_COUNT (sizeof parts / sizeof parts[0])

static eid_builder *builder_setting(void)
{
    const eid_id parents[] = {raw("parent1"), raw("parent2")}, of_store[] = {raw("a"), raw("b")};
    eid_builder *builder = builder_in_tree();

    must(eid_builder_set_parents(builder, (eid_ids){parents, 2}));
    builder_put(builder, "users", "data");
    must(eid_builder_set_store_parents(builder, text("users"), (eid_ids){of_store, 2}));
    return builder;
}

static eid_builder *builder_adding(void)
{
    eid_builder *builder = builder_with_parent("parent2");
    eid_id parent = raw("parent1");

    builder_link(builder, "users", "b");
    builder_link(builder, "users", "a");
    must(eid_builder_touch(builder, text("users")));
    builder_put(builder, "users", "data");
    must(eid_builder_add_parent(builder, &parent));
    return builder;
}

static void test_dual_api_patterns(void **state)
{
    static const char *const parents[] = {"parent2", "parent1", NULL};
    eid_builder *(*const flavours[])(void) = {builder_setting, builder_adding};

    for (size_t i = 0; i < 2; i++) {
        eid_entry *entry = sealed_last(flavours[i]());

        assert_ids(eid_entry_parents(entry), parents);
        assert_data(entry, "users", "data");
        assert_int_equal(eid_entry_find_subtree(entry, text("users"))->parents.count, 2);
        eid_entry_free(entry);
    }
}

static void test_entrybuilder_api_consistency(void **state)
{
    eid_entry *set = sealed_last(builder_setting()), *added = sealed_last(builder_adding());

    assert_same_id(set, added);
    eid_entry_free(set);
    eid_entry_free(added);
}

static void test_entrybuilder_add_parent_methods(void **state)
{
    static const char *const expected[] = {"parent2", "parent1", NULL};
    eid_builder *builder = builder_in_tree();
    eid_id first = raw("parent1"), second = raw("parent2");
    eid_entry *entry;

    must(eid_builder_set_parents(builder, (eid_ids){&first, 1}));
    must(eid_builder_add_parent(builder, &second));
    must(eid_builder_set_store_parents(builder, text("users"), (eid_ids){&first, 1}));
    must(eid_builder_add_store_parent(builder, text("users"), &second));
    entry = sealed_last(builder);
    assert_ids(eid_entry_parents(entry), expected);
    assert_ids(eid_entry_find_subtree(entry, text("users"))->parents, expected);
    eid_entry_free(entry);
}

static void test_entrybuilder_parent_deduplication(void **state)
{
    static const char *const expected[] = {"parent2", "parent1", NULL};
    const eid_id given[] = {raw("parent1"), raw("parent2"), raw("parent1"), raw("parent2")};
    eid_builder *builder = builder_in_tree();
    eid_entry *entry;

    must(eid_builder_set_parents(builder, (eid_ids){given, 4}));
    must(eid_builder_add_parent(builder, &given[0]));
    must(eid_builder_set_store_parents(builder, text("users"), (eid_ids){given, 4}));
    must(eid_builder_add_store_parent(builder, text("users"), &given[1]));
    entry = sealed_last(builder);
    assert_ids(eid_entry_parents(entry), expected);
    assert_ids(eid_entry_find_subtree(entry, text("users"))->parents, expected);
    eid_entry_free(entry);
}

/* By their digests: 03…, 30…, 65…, 7e… */
static void test_parents_are_sorted(void **state)
{
    static const char *const sorted[] = {"parent2", "aaa", "parent1", "bbb", NULL};
    const eid_id given[] = {raw("bbb"), raw("parent1"), raw("aaa"), raw("parent2")};
    eid_builder *builder = builder_in_tree();
    eid_entry *entry;

    must(eid_builder_set_parents(builder, (eid_ids){given, 4}));
    must(eid_builder_set_store_parents(builder, text("users"), (eid_ids){given, 4}));
    entry = sealed_last(builder);
    assert_ids(eid_entry_parents(entry), sorted);
    assert_ids(eid_entry_find_subtree(entry, text("users"))->parents, sorted);
    eid_entry_free(entry);
}

static void test_entrybuilder_edge_cases(void **state)
{
    const eid_id empty = EID_ID_EMPTY;
    eid_builder *builder;
    eid_entry *entry;

    must(eid_builder_new(&empty, &builder)); /* an empty root is none */
    must(eid_builder_touch(builder, text(EID_STORE_ROOT)));
    entry = sealed_last(builder);
    assert_null(eid_entry_root(entry));
    assert_true(eid_entry_is_root(entry));
    assert_int_equal(eid_entry_parents(entry).count, 0);
    assert_int_equal(eid_entry_subtree_count(entry), 1);
    assert_int_equal(eid_entry_height(entry), 0);
    assert_true(eid_id_equal(eid_entry_tree(entry), eid_entry_id(entry)));
    eid_entry_free(entry);
}

/* Example B; `store_parent` is that of its subtree1. */
static eid_entry *example_b(bool is_reversed, const char *store_parent)
{
    eid_builder *builder = builder_with_parent(is_reversed ? "parent2" : "parent1");
    eid_id other = raw(is_reversed ? "parent1" : "parent2");

    must(eid_builder_add_parent(builder, &other));
    if (is_reversed) builder_put(builder, "subtree2", "data2");
    builder_put(builder, "subtree1", "data1");
    builder_link(builder, "subtree1", store_parent);
    if (!is_reversed) builder_put(builder, "subtree2", "data2");
    return sealed_last(builder);
}

static void test_entry_id_determinism(void **state)
{
    eid_entry *first = example_b(false, "sub_parent1"), *second = example_b(true, "sub_parent1");
    eid_entry *changed = example_b(false, "sub_parent2");

    assert_string_equal(eid_id_str(eid_entry_id(first)),
                        "bafyr4ie6untaw5pqdskckpexvocotowg54j3xlkdq3pn627m2uc223z2qa");
    assert_same_id(first, second);
    assert_false(eid_id_equal(eid_entry_id(first), eid_entry_id(changed)));
    eid_entry_free(first);
    eid_entry_free(second);
    eid_entry_free(changed);
}

/* The parts from `start` on, round, in steps of `step`; parents in the same manner. */
static eid_entry *turned(size_t start, size_t step)
{
    eid_builder *builder = builder_in_tree();

    for (size_t i = 0; i < PART_COUNT; i++) {
        const store_part *part = &parts[(start + i * step) % PART_COUNT];
        eid_id parent = raw(part->name);

        must(eid_builder_add_parent(builder, &parent));
        if (i % 2) builder_link(builder, part->name, part->parent);
        builder_put(builder, part->name, part->data);
        builder_link(builder, part->name, part->parent);
    }
    return sealed_last(builder);
}

static void test_entrybuilder_id_stability(void **state)
{
    eid_entry *first = turned(0, 1), *second = turned(3, 1), *third = turned(1, 2);

    assert_same_id(first, second);
    assert_same_id(first, third);
    eid_entry_free(first);
    eid_entry_free(second);
    eid_entry_free(third);
}

static void test_id_determinism_with_complex_structure(void **state)
{
    eid_entry *forward = turned(0, 1), *reverse = turned(PART_COUNT - 1, PART_COUNT - 1);

    assert_same_id(forward, reverse);
    assert_int_equal(eid_entry_subtree_count(forward), PART_COUNT);
    eid_entry_free(forward);
    eid_entry_free(reverse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dual_api_patterns),
        cmocka_unit_test(test_entrybuilder_api_consistency),
        cmocka_unit_test(test_entrybuilder_add_parent_methods),
        cmocka_unit_test(test_entrybuilder_parent_deduplication),
        cmocka_unit_test(test_parents_are_sorted),
        cmocka_unit_test(test_entrybuilder_edge_cases),
        cmocka_unit_test(test_entry_id_determinism),
        cmocka_unit_test(test_entrybuilder_id_stability),
        cmocka_unit_test(test_id_determinism_with_complex_structure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
