/* CSV: comma-separated values with a header, as objects of texts.
 *
 * Source: RFC 4180; a byte-order mark in front and LF without CR are accepted too.
 */
#ifndef EID_NODE_CLI_CSV_H
#define EID_NODE_CLI_CSV_H

#include "node/cli/input.h"

#define EID__CLI_CSV_COLUMNS_MAX 1024

typedef struct eid__cli_csv {
    eid__cli_input *input; /* borrowed */
    eid_buf names;         /* the header's fields, each with a zero behind it */
    size_t count;          /* of them */
    eid_buf field;
} eid__cli_csv;

/* Read the header. Gives an exit code; end it with eid__cli_csv_fini() in any case. */
int eid__cli_csv_begin(eid__cli_csv *csv, eid__cli_input *input);
void eid__cli_csv_fini(eid__cli_csv *csv);
/* Append the next record as a JSON object of strings; *end if there is none. Exit code. */
int eid__cli_csv_next(eid__cli_csv *csv, eid_buf *json, bool *end);

#endif
