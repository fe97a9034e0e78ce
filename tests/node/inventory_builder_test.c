/* Inventory of spec 04, "builder_tests": a user makes databases from a plan. What the reference's
 * builder collects call by call, ours is given at once; password stores are tested with theirs. */
#include "tests/node/inventory.h"

typedef struct built {
    eid_session *user;
    eid_doc *settings;
    eid_database_plan plan;
    eid_id root;
} built;

static built build_begin(test_world *world)
{
    built made = {.user = inventory_user(world, "ada")};

    assert_ok(eid_doc_new(&made.settings));
    made.plan.settings = made.settings;
    return made;
}

static void build_ok(test_world *world, built *made)
{
    assert_ok(eid_session_build_database(made->user, &made->plan, &made->root));
    world->root = made->root;
}

static void build_end(built *made)
{
    eid_doc_free(made->settings);
    eid_session_logout(made->user);
}

static void test_builder_creates_basic_database(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);

    assert_ok(eid_doc_set_text(made.settings, text("name"), text("mine")));
    build_ok(world, &made);
    world_check(world, "_settings", "name", "mine");
    inventory_expect_signer(world, &made.root, eid_session_root_key(made.user));
    build_end(&made);
}

static void test_builder_with_existing_key(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);
    eid_pubkey key;

    assert_ok(eid_session_add_key(made.user, "work", &key));
    made.plan.key = &key;
    build_ok(world, &made);
    inventory_expect_signer(world, &made.root, eid_session_find_key(made.user, &key));
    build_end(&made);
}

static void test_builder_auto_generated_key_uses_label(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);
    size_t before = eid_session_key_count(made.user);

    made.plan.key_label = "for mine";
    build_ok(world, &made);
    assert_int_equal(eid_session_key_count(made.user), before + 1);
    inventory_expect_signer(world, &made.root, eid_session_key(made.user, before));
    build_end(&made);
}

typedef struct tracked {
    eid_id root;
    size_t count;
} tracked;

static eid_status on_tracked(void *arg, const eid_id *root, const eid_pubkey *key, bool is_synced)
{
    tracked *seen = arg;

    (void)key;
    assert_false(is_synced);
    if (eid_id_equal(root, &seen->root)) seen->count++;
    return EID_OK;
}

static void test_builder_writes_tracked_database_row(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);
    tracked seen = {.count = 0};

    build_ok(world, &made);
    seen.root = made.root;
    assert_ok(eid_session_tracked(made.user, on_tracked, &seen));
    assert_int_equal(seen.count, 1);
    build_end(&made);
}

/* -- initialisers ------------------------------------------------------------------------------ */

static eid_status init_empty(void *self, eid_txn *txn)
{
    (void)self;
    return eid_txn_open_store(txn, text("empty"), EID_TYPE_DOCSTORE);
}

static void test_builder_empty_doc_registers_store(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);
    eid_registry_row row;
    eid_entry *entry;
    eid_txn *txn;

    made.plan.init = init_empty;
    build_ok(world, &made);
    txn = inventory_user_begin(made.user, &made.root);
    assert_ok(eid_registry_find(txn, text("empty"), &row));
    assert_string_equal(row.type, EID_TYPE_DOCSTORE);
    eid_registry_row_fini(&row);
    eid_txn_free(txn);
    entry = world_entry(world, &made.root);
    assert_false(eid_entry_find_subtree(entry, text("empty"))->has_data);
    eid_entry_free(entry);
    build_end(&made);
}

static eid_status init_values(void *self, eid_txn *txn)
{
    (void)self;
    inventory_stage(txn, "config", "theme", "dark");
    inventory_stage(txn, "config", "window.size.width", "80");
    inventory_stage(txn, "other", "k", "v");
    return eid_txn_open_store(txn, text("rows"), EID_TYPE_TABLE);
}

static void test_builder_initialize_doc_persists_value(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);

    made.plan.init = init_values;
    build_ok(world, &made);
    world_check(world, "config", "theme", "dark");
    inventory_expect_tips(world, &made.root, 1);
    build_end(&made);
}

