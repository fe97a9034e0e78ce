/* eidetica.h: the public interface of libeidetica.
 *
 * Eidetica keeps many small databases, each a Merkle-DAG of signed entries with documents and
 * tables on top. A program writes to its own copy, works with no peer in reach, and nodes make the
 * same state appear everywhere when they meet.
 *
 *   instance   one node: a store on disk, a device key, users, databases; one per process and
 * folder user       a person who is logged in, with the keys that sign db         a database opened
 * by a user txn        staged changes, committed as one signed entry
 *
 * Reading this file from top to bottom is the manual. The rules that hold for every function:
 *
 *  - It returns EIDETICA_OK or a status that says what a caller can do. eidetica_last_error() then
 * has the kind, a sentence, and what to do about it; it belongs to the thread and lasts until its
 * next call.
 *  - What you pass in is borrowed until the call returns. What comes out of an out-parameter is
 * yours: free texts with eidetica_free(), handles with their own function, named at the one that
 * makes them. What a `const` getter returns is lent until its handle is freed.
 *  - Texts are UTF-8 and end with a zero. Ids, keys and addresses are texts. Values and rows are
 * JSON.
 *  - Functions may be called from any thread; a user, db or instance may be shared by threads, a
 * txn may not. Close dbs before their user, users before their instance. Freeing NULL does nothing.
 *  - Callbacks run on the thread that its function names and must not block for long. A callback
 * that returns bool ends the walk with false.
 */
#ifndef EIDETICA_H
#define EIDETICA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define EIDETICA_API __attribute__((visibility("default")))
#define EIDETICA_CHECK __attribute__((warn_unused_result))
#else
#define EIDETICA_API
#define EIDETICA_CHECK
#endif

/* ------------------------------------------------------------------------------------------------
 * errors */

typedef enum eidetica_status {
    EIDETICA_OK = 0,
    EIDETICA_NOT_FOUND,   /* not there, which can be normal */
    EIDETICA_AGAIN,       /* nothing yet */
    EIDETICA_PENDING,     /* somebody else has to decide first */
    EIDETICA_EXISTS,      /* already there */
    EIDETICA_INVALID,     /* an argument or a setting that makes no sense */
    EIDETICA_STATE,       /* not possible in the present state */
    EIDETICA_FULL,        /* a limit of this node is reached */
    EIDETICA_TOO_BIG,     /* what was given breaks a limit */
    EIDETICA_MALFORMED,   /* bytes that break a format */
    EIDETICA_DENIED,      /* not by one who may */
    EIDETICA_CORRUPT,     /* stored bytes are wrong */
    EIDETICA_UNSUPPORTED, /* this version cannot do it */
    EIDETICA_BUSY,        /* held by another process or thread */
    EIDETICA_IO,          /* the system refused a file or a socket */
    EIDETICA_UNREACHABLE, /* nobody answers there */
    EIDETICA_TIMEOUT,     /* it took longer than allowed */
    EIDETICA_PROTOCOL,    /* a peer broke the protocol */
    EIDETICA_CLOSED,      /* ended, by us or by the other side */
    EIDETICA_NO_MEMORY,   /* out of memory */
} eidetica_status;

typedef struct eidetica_error {
    eidetica_status status;
    const char *kind;    /* stable name for programs, "TXN_REFUSED"; "" if none */
    const char *message; /* one sentence that names the thing */
    const char *remedy;  /* what to do; "" where nothing general can be said */
} eidetica_error;

/* The reason of the last failure of this thread. Lent until the thread's next call. */
EIDETICA_API eidetica_error eidetica_last_error(void);
/* "NOT_FOUND"; never NULL. */
EIDETICA_API const char *eidetica_status_name(eidetica_status status);
/* Free a text that this library made. */
EIDETICA_API void eidetica_free(void *text);
/* "0.1.0" */
EIDETICA_API const char *eidetica_version(void);

