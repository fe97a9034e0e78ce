/* The one call by which a user writes to a database without any right in it: there are no rights
 * left to have. It signs with the user's root key, since no other key is mapped to such a database.
 */
#include "node/api_internal.h"
#include "node/db/settings.h"
#include "node/user/session.h"

static eid_status repair_check(eid_txn *txn, const eid_id *root)
{
    eid_doc *settings = NULL;
    const eid_value *auth;
    eid_status status = eid_txn_settings(txn, &settings);

    if (status != EID_OK) return status;
    auth = eid_doc_child(settings, eid_slice_text("auth"));
    if (auth && auth->type == EID_VALUE_DOC && eid_doc_live(auth->doc) > 0) {
        status = EID_FAIL(EID_KIND_AUTH_CONFIG, "database %s has rights: ask one of its admins",
                          eid_id_str(root));
    }
    eid_doc_free(settings);
    return status;
}

static eid_status repair_run(eidetica_user *user, const eid_id *root)
{
    const eid_key *key = eid_session_root_key(user->session);
    const eid_auth_key record = {
        .pubkey = key->pub, .permission = {EID_PERMISSION_ADMIN, 0}, .status = EID_KEY_ACTIVE};
    const eid_signer signer = {.key = key};
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid_txn_begin(user->seam, root, &signer, NULL, &txn);

    if (status == EID_OK) status = repair_check(txn, root);
    if (status == EID_OK) status = eid_settings_store_put_key(txn, &record);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    eid_txn_free(txn);
    if (status != EID_OK) return status;
    return eid_session_track(user->session, root, &key->pub, NULL, false);
}

eidetica_status eidetica_db_repair(eidetica_user *user, const char *root)
{
    eid_id id;
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = eid__api_need(root, "root");
    if (status == EID_OK) status = eid__api_find(user, root, &id);
    if (status == EID_OK) status = repair_run(user, &id);
    return eid__api_end(status);
}