static void test_builder_initialize_doc_preserves_nested_values(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);

    made.plan.init = init_values;
    build_ok(world, &made);
    world_check(world, "config", "window.size.width", "80");
    build_end(&made);
}

static void test_builder_multiple_stores_in_single_genesis_entry(void **state)
{
    static const char *const names[] = {"config", "other", "rows", "_index"};
    test_world *world = *state;
    built made = build_begin(world);
    eid_entry *entry;

    made.plan.init = init_values;
    build_ok(world, &made);
    entry = world_entry(world, &made.root);
    for (size_t i = 0; i < 4; i++) {
        assert_non_null(eid_entry_find_subtree(entry, text(names[i])));
    }
    eid_entry_free(entry);
    assert_int_equal(inventory_counts(world).entries, 1);
    build_end(&made);
}

static void test_builder_name_after_settings_overrides_name_in_doc(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);

    assert_ok(eid_doc_set_text(made.settings, text("name"), text("first")));
    assert_ok(eid_doc_set_text(made.settings, text("theme"), text("dark")));
    assert_ok(eid_doc_set_text(made.settings, text("name"), text("last")));
    build_ok(world, &made);
    world_check(world, "_settings", "name", "last");
    world_check(world, "_settings", "theme", "dark");
    build_end(&made);
}

/* -- failures ---------------------------------------------------------------------------------- */

static void test_builder_with_key_rejects_key_not_in_user_keystore(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);

    made.plan.key = &world->key.pub;
    assert_kind(USER_KEY_NOT_FOUND, eid_session_build_database(made.user, &made.plan, &made.root));
    assert_true(eid_id_is_empty(&made.root));
    build_end(&made);
}

static eid_status init_fails(void *self, eid_txn *txn)
{
    (void)self;
    inventory_stage(txn, "config", "k", "v");
    return EID_E_BUSY;
}

static eid_status on_any_tracked(void *arg, const eid_id *root, const eid_pubkey *key, bool synced)
{
    (void)root;
    (void)key;
    (void)synced;
    ++*(size_t *)arg;
    return EID_OK;
}

static void test_builder_init_callback_failure_aborts(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);
    size_t before = 0, after = 0;

    assert_ok(eid_session_tracked(made.user, on_any_tracked, &before));
    made.plan.init = init_fails;
    assert_int_equal(eid_session_build_database(made.user, &made.plan, &made.root), EID_E_BUSY);
    assert_true(eid_id_is_empty(&made.root));
    assert_ok(eid_session_tracked(made.user, on_any_tracked, &after));
    assert_int_equal(before, after);
    build_end(&made);
}

static void test_builder_auto_generated_key_persists_after_init_failure(void **state)
{
    test_world *world = *state;
    built made = build_begin(world);
    size_t before = eid_session_key_count(made.user);
    eid_session *again = NULL;

    made.plan.key_label = "kept";
    made.plan.init = init_fails;
    assert_int_equal(eid_session_build_database(made.user, &made.plan, &made.root), EID_E_BUSY);
    assert_int_equal(eid_session_key_count(made.user), before + 1);
    assert_ok(eid_session_login(world->seam, NULL, text("ada"), NULL, &again));
    assert_int_equal(eid_session_key_count(again), before + 1);
    eid_session_logout(again);
    build_end(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_builder_creates_basic_database),
        INVENTORY_TEST(test_builder_with_existing_key),
        INVENTORY_TEST(test_builder_auto_generated_key_uses_label),
        INVENTORY_TEST(test_builder_writes_tracked_database_row),
        INVENTORY_TEST(test_builder_empty_doc_registers_store),
        INVENTORY_TEST(test_builder_initialize_doc_persists_value),
        INVENTORY_TEST(test_builder_initialize_doc_preserves_nested_values),
        INVENTORY_TEST(test_builder_multiple_stores_in_single_genesis_entry),
        INVENTORY_TEST(test_builder_name_after_settings_overrides_name_in_doc),
        INVENTORY_TEST(test_builder_with_key_rejects_key_not_in_user_keystore),
        INVENTORY_TEST(test_builder_init_callback_failure_aborts),
        INVENTORY_TEST(test_builder_auto_generated_key_persists_after_init_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
