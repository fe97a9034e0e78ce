/* crdt/errors.rs of spec 03's inventory. A status is the classifier of §15, its kind the error, its
 * detail the fields. */
#include "crdt/path.h"
#include "tests/crdt/inventory.h"

static eid_status list_index_error(void)
{
    eid_list *list = list_new();
    eid_status status;

    (void)push_text(list, "a");
    status = eid_list_remove(list, 7, NULL);
    eid_list_free(list);
    return status;
}

static eid_status path_error(void)
{
    return eid_path_check_component(text("a.b"));
}

static eid_status type_error(void)
{
    eid_value value = eid_value_of_int(1);
    bool out;

    return eid_value_get_bool(&value, &out);
}

static eid_status decode_error(void)
{
    eid_doc *doc = NULL;

    return eid_payload_read_doc(text("{\"children\":"), &doc);
}

static eid_status element_error(void)
{
    eid_doc *doc = doc_new();
    eid_slice json;
    eid_status status = eid_doc_get_json(doc, text("gone"), &json);

    eid_doc_free(doc);
    return status;
}

static eid_status position_error(void)
{
    static const uint8_t unique[16] = {0};
    eid_position position;

    return eid_position_new(1, 0, unique, &position);
}

static void test_crdt_error_list_index_out_of_bounds(void **state)
{
    eid_detail detail = eid_status_detail(list_index_error());

    assert_int_equal(detail.kind, EID_KIND_CRDT_LIST_INDEX);
    assert_string_equal(detail.text, "list index 7 is out of bounds: the list holds 1");
}

static const struct {
    eid_status (*cause)(void);
    eid_status status; /* what a caller asks for: is_not_found, is_serialization_error, … */
    const char *label, *part;
} errors[] = {
    {list_index_error, EID_E_INVALID, "ListIndexOutOfBounds", "out of bounds"},
    {path_error, EID_E_INVALID, "InvalidPath", "components cannot"},
    {type_error, EID_E_INVALID, "TypeMismatch", "expected bool, found int"},
    {decode_error, EID_E_MALFORMED, "DeserializationFailed", "byte"},
    {element_error, EID_E_NOT_FOUND, "ElementNotFound", "\"gone\""},
    {position_error, EID_E_FULL, "ListOperationFailed", "denominator"},
};

static void test_crdt_error_classification(void **state)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_string_equal(eid_status_name(errors[i].cause()), eid_status_name(errors[i].status));
    }
}

static void test_crdt_error_conversion_to_main_error(void **state)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        eid_detail detail = eid_status_detail(errors[i].cause());
        eid_status again = eid_status_restore(detail.kind, "as another thread had it");

        assert_string_equal(eid_kind_module(detail.kind), "crdt");
        assert_string_equal(eid_kind_label(detail.kind), errors[i].label);
        assert_int_equal(again, errors[i].status);
        assert_int_equal(kind_of(again), detail.kind);
    }
}

static void test_crdt_error_display_messages(void **state)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        eid_detail detail = eid_status_detail(errors[i].cause());

        if (strstr(detail.text, errors[i].part) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", errors[i].part, detail.text);
        }
    }
}

static void test_path_error_conversion(void **state)
{
    eid_detail detail = eid_status_detail(path_error());

    assert_int_equal(detail.kind, EID_KIND_CRDT_PATH);
    assert_non_null(strstr(detail.text, "a.b"));
    assert_string_equal(eid_kind_label(detail.kind), "InvalidPath");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crdt_error_list_index_out_of_bounds),
        cmocka_unit_test(test_crdt_error_classification),
        cmocka_unit_test(test_crdt_error_conversion_to_main_error),
        cmocka_unit_test(test_crdt_error_display_messages),
        cmocka_unit_test(test_path_error_conversion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
