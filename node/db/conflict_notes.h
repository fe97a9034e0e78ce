/* Notes: what applying an entry to a store adds to the ledger of conflicts.
 *
 * An entry whose store parents are all of the store's visible tips has seen whatever is there: it
 * costs one look at tips that are in the batch already, and writes nothing. Any other may have lost
 * edits or made others lose them, and writes one candidate for each path where that may be so. So
 * of concurrent writes at a path at least those are noted that no other write there builds on,
 * whatever the order of arrival: whichever of two comes second meets the other, or a write that is
 * later than the other, which then lost to it.
 */
#ifndef EID_NODE_DB_CONFLICT_NOTES_H
#define EID_NODE_DB_CONFLICT_NOTES_H

#include "dag/entry.h"
#include "node/db/conflict_ledger.h"
#include "node/db/state_rows.h"

/* Tips of stores as they were when entries are applied that have joined the index before: a state
 * is made again from its beginning, or they had to wait. Entries come parents first. A zeroed
 * struct is at the beginning; end it with eid__replay_fini(). */
typedef struct eid__replay_store {
    char *name; /* owned */
    size_t name_len;
    bool is_open; /* something was there before: it is not known what the tips were */
    eid_idset tips;
} eid__replay_store;
struct eid__replay {
    const eid_at *at; /* not NULL = stores that have a state already are open; with `database` */
    uint32_t database;
    eid__replay_store *stores;
    size_t count, cap;
};
void eid__replay_fini(eid__replay *replay);
/* What is known of an entry: whether all tips before it were its parents. */
typedef enum eid__covers { EID__COVERS_ASK, EID__COVERS_NO, EID__COVERS_ALL } eid__covers;
/* Move the tips of a store on over an entry, also one that writes nothing or does not count. */
EID_MUST_CHECK eid_status eid__replay_move(eid__replay *replay, const eid_entry *entry,
                                           const eid_subtree *subtree, eid__covers *covers);

typedef struct eid__notes {
    eid__ledger ledger;
    const eid_entry *entry;
    const eid_subtree *subtree;
    const eid_stamp *stamp;
    eid__covers covers;
    size_t bytes;
    eid_state_notes notes;
} eid__notes;

/* Begin for one entry and one of its stores, whose tips have been moved already unless it is a
 * replay. `notes` points into the struct, which must not move. End with eid__notes_fini(). */
void eid__notes_init(eid__notes *notes, const eid_at *at, const uint32_t numbers[2],
                     const eid_stamp *stamp);
void eid__notes_fini(eid__notes *notes);

#endif
