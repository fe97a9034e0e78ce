/* Row list: rows of a table as they are printed, up to a limit. */
#ifndef EID_NODE_CLI_ROW_LIST_H
#define EID_NODE_CLI_ROW_LIST_H

#include "node/cli/listing.h"

typedef struct eid__cli_row_list {
    eid__cli_listing listing; /* begun and ended by the command */
    uint64_t left;            /* how many more; at least 1 */
} eid__cli_row_list;

/* Give one row (JSON), as a callback of the library; false when that was the last. */
bool eid__cli_row_list_add(void *self, const char *key, const char *row);

#endif
