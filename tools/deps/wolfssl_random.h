/* All randomness of wolfSSL is the node's: production asks the system, a test asks a seed.
 *
 * Put in front of every file that sees a wolfSSL header, and of wolfSSL's own. Without it wolfSSL
 * runs a generator of its own, which costs half of every handshake and cannot be replayed.
 * eid_tls_random() is defined by the program; it fills `len` bytes and returns 0.
 */
#ifndef EID_WOLFSSL_RANDOM_H
#define EID_WOLFSSL_RANDOM_H

#ifndef __ASSEMBLER__
int eid_tls_random(unsigned char *out, unsigned int len);
#define CUSTOM_RAND_GENERATE_BLOCK eid_tls_random
#define CUSTOM_RAND_GENERATE_SEED eid_tls_random
#endif

#endif
