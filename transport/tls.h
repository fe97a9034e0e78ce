/* Tls: who we are and who they are. The contexts of a node's Ed25519 key as a raw public key, and
 * one session for each connection.
 *
 * wolfSSL does not authenticate a raw key by itself: the verify callback of a session takes the
 * key, and eid__tls_session_finish() refuses a handshake in which neither that callback nor a
 * ticket of ours named the peer. The network thread's. Source: RFC 7250, RFC 8446, RFC 9001.
 */
#ifndef EID_TRANSPORT_TLS_H
#define EID_TRANSPORT_TLS_H

#include "transport/endpoint.h"

#define EID__TICKET_NAME_BYTES 16u
#define EID__RESUMPTIONS_MAX 200u /* in a row; the library's ticket nonce ends at 255 */
#define EID__SESSIONS_MAX 256u    /* peers whose last ticket is kept */

struct WOLFSSL;
struct WOLFSSL_BIO;
struct WOLFSSL_CTX;
struct WOLFSSL_SESSION;
struct ngtcp2_conn;

/* A key of our own tickets. They live in memory only, so a restart ends all resumption. */
typedef struct eid__ticket_key {
    uint8_t name[EID__TICKET_NAME_BYTES];
    uint8_t key[32];
    uint64_t made_ms; /* 0 = not made yet */
} eid__ticket_key;

/* What a peer gave us to come back with. */
typedef struct eid__saved_session {
    struct WOLFSSL_SESSION *session; /* owned; NULL = free place */
    uint8_t peer[32];
    unsigned resumptions; /* since the last full handshake */
    uint64_t age;         /* for replacing the oldest */
} eid__saved_session;

typedef struct eid__tls {
    struct WOLFSSL_CTX *client_ctx, *server_ctx;
    struct WOLFSSL_BIO *keylog;
    const eid_random *random;
    uint64_t (*wall_ms)(void *self);
    void *self;
    uint8_t reset_secret[32]; /* made of the device key: a restarted node can still say "reset" */
    uint8_t retry_secret[32];
    eid__ticket_key ticket_keys[2]; /* the one in use, and the one before it */
    uint64_t saved_count;
    eid__saved_session saved[EID__SESSIONS_MAX];
} eid__tls;

typedef struct eid__tls_session eid__tls_session;

/* Make the contexts of a node. End with eid__tls_fini(), also after an error. `self` goes with the
 * config's wall_ms. Errors: TLS, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__tls_init(eid__tls *tls, const eid_endpoint_config *config,
                                        void *self);
void eid__tls_fini(eid__tls *tls);

/* Begin one side of a handshake; `expected` is the key that a client dials, NULL for a server.
 * New: eid__tls_session_free(). Errors: TLS, NO_MEMORY. */
EID_MUST_CHECK eid_status eid__tls_session_new(eid__tls *tls, const uint8_t *expected,
                                               eid__tls_session **out);
void eid__tls_session_free(eid__tls_session *session);
/* Tie it to the connection, which must live as long. */
void eid__tls_session_bind(eid__tls_session *session, struct ngtcp2_conn *conn);
/* The handshake is complete: the proven key of the peer. False if it did not prove one. */
bool eid__tls_session_finish(eid__tls_session *session, uint8_t peer[32]);
/* The key of a peer that is not the expected one, or NULL. Lent by the session. */
const uint8_t *eid__tls_session_wrong_key(const eid__tls_session *session);
bool eid__tls_session_is_resumed(const eid__tls_session *session);
/* The library's last error as a text; `out` holds 96 bytes; gives `out`. */
char *eid__tls_session_error(const eid__tls_session *session, char *out);
/* 32 bytes that only the two ends of this connection know. False before the handshake is complete.
 */
bool eid__tls_session_export(const eid__tls_session *session, const char *label, uint8_t out[32]);

/* Tickets (tls_ticket.c): seal `len` bytes and the peer's key in place (they grow by 32 bytes), and
 * open them again. `nonce` has 12 bytes, `tag` 16. False: not ours, or too old. */
bool eid__ticket_seal(eid__tls *tls, uint8_t name[EID__TICKET_NAME_BYTES], uint8_t *nonce,
                      uint8_t *tag, uint8_t *bytes, size_t len);
bool eid__ticket_open(eid__tls *tls, const uint8_t name[EID__TICKET_NAME_BYTES],
                      const uint8_t *nonce, const uint8_t *tag, uint8_t *bytes, size_t len);

/* What peers gave us (tls_resume.c). Keep a copy of a session for the next dial to `peer`. */
void eid__resume_put(eid__tls *tls, const uint8_t peer[32], struct WOLFSSL_SESSION *session,
                     unsigned resumptions);
/* Take the session of `peer` out, or NULL. New: the caller frees it. Each is used once: two
 * connections with one ticket could be told to be of one node by whoever listens. */
struct WOLFSSL_SESSION *eid__resume_take(eid__tls *tls, const uint8_t peer[32],
                                         unsigned *resumptions);
/* Forget all. */
void eid__resume_fini(eid__tls *tls);

#endif
