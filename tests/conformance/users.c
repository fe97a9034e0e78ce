/* Passwords, accounts and sessions: the reference's nodes are loaded from their snapshots and
 * logged into. Creation is random everywhere, so what we create ourselves is compared by our own
 * tests; here what the reference created is read, and written again. Not replayed: `with_sync` and
 * `snapshot_open`, which are about the reference's engine and its snapshot file. */
#include <stdio.h>

#include "auth/keyring.h"
#include "dag/alloc.h"
#include "node/db/table.h"
#include "node/user/user_rows.h"
#include "tests/conformance/users_node.h"

/* -- passwords --------------------------------------------------------------------------------- */

static void kdf_case(eid_suite *suite, const json_t *test)
{
    const json_t *expect = eid_has(test, "expect") ? json_object_get(test, "expect") : test;
    eid_wrap wrap;
    eid_status status =
        eid_wrap_derive(eid_get_slice(test, "password"), eid_get_slice(test, "salt"), &wrap);

    if (eid_has(expect, "error")) {
        (void)eid_case_error(suite, "derive", eid_get_text(expect, "error"), status);
    } else if (eid_case_ok(suite, "derive", status)) {
        eid_buf key = eid_get_hex(expect, "key_hex");
        (void)eid_case_bytes(suite, "key", eid_buf_slice(&key), eid_slice_of(wrap.key, 32));
        eid_buf_fini(&key);
        eid_wrap_wipe(&wrap);
    }
}

static void encryption_case(eid_suite *suite, const json_t *test)
{
    eid_buf sealed = eid_get_b64(test, "ciphertext_b64"), nonce = eid_get_b64(test, "nonce_b64");
    eid_buf plain;
    eid_wrap wrap;
    eid_status status =
        eid_wrap_derive(eid_get_slice(test, "password"), eid_get_slice(test, "salt"), &wrap);

    eid_buf_init(&plain, 4096);
    if (status == EID_OK) {
        status = eid_wrap_open(&wrap, eid_buf_slice(&nonce), eid_buf_slice(&sealed), &plain);
    }
    if (eid_has(test, "expect")) {
        (void)eid_case_error(suite, "open", eid_get_text(json_object_get(test, "expect"), "error"),
                             status);
    } else if (eid_case_ok(suite, "open", status)) {
        (void)eid_case_text(suite, "private", eid_get_text(test, "private"), eid_buf_slice(&plain));
        eid_buf_clear(&plain);
        status = eid_wrap_seal(&wrap, nonce.at, eid_get_slice(test, "private"), &plain);
        if (eid_case_ok(suite, "seal", status)) {
            (void)eid_case_bytes(suite, "sealed", eid_buf_slice(&sealed), eid_buf_slice(&plain));
        }
    }
    eid_buf_fini(&plain);
    eid_buf_fini(&sealed);
    eid_buf_fini(&nonce);
}

/* -- new instances ----------------------------------------------------------------------------- */

static void check_admin(eid_suite *suite, eid_session *session, const json_t *object)
{
    bool is_admin = false;

    if (eid_case_ok(suite, "is_admin", eid_session_is_admin(session, &is_admin))) {
        (void)eid_case_bool(suite, "is_admin", eid_get_bool(object, "is_admin"), is_admin);
    }
}

static void fresh_case(eid_suite *suite, const json_t *test)
{
    char text[EID_KEY_TEXT_MAX];
    eid_session *session = NULL;
    eid_instance_record record;
    eid_key device;
    users_node node;

    if (!users_node_open(suite, test, "snapshot_b64", &node)) return;
    if (eid_case_ok(suite, "instance", eid_instance_open(node.engine, &record, &device))) {
        (void)eid_case_text(suite, "device_id", eid_get_text(test, "device_id"),
                            eid_slice_text(eid_pubkey_text(&device.pub, text)));
    }
    users_check_databases(suite, &node, eid_get_array(test, "databases"));
    if (eid_case_ok(suite, "login", users_node_login(&node, test, &session))) {
        (void)eid_case_text(suite, "user_uuid", eid_get_text(test, "user_uuid"),
                            eid_slice_text(eid_session_uuid(session)));
        users_check_keys(suite, session, eid_get_array(test, "keys"));
        check_admin(suite, session, test);
    }
    eid_session_logout(session);
    users_node_close(&node);
}

