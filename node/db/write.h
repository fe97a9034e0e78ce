/* Write: the one way by which entries get into a database of this process.
 *
 * begin takes the tree's write lock; put adds entries and their verdicts, tips and state rows to
 * one batch; commit writes it and queues the events; end releases the lock and tells who listens.
 * Entries of ours and of peers go the same way. Source: architecture "Local write", "A received
 * entry"; spec 02 §9-§11, 04 §10.
 */
#ifndef EID_NODE_DB_WRITE_H
#define EID_NODE_DB_WRITE_H

#include "auth/revocation.h"
#include "node/db/db_internal.h"
#include "node/db/wake.h"

#define EID__WRITE_BYTES_MAX (16u * 1024u * 1024u) /* of entries; then the batch is written */

/* Entries that have become Verified in a write, and are not applied yet (revoke.h). */
typedef struct eid__revoke {
    eid_order settings; /* those with settings */
    eid_order waiting;  /* all since the first of those */
    bool is_again;
} eid__revoke;

struct eid__write {
    eid_engine *engine;
    eid__dbtree *tree;
    eid_batch *batch;
    bool is_remote;
    bool has_watchers;
    uint64_t waiting; /* entries of the tree that are Unverified, those in the batch included */
    bool must_pass;   /* something may have changed for them */
    /* Signatures that are known; as eid_verify_options. */
    eid_status (*signature)(void *self, const eid_id *id, bool *ok);
    void *signature_self;

    /* Since the last commit. */
    size_t bytes, put_count;
    const eid_entry *last_put; /* borrowed */
    eid_id *added;             /* became visible, parents first */
    size_t added_count, added_cap;
    bool is_cut;
    uint64_t verified_now;
    eid_id last_verified;
    bool touches_settings, touches_index, marks_opaque;
    bool must_clear;       /* more was changed than entries that came: forget all that is cached */
    uint8_t *pin_metadata; /* owned; of the last entry that the pass made Verified by a pin */
    size_t pin_len;
    eid_idset pin_tips;

    /* Of the whole. */
    uint64_t verified, failed;
    const eid_id *asked; /* an entry whose reason is wanted; may be NULL */
    eid_verdict asked_verdict;
    const char *asked_reason;         /* static; why it Failed */
    eid_revocation_answer asked_void; /* whether it is void */
    eid__revoke revoke;
    eid__wake wake; /* databases that wait for entries of this one */
    bool is_woken;  /* this write is one of theirs */
};

/* Lock the tree. End with eid__write_end(), also after errors of the others. */
EID_MUST_CHECK eid_status eid__write_begin(eid_engine *engine, eid__dbtree *tree,
                                           eid__write *write);
/* Add an entry of this tree, which must live until the next commit; `is_good` is what is known of
 * its signature (NULL = nothing). Held before: *is_new false, nothing changes. */
EID_MUST_CHECK eid_status eid__write_put(eid__write *write, const eid_entry *entry,
                                         const bool *is_good, bool *is_new);
/* Judge what waits. Does nothing if nothing can have changed. */
EID_MUST_CHECK eid_status eid__write_pass(eid__write *write);
/* Judge, write, queue the events. */
EID_MUST_CHECK eid_status eid__write_commit(eid__write *write, eid_durability durability);
/* Unlock; what was not committed is forgotten. Then tell who listens. */
void eid__write_end(eid__write *write);

/* What a verdict that has just become `verdict` brings with it: state rows, counts, the event. */
EID_MUST_CHECK eid_status eid__write_on_verdict(eid__write *write, const eid_entry *entry,
                                                eid_verdict verdict, const char *reason);

#endif
