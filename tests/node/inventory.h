/* What the tests of the inventories share: a node in memory with a held clock, keys from small
 * numbers and a database of the first key (txn_world.h), set up for each test; with it a user who
 * is logged in, transactions on given tips, and the exchange of entries between two such nodes. */
#ifndef EID_TESTS_NODE_INVENTORY_H
#define EID_TESTS_NODE_INVENTORY_H

#include <stdio.h>

#include "dag/builder.h"
#include "node/user/instance.h"
#include "tests/node/txn_world.h"

#define INVENTORY_TEST(test)                                                                       \
    cmocka_unit_test_setup_teardown(test, inventory_setup, inventory_teardown)

/* *state of a test: a world with one database, "notes". */
static inline int inventory_setup(void **state)
{
    test_world *world = eid_alloc(sizeof *world);

    assert_non_null(world);
    world_open_database(world);
    *state = world;
    return 0;
}

static inline int inventory_teardown(void **state)
{
    world_close(*state);
    eid_free(*state);
    return 0;
}

/* -- users ------------------------------------------------------------------------------------- */

/* The node gets its first user, who is logged in. New: eid_session_logout(). */
static inline eid_session *inventory_user(test_world *world, const char *name)
{
    eid_session *session = NULL;

    assert_ok(eid_instance_create(world->engine, text(name), NULL, &session));
    return session;
}

/* A database of a user. */
static inline eid_id inventory_user_database(eid_session *user, const char *name)
{
    eid_doc *settings = NULL;
    eid_id root;

    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, text("name"), text(name)));
    assert_ok(eid_session_create_database(user, settings, NULL, &root));
    eid_doc_free(settings);
    return root;
}

/* A transaction of the user on what is visible. New: eid_txn_free(). */
static inline eid_txn *inventory_user_begin(eid_session *user, const eid_id *root)
{
    eid_signer signer;
    eid_txn *txn = NULL;

    assert_ok(eid_session_signer(user, root, &signer));
    assert_ok(eid_txn_begin(eid_session_seam(user), root, &signer, NULL, &txn));
    return txn;
}

/* -- transactions ------------------------------------------------------------------------------ */

/* A transaction on given tips. New: eid_txn_free(). */
static inline eid_txn *inventory_begin_at(test_world *world, const eid_id *tips, size_t count)
{
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn *txn = NULL;

    assert_ok(eid_idset_assign(&at, (eid_ids){tips, count}));
    assert_ok(eid_txn_begin(world->seam, &world->root, &world->signer, &at, &txn));
    eid_idset_fini(&at);
    return txn;
}

/* One value in one entry on given tips. */
static inline eid_id inventory_set_at(test_world *world, const eid_id *tips, size_t count,
                                      const char *store, const char *key, const char *value)
{
    eid_txn *txn = inventory_begin_at(world, tips, count);

    assert_ok(eid_docstore_set_text(txn, text(store), key, text(value)));
    return world_commit(txn);
}

/* A transaction signed by another key. New: eid_txn_free(). */
static inline eid_txn *inventory_begin_as(test_world *world, const eid_key *key)
{
    eid_signer signer = {.key = key};
    eid_txn *txn = NULL;

    assert_ok(eid_txn_begin(world->seam, &world->root, &signer, NULL, &txn));
    return txn;
}

static inline void inventory_stage(eid_txn *txn, const char *store, const char *path,
                                   const char *value)
{
    assert_ok(eid_docstore_set_text(txn, text(store), path, text(value)));
}

/* What the transaction finds at a path; NULL = nothing. */
static inline void inventory_expect(eid_txn *txn, const char *store, const char *path,
                                    const char *wanted)
{
    char *found = NULL;

    if (wanted) {
        assert_ok(eid_docstore_text(txn, text(store), path, &found));
        assert_string_equal(found, wanted);
    } else {
        assert_kind(KEY_NOT_FOUND, eid_docstore_text(txn, text(store), path, &found));
    }
    eid_free(found);
}

/* What a reader of given tips finds. */
static inline void inventory_expect_at(test_world *world, const eid_id *tips, size_t count,
                                       const char *store, const char *path, const char *wanted)
{
    eid_txn *txn = inventory_begin_at(world, tips, count);

    inventory_expect(txn, store, path, wanted);
    eid_txn_free(txn);
}

/* -- what is held ------------------------------------------------------------------------------ */

