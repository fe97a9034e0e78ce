/* Inventory of spec 02 §10, ids_added: which entries lie between two cursors. */
#include "tests/node/inventory.h"

typedef struct listing {
    eid_id at[32];
    size_t count;
} listing;

static eid_status list_id(void *arg, const eid_id *id)
{
    listing *list = arg;

    assert_true(list->count < 32);
    list->at[list->count++] = *id;
    return EID_OK;
}

static listing added(test_world *world, eid_ids previous, eid_ids post)
{
    listing list = {.count = 0};

    assert_ok(world->seam->added(world->seam->self, &world->root, previous, post, list_id, &list));
    return list;
}

static eid_ids one(const eid_id *id)
{
    return (eid_ids){id, 1};
}

static size_t place(const listing *list, const eid_id *id)
{
    size_t i = 0;

    while (i < list->count && !eid_id_equal(&list->at[i], id)) i++;
    assert_true(i < list->count);
    return i;
}

static void test_ids_added_empty_when_cursors_equal(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "1");

    assert_int_equal(added(world, one(&id), one(&id)).count, 0);
}

static void test_ids_added_single_commit(void **state)
{
    test_world *world = *state;
    eid_id id = world_set(world, "data", "k", "1");
    listing list = added(world, one(&world->root), one(&id));

    assert_int_equal(list.count, 1);
    assert_true(eid_id_equal(&list.at[0], &id));
}

static void test_ids_added_multi_commit_topo_order(void **state)
{
    test_world *world = *state;
    eid_id base = world_set(world, "data", "k", "1");
    eid_id left = inventory_set_at(world, &base, 1, "data", "l", "2");
    eid_id right = inventory_set_at(world, &base, 1, "data", "r", "3");
    eid_id merged = world_set(world, "data", "m", "4");
    listing list = added(world, one(&world->root), one(&merged));

    assert_int_equal(list.count, 4);
    assert_int_equal(place(&list, &base), 0);
    assert_int_equal(place(&list, &merged), 3);
    assert_int_equal(place(&list, &left) < place(&list, &right),
                     eid_id_compare(&left, &right) < 0); /* ties go by id */
}

static void test_ids_added_skips_entries_before_cursor(void **state)
{
    test_world *world = *state;
    eid_id a = world_set(world, "data", "k", "1"), b = world_set(world, "data", "k", "2");
    eid_id c = world_set(world, "data", "k", "3");
    listing list = added(world, one(&b), one(&c));

    (void)a;
    assert_int_equal(list.count, 1);
    assert_true(eid_id_equal(&list.at[0], &c));
    assert_int_equal(added(world, one(&a), one(&c)).count, 2);
}

static void test_ids_added_empty_previous_returns_full_closure(void **state)
{
    test_world *world = *state;
    eid_id a = world_set(world, "data", "k", "1"), b = world_set(world, "data", "k", "2");
    listing list = added(world, (eid_ids){NULL, 0}, one(&b));

    assert_int_equal(list.count, 3);
    assert_true(eid_id_equal(&list.at[0], &world->root));
    assert_true(eid_id_equal(&list.at[1], &a));
    assert_true(eid_id_equal(&list.at[2], &b));
    assert_int_equal(added(world, one(&b), (eid_ids){NULL, 0}).count, 0);
}

static void test_ids_added_backward_bracket_does_not_report_full_history(void **state)
{
    test_world *world = *state;
    eid_id a = world_set(world, "data", "k", "1"), b = world_set(world, "data", "k", "2");

    assert_int_equal(added(world, one(&b), one(&a)).count, 0);
    assert_int_equal(added(world, one(&b), one(&world->root)).count, 0);
}

/* The reference's test documents that it names them; ours leaves them out. */
static void test_ids_added_excludes_unverified_entries(void **state)
{
    test_world *world = *state, peer;
    eid_id a = world_set(world, "data", "k", "1");
    eid_id b = world_set(world, "data", "k", "2");
    eid_key foreign;
    eid_id failed;

    world_key(66, &foreign);
    failed = inventory_forge_in(world, &foreign, &a, 1);
    assert_int_equal(added(world, one(&a), (eid_ids){(eid_id[]){b}, 1}).count, 1);
    assert_int_equal(added(world, one(&a), one(&failed)).count, 0);
    inventory_peer(world, &peer);
    inventory_send(world, &world->root, &peer);
    inventory_send(world, &a, &peer);
    inventory_send(world, &failed, &peer);
    assert_int_equal(added(&peer, one(&peer.root), (eid_ids){(eid_id[]){failed}, 1}).count, 1);
    world_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_ids_added_empty_when_cursors_equal),
        INVENTORY_TEST(test_ids_added_single_commit),
        INVENTORY_TEST(test_ids_added_multi_commit_topo_order),
        INVENTORY_TEST(test_ids_added_skips_entries_before_cursor),
        INVENTORY_TEST(test_ids_added_empty_previous_returns_full_closure),
        INVENTORY_TEST(test_ids_added_backward_bracket_does_not_report_full_history),
        INVENTORY_TEST(test_ids_added_excludes_unverified_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
