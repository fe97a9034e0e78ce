/* Rows are slices of the file's own text and never a tree: what is stored is what was written
 * there, numbers and order of members included. */
#include "node/cli/rows.h"

#include <string.h>
#include <strings.h>

static bool rows_name_ends(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);

    return len >= tail && strcasecmp(name + len - tail, end) == 0;
}

static bool rows_is_blank(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static eid_slice rows_trim(eid_slice text)
{
    while (text.len > 0 && rows_is_blank(text.at[0]))
        text = eid_slice_of(text.at + 1, text.len - 1);
    while (text.len > 0 && rows_is_blank(text.at[text.len - 1])) text.len--;
    return text;
}

static bool rows_is_json(eid_slice text)
{
    eid_json json;
    bool good;

    eid_json_init(&json, text);
    eid_json_skip(&json);
    good = eid_json_finish(&json) == EID_OK;
    eid_json_fini(&json);
    return good;
}

/* The place of the array that an object's only member is; 0 if it is not like that. */
static size_t rows_only_array(eid_slice text)
{
    eid_json json;
    size_t place = 0;

    eid_json_init(&json, text);
    if (eid_json_next(&json) == EID_JSON_OBJECT && eid_json_next(&json) == EID_JSON_KEY) {
        while (json.at < json.end && rows_is_blank(*json.at)) json.at++;
        if (json.at < json.end && *json.at == '[') place = (size_t)(json.at - json.start);
        eid_json_skip(&json);
        if (eid_json_next(&json) != EID_JSON_OBJECT_END) place = 0;
    }
    eid_json_fini(&json);
    return place;
}

static int rows_begin_json(eid__cli_rows *rows)
{
    eid_slice text;
    int code = eid__cli_input_rest(&rows->input, &rows->whole);
    size_t inner;

    if (code != 0) return code;
    text = rows_trim(eid_buf_slice(&rows->whole));
    eid_json_init(&rows->json, text);
    eid_json_skip(&rows->json);
    if (eid_json_finish(&rows->json) != EID_OK) {
        return eid__cli_refuse(rows->input.cli, EIDETICA_MALFORMED, "reading the JSON file",
                               "check that it is valid JSON", "%s: %s", rows->input.name,
                               eid_status_detail(rows->json.status).text);
    }
    eid_json_fini(&rows->json);
    inner = text.at[0] == '{' ? rows_only_array(text) : 0;
    rows->one = text.at[0] != '[' && inner == 0;
    /* What stands behind the inner array is the object's end, which nobody reads. */
    eid_json_init(&rows->json, eid_slice_of(text.at + inner, text.len - inner));
    if (!rows->one) eid_json_next(&rows->json);
    return 0;
}

/* A file that begins with an object: lines of them, unless the first line is no whole value or the
 * only one. */
static int rows_begin_object(eid__cli_rows *rows)
{
    bool end;
    int code = eid__cli_input_line(&rows->input, &rows->whole, &end), byte;

    if (code != 0) return code;
    do {
        byte = eid__cli_input_get(&rows->input);
    } while (rows_is_blank(byte));
    eid__cli_input_unget(&rows->input, byte);
    if (byte != EOF && rows_is_json(eid_buf_slice(&rows->whole))) {
        rows->format = EID__CLI_ROWS_LINES;
        rows->ahead = true;
        rows->line = 1;
        return 0;
    }
    rows->format = EID__CLI_ROWS_JSON;
    return rows_begin_json(rows);
}

static int rows_guess(eid__cli_rows *rows)
{
    int byte;

    do {
        byte = eid__cli_input_get(&rows->input);
    } while (rows_is_blank(byte));
    eid__cli_input_unget(&rows->input, byte);
    if (byte == '{') return rows_begin_object(rows);
    rows->format = EID__CLI_ROWS_JSON;
    if (byte == '[') return rows_begin_json(rows);
    if (byte == EOF) {
        int code = eid__cli_input_check(&rows->input);

        rows->format = EID__CLI_ROWS_LINES; /* without any */
        return code;
    }
    return eid__cli_refuse(
        rows->input.cli, EIDETICA_MALFORMED, "reading the rows", "give --format json, jsonl or csv",
        "%s begins neither like JSON nor has it a name that ends in .csv", rows->input.name);
}

int eid__cli_rows_open(eid__cli_rows *rows, eid__cli *cli, const char *path, const char *format)
{
    int code;

    *rows = (eid__cli_rows){0};
    eid_buf_init(&rows->whole, EID__CLI_JSON_MAX);
    eid_json_init(&rows->json, EID_SLICE_EMPTY);
    code = eid__cli_input_open(&rows->input, cli, path);
    if (code != 0) return code;
    if (format != NULL ? strcmp(format, "csv") == 0 : rows_name_ends(path, ".csv")) {
        rows->format = EID__CLI_ROWS_CSV;
        return eid__cli_csv_begin(&rows->csv, &rows->input);
    }
    if (format != NULL ? strcmp(format, "jsonl") == 0
                       : rows_name_ends(path, ".jsonl") || rows_name_ends(path, ".ndjson")) {
        rows->format = EID__CLI_ROWS_LINES;
        return 0;
    }
    return format != NULL ? rows_begin_json(rows) : rows_guess(rows);
}

void eid__cli_rows_close(eid__cli_rows *rows)
{
    eid__cli_csv_fini(&rows->csv);
    eid_json_fini(&rows->json);
    eid_buf_fini(&rows->whole);
    if (rows->input.cli != NULL) eid__cli_input_close(&rows->input);
}

static void rows_next_json(eid__cli_rows *rows, eid_buf *row, bool *end)
{
    eid_json *json = &rows->json;
    const uint8_t *start;

    if (rows->one) {
        *end = rows->count > 0;
        if (!*end)
            eid_buf_append(row, eid_slice_of(json->start, (size_t)(json->end - json->start)));
        return;
    }
    while (json->at < json->end && rows_is_blank(*json->at)) json->at++;
    *end = json->at == json->end || *json->at == ']';
    if (*end) return;
    start = json->at + (*json->at == ',' ? 1 : 0);
    eid_json_skip(json);
    eid_buf_append(row, rows_trim(eid_slice_of(start, (size_t)(json->at - start))));
}

static int rows_next_line(eid__cli_rows *rows, eid_buf *row, bool *end)
{
    int code = 0;

    *end = false;
    if (rows->ahead) {
        eid_buf_append(row, rows_trim(eid_buf_slice(&rows->whole)));
        rows->ahead = false;
        rows->line = 1;
        if (row->len > 0) return 0;
    }
    do {
        eid_slice line;

        eid_buf_clear(row);
        rows->line = rows->input.line;
        code = eid__cli_input_line(&rows->input, row, end);
        line = rows_trim(eid_buf_slice(row));
        if (line.len > 0 && line.at != row->at) memmove(row->at, line.at, line.len);
        if (line.len > 0 || row->len > 0) eid_buf_truncate(row, line.len);
    } while (code == 0 && !*end && row->len == 0);
    return code;
}

int eid__cli_rows_next(eid__cli_rows *rows, eid_buf *row, bool *end)
{
    int code = 0;

    eid_buf_clear(row);
    switch (rows->format) {
    case EID__CLI_ROWS_JSON:
        rows_next_json(rows, row, end);
        break;
    case EID__CLI_ROWS_LINES:
        code = rows_next_line(rows, row, end);
        break;
    case EID__CLI_ROWS_CSV:
        rows->line = rows->input.line;
        code = eid__cli_csv_next(&rows->csv, row, end);
        break;
    }
    if (code == 0 && !*end) rows->count++;
    if (code == 0 && eid_buf_status(row) != EID_OK) return eid__cli_no_memory(rows->input.cli);
    return code;
}

void eid__cli_rows_place(const eid__cli_rows *rows, char *out, size_t size)
{
    bool line = rows->format != EID__CLI_ROWS_JSON;

    snprintf(out, size, "%s: %s %llu", rows->input.name, line ? "line" : "row",
             (unsigned long long)(line ? rows->line : rows->count));
}

bool eid__cli_row_key(eid_slice row, const char *field, eid_buf *key)
{
    eid_json json;
    bool found = false;

    eid_buf_clear(key);
    eid_json_init(&json, row);
    if (eid_json_next(&json) == EID_JSON_OBJECT) {
        while (!found && eid_json_next(&json) == EID_JSON_KEY) {
            if (!eid_slice_is(json.text, field)) {
                eid_json_skip(&json);
                continue;
            }
            eid_json_next(&json);
            if (json.event != EID_JSON_STRING && json.event != EID_JSON_NUMBER) break;
            eid_buf_append(key, json.text);
            found = true;
        }
    }
    eid_json_fini(&json);
    if (found && (key->len == 0 || memchr(key->at, 0, key->len) != NULL)) found = false;
    eid_buf_append_byte(key, 0);
    return found && eid_buf_status(key) == EID_OK;
}

bool eid__cli_row_exported(eid_slice row, eid_buf *key, eid_slice *inner)
{
    eid_json json;
    bool exported = false;
    const uint8_t *start;

    eid_buf_clear(key);
    eid_json_init(&json, row);
    if (eid_json_next(&json) == EID_JSON_OBJECT && eid_json_next(&json) == EID_JSON_KEY &&
        eid_slice_is(json.text, "key") && eid_json_next(&json) == EID_JSON_STRING) {
        eid_buf_append(key, json.text);
        if (eid_json_next(&json) == EID_JSON_KEY && eid_slice_is(json.text, "row")) {
            start = json.at;
            eid_json_skip(&json);
            *inner = rows_trim(eid_slice_of(start, (size_t)(json.at - start)));
            exported = eid_json_next(&json) == EID_JSON_OBJECT_END && key->len > 0 &&
                       memchr(key->at, 0, key->len) == NULL;
        }
    }
    eid_json_fini(&json);
    eid_buf_append_byte(key, 0);
    return exported && eid_buf_status(key) == EID_OK;
}
