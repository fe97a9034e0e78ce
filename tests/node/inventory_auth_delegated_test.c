/* The reference's tests of delegated trees that need databases (crates/lib/tests/it/auth:
 * delegated_trees.rs), by their names. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/node/inventory.h"

#define KEY_PERSON 2
#define KEY_SECOND 3

/* A main database ("notes", of key 1), which delegates to the identity of key 2. */
typedef struct family {
    test_world *world;
    eid_id people;
    eid_key person;
} family;

static eid_id database_of(test_world *world, const eid_key *key, const char *name)
{
    eid_doc *settings = NULL;
    eid_id root;

    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_doc_set_text(settings, text("name"), text(name)));
    assert_ok(eid_txn_create_database(world->seam, settings, key, NULL, NULL, &root));
    eid_doc_free(settings);
    return root;
}

static eid_idset tips_of(test_world *world, const eid_id *root)
{
    eid_idset tips = EID_IDSET_EMPTY;
    eid_db_info info;

    assert_ok(world->seam->info(world->seam->self, root, &info));
    assert_ok(eid_idset_assign(&tips, eid_idset_ids(&info.tips)));
    eid_db_info_fini(&info);
    return tips;
}

static void delegate(test_world *world, const eid_id *to, const char *max)
{
    eid_delegation delegation = {.root = *to, .tips = tips_of(world, to)};
    eid_txn *txn = world_begin(world);
    eid_doc *staged;

    assert_ok(eid_permission_parse(text(max), &delegation.bounds.max));
    assert_ok(eid_txn_staged(txn, text(EID_STORE_SETTINGS), &staged));
    assert_ok(eid_settings_put_delegation(staged, &delegation));
    (void)world_commit(txn);
    eid_delegation_fini(&delegation);
}

static family family_of(test_world *world, const char *max)
{
    family out = {.world = world};

    world_key(KEY_PERSON, &out.person);
    out.people = database_of(world, &out.person, "people");
    delegate(world, &out.people, max);
    return out;
}

/* A transaction of a key that acts through the identity by its tips now. New: eid_txn_free(). */
static eid_txn *begin_delegated(family *all, const eid_key *key)
{
    eid_idset tips = tips_of(all->world, &all->people);
    eid_delegation_step step = {all->people, eid_idset_ids(&tips)};
    eid_sigkey_owned hint;
    eid_sigkey path;
    eid_signer signer = {.key = key, .identity = &path};
    eid_txn *txn = NULL;

    assert_ok(eid_sigkey_of_pubkey(&key->pub, &hint));
    path =
        (eid_sigkey){.is_delegation = true, .hint = hint.key.hint, .path = &step, .path_count = 1};
    assert_ok(eid_txn_begin(all->world->seam, &all->world->root, &signer, NULL, &txn));
    eid_sigkey_owned_fini(&hint);
    eid_idset_fini(&tips);
    return txn;
}

static eid_id write_delegated(family *all, const eid_key *key, const char *value)
{
    eid_txn *txn = begin_delegated(all, key);

    inventory_stage(txn, "data", "k", value);
    return world_commit(txn);
}

static void test_simple_tree_creation_with_auth(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_policy *policy = NULL;

    assert_ok(eid_settings_store_policy(txn, &policy));
    assert_true(eid_policy_has_auth(policy));
    assert_true(eid_policy_allows(policy, &world->key.pub, EID_PERMISSION_ADMIN));
    eid_policy_free(policy);
    eid_txn_free(txn);
}

static void test_delegated_write_database_api(void **state)
{
    family all = family_of(*state, "write:10");
    eid_id id = write_delegated(&all, &all.person, "delegated");
    eid_entry *entry = world_entry(all.world, &id);
    const eid_sigkey *key = eid_entry_sigkey(entry);

    assert_true(key->is_delegation);
    assert_int_equal(key->path_count, 1);
    assert_true(eid_id_equal(&key->path[0].tree, &all.people));
    inventory_expect_tips(all.world, &id, 1);
    world_check(all.world, "data", "k", "delegated");
    eid_entry_free(entry);
}

