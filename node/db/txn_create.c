/* A genesis is an ordinary commit of a transaction that has no base: its settings, staged here, are
 * also what it is judged by, which makes the signer the first admin. */
#include "dag/alloc.h"
#include "node/db/txn_internal.h"

static eid_status create_check_settings(const eid_doc *settings)
{
    const eid_value *auth = settings ? eid_doc_child(settings, eid_slice_text("auth")) : NULL;

    if (!auth || auth->type == EID_VALUE_DELETED) return EID_OK;
    return EID_FAIL(EID_KIND_AUTH_CONFIG, "the settings must not contain auth configuration: the "
                                          "signer of a new database becomes its admin");
}

/* The settings with the signer as Admin(0), staged. */
static eid_status create_stage_settings(eid_txn *txn, const eid_doc *settings,
                                        const eid_key *signer)
{
    eid_auth_key admin = {
        .pubkey = signer->pub,
        .permission = {.type = EID_PERMISSION_ADMIN, .priority = 0},
        .status = EID_KEY_ACTIVE,
    };
    eid_doc *staged;
    eid_status status = eid__txn_stage(txn, eid_slice_text(EID_STORE_SETTINGS), &staged);

    if (status != EID_OK) return status;
    if (settings) {
        status = eid_doc_merge(staged, settings);
        if (status != EID_OK) return status;
        eid_doc_drop_child(staged, eid_slice_text("auth")); /* at most a tombstone */
    }
    return eid_settings_put_key(staged, &admin);
}

eid_status eid_txn_create_database(const eid_seam *seam, const eid_doc *settings,
                                   const eid_key *signer,
                                   eid_status (*init)(void *self, eid_txn *txn), void *self,
                                   eid_id *root)
{
    eid_signer as = {.key = signer};
    eid_txn *txn = NULL;
    eid_status status;

    *root = EID_ID_EMPTY;
    status = create_check_settings(settings);
    if (status != EID_OK) goto done;
    status = eid__txn_new(seam, NULL, &as, &txn);
    if (status != EID_OK) goto done;
    txn->is_genesis = true;
    txn->entropy = eid_random_u64(seam->random);
    status = create_stage_settings(txn, settings, signer);
    if (status != EID_OK) goto done;
    if (init) {
        txn->is_locked = true;
        status = init(self, txn);
        txn->is_locked = false;
        if (status != EID_OK) goto done;
    }
    status = eid_txn_commit(txn, EID_DURABLE_SYNC, root);

done:
    eid_txn_free(txn);
    return status;
}
