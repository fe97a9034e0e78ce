/* Transaction: staged changes of several stores, committed as one signed entry.
 *
 * Reads see what is staged. Nothing is visible elsewhere before commit; a failed commit keeps the
 * staged changes and may be repeated; a second commit is refused. One thread at a time.
 *
 * Not here: typed access to stores (docstore.h, table.h, registry.h, settings.h).
 * Source: spec 04 §5-§8 with the decisions T1-T3, T8, S2, S3 of specs 04 §14 and 03 §16.
 */
#ifndef EID_NODE_DB_TXN_H
#define EID_NODE_DB_TXN_H

#include "node/db/seam.h"
#include "node/db/text_writers.h"

typedef struct eid_txn eid_txn;

/* Signer: key and the identity put into entries; both are copied. */
typedef struct eid_signer {
    const eid_key *key;
    const eid_sigkey *identity; /* NULL = the key's plain pubkey hint */
} eid_signer;

/* Begin on the visible tips, or on `at`. signer NULL = read only (commit: TXN_NO_KEY). The context
 * is fetched when first needed. New: eid_txn_free(). */
EID_MUST_CHECK eid_status eid_txn_begin(const eid_seam *seam, const eid_id *root,
                                        const eid_signer *signer, const eid_idset *at,
                                        eid_txn **out);
/* Begin on every tip that is held and not Failed, whether it was found good yet or not: what is
 * read may be wrong, and what is committed stays Unverified until the rest has come. New:
 * eid_txn_free(). */
EID_MUST_CHECK eid_status eid_txn_begin_loose(const eid_seam *seam, const eid_id *root,
                                              const eid_signer *signer, eid_txn **out);
/* Begin on the visible tips, let `fn` stage, and commit; if fn fails nothing is stored and its
 * status is returned. */
EID_MUST_CHECK eid_status eid_txn_run(const eid_seam *seam, const eid_id *root,
                                      const eid_signer *signer,
                                      eid_status (*fn)(void *self, eid_txn *txn), void *self,
                                      eid_id *id);
void eid_txn_free(eid_txn *txn);
/* Edit text documents under the numbers of a handle (text_writers.h), which is ref'd. Set it before
 * anything is edited. */
void eid_txn_set_writers(eid_txn *txn, eid_text_writers *writers);
/* The tips that are built on. Borrowed from the transaction. */
EID_MUST_CHECK eid_status eid_txn_tips(eid_txn *txn, eid_ids *out);
const eid_seam *eid_txn_seam(const eid_txn *txn);
const eid_id *eid_txn_root(const eid_txn *txn);
/* Merged `_settings` and `_index` with what is staged on top. New: eid_doc_free(). Errors:
 * TXN_LOCKED_STORE inside the initialiser of a new database. */
EID_MUST_CHECK eid_status eid_txn_settings(eid_txn *txn, eid_doc **out);
EID_MUST_CHECK eid_status eid_txn_index(eid_txn *txn, eid_doc **out);

/* Open a store: an unregistered one is registered as `type` ("docstore:v0", "table:v0"); a
 * registered one must be of that type. Errors: STORE_TYPE, STORE_OPERATION (bad name: '.' in it,
 * longer than 255 bytes, a new name that begins with '_'). An empty name is refused when the
 * transaction commits.  */
EID_MUST_CHECK eid_status eid_txn_open_store(eid_txn *txn, eid_slice name, const char *type);
/* The staged Doc of a store, made if missing; changes to it are what the entry will carry.
 * Borrowed. */
EID_MUST_CHECK eid_status eid_txn_staged(eid_txn *txn, eid_slice name, eid_doc **out);
/* The staged Doc or NULL. Borrowed. */
eid_doc *eid_txn_peek_staged(eid_txn *txn, eid_slice name);
/* A committed value at a path as of the transaction's tips, staged changes left out; Deleted and
 * absent are NOT_FOUND (bare). */
EID_MUST_CHECK eid_status eid_txn_base_value(eid_txn *txn, eid_slice store, const eid_slice *path,
                                             size_t count, eid_value *out);
/* Staged over committed (spec 03 §9.2 with S2: staged tombstones hide). NOT_FOUND: kind
 * KEY_NOT_FOUND. */
EID_MUST_CHECK eid_status eid_txn_get(eid_txn *txn, eid_slice store, eid_slice path,
                                      eid_value *out);

/* The whole of a store as of the transaction's tips with what is staged on top; empty if nothing is
 * there. New: eid_doc_free(). Errors: STORE_DECODE if it is no document. */
EID_MUST_CHECK eid_status eid_txn_doc(eid_txn *txn, eid_slice store, eid_doc **out);

/* Build, sign, judge, store. *id is the new entry. Errors: TXN_NO_KEY, TXN_REFUSED, TXN_COMMITTED,
 * TXN_AUTH_CORRUPT, ENTRY_TOO_BIG, CRDT_DEPTH, DISK_FULL, … */
EID_MUST_CHECK eid_status eid_txn_commit(eid_txn *txn, eid_durability durability, eid_id *id);

/* Create a database: `settings` (may be NULL; must not hold auth) gets auth.keys[signer] =
 * Admin(0); `init` (may be NULL) may stage stores into the genesis. Errors: AUTH_CONFIG,
 * TXN_LOCKED_STORE, … */
EID_MUST_CHECK eid_status eid_txn_create_database(const eid_seam *seam, const eid_doc *settings,
                                                  const eid_key *signer,
                                                  eid_status (*init)(void *self, eid_txn *txn),
                                                  void *self, eid_id *root);

#endif
