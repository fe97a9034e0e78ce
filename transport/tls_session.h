/* What the TLS library calls, for tls.c to hand to it; and the form of a raw public key. */
#ifndef EID_TRANSPORT_TLS_SESSION_H
#define EID_TRANSPORT_TLS_SESSION_H

#include "transport/tls.h"

#define EID__SPKI_PREFIX_BYTES 12u
#define EID__SPKI_BYTES 44u /* SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4) */
extern const uint8_t eid__spki_prefix[EID__SPKI_PREFIX_BYTES];

struct WOLFSSL_X509_STORE_CTX;

/* The peer shows a key: 1 = go on, 0 = refuse. */
int eid__tls_on_certificate(int preverify, struct WOLFSSL_X509_STORE_CTX *store);
/* A server gave us a ticket. */
int eid__tls_on_ticket(struct WOLFSSL *ssl, struct WOLFSSL_SESSION *saved);
/* Seal (`enc`) or open one of our own tickets. */
int eid__tls_on_ticket_crypt(struct WOLFSSL *ssl, unsigned char *name, unsigned char *iv,
                             unsigned char *mac, int enc, unsigned char *bytes, int len,
                             int *out_len, void *self);
void eid__tls_on_keylog(const struct WOLFSSL *ssl, const char *line);

#endif
