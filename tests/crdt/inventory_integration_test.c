/* it/crdt/integration.rs of spec 03's inventory: docs, lists and merges together. */
#include <stdio.h>

#include "tests/crdt/inventory.h"

static void test_crdt_map_basic_operations(void **state)
{
    eid_doc *doc = doc_new();

    set_text(doc, "key", "value");
    set_int(doc, "count", 1);
    check_text(at(doc, "key"), "value");
    set_int(doc, "count", 2);
    check_int(at(doc, "count"), 2);
    assert_true(drop(doc, "key"));
    assert_int_equal(eid_doc_live(doc), 1);
    check_round_trip(doc);
    eid_doc_free(doc);
}

static void test_crdt_map_merge_semantics(void **state)
{
    eid_doc *a = doc_new(), *b = doc_new(), *ab, *ba;

    set_text(a, "shared", "a");
    set_text(a, "a", "1");
    set_text(b, "shared", "b");
    set_text(b, "b", "2");
    ab = merged(a, b);
    ba = merged(b, a);
    check_text(at(ab, "shared"), "b"); /* what is merged in is newer */
    check_text(at(ba, "shared"), "a");
    assert_int_equal(eid_doc_live(ab), 3);
    assert_int_equal(eid_doc_live(ba), 3);
    eid_doc_free(a);
    eid_doc_free(b);
    eid_doc_free(ab);
    eid_doc_free(ba);
}

/* (a b) c is a (b c). */
static void check_associative(const char *one, const char *two, const char *three)
{
    eid_doc *a = doc_of(one), *b = doc_of(two), *c = doc_of(three);
    eid_doc *ab = merged(a, b), *bc = merged(b, c), *left = merged(ab, c), *right = merged(a, bc);

    check_same(left, right);
    eid_doc_free(a);
    eid_doc_free(b);
    eid_doc_free(c);
    eid_doc_free(ab);
    eid_doc_free(bc);
    eid_doc_free(left);
    eid_doc_free(right);
}

static void test_crdt_associativity(void **state)
{
    static const char *const docs[] = {
        "{\"children\":{\"a\":{\"Int\":1},\"in\":{\"Doc\":{\"children\":{\"x\":{\"Int\":1}}}}}}",
        "{\"children\":{\"a\":{\"Int\":2},\"in\":{\"Doc\":{\"children\":{\"y\":{\"Int\":2}}}}}}",
        "{\"children\":{\"b\":\"Deleted\",\"in\":{\"Doc\":{\"children\":{\"x\":\"Deleted\"}}}}}",
        "{\"_a\":true,\"children\":{\"b\":{\"Int\":4}}}",
        "{\"children\":{}}",
    };

    for (size_t i = 0; i < 125; i++) {
        check_associative(docs[i % 5], docs[i / 5 % 5], docs[i / 25]);
    }
}

static void test_complex_crdt_scenario(void **state)
{
    eid_doc *base = doc_new(), *one = NULL, *two = NULL, *result;

    set_text(base, "title", "Draft");
    set_text(base, "meta.author", "Alice");
    set(base, "tags", value_list(list_new()));
    must(eid_doc_copy(base, &one));
    must(eid_doc_copy(base, &two));
    set_text(one, "title", "Final");
    (void)push_text(eid_doc_get_mutable(one, text("tags"))->list, "one");
    (void)drop(one, "meta.author");
    set_text(two, "meta.editor", "Bob");
    (void)push_text(eid_doc_get_mutable(two, text("tags"))->list, "two");
    result = merged(one, two);
    check_text(at(result, "title"), "Draft"); /* two carries the base's as its own */
    check_text(at(result, "meta.author"), "Alice");
    check_text(at(result, "meta.editor"), "Bob");
    assert_int_equal(eid_list_live(at(result, "tags")->list), 2);
    eid_doc_free(base);
    eid_doc_free(one);
    eid_doc_free(two);
    eid_doc_free(result);
}

