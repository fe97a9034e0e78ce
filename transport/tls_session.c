/* The key a peer shows is kept apart from the key a ticket names, since which of the two counts is
 * known only at the end of the handshake: a ticket may be offered and then not be used. */
#include "transport/tls_session.h"

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <stdio.h>
#include <wolfssl/quic.h>
#include <wolfssl/ssl.h>

#include "dag/alloc.h"
#include "dag/assert.h"

#define QUIC_PARAMETERS_V1 0x39 /* RFC 9001 §8.2 */

const uint8_t eid__spki_prefix[EID__SPKI_PREFIX_BYTES] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                          0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct eid__tls_session {
    eid__tls *tls;
    WOLFSSL *ssl;
    ngtcp2_conn *conn;
    ngtcp2_crypto_conn_ref ref;
    bool is_client;
    uint8_t expected[32]; /* of a client */
    bool has_shown, has_ticket;
    uint8_t shown[32];     /* the key the peer showed; proven when the handshake is complete */
    uint8_t in_ticket[32]; /* the key in a ticket of ours that the peer brought */
    unsigned resumptions;  /* in a row, this connection included if it is resumed */
    unsigned secrets;      /* how many of the two are here */
    uint8_t secret[2][32]; /* first traffic secrets of client and server */
};

static ngtcp2_conn *session_conn(ngtcp2_crypto_conn_ref *ref)
{
    eid__tls_session *session = ref->user_data;

    return session->conn;
}

static eid__tls_session *session_of(const WOLFSSL *ssl)
{
    ngtcp2_crypto_conn_ref *ref = wolfSSL_get_app_data(ssl);

    EID_ASSERT(ref != NULL);
    return ref->user_data;
}

int eid__tls_on_certificate(int preverify, WOLFSSL_X509_STORE_CTX *store)
{
    eid__tls_session *session = store->userCtx;
    const uint8_t *spki;

    if (!session || preverify != 1 || store->error_depth != 0 || store->totalCerts != 1) return 0;
    spki = store->certs[0].buffer;
    if (store->certs[0].length != EID__SPKI_BYTES ||
        memcmp(spki, eid__spki_prefix, EID__SPKI_PREFIX_BYTES) != 0) {
        return 0;
    }
    memcpy(session->shown, spki + EID__SPKI_PREFIX_BYTES, 32);
    session->has_shown = true;
    return !session->is_client || memcmp(session->shown, session->expected, 32) == 0;
}

int eid__tls_on_ticket(WOLFSSL *ssl, WOLFSSL_SESSION *saved)
{
    eid__tls_session *session = session_of(ssl);

    if (session->is_client) {
        eid__resume_put(session->tls, session->expected, saved, session->resumptions);
    }
    return 0; /* the reference stays the library's */
}

int eid__tls_on_ticket_crypt(WOLFSSL *ssl, unsigned char *name, unsigned char *iv,
                             unsigned char *mac, int enc, unsigned char *bytes, int len,
                             int *out_len, void *self)
{
    eid__tls_session *session = session_of(ssl);

    (void)self;
    if (len <= 0) return WOLFSSL_TICKET_RET_REJECT;
    if (enc) {
        const uint8_t *peer = session->has_shown ? session->shown : session->in_ticket;

        if ((!session->has_shown && !session->has_ticket) || *out_len < len + 32) {
            return WOLFSSL_TICKET_RET_FATAL;
        }
        memcpy(bytes + len, peer, 32);
        memset(iv, 0, WOLFSSL_TICKET_IV_SZ);
        memset(mac, 0, WOLFSSL_TICKET_MAC_SZ);
        if (!eid__ticket_seal(session->tls, name, iv, mac, bytes, (size_t)len + 32)) {
            return WOLFSSL_TICKET_RET_FATAL;
        }
        *out_len = len + 32;
        return WOLFSSL_TICKET_RET_OK;
    }
    session->has_ticket = false;
    if (len <= 32 || !eid__ticket_open(session->tls, name, iv, mac, bytes, (size_t)len)) {
        return WOLFSSL_TICKET_RET_REJECT;
    }
    memcpy(session->in_ticket, bytes + len - 32, 32);
    session->has_ticket = true;
    *out_len = len - 32;
    return WOLFSSL_TICKET_RET_OK;
}

void eid__tls_on_keylog(const WOLFSSL *ssl, const char *line)
{
    WOLFSSL_BIO *bio = session_of(ssl)->tls->keylog;

    if (!bio) return;
    (void)wolfSSL_BIO_write(bio, line, (int)strlen(line));
    (void)wolfSSL_BIO_write(bio, "\n", 1);
    (void)wolfSSL_BIO_flush(bio);
}

/* Our suites have 32-byte secrets. The library is built without its exporter, so we keep the two
 * first traffic secrets, which depend on the same master secret and transcript. */
