/* Inventory of spec 01, "Entry errors": the lines of entry/errors.rs. Our classes are a kind's
 * module and its status: an error of validation is one whose status blames the input. */
#include "dag/cbor.h"
#include "tests/dag/inventory.h"

typedef struct error_row {
    eid_kind kind;
    const char *label;
    bool is_id, is_entry, is_validation, is_serialization;
} error_row;

static const error_row id_rows[] = {
    {EID_KIND_ID_FORMAT, "InvalidFormat", true, false, true, false},
    {EID_KIND_ID_LENGTH, "InvalidLength", true, false, true, false},
    {EID_KIND_ID_ALGORITHM, "UnknownAlgorithm", true, false, true, false},
};

static const error_row entry_rows[] = {
    {EID_KIND_ENTRY_STRUCTURE, "EntryValidationFailed", false, false, true, false},
    {EID_KIND_ENTRY_BYTES, "SerializationFailed", false, true, true, true},
    {EID_KIND_ENTRY_INDEX_DATA, "InvalidIndexData", false, true, true, false},
};

static bool is_module(eid_kind kind, const char *module)
{
    return strcmp(eid_kind_module(kind), module) == 0;
}

static bool is_validation(eid_kind kind)
{
    eid_status status = eid_kind_status(kind);

    return status == EID_E_MALFORMED || status == EID_E_INVALID || status == EID_E_UNSUPPORTED;
}

/* What reaches a caller: the status, and the detail that it was born with. */
static eid_detail raised(eid_kind kind, const char *what)
{
    eid_status status = EID_FAIL(kind, "%s", what);
    eid_detail detail = eid_status_detail(status);

    assert_int_equal(status, eid_kind_status(kind));
    assert_int_equal(detail.kind, kind);
    assert_string_equal(detail.text, what);
    return detail;
}

static void assert_row(const error_row *row)
{
    eid_kind kind = raised(row->kind, "what was wrong").kind;

    assert_string_equal(eid_kind_label(kind), row->label);
    assert_int_equal(is_module(kind, "id"), row->is_id);
    assert_int_equal(is_module(kind, "entry"), row->is_entry);
    assert_int_equal(is_validation(kind), row->is_validation);
    assert_int_equal(strcmp(eid_kind_label(kind), "SerializationFailed") == 0,
                     row->is_serialization);
    assert_int_not_equal(eid_kind_status(kind), EID_E_IO);
}

static void test_id_error_direct_conversion(void **state)
{
    eid_id id;
    eid_status status = eid_id_parse(text("not-a-valid-cid"), &id);
    eid_detail detail = eid_status_detail(status);

    assert_int_equal(detail.kind, EID_KIND_ID_FORMAT);
    assert_string_equal(eid_kind_module(detail.kind), "id");
    assert_non_null(strstr(detail.text, "not-a-valid-cid"));
    assert_row(&id_rows[0]);
}

static void test_unknown_algorithm_error(void **state)
{
    eid_detail detail = raised(EID_KIND_ID_ALGORITHM, "no hash algorithm is called md5");

    assert_string_equal(eid_kind_module(detail.kind), "id");
    assert_row(&id_rows[2]);
}

static void test_length_error(void **state)
{
    eid_detail detail = raised(EID_KIND_ID_LENGTH, "20 bytes, 32 wanted");

    assert_string_equal(eid_kind_module(detail.kind), "id");
    assert_row(&id_rows[1]);
}

static void test_error_helpers(void **state)
{
    for (size_t i = 0; i < sizeof entry_rows / sizeof entry_rows[0]; i++) {
        assert_row(&entry_rows[i]);
    }
}

/* The functions that fail say it with these kinds. */
static void test_error_conversion_to_main(void **state)
{
    eid_entry *entry = NULL;
    eid_status status = eid_entry_decode(text("no entry"), &entry);

    assert_int_equal(eid_status_detail(status).kind, EID_KIND_ENTRY_BYTES);
    assert_false(is_module(EID_KIND_ENTRY_BYTES, "id"));
    assert_true(is_validation(EID_KIND_ENTRY_BYTES));
    assert_refused(builder_in_tree(), EID_KIND_ENTRY_STRUCTURE, "empty main tree parents");
    assert_false(is_module(EID_KIND_ENTRY_STRUCTURE, "id"));
    assert_true(is_validation(EID_KIND_ENTRY_STRUCTURE));
}

static void test_id_error_integration(void **state)
{
    eid_detail detail = raised(EID_KIND_ID_ALGORITHM, "no hash algorithm is called md5");

    assert_non_null(strstr(detail.text, "md5"));
    for (size_t i = 0; i < sizeof id_rows / sizeof id_rows[0]; i++) {
        assert_false(is_module(id_rows[i].kind, "entry"));
        assert_false(is_module(id_rows[i].kind, "io"));
    }
}

static void test_error_categorization_comprehensive(void **state)
{
    for (size_t i = 0; i < sizeof id_rows / sizeof id_rows[0]; i++) assert_row(&id_rows[i]);
    for (size_t i = 0; i < sizeof entry_rows / sizeof entry_rows[0]; i++) {
        assert_row(&entry_rows[i]);
    }
    assert_int_equal(eid_kind_status(EID_KIND_IO), EID_E_IO);
    assert_false(is_validation(EID_KIND_IO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_error_direct_conversion),
        cmocka_unit_test(test_unknown_algorithm_error),
        cmocka_unit_test(test_length_error),
        cmocka_unit_test(test_error_helpers),
        cmocka_unit_test(test_error_conversion_to_main),
        cmocka_unit_test(test_id_error_integration),
        cmocka_unit_test(test_error_categorization_comprehensive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
