/* A scenario of transactions.json while it runs: names of the scenario and what they stand for
 * here. */
#ifndef EID_TESTS_CONFORMANCE_TRANSACTIONS_CASE_H
#define EID_TESTS_CONFORMANCE_TRANSACTIONS_CASE_H

#include "node/db/engine.h"
#include "node/db/txn.h"
#include "tests/conformance/runner.h"

#define NAMES_MAX 64
#define NODES_MAX 4

typedef struct label {
    const char *name;
    eid_id id;
    eid_entry *entry;
    bool anchored; /* its transaction was begun on given tips */
} label;

/* One node of the scenario ("instance"). */
typedef struct scenario_node {
    const char *name;
    eid_engine *engine;
    const eid_seam *seam;
    bool holds[NAMES_MAX]; /* by label */
    bool stranded;         /* something was committed above a gap */
} scenario_node;

typedef struct handle {
    const char *name;
    scenario_node *at;
    eid_id root;
    bool is_loose; /* allow_unverified */
    bool has_key;
    eid_key key;
    bool has_identity;
    eid_sigkey_owned identity;
} handle;

typedef struct open_txn {
    const char *name;
    handle *db;
    bool has_at;
    eid_txn *txn;
    const char *clone_of;
} open_txn;

typedef struct scenario {
    eid_suite *suite;
    const json_t *keys;
    eid_clock_fixed time;
    eid_clock clock;
    scenario_node nodes[NODES_MAX];
    size_t node_count;
    label labels[NAMES_MAX];
    size_t label_count;
    handle handles[NAMES_MAX];
    size_t handle_count;
    open_txn txns[NAMES_MAX];
    size_t txn_count;
} scenario;

/* -- names and comparing (transactions_case.c) */
/* The id of a label; one that was never stored gets an id of its own. */
eid_id scenario_id(const scenario *run, const char *name);
handle *scenario_handle(scenario *run, const char *name);
open_txn *scenario_txn(scenario *run, const json_t *step);
void scenario_key(const scenario *run, const char *name, eid_key *out);
/* A store that T8 refuses to make: its name begins with '_' and is not one of the system's. */
bool scenario_is_refused(const char *store);
/* Is this list of labels the same set as these ids? Fails the case if not. */
void scenario_check_ids(const scenario *run, const char *what, const json_t *labels,
                        eid_ids actual);
/* The same with ids. */
void scenario_check_set(const scenario *run, const char *what, const eid_idset *expected,
                        eid_ids actual);
/* Is the entry what was `stored`? `anchored`: its transaction was begun on given tips. */
void scenario_check_stored(const scenario *run, const json_t *stored, const eid_entry *entry,
                           bool anchored);

/* -- steps inside a transaction (transactions_ops.c) */
eid_status scenario_do(scenario *run, const json_t *step, const char *op);

/* -- what our decisions make of a scenario (transactions_model.c): from the entries alone, by the
 * plainest means. New: eid_idset_fini(). */
/* Tips of `_settings` that these entries reach (T2, T3). */
void model_settings_tips(const scenario *run, eid_ids from, eid_idset *out);
/* Tips of what a node shows: of the entries it holds with all they are built on, or with `loose` of
 * all it holds. `complete` and `gaps` (may be NULL) get how many there are of each. */
void model_tips(const scenario *run, const scenario_node *at, bool loose, eid_idset *out);
void model_count(const scenario *run, const scenario_node *at, uint64_t *complete, uint64_t *gaps);

#endif