static int session_on_secret(WOLFSSL *ssl, int id, const unsigned char *secret, int len, void *self)
{
    eid__tls_session *session = self;
    unsigned which = id == CLIENT_TRAFFIC_SECRET ? 0u : 1u;

    (void)ssl;
    if (id != CLIENT_TRAFFIC_SECRET && id != SERVER_TRAFFIC_SECRET) return 0;
    if (len != 32) return -1;
    memcpy(session->secret[which], secret, 32);
    session->secrets |= EID_BIT(which);
    return 0;
}

/* Offer what the peer gave us last time. */
static void session_resume(eid__tls_session *session)
{
    WOLFSSL_SESSION *saved =
        eid__resume_take(session->tls, session->expected, &session->resumptions);

    if (!saved) return;
    if (session->resumptions < EID__RESUMPTIONS_MAX) {
        (void)wolfSSL_set_session(session->ssl, saved); /* refused = a full handshake */
    }
    wolfSSL_SESSION_free(saved);
}

static eid_status session_start(eid__tls_session *session)
{
    static char alpn[] = EID_ALPN;
    WOLFSSL *ssl = session->ssl;

    wolfSSL_set_app_data(ssl, &session->ref);
    wolfSSL_SetCertCbCtx(ssl, session);
    if (session->is_client) {
        wolfSSL_set_connect_state(ssl);
    } else {
        wolfSSL_set_accept_state(ssl);
    }
    wolfSSL_set_quic_transport_version(ssl, QUIC_PARAMETERS_V1);
    if (wolfSSL_UseALPN(ssl, alpn, sizeof alpn - 1, WOLFSSL_ALPN_FAILED_ON_MISMATCH) !=
            WOLFSSL_SUCCESS ||
        wolfSSL_set_tls13_secret_cb(ssl, session_on_secret, session) != WOLFSSL_SUCCESS) {
        return EID_FAIL(EID_KIND_TLS, "the TLS library refused a session");
    }
    if (session->is_client) session_resume(session);
    return EID_OK;
}

eid_status eid__tls_session_new(eid__tls *tls, const uint8_t *expected, eid__tls_session **out)
{
    eid__tls_session *session = eid_alloc(sizeof *session);
    eid_status status;

    if (!session) return EID_FAIL(EID_KIND_NO_MEMORY, "for a TLS session");
    session->tls = tls;
    session->ref = (ngtcp2_crypto_conn_ref){session_conn, session};
    session->is_client = expected != NULL;
    if (expected) memcpy(session->expected, expected, 32);
    session->ssl = wolfSSL_new(expected ? tls->client_ctx : tls->server_ctx);
    if (session->ssl) {
        status = session_start(session);
    } else {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "for a TLS session");
    }
    if (status != EID_OK) {
        eid__tls_session_free(session);
        session = NULL;
    }
    *out = session;
    return status;
}

void eid__tls_session_free(eid__tls_session *session)
{
    if (!session) return;
    wolfSSL_free(session->ssl);
    eid_wipe(session, sizeof *session);
    eid_free(session);
}

void eid__tls_session_bind(eid__tls_session *session, ngtcp2_conn *conn)
{
    session->conn = conn;
    ngtcp2_conn_set_tls_native_handle(conn, session->ssl);
}

bool eid__tls_session_is_resumed(const eid__tls_session *session)
{
    return wolfSSL_session_reused(session->ssl) != 0;
}

bool eid__tls_session_finish(eid__tls_session *session, uint8_t peer[32])
{
    bool is_resumed = eid__tls_session_is_resumed(session);

    /* The ticket that comes next is one further from a full handshake than this connection. */
    session->resumptions = is_resumed ? session->resumptions + 1 : 0;
    if (session->is_client) {
        bool is_proven = is_resumed ||
                         (session->has_shown && memcmp(session->shown, session->expected, 32) == 0);

        if (is_proven) memcpy(peer, session->expected, 32);
        return is_proven;
    }
    if (is_resumed ? !session->has_ticket : !session->has_shown) return false;
    memcpy(peer, is_resumed ? session->in_ticket : session->shown, 32);
    return true;
}

const uint8_t *eid__tls_session_wrong_key(const eid__tls_session *session)
{
    if (!session->is_client || !session->has_shown) return NULL;
    return memcmp(session->shown, session->expected, 32) != 0 ? session->shown : NULL;
}

char *eid__tls_session_error(const eid__tls_session *session, char *out)
{
    int code = wolfSSL_get_error(session->ssl, -1);

    (void)snprintf(out, 96, "%.80s (%d)", wolfSSL_ERR_reason_error_string((unsigned long)-code),
                   code);
    return out;
}

bool eid__tls_session_export(const eid__tls_session *session, const char *label, uint8_t out[32])
{
    ngtcp2_crypto_md md;

    if (session->secrets != 3) return false;
    ngtcp2_crypto_md_init(&md, (void *)(uintptr_t)wolfSSL_EVP_sha256());
    return ngtcp2_crypto_hkdf(out, 32, &md, session->secret[0], 32, session->secret[1], 32,
                              (const uint8_t *)label, strlen(label)) == 0;
}
