/* What the files of the server share: logins, connections, subscriptions. Private to this folder.
 *
 * Locks: `lock` of the server guards the list of connections and of logins, `lock` of a login its
 * keys, `lock` of a notifier its subscriptions; none is taken while another is held, but a
 * connection's `write`, which is held while a frame is written and taken last.
 */
#ifndef EID_NODE_SERVICE_SERVER_INTERNAL_H
#define EID_NODE_SERVICE_SERVER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/settings.h"
#include "node/service/codec.h"
#include "node/service/pending.h"
#include "node/service/server.h"

#define EID__CHALLENGE_BYTES 32u
#define EID__TOKEN_BYTES 32u
#define EID__LOGIN_KEYS_MAX 4096u
#define EID__KEY_CHALLENGES_MAX 64u
#define EID__SUBSCRIPTIONS_MAX 4096u /* of one connection */

/* Who is logged in: keys that were proven. Shared by the connections that attached to it. */
typedef struct eid__login {
    size_t refs; /* the server's lock, as the next two */
    bool has_token;
    struct eid__login *next;
    uint8_t token[EID__TOKEN_BYTES];
    eid_pubkey key; /* by which the user logged in */
    pthread_mutex_t lock;
    eid_pubkey *keys; /* all that were proven, `key` first */
    size_t key_count;
} eid__login;

typedef enum eid__stage {
    EID__STAGE_NOBODY,   /* PreAuth */
    EID__STAGE_ASKED,    /* AwaitingProof */
    EID__STAGE_LOGGED_IN /* Authenticated */
} eid__stage;

typedef struct eid__key_challenge {
    eid_pubkey key;
    uint8_t bytes[EID__CHALLENGE_BYTES];
} eid__key_challenge;

typedef struct eid__notifier eid__notifier;

typedef struct eid__connection {
    eid_service_server *server;
    int fd;
    pthread_t thread;
    atomic_bool is_done; /* its thread is about to end */
    struct eid__connection *next;

    /* its thread's */
    eid__stage stage;
    eid_pubkey asked; /* the key that has to sign `challenge` */
    uint8_t challenge[EID__CHALLENGE_BYTES];
    eid__login *login; /* NULL unless logged in */
    eid__key_challenge key_challenges[EID__KEY_CHALLENGES_MAX];
    size_t key_challenge_count, key_challenge_next;
    eid__notifier *notifier; /* NULL until something is subscribed */

    pthread_mutex_t write; /* of frames */
} eid__connection;

struct eid_service_server {
    eid_engine *engine;
    const eid_seam *seam;
    char *path;
    int listener;
    pthread_t thread;
    atomic_bool is_stopping;
    pthread_mutex_t lock;
    eid__connection *connections;
    size_t connection_count;
    eid__login *logins; /* those with a token */
    struct eid__cache *cache;
};

/* -- one connection (server_session.c) */
void *eid__connection_run(void *connection);
/* Write one frame; any thread. */
EID_MUST_CHECK eid_status eid__connection_write(eid__connection *connection, eid_slice json);
/* Read a request and answer it; an error ends the connection. */
EID_MUST_CHECK eid_status eid__connection_answer(eid__connection *connection, eid_slice json);
/* Write {"Response":…}: a text, an error, or what `out` holds. */
EID_MUST_CHECK eid_status eid__respond_text(eid__connection *connection, const char *text);
EID_MUST_CHECK eid_status eid__respond_error(eid__connection *connection, eid_status status);
EID_MUST_CHECK eid_status eid__respond_raw(eid__connection *connection, eid_slice json);

/* -- logging in (server_login.c): each answers its request */
EID_MUST_CHECK eid_status eid__login_user(eid__connection *connection, eid_slice content);
EID_MUST_CHECK eid_status eid__login_prove(eid__connection *connection, eid_slice content);
EID_MUST_CHECK eid_status eid__login_key_challenge(eid__connection *connection, eid_slice content);
EID_MUST_CHECK eid_status eid__login_key_register(eid__connection *connection, eid_slice content);
/* (server_token.c) A token by which further connections share this login, as hex text in *out. */
EID_MUST_CHECK eid_status eid__login_token(eid__connection *connection, eid_buf *out);
EID_MUST_CHECK eid_status eid__login_attach(eid__connection *connection, eid_slice token);
/* Let go of the login, if any. */
void eid__login_drop(eid__connection *connection);
bool eid__login_has_key(eid__login *login, const eid_pubkey *key);

/* -- the gate (server_gate.c) */
/* May a proven key act under this identity in a database (spec 07 §2.5)? A database that is not
 * held passes. Errors: AUTH_MISMATCH, AUTH_PERMISSION, AUTH_CONFIG. */
EID_MUST_CHECK eid_status eid__gate_identity(eid__connection *connection, const eid_id *root,
                                             const eid_sigkey *identity,
                                             eid_permission_type wanted);
/* May any proven key? For our own calls, which name no identity. */
EID_MUST_CHECK eid_status eid__gate_any(eid__connection *connection, const eid_id *root,
                                        eid_permission_type wanted);
/* Is any proven key admin of the node? */
bool eid__gate_is_node_admin(eid__connection *connection);
EID_MUST_CHECK eid_status eid__gate_login(const eid__connection *connection, const char *what);

/* -- requests of the specification (server_ops.c) and our own (server_calls.c) */
EID_MUST_CHECK eid_status eid__op_metadata(eid__connection *connection);
EID_MUST_CHECK eid_status eid__op_database(eid__connection *connection, eid_slice content);
EID_MUST_CHECK eid_status eid__call_answer(eid__connection *connection, eid_slice content);

/* -- notifications (server_notify.c) */
/* Begin to notify; `id` is the client's name for it (0 = the specification's form, one for each
 * database). Nothing is sent before eid__notify_open(). `since` NULL = from now. */
EID_MUST_CHECK eid_status eid__notify_subscribe(eid__connection *connection, uint64_t id,
                                                const eid_id *root, const eid_idset *since);
void eid__notify_open(eid__connection *connection);
void eid__notify_unsubscribe(eid__connection *connection, uint64_t id, const eid_id *root);
/* End all; the connection's thread. */
void eid__notify_end(eid__connection *connection);

/* -- the specification's cache of merged states (server_cache.c); bounded, in memory */
typedef struct eid__cache eid__cache;
EID_MUST_CHECK eid_status eid__cache_new(eid__cache **out);
void eid__cache_free(eid__cache *cache);
/* Best effort: without memory nothing is kept. */
void eid__cache_put(eid__cache *cache, eid_slice key, eid_slice value);
/* Append the value to `out`; NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid__cache_get(eid__cache *cache, eid_slice key, eid_buf *out);

#endif
