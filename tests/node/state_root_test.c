/* A payload that replaces a whole store, after it was known that the store had no such record. */
#include "tests/node/txn_world.h"

static eid_status value_at(test_world *world, const char *key)
{
    const eid_slice path = text(key);
    eid_value value = EID_VALUE_NULL_INIT;
    eid_status status =
        world->seam->value(world->seam->self, &world->root, text("notes"), &path, 1, &value);

    eid_value_fini(&value);
    return status;
}

static void test_state__sees_a_store_that_was_replaced_as_a_whole(void **state)
{
    test_world world;
    eid_doc *staged = NULL;
    eid_txn *txn;

    world_open_database(&world);
    (void)world_set(&world, "notes", "old", "1");
    assert_ok(value_at(&world, "old"));
    txn = world_begin(&world);
    assert_ok(eid_docstore_set_text(txn, text("notes"), "new", text("2")));
    assert_ok(eid_txn_staged(txn, text("notes"), &staged));
    eid_doc_set_atomic(staged, true);
    (void)world_commit(txn);
    assert_int_equal(value_at(&world, "old"), EID_E_NOT_FOUND);
    assert_ok(value_at(&world, "new"));
    (void)world_set(&world, "notes", "old", "3"); /* later than what hid it */
    assert_ok(value_at(&world, "old"));
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state__sees_a_store_that_was_replaced_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
