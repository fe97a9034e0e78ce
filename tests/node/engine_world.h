/* A world for tests of the engine: an engine, an admin's key, entries made by hand with the
 * builder, so that nothing of the transaction layer is in between. Every call must succeed unless
 * said. */
#ifndef EID_TESTS_NODE_ENGINE_WORLD_H
#define EID_TESTS_NODE_ENGINE_WORLD_H

#include "crdt/payload.h"
#include <stdio.h>

#include "dag/alloc.h"
#include "dag/builder.h"
#include "node/db/engine.h"
#include "tests/support/test.h"

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        eid_status status_ = (call);                                                               \
        if (status_ != EID_OK) {                                                                   \
            print_error("%s: %s\n", #call, eid_status_detail(status_).text);                       \
        }                                                                                          \
        assert_int_equal(status_, EID_OK);                                                         \
    } while (0)

typedef struct world {
    eid_engine *engine;
    const eid_seam *seam;
    eid_key admin;
    eid_random_seeded random;
    uint64_t entropy;
} world;

static inline void world_open(world *self, const char *url, bool is_inline)
{
    eid_engine_config config = {.url = url, .create = true, .verify_inline = is_inline};
    uint8_t seed[EID_KEY_BYTES] = {7};

    config.verify_threads = 3;
    memset(self, 0, sizeof(*self));
    self->random.state = 42;
    eid_key_from_seed(seed, &self->admin);
    assert_ok(eid_engine_open(&config, &self->engine));
    self->seam = eid_engine_seam(self->engine);
}

static inline void world_close(world *self)
{
    eid_engine_close(self->engine);
    eid_key_wipe(&self->admin);
}

/* Another key, always the same for a number. */
static inline eid_key world_key(uint8_t number)
{
    uint8_t seed[EID_KEY_BYTES] = {number, 1, 1};
    eid_key key;

    eid_key_from_seed(seed, &key);
    return key;
}

static inline eid_entry *world_seal(eid_builder *builder, const eid_key *key)
{
    eid_sigkey_owned hint;
    eid_entry *entry = NULL;

    assert_ok(eid_sigkey_of_pubkey(&key->pub, &hint));
    assert_ok(eid_builder_set_sigkey(builder, &hint.key));
    assert_ok(eid_builder_seal(builder, eid_key_sign_fn, (void *)(uintptr_t)key, &entry));
    eid_sigkey_owned_fini(&hint);
    eid_builder_free(builder);
    return entry;
}

static inline void world_set_doc(eid_builder *builder, const char *store, const eid_doc *doc)
{
    eid_buf payload;

    eid_buf_init(&payload, EID_ENTRY_BYTES_MAX);
    assert_ok(eid_payload_write_doc(doc, &payload));
    assert_ok(eid_builder_set_data(builder, eid_slice_text(store), eid_buf_slice(&payload)));
    eid_buf_fini(&payload);
}

/* A genesis that lets the admin in, and nobody else. */
static inline eid_entry *world_genesis(world *self, const char *name)
{
    eid_auth_key record = {.pubkey = self->admin.pub,
                           .permission = {EID_PERMISSION_ADMIN, 0},
                           .status = EID_KEY_ACTIVE};
    uint64_t entropy = ++self->entropy;
    eid_builder *builder;
    eid_doc *settings;
    eid_buf pin;

    assert_ok(eid_builder_new(NULL, &builder));
    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, eid_slice_text("name"), eid_slice_text(name)));
    assert_ok(eid_settings_put_key(settings, &record));
    world_set_doc(builder, EID_STORE_SETTINGS, settings);
    eid_doc_free(settings);
    assert_ok(
        eid_builder_set_data(builder, eid_slice_text(EID_STORE_ROOT), eid_slice_text("\"\"")));
    eid_buf_init(&pin, 1000);
    eid_pin_write((eid_ids){NULL, 0}, &entropy, &pin);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    return world_seal(builder, &self->admin);
}