/* Log lines of the library: level 0 error, 1 warning, 2 information, 3 detail. NULL = silent
 * (default). Set before instances are opened; `log` may run on any thread. */
EIDETICA_API void eidetica_set_log(int level,
                                   void (*log)(void *self, int level, const char *event,
                                               const char *fields),
                                   void *self);

/* ----------------------------------------------------------------------------------------------
 * instance */

typedef struct eidetica_instance eidetica_instance;
typedef struct eidetica_user eidetica_user;
typedef struct eidetica_db eidetica_db;
typedef struct eidetica_txn eidetica_txn;
typedef struct eidetica_watch eidetica_watch;

/* Create a node at `url` and its first user, who becomes admin and is logged in.
 *   url       "rocksdb:///absolute/folder" or "memory://"
 *   password  NULL for a user without one (keys are then stored in clear)
 * Errors: EXISTS, BUSY (another process has it), INVALID (url, name), IO. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_create(const char *url, const char *username,
                                                            const char *password,
                                                            eidetica_instance **instance,
                                                            eidetica_user **user);
/* Open an existing node, or connect to a running daemon with "unix:///path/of/socket"; everything
 * below works the same. Errors: NOT_FOUND, STATE (not initialised), BUSY, CORRUPT, UNSUPPORTED
 * (written by another version or program), UNREACHABLE. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_open(const char *url,
                                                          eidetica_instance **instance);
/* Stop what runs (sync, service), flush, close. */
EIDETICA_API void eidetica_close(eidetica_instance *instance);
/* The device's public key, "ed25519:…". */
EIDETICA_API const char *eidetica_device(const eidetica_instance *instance);

/* --------------------------------------------------------------------------------------------------
 * users */

/* Log in. Errors: NOT_FOUND, DENIED (password wrong, missing, or not wanted). End:
 * eidetica_logout(). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_login(eidetica_instance *instance,
                                                           const char *username,
                                                           const char *password,
                                                           eidetica_user **user);
/* Wipe the user's keys from memory. */
EIDETICA_API void eidetica_logout(eidetica_user *user);
EIDETICA_API const char *eidetica_user_name(const eidetica_user *user);
/* The key by which others grant access to this user, "ed25519:…". */
EIDETICA_API const char *eidetica_user_key(const eidetica_user *user);
/* Names of all users, ascending. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_users(eidetica_instance *instance, bool (*each)(void *self, const char *name), void *self);
/* Add a user; the caller must be admin. Errors: DENIED, EXISTS, INVALID (name). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_user_add(eidetica_user *admin,
                                                              const char *username,
                                                              const char *password);

/* ----------------------------------------------------------------------------------------------
 * databases */

/* Create a database that only this user may read and write. `name` is for people and need not be
 * unique. End: eidetica_db_close(). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_create(eidetica_user *user,
                                                               const char *name, eidetica_db **db);
/* The same; `init` may stage stores into the database's first entry, so that nobody ever sees it
 * without them. The transaction is lent; the system's stores are closed in it (STATE). Whatever
 * else than OK it returns is returned, and no database is made. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_create_with(
    eidetica_user *user, const char *name, eidetica_status (*init)(void *self, eidetica_txn *txn),
    void *self, eidetica_db **db);
/* Open by root id, by a unique prefix of one (8 characters at least), or by name.
 * Errors: NOT_FOUND, INVALID (several match). A user without a key for it can read what this node
 * holds only if its settings let everyone; else DENIED. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_open(eidetica_user *user,
                                                             const char *root_or_name,
                                                             eidetica_db **db);
EIDETICA_API void eidetica_db_close(eidetica_db *db);
/* Read, and build, also on entries that were received and are not verified yet (never on rejected
 * ones): what is read may turn out wrong, and what is committed on them is not visible to others
 * before they are. Default off. Set it before threads share the handle. */
