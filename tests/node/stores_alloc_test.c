/* Out of memory at every single allocation of what stores do beside documents: each step succeeds
 * or answers NO_MEMORY, leaks nothing and leaves the node as it was. */
#include "node/db/docstore_list.h"
#include "tests/node/inventory_stores.h"

#define ROUNDS_MAX 20000u

/* Fail the n-th allocation for every n until the whole runs through; gives how many there were. */
static unsigned run_all(test_world *world, eid_status (*step)(test_world *world))
{
    eid_status status = EID_E_NO_MEMORY;
    unsigned round = 0;

    while (status != EID_OK && round < ROUNDS_MAX) {
        eid_alloc_fail_at(++round, false);
        status = step(world);
        eid_alloc_fail_at(0, false);
        if (status != EID_OK && status != EID_E_NO_MEMORY) {
            fail_msg("allocation %u: %s (%s)", round, eid_status_name(status),
                     eid_status_detail(status).text);
        }
    }
    assert_ok(step(world));
    return round;
}

static eid_status edit_text(test_world *world)
{
    eid_txn *txn = NULL;
    eid_ydoc *doc;
    eid_id id;
    eid_status status = eid_txn_begin(world->seam, &world->root, &world->signer, NULL, &txn);

    if (status == EID_OK) status = eid_ydoc_store_edit(txn, text("y"), &doc);
    if (status == EID_OK) status = eid_ydoc_text_insert(doc, "t", 0, text("x"));
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

static void test_stores_alloc__text_documents(void **state)
{
    assert_true(run_all(*state, edit_text) > 30);
    assert_true(run_all(*state, edit_text) > 30);
}

static eid_status edit_list(test_world *world)
{
    eid_value value = eid_value_of_int(1);
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = eid_txn_begin(world->seam, &world->root, &world->signer, NULL, &txn);

    if (status == EID_OK) {
        status = eid_docstore_list_insert_take(txn, text("d"), text("a.l"), EID_LIST_END, &value);
    }
    if (status == EID_OK) status = eid_docstore_list_remove(txn, text("d"), text("a.l"), 0);
    if (status == EID_OK) status = eid_docstore_get_merged(txn, text("d"), text("a"), &value);
    if (status == EID_OK) {
        status = eid_docstore_replace_take(txn, text("d"), text("a"), &value);
    }
    eid_value_fini(&value);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

static void test_stores_alloc__lists(void **state)
{
    assert_true(run_all(*state, edit_list) > 50);
    assert_true(run_all(*state, edit_list) > 50);
}

static eid_status on_row(void *arg, eid_slice key, eid_slice json)
{
    return EID_OK;
}

static eid_status find_rows(test_world *world)
{
    const eid_seam *seam = world->seam;
    eid_txn *txn = NULL;
    eid_id id;
    eid_status status = seam->set_index(seam->self, &world->root, text("t"), text("n"), true);

    if (status == EID_OK) {
        status = eid_txn_begin(world->seam, &world->root, &world->signer, NULL, &txn);
    }
    if (status == EID_OK) status = eid_table_set(txn, text("t"), text("a"), text("{\"n\":1}"));
    if (status == EID_OK) {
        status = eid_table_find(txn, text("t"), text("n"), text("1"), on_row, NULL);
    }
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    if (status == EID_OK) {
        status = seam->set_index(seam->self, &world->root, text("t"), text("n"), false);
    }
    return status;
}

static void test_stores_alloc__finding_rows(void **state)
{
    assert_true(run_all(*state, find_rows) > 50);
    assert_true(run_all(*state, find_rows) > 50);
}

/* With a key that was made before: deriving one takes too long to be done for every allocation. */
static eid_password_key the_key;

static eid_status write_sealed(test_world *world)
{
    eid_txn *txn = NULL;
    eid_doc *all = NULL;
    eid_id id;
    eid_status status = eid_txn_begin(world->seam, &world->root, &world->signer, NULL, &txn);

    if (status == EID_OK) {
        status = eid_password_store_open_key(txn, text("p"), &the_key, EID_TYPE_DOCSTORE);
    }
    if (status == EID_OK) status = eid_docstore_set_text(txn, text("p"), "a.b", text("secret"));
    if (status == EID_OK) status = eid_docstore_add(txn, text("p"), text("n"), 1, NULL);
    if (status == EID_OK) status = eid_txn_doc(txn, text("p"), &all);
    eid_doc_free(all);
    if (status == EID_OK) status = eid_txn_commit(txn, EID_DURABLE_ASYNC, &id);
    eid_txn_free(txn);
    return status;
}

static void test_stores_alloc__encrypted_stores(void **state)
{
    eid_txn *txn = world_begin(*state);

    assert_ok(eid_password_store_initialize(txn, text("p"), text("pass"), EID_TYPE_DOCSTORE, NULL));
    world_commit(txn);
    txn = world_begin(*state);
    assert_ok(eid_password_store_key(txn, text("p"), text("pass"), &the_key));
    eid_txn_free(txn);
    assert_true(run_all(*state, write_sealed) > 50);
    assert_true(run_all(*state, write_sealed) > 50);
    eid_password_key_wipe(&the_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_stores_alloc__text_documents),
        INVENTORY_TEST(test_stores_alloc__lists),
        INVENTORY_TEST(test_stores_alloc__finding_rows),
        INVENTORY_TEST(test_stores_alloc__encrypted_stores),
    };

    STORES_MAIN(tests);
}
