/* Cases and their checks. What a file lacks aborts, what the program gets wrong fails the case: a
 * damaged file must not look like a passed one. */
#include "tests/conformance/runner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dag/base.h"
#include "tests/conformance/suite.h"

#define SHOWN_BYTES 96 /* of bytes that differ, from shortly before the difference */

bool eid_case_begin(eid_suite *suite, const char *name)
{
    const char *only = suite->options->only;

    if (only && !strstr(name, only) && !strstr(suite->name, only)) return false;
    suite->case_name = name;
    suite->case_failed = false;
    suite->case_skip = NULL;
    return true;
}

static void suite_note_skip(eid_suite *suite, const char *reason, size_t count)
{
    size_t i = 0;

    suite->skipped += count;
    while (i < suite->skip_count && strcmp(suite->skips[i].reason, reason) != 0) i++;
    if (i == EID_SUITE_SKIPS_MAX) return;
    if (i == suite->skip_count) suite->skip_count++;
    suite->skips[i].reason = reason;
    suite->skips[i].count += count;
}

void eid_case_end(eid_suite *suite)
{
    if (suite->case_failed) {
        suite->failed++;
    } else if (suite->case_skip) {
        suite_note_skip(suite, suite->case_skip, 1);
    } else {
        suite->passed++;
    }
    if (suite->options->verbose && !suite->case_failed) {
        printf("%s %s %s%s%s\n", suite->case_skip ? "skip" : "pass", suite->name, suite->case_name,
               suite->case_skip ? ": " : "", suite->case_skip ? suite->case_skip : "");
    }
    suite->case_name = NULL;
}

void eid_case_fail(eid_suite *suite, const char *format, ...)
{
    va_list args;

    if (suite->case_failed) return;
    suite->case_failed = true;
    printf("FAIL %s %s: ", suite->name, suite->case_name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

void eid_case_skip(eid_suite *suite, const char *reason)
{
    suite->case_skip = reason;
}

bool eid_case_has_failed(const eid_suite *suite)
{
    return suite->case_failed;
}

bool eid_case_bool(eid_suite *suite, const char *what, bool expected, bool actual)
{
    if (expected == actual) return true;
    eid_case_fail(suite, "%s: expected %s, got %s", what, expected ? "true" : "false",
                  actual ? "true" : "false");
    return false;
}

bool eid_case_u64(eid_suite *suite, const char *what, uint64_t expected, uint64_t actual)
{
    if (expected == actual) return true;
    eid_case_fail(suite, "%s: expected %" PRIu64 ", got %" PRIu64, what, expected, actual);
    return false;
}

bool eid_case_text(eid_suite *suite, const char *what, const char *expected, eid_slice actual)
{
    if (eid_slice_is(actual, expected)) return true;
    eid_case_fail(suite, "%s:\n  expected %s\n  got      %.*s", what, expected,
                  EID_SLICE_ARG(actual));
    return false;
}

static void slice_print(const char *title, eid_slice bytes, size_t from)
{
    printf("  %s %zu bytes, from byte %zu:", title, bytes.len, from);
    for (size_t i = from; i < bytes.len && i < from + SHOWN_BYTES; i++)
        printf(" %02x", bytes.at[i]);
    putchar('\n');
}

bool eid_case_bytes(eid_suite *suite, const char *what, eid_slice expected, eid_slice actual)
{
    bool was_failed = suite->case_failed;
    size_t same = 0;

    if (eid_slice_equal(expected, actual)) return true;
    while (same < expected.len && same < actual.len && expected.at[same] == actual.at[same]) same++;
    eid_case_fail(suite, "%s: bytes differ from byte %zu on", what, same);
    if (was_failed) return false;
    slice_print("expected", expected, same < 8 ? 0 : same - 8);
    slice_print("got     ", actual, same < 8 ? 0 : same - 8);
    return false;
}

bool eid_case_id(eid_suite *suite, const char *what, const char *expected, const eid_id *actual)
{
    return eid_case_text(suite, what, expected, eid_slice_text(eid_id_str(actual)));
}

bool eid_case_ok(eid_suite *suite, const char *what, eid_status status)
{
    eid_detail detail = eid_status_detail(status);

    if (status == EID_OK) return true;
    eid_case_fail(suite, "%s: expected success, got %s %s: %s", what, eid_status_name(status),
                  eid_kind_label(detail.kind), detail.text);
    return false;
}

bool eid_case_error(eid_suite *suite, const char *what, const char *label, eid_status status)
{
    eid_detail detail = eid_status_detail(status);

    if (status != EID_OK && strcmp(label, eid_kind_label(detail.kind)) == 0) return true;
    eid_case_fail(suite, "%s: expected error %s, got %s %s: %s", what, label,
                  eid_status_name(status), eid_kind_label(detail.kind), detail.text);
    return false;
}

static _Noreturn void file_broken(const json_t *object, const char *key, const char *why)
{
    char *text = json_dumps(object, JSON_COMPACT);

    fprintf(stderr, "conformance: member \"%s\": %s, in %.400s\n", key, why, text ? text : "");
    exit(2);
}

const char *eid_get_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text) file_broken(object, key, "no text");
    return text;
}