EIDETICA_API void eidetica_db_allow_unverified(eidetica_db *db, bool allow);
/* Where the database stands, as this handle sees it: a cursor for eidetica_txn_begin_at(),
 * eidetica_history() and eidetica_watch_start(). It names entries, so it means the same on every
 * node and for ever. Free *cursor. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_cursor(eidetica_db *db, char **cursor);
/* The root id: the database's name everywhere. */
EIDETICA_API const char *eidetica_db_root(const eidetica_db *db);

typedef struct eidetica_db_info {
    const char *root;
    const char *name;       /* "" if none */
    const char *permission; /* of this user: "read", "write:10", "admin:0", "" = none */
    uint64_t entries;       /* held */
    uint64_t verified, failed, unverified;
    uint64_t bytes;  /* of the entries */
    uint64_t height; /* of the highest visible tip */
    size_t tip_count;
    const char *const *tips; /* visible ones */
    bool shared;             /* peers who may read it are served */
    bool strict;             /* entries must pin verified settings */
    bool system;             /* one of the node's own */
} eidetica_db_info;

/* All databases this node holds (`system` ones only if asked). The info is lent during the
 * callback. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_dbs(eidetica_user *user, bool with_system,
                                                         bool (*each)(void *self,
                                                                      const eidetica_db_info *info),
                                                         void *self);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_describe(
    eidetica_db *db, void (*with)(void *self, const eidetica_db_info *info), void *self);
/* Let a key ("ed25519:…", or "*" for everyone) do something: "read", "write:N", "admin:N"; smaller
 * N is stronger. The caller must be admin of the database. `name` may be NULL. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_grant(eidetica_db *db, const char *key,
                                                              const char *permission,
                                                              const char *name);
/* Take it back. Whatever the key has written that is not in the past of this change is void, at
 * every node and whenever it arrives, until it is accepted; see auth/REVOCATION.md. (In a database
 * that was not made here the settings that an entry itself names decide.) */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_revoke(eidetica_db *db, const char *key);
/* An entry that a revocation keeps out. Texts are lent. */
typedef struct eidetica_void {
    const char *id;
    const char *revoked_by; /* NULL: what let its key in is void itself */
    const char *signer;
    bool is_settings; /* it cannot be accepted */
} eidetica_void;
/* List them until `each` answers false. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_voids(
    eidetica_db *db, bool (*each)(void *self, const eidetica_void *entry), void *self);
/* Let entries in again (or, with `accept` false, keep them out again), at all nodes, in one change
 * of the settings. The caller must be admin. Errors: NOT_FOUND, INVALID for a change of settings,
 * DENIED. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_accept(eidetica_db *db,
                                                               const char *const *entries,
                                                               size_t count, bool accept);
/* Let the keys of another database (an identity, held here) act in this one, each with what it may
 * do there but at most `max` and, if `min` is not NULL, at least `min`: "read", "write:N",
 * "admin:N". What the other database says now is the floor: nothing older counts. Again replaces
 * it. The caller must be admin, and cannot give more than he has. Errors: NOT_FOUND, DENIED,
 * INVALID. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_delegate(eidetica_db *db, const char *other,
                                                                 const char *max, const char *min);
/* Take it back. NOT_FOUND if nothing is delegated to it. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_undelegate(eidetica_db *db,
                                                                   const char *other);
typedef struct eidetica_delegation {
    const char *root;      /* of the other database */
    const char *max, *min; /* bounds; min "" if there is none */
    size_t tip_count;
    const char *const *tips; /* the floor */
} eidetica_delegation;
/* What is delegated now, ascending by root. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_delegations(
    eidetica_db *db, bool (*each)(void *self, const eidetica_delegation *delegation), void *self);
/* Switch strict pins (default on); see README, "Security". */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_set_strict(eidetica_db *db, bool strict);
/* Check every hash, signature, tip and materialised value. Each finding is given to `each`;
 * *findings = 0 if all is well. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_verify(
    eidetica_db *db, bool (*each)(void *self, const char *finding), void *self, uint64_t *findings);
/* Become admin of a database whose settings hold no rights any more, which only a malicious admin
 * can bring about: nobody can write to it otherwise. That holds on this node: others refuse the
 * repair and everything that is built on it. With a daemon: admins of the node. Errors: INVALID (it
 * has rights), DENIED. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_repair(eidetica_user *user,
                                                               const char *root);
/* Delete this node's copy. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_db_forget(eidetica_user *user,
                                                               const char *root);

/* -------------------------------------------------------------------------------------------
 * transactions */

