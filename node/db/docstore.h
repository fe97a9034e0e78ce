/* DocStore: a document store seen through a transaction (spec 03 §9), type "docstore:v0".
 *
 * Paths are keys joined by '.' (crdt/path.h). Reads show what is staged over what was committed;
 * a staged tombstone hides what was (03 §16, S2). Every write opens the store, which registers a
 * new one; `_settings` is open always. An encrypted store that the transaction has unlocked works
 * under its name (password_store.h). The transaction's thread.
 *
 * Not here: walking a document key by key (value_editor.h), its config and heights (registry.h).
 */
#ifndef EID_NODE_DB_DOCSTORE_H
#define EID_NODE_DB_DOCSTORE_H

#include "crdt/list.h"
#include "node/db/txn.h"

#define EID_TYPE_DOCSTORE "docstore:v0"
#define EID_TYPE_TABLE "table:v0"

/* Open the store and nothing more. Errors: STORE_TYPE, STORE_OPERATION (a bad name). */
EID_MUST_CHECK eid_status eid_docstore_open(eid_txn *txn, eid_slice store);
/* Open it and set each live child of `doc` at its root, the keys being paths: what a new database
 * begins with. */
EID_MUST_CHECK eid_status eid_docstore_initialize(eid_txn *txn, eid_slice store,
                                                  const eid_doc *doc);

/* Set a value at a path; takes it. The store is opened (registered) first, except `_settings`. */
EID_MUST_CHECK eid_status eid_docstore_set_take(eid_txn *txn, eid_slice store, eid_slice path,
                                                eid_value *value);
EID_MUST_CHECK eid_status eid_docstore_set_text(eid_txn *txn, eid_slice store, const char *path,
                                                eid_slice text);
/* Stage a tombstone; *was_live false (and nothing staged) if nothing live is there. */
EID_MUST_CHECK eid_status eid_docstore_delete(eid_txn *txn, eid_slice store, eid_slice path,
                                              bool *was_live);
/* What is there: a copy, ended with eid_value_fini(). Errors: KEY_NOT_FOUND. */
EID_MUST_CHECK eid_status eid_docstore_get(eid_txn *txn, eid_slice store, eid_slice path,
                                           eid_value *out);
/* The same if it is of this type. Errors: STORE_TYPE too. */
EID_MUST_CHECK eid_status eid_docstore_get_as(eid_txn *txn, eid_slice store, eid_slice path,
                                              eid_value_type type, eid_value *out);
/* Whether anything live is there; what cannot be read is not. */
bool eid_docstore_has(eid_txn *txn, eid_slice store, eid_slice path);
/* Text at a path as an owned C string. Errors: KEY_NOT_FOUND, STORE_TYPE. New: eid_free(). */
EID_MUST_CHECK eid_status eid_docstore_text(eid_txn *txn, eid_slice store, const char *path,
                                            char **out);

/* -- edits: a read and a write; of concurrent ones the later wins (docstore_edit.c) -------------
 */

/* Set; *old is the live value that was staged there, or Deleted. Takes the value. */
EID_MUST_CHECK eid_status eid_docstore_exchange_take(eid_txn *txn, eid_slice store, eid_slice path,
                                                     eid_value *value, eid_value *old);
/* What is there if it is of the type of *value, else *value, which is then set. Takes *value on
 * success; *out is a copy. */
EID_MUST_CHECK eid_status eid_docstore_get_or_insert_take(eid_txn *txn, eid_slice store,
                                                          eid_slice path, eid_value *value,
                                                          eid_value *out);
/* Change a value by a function that is given a copy of it; when that fails nothing is changed and
 * its status is returned. Errors: KEY_NOT_FOUND. */
typedef eid_status (*eid_docstore_edit_fn)(void *self, eid_value *value);
EID_MUST_CHECK eid_status eid_docstore_modify(eid_txn *txn, eid_slice store, eid_slice path,
                                              eid_docstore_edit_fn edit, void *self);
/* The same of *value where nothing of its type is. Takes *value on success. */
EID_MUST_CHECK eid_status eid_docstore_modify_or_insert_take(eid_txn *txn, eid_slice store,
                                                             eid_slice path, eid_value *value,
                                                             eid_docstore_edit_fn edit, void *self);
/* Add to an integer, which begins as 0; *sum may be NULL. Errors: STORE_TYPE (something else is
 * there), STORE_OPERATION (the sum leaves 64 bits). */
EID_MUST_CHECK eid_status eid_docstore_add(eid_txn *txn, eid_slice store, eid_slice path,
                                           int64_t delta, int64_t *sum);

#endif
