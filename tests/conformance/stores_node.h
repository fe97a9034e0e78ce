/* A recorded database in a node of ours: what its transactions read and did, and the states of the
 * stores that only a transaction can read. */
#ifndef EID_TESTS_CONFORMANCE_STORES_NODE_H
#define EID_TESTS_CONFORMANCE_STORES_NODE_H

#include "crdt/ydoc.h"
#include "dag/entry.h"
#include "node/db/engine.h"
#include "node/db/txn.h"
#include "tests/conformance/doc_case.h"

typedef struct stores_node {
    eid_suite *suite;
    eid_engine *engine;
    const eid_seam *seam;
    eid_id root;
    const json_t *types;       /* store -> type */
    const json_t *passwords;   /* store -> password; may be NULL */
    eid_entry *const *entries; /* in order of creation */
    size_t entry_count, held;
} stores_node;

/* False after failing the case. End with stores_node_close(). */
bool stores_node_open(stores_node *node, const json_t *test);
void stores_node_close(stores_node *node);
/* Receive entries until the first `count` are held. */
void stores_node_hold(stores_node *node, size_t count);

/* The present state of a store is the recorded one. */
void stores_node_check(stores_node *node, const char *store, const json_t *expected);
/* Run the operations of the recorded transactions, each on the tips it had, and compare what they
 * return. */
void stores_node_replay(stores_node *node, const json_t *txns);

/* Text, map and array of a document are as recorded ({"text":{name:…},"map":…,"array":…}). */
void stores_check_ydoc(eid_suite *suite, const json_t *expected, const eid_ydoc *doc);
/* Unlock an encrypted store with the recorded password, if it is not. */
eid_status stores_unlock(const stores_node *node, eid_txn *txn, const char *store);

#endif
