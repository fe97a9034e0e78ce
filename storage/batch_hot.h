/* Hot values of a batch: what it has read or written under a few keys that every commit asks for
 * again (the database's record, its tips, numbers of stores); private to this folder.
 *
 * Right only while nobody else writes those keys, which the batch's owner promises. Bounded: a
 * place for each of EID__HOT_PLACES hashes, values of at most EID__HOT_BYTES_MAX bytes. The owner's
 * thread.
 */
#ifndef EID_STORAGE_BATCH_HOT_H
#define EID_STORAGE_BATCH_HOT_H

#include "storage/kv.h"

#define EID__HOT_PLACES 32u
#define EID__HOT_BYTES_MAX 1024u /* of key and value: the tips of some twenty forks */

typedef struct eid__hot eid__hot;

/* Begin with nothing known. New: eid__hot_free(). NULL without memory. */
eid__hot *eid__hot_new(void);
void eid__hot_free(eid__hot *hot);
/* Is this known? Then *value is lent until the next call, and *is_absent tells that the store has
 * no such key. */
bool eid__hot_find(const eid__hot *hot, eid_family family, eid_slice key, eid_slice *value,
                   bool *is_absent);
/* Remember what the store has; instead of another key, if need be. Without memory, or if it is too
 * large, it is not known any more. */
void eid__hot_keep(eid__hot *hot, eid_family family, eid_slice key, eid_slice value,
                   bool is_absent);
/* What was known of a key changes; what was not stays unknown. */
void eid__hot_change(eid__hot *hot, const eid_kv_write_op *op);

#endif
