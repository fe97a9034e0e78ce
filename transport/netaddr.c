/* Numeric addresses are values of our own and not sockaddr: they have no padding, no scope and no
 * family constants of the system, so they are compared, hashed and replayed alike everywhere. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "transport/address.h"
#include "transport/transport_internal.h"

#define NETADDR_TEXT_MAX 64u

static size_t netaddr_ip_bytes(const eid_netaddr *addr)
{
    return addr->family == 4 ? 4 : addr->family == 6 ? 16 : 0;
}

bool eid_netaddr_equal(const eid_netaddr *a, const eid_netaddr *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->ip, b->ip, netaddr_ip_bytes(a)) == 0;
}

char *eid_netaddr_format(const eid_netaddr *addr, char *out)
{
    char ip[INET6_ADDRSTRLEN] = "-";

    if (addr->family != 0) {
        (void)inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, ip, sizeof ip);
    }
    (void)snprintf(out, NETADDR_TEXT_MAX, addr->family == 6 ? "[%s]:%u" : "%s:%u", ip,
                   (unsigned)addr->port);
    return out;
}

bool eid__port_parse(eid_slice text, uint16_t *out)
{
    unsigned port = 0;

    if (text.len == 0 || text.len > 5) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        port = port * 10 + (unsigned)(text.at[i] - '0');
    }
    if (port > UINT16_MAX) return false;
    *out = (uint16_t)port;
    return true;
}

bool eid__host_port_split(eid_slice text, eid_slice *host, eid_slice *port, bool *is_bracketed)
{
    size_t at = text.len;

    while (at > 0 && text.at[at - 1] != ':') at--;
    if (at == 0) return false;
    *port = eid_slice_of(text.at + at, text.len - at);
    *host = eid_slice_of(text.at, at - 1);
    *is_bracketed = host->len >= 2 && host->at[0] == '[' && host->at[host->len - 1] == ']';
    if (*is_bracketed) *host = eid_slice_of(host->at + 1, host->len - 2);
    return host->len > 0;
}

bool eid__ip_parse(eid_slice text, bool is_v6, eid_netaddr *out)
{
    char ip[INET6_ADDRSTRLEN];

    if (text.len >= sizeof ip || memchr(text.at, 0, text.len)) return false;
    memcpy(ip, text.at, text.len);
    ip[text.len] = '\0';
    *out = (eid_netaddr){.family = is_v6 ? 6 : 4};
    return inet_pton(is_v6 ? AF_INET6 : AF_INET, ip, out->ip) == 1;
}

eid_status eid_netaddr_parse(eid_slice text, eid_netaddr *out)
{
    eid_slice host, port;
    eid_netaddr addr;
    bool is_v6;

    if (!eid__host_port_split(text, &host, &port, &is_v6) || !eid__ip_parse(host, is_v6, &addr) ||
        !eid__port_parse(port, &addr.port)) {
        return EID_FAIL(EID_KIND_ADDRESS,
                        "\"%.*s\" is not an address like 192.0.2.1:4433 or [::1]:4433",
                        EID_SLICE_ARG(text));
    }
    *out = addr;
    return EID_OK;
}

bool eid_netaddr_is_loopback(const eid_netaddr *addr)
{
    static const uint8_t one[16] = {[15] = 1};

    if (addr->family == 4) return addr->ip[0] == 127;
    return addr->family == 6 && memcmp(addr->ip, one, sizeof one) == 0;
}

bool eid_netaddr_is_any(const eid_netaddr *addr)
{
    static const uint8_t zero[16] = {0};

    return addr->family != 0 && memcmp(addr->ip, zero, netaddr_ip_bytes(addr)) == 0;
}

socklen_t eid__netaddr_to_system(const eid_netaddr *addr, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(addr->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(addr->port)};

    if (addr->family == 4) {
        memcpy(&v4.sin_addr, addr->ip, 4);
        memcpy(out, &v4, sizeof v4);
        return sizeof v4;
    }
    memcpy(&v6.sin6_addr, addr->ip, 16);
    memcpy(out, &v6, sizeof v6);
    return sizeof v6;
}

eid_netaddr eid__netaddr_from_system(const struct sockaddr *addr)
{
    eid_netaddr out = {0};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (addr->sa_family == AF_INET) {
        memcpy(&v4, addr, sizeof v4);
        out.family = 4;
        out.port = ntohs(v4.sin_port);
        memcpy(out.ip, &v4.sin_addr, 4);
    } else if (addr->sa_family == AF_INET6) {
        memcpy(&v6, addr, sizeof v6);
        out.family = 6;
        out.port = ntohs(v6.sin6_port);
        memcpy(out.ip, &v6.sin6_addr, 16);
    }
    return out;
}
