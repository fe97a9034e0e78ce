/* Wake: databases whose entries wait for an entry of another one are judged again when it arrives
 * or is decided (delegations, auth/delegate.h).
 *
 * Who waits for what is kept in the store, by the id that is awaited, in the batch that leaves the
 * entry undecided; so a write costs one look-up for each entry that it brings, and none as long as
 * nobody in this store ever waited. No two databases are locked at once: a write first ends, then
 * those that it woke are judged one after the other. Between the look of one and the write of the
 * other nothing is lost, since both look again after they have written: the one that waits for what
 * it awaits, the other for who waits.
 *
 * Belongs to one write, under the write lock of its database, until eid__wake_run().
 */
#ifndef EID_NODE_DB_WAKE_H
#define EID_NODE_DB_WAKE_H

#include "auth/verify.h"

typedef struct eid_engine eid_engine;
typedef struct eid__write eid__write;

typedef struct eid__wake_pair {
    eid_id awaited;
    eid_id root; /* of the database that waits */
    int stood;   /* how the awaited one stood when it was found wanting; 0 = absent */
} eid__wake_pair;

typedef struct eid__wake_pairs {
    eid__wake_pair *at;
    size_t count, cap;
} eid__wake_pairs;

/* A zeroed struct is empty. */
typedef struct eid__wake {
    eid_id *settled; /* arrived or decided since the last commit */
    size_t settled_count, settled_cap;
    eid__wake_pairs asked; /* of this database, since the last commit */
    eid__wake_pairs woken; /* to be judged again */
} eid__wake;

/* An entry of the database has arrived or was decided. */
EID_MUST_CHECK eid_status eid__wake_note(eid__wake *wake, const eid_id *id);
/* An entry of the database waits for this one, which may be of any. */
EID_MUST_CHECK eid_status eid__wake_await(eid__write *write, const eid_awaited *awaited);
/* After the batch was written: find who is to be woken. What fails is logged, and done when the
 * store is opened next. */
void eid__wake_find(eid__write *write);
/* Judge the databases that were woken, and those that these wake; no lock may be held. Ends what
 * `wake` holds. */
void eid__wake_run(eid_engine *engine, eid__wake *wake);

#endif
