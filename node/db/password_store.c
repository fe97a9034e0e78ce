/* The state belongs to the transaction and not to a handle: what is unlocked in it stays so, and
 * what it commits to the store is sealed by the key it was unlocked with. */
#include "node/db/password_store.h"

#include "dag/alloc.h"
#include "node/db/password_record.h"
#include "node/db/registry.h"
#include "node/db/txn_internal.h"
#include "node/db/ydoc_store.h"

#define STORE_BYTES_MAX (64u * 1024u * 1024u)

void eid_password_key_wipe(eid_password_key *key)
{
    eid_wrap_wipe(&key->wrap);
}

/* -- sealing payloads -------------------------------------------------------------------------- */

typedef struct password_seal {
    eid_wrap wrap;
    const eid_random *random;
} password_seal;

static eid_status seal_close(void *self, eid_slice plain, eid_buf *out)
{
    const password_seal *seal = self;
    uint8_t nonce[EID_WRAP_NONCE_BYTES];

    seal->random->fill(seal->random->self, nonce, sizeof nonce);
    eid_buf_append(out, eid_slice_of(nonce, sizeof nonce));
    return eid_wrap_seal(&seal->wrap, nonce, plain, out);
}

static eid_status seal_open(void *self, eid_slice sealed, eid_buf *out)
{
    const password_seal *seal = self;
    eid_slice nonce = eid_slice_of(sealed.at, EID_WRAP_NONCE_BYTES);
    eid_status status;

    if (sealed.len < EID_WRAP_NONCE_BYTES) {
        return EID_FAIL(EID_KIND_STORE_DECODE, "%zu bytes are no encrypted payload", sealed.len);
    }
    sealed = eid_slice_of(sealed.at + EID_WRAP_NONCE_BYTES, sealed.len - EID_WRAP_NONCE_BYTES);
    status = eid_wrap_open(&seal->wrap, nonce, sealed, out);
    if (status != EID_E_DENIED) return status;
    return EID_FAIL(EID_KIND_STORE_SEALED, "Decryption failed: a payload of the store is not "
                                           "sealed by its key, or was altered");
}

static void seal_free(void *self)
{
    password_seal *seal = self;

    eid_wrap_wipe(&seal->wrap);
    eid_free(seal);
}

static eid_status seal_set(eid_txn *txn, eid_slice store, const eid_wrap *wrap, const char *type)
{
    eid__txn_seal seal = {.seal = seal_close, .open = seal_open, .free = seal_free};
    password_seal *self = eid_alloc(sizeof *self);

    if (!self) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a key");
    self->wrap = *wrap;
    self->random = eid_txn_seam(txn)->random;
    seal.self = self;
    return eid__txn_set_seal_take(txn, store, type, &seal);
}

/* -- states ------------------------------------------------------------------------------------ */

static eid_status password_refuse(eid_slice store, const char *operation, const char *why)
{
    return EID_FAIL(EID_KIND_STORE_OPERATION, "%s: encrypted store %.*s is %s", operation,
                    EID_SLICE_ARG(store), why);
}

static eid_status password_record(eid_txn *txn, eid_slice store, eid__password_record *out)
{
    eid_registry_row row;
    eid_status status = eid_registry_find(txn, store, &row);

    if (status != EID_OK) return status;
    status = eid__password_record_read(store, row.config, out);
    eid_registry_row_fini(&row);
    return status;
}

/* Load; the record is to be ended by the caller in any case. */
static eid_status password_load(eid_txn *txn, eid_slice store, eid_password_state *state,
                                eid__password_record *record)
{
    eid_status status;

    *record = (eid__password_record){0};
    status = eid_txn_open_store(txn, store, EID_TYPE_PASSWORD);
    if (status == EID_OK) status = password_record(txn, store, record);
    if (status != EID_OK) return status;
    if (eid__txn_inner_type(txn, store)) {
        *state = EID_PASSWORD_UNLOCKED;
    } else {
        *state = record->is_initialized ? EID_PASSWORD_LOCKED : EID_PASSWORD_UNINITIALIZED;
    }
    return EID_OK;
}

