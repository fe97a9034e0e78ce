/* The recorded docs are in payload form, so they are read as payloads; that the reader itself is
 * right is the business of docs-bad.json and of the cases with bytes. */
#include "tests/conformance/doc_case.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX (64u * 1024u * 1024u)
#define DUMP_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY)

/* -- numbers that the JSON library cannot hold ------------------------------------------------- */

/* The end of a JSON string that begins at `at`. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        if (*at == '\\') at++;
    }
    return at < end ? at + 1 : end;
}

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Copy a line of JSON with quotes around integers over 63 bits. */
static void line_quote(const char *at, const char *end, eid_buf *out)
{
    while (at < end) {
        const char *begin = at;
        bool is_wide = false;

        if (*at == '"') {
            at = string_end(at, end);
        } else if (*at == '-' || (*at >= '0' && *at <= '9')) {
            while (at < end && is_number_byte(*at)) at++;
            errno = 0;
            (void)strtoll(begin, NULL, 10);
            is_wide = errno == ERANGE;
        } else {
            at++;
        }
        if (is_wide) eid_buf_append_byte(out, '"');
        eid_buf_append(out, eid_slice_of(begin, (size_t)(at - begin)));
        if (is_wide) eid_buf_append_byte(out, '"');
    }
}

/* The reverse, for what only positions have. */
static void text_unquote(const char *text, eid_buf *out)
{
    static const char mark[] = "\"denominator\":\"";
    const char *found;

    while ((found = strstr(text, mark)) != NULL) {
        const char *digits = found + strlen(mark);
        size_t len = strspn(digits, "0123456789");

        eid_buf_append(out, eid_slice_of(text, (size_t)(digits - text) - 1));
        eid_buf_append(out, eid_slice_of(digits, len));
        text = digits[len] == '"' ? digits + len + 1 : digits + len;
    }
    eid_buf_append_text(out, text);
}

static json_t *line_load(const char *line, size_t len)
{
    eid_buf quoted;
    json_t *test = json_loadb(line, len, JSON_ALLOW_NUL, NULL);

    if (test != NULL) return test;
    eid_buf_init(&quoted, TEXT_MAX);
    line_quote(line, line + len, &quoted);
    test = json_loadb((const char *)quoted.at, quoted.len, JSON_ALLOW_NUL, NULL);
    eid_buf_fini(&quoted);
    return test;
}

void eid_case_each_wide_line(eid_suite *suite, const char *path, eid_case_fn fn)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    while (file != NULL && (len = getline(&line, &room, file)) > 0) {
        json_t *test = line_load(line, (size_t)len);
        const char *name = json_string_value(json_object_get(test, "name"));

        if (eid_case_begin(suite, name != NULL ? name : "file")) {
            if (test == NULL)
                eid_case_fail(suite, "a line of %s is no JSON", path);
            else
                fn(suite, test);
            eid_case_end(suite);
        }
        json_decref(test);
    }
    free(line);
    if (file != NULL) (void)fclose(file);
}

/* -- reading ----------------------------------------------------------------------------------- */

/* A recorded value as the text of a payload. New: eid_buf_fini(). */
static eid_buf json_text(eid_suite *suite, const json_t *json)
{
    char *text = json_dumps(json, DUMP_FLAGS);
    eid_buf out;

    eid_buf_init(&out, TEXT_MAX);
    if (text == NULL)
        eid_case_fail(suite, "a member of the case is missing");
    else
        text_unquote(text, &out);
    free(text);
    return out;
}

eid_doc *eid_case_doc_of(eid_suite *suite, const json_t *doc)
{
    eid_buf text = json_text(suite, doc);
    eid_doc *read = NULL;

    (void)eid_case_ok(suite, "doc", eid_payload_read_doc(eid_buf_slice(&text), &read));
    eid_buf_fini(&text);
    return read;
}

eid_doc *eid_case_read_doc(eid_suite *suite, const json_t *object, const char *key)
{
    const json_t *doc = json_object_get(object, key);
    eid_doc *empty = NULL;

    if (doc != NULL) return eid_case_doc_of(suite, doc);
    (void)eid_case_ok(suite, key, eid_doc_new(&empty));
    return empty;
}

bool eid_case_value_of(eid_suite *suite, const json_t *value, eid_value *out)
{
    eid_buf text = json_text(suite, value);
    bool ok;

    *out = EID_VALUE_NULL_INIT;
    ok = eid_case_ok(suite, "value", eid_payload_read_value(eid_buf_slice(&text), out));
    eid_buf_fini(&text);
    return ok;
}

eid_list *eid_case_list_of(eid_suite *suite, const json_t *list)
{
    eid_buf text = json_text(suite, list);
    eid_list *read = NULL;

    (void)eid_case_ok(suite, "list", eid_payload_read_list(eid_buf_slice(&text), &read));
    eid_buf_fini(&text);
    return read;
}

bool eid_case_position_of(eid_suite *suite, const json_t *position, eid_position *out)
{
    eid_buf text = json_text(suite, position);
    bool ok = eid_case_ok(suite, "position", eid_payload_read_position(eid_buf_slice(&text), out));

    eid_buf_fini(&text);
    return ok;
}

bool eid_case_value_equal(eid_suite *suite, const char *what, const eid_value *expected,
                          const eid_value *actual)
{
    eid_buf left, right;

    if (eid_value_equal(expected, actual)) return true;
    eid_buf_init(&left, TEXT_MAX);
    eid_buf_init(&right, TEXT_MAX);
    if (eid_payload_write_value(expected, &left) == EID_OK &&
        eid_payload_write_value(actual, &right) == EID_OK) {
        eid_case_fail(suite, "%s:\n  expected %.*s\n  got      %.*s", what,
                      EID_SLICE_ARG(eid_buf_slice(&left)), EID_SLICE_ARG(eid_buf_slice(&right)));
    } else {
        eid_case_fail(suite, "%s differs, and is too deep to print", what);
    }
    eid_buf_fini(&left);
    eid_buf_fini(&right);
    return false;
}

bool eid_case_doc_equal(eid_suite *suite, const char *what, const eid_doc *expected,
                        const eid_doc *actual)
{
    eid_buf left, right;

    if (expected == NULL || actual == NULL) {
        eid_case_fail(suite, "%s: a doc is missing", what);
        return false;
    }
    if (eid_doc_equal(expected, actual)) return true;
    eid_buf_init(&left, TEXT_MAX);
    eid_buf_init(&right, TEXT_MAX);
    if (eid_payload_write_doc(expected, &left) == EID_OK &&
        eid_payload_write_doc(actual, &right) == EID_OK) {
        eid_case_fail(suite, "%s:\n  expected %.*s\n  got      %.*s", what,
                      EID_SLICE_ARG(eid_buf_slice(&left)), EID_SLICE_ARG(eid_buf_slice(&right)));
    } else {
        eid_case_fail(suite, "%s differs, and is too deep to print", what);
    }
    eid_buf_fini(&left);
    eid_buf_fini(&right);
    return false;
}
