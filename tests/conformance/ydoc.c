/* Y documents: updates merged in recorded orders, compared by view and state vector (spec 03 §14).
 * Merged bytes are compared by what they read as, since the reference's own differ between orders.
 */
#include "crdt/ydoc.h"

#include <stdlib.h>

#include "tests/conformance/runner.h"

#define BYTES_MAX ((size_t)1 << 26)

static eid_buf buffer(void)
{
    eid_buf buf;

    eid_buf_init(&buf, BYTES_MAX);
    return buf;
}

/* -- what a document shows --------------------------------------------------------------------- */

static eid_status view_write(const eid_ydoc *doc, eid_buf *out)
{
    eid_json_writer writer;
    eid_buf text = buffer(), xml = buffer();
    eid_status status = eid_ydoc_view_text(doc, "t", &text);

    if (status == EID_OK) status = eid_ydoc_view_xml(doc, "x", &xml);
    eid_json_writer_init(&writer, out);
    eid_json_object(&writer);
    eid_json_key(&writer, "array");
    if (status == EID_OK) status = eid_ydoc_view_array(doc, "a", &writer);
    eid_json_key(&writer, "map");
    if (status == EID_OK) status = eid_ydoc_view_map(doc, "m", &writer);
    eid_json_key(&writer, "text");
    eid_json_string(&writer, eid_buf_slice(&text));
    eid_json_key(&writer, "xml");
    eid_json_string(&writer, eid_buf_slice(&xml));
    eid_json_object_end(&writer);
    if (status == EID_OK) status = eid_buf_status(out);
    eid_buf_fini(&text);
    eid_buf_fini(&xml);
    return status;
}

static json_t *view_of(const eid_ydoc *doc)
{
    eid_buf text = buffer();
    json_t *view = NULL;

    if (view_write(doc, &text) == EID_OK) {
        view = json_loadb((const char *)text.at, text.len, JSON_ALLOW_NUL, NULL);
    }
    eid_buf_fini(&text);
    return view;
}

static json_t *state_of(const eid_ydoc *doc)
{
    eid_json_writer writer;
    eid_buf text = buffer();
    json_t *state = NULL;

    eid_json_writer_init(&writer, &text);
    if (eid_ydoc_view_state(doc, &writer) == EID_OK) {
        state = json_loadb((const char *)text.at, text.len, 0, NULL);
    }
    eid_buf_fini(&text);
    return state;
}

static void case_json(eid_suite *suite, const char *what, const json_t *expected, json_t *actual)
{
    if (!json_equal(expected, actual)) {
        char *want = json_dumps(expected, JSON_COMPACT | JSON_SORT_KEYS);
        char *got = actual == NULL ? NULL : json_dumps(actual, JSON_COMPACT | JSON_SORT_KEYS);

        eid_case_fail(suite, "%s: expected %s, got %s", what, want, got == NULL ? "nothing" : got);
        free(want);
        free(got);
    }
    json_decref(actual);
}

/* What `update` reads as is as the case says; members that the case lacks are not compared. */
static void case_shows(eid_suite *suite, const char *what, const json_t *test, eid_slice update)
{
    eid_ydoc *doc = NULL;

    if (eid_case_ok(suite, what, eid_ydoc_new(1, &doc)) &&
        eid_case_ok(suite, what, eid_ydoc_apply(doc, update))) {
        if (eid_has(test, "view")) {
            case_json(suite, what, json_object_get(test, "view"), view_of(doc));
        }
        if (eid_has(test, "state_vector")) {
            case_json(suite, what, json_object_get(test, "state_vector"), state_of(doc));
        }
        if (eid_has(test, "pending")) {
            (void)eid_case_bool(suite, what, eid_get_bool(test, "pending"),
                                eid_ydoc_is_pending(doc));
        }
    }
    eid_ydoc_free(doc);
}

/* Two updates read as the same. */
static void case_same(eid_suite *suite, const char *what, eid_slice expected, eid_slice actual)
{
    eid_ydoc *doc = NULL;
    json_t *test = json_object();

    if (eid_case_ok(suite, what, eid_ydoc_new(1, &doc)) &&
        eid_case_ok(suite, what, eid_ydoc_apply(doc, expected))) {
        json_object_set_new(test, "view", view_of(doc));
        json_object_set_new(test, "state_vector", state_of(doc));
        json_object_set_new(test, "pending", json_boolean(eid_ydoc_is_pending(doc)));
        case_shows(suite, what, test, actual);
    }
    json_decref(test);
    eid_ydoc_free(doc);
}