/* The visible tips. New: eid_idset_fini(). */
static inline eid_idset inventory_tips(test_world *world)
{
    eid_db_info info;
    eid_idset tips = EID_IDSET_EMPTY;

    assert_ok(world->seam->info(world->seam->self, &world->root, &info));
    assert_ok(eid_idset_assign(&tips, eid_idset_ids(&info.tips)));
    eid_db_info_fini(&info);
    return tips;
}

/* The visible tip, of which there must be one. */
static inline eid_id inventory_tip(test_world *world)
{
    eid_idset tips = inventory_tips(world);
    eid_id tip = tips.count > 0 ? tips.at[0] : EID_ID_EMPTY;

    assert_int_equal(tips.count, 1);
    eid_idset_fini(&tips);
    return tip;
}

/* The visible tips are these, in any order. */
static inline void inventory_expect_tips(test_world *world, const eid_id *wanted, size_t count)
{
    eid_idset tips = inventory_tips(world);

    assert_int_equal(tips.count, count);
    for (size_t i = 0; i < count; i++) assert_true(eid_idset_has(&tips, &wanted[i]));
    eid_idset_fini(&tips);
}

/* An entry whatever its verdict. New: eid_entry_free(). */
static inline eid_entry *inventory_entry(test_world *world, const eid_id *id, eid_verdict *verdict)
{
    eid_entry *entry = NULL;

    assert_ok(world->seam->entry(world->seam->self, &world->root, id, &entry, verdict));
    return entry;
}

static inline eid_verdict inventory_verdict(test_world *world, const eid_id *id)
{
    eid_verdict verdict;

    eid_entry_free(inventory_entry(world, id, &verdict));
    return verdict;
}

/* The ids are the parents of an entry, in any order. */
static inline void inventory_expect_parents(test_world *world, const eid_id *id,
                                            const eid_id *wanted, size_t count)
{
    eid_verdict verdict;
    eid_entry *entry = inventory_entry(world, id, &verdict);
    eid_idset parents = EID_IDSET_EMPTY;

    assert_ok(eid_idset_assign(&parents, eid_entry_parents(entry)));
    assert_int_equal(parents.count, count);
    for (size_t i = 0; i < count; i++) assert_true(eid_idset_has(&parents, &wanted[i]));
    eid_idset_fini(&parents);
    eid_entry_free(entry);
}

/* The pin of an entry is these ids, in any order. */
static inline void inventory_expect_pin(test_world *world, const eid_id *id, const eid_id *wanted,
                                        size_t count)
{
    eid_verdict verdict;
    eid_entry *entry = inventory_entry(world, id, &verdict);
    eid_pin pin;

    assert_ok(eid_entry_pin(entry, &pin));
    assert_true(pin.present && pin.valid);
    assert_int_equal(pin.tips.count, count);
    for (size_t i = 0; i < count; i++) assert_true(eid_idset_has(&pin.tips, &wanted[i]));
    eid_pin_fini(&pin);
    eid_entry_free(entry);
}

/* The entry is signed as this key. */
static inline void inventory_expect_signer(test_world *world, const eid_id *id, const eid_key *key)
{
    eid_verdict verdict;
    eid_entry *entry = inventory_entry(world, id, &verdict);
    const eid_hint *hint = &eid_entry_sigkey(entry)->hint;

    assert_true(hint->has_pubkey);
    assert_memory_equal(hint->pubkey, key->pub.bytes, EID_KEY_BYTES);
    assert_int_equal(verdict, EID_VERIFIED);
    eid_entry_free(entry);
}

static inline uint64_t inventory_height(test_world *world, const eid_id *id)
{
    eid_verdict verdict;
    eid_entry *entry = inventory_entry(world, id, &verdict);
    uint64_t height = eid_entry_height(entry);

    eid_entry_free(entry);
    return height;
}

/* The height of a store in an entry; *is_own tells whether it is written there. */
static inline uint64_t inventory_store_height(test_world *world, const eid_id *id,
                                              const char *store, bool *is_own)
{
    eid_verdict verdict;
    eid_entry *entry = inventory_entry(world, id, &verdict);
    const eid_subtree *node = eid_entry_find_subtree(entry, text(store));
    uint64_t height = node ? node->height : 0;

    assert_non_null(node);
    *is_own = node->has_height;
    eid_entry_free(entry);
    return height;
}

static inline eid_index_counts inventory_counts(test_world *world)
{
    eid_index_counts counts;
    eid_db_info info;

    assert_ok(world->seam->info(world->seam->self, &world->root, &info));
    counts = info.counts;
    eid_db_info_fini(&info);
    return counts;
}

/* -- entries made by hand ---------------------------------------------------------------------- */

