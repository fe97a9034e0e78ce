/* Inventory of spec 01, "Entry unit tests", the structural rules: lines of entry/tests.rs. */
#include "tests/dag/inventory.h"

static void builder_link_empty(eid_builder *builder, const char *store)
{
    const eid_id empty = EID_ID_EMPTY;

    must(eid_builder_add_store_parent(builder, text(store), &empty));
}

/* Seals, validates what was read back, and drops it. */
static void assert_valid(eid_builder *builder, bool is_root)
{
    eid_entry *entry = sealed_last(builder);

    must(eid_entry_validate(entry));
    assert_int_equal(eid_entry_is_root(entry), is_root);
    eid_entry_free(entry);
}

static void test_validate_root_entry_without_parents_succeeds(void **state)
{
    assert_valid(builder_of_root(), true);
}

static void test_validate_root_entry_with_parents_fails(void **state)
{
    eid_builder *builder = builder_of_root();
    eid_id parent = raw("parent1");

    must(eid_builder_add_parent(builder, &parent));
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, "has _root marker but also has parents");
}

static void test_validate_non_root_entry_without_parents_fails(void **state)
{
    eid_builder *builder = builder_in_tree();

    builder_put(builder, "messages", "data");
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, "empty main tree parents");
    assert_string_equal(eid_kind_label(EID_KIND_ENTRY_STRUCTURE), "EntryValidationFailed");
}

static void test_validate_non_root_entry_with_parents_succeeds(void **state)
{
    assert_valid(builder_with_parent("parent1"), false);
}

static void test_validate_empty_parent_id_fails(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");
    const eid_id empty = EID_ID_EMPTY;

    must(eid_builder_add_parent(builder, &empty));
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, "empty parent ID");
}

static void test_validate_subtree_with_empty_parent_id_fails(void **state)
{
    eid_builder *builder = builder_of_root();

    builder_link_empty(builder, "messages");
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, "empty parent ID");
    builder = builder_with_parent("parent1");
    builder_link_empty(builder, "messages");
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, "messages");
}

static void test_validate_non_root_with_empty_subtree_parents_logs_but_passes(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");

    builder_put(builder, "messages", "data");
    assert_valid(builder, false);
}

static void test_validate_root_entry_with_empty_subtree_parents_succeeds(void **state)
{
    eid_builder *builder = builder_of_root();

    builder_put(builder, "messages", "data");
    assert_valid(builder, true);
}

static void test_validate_settings_subtree_follows_standard_rules(void **state)
{
    eid_builder *builder = builder_with_parent("parent1");

    builder_put(builder, EID_STORE_SETTINGS, "{}");
    assert_valid(builder, false);
    builder = builder_with_parent("parent1");
    builder_put(builder, EID_STORE_SETTINGS, "{}");
    builder_link(builder, EID_STORE_SETTINGS, "settings1");
    assert_valid(builder, false);
    builder = builder_with_parent("parent1");
    builder_link_empty(builder, EID_STORE_SETTINGS);
    assert_refused(builder, EID_KIND_ENTRY_STRUCTURE, EID_STORE_SETTINGS);
}

static void test_validate_multiple_subtrees_with_mixed_parent_scenarios(void **state)
{
    static const char *const two[] = {"p1", "p2", NULL}, *const one[] = {"p3", NULL};
    static const char *const none[] = {NULL};
    eid_builder *builder = builder_with_parent("parent1");
    eid_entry *entry;

    builder_put(builder, "none", "a");
    builder_put(builder, "one", "b");
    builder_link(builder, "one", "p3");
    builder_link(builder, "two", "p1");
    builder_link(builder, "two", "p2");
    entry = sealed_last(builder);
    must(eid_entry_validate(entry));
    assert_ids(eid_entry_find_subtree(entry, text("none"))->parents, none);
    assert_ids(eid_entry_find_subtree(entry, text("one"))->parents, one);
    assert_ids(eid_entry_find_subtree(entry, text("two"))->parents, two);
    eid_entry_free(entry);
}

static void test_validate_root_subtree_marker_skipped(void **state)
{
    eid_builder *builder = builder_of_root();

    builder_link_empty(builder, EID_STORE_ROOT);
    assert_valid(builder, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validate_root_entry_without_parents_succeeds),
        cmocka_unit_test(test_validate_root_entry_with_parents_fails),
        cmocka_unit_test(test_validate_non_root_entry_without_parents_fails),
        cmocka_unit_test(test_validate_non_root_entry_with_parents_succeeds),
        cmocka_unit_test(test_validate_empty_parent_id_fails),
        cmocka_unit_test(test_validate_subtree_with_empty_parent_id_fails),
        cmocka_unit_test(test_validate_non_root_with_empty_subtree_parents_logs_but_passes),
        cmocka_unit_test(test_validate_root_entry_with_empty_subtree_parents_succeeds),
        cmocka_unit_test(test_validate_settings_subtree_follows_standard_rules),
        cmocka_unit_test(test_validate_multiple_subtrees_with_mixed_parent_scenarios),
        cmocka_unit_test(test_validate_root_subtree_marker_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
