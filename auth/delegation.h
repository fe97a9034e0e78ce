/* Delegation: the record by which a database lets the keys of another one act, within bounds.
 *
 * Only the stored record is read and made here; delegate.h follows it to the other tree.
 * Source: spec 05 §3.1.
 */
#ifndef EID_AUTH_DELEGATION_H
#define EID_AUTH_DELEGATION_H

#include "auth/permission.h"
#include "dag/id.h"

#define EID_DELEGATION_STEPS_MAX 10u /* steps of one path; spec 05 §5.1 */
#define EID_DELEGATION_TIPS_MAX 64u  /* claimed tips of one step; likewise */

typedef struct eid_delegation {
    eid_id root;    /* the tree that is delegated to */
    eid_idset tips; /* the floor: claimed tips must reach them */
    eid_bounds bounds;
} eid_delegation;

/* Read the Doc under auth.delegations.<root>. Unreadable names and values among the tips are passed
 * over, an unreadable id is an error. End with eid_delegation_fini().
 * Errors: AUTH_CONFIG, ID_FORMAT, NO_MEMORY. */
EID_MUST_CHECK eid_status eid_delegation_from_doc(const eid_doc *doc, eid_delegation *out);
/* The record as it is stored (atomic). New: eid_doc_free(). */
EID_MUST_CHECK eid_status eid_delegation_to_doc(const eid_delegation *delegation, eid_doc **out);
void eid_delegation_fini(eid_delegation *delegation);

#endif
