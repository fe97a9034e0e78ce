/* Update v1, the bytes that Yjs exchanges: blocks of each client by clock, then deleted ranges.
 *
 * Reading checks the bytes wholly before a document is touched. Client sections follow each other
 * from the highest id down, as in Yjs, which lets others put down fewer rivals late.
 *
 * Not here: where blocks belong (ystore.h). Inside crdt/ only; not thread-safe.
 * Source: github.com/yjs/yjs, src/utils/encoding.js, src/structs (formats only).
 */
#ifndef EID_CRDT_YUPDATE_H
#define EID_CRDT_YUPDATE_H

#include "crdt/ylib0.h"
#include "crdt/ystore.h"

typedef struct eid__yupdate {
    eid__yarena arena; /* the bytes, and the blocks */
    eid__yitem **items;
    size_t item_count, item_cap;
    eid__yrange *deletes;
    size_t delete_count, delete_cap;
} eid__yupdate;

/* Read an update into a zeroed struct, to be ended with eid__yupdate_fini() in any case.
 * Errors: STORE_YDOC, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__yupdate_read(eid_slice bytes, eid__yupdate *out);
void eid__yupdate_fini(eid__yupdate *update);

/* Append `count` > 0 blocks, which follow each other and are of one kind (more than one only if
 * eid__yitem_can_join()), as one; without the first `skip` units. */
void eid__yblock_write(const eid__yitem *first, size_t count, uint32_t skip, eid_buf *out);
/* Whether a block of a document is written as one with the client's next. */
bool eid__yitem_can_join(const eid__yitem *item);

/* The clock of each client, read from a state vector; sorted by client. New: eid_free(). */
typedef struct eid__yclock {
    uint32_t client, clock;
} eid__yclock;
EID_MUST_CHECK eid_status eid__ystate_read(eid_slice bytes, eid__yclock **out, size_t *count);
/* All clients of a document, by id. New: eid_free(). Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid__ystate_of(const eid_ydoc *doc, eid__yclock **out);

#endif
