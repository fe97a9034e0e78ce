/* Net: the network thread: one libev loop, the UDP sockets, one endpoint.
 *
 * Other threads talk to it by eid_net_post() only (a bounded queue and ev_async). Callbacks of the
 * endpoint and of timers run on its thread. Sockets are in udp.c, the loop is in net.c.
 */
#ifndef EID_TRANSPORT_NET_H
#define EID_TRANSPORT_NET_H

#include "transport/endpoint.h"

#define EID_NET_QUEUE_MAX 65536u
#define EID_LISTEN_MAX 8u

typedef struct eid_net eid_net;

typedef struct eid_net_config {
    eid_endpoint_config endpoint;
    eid_endpoint_events events;
    size_t listen_count; /* 0 = one socket per family on any free port */
    eid_netaddr listen[EID_LISTEN_MAX];
    /* On the network thread when the timer of eid_net_timer_set() is due. */
    void (*on_timer)(void *self);
    void *self;
} eid_net_config;

/* Bind sockets (not yet running). New: eid_net_free(). Errors: LISTEN (names address and cause). */
EID_MUST_CHECK eid_status eid_net_new(const eid_net_config *config, eid_net **out);
/* Start the thread. */
EID_MUST_CHECK eid_status eid_net_start(eid_net *net);
/* Say goodbye on all connections, stop, join. Idempotent. */
void eid_net_stop(eid_net *net, eid_close reason);
void eid_net_free(eid_net *net);
/* The addresses in use, after binding. Borrowed. */
size_t eid_net_local_count(const eid_net *net);
const eid_netaddr *eid_net_local(const eid_net *net, size_t i);
/* The local addresses by which others might reach us (interfaces of wildcard binds), at most `max`.
 */
size_t eid_net_interfaces(const eid_net *net, eid_netaddr *out, size_t max);

/* Any thread: run fn(arg) on the network thread. Errors: OVERLOAD when the queue is full, CLOSED.
 */
EID_MUST_CHECK eid_status eid_net_post(eid_net *net, void (*fn)(void *arg), void *arg);
/* Any thread: the same and wait until it has run. Not from the network thread. Errors: as above,
 * and CANCELLED before the start. */
EID_MUST_CHECK eid_status eid_net_call(eid_net *net, void (*fn)(void *arg), void *arg);

/* The network thread only. */
eid_endpoint *eid_net_endpoint(eid_net *net);
void eid_net_timer_set(eid_net *net, uint64_t due_ns);
uint64_t eid_net_now_ns(const eid_net *net);
/* Resolve a host name on a worker and give numeric addresses to `done` on the network thread (count
 * 0 = none found). Bounded: at most 64 at once (OVERLOAD). Numeric hosts answer before it returns.
 * `done` does not come when the network stops meanwhile. */
EID_MUST_CHECK eid_status eid_net_resolve(eid_net *net, const char *host, uint16_t port,
                                          void (*done)(void *arg, const eid_netaddr *at,
                                                       size_t count),
                                          void *arg);
/* Dial from the right socket for the family of `remote`. */
EID_MUST_CHECK eid_status eid_net_dial(eid_net *net, const eid_netaddr *remote,
                                       const uint8_t peer[32], uint64_t *conn);

#endif
