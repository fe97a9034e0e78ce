/* Stores as such: what they are, and which of the encrypted ones are open. A handle keeps the key
 * of what it has unlocked and not the password, so that a transaction costs no derivation; a store
 * that was made anew since, by somebody who merged, is locked again and its key of no use. */
#include "crdt/payload.h"
#include "dag/alloc.h"
#include "dag/log.h"
#include "node/api_internal.h"
#include "node/db/docstore.h"
#include "node/db/password_store.h"
#include "node/db/registry.h"

struct eid__api_unlocked {
    eid__api_unlocked *next;
    eid_password_key key;
    char *store; /* owned */
};

static eid_status store_check(const void *handle, const char *store, const void *last,
                              const char *name)
{
    eid_status status = eid__api_need(handle, "the handle");

    if (status == EID_OK) status = eid__api_need(store, "store");
    return status == EID_OK ? eid__api_need(last, name) : status;
}

/* -- keys that the handle has ------------------------------------------------------------------ */

static void unlocked_free(eid__api_unlocked *one)
{
    if (!one) return;
    eid_password_key_wipe(&one->key);
    eid_free(one->store);
    eid_free(one);
}

/* Take a store out of the list, which is locked; NULL if it is not there. */
static eid__api_unlocked *unlocked_remove(eidetica_db *db, const char *store)
{
    for (eid__api_unlocked **at = &db->unlocked; *at; at = &(*at)->next) {
        eid__api_unlocked *one = *at;
        if (strcmp(one->store, store) != 0) continue;
        *at = one->next;
        return one;
    }
    return NULL;
}

void eid__api_lock_all(eidetica_db *db)
{
    while (db->unlocked) {
        eid__api_unlocked *one = db->unlocked;
        db->unlocked = one->next;
        unlocked_free(one);
    }
}

/* Open one store in a transaction; one that is not as it was when it was unlocked stays locked. */
static eid_status unlock_one(eid_txn *txn, const eid__api_unlocked *one)
{
    eid_registry_row row;
    eid_status status = eid_registry_find(txn, eid_slice_text(one->store), &row);

    if (status == EID_OK) {
        eid_registry_row_fini(&row);
        status = eid_password_store_open_key(txn, eid_slice_text(one->store), &one->key, NULL);
    }
    if (status == EID_OK || status == EID_E_NO_MEMORY || status == EID_E_IO ||
        status == EID_E_CORRUPT || status == EID_E_CLOSED) {
        return status;
    }
    eid_log_debug("store.locked", "store=%s reason=%s", one->store, eid_status_detail(status).text);
    return EID_OK;
}

eid_status eid__api_unlock_all(eidetica_db *db, eid_txn *txn)
{
    eid_status status = EID_OK;

    pthread_mutex_lock(&db->unlocked_lock);
    for (const eid__api_unlocked *one = db->unlocked; one && status == EID_OK; one = one->next) {
        status = unlock_one(txn, one);
    }
    pthread_mutex_unlock(&db->unlocked_lock);
    return status;
}

static eid_status store_need(eid_txn *txn, const char *store, eid_registry_row *row)
{
    eid_status status = eid_registry_find(txn, eid_slice_text(store), row);

    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_KEY_NOT_FOUND, "there is no store %s", store);
}

/* The key of a store, tried in a transaction of its own. */
static eid_status unlock_make(eidetica_db *db, eid__api_unlocked *one, const char *password)
{
    eid_slice store = eid_slice_text(one->store);
    eid_registry_row row;
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(db->seam, &db->root, NULL, NULL, &txn);

    if (status == EID_OK) status = store_need(txn, one->store, &row);
    if (status == EID_OK) {
        eid_registry_row_fini(&row);
        status = eid_password_store_key(txn, store, eid_slice_text(password), &one->key);
    }
    if (status == EID_OK) status = eid_password_store_open_key(txn, store, &one->key, NULL);
    eid_txn_free(txn);
    return status;
}

static eid_status store_unlock(eidetica_db *db, const char *store, const char *password)
{
    eid__api_unlocked *one = eid_alloc(sizeof *one), *old;
    eid_status status;

    if (!one) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    one->store = eid_slice_dup_text(eid_slice_text(store));
    status = one->store ? unlock_make(db, one, password)
                        : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    if (status != EID_OK) {
        unlocked_free(one);
        return status;
    }
    pthread_mutex_lock(&db->unlocked_lock);
    old = unlocked_remove(db, store);
    one->next = db->unlocked;
    db->unlocked = one;
    pthread_mutex_unlock(&db->unlocked_lock);
    unlocked_free(old);
    return EID_OK;
}

eidetica_status eidetica_store_unlock(eidetica_db *db, const char *store, const char *password)
{
    eid_status status = store_check(db, store, password, "password");

    if (status == EID_OK) status = store_unlock(db, store, password);
    return eid__api_end(status);
}

void eidetica_store_lock(eidetica_db *db, const char *store)
{
    eid__api_unlocked *one;

    if (!db || !store) return;
    pthread_mutex_lock(&db->unlocked_lock);
    one = unlocked_remove(db, store);
    pthread_mutex_unlock(&db->unlocked_lock);
    unlocked_free(one);
}