/* -- kinds ------------------------------------------------------------------------------------- */

static void case_payload_text(eid_suite *suite, const json_t *test, eid_slice update)
{
    eid_buf text = buffer(), read = buffer();

    if (eid_case_ok(suite, "payload", eid_ydoc_payload_write(update, &text)) &&
        eid_case_text(suite, "payload", eid_get_text(test, "payload"), eid_buf_slice(&text)) &&
        eid_case_ok(suite, "read", eid_ydoc_payload_read(eid_buf_slice(&text), &read))) {
        (void)eid_case_bytes(suite, "read", update, eid_buf_slice(&read));
    }
    eid_buf_fini(&text);
    eid_buf_fini(&read);
}

/* The state vector's bytes, read back by asking for a diff: nothing is missing. */
static void case_state_bytes(eid_suite *suite, eid_slice history, eid_slice expected)
{
    eid_ydoc *doc = NULL;
    eid_buf own = buffer(), diff = buffer(), same = buffer();

    if (eid_case_ok(suite, "new", eid_ydoc_new(1, &doc)) &&
        eid_case_ok(suite, "apply", eid_ydoc_apply(doc, history)) &&
        eid_case_ok(suite, "state", eid_ydoc_state_vector(doc, &own)) &&
        eid_case_u64(suite, "length of state vector", expected.len, own.len) &&
        eid_case_ok(suite, "diff", eid_ydoc_encode(doc, expected, &diff)) &&
        eid_case_ok(suite, "diff", eid_ydoc_encode(doc, eid_buf_slice(&own), &same))) {
        (void)eid_case_bytes(suite, "diff", eid_buf_slice(&same), eid_buf_slice(&diff));
    }
    eid_buf_fini(&own);
    eid_buf_fini(&diff);
    eid_buf_fini(&same);
    eid_ydoc_free(doc);
}

static void case_update(eid_suite *suite, const json_t *test)
{
    eid_buf update = eid_get_b64(test, "update_b64");
    eid_buf state = eid_get_b64(test, "state_vector_b64");
    eid_buf reference = eid_get_b64(test, "merged_with_default_b64"), merged = buffer();

    case_payload_text(suite, test, eid_buf_slice(&update));
    case_shows(suite, "update", test, eid_buf_slice(&update));
    case_shows(suite, "merged by the reference", test, eid_buf_slice(&reference));
    case_state_bytes(suite, eid_buf_slice(&update), eid_buf_slice(&state));
    if (eid_case_ok(suite, "merge",
                    eid_ydoc_merge(EID_SLICE_EMPTY, eid_buf_slice(&update), &merged))) {
        case_shows(suite, "merged", test, eid_buf_slice(&merged));
    }
    eid_buf_fini(&update);
    eid_buf_fini(&state);
    eid_buf_fini(&reference);
    eid_buf_fini(&merged);
}

static eid_buf array_b64(const json_t *array, size_t at)
{
    json_t *item = json_pack("{sO}", "b64", json_array_get(array, at));
    eid_buf bytes = eid_get_b64(item, "b64");

    json_decref(item);
    return bytes;
}

static void case_order(eid_suite *suite, const json_t *updates, const json_t *order)
{
    eid_buf state = buffer(), reference = eid_get_b64(order, "merged_b64");
    const json_t *index;
    size_t i;

    json_array_foreach(eid_get_array(order, "order"), i, index)
    {
        eid_buf next = buffer(), update = array_b64(updates, (size_t)json_integer_value(index));
        eid_status status = eid_ydoc_merge(eid_buf_slice(&state), eid_buf_slice(&update), &next);

        (void)eid_case_ok(suite, "merge", status);
        eid_buf_fini(&update);
        eid_buf_fini(&state);
        state = next;
    }
    if (!eid_case_has_failed(suite)) {
        case_shows(suite, "merged", order, eid_buf_slice(&state));
        case_shows(suite, "merged by the reference", order, eid_buf_slice(&reference));
    }
    eid_buf_fini(&state);
    eid_buf_fini(&reference);
}

