/* Who runs the node is a matter of the settings of its two system databases, like any other right:
 * an admin signs with the own root key and never with the device's, so it works through a daemon
 * too. */
#include "node/db/settings.h"
#include "node/user/session_internal.h"

/* Does `_users` have an admin besides the device? Whether the key is revoked does not matter. */
static bool admin_exists(const eid_policy *policy, const eid_pubkey *device)
{
    for (size_t i = 0; i < eid_policy_key_count(policy); i++) {
        const eid_auth_key *key = eid_policy_key(policy, i);
        if (eid_pubkey_equal(&key->pubkey, device)) continue;
        if (eid_permission_can_admin(key->permission)) return true;
    }
    return false;
}

/* Give Admin(0) under the name `admin` in one of the system databases. */
static eid_status admin_grant(const eid_seam *seam, const eid_id *root, const eid_key *signer,
                              const eid_pubkey *to)
{
    char name[] = "admin";
    eid_auth_key record = {.pubkey = *to, .has_name = true, .name = name};
    eid_signer as = {.key = signer};
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status;

    record.permission = (eid_permission){EID_PERMISSION_ADMIN, 0};
    record.status = EID_KEY_ACTIVE;
    status = eid_txn_begin(seam, root, &as, NULL, &txn);
    if (status == EID_OK) status = eid_settings_store_put_key(txn, &record);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    eid_txn_free(txn);
    return status;
}

eid_status eid__admin_grant_first(const eid_seam *seam, const eid_key *signer, const eid_pubkey *to)
{
    eid_id users_db, databases_db;
    eid_pubkey device;
    eid_txn *txn = NULL;
    eid_policy *policy = NULL;
    bool has_admin = true;
    eid_status status = eid__users_database(seam, &users_db, &databases_db, &device);

    if (status == EID_OK) status = eid_txn_begin(seam, &users_db, NULL, NULL, &txn);
    if (status == EID_OK) status = eid_settings_store_policy(txn, &policy);
    if (status == EID_OK) has_admin = admin_exists(policy, &device);
    if (status == EID_OK && !has_admin) status = admin_grant(seam, &users_db, signer, to);
    if (status == EID_OK && !has_admin) status = admin_grant(seam, &databases_db, signer, to);
    eid_policy_free(policy);
    eid_txn_free(txn);
    return status;
}

eid_status eid_session_is_admin(eid_session *session, bool *out)
{
    eid_doc *settings = NULL;
    eid_policy *policy = NULL;
    const eid_auth_key *key;
    eid_status status = session->seam->doc(session->seam->self, &session->users_db,
                                           eid_slice_text(EID_STORE_SETTINGS), &settings);

    *out = false;
    if (status == EID_E_DENIED || status == EID_E_NOT_FOUND) return EID_OK; /* may not even look */
    if (status == EID_OK) status = eid_policy_of_settings(settings, &policy);
    if (status == EID_OK) {
        key = eid_policy_find(policy, &session->root->key.pub, NULL);
        *out = key && key->status == EID_KEY_ACTIVE && eid_permission_can_admin(key->permission);
    }
    eid_policy_free(policy);
    eid_doc_free(settings);
    return status;
}

static eid_status admin_need(eid_session *session)
{
    bool is_admin;
    eid_status status = eid_session_is_admin(session, &is_admin);

    if (status != EID_OK || is_admin) return status;
    return EID_FAIL(EID_KIND_USER_NOT_ADMIN, "%s is no admin of this node", session->username);
}

eid_status eid_session_add_user(eid_session *session, eid_slice username, const eid_slice *password)
{
    eid_status status = admin_need(session);

    if (status != EID_OK) return status;
    return eid__user_create(session->seam, &session->root->key, username, password);
}

eid_status eid_session_grant_admin(eid_session *session, const eid_pubkey *key)
{
    eid_status status = admin_need(session);

    if (status == EID_OK) {
        status = admin_grant(session->seam, &session->users_db, &session->root->key, key);
    }
    if (status == EID_OK) {
        status = admin_grant(session->seam, &session->databases_db, &session->root->key, key);
    }
    return status;
}
