/* Settle: what the candidates of one store's ledger are, found out when somebody lists.
 *
 * Reads are of a snapshot; what is found out is written down under the database's write lock, so
 * the next list is cheaper. Facts about ancestry are for ever:
 *   the loser is an ancestor of the winner, or of a later edit that does not know the winner:
 *     no edit was lost against its author's will, the row is forgotten;
 *   the loser and the winner are ancestors of a later edit: settled.
 * Who was withdrawn (void, or judged by another rule now) has neither lost nor won: rows of losers
 * are kept and not shown, and for a winner stands who shows instead.
 */
#ifndef EID_NODE_DB_CONFLICT_SETTLE_H
#define EID_NODE_DB_CONFLICT_SETTLE_H

#include "node/db/conflict_ledger.h"
#include "node/db/db_internal.h"
#include "node/db/state_rows.h"

/* Rows of one path that are looked at together; more are looked at in parts. */
#define EID__SETTLE_ROWS_MAX 64u

typedef struct eid__settle {
    eid_engine *engine;
    eid__dbtree *tree;
    eid_slice store; /* borrowed */
    uint32_t database, number;
    eid_kv_view *view;
    eid_at at; /* of the view */
    eid__state_rows rows;
    eid_index_graph *graph;
    eid__ledger ledger; /* of the batch, while the lock is held */
} eid__settle;

/* Begin with a fresh snapshot; end with eid__settle_fini() also after an error. NOT_FOUND bare if
 * the store has no state that can be read. */
EID_MUST_CHECK eid_status eid__settle_init(eid__settle *settle, eid_engine *engine,
                                           eid__dbtree *tree, eid_slice store);
void eid__settle_fini(eid__settle *settle);

/* Turn what was hidden as a whole into rows of its own. Begin anew to see them. */
EID_MUST_CHECK eid_status eid__settle_hides(eid__settle *settle);

typedef struct eid__settle_row {
    eid__loss_row row;
    unsigned old_flags;
    bool is_out;    /* forgotten */
    bool is_absent; /* its entry does not count (now): not shown, and kept */
} eid__settle_row;

/* Losses at one path. */
typedef struct eid__settle_group {
    eid_buf path;
    eid__settle_row rows[EID__SETTLE_ROWS_MAX];
    size_t count;
    bool is_known; /* something shows at the path, or hides it: */
    eid_stamp now;
    bool shows;
    eid_value value;
} eid__settle_group;

/* Look at the group, whose path, rows and count are set, and write down what is found. */
EID_MUST_CHECK eid_status eid__settle_group_look(eid__settle *settle, eid__settle_group *group);

/* Whether an entry is Verified and not void, so that its payload is applied. */
EID_MUST_CHECK eid_status eid__settle_counts(const eid__settle *settle, const eid_id *id,
                                             bool *out);

/* Hold the database's write lock, with `ledger` ready; then write the batch, or forget it after an
 * error, which is passed on. */
void eid__settle_lock(eid__settle *settle);
EID_MUST_CHECK eid_status eid__settle_unlock(eid__settle *settle, eid_status status,
                                             eid_durability durability);

#endif
