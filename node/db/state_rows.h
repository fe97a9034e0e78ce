/* State rows: the rows of crdt/state.h in the `state` family.
 *
 * Keys: database number, store number, a kind byte, then (for rows) the key that the state engine
 * gave. Another kind is the mark "opaque": the store holds a payload that is no Doc (encrypted, a
 * text document, malformed), so there is nothing that a reader could be given. One thread; what
 * `at` names must outlive it.
 */
#ifndef EID_NODE_DB_STATE_ROWS_H
#define EID_NODE_DB_STATE_ROWS_H

#include "crdt/state.h"
#include "storage/index.h"

#define EID__STATE_PREFIX_BYTES 9u
/* Rows that one payload may make, in bytes of keys and values. Long names above many children cost
 * their length for each, so a payload could otherwise ask for thousands of times its size. */
#define EID__STATE_BYTES_MAX (16u * 1024u * 1024u)

/* The kind byte. */
enum {
    EID__STATE_OPAQUE = 0,
    EID__STATE_ROW = 1,
    EID__STATE_INDEX_MARKS = 2, /* row_index.h */
    EID__STATE_INDEX_PAIR = 3,
};

typedef struct eid__state_rows {
    eid_at at;
    uint8_t prefix[EID__STATE_PREFIX_BYTES];
    eid_buf key;      /* of the present call; reused */
    size_t bytes;     /* put so far */
    bool is_over;     /* more than EID__STATE_BYTES_MAX were asked for */
    bool is_rootless; /* it is known that there is no record of the root: it is not looked for */
    bool wrote_root;  /* a record of the root was put */
    eid_state_rows rows;
} eid__state_rows;

/* Begin. With a batch the rows can be written and not scanned (applying never scans); without one
 * they can be scanned and not written. `rows` points into the struct, which must not move. End with
 * eid__state_rows_fini(). */
void eid__state_rows_init(eid__state_rows *rows, const eid_at *at, uint32_t database,
                          uint32_t store);
void eid__state_rows_fini(eid__state_rows *rows);

/* Whether the store is marked opaque. */
EID_MUST_CHECK eid_status eid__state_is_opaque(const eid_at *at, uint32_t database, uint32_t store,
                                               bool *out);
/* Whether the state has a record of its root: only a payload that replaces the whole store makes
 * one, and without one a read needs the rows on its path alone. */
EID_MUST_CHECK eid_status eid__state_has_root(const eid_at *at, uint32_t database, uint32_t store,
                                              bool *out);

/* Apply what an entry that has just become Verified writes: each store's payload, or the mark.
 * `_root`, nodes without data and empty payloads write nothing. *marked tells that a store became
 * (or was) opaque, or got a record of its root. Errors: those of storage; never for what the
 * payload holds. */
EID_MUST_CHECK eid_status eid__state_apply_entry(eid_batch *batch, uint32_t database,
                                                 const eid_entry *entry, bool *marked);

/* The same when a state is made again: all entries of the store, parents first, with the tips of a
 * replay (conflict_notes.h; NULL = those of the index). */
typedef struct eid__replay eid__replay;
EID_MUST_CHECK eid_status eid__state_replay_entry(eid_batch *batch, uint32_t database,
                                                  const eid_entry *entry, eid__replay *replay,
                                                  bool *marked);
/* How often this process has applied an entry, replays included; for measurements. Any thread. */
uint64_t eid_state_applied(void);
/* Delete what is made from entries, for it to be made again: rows, mark and pairs of indexes. The
 * ledger of conflicts stays: what is noted once more changes nothing. */
EID_MUST_CHECK eid_status eid__state_drop(eid_batch *batch, uint32_t database, uint32_t store);

#endif
