/* SVG: a history as a drawing that any browser shows, with nothing outside the file.
 *
 * Entries are cards in layers by height, the newest on top, coloured by signer; tips are framed and
 * marked, entries that are not verified are dashed. Pointing at a card tells more.
 */
#ifndef EID_NODE_CLI_SVG_H
#define EID_NODE_CLI_SVG_H

#include "node/cli/history.h"

#define EID__CLI_SVG_ENTRIES_MAX 2000

/* Append the drawing. False without memory. Changes the lanes. */
bool eid__cli_svg_draw(eid__cli_history *history, const char *title, eid_buf *out);

#endif
