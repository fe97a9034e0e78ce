/* Docs, values, lists and paths, kind by kind. What needs a function that this node does not have
 * is skipped by the kind's name, after whatever can be checked without it. */
#include <stdlib.h>

#include "crdt/fold.h"
#include "crdt/path.h"
#include "dag/assert.h"
#include "tests/conformance/doc_case.h"
#include "tests/conformance/docs_ops.h"

#define TEXT_MAX (64u * 1024u * 1024u)

static void case_bytes(eid_suite *suite, const json_t *test)
{
    eid_doc *expected = eid_case_read_doc(suite, test, "doc"), *read = NULL, *again = NULL;
    eid_buf bytes = eid_get_b64(test, "bytes_b64"), written;

    eid_buf_init(&written, TEXT_MAX);
    if (eid_case_ok(suite, "read", eid_payload_read_doc(eid_buf_slice(&bytes), &read)) &&
        eid_case_doc_equal(suite, "read", expected, read) &&
        eid_case_ok(suite, "write", eid_payload_write_doc(read, &written)) &&
        eid_case_ok(suite, "again", eid_payload_read_doc(eid_buf_slice(&written), &again)) &&
        eid_case_doc_equal(suite, "again", expected, again) && eid_has(test, "text")) {
        (void)eid_case_bytes(suite, "text", eid_get_slice(test, "text"), eid_buf_slice(&written));
    }
    eid_doc_free(expected);
    eid_doc_free(read);
    eid_doc_free(again);
    eid_buf_fini(&bytes);
    eid_buf_fini(&written);
}

static void case_merge(eid_suite *suite, const json_t *test)
{
    eid_doc *a = eid_case_read_doc(suite, test, "a"), *b = eid_case_read_doc(suite, test, "b");
    eid_doc *merged = eid_case_read_doc(suite, test, "merged"), *result = NULL;

    if (a != NULL && b != NULL && eid_case_ok(suite, "copy", eid_doc_copy(a, &result)) &&
        eid_case_ok(suite, "merge", eid_doc_merge(result, b)) &&
        eid_case_doc_equal(suite, "merged", merged, result)) {
        (void)eid_case_bool(suite, "equal to a", eid_get_bool(test, "equal_to_a"),
                            eid_doc_equal(result, a));
        (void)eid_case_bool(suite, "equal to b", eid_get_bool(test, "equal_to_b"),
                            eid_doc_equal(result, b));
    }
    eid_doc_free(a);
    eid_doc_free(b);
    eid_doc_free(merged);
    eid_doc_free(result);
}

/* (a, b), c and a, (b, c). */
static void case_merge3(eid_suite *suite, const json_t *test)
{
    eid_doc *a = eid_case_read_doc(suite, test, "a"), *b = eid_case_read_doc(suite, test, "b");
    eid_doc *c = eid_case_read_doc(suite, test, "c"), *left = NULL, *right = NULL, *late = NULL;
    bool associative = eid_get_bool(test, "associative");
    eid_doc *expected = eid_case_read_doc(suite, test, "left");
    eid_doc *other = eid_case_read_doc(suite, test, associative ? "left" : "right");

    if (a != NULL && b != NULL && c != NULL && eid_doc_copy(a, &left) == EID_OK &&
        eid_doc_copy(a, &right) == EID_OK && eid_doc_copy(b, &late) == EID_OK &&
        eid_case_ok(suite, "a b", eid_doc_merge(left, b)) &&
        eid_case_ok(suite, "(a b) c", eid_doc_merge(left, c)) &&
        eid_case_ok(suite, "b c", eid_doc_merge(late, c)) &&
        eid_case_ok(suite, "a (b c)", eid_doc_merge(right, late))) {
        (void)eid_case_doc_equal(suite, "(a b) c", expected, left);
        (void)eid_case_doc_equal(suite, "a (b c)", other, right);
        (void)eid_case_bool(suite, "associative", associative, eid_doc_equal(left, right));
    }
    eid_doc_free(a);
    eid_doc_free(b);
    eid_doc_free(c);
    eid_doc_free(left);
    eid_doc_free(right);
    eid_doc_free(late);
    eid_doc_free(expected);
    eid_doc_free(other);
}

