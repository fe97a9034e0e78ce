/* Rows out of a file: a JSON array, JSON lines, or CSV, told apart by name and beginning.
 *
 * JSON lines and CSV are read as they come; a JSON array is read whole. An object with exactly one
 * member that is an array counts as that array, as in the files of iso-codes.
 */
#ifndef EID_NODE_CLI_ROWS_H
#define EID_NODE_CLI_ROWS_H

#include "dag/json.h"
#include "node/cli/csv.h"
#include "node/cli/input.h"

#define EID__CLI_JSON_MAX ((size_t)1024 * 1024 * 1024) /* of a file that is read whole */

typedef enum eid__cli_rows_format {
    EID__CLI_ROWS_JSON,
    EID__CLI_ROWS_LINES,
    EID__CLI_ROWS_CSV,
} eid__cli_rows_format;

typedef struct eid__cli_rows {
    eid__cli_input input;
    eid__cli_rows_format format;
    eid__cli_csv csv;
    eid_buf whole;  /* JSON: the file; LINES: a first line that was read ahead */
    eid_json json;  /* JSON: stands inside the array */
    bool one;       /* JSON: there is one row, which is the file */
    bool ahead;     /* LINES: `whole` is the next line */
    uint64_t count; /* given so far */
    uint64_t line;  /* where the last row began; 0 = not known */
} eid__cli_rows;

/* Open; `format` is the option's word or NULL. Exit code; end with eid__cli_rows_close() always. */
int eid__cli_rows_open(eid__cli_rows *rows, eid__cli *cli, const char *path, const char *format);
void eid__cli_rows_close(eid__cli_rows *rows);
/* Put the next row's JSON into `row`, which is cleared; *end if there is none. Exit code. */
int eid__cli_rows_next(eid__cli_rows *rows, eid_buf *row, bool *end);
/* Where the last row was: "file.csv: line 12". */
void eid__cli_rows_place(const eid__cli_rows *rows, char *out, size_t size);

/* The value of a row's member `field` if that is a text or an integer, as text, into `key`
 * (cleared, with a zero behind). False if there is none such. */
bool eid__cli_row_key(eid_slice row, const char *field, eid_buf *key);
/* Whether a row is one that `table export` wrote, {"key":"…","row":…} and nothing else; then the
 * key (with a zero behind) and the row inside. */
bool eid__cli_row_exported(eid_slice row, eid_buf *key, eid_slice *inner);

#endif
