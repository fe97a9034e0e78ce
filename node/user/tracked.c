/* What a user follows, and by which key, is written in one entry of the private database: a mapping
 * without its tracking row, or the other way round, cannot be left behind. */
#include "dag/alloc.h"
#include "node/db/table.h"
#include "node/user/session_internal.h"

/* The row of a key as it stands in the store, with the mapping in it. */
static eid_status tracked_put_mapping(eid_txn *txn, const eid__session_key *key, const eid_id *root,
                                      const eid_sigkey *identity, char made[37])
{
    eid_user_key row = {0};
    eid_buf fresh;
    char *json = NULL;
    eid_status status = EID_OK;

    eid_buf_init(&fresh, EID__ROW_MAX);
    if (key->row_key) {
        status =
            eid_table_get(txn, eid_slice_text(EID_STORE_KEYS), eid_slice_text(key->row_key), &json);
        if (status == EID_OK) status = eid_user_key_read(eid_slice_text(json), &row);
    } else {
        eid_user_key_write(&key->row, &fresh);
        status = eid_buf_status(&fresh);
        if (status == EID_OK) status = eid_user_key_read(eid_buf_slice(&fresh), &row);
    }
    if (status == EID_OK) status = eid_user_key_map(&row, root, identity);
    if (status == EID_OK) status = eid__session_put_row(txn, &row, key->row_key, made);
    if (json) eid_wipe(json, strlen(json));
    eid_free(json);
    eid_buf_wipe(&fresh);
    eid_user_key_fini(&row);
    return status;
}

static eid_status tracked_put(eid_txn *txn, const eid_tracked *tracked)
{
    char id[EID_ID_TEXT_MAX];
    eid_buf json;
    eid_status status;

    eid_buf_init(&json, EID__ROW_MAX);
    eid_tracked_write(tracked, &json);
    status = eid_buf_status(&json);
    if (status == EID_OK) {
        status = eid_table_set(txn, eid_slice_text(EID_STORE_TRACKED),
                               eid_slice_text(eid_id_format(&tracked->database, id)),
                               eid_buf_slice(&json));
    }
    eid_buf_fini(&json);
    return status;
}

/* The row as it is, or a new one. */
static eid_status tracked_get(eid_txn *txn, const eid_id *root, eid_tracked *out)
{
    char id[EID_ID_TEXT_MAX];
    char *json = NULL;
    eid_status status = eid_table_get(txn, eid_slice_text(EID_STORE_TRACKED),
                                      eid_slice_text(eid_id_format(root, id)), &json);

    *out = (eid_tracked){.database = *root};
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status == EID_OK) status = eid_tracked_read(eid_slice_text(json), out);
    eid_free(json);
    return status;
}

static eid_status tracked_stage(eid_txn *txn, const eid_id *root, const eid_pubkey *key,
                                bool sync_enabled)
{
    eid_tracked tracked;
    eid_status status = tracked_get(txn, root, &tracked);

    if (status != EID_OK) return status;
    tracked.key_id = *key;
    tracked.sync.enabled = sync_enabled;
    status = tracked_put(txn, &tracked);
    eid_tracked_fini(&tracked);
    return status;
}

/* One entry with both rows; then the session knows it too. */
static eid_status tracked_commit(eid_session *session, const eid_id *root, eid__session_key *key,
                                 const eid_sigkey *identity, bool sync_enabled)
{
    char made[37] = "";
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid__session_begin(session, &txn);

    if (status == EID_OK) status = tracked_put_mapping(txn, key, root, identity, made);
    if (status == EID_OK) status = tracked_stage(txn, root, &key->key.pub, sync_enabled);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    if (status == EID_OK && !key->row_key) {
        key->row_key = eid_slice_dup_text(eid_slice_text(made));
        if (!key->row_key) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    }
    if (status == EID_OK) status = eid_user_key_map(&key->row, root, identity);
    eid_txn_free(txn);
    return status;
}

