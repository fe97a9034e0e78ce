/* The reference's tests of authentication through a database (crates/lib/tests/it/auth: crypto.rs
 * by its names; integration.rs and validation.rs, of which the inventory gives mostly the
 * behaviours).
 */
#include "auth/judge.h"
#include "crdt/payload.h"
#include "tests/node/inventory.h"

static eid_permission permission_of(const char *string)
{
    eid_permission out;

    assert_ok(eid_permission_parse(text(string), &out));
    return out;
}

static eid_id write_as(test_world *world, const eid_key *key, const char *value)
{
    eid_txn *txn = inventory_begin_as(world, key);

    inventory_stage(txn, "data", "k", value);
    return world_commit(txn);
}

static void refuse_as(test_world *world, const eid_key *key, bool settings)
{
    eid_txn *txn = inventory_begin_as(world, key);
    eid_id id;

    if (settings) {
        assert_ok(eid_settings_store_set_name(txn, text("theirs")));
    } else {
        inventory_stage(txn, "data", "k", "theirs");
    }
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
}

static void revoke(test_world *world, const eid_key *key)
{
    eid_txn *txn = world_begin(world);

    assert_ok(eid_settings_store_revoke_key(txn, &key->pub));
    (void)world_commit(txn);
}

/* -- crypto.rs --------------------------------------------------------------------------------- */

static void test_key_management(void **state)
{
    test_world *world = *state;
    eid_session *user = inventory_user(world, "ada");
    eid_id root = inventory_user_database(user, "mine");
    test_world mine = *world;
    eid_pubkey added;
    eid_txn *txn;
    eid_id id;

    assert_int_equal(eid_session_key_count(user), 1);
    assert_ok(eid_session_add_key(user, "second", &added));
    assert_int_equal(eid_session_key_count(user), 2);
    assert_non_null(eid_session_find_key(user, &added));
    mine.root = root;
    txn = inventory_user_begin(user, &root);
    inventory_stage(txn, "data", "k", "v");
    id = world_commit(txn);
    inventory_expect_signer(&mine, &id, eid_session_root_key(user));
    eid_session_logout(user);
}

static void test_generated_key_can_sign(void **state)
{
    test_world *world = *state;
    eid_key key;
    eid_id id;

    eid_key_generate(world->seam->random, &key);
    world_grant(world, &key.pub, permission_of("write:10"));
    id = write_as(world, &key, "generated");
    inventory_expect_signer(world, &id, &key);
}

static void test_multi_key_authentication(void **state)
{
    test_world *world = *state;
    eid_key second;
    eid_id one, two;

    world_key(2, &second);
    world_grant(world, &second.pub, permission_of("write:10"));
    one = write_as(world, &world->key, "one");
    two = write_as(world, &second, "two");
    inventory_expect_signer(world, &one, &world->key);
    inventory_expect_signer(world, &two, &second);
}

static void test_keys_have_unique_identity(void **state)
{
    test_world *world = *state;
    eid_session *user = inventory_user(world, "ada");
    eid_pubkey one, two;

    assert_ok(eid_session_add_key(user, "one", &one));
    assert_ok(eid_session_add_key(user, "two", &two));
    assert_false(eid_pubkey_equal(&one, &two));
    world_grant(world, &one, permission_of("write:10"));
    world_grant(world, &two, permission_of("write:10"));
    (void)write_as(world, eid_session_find_key(user, &one), "one");
    (void)write_as(world, eid_session_find_key(user, &two), "two");
    world_check(world, "data", "k", "two");
    eid_session_logout(user);
}

/* -- integration.rs ---------------------------------------------------------------------------- */

static void test_integration__a_commit_signs_with_the_handles_key(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "v");

    inventory_expect_signer(world, &id, &world->key);
}

static void test_integration__a_second_key_is_usable_after_its_settings_entry(void **state)
{
    test_world *world = *state;
    eid_key second;

    world_key(2, &second);
    refuse_as(world, &second, false);
    world_grant(world, &second.pub, permission_of("write:10"));
    (void)write_as(world, &second, "second");
    world_check(world, "data", "k", "second");
}

/* -- validation.rs ----------------------------------------------------------------------------- */

static void test_validation__a_revoked_key_does_not_commit(void **state)
{
    test_world *world = *state;
    eid_key second;

    world_key(2, &second);
    world_grant(world, &second.pub, permission_of("write:10"));
    (void)write_as(world, &second, "before");
    revoke(world, &second);
    refuse_as(world, &second, false);
    world_check(world, "data", "k", "before");
}

static void test_validation__a_secondary_admin_changes_settings_and_a_writer_does_not(void **state)
{
    test_world *world = *state;
    eid_key admin, writer;
    eid_txn *txn;

    world_key(2, &admin);
    world_key(3, &writer);
    world_grant(world, &admin.pub, permission_of("admin:5"));
    world_grant(world, &writer.pub, permission_of("write:5"));
    txn = inventory_begin_as(world, &admin);
    assert_ok(eid_settings_store_set_name(txn, text("ours")));
    (void)world_commit(txn);
    refuse_as(world, &writer, true);
    (void)write_as(world, &writer, "data");
}

