/* Text documents in a node: what it keeps merged is what a fold of the entries gives, whatever
 * comes in which order. */
#include "dag/random.h"
#include "tests/node/inventory_stores.h"

static eid_status on_payload(void *arg, eid_slice payload)
{
    eid_buf update;

    eid_buf_init(&update, 1u << 20);
    assert_ok(eid_ydoc_payload_read(payload, &update));
    assert_ok(eid_ydoc_apply(arg, eid_buf_slice(&update)));
    eid_buf_fini(&update);
    return EID_OK;
}

static void view_append(const eid_ydoc *doc, eid_buf *out)
{
    eid_json_writer json;

    eid_json_writer_init(&json, out);
    assert_ok(eid_ydoc_view_text(doc, "t", out));
    assert_ok(eid_ydoc_view_map(doc, "m", &json));
    assert_ok(eid_ydoc_view_state(doc, &json));
    eid_buf_append_byte(out, 0);
    assert_ok(eid_buf_status(out));
}

/* The node's merged document and a fold of all payloads show the same. */
static void merged_check(test_world *world)
{
    const eid_seam *seam = world->seam;
    eid_ydoc *merged = NULL, *folded = NULL;
    eid_idset tips = inventory_tips(world);
    eid_buf update, one, two;

    eid_buf_init(&update, 1u << 20);
    eid_buf_init(&one, 1u << 20);
    eid_buf_init(&two, 1u << 20);
    assert_ok(eid_ydoc_new(1, &merged));
    assert_ok(eid_ydoc_new(2, &folded));
    assert_ok(seam->text(seam->self, &world->root, text("y"), eid_idset_ids(&tips), &update));
    assert_ok(eid_ydoc_apply(merged, eid_buf_slice(&update)));
    assert_ok(seam->payloads(seam->self, &world->root, text("y"), eid_idset_ids(&tips), on_payload,
                             folded));
    view_append(merged, &one);
    view_append(folded, &two);
    assert_string_equal((const char *)one.at, (const char *)two.at);
    eid_ydoc_free(merged);
    eid_ydoc_free(folded);
    eid_buf_fini(&update);
    eid_buf_fini(&one);
    eid_buf_fini(&two);
    eid_idset_fini(&tips);
}

/* Somebody who edits through one handle: under kept numbers, now and then from old tips, and not
 * always to the end. */
typedef struct editor {
    test_world *world;
    eid_text_writers *writers;
    eid_id old;       /* one of the entries there were */
    bool has_deletes; /* if not, nothing that is inserted may ever be missing */
    size_t inserted;  /* characters that were committed */
} editor;

static eid_txn *editor_begin(const editor *by, eid_random_seeded *random)
{
    eid_txn *txn = eid_random_below(random, 6) == 0 ? inventory_begin_at(by->world, &by->old, 1)
                                                    : world_begin(by->world);

    if (by->writers) eid_txn_set_writers(txn, by->writers);
    return txn;
}

static void random_edit(editor *by, eid_random_seeded *random)
{
    eid_txn *txn = editor_begin(by, random);
    char key[2] = {(char)('a' + (char)eid_random_below(random, 3)), 0};
    uint64_t length;
    bool is_insert = false;
    eid_ydoc *doc;

    assert_ok(eid_ydoc_store_edit(txn, text("y"), &doc));
    length = eid_ydoc_length(doc, "t");
    switch (eid_random_below(random, 4)) {
    case 0:
        if (length > 0 && by->has_deletes) {
            assert_ok(eid_ydoc_text_delete(doc, "t", eid_random_below(random, length), 1));
        }
        break;
    case 1:
        assert_ok(eid_ydoc_map_set(doc, "m", text(key), text("1")));
        break;
    default:
        assert_ok(eid_ydoc_text_insert(doc, "t", eid_random_below(random, length + 1), text(key)));
        is_insert = true;
        break;
    }
    if (eid_random_below(random, 6) == 0) {
        eid_txn_free(txn);
        return;
    }
    if (is_insert) by->inserted++;
    if (eid_random_below(random, 3) == 0) {
        by->old = world_commit(txn);
    } else {
        world_commit(txn);
    }
}

/* Both show the same, and (inserted not 0) all that was written. */
static void expect_same(test_world *one, test_world *two, size_t inserted)
{
    eid_txn *left = stores_reader(one), *right = stores_reader(two);
    const eid_ydoc *a, *b;
    eid_buf x, y;

    eid_buf_init(&x, 1u << 20);
    eid_buf_init(&y, 1u << 20);
    assert_ok(eid_ydoc_store_read(left, text("y"), &a));
    assert_ok(eid_ydoc_store_read(right, text("y"), &b));
    view_append(a, &x);
    view_append(b, &y);
    assert_string_equal((const char *)x.at, (const char *)y.at);
    if (inserted > 0) assert_int_equal(eid_ydoc_length(a, "t"), inserted);
    eid_buf_fini(&x);
    eid_buf_fini(&y);
    eid_txn_free(left);
    eid_txn_free(right);
}

