/* What there is to know of a database comes from three places: counters of the index, the merged
 * settings, and the keys of the user who asks. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/db/settings.h"
#include "node/user/session.h"

/* Height and permission, which need the settings; both stay empty where they may not be read. */
static void info_complete(eidetica_user *user, const eid_id *root, eidetica_db_info *info,
                          char permission[24])
{
    eid_txn_context context;
    eid_policy *policy = NULL;
    eid_permission found;

    if (user->seam->begin(user->seam->self, root, NULL, 0, NULL, &context) != EID_OK) return;
    info->height = context.height_max;
    if (eid_policy_of_settings(context.settings, &policy) == EID_OK &&
        eid__api_permission(user, policy, &found)) {
        info->permission = eid_permission_text(found, permission);
    }
    eid_policy_free(policy);
    eid_txn_context_fini(&context);
}

typedef struct info_call {
    eidetica_user *user;
    bool with_system;
    bool (*each)(void *self, const eidetica_db_info *info);
    void (*with)(void *self, const eidetica_db_info *info);
    void *self;
} info_call;

static eid_status info_give(void *arg, const eid_db_info *from)
{
    info_call *call = arg;
    eidetica_db_info info = {.name = from->name ? from->name : "", .permission = ""};
    char permission[24], root[EID_ID_TEXT_MAX];
    eid__api_texts tips;
    eid_status status;

    info.system = eid__api_is_system(call->user->seam, from);
    if (info.system && !call->with_system) return EID_OK;
    eid__api_texts_init(&tips);
    status = eid__api_texts_add_ids(&tips, eid_idset_ids(&from->tips));
    if (status == EID_OK) status = eid__api_texts_end(&tips);
    if (status != EID_OK) goto done;
    info.root = eid_id_format(&from->root, root);
    info.entries = from->counts.entries;
    info.verified = from->counts.verified;
    info.failed = from->counts.failed;
    info.unverified = from->counts.unverified;
    info.bytes = from->counts.bytes;
    info.tip_count = tips.count;
    info.tips = tips.at;
    info.shared = from->shared;
    info.strict = from->strict;
    info_complete(call->user, &from->root, &info, permission);
    if (call->with) call->with(call->self, &info);
    if (call->each && !call->each(call->self, &info)) status = EID_E_AGAIN;

done:
    eid__api_texts_fini(&tips);
    return status;
}

eidetica_status eidetica_dbs(eidetica_user *user, bool with_system,
                             bool (*each)(void *self, const eidetica_db_info *info), void *self)
{
    info_call call = {.user = user, .with_system = with_system, .each = each, .self = self};
    eid_status status = eid__api_need(user, "user");

    if (status == EID_OK) status = user->seam->databases(user->seam->self, info_give, &call);
    return eid__api_end(status);
}

eidetica_status eidetica_db_describe(eidetica_db *db,
                                     void (*with)(void *self, const eidetica_db_info *info),
                                     void *self)
{
    info_call call = {.with_system = true, .with = with, .self = self};
    eid_db_info info;
    eid_status status = eid__api_need(db, "db");

    if (status != EID_OK) return eid__api_end(status);
    call.user = db->user;
    status = db->seam->info(db->seam->self, &db->root, &info);
    if (status == EID_E_NOT_FOUND) {
        status = EID_FAIL(EID_KIND_DATABASE_NOT_FOUND, "database %s is not here", db->root_text);
    } else if (status == EID_OK) {
        status = info_give(&call, &info);
        eid_db_info_fini(&info);
    }
    return eid__api_end(status);
}

/* -- rights ------------------------------------------------------------------------------------ */

/* Change the settings in one entry of the user's. */
static eid_status rights_commit(eidetica_db *db, eid_status (*stage)(eid_txn *txn, void *arg),
                                void *arg)
{
    eid_signer signer;
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid__api_signer(db, &signer);

    if (status == EID_OK) status = eid_txn_begin(db->seam, &db->root, &signer, NULL, &txn);
    if (status == EID_OK) status = stage(txn, arg);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_SYNC, &id);
    eid_txn_free(txn);
    return status;
}

/* Keep the name that the key has, unless another one is given. */
static eid_status rights_name(eid_txn *txn, eid_auth_key *record)
{
    eid_policy *policy = NULL;
    const eid_auth_key *now;
    eid_status status = eid_settings_store_policy(txn, &policy);

    if (status != EID_OK) return status;
    now = eid_policy_find(policy, &record->pubkey, NULL);
    if (now && now->has_name) {
        record->name = eid_slice_dup_text(eid_slice_text(now->name));
        record->has_name = record->name != NULL;
        if (!record->name) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
    }
    eid_policy_free(policy);
    return status;
}

typedef struct rights_grant {
    eid_auth_key record;
    bool is_global;
} rights_grant;

static eid_status rights_stage_grant(eid_txn *txn, void *arg)
{
    rights_grant *grant = arg;
    eid_status status;

    if (grant->is_global) return eid_settings_store_put_global(txn, &grant->record);
    status = grant->record.has_name ? EID_OK : rights_name(txn, &grant->record);
    return status == EID_OK ? eid_settings_store_put_key(txn, &grant->record) : status;
}

eidetica_status eidetica_db_grant(eidetica_db *db, const char *key, const char *permission,
                                  const char *name)
{
    rights_grant grant = {.record = {.status = EID_KEY_ACTIVE}};
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(key, "key");
    if (status == EID_OK) status = eid__api_need(permission, "permission");
    if (status == EID_OK) {
        status = eid_permission_parse(eid_slice_text(permission), &grant.record.permission);
    }
    grant.is_global = status == EID_OK && strcmp(key, "*") == 0;
    if (status == EID_OK && !grant.is_global) {
        status = eid_pubkey_parse(eid_slice_text(key), &grant.record.pubkey);
    }
    if (status == EID_OK && name) {
        grant.record.name = eid_slice_dup_text(eid_slice_text(name));
        grant.record.has_name = grant.record.name != NULL;
        if (!grant.record.name) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
    }
    if (status == EID_OK) status = rights_commit(db, rights_stage_grant, &grant);
    eid_auth_key_fini(&grant.record);
    return eid__api_end(status);
}

static eid_status rights_stage_revoke(eid_txn *txn, void *arg)
{
    const eid_pubkey *key = arg;

    return key ? eid_settings_store_revoke_key(txn, key) : eid_settings_store_revoke_global(txn);
}

eidetica_status eidetica_db_revoke(eidetica_db *db, const char *key)
{
    eid_pubkey pubkey;
    bool is_global;
    eid_status status = eid__api_need(db, "db");

    if (status == EID_OK) status = eid__api_need(key, "key");
    if (status != EID_OK) return eid__api_end(status);
    is_global = strcmp(key, "*") == 0;
    if (!is_global) status = eid_pubkey_parse(eid_slice_text(key), &pubkey);
    if (status == EID_OK) {
        status = rights_commit(db, rights_stage_revoke, is_global ? NULL : &pubkey);
    }
    return eid__api_end(status);
}