/* An `auth` that is missing, a text or deleted is no auth: unsigned entries pass. */
static void test_validation__a_corrupted_auth_is_no_auth(void **state)
{
    static const char *const settings[] = {
        "{\"children\":{}}",
        "{\"children\":{\"auth\":{\"Text\":\"corrupted\"}}}",
        "{\"children\":{\"auth\":\"Deleted\"}}",
        "{\"children\":{\"auth\":{\"Doc\":{\"children\":{}}}}}",
    };
    eid_id root = eid_id_of_entry(text("root"));
    eid_builder *builder = NULL;
    eid_entry *entry = NULL;

    assert_ok(eid_builder_new(&root, &builder));
    assert_ok(eid_builder_add_parent(builder, &root));
    eid_builder_set_height(builder, 1);
    assert_ok(eid_builder_set_data(builder, text("data"), text("{\"children\":{}}")));
    assert_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        eid_judgement judgement;
        eid_policy *policy = NULL;
        eid_doc *doc = NULL;

        assert_ok(eid_payload_read_doc(text(settings[i]), &doc));
        assert_ok(eid_policy_of_settings(doc, &policy));
        assert_false(eid_policy_has_auth(policy));
        assert_ok(eid_judge_entry(policy, entry, NULL, &judgement, NULL));
        assert_int_equal(judgement, EID_JUDGED_VALID);
        eid_policy_free(policy);
        eid_doc_free(doc);
    }
    eid_entry_free(entry);
    eid_builder_free(builder);
}

static void test_validation__nothing_stale_after_a_revocation_and_back(void **state)
{
    test_world *world = *state;
    eid_key second, third;

    world_key(2, &second);
    world_key(3, &third);
    world_grant(world, &second.pub, permission_of("write:10"));
    world_grant(world, &third.pub, permission_of("write:10"));
    for (size_t i = 0; i < 3; i++) {
        (void)write_as(world, &second, "second");
        revoke(world, &second);
        refuse_as(world, &second, false);
        (void)write_as(world, &third, "third");
        world_grant(world, &second.pub, permission_of("write:10"));
    }
}

/* The signature of an entry put to another signer, or another signature: judged false, no error. */
static void test_sigkey_tampering_invalidates_signature(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "v");
    eid_entry *entry = world_entry(world, &id);
    eid_sigkey name = {.hint = {.has_name = true, .name = text("somebody")}};
    eid_delegation_step step = {.tree = world->root};
    eid_sigkey keys[3];
    eid_sigkey_owned other;
    eid_slice signature;
    eid_key second;

    world_key(2, &second);
    assert_true(eid_key_verify_entry(&world->key.pub, entry));
    assert_false(eid_key_verify_entry(&second.pub, entry));
    assert_true(eid_entry_signature(entry, &signature));
    assert_ok(eid_sigkey_of_pubkey(&second.pub, &other));
    keys[0] = other.key;
    keys[1] = name;
    keys[2] = *eid_entry_sigkey(entry);
    keys[2].is_delegation = true;
    keys[2].path = &step;
    keys[2].path_count = 1;
    for (size_t i = 0; i < 4; i++) {
        eid_builder *builder = NULL;
        eid_entry *forged = NULL;
        eid_slice metadata;

        assert_ok(eid_builder_new(&world->root, &builder));
        assert_ok(eid_builder_set_parents(builder, eid_entry_parents(entry)));
        eid_builder_set_height(builder, eid_entry_height(entry));
        assert_true(eid_entry_metadata(entry, &metadata));
        assert_ok(eid_builder_set_metadata(builder, metadata));
        for (size_t j = 0; j < eid_entry_subtree_count(entry); j++) {
            const eid_subtree *store = eid_entry_subtree(entry, j);

            assert_ok(eid_builder_set_data(builder, store->name, store->data));
            assert_ok(eid_builder_set_store_parents(builder, store->name, store->parents));
        }
        assert_ok(eid_builder_set_sigkey(builder, i < 3 ? &keys[i] : eid_entry_sigkey(entry)));
        assert_ok(eid_builder_set_signature(builder, i < 3 ? signature : text("no base64!")));
        assert_ok(eid_builder_seal(builder, NULL, NULL, &forged));
        assert_false(eid_key_verify_entry(&world->key.pub, forged));
        inventory_receive(world, forged, NULL);
        assert_int_not_equal(inventory_verdict(world, eid_entry_id(forged)), EID_VERIFIED);
        eid_entry_free(forged);
        eid_builder_free(builder);
    }
    eid_sigkey_owned_fini(&other);
    eid_entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_key_management),
        INVENTORY_TEST(test_generated_key_can_sign),
        INVENTORY_TEST(test_multi_key_authentication),
        INVENTORY_TEST(test_keys_have_unique_identity),
        INVENTORY_TEST(test_integration__a_commit_signs_with_the_handles_key),
        INVENTORY_TEST(test_integration__a_second_key_is_usable_after_its_settings_entry),
        INVENTORY_TEST(test_validation__a_revoked_key_does_not_commit),
        INVENTORY_TEST(test_validation__a_secondary_admin_changes_settings_and_a_writer_does_not),
        cmocka_unit_test(test_validation__a_corrupted_auth_is_no_auth),
        INVENTORY_TEST(test_validation__nothing_stale_after_a_revocation_and_back),
        INVENTORY_TEST(test_sigkey_tampering_invalidates_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
