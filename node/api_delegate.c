/* Delegation: the keys of one database act in another. The floor that is written is what this node
 * has of the other database now, so nothing older can ever be claimed (spec 05 §5.1). */
#include <stdio.h>

#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/docstore.h"
#include "node/db/settings.h"

static eid_status delegate_stage(eid__api_change *change)
{
    const eid_delegation *delegation = change->arg;
    char own[24], max[24];
    eid_doc *staged;
    eid_status status;

    if (!eid_bounds_valid(&delegation->bounds)) {
        return EID_FAIL(EID_KIND_ARGUMENT, "the lower bound is above the upper one");
    }
    if (!eid_bounds_can_delegate(change->own, &delegation->bounds)) {
        return EID_FAIL(EID_KIND_AUTH_PERMISSION, "%s may not delegate %s",
                        eid_permission_text(change->own, own),
                        eid_permission_text(delegation->bounds.max, max));
    }
    status = eid_txn_staged(change->txn, eid_slice_text(EID_STORE_SETTINGS), &staged);
    return status == EID_OK ? eid_settings_put_delegation(staged, delegation) : status;
}

static eid_status delegate_bounds(const char *max, const char *min, eid_bounds *out)
{
    eid_status status = eid_permission_parse(eid_slice_text(max), &out->max);

    out->has_min = min != NULL;
    if (status == EID_OK && min) status = eid_permission_parse(eid_slice_text(min), &out->min);
    return status;
}

/* The tips that are visible here now become the floor. */
static eid_status delegate_floor(eidetica_db *db, eid_delegation *delegation)
{
    eid_db_info info;
    eid_status status = db->seam->info(db->seam->self, &delegation->root, &info);

    if (status == EID_E_NOT_FOUND) {
        return EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here",
                        eid_id_str(&delegation->root));
    }
    if (status != EID_OK) return status;
    status = eid_idset_assign(&delegation->tips, eid_idset_ids(&info.tips));
    eid_db_info_fini(&info);
    return status;
}

eidetica_status eidetica_db_delegate(eidetica_db *db, const char *other, const char *max,
                                     const char *min)
{
    eid_delegation delegation = {.tips = EID_IDSET_EMPTY};
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(other, "other");
    if (status == EID_OK) status = eid__api_need(max, "max");
    if (status == EID_OK) status = delegate_bounds(max, min, &delegation.bounds);
    if (status == EID_OK) status = eid__api_find(db->user, other, &delegation.root);
    if (status == EID_OK) status = delegate_floor(db, &delegation);
    if (status == EID_OK) status = eid__api_change_settings(db, delegate_stage, &delegation);
    eid_delegation_fini(&delegation);
    return eid__api_end(status);
}

static eid_status delegate_stage_end(eid__api_change *change)
{
    const eid_id *root = change->arg;
    char path[EID_ID_TEXT_MAX + 32], text[EID_ID_TEXT_MAX];
    bool was_live;

    if (!eid_policy_find_delegation(change->policy, root, NULL)) {
        return EID_FAIL(EID_KIND_AUTH_DELEGATION_NOT_FOUND, "nothing is delegated to %s",
                        eid_id_str(root));
    }
    (void)snprintf(path, sizeof path, "auth.delegations.%s", eid_id_format(root, text));
    return eid_docstore_delete(change->txn, eid_slice_text(EID_STORE_SETTINGS),
                               eid_slice_text(path), &was_live);
}

eidetica_status eidetica_db_undelegate(eidetica_db *db, const char *other)
{
    eid_id root = EID_ID_EMPTY;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(other, "other");
    if (status == EID_OK) status = eid__api_find(db->user, other, &root);
    if (status == EID_OK) status = eid__api_change_settings(db, delegate_stage_end, &root);
    return eid__api_end(status);
}

static eid_status delegate_give(const eid_delegation *delegation,
                                bool (*each)(void *self, const eidetica_delegation *delegation),
                                void *self)
{
    char root[EID_ID_TEXT_MAX], max[24], min[24];
    eidetica_delegation given = {.root = eid_id_format(&delegation->root, root),
                                 .max = eid_permission_text(delegation->bounds.max, max),
                                 .min = ""};
    eid__api_texts tips;
    eid_status status;

    if (delegation->bounds.has_min) given.min = eid_permission_text(delegation->bounds.min, min);
    eid__api_texts_init(&tips);
    status = eid__api_texts_add_ids(&tips, eid_idset_ids(&delegation->tips));
    if (status == EID_OK) status = eid__api_texts_end(&tips);
    given.tip_count = tips.count;
    given.tips = tips.at;
    if (status == EID_OK && !each(self, &given)) status = EID_E_AGAIN;
    eid__api_texts_fini(&tips);
    return status;
}

eidetica_status
eidetica_db_delegations(eidetica_db *db,
                        bool (*each)(void *self, const eidetica_delegation *delegation), void *self)
{
    eid_policy *policy = NULL;
    eid_txn *txn = NULL;
    eid_slice name;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_reader(db, &txn);
    if (status == EID_OK) status = eid_settings_store_policy(txn, &policy);
    for (size_t i = 0; status == EID_OK && i < eid_policy_delegation_count(policy); i++) {
        const eid_delegation *delegation = eid_policy_delegation(policy, i, &name);

        if (delegation) status = delegate_give(delegation, each, self);
    }
    eid_policy_free(policy);
    eid_txn_free(txn);
    return eid__api_end(status == EID_E_AGAIN ? EID_OK : status);
}