static void random_run(uint64_t seed)
{
    eid_random_seeded random = {seed};
    test_world one, two;
    editor editors[2] = {{.world = &one}, {.world = &two}};

    world_open_database(&one);
    inventory_peer(&one, &two);
    inventory_send_all(&one, &two);
    editors[0].old = editors[1].old = one.root;
    editors[0].has_deletes = editors[1].has_deletes = seed % 2 > 0;
    for (int i = 0; i < 2 && seed % 4 > 0; i++) {
        assert_ok(eid_text_writers_new(&editors[i].writers));
    }
    for (int i = 0; i < 25; i++) {
        editor *by = &editors[eid_random_below(&random, 2)];
        test_world *here = by->world;
        random_edit(by, &random);
        if (eid_random_below(&random, 5) == 0) world_set(here, "d", "k", "v");
        if (eid_random_below(&random, 3) == 0) merged_check(here);
        if (eid_random_below(&random, 4) == 0) {
            inventory_send_all(here, here == &one ? &two : &one);
        }
    }
    inventory_send_all(&one, &two);
    inventory_send_all(&two, &one);
    merged_check(&one);
    merged_check(&two);
    expect_same(&one, &two, editors[0].has_deletes ? 0 : editors[0].inserted + editors[1].inserted);
    eid_text_writers_unref(editors[0].writers);
    eid_text_writers_unref(editors[1].writers);
    world_close(&one);
    world_close(&two);
}

static void test_ydoc_store__merged_is_folded_in_random_histories(void **state)
{
    for (uint64_t seed = 1; seed <= 60; seed++) random_run(seed);
}

static void test_ydoc_store__shows_the_past_and_the_present_in_turn(void **state)
{
    test_world *world = *state;
    eid_random_seeded random = {1};
    eid_id tips[3];
    const eid_ydoc *doc;
    eid_ydoc *edit;

    for (int i = 0; i < 3; i++) {
        eid_txn *txn = world_begin(world);
        assert_ok(eid_ydoc_store_edit(txn, text("y"), &edit));
        assert_ok(eid_ydoc_text_insert(edit, "t", 0, text("x")));
        tips[i] = world_commit(txn);
    }
    for (int i = 0; i < 20; i++) {
        uint64_t at = eid_random_below(&random, 3);
        eid_txn *txn = inventory_begin_at(world, &tips[at], 1);
        assert_ok(eid_ydoc_store_read(txn, text("y"), &doc));
        assert_int_equal(eid_ydoc_length(doc, "t"), at + 1);
        eid_txn_free(txn);
    }
}

/* Blocks of one number join, so that typing costs what is typed. */
static void test_ydoc_store__goes_on_under_one_number(void **state)
{
    test_world *world = *state;
    eid_text_writers *writers = NULL;
    eid_buf update;
    eid_txn *txn;
    eid_ydoc *doc;

    assert_ok(eid_text_writers_new(&writers));
    for (uint64_t i = 0; i < 200; i++) {
        txn = world_begin(world);
        eid_txn_set_writers(txn, writers);
        assert_ok(eid_ydoc_store_edit(txn, text("y"), &doc));
        assert_ok(eid_ydoc_text_insert(doc, "t", i, text("x")));
        world_commit(txn);
    }
    txn = stores_reader(world);
    eid_buf_init(&update, 1u << 20);
    assert_ok(eid_ydoc_store_update(txn, text("y"), &update));
    if (update.len > 240) fail_msg("%zu bytes for 200 characters", update.len);
    eid_buf_fini(&update);
    eid_txn_free(txn);
    eid_text_writers_unref(writers);
}

/* More documents than are kept. */
static void test_ydoc_store__keeps_many_apart(void **state)
{
    test_world *world = *state;
    const eid_ydoc *doc;
    eid_ydoc *edit;
    char store[16];
    eid_txn *txn;

    for (int i = 0; i < 40; i++) {
        snprintf(store, sizeof store, "y%d", i % 20);
        txn = world_begin(world);
        assert_ok(eid_ydoc_store_edit(txn, text(store), &edit));
        assert_ok(eid_ydoc_text_insert(edit, "t", 0, text(i < 20 ? "ab" : "c")));
        world_commit(txn);
    }
    for (int i = 0; i < 20; i++) {
        snprintf(store, sizeof store, "y%d", i);
        txn = stores_reader(world);
        assert_ok(eid_ydoc_store_read(txn, text(store), &doc));
        assert_int_equal(eid_ydoc_length(doc, "t"), 3);
        eid_txn_free(txn);
    }
}

/* A document where a text document should be is told, and spoils nothing else. */
static void test_ydoc_store__tells_of_a_payload_that_is_none(void **state)
{
    test_world *world = *state;
    eid_value value = stores_value("{\"Int\":1}");
    eid_txn *txn = world_begin(world);
    const eid_ydoc *doc;
    eid_doc *staged;
    eid_ydoc *edit;

    assert_ok(eid_txn_open_store(txn, text("y"), EID_TYPE_YDOC));
    assert_ok(eid_txn_staged(txn, text("y"), &staged));
    assert_ok(eid_doc_put_child_take(staged, text("k"), &value));
    assert_ok(eid_ydoc_store_edit(txn, text("z"), &edit));
    assert_ok(eid_ydoc_text_insert(edit, "t", 0, text("x")));
    world_commit(txn);
    txn = stores_reader(world);
    for (int i = 0; i < 2; i++) {
        assert_kind(STORE_DECODE, eid_ydoc_store_read(txn, text("y"), &doc));
        assert_ok(eid_ydoc_store_read(txn, text("z"), &doc));
    }
    eid_txn_free(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ydoc_store__merged_is_folded_in_random_histories),
        INVENTORY_TEST(test_ydoc_store__shows_the_past_and_the_present_in_turn),
        INVENTORY_TEST(test_ydoc_store__goes_on_under_one_number),
        INVENTORY_TEST(test_ydoc_store__keeps_many_apart),
        INVENTORY_TEST(test_ydoc_store__tells_of_a_payload_that_is_none),
    };

    STORES_MAIN(tests);
}
