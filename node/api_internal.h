/* What the files of the public interface share. Private to api_*.c.
 *
 * The interface translates: texts to ids and keys, callbacks of the seam to callbacks of C
 * programs, statuses one to one. Whatever it does goes over the seam, so that it is the same with a
 * daemon.
 */
#ifndef EID_NODE_API_INTERNAL_H
#define EID_NODE_API_INTERNAL_H

#include <pthread.h>

#include "auth/key.h"
#include "auth/permission.h"
#include "auth/settings.h"
#include "dag/entry.h"
#include "dag/json.h"
#include "node/eidetica.h"
#include "storage/index.h"

typedef struct eid_engine eid_engine;
typedef struct eid_seam eid_seam;
typedef struct eid_session eid_session;
typedef struct eid_db_info eid_db_info;
typedef struct eid_txn eid_txn;
typedef struct eid_signer eid_signer;
typedef struct eid_service_client eid_service_client;
typedef struct eid_service_server eid_service_server;
typedef struct eid_sync_service eid_sync_service;
typedef struct eid__api_unlocked eid__api_unlocked;
typedef struct eid_text_writers eid_text_writers;

#define EID__API_JSON_MAX (64u * 1024u * 1024u) /* of a value or a report */

struct eidetica_instance {
    eid_engine *engine;         /* NULL = a daemon has the data */
    eid_service_client *client; /* to the daemon, nobody logged in; NULL = none */
    const eid_seam *seam;
    char *socket; /* the daemon's; NULL = none */
    eid_key key;  /* the device's; only pub is set with a daemon */
    char device[EID_KEY_TEXT_MAX];
    pthread_mutex_t lock; /* of what follows */
    eid_sync_service *sync;
    eid_service_server *server;
    eidetica_user *users; /* logged in, last one first */
};

struct eidetica_user {
    eidetica_instance *instance;
    eid_service_client *client; /* the user's own connection; NULL without a daemon */
    const eid_seam *seam;
    eid_session *session;
    char key[EID_KEY_TEXT_MAX];
    eidetica_user *next;
};

struct eidetica_db {
    eidetica_user *user;
    const eid_seam *seam;
    eid_id root;
    char root_text[EID_ID_TEXT_MAX];
    bool is_loose;         /* reads and builds on entries that are not verified yet */
    const eid_key *signer; /* the key that signs plainly here; NULL = to be found each time */
    pthread_mutex_t unlocked_lock; /* of the next */
    eid__api_unlocked *unlocked;   /* encrypted stores that are open on this handle */
    eid_text_writers *writers;     /* of its text documents; NULL = none */
};

struct eidetica_txn {
    eidetica_db *db;
    eid_txn *txn;
};

/* Remember a status for eidetica_last_error() and give its public form. A bare NOT_FOUND or AGAIN
 * must have been given a reason before. */
eidetica_status eid__api_end(eid_status status);
/* An argument that must not be NULL. */
EID_MUST_CHECK eid_status eid__api_need(const void *argument, const char *name);

/* A user of a session that is logged in; takes client (may be NULL) and session. */
EID_MUST_CHECK eid_status eid__api_user_new_take(eidetica_instance *instance,
                                                 eid_service_client **client, eid_session **session,
                                                 eidetica_user **out);
/* The seam for calls that belong to no user: with a daemon, that of one who is logged in. */
const eid_seam *eid__api_instance_seam(eidetica_instance *instance);
/* seam.control, and what this process answers itself (node/service/answers.h). */
EID_MUST_CHECK eid_status eid__api_control(eidetica_instance *instance, const eid_seam *seam,
                                           const char *method, eid_slice args, eid_buf *out);
/* The same, giving the answer's JSON. New: eidetica_free(). */
EID_MUST_CHECK eid_status eid__api_control_text(eidetica_instance *instance, const char *method,
                                                eid_slice args, char **json);
/* Arguments {"root":R} (left out if NULL) and {"timeout_ms":n} (if has_timeout). */
void eid__api_root_args(const char *root, bool has_timeout, uint64_t timeout_ms, eid_buf *out);

