/* Edits without memory: whichever allocation fails, the status says so, nothing leaks and what the
 * edit would have changed is as it was. */
#include "crdt/editor.h"
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "tests/support/test.h"

static const char json[] = "{\"children\":{\"a\":{\"Doc\":{\"children\":{\"b\":{\"Text\":\"x\"}}}},"
                           "\"n\":{\"Int\":1}}}";

static void must(eid_status status)
{
    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
}

static eid_status edit_exchange(eid_doc *doc)
{
    eid_value value = eid_value_of_int(1), old = EID_VALUE_NULL_INIT;
    eid_status status = eid_doc_exchange_take(doc, eid_slice_text("a.b"), &value, &old);

    eid_value_fini(&old);
    return status;
}

static eid_status edit_add(eid_doc *doc)
{
    return eid_doc_add_int(doc, eid_slice_text("n"), 1, NULL);
}

static eid_status edit_json(eid_doc *doc)
{
    return eid_doc_set_json(doc, eid_slice_text("a.b"), eid_slice_text("[1]"));
}

static eid_status edit_by_editor(eid_doc *doc)
{
    eid_editor_target target = eid_editor_target_of_doc(doc);
    eid_editor root = eid_editor_root(&target), a = eid_editor_child(&root, eid_slice_text("a"));
    eid_editor b = eid_editor_child(&a, eid_slice_text("b"));
    eid_value value;
    eid_status status = eid_editor_get(&b, &value);

    eid_value_fini(&value);
    return status == EID_OK ? eid_editor_set_text(&b, eid_slice_text("new")) : status;
}

static void check_edit(eid_status (*edit)(eid_doc *doc))
{
    eid_doc *doc = NULL, *before = NULL;
    uint64_t nth = 0;
    eid_status status = EID_E_NO_MEMORY;

    must(eid_payload_read_doc(eid_slice_text(json), &doc));
    must(eid_doc_copy(doc, &before));
    while (status != EID_OK) {
        (void)eid_alloc_fail_at(++nth, false);
        status = edit(doc);
        (void)eid_alloc_fail_at(0, false);
        if (status == EID_OK) break;
        assert_int_equal(status, EID_E_NO_MEMORY);
        assert_true(eid_doc_equal(doc, before));
        assert_true(nth < 100);
    }
    eid_doc_free(doc);
    eid_doc_free(before);
}

static void test_doc_edit__without_memory_changes_nothing(void **state)
{
    check_edit(edit_exchange);
    check_edit(edit_add);
    check_edit(edit_json);
    check_edit(edit_by_editor);
}

static void test_list_edit__without_memory_changes_nothing(void **state)
{
    eid_list *list = NULL;
    size_t failures = 0;

    must(eid_list_new(&list));
    for (int64_t i = 0; i < 40; i++) {
        eid_value value = eid_value_of_int(i);
        size_t index = (size_t)i / 2, live = eid_list_live(list);
        eid_status status;

        (void)eid_alloc_fail_at(1, false);
        status = eid_list_insert_take(list, index, &value, eid_random_system(), NULL);
        (void)eid_alloc_fail_at(0, false);
        if (status == EID_OK) continue;
        failures++;
        assert_int_equal(status, EID_E_NO_MEMORY);
        assert_int_equal(eid_list_total(list), live);
        must(eid_list_insert_take(list, index, &value, eid_random_system(), NULL));
    }
    assert_true(failures > 0);
    assert_int_equal(eid_list_live(list), 40);
    eid_list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_edit__without_memory_changes_nothing),
        cmocka_unit_test(test_list_edit__without_memory_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
