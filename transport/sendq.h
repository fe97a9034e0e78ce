/* Sendq: the bytes of one stream from when they are queued until the peer has acknowledged them.
 *
 * QUIC may have to send any of them again, so they stay where they are. What is too much is for the
 * owner to say. One thread. Shape: chunks of 1 to 64 KiB. */
#ifndef EID_TRANSPORT_SENDQ_H
#define EID_TRANSPORT_SENDQ_H

#include "dag/bytes.h"

typedef struct eid__chunk eid__chunk;

typedef struct eid__sendq {
    eid__chunk *head, *tail;
    eid__chunk *at;            /* the chunk with the first unsent byte; NULL = all is sent */
    size_t at_used;            /* bytes of it that are sent */
    size_t head_acked;         /* bytes of the first chunk that are acknowledged */
    uint64_t acked, sent, end; /* stream offsets; acked <= sent <= end */
} eid__sendq;

/* Free all; also ends a zeroed struct, and leaves one. */
void eid__sendq_fini(eid__sendq *queue);
/* Append a copy. Errors: NO_MEMORY, and then nothing has changed. */
EID_MUST_CHECK eid_status eid__sendq_push(eid__sendq *queue, eid_slice bytes);
/* The unsent bytes in order, as at most `max` pieces; gives their number. Borrowed until they are
 * acknowledged. */
size_t eid__sendq_peek(const eid__sendq *queue, eid_slice *out, size_t max);
/* The next `bytes` are sent. */
void eid__sendq_sent(eid__sendq *queue, size_t bytes);
/* All before the stream offset `offset` is acknowledged; it is freed. */
void eid__sendq_acked(eid__sendq *queue, uint64_t offset);
static inline size_t eid__sendq_unacked(const eid__sendq *queue)
{
    return (size_t)(queue->end - queue->acked);
}
static inline bool eid__sendq_has_unsent(const eid__sendq *queue)
{
    return queue->end > queue->sent;
}

#endif
