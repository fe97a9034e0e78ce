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

#define KEYRING_SEALED_MAX (64u * 1024u * 1024u) /* bytes; no entry carries more */
#define KEYRING_SALT_MIN 8u                      /* characters; Argon2's own bound */
#define KEYRING_SALT_MAX 64u

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
    const eid_wrap_costs costs = EID_WRAP_COSTS_DEFAULT;

    if (salt_text.len != EID_SALT_TEXT_LEN) {
        return EID_FAIL(EID_KIND_USER_SALT_LENGTH, "expected %u, got %zu", EID_SALT_TEXT_LEN,
                        salt_text.len);
    }
    return eid_wrap_derive_costs(password, salt_text, &costs, out);
}

static eid_status keyring_check(eid_slice password, eid_slice salt, const eid_wrap_costs *costs)
{
    if (salt.len < KEYRING_SALT_MIN || salt.len > KEYRING_SALT_MAX) {
        return EID_FAIL(EID_KIND_USER_ENCRYPT, "a salt of %zu characters", salt.len);
    }
    if (!keyring_salt_is_valid(salt)) {
        return EID_FAIL(EID_KIND_USER_ENCRYPT, "Invalid salt format: an invalid character");
    }
    if (password.len > UINT32_MAX) {
        return EID_FAIL(EID_KIND_LIMIT, "a password of %zu bytes", password.len);
    }
    if (costs->passes == 0 || costs->lanes == 0 || costs->lanes > ARGON2_MAX_LANES ||
        costs->memory_kib / 8u < costs->lanes) {
        return EID_FAIL(EID_KIND_USER_ENCRYPT, "no costs of Argon2: %u KiB, %u passes, %u lanes",
                        costs->memory_kib, costs->passes, costs->lanes);
    }
    if (costs->memory_kib <= EID_WRAP_MEMORY_MAX &&
        costs->passes <= EID_WRAP_WORK_MAX / costs->memory_kib) {
        return EID_OK;
    }
    return EID_FAIL(EID_KIND_LIMIT, "a key that costs %u KiB and %u passes", costs->memory_kib,
                    costs->passes);
}

eid_status eid_wrap_derive_costs(eid_slice password, eid_slice salt_text,
                                 const eid_wrap_costs *costs, eid_wrap *out)
{
    argon2_context context = {0};
    eid_status status = keyring_check(password, salt_text, costs);
    int result;

    if (status != EID_OK) return status;
    context.out = out->key;
    context.outlen = sizeof out->key;
    context.pwd = (uint8_t *)(uintptr_t)password.at; /* only read: no flag asks to clear it */
    context.pwdlen = (uint32_t)password.len;
    context.salt = (uint8_t *)(uintptr_t)salt_text.at;
    context.saltlen = (uint32_t)salt_text.len;
    context.t_cost = costs->passes;
    context.m_cost = costs->memory_kib;
    context.lanes = costs->lanes;
    context.threads = 1;
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = keyring_allocate;
    context.free_cbk = keyring_free;
    context.flags = ARGON2_DEFAULT_FLAGS;
    result = argon2id_ctx(&context);
    if (result == ARGON2_OK) return EID_OK;
    eid_wrap_wipe(out);
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) {
        return EID_FAIL(EID_KIND_NO_MEMORY, "%u KiB for a password", costs->memory_kib);
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
