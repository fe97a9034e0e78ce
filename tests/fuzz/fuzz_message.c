/* Messages of the sync protocol: what is taken is written in one form, and that form stays. */
#include "node/sync/message.h"
#include "tests/fuzz/fuzz.h"

static eid_slice body_of(const eid_buf *frame)
{
    return eid_slice_of(frame->at + EID_FRAME_HEAD, frame->len - EID_FRAME_HEAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_message message, again;
    eid_buf first, second;

    eid_buf_init(&first, FUZZ_BYTES_MAX);
    eid_buf_init(&second, FUZZ_BYTES_MAX);
    if (eid_message_decode(eid_slice_of(data, size), &message) == EID_OK &&
        eid_message_name(message.type)[0] != '?') {
        fuzz_check(eid_message_encode(&message, &first) == EID_OK);
        fuzz_check(first.len <= size + EID_FRAME_HEAD);
        fuzz_check(eid_message_decode(body_of(&first), &again) == EID_OK);
        fuzz_check(eid_message_encode(&again, &second) == EID_OK);
        fuzz_check(eid_slice_equal(eid_buf_slice(&first), eid_buf_slice(&second)));
        eid_message_fini(&again);
    }
    eid_message_fini(&message);
    eid_buf_fini(&first);
    eid_buf_fini(&second);
    return 0;
}
