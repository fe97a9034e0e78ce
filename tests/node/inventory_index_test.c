/* Inventory of spec 03: store/index_store. */
#include "tests/node/inventory_stores.h"

/* Register a store by hand, with a config. */
static void index_set(eid_txn *txn, const char *store, const char *type, const char *config)
{
    eid_doc *doc = stores_doc(config);

    assert_ok(eid_registry_set_take(txn, text(store), type, &doc));
    assert_null(doc);
}

static void index_expect_config(eid_txn *txn, const char *store, const char *config)
{
    eid_doc *wanted = stores_doc(config);
    eid_registry_row row;

    assert_ok(eid_registry_find(txn, text(store), &row));
    assert_true(eid_doc_equal(row.config, wanted));
    eid_registry_row_fini(&row);
    eid_doc_free(wanted);
}

typedef struct listing {
    char text[4000];
    size_t count;
} listing;

static eid_status on_store(void *arg, eid_slice name, eid_slice type)
{
    listing *list = arg;
    size_t len = strlen(list->text);

    snprintf(list->text + len, sizeof list->text - len, "%.*s=%.*s;", EID_SLICE_ARG(name),
             EID_SLICE_ARG(type));
    list->count++;
    return EID_OK;
}

static void index_expect_list(test_world *world, const char *wanted)
{
    listing list = {.text = ""};
    eid_txn *txn = stores_reader(world);

    assert_ok(eid_registry_list(txn, on_store, &list));
    assert_string_equal(list.text, wanted);
    eid_txn_free(txn);
}

/* The entry carries a node of the store; with data as said. */
static void entry_expect(test_world *world, const eid_id *id, const char *store, bool has_data)
{
    eid_entry *entry = world_entry(world, id);
    const eid_subtree *node = eid_entry_find_subtree(entry, text(store));

    assert_non_null(node);
    assert_int_equal(node->has_data && node->data.len > 0, has_data);
    eid_entry_free(entry);
}

static void entry_expect_without(test_world *world, const eid_id *id, const char *store)
{
    eid_entry *entry = world_entry(world, id);

    assert_null(eid_entry_find_subtree(entry, text(store)));
    eid_entry_free(entry);
}

/* -- the registry ------------------------------------------------------------------------------ */

static void test_index_store_register_subtree(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    index_set(txn, "notes", EID_TYPE_DOCSTORE, "{\"children\":{\"lang\":{\"Text\":\"de\"}}}");
    stores_expect_type(txn, "notes", EID_TYPE_DOCSTORE);
    world_commit(txn);
    index_expect_list(world, "notes=docstore:v0;");
    stores_expect_all_now(world, "_index",
                          "{\"children\":{\"notes\":{\"Doc\":{\"children\":{\"config\":{\"Doc\":{"
                          "\"children\":{\"lang\":{\"Text\":\"de\"}}}},\"type\":{\"Text\":"
                          "\"docstore:v0\"}}}}}}");
}

static void test_index_store_get_subtree_info(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    index_set(txn, "rows", EID_TYPE_TABLE, "{\"children\":{\"key\":{\"Text\":\"id\"}}}");
    world_commit(txn);
    txn = stores_reader(world);
    stores_expect_type(txn, "rows", EID_TYPE_TABLE);
    index_expect_config(txn, "rows", "{\"children\":{\"key\":{\"Text\":\"id\"}}}");
    eid_txn_free(txn);
}

static void test_index_store_contains_subtree(void **state)
{
    eid_txn *txn = world_begin(*state);

    stores_expect_type(txn, "notes", NULL);
    index_set(txn, "notes", EID_TYPE_DOCSTORE, "{\"children\":{}}");
    stores_expect_type(txn, "notes", EID_TYPE_DOCSTORE);
    stores_expect_type(txn, "other", NULL);
    eid_txn_free(txn);
}

static void test_index_store_list_subtrees(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    index_set(txn, "c", EID_TYPE_DOCSTORE, "{\"children\":{}}");
    index_set(txn, "a", EID_TYPE_TABLE, "{\"children\":{}}");
    index_set(txn, "b", EID_TYPE_YDOC, "{\"children\":{}}");
    world_commit(txn);
    index_expect_list(world, "a=table:v0;b=ydoc:v0;c=docstore:v0;");
}