static void case_fold(eid_suite *suite, const json_t *test)
{
    eid_doc *expected = eid_case_read_doc(suite, test, "result"), *state = NULL;
    size_t index;
    json_t *doc;

    if (!eid_case_ok(suite, "new", eid_doc_new(&state))) goto done;
    json_array_foreach(eid_get_array(test, "docs"), index, doc)
    {
        eid_doc *payload = eid_case_doc_of(suite, doc);
        eid_buf text;

        eid_buf_init(&text, TEXT_MAX);
        if (payload != NULL && eid_case_ok(suite, "write", eid_payload_write_doc(payload, &text))) {
            (void)eid_case_ok(suite, "fold", eid_fold_payload(state, eid_buf_slice(&text)));
        }
        eid_buf_fini(&text);
        eid_doc_free(payload);
    }
    (void)eid_case_doc_equal(suite, "result", expected, state);

done:
    eid_doc_free(expected);
    eid_doc_free(state);
}

static void case_equal(eid_suite *suite, const json_t *test)
{
    eid_value pair[2];
    const json_t *types = eid_get_array(test, "types");
    bool ok = eid_case_value_of(suite, json_object_get(test, "a"), &pair[0]);

    ok = eid_case_value_of(suite, json_object_get(test, "b"), &pair[1]) && ok;
    if (ok) {
        (void)eid_case_bool(suite, "equal", eid_get_bool(test, "equal"),
                            eid_value_equal(&pair[0], &pair[1]));
    }
    for (size_t i = 0; ok && i < 2; i++) {
        ok = eid_case_text(suite, "type", json_string_value(json_array_get(types, i)),
                           eid_slice_text(eid_value_type_name(pair[i].type)));
    }
    eid_value_fini(&pair[0]);
    eid_value_fini(&pair[1]);
}

/* Our view escapes keys and texts (decision S6), the reference's does not. */
static bool view_is_escaped(const char *plain, eid_slice ours)
{
    return !eid_slice_is(ours, plain) && ours.len > 0 && memchr(ours.at, '\\', ours.len) != NULL;
}

static void case_plain(eid_suite *suite, const json_t *test)
{
    eid_value value;
    eid_buf text;
    eid_json_writer writer;

    eid_buf_init(&text, TEXT_MAX);
    eid_json_writer_init(&writer, &text);
    if (eid_case_value_of(suite, json_object_get(test, "value"), &value)) {
        const char *plain = eid_get_text(test, "plain");

        eid_payload_view_value(&value, &writer);
        if (view_is_escaped(plain, eid_buf_slice(&text))) {
            eid_case_skip(suite, "S6: the plain view escapes properly");
        } else {
            (void)eid_case_text(suite, "plain", plain, eid_buf_slice(&text));
        }
    }
    eid_value_fini(&value);
    eid_buf_fini(&text);
}

/* -- lists ------------------------------------------------------------------------------------- */

/* The result as recorded: its live elements and positions. How it came about is edits. */
static void case_list(eid_suite *suite, const json_t *test)
{
    const json_t *live = eid_get_array(test, "live"), *positions = eid_get_array(test, "positions");
    eid_list *list = eid_case_list_of(suite, json_object_get(test, "result"));

    if (list == NULL) return;
    (void)eid_case_u64(suite, "live", json_array_size(live), eid_list_live(list));
    (void)eid_case_u64(suite, "total", json_array_size(positions), eid_list_total(list));
    for (size_t i = 0; !eid_case_has_failed(suite) && i < json_array_size(live); i++) {
        eid_value expected;

        if (eid_case_value_of(suite, json_array_get(live, i), &expected)) {
            (void)eid_case_value_equal(suite, "element", &expected, eid_list_get(list, i));
        }
        eid_value_fini(&expected);
    }
    for (size_t i = 0; !eid_case_has_failed(suite) && i < json_array_size(positions); i++) {
        eid_position expected, actual;

        if (!eid_case_position_of(suite, json_array_get(positions, i), &expected)) break;
        (void)eid_list_at(list, i, &actual);
        (void)eid_case_bool(suite, "position", true, eid_position_compare(&expected, &actual) == 0);
    }
    eid_list_free(list);
    eid_case_skip(suite, "later issue: list editing");
}

static int sign_of(int order)
{
    return (order > 0) - (order < 0);
}

