/* Simnet: a network in memory under virtual time, for tests: loss, delay, reordering, duplication
 * and partitions from a seed. Drives any number of endpoints with the production code.
 *
 * One thread. What it cannot do: congestion of shared links, MTU other than fixed, ECN. */
#ifndef EID_TRANSPORT_SIMNET_H
#define EID_TRANSPORT_SIMNET_H

#include "transport/endpoint.h"

typedef struct eid_simnet eid_simnet;

typedef struct eid_simnet_config {
    uint64_t seed;
    uint64_t delay_min_ns, delay_max_ns; /* one way; different delays reorder */
    uint32_t loss_ppm, duplicate_ppm;    /* per datagram, of a million */
    size_t in_flight_max;                /* datagrams; above are dropped; 0 = 65536 */
} eid_simnet_config;

/* New: eid_simnet_free(). */
EID_MUST_CHECK eid_status eid_simnet_new(const eid_simnet_config *config, eid_simnet **out);
void eid_simnet_free(eid_simnet *net);
/* Change delays and losses from now on; the seed is not taken again. */
void eid_simnet_configure(eid_simnet *net, const eid_simnet_config *config);
uint64_t eid_simnet_now_ns(const eid_simnet *net);
/* Add a host with an address; gives its world for eid_endpoint_new(). Lent until the net is freed.
 */
EID_MUST_CHECK eid_status eid_simnet_host(eid_simnet *net, const eid_netaddr *addr,
                                          eid_endpoint_world *world, size_t *host);
/* Attach the endpoint of a host (NULL = it is down; datagrams to it are lost). */
void eid_simnet_attach(eid_simnet *net, size_t host, eid_endpoint *endpoint);
/* A wall clock that moves with the virtual time, for eid_endpoint_config.wall_ms of such a host. */
uint64_t eid_simnet_wall_ms(void *self);
/* From now on the host is seen under another address, as behind a NAT that forgot it; its own idea
 * of its address stays. Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid_simnet_rebind(eid_simnet *net, size_t host, const eid_netaddr *addr);
/* A hash of all datagrams sent so far: when, from where, to where and what. Equal runs, equal
 * hashes. */
uint64_t eid_simnet_trace(const eid_simnet *net);
/* Cut or heal the link between two hosts, both ways. */
void eid_simnet_link(eid_simnet *net, size_t a, size_t b, bool up);
/* A further timer of a host (the engine's); fn is called when due. UINT64_MAX = none. */
void eid_simnet_timer(eid_simnet *net, size_t host, uint64_t due_ns, void (*fn)(void *self),
                      void *self);
/* Run the next event; false when nothing is left before `until_ns` (time moves there). */
bool eid_simnet_step(eid_simnet *net, uint64_t until_ns);

#endif
