/* What the files of a transaction share: its parts, and access to stores without the checks that
 * are made of callers. Private to node/db/txn*.c, registry.c, docstore.c and table.c. */
#ifndef EID_NODE_DB_TXN_INTERNAL_H
#define EID_NODE_DB_TXN_INTERNAL_H

#include "crdt/ydoc.h"
#include "node/db/txn.h"

/* How the payloads of a store are sealed outside of the transaction (an encrypted store). */
typedef struct eid__txn_seal {
    void *self;
    /* Append the sealed form of a payload, and the payload of a sealed form. */
    eid_status (*seal)(void *self, eid_slice plain, eid_buf *out);
    eid_status (*open)(void *self, eid_slice sealed, eid_buf *out);
    void (*free)(void *self);
} eid__txn_seal;

/* One store that the transaction has touched. */
typedef struct eid__txn_store {
    char *name; /* owned; `name_len` bytes and a zero */
    size_t name_len;
    eid_doc *staged;      /* what the entry will carry; NULL = nothing so far */
    eid_doc *past;        /* the state at historical tips once it was read, else NULL */
    eid_ydoc *text;       /* a text document: what was committed with what was edited; owned */
    eid_buf text_base;    /* state vector of what was committed */
    uint32_t text_client; /* under which it is edited, */
    uint32_t text_clock;  /* and that client's clock in what was committed */
    bool is_text_edited;  /* then the entry carries what is new in it, */
    bool is_text_whole;   /* or all of it */
    char *inner_type;     /* what a sealed store wraps; NULL = not sealed; owned */
    eid__txn_seal seal;   /* if inner_type; owned */
    eid_doc *moved; /* names of children that others wrote since the transaction's tips, or NULL */
    bool has_moved; /* the same of all of them */
    bool is_open;   /* a node of it may go into the entry even without data */
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
    eid_idset seen; /* visible tips up to which it is known which stores moved; empty = its own */
    bool all_moved; /* every store counts as moved */
    eid_text_writers *writers; /* NULL = every transaction draws its own numbers */
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
/* State of a store at the tips of the transaction, folded once. Borrowed. */
EID_MUST_CHECK eid_status eid__txn_past(eid_txn *txn, eid_slice name, const eid_doc **out);
/* Know the parents of these stores. With `cheaply`, only if nothing was written to the database
 * since the transaction began (a walk over its graph is needed otherwise). */
EID_MUST_CHECK eid_status eid__txn_need_parents(eid_txn *txn, const eid_slice *names, size_t count,
                                                bool cheaply);
/* As eid_txn_open_store(), for access through a store's own functions: a sealed store that this
 * transaction has opened counts as what it wraps. */
EID_MUST_CHECK eid_status eid__txn_open_as(eid_txn *txn, eid_slice name, const char *type);

/* -- the present and the transaction's tips (txn_now.c) */
/* Whether a store's present state, read before, is that of the transaction's tips. */
EID_MUST_CHECK eid_status eid__txn_is_now(eid_txn *txn, eid_slice name, bool *out);
/* The same of what is in one child of its root. */
EID_MUST_CHECK eid_status eid__txn_is_key_now(eid_txn *txn, eid_slice name, const eid_slice *key,
                                              bool *out);
/* Committed children of a store as of the transaction's tips, as seam.children gives them; a store
 * that is not there has none. Whether fn has stopped it is fn's to know. */
EID_MUST_CHECK eid_status eid__txn_base_children(
    eid_txn *txn, eid_slice store, bool has_after, eid_slice after,
    eid_status (*fn)(void *arg, eid_slice name, const eid_value *value), void *arg);

/* -- stores that are no Docs here (txn_payload.c) */
/* Seal a store in this transaction; takes the seal on every way. */
EID_MUST_CHECK eid_status eid__txn_set_seal_take(eid_txn *txn, eid_slice name,
                                                 const char *inner_type, eid__txn_seal *seal);
/* The type of what a store wraps; NULL if it is not sealed here. Borrowed. */
const char *eid__txn_inner_type(eid_txn *txn, eid_slice name);
/* What was committed to a store as of the transaction's tips, in store order, unsealed. */
EID_MUST_CHECK eid_status eid__txn_payloads(eid_txn *txn, eid_slice name,
                                            eid_status (*fn)(void *arg, eid_slice payload),
                                            void *arg);
/* The same as a Doc. New: eid_doc_free(). */
EID_MUST_CHECK eid_status eid__txn_fold(eid_txn *txn, eid_slice name, eid_doc **out);
/* The payload that the entry will carry, appended; nothing if there is none. */
EID_MUST_CHECK eid_status eid__txn_write_payload(const eid__txn_store *store, eid_buf *out);
/* Give the numbers of text documents back, as far as they can be used again. */
void eid__txn_keep_writers(eid_txn *txn);
bool eid__txn_has_payload(const eid__txn_store *store);
void eid__txn_store_fini(eid__txn_store *store);
/* Refuse a system store while the initialiser of a new database runs. Errors: TXN_LOCKED_STORE. */
EID_MUST_CHECK eid_status eid__txn_check_lock(const eid_txn *txn, eid_slice name);
/* `_settings`, `_index` or `_root`. */
bool eid__txn_is_system(eid_slice name);

#endif