/* Begin on what is visible now. What the transaction reads is what was there when it began, with
 * its own changes on top; two that began together both commit, and later readers see them merged.
 * End: eidetica_txn_free(), which drops what was not committed. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_begin(eidetica_db *db, eidetica_txn **txn);
/* Begin on a cursor, or on ids of entries separated by commas: to read what was there then, or to
 * branch off. Errors: NOT_FOUND (an entry), INVALID (none named, or of another database). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_begin_at(eidetica_db *db,
                                                                  const char *cursor,
                                                                  eidetica_txn **txn);
/* The cursor that the transaction builds on. Free *cursor. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_cursor(eidetica_txn *txn, char **cursor);
/* Begin, let `stage` make its changes, commit; if it returns anything but OK, nothing is stored and
 * that is returned. `entry` (may be NULL) gets the id: free it. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_txn_run(eidetica_db *db, eidetica_status (*stage)(void *self, eidetica_txn *txn),
                 void *self, char **entry);
/* Stage how entries are ordered in time: "incremental" (one more than the parents, the default) or
 * "timestamp" (milliseconds, never less than one more than the parents), of the database (`store`
 * NULL) or of one store that is registered; for a store NULL = like its database. Later heights win
 * over earlier ones where two wrote the same. Errors: INVALID, NOT_FOUND (the store). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_set_heights(eidetica_txn *txn,
                                                                     const char *store,
                                                                     const char *strategy);
EIDETICA_API void eidetica_txn_free(eidetica_txn *txn);
/* Commit as one signed entry; durable when it returns. `entry` (may be NULL) gets its id: free it.
 * After a failure the changes are still staged and commit may be repeated. Errors: DENIED, TOO_BIG,
 * STATE (already committed), IO (disk full: nothing was changed). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_commit(eidetica_txn *txn, char **entry);
/* The same, acknowledged before it is on the disk: survives a crash of the process, not of the
 * machine. For bulk work; end with eidetica_sync_disk(). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_commit_async(eidetica_txn *txn,
                                                                      char **entry);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_sync_disk(eidetica_instance *instance);

/* ----------------------------------------------------------------------------------------------
 * documents */

/* Values are JSON: null, true, 42, "text", {…}, […]; no fractions. Paths are keys joined by '.'; a
 * key that holds no '.' is taken as it is. A store is registered as a document when first written.
 */

/* Stage a value. An object is merged into one that is there, a list replaces one. Errors: INVALID
 * (the store is of another type), MALFORMED (JSON), TOO_BIG. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_doc_set(eidetica_txn *txn, const char *store,
                                                             const char *path, const char *json);
/* Stage a text value without JSON quoting. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_doc_set_text(eidetica_txn *txn,
                                                                  const char *store,
                                                                  const char *path,
                                                                  const char *text);
/* Stage a delete. NOT_FOUND if nothing is there. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_doc_delete(eidetica_txn *txn,
                                                                const char *store,
                                                                const char *path);
/* Read what is visible now; NULL or "" path = the whole store. Free *json. NOT_FOUND. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_doc_get(eidetica_db *db, const char *store,
                                                             const char *path, char **json);
/* The same with the transaction's own changes on top. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_doc_get(eidetica_txn *txn,
                                                                 const char *store,
                                                                 const char *path, char **json);
/* Change a value by a function that is given it (NULL = nothing is there) and gives the new one,
 * lent until eidetica_doc_update() returns; NULL = leave it as it is. A read and a write: of
 * concurrent ones the later wins. Errors: as of eidetica_doc_set(). */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_doc_update(eidetica_txn *txn, const char *store, const char *path,
                    const char *(*edit)(void *self, const char *json), void *self);
