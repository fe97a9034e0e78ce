/* What following a path (delegate.c) asks about one delegated database (delegate_tree.c). */
#ifndef EID_AUTH_DELEGATE_PARTS_H
#define EID_AUTH_DELEGATE_PARTS_H

#include "auth/delegate.h"
#include "auth/verify_parts.h"

/* What is found about claimed tips. */
typedef struct eid__claim {
    bool has_tree;                /* the first entry of the database is held */
    bool has_foreign, has_absent; /* among the tips */
    bool has_failed;              /* strict: Failed entries are rested on */
    bool is_pending;              /* the pass has to look at entries first */
    bool has_awaited;             /* something is missing or undecided: `awaited` is one */
    eid_awaited awaited;
    eid_reach reach;    /* of the floor */
    size_t missing;     /* UNKNOWN: entries that were missed */
    eid_idset settings; /* settings tips as of the claimed tips, if nothing above is wrong */
} eid__claim;

/* Where to read what belongs to a database as a whole. A pass reads its own through its batch; the
 * batch may remember such records, so for others, which somebody else may write, it is left out. */
eid_at eid__claim_at(const eid_delegate_place *place, const eid_id *root);
/* Look at `tips` of database `root`, which must reach `floor`. End with eid__claim_fini(), also
 * after an error. */
EID_MUST_CHECK eid_status eid__claim_look(const eid_delegate_place *place, const eid_id *root,
                                          eid_ids tips, eid_ids floor, eid__claim *out);
void eid__claim_fini(eid__claim *claim);

#endif
