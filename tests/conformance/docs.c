/* Docs, values and paths, kind by kind; operations on docs and lists have files of their own. */
#include <stdlib.h>

#include "crdt/fold.h"
#include "crdt/path.h"
#include "dag/assert.h"
#include "tests/conformance/doc_case.h"
#include "tests/conformance/docs_list.h"
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

/* What our view, which escapes properly (decision S6), says as the reference writes it: keys as
 * they are, and in texts only the quote escaped. */
static void view_unescape(const json_t *json, eid_buf *out)
{
    const char *key;
    json_t *child;
    size_t at;

    if (json_is_string(json)) {
        eid_buf_append_byte(out, '"');
        for (at = 0; at < json_string_length(json); at++) {
            char c = json_string_value(json)[at];

            if (c == '"') eid_buf_append_byte(out, '\\');
            eid_buf_append_byte(out, (uint8_t)c);
        }
        eid_buf_append_byte(out, '"');
    } else if (json_is_object(json)) {
        eid_buf_append_byte(out, '{');
        json_object_foreach((json_t *)(uintptr_t)json, key, child)
        {
            if (out->at[out->len - 1] != '{') eid_buf_append_byte(out, ',');
            eid_buf_append_format(out, "\"%s\":", key);
            view_unescape(child, out);
        }
        eid_buf_append_byte(out, '}');
    } else if (json_is_array(json)) {
        eid_buf_append_byte(out, '[');
        json_array_foreach(json, at, child)
        {
            if (at > 0) eid_buf_append_byte(out, ',');
            view_unescape(child, out);
        }
        eid_buf_append_byte(out, ']');
    } else {
        char *text = json_dumps(json, JSON_ENCODE_ANY);

        eid_buf_append_text(out, text != NULL ? text : "?");
        free(text);
    }
}

static void case_plain(eid_suite *suite, const json_t *test)
{
    eid_value value;
    eid_buf text, plain;
    eid_json_writer writer;
    json_t *parsed = NULL;

    eid_buf_init(&text, TEXT_MAX);
    eid_buf_init(&plain, TEXT_MAX);
    eid_json_writer_init(&writer, &text);
    if (eid_case_value_of(suite, json_object_get(test, "value"), &value)) {
        eid_payload_view_value(&value, &writer);
        parsed =
            json_loadb((const char *)text.at, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (eid_case_bool(suite, "plain is JSON", true, parsed != NULL)) {
            view_unescape(parsed, &plain);
            (void)eid_case_text(suite, "plain", eid_get_text(test, "plain"), eid_buf_slice(&plain));
        }
        eid_buf_clear(&text);
        eid_value_display(&value, &text);
        (void)eid_case_text(suite, "display", eid_get_text(test, "display"), eid_buf_slice(&text));
    }
    json_decref(parsed);
    eid_value_fini(&value);
    eid_buf_fini(&text);
    eid_buf_fini(&plain);
}

/* -- paths ------------------------------------------------------------------------------------- */

/* null, or a text. */
static void check_option(eid_suite *suite, const json_t *test, const char *key, bool found,
                         eid_slice actual)
{
    if (!eid_case_bool(suite, key, eid_has(test, key), found) || !found) return;
    (void)eid_case_bytes(suite, key, eid_get_slice(test, key), actual);
}

static void check_parts(eid_suite *suite, const json_t *test, eid_slice path)
{
    eid_slice part = EID_SLICE_EMPTY;
    bool found;

    (void)eid_case_u64(suite, "parts", eid_get_u64_text(test, "len"), eid_path_parts(path));
    found = eid_path_parent(path, &part);
    check_option(suite, test, "parent", found, part);
    found = eid_path_name(path, &part);
    check_option(suite, test, "file_name", found, part);
    (void)eid_case_bytes(suite, "display", eid_get_slice(test, "display"), eid_path_display(path));
}

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
    check_parts(suite, test, eid_buf_slice(&normalized));
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
        {"bytes", case_bytes},           {"ops", eid_case_doc_ops}, {"merge", case_merge},
        {"merge3", case_merge3},         {"fold", case_fold},       {"equal", case_equal},
        {"plain", case_plain},           {"list", eid_case_list},   {"path", case_path},
        {"position", eid_case_position}, {"convert", case_convert},
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
