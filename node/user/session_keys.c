/* Keys are decrypted once, at login, and live in blocks of their own: a signer that was lent stays
 * good while others are added. A row is changed as it stands in the store, not as it was at login,
 * so a second session of the same user loses nothing. */
#include <stdlib.h>

#include "dag/alloc.h"
#include "node/db/table.h"
#include "node/user/session_internal.h"

#define SESSION_KEYS_MAX 65536u

void eid__session_key_free(eid__session_key *key)
{
    if (!key) return;
    eid_key_wipe(&key->key);
    eid_user_key_fini(&key->row);
    eid_free(key->row_key);
    eid_free(key);
}

static int keys_compare(const eid__session_key *a, const eid__session_key *b)
{
    char text_a[EID_KEY_TEXT_MAX], text_b[EID_KEY_TEXT_MAX];

    if (a->row.created_at != b->row.created_at) {
        return a->row.created_at < b->row.created_at ? -1 : 1;
    }
    if (a->row.is_default != b->row.is_default) return a->row.is_default ? -1 : 1;
    return strcmp(eid_pubkey_text(&a->row.key_id, text_a), eid_pubkey_text(&b->row.key_id, text_b));
}

static int keys_order(const void *a, const void *b)
{
    return keys_compare(*(eid__session_key *const *)a, *(eid__session_key *const *)b);
}

eid__session_key *eid__session_find(const eid_session *session, const eid_pubkey *key)
{
    for (size_t i = 0; i < session->key_count; i++) {
        if (eid_pubkey_equal(&session->keys[i]->key.pub, key)) return session->keys[i];
    }
    return NULL;
}

/* Put a key last, or in place of one with the same id. Takes it if this succeeds. */
static eid_status keys_put_take(eid_session *session, eid__session_key **key)
{
    eid__session_key **keys;

    for (size_t i = 0; i < session->key_count; i++) {
        if (!eid_pubkey_equal(&session->keys[i]->key.pub, &(*key)->key.pub)) continue;
        eid__session_key_free(session->keys[i]);
        session->keys[i] = *key;
        *key = NULL;
        return EID_OK;
    }
    if (session->key_count >= SESSION_KEYS_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a user has more than %u keys", SESSION_KEYS_MAX);
    }
    keys = eid_realloc(session->keys, (session->key_count + 1) * sizeof(eid__session_key *));
    if (!keys) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    session->keys = keys;
    session->keys[session->key_count++] = *key;
    *key = NULL;
    return EID_OK;
}

/* Decrypt `key->row` into `key->key` and check that they belong together. */
static eid_status keys_open(const eid_session *session, eid__session_key *key)
{
    eid_status status = eid_key_storage_open(&key->row.storage,
                                             session->has_wrap ? &session->wrap : NULL, &key->key);

    if (status != EID_OK) return status;
    if (eid_pubkey_equal(&key->key.pub, &key->row.key_id)) return EID_OK;
    return EID_FAIL(EID_KIND_USER_DECRYPT, "a stored key is not the one its record names");
}

static eid_status keys_on_row(void *arg, eid_slice row_key, eid_slice json)
{
    eid_session *session = arg;
    eid__session_key *key = eid_alloc(sizeof *key);
    eid_status status;

    if (!key) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    status = eid_user_key_read(json, &key->row);
    if (status != EID_OK) goto done;
    key->row_key = eid_slice_dup_text(row_key);
    if (!key->row_key) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
        goto done;
    }
    status = keys_open(session, key);
    if (status == EID_OK) status = keys_put_take(session, &key);

done:
    eid__session_key_free(key);
    return status;
}

/* The row that a root key gets when none is stored yet. */
static eid_status keys_synthesize(eid_session *session, const eid_user_info *info)
{
    eid__session_key *key = eid_alloc(sizeof *key);
    eid_status status;

    if (!key) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    key->row.key_id = info->root_key_id;
    key->row.created_at = info->created_at;
    key->row.is_default = true;
    key->row.display_name = eid_slice_dup_text(eid_slice_text("Root Key"));
    status = eid_key_storage_copy(&info->root_key, &key->row.storage);
    if (status == EID_OK && !key->row.display_name) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    }
    if (status == EID_OK) status = keys_open(session, key);
    if (status == EID_OK) status = keys_put_take(session, &key);
    eid__session_key_free(key);
    return status;
}

