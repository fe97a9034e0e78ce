/* The socket is never connected and its datagrams are told apart by QUIC alone. The path's size is
 * QUIC's to find out, so the system must neither cut datagrams nor believe what it once learnt. */
#include "transport/udp.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dag/alloc.h"
#include "dag/log.h"
#include "transport/transport_internal.h"

#define UDP_BATCH 8u
#define UDP_PIECE_BYTES 65536u             /* GRO joins up to here */
#define UDP_SOCKET_BYTES (4 * 1024 * 1024) /* asked for; the system may give less */
#define UDP_SEND_BATCH 64u

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

struct eid__udp {
    int fd;
    bool has_gso;
    eid_netaddr local;
    uint8_t *pieces; /* UDP_BATCH of UDP_PIECE_BYTES */
};

int eid__udp_fd(const eid__udp *udp)
{
    return udp->fd;
}

const eid_netaddr *eid__udp_local(const eid__udp *udp)
{
    return &udp->local;
}

static bool option_set(const eid__udp *udp, int level, int name, int value)
{
    return setsockopt(udp->fd, level, name, &value, sizeof value) == 0;
}

/* Nothing here but the separation of families is needed to work. */
static void options_set(eid__udp *udp)
{
    (void)option_set(udp, SOL_SOCKET, SO_RCVBUF, UDP_SOCKET_BYTES);
    (void)option_set(udp, SOL_SOCKET, SO_SNDBUF, UDP_SOCKET_BYTES);
    (void)option_set(udp, IPPROTO_UDP, UDP_GRO, 1);
    if (udp->local.family == 4) {
        (void)option_set(udp, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    } else {
        (void)option_set(udp, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    }
    udp->has_gso = true; /* until it fails */
}

static eid_status listen_error(const eid_netaddr *at)
{
    int error = errno;
    char text[64];

    return EID_FAIL(EID_KIND_LISTEN, "cannot listen on %s: %s", eid_netaddr_format(at, text),
                    strerrordesc_np(error));
}

static eid_status socket_bind(eid__udp *udp, const eid_netaddr *at)
{
    struct sockaddr_storage addr;
    socklen_t len = eid__netaddr_to_system(at, &addr);

    udp->fd =
        socket(at->family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (udp->fd < 0) return listen_error(at);
    if (at->family == 6 && !option_set(udp, IPPROTO_IPV6, IPV6_V6ONLY, 1)) return listen_error(at);
    if (bind(udp->fd, (const struct sockaddr *)&addr, len) != 0) return listen_error(at);
    len = sizeof addr;
    if (getsockname(udp->fd, (struct sockaddr *)&addr, &len) != 0) return listen_error(at);
    udp->local = eid__netaddr_from_system((const struct sockaddr *)&addr);
    return EID_OK;
}

eid_status eid__udp_open(const eid_netaddr *at, eid__udp **out)
{
    eid__udp *udp = eid_alloc(sizeof *udp);
    eid_status status;

    if (!udp) return EID_FAIL(EID_KIND_NO_MEMORY, "for a socket");
    udp->fd = -1;
    udp->pieces = eid_alloc(UDP_BATCH * UDP_PIECE_BYTES);
    if (udp->pieces) {
        status = socket_bind(udp, at);
    } else {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "for a socket");
    }
    if (status != EID_OK) {
        eid__udp_close(udp);
        return status;
    }
    options_set(udp);
    *out = udp;
    return EID_OK;
}

void eid__udp_close(eid__udp *udp)
{
    if (!udp) return;
    if (udp->fd >= 0) (void)close(udp->fd);
    eid_free(udp->pieces);
    eid_free(udp);
}

/* What an error of sending means: AGAIN, or OK for a loss. */
static eid_status send_error(const eid__udp *udp, int error)
{
    if (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS) return EID_E_AGAIN;
    if (error != EMSGSIZE) { /* that is an answer to a probe of the path's size */
        char text[64];

        eid_log_debug("udp.send", "local=%s error=%s", eid_netaddr_format(&udp->local, text),
                      strerrordesc_np(error));
    }
    return EID_OK;
}

static bool gso_is_refused(int error)
{
    return error == EIO || error == EINVAL || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

/* All segments by one call; *is_refused if the system cannot do that here. */
static eid_status send_joined(eid__udp *udp, struct sockaddr_storage *to, socklen_t to_len,
                              eid_slice bytes, size_t segment, bool *is_refused)
{
    struct iovec piece = {(void *)(uintptr_t)bytes.at, bytes.len};
    struct msghdr message = {
        .msg_name = to, .msg_namelen = to_len, .msg_iov = &piece, .msg_iovlen = 1};
    uint16_t size = (uint16_t)segment;
    _Alignas(size_t) char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
    struct cmsghdr *header;
    int error;

    *is_refused = false;
    if (segment < bytes.len) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = IPPROTO_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(header), &size, sizeof size);
    }
    if (sendmsg(udp->fd, &message, MSG_NOSIGNAL) >= 0) return EID_OK;
    error = errno;
    *is_refused = segment < bytes.len && gso_is_refused(error);
    return send_error(udp, error);
}

/* Each segment as a message of one sendmmsg(). */
static eid_status send_apart(const eid__udp *udp, struct sockaddr_storage *to, socklen_t to_len,
                             eid_slice bytes, size_t segment)
{
    struct mmsghdr messages[UDP_SEND_BATCH];
    struct iovec pieces[UDP_SEND_BATCH];
    unsigned count = 0, done = 0;

    while (bytes.len > 0 && count < UDP_SEND_BATCH) {
        size_t len = segment < bytes.len ? segment : bytes.len;

        pieces[count] = (struct iovec){(void *)(uintptr_t)bytes.at, len};
        messages[count] = (struct mmsghdr){
            .msg_hdr = {
                .msg_name = to, .msg_namelen = to_len, .msg_iov = &pieces[count], .msg_iovlen = 1}};
        count++;
        bytes = eid_slice_of(bytes.at + len, bytes.len - len);
    }
    while (done < count) {
        int sent = sendmmsg(udp->fd, messages + done, count - done, MSG_NOSIGNAL);

        if (sent > 0) {
            done += (unsigned)sent;
        } else if (send_error(udp, errno) == EID_E_AGAIN) {
            return EID_E_AGAIN;
        } else {
            done++; /* this one is lost */
        }
    }
    return EID_OK;
}

eid_status eid__udp_send(eid__udp *udp, const eid_netaddr *remote, eid_slice bytes, size_t segment)
{
    struct sockaddr_storage to;
    socklen_t to_len = eid__netaddr_to_system(remote, &to);
    bool is_refused = false;
    eid_status status;

    if (udp->has_gso || segment >= bytes.len) {
        status = send_joined(udp, &to, to_len, bytes, segment, &is_refused);
        if (!is_refused) return status;
        udp->has_gso = false;
        eid_log_info("udp.gso", "%s", "state=off reason=refused");
    }
    return send_apart(udp, &to, to_len, bytes, segment);
}

/* The size of the segments in a message that GRO joined; 0 = one datagram. */
static size_t message_segment(struct msghdr *message)
{
    struct cmsghdr *header;
    int size = 0;

    for (header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != IPPROTO_UDP || header->cmsg_type != UDP_GRO) continue;
        memcpy(&size, CMSG_DATA(header), sizeof size);
    }
    return size > 0 ? (size_t)size : 0;
}

