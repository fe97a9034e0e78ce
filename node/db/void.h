/* Void: which entries a revocation keeps out of the state, and why, for those who ask.
 *
 * Read from what is held now; costs the history of settings, and where a revoked key has signed, a
 * walk. Any thread. Source: auth/REVOCATION.md.
 */
#ifndef EID_NODE_DB_VOID_H
#define EID_NODE_DB_VOID_H

#include "auth/revocation.h"

/* One Verified entry of an enforced database; of others, nothing is void. */
EID_MUST_CHECK eid_status eid_void_ask(const eid_at *at, const eid_entry *entry,
                                       eid_revocation_answer *out);
/* All that are void, by id; fn answers EID_E_AGAIN to stop. */
typedef eid_status (*eid_void_fn)(void *self, const eid_entry *entry,
                                  const eid_revocation_answer *answer);
EID_MUST_CHECK eid_status eid_void_each(const eid_at *at, const eid_id *root, eid_void_fn fn,
                                        void *self);

#endif
