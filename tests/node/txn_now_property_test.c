/* A transaction that is overtaken again and again reads what the fold at its tips says: values,
 * children and whole stores, on random histories whose writers nest, delete and replace. */
#include "tests/node/inventory.h"

#define ROUNDS 15
#define COMMITS 20
#define OPEN_MAX 4

static const char *const stores[] = {"a", "b"};
static const char *const keys[] = {"k", "l", "doc", "doc.x", "doc.y", "m"};

static size_t draw(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

static void commit_one(test_world *world, uint64_t *seed, int number)
{
    eid_txn *txn = world_begin(world);
    bool was_live;
    char value[24];

    snprintf(value, sizeof value, "%d", number);
    for (size_t i = 0; i < 1 + draw(seed, 2); i++) {
        eid_slice store = text(stores[draw(seed, 2)]);
        const char *key = keys[draw(seed, 6)];
        if (draw(seed, 4) == 0) {
            assert_ok(eid_docstore_delete(txn, store, text(key), &was_live));
        } else {
            assert_ok(eid_docstore_set_text(txn, store, key, text(value)));
        }
    }
    (void)world_commit(txn);
}

/* One key of one store, seen by the transaction and by the fold. */
static void compare_value(eid_txn *txn, const eid_doc *past, const char *store, const char *key)
{
    const eid_value *wanted = eid_doc_get(past, text(key));
    eid_value found = EID_VALUE_NULL_INIT;
    eid_status status = eid_txn_get(txn, text(store), text(key), &found);

    if (wanted && wanted->type != EID_VALUE_DELETED) {
        assert_ok(status);
        assert_int_equal(found.type, wanted->type);
        if (found.type == EID_VALUE_DOC) assert_true(eid_doc_equal(found.doc, wanted->doc));
        if (found.type == EID_VALUE_TEXT) {
            assert_true(eid_slice_equal(eid_value_text(&found), eid_value_text(wanted)));
        }
    } else {
        assert_kind(KEY_NOT_FOUND, status);
    }
    eid_value_fini(&found);
}

static void compare_all(test_world *world, eid_txn *txn, uint64_t *seed)
{
    const char *store = stores[draw(seed, 2)];
    eid_doc *past = NULL, *whole = NULL;
    eid_ids tips;

    assert_ok(eid_txn_tips(txn, &tips));
    assert_ok(world->seam->doc_at(world->seam->self, &world->root, text(store), tips, &past));
    for (size_t i = 0; i < 6; i++) compare_value(txn, past, store, keys[i]);
    assert_ok(eid_txn_doc(txn, text(store), &whole));
    assert_int_equal(eid_doc_live(whole), eid_doc_live(past));
    for (size_t i = 0; i < eid_doc_total(past); i++) {
        eid_slice name;
        const eid_value *value = eid_doc_at(past, i, &name), *same = eid_doc_child(whole, name);
        assert_int_equal(same ? same->type : EID_VALUE_DELETED, value->type);
    }
    eid_doc_free(whole);
    eid_doc_free(past);
}

static void run(uint64_t seed)
{
    test_world world;
    eid_txn *open[OPEN_MAX] = {NULL};

    world_open_database(&world);
    for (int i = 0; i < COMMITS; i++) {
        size_t at = draw(&seed, OPEN_MAX);
        if (draw(&seed, 2) == 0) {
            eid_txn_free(open[at]);
            open[at] = world_begin(&world);
        }
        commit_one(&world, &seed, i);
        for (size_t k = 0; k < OPEN_MAX; k++) {
            if (open[k] && draw(&seed, 2) == 0) compare_all(&world, open[k], &seed);
        }
    }
    for (size_t k = 0; k < OPEN_MAX; k++) eid_txn_free(open[k]);
    world_close(&world);
}

static void test_txn_now__reads_what_the_fold_at_its_tips_says(void **state)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_txn_now__reads_what_the_fold_at_its_tips_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