eid_status eid_session_track(eid_session *session, const eid_id *root, const eid_pubkey *key,
                             const eid_sigkey *identity, bool sync_enabled)
{
    eid__session_key *held;
    char text[EID_KEY_TEXT_MAX];
    eid_status status;

    pthread_mutex_lock(session->lock);
    held = eid__session_find(session, key);
    if (held) {
        status = tracked_commit(session, root, held, identity, sync_enabled);
    } else {
        status = EID_FAIL(EID_KIND_USER_KEY_NOT_FOUND, "%s has no key %s", session->username,
                          eid_pubkey_text(key, text));
    }
    pthread_mutex_unlock(session->lock);
    return status;
}

eid_status eid_session_untrack(eid_session *session, const eid_id *root)
{
    char text[EID_ID_TEXT_MAX];
    eid_txn *txn = NULL;
    bool was_live = false;
    eid_id id;
    eid_status status;

    pthread_mutex_lock(session->lock);
    status = eid__session_begin(session, &txn);
    if (status == EID_OK) {
        status = eid_table_delete(txn, eid_slice_text(EID_STORE_TRACKED),
                                  eid_slice_text(eid_id_format(root, text)), &was_live);
    }
    if (status == EID_OK && !was_live) {
        status = EID_FAIL(EID_KIND_USER_NOT_TRACKED, "%s does not follow database %s",
                          session->username, eid_id_str(root));
    }
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    pthread_mutex_unlock(session->lock);
    eid_txn_free(txn);
    return status;
}

/* Who signs the genesis: the key named, which the session must have, or the root key. */
static eid_status tracked_signer(eid_session *session, const eid_pubkey *key, const eid_key **out)
{
    char text[EID_KEY_TEXT_MAX];
    eid__session_key *held;
    eid_status status;

    pthread_mutex_lock(session->lock);
    held = key ? eid__session_find(session, key) : session->root;
    if (held) {
        *out = &held->key;
        status = eid__session_prove(session, held);
    } else {
        status = EID_FAIL(EID_KIND_USER_KEY_NOT_FOUND, "%s has no key %s", session->username,
                          eid_pubkey_text(key, text));
    }
    pthread_mutex_unlock(session->lock);
    return status;
}

eid_status eid_session_build_database(eid_session *session, const eid_database_plan *plan,
                                      eid_id *root)
{
    const eid_pubkey *key = plan->key;
    const eid_key *signer = NULL;
    eid_pubkey made;
    eid_status status = EID_OK;

    *root = EID_ID_EMPTY;
    if (!key && plan->key_label) {
        status = eid_session_add_key(session, plan->key_label, &made);
        key = &made;
    }
    if (status == EID_OK) status = tracked_signer(session, key, &signer);
    if (status == EID_OK) {
        status = eid_txn_create_database(session->seam, plan->settings, signer, plan->init,
                                         plan->self, root);
    }
    if (status != EID_OK) return status;
    return eid_session_track(session, root, &signer->pub, NULL, false);
}

eid_status eid_session_create_database(eid_session *session, const eid_doc *settings,
                                       const eid_pubkey *key, eid_id *root)
{
    const eid_database_plan plan = {.settings = settings, .key = key};

    return eid_session_build_database(session, &plan, root);
}

typedef struct tracked_walk {
    eid_status (*fn)(void *arg, const eid_id *root, const eid_pubkey *key, bool sync_enabled);
    void *arg;
} tracked_walk;

static eid_status tracked_on_row(void *self, eid_slice key, eid_slice json)
{
    tracked_walk *walk = self;
    eid_tracked tracked;
    eid_status status = eid_tracked_read(json, &tracked);

    (void)key;
    if (status != EID_OK) return status;
    status = walk->fn(walk->arg, &tracked.database, &tracked.key_id, tracked.sync.enabled);
    eid_tracked_fini(&tracked);
    return status;
}

eid_status eid_session_tracked(eid_session *session,
                               eid_status (*fn)(void *arg, const eid_id *root,
                                                const eid_pubkey *key, bool sync_enabled),
                               void *arg)
{
    tracked_walk walk = {fn, arg};
    eid_txn *txn = NULL;
    eid_status status = eid_txn_begin(session->seam, &session->database, NULL, NULL, &txn);

    if (status == EID_OK) {
        status = eid_table_scan(txn, eid_slice_text(EID_STORE_TRACKED), false, EID_SLICE_EMPTY,
                                tracked_on_row, &walk);
    }
    eid_txn_free(txn);
    return status;
}
