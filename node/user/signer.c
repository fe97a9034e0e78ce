/* Which key and identity a user writes with. A mapping is what the user once settled; but a plain
 * one says only "this key", so if the database knows the key only by its grant to everybody or by a
 * database that it delegates to, that is how it signs: an entry with a bare pubkey would be refused
 * by every verifier. */
#include "dag/alloc.h"
#include "node/user/session_internal.h"

#define SIGNER_IDENTITIES_MAX 65536u

/* Keep an identity for the rest of the session; the same one again is not kept twice. Takes it. */
static eid_status signer_keep(eid_session *session, eid_sigkey_owned *identity,
                              const eid_sigkey **out)
{
    eid_sigkey_owned **identities, *kept;

    for (size_t i = 0; i < session->identity_count; i++) {
        if (!eid_sigkey_equal(&session->identities[i]->key, &identity->key)) continue;
        eid_sigkey_owned_fini(identity);
        *out = &session->identities[i]->key;
        return EID_OK;
    }
    identities = session->identity_count < SIGNER_IDENTITIES_MAX
                     ? eid_realloc(session->identities,
                                   (session->identity_count + 1) * sizeof(eid_sigkey_owned *))
                     : NULL;
    if (identities) session->identities = identities;
    kept = identities ? eid_alloc(sizeof *kept) : NULL;
    if (!kept) {
        eid_sigkey_owned_fini(identity);
        return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for an identity");
    }
    *kept = *identity;
    session->identities[session->identity_count++] = kept;
    *out = &kept->key;
    return EID_OK;
}

/* Whether it is another way than by the key's own pubkey hint. */
static bool way_is_other(const eid_found_way *way)
{
    return way->identity.key.is_delegation || way->identity.key.hint.is_global;
}

/* A way's identity; NULL for the key's own pubkey hint. */
static eid_status signer_way(eid_session *session, const eid_found_way *way, const eid_sigkey **out)
{
    eid_sigkey_owned identity;
    eid_status status;

    *out = NULL;
    if (!way_is_other(way)) return EID_OK;
    status = eid_sigkey_copy(&way->identity.key, &identity);
    return status == EID_OK ? signer_keep(session, &identity, out) : status;
}

/* How a key may act now; nothing where that is not told. */
static eid_status signer_ways(const eid_session *session, const eid_id *root, const eid_pubkey *key,
                              eid_found_ways *out)
{
    eid_status status = session->seam->sigkeys(session->seam->self, root, key, out);

    return status == EID_E_NOT_FOUND || status == EID_E_DENIED ? EID_OK : status;
}

static eid_status signer_mapped(eid_session *session, const eid_id *root, eid__session_key *key,
                                const eid_key_mapping *mapping, eid_signer *out)
{
    eid_found_ways ways = {NULL, 0};
    eid_sigkey_owned identity;
    bool is_direct = false;
    eid_status status = eid__session_prove(session, key);

    *out = (eid_signer){.key = &key->key};
    if (status != EID_OK) return status;
    if (!mapping->is_plain) {
        status = eid_sigkey_copy(&mapping->identity.key, &identity);
        return status == EID_OK ? signer_keep(session, &identity, &out->identity) : status;
    }
    status = signer_ways(session, root, &key->key.pub, &ways);
    for (size_t i = 0; i < ways.count; i++) is_direct = is_direct || !way_is_other(&ways.at[i]);
    if (status == EID_OK && ways.count > 0 && !is_direct) {
        status = signer_way(session, &ways.at[0], &out->identity);
    }
    eid_found_ways_fini(&ways);
    return status;
}

/* The strongest way of any key; the older key on a tie. */
static eid_status signer_best(eid_session *session, const eid_id *root, eid_signer *out)
{
    eid_permission permission = {EID_PERMISSION_READ, 0};
    eid_status status = EID_OK;

    *out = (eid_signer){.key = NULL};
    for (size_t i = 0; status == EID_OK && i < session->key_count; i++) {
        eid__session_key *key = session->keys[i];
        eid_found_ways ways = {NULL, 0};
        bool is_better;

        status = eid__session_prove(session, key);
        if (status == EID_OK) status = signer_ways(session, root, &key->key.pub, &ways);
        is_better = status == EID_OK && ways.count > 0 &&
                    (!out->key || eid_permission_compare(ways.at[0].permission, permission) > 0);
        if (is_better) {
            permission = ways.at[0].permission;
            out->key = &key->key;
            status = signer_way(session, &ways.at[0], &out->identity);
        }
        eid_found_ways_fini(&ways);
    }
    if (status != EID_OK || out->key) return status;
    return EID_FAIL(EID_KIND_USER_NO_KEY, "%s has no key for database %s", session->username,
                    eid_id_str(root));
}

static eid_status signer_is_held(const eid_session *session, const eid_id *root, bool *out)
{
    eid_db_info info = {0};
    eid_status status = session->seam->info(session->seam->self, root, &info);

    *out = status == EID_OK && info.has_genesis;
    if (status == EID_OK) eid_db_info_fini(&info);
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status signer_find(eid_session *session, const eid_id *root, eid_signer *out)
{
    const eid_key_mapping *mapping = NULL;
    eid__session_key *key = NULL;
    bool is_held;
    eid_status status;

    for (size_t i = 0; !mapping && i < session->key_count; i++) {
        key = session->keys[i];
        mapping = eid_user_key_mapping(&key->row, root);
    }
    if (mapping) {
        status = eid__session_prove(session, key);
        if (status != EID_OK) return status;
    }
    status = signer_is_held(session, root, &is_held);
    if (status != EID_OK) return status;
    if (is_held && mapping) return signer_mapped(session, root, key, mapping, out);
    if (is_held) return signer_best(session, root, out);
    if (mapping) {
        return EID_FAIL(EID_KIND_USER_PENDING, "nothing of database %s has arrived yet",
                        eid_id_str(root));
    }
    return EID_FAIL(EID_KIND_USER_NO_KEY, "%s has no key for database %s", session->username,
                    eid_id_str(root));
}

eid_status eid_session_signer(eid_session *session, const eid_id *root, eid_signer *out)
{
    eid_status status;

    *out = (eid_signer){0};
    pthread_mutex_lock(session->lock);
    status = signer_find(session, root, out);
    pthread_mutex_unlock(session->lock);
    return status;
}
