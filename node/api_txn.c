/* A transaction of one who may not write begins all the same: it can read what it has staged, and
 * is refused when it commits, where the reason can be told. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/txn.h"

static eid_status txn_begin(eidetica_db *db, eidetica_txn **out)
{
    eidetica_txn *txn = eid_alloc(sizeof *txn);
    eid_signer signer;
    eid_status status;

    if (!txn) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a transaction");
    txn->db = db;
    status = eid__api_signer(db, &signer);
    if (status == EID_OK || status == EID_E_DENIED) {
        status =
            eid_txn_begin(db->seam, &db->root, status == EID_OK ? &signer : NULL, NULL, &txn->txn);
    }
    if (status != EID_OK) {
        eid_free(txn);
        return status;
    }
    *out = txn;
    return EID_OK;
}

eidetica_status eidetica_txn_begin(eidetica_db *db, eidetica_txn **txn)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(txn, "txn");
    if (status == EID_OK) {
        *txn = NULL;
        status = txn_begin(db, txn);
    }
    return eid__api_end(status);
}

void eidetica_txn_free(eidetica_txn *txn)
{
    if (!txn) return;
    eid_txn_free(txn->txn);
    eid_free(txn);
}

static eid_status txn_commit(eidetica_txn *txn, eid_durability durability, char **entry)
{
    char text[EID_ID_TEXT_MAX];
    eid_id id;
    eid_status status = eid__api_need(txn, "txn");

    if (status == EID_OK) status = eid_txn_commit(txn->txn, durability, &id);
    if (status != EID_OK || !entry) return status;
    *entry = eid_slice_dup_text(eid_slice_text(eid_id_format(&id, text)));
    return *entry ? EID_OK : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an id");
}

eidetica_status eidetica_txn_commit(eidetica_txn *txn, char **entry)
{
    if (entry) *entry = NULL;
    return eid__api_end(txn_commit(txn, EID_DURABLE_SYNC, entry));
}

eidetica_status eidetica_txn_commit_async(eidetica_txn *txn, char **entry)
{
    if (entry) *entry = NULL;
    return eid__api_end(txn_commit(txn, EID_DURABLE_ASYNC, entry));
}
