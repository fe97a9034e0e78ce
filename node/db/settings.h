/* Settings store: a database's name, height strategy and rights, in its `_settings` (spec 03 §12).
 *
 * Reads show what the transaction has staged over what was committed; writes stage only the path
 * that changes. Whether the signer may change settings is judged when the transaction commits. Not
 * here: what the rights mean (auth/settings.h).
 */
#ifndef EID_NODE_DB_SETTINGS_H
#define EID_NODE_DB_SETTINGS_H

#include "node/db/txn.h"

/* The text of `name`. Errors: KEY_NOT_FOUND, STORE_TYPE. New: eid_free(). */
EID_MUST_CHECK eid_status eid_settings_store_name(eid_txn *txn, char **out);
EID_MUST_CHECK eid_status eid_settings_store_set_name(eid_txn *txn, eid_slice name);
/* How entries get their height; Incremental when never set. Errors: CRDT_DECODE. */
EID_MUST_CHECK eid_status eid_settings_store_strategy(eid_txn *txn, eid_height_strategy *out);
EID_MUST_CHECK eid_status eid_settings_store_set_strategy(eid_txn *txn,
                                                          eid_height_strategy strategy);
/* The rights as they would be after a commit. New: eid_policy_free(). */
EID_MUST_CHECK eid_status eid_settings_store_policy(eid_txn *txn, eid_policy **out);
/* Grant: insert or replace the record of a key, or of everybody ("global"). */
EID_MUST_CHECK eid_status eid_settings_store_put_key(eid_txn *txn, const eid_auth_key *key);
EID_MUST_CHECK eid_status eid_settings_store_put_global(eid_txn *txn, const eid_auth_key *key);
/* Set the record's status to Revoked; again is allowed. Errors: AUTH_KEY_NOT_FOUND,
 * AUTH_KEY_FORMAT. */
EID_MUST_CHECK eid_status eid_settings_store_revoke_key(eid_txn *txn, const eid_pubkey *key);
EID_MUST_CHECK eid_status eid_settings_store_revoke_global(eid_txn *txn);
/* Rename a key; `name` NULL takes its name away. Errors as for revoking. */
EID_MUST_CHECK eid_status eid_settings_store_rename_key(eid_txn *txn, const eid_pubkey *key,
                                                        const char *name);

/* Let an entry in again that a revocation keeps out, or keep it out again (auth/REVOCATION.md). */
EID_MUST_CHECK eid_status eid_settings_store_readmit(eid_txn *txn, const eid_id *entry, bool yes);

/* A key's record, or everybody's, as it would be after a commit. End with eid_auth_key_fini().
 * Errors as for revoking. */
EID_MUST_CHECK eid_status eid_settings_store_find_key(eid_txn *txn, const eid_pubkey *key,
                                                      eid_auth_key *out);
EID_MUST_CHECK eid_status eid_settings_store_find_global(eid_txn *txn, eid_auth_key *out);
/* Let the keys of another database act, within bounds; replaces the record of that database. */
EID_MUST_CHECK eid_status eid_settings_store_put_delegation(eid_txn *txn,
                                                            const eid_delegation *delegation);
/* The `auth` document as it would be after a commit, empty if there is none. New: eid_doc_free().
 */
EID_MUST_CHECK eid_status eid_settings_store_auth(eid_txn *txn, eid_doc **out);

/* The stored form of a height strategy: JSON text ("\"timestamp\""); false if it is none. */
bool eid_settings_strategy_parse(eid_slice json, eid_height_strategy *out);
const char *eid_settings_strategy_json(eid_height_strategy strategy);
/* The strategy in a merged `_settings` Doc; Incremental if absent or unreadable. */
eid_height_strategy eid_settings_strategy_of(const eid_doc *settings);

#endif
