/* Ways of a key, of this engine: what is visible now, read without the lock of the cache, since a
 * way may lead through other databases. */
#include "dag/alloc.h"
#include "node/db/local.h"
#include "node/db/revoke.h"

#define WAYS_POLICIES 8u

typedef struct ways {
    eid_delegate_place place;
    eid_policy *policy;
} ways;

static void ways_close(ways *self)
{
    eid_policy_free(self->policy);
    eid_policy_cache_free(self->place.cache);
}

static eid_status ways_open(eid_engine *engine, const eid_id *root, ways *self)
{
    eid_doc *settings = NULL;
    eid_status status;

    *self = (ways){.place = {.at = {.kv = engine->kv}}};
    status = eid__local_doc(engine, root, eid_slice_text(EID_STORE_SETTINGS), &settings);
    if (status == EID_OK) status = eid__revoke_settings(&self->place.at, root, settings);
    if (status == EID_OK) status = eid_policy_of_settings(settings, &self->policy);
    if (status == EID_E_NOT_FOUND) status = eid_policy_new(NULL, &self->policy);
    eid_doc_free(settings);
    if (status == EID_OK) status = eid_policy_cache_new(WAYS_POLICIES, &self->place.cache);
    if (status == EID_OK) {
        status = eid__option_get(engine->kv, root, EID__OPTION_STRICT, true, &self->place.strict);
    }
    return status;
}

eid_status eid__local_sigkeys(void *self, const eid_id *root, const eid_pubkey *key,
                              eid_found_ways *out)
{
    ways found;
    eid_status status;

    *out = (eid_found_ways){NULL, 0};
    status = ways_open(self, root, &found);
    if (status == EID_OK) status = eid_delegate_find(&found.place, found.policy, key, out);
    ways_close(&found);
    return status;
}

eid_status eid_engine_identity(eid_engine *engine, const eid_id *root, const eid_sigkey *identity,
                               const eid_pubkey *proven, eid_permission *out)
{
    ways found;
    eid_status status = ways_open(engine, root, &found);

    if (status == EID_OK && identity->is_delegation) {
        status = eid_delegate_identity(&found.place, found.policy, identity, proven, out);
    } else if (status == EID_OK) {
        status = eid_policy_identity(found.policy, identity, proven, out);
    }
    ways_close(&found);
    return status;
}

eid_status eid_engine_access(eid_engine *engine, const eid_id *root, const eid_pubkey *key,
                             bool *has, eid_permission *out)
{
    eid_found_ways found;
    eid_status status = eid__local_sigkeys(engine, root, key, &found);

    *has = status == EID_OK && found.count > 0;
    if (*has) *out = found.at[0].permission;
    eid_found_ways_fini(&found);
    return status;
}
