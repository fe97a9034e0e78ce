/* Rows out of files. */
#include "node/cli/rows.h"

#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"

/* Read `text` as a file named `name`; the rows, each with a '|' behind, or the exit code. */
static const char *read_rows(const char *name, const char *text, const char *format)
{
    static char result[4096];
    eid__cli cli = {0};
    eid__cli_rows rows;
    eid_buf row, all;
    FILE *file = fopen(name, "wb");
    bool end = false;
    int code;

    assert_non_null(file);
    fwrite(text, 1, strlen(text), file);
    fclose(file);
    eid_buf_init(&row, 65536);
    eid_buf_init(&all, sizeof result - 1);
    code = eid__cli_rows_open(&rows, &cli, name, format);
    while (code == 0 && !end) {
        code = eid__cli_rows_next(&rows, &row, &end);
        if (code != 0 || end) continue;
        eid_buf_append(&all, eid_buf_slice(&row));
        eid_buf_append_byte(&all, '|');
    }
    eid__cli_rows_close(&rows);
    unlink(name);
    if (code != 0) {
        snprintf(result, sizeof result, "exit %d", code);
    } else {
        snprintf(result, sizeof result, "%.*s", (int)all.len, all.at ? (const char *)all.at : "");
    }
    eid_buf_fini(&row);
    eid_buf_fini(&all);
    return result;
}

static void test_cli_rows__reads_arrays_as_they_are_written(void **state)
{
    assert_string_equal(read_rows("r1.json", "[1, {\"b\" :1,\"a\":2.50} ,\n[],\"]\"]", NULL),
                        "1|{\"b\" :1,\"a\":2.50}|[]|\"]\"|");
    assert_string_equal(read_rows("r2.json", " [ ] ", NULL), "");
    assert_string_equal(read_rows("r3.json", "[1,]", NULL), "exit 65");
    assert_string_equal(read_rows("r4.json", "[1] 2", NULL), "exit 65");
}

static void test_cli_rows__takes_an_only_array_for_the_rows(void **state)
{
    assert_string_equal(
        read_rows("r5.json", "{\n \"639-3\": [\n {\"a\":1},\n {\"a\":2}]\n}\n", NULL),
        "{\"a\":1}|{\"a\":2}|");
    assert_string_equal(read_rows("r6.json", "{\"639-3\":[1,2]}", NULL), "1|2|");
    assert_string_equal(read_rows("r7.json", "{\"a\":[1,2],\"b\":1}", NULL),
                        "{\"a\":[1,2],\"b\":1}|");
    assert_string_equal(read_rows("r8.json", "{\"a\":1}", NULL), "{\"a\":1}|");
    assert_string_equal(read_rows("r9.json", "{}", NULL), "{}|");
}

static void test_cli_rows__reads_lines(void **state)
{
    assert_string_equal(read_rows("r10.json", "{\"a\":1}\n\n {\"a\":2} \r\n{\"a\":3}", NULL),
                        "{\"a\":1}|{\"a\":2}|{\"a\":3}|");
    assert_string_equal(read_rows("r11.jsonl", "{\"a\":[1]}\n", NULL), "{\"a\":[1]}|");
    assert_string_equal(read_rows("r12.jsonl", "", NULL), "");
    assert_string_equal(read_rows("r13", "1\n2\n", "jsonl"), "1|2|");
    assert_string_equal(read_rows("r14", "", NULL), "");
    assert_string_equal(read_rows("r15", "hello", NULL), "exit 65");
}

static void test_cli_rows__reads_csv_as_rfc_4180_has_it(void **state)
{
    assert_string_equal(read_rows("r20.csv", "a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n,\r\n", NULL),
                        "{\"a\":\"1\",\"b\":\"x, \\\"y\\\"\\r\\nz\"}|{\"a\":\"\",\"b\":\"\"}|");
    assert_string_equal(read_rows("r21.csv",
                                  "\xef\xbb\xbf"
                                  "a\n1\n2",
                                  NULL),
                        "{\"a\":\"1\"}|{\"a\":\"2\"}|");
    assert_string_equal(read_rows("r22.csv", "a,b\n", NULL), "");
    assert_string_equal(read_rows("r23.csv", "a,b\n1\n", NULL), "exit 65");
    assert_string_equal(read_rows("r24.csv", "a,b\n1,2,3\n", NULL), "exit 65");
    assert_string_equal(read_rows("r25.csv", "a,b\n\"1,2\n", NULL), "exit 65");
    assert_string_equal(read_rows("r26.csv", "a,b\nx\"y,2\n", NULL), "exit 65");
    assert_string_equal(read_rows("r27.csv", "a,a\n1,2\n", NULL), "exit 65");
    assert_string_equal(read_rows("r28.csv", "a,\n1,2\n", NULL), "exit 65");
    assert_string_equal(read_rows("r29.csv", "a\n\xff\n", NULL), "exit 65");
    assert_string_equal(read_rows("r30.csv", "a\n\"x\"y\n", NULL), "exit 65");
    assert_string_equal(read_rows("r31.csv", "", NULL), "exit 65");
}

static void test_cli_row_key__takes_texts_and_numbers(void **state)
{
    static const char row[] =
        "{\"o\":{\"id\":1},\"id\":\"x\\u0041\",\"n\":12,\"b\":true,\"e\":\"\"}";
    eid_buf key;

    eid_buf_init(&key, 4096);
    assert_true(eid__cli_row_key(eid_slice_text(row), "id", &key));
    assert_string_equal((char *)key.at, "xA");
    assert_true(eid__cli_row_key(eid_slice_text(row), "n", &key));
    assert_string_equal((char *)key.at, "12");
    assert_false(eid__cli_row_key(eid_slice_text(row), "b", &key));
    assert_false(eid__cli_row_key(eid_slice_text(row), "e", &key));
    assert_false(eid__cli_row_key(eid_slice_text(row), "absent", &key));
    assert_false(eid__cli_row_key(eid_slice_text("[1]"), "id", &key));
    eid_buf_fini(&key);
}

static void test_cli_row_exported__knows_what_export_writes(void **state)
{
    eid_slice inner = EID_SLICE_EMPTY;
    eid_buf key;

    eid_buf_init(&key, 4096);
    assert_true(
        eid__cli_row_exported(eid_slice_text("{\"key\":\"k\",\"row\":{\"a\":1}}"), &key, &inner));
    assert_string_equal((char *)key.at, "k");
    assert_true(eid_slice_is(inner, "{\"a\":1}"));
    assert_false(eid__cli_row_exported(eid_slice_text("{\"key\":1,\"row\":1}"), &key, &inner));
    assert_false(eid__cli_row_exported(eid_slice_text("{\"key\":\"k\"}"), &key, &inner));
    assert_false(
        eid__cli_row_exported(eid_slice_text("{\"key\":\"k\",\"row\":1,\"x\":1}"), &key, &inner));
    eid_buf_fini(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_rows__reads_arrays_as_they_are_written),
        cmocka_unit_test(test_cli_rows__takes_an_only_array_for_the_rows),
        cmocka_unit_test(test_cli_rows__reads_lines),
        cmocka_unit_test(test_cli_rows__reads_csv_as_rfc_4180_has_it),
        cmocka_unit_test(test_cli_row_key__takes_texts_and_numbers),
        cmocka_unit_test(test_cli_row_exported__knows_what_export_writes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
