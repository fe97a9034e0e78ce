/* Text for a terminal: what a peer may have written must not steer it.
 *
 * Control characters, bidirectional overrides, invisible format characters and bytes that are no
 * UTF-8 are shown as escapes. Source: Unicode TR36 §2 and §3; CVE-2021-42574 for the overrides.
 *
 * Any thread.
 */
#ifndef EID_NODE_CLI_TEXT_H
#define EID_NODE_CLI_TEXT_H

#include "dag/bytes.h"

/* Append `text`, on one line: a line end is escaped too. `\u{202e}`, `\x1b`. */
void eid__cli_text_append(eid_buf *out, eid_slice text);
/* Append text that is JSON: the same characters as \uXXXX, which means the same to a JSON reader,
 * so that what is piped on is not changed. The line ends between JSON's tokens stay. */
void eid__cli_text_append_json(eid_buf *out, eid_slice json);
/* Columns that a text will take on a terminal: its characters, with double width for East Asian
 * wide ones and none for combining ones. Good enough for tables. */
size_t eid__cli_text_width(eid_slice text);

#endif
