/* Tree: the object of one database in this process: its write lock and what is cached of it.
 *
 * A table of them stands in the engine; one that nobody uses may go when there are many, and is
 * made again as it was. Locks, in order of taking: `write`, then `cache` (short, never across a
 * write to the store). Readers take `cache` only. Source: spec 02 §13; 04 §10, §14 T4.
 */
#ifndef EID_NODE_DB_TREE_H
#define EID_NODE_DB_TREE_H

#include <pthread.h>

#include "auth/revocation.h"
#include "auth/verify.h"
#include "node/db/current.h"

#define EID__TREES_IDLE_MAX 1024u /* idle ones are swept above */
#define EID__POLICIES_MAX 64u
#define EID__PINS_MAX 8u
#define EID__PIN_BYTES_MAX 4096u /* longer metadata is judged the long way */

/* A pin that the verification pass has found good: whoever carries the same metadata over Verified
 * parents is judged by the same policy. */
typedef struct eid__pin {
    uint8_t *metadata; /* owned; NULL = free */
    size_t len;
    eid_policy *policy;
} eid__pin;

typedef struct eid__dbtree eid__dbtree;
struct eid__dbtree {
    eid_id root;
    eid_kv *kv;

    pthread_mutex_t write; /* held from the first read of a write until its events are queued */
    eid_batch *batch;      /* NULL until first used */
    eid_policy_cache *policies;                 /* NULL until first used */
    bool has_strict, is_strict;                 /* the option, once it was read */
    bool has_enforced, is_enforced, is_revoked; /* once they were read; revoke.h */
    eid_revocations *revocations;               /* the history of settings; NULL until first used */
    bool has_waiting;
    uint64_t waiting; /* entries that are Unverified, once they were counted */
    eid__pin pins[EID__PINS_MAX];
    size_t pin_next; /* the one to be replaced */

    pthread_mutex_t cache;
    bool is_writing; /* a batch is on its way: what is read now may be before or after it */
    eid__current current;

    size_t refs; /* under the table's lock, as the rest */
    bool is_recent;
    eid__dbtree *next;
};

typedef struct eid__dbtrees eid__dbtrees;
/* The table of an engine. New: eid__dbtrees_free(), when no tree is referred to. */
EID_MUST_CHECK eid_status eid__dbtrees_new(eid_kv *kv, eid__dbtrees **out);
void eid__dbtrees_free(eid__dbtrees *trees);
/* Ref and unref; made if missing, whether anything of it is stored or not. */
EID_MUST_CHECK eid_status eid__dbtree_ref(eid__dbtrees *trees, const eid_id *root,
                                          eid__dbtree **out);
void eid__dbtree_unref(eid__dbtrees *trees, eid__dbtree *tree);

/* Call fn with a consistent `current`: the cached one under its lock, or while a batch is being
 * written one of a snapshot. fn must not take other locks. */
typedef eid_status (*eid__current_fn)(void *arg, eid__current *current, const eid_at *at,
                                      const eid_id *root);
EID_MUST_CHECK eid_status eid__dbtree_read(eid__dbtree *tree, eid__current_fn fn, void *arg);

/* The pin's policy or NULL; `write` is held, as below. Borrowed until pins change. */
const eid_policy *eid__dbtree_pin(const eid__dbtree *tree, eid_slice metadata);
/* Remember one; takes the policy, also when there is no memory for it. */
void eid__dbtree_put_pin(eid__dbtree *tree, eid_slice metadata, eid_policy *policy);
/* Forget pins, policies and the history of settings: what they rest on was changed, or was in a
 * batch that is not written.
 */
void eid__dbtree_forget_policies(eid__dbtree *tree);

#endif
