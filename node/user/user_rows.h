/* User rows: the JSON rows of accounts, their keys and the databases they follow (spec 06 §3, §4).
 *
 * Members are written in the order of the reference, read in any order; unknown ones are passed
 * over. Structs own what they point to. Errors of reading: STORE_DECODE, NO_MEMORY.
 */
#ifndef EID_NODE_USER_USER_ROWS_H
#define EID_NODE_USER_USER_ROWS_H

#include "auth/keyring.h"
#include "auth/sigkey.h"

#define EID_STORE_USERS "users"           /* of `_users`: user UUID -> eid_user_info */
#define EID_STORE_LAST_LOGIN "last_login" /* of `_users`: user UUID -> Unix seconds */
#define EID_STORE_KEYS "keys"             /* of a private database: random UUID -> eid_user_key */
#define EID_STORE_TRACKED "databases"     /* of a private database: id text -> eid_tracked */

/* A private key as it is stored: sealed under a password, or in clear. */
typedef struct eid_key_storage {
    bool is_encrypted;
    char *algorithm;    /* encrypted: "aes-256-gcm" */
    eid_buf ciphertext; /* encrypted: with the tag */
    eid_buf nonce;
    char *secret; /* in clear: "ed25519:<seed>" */
} eid_key_storage;
void eid_key_storage_fini(eid_key_storage *storage);
EID_MUST_CHECK eid_status eid_key_storage_copy(const eid_key_storage *storage,
                                               eid_key_storage *out);
/* Seal under `wrap` with a fresh nonce; `wrap` NULL = in clear. */
EID_MUST_CHECK eid_status eid_key_storage_make(const eid_key *key, const eid_wrap *wrap,
                                               const eid_random *random, eid_key_storage *out);
/* The key; the caller wipes it. Errors: USER_PASSWORD_REQUIRED (encrypted, `wrap` NULL),
 * USER_DECRYPT, USER_NONCE_LENGTH, AUTH_KEY_FORMAT. */
EID_MUST_CHECK eid_status eid_key_storage_open(const eid_key_storage *storage, const eid_wrap *wrap,
                                               eid_key *out);

typedef struct eid_user_info {
    char *username;
    size_t username_len; /* names of old may hold zeros */
    eid_id database;     /* private */
    eid_pubkey root_key_id;
    eid_key_storage root_key;
    char *salt; /* NULL = no password */
    int64_t created_at;
    char *status; /* "Active", "Disabled", "Locked" */
} eid_user_info;
void eid_user_info_fini(eid_user_info *info);
EID_MUST_CHECK eid_status eid_user_info_read(eid_slice json, eid_user_info *out);
void eid_user_info_write(const eid_user_info *info, eid_buf *out);

/* By which identity a key acts in a database. */
typedef struct eid_key_mapping {
    eid_id database;
    bool is_plain; /* the key's own pubkey hint; `identity` is unused */
    eid_sigkey_owned identity;
} eid_key_mapping;

typedef struct eid_user_key {
    eid_pubkey key_id;
    eid_key_storage storage;
    char *display_name; /* or NULL */
    int64_t created_at;
    bool has_last_used;
    int64_t last_used;
    bool is_default;
    eid_key_mapping *mappings;
    size_t mapping_count;
} eid_user_key;
void eid_user_key_fini(eid_user_key *key);
EID_MUST_CHECK eid_status eid_user_key_read(eid_slice json, eid_user_key *out);
void eid_user_key_write(const eid_user_key *key, eid_buf *out);
/* NULL if there is none. Borrowed. */
const eid_key_mapping *eid_user_key_mapping(const eid_user_key *key, const eid_id *database);
/* Set; `identity` NULL, or the one that is the default anyway, = plain. */
EID_MUST_CHECK eid_status eid_user_key_map(eid_user_key *key, const eid_id *database,
                                           const eid_sigkey *identity);

/* How a database is synced for a user; as JSON {sync_enabled, sync_on_commit, …}. */
typedef struct eid_sync_settings {
    bool enabled, on_commit, has_interval;
    uint64_t interval_s;
    char *properties; /* JSON object {text: text} as stored; NULL = {} */
} eid_sync_settings;

typedef struct eid_tracked {
    eid_id database;
    eid_pubkey key_id;
    eid_sync_settings sync;
} eid_tracked;
void eid_tracked_fini(eid_tracked *tracked);
EID_MUST_CHECK eid_status eid_tracked_read(eid_slice json, eid_tracked *out);
void eid_tracked_write(const eid_tracked *tracked, eid_buf *out);

#endif