static void check_between(eid_suite *suite, const json_t *test, const eid_position *left,
                          const eid_position *right)
{
    const json_t *between = json_object_get(test, "between");
    eid_position middle, other = *left, expected = {0};
    eid_status status = eid_position_between(left, right, left->unique, &middle);

    if (status != EID_OK) {
        (void)eid_case_error(suite, "between", "ListOperationFailed", status);
        eid_case_skip(suite, "S5: a midpoint that does not fit is refused");
        return;
    }
    if (json_is_string(between)) {
        eid_case_fail(suite, "between: expected no midpoint");
        return;
    }
    expected.numerator = json_integer_value(json_object_get(between, "numerator"));
    expected.denominator = eid_get_u64_text(between, "denominator");
    (void)eid_case_bool(suite, "numerator", true, expected.numerator == middle.numerator);
    (void)eid_case_u64(suite, "denominator", expected.denominator, middle.denominator);
    (void)eid_case_bool(suite, "left and between", true,
                        sign_of(eid_position_compare(left, &middle)) ==
                            json_integer_value(json_object_get(test, "left_vs_between")));
    other = *right;
    memcpy(other.unique, middle.unique, sizeof(other.unique));
    (void)eid_case_bool(suite, "right and between", true,
                        sign_of(eid_position_compare(&other, &middle)) ==
                            json_integer_value(json_object_get(test, "right_vs_between")));
}

static void case_position(eid_suite *suite, const json_t *test)
{
    eid_position left, right;
    bool equal;

    if (!eid_case_position_of(suite, json_object_get(test, "left"), &left) ||
        !eid_case_position_of(suite, json_object_get(test, "right"), &right)) {
        return;
    }
    equal = left.numerator == right.numerator && left.denominator == right.denominator &&
            memcmp(left.unique, right.unique, sizeof(left.unique)) == 0;
    (void)eid_case_bool(suite, "order", true,
                        sign_of(eid_position_compare(&left, &right)) ==
                            json_integer_value(json_object_get(test, "order")));
    (void)eid_case_bool(suite, "equal", eid_get_bool(test, "equal"), equal);
    check_between(suite, test, &left, &right);
}

/* -- paths ------------------------------------------------------------------------------------- */

/* The empty text is a path of nothing here; as a key it names the child "". */
static void case_path(eid_suite *suite, const json_t *test)
{
    eid_slice input = eid_get_slice(test, "input"), component;
    const json_t *components = eid_get_array(test, "components");
    eid_buf normalized, pushed;
    eid_path path;
    size_t count = 0;

    eid_buf_init(&normalized, TEXT_MAX);
    eid_buf_init(&pushed, TEXT_MAX);
    eid_path_normalize(input, &normalized);
    (void)eid_case_bytes(suite, "normalized", eid_get_slice(test, "normalized"),
                         eid_buf_slice(&normalized));
    eid_path_init(&path, eid_buf_slice(&normalized));
    while (normalized.len > 0 && eid_path_next(&path, &component)) {
        const json_t *expected = json_array_get(components, count++);

        (void)eid_case_text(suite, "component", expected ? json_string_value(expected) : "(none)",
                            component);
    }
    (void)eid_case_u64(suite, "components", eid_get_u64_text(test, "len"), count);
    if (input.len > 0) (void)eid_case_u64(suite, "count", count, eid_path_count(input));
    (void)eid_case_bool(suite, "valid component", eid_get_bool(test, "valid_component"),
                        eid_path_push(&pushed, input) == EID_OK);
    eid_buf_fini(&normalized);
    eid_buf_fini(&pushed);
}

/* Numbers that a program gives, as their texts. */
static void case_convert(eid_suite *suite, const json_t *test)
{
    const char *input = eid_get_text(test, "input");
    const char *from = eid_get_text(test, "from");
    eid_value expected, actual;

    if (from[0] == 'f')
        actual = eid_value_of_double(strtod(input, NULL));
    else if (from[0] == 'u')
        actual = eid_value_of_uint(strtoull(input, NULL, 10));
    else
        actual = eid_value_of_int(strtoll(input, NULL, 10));
    if (!eid_case_value_of(suite, json_object_get(test, "value"), &expected)) return;
    eid_case_value_equal(suite, from, &expected, &actual);
    eid_value_fini(&expected);
}

static void case_run(eid_suite *suite, const json_t *test)
{
    static const struct {
        const char *kind;
        eid_case_fn fn;
    } kinds[] = {
        {"bytes", case_bytes},       {"ops", eid_case_doc_ops}, {"merge", case_merge},
        {"merge3", case_merge3},     {"fold", case_fold},       {"equal", case_equal},
        {"plain", case_plain},       {"list", case_list},       {"path", case_path},
        {"position", case_position}, {"convert", case_convert},
    };
    const char *kind = eid_get_text(test, "kind");

    for (size_t i = 0; i < EID_COUNT(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) != 0) continue;
        kinds[i].fn(suite, test);
        return;
    }
    eid_case_fail(suite, "no check for the kind \"%s\"", kind);
}

static void docs_run(const char *path, eid_suite *suite)
{
    eid_case_each_wide_line(suite, path, case_run);
}

EID_SUITE("docs.jsonl", docs_run)
