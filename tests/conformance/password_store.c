/* Encrypted stores, opened from a registry record and one payload: a database of ours is given that
 * record and an entry with that payload, and is then read with the password. */
#include "node/db/password_store.h"
#include "auth/keyring.h"
#include "dag/alloc.h"
#include "dag/builder.h"
#include "node/db/engine.h"
#include "node/db/registry.h"
#include "node/db/txn.h"
#include "tests/conformance/doc_case.h"

#define STORE "p"
#define DOCSTORE "docstore:v0"
#define TABLE "table:v0"

typedef struct world {
    eid_suite *suite;
    const json_t *test;
    eid_engine *engine;
    const eid_seam *seam;
    eid_key key;
    eid_id root;
} world;

static eid_slice store(void)
{
    return eid_slice_text(STORE);
}

/* -- the database ------------------------------------------------------------------------------ */

static eid_status world_register(const world *self)
{
    const eid_signer signer = {.key = &self->key};
    eid_doc *config = eid_case_read_doc(self->suite, self->test, "config");
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid_txn_begin(self->seam, &self->root, &signer, NULL, &txn);

    if (status == EID_OK) status = eid_registry_set_take(txn, store(), EID_TYPE_PASSWORD, &config);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    eid_doc_free(config);
    return status;
}

static eid_status world_build(const world *self, const eid_txn_context *context, eid_slice payload,
                              eid_builder *builder)
{
    eid_sigkey_owned hint;
    eid_buf pin;
    eid_status status = eid_builder_set_parents(builder, eid_idset_ids(&context->parents));

    eid_buf_init(&pin, 4096);
    eid_builder_set_height(builder, context->height_max + 1);
    eid_pin_write(eid_idset_ids(&context->settings_tips), NULL, &pin);
    if (status == EID_OK) status = eid_builder_set_metadata(builder, eid_buf_slice(&pin));
    if (status == EID_OK) status = eid_builder_set_data(builder, store(), payload);
    for (size_t i = 0; status == EID_OK && i < context->store_count; i++) {
        if (!eid_slice_is(store(), context->stores[i].name)) continue;
        status = eid_builder_set_store_parents(builder, store(),
                                               eid_idset_ids(&context->stores[i].parents));
    }
    if (status == EID_OK) status = eid_sigkey_of_pubkey(&self->key.pub, &hint);
    if (status == EID_OK) {
        status = eid_builder_set_sigkey(builder, &hint.key);
        eid_sigkey_owned_fini(&hint);
    }
    eid_buf_fini(&pin);
    return status;
}

/* An entry that carries the recorded bytes. */
static eid_status world_write(world *self)
{
    eid_buf payload = eid_get_b64(self->test, "payload_b64");
    const eid_slice name = store();
    eid_txn_context context = {0};
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;
    eid_verdict verdict;
    eid_status status = self->seam->begin(self->seam->self, &self->root, &name, 1, NULL, &context);

    if (status == EID_OK) status = eid_builder_new(&self->root, &builder);
    if (status == EID_OK) {
        status = world_build(self, &context, eid_buf_slice(&payload), builder);
    }
    if (status == EID_OK) {
        status = eid_builder_seal(builder, eid_key_sign_fn, &self->key, &entry);
    }
    if (status == EID_OK) {
        status =
            self->seam->submit(self->seam->self, &self->root, entry, EID_DURABLE_ASYNC, &verdict);
    }
    eid_entry_free(entry);
    eid_builder_free(builder);
    eid_txn_context_fini(&context);
    eid_buf_fini(&payload);
    return status;
}

static bool world_open(world *self)
{
    eid_engine_config config = {.url = "memory://", .create = true, .verify_inline = true};
    uint8_t seed[EID_KEY_BYTES] = {5};
    eid_status status = eid_engine_open(&config, &self->engine);

    if (!eid_case_ok(self->suite, "open", status)) return false;
    self->seam = eid_engine_seam(self->engine);
    eid_key_from_seed(seed, &self->key);
    return eid_case_ok(
               self->suite, "create",
               eid_txn_create_database(self->seam, NULL, &self->key, NULL, NULL, &self->root)) &&
           eid_case_ok(self->suite, "register", world_register(self)) &&
           eid_case_ok(self->suite, "write", world_write(self));
}

/* -- what is expected -------------------------------------------------------------------------- */

/* How far it came, and with what: load, open, read, or ok with a state. */
typedef struct outcome {
    const char *stage;
    eid_status status;
    bool is_uninitialized;
    eid_doc *state;
} outcome;

