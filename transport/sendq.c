/* A list of chunks and not a ring: memory follows what is in flight, an idle stream holds none, and
 * a chunk never moves while packets point into it. */
#include "transport/sendq.h"

#include "dag/alloc.h"
#include "dag/assert.h"

#define CHUNK_MIN 1024u
#define CHUNK_MAX 65536u

struct eid__chunk {
    eid__chunk *next;
    size_t len, cap;
    uint8_t bytes[];
};

static void sendq_check(const eid__sendq *queue)
{
    EID_ASSERT(queue->acked <= queue->sent);
    EID_ASSERT(queue->sent <= queue->end);
    EID_ASSERT((queue->at == NULL) == (queue->sent == queue->end));
}

static void chunks_free(eid__chunk *chunk)
{
    while (chunk) {
        eid__chunk *next = chunk->next;

        eid_free(chunk);
        chunk = next;
    }
}

void eid__sendq_fini(eid__sendq *queue)
{
    chunks_free(queue->head);
    *queue = (eid__sendq){0};
}

/* New chunks with all of `bytes`; NULL without memory. */
static eid__chunk *chunks_new(eid_slice bytes)
{
    eid__chunk *head = NULL, **link = &head;

    while (bytes.len > 0) {
        size_t len = bytes.len < CHUNK_MAX ? bytes.len : CHUNK_MAX;
        size_t cap = len < CHUNK_MIN ? CHUNK_MIN : len;
        eid__chunk *chunk = eid_alloc(sizeof *chunk + cap);

        if (!chunk) {
            chunks_free(head);
            return NULL;
        }
        chunk->len = len;
        chunk->cap = cap;
        memcpy(chunk->bytes, bytes.at, len);
        *link = chunk;
        link = &chunk->next;
        bytes = eid_slice_of(bytes.at + len, bytes.len - len);
    }
    return head;
}

eid_status eid__sendq_push(eid__sendq *queue, eid_slice bytes)
{
    eid__chunk *tail = queue->tail, *more = NULL;
    size_t room = tail ? tail->cap - tail->len : 0;
    size_t fits = room < bytes.len ? room : bytes.len;

    if (bytes.len > fits) {
        more = chunks_new(eid_slice_of(bytes.at + fits, bytes.len - fits));
        if (!more) return EID_FAIL(EID_KIND_NO_MEMORY, "for %zu bytes to send", bytes.len);
    }
    if (fits > 0) {
        memcpy(tail->bytes + tail->len, bytes.at, fits);
        if (!queue->at) {
            queue->at = tail;
            queue->at_used = tail->len;
        }
        tail->len += fits;
    }
    if (more) {
        if (tail) tail->next = more;
        if (!queue->head) queue->head = more;
        if (!queue->at) {
            queue->at = more;
            queue->at_used = 0;
        }
        while (more->next) more = more->next;
        queue->tail = more;
    }
    queue->end += bytes.len;
    sendq_check(queue);
    return EID_OK;
}

size_t eid__sendq_peek(const eid__sendq *queue, eid_slice *out, size_t max)
{
    size_t used = queue->at_used, count = 0;

    for (const eid__chunk *chunk = queue->at; chunk && count < max; chunk = chunk->next) {
        if (chunk->len > used) out[count++] = eid_slice_of(chunk->bytes + used, chunk->len - used);
        used = 0;
    }
    return count;
}

void eid__sendq_sent(eid__sendq *queue, size_t bytes)
{
    EID_ASSERT(bytes <= queue->end - queue->sent);
    queue->sent += bytes;
    while (queue->at && bytes >= queue->at->len - queue->at_used) {
        bytes -= queue->at->len - queue->at_used;
        queue->at = queue->at->next;
        queue->at_used = 0;
    }
    if (queue->at) queue->at_used += bytes;
    sendq_check(queue);
}

void eid__sendq_acked(eid__sendq *queue, uint64_t offset)
{
    if (offset <= queue->acked) return;
    EID_ASSERT(offset <= queue->sent);
    queue->head_acked += (size_t)(offset - queue->acked);
    queue->acked = offset;
    while (queue->head && queue->head != queue->at && queue->head_acked >= queue->head->len) {
        eid__chunk *head = queue->head;

        queue->head_acked -= head->len;
        queue->head = head->next;
        if (!queue->head) queue->tail = NULL;
        eid_free(head);
    }
    sendq_check(queue);
}
