/* Inventory of spec 03: store/ydoc_operations. */
#include "tests/node/inventory_stores.h"

static eid_ydoc *edit(eid_txn *txn)
{
    eid_ydoc *doc = NULL;

    assert_ok(eid_ydoc_store_edit(txn, text("y"), &doc));
    return doc;
}

static void expect_text(test_world *world, const char *name, const char *wanted)
{
    eid_txn *txn = stores_reader(world);
    const eid_ydoc *doc;
    eid_buf buf;

    assert_ok(eid_ydoc_store_read(txn, text("y"), &doc));
    eid_buf_init(&buf, 1u << 20);
    assert_ok(eid_ydoc_view_text(doc, name, &buf));
    eid_buf_append_byte(&buf, 0);
    assert_string_equal((const char *)buf.at, wanted);
    eid_buf_fini(&buf);
    eid_txn_free(txn);
}

static void expect_map(test_world *world, const char *wanted)
{
    eid_txn *txn = stores_reader(world);
    const eid_ydoc *doc;
    eid_json_writer json;
    eid_buf buf;

    assert_ok(eid_ydoc_store_read(txn, text("y"), &doc));
    eid_buf_init(&buf, 1u << 20);
    eid_json_writer_init(&json, &buf);
    assert_ok(eid_ydoc_view_map(doc, "m", &json));
    eid_buf_append_byte(&buf, 0);
    assert_string_equal((const char *)buf.at, wanted);
    eid_buf_fini(&buf);
    eid_txn_free(txn);
}

/* Length of the update that an entry carries. */
static size_t update_size(test_world *world, const eid_id *id)
{
    eid_entry *entry = world_entry(world, id);
    eid_buf update;
    size_t size;

    eid_buf_init(&update, 1u << 20);
    assert_ok(eid_ydoc_payload_read(eid_entry_find_subtree(entry, text("y"))->data, &update));
    size = update.len;
    eid_buf_fini(&update);
    eid_entry_free(entry);
    return size;
}

static void test_ydoc_basic_text_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    assert_ok(eid_ydoc_text_insert(edit(txn), "doc", 0, text("Hello, ")));
    assert_ok(eid_ydoc_text_insert(edit(txn), "doc", 7, text("World!")));
    world_commit(txn);
    expect_text(world, "doc", "Hello, World!");
    txn = world_begin(world);
    assert_ok(eid_ydoc_text_delete(edit(txn), "doc", 0, 7));
    world_commit(txn);
    expect_text(world, "doc", "World!");
}

static void test_ydoc_incremental_updates_save_diffs_only(void **state)
{
    test_world *world = *state;
    char *large = eid_alloc(5001);
    eid_txn *txn = world_begin(world);
    size_t first, second;
    eid_id id;

    assert_non_null(large);
    memset(large, 'x', 5000);
    assert_ok(eid_ydoc_text_insert(edit(txn), "doc", 0, text(large)));
    eid_free(large);
    id = world_commit(txn);
    first = update_size(world, &id);
    assert_true(first > 5000);
    txn = world_begin(world);
    assert_ok(eid_ydoc_text_insert(edit(txn), "doc", 100, text("small")));
    id = world_commit(txn);
    second = update_size(world, &id);
    if (second >= 200 || second * 10 >= first) fail_msg("%zu after %zu bytes", second, first);
}

static void test_ydoc_map_operations(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);

    assert_ok(eid_ydoc_map_set(edit(txn), "m", text("a"), text("1")));
    assert_ok(eid_ydoc_map_set(edit(txn), "m", text("b"), text("\"x\"")));
    world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_ydoc_map_set(edit(txn), "m", text("a"), text("2")));
    assert_ok(eid_ydoc_map_delete(edit(txn), "m", text("b")));
    world_commit(txn);
    expect_map(world, "{\"a\":2}");
}

