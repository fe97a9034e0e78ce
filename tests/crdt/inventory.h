/* What the tests that bear the names of the specification's inventory share. A failed status ends
 * the test with its reason. */
#ifndef EID_TESTS_CRDT_INVENTORY_H
#define EID_TESTS_CRDT_INVENTORY_H

#include "crdt/payload.h"
#include "tests/support/test.h"

static inline eid_slice text(const char *string)
{
    return eid_slice_text(string);
}

static inline void must(eid_status status)
{
    if (status != EID_OK) fail_msg("%s", eid_status_detail(status).text);
}

/* The kind of a failure, which must be the last one of this thread. */
static inline eid_kind kind_of(eid_status status)
{
    return eid_status_detail(status).kind;
}

/* -- making, all new --------------------------------------------------------------------------- */

static inline eid_doc *doc_new(void)
{
    eid_doc *doc = NULL;

    must(eid_doc_new(&doc));
    return doc;
}

/* From payload form. */
static inline eid_doc *doc_of(const char *json)
{
    eid_doc *doc = NULL;

    must(eid_payload_read_doc(text(json), &doc));
    return doc;
}

static inline eid_list *list_new(void)
{
    eid_list *list = NULL;

    must(eid_list_new(&list));
    return list;
}

static inline eid_value value_text(const char *string)
{
    eid_value value = EID_VALUE_NULL_INIT;

    must(eid_value_set_text(&value, text(string)));
    return value;
}

/* Takes the doc. */
static inline eid_value value_doc(eid_doc *doc)
{
    return eid_value_of_doc_take(&doc);
}

static inline eid_value value_list(eid_list *list)
{
    return eid_value_of_list_take(&list);
}

/* -- editing ----------------------------------------------------------------------------------- */

static inline void set(eid_doc *doc, const char *path, eid_value value)
{
    must(eid_doc_set_take(doc, text(path), &value));
}

static inline void set_text(eid_doc *doc, const char *path, const char *string)
{
    must(eid_doc_set_text(doc, text(path), text(string)));
}

static inline void set_int(eid_doc *doc, const char *path, int64_t integer)
{
    must(eid_doc_set_int(doc, text(path), integer));
}

/* Whether something live was there. */
static inline bool drop(eid_doc *doc, const char *path)
{
    bool was_live = false;

    must(eid_doc_remove(doc, text(path), &was_live));
    return was_live;
}

static inline size_t push(eid_list *list, eid_value value)
{
    must(eid_list_push_take(list, &value, eid_random_system(), NULL));
    return eid_list_live(list) - 1;
}

static inline size_t push_text(eid_list *list, const char *string)
{
    return push(list, value_text(string));
}

static inline void insert_text(eid_list *list, size_t index, const char *string)
{
    eid_value value = value_text(string);

    must(eid_list_insert_take(list, index, &value, eid_random_system(), NULL));
}

static inline void put_text(eid_list *list, eid_position position, const char *string)
{
    eid_value value = value_text(string);

    must(eid_list_put_take(list, &position, &value));
}

/* -- looking ----------------------------------------------------------------------------------- */

static inline const eid_value *at(const eid_doc *doc, const char *path)
{
    return eid_doc_get(doc, text(path));
}

/* Both are printed when they differ; NULL stands for nothing there. */
static inline void check_text(const eid_value *value, const char *expected)
{
    eid_slice none = text("(no text)"), actual = eid_value_text_or(value, none);

    if (!eid_slice_is(actual, expected)) {
        fail_msg("expected \"%s\", got \"%.*s\"", expected, EID_SLICE_ARG(actual));
    }
}

static inline void check_int(const eid_value *value, int64_t expected)
{
    int64_t actual = 0;

    must(eid_value_get_int(value, &actual));
    assert_int_equal(actual, expected);
}

static inline bool is_deleted(const eid_doc *doc, const char *path)
{
    return eid_doc_is_tombstone(doc, text(path));
}

