/* Batch list: the batch's own keys in order, for cursors that read through it; private to this
 * folder. Nodes stay where they are until the batch is cleared. */
#ifndef EID_STORAGE_BATCH_LIST_H
#define EID_STORAGE_BATCH_LIST_H

#include "storage/batch.h"

#define EID__BATCH_LEVELS 10 /* 4^10 nodes before searches get longer */

typedef struct eid__batch_node {
    eid_slice key;
    uint8_t *value;
    size_t value_len, value_cap;
    bool is_delete;
    struct eid__batch_node **next; /* one for each level of this node; [0] is the list */
} eid__batch_node;

/* The first node at or after `key`; NULL if there is none. */
eid__batch_node *eid__batch_seek(eid_batch *batch, eid_family family, eid_slice key);

#endif
