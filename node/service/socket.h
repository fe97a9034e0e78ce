/* Socket: the one owner of unix socket calls, and of the socket's file. Blocking descriptors; a
 * read or write ends early only when the other side, or eid__socket_shut(), ends the stream. */
#ifndef EID_NODE_SERVICE_SOCKET_H
#define EID_NODE_SERVICE_SOCKET_H

#include "dag/bytes.h"

/* Bind and listen at `path`, mode 0600; parent folders that are missing are made with 0700, those
 * that are there keep their mode. A file that nobody answers on is replaced. New:
 * eid__socket_close(). Errors: STORE_LOCKED (a daemon answers there), ARGUMENT, IO. */
EID_MUST_CHECK eid_status eid__socket_listen(const char *path, int *out);
/* The next connection; CLOSED after eid__socket_shut(). */
EID_MUST_CHECK eid_status eid__socket_accept(int listener, int *out);
/* Errors: SERVICE_ABSENT, ARGUMENT, IO. */
EID_MUST_CHECK eid_status eid__socket_connect(const char *path, int *out);
/* Up to `len` bytes; *got 0 at the end of the stream. Errors: SERVICE_CLOSED. */
EID_MUST_CHECK eid_status eid__socket_read(int fd, uint8_t *out, size_t len, size_t *got);
/* All of it. Errors: SERVICE_CLOSED. */
EID_MUST_CHECK eid_status eid__socket_write(int fd, eid_slice bytes);
/* End the stream both ways: whoever waits on it wakes up. Any thread. */
void eid__socket_shut(int fd);
void eid__socket_close(int fd);
/* Remove the socket's file. */
void eid__socket_remove(const char *path);

#endif
