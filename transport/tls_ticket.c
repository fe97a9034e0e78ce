/* AES-256-GCM by hand and not the library's ticket keys: those forget who the peer was, and a
 * ticket must carry its key, because a resumed handshake shows none. */
#include <wolfssl/wolfcrypt/aes.h>

#include "dag/alloc.h"
#include "transport/tls.h"

#define TICKET_KEY_LIFE_MS (12u * 3600u * 1000u) /* then it only opens, for as long again */
#define TICKET_NONCE_BYTES 12u
#define TICKET_TAG_BYTES 16u

static bool key_is_fresh(const eid__ticket_key *key, uint64_t now_ms, uint64_t life_ms)
{
    return key->made_ms != 0 && now_ms >= key->made_ms && now_ms - key->made_ms < life_ms;
}

static void keys_rotate(eid__tls *tls, uint64_t now_ms)
{
    eid__ticket_key *key = &tls->ticket_keys[0];

    if (key_is_fresh(key, now_ms, TICKET_KEY_LIFE_MS)) return;
    tls->ticket_keys[1] = *key;
    tls->random->fill(tls->random->self, key->name, sizeof key->name);
    tls->random->fill(tls->random->self, key->key, sizeof key->key);
    key->name[0] |= 1; /* the library takes a name of zeros for none */
    key->made_ms = now_ms;
}

bool eid__ticket_seal(eid__tls *tls, uint8_t name[EID__TICKET_NAME_BYTES], uint8_t *nonce,
                      uint8_t *tag, uint8_t *bytes, size_t len)
{
    const eid__ticket_key *key = &tls->ticket_keys[0];
    bool is_done;
    Aes aes;

    keys_rotate(tls, tls->wall_ms(tls->self));
    memcpy(name, key->name, EID__TICKET_NAME_BYTES);
    tls->random->fill(tls->random->self, nonce, TICKET_NONCE_BYTES);
    if (wc_AesInit(&aes, NULL, INVALID_DEVID) != 0) return false;
    is_done = wc_AesGcmSetKey(&aes, key->key, sizeof key->key) == 0 &&
              wc_AesGcmEncrypt(&aes, bytes, bytes, (word32)len, nonce, TICKET_NONCE_BYTES, tag,
                               TICKET_TAG_BYTES, name, EID__TICKET_NAME_BYTES) == 0;
    wc_AesFree(&aes);
    return is_done;
}

bool eid__ticket_open(eid__tls *tls, const uint8_t name[EID__TICKET_NAME_BYTES],
                      const uint8_t *nonce, const uint8_t *tag, uint8_t *bytes, size_t len)
{
    const eid__ticket_key *key = NULL;
    uint64_t now_ms = tls->wall_ms(tls->self);
    bool is_done;
    Aes aes;

    for (size_t i = 0; i < 2; i++) {
        if (memcmp(tls->ticket_keys[i].name, name, EID__TICKET_NAME_BYTES) != 0) continue;
        if (key_is_fresh(&tls->ticket_keys[i], now_ms, 2 * (uint64_t)TICKET_KEY_LIFE_MS)) {
            key = &tls->ticket_keys[i];
        }
    }
    if (!key || wc_AesInit(&aes, NULL, INVALID_DEVID) != 0) return false;
    is_done = wc_AesGcmSetKey(&aes, key->key, sizeof key->key) == 0 &&
              wc_AesGcmDecrypt(&aes, bytes, bytes, (word32)len, nonce, TICKET_NONCE_BYTES, tag,
                               TICKET_TAG_BYTES, name, EID__TICKET_NAME_BYTES) == 0;
    wc_AesFree(&aes);
    return is_done;
}
