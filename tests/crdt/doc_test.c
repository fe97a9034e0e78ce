#include <stdio.h>

#include "crdt/path.h"
#include "crdt/payload.h"
#include "tests/support/test.h"

static eid_doc *doc_of(const char *text)
{
    eid_doc *doc = NULL;

    assert_int_equal(eid_payload_read_doc(eid_slice_text(text), &doc), EID_OK);
    return doc;
}

static void test_doc_set__replaces_what_is_no_doc_on_the_way(void **state)
{
    eid_doc *doc = doc_of("{\"children\":{\"a\":{\"List\":[]},\"b\":\"Deleted\"}}");
    eid_value none = eid_value_of_int(1);
    bool was_live = true;

    assert_int_equal(eid_doc_set_int(doc, eid_slice_text("a.x"), 1), EID_OK);
    assert_int_equal(eid_doc_set_int(doc, eid_slice_text("b..y."), 2), EID_OK);
    assert_int_equal(eid_doc_get(doc, eid_slice_text("a.x"))->integer, 1);
    assert_int_equal(eid_doc_get(doc, eid_slice_text(".b.y"))->integer, 2);
    assert_int_equal(eid_doc_set_take(doc, eid_slice_text("..."), &none), EID_OK);
    assert_int_equal(none.type, EID_VALUE_NULL);
    assert_int_equal(eid_doc_total(doc), 2);
    assert_int_equal(eid_doc_remove(doc, eid_slice_text("c.d"), &was_live), EID_OK);
    assert_false(was_live);
    assert_true(eid_doc_is_tombstone(doc, eid_slice_text("c.d")));
    assert_null(eid_doc_get(doc, eid_slice_text("c.d")));
    assert_int_equal(eid_doc_set_int(doc, EID_SLICE_EMPTY, 3), EID_OK);
    assert_int_equal(eid_doc_child(doc, EID_SLICE_EMPTY)->integer, 3);
    eid_doc_free(doc);
}

static void test_doc_get__reads_list_indexes_as_the_reference_does(void **state)
{
    eid_doc *doc = doc_of("{\"children\":{\"l\":{\"List\":["
                          "[[0,1,\"00000000000000000000000000000000\"],\"Deleted\"],"
                          "[[1,1,\"00000000000000000000000000000000\"],{\"Int\":7}]]}}}");

    assert_int_equal(eid_doc_get(doc, eid_slice_text("l.0"))->integer, 7);
    assert_int_equal(eid_doc_get(doc, eid_slice_text("l.+00"))->integer, 7);
    assert_null(eid_doc_get(doc, eid_slice_text("l.1")));
    assert_null(eid_doc_get(doc, eid_slice_text("l.-0")));
    assert_null(eid_doc_get(doc, eid_slice_text("l.+")));
    assert_null(eid_doc_get(doc, eid_slice_text("l. 0")));
    assert_null(eid_doc_get(doc, eid_slice_text("l.18446744073709551616")));
    assert_null(eid_doc_get(doc, eid_slice_text("l.18446744073709551615")));
    eid_doc_free(doc);
}

static void test_doc_merge__interleaves_new_children_among_old_ones(void **state)
{
    eid_doc *left = NULL, *right = NULL;
    char name[16];

    assert_int_equal(eid_doc_new(&left), EID_OK);
    assert_int_equal(eid_doc_new(&right), EID_OK);
    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "%03d", i);
        if (i % 3 != 1) assert_int_equal(eid_doc_set_int(left, eid_slice_text(name), i), EID_OK);
        if (i % 2 == 1) assert_int_equal(eid_doc_set_int(right, eid_slice_text(name), -i), EID_OK);
    }
    assert_int_equal(eid_doc_merge(left, right), EID_OK);
    assert_int_equal(eid_doc_total(left), 250);
    for (int i = 0; i < 300; i++) {
        const eid_value *value;

        (void)snprintf(name, sizeof(name), "%03d", i);
        value = eid_doc_child(left, eid_slice_text(name));
        if (i % 3 == 1 && i % 2 == 0)
            assert_null(value);
        else
            assert_int_equal(value->integer, i % 2 == 1 ? -i : i);
    }
    eid_doc_free(left);
    eid_doc_free(right);
}

static void test_doc_drop_child__removes_without_a_tombstone(void **state)
{
    eid_doc *doc = doc_of("{\"children\":{\"a\":\"Null\",\"b\":\"Null\"}}");

    eid_doc_drop_child(doc, eid_slice_text("a"));
    eid_doc_drop_child(doc, eid_slice_text("zz"));
    assert_int_equal(eid_doc_total(doc), 1);
    assert_null(eid_doc_child(doc, eid_slice_text("a")));
    assert_non_null(eid_doc_child(doc, eid_slice_text("b")));
    eid_doc_free(doc);
}

static void test_path_push__refuses_a_dot(void **state)
{
    eid_buf path;

    eid_buf_init(&path, 64);
    assert_int_equal(eid_path_push(&path, eid_slice_text("a")), EID_OK);
    assert_int_equal(eid_path_push(&path, eid_slice_text("b.c")), EID_E_INVALID);
    assert_int_equal(eid_path_push(&path, eid_slice_text("d")), EID_OK);
    assert_true(eid_slice_is(eid_buf_slice(&path), "a.d"));
    eid_buf_fini(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_set__replaces_what_is_no_doc_on_the_way),
        cmocka_unit_test(test_doc_get__reads_list_indexes_as_the_reference_does),
        cmocka_unit_test(test_doc_merge__interleaves_new_children_among_old_ones),
        cmocka_unit_test(test_doc_drop_child__removes_without_a_tombstone),
        cmocka_unit_test(test_path_push__refuses_a_dot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
