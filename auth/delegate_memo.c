/* A ring that is searched in a row: few databases are delegated to, and each has few tips. */
#include "auth/delegate_memo.h"

static void memo_free(eid__memo_claim *claim)
{
    eid_idset_fini(&claim->tips);
    eid_idset_fini(&claim->floor);
    eid_idset_fini(&claim->settings);
    *claim = (eid__memo_claim){.root = EID_ID_EMPTY};
}

void eid__memo_clear(eid__memo *memo)
{
    for (size_t i = 0; i < EID__MEMO_CLAIMS; i++) memo_free(&memo->claims[i]);
}

/* Kept ones are sorted, as those of a snapshot; whoever claims tips in another order is not found
 * here, and pays for it himself. */
static bool memo_same(const eid_idset *kept, eid_ids asked)
{
    if (kept->count != asked.count) return false;
    for (size_t i = 0; i < asked.count; i++) {
        if (!eid_id_equal(&kept->at[i], &asked.at[i])) return false;
    }
    return true;
}

const eid_idset *eid__memo_find(const eid__memo *memo, const eid_id *root, eid_ids tips,
                                eid_ids floor)
{
    for (size_t i = 0; i < EID__MEMO_CLAIMS; i++) {
        const eid__memo_claim *claim = &memo->claims[i];

        if (!eid_id_equal(&claim->root, root)) continue;
        if (memo_same(&claim->tips, tips) && memo_same(&claim->floor, floor)) {
            return &claim->settings;
        }
    }
    return NULL;
}

void eid__memo_keep(eid__memo *memo, const eid__memo_claim *claim)
{
    eid__memo_claim *place = &memo->claims[memo->next];

    memo->next = (memo->next + 1) % EID__MEMO_CLAIMS;
    memo_free(place);
    if (eid_idset_assign(&place->tips, eid_idset_ids(&claim->tips)) != EID_OK ||
        eid_idset_assign(&place->floor, eid_idset_ids(&claim->floor)) != EID_OK ||
        eid_idset_assign(&place->settings, eid_idset_ids(&claim->settings)) != EID_OK) {
        memo_free(place);
        return;
    }
    place->root = claim->root;
}