static void test_index_store_update_existing(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    index_set(txn, "notes", EID_TYPE_DOCSTORE, "{\"children\":{\"v\":{\"Int\":1}}}");
    world_commit(txn);
    txn = world_begin(world);
    index_set(txn, "notes", NULL, "{\"_a\":true,\"children\":{\"v\":{\"Int\":2}}}");
    world_commit(txn);
    txn = stores_reader(world);
    stores_expect_type(txn, "notes", EID_TYPE_DOCSTORE);
    index_expect_config(txn, "notes", "{\"_a\":true,\"children\":{\"v\":{\"Int\":2}}}");
    eid_txn_free(txn);
    index_expect_list(world, "notes=docstore:v0;");
}

/* -- opening registers ------------------------------------------------------------------------- */

static void test_auto_register_on_first_access_docstore(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    assert_ok(eid_docstore_open(txn, text("notes")));
    stores_expect_type(txn, "notes", EID_TYPE_DOCSTORE);
    index_expect_config(txn, "notes", "{\"children\":{}}");
    world_commit(txn);
    index_expect_list(world, "notes=docstore:v0;");
}

static void test_accessing_store_registers_in_index(void **state)
{
    test_world *world = *state;

    stores_write(world, "notes", "k", "{\"Int\":1}");
    index_expect_list(world, "notes=docstore:v0;");
}

static void test_multiple_stores_registered_on_access(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_ydoc *doc;

    stores_set(txn, "d", "k", "{\"Int\":1}");
    assert_ok(eid_table_set(txn, text("t"), text("r"), text("1")));
    assert_ok(eid_ydoc_store_edit(txn, text("y"), &doc));
    world_commit(txn);
    index_expect_list(world, "d=docstore:v0;t=table:v0;y=ydoc:v0;");
}

static void test_second_access_uses_existing_registration(void **state)
{
    test_world *world = *state;
    eid_id second;

    stores_write(world, "notes", "a", "{\"Int\":1}");
    second = stores_write(world, "notes", "b", "{\"Int\":2}");
    entry_expect_without(world, &second, EID_STORE_INDEX);
    index_expect_list(world, "notes=docstore:v0;");
}

static void test_no_auto_register_for_system_subtrees(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    assert_ok(eid_settings_store_set_name(txn, text("renamed")));
    stores_expect_type(txn, EID_STORE_SETTINGS, NULL);
    stores_expect_type(txn, EID_STORE_INDEX, NULL);
    stores_expect_type(txn, EID_STORE_ROOT, NULL);
    world_commit(txn);
    index_expect_list(world, "");
}

/* -- what the entry carries -------------------------------------------------------------------- */

static void test_index_update_includes_target_subtree(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id id;

    index_set(txn, "notes", EID_TYPE_DOCSTORE, "{\"children\":{}}");
    id = world_commit(txn);
    entry_expect(world, &id, EID_STORE_INDEX, true);
    entry_expect(world, &id, "notes", false);
}

static void test_auto_dummy_write_on_index_update(void **state)
{
    test_world *world = *state;
    eid_txn *txn;
    eid_id id;

    stores_write(world, "notes", "k", "{\"Int\":1}");
    txn = world_begin(world);
    index_set(txn, "notes", NULL, "{\"children\":{\"v\":{\"Int\":1}}}");
    id = world_commit(txn);
    entry_expect(world, &id, "notes", false);
    stores_expect_now(world, "notes", "k", "{\"Int\":1}");
}

static void test_entry_has_both_index_and_subtree_nodes(void **state)
{
    eid_id id = stores_write(*state, "notes", "k", "{\"Int\":1}");

    entry_expect(*state, &id, EID_STORE_INDEX, true);
    entry_expect(*state, &id, "notes", true);
}

