/* Inventory of spec 04, "api_methods", first half: entries out, whose they are, who signed them. */
#include "tests/node/inventory.h"

static eid_status get(test_world *world, const eid_id *id, eid_entry **out)
{
    eid_verdict verdict;

    *out = NULL;
    return world->seam->entry(world->seam->self, &world->root, id, out, &verdict);
}

static void test_get_entry_basic(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "v");
    eid_entry *entry;

    assert_ok(get(world, &id, &entry));
    assert_true(eid_id_equal(eid_entry_id(entry), &id));
    assert_true(eid_id_equal(eid_entry_root(entry), &world->root));
    assert_non_null(eid_entry_find_subtree(entry, text("data")));
    eid_entry_free(entry);
}

/* Three entries of a chain. */
static void make_three(test_world *world, eid_id ids[3])
{
    ids[0] = world_set(world, "data", "k", "1");
    ids[1] = world_set(world, "data", "k", "2");
    ids[2] = world_set(world, "data", "k", "3");
}

static void test_get_entries_multiple(void **state)
{
    test_world *world = *state;
    eid_id ids[3];

    make_three(world, ids);
    for (size_t i = 3; i-- > 0;) { /* in any order asked for */
        eid_entry *entry;
        assert_ok(get(world, &ids[i], &entry));
        assert_true(eid_id_equal(eid_entry_id(entry), &ids[i]));
        assert_int_equal(eid_entry_height(entry), i + 1);
        eid_entry_free(entry);
    }
}

typedef struct batch {
    eid_id ids[8];
    eid_buf bytes[8];
    size_t count;
} batch;

static eid_status batch_add(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    batch *all = arg;

    assert_int_equal(verdict, EID_VERIFIED);
    all->ids[all->count] = *eid_entry_id(entry);
    eid_buf_init(&all->bytes[all->count], EID_ENTRY_BYTES_MAX);
    eid_buf_append(&all->bytes[all->count++], eid_entry_bytes(entry));
    return EID_OK;
}

static void test_batch_vs_individual_retrieval(void **state)
{
    test_world *world = *state;
    batch all = {.count = 0};
    eid_id ids[3];

    make_three(world, ids);
    assert_ok(world->seam->entries(world->seam->self, &world->root, NULL, false, batch_add, &all));
    assert_int_equal(all.count, 4);
    for (size_t i = 0; i < all.count; i++) {
        eid_entry *entry;
        assert_ok(get(world, &all.ids[i], &entry));
        assert_int_equal(eid_entry_bytes(entry).len, all.bytes[i].len);
        assert_memory_equal(eid_entry_bytes(entry).at, all.bytes[i].at, all.bytes[i].len);
        eid_entry_free(entry);
        eid_buf_fini(&all.bytes[i]);
    }
    for (size_t i = 0; i < 3; i++) assert_true(eid_id_equal(&all.ids[i + 1], &ids[i]));
}

static void test_entry_retrieval_error_handling(void **state)
{
    test_world *world = *state;
    eid_id absent = eid_id_of_entry(text("absent"));
    eid_entry *entry;

    assert_int_equal(get(world, &absent, &entry), EID_E_NOT_FOUND);
    assert_null(entry);
}

/* An entry of another database of the same node. */
static eid_id make_foreign(test_world *world)
{
    eid_id mine = world->root, foreign;

    assert_ok(eid_txn_create_database(world->seam, NULL, &world->key, NULL, NULL, &world->root));
    foreign = world_set(world, "data", "k", "foreign");
    world->root = mine;
    return foreign;
}

static void test_tree_validation_rejects_foreign_entries(void **state)
{
    test_world *world = *state;
    eid_id foreign = make_foreign(world);
    eid_entry *entry;

    assert_kind(NOT_IN_DATABASE, get(world, &foreign, &entry));
    assert_non_null(strstr(eid_status_detail(EID_E_INVALID).text, "does not belong to database"));
}

static void test_tree_validation_get_entries(void **state)
{
    test_world *world = *state;
    eid_id foreign = make_foreign(world), own = world_set(world, "data", "k", "own");
    const eid_id *asked[] = {&own, &foreign, &own};
    eid_status status = EID_OK;
    size_t given = 0;

    for (size_t i = 0; i < 3 && status == EID_OK; i++) {
        eid_entry *entry;
        status = get(world, asked[i], &entry);
        if (status == EID_OK) given++;
        eid_entry_free(entry);
    }
    assert_kind(NOT_IN_DATABASE, status);
    assert_int_equal(given, 1); /* the first error ends it */
}

