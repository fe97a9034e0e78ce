/* Batch: changes that will be written at once, and reads that see them before they are.
 *
 * Collects puts and deletes over all families; eid_batch_get() looks in the batch first, then in
 * the store. One thread; the owner holds the database's write lock from the first read to the
 * write.
 */
#ifndef EID_STORAGE_BATCH_H
#define EID_STORAGE_BATCH_H

#include "storage/kv.h"

#define EID_BATCH_BYTES_MAX (256u * 1024u * 1024u)

typedef struct eid_batch eid_batch;

/* Begin over `kv`, which must outlive it. New: eid_batch_free(). */
EID_MUST_CHECK eid_status eid_batch_new(eid_kv *kv, eid_batch **out);
void eid_batch_free(eid_batch *batch);
eid_kv *eid_batch_kv(const eid_batch *batch);
/* Copies key and value. Errors: NO_MEMORY, LIMIT. */
EID_MUST_CHECK eid_status eid_batch_put(eid_batch *batch, eid_family family, eid_slice key,
                                        eid_slice value);
EID_MUST_CHECK eid_status eid_batch_delete(eid_batch *batch, eid_family family, eid_slice key);
/* The value as of the batch. NOT_FOUND bare. */
EID_MUST_CHECK eid_status eid_batch_get(eid_batch *batch, eid_family family, eid_slice key,
                                        eid_buf *out);
/* From now on eid_batch_get_hot() remembers what it has read, across writes: for an owner by whom
 * alone such keys are ever written, always through this batch. Without memory nothing changes. */
void eid_batch_keep_hot(eid_batch *batch);
/* eid_batch_get() of a key that only the batch's owner writes and that is asked for again and
 * again. */
EID_MUST_CHECK eid_status eid_batch_get_hot(eid_batch *batch, eid_family family, eid_slice key,
                                            eid_buf *out);
/* Delete every key with this prefix, in the batch and in the store. */
EID_MUST_CHECK eid_status eid_batch_delete_prefix(eid_batch *batch, eid_family family,
                                                  eid_slice prefix);
size_t eid_batch_count(const eid_batch *batch);
/* Write it; the batch is empty afterwards if and only if this succeeds. */
EID_MUST_CHECK eid_status eid_batch_write(eid_batch *batch, eid_durability durability);
/* Forget everything. */
void eid_batch_clear(eid_batch *batch);

#endif
