/* A small table and a search through it: a dial costs far more than looking at 256 keys. */
#include <wolfssl/ssl.h>

#include "transport/tls.h"

static void saved_clear(eid__saved_session *saved)
{
    wolfSSL_SESSION_free(saved->session);
    *saved = (eid__saved_session){0};
}

static eid__saved_session *saved_find(eid__tls *tls, const uint8_t peer[32])
{
    for (size_t i = 0; i < EID__SESSIONS_MAX; i++) {
        if (tls->saved[i].session && memcmp(tls->saved[i].peer, peer, 32) == 0) {
            return &tls->saved[i];
        }
    }
    return NULL;
}

/* A free place, or the one that was filled first. */
static eid__saved_session *saved_oldest(eid__tls *tls)
{
    eid__saved_session *oldest = &tls->saved[0];

    for (size_t i = 0; i < EID__SESSIONS_MAX; i++) {
        if (!tls->saved[i].session) return &tls->saved[i];
        if (tls->saved[i].age < oldest->age) oldest = &tls->saved[i];
    }
    return oldest;
}

void eid__resume_put(eid__tls *tls, const uint8_t peer[32], WOLFSSL_SESSION *session,
                     unsigned resumptions)
{
    eid__saved_session *saved = saved_find(tls, peer);
    WOLFSSL_SESSION *copy = wolfSSL_SESSION_dup(session);

    if (!copy) return; /* then the next handshake is a full one */
    if (!saved) saved = saved_oldest(tls);
    saved_clear(saved);
    saved->session = copy;
    memcpy(saved->peer, peer, 32);
    saved->resumptions = resumptions;
    saved->age = ++tls->saved_count;
}

WOLFSSL_SESSION *eid__resume_take(eid__tls *tls, const uint8_t peer[32], unsigned *resumptions)
{
    eid__saved_session *saved = saved_find(tls, peer);
    WOLFSSL_SESSION *session;

    *resumptions = 0;
    if (!saved) return NULL;
    session = saved->session;
    *resumptions = saved->resumptions;
    *saved = (eid__saved_session){0};
    return session;
}

void eid__resume_fini(eid__tls *tls)
{
    for (size_t i = 0; i < EID__SESSIONS_MAX; i++) saved_clear(&tls->saved[i]);
}
