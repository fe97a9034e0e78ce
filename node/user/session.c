/* Login is a row of small steps on a session that nobody else sees yet; whichever fails, one exit
 * wipes what had been decrypted. Where the user's row comes from is the only thing that differs
 * with a daemon (user_find.c). */
#include "node/user/session.h"

#include <stdio.h>

#include "dag/alloc.h"
#include "dag/log.h"
#include "node/db/settings.h"
#include "node/db/table.h"
#include "node/user/session_internal.h"

static eid_status session_new(const eid_seam *seam, eid_slice username, eid_session **out)
{
    eid_session *session = eid_alloc(sizeof *session);
    eid_status status = EID_OK;

    *out = NULL;
    if (!session) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a session");
    session->lock = eid_alloc(sizeof *session->lock);
    if (!session->lock || pthread_mutex_init(session->lock, NULL) != 0) {
        eid_free(session->lock);
        eid_free(session);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no lock for a session");
    }
    session->seam = seam;
    session->username = eid_slice_dup_text(username);
    if (!session->username) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a session");
    if (status == EID_OK) {
        status =
            eid__users_database(seam, &session->users_db, &session->databases_db, &session->device);
    }
    if (status != EID_OK) {
        eid_session_logout(session);
        return status;
    }
    *out = session;
    return EID_OK;
}

void eid_session_logout(eid_session *session)
{
    if (!session) return;
    for (size_t i = 0; i < session->key_count; i++) eid__session_key_free(session->keys[i]);
    eid_free(session->keys);
    for (size_t i = 0; i < session->identity_count; i++) {
        eid_sigkey_owned_fini(session->identities[i]);
        eid_free(session->identities[i]);
    }
    eid_free(session->identities);
    eid_wrap_wipe(&session->wrap);
    eid_free(session->username);
    eid_free(session->uuid);
    pthread_mutex_destroy(session->lock);
    eid_free(session->lock);
    eid_free(session);
}

const eid_seam *eid_session_seam(const eid_session *session)
{
    return session->seam;
}

const char *eid_session_username(const eid_session *session)
{
    return session->username;
}

const char *eid_session_uuid(const eid_session *session)
{
    return session->uuid;
}

const eid_key *eid_session_root_key(const eid_session *session)
{
    return &session->root->key;
}

/* Steps 2 to 4: may this account log in this way at all? */
static eid_status login_check(const eid_session *session, const eid_user_info *info,
                              const eid_slice *password)
{
    if (strcmp(info->status, "Active") != 0) {
        return EID_FAIL(EID_KIND_USER_DISABLED, "the account of %s is %s", session->username,
                        info->status);
    }
    if (password && !info->salt) {
        return EID_FAIL(EID_KIND_USER_PASSWORD, "%s has no password", session->username);
    }
    if (!password && info->salt) {
        return EID_FAIL(EID_KIND_USER_PASSWORD_REQUIRED, "%s has a password", session->username);
    }
    return EID_OK;
}

/* Step 5: the root key, which also proves the password. */
static eid_status login_open_root(eid_session *session, const eid_user_info *info,
                                  const eid_slice *password, eid_key *root)
{
    eid_status status;

    if (password) {
        status = eid_wrap_derive(*password, eid_slice_text(info->salt), &session->wrap);
        if (status != EID_OK) return status;
        session->has_wrap = true;
    }
    status = eid_key_storage_open(&info->root_key, session->has_wrap ? &session->wrap : NULL, root);
    if (status != EID_OK) return status;
    if (!eid_pubkey_equal(&root->pub, &info->root_key_id)) {
        return EID_FAIL(EID_KIND_USER_DECRYPT, "the root key of %s is not the recorded one",
                        session->username);
    }
    return session->seam->is_remote ? session->seam->prove(session->seam->self, root) : EID_OK;
}

/* Let the device read the private database, which has the user's preferences for sync. */
static eid_status login_admit_device(const eid_session *session, eid_txn *txn, bool *is_changed)
{
    char name[] = "device";
    eid_auth_key record = {.pubkey = session->device, .has_name = true, .name = name};
    eid_policy *policy = NULL;
    bool malformed = false;
    eid_status status = eid_settings_store_policy(txn, &policy);

    record.permission = (eid_permission){EID_PERMISSION_READ, 0};
    record.status = EID_KEY_ACTIVE;
    if (status == EID_OK && !eid_policy_find(policy, &session->device, &malformed)) {
        status = eid_settings_store_put_key(txn, &record);
        *is_changed = true;
    }
    eid_policy_free(policy);
    return status;
}

/* Step 9: what only a user's own key can set up in the private database. */
static eid_status login_bootstrap(eid_session *session)
{
    eid__session_key *root = session->root;
    char made[37];
    char *row_key = NULL;
    bool is_changed = !root->row_key;
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid__session_begin(session, &txn);

    if (status == EID_OK && is_changed) {
        status = eid__session_put_row(txn, &root->row, NULL, made);
        if (status == EID_OK) row_key = eid_slice_dup_text(eid_slice_text(made));
    }
    if (status == EID_OK) status = login_admit_device(session, txn, &is_changed);
    if (status == EID_OK && is_changed) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    if (status == EID_OK && row_key) {
        root->row_key = row_key;
        row_key = NULL;
    }
    eid_free(row_key);
    eid_txn_free(txn);
    return status;
}

/* Step 10. Nothing is lost if it does not survive a power cut. */
static eid_status login_note_time(const eid_session *session, const eid_key *device)
{
    const eid_clock *clock = session->seam->clock;
    eid_signer as = {.key = device};
    eid_txn *txn = NULL;
    char seconds[24];
    eid_id id;
    eid_status status = eid_txn_begin(session->seam, &session->users_db, &as, NULL, &txn);

    snprintf(seconds, sizeof seconds, "%llu",
             (unsigned long long)(clock->wall_ms(clock->self) / 1000));
    if (status == EID_OK) {
        status = eid_table_set(txn, eid_slice_text(EID_STORE_LAST_LOGIN),
                               eid_slice_text(session->uuid), eid_slice_text(seconds));
    }
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

/* Steps that do not stop a login when they fail. */
static void login_finish(eid_session *session, const eid_key *device)
{
    eid_status status = login_bootstrap(session);

    if (status != EID_OK) {
        eid_log_warn("login.bootstrap", "user=%s reason=%s", session->uuid,
                     eid_status_detail(status).text);
    }
    if (!device || session->seam->is_remote) return;
    status = login_note_time(session, device);
    if (status != EID_OK) {
        eid_log_warn("login.last_login", "user=%s reason=%s", session->uuid,
                     eid_status_detail(status).text);
    }
}

eid_status eid_session_login(const eid_seam *seam, const eid_key *device, eid_slice username,
                             const eid_slice *password, eid_session **out)
{
    eid_session *session = NULL;
    eid_user_info info = {0};
    eid_key root = {0};
    eid_status status;

    *out = NULL;
    status = session_new(seam, username, &session);
    if (status != EID_OK) goto done;
    status = eid__user_find(seam, username, &info, &session->uuid);
    if (status != EID_OK) goto done;
    session->database = info.database;
    status = login_check(session, &info, password);
    if (status != EID_OK) goto done;
    status = login_open_root(session, &info, password, &root);
    if (status != EID_OK) goto done;
    status = eid__session_load_keys(session, &info, &root);
    if (status != EID_OK) goto done;
    session->root->is_proven = true;
    login_finish(session, device);
    *out = session;
    session = NULL;

done:
    eid_key_wipe(&root);
    eid_user_info_fini(&info);
    eid_session_logout(session);
    return status;
}
