/* One context for each role and no X.509: a node is its key, there is nothing for a certificate to
 * say. The list of ciphers and groups is short so that both ends always agree at once. */
#include "transport/tls.h"

#include <limits.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_wolfssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ed25519.h>

#include "dag/alloc.h"
#include "dag/assert.h"
#include "transport/tls_session.h"

#define TLS_CIPHERS "TLS13-AES128-GCM-SHA256:TLS13-CHACHA20-POLY1305-SHA256"
#define TLS_GROUPS "X25519MLKEM768:X25519"
#define TLS_DER_BYTES 82u /* PKCS#8 with the public key; without it the handshake fails later */
#define TLS_TICKET_LIFE_S 86400u

static eid_status tls_error(const char *what)
{
    return EID_FAIL(EID_KIND_TLS, "the TLS library refused %s", what);
}

/* Our key pair in the two forms the library reads. */
static eid_status ctx_set_key(WOLFSSL_CTX *ctx, const eid_endpoint_config *config)
{
    uint8_t spki[EID__SPKI_BYTES], der[TLS_DER_BYTES];
    eid_status status = EID_OK;
    ed25519_key key;

    if (wc_ed25519_init(&key) != 0) return tls_error("a key");
    memcpy(spki, eid__spki_prefix, EID__SPKI_PREFIX_BYTES);
    memcpy(spki + EID__SPKI_PREFIX_BYTES, config->node, 32);
    if (wc_ed25519_import_private_key(config->seed, 32, config->node, 32, &key) != 0 ||
        wc_Ed25519KeyToDer(&key, der, sizeof der) != (int)sizeof der) {
        status = tls_error("the device key");
    } else if (wolfSSL_CTX_use_certificate_buffer(ctx, spki, sizeof spki, SSL_FILETYPE_ASN1) != 1 ||
               wolfSSL_CTX_use_PrivateKey_buffer(ctx, der, sizeof der, SSL_FILETYPE_ASN1) != 1) {
        status = tls_error("the device key as a raw public key");
    }
    eid_wipe(der, sizeof der);
    wc_ed25519_free(&key);
    return status;
}

static eid_status ctx_set_common(WOLFSSL_CTX *ctx, const eid_endpoint_config *config)
{
    const char types[] = {WOLFSSL_CERT_TYPE_RPK};

    if (wolfSSL_CTX_set_client_cert_type(ctx, types, sizeof types) != 1 ||
        wolfSSL_CTX_set_server_cert_type(ctx, types, sizeof types) != 1) {
        return tls_error("raw public keys");
    }
    if (wolfSSL_CTX_set_cipher_list(ctx, TLS_CIPHERS) != 1) return tls_error("the list of ciphers");
    if (wolfSSL_CTX_set1_groups_list(ctx, TLS_GROUPS) != 1) return tls_error("the list of groups");
    /* Its cache is the whole process's; sessions are kept by us, for each node and peer. */
    (void)wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_NO_INTERNAL);
    if (wolfSSL_CTX_set_timeout(ctx, TLS_TICKET_LIFE_S) < 0)
        return tls_error("the ticket lifetime");
    return ctx_set_key(ctx, config);
}

static eid_status tls_init_client(eid__tls *tls, const eid_endpoint_config *config)
{
    WOLFSSL_CTX *ctx = tls->client_ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());

    if (!ctx) return EID_FAIL(EID_KIND_NO_MEMORY, "for a TLS context");
    if (ngtcp2_crypto_wolfssl_configure_client_context(ctx) != 0) return tls_error("QUIC");
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, eid__tls_on_certificate);
    if (wolfSSL_CTX_UseSessionTicket(ctx) != 1) return tls_error("tickets");
    wolfSSL_CTX_sess_set_new_cb(ctx, eid__tls_on_ticket);
    return ctx_set_common(ctx, config);
}

static eid_status tls_init_server(eid__tls *tls, const eid_endpoint_config *config)
{
    WOLFSSL_CTX *ctx = tls->server_ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method());

    if (!ctx) return EID_FAIL(EID_KIND_NO_MEMORY, "for a TLS context");
    if (ngtcp2_crypto_wolfssl_configure_server_context(ctx) != 0) return tls_error("QUIC");
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           eid__tls_on_certificate);
    if (wolfSSL_CTX_set_TicketEncCb(ctx, eid__tls_on_ticket_crypt) != 1 ||
        wolfSSL_CTX_set_TicketHint(ctx, (int)TLS_TICKET_LIFE_S) != 1) {
        return tls_error("tickets");
    }
    return ctx_set_common(ctx, config);
}

/* A secret that is the same whenever this node runs, and tells nothing about its key. */
static eid_status reset_secret_make(eid__tls *tls, const eid_endpoint_config *config)
{
    static const char info[] = "eidetica stateless reset";
    ngtcp2_crypto_md md;

    ngtcp2_crypto_md_init(&md, (void *)(uintptr_t)wolfSSL_EVP_sha256());
    if (ngtcp2_crypto_hkdf(tls->reset_secret, sizeof tls->reset_secret, &md, config->seed,
                           sizeof config->seed, config->node, sizeof config->node,
                           (const uint8_t *)info, sizeof info - 1) != 0) {
        return tls_error("a derivation");
    }
    return EID_OK;
}

static eid_status keylog_open(eid__tls *tls, const char *path)
{
    if (!path) return EID_OK;
    tls->keylog = wolfSSL_BIO_new_file(path, "a");
    if (!tls->keylog) return EID_FAIL(EID_KIND_IO, "cannot write the key log %s", path);
    wolfSSL_CTX_set_keylog_callback(tls->client_ctx, eid__tls_on_keylog);
    wolfSSL_CTX_set_keylog_callback(tls->server_ctx, eid__tls_on_keylog);
    return EID_OK;
}

eid_status eid__tls_init(eid__tls *tls, const eid_endpoint_config *config, void *self)
{
    eid_status status;

    *tls = (eid__tls){.random = config->random, .wall_ms = config->wall_ms, .self = self};
    if (wolfSSL_Init() != WOLFSSL_SUCCESS) return tls_error("to begin");
    config->random->fill(config->random->self, tls->retry_secret, sizeof tls->retry_secret);
    status = reset_secret_make(tls, config);
    if (status == EID_OK) status = tls_init_client(tls, config);
    if (status == EID_OK) status = tls_init_server(tls, config);
    if (status == EID_OK) status = keylog_open(tls, config->keylog_path);
    return status;
}

void eid__tls_fini(eid__tls *tls)
{
    eid__resume_fini(tls);
    wolfSSL_CTX_free(tls->client_ctx);
    wolfSSL_CTX_free(tls->server_ctx);
    if (tls->keylog) (void)wolfSSL_BIO_free(tls->keylog);
    if (tls->random) (void)wolfSSL_Cleanup();
    eid_wipe(tls, sizeof *tls);
}