/* Whether a database is one of the node's own. */
bool eid__api_is_system(const eid_seam *seam, const eid_db_info *info);
/* Find a database by root id, prefix of one, or name. Errors: DATABASE_NOT_FOUND,
 * DATABASE_AMBIGUOUS. */
EID_MUST_CHECK eid_status eid__api_find(eidetica_user *user, const char *root_or_name, eid_id *out);
/* A transaction that only reads what the handle sees. New: eid_txn_free(). */
EID_MUST_CHECK eid_status eid__api_reader(eidetica_db *db, eid_txn **out);
/* Unlock in a transaction what is unlocked on the handle (api_store.c); and wipe all keys. */
EID_MUST_CHECK eid_status eid__api_unlock_all(eidetica_db *db, eid_txn *txn);
void eid__api_lock_all(eidetica_db *db);
/* A cursor: ids of tips as text, separated by commas; "" = none. Parsed ones are added to *out. */
EID_MUST_CHECK eid_status eid__api_cursor_parse(const char *cursor, eid_idset *out);
void eid__api_cursor_write(eid_ids tips, eid_buf *out);
/* New: eidetica_free(). */
EID_MUST_CHECK eid_status eid__api_cursor_text(eid_ids tips, char **out);
/* The entries that a revocation keeps out. */
EID_MUST_CHECK eid_status eid__api_void_ids(eidetica_db *db, eid_idset *out);
/* How an entry stands, in a word; `voids` are those. */
const char *eid__api_standing(const eid_entry *entry, eid_verdict verdict, const eid_idset *voids);
/* Give one entry to a callback of the public interface; AGAIN bare if it has seen enough. */
EID_MUST_CHECK eid_status eid__api_entry_give(const eid_entry *entry, const char *standing,
                                              bool (*each)(void *self, const eidetica_entry *entry),
                                              void *self);
/* Open what was found. */
EID_MUST_CHECK eid_status eid__api_db_open(eidetica_user *user, const eid_id *root,
                                           eidetica_db **out);
/* Who signs what the user writes here. Errors: those of eid_session_signer(). */
EID_MUST_CHECK eid_status eid__api_signer(const eidetica_db *db, eid_signer *out);
/* The strongest permission of any of the user's keys; false if there is none. */
bool eid__api_permission(eidetica_user *user, const eid_id *root, const eid_policy *policy,
                         eid_permission *out);
/* Change the settings in one entry of the user's, who must be admin of the database; `stage` is
 * given the rights as they are and the strongest permission of the user's. Errors: those of `stage`
 * and of a commit. */
typedef struct eid__api_change {
    eidetica_db *db;
    eid_txn *txn;
    eid_policy *policy;
    eid_permission own;
    void *arg;
} eid__api_change;
EID_MUST_CHECK eid_status eid__api_change_settings(eidetica_db *db,
                                                   eid_status (*stage)(eid__api_change *change),
                                                   void *arg);
/* Whether the user is admin of the database or of the node. Errors: AUTH_PERMISSION. */
EID_MUST_CHECK eid_status eid__api_need_admin(eidetica_user *user, const eid_id *root);

/* A zero-terminated list of texts that grows. */
typedef struct eid__api_texts {
    const char **at;
    size_t count, cap;
    eid_buf bytes; /* all of them; `at` is set by eid__api_texts_end() */
    size_t *offsets;
} eid__api_texts;
void eid__api_texts_init(eid__api_texts *texts);
void eid__api_texts_fini(eid__api_texts *texts);
EID_MUST_CHECK eid_status eid__api_texts_add(eid__api_texts *texts, eid_slice text);
EID_MUST_CHECK eid_status eid__api_texts_add_ids(eid__api_texts *texts, eid_ids ids);
/* Set `at`, which is good until the next change. */
EID_MUST_CHECK eid_status eid__api_texts_end(eid__api_texts *texts);

#endif