/* Add to an integer, which begins as 0; *sum (may be NULL) is the new one. Likewise a read and a
 * write. Errors: INVALID (no integer is there, or the sum leaves 64 bits). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_doc_add(eidetica_txn *txn, const char *store,
                                                             const char *path, int64_t delta,
                                                             int64_t *sum);
/* Insert into a list before its index-th element (EIDETICA_END = last; a list that is not there is
 * made), or remove one. Unlike a list that is set anew, one that is edited merges with concurrent
 * edits element by element. Errors: INVALID (no list is there, or it is shorter), MALFORMED, FULL
 * (no room between two elements), NOT_FOUND (eidetica_list_remove(): no list). */
#define EIDETICA_END SIZE_MAX
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_list_insert(eidetica_txn *txn,
                                                                 const char *store,
                                                                 const char *path, size_t index,
                                                                 const char *json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_list_remove(eidetica_txn *txn,
                                                                 const char *store,
                                                                 const char *path, size_t index);

/* -------------------------------------------------------------------------------------------------
 * tables */

/* Rows are any JSON under a key; a row is replaced whole. A store is registered as a table when
 * first written. */

/* Stage a row under a new random key (free *key), or under one of yours. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_table_insert(eidetica_txn *txn,
                                                                  const char *store,
                                                                  const char *json, char **key);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_table_set(eidetica_txn *txn, const char *store,
                                                               const char *key, const char *json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_table_delete(eidetica_txn *txn,
                                                                  const char *store,
                                                                  const char *key);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_table_get(eidetica_db *db, const char *store,
                                                               const char *key, char **json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_table_get(eidetica_txn *txn,
                                                                   const char *store,
                                                                   const char *key, char **json);
/* Rows in key order after the key `after` (NULL = from the first). */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_table_rows(eidetica_db *db, const char *store, const char *after,
                    bool (*each)(void *self, const char *key, const char *json), void *self);
/* The same as of the transaction, with its own rows. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_txn_table_rows(eidetica_txn *txn, const char *store, const char *after,
                        bool (*each)(void *self, const char *key, const char *json), void *self);
/* Change a row by a function, as eidetica_doc_update(). NOT_FOUND if there is no such row. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_table_update(eidetica_txn *txn, const char *store, const char *key,
                      const char *(*edit)(void *self, const char *json), void *self);
/* Rows whose member `field` equals a number, text, true, false or null, in key order; numbers are
 * compared by value. With an index on the member (below) it costs what it finds, else a look at
 * every row. Errors: MALFORMED (JSON), INVALID (an object or array). */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_table_find(eidetica_db *db, const char *store, const char *field, const char *json,
                    bool (*each)(void *self, const char *key, const char *json), void *self);
/* The same as of the transaction, with its own rows. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_txn_table_find(eidetica_txn *txn, const char *store, const char *field, const char *json,
                        bool (*each)(void *self, const char *key, const char *json), void *self);
/* Keep an index on a member of a table's rows, or drop it. It is this node's own and not shared; it
 * is made when it is first asked, kept with every write and merge, and survives a restart. At most
 * 16 for each table; encrypted tables have none. Errors: TOO_BIG (too many). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_table_index(eidetica_db *db, const char *store,
                                                                 const char *field, bool on);
/* The members with an index, ascending. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_table_indexes(
    eidetica_db *db, const char *store, bool (*each)(void *self, const char *field), void *self);

/* -------------------------------------------------------------------------------------------------
 * text documents */

/* A store of texts, maps and arrays that people may edit at the same time, edit by edit, in the
 * format of Yjs. Each has a name inside of the store; positions in texts count UTF-16 units. A
 * store is registered as a text document when first edited. */

/* Stage an edit of a text. Errors of all edits: INVALID (beyond its end, no UTF-8, or a store of
 * another type), MALFORMED (JSON). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_insert(eidetica_txn *txn,
                                                                 const char *store,
                                                                 const char *name, uint64_t index,
                                                                 const char *text);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_delete(eidetica_txn *txn,
                                                                 const char *store,
                                                                 const char *name, uint64_t index,
                                                                 uint64_t count);
/* Of a map; a key that is not there is deleted without an error. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_map_set(eidetica_txn *txn,
                                                                  const char *store,
                                                                  const char *name, const char *key,
                                                                  const char *json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_map_delete(eidetica_txn *txn,
                                                                     const char *store,
                                                                     const char *name,
                                                                     const char *key);
/* Of an array: insert the values of a JSON array. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_array_insert(
    eidetica_txn *txn, const char *store, const char *name, uint64_t index, const char *json_array);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_array_delete(
    eidetica_txn *txn, const char *store, const char *name, uint64_t index, uint64_t count);
/* What is under a name, as JSON, read as a "text", "map" or "array"; what nobody has edited is
 * empty. Free *json. Errors: INVALID (the kind, or a store of another type). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_get(eidetica_db *db, const char *store,
                                                              const char *name, const char *kind,
                                                              char **json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_txn_text_get(eidetica_txn *txn,
                                                                  const char *store,
                                                                  const char *name,
                                                                  const char *kind, char **json);
/* Exchange with other programs that speak Yjs: stage an update (v1) of theirs, and the whole
 * document as one. Free *update. Errors: MALFORMED. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_apply(eidetica_txn *txn,
                                                                const char *store,
                                                                const void *update, size_t size);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_text_export(eidetica_db *db, const char *store,
                                                                 void **update, size_t *size);

/* -------------------------------------------------------------------------------------------------
 * stores */

/* Names and types of the stores ("docstore:v0", "table:v0", …), ascending. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_stores(
    eidetica_db *db, bool (*each)(void *self, const char *store, const char *type), void *self);
/* One store as JSON: name, type, config, heights, and for an encrypted one whether it is
 * "uninitialized", "locked" or "unlocked" (and then what it wraps). Free *json. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_store_show(eidetica_db *db, const char *store,
                                                                char **json);
/* Register a store without writing to it; one that is there must be of that type (INVALID). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_store_open(eidetica_txn *txn,
                                                                const char *store,
                                                                const char *type);
/* Stage a store's config: a JSON object for the programs that use the store. Not of encrypted
 * stores. NOT_FOUND if there is no such store. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_store_set_config(eidetica_txn *txn,
                                                                      const char *store,
                                                                      const char *json);

/* Make an encrypted store for documents ("docstore:v0"), rows ("table:v0") or a text document
 * ("ydoc:v0"): all that is written to it is sealed under the password (Argon2id, AES-256-GCM)
 * before it leaves this process; that the store exists, who writes when and how much stays visible.
 * The password cannot be changed or recovered. The store is unlocked in this transaction: use the
 * functions of what it wraps under its name. Errors: INVALID (it is there already, or the type). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_store_encrypt(eidetica_txn *txn,
                                                                   const char *store,
                                                                   const char *type,
                                                                   const char *password);
/* Unlock an encrypted store for all that this handle reads and begins from now on, until it is
 * locked or the handle closed, which wipes the key. Errors: DENIED (wrong password), INVALID (not
 * encrypted, or nobody has given it a password), NOT_FOUND. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_store_unlock(eidetica_db *db,
                                                                  const char *store,
                                                                  const char *password);
EIDETICA_API void eidetica_store_lock(eidetica_db *db, const char *store);

/* ----------------------------------------------------------------------------------- history and
 * changes */

typedef struct eidetica_entry {
    const char *id;
    uint64_t height;
    size_t parent_count;
    const char *const *parents;
    size_t store_count;
    const char *const *stores;
    const char *signer;  /* key or name of the hint; "" if unsigned */
    const char *verdict; /* "Verified", "Failed", "Unverified", or "Void" */
    size_t bytes;
} eidetica_entry;

/* Entries, newest first; `store` NULL = all. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_log(eidetica_db *db, const char *store,
                                                         bool (*each)(void *self,
                                                                      const eidetica_entry *entry),
                                                         void *self);
/* Entries, parents before children; `store` NULL = all; `at` NULL = all that are held, whatever
 * their verdict, else the verified ones that a cursor reaches. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_history(eidetica_db *db, const char *store, const char *at,
                 bool (*each)(void *self, const eidetica_entry *entry), void *self);
/* These entries, in this order. The first that is not here (NOT_FOUND) or of another database
 * (INVALID) ends it. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_entries(eidetica_db *db, const char *const *ids, size_t count,
                 bool (*each)(void *self, const eidetica_entry *entry), void *self);
/* Ids of the verified entries that came between two cursors, parents first: those that `until`
 * (NULL = now) reaches and `since` ("" = nothing) does not. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_entries_added(eidetica_db *db, const char *since, const char *until,
                       bool (*each)(void *self, const char *id), void *self);
/* Whether this node found signature and permission of an entry good; false also while something
 * that it needs is missing. Errors: NOT_FOUND, INVALID (of another database). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_entry_is_valid(eidetica_db *db, const char *id,
                                                                    bool *valid);
/* One entry as JSON: all fields, payloads readable. Free *json. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_entry_show(eidetica_db *db, const char *id,
                                                                char **json);
/* Why an entry is visible, pending or rejected, as JSON: the rule and where it is written, the
 * settings that the entry pins, and for each record of them that counted the entry that wrote it.
 * Free *json. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_entry_explain(eidetica_db *db, const char *id,
                                                                   char **json);

/* An entry that is part of a conflict. */
typedef struct eidetica_conflict_side {
    const char *entry;   /* "" if it is not known */
    const char *signer;  /* key or name of the hint; "" if unsigned */
    uint64_t arrived_ms; /* when it came to this node: Unix time */
    const char *json;    /* what it wrote, or a table's row; NULL = it deleted, or nothing shows */
} eidetica_conflict_side;
/* An edit that does not show because a concurrent one won. */
typedef struct eidetica_conflict {
    const char *store;
    size_t path_count;
    const char *const *path; /* keys; "[3/2]" for a position in a list */
    eidetica_conflict_side lost;
    eidetica_conflict_side now; /* what shows there now, or hides it */
    bool settled;               /* somebody who had both has written there since */
    const char *cursor;         /* give it as `after` to go on behind this one */
} eidetica_conflict;
/* Which of them; NULL and false do not restrict. */
typedef struct eidetica_conflict_filter {
    const char *store;
    const char *path;  /* keys joined by '.': this path and those below */
    const char *entry; /* whose edit was lost */
    bool settled;      /* only settled ones */
    const char *after;
} eidetica_conflict_filter;

/* Edits that were lost against concurrent ones, by store and path; `filter` NULL = all. A conflict
 * stays in the list until it is pruned. The list is this node's own and is not synced: pruning it
 * here leaves it as it is elsewhere. What equals the present value is not listed, nor are stores
 * that this node cannot read (encrypted ones, texts, which lose nothing). */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_conflicts(eidetica_db *db, const eidetica_conflict_filter *filter,
                   bool (*each)(void *self, const eidetica_conflict *conflict), void *self);
/* Forget such conflicts at this node, for good. *pruned (may be NULL) is how many were listed. */
EIDETICA_API EIDETICA_CHECK eidetica_status
eidetica_conflicts_prune(eidetica_db *db, const eidetica_conflict_filter *filter, uint64_t *pruned);

typedef struct eidetica_event {
    const char *root;
    bool remote;          /* came from a peer */
    const char *cursor;   /* give it to eidetica_watch_start() to go on after this event */
    const char *previous; /* the cursor of the event before */
    size_t entry_count;
    const char *const *entries; /* that became visible, parents first */
    bool cut;                   /* there are more: read the log */
} eidetica_event;

/* Be told of every change of the database, local or remote, in order, on a thread of the library.
 *   since  NULL = from now; "" = from the beginning; or a cursor of an earlier event: then first
 * what came after it. No gaps and no repeats across restarts. The callback may read and commit.
 * End: eidetica_watch_stop(), after which it is not called any more. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_watch_start(
    eidetica_db *db, const char *since, void (*on_event)(void *self, const eidetica_event *event),
    void *self, eidetica_watch **watch);
EIDETICA_API void eidetica_watch_stop(eidetica_watch *watch);

/* ---------------------------------------------------------------------------------------------------
 * sync */

typedef struct eidetica_progress {
    uint64_t entries;
    uint64_t total; /* 0 = not known */
    uint64_t bytes;
} eidetica_progress;
typedef void (*eidetica_progress_fn)(void *self, const eidetica_progress *progress);

/* Start meeting peers: bind UDP sockets ("ADDR:PORT"; none = the ports of last time), dial known
 * peers, serve what was shared. A daemon does this; a program may. Errors: IO (address in use),
 * STATE (already). */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_sync_start(eidetica_instance *instance,
                                                                const char *const *listen,
                                                                size_t listen_count);
EIDETICA_API void eidetica_sync_stop(eidetica_instance *instance);
/* Share a database: peers whose keys may read it are served from now on. Free *ticket, a text that
 * others join with. Sync must run. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_share(eidetica_db *db, char **ticket);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_unshare(eidetica_db *db);
/* Join: fetch the database of a ticket and keep it in sync. Errors: MALFORMED (ticket),
 * UNREACHABLE, DENIED (unknown there, or this user may not read it), TIMEOUT. What was fetched
 * before a failure is kept, and joining again goes on from there. `progress` may be NULL; it runs
 * on a thread of the library. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_join(eidetica_user *user, const char *ticket,
                                                          uint64_t timeout_ms,
                                                          eidetica_progress_fn progress, void *self,
                                                          eidetica_db **db);
/* What a ticket says, as JSON. Free *json. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_ticket_show(const char *ticket, char **json);
/* Wait until every connected peer of the database (NULL = of all) has what we have and we what it
 * has, and one is connected at least. TIMEOUT tells who is missing what. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_sync_wait(eidetica_instance *instance,
                                                               const char *root,
                                                               uint64_t timeout_ms);
/* Dial peers now, without waiting for the next attempt. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_sync_now(eidetica_instance *instance,
                                                              const char *root);
/* Per database and peer: connected or not, what is missing where, since when. JSON; free it. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_sync_status(eidetica_instance *instance,
                                                                 const char *root, char **json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_peers(eidetica_instance *instance,
                                                           char **json);
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_net_info(eidetica_instance *instance,
                                                              char **json);

/* ------------------------------------------------------------------------------------ files and
 * the daemon */

/* Write the history as a CAR v1 file, entries in (height, id) order: two nodes with the same
 * entries write the same bytes. The file appears whole or not at all. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_export(eidetica_db *db, const char *path,
                                                            eidetica_progress_fn progress,
                                                            void *self);
/* Read a CAR file of one or more databases: hashes and signatures are checked like a peer's.
 * `json` gets {"entries":n,"new":n,"verified":n,"failed":n,"roots":[…]}; free it. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_import(eidetica_user *user, const char *path,
                                                            eidetica_progress_fn progress,
                                                            void *self, char **json);
/* Serve this instance to other processes of this machine on a unix socket (mode 0600), until
 * closed. */
EIDETICA_API EIDETICA_CHECK eidetica_status eidetica_serve(eidetica_instance *instance,
                                                           const char *socket_path);

#ifdef __cplusplus
}
#endif

#endif