/* A database is made and its root is given. */
static inline eid_id world_database(world *self, const char *name)
{
    eid_entry *genesis = world_genesis(self, name);
    eid_id root = *eid_entry_id(genesis);
    eid_verdict verdict;

    assert_ok(self->seam->submit(self->seam->self, &root, genesis, EID_DURABLE_ASYNC, &verdict));
    assert_int_equal(verdict, EID_VERIFIED);
    eid_entry_free(genesis);
    return root;
}

/* An entry that writes a payload (NULL = none) to a store, on given tips or (NULL) on the visible.
 */
static inline eid_entry *world_entry(world *self, const eid_id *root, const eid_idset *at,
                                     const char *store, const char *payload, const eid_key *key)
{
    eid_slice name = eid_slice_text(store);
    eid_txn_context context;
    eid_builder *builder;
    eid_buf pin;

    assert_ok(self->seam->begin(self->seam->self, root, &name, 1, at, &context));
    assert_ok(eid_builder_new(root, &builder));
    assert_ok(eid_builder_set_parents(builder, eid_idset_ids(&context.parents)));
    eid_builder_set_height(builder, context.height_max + 1);
    assert_ok(payload != NULL ? eid_builder_set_data(builder, name, eid_slice_text(payload))
                              : eid_builder_touch(builder, name));
    for (size_t i = 0; i < context.store_count; i++) {
        if (!eid_slice_is(name, context.stores[i].name)) continue;
        assert_ok(eid_builder_set_store_parents(builder, name,
                                                eid_idset_ids(&context.stores[i].parents)));
    }
    eid_buf_init(&pin, 100000);
    eid_pin_write(eid_idset_ids(&context.settings_tips), NULL, &pin);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    eid_txn_context_fini(&context);
    return world_seal(builder, key);
}

/* The payload {key: number}. */
static inline const char *world_payload(char out[200], const char *key, int64_t number)
{
    eid_doc *doc;
    eid_buf buf;

    assert_ok(eid_doc_new(&doc));
    assert_ok(eid_doc_set_int(doc, eid_slice_text(key), number));
    eid_buf_init(&buf, 199);
    assert_ok(eid_payload_write_doc(doc, &buf));
    memcpy(out, buf.at, buf.len);
    out[buf.len] = 0;
    eid_buf_fini(&buf);
    eid_doc_free(doc);
    return out;
}

/* Make and submit {key: number} on the visible tips. */
static inline eid_id world_write(world *self, const eid_id *root, const char *key, int64_t number)
{
    char payload[200];
    eid_entry *entry =
        world_entry(self, root, NULL, "data", world_payload(payload, key, number), &self->admin);
    eid_id id = *eid_entry_id(entry);
    eid_verdict verdict;

    assert_ok(self->seam->submit_own(self->seam->self, root, entry, EID_DURABLE_ASYNC, &verdict));
    assert_int_equal(verdict, EID_VERIFIED);
    eid_entry_free(entry);
    return id;
}

/* The number at a key, -1 if there is none. */
static inline int64_t world_read(world *self, const eid_id *root, const char *key)
{
    eid_slice path = eid_slice_text(key);
    eid_value value;
    int64_t number;
    eid_status status =
        self->seam->value(self->seam->self, root, eid_slice_text("data"), &path, 1, &value);

    if (status == EID_E_NOT_FOUND) return -1;
    assert_ok(status);
    assert_int_equal(value.type, EID_VALUE_INT);
    number = value.integer;
    eid_value_fini(&value);
    return number;
}

/* Nothing of a database is wrong. */
static inline void world_check(world *self, const eid_id *root)
{
    uint64_t findings = 0;
    eid_buf report;

    eid_buf_init(&report, 100000);
    assert_ok(self->seam->check(self->seam->self, root, &report, &findings));
    if (findings > 0) print_error("%.*s", EID_SLICE_ARG(eid_buf_slice(&report)));
    eid_buf_fini(&report);
    assert_int_equal(findings, 0);
}

#endif