void eid__udp_receive(eid__udp *udp,
                      void (*on_datagrams)(void *self, const eid_netaddr *remote, eid_slice bytes,
                                           size_t segment),
                      void *self)
{
    struct sockaddr_storage from[UDP_BATCH];
    struct mmsghdr messages[UDP_BATCH];
    struct iovec pieces[UDP_BATCH];
    _Alignas(size_t) char control[UDP_BATCH][CMSG_SPACE(sizeof(int))];
    int count;

    for (size_t i = 0; i < UDP_BATCH; i++) {
        pieces[i] = (struct iovec){udp->pieces + i * UDP_PIECE_BYTES, UDP_PIECE_BYTES};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &from[i],
                                                   .msg_namelen = sizeof from[i],
                                                   .msg_iov = &pieces[i],
                                                   .msg_iovlen = 1,
                                                   .msg_control = control[i],
                                                   .msg_controllen = sizeof control[i]}};
    }
    count = recvmmsg(udp->fd, messages, UDP_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        eid_netaddr remote = eid__netaddr_from_system((const struct sockaddr *)&from[i]);

        if (messages[i].msg_len == 0 || remote.family == 0) continue;
        if (messages[i].msg_hdr.msg_flags & MSG_TRUNC) continue;
        on_datagrams(self, &remote, eid_slice_of(pieces[i].iov_base, messages[i].msg_len),
                     message_segment(&messages[i].msg_hdr));
    }
}

static bool addr_is_link_local(const eid_netaddr *addr)
{
    if (addr->family == 4) return addr->ip[0] == 169 && addr->ip[1] == 254;
    return addr->ip[0] == 0xfe && (addr->ip[1] & 0xc0) == 0x80;
}

size_t eid__udp_interfaces(uint8_t family, uint16_t port, eid_netaddr *out, size_t max)
{
    struct ifaddrs *list = NULL;
    size_t count = 0;

    if (getifaddrs(&list) != 0) return 0;
    for (const struct ifaddrs *at = list; at && count < max; at = at->ifa_next) {
        eid_netaddr addr;

        if (!at->ifa_addr || !(at->ifa_flags & IFF_UP)) continue;
        addr = eid__netaddr_from_system(at->ifa_addr);
        if (addr.family != family || eid_netaddr_is_loopback(&addr)) continue;
        if (addr_is_link_local(&addr)) continue;
        addr.port = port;
        out[count++] = addr;
    }
    freeifaddrs(list);
    return count;
}
