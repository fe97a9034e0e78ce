/* A raw connection to the service: frames as bytes and as JSON. */
#ifndef EID_TESTS_NODE_SERVICE_WIRE_H
#define EID_TESTS_NODE_SERVICE_WIRE_H

#include "tests/support/test.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static inline int wire_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = 20};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&address, sizeof address),
                     0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static inline void wire_send_bytes(int fd, const void *bytes, size_t len)
{
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static inline void wire_send(int fd, const char *json)
{
    size_t len = strlen(json);
    unsigned char head[4] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
                             (unsigned char)(len >> 8), (unsigned char)len};

    wire_send_bytes(fd, head, 4);
    wire_send_bytes(fd, json, len);
}

/* The text of the next frame (free it), NULL if the stream has ended. */
static inline char *wire_receive(int fd)
{
    unsigned char head[4];
    size_t len, at = 0;
    char *text;

    if (recv(fd, head, 4, MSG_WAITALL) != 4) return NULL;
    len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    text = calloc(1, len + 1);
    assert_non_null(text);
    while (at < len) {
        ssize_t got = recv(fd, text + at, len - at, 0);
        if (got <= 0) {
            free(text);
            return NULL;
        }
        at += (size_t)got;
    }
    return text;
}

static inline void wire_expect(int fd, const char *wanted)
{
    char *text = wire_receive(fd);

    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
}

static inline void wire_expect_part(int fd, const char *part)
{
    char *text = wire_receive(fd);

    assert_non_null(text);
    if (!strstr(text, part)) fail_msg("%s is not in %.600s", part, text);
    free(text);
}

static inline void wire_expect_end(int fd)
{
    char byte;

    assert_true(recv(fd, &byte, 1, 0) <= 0);
}

static inline int wire_greet(const char *path)
{
    int fd = wire_connect(path);

    wire_send(fd, "{\"protocol_version\":0}");
    wire_expect(fd, "{\"protocol_version\":0}");
    return fd;
}

#endif
