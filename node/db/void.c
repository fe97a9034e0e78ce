/* The marks tell which; the rule is asked again only to tell why. */
#include "node/db/void.h"

#include "node/db/revoke.h"

eid_status eid_void_ask(const eid_at *at, const eid_entry *entry, eid_revocation_answer *out)
{
    const eid_id *root = eid_entry_tree(entry);
    eid_revocations *history = NULL;
    bool is_enforced;
    eid_status status = eid__revoke_is_enforced(at, root, &is_enforced);

    memset(out, 0, sizeof(*out));
    if (status != EID_OK || !is_enforced) return status;
    status = eid__revoke_load(at, root, &history);
    if (status == EID_OK && eid_revocations_is_any(history)) {
        status = eid__revoke_judge(at, root, history, entry, out);
    }
    eid_revocations_free(history);
    return status;
}

static eid_status void_give(const eid_at *at, const eid_id *root, const eid_revocations *history,
                            const eid_id *id, eid_void_fn fn, void *self)
{
    eid_revocation_answer answer;
    eid_entry *entry = NULL;
    eid_status status = eid_index_entry(at, id, &entry);

    if (status == EID_OK) status = eid__revoke_judge(at, root, history, entry, &answer);
    if (status == EID_OK) status = fn(self, entry, &answer);
    eid_entry_free(entry);
    return status;
}

eid_status eid_void_each(const eid_at *at, const eid_id *root, eid_void_fn fn, void *self)
{
    eid_revocations *history = NULL;
    eid_idset ids = EID_IDSET_EMPTY;
    eid_status status = eid_index_voids(at, root, &ids);

    if (status == EID_OK && ids.count > 0) status = eid__revoke_load(at, root, &history);
    for (size_t i = 0; i < ids.count && status == EID_OK; i++) {
        status = void_give(at, root, history, &ids.at[i], fn, self);
    }
    eid_revocations_free(history);
    eid_idset_fini(&ids);
    return status == EID_E_AGAIN ? EID_OK : status;
}
