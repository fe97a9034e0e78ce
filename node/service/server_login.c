/* The states of a login are the specification's (07 §2.5). Challenges are random and good for one
 * try; a second login replaces the first. */
#include "dag/alloc.h"
#include "node/db/table.h"
#include "node/service/server_internal.h"
#include "node/user/user_rows.h"

#define LOGIN_ROW_MAX (1024u * 1024u)

bool eid__login_has_key(eid__login *login, const eid_pubkey *key)
{
    bool has = false;

    pthread_mutex_lock(&login->lock);
    for (size_t i = 0; i < login->key_count && !has; i++) {
        has = eid_pubkey_equal(&login->keys[i], key);
    }
    pthread_mutex_unlock(&login->lock);
    return has;
}

static eid_status login_add_key(eid__login *login, const eid_pubkey *key)
{
    eid_pubkey *keys = NULL;
    eid_status status = EID_OK;

    if (eid__login_has_key(login, key)) return EID_OK;
    pthread_mutex_lock(&login->lock);
    if (login->key_count >= EID__LOGIN_KEYS_MAX) {
        status = EID_FAIL(EID_KIND_LIMIT, "a login has more than %u keys", EID__LOGIN_KEYS_MAX);
    } else {
        keys = eid_realloc(login->keys, (login->key_count + 1) * sizeof *keys);
        if (!keys) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    }
    if (keys) {
        login->keys = keys;
        login->keys[login->key_count++] = *key;
    }
    pthread_mutex_unlock(&login->lock);
    return status;
}

static void login_free(eid__login *login)
{
    eid_wipe(login->token, sizeof login->token);
    eid_free(login->keys);
    pthread_mutex_destroy(&login->lock);
    eid_free(login);
}

static eid_status login_new(const eid_pubkey *key, eid__login **out)
{
    eid__login *login = eid_alloc(sizeof *login);
    eid_status status;

    *out = NULL;
    if (!login || pthread_mutex_init(&login->lock, NULL) != 0) {
        eid_free(login);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a login");
    }
    login->refs = 1;
    login->key = *key;
    status = login_add_key(login, key);
    if (status != EID_OK) {
        login_free(login);
        return status;
    }
    *out = login;
    return EID_OK;
}

void eid__login_drop(eid__connection *connection)
{
    eid_service_server *server = connection->server;
    eid__login *login = connection->login;
    bool is_last;

    connection->login = NULL;
    connection->stage = EID__STAGE_NOBODY;
    connection->key_challenge_count = 0;
    if (!login) return;
    pthread_mutex_lock(&server->lock);
    is_last = --login->refs == 0;
    for (eid__login **link = &server->logins; is_last && *link; link = &(*link)->next) {
        if (*link != login) continue;
        *link = login->next;
        break;
    }
    pthread_mutex_unlock(&server->lock);
    if (is_last) login_free(login);
}

/* -- a user ------------------------------------------------------------------------------------ */

typedef struct login_search {
    eid_slice username;
    size_t count;
    eid_pubkey key;
    bool is_active;
    eid_buf uuid, row; /* of the first */
} login_search;

static eid_status login_on_row(void *arg, eid_slice key, eid_slice json)
{
    login_search *search = arg;
    eid_user_info info;
    bool is_match;
    eid_status status = eid_user_info_read(json, &info);

    if (status == EID_E_MALFORMED) return EID_OK; /* a damaged row must not lock everybody out */
    if (status != EID_OK) return status;
    is_match = eid_slice_equal(eid_slice_of(info.username, info.username_len), search->username);
    if (is_match && search->count++ == 0) {
        search->key = info.root_key_id;
        search->is_active = strcmp(info.status, "Active") == 0;
        eid_buf_append(&search->uuid, key);
        eid_buf_append(&search->row, json);
    }
    eid_user_info_fini(&info);
    return EID_OK;
}