/* What an entry of any key, right or wrong, is made of. */
typedef struct inventory_forgery {
    const eid_key *key;
    eid_ids parents;
    const eid_id *pin; /* NULL = the settings that the parents reach */
    const char *store; /* gets `payload`, or nothing but a touch if that is NULL */
    const char *payload;
} inventory_forgery;

/* A signed entry that no transaction would make; it is stored nowhere. New: eid_entry_free(). */
static inline eid_entry *inventory_forge(test_world *world, const inventory_forgery *plan)
{
    eid_slice store = text(plan->store);
    eid_idset at = EID_IDSET_EMPTY;
    eid_txn_context context;
    eid_sigkey_owned hint;
    eid_builder *builder;
    eid_entry *entry = NULL;
    eid_buf pin;

    assert_ok(eid_idset_assign(&at, plan->parents));
    assert_ok(world->seam->begin(world->seam->self, &world->root, &store, 1, &at, &context));
    assert_ok(eid_builder_new(&world->root, &builder));
    assert_ok(eid_builder_set_parents(builder, eid_idset_ids(&context.parents)));
    eid_builder_set_height(builder, context.height_max + 1);
    assert_ok(plan->payload ? eid_builder_set_data(builder, store, text(plan->payload))
                            : eid_builder_touch(builder, store));
    for (size_t i = 0; i < context.store_count; i++) {
        if (!eid_slice_is(store, context.stores[i].name)) continue;
        assert_ok(eid_builder_set_store_parents(builder, store,
                                                eid_idset_ids(&context.stores[i].parents)));
    }
    eid_buf_init(&pin, 100000);
    eid_pin_write(plan->pin ? (eid_ids){plan->pin, 1} : eid_idset_ids(&context.settings_tips), NULL,
                  &pin);
    assert_ok(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    assert_ok(eid_sigkey_of_pubkey(&plan->key->pub, &hint));
    assert_ok(eid_builder_set_sigkey(builder, &hint.key));
    assert_ok(eid_builder_seal(builder, eid_key_sign_fn, (void *)(uintptr_t)plan->key, &entry));
    eid_sigkey_owned_fini(&hint);
    eid_builder_free(builder);
    eid_txn_context_fini(&context);
    eid_idset_fini(&at);
    return entry;
}

/* Give an entry to a node, as a peer would; `visible` (may be NULL) gets how many became so. */
static inline void inventory_receive(test_world *world, const eid_entry *entry, uint64_t *visible)
{
    eid_slice bytes = eid_entry_bytes(entry);
    uint64_t stored, unused;

    assert_ok(
        world->seam->ingest(world->seam->self, &bytes, 1, &stored, visible ? visible : &unused));
}

/* Make, give to the node itself, and tell the id. */
static inline eid_id inventory_forge_in(test_world *world, const eid_key *key,
                                        const eid_id *parents, size_t count)
{
    static int number;
    char payload[80];
    eid_entry *entry;
    eid_id id;

    snprintf(payload, sizeof payload, "{\"children\":{\"k\":{\"Int\":%d}}}", ++number);
    entry =
        inventory_forge(world, &(inventory_forgery){key, {parents, count}, NULL, "data", payload});
    id = *eid_entry_id(entry);
    inventory_receive(world, entry, NULL);
    eid_entry_free(entry);
    return id;
}

/* -- two nodes --------------------------------------------------------------------------------- */

/* Another node, which holds nothing yet but knows the same keys and database. */
static inline void inventory_peer(const test_world *of, test_world *peer)
{
    world_open(peer);
    peer->root = of->root;
}

/* Give one entry to another node, as a peer would. */
static inline void inventory_send(test_world *from, const eid_id *id, test_world *to)
{
    eid_verdict verdict;
    eid_entry *entry = inventory_entry(from, id, &verdict);
    eid_slice bytes = eid_entry_bytes(entry);
    uint64_t stored, visible;

    assert_ok(to->seam->ingest(to->seam->self, &bytes, 1, &stored, &visible));
    eid_entry_free(entry);
}

static inline eid_status inventory_send_one(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    test_world *to = arg;
    eid_slice bytes = eid_entry_bytes(entry);
    uint64_t stored, visible;

    (void)verdict;
    return to->seam->ingest(to->seam->self, &bytes, 1, &stored, &visible);
}

/* Give all entries of the database to another node, parents first. */
static inline void inventory_send_all(test_world *from, test_world *to)
{
    assert_ok(
        from->seam->entries(from->seam->self, &from->root, NULL, false, inventory_send_one, to));
}

#endif
