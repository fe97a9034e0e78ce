/* A plain buffer with an offset: frames are handled as soon as they are whole, and what is left of
 * the buffer moves to its front only when something new comes. */
#include "node/sync/internal.h"

void eid__frames_init(eid__frames *frames)
{
    eid_buf_init(&frames->bytes, SYNC_FRAMES_MAX);
    frames->at = 0;
}

void eid__frames_fini(eid__frames *frames)
{
    eid_buf_fini(&frames->bytes);
    frames->at = 0;
}

eid_status eid__frames_feed(eid__frames *frames, eid_slice bytes)
{
    if (frames->at > 0) {
        size_t left = frames->bytes.len - frames->at;

        memmove(frames->bytes.at, frames->bytes.at + frames->at, left);
        eid_buf_truncate(&frames->bytes, left);
        frames->at = 0;
    }
    eid_buf_append(&frames->bytes, bytes);
    return eid_buf_status(&frames->bytes);
}

eid_status eid__frames_next(eid__frames *frames, eid_slice *body)
{
    size_t left = frames->bytes.len - frames->at;
    const uint8_t *at;
    uint32_t len;

    if (left < EID_FRAME_HEAD) return EID_E_AGAIN;
    at = frames->bytes.at + frames->at;
    len = eid_get_u32(at);
    if (len > EID_SYNC_MESSAGE_MAX) {
        return EID_FAIL(EID_KIND_SYNC_MESSAGE, "a frame of %u bytes is over the limit", len);
    }
    if (left - EID_FRAME_HEAD < len) return EID_E_AGAIN;
    *body = eid_slice_of(at + EID_FRAME_HEAD, len);
    frames->at += EID_FRAME_HEAD + len;
    return EID_OK;
}