static void test_manual_index_update_with_subtree_modification(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id id;

    index_set(txn, "notes", EID_TYPE_DOCSTORE, "{\"children\":{\"v\":{\"Int\":1}}}");
    stores_set(txn, "notes", "k", "{\"Int\":1}");
    index_expect_config(txn, "notes", "{\"children\":{\"v\":{\"Int\":1}}}");
    id = world_commit(txn);
    entry_expect(world, &id, EID_STORE_INDEX, true);
    entry_expect(world, &id, "notes", true);
}

static void test_index_modification_forces_subtree_in_entry(void **state)
{
    static const eid_height_strategy timestamp = EID_HEIGHT_TIMESTAMP;
    test_world *world = *state;
    eid_txn *txn;
    eid_id id;

    stores_write(world, "notes", "k", "{\"Int\":1}");
    stores_write(world, "other", "k", "{\"Int\":1}");
    txn = world_begin(world);
    assert_ok(eid_registry_set_strategy(txn, text("notes"), &timestamp));
    id = world_commit(txn);
    entry_expect(world, &id, "notes", false);
    entry_expect_without(world, &id, "other");
}

static void test_auto_registration_includes_both_subtrees(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id id;

    assert_ok(eid_txn_open_store(txn, text("rows"), EID_TYPE_TABLE));
    id = world_commit(txn);
    entry_expect(world, &id, EID_STORE_INDEX, true);
    entry_expect(world, &id, "rows", false);
}

/* -- over time --------------------------------------------------------------------------------- */

static void test_multi_store_database_index_complete(void **state)
{
    test_world *world = *state;
    char store[32], wanted[400] = "";

    for (int i = 0; i < 10; i++) {
        snprintf(store, sizeof store, "s%d", i);
        stores_write(world, store, "k", "{\"Int\":1}");
        snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s=docstore:v0;", store);
    }
    index_expect_list(world, wanted);
}

static void test_index_persists_across_transactions(void **state)
{
    test_world *world = *state;
    eid_txn *txn;

    stores_write(world, "a", "k", "{\"Int\":1}");
    stores_write(world, "b", "k", "{\"Int\":1}");
    txn = world_begin(world);
    stores_expect_type(txn, "a", EID_TYPE_DOCSTORE);
    stores_expect_type(txn, "b", EID_TYPE_DOCSTORE);
    eid_txn_free(txn);
}

static void test_read_index_from_viewer(void **state)
{
    test_world *world = *state;

    stores_write(world, "a", "k", "{\"Int\":1}");
    stores_expect_all_now(world, "_index",
                          "{\"children\":{\"a\":{\"Doc\":{\"children\":{\"config\":{\"Doc\":{"
                          "\"children\":{}}},\"type\":{\"Text\":\"docstore:v0\"}}}}}}");
}

static void test_index_survives_database_reload(void **state)
{
    test_world *world = *state, again;

    stores_write(world, "a", "k", "{\"Int\":1}");
    inventory_peer(world, &again); /* another node, with nothing but the entries */
    inventory_send_all(world, &again);
    index_expect_list(&again, "a=docstore:v0;");
    world_close(&again);
}

static void test_concurrent_index_updates(void **state)
{
    test_world *world = *state;
    eid_txn *one = world_begin(world), *two = world_begin(world);

    stores_set(one, "a", "k", "{\"Int\":1}");
    assert_ok(eid_table_set(two, text("b"), text("r"), text("1")));
    world_commit(one);
    world_commit(two);
    index_expect_list(world, "a=docstore:v0;b=table:v0;");
}

/* -- errors ------------------------------------------------------------------------------------ */

static void test_get_nonexistent_subtree_info(void **state)
{
    eid_txn *txn = world_begin(*state);

    stores_expect_type(txn, "none", NULL);
    assert_kind(KEY_NOT_FOUND, eid_registry_set_strategy(txn, text("none"), NULL));
    eid_txn_free(txn);
}

static void test_index_with_empty_database(void **state)
{
    index_expect_list(*state, "");
    stores_expect_all_now(*state, "_index", "{\"children\":{}}");
}

