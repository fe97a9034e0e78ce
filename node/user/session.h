/* Session: a user who is logged in, with keys in clear until logout wipes them.
 *
 * Users are rows of `_users`; each has a private database of keys and tracked databases. Formats of
 * spec 06 §2-§6; one password key per user. Works over any seam: with a daemon, keys are decrypted
 * in the client and proven by signature, never sent. Thread-safe (one lock, which is held while the
 * private database is written: whoever is told of that write must not call back into the session).
 */
#ifndef EID_NODE_USER_SESSION_H
#define EID_NODE_USER_SESSION_H

#include "auth/keyring.h"
#include "node/db/txn.h"

typedef struct eid_session eid_session;

/* Log in (spec 06 §7.2). `password` NULL = none given. New: eid_session_logout(). Errors:
 * USER_NOT_FOUND, USER_DUPLICATE, USER_DISABLED, USER_PASSWORD, USER_PASSWORD_REQUIRED,
 * USER_DECRYPT. `device` (NULL with a daemon) signs what only the node itself may write
 * (last_login). */
EID_MUST_CHECK eid_status eid_session_login(const eid_seam *seam, const eid_key *device,
                                            eid_slice username, const eid_slice *password,
                                            eid_session **out);
/* Wipe all keys and free. NULL does nothing. */
void eid_session_logout(eid_session *session);
const eid_seam *eid_session_seam(const eid_session *session);
const char *eid_session_username(const eid_session *session);
const char *eid_session_uuid(const eid_session *session);
/* The user's root key: the default identity. Borrowed. */
const eid_key *eid_session_root_key(const eid_session *session);
EID_MUST_CHECK eid_status eid_session_is_admin(eid_session *session, bool *out);

/* Usernames in `_users`, ascending. */
EID_MUST_CHECK eid_status eid_session_list_users(const eid_seam *seam,
                                                 eid_status (*fn)(void *arg, const char *name),
                                                 void *arg);
/* Add a user; needs admin. Errors: USER_NOT_ADMIN, USER_EXISTS, USER_NAME. */
EID_MUST_CHECK eid_status eid_session_add_user(eid_session *session, eid_slice username,
                                               const eid_slice *password);

/* Make a key an admin of the node, too: Admin(0) in the system databases; needs admin. A key that
 * is one already changes nothing but the record. */
EID_MUST_CHECK eid_status eid_session_grant_admin(eid_session *session, const eid_pubkey *key);

/* Keys: create, list (creation order). Errors: USER_KEY_NOT_FOUND. */
EID_MUST_CHECK eid_status eid_session_add_key(eid_session *session, const char *label,
                                              eid_pubkey *out);
size_t eid_session_key_count(const eid_session *session);
const eid_key *eid_session_key(const eid_session *session,
                               size_t i); /* lent until the next change */
const eid_key *eid_session_find_key(const eid_session *session, const eid_pubkey *key);

/* Create a database with the session's root key (or `key`): mapped and tracked (spec 06 §10.1). */
EID_MUST_CHECK eid_status eid_session_create_database(eid_session *session, const eid_doc *settings,
                                                      const eid_pubkey *key, eid_id *root);
/* The same, from a plan; what is NULL in it is left out. */
typedef struct eid_database_plan {
    const eid_doc *settings; /* without auth */
    const eid_pubkey *key; /* a key of the session; NULL = a new one if key_label, else the root */
    const char *key_label; /* a new key is made under this label; it stays if the rest fails */
    eid_status (*init)(void *self, eid_txn *txn); /* stages stores into the genesis */
    void *self;
} eid_database_plan;
EID_MUST_CHECK eid_status eid_session_build_database(eid_session *session,
                                                     const eid_database_plan *plan, eid_id *root);
/* Key and identity by which this user acts in a database: a mapped key, else the strongest way of
 * any key of the session in its current settings (direct, global, delegated). Its parts are lent
 * until the session ends. Errors: USER_NO_KEY, USER_PENDING. */
EID_MUST_CHECK eid_status eid_session_signer(eid_session *session, const eid_id *root,
                                             eid_signer *out);
/* Remember that `key` acts in `root` under `identity` (NULL = plain), and track the database. */
EID_MUST_CHECK eid_status eid_session_track(eid_session *session, const eid_id *root,
                                            const eid_pubkey *key, const eid_sigkey *identity,
                                            bool sync_enabled);
/* Stop following a database; its mapping stays. Errors: USER_NOT_TRACKED. */
EID_MUST_CHECK eid_status eid_session_untrack(eid_session *session, const eid_id *root);
/* Tracked databases. */
EID_MUST_CHECK eid_status eid_session_tracked(eid_session *session,
                                              eid_status (*fn)(void *arg, const eid_id *root,
                                                               const eid_pubkey *key,
                                                               bool sync_enabled),
                                              void *arg);

#endif