static outcome world_read(const world *self, eid_slice password, const char *type)
{
    outcome out = {.stage = "load"};
    eid_password_state state = EID_PASSWORD_UNINITIALIZED;
    eid_txn *txn = NULL;

    out.status = eid_txn_begin(self->seam, &self->root, NULL, NULL, &txn);
    if (out.status == EID_OK) out.status = eid_password_store_load(txn, store(), &state);
    out.is_uninitialized = out.status == EID_OK && state == EID_PASSWORD_UNINITIALIZED;
    if (out.status != EID_OK || out.is_uninitialized) goto done;
    out.stage = "open";
    out.status = eid_password_store_open(txn, store(), password, type);
    if (out.status != EID_OK) goto done;
    out.stage = "read";
    out.status = eid_txn_doc(txn, store(), &out.state);
    if (out.status == EID_OK) out.stage = "ok";

done:
    eid_txn_free(txn);
    return out;
}

static void check_outcome(const world *self, const char *what, const json_t *expected,
                          outcome actual)
{
    const char *error = json_string_value(json_object_get(expected, "error"));
    eid_doc *state = NULL;

    (void)eid_case_text(self->suite, what, eid_get_text(expected, "stage"),
                        eid_slice_text(actual.stage));
    if (error && strcmp(error, "Serialize") == 0) error = "Json"; /* one name for both in ours */
    if (error) {
        (void)eid_case_error(self->suite, what, error, actual.status);
    } else if (json_is_string(json_object_get(expected, "state"))) {
        (void)eid_case_bool(self->suite, what, true, actual.is_uninitialized);
    } else if (eid_case_ok(self->suite, what, actual.status)) {
        state = eid_case_read_doc(self->suite, expected, "state");
        (void)eid_case_doc_equal(self->suite, what, state, actual.state);
    }
    eid_doc_free(state);
    eid_doc_free(actual.state);
}

/* The key is the recorded one. */
static void check_key(const world *self)
{
    const json_t *is_for = json_object_get(self->test, "key_is_for");
    eid_buf wanted = eid_get_hex(self->test, "key_hex");
    eid_doc *config = eid_case_read_doc(self->suite, self->test, "config");
    const eid_value *salt = eid_doc_get(config, eid_slice_text("encryption.salt"));
    eid_wrap_costs costs = EID_WRAP_COSTS_DEFAULT;
    eid_slice password = eid_get_slice(is_for ? is_for : self->test, "password");
    eid_slice salt_text = EID_SLICE_EMPTY;
    eid_wrap wrap = {0};

    if (is_for) {
        costs = (eid_wrap_costs){(uint32_t)eid_get_u64_text(is_for, "m"),
                                 (uint32_t)eid_get_u64_text(is_for, "t"),
                                 (uint32_t)eid_get_u64_text(is_for, "p")};
        salt_text = eid_get_slice(is_for, "salt");
    } else if (salt && salt->type == EID_VALUE_TEXT) {
        const eid_value *m = eid_doc_get(config, eid_slice_text("encryption.argon2_m_cost"));
        const eid_value *t = eid_doc_get(config, eid_slice_text("encryption.argon2_t_cost"));
        if (m) costs.memory_kib = (uint32_t)m->integer;
        if (t) costs.passes = (uint32_t)t->integer;
        salt_text = eid_value_text(salt);
    }
    if (eid_wrap_derive_costs(password, salt_text, &costs, &wrap) == EID_OK) {
        (void)eid_case_bytes(self->suite, "key", eid_buf_slice(&wanted),
                             eid_slice_of(wrap.key, sizeof wrap.key));
    } else if (!is_for && eid_has(json_object_get(self->test, "outcome"), "state")) {
        eid_case_fail(self->suite, "no key can be made");
    }
    eid_doc_free(config);
    eid_buf_fini(&wanted);
}

static const char *wrapped_type(const json_t *test)
{
    const json_t *plain = json_object_get(test, "wrapped_plaintext");

    if (eid_has(test, "read_as")) return eid_get_text(test, "read_as");
    if (plain && strstr(json_string_value(plain), TABLE)) return TABLE;
    return DOCSTORE;
}

static void case_run(eid_suite *suite, const json_t *test)
{
    world self = {.suite = suite, .test = test};
    const char *type = wrapped_type(test);
    bool is_open = world_open(&self);

    if (is_open && eid_has(test, "key_hex")) check_key(&self);
    if (is_open && eid_has(test, "outcome")) {
        check_outcome(&self, "outcome", json_object_get(test, "outcome"),
                      world_read(&self, eid_get_slice(test, "password"), type));
    }
    if (is_open && eid_has(test, "read_back")) {
        check_outcome(&self, "read back", json_object_get(test, "read_back"),
                      world_read(&self, eid_get_slice(test, "password"), type));
    }
    if (is_open && eid_has(test, "wrong_password")) {
        check_outcome(&self, "wrong password", json_object_get(test, "wrong_outcome"),
                      world_read(&self, eid_get_slice(test, "wrong_password"), NULL));
    }
    if (self.engine) eid_engine_close(self.engine);
    eid_key_wipe(&self.key);
}

static void password_run(const char *path, eid_suite *suite)
{
    json_t *root = eid_suite_load(suite, path);

    if (root == NULL) return;
    eid_suite_each(suite, root, "cases", case_run);
    json_decref(root);
}

EID_SUITE("password-store.json", password_run)
