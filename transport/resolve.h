/* Resolve: host names to addresses, on threads of its own because the system's resolver blocks. */
#ifndef EID_TRANSPORT_RESOLVE_H
#define EID_TRANSPORT_RESOLVE_H

#include "transport/address.h"

#define EID__RESOLVE_WAITING_MAX 64u
#define EID__RESOLVE_ADDRESSES_MAX 8u

typedef struct eid__resolver eid__resolver;

typedef struct eid__resolved {
    void (*done)(void *arg, const eid_netaddr *at, size_t count);
    void *arg;
    size_t count;
    eid_netaddr at[EID__RESOLVE_ADDRESSES_MAX];
} eid__resolved;

/* `deliver` is called on a thread of the resolver and takes the answer (frees it with eid_free()).
 * New: eid__resolver_stop(). Errors: NO_MEMORY. */
EID_MUST_CHECK eid_status eid__resolver_new(void (*deliver)(void *self, eid__resolved *answer),
                                            void *self, eid__resolver **out);
/* No `deliver` is under way or comes after this. Threads that still wait for the system end alone.
 */
void eid__resolver_stop(eid__resolver *resolver);
/* Ask. Errors: OVERLOAD, NO_MEMORY, ADDRESS for a name that is too long. */
EID_MUST_CHECK eid_status
eid__resolver_ask(eid__resolver *resolver, const char *host, uint16_t port,
                  void (*done)(void *arg, const eid_netaddr *at, size_t count), void *arg);

#endif