eid_status eid_password_store_load(eid_txn *txn, eid_slice store, eid_password_state *out)
{
    eid__password_record record;
    eid_status status = password_load(txn, store, out, &record);

    eid__password_record_fini(&record);
    return status;
}

eid_status eid_password_store_inner(eid_txn *txn, eid_slice store, const char **out)
{
    *out = eid__txn_inner_type(txn, store);
    if (*out) return EID_OK;
    return password_refuse(store, "inner", "not unlocked");
}

/* -- initialising ------------------------------------------------------------------------------ */

static bool password_can_wrap(const char *type)
{
    return strcmp(type, EID_TYPE_DOCSTORE) == 0 || strcmp(type, EID_TYPE_TABLE) == 0 ||
           strcmp(type, EID_TYPE_YDOC) == 0;
}

static eid_status password_wrap_config(const eid_random *random, const eid_wrap *wrap,
                                       const char *type, const eid_doc *config,
                                       eid__password_record *record)
{
    uint8_t nonce[EID_WRAP_NONCE_BYTES];
    eid_buf plain;
    eid_status status;

    random->fill(random->self, nonce, sizeof nonce);
    eid_buf_init(&plain, STORE_BYTES_MAX);
    status = eid__password_wrapped_write(type, config, &plain);
    if (status == EID_OK) {
        status = eid_wrap_seal(wrap, nonce, eid_buf_slice(&plain), &record->sealed);
    }
    eid_buf_append(&record->nonce, eid_slice_of(nonce, sizeof nonce));
    if (status == EID_OK) status = eid_buf_status(&record->nonce);
    eid_buf_wipe(&plain);
    return status;
}

/* What a new store is to be. */
typedef struct password_plan {
    eid_slice store, password;
    const char *type;
    const eid_doc *config;
} password_plan;

/* Make key and record, and put the record into the registry. */
static eid_status password_make(eid_txn *txn, const password_plan *plan, eid_wrap *wrap)
{
    const eid_random *random = eid_txn_seam(txn)->random;
    char salt[EID_SALT_TEXT_LEN + 1];
    eid__password_record record = {.is_initialized = true, .costs = EID_WRAP_COSTS_DEFAULT};
    eid_doc *row = NULL;
    eid_status status;

    eid_buf_init(&record.nonce, EID_WRAP_NONCE_BYTES);
    eid_buf_init(&record.sealed, STORE_BYTES_MAX);
    eid_salt_make(random, salt);
    record.salt = eid_slice_dup_text(eid_slice_text(salt));
    status = record.salt
                 ? eid_wrap_derive_costs(plan->password, eid_slice_text(salt), &record.costs, wrap)
                 : EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a salt");
    if (status == EID_OK) {
        status = password_wrap_config(random, wrap, plan->type, plan->config, &record);
    }
    if (status == EID_OK) status = eid__password_record_write(&record, &row);
    if (status == EID_OK) status = eid_registry_set_take(txn, plan->store, EID_TYPE_PASSWORD, &row);
    eid_doc_free(row);
    eid__password_record_fini(&record);
    return status;
}

eid_status eid_password_store_initialize(eid_txn *txn, eid_slice store, eid_slice password,
                                         const char *type, const eid_doc *config)
{
    password_plan plan = {store, password, type, config};
    eid_password_state state;
    eid_doc *empty = NULL;
    eid_wrap wrap = {0};
    eid_status status = eid_password_store_load(txn, store, &state);

    if (status != EID_OK) return status;
    if (state != EID_PASSWORD_UNINITIALIZED) {
        return password_refuse(store, "initialize", "initialised already");
    }
    if (!password_can_wrap(type)) {
        return EID_FAIL(EID_KIND_STORE_OPERATION, "a store of type %s cannot be encrypted", type);
    }
    if (!config) {
        status = eid_doc_new(&empty);
        plan.config = empty;
    }
    if (status == EID_OK) status = password_make(txn, &plan, &wrap);
    if (status == EID_OK) status = seal_set(txn, store, &wrap, type);
    eid_wrap_wipe(&wrap);
    eid_doc_free(empty);
    return status;
}

