/* A scenario of transactions.json while it runs: names of the scenario and what they stand for
 * here. */
#ifndef EID_TESTS_CONFORMANCE_TRANSACTIONS_CASE_H
#define EID_TESTS_CONFORMANCE_TRANSACTIONS_CASE_H

#include "node/db/engine.h"
#include "node/db/txn.h"
#include "tests/conformance/runner.h"

#define NAMES_MAX 64

typedef struct label {
    const char *name;
    eid_id id;
} label;

typedef struct handle {
    const char *name;
    eid_id root;
    bool has_key;
    eid_key key;
    bool has_identity;
    eid_sigkey_owned identity;
} handle;

typedef struct open_txn {
    const char *name;
    const char *db;
    bool has_at;
    eid_txn *txn;
    const char *clone_of;
} open_txn;

typedef struct scenario {
    eid_suite *suite;
    const json_t *keys;
    eid_clock_fixed time;
    eid_clock clock;
    eid_engine *engine;
    const eid_seam *seam;
    label labels[NAMES_MAX];
    size_t label_count;
    handle handles[NAMES_MAX];
    size_t handle_count;
    open_txn txns[NAMES_MAX];
    size_t txn_count;
} scenario;

/* The id of a label; one that was never stored gets an id of its own. */
eid_id scenario_id(const scenario *run, const char *name);
/* Is this list of labels the same set as these ids? Fails the case if not. */
void scenario_check_ids(const scenario *run, const char *what, const json_t *labels,
                        eid_ids actual);
/* Is the entry what was `stored`? `anchored`: its transaction was begun on given tips. */
void scenario_check_stored(const scenario *run, const json_t *stored, const eid_entry *entry,
                           bool anchored);

#endif