static void test_ydoc_multiple_operations_with_diffs(void **state)
{
    test_world *world = *state;
    eid_txn *one, *two;

    one = world_begin(world);
    assert_ok(eid_ydoc_text_insert(edit(one), "doc", 0, text("ab")));
    world_commit(one);
    one = world_begin(world);
    two = world_begin(world);
    assert_ok(eid_ydoc_text_insert(edit(one), "doc", 0, text("<")));
    assert_ok(eid_ydoc_text_insert(edit(two), "doc", 2, text(">")));
    assert_ok(eid_ydoc_map_set(edit(two), "m", text("k"), text("true")));
    world_commit(one);
    world_commit(two);
    expect_text(world, "doc", "<ab>");
    expect_map(world, "{\"k\":true}");
}

static void test_ydoc_apply_external_update(void **state)
{
    test_world *world = *state;
    eid_ydoc *other = NULL;
    eid_txn *txn = world_begin(world);
    eid_buf update;

    assert_ok(eid_ydoc_new(77, &other));
    assert_ok(eid_ydoc_text_insert(other, "doc", 0, text("from elsewhere")));
    eid_buf_init(&update, 1u << 20);
    assert_ok(eid_ydoc_encode(other, EID_SLICE_EMPTY, &update));
    eid_ydoc_free(other);
    assert_kind(STORE_YDOC, eid_ydoc_store_apply(txn, text("y"), text("\x01\xff\xff")));
    assert_ok(eid_ydoc_store_apply(txn, text("y"), eid_buf_slice(&update)));
    world_commit(txn);
    expect_text(world, "doc", "from elsewhere");
    eid_buf_clear(&update);
    txn = stores_reader(world);
    assert_ok(eid_ydoc_store_update(txn, text("y"), &update));
    eid_txn_free(txn);
    assert_ok(eid_ydoc_new(78, &other));
    assert_ok(eid_ydoc_apply(other, eid_buf_slice(&update)));
    assert_int_equal(eid_ydoc_length(other, "doc"), 14);
    eid_ydoc_free(other);
    eid_buf_fini(&update);
}

/* Not in the inventory: the rest of spec 03 §14. */
static void test_ydoc_store__saves_the_whole_document_when_asked(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    eid_id id;

    assert_ok(eid_ydoc_text_insert(edit(txn), "doc", 0, text("a text of some length")));
    world_commit(txn);
    txn = world_begin(world);
    assert_ok(eid_ydoc_store_save_whole(txn, text("y")));
    id = world_commit(txn);
    assert_true(update_size(world, &id) > 21);
    txn = world_begin(world);
    (void)edit(txn); /* nothing was changed: an empty update, as the reference has it */
    id = world_commit(txn);
    assert_int_equal(update_size(world, &id), 2);
    expect_text(world, "doc", "a text of some length");
}

static void test_ydoc_store__is_no_document_and_no_table(void **state)
{
    test_world *world = *state;
    eid_txn *txn = world_begin(world);
    const eid_ydoc *doc;
    eid_doc *all = NULL;

    assert_ok(eid_ydoc_text_insert(edit(txn), "doc", 0, text("x")));
    world_commit(txn);
    stores_write(world, "d", "k", "{\"Int\":1}");
    txn = world_begin(world);
    assert_kind(STORE_TYPE, eid_docstore_open(txn, text("y")));
    assert_kind(STORE_TYPE, eid_ydoc_store_read(txn, text("d"), &doc));
    assert_kind(STORE_DECODE, eid_txn_doc(txn, text("y"), &all));
    assert_ok(eid_ydoc_store_read(txn, text("new"), &doc));
    assert_int_equal(eid_ydoc_length(doc, "doc"), 0);
    eid_txn_free(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_ydoc_basic_text_operations),
        INVENTORY_TEST(test_ydoc_incremental_updates_save_diffs_only),
        INVENTORY_TEST(test_ydoc_map_operations),
        INVENTORY_TEST(test_ydoc_multiple_operations_with_diffs),
        INVENTORY_TEST(test_ydoc_apply_external_update),
        INVENTORY_TEST(test_ydoc_store__saves_the_whole_document_when_asked),
        INVENTORY_TEST(test_ydoc_store__is_no_document_and_no_table),
    };

    STORES_MAIN(tests);
}