/* Errors: USER_NOT_FOUND, USER_DUPLICATE, USER_DISABLED. */
static eid_status login_find(eid__connection *connection, login_search *search)
{
    const eid_seam *seam = connection->server->seam;
    eid_id users_db, databases_db, sync_db;
    eid_pubkey device;
    eid_txn *txn = NULL;
    eid_status status = seam->instance(seam->self, &device, &users_db, &databases_db, &sync_db);

    if (status == EID_OK) status = eid_txn_begin(seam, &users_db, NULL, NULL, &txn);
    if (status == EID_OK) {
        status = eid_table_scan(txn, eid_slice_text(EID_STORE_USERS), false, EID_SLICE_EMPTY,
                                login_on_row, search);
    }
    eid_txn_free(txn);
    if (status != EID_OK) return status;
    if (search->count == 0) {
        return EID_FAIL(EID_KIND_USER_NOT_FOUND, "no user is called %.*s",
                        EID_SLICE_ARG(search->username));
    }
    if (search->count > 1) {
        return EID_FAIL(EID_KIND_USER_DUPLICATE, "%zu users are called %.*s", search->count,
                        EID_SLICE_ARG(search->username));
    }
    if (!search->is_active) {
        return EID_FAIL(EID_KIND_USER_DISABLED, "the account of %.*s is not active",
                        EID_SLICE_ARG(search->username));
    }
    status = eid_buf_status(&search->row);
    return status == EID_OK ? eid_buf_status(&search->uuid) : status;
}

static void login_challenge(eid__connection *connection, uint8_t out[EID__CHALLENGE_BYTES])
{
    const eid_random *random = connection->server->seam->random;

    random->fill(random->self, out, EID__CHALLENGE_BYTES);
}

static eid_status login_ask(eid__connection *connection, const login_search *search)
{
    eid_json_writer json;
    eid_buf out;
    eid_status status;

    connection->asked = search->key;
    login_challenge(connection, connection->challenge);
    connection->stage = EID__STAGE_ASKED;
    eid_buf_init(&out, 2 * LOGIN_ROW_MAX);
    eid_json_writer_init(&json, &out);
    eid_json_object(&json);
    eid_json_key(&json, "TrustedLoginChallenge");
    eid_json_object(&json);
    eid__write_octets(&json, "challenge",
                      eid_slice_of(connection->challenge, sizeof connection->challenge));
    eid_json_key(&json, "user_uuid");
    eid_json_string(&json, eid_buf_slice(&search->uuid));
    eid_json_key(&json, "user_info");
    eid_json_raw(&json, eid_buf_slice(&search->row));
    eid_json_object_end(&json);
    eid_json_object_end(&json);
    status = eid_buf_status(&out);
    if (status == EID_OK) status = eid__respond_raw(connection, eid_buf_slice(&out));
    eid_buf_wipe(&out);
    return status;
}

eid_status eid__login_user(eid__connection *connection, eid_slice content)
{
    static const char *const names[] = {"username"};
    login_search search = {0};
    eid_fields fields;
    eid_buf username;
    eid_status status;

    eid_buf_init(&username, LOGIN_ROW_MAX);
    eid_buf_init(&search.uuid, LOGIN_ROW_MAX);
    eid_buf_init(&search.row, LOGIN_ROW_MAX);
    eid_fields_init(&fields, content, names, 1);
    eid_fields_text(&fields, 0, &username);
    status = fields.status;
    if (status != EID_OK) goto done;
    search.username = eid_buf_slice(&username);
    eid__login_drop(connection); /* whatever comes of it, the former login is over */
    status = login_find(connection, &search);
    status =
        status == EID_OK ? login_ask(connection, &search) : eid__respond_error(connection, status);

done:
    eid_buf_fini(&username);
    eid_buf_fini(&search.uuid);
    eid_buf_wipe(&search.row);
    return status;
}

static bool login_is_signed(const eid_pubkey *key, const uint8_t challenge[EID__CHALLENGE_BYTES],
                            const uint8_t signature[EID_SIGNATURE_BYTES])
{
    return eid_key_verify(key, eid_slice_of(challenge, EID__CHALLENGE_BYTES),
                          eid_slice_of(signature, EID_SIGNATURE_BYTES));
}

static eid_status login_check_proof(eid__connection *connection, const uint8_t *signature)
{
    bool is_good;
    eid_status status;

    if (connection->stage != EID__STAGE_ASKED) {
        return EID_FAIL(EID_KIND_IO, "TrustedLoginProve received outside of AwaitingProof state");
    }
    is_good = login_is_signed(&connection->asked, connection->challenge, signature);
    eid_wipe(connection->challenge, sizeof connection->challenge);
    connection->stage = EID__STAGE_NOBODY;
    if (!is_good) return EID_FAIL(EID_KIND_AUTH_SIGNATURE, "the proof of the login does not hold");
    status = login_new(&connection->asked, &connection->login);
    if (status == EID_OK) connection->stage = EID__STAGE_LOGGED_IN;
    return status;
}

