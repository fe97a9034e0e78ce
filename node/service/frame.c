/* The head and a short payload leave in one write, so that a question is one packet for the other
 * side to wake up for. */
#include "node/service/frame.h"

#include "node/service/socket.h"

#define FRAME_HEAD_BYTES 4u
#define FRAME_STEP_BYTES (64u * 1024u)
#define FRAME_SHORT_BYTES 4096u

/* *is_end: the stream ended before all of it came. */
static eid_status frame_read_exact(int fd, uint8_t *out, size_t len, bool *is_end)
{
    *is_end = false;
    while (len > 0) {
        size_t got;
        eid_status status = eid__socket_read(fd, out, len, &got);

        if (status != EID_OK) return status;
        *is_end = got == 0;
        if (got == 0) return EID_OK;
        out += got;
        len -= got;
    }
    return EID_OK;
}

static eid_status frame_read_payload(int fd, size_t len, eid_buf *out)
{
    while (len > 0) {
        size_t step = len < FRAME_STEP_BYTES ? len : FRAME_STEP_BYTES;
        uint8_t *room = eid_buf_extend(out, step);
        bool is_end;
        eid_status status;

        if (!room) return eid_buf_status(out);
        status = frame_read_exact(fd, room, step, &is_end);
        if (status == EID_OK && is_end) {
            status = EID_FAIL(EID_KIND_SERVICE_CLOSED, "a message was cut off");
        }
        if (status != EID_OK) return status;
        len -= step;
    }
    return EID_OK;
}

eid_status eid__frame_read(int fd, eid_buf *out)
{
    uint8_t head[FRAME_HEAD_BYTES];
    bool is_end;
    uint32_t len;
    eid_status status;

    eid_buf_clear(out);
    status = frame_read_exact(fd, head, sizeof head, &is_end);
    if (status != EID_OK) return status;
    if (is_end) return EID_E_NOT_FOUND;
    len = eid_get_u32(head);
    if (len > EID_FRAME_BYTES_MAX) {
        return EID_FAIL(EID_KIND_SERVICE_FRAME, "frame too large: %u bytes (max %u)", len,
                        EID_FRAME_BYTES_MAX);
    }
    if (len == 0) return EID_FAIL(EID_KIND_SERVICE_FRAME, "an empty frame");
    return frame_read_payload(fd, len, out);
}

eid_status eid__frame_write(int fd, eid_slice json)
{
    uint8_t bytes[FRAME_HEAD_BYTES + FRAME_SHORT_BYTES];
    eid_status status;

    if (json.len > EID_FRAME_BYTES_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "frame too large: %zu bytes (max %u)", json.len,
                        EID_FRAME_BYTES_MAX);
    }
    eid_put_u32(bytes, (uint32_t)json.len);
    if (json.len <= FRAME_SHORT_BYTES) {
        if (json.len > 0) memcpy(bytes + FRAME_HEAD_BYTES, json.at, json.len);
        return eid__socket_write(fd, eid_slice_of(bytes, FRAME_HEAD_BYTES + json.len));
    }
    status = eid__socket_write(fd, eid_slice_of(bytes, FRAME_HEAD_BYTES));
    return status == EID_OK ? eid__socket_write(fd, json) : status;
}