/* -- many users -------------------------------------------------------------------------------- */

static void login_case(eid_suite *suite, const users_node *node, const json_t *test)
{
    const json_t *result = json_object_get(test, "result");
    eid_session *session = NULL;
    char text[EID_KEY_TEXT_MAX];
    eid_status status = users_node_login(node, test, &session);

    if (eid_has(result, "error")) {
        (void)eid_case_error(suite, "login", eid_get_text(result, "error"), status);
    } else if (eid_case_ok(suite, "login", status)) {
        users_check_keys(suite, session, eid_get_array(result, "keys"));
        check_admin(suite, session, result);
        (void)eid_case_text(
            suite, "default_key", eid_get_text(result, "default_key"),
            eid_slice_text(eid_pubkey_text(&eid_session_root_key(session)->pub, text)));
    }
    eid_session_logout(session);
}

/* A capability that an ordinary user lacks. */
static void capability_case(eid_suite *suite, const users_node *node, const json_t *users)
{
    const json_t *logins = eid_get_array(users, "logins_in_order");
    const json_t *expect = json_object_get(users, "non_admin_capability");

    for (size_t i = 0; i < json_array_size(logins); i++) {
        const json_t *login = json_array_get(logins, i), *result = json_object_get(login, "result");
        eid_session *session = NULL;
        if (eid_has(result, "error") || eid_get_bool(result, "is_admin")) continue;
        if (!eid_case_ok(suite, "login", users_node_login(node, login, &session))) return;
        (void)eid_case_error(suite, "add a user", eid_get_text(expect, "error"),
                             eid_session_add_user(session, eid_slice_text("one more"), NULL));
        eid_session_logout(session);
        return;
    }
}

typedef struct listing {
    eid_suite *suite;
    const json_t *expected;
    size_t count;
} listing;

static eid_status on_user(void *arg, const char *name)
{
    listing *list = arg;
    const json_t *expected = json_array_get(list->expected, list->count++);

    /* Names are lent as C strings: one with a zero in it ends there. */
    if (json_is_string(expected)) {
        (void)eid_case_text(list->suite, "username", name,
                            eid_slice_text(json_string_value(expected)));
    }
    return EID_OK;
}

static void list_case(eid_suite *suite, const users_node *node, const json_t *users)
{
    listing list = {suite, eid_get_array(users, "list_users_sorted"), 0};

    if (eid_case_ok(suite, "list", eid_session_list_users(node->seam, on_user, &list))) {
        (void)eid_case_u64(suite, "users", json_array_size(list.expected), list.count);
    }
}

/* Names that are taken, and names that our rule (06 §7.1 [H]) refuses to a new user. */
static void create_case(eid_suite *suite, const users_node *node, const json_t *users)
{
    const json_t *created = eid_get_array(users, "created_in_order");
    const json_t *logins = eid_get_array(users, "logins_in_order");
    eid_session *admin = NULL;

    for (size_t i = 0; i < json_array_size(logins) && !admin; i++) {
        const json_t *login = json_array_get(logins, i), *result = json_object_get(login, "result");
        if (eid_has(result, "error") || !eid_get_bool(result, "is_admin")) continue;
        if (!eid_case_ok(suite, "login", users_node_login(node, login, &admin))) return;
    }
    if (!admin) return;
    for (size_t i = 0; i < json_array_size(created); i++) {
        eid_slice name = eid_get_slice(json_array_get(created, i), "username");
        eid_status status = eid_session_add_user(admin, name, NULL);
        eid_kind kind = eid_status_detail(status).kind;
        if (kind == EID_KIND_USER_NAME) continue;
        (void)eid_case_error(suite, "add a user again", "UsernameAlreadyExists", status);
    }
    eid_session_logout(admin);
}

static void users_cases(eid_suite *suite, const json_t *users)
{
    const json_t *logins = eid_get_array(users, "logins_in_order");
    users_node node;
    char name[64];

    if (!eid_case_begin(suite, "users")) return;
    if (!users_node_open(suite, users, "snapshot_after_b64", &node)) {
        eid_case_end(suite);
        return;
    }
    list_case(suite, &node, users);
    capability_case(suite, &node, users);
    create_case(suite, &node, users);
    eid_case_end(suite);
    for (size_t i = 0; i < json_array_size(logins); i++) {
        (void)snprintf(name, sizeof name, "users-login-%zu", i);
        if (!eid_case_begin(suite, name)) continue;
        login_case(suite, &node, json_array_get(logins, i));
        eid_case_end(suite);
    }
    users_node_close(&node);
}