eid_status eid__login_prove(eid__connection *connection, eid_slice content)
{
    static const char *const names[] = {"signature"};
    uint8_t signature[EID_SIGNATURE_BYTES];
    eid_fields fields;
    eid_status status;

    eid_fields_init(&fields, content, names, 1);
    eid_fields_octets(&fields, 0, signature, sizeof signature);
    if (fields.status != EID_OK) return fields.status;
    status = login_check_proof(connection, signature);
    return status == EID_OK ? eid__respond_text(connection, "TrustedLoginOk")
                            : eid__respond_error(connection, status);
}

/* -- further keys ------------------------------------------------------------------------------ */

static eid__key_challenge *login_find_challenge(eid__connection *connection, const eid_pubkey *key)
{
    for (size_t i = 0; i < connection->key_challenge_count; i++) {
        if (eid_pubkey_equal(&connection->key_challenges[i].key, key)) {
            return &connection->key_challenges[i];
        }
    }
    return NULL;
}

/* One for each key, the newest wins; above the bound the oldest place is used again. */
static eid__key_challenge *login_make_challenge(eid__connection *connection, const eid_pubkey *key)
{
    eid__key_challenge *challenge = login_find_challenge(connection, key);

    if (!challenge && connection->key_challenge_count < EID__KEY_CHALLENGES_MAX) {
        challenge = &connection->key_challenges[connection->key_challenge_count++];
    }
    if (!challenge) {
        challenge = &connection->key_challenges[connection->key_challenge_next];
        connection->key_challenge_next =
            (connection->key_challenge_next + 1) % EID__KEY_CHALLENGES_MAX;
    }
    challenge->key = *key;
    login_challenge(connection, challenge->bytes);
    return challenge;
}

eid_status eid__login_key_challenge(eid__connection *connection, eid_slice content)
{
    static const char *const names[] = {"pubkey"};
    const eid__key_challenge *challenge;
    eid_json_writer json;
    eid_fields fields;
    eid_pubkey key;
    eid_buf out;
    eid_status status;

    eid_fields_init(&fields, content, names, 1);
    eid_fields_pubkey(&fields, 0, &key);
    if (fields.status != EID_OK) return fields.status;
    status = eid__gate_login(connection, "SessionKeyChallenge");
    if (status != EID_OK) return eid__respond_error(connection, status);
    challenge = login_make_challenge(connection, &key);
    eid_buf_init(&out, 4096);
    eid_json_writer_init(&json, &out);
    eid_json_object(&json);
    eid_json_key(&json, "SessionKeyChallenge");
    eid_json_object(&json);
    eid__write_octets(&json, "challenge", eid_slice_of(challenge->bytes, sizeof challenge->bytes));
    eid_json_object_end(&json);
    eid_json_object_end(&json);
    status = eid_buf_status(&out);
    if (status == EID_OK) status = eid__respond_raw(connection, eid_buf_slice(&out));
    eid_buf_fini(&out);
    return status;
}

static eid_status login_register(eid__connection *connection, const eid_pubkey *key,
                                 const uint8_t *signature)
{
    char text[EID_KEY_TEXT_MAX];
    eid__key_challenge *challenge, *last;
    bool is_good;
    eid_status status = eid__gate_login(connection, "SessionKeyRegister");

    if (status != EID_OK) return status;
    challenge = login_find_challenge(connection, key);
    if (!challenge) {
        return EID_FAIL(EID_KIND_AUTH_CONFIG, "no outstanding SessionKeyChallenge for pubkey %s",
                        eid_pubkey_text(key, text));
    }
    is_good = login_is_signed(key, challenge->bytes, signature);
    last = &connection->key_challenges[--connection->key_challenge_count];
    *challenge = *last;
    connection->key_challenge_next = 0;
    if (!is_good) return EID_FAIL(EID_KIND_AUTH_SIGNATURE, "the proof of the key does not hold");
    return login_add_key(connection->login, key);
}

eid_status eid__login_key_register(eid__connection *connection, eid_slice content)
{
    static const char *const names[] = {"pubkey", "signature"};
    uint8_t signature[EID_SIGNATURE_BYTES];
    eid_fields fields;
    eid_pubkey key;
    eid_status status;

    eid_fields_init(&fields, content, names, 2);
    eid_fields_pubkey(&fields, 0, &key);
    eid_fields_octets(&fields, 1, signature, sizeof signature);
    if (fields.status != EID_OK) return fields.status;
    status = login_register(connection, &key, signature);
    return status == EID_OK ? eid__respond_text(connection, "Ok")
                            : eid__respond_error(connection, status);
}
