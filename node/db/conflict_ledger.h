/* Ledger: the rows by which this node remembers edits that lost, in the `state` family.
 *
 * Keys: database number, store number, a kind byte, the key of the path (crdt/state.h), and for the
 * first two kinds the loser's stamp. What is of one path lies together, older losers first.
 *   LOSS    what the loser wrote there does not show; value: flags, stamp of the winner
 *   PRUNED  it was, and the user has seen enough of it; never becomes a LOSS again
 *   HIDE    a byte more, that of children or of elements (eid_state_notes): they were hidden;
 *           value: the stamps of the entries that did so
 * A LOSS is a candidate until somebody lists: whether the loser was an ancestor of the winner, so
 * that its author meant it, needs a walk through history, and writing must not wait for that.
 * Forgetting a database forgets them with its state. One thread; what `at` names must outlive it.
 */
#ifndef EID_NODE_DB_CONFLICT_LEDGER_H
#define EID_NODE_DB_CONFLICT_LEDGER_H

#include "crdt/state.h"
#include "storage/index.h"

typedef enum eid__ledger_kind {
    EID__LEDGER_LOSS = 0x10,
    EID__LEDGER_PRUNED = 0x11,
    EID__LEDGER_HIDE = 0x12,
} eid__ledger_kind;

#define EID__LEDGER_PREFIX_BYTES 9u
/* Beyond it, the oldest goes: what lies below then counts as hidden by one of the others. */
#define EID__LEDGER_HIDERS_MAX 8u

#define EID__LOSS_CONFIRMED 0x01u /* loser and winner are concurrent */
#define EID__LOSS_SETTLED 0x02u   /* somebody who had both has written there since */
#define EID__LOSS_LOOKED 0x04u    /* compared with the other losers at the path */

typedef struct eid__ledger {
    eid_at at;
    uint32_t database, store;
    eid_buf key, value; /* of the present call; reused */
} eid__ledger;

void eid__ledger_init(eid__ledger *ledger, const eid_at *at, uint32_t database, uint32_t store);
void eid__ledger_fini(eid__ledger *ledger);

/* A LOSS, read. `path` is borrowed from the key. */
typedef struct eid__loss_row {
    eid_slice path;
    eid_stamp loser, winner;
    unsigned flags;
} eid__loss_row;

typedef struct eid__hiders {
    eid_stamp at[EID__LEDGER_HIDERS_MAX]; /* ascending */
    size_t count;
} eid__hiders;

/* Note a loss, unless it was noted or pruned before: the first note stays. Writes to the batch;
 * *bytes (may be NULL) grows by what was written. */
EID_MUST_CHECK eid_status eid__ledger_note(eid__ledger *ledger, const eid__loss_row *row,
                                           size_t *bytes);
/* Note one who hides. */
EID_MUST_CHECK eid_status eid__ledger_hide(eid__ledger *ledger, eid_slice path, uint8_t space,
                                           const eid_stamp *hider);
/* Who hid what is `under`, a path and the byte of a space; nobody is no error. */
EID_MUST_CHECK eid_status eid__ledger_hiders(eid__ledger *ledger, eid_slice under,
                                             eid__hiders *out);

/* Change a row that was read somewhere else before, if it is still there. Writes to the batch. */
typedef enum eid__loss_change {
    EID__LOSS_KEEP,   /* with the flags of the row given, if they are still the old ones */
    EID__LOSS_FORGET, /* it was none, if likewise */
    EID__LOSS_PRUNE,  /* for good */
} eid__loss_change;
EID_MUST_CHECK eid_status eid__ledger_change(eid__ledger *ledger, const eid__loss_row *row,
                                             unsigned old_flags, eid__loss_change change);
/* Losers at a path that were PRUNED, the first `max`; not from a batch. */
EID_MUST_CHECK eid_status eid__ledger_pruned(eid__ledger *ledger, eid_slice path, eid_stamp *out,
                                             size_t max, size_t *count);
/* Delete a HIDE if it still has these hiders. */
EID_MUST_CHECK eid_status eid__ledger_unhide(eid__ledger *ledger, eid_slice under,
                                             const eid__hiders *old);

/* Walking rows of a kind: the prefix of their keys, and what a pair says. Errors: STORE_CORRUPT. */
void eid__ledger_prefix(const eid__ledger *ledger, eid__ledger_kind kind,
                        uint8_t out[EID__LEDGER_PREFIX_BYTES]);
EID_MUST_CHECK eid_status eid__ledger_read_loss(eid_slice key, eid_slice value, eid__loss_row *out);
EID_MUST_CHECK eid_status eid__ledger_read_hiders(eid_slice value, eid__hiders *out);
/* The key behind the prefix of a LOSS, for a walk that begins behind it. */
void eid__ledger_loss_key(const eid__loss_row *row, eid_buf *out);

#endif
