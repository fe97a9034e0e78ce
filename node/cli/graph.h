/* Graph: a history as lines of text, like `git log --graph`. */
#ifndef EID_NODE_CLI_GRAPH_H
#define EID_NODE_CLI_GRAPH_H

#include "node/cli/history.h"

typedef struct eid__cli_graph_style {
    bool unicode; /* lines; else ASCII */
    bool colour;
} eid__cli_graph_style;

/* Append the drawing; text of entries is escaped. False without memory. Changes the lanes. */
bool eid__cli_graph_draw(eid__cli_history *history, const eid__cli_graph_style *style,
                         eid_buf *out);

#endif
