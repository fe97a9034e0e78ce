/* What the files of node/db share about the engine. */
#ifndef EID_NODE_DB_INTERNAL_H
#define EID_NODE_DB_INTERNAL_H

#include <stdatomic.h>

#include "node/db/engine.h"
#include "node/db/local_text.h"
#include "node/db/pool.h"
#include "node/db/subscribe.h"
#include "node/db/tree.h"

struct eid_engine {
    eid_kv *kv;
    const eid_clock *clock;
    const eid_random *random;
    eid__dbtrees *trees;
    eid__pool *pool;
    eid__watch *watch;
    eid__texts *texts;
    eid_seam seam;
    atomic_int awaits; /* whether databases wait for entries of others; wake.c's */

    pthread_mutex_t hooks; /* of the next four; not held while `control` is called */
    pthread_cond_t hooks_idle;
    unsigned controls; /* calls under way */
    eid_status (*control)(void *self, const char *method, eid_slice args,
                          void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out);
    void *control_self;
    pthread_rwlock_t listening; /* held for reading while the listener is called */
    void (*on_write)(void *self, const eid_id *root, bool is_remote);
    void *on_write_self;
};

/* Options of a database that are this node's own (records "db/<root>/<what>"). */
EID_MUST_CHECK eid_status eid__option_get(eid_kv *kv, const eid_id *root, const char *what,
                                          bool preset, bool *out);
EID_MUST_CHECK eid_status eid__option_set(eid_batch *batch, const eid_id *root, const char *what,
                                          bool value);
EID_MUST_CHECK eid_status eid__option_delete(eid_batch *batch, const eid_id *root,
                                             const char *what);
#define EID__OPTION_STRICT "strict"
#define EID__OPTION_SHARED "shared"
#define EID__OPTION_INDEXES "indexes" /* which tables' members are indexed (local_find.c) */

/* seam.set_strict: keep it, and judge what was judged by the other rule again. */
EID_MUST_CHECK eid_status eid__strict_set(eid_engine *engine, const eid_id *root, bool strict);
/* seam.check. */
EID_MUST_CHECK eid_status eid__check(eid_engine *engine, const eid_id *root, eid_buf *report,
                                     uint64_t *findings);

#endif