static void test_crdt_with_lists_integration(void **state)
{
    eid_doc *left = doc_new(), *right = NULL;

    set(left, "items", value_list(list_new()));
    (void)push_text(eid_doc_get_mutable(left, text("items"))->list, "shared");
    must(eid_doc_copy(left, &right));
    (void)push_text(eid_doc_get_mutable(left, text("items"))->list, "left");
    insert_text(eid_doc_get_mutable(right, text("items"))->list, 0, "right");
    must(eid_list_remove(eid_doc_get_mutable(right, text("items"))->list, 1, NULL));
    must(eid_doc_merge(left, right));
    check_list(at(left, "items")->list, "right,left");
    check_text(at(left, "items.1"), "left");
    check_round_trip(left);
    eid_doc_free(left);
    eid_doc_free(right);
}

static void test_crdt_tombstone_behavior_integration(void **state)
{
    eid_doc *doc = doc_new(), *deletes = doc_new(), *revives = doc_new();

    set_text(doc, "a.x", "1");
    set_text(doc, "a.y", "2");
    (void)drop(deletes, "a.x");
    set_text(revives, "a.x", "again");
    must(eid_doc_merge(doc, deletes));
    assert_true(is_deleted(doc, "a.x"));
    check_text(at(doc, "a.y"), "2");
    must(eid_doc_merge(doc, revives));
    check_text(at(doc, "a.x"), "again");
    must(eid_doc_merge(doc, deletes)); /* whichever is later */
    assert_null(at(doc, "a.x"));
    eid_doc_free(doc);
    eid_doc_free(deletes);
    eid_doc_free(revives);
}

static void test_crdt_merge_properties_comprehensive(void **state)
{
    eid_doc *a = doc_new(), *b = doc_new(), *empty = doc_new(), *once, *twice, *again;

    set_text(a, "in.x", "a");
    (void)drop(a, "gone");
    set_text(b, "in.x", "b");
    set_int(b, "in.y", 1);
    once = merged(a, b);
    again = merged(a, b);
    check_same(once, again); /* deterministic */
    twice = merged(once, b);
    check_same(once, twice); /* idempotent */
    eid_doc_free(twice);
    twice = merged(once, empty);
    check_same(once, twice); /* the empty doc is neutral */
    eid_doc_free(twice);
    twice = merged(empty, once);
    check_same(once, twice);
    eid_doc_free(twice);
    eid_doc_free(a);
    eid_doc_free(b);
    eid_doc_free(empty);
    eid_doc_free(once);
    eid_doc_free(again);
}

static void test_crdt_api_ergonomics(void **state)
{
    eid_doc *doc = doc_new(), *inner = NULL;
    eid_value value = eid_value_of_int(1), *there;

    set_text(doc, "a.b.c", "made on the way");
    must(eid_doc_ensure_doc(doc, text("a.b"), &inner));
    check_text(at(inner, "c"), "made on the way");
    must(eid_doc_get_or_insert_take(doc, text("a.count"), &value, &there));
    there->integer++;
    check_int(at(doc, "a.count"), 2);
    assert_true(eid_value_is_int(at(doc, "a.count"), 2));
    eid_doc_free(doc);
}

static void test_large_scale_merge_performance(void **state)
{
    eid_doc *left = doc_new(), *right = doc_new();
    char name[32];

    for (int i = 0; i < 2000; i++) {
        (void)snprintf(name, sizeof(name), "group%d.key%d", i % 20, i);
        if (i % 3 != 0) set_int(left, name, i);
        if (i % 3 != 1) set_int(right, name, -i);
    }
    must(eid_doc_merge(left, right));
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(name, sizeof(name), "group%d.key%d", i % 20, i);
        check_int(at(left, name), i % 3 != 1 ? -i : i);
    }
    check_round_trip(left);
    eid_doc_free(left);
    eid_doc_free(right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crdt_map_basic_operations),
        cmocka_unit_test(test_crdt_map_merge_semantics),
        cmocka_unit_test(test_crdt_associativity),
        cmocka_unit_test(test_complex_crdt_scenario),
        cmocka_unit_test(test_crdt_with_lists_integration),
        cmocka_unit_test(test_crdt_tombstone_behavior_integration),
        cmocka_unit_test(test_crdt_merge_properties_comprehensive),
        cmocka_unit_test(test_crdt_api_ergonomics),
        cmocka_unit_test(test_large_scale_merge_performance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
