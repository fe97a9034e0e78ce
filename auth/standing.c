/* A parent that is held but belongs to another database counts neither as good nor as bad: the
 * reference never shows such an entry (it is in no prefix of its tree), so here it stays undecided.
 */
#include "auth/verify_parts.h"
#include "dag/alloc.h"

eid_status eid__verifier_init(eid__verifier *verifier, const eid_at *at, const eid_id *root,
                              bool strict, eid_policy_cache *cache)
{
    eid_status status;

    *verifier = (eid__verifier){
        .at = *at, .root = *root, .strict = strict, .cache = cache, .last_tips = EID_IDSET_EMPTY};
    status = eid_index_database(at, root, &verifier->database);
    if (status == EID_OK) status = eid_index_graph_new(at, root, &verifier->graph);
    if (status == EID_OK) status = eid_visited_new(&verifier->proven);
    if (status == EID_OK) status = eid_visited_new(&verifier->proven_main);
    return status;
}

void eid__verifier_fini(eid__verifier *verifier)
{
    eid_index_graph_free(verifier->graph);
    eid_visited_free(verifier->proven);
    eid_visited_free(verifier->proven_main);
    eid_free(verifier->wanted);
    eid_idset_fini(&verifier->last_tips);
    *verifier = (eid__verifier){.last_tips = EID_IDSET_EMPTY};
}

eid_status eid__verifier_entry(const eid_at *at, const eid_id *id, eid_entry **out)
{
    eid_status status = eid_index_entry(at, id, out);

    if (status != EID_E_NOT_FOUND) return status;
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s is listed and not held", eid_id_str(id));
}

static eid_status standing_want(eid__verifier *verifier, size_t place)
{
    if (verifier->wanted_count == verifier->wanted_cap) {
        size_t cap = verifier->wanted_cap == 0 ? 16 : verifier->wanted_cap * 2;
        size_t *wanted = eid_realloc(verifier->wanted, cap * sizeof *wanted);

        if (!wanted) return EID_FAIL(EID_KIND_NO_MEMORY, "entries to look at first");
        verifier->wanted = wanted;
        verifier->wanted_cap = cap;
    }
    verifier->wanted[verifier->wanted_count++] = place;
    return EID_OK;
}

static eid_status standing_of_work(eid__verifier *verifier, size_t place, eid__standing *out)
{
    switch ((eid__work)verifier->work->states[place]) {
    case EID__WORK_NEW:
        *out = EID__PENDING;
        return standing_want(verifier, place);
    case EID__WORK_VERIFIED:
        *out = EID__VERIFIED;
        break;
    case EID__WORK_FAILED:
        *out = EID__FAILED;
        break;
    case EID__WORK_OPEN:
    case EID__WORK_UNDECIDED:
        *out = EID__UNVERIFIED;
        break;
    }
    return EID_OK;
}

eid_status eid__verifier_standing(eid__verifier *verifier, const eid_id *id, eid__standing *out)
{
    size_t place = verifier->work ? eid__worklist_find(verifier->work, id) : SIZE_MAX;
    eid_index_info info;
    eid_status status;

    if (place != SIZE_MAX) return standing_of_work(verifier, place, out);
    *out = EID__ABSENT;
    status = eid_index_find(&verifier->at, id, &info);
    if (status == EID_E_NOT_FOUND) return EID_OK;
    if (status != EID_OK) return status;
    if (info.database != verifier->database) {
        *out = EID__FOREIGN;
        return EID_OK;
    }
    switch (info.verdict) {
    case EID_VERIFIED:
        *out = EID__VERIFIED;
        break;
    case EID_FAILED:
        *out = EID__FAILED;
        break;
    case EID_UNVERIFIED:
        *out = EID__UNVERIFIED;
        break;
    }
    return EID_OK;
}
