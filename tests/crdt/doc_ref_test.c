/* A document with several owners lives until the last of them frees it. */
#include "crdt/doc.h"
#include "tests/support/test.h"

static void test_doc_ref__keeps_the_document_for_every_owner(void **state)
{
    eid_doc *doc = NULL, *copy = NULL, *second, *third;

    assert_int_equal(eid_doc_new(&doc), EID_OK);
    assert_int_equal(eid_doc_set_text(doc, eid_slice_text("k"), eid_slice_text("v")), EID_OK);
    second = eid_doc_ref(doc);
    third = eid_doc_ref(second);
    eid_doc_free(doc);
    assert_int_equal(eid_doc_copy(second, &copy), EID_OK);
    eid_doc_free(second);
    assert_non_null(eid_doc_child(third, eid_slice_text("k")));
    assert_true(eid_doc_equal(third, copy));
    /* A copy has one owner, who may change it. */
    assert_int_equal(eid_doc_set_text(copy, eid_slice_text("k"), eid_slice_text("w")), EID_OK);
    assert_false(eid_doc_equal(third, copy));
    eid_doc_free(third);
    eid_doc_free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_ref__keeps_the_document_for_every_owner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
