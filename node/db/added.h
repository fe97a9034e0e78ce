/* Added: the entries between two sets of visible tips, as events and logs name them. */
#ifndef EID_NODE_DB_ADDED_H
#define EID_NODE_DB_ADDED_H

#include "storage/index.h"

typedef struct eid__added {
    size_t max; /* set it before: how many are wanted at most */
    eid_id *at;
    size_t count;
    bool is_cut; /* there are more than that */
} eid__added;

/* Verified entries that `post` reaches and `previous` does not, parents first. Tips of `previous`
 * that are not held are passed over (more is reported then, never less). End with
 * eid__added_fini(). */
EID_MUST_CHECK eid_status eid__added_find(eid_kv *kv, const eid_id *root, eid_ids previous,
                                          eid_ids post, eid__added *out);
void eid__added_fini(eid__added *added);

#endif
