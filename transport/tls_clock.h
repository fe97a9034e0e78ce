/* Tls clock: what the TLS library takes for the time. It asks for it when it makes and reads
 * tickets, and has no hook for it, so the linker turns its calls to us (see CMakeLists.txt). */
#ifndef EID_TRANSPORT_TLS_CLOCK_H
#define EID_TRANSPORT_TLS_CLOCK_H

#include <stdint.h>

/* Let `wall_ms(self)` be the library's time in this thread from now on, until the next call. */
void eid__tls_clock_use(uint64_t (*wall_ms)(void *self), void *self);

#endif
