/* Changes of keys read the merged policy and write the whole record of one key: its payload must
 * hold nothing else, or two admins who change two keys would overwrite each other (spec 05 §3.1).
 */
#include "auth/policy_parts.h"

static eid_status change_find(const eid_policy *now, const eid_pubkey *key,
                              const eid_auth_key **out)
{
    char text[EID_KEY_TEXT_MAX];
    bool malformed;

    *out = eid_policy_find(now, key, &malformed);
    if (*out) return EID_OK;
    if (malformed) {
        return EID_FAIL(EID_KIND_AUTH_KEY_FORMAT, "the record of %s cannot be read",
                        eid_pubkey_text(key, text));
    }
    return EID_FAIL(EID_KIND_AUTH_KEY_NOT_FOUND, "Key not found: %s", eid_pubkey_text(key, text));
}

eid_status eid_settings_add_key(eid_doc *settings, const eid_policy *now, const eid_auth_key *key)
{
    char text[EID_KEY_TEXT_MAX];

    if (eid_policy_find(now, &key->pubkey, NULL)) {
        return EID_FAIL(EID_KIND_AUTH_KEY_EXISTS, "Key already exists: %s",
                        eid_pubkey_text(&key->pubkey, text));
    }
    return eid_settings_put_key(settings, key);
}

eid_status eid_settings_rename_key(eid_doc *settings, const eid_policy *now, const eid_pubkey *key,
                                   const char *name)
{
    const eid_auth_key *found;
    eid_status status = change_find(now, key, &found);
    eid_auth_key renamed;
    char *copy = NULL;

    if (status != EID_OK) return status;
    renamed = *found;
    renamed.has_name = name != NULL;
    if (name) {
        copy = eid_slice_dup_text(eid_slice_text(name));
        if (!copy) return EID_FAIL(EID_KIND_NO_MEMORY, "the name of a key");
    }
    renamed.name = copy;
    status = eid_settings_put_key(settings, &renamed);
    eid_auth_key_fini(&renamed);
    return status;
}

eid_status eid_settings_revoke_key(eid_doc *settings, const eid_policy *now, const eid_pubkey *key)
{
    const eid_auth_key *found;
    eid_status status = change_find(now, key, &found);
    eid_auth_key revoked;

    if (status != EID_OK) return status;
    revoked = *found; /* the name stays the policy's */
    revoked.status = EID_KEY_REVOKED;
    return eid_settings_put_key(settings, &revoked);
}

eid_status eid_policy_can_modify(const eid_policy *policy, eid_permission signer,
                                 const eid_pubkey *target, bool *out)
{
    const eid_auth_key *found;
    eid_status status;

    *out = false;
    if (!eid_permission_can_admin(signer)) return EID_OK;
    status = change_find(policy, target, &found);
    if (status != EID_OK) return status;
    *out = eid_permission_compare(signer, found->permission) >= 0;
    return EID_OK;
}

bool eid_policy_can_create(eid_permission signer, eid_permission wanted)
{
    return eid_permission_can_admin(signer) && eid_permission_compare(signer, wanted) >= 0;
}
