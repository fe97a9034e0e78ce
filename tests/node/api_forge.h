/* Entries made by hand for tests of the public interface, which has no call that would make them.
 * They are signed by the first user's key and given to the node as a peer would. */
#ifndef EID_TESTS_NODE_API_FORGE_H
#define EID_TESTS_NODE_API_FORGE_H

#include "auth/sigkey.h"
#include "dag/builder.h"
#include "node/api_internal.h"
#include "node/db/engine.h"
#include "node/user/session.h"
#include "tests/node/api_world.h"

#define must(call) assert_int_equal((int)(call), EID_OK)

/* A database as the reference makes it: settings alone decide who may do what. (Where revocation is
 * enforced, whoever deletes the rights has revoked all keys, and they stay revoked.) */
static inline eidetica_db *forge_db(api_world *world)
{
    const eid_database_plan plan = {.key = NULL};
    char text[EID_ID_TEXT_MAX];
    eidetica_db *db = NULL;
    eid_id root;

    must(eid_session_build_database(world->owner->session, &plan, &root));
    assert_ok(eidetica_db_open(world->ada, eid_id_format(&root, text), &db));
    return db;
}

/* Write a payload to a store, on the visible tips and on `also` (NULL = nothing else), which need
 * not be held. Gives how many entries became visible. */
static inline uint64_t forge_write(api_world *world, eidetica_db *db, const char *store,
                                   const char *payload, const eid_id *also)
{
    const eid_key *key = eid_session_root_key(world->owner->session);
    const eid_seam *seam = eid_engine_seam(world->host->engine);
    eid_slice name = eid_slice_text(store);
    eid_sigkey_owned hint;
    eid_txn_context context;
    eid_builder *builder;
    eid_entry *entry = NULL;
    eid_slice bytes;
    uint64_t stored, visible;
    eid_buf pin;

    must(seam->begin(seam->self, &db->root, &name, 1, NULL, &context));
    must(eid_builder_new(&db->root, &builder));
    must(eid_builder_set_parents(builder, eid_idset_ids(&context.parents)));
    if (also) must(eid_builder_add_parent(builder, also));
    eid_builder_set_height(builder, context.height_max + 1);
    must(eid_builder_set_data(builder, name, eid_slice_text(payload)));
    for (size_t i = 0; i < context.store_count; i++) {
        if (!eid_slice_is(name, context.stores[i].name)) continue;
        must(eid_builder_set_store_parents(builder, name,
                                           eid_idset_ids(&context.stores[i].parents)));
    }
    eid_buf_init(&pin, 10000);
    eid_pin_write(eid_idset_ids(&context.settings_tips), NULL, &pin);
    must(eid_builder_set_metadata(builder, eid_buf_slice(&pin)));
    eid_buf_fini(&pin);
    must(eid_sigkey_of_pubkey(&key->pub, &hint));
    must(eid_builder_set_sigkey(builder, &hint.key));
    must(eid_builder_seal(builder, eid_key_sign_fn, (void *)(uintptr_t)key, &entry));
    bytes = eid_entry_bytes(entry);
    must(seam->ingest(seam->self, &bytes, 1, &stored, &visible));
    eid_entry_free(entry);
    eid_sigkey_owned_fini(&hint);
    eid_builder_free(builder);
    eid_txn_context_fini(&context);
    return visible;
}

#endif