/* The live texts of a list, with commas between. */
static inline void check_list(const eid_list *list, const char *expected)
{
    const eid_value *value;
    size_t place = 0;
    eid_buf all;

    eid_buf_init(&all, 1u << 16);
    while ((value = eid_list_next(list, &place, NULL)) != NULL) {
        if (all.len > 0) eid_buf_append_byte(&all, ',');
        eid_buf_append(&all, eid_value_text_or(value, text("?")));
    }
    eid_buf_append_byte(&all, 0);
    assert_string_equal((const char *)all.at, expected);
    eid_buf_fini(&all);
}

static inline void check_same(const eid_doc *a, const eid_doc *b)
{
    eid_buf left, right;

    eid_buf_init(&left, 1u << 24);
    eid_buf_init(&right, 1u << 24);
    must(eid_payload_write_doc(a, &left));
    must(eid_payload_write_doc(b, &right));
    if (!eid_doc_equal(a, b)) {
        fail_msg("%.*s\ndiffers from\n%.*s", EID_SLICE_ARG(eid_buf_slice(&left)),
                 EID_SLICE_ARG(eid_buf_slice(&right)));
    }
    eid_buf_fini(&left);
    eid_buf_fini(&right);
}

/* -- merging, new ------------------------------------------------------------------------------ */

static inline eid_doc *merged(const eid_doc *older, const eid_doc *newer)
{
    eid_doc *result = NULL;

    must(eid_doc_copy(older, &result));
    must(eid_doc_merge(result, newer));
    return result;
}

/* -- bytes ------------------------------------------------------------------------------------- */

static inline void check_payload(const eid_doc *doc, const char *expected)
{
    eid_buf bytes;

    eid_buf_init(&bytes, 1u << 24);
    must(eid_payload_write_doc(doc, &bytes));
    eid_buf_append_byte(&bytes, 0);
    assert_string_equal((const char *)bytes.at, expected);
    eid_buf_fini(&bytes);
}

/* Written and read again; new. */
static inline eid_doc *round_trip(const eid_doc *doc)
{
    eid_doc *again = NULL;
    eid_buf bytes;

    eid_buf_init(&bytes, 1u << 24);
    must(eid_payload_write_doc(doc, &bytes));
    must(eid_payload_read_doc(eid_buf_slice(&bytes), &again));
    eid_buf_fini(&bytes);
    check_same(doc, again);
    return again;
}

static inline void check_round_trip(const eid_doc *doc)
{
    eid_doc_free(round_trip(doc));
}

/* Takes the value: written and read again it is the same. */
static inline void check_value_round_trip(eid_value value)
{
    eid_value again = EID_VALUE_NULL_INIT;
    eid_buf bytes;

    eid_buf_init(&bytes, 1u << 24);
    must(eid_payload_write_value(&value, &bytes));
    must(eid_payload_read_value(eid_buf_slice(&bytes), &again));
    if (!eid_value_equal(&value, &again)) {
        fail_msg("read otherwise: %.*s", EID_SLICE_ARG(eid_buf_slice(&bytes)));
    }
    eid_buf_fini(&bytes);
    eid_value_fini(&value);
    eid_value_fini(&again);
}

/* The plain view, and that it is JSON. */
static inline void check_plain(const eid_value *value, const char *expected)
{
    eid_json_writer writer;
    eid_json json;
    eid_buf view;

    eid_buf_init(&view, 1u << 24);
    eid_json_writer_init(&writer, &view);
    eid_payload_view_value(value, &writer);
    eid_json_init(&json, eid_buf_slice(&view));
    do {
        (void)eid_json_next(&json);
    } while (json.event != EID_JSON_ERROR && json.event != EID_JSON_END);
    must(eid_json_finish(&json));
    eid_json_fini(&json);
    eid_buf_append_byte(&view, 0);
    if (expected != NULL) assert_string_equal((const char *)view.at, expected);
    eid_buf_fini(&view);
}

/* Takes the doc. */
static inline void check_plain_doc(eid_doc *doc, const char *expected)
{
    eid_value value = eid_value_of_doc_take(&doc);

    check_plain(&value, expected);
    eid_value_fini(&value);
}

#endif
