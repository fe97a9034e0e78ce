/* Revoke: the marks of void entries and the state without them, kept up by each write of an
 * enforced database. The rule is auth/revocation.h; here is when it is asked, and what follows.
 *
 * An entry that becomes Verified is met: it is applied, or marked. Where settings entries come in
 * the same write, what is met waits until the write is settled, because it may be they that make it
 * void; then those that were applied earlier are looked at, too. All in the write's batch. Source:
 * auth/REVOCATION.md.
 */
#ifndef EID_NODE_DB_REVOKE_H
#define EID_NODE_DB_REVOKE_H

#include "node/db/write.h"

#define EID__OPTION_REVOKED "revoked" /* a revocation stands, or something is void */

/* An entry has become Verified: *applies tells whether its payload is to be applied now. */
EID_MUST_CHECK eid_status eid__revoke_meet(eid__write *write, uint32_t database,
                                           const eid_entry *entry, bool *applies);
/* Read whether the database is enforced into the tree. */
EID_MUST_CHECK eid_status eid__revoke_need(eid__write *write);
/* Decide what waits. To be called before the batch is written; does nothing if nothing waits. */
EID_MUST_CHECK eid_status eid__revoke_settle(eid__write *write);
/* Let eid__revoke_settle() look at every entry again: verdicts were changed by other rules. */
void eid__revoke_again(eid__write *write);
/* Forget what is kept of one write. */
void eid__revoke_forget(eid__revoke *revoke);

/* Make current merged settings say what the policy now is. */
EID_MUST_CHECK eid_status eid__revoke_settings(const eid_at *at, const eid_id *root,
                                               eid_doc *settings);
/* Whether a database is enforced; not, if its genesis is not held. */
EID_MUST_CHECK eid_status eid__revoke_is_enforced(const eid_at *at, const eid_id *root, bool *out);
/* The whole history, decided, and the rule for one entry by it, with plain walks: for checks and
 * explanations. */
EID_MUST_CHECK eid_status eid__revoke_load(const eid_at *at, const eid_id *root,
                                           eid_revocations **out);
EID_MUST_CHECK eid_status eid__revoke_judge(const eid_at *at, const eid_id *root,
                                            const eid_revocations *history, const eid_entry *entry,
                                            eid_revocation_answer *out);

/* Take entries out of the state of their stores (revoke_state.c): what they wrote is made again
 * from all other entries that count. *opaque tells that what is known of stores' kinds has changed.
 */
EID_MUST_CHECK eid_status eid__revoke_withdraw(eid_batch *batch, const eid_id *root,
                                               uint32_t database, const eid_order *entries,
                                               bool *opaque);

#endif
