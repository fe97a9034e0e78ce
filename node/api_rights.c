/* Rights: who may do what in a database. The rank rules between admins (spec 05 §3.4) are checked
 * here and nowhere else: a received entry is never refused for them, since the reference does not,
 * but whoever uses this node is told before he does what he should not. */
#include "dag/alloc.h"
#include "node/api_internal.h"
#include "node/db/settings.h"
#include "node/user/session.h"

static eid_status rights_prepare(eid__api_change *change)
{
    eidetica_db *db = change->db;
    eid_status status = eid_settings_store_policy(change->txn, &change->policy);

    change->own = (eid_permission){EID_PERMISSION_READ, 0};
    if (status != EID_OK) return status;
    if (eid__api_permission(db->user, &db->root, change->policy, &change->own) &&
        eid_permission_can_admin(change->own)) {
        return EID_OK;
    }
    return EID_FAIL(EID_KIND_AUTH_PERMISSION, "%s is no admin of database %s",
                    eid_session_username(db->user->session), db->root_text);
}

eid_status eid__api_change_settings(eidetica_db *db, eid_status (*stage)(eid__api_change *change),
                                    void *arg)
{
    eid__api_change change = {.db = db, .arg = arg};
    eid_signer signer;
    eid_id id;
    eid_status status = eid__api_signer(db, &signer);

    if (status == EID_OK) status = eid_txn_begin(db->seam, &db->root, &signer, NULL, &change.txn);
    if (status == EID_OK) status = rights_prepare(&change);
    if (status == EID_OK) status = stage(&change);
    if (status == EID_OK) status = eid_txn_commit(change.txn, EID_DURABLE_SYNC, &id);
    eid_policy_free(change.policy);
    eid_txn_free(change.txn);
    return status;
}

/* Nobody touches a record that is stronger than himself. `now` NULL = there is none. */
static eid_status rights_check_target(const eid__api_change *change, const eid_auth_key *now)
{
    char own[24], theirs[24];

    if (!now || eid_permission_compare(change->own, now->permission) >= 0) return EID_OK;
    return EID_FAIL(EID_KIND_AUTH_PERMISSION, "%s may not change a key that has %s",
                    eid_permission_text(change->own, own),
                    eid_permission_text(now->permission, theirs));
}

/* Nobody gives more than he has. */
static eid_status rights_check_gift(const eid__api_change *change, eid_permission gift)
{
    char own[24], given[24];

    if (eid_policy_can_create(change->own, gift)) return EID_OK;
    return EID_FAIL(EID_KIND_AUTH_PERMISSION, "%s may not give %s",
                    eid_permission_text(change->own, own), eid_permission_text(gift, given));
}

typedef struct rights_grant {
    eid_auth_key record;
    bool is_global;
} rights_grant;

static const eid_auth_key *rights_now(const eid__api_change *change, const eid_pubkey *key)
{
    return key ? eid_policy_find(change->policy, key, NULL)
               : eid_policy_global(change->policy, NULL);
}

static eid_status rights_stage_grant(eid__api_change *change)
{
    rights_grant *grant = change->arg;
    eid_auth_key *record = &grant->record;
    const eid_auth_key *now = rights_now(change, grant->is_global ? NULL : &record->pubkey);
    eid_status status = rights_check_target(change, now);

    if (status == EID_OK) status = rights_check_gift(change, record->permission);
    if (status != EID_OK) return status;
    if (grant->is_global) return eid_settings_store_put_global(change->txn, record);
    if (now && now->has_name && !record->has_name) { /* the name stays, unless another is given */
        record->name = eid_slice_dup_text(eid_slice_text(now->name));
        record->has_name = record->name != NULL;
        if (!record->name) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a name");
    }
    return eid_settings_store_put_key(change->txn, record);
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
    if (status == EID_OK) status = eid__api_change_settings(db, rights_stage_grant, &grant);
    eid_auth_key_fini(&grant.record);
    return eid__api_end(status);
}

/* Whom everybody's grant lets in has no record that could be revoked: he gets one. */
static eid_status rights_stage_ban(eid__api_change *change, const eid_pubkey *key)
{
    const eid_auth_key *global = eid_policy_global(change->policy, NULL);
    eid_auth_key record = {.pubkey = *key, .status = EID_KEY_REVOKED};

    if (!global || global->status != EID_KEY_ACTIVE) {
        return eid_settings_store_revoke_key(change->txn, key);
    }
    record.permission = (eid_permission){EID_PERMISSION_READ, 0};
    return eid_settings_store_put_key(change->txn, &record);
}

static eid_status rights_stage_revoke(eid__api_change *change)
{
    const eid_pubkey *key = change->arg;
    const eid_auth_key *now = rights_now(change, key);
    eid_status status = rights_check_target(change, now);

    if (status != EID_OK) return status;
    if (!key) return eid_settings_store_revoke_global(change->txn);
    return now ? eid_settings_store_revoke_key(change->txn, key) : rights_stage_ban(change, key);
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
        status = eid__api_change_settings(db, rights_stage_revoke, is_global ? NULL : &pubkey);
    }
    return eid__api_end(status);
}
