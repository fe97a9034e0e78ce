/* it/crdt/doc_advanced_tests.rs of spec 03's inventory: merges of several generations. */
#include "tests/crdt/inventory.h"

static void test_doc_basic_operations(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "top", "t");
    set_text(doc, "outer.inner", "i");
    check_text(at(doc, "top"), "t");
    check_text(at(doc, "outer.inner"), "i");
    assert_int_equal(at(doc, "outer")->type, EID_VALUE_DOC);
    assert_null(at(doc, "outer.none"));
    assert_null(at(doc, "none"));
    eid_doc_free(doc);
}

static void test_doc_recursive_merge(void **state)
{
    eid_doc *left = doc_new(), *right = doc_new(), *result;

    set_text(left, "l1.l2.shared", "left");
    set_text(left, "l1.l2.left", "left");
    set_text(left, "l1.only_left", "left");
    set_text(right, "l1.l2.shared", "right");
    set_text(right, "l1.l2.right", "right");
    set_text(right, "l1.only_right", "right");
    result = merged(left, right);
    check_text(at(result, "l1.l2.shared"), "right");
    check_text(at(result, "l1.l2.left"), "left");
    check_text(at(result, "l1.l2.right"), "right");
    check_text(at(result, "l1.only_left"), "left");
    check_text(at(result, "l1.only_right"), "right");
    check_text(at(left, "l1.l2.shared"), "left"); /* untouched */
    eid_doc_free(left);
    eid_doc_free(right);
    eid_doc_free(result);
}

static void test_doc_tombstone_handling(void **state)
{
    eid_doc *left = doc_new(), *right = doc_new(), *back = doc_new();

    set_text(left, "a", "1");
    set_text(left, "b", "2");
    assert_true(drop(right, "a") == false); /* it never saw the value, yet deletes it */
    must(eid_doc_merge(left, right));
    assert_null(at(left, "a"));
    assert_true(is_deleted(left, "a"));
    check_text(at(left, "b"), "2");
    set_text(back, "a", "back");
    must(eid_doc_merge(left, back));
    check_text(at(left, "a"), "back");
    assert_false(is_deleted(left, "a"));
    eid_doc_free(left);
    eid_doc_free(right);
    eid_doc_free(back);
}

static void test_doc_complex_merge_with_tombstones(void **state)
{
    eid_doc *base = doc_new(), *edit = doc_new();

    set_text(base, "in.kept", "k");
    set_text(base, "in.deleted", "d");
    set_text(base, "whole.x", "x");
    (void)drop(edit, "in.deleted");
    set_text(edit, "in.new", "n");
    (void)drop(edit, "whole");
    set_text(edit, "other", "o");
    must(eid_doc_merge(base, edit));
    check_payload(base, "{\"children\":{\"in\":{\"Doc\":{\"children\":{\"deleted\":\"Deleted\","
                        "\"kept\":{\"Text\":\"k\"},\"new\":{\"Text\":\"n\"}}}},"
                        "\"other\":{\"Text\":\"o\"},\"whole\":\"Deleted\"}}");
    eid_doc_free(base);
    eid_doc_free(edit);
}

static void test_doc_merge_dual_tombstones(void **state)
{
    eid_doc *left = doc_new(), *right = doc_new();

    (void)drop(left, "a");
    (void)drop(left, "left");
    (void)drop(right, "a");
    (void)drop(right, "right");
    must(eid_doc_merge(left, right));
    assert_true(is_deleted(left, "a") && is_deleted(left, "left") && is_deleted(left, "right"));
    assert_int_equal(eid_doc_live(left), 0);
    assert_int_equal(eid_doc_total(left), 3);
    eid_doc_free(left);
    eid_doc_free(right);
}

static void test_doc_type_conflicts(void **state)
{
    eid_doc *leaf = doc_new(), *branch = doc_new(), *result;

    set_text(leaf, "key", "a text");
    set_text(branch, "key.inner", "in a doc");
    result = merged(leaf, branch);
    check_text(at(result, "key.inner"), "in a doc");
    eid_doc_free(result);
    result = merged(branch, leaf);
    check_text(at(result, "key"), "a text");
    assert_null(at(result, "key.inner"));
    eid_doc_free(result);
    eid_doc_free(leaf);
    eid_doc_free(branch);
}

static void test_doc_multi_generation_updates(void **state)
{
    static const char *const generations[] = {
        "{\"children\":{\"k\":{\"Text\":\"new\"}}}",
        "{\"children\":{\"k\":\"Deleted\"}}",
        "{\"children\":{\"k\":{\"Text\":\"again\"}}}",
        "{\"children\":{\"k\":{\"Doc\":{\"children\":{\"in\":{\"Int\":4}}}}}}",
        "{\"children\":{\"k\":{\"Doc\":{\"children\":{\"more\":{\"Int\":5}}}}}}",
    };
    eid_doc *doc = doc_new();

    set_text(doc, "k", "old");
    for (size_t i = 0; i < 5; i++) {
        eid_doc *next = doc_of(generations[i]);

        must(eid_doc_merge(doc, next));
        if (i < 4) check_same(doc, next);
        eid_doc_free(next);
    }
    check_int(at(doc, "k.in"), 4);
    check_int(at(doc, "k.more"), 5);
    eid_doc_free(doc);
}

static void test_doc_set_deleted_and_get(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "k", "v");
    set(doc, "k", EID_VALUE_DELETED_INIT);
    assert_null(at(doc, "k"));
    assert_true(is_deleted(doc, "k"));
    assert_int_equal(eid_doc_child(doc, text("k"))->type, EID_VALUE_DELETED);
    eid_doc_free(doc);
}

static void test_doc_remove_non_existent(void **state)
{
    eid_doc *doc = doc_new();

    assert_false(drop(doc, "never"));
    assert_true(is_deleted(doc, "never"));
    assert_int_equal(eid_doc_total(doc), 1);
    eid_doc_free(doc);
}

static void test_doc_remove_existing_tombstone(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "k", "v");
    assert_true(drop(doc, "k"));
    assert_false(drop(doc, "k"));
    assert_true(is_deleted(doc, "k"));
    assert_int_equal(eid_doc_total(doc), 1);
    eid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_basic_operations),
        cmocka_unit_test(test_doc_recursive_merge),
        cmocka_unit_test(test_doc_tombstone_handling),
        cmocka_unit_test(test_doc_complex_merge_with_tombstones),
        cmocka_unit_test(test_doc_merge_dual_tombstones),
        cmocka_unit_test(test_doc_type_conflicts),
        cmocka_unit_test(test_doc_multi_generation_updates),
        cmocka_unit_test(test_doc_set_deleted_and_get),
        cmocka_unit_test(test_doc_remove_non_existent),
        cmocka_unit_test(test_doc_remove_existing_tombstone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