/* -- one session ------------------------------------------------------------------------------- */

/* Rows of the private database, which the session was loaded from. */
typedef struct key_rows {
    eid_user_key at[64];
    size_t count;
} key_rows;

static eid_status on_key_row(void *arg, eid_slice key, eid_slice json)
{
    key_rows *rows = arg;
    eid_status status;

    (void)key;
    if (rows->count == 64) return EID_E_AGAIN;
    status = eid_user_key_read(json, &rows->at[rows->count]);
    if (status == EID_OK) rows->count++;
    return status;
}

static const eid_user_key *key_row(const key_rows *rows, eid_slice key_id)
{
    char text[EID_KEY_TEXT_MAX];

    for (size_t i = 0; i < rows->count; i++) {
        if (eid_slice_is(key_id, eid_pubkey_text(&rows->at[i].key_id, text))) return &rows->at[i];
    }
    return NULL;
}

/* The identity that a mapping stands for, as JSON. */
static json_t *mapping_json(const eid_user_key *key, const eid_key_mapping *mapping)
{
    eid_sigkey_owned plain = {0};
    eid_json_writer writer;
    eid_buf out;
    json_t *json = NULL;

    eid_buf_init(&out, 65536);
    eid_json_writer_init(&writer, &out);
    if (!mapping->is_plain) {
        eid_sigkey_write_json(&mapping->identity.key, &writer);
    } else if (eid_sigkey_of_pubkey(&key->key_id, &plain) == EID_OK) {
        eid_sigkey_write_json(&plain.key, &writer);
        eid_sigkey_owned_fini(&plain);
    }
    json = json_loadb((const char *)out.at, out.len, JSON_ALLOW_NUL, NULL);
    eid_buf_fini(&out);
    return json;
}

static void check_mappings(eid_suite *suite, const key_rows *rows, const json_t *mappings)
{
    for (size_t i = 0; i < json_array_size(mappings); i++) {
        const json_t *recorded = json_array_get(mappings, i);
        eid_id database = eid_get_id(recorded, "database");
        const eid_user_key *key = key_row(rows, eid_get_slice(recorded, "key"));
        const eid_key_mapping *mapping = key ? eid_user_key_mapping(key, &database) : NULL;
        json_t *actual;
        if (!eid_case_bool(suite, "mapped", eid_has(recorded, "mapping"), mapping != NULL)) return;
        if (!mapping) continue;
        actual = mapping_json(key, mapping);
        (void)eid_case_bool(suite, "the same identity", true,
                            json_equal(json_object_get(recorded, "mapping"), actual));
        json_decref(actual);
    }
}

static void check_signers(eid_suite *suite, eid_session *session, const json_t *finds)
{
    for (size_t i = 0; i < json_array_size(finds); i++) {
        const json_t *recorded = json_array_get(finds, i);
        eid_id database = eid_get_id(recorded, "database");
        char text[EID_KEY_TEXT_MAX];
        eid_signer signer;
        eid_status status = eid_session_signer(session, &database, &signer);
        if (eid_status_detail(status).kind == EID_KIND_USER_PENDING) continue; /* not held */
        if (!eid_case_ok(suite, "signer", status)) continue;
        (void)eid_case_text(suite, "find_key", eid_get_text(recorded, "find_key"),
                            eid_slice_text(eid_pubkey_text(&signer.key->pub, text)));
    }
}

static void check_tracked(eid_suite *suite, eid_txn *txn, const json_t *tracked)
{
    for (size_t i = 0; i < json_array_size(tracked); i++) {
        const json_t *recorded = json_array_get(tracked, i);
        char *row = NULL;
        json_t *actual;
        eid_status status = eid_table_get(txn, eid_slice_text(EID_STORE_TRACKED),
                                          eid_get_slice(recorded, "database_id"), &row);
        if (!eid_case_ok(suite, "tracked row", status)) return;
        actual = json_loads(row, JSON_ALLOW_NUL, NULL);
        (void)eid_case_bool(suite, "the same tracked row", true, json_equal(recorded, actual));
        json_decref(actual);
        eid_free(row);
    }
}

