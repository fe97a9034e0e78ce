/* Engine: the seam over our own storage. One per process and store.
 *
 * Holds the backend, one object per database (write lock, policy cache, subscribers), and the one
 * write path: read tips → batch (entry, order, graph, tip, state) → write → release lock →
 * callbacks. Reads run on storage snapshots and take no lock. Received batches go the same way
 * through eid_engine_ingest(). Thread-safe. Source: architecture "Threads", "Local write", "A
 * received entry"; spec 02 §9-§13, 04 §9-10.
 */
#ifndef EID_NODE_DB_ENGINE_H
#define EID_NODE_DB_ENGINE_H

#include "node/db/seam.h"
#include "storage/records.h"

typedef struct eid_engine eid_engine;

typedef struct eid_engine_config {
    const char *url;
    bool create;
    const eid_clock *clock;   /* NULL = system */
    const eid_random *random; /* NULL = system */
    unsigned verify_threads;  /* 0 = cores - 1, at least 1 */
    bool verify_inline;       /* simulation: check signatures on the caller's thread */
} eid_engine_config;

/* Open the store. New: eid_engine_close(). Errors: those of eid_kv_open(). Whether it is
 * initialised is the instance's business (instance.h). */
EID_MUST_CHECK eid_status eid_engine_open(const eid_engine_config *config, eid_engine **out);
void eid_engine_close(eid_engine *engine);
/* The seam; lives as long as the engine. Its `control` is the one set below. */
const eid_seam *eid_engine_seam(eid_engine *engine);
eid_kv *eid_engine_kv(eid_engine *engine);
/* Who answers seam.control (the sync service sets itself). Waits for calls that are under way, so
 * whoever goes must end them first. */
void eid_engine_set_control(eid_engine *engine,
                            eid_status (*control)(void *self, const char *method, eid_slice args,
                                                  void (*progress)(void *arg, eid_slice json),
                                                  void *arg, eid_buf *out),
                            void *self);

/* Received entries of any trees: parsed, hashed, stored, signatures checked by the pool, judged,
 * applied, in one batch per tree; callbacks once per tree. Malformed entries are skipped and
 * counted; entries whose parents are missing are stored Unverified. A genesis of an unknown tree is
 * stored only if `expect` is NULL or lists its root. */
typedef struct eid_ingest_report {
    uint64_t stored;    /* new here */
    uint64_t known;     /* held before */
    uint64_t verified;  /* became visible, older waiting ones included */
    uint64_t failed;    /* judged invalid now */
    uint64_t malformed; /* refused, not stored */
    eid_idset missing;  /* parents that are not held, at most 1024; end with eid_idset_fini() */
} eid_ingest_report;
EID_MUST_CHECK eid_status eid_engine_ingest(eid_engine *engine, const eid_slice *entries,
                                            size_t count, const eid_idset *expect,
                                            eid_durability durability, eid_ingest_report *out);

/* Called after every write that made something visible in any tree, on the writing thread, no
 * database lock held: for the sync engine, which queues it. One listener; when this returns, the
 * one before is not called any more. Not from inside the listener. */
void eid_engine_on_write(eid_engine *engine,
                         void (*fn)(void *self, const eid_id *root, bool is_remote), void *self);

/* A current value of `_settings` as policy; cached per settings tips. New reference: a copy of what
 * is needed is made by the callback, which runs under the cache's lock. */
EID_MUST_CHECK eid_status eid_engine_with_policy(eid_engine *engine, const eid_id *root,
                                                 void (*fn)(void *arg, const eid_policy *policy),
                                                 void *arg);

/* Permission of a proven key under an identity, which may lead through other databases (spec 05
 * §5.2). Errors: those of eid_policy_identity() and eid_delegate_identity(). */
EID_MUST_CHECK eid_status eid_engine_identity(eid_engine *engine, const eid_id *root,
                                              const eid_sigkey *identity, const eid_pubkey *proven,
                                              eid_permission *out);
/* The strongest permission of a key in any way (seam.sigkeys); *has false if there is none. */
EID_MUST_CHECK eid_status eid_engine_access(eid_engine *engine, const eid_id *root,
                                            const eid_pubkey *key, bool *has, eid_permission *out);

#endif