static void test_delegated_write_permission_clamping(void **state)
{
    family all = family_of(*state, "write:10"); /* the person is Admin at home */
    eid_id id;
    eid_txn *txn;

    (void)write_delegated(&all, &all.person, "data");
    txn = begin_delegated(&all, &all.person);
    assert_ok(eid_settings_store_set_name(txn, text("mine")));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
}

static void test_delegated_write_secondary_identity_key(void **state)
{
    family all = family_of(*state, "write:10");
    test_world home = *all.world;
    eid_key second;
    eid_id id;

    world_key(KEY_SECOND, &second);
    home.root = all.people;
    home.signer = (eid_signer){.key = &all.person};
    world_grant(&home, &second.pub, (eid_permission){EID_PERMISSION_WRITE, 5});
    id = write_delegated(&all, &second, "second");
    inventory_expect_signer(all.world, &id, &second);
    world_check(all.world, "data", "k", "second");
}

static void send_tree(test_world *from, const eid_id *root, test_world *to)
{
    test_world of = *from;

    of.root = *root;
    inventory_send_all(&of, to);
}

static void test_delegated_entry_validation_across_instances(void **state)
{
    family all = family_of(*state, "write:10");
    eid_id id = write_delegated(&all, &all.person, "delegated");
    test_world peer;

    inventory_peer(all.world, &peer);
    send_tree(all.world, &all.people, &peer);
    inventory_send_all(all.world, &peer);
    assert_int_equal(inventory_verdict(&peer, &id), EID_VERIFIED);
    world_check(&peer, "data", "k", "delegated");
    world_close(&peer);
}

/* The database comes before the identity that it delegates to: nobody has to ask again. */
static void test_delegated_entry_synced_unverified_then_verified(void **state)
{
    family all = family_of(*state, "write:10");
    eid_id id = write_delegated(&all, &all.person, "delegated");
    test_world peer;

    inventory_peer(all.world, &peer);
    inventory_send_all(all.world, &peer);
    assert_int_equal(inventory_verdict(&peer, &id), EID_UNVERIFIED);
    world_check(&peer, "data", "k", NULL);
    send_tree(all.world, &all.people, &peer);
    assert_int_equal(inventory_verdict(&peer, &id), EID_VERIFIED);
    world_check(&peer, "data", "k", "delegated");
    world_close(&peer);
}

/* One database of a peer, entry by entry, on a thread of its own. */
typedef struct sender {
    test_world from;
    test_world *to;
} sender;

static void *sender_run(void *arg)
{
    sender *self = arg;

    inventory_send_all(&self->from, self->to);
    return NULL;
}

/* The database and the identity arrive at the same time, each on a thread: nobody is forgotten, and
 * nobody waits for ever for the other's lock. */
static void test_delegated_entries__are_all_woken_when_both_databases_come_at_once(void **state)
{
    enum { WRITES = 12, TURNS = 12 };
    family all = family_of(*state, "write:10");
    eid_engine_config config = {.url = "memory://", .create = true};
    test_world home = *all.world;
    eid_id ids[WRITES];

    home.root = all.people;
    home.signer = (eid_signer){.key = &all.person};
    for (size_t i = 0; i < WRITES; i++) {
        (void)world_set(&home, "data", "k", "the identity goes on");
        ids[i] = write_delegated(&all, &all.person, "delegated");
    }
    for (size_t turn = 0; turn < TURNS; turn++) {
        test_world peer = {.root = all.world->root};
        sender senders[2] = {{home, &peer}, {*all.world, &peer}};
        pthread_t threads[2];

        assert_ok(eid_engine_open(&config, &peer.engine));
        peer.seam = eid_engine_seam(peer.engine);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, sender_run, &senders[i]), 0);
        }
        for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (size_t i = 0; i < WRITES; i++) {
            assert_int_equal(inventory_verdict(&peer, &ids[i]), EID_VERIFIED);
        }
        eid_engine_close(peer.engine);
    }
}

