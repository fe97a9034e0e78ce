/* Documents and values: what is read and written reads the same, and is written the same again. */
#include "crdt/payload.h"
#include "tests/fuzz/fuzz.h"

static bool is_ordered(const eid_value *value);

static bool is_doc_ordered(const eid_doc *doc)
{
    for (size_t i = 0; i < eid_doc_total(doc); i++) {
        if (!is_ordered(eid_doc_at(doc, i, NULL))) return false;
    }
    return true;
}

/* Positions of denominator 0, which are read (spec 03 §5.2), have no order: a list that holds one
 * depends on the order in which its elements came. */
static bool is_ordered(const eid_value *value)
{
    if (value->type == EID_VALUE_DOC) return is_doc_ordered(value->doc);
    if (value->type != EID_VALUE_LIST) return true;
    for (size_t i = 0; i < eid_list_total(value->list); i++) {
        eid_position position;
        const eid_value *element = eid_list_at(value->list, i, &position);

        if (position.denominator == 0 || !is_ordered(element)) return false;
    }
    return true;
}

static void check_doc(eid_slice json)
{
    eid_doc *doc = NULL, *again = NULL, *merged = NULL;
    eid_json_writer writer;
    eid_buf first, second, view;

    eid_buf_init(&first, FUZZ_BYTES_MAX);
    eid_buf_init(&second, FUZZ_BYTES_MAX);
    eid_buf_init(&view, FUZZ_BYTES_MAX);
    if (eid_payload_read_doc(json, &doc) == EID_OK &&
        eid_payload_write_doc(doc, &first) == EID_OK) {
        fuzz_check(eid_payload_read_doc(eid_buf_slice(&first), &again) == EID_OK);
        fuzz_check(eid_payload_write_doc(again, &second) == EID_OK);
        if (is_doc_ordered(doc)) {
            fuzz_check(eid_doc_equal(doc, again));
            fuzz_check(eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&second)));
        }
        fuzz_check(eid_doc_copy(doc, &merged) == EID_OK);
        fuzz_check(eid_doc_merge(merged, again) == EID_OK);
        eid_json_writer_init(&writer, &view);
        eid_payload_view_doc(doc, &writer);
    }
    eid_doc_free(doc);
    eid_doc_free(again);
    eid_doc_free(merged);
    eid_buf_fini(&first);
    eid_buf_fini(&second);
    eid_buf_fini(&view);
}

static void check_value(eid_slice json)
{
    eid_value value = {0}, again = {0};
    eid_buf first, second;

    eid_buf_init(&first, FUZZ_BYTES_MAX);
    eid_buf_init(&second, FUZZ_BYTES_MAX);
    if (eid_payload_read_value(json, &value) == EID_OK &&
        eid_payload_write_value(&value, &first) == EID_OK) {
        fuzz_check(eid_payload_read_value(eid_buf_slice(&first), &again) == EID_OK);
        fuzz_check(eid_payload_write_value(&again, &second) == EID_OK);
        fuzz_check(!is_ordered(&value) ||
                   eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&second)));
    }
    eid_value_fini(&value);
    eid_value_fini(&again);
    eid_buf_fini(&first);
    eid_buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice json = eid_slice_of(data, size);
    eid_position position;
    eid_list *list = NULL;

    check_doc(json);
    check_value(json);
    if (eid_payload_read_list(json, &list) == EID_OK) eid_list_free(list);
    if (eid_payload_read_position(json, &position) == EID_OK)
        fuzz_check(eid_position_compare(&position, &position) == 0);
    return 0;
}
