/* Password store: any other store, sealed under a password (spec 03 §13), type
 * "encrypted:password:v0".
 *
 * The key is made of the password by Argon2id, payloads are sealed with AES-256-GCM before they are
 * signed; a node without the password keeps and passes on what it cannot read. A transaction
 * unlocks a store for itself: from then on the functions of what it wraps (docstore.h, table.h,
 * ydoc_store.h) work on it under its name, and what was committed is folded in this process. A
 * store's password cannot be changed. The transaction's thread.
 *
 * Not here: what the registry says of such a store (password_record.h).
 */
#ifndef EID_NODE_DB_PASSWORD_STORE_H
#define EID_NODE_DB_PASSWORD_STORE_H

#include "auth/keyring.h"
#include "node/db/txn.h"

#define EID_TYPE_PASSWORD "encrypted:password:v0"

typedef enum eid_password_state {
    EID_PASSWORD_UNINITIALIZED, /* registered, but nobody has given it a password */
    EID_PASSWORD_LOCKED,
    EID_PASSWORD_UNLOCKED, /* in this transaction */
} eid_password_state;

/* A store's key, for those who unlock it often: making it takes a moment. Wipe it. */
typedef struct eid_password_key {
    eid_wrap wrap;
} eid_password_key;
void eid_password_key_wipe(eid_password_key *key);

/* Load a store; a new one is registered. Errors: STORE_TYPE (it is another store), STORE_DECODE and
 * STORE_CONFIG (its record), STORE_OPERATION (a bad name). */
EID_MUST_CHECK eid_status eid_password_store_load(eid_txn *txn, eid_slice store,
                                                  eid_password_state *out);
/* Give an uninitialised store its password and say what it wraps: the type of a document, table or
 * text document, and its config (NULL = empty). It is unlocked then. Errors: STORE_OPERATION
 * (initialised before, or a type that cannot be wrapped). */
EID_MUST_CHECK eid_status eid_password_store_initialize(eid_txn *txn, eid_slice store,
                                                        eid_slice password, const char *type,
                                                        const eid_doc *config);
/* Unlock it; `type` (NULL = any) is what it must wrap. Errors: STORE_PASSWORD (wrong, or the record
 * was altered), STORE_TYPE, STORE_OPERATION (not initialised, or unlocked already, which it
 * stays), STORE_SEALED, STORE_CONFIG, STORE_DECODE (a bad record), LIMIT (a record that asks for
 * too much work). */
EID_MUST_CHECK eid_status eid_password_store_open(eid_txn *txn, eid_slice store, eid_slice password,
                                                  const char *type);
/* The type of what an unlocked store wraps. Borrowed. Errors: STORE_OPERATION (not unlocked). */
EID_MUST_CHECK eid_status eid_password_store_inner(eid_txn *txn, eid_slice store, const char **out);

/* Make the key without unlocking; that it is the right one is found out by
 * eid_password_store_open_key(). Errors: as of open. */
EID_MUST_CHECK eid_status eid_password_store_key(eid_txn *txn, eid_slice store, eid_slice password,
                                                 eid_password_key *out);
/* Unlock with a key. Errors: as of open. */
EID_MUST_CHECK eid_status eid_password_store_open_key(eid_txn *txn, eid_slice store,
                                                      const eid_password_key *key,
                                                      const char *type);

#endif
