/* A field at a time, straight from the file: a record may span lines, so there is no line to split.
 */
#include "node/cli/csv.h"

#include <string.h>

#include "dag/json.h"

typedef enum csv_after { CSV_MORE, CSV_RECORD_END, CSV_FILE_END, CSV_WRONG } csv_after;

/* What a byte after a field means. */
static csv_after csv_separator(eid__cli_input *input, int byte)
{
    if (byte == ',') return CSV_MORE;
    if (byte == '\n') return CSV_RECORD_END;
    if (byte == EOF) return CSV_FILE_END;
    if (byte != '\r') return CSV_WRONG;
    byte = eid__cli_input_get(input);
    if (byte == '\n') return CSV_RECORD_END;
    return byte == EOF ? CSV_FILE_END : CSV_WRONG;
}

static csv_after csv_quoted(eid__cli_csv *csv)
{
    for (;;) {
        int byte = eid__cli_input_get(csv->input);

        if (byte == EOF) return CSV_WRONG;
        if (byte == '"') {
            byte = eid__cli_input_get(csv->input);
            if (byte != '"') return csv_separator(csv->input, byte);
        }
        eid_buf_append_byte(&csv->field, (uint8_t)byte);
    }
}

static csv_after csv_plain(eid__cli_csv *csv, int byte)
{
    for (; byte != ',' && byte != '\n' && byte != '\r' && byte != EOF;
         byte = eid__cli_input_get(csv->input)) {
        if (byte == '"') return CSV_WRONG;
        eid_buf_append_byte(&csv->field, (uint8_t)byte);
    }
    return csv_separator(csv->input, byte);
}

static csv_after csv_field(eid__cli_csv *csv)
{
    int byte = eid__cli_input_get(csv->input);

    eid_buf_clear(&csv->field);
    return byte == '"' ? csv_quoted(csv) : csv_plain(csv, byte);
}

static int csv_refuse(eid__cli_csv *csv, uint64_t line, const char *why)
{
    int code = eid__cli_input_check(csv->input);

    if (code != 0) return code;
    return eid__cli_refuse(csv->input->cli, EIDETICA_MALFORMED, "reading the CSV file",
                           "see RFC 4180; a field with a comma, a quote or a line end is quoted",
                           "%s: line %llu: %s", csv->input->name, (unsigned long long)line, why);
}

static const char *csv_field_wrong(const eid__cli_csv *csv)
{
    if (csv->field.status != EID_OK) return "a field is too long";
    if (!eid_slice_is_utf8(eid_buf_slice(&csv->field))) return "a field is not UTF-8";
    if (csv->field.len > 0 && memchr(csv->field.at, 0, csv->field.len) != NULL) {
        return "a field has a zero byte";
    }
    return NULL;
}

static void csv_skip_mark(eid__cli_input *input)
{
    int byte = eid__cli_input_get(input);

    if (byte != 0xef) {
        eid__cli_input_unget(input, byte);
        return;
    }
    eid__cli_input_get(input); /* 0xbb 0xbf: anything else is refused as no UTF-8 */
    eid__cli_input_get(input);
}

static bool csv_has_name(const eid__cli_csv *csv, const char *name)
{
    const char *at = (const char *)csv->names.at;

    for (size_t i = 0; i < csv->count; i++, at += strlen(at) + 1) {
        if (strcmp(at, name) == 0) return true;
    }
    return false;
}

int eid__cli_csv_begin(eid__cli_csv *csv, eid__cli_input *input)
{
    csv_after after;

    *csv = (eid__cli_csv){.input = input};
    eid_buf_init(&csv->names, EID__CLI_LINE_MAX);
    eid_buf_init(&csv->field, EID__CLI_LINE_MAX);
    csv_skip_mark(input);
    do {
        const char *wrong;

        after = csv_field(csv);
        wrong = after == CSV_WRONG ? "the header is no CSV" : csv_field_wrong(csv);
        eid_buf_append_byte(&csv->field, 0);
        if (wrong == NULL && csv->field.status != EID_OK) wrong = "the header is too long";
        if (wrong == NULL && csv->field.len < 2) wrong = "a column has no name";
        if (wrong == NULL && csv_has_name(csv, (const char *)csv->field.at)) {
            wrong = "two columns have the same name";
        }
        if (csv->count == EID__CLI_CSV_COLUMNS_MAX) wrong = "there are too many columns";
        if (wrong != NULL) return csv_refuse(csv, 1, wrong);
        eid_buf_append(&csv->names, eid_buf_slice(&csv->field));
        if (csv->names.status != EID_OK) return csv_refuse(csv, 1, "the header is too long");
        csv->count++;
    } while (after == CSV_MORE);
    return 0;
}

void eid__cli_csv_fini(eid__cli_csv *csv)
{
    eid_buf_fini(&csv->names);
    eid_buf_fini(&csv->field);
}

static bool csv_at_end(eid__cli_csv *csv)
{
    int byte = eid__cli_input_get(csv->input);

    while (csv->count > 1 && (byte == '\n' || byte == '\r')) { /* empty lines */
        byte = eid__cli_input_get(csv->input);
    }
    eid__cli_input_unget(csv->input, byte);
    return byte == EOF;
}

int eid__cli_csv_next(eid__cli_csv *csv, eid_buf *json, bool *end)
{
    const char *name = (const char *)csv->names.at;
    eid_json_writer writer;
    csv_after after = CSV_MORE;
    uint64_t line;

    *end = csv_at_end(csv);
    if (*end) return eid__cli_input_check(csv->input);
    line = csv->input->line;
    eid_json_writer_init(&writer, json);
    eid_json_object(&writer);
    for (size_t i = 0; i < csv->count; i++, name += strlen(name) + 1) {
        const char *wrong = after == CSV_MORE ? NULL : "fewer fields than the header has";

        if (wrong == NULL) after = csv_field(csv);
        if (wrong == NULL && after == CSV_WRONG) wrong = "a quote that does not end, or is inside";
        if (wrong == NULL) wrong = csv_field_wrong(csv);
        if (wrong != NULL) return csv_refuse(csv, line, wrong);
        eid_json_key(&writer, name);
        eid_json_string(&writer, eid_buf_slice(&csv->field));
    }
    if (after == CSV_MORE) return csv_refuse(csv, line, "more fields than the header has");
    eid_json_object_end(&writer);
    return 0;
}
