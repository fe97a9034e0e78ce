/* Udp: one socket, many peers. Segments leave in one call where the system can cut them (GSO), and
 * arrive in one piece where it joins them (GRO). Non-blocking. The network thread's. */
#ifndef EID_TRANSPORT_UDP_H
#define EID_TRANSPORT_UDP_H

#include "transport/address.h"

typedef struct eid__udp eid__udp;

/* Bind a socket. New: eid__udp_close(). Errors: LISTEN, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__udp_open(const eid_netaddr *at, eid__udp **out);
void eid__udp_close(eid__udp *udp);
int eid__udp_fd(const eid__udp *udp);
/* The address in use. Lent by the socket. */
const eid_netaddr *eid__udp_local(const eid__udp *udp);
/* Send `bytes` cut into datagrams of `segment` bytes. OK also for what the system refused, which is
 * a loss like any other; AGAIN bare when the socket is full (what went out already may go twice).
 */
EID_MUST_CHECK eid_status eid__udp_send(eid__udp *udp, const eid_netaddr *remote, eid_slice bytes,
                                        size_t segment);
/* Give what has arrived, at most a batch; `segment` is the size of each datagram in `bytes`. */
void eid__udp_receive(eid__udp *udp,
                      void (*on_datagrams)(void *self, const eid_netaddr *remote, eid_slice bytes,
                                           size_t segment),
                      void *self);
/* Addresses of this machine's interfaces that are up, of one family, with `port`; not loopback and
 * not link-local. Gives their number, at most `max`. */
size_t eid__udp_interfaces(uint8_t family, uint16_t port, eid_netaddr *out, size_t max);

#endif
