/* The n-th allocation fails, for every n: what is asked for succeeds or says NO_MEMORY, leaks
 * nothing, and leaves the store as it was. */
#include "dag/alloc.h"
#include "tests/storage/suite.h"

/* Put an entry, make it Verified, read it and its tips; all in one batch. */
static eid_status story(const world *self, const eid_entry *entry)
{
    eid_batch *batch = NULL;
    eid_idset tips = EID_IDSET_EMPTY;
    eid_order unverified = EID_ORDER_EMPTY;
    eid_index_scan *scan = NULL;
    eid_order_item item;
    eid_verdict verdict;
    eid_at inside = self->at;
    bool is_new = false;
    const eid_id *tree = eid_entry_tree(entry);
    eid_status status = eid_batch_new(self->kv, &batch);

    inside.batch = batch;
    if (status == EID_OK) status = eid_index_put(batch, entry, EID_UNVERIFIED, 1, &is_new);
    if (status == EID_OK) status = eid_index_unverified(&inside, tree, 9, &unverified);
    if (status == EID_OK) status = eid_index_set_verdict(batch, eid_entry_id(entry), EID_VERIFIED);
    if (status == EID_OK) status = eid_index_set_verdict(batch, eid_entry_id(entry), EID_FAILED);
    if (status == EID_OK) status = eid_index_set_verdict(batch, eid_entry_id(entry), EID_VERIFIED);
    if (status == EID_OK) {
        status = eid_index_tips(&inside, tree, EID_LEVEL_VISIBLE, eid_slice_text("s"), &tips);
    }
    if (status == EID_OK) status = eid_index_scan_new(&inside, tree, &scan);
    if (status == EID_OK) status = eid_index_scan_next(scan, &item, &verdict);
    if (status == EID_OK) status = eid_batch_write(batch, EID_DURABLE_ASYNC);
    eid_index_scan_free(scan);
    eid_idset_fini(&tips);
    eid_order_fini(&unverified);
    eid_batch_free(batch);
    return status;
}

static void test_index__survives_every_failing_allocation(void **state)
{
    world *self = *state;
    store_spec store = {"s", {NULL, 0}, NULL};
    eid_entry *genesis = entry_new(&(entry_spec){.salt = 1});
    eid_id parent = *eid_entry_id(genesis);
    eid_entry *child = entry_new(&(entry_spec){
        .root = &parent, .parents = {&parent, 1}, .height = 1, .stores = &store, .store_count = 1});
    eid_status status = EID_E_NO_MEMORY;
    uint64_t nth = 1;

    assert_true(entry_put(self, genesis, EID_VERIFIED));
    for (; status != EID_OK && nth < 100000; nth++) {
        (void)eid_alloc_fail_at(nth, nth % 2 == 0);
        status = story(self, child);
        (void)eid_alloc_fail_at(0, false);
        if (status == EID_OK) break;
        assert_status(EID_E_NO_MEMORY, status);
        assert_false(eid_index_has(&self->at, eid_entry_id(child)));
    }
    assert_true(nth > 20);
    assert_true(eid_index_has(&self->at, eid_entry_id(child)));
    eid_entry_free(genesis);
    eid_entry_free(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_index__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