static void test_auth_helpers_signed_entries(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "v");
    eid_entry *entry = world_entry(world, &id);
    char key[EID_KEY_TEXT_MAX];

    assert_string_equal(eid_hint_type(&eid_entry_sigkey(entry)->hint), "pubkey");
    assert_true(eid_slice_is(eid_sigkey_display(eid_entry_sigkey(entry)),
                             eid_pubkey_text(&world->key.pub, key)));
    assert_false(eid_entry_is_unsigned(entry));
    assert_null(eid_entry_malformed_reason(entry));
    eid_entry_free(entry);
}

static void test_auth_helpers_default_authenticated_entries(void **state)
{
    test_world *world = *state;
    eid_session *user = inventory_user(world, "ada");
    eid_key mine = world->key;
    eid_txn *txn;
    eid_id id;

    world->root = inventory_user_database(user, "mine");
    txn = inventory_user_begin(user, &world->root);
    inventory_stage(txn, "data", "k", "v");
    id = world_commit(txn);
    world->key = *eid_session_root_key(user);
    inventory_expect_signer(world, &id, &world->key);
    world->key = mine;
    eid_session_logout(user);
}

static void test_verify_entry_signature_auth_scenarios(void **state)
{
    static const eid_permission permissions[] = {{EID_PERMISSION_WRITE, 10},
                                                 {EID_PERMISSION_ADMIN, 5}};
    test_world *world = *state;

    for (uint8_t i = 0; i < 2; i++) {
        eid_key key;
        eid_txn *txn;
        eid_id id;
        world_key((uint8_t)(10 + i), &key);
        world_grant(world, &key.pub, permissions[i]);
        txn = inventory_begin_as(world, &key);
        inventory_stage(txn, "data", "k", "v");
        id = world_commit(txn);
        assert_int_equal(inventory_verdict(world, &id), EID_VERIFIED);
        eid_key_wipe(&key);
    }
}

static void test_verify_entry_signature_unauthorized_key(void **state)
{
    test_world *world = *state;
    eid_doc *settings = NULL;
    eid_policy *policy = NULL;
    eid_key foreign;
    eid_way way;
    eid_txn *txn;
    eid_id id;

    world_key(66, &foreign);
    txn = inventory_begin_as(world, &foreign); /* opening is not refused */
    assert_ok(eid_txn_settings(txn, &settings));
    assert_ok(eid_policy_of_settings(settings, &policy));
    assert_kind(AUTH_PERMISSION, eid_policy_best_way(policy, &foreign.pub, &way));
    inventory_stage(txn, "data", "k", "v");
    assert_kind(TXN_REFUSED, eid_txn_commit(txn, EID_DURABLE_ASYNC, &id));
    eid_txn_free(txn);
    eid_policy_free(policy);
    eid_doc_free(settings);
    id = inventory_forge_in(world, &foreign, &world->root, 1);
    assert_int_equal(inventory_verdict(world, &id), EID_FAILED);
}

static void test_verify_entry_signature_validates_tree_auth(void **state)
{
    test_world *world = *state;
    eid_id good = world_set(world, "data", "k", "v");
    eid_id by_hand = inventory_forge_in(world, &world->key, &good, 1);

    assert_int_equal(inventory_verdict(world, &world->root), EID_VERIFIED);
    assert_int_equal(inventory_verdict(world, &good), EID_VERIFIED);
    assert_int_equal(inventory_verdict(world, &by_hand), EID_VERIFIED);
}

static eid_status count_entry(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    (void)entry;
    (void)verdict;
    ++*(size_t *)arg;
    return EID_OK;
}

static void test_tree_queries(void **state)
{
    test_world *world = *state;
    eid_key foreign;
    eid_id ids[3];
    size_t count = 0;

    world_key(66, &foreign);
    make_three(world, ids);
    (void)inventory_forge_in(world, &foreign, &ids[2], 1); /* any status counts */
    assert_ok(
        world->seam->entries(world->seam->self, &world->root, NULL, false, count_entry, &count));
    assert_int_equal(count, 5);
    assert_int_equal(inventory_counts(world).entries, 5);
    inventory_expect_tips(world, &ids[2], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_get_entry_basic),
        INVENTORY_TEST(test_get_entries_multiple),
        INVENTORY_TEST(test_batch_vs_individual_retrieval),
        INVENTORY_TEST(test_entry_retrieval_error_handling),
        INVENTORY_TEST(test_tree_validation_rejects_foreign_entries),
        INVENTORY_TEST(test_tree_validation_get_entries),
        INVENTORY_TEST(test_auth_helpers_signed_entries),
        INVENTORY_TEST(test_auth_helpers_default_authenticated_entries),
        INVENTORY_TEST(test_verify_entry_signature_auth_scenarios),
        INVENTORY_TEST(test_verify_entry_signature_unauthorized_key),
        INVENTORY_TEST(test_verify_entry_signature_validates_tree_auth),
        INVENTORY_TEST(test_tree_queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