eid_status eid__session_load_keys(eid_session *session, const eid_user_info *info,
                                  const eid_key *root)
{
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(session->seam, &session->database, NULL, NULL, &txn);

    if (status == EID_OK) {
        status = eid_table_scan(txn, eid_slice_text(EID_STORE_KEYS), false, EID_SLICE_EMPTY,
                                keys_on_row, session);
    }
    eid_txn_free(txn);
    if (status == EID_OK && !eid__session_find(session, &root->pub)) {
        status = keys_synthesize(session, info);
    }
    if (status != EID_OK) return status;
    qsort(session->keys, session->key_count, sizeof(eid__session_key *), keys_order);
    session->root = eid__session_find(session, &root->pub);
    return EID_OK;
}

eid_status eid__session_begin(const eid_session *session, eid_txn **out)
{
    eid_signer as = {.key = &session->root->key};

    return eid_txn_begin(session->seam, &session->database, &as, NULL, out);
}

eid_status eid__session_put_row(eid_txn *txn, const eid_user_key *row, const char *row_key,
                                char made_key[37])
{
    eid_slice store = eid_slice_text(EID_STORE_KEYS);
    eid_buf json;
    eid_status status;

    eid_buf_init(&json, EID__ROW_MAX);
    eid_user_key_write(row, &json);
    status = eid_buf_status(&json);
    if (status == EID_OK && row_key) {
        status = eid_table_set(txn, store, eid_slice_text(row_key), eid_buf_slice(&json));
    } else if (status == EID_OK) {
        status = eid_table_insert(txn, store, eid_buf_slice(&json), made_key);
    }
    eid_buf_wipe(&json);
    return status;
}

eid_status eid__session_prove(eid_session *session, eid__session_key *key)
{
    eid_status status;

    if (key->is_proven || !session->seam->is_remote) return EID_OK;
    status = session->seam->prove(session->seam->self, &key->key);
    if (status == EID_OK) key->is_proven = true;
    return status;
}

static eid_status keys_make(eid_session *session, const char *label, eid__session_key **out)
{
    const eid_clock *clock = session->seam->clock;
    eid__session_key *key = eid_alloc(sizeof *key);
    eid_status status = EID_OK;

    *out = NULL;
    if (!key) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    eid_key_generate(session->seam->random, &key->key);
    key->row.key_id = key->key.pub;
    key->row.created_at = (int64_t)(clock->wall_ms(clock->self) / 1000);
    if (label) {
        key->row.display_name = eid_slice_dup_text(eid_slice_text(label));
        if (!key->row.display_name) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    }
    if (status == EID_OK) {
        status = eid_key_storage_make(&key->key, session->has_wrap ? &session->wrap : NULL,
                                      session->seam->random, &key->row.storage);
    }
    if (status != EID_OK) {
        eid__session_key_free(key);
        return status;
    }
    *out = key;
    return EID_OK;
}

/* Store the row of a new key, then hold it. */
static eid_status keys_store_take(eid_session *session, eid__session_key **key)
{
    char made[37];
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid__session_begin(session, &txn);

    if (status == EID_OK) status = eid__session_put_row(txn, &(*key)->row, NULL, made);
    if (status == EID_OK) {
        (*key)->row_key = eid_slice_dup_text(eid_slice_text(made));
        if (!(*key)->row_key) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    }
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    if (status == EID_OK) status = keys_put_take(session, key);
    if (status == EID_OK) {
        qsort(session->keys, session->key_count, sizeof(eid__session_key *), keys_order);
    }
    eid_txn_free(txn);
    return status;
}

eid_status eid_session_add_key(eid_session *session, const char *label, eid_pubkey *out)
{
    eid__session_key *key = NULL;
    eid_status status;

    pthread_mutex_lock(session->lock);
    status = keys_make(session, label, &key);
    if (status == EID_OK) {
        *out = key->key.pub;
        status = keys_store_take(session, &key);
    }
    pthread_mutex_unlock(session->lock);
    eid__session_key_free(key);
    return status;
}

size_t eid_session_key_count(const eid_session *session)
{
    size_t count;

    pthread_mutex_lock(session->lock);
    count = session->key_count;
    pthread_mutex_unlock(session->lock);
    return count;
}

const eid_key *eid_session_key(const eid_session *session, size_t i)
{
    const eid_key *key = NULL;

    pthread_mutex_lock(session->lock);
    if (i < session->key_count) key = &session->keys[i]->key;
    pthread_mutex_unlock(session->lock);
    return key;
}

const eid_key *eid_session_find_key(const eid_session *session, const eid_pubkey *key)
{
    const eid__session_key *found;

    pthread_mutex_lock(session->lock);
    found = eid__session_find(session, key);
    pthread_mutex_unlock(session->lock);
    return found ? &found->key : NULL;
}
