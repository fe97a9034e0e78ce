/* Which payload texts are read, and as what; what is refused must be refused, whatever the class.
 */
#include <stdlib.h>

#include "crdt/payload.h"
#include "tests/conformance/doc_case.h"

/* Read bytes as what the case says, always into a value: a position is wrapped by a list. */
static eid_status bytes_read(eid_slice bytes, const char *type, eid_value *out)
{
    eid_doc *doc = NULL;
    eid_list *list = NULL;
    eid_value null = EID_VALUE_NULL_INIT;
    eid_position position;
    eid_status status;

    if (strcmp(type, "value") == 0) return eid_payload_read_value(bytes, out);
    if (strcmp(type, "doc") == 0) {
        status = eid_payload_read_doc(bytes, &doc);
        if (status == EID_OK) *out = eid_value_of_doc_take(&doc);
        return status;
    }
    if (strcmp(type, "list") == 0) {
        status = eid_payload_read_list(bytes, &list);
        if (status == EID_OK) *out = eid_value_of_list_take(&list);
        return status;
    }
    status = eid_payload_read_position(bytes, &position);
    if (status == EID_OK) status = eid_list_new(&list);
    if (status == EID_OK) status = eid_list_put_take(list, &position, &null);
    if (status == EID_OK) *out = eid_value_of_list_take(&list);
    eid_list_free(list);
    return status;
}

/* What is written of what was read is read again as the same. */
static void check_written(eid_suite *suite, const eid_value *value)
{
    eid_buf text;
    eid_value again = EID_VALUE_NULL_INIT;

    eid_buf_init(&text, 1u << 24);
    if (eid_case_ok(suite, "write", eid_payload_write_value(value, &text)) &&
        eid_case_ok(suite, "read", eid_payload_read_value(eid_buf_slice(&text), &again))) {
        (void)eid_case_value_equal(suite, "written and read", value, &again);
    }
    eid_buf_fini(&text);
    eid_value_fini(&again);
}

static void check_accepted(eid_suite *suite, const json_t *test, const eid_value *actual)
{
    const char *type = eid_get_text(test, "type");
    char *text = json_dumps(json_object_get(test, "read_as"), JSON_COMPACT | JSON_ENCODE_ANY);
    eid_value expected = EID_VALUE_NULL_INIT;

    if (eid_case_ok(suite, "read_as", bytes_read(eid_slice_text(text), type, &expected)) &&
        eid_case_value_equal(suite, "read as", &expected, actual) && strcmp(type, "value") == 0) {
        check_written(suite, actual);
    }
    free(text);
    eid_value_fini(&expected);
}

static void case_run(eid_suite *suite, const json_t *test)
{
    eid_buf bytes = eid_get_b64(test, "bytes_b64");
    bool accepted = eid_get_bool(test, "accepted");
    eid_value actual = EID_VALUE_NULL_INIT;
    eid_status status = bytes_read(eid_buf_slice(&bytes), eid_get_text(test, "type"), &actual);

    if (!accepted) {
        (void)eid_case_error(suite, "refusal", "DeserializationFailed", status);
    } else if (eid_case_ok(suite, "read", status) && eid_has(test, "read_as")) {
        check_accepted(suite, test, &actual);
    }
    eid_value_fini(&actual);
    eid_buf_fini(&bytes);
}

static void docs_bad_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (root == NULL) return;
    eid_suite_each(suite, root, "cases", case_run);
    json_decref(root);
}

EID_SUITE("docs-bad.json", docs_bad_run)
