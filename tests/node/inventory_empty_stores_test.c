/* Inventory of spec 01, "Entry integration": the lines on remove_empty_subtrees, which is done
 * here, since it reads the `_index` payload. */
#include "node/db/prune.h"
#include "tests/node/txn_world.h"

static eid_builder *builder_with(const char *const (*stores)[2], size_t count)
{
    eid_id root = eid_id_of_raw(text("test_root")), parent = eid_id_of_raw(text("parent1"));
    eid_builder *builder;

    assert_ok(eid_builder_new(&root, &builder));
    assert_ok(eid_builder_add_parent(builder, &parent));
    for (size_t i = 0; i < count; i++) {
        if (stores[i][1]) {
            assert_ok(eid_builder_set_data(builder, text(stores[i][0]), text(stores[i][1])));
        } else {
            assert_ok(eid_builder_touch(builder, text(stores[i][0])));
        }
    }
    return builder;
}

static eid_entry *pruned(eid_builder *builder)
{
    eid_entry *entry;

    assert_ok(eid_prune_builder(builder));
    assert_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    eid_builder_free(builder);
    return entry;
}

/* Not by the seal, whichever way the empty payload came in: set empty, or emptied later. */
static void test_entrybuilder_empty_subtree_removal(void **state)
{
    static const char *const stores[][2] = {{"full", "data"}, {"empty", ""}, {"emptied", "data"}};
    eid_builder *builder = builder_with(stores, 3);
    eid_entry *entry;

    assert_ok(eid_builder_set_data(builder, text("emptied"), EID_SLICE_EMPTY));
    assert_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    assert_int_equal(eid_entry_subtree_count(entry), 3);
    eid_entry_free(entry);
    entry = pruned(builder);
    assert_int_equal(eid_entry_subtree_count(entry), 1);
    assert_non_null(eid_entry_find_subtree(entry, text("full")));
    eid_entry_free(entry);
}

static void test_entry_remove_empty_subtrees(void **state)
{
    static const char *const stores[][2] = {
        {"_index", "{\"children\":{\"kept\":{\"Doc\":{\"children\":{}}},\"gone\":\"Deleted\"}}"},
        {"a", "data"},
        {"b", ""},
        {"gone", NULL},
        {"kept", NULL},
        {"none", NULL},
        {"z", "{}"}};
    static const char *const left[] = {"_index", "a", "kept", "z"};
    eid_entry *entry = pruned(builder_with(stores, 7));

    assert_int_equal(eid_entry_subtree_count(entry), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(eid_slice_is(eid_entry_subtree(entry, i)->name, left[i]));
    }
    eid_entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entrybuilder_empty_subtree_removal),
        cmocka_unit_test(test_entry_remove_empty_subtrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
