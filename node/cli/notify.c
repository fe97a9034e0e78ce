/* A dozen lines instead of libsystemd, which the program would need on machines without systemd. */
#include "node/cli/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void eid__cli_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    int fd;

    if ((len < 2) || (path[0] != '/' && path[0] != '@')) return;
    if (len >= sizeof address.sun_path) return;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') address.sun_path[0] = 0; /* Linux's abstract names */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                 (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
}
