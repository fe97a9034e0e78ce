/* Blocking calls and a thread for each connection: a client of the service is a program of the same
 * person on the same machine, so there are few, and what they ask blocks on the disk anyway. */
#include "node/service/socket.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_BACKLOG 64

static eid_status socket_fail(const char *path, const char *what)
{
    char why[128];

    return EID_FAIL(EID_KIND_IO, "cannot %s %s: %s", what, path,
                    strerror_r(errno, why, sizeof why));
}

static eid_status socket_address(const char *path, struct sockaddr_un *out)
{
    size_t len = strlen(path);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len == 0 || len >= sizeof out->sun_path) {
        return EID_FAIL(EID_KIND_ARGUMENT, "the path of a socket has 1 to %zu bytes, not %zu: %s",
                        sizeof out->sun_path - 1, len, path);
    }
    memcpy(out->sun_path, path, len);
    return EID_OK;
}

static eid_status socket_make(int *out)
{
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return *out >= 0 ? EID_OK : socket_fail("a socket", "make");
}

static bool socket_dial(int fd, const struct sockaddr_un *address)
{
    int result;

    do {
        result = connect(fd, (const struct sockaddr *)(const void *)address, sizeof *address);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Folders on the way, those that are missing only. */
static eid_status socket_make_parents(const struct sockaddr_un *address)
{
    char path[sizeof address->sun_path];

    memcpy(path, address->sun_path, sizeof path);
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = 0;
        if (mkdir(path, 0700) != 0 && errno != EEXIST) return socket_fail(path, "make the folder");
        *at = '/';
    }
    return EID_OK;
}

/* A file left by a daemon that is gone may be replaced; anything else is not ours to remove. */
static eid_status socket_clear(const struct sockaddr_un *address)
{
    const char *path = address->sun_path;
    struct stat info;
    bool is_live;
    int fd;
    eid_status status;

    if (lstat(path, &info) != 0) return errno == ENOENT ? EID_OK : socket_fail(path, "look at");
    if (!S_ISSOCK(info.st_mode)) {
        return EID_FAIL(EID_KIND_IO, "%s is there and is no socket", path);
    }
    status = socket_make(&fd);
    if (status != EID_OK) return status;
    is_live = socket_dial(fd, address);
    eid__socket_close(fd);
    if (is_live) return EID_FAIL(EID_KIND_STORE_LOCKED, "a daemon answers on %s", path);
    if (unlink(path) != 0 && errno != ENOENT) return socket_fail(path, "replace");
    return EID_OK;
}

eid_status eid__socket_listen(const char *path, int *out)
{
    struct sockaddr_un address;
    int fd = -1, result;
    eid_status status = socket_address(path, &address);

    *out = -1;
    if (status == EID_OK) status = socket_make_parents(&address);
    if (status == EID_OK) status = socket_clear(&address);
    if (status == EID_OK) status = socket_make(&fd);
    if (status != EID_OK) return status;
    (void)fchmod(fd, 0600); /* Linux makes the file with the socket's mode: never open to others */
    result = bind(fd, (const struct sockaddr *)(const void *)&address, sizeof address);
    if (result != 0 || chmod(path, 0600) != 0 || listen(fd, SOCKET_BACKLOG) != 0) {
        status = socket_fail(path, "listen on");
        if (result == 0) eid__socket_remove(path);
        eid__socket_close(fd);
        return status;
    }
    *out = fd;
    return EID_OK;
}

eid_status eid__socket_accept(int listener, int *out)
{
    do {
        *out = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    } while (*out < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (*out >= 0) return EID_OK;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return EID_FAIL(EID_KIND_OVERLOAD, "no descriptor for another connection");
    }
    return EID_FAIL(EID_KIND_SERVICE_CLOSED, "the service stops");
}

eid_status eid__socket_connect(const char *path, int *out)
{
    struct sockaddr_un address;
    int fd = -1;
    eid_status status = socket_address(path, &address);

    *out = -1;
    if (status == EID_OK) status = socket_make(&fd);
    if (status != EID_OK) return status;
    if (!socket_dial(fd, &address)) {
        bool is_absent = errno == ENOENT || errno == ECONNREFUSED;
        status = is_absent ? EID_FAIL(EID_KIND_SERVICE_ABSENT, "no daemon answers on %s", path)
                           : socket_fail(path, "connect to");
        eid__socket_close(fd);
        return status;
    }
    *out = fd;
    return EID_OK;
}

eid_status eid__socket_read(int fd, uint8_t *out, size_t len, size_t *got)
{
    ssize_t result;

    do {
        result = recv(fd, out, len, 0);
    } while (result < 0 && errno == EINTR);
    *got = result > 0 ? (size_t)result : 0;
    if (result >= 0) return EID_OK;
    return EID_FAIL(EID_KIND_SERVICE_CLOSED, "the connection broke");
}

eid_status eid__socket_write(int fd, eid_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t result = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);

        if (result < 0 && errno == EINTR) continue;
        if (result < 0) return EID_FAIL(EID_KIND_SERVICE_CLOSED, "the connection broke");
        bytes = eid_slice_of(bytes.at + result, bytes.len - (size_t)result);
    }
    return EID_OK;
}

void eid__socket_shut(int fd)
{
    (void)shutdown(fd, SHUT_RDWR);
}

void eid__socket_close(int fd)
{
    if (fd >= 0) (void)close(fd);
}

void eid__socket_remove(const char *path)
{
    (void)unlink(path);
}