static void check_errors(eid_suite *suite, eid_session *session, const json_t *test)
{
    const json_t *errors = json_object_get(test, "errors");
    eid_id unknown = eid_id_of_raw(eid_slice_text("a database that nobody has"));
    eid_id untracked = eid_get_id(test, "db_by_k1");
    eid_signer signer;
    eid_key stranger;
    eid_status status;

    eid_key_generate(eid_random_system(), &stranger);
    status = eid_session_signer(session, &unknown, &signer);
    (void)eid_case_error(suite, "open_unknown",
                         eid_get_text(json_object_get(errors, "open_unknown"), "error"), status);
    status = eid_session_track(session, &unknown, &stranger.pub, NULL, false);
    (void)eid_case_error(suite, "map_unknown_key",
                         eid_get_text(json_object_get(errors, "map_unknown_key"), "error"), status);
    status = eid_session_untrack(session, &untracked);
    (void)eid_case_error(suite, "untracked_lookup",
                         eid_get_text(json_object_get(errors, "untracked_lookup"), "error"),
                         status);
    status = eid_session_track(session, &unknown, &eid_session_root_key(session)->pub, NULL, false);
    if (eid_case_ok(suite, "track", status))
        status = eid_session_signer(session, &unknown, &signer);
    (void)eid_case_error(suite, "open_pending",
                         eid_get_text(json_object_get(errors, "open_pending"), "error"), status);
}

/* The private database is the one whose recorded name begins so. */
static const json_t *private_database(const json_t *databases)
{
    for (size_t i = 0; i < json_array_size(databases); i++) {
        const json_t *database = json_array_get(databases, i);
        const char *name = eid_get_text(database, "settings_name");
        if (strncmp(name, "_user_", 6) == 0) return database;
    }
    return NULL;
}

static void session_check(eid_suite *suite, const users_node *node, const json_t *test)
{
    const json_t *database = private_database(eid_get_array(test, "databases_after"));
    const char *name = eid_get_text(database, "settings_name") + strlen("_user_");
    eid_slice password = eid_get_slice(test, "password");
    eid_id root = eid_get_id(database, "root");
    eid_session *session = NULL;
    eid_txn *txn = NULL;
    key_rows rows = {.count = 0};
    eid_status status =
        eid_session_login(node->seam, &node->device, eid_slice_text(name), &password, &session);

    if (eid_case_ok(suite, "login", status)) {
        users_check_keys(suite, session, eid_get_array(test, "keys"));
        check_signers(suite, session, eid_get_array(test, "find_key"));
        (void)eid_case_ok(suite, "begin", eid_txn_begin(node->seam, &root, NULL, NULL, &txn));
        status = eid_table_scan(txn, eid_slice_text(EID_STORE_KEYS), false, EID_SLICE_EMPTY,
                                on_key_row, &rows);
        (void)eid_case_ok(suite, "keys", status);
        check_mappings(suite, &rows, eid_get_array(test, "mappings"));
        check_tracked(suite, txn, eid_get_array(test, "tracked"));
        check_errors(suite, session, test);
    }
    for (size_t i = 0; i < rows.count; i++) eid_user_key_fini(&rows.at[i]);
    eid_txn_free(txn);
    eid_session_logout(session);
}

static void session_case(eid_suite *suite, const json_t *test)
{
    users_node node;

    if (!eid_case_begin(suite, "session")) return;
    if (users_node_open(suite, test, "snapshot_after_b64", &node)) {
        users_check_databases(suite, &node, eid_get_array(test, "databases_after"));
        session_check(suite, &node, test);
        users_node_close(&node);
    }
    eid_case_end(suite);
}

static void users_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (!root) return;
    eid_suite_each(suite, root, "kdf", kdf_case);
    eid_suite_each(suite, root, "encryption", encryption_case);
    eid_suite_each(suite, root, "fresh", fresh_case);
    users_cases(suite, json_object_get(root, "users"));
    session_case(suite, json_object_get(root, "session"));
    if (eid_case_begin(suite, "with_sync")) {
        eid_case_skip(suite, "with_sync: the databases of the reference's sync engine");
        eid_case_end(suite);
    }
    eid_suite_skip_all(suite, root, "snapshot_open",
                       "snapshot_open: our storage has no snapshot file");
    json_decref(root);
}

EID_SUITE("users.json", users_run)
