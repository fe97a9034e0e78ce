/* Argon2 comes from libargon2 and not from libsodium: the reference feeds the 22 characters of the
 * salt's text to it, and libsodium takes 16 bytes only. AES-256-GCM is wolfSSL's, which uses the
 * processor's instructions where there are any and needs no fallback of ours.
 *
 * There is no password hash: a password is right if it opens the sealed key (spec 06 §6). */
#include "auth/keyring.h"

#include <argon2.h>
#include <sodium.h>
#include <wolfssl/wolfcrypt/aes.h>

#include "dag/alloc.h"

#define KEYRING_MEMORY_KIB 19456u
#define KEYRING_PASSES 2u
#define KEYRING_LANES 1u
#define KEYRING_SEALED_MAX (1024u * 1024u) /* bytes; what is sealed is a key's text or a record */

void eid_salt_make(const eid_random *random, char out[EID_SALT_TEXT_LEN + 1])
{
    uint8_t bytes[16];

    random->fill(random->self, bytes, sizeof bytes);
    sodium_bin2base64(out, EID_SALT_TEXT_LEN + 1, bytes, sizeof bytes,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

/* The reference's salt alphabet: base64, and '.' and '-' too. */
static bool keyring_salt_is_valid(eid_slice salt)
{
    static const char others[] = "+/.-";

    for (size_t i = 0; i < salt.len; i++) {
        uint8_t c = salt.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && !(c >= '0' && c <= '9') && !memchr(others, c, sizeof others - 1)) {
            return false;
        }
    }
    return true;
}

/* libargon2's working memory, wiped and freed by it after use. */
static int keyring_allocate(uint8_t **memory, size_t len)
{
    *memory = eid_alloc(len);
    return *memory ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

static void keyring_free(uint8_t *memory, size_t len)
{
    eid_wipe(memory, len);
    eid_free(memory);
}

eid_status eid_wrap_derive(eid_slice password, eid_slice salt_text, eid_wrap *out)
{
    argon2_context context = {0};
    int result;

    if (salt_text.len != EID_SALT_TEXT_LEN) {
        return EID_FAIL(EID_KIND_USER_SALT_LENGTH, "expected %u, got %zu", EID_SALT_TEXT_LEN,
                        salt_text.len);
    }
    if (!keyring_salt_is_valid(salt_text)) {
        return EID_FAIL(EID_KIND_USER_ENCRYPT, "Invalid salt format: an invalid character");
    }
    if (password.len > UINT32_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a password of %zu bytes", password.len);
    }
    context.out = out->key;
    context.outlen = sizeof out->key;
    context.pwd = (uint8_t *)(uintptr_t)password.at; /* only read: no flag asks to clear it */
    context.pwdlen = (uint32_t)password.len;
    context.salt = (uint8_t *)(uintptr_t)salt_text.at;
    context.saltlen = EID_SALT_TEXT_LEN;
    context.t_cost = KEYRING_PASSES;
    context.m_cost = KEYRING_MEMORY_KIB;
    context.lanes = KEYRING_LANES;
    context.threads = KEYRING_LANES;
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = keyring_allocate;
    context.free_cbk = keyring_free;
    context.flags = ARGON2_DEFAULT_FLAGS;
    result = argon2id_ctx(&context);
    if (result == ARGON2_OK) return EID_OK;
    eid_wrap_wipe(out);
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "%u KiB for a password", KEYRING_MEMORY_KIB);
    }
    return EID_FAIL(EID_KIND_USER_ENCRYPT, "%s", argon2_error_message(result));
}

void eid_wrap_wipe(eid_wrap *wrap)
{
    eid_wipe(wrap, sizeof *wrap);
}

/* A cipher under the wrap's key; end it with keyring_cipher_fini(). */
static eid_status keyring_cipher_init(const eid_wrap *wrap, Aes *aes)
{
    if (wc_AesInit(aes, NULL, INVALID_DEVID) != 0) {
        return EID_FAIL(EID_KIND_USER_ENCRYPT, "the cipher cannot be set up");
    }
    if (wc_AesGcmSetKey(aes, wrap->key, sizeof wrap->key) != 0) {
        wc_AesFree(aes);
        return EID_FAIL(EID_KIND_USER_ENCRYPT, "the cipher cannot be set up");
    }
    return EID_OK;
}

static void keyring_cipher_fini(Aes *aes)
{
    wc_AesFree(aes);
    eid_wipe(aes, sizeof *aes);
}

eid_status eid_wrap_seal(const eid_wrap *wrap, const uint8_t nonce[EID_WRAP_NONCE_BYTES],
                         eid_slice plain, eid_buf *out)
{
    uint8_t *at;
    Aes aes;
    eid_status status;
    int result;

    if (plain.len > KEYRING_SEALED_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "%zu bytes to encrypt", plain.len);
    }
    at = eid_buf_extend(out, plain.len + EID_WRAP_TAG_BYTES);
    if (!at) return eid_buf_status(out);
    status = keyring_cipher_init(wrap, &aes);
    if (status != EID_OK) return status;
    result = wc_AesGcmEncrypt(&aes, at, plain.at, (word32)plain.len, nonce, EID_WRAP_NONCE_BYTES,
                              at + plain.len, EID_WRAP_TAG_BYTES, NULL, 0);
    keyring_cipher_fini(&aes);
    if (result != 0) return EID_FAIL(EID_KIND_USER_ENCRYPT, "the cipher failed: %d", result);
    return EID_OK;
}

eid_status eid_wrap_open(const eid_wrap *wrap, eid_slice nonce, eid_slice sealed, eid_buf *out)
{
    size_t before = out->len;
    size_t plain_len;
    uint8_t *at;
    Aes aes;
    eid_status status;
    int result;

    if (nonce.len != EID_WRAP_NONCE_BYTES) {
        return EID_FAIL(EID_KIND_USER_NONCE_LENGTH, "expected %u, got %zu", EID_WRAP_NONCE_BYTES,
                        nonce.len);
    }
    if (sealed.len < EID_WRAP_TAG_BYTES || sealed.len > KEYRING_SEALED_MAX + EID_WRAP_TAG_BYTES) {
        return EID_FAIL(EID_KIND_USER_DECRYPT, "%zu encrypted bytes", sealed.len);
    }
    plain_len = sealed.len - EID_WRAP_TAG_BYTES;
    at = eid_buf_extend(out, plain_len);
    if (!at) return eid_buf_status(out);
    status = keyring_cipher_init(wrap, &aes);
    if (status != EID_OK) return status;
    result =
        wc_AesGcmDecrypt(&aes, at, sealed.at, (word32)plain_len, nonce.at, EID_WRAP_NONCE_BYTES,
                         sealed.at + plain_len, EID_WRAP_TAG_BYTES, NULL, 0);
    keyring_cipher_fini(&aes);
    if (result == 0) return EID_OK;
    eid_wipe(at, plain_len);
    eid_buf_truncate(out, before);
    return EID_FAIL(EID_KIND_USER_DECRYPT, "wrong key, or the bytes were altered");
}
