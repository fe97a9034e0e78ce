/* Seam: what transactions, stores, users and the public API ask of whoever holds the data.
 *
 * Two sides implement it: the engine in this process (engine.h) and the client of a daemon's socket
 * (service/client.h). Everything above is written once, so a command does the same with a daemon
 * running as without one. All calls are synchronous and thread-safe.
 *
 * Source: spec 02 §5 "Seam used by databases", spec 07 §2.
 */
#ifndef EID_NODE_DB_SEAM_H
#define EID_NODE_DB_SEAM_H

#include "auth/delegate.h"
#include "crdt/doc.h"
#include "dag/clock.h"
#include "dag/entry.h"
#include "dag/graph.h"
#include "dag/random.h"
#include "node/db/conflict.h"
#include "storage/index.h"

/* Tips of one store as a new entry would name them. */
typedef struct eid_store_context {
    char *name;
    eid_idset parents;
    uint64_t height_max; /* greatest effective store height of the parents */
} eid_store_context;

/* What a transaction needs to build its entry. End with eid_txn_context_fini(). */
typedef struct eid_txn_context {
    eid_idset parents;   /* main tips that are built on */
    uint64_t height_max; /* their greatest height */
    eid_store_context *stores;
    size_t store_count;
    eid_idset settings_tips; /* the pin: `_settings` tips reachable from `parents` */
    eid_doc *settings;       /* merged `_settings` there */
    eid_doc *index;          /* merged `_index` there (small; types and height strategies) */
} eid_txn_context;
void eid_txn_context_fini(eid_txn_context *context);

/* Of one database. Texts are owned. End with eid_db_info_fini(). */
typedef struct eid_db_info {
    eid_id root;
    char *name;     /* of the settings; NULL if none */
    char *type;     /* settings `type` ("system", "user"); NULL if none */
    eid_idset tips; /* visible */
    eid_index_counts counts;
    bool has_genesis;
    bool strict;
    bool shared; /* this node serves it to peers who may read it */
} eid_db_info;
void eid_db_info_fini(eid_db_info *info);

/* Something was written and is visible. Ids are lent. */
typedef struct eid_write_event {
    eid_id root;
    eid_ids previous; /* this subscriber's cursor before: visible tips */
    eid_ids post;     /* and after */
    bool is_remote;   /* entries came from a peer */
    eid_ids
        added;   /* the entries in between, Verified, parents first; bounded by EID_EVENT_IDS_MAX */
    bool is_cut; /* there are more than `added` holds: use the log */
} eid_write_event;
#define EID_EVENT_IDS_MAX 65536u
typedef void (*eid_write_fn)(void *self, const eid_write_event *event);

typedef struct eid_seam eid_seam;
struct eid_seam {
    void *self;
    const eid_clock *clock;
    const eid_random *random;
    bool is_remote; /* a daemon holds the data; logging in and reading go through its gate */

    /* Device key of the instance, and its three system databases (empty id = none). */
    eid_status (*instance)(void *self, eid_pubkey *device, eid_id *users_db, eid_id *databases_db,
                           eid_id *sync_db);
    /* Databases held here, ascending by id; fn is given each. */
    eid_status (*databases)(void *self, eid_status (*fn)(void *arg, const eid_db_info *info),
                            void *arg);
    /* NOT_FOUND bare if nothing of it is held. */
    eid_status (*info)(void *self, const eid_id *root, eid_db_info *out);

    /* Context for a transaction over these stores; `_settings` and `_index` are always the first
     * two. `at` NULL = the visible tips now, else exactly those tips (TXN_EMPTY_TIPS,
     * ENTRY_NOT_FOUND, TXN_TIP). */
    eid_status (*begin)(void *self, const eid_id *root, const eid_slice *stores, size_t store_count,
                        const eid_idset *at, eid_txn_context *out);
    /* Store a signed entry of ours: verified here like any other, durable when it returns, events
     * fired. A genesis makes its database. *verdict may be UNVERIFIED when its parents are. Errors:
     * TXN_REFUSED (judged invalid; nothing is stored), DISK_FULL, ENTRY_STRUCTURE, … */
    eid_status (*submit)(void *self, const eid_id *root, const eid_entry *entry,
                         eid_durability durability, eid_verdict *verdict);
    /* The same for an entry that the caller has made and signed just now in this process (a
     * transaction's commit): its signature is not checked a second time. NULL = use submit. Never
     * for bytes that came from elsewhere. */
    eid_status (*submit_own)(void *self, const eid_id *root, const eid_entry *entry,
                             eid_durability durability, eid_verdict *verdict);

    /* The same for an entry that gives rights back to a database whose settings hold none any more:
     * it is judged by what it stages. That holds on this node only (spec 04 §8, T7); others refuse
     * it. Never for entries that came from elsewhere; with a daemon for admins of the node. */
    eid_status (*repair)(void *self, const eid_id *root, const eid_entry *entry,
                         eid_durability durability, eid_verdict *verdict);

    /* Where the database stands: its visible tips, or with `loose` every tip that is held and not
     * Failed. An unknown database has none. New: eid_idset_fini(). */
    eid_status (*tips)(void *self, const eid_id *root, bool loose, eid_idset *out);
    /* Verified entries that `post` reaches and `previous` does not, parents first (spec 02 §10). fn
     * answers EID_E_AGAIN to stop. Errors: ENTRY_NOT_FOUND. */
    eid_status (*added)(void *self, const eid_id *root, eid_ids previous, eid_ids post,
                        eid_status (*fn)(void *arg, const eid_id *id), void *arg);

