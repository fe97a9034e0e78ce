/* A transaction of one who may not write begins all the same: it can read what it has staged, and
 * is refused when it commits, where the reason can be told. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/registry.h"
#include "node/db/settings.h"

/* What the handle has unlocked is open in all that is begun on it. */
static eid_status txn_unlock(eidetica_db *db, eid_status status, eid_txn **txn)
{
    if (status == EID_OK) status = eid__api_unlock_all(db, *txn);
    if (status == EID_OK) return EID_OK;
    eid_txn_free(*txn);
    *txn = NULL;
    return status;
}

eid_status eid__api_reader(eidetica_db *db, eid_txn **out)
{
    eid_status status;

    *out = NULL;
    status = db->is_loose ? eid_txn_begin_loose(db->seam, &db->root, NULL, out)
                          : eid_txn_begin(db->seam, &db->root, NULL, NULL, out);
    return txn_unlock(db, status, out);
}

/* `at` NULL = what the handle sees. */
static eid_status txn_open(eidetica_db *db, const eid_idset *at, eid_txn **out)
{
    eid_signer signer;
    const eid_signer *by;
    eid_status status = eid__api_signer(db, &signer);

    if (status != EID_OK && status != EID_E_DENIED) return status;
    by = status == EID_OK ? &signer : NULL;
    status = !at && db->is_loose ? eid_txn_begin_loose(db->seam, &db->root, by, out)
                                 : eid_txn_begin(db->seam, &db->root, by, at, out);
    if (status == EID_OK) eid_txn_set_writers(*out, db->writers);
    return txn_unlock(db, status, out);
}

static eid_status txn_begin(eidetica_db *db, const char *cursor, eidetica_txn **out)
{
    eidetica_txn *txn = eid_alloc(sizeof *txn);
    eid_idset at = EID_IDSET_EMPTY;
    eid_status status;

    if (!txn) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a transaction");
    txn->db = db;
    status = cursor ? eid__api_cursor_parse(cursor, &at) : EID_OK;
    if (status == EID_OK) status = txn_open(db, cursor ? &at : NULL, &txn->txn);
    eid_idset_fini(&at);
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
        status = txn_begin(db, NULL, txn);
    }
    return eid__api_end(status);
}

eidetica_status eidetica_txn_begin_at(eidetica_db *db, const char *cursor, eidetica_txn **txn)
{
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(cursor, "cursor");
    if (status == EID_OK) status = eid__api_need(txn, "txn");
    if (status == EID_OK) {
        *txn = NULL;
        status = txn_begin(db, cursor, txn);
    }
    return eid__api_end(status);
}

eidetica_status eidetica_txn_cursor(eidetica_txn *txn, char **cursor)
{
    eid_ids tips;
    eid_status status = eid__api_need(txn, "txn");

    if (status == EID_OK) status = eid__api_need(cursor, "cursor");
    if (status == EID_OK) {
        *cursor = NULL;
        status = eid_txn_tips(txn->txn, &tips);
    }
    if (status == EID_OK) status = eid__api_cursor_text(tips, cursor);
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

eidetica_status eidetica_txn_run(eidetica_db *db,
                                 eidetica_status (*stage)(void *self, eidetica_txn *txn),
                                 void *self, char **entry)
{
    eidetica_txn *txn = NULL;
    eid_status status = eid__api_need(db, "db");

    if (entry) *entry = NULL;
    if (status == EID_OK) status = txn_begin(db, NULL, &txn);
    if (status == EID_OK) status = (eid_status)stage(self, txn);
    if (status == EID_OK) status = txn_commit(txn, EID_DURABLE_SYNC, entry);
    eidetica_txn_free(txn);
    return eid__api_end(status);
}

static eid_status txn_set_heights(eid_txn *txn, const char *store, const char *strategy)
{
    eid_height_strategy wanted = EID_HEIGHT_INCREMENTAL;

    if (strategy && strcmp(strategy, "timestamp") == 0) {
        wanted = EID_HEIGHT_TIMESTAMP;
    } else if (strategy && strcmp(strategy, "incremental") != 0) {
        return EID_FAIL(EID_KIND_ARGUMENT, "no height strategy: %s", strategy);
    }
    if (!store) return eid_settings_store_set_strategy(txn, wanted);
    return eid_registry_set_strategy(txn, eid_slice_text(store), strategy ? &wanted : NULL);
}

eidetica_status eidetica_txn_set_heights(eidetica_txn *txn, const char *store, const char *strategy)
{
    eid_status status = eid__api_need(txn, "txn");

    if (status == EID_OK) status = txn_set_heights(txn->txn, store, strategy);
    return eid__api_end(status);
}