static void case_merge_orders(eid_suite *suite, const json_t *test)
{
    const json_t *order;
    size_t i;

    json_array_foreach(eid_get_array(test, "orders"), i, order)
        case_order(suite, eid_get_array(test, "updates_b64"), order);
}

static void case_diff(eid_suite *suite, const json_t *test)
{
    eid_buf history = eid_get_b64(test, "history_b64"), full = eid_get_b64(test, "full_b64");
    eid_buf state = eid_get_b64(test, "history_state_vector_b64");
    eid_buf reference = eid_get_b64(test, "diff_b64"), diff = buffer(), merged = buffer();
    eid_ydoc *doc = NULL;

    case_state_bytes(suite, eid_buf_slice(&history), eid_buf_slice(&state));
    case_shows(suite, "full", test, eid_buf_slice(&full));
    if (eid_case_ok(suite, "new", eid_ydoc_new(1, &doc)) &&
        eid_case_ok(suite, "apply", eid_ydoc_apply(doc, eid_buf_slice(&full))) &&
        eid_case_ok(suite, "diff", eid_ydoc_encode(doc, eid_buf_slice(&state), &diff)) &&
        eid_case_ok(suite, "merge",
                    eid_ydoc_merge(eid_buf_slice(&history), eid_buf_slice(&diff), &merged))) {
        case_same(suite, "diff", eid_buf_slice(&reference), eid_buf_slice(&diff));
        case_shows(suite, "history and diff", test, eid_buf_slice(&merged));
        case_same(suite, "full", eid_buf_slice(&full), eid_buf_slice(&merged));
    }
    eid_ydoc_free(doc);
    eid_buf_fini(&history);
    eid_buf_fini(&full);
    eid_buf_fini(&state);
    eid_buf_fini(&reference);
    eid_buf_fini(&diff);
    eid_buf_fini(&merged);
}

static void case_merged_data(eid_suite *suite, const json_t *test, eid_slice data)
{
    eid_buf merged = buffer();
    eid_status status = eid_ydoc_merge(EID_SLICE_EMPTY, data, &merged);

    if (eid_has(test, "merge_error")) {
        (void)eid_case_error(suite, "merge", eid_get_text(test, "merge_error"), status);
    } else if (eid_case_ok(suite, "merge", status) && eid_has(test, "merged_with_default_b64")) {
        eid_buf reference = eid_get_b64(test, "merged_with_default_b64");

        case_same(suite, "merged", eid_buf_slice(&reference), eid_buf_slice(&merged));
        eid_buf_fini(&reference);
    }
    eid_buf_fini(&merged);
}

static void case_payload(eid_suite *suite, const json_t *test)
{
    eid_buf data = buffer();
    eid_status status = eid_ydoc_payload_read(eid_get_slice(test, "text"), &data);

    if (!eid_get_bool(test, "accepted")) {
        (void)eid_case_error(suite, "payload", "DeserializationFailed", status);
    } else if (eid_case_ok(suite, "payload", status)) {
        eid_buf expected = eid_get_b64(test, "data_b64");

        (void)eid_case_bytes(suite, "data", eid_buf_slice(&expected), eid_buf_slice(&data));
        case_merged_data(suite, test, eid_buf_slice(&data));
        eid_buf_fini(&expected);
    }
    eid_buf_fini(&data);
}

static void case_run(eid_suite *suite, const json_t *test)
{
    const char *kind = eid_get_text(test, "kind");

    if (strcmp(kind, "update") == 0)
        case_update(suite, test);
    else if (strcmp(kind, "merge-orders") == 0)
        case_merge_orders(suite, test);
    else if (strcmp(kind, "diff") == 0)
        case_diff(suite, test);
    else if (strcmp(kind, "payload") == 0)
        case_payload(suite, test);
    else
        eid_case_skip(suite, "unknown kind");
}

static void ydoc_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (root == NULL) return;
    eid_suite_each(suite, root, "cases", case_run);
    json_decref(root);
}

EID_SUITE("ydoc.json", ydoc_run)