eidetica_status eidetica_store_encrypt(eidetica_txn *txn, const char *store, const char *type,
                                       const char *password)
{
    eid_status status = store_check(txn, store, type, "type");

    if (status == EID_OK) status = eid__api_need(password, "password");
    if (status == EID_OK) {
        status = eid_password_store_initialize(txn->txn, eid_slice_text(store),
                                               eid_slice_text(password), type, NULL);
    }
    return eid__api_end(status);
}

/* -- the registry ------------------------------------------------------------------------------ */

static bool store_is_type(const char *type)
{
    static const char *const types[] = {EID_TYPE_DOCSTORE, EID_TYPE_TABLE, "ydoc:v0",
                                        EID_TYPE_PASSWORD};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0) return true;
    }
    return false;
}

eidetica_status eidetica_store_open(eidetica_txn *txn, const char *store, const char *type)
{
    eid_status status = store_check(txn, store, type, "type");

    if (status == EID_OK && !store_is_type(type)) {
        status = EID_FAIL(EID_KIND_STORE_OPERATION,
                          "there are no stores of type %s: use docstore:v0, table:v0, ydoc:v0 or "
                          "encrypted:password:v0",
                          type);
    }
    if (status == EID_OK) status = eid_txn_open_store(txn->txn, eid_slice_text(store), type);
    return eid__api_end(status);
}

static void store_random(void *self, uint8_t out[16])
{
    const eid_random *random = self;

    random->fill(random->self, out, 16);
}

static eid_status store_set_config(eidetica_txn *txn, const char *store, const char *json)
{
    eid_random random = *eid_txn_seam(txn->txn)->random;
    eid_value value = EID_VALUE_NULL_INIT;
    eid_registry_row row = {0};
    eid_doc *config = NULL;
    eid_status status = eid_payload_from_plain(eid_slice_text(json), store_random, &random, &value);

    if (status == EID_OK && value.type != EID_VALUE_DOC) {
        status = EID_FAIL(EID_KIND_STORE_OPERATION, "a store's config is a JSON object");
    }
    if (status == EID_OK) status = store_need(txn->txn, store, &row);
    if (status == EID_OK && strcmp(row.type, EID_TYPE_PASSWORD) == 0) {
        status = EID_FAIL(EID_KIND_STORE_OPERATION,
                          "the config of encrypted store %s holds its key record", store);
    }
    if (status == EID_OK) {
        config = value.doc;
        value = EID_VALUE_NULL_INIT;
        eid_doc_set_atomic(config, true); /* replaces the old one whole */
        status = eid_registry_set_take(txn->txn, eid_slice_text(store), NULL, &config);
    }
    eid_registry_row_fini(&row);
    eid_value_fini(&value);
    return status;
}

eidetica_status eidetica_store_set_config(eidetica_txn *txn, const char *store, const char *json)
{
    eid_status status = store_check(txn, store, json, "json");

    if (status == EID_OK) status = store_set_config(txn, store, json);
    return eid__api_end(status);
}

/* -- what is known of a store ------------------------------------------------------------------ */

static eid_status store_write_seal(eid_txn *txn, const char *store, eid_json_writer *json)
{
    static const char *const names[] = {"uninitialized", "locked", "unlocked"};
    eid_password_state state = EID_PASSWORD_UNINITIALIZED;
    const char *inner = NULL;
    eid_status status = eid_password_store_load(txn, eid_slice_text(store), &state);

    if (status != EID_OK) return status;
    eid_json_key(json, "encrypted");
    eid_json_text(json, names[state]);
    if (state != EID_PASSWORD_UNLOCKED) return EID_OK;
    status = eid_password_store_inner(txn, eid_slice_text(store), &inner);
    eid_json_key(json, "wraps");
    eid_json_text(json, inner);
    return status;
}

static eid_status store_write(eid_txn *txn, const char *store, eid_json_writer *json)
{
    eid_registry_row row;
    eid_status status = store_need(txn, store, &row);

    if (status != EID_OK) return status;
    eid_json_object(json);
    eid_json_key(json, "name");
    eid_json_text(json, store);
    eid_json_key(json, "type");
    eid_json_text(json, row.type);
    if (strcmp(row.type, EID_TYPE_PASSWORD) == 0) {
        status = store_write_seal(txn, store, json);
    } else {
        eid_json_key(json, "config");
        eid_payload_view_doc(row.config, json);
    }
    eid_json_key(json, "heights");
    eid_json_text(json, !row.has_strategy                      ? NULL
                        : row.strategy == EID_HEIGHT_TIMESTAMP ? "timestamp"
                                                               : "incremental");
    eid_json_object_end(json);
    eid_registry_row_fini(&row);
    return status;
}

eidetica_status eidetica_store_show(eidetica_db *db, const char *store, char **json)
{
    eid_json_writer writer;
    eid_txn *txn = NULL;
    eid_buf buf;
    eid_status status = store_check(db, store, json, "json");

    if (status != EID_OK) return eid__api_end(status);
    *json = NULL;
    eid_buf_init(&buf, EID__API_JSON_MAX);
    eid_json_writer_init(&writer, &buf);
    status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = store_write(txn, store, &writer);
    if (status == EID_OK) status = eid_buf_status(&buf);
    if (status == EID_OK) {
        *json = eid_buf_take_text(&buf);
        if (!*json) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a report");
    }
    eid_txn_free(txn);
    eid_buf_fini(&buf);
    return eid__api_end(status);
}
