/* History: entries of a database in memory, newest first, with their edges; to be drawn.
 *
 * Parents stand behind their children. The main thread's.
 */
#ifndef EID_NODE_CLI_HISTORY_H
#define EID_NODE_CLI_HISTORY_H

#include "node/cli/cli.h"

#define EID__CLI_POINT_NONE SIZE_MAX /* an entry that was not read */

typedef struct eid__cli_edge {
    size_t parent; /* its place in the history, or EID__CLI_POINT_NONE */
    size_t lane;   /* where the edge runs; lanes.h sets it */
} eid__cli_edge;

typedef struct eid__cli_point {
    char *id, *signer, *stores, *verdict; /* stores: names joined by commas */
    char *parent_ids;                     /* one after the other, each with a zero behind */
    uint64_t height;
    size_t bytes;
    size_t edge_count;
    eid__cli_edge *edges;
    bool tip;    /* no entry that was read has it as a parent */
    size_t lane; /* lanes.h sets it */
} eid__cli_point;

typedef struct eid__cli_history {
    eid__cli_point *points;
    size_t count, cap;
    uint64_t max; /* as many are read */
    bool cut;     /* there are more */
    bool broken;  /* no memory */
} eid__cli_history;

/* Read the newest `max` entries of cli->db that change `store` (NULL = all). Exit code; end it with
 * eid__cli_history_fini() in any case. */
int eid__cli_history_read(eid__cli_history *history, eid__cli *cli, const char *store,
                          uint64_t max);
void eid__cli_history_fini(eid__cli_history *history);
/* Add an entry (which is borrowed); false if there is no room or no memory for it. */
bool eid__cli_history_add(eid__cli_history *history, const eidetica_entry *entry);
/* After the last: sort, and find the edges and tips. False without memory. */
bool eid__cli_history_link(eid__cli_history *history);

/* "ed25519:8Wc…" for a long name, into `out`; for people. */
void eid__cli_short_name(const char *name, char *out, size_t size);

#endif
