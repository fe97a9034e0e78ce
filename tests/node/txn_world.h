/* A node in memory with a clock that stands still, keys from small numbers, and one database of the
 * first key: what the tests of transactions and users begin with. */
#ifndef EID_TESTS_NODE_TXN_WORLD_H
#define EID_TESTS_NODE_TXN_WORLD_H

#include "dag/alloc.h"
#include "node/db/engine.h"
#include "node/db/registry.h"
#include "node/db/settings.h"
#include "node/db/table.h"
#include "tests/support/test.h"

#define assert_ok(call) world_expect(EID_OK, (call), #call, __LINE__)
#define assert_kind(kind, call) world_expect_kind(EID_KIND_##kind, (call), #call, __LINE__)

static inline void world_expect(eid_status wanted, eid_status status, const char *call, int line)
{
    if (status == wanted) return;
    fail_msg("line %d: %s: %s (%s), wanted %s", line, call, eid_status_name(status),
             eid_status_detail(status).text, eid_status_name(wanted));
}

static inline void world_expect_kind(eid_kind wanted, eid_status status, const char *call, int line)
{
    eid_detail detail = eid_status_detail(status);

    if (status != EID_OK && detail.kind == wanted) return;
    fail_msg("line %d: %s: %s %s (%s), wanted %s", line, call, eid_status_name(status),
             eid_kind_name(detail.kind), detail.text, eid_kind_name(wanted));
}

typedef struct test_world {
    eid_clock_fixed time;
    eid_clock clock;
    eid_engine *engine;
    const eid_seam *seam;
    eid_key key; /* admin of the database */
    eid_signer signer;
    eid_id root;
} test_world;

static inline eid_slice text(const char *string)
{
    return eid_slice_text(string);
}

static inline void world_key(uint8_t number, eid_key *out)
{
    uint8_t seed[EID_KEY_BYTES] = {number};

    eid_key_from_seed(seed, out);
}

static inline void world_open(test_world *world)
{
    eid_engine_config config = {.url = "memory://", .create = true, .clock = &world->clock};

    world->time = (eid_clock_fixed){.now_ms = 1700000000000u, .held = 1};
    world->clock = eid_clock_of_fixed(&world->time);
    config.verify_inline = true;
    assert_ok(eid_engine_open(&config, &world->engine));
    world->seam = eid_engine_seam(world->engine);
    world_key(1, &world->key);
    world->signer = (eid_signer){.key = &world->key};
    world->root = EID_ID_EMPTY;
}

static inline void world_open_database(test_world *world)
{
    eid_doc *settings = NULL;

    world_open(world);
    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, text("name"), text("notes")));
    assert_ok(
        eid_txn_create_database(world->seam, settings, &world->key, NULL, NULL, &world->root));
    eid_doc_free(settings);
}

static inline void world_close(test_world *world)
{
    eid_key_wipe(&world->key);
    eid_engine_close(world->engine);
}

static inline eid_txn *world_begin(test_world *world)
{
    eid_txn *txn = NULL;

    assert_ok(eid_txn_begin(world->seam, &world->root, &world->signer, NULL, &txn));
    return txn;
}

static inline eid_id world_commit(eid_txn *txn)
{
    eid_id id;

    assert_ok(eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    return id;
}

/* One value in one entry. */
static inline eid_id world_set(test_world *world, const char *store, const char *path,
                               const char *value)
{
    eid_txn *txn = world_begin(world);

    assert_ok(eid_docstore_set_text(txn, text(store), path, text(value)));
    return world_commit(txn);
}

static inline eid_entry *world_entry(test_world *world, const eid_id *id)
{
    eid_entry *entry = NULL;
    eid_verdict verdict;

    assert_ok(world->seam->entry(world->seam->self, &world->root, id, &entry, &verdict));
    assert_int_equal(verdict, EID_VERIFIED);
    return entry;
}

/* What a fresh reader finds; fails the test if it is not `wanted` (NULL = nothing). */
static inline void world_check(test_world *world, const char *store, const char *path,
                               const char *wanted)
{
    eid_txn *txn = NULL;
    char *found = NULL;

    assert_ok(eid_txn_begin(world->seam, &world->root, NULL, NULL, &txn));
    if (wanted) {
        assert_ok(eid_docstore_text(txn, text(store), path, &found));
        assert_string_equal(found, wanted);
    } else {
        assert_kind(KEY_NOT_FOUND, eid_docstore_text(txn, text(store), path, &found));
    }
    eid_free(found);
    eid_txn_free(txn);
}

static inline void world_grant(test_world *world, const eid_pubkey *key, eid_permission permission)
{
    eid_txn *txn = world_begin(world);
    eid_auth_key record = {.pubkey = *key, .permission = permission, .status = EID_KEY_ACTIVE};

    assert_ok(eid_settings_store_put_key(txn, &record));
    (void)world_commit(txn);
}

#endif
