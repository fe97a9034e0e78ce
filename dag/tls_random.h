/* Randomness of the TLS library: the function that wolfSSL asks for every random byte.
 *
 * wolfSSL is built without a generator of its own and calls eid_tls_random() by name, so exactly
 * one definition must be linked into every program that uses it. It lies on the lowest floor
 * because both auth and transport link wolfSSL and may not see each other; no wolfSSL header is
 * needed.
 *
 * The source is the system's unless a simulation puts another in force for its thread.
 */
#ifndef EID_DAG_TLS_RANDOM_H
#define EID_DAG_TLS_RANDOM_H

#include "dag/random.h"

/* Fill `len` bytes; always gives 0, wolfSSL's word for success. Any thread. */
int eid_tls_random(unsigned char *out, unsigned int len);
/* Use `random` from now on in this thread, so that a handshake can be replayed; NULL = the system's
 * again. Borrow: it must outlive its use. */
void eid_tls_random_use(const eid_random *random);

#endif