static void test_empty_config_is_valid(void **state)
{
    eid_txn *txn = world_begin(*state);

    index_set(txn, "a", EID_TYPE_DOCSTORE, "{\"children\":{}}");
    index_expect_config(txn, "a", "{\"children\":{}}");
    stores_set(
        txn, "_index", "b", /* {} as a text is an empty config too */
        "{\"Doc\":{\"children\":{\"config\":{\"Text\":\"{}\"},\"type\":{\"Text\":\"x:v1\"}}}}");
    index_expect_config(txn, "b", "{\"children\":{}}");
    eid_txn_free(txn);
}

static void expect_mismatch(eid_status status)
{
    const char *why = eid_status_detail(status).text;

    world_expect_kind(EID_KIND_STORE_TYPE, status, "open", __LINE__);
    assert_non_null(strstr(why, "Type mismatch"));
    assert_non_null(strstr(why, EID_TYPE_DOCSTORE));
    assert_non_null(strstr(why, EID_TYPE_TABLE));
}

static void test_type_mismatch_docstore_as_table(void **state)
{
    eid_txn *txn;

    stores_write(*state, "d", "k", "{\"Int\":1}");
    txn = world_begin(*state);
    expect_mismatch(eid_table_set(txn, text("d"), text("r"), text("1")));
    eid_txn_free(txn);
}

static void test_type_mismatch_table_as_docstore(void **state)
{
    eid_txn *txn = world_begin(*state);

    assert_ok(eid_table_set(txn, text("t"), text("r"), text("1")));
    world_commit(txn);
    txn = world_begin(*state);
    expect_mismatch(eid_docstore_open(txn, text("t")));
    eid_txn_free(txn);
}

static void test_correct_type_access_succeeds(void **state)
{
    eid_txn *txn = world_begin(*state);

    stores_set(txn, "d", "k", "{\"Int\":1}");
    assert_ok(eid_table_set(txn, text("t"), text("r"), text("1")));
    world_commit(txn);
    txn = world_begin(*state);
    stores_set(txn, "d", "k", "{\"Int\":2}");
    assert_ok(eid_table_set(txn, text("t"), text("r"), text("2")));
    world_commit(txn);
    stores_expect_now(*state, "d", "k", "{\"Int\":2}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_index_store_register_subtree),
        INVENTORY_TEST(test_index_store_get_subtree_info),
        INVENTORY_TEST(test_index_store_contains_subtree),
        INVENTORY_TEST(test_index_store_list_subtrees),
        INVENTORY_TEST(test_index_store_update_existing),
        INVENTORY_TEST(test_auto_register_on_first_access_docstore),
        INVENTORY_TEST(test_accessing_store_registers_in_index),
        INVENTORY_TEST(test_multiple_stores_registered_on_access),
        INVENTORY_TEST(test_second_access_uses_existing_registration),
        INVENTORY_TEST(test_no_auto_register_for_system_subtrees),
        INVENTORY_TEST(test_index_update_includes_target_subtree),
        INVENTORY_TEST(test_auto_dummy_write_on_index_update),
        INVENTORY_TEST(test_entry_has_both_index_and_subtree_nodes),
        INVENTORY_TEST(test_manual_index_update_with_subtree_modification),
        INVENTORY_TEST(test_index_modification_forces_subtree_in_entry),
        INVENTORY_TEST(test_auto_registration_includes_both_subtrees),
        INVENTORY_TEST(test_multi_store_database_index_complete),
        INVENTORY_TEST(test_index_persists_across_transactions),
        INVENTORY_TEST(test_read_index_from_viewer),
        INVENTORY_TEST(test_index_survives_database_reload),
        INVENTORY_TEST(test_concurrent_index_updates),
        INVENTORY_TEST(test_get_nonexistent_subtree_info),
        INVENTORY_TEST(test_index_with_empty_database),
        INVENTORY_TEST(test_empty_config_is_valid),
        INVENTORY_TEST(test_type_mismatch_docstore_as_table),
        INVENTORY_TEST(test_type_mismatch_table_as_docstore),
        INVENTORY_TEST(test_correct_type_access_succeeds),
    };

    STORES_MAIN(tests);
}