/* A wait that is left when the node stops goes on when it starts again. */
static void test_delegated_entry__that_waits_is_woken_after_a_restart(void **state)
{
    family all = family_of(*state, "write:10");
    eid_id id = write_delegated(&all, &all.person, "delegated");
    eid_engine_config config = {.create = true, .verify_inline = true};
    char folder[200], url[300];
    test_world peer = {.root = all.world->root};

    assert_non_null(getcwd(folder, sizeof folder));
    (void)snprintf(url, sizeof url, "rocksdb://%s/wake.%d", folder, (int)getpid());
    config.url = url;
    for (size_t turn = 0; turn < 2; turn++) {
        assert_ok(eid_engine_open(&config, &peer.engine));
        peer.seam = eid_engine_seam(peer.engine);
        if (turn == 0) inventory_send_all(all.world, &peer);
        if (turn == 1) send_tree(all.world, &all.people, &peer);
        assert_int_equal(inventory_verdict(&peer, &id), turn == 0 ? EID_UNVERIFIED : EID_VERIFIED);
        eid_engine_close(peer.engine);
    }
}

static void test_delegated_write__is_refused_here_where_the_identity_is_not_held(void **state)
{
    family all = family_of(*state, "write:10");
    eid_txn *txn = begin_delegated(&all, &all.person);
    eid_id id;

    inventory_stage(txn, "data", "k", "v");
    assert_ok(all.world->seam->forget(all.world->seam->self, &all.people));
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
}

/* A user whose key only the identity knows finds the way there alone. */
static void test_delegated_write_user_api_flow(void **state)
{
    test_world *world = *state;
    eid_session *user = inventory_user(world, "ada");
    eid_id people = inventory_user_database(user, "people");
    eid_idset tips = EID_IDSET_EMPTY;
    eid_signer signer;
    eid_txn *txn;

    assert_kind(USER_NO_KEY, eid_session_signer(user, &world->root, &signer));
    delegate(world, &people, "write:10");
    assert_ok(eid_session_signer(user, &world->root, &signer));
    assert_non_null(signer.identity);
    assert_true(signer.identity->is_delegation && signer.identity->hint.has_pubkey);
    assert_int_equal(signer.identity->path_count, 1);
    assert_true(eid_id_equal(&signer.identity->path[0].tree, &people));
    tips = tips_of(world, &people);
    assert_int_equal(signer.identity->path[0].tips.count, tips.count);
    assert_true(eid_id_equal(&signer.identity->path[0].tips.at[0], &tips.at[0]));
    assert_ok(eid_session_track(user, &world->root, &signer.key->pub, signer.identity, false));
    txn = inventory_user_begin(user, &world->root);
    inventory_stage(txn, "data", "k", "by a user");
    (void)world_commit(txn);
    world_check(world, "data", "k", "by a user");
    eid_idset_fini(&tips);
    eid_session_logout(user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_simple_tree_creation_with_auth),
        INVENTORY_TEST(test_delegated_write_database_api),
        INVENTORY_TEST(test_delegated_write_permission_clamping),
        INVENTORY_TEST(test_delegated_write_secondary_identity_key),
        INVENTORY_TEST(test_delegated_entry_validation_across_instances),
        INVENTORY_TEST(test_delegated_entry_synced_unverified_then_verified),
        INVENTORY_TEST(test_delegated_entries__are_all_woken_when_both_databases_come_at_once),
        INVENTORY_TEST(test_delegated_entry__that_waits_is_woken_after_a_restart),
        INVENTORY_TEST(test_delegated_write__is_refused_here_where_the_identity_is_not_held),
        INVENTORY_TEST(test_delegated_write_user_api_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