    /* Current visible state; path = child names verbatim. Tombstones are given as Deleted.
     * NOT_FOUND bare if nothing is there. */
    eid_status (*value)(void *self, const eid_id *root, eid_slice store, const eid_slice *path,
                        size_t count, eid_value *out);
    /* The whole store as a Doc (small stores, views, exports). */
    eid_status (*doc)(void *self, const eid_id *root, eid_slice store, eid_doc **out);
    /* Children of the store's root in key order after `after`; fn answers EID_E_AGAIN to stop. */
    eid_status (*children)(void *self, const eid_id *root, eid_slice store, bool has_after,
                           eid_slice after,
                           eid_status (*fn)(void *arg, eid_slice name, const eid_value *value),
                           void *arg);
    /* State of a store at historical main tips, by the naive fold. */
    eid_status (*doc_at)(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                         eid_doc **out);
    /* Payloads of a store at main tips, in store order, as they are: for stores whose data is no
     * document here, encrypted ones and text documents. fn answers EID_E_AGAIN to stop. */
    eid_status (*payloads)(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                           eid_status (*fn)(void *arg, eid_slice payload), void *arg);
    /* The text document of a store at main tips: all its updates as one (crdt/ydoc.h), appended.
     * Errors: STORE_DECODE, STORE_YDOC. */
    eid_status (*text)(void *self, const eid_id *root, eid_slice store, eid_ids tips, eid_buf *out);
    /* Rows of a table whose member `field` equals a JSON scalar, in key order: by this node's index
     * on it if there is one, else by looking at each row. fn as of children. Errors: JSON,
     * STORE_OPERATION (no scalar). */
    eid_status (*find)(void *self, const eid_id *root, eid_slice store, eid_slice field,
                       eid_slice json,
                       eid_status (*fn)(void *arg, eid_slice key, const eid_value *row), void *arg);
    /* Keep an index on a member of a table's rows, at this node only, or drop it. */
    eid_status (*set_index)(void *self, const eid_id *root, eid_slice store, eid_slice field,
                            bool on);
    /* The members with an index, ascending; fn as of children. */
    eid_status (*indexes)(void *self, const eid_id *root, eid_slice store,
                          eid_status (*fn)(void *arg, eid_slice field), void *arg);

    /* One entry of the tree, with its verdict. NOT_FOUND bare; NOT_IN_DATABASE. New:
     * eid_entry_free(). */
    eid_status (*entry)(void *self, const eid_id *root, const eid_id *id, eid_entry **out,
                        eid_verdict *verdict);
    /* Entries in (height, id) order from an item on (NULL = the first), any verdict; or backward
     * from the last. fn answers EID_E_AGAIN to stop. */
    eid_status (*entries)(void *self, const eid_id *root, const eid_order_item *from, bool backward,
                          eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict),
                          void *arg);

    /* Edits that lost against concurrent ones, by store, path and age, from this node's ledger. */
    eid_status (*conflicts)(void *self, const eid_id *root, const eid_conflict_query *query,
                            eid_conflict_fn fn, void *arg);
    /* Forget them for good, at this node only. *pruned is how many of them were listed. Durable
     * when it returns. */
    eid_status (*prune_conflicts)(void *self, const eid_id *root, const eid_conflict_query *query,
                                  uint64_t *pruned);

    /* Be told of visible writes. `since` NULL = from now; a cursor (visible tips seen before) =
     * first one event for what came after it. fn runs on a thread of ours, events of one tree in
     * order, never after unsubscribe() has returned. */
    eid_status (*subscribe)(void *self, const eid_id *root, const eid_idset *since, eid_write_fn fn,
                            void *arg, uint64_t *subscription);
    void (*unsubscribe)(void *self, uint64_t subscription);

    /* Raw received entries (import, sync): stored, verified, counted. Parents may be missing. */
    eid_status (*ingest)(void *self, const eid_slice *entries, size_t count, uint64_t *stored,
                         uint64_t *visible);
    eid_status (*set_strict)(void *self, const eid_id *root, bool strict);
    eid_status (*set_shared)(void *self, const eid_id *root, bool shared);
    eid_status (*forget)(void *self, const eid_id *root);
    /* Check everything: hashes, signatures, tips against a full walk, state against the fold.
     * `report` gets one line of text per finding; OK with *findings 0 if all is well. */
    eid_status (*check)(void *self, const eid_id *root, eid_buf *report, uint64_t *findings);
    /* Every way in which a key may act in a database now: directly, by the grant to everybody, or
     * through a database that this one delegates to; strongest first. A daemon tells it of proven
     * keys only. New: eid_found_ways_fini(). */
    eid_status (*sigkeys)(void *self, const eid_id *root, const eid_pubkey *key,
                          eid_found_ways *out);
    /* Prove a key to a daemon so that it may be acted under; nothing to do locally. */
    eid_status (*prove)(void *self, const eid_key *key);
    /* Sync and administration calls that the engine's process answers: method and JSON arguments
     * in, JSON out (node/sync/control.h lists them). `progress` (may be NULL) is given JSON texts
     * meanwhile. */
    eid_status (*control)(void *self, const char *method, eid_slice args,
                          void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out);
};

#endif