/* -- unlocking --------------------------------------------------------------------------------- */

static eid_status password_load_locked(eid_txn *txn, eid_slice store, eid__password_record *record)
{
    eid_password_state state = EID_PASSWORD_UNINITIALIZED;
    eid_status status = password_load(txn, store, &state, record);

    if (status != EID_OK) return status;
    switch (state) {
    case EID_PASSWORD_UNINITIALIZED:
        return password_refuse(store, "open", "not initialised");
    case EID_PASSWORD_UNLOCKED:
        return password_refuse(store, "open", "unlocked already");
    case EID_PASSWORD_LOCKED:
        break;
    }
    return EID_OK;
}

eid_status eid_password_store_key(eid_txn *txn, eid_slice store, eid_slice password,
                                  eid_password_key *out)
{
    eid__password_record record;
    eid_status status = password_load_locked(txn, store, &record);

    *out = (eid_password_key){0};
    if (status == EID_OK) {
        status =
            eid_wrap_derive_costs(password, eid_slice_text(record.salt), &record.costs, &out->wrap);
        if (status == EID_E_INVALID || status == EID_E_MALFORMED) {
            status = EID_FAIL(EID_KIND_STORE_SEALED,
                              "the record of encrypted store %.*s makes no key: its salt or its "
                              "costs are wrong",
                              EID_SLICE_ARG(store));
        }
    }
    eid__password_record_fini(&record);
    return status;
}

/* What is wrapped, by the key. New: eid_free(). */
static eid_status password_unwrap(eid_slice store, const eid__password_record *record,
                                  const eid_wrap *wrap, char **type)
{
    eid_buf plain;
    eid_status status;

    if (record->nonce.len != EID_WRAP_NONCE_BYTES) {
        return EID_FAIL(EID_KIND_STORE_CONFIG, "encrypted store %.*s has a nonce of %zu bytes",
                        EID_SLICE_ARG(store), record->nonce.len);
    }
    eid_buf_init(&plain, STORE_BYTES_MAX);
    status =
        eid_wrap_open(wrap, eid_buf_slice(&record->nonce), eid_buf_slice(&record->sealed), &plain);
    if (status == EID_E_DENIED) {
        status = EID_FAIL(EID_KIND_STORE_PASSWORD,
                          "Failed to decrypt wrapped config - incorrect password? (store %.*s)",
                          EID_SLICE_ARG(store));
    }
    if (status == EID_OK) status = eid__password_wrapped_read(store, eid_buf_slice(&plain), type);
    eid_buf_wipe(&plain);
    return status;
}

eid_status eid_password_store_open_key(eid_txn *txn, eid_slice store, const eid_password_key *key,
                                       const char *type)
{
    eid__password_record record;
    char *wrapped = NULL;
    eid_status status = password_load_locked(txn, store, &record);

    if (status == EID_OK) status = password_unwrap(store, &record, &key->wrap, &wrapped);
    if (status != EID_OK) goto done;
    if ((type && strcmp(type, wrapped) != 0) || !password_can_wrap(wrapped)) {
        status =
            EID_FAIL(EID_KIND_STORE_TYPE, "Type mismatch: encrypted store %.*s wraps %s, not %s",
                     EID_SLICE_ARG(store), wrapped, type ? type : "what is known here");
        goto done;
    }
    status = seal_set(txn, store, &key->wrap, wrapped);

done:
    eid_free(wrapped);
    eid__password_record_fini(&record);
    return status;
}

eid_status eid_password_store_open(eid_txn *txn, eid_slice store, eid_slice password,
                                   const char *type)
{
    eid_password_key key;
    eid_status status = eid_password_store_key(txn, store, password, &key);

    if (status == EID_OK) status = eid_password_store_open_key(txn, store, &key, type);
    eid_password_key_wipe(&key);
    return status;
}
