/* What the files of a transaction share: its parts, and access to stores without the checks that
 * are made of callers. Private to node/db/txn*.c, registry.c, docstore.c and table.c. */
#ifndef EID_NODE_DB_TXN_INTERNAL_H
#define EID_NODE_DB_TXN_INTERNAL_H

#include "node/db/txn.h"

/* One store that the transaction has touched. */
typedef struct eid__txn_store {
    char *name; /* owned; `name_len` bytes and a zero */
    size_t name_len;
    eid_doc *staged; /* what the entry will carry; NULL = nothing so far */
    eid_doc *past;   /* the state at historical tips once it was read, else NULL */
    bool is_open;    /* a node of it may go into the entry even without data */
    bool has_parents;
    eid_idset parents;   /* the store's tips as of the tips that are built on */
    uint64_t height_max; /* greatest store height of them */
} eid__txn_store;

struct eid_txn {
    const eid_seam *seam;
    eid_id root; /* empty for a genesis */
    bool has_signer;
    eid_key key;
    eid_sigkey_owned identity;
    bool has_at;
    eid_idset at;
    bool is_genesis;
    bool is_locked; /* the initialiser of a new database runs: system stores are closed */
    bool is_committed;
    uint64_t entropy; /* of a genesis */
    bool has_context;
    eid_txn_context context;
    eid__txn_store *stores;
    size_t store_count, store_cap;
};

/* New: eid_txn_free(). `signer` may be NULL. */
EID_MUST_CHECK eid_status eid__txn_new(const eid_seam *seam, const eid_id *root,
                                       const eid_signer *signer, eid_txn **out);
/* Have parents, settings and index; fixes the tips that are built on. */
EID_MUST_CHECK eid_status eid__txn_need_context(eid_txn *txn);
/* The record of a store; NULL if not touched. Borrowed until another store is touched. */
eid__txn_store *eid__txn_find(eid_txn *txn, eid_slice name);
/* The same, made if missing. */
EID_MUST_CHECK eid_status eid__txn_touch(eid_txn *txn, eid_slice name, eid__txn_store **out);
/* The staged Doc of any store, made if missing; no lock, no registration. Borrowed. */
EID_MUST_CHECK eid_status eid__txn_stage(eid_txn *txn, eid_slice name, eid_doc **out);
/* State of a store at the historical tips of the transaction, read once. Borrowed. */
EID_MUST_CHECK eid_status eid__txn_past(eid_txn *txn, eid_slice name, const eid_doc **out);
/* Know the parents of these stores. With `cheaply`, only if nothing was written to the database
 * since the transaction began (a walk over its graph is needed otherwise). */
EID_MUST_CHECK eid_status eid__txn_need_parents(eid_txn *txn, const eid_slice *names, size_t count,
                                                bool cheaply);
/* `_settings`, `_index` or `_root`. */
bool eid__txn_is_system(eid_slice name);

#endif
