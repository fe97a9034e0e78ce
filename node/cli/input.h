/* Input: a file of the user's, or standard input, read byte by byte with its place.
 *
 * Errors are reported with the file's name and line. The main thread's.
 */
#ifndef EID_NODE_CLI_INPUT_H
#define EID_NODE_CLI_INPUT_H

#include <stdio.h>

#include "node/cli/cli.h"

#define EID__CLI_LINE_MAX (16u * 1024u * 1024u) /* of one line or CSV record */

typedef struct eid__cli_input {
    eid__cli *cli;
    FILE *file;
    const char *name; /* borrowed; "standard input" for "-" */
    uint64_t line;    /* of the next byte, from 1 */
    uint64_t bytes;   /* read so far */
    uint64_t total;   /* of a file; 0 = not known */
} eid__cli_input;

/* Open `path`, borrowed; "-" is standard input. Gives an exit code. */
int eid__cli_input_open(eid__cli_input *input, eid__cli *cli, const char *path);
void eid__cli_input_close(eid__cli_input *input);
/* The next byte, or EOF. */
int eid__cli_input_get(eid__cli_input *input);
/* Put the byte that was just read back. */
void eid__cli_input_unget(eid__cli_input *input, int byte);
/* Read a line without its end, after what the buffer holds already. *end is true if there was none
 * left. Gives an exit code. */
int eid__cli_input_line(eid__cli_input *input, eid_buf *line, bool *end);
/* Append all that is left. */
int eid__cli_input_rest(eid__cli_input *input, eid_buf *out);
/* Report that the file cannot be read (after EOF with an error of the system). 0 if it was its end.
 */
int eid__cli_input_check(eid__cli_input *input);

#endif
