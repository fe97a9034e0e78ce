/* What the files of a session share. Private to this folder. */
#ifndef EID_NODE_USER_SESSION_INTERNAL_H
#define EID_NODE_USER_SESSION_INTERNAL_H

#include <pthread.h>

#include "node/user/session.h"
#include "node/user/user_rows.h"

#define EID__USERNAME_MAX 128u /* bytes; our rule for new names (spec 06 §7.1) */
#define EID__ROW_MAX (1024u * 1024u)

/* One key of the session, in clear. */
typedef struct eid__session_key {
    eid_key key;
    eid_user_key row;
    char *row_key;  /* under which the row is stored; NULL = it is not */
    bool is_proven; /* to a daemon */
} eid__session_key;

struct eid_session {
    pthread_mutex_t *lock; /* of keys and identities, and of changes to their rows */
    const eid_seam *seam;
    char *username, *uuid;
    eid_id database; /* private */
    eid_id users_db, databases_db;
    eid_pubkey device;
    bool has_wrap; /* there is a password */
    eid_wrap wrap;
    eid__session_key **keys; /* in creation order */
    size_t key_count;
    eid__session_key *root;        /* one of keys */
    eid_sigkey_owned **identities; /* lent by eid_session_signer() until the session ends */
    size_t identity_count;
};

/* session_keys.c */
void eid__session_key_free(eid__session_key *key);
/* Load and decrypt all keys of the private database; the root key comes from `info`. */
EID_MUST_CHECK eid_status eid__session_load_keys(eid_session *session, const eid_user_info *info,
                                                 const eid_key *root);
/* NULL if not held. The lock is held by the caller. */
eid__session_key *eid__session_find(const eid_session *session, const eid_pubkey *key);
/* Write the row of a key (a new one if it has none) into a transaction on the private database. */
EID_MUST_CHECK eid_status eid__session_put_row(eid_txn *txn, const eid_user_key *row,
                                               const char *row_key, char made_key[37]);
/* A transaction on the private database, signed by the root key. */
EID_MUST_CHECK eid_status eid__session_begin(const eid_session *session, eid_txn **out);
/* Prove a key to a daemon, once. */
EID_MUST_CHECK eid_status eid__session_prove(eid_session *session, eid__session_key *key);

/* user_find.c */
/* The system databases and the device key. Errors: INSTANCE_NOT_INITIALIZED. */
EID_MUST_CHECK eid_status eid__users_database(const eid_seam *seam, eid_id *users_db,
                                              eid_id *databases_db, eid_pubkey *device);
/* Give each user that can be read; fn may take the parts of `info` and answer EID_E_AGAIN to stop.
 */
EID_MUST_CHECK eid_status eid__users_each(const eid_seam *seam,
                                          eid_status (*fn)(void *self, eid_slice uuid,
                                                           eid_user_info *info),
                                          void *self);
/* The one user of a name, from `_users` or, with a daemon, from its answer. *uuid: eid_free().
 * Errors: USER_NOT_FOUND, USER_DUPLICATE. */
EID_MUST_CHECK eid_status eid__user_find(const eid_seam *seam, eid_slice username,
                                         eid_user_info *info, char **uuid);
/* Whether `_users` holds any row. */
EID_MUST_CHECK eid_status eid__user_any(const eid_seam *seam, bool *out);

/* user_create.c */
/* Whether a new user may be called so. Errors: USER_NAME. */
EID_MUST_CHECK eid_status eid__user_check_name(eid_slice name);
/* Make an account: private database, row; the first one becomes admin. `signer` writes to `_users`.
 * Errors: USER_NAME, USER_EXISTS. */
EID_MUST_CHECK eid_status eid__user_create(const eid_seam *seam, const eid_key *signer,
                                           eid_slice username, const eid_slice *password);
/* Settings {name, type, description} of a system database; `description` may be NULL. */
EID_MUST_CHECK eid_status eid__user_settings(const char *type, eid_slice name,
                                             const char *description, eid_doc **out);

/* admin.c */
/* Make `to` an admin if nobody but the device is one. */
EID_MUST_CHECK eid_status eid__admin_grant_first(const eid_seam *seam, const eid_key *signer,
                                                 const eid_pubkey *to);

#endif
