/* The local service's frames, and what they carry between a client and the daemon. */
#include <sys/socket.h>
#include <unistd.h>

#include "node/service/codec.h"
#include "node/service/frame.h"
#include "tests/fuzz/fuzz.h"

#define FRAME_INPUT_MAX (64u * 1024u) /* what a socket pair takes without a reader */

static void read_frames(int fd)
{
    eid_buf frame;

    eid_buf_init(&frame, EID_FRAME_BYTES_MAX);
    while (eid__frame_read(fd, &frame) == EID_OK) fuzz_check(frame.len > 0);
    eid_buf_fini(&frame);
}

static void check_frames(const uint8_t *data, size_t size)
{
    int fds[2];
    size_t sent = 0;

    if (size > FRAME_INPUT_MAX) return;
    fuzz_check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    while (sent < size) {
        ssize_t count = write(fds[0], data + sent, size - sent);

        fuzz_check(count > 0);
        sent += (size_t)count;
    }
    close(fds[0]);
    read_frames(fds[1]);
    close(fds[1]);
}

static void check_content(eid_slice json)
{
    eid_txn_context context = {0};
    eid_db_info info = {0};
    eid_entry *entry = NULL;
    eid_verdict verdict;

    if (eid__read_entry(json, &entry, &verdict) == EID_OK) eid_entry_free(entry);
    if (eid__read_info(json, &info) == EID_OK) eid_db_info_fini(&info);
    if (eid__read_context(json, &context) == EID_OK) eid_txn_context_fini(&context);
    fuzz_check(eid__read_error(json) != EID_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    eid_slice json = eid_slice_of(data, size), content;
    eid_buf tag;

    check_frames(data, size);
    eid_buf_init(&tag, FUZZ_BYTES_MAX);
    if (eid__read_tag(json, &tag, &content) == EID_OK) check_content(content);
    check_content(json);
    eid_buf_fini(&tag);
    return 0;
}
