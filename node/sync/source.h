/* Source: the reading half of the sync host over an engine: tips, differences, ranges, bytes, and
 * who may read. Used by the production service and by the simulation alike. The engine thread's. */
#ifndef EID_NODE_SYNC_SOURCE_H
#define EID_NODE_SYNC_SOURCE_H

#include "node/db/engine.h"
#include "node/sync/engine.h"

typedef struct eid_sync_source eid_sync_source;

/* New: eid_sync_source_free(). Shared databases are loaded from the engine. */
EID_MUST_CHECK eid_status eid_sync_source_new(eid_engine *engine, eid_sync_source **out);
void eid_sync_source_free(eid_sync_source *source);

/* Tell that a database is shared, or not any more. */
EID_MUST_CHECK eid_status eid_sync_source_share(eid_sync_source *source, const eid_id *root,
                                                bool shared);
bool eid_sync_source_is_shared(const eid_sync_source *source, const eid_id *root);

/* As the functions of eid_sync_host with these names. */
bool eid_sync_source_may_read(eid_sync_source *source, const eid_id *root, const uint8_t device[32],
                              const eid_sync_proof *proofs, size_t count);
EID_MUST_CHECK eid_status eid_sync_source_tips(eid_sync_source *source, const eid_id *root,
                                               eid_idset *tips, uint64_t *count);
EID_MUST_CHECK eid_status eid_sync_source_held(eid_sync_source *source, const eid_id *root,
                                               eid_ids ids, bool *flags);
EID_MUST_CHECK eid_status eid_sync_source_missing(eid_sync_source *source, const eid_id *root,
                                                  eid_ids have, eid_order *out);
EID_MUST_CHECK eid_status eid_sync_source_scan(eid_sync_source *source, const eid_id *root,
                                               const eid_order_item *after, size_t max,
                                               eid_order *out);
EID_MUST_CHECK eid_status eid_sync_source_fingerprint(eid_sync_source *source, const eid_id *root,
                                                      const eid_order_item *low,
                                                      const eid_order_item *high, uint64_t *count,
                                                      uint8_t sum[32]);
EID_MUST_CHECK eid_status eid_sync_source_item_at(eid_sync_source *source, const eid_id *root,
                                                  const eid_order_item *low,
                                                  const eid_order_item *high, uint64_t rank,
                                                  eid_order_item *out);
EID_MUST_CHECK eid_status eid_sync_source_bytes(eid_sync_source *source, const eid_id *root,
                                                const eid_id *id, eid_buf *out);

#endif