eid_slice eid_get_slice(const json_t *object, const char *key)
{
    const json_t *text = json_object_get(object, key);

    if (!json_is_string(text)) file_broken(object, key, "no text");
    return eid_slice_of(json_string_value(text), json_string_length(text));
}

bool eid_get_bool(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_boolean(value)) file_broken(object, key, "no boolean");
    return json_is_true(value);
}

uint64_t eid_get_u64_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    char *end = NULL;
    uint64_t number;

    if (json_is_integer(value)) return (uint64_t)json_integer_value(value);
    if (!json_is_string(value)) file_broken(object, key, "no number");
    number = strtoull(json_string_value(value), &end, 10);
    if (*end) file_broken(object, key, "no number");
    return number;
}

const json_t *eid_get_array(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_array(value)) file_broken(object, key, "no array");
    return value;
}

bool eid_has(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return value && !json_is_null(value);
}

eid_id eid_id_of_json(const json_t *text)
{
    eid_id id;

    if (!json_is_string(text) ||
        eid_id_parse(eid_slice_of(json_string_value(text), json_string_length(text)), &id)) {
        file_broken(text, "", "no id");
    }
    return id;
}

eid_id eid_get_id(const json_t *object, const char *key)
{
    return eid_id_of_json(json_object_get(object, key));
}

eid_buf eid_get_b64(const json_t *object, const char *key)
{
    eid_buf out;

    eid_buf_init(&out, SIZE_MAX);
    if (!eid_base64_decode(eid_get_slice(object, key), true, &out)) {
        file_broken(object, key, "no base64");
    }
    return out;
}

eid_buf eid_get_hex(const json_t *object, const char *key)
{
    eid_buf out;

    eid_buf_init(&out, SIZE_MAX);
    if (!eid_hex_decode(eid_get_slice(object, key), &out)) file_broken(object, key, "no hex");
    return out;
}

static const char *test_name(const json_t *test, size_t number, char *room, size_t size)
{
    const char *name = json_string_value(json_object_get(test, "name"));

    if (name) return name;
    (void)snprintf(room, size, "case-%zu", number);
    return room;
}

static void test_run(eid_suite *suite, const json_t *test, size_t number, eid_case_fn fn)
{
    char room[32];

    if (!eid_case_begin(suite, test_name(test, number, room, sizeof room))) return;
    fn(suite, test);
    eid_case_end(suite);
}

static void load_failed(eid_suite *suite, const char *path, const char *why)
{
    if (!eid_case_begin(suite, "file")) suite->case_name = "file";
    suite->case_failed = false;
    eid_case_fail(suite, "cannot read %s: %s", path, why);
    eid_case_end(suite);
}

json_t *eid_suite_load(eid_suite *suite, const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

    if (!root) load_failed(suite, path, error.text);
    return root;
}

void eid_suite_each_line(eid_suite *suite, const char *path, eid_case_fn fn)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t len;

    if (!file) {
        load_failed(suite, path, "no such file");
        return;
    }
    while ((len = getline(&line, &room, file)) > 0) {
        json_error_t error;
        json_t *test = json_loadb(line, (size_t)len, JSON_ALLOW_NUL, &error);

        number++;
        if (!test) {
            load_failed(suite, path, error.text);
            continue;
        }
        test_run(suite, test, number, fn);
        json_decref(test);
    }
    free(line);
    (void)fclose(file);
}

void eid_suite_each(eid_suite *suite, const json_t *root, const char *key, eid_case_fn fn)
{
    const json_t *tests = eid_get_array(root, key);

    for (size_t i = 0; i < json_array_size(tests); i++) {
        test_run(suite, json_array_get(tests, i), i + 1, fn);
    }
}

void eid_suite_skip_all(eid_suite *suite, const json_t *root, const char *key, const char *reason)
{
    const json_t *tests = eid_get_array(root, key);

    for (size_t i = 0; i < json_array_size(tests); i++) {
        char room[32];

        if (!eid_case_begin(suite, test_name(json_array_get(tests, i), i, room, sizeof room))) {
            continue;
        }
        eid_case_skip(suite, reason);
        eid_case_end(suite);
    }
}
