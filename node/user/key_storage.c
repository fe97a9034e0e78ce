/* A sealed key is opened by one function for root keys and all others, so that every row is held to
 * the same checks. */
#include "dag/alloc.h"
#include "node/user/user_rows.h"

#define STORAGE_ALGORITHM "aes-256-gcm"
#define STORAGE_BYTES_MAX 4096u

void eid_key_storage_fini(eid_key_storage *storage)
{
    if (storage->secret) eid_wipe(storage->secret, strlen(storage->secret));
    eid_free(storage->secret);
    eid_free(storage->algorithm);
    eid_buf_fini(&storage->ciphertext);
    eid_buf_fini(&storage->nonce);
    *storage = (eid_key_storage){0};
}

static char *storage_dup(const char *text)
{
    return text ? eid_memdup(text, strlen(text)) : NULL;
}

eid_status eid_key_storage_copy(const eid_key_storage *storage, eid_key_storage *out)
{
    eid_status status = EID_OK;

    *out = (eid_key_storage){.is_encrypted = storage->is_encrypted};
    eid_buf_init(&out->ciphertext, STORAGE_BYTES_MAX);
    eid_buf_init(&out->nonce, STORAGE_BYTES_MAX);
    eid_buf_append(&out->ciphertext, eid_buf_slice(&storage->ciphertext));
    eid_buf_append(&out->nonce, eid_buf_slice(&storage->nonce));
    out->algorithm = storage_dup(storage->algorithm);
    out->secret = storage_dup(storage->secret);
    status = eid_buf_status(&out->ciphertext);
    if (status == EID_OK) status = eid_buf_status(&out->nonce);
    if ((storage->algorithm && !out->algorithm) || (storage->secret && !out->secret)) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a stored key");
    }
    if (status != EID_OK) eid_key_storage_fini(out);
    return status;
}

static eid_status storage_seal(const char *secret, const eid_wrap *wrap, const eid_random *random,
                               eid_key_storage *out)
{
    uint8_t nonce[EID_WRAP_NONCE_BYTES];
    eid_status status;

    out->is_encrypted = true;
    random->fill(random->self, nonce, sizeof nonce);
    eid_buf_init(&out->ciphertext, STORAGE_BYTES_MAX);
    eid_buf_init(&out->nonce, STORAGE_BYTES_MAX);
    eid_buf_append(&out->nonce, eid_slice_of(nonce, sizeof nonce));
    status = eid_wrap_seal(wrap, nonce, eid_slice_text(secret), &out->ciphertext);
    if (status == EID_OK) status = eid_buf_status(&out->ciphertext);
    if (status == EID_OK) status = eid_buf_status(&out->nonce);
    out->algorithm = storage_dup(STORAGE_ALGORITHM);
    if (status == EID_OK && !out->algorithm) {
        status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a stored key");
    }
    return status;
}

eid_status eid_key_storage_make(const eid_key *key, const eid_wrap *wrap, const eid_random *random,
                                eid_key_storage *out)
{
    char secret[EID_KEY_TEXT_MAX];
    eid_status status = EID_OK;

    *out = (eid_key_storage){0};
    eid_key_secret_text(key, secret);
    if (wrap) {
        status = storage_seal(secret, wrap, random, out);
    } else {
        out->secret = storage_dup(secret);
        if (!out->secret) status = EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a stored key");
    }
    eid_wipe(secret, sizeof secret);
    if (status != EID_OK) eid_key_storage_fini(out);
    return status;
}

eid_status eid_key_storage_open(const eid_key_storage *storage, const eid_wrap *wrap, eid_key *out)
{
    eid_buf plain;
    eid_status status;

    if (!storage->is_encrypted) return eid_key_parse_secret(eid_slice_text(storage->secret), out);
    if (!wrap) {
        return EID_FAIL(EID_KIND_USER_PASSWORD_REQUIRED, "a key of this user is encrypted");
    }
    if (strcmp(storage->algorithm, STORAGE_ALGORITHM) != 0) {
        return EID_FAIL(EID_KIND_USER_DECRYPT, "unsupported encryption algorithm: %s",
                        storage->algorithm);
    }
    eid_buf_init(&plain, STORAGE_BYTES_MAX);
    status = eid_wrap_open(wrap, eid_buf_slice(&storage->nonce),
                           eid_buf_slice(&storage->ciphertext), &plain);
    if (status == EID_OK) status = eid_buf_status(&plain);
    if (status == EID_OK && eid_key_parse_secret(eid_buf_slice(&plain), out) != EID_OK) {
        status = EID_FAIL(EID_KIND_USER_DECRYPT, "what was decrypted is no key");
    }
    eid_buf_wipe(&plain);
    return status;
}
