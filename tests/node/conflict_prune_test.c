/* Pages of the ledger of conflicts, what can be asked for, what prunes, and what stays away then.
 */
#include "tests/node/conflict_items.h"

/* Ten conflicts at a0 … a9, five of them settled. */
static eid_id world_of_ten(world *self)
{
    eid_id root, base;
    char key[16];

    world_open(self, "memory://", true);
    root = world_database(self, "x");
    base = world_write(self, &root, "x", 0);
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof(key), "a%d", i);
        put_int(self, &root, &base, key, 1);
        put_int(self, &root, &base, key, 2);
        if (i % 2 == 0) world_write(self, &root, key, 3);
    }
    return root;
}

static void test_conflicts__come_in_pages(void **state)
{
    eid_conflict_query query = {.settled_only = false};
    world self;
    eid_id root = world_of_ten(&self);
    uint8_t cursor[200];
    size_t total = 0;
    char key[16];

    listed.stop_after = 3;
    do {
        list(&self, &root, &query);
        for (size_t i = 0; i < listed.count; i++) {
            snprintf(key, sizeof(key), "a%zu", total++);
            assert_string_equal(listed.at[i].path, key);
        }
        if (listed.count == 0) break;
        memcpy(cursor, listed.at[listed.count - 1].cursor, sizeof(cursor));
        query.after = eid_slice_of(cursor, listed.at[listed.count - 1].cursor_len);
    } while (total < 100);
    listed.stop_after = 0;
    assert_int_equal(total, 10);
    query.after = eid_slice_text("\xff\xff\xff\xff");
    assert_int_equal(self.seam->conflicts(self.seam->self, &root, &query, on_conflict, NULL),
                     eid_kind_status(EID_KIND_ARGUMENT));
    world_close(&self);
}

static void test_conflicts__can_be_asked_for_and_pruned_by_what_they_are(void **state)
{
    world self;
    eid_id root = world_of_ten(&self);
    eid_conflict_query by_entry = {.entry = NULL};
    eid_id entry;

    list(&self, &root, &(eid_conflict_query){.settled_only = true});
    assert_int_equal(listed.count, 5);
    list(&self, &root, &(eid_conflict_query){.store = eid_slice_text("other")});
    assert_int_equal(listed.count, 0);
    list(&self, &root, &(eid_conflict_query){.path = eid_slice_text("a")});
    assert_int_equal(listed.count, 0);
    list(&self, &root, &(eid_conflict_query){.path = eid_slice_text("a7")});
    assert_int_equal(listed.count, 1);
    entry = listed.at[0].entry;
    by_entry.entry = &entry;
    list(&self, &root, &by_entry);
    assert_int_equal(listed.count, 1);

    assert_int_equal(prune(&self, &root, &by_entry), 1);
    assert_int_equal(prune(&self, &root, &by_entry), 0);
    assert_int_equal(prune(&self, &root, &(eid_conflict_query){.path = eid_slice_text("a1")}), 1);
    assert_int_equal(prune(&self, &root, &(eid_conflict_query){.settled_only = true}), 5);
    assert_int_equal(prune(&self, &root, &(eid_conflict_query){.store = eid_slice_text("other")}),
                     0);
    assert_int_equal(prune(&self, &root, NULL), 3);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 0);
    world_close(&self);
}

static eid_status on_entry(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    world *self = arg;
    eid_slice bytes = eid_entry_bytes(entry);
    uint64_t stored, visible;

    (void)verdict;
    assert_ok(self->seam->ingest(self->seam->self, &bytes, 1, &stored, &visible));
    assert_int_equal(stored, 0);
    return EID_OK;
}

static void test_conflicts__that_were_pruned_stay_away(void **state)
{
    world self;
    eid_id root = world_of_ten(&self);

    assert_int_equal(prune(&self, &root, NULL), 10);
    /* Not by getting the entries again, */
    assert_ok(self.seam->entries(self.seam->self, &root, NULL, false, on_entry, &self));
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 0);
    /* and not by later writes at the paths. */
    for (int i = 0; i < 10; i++) world_write(&self, &root, "a1", i);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 0);
    world_close(&self);
}

static void test_conflicts__go_with_their_database(void **state)
{
    world self;
    eid_id root = world_of_ten(&self);

    assert_int_equal(prune(&self, &root, &(eid_conflict_query){.settled_only = true}), 5);
    assert_ok(self.seam->forget(self.seam->self, &root));
    assert_int_equal(ledger_rows(&self), 0);
    world_close(&self);
}

/* With the n-th allocation failing: nothing is forgotten that was not looked at. */
static void test_conflicts__survive_a_lack_of_memory(void **state)
{
    static const eid_conflict_query everything;
    world self;
    eid_id root = world_of_ten(&self), base;
    uint64_t made = UINT64_MAX;

    /* And one document with edits in it that somebody deleted. */
    base = put(&self, &root, NULL, "{\"children\":{\"d\":{\"Doc\":{\"children\":{}}}}}");
    put_on(&self, &root, &base,
           "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"a\":{\"Int\":3}}}}}}");
    base = put_int(&self, &root, &base, "e", 1);
    put_on(&self, &root, &base, "{\"children\":{\"d\":\"Deleted\"}}");
    for (uint64_t nth = 1; nth <= made; nth++) {
        eid_status status;

        listed.count = 0;
        (void)eid_alloc_fail_at(nth, false);
        status = self.seam->conflicts(self.seam->self, &root, &everything, on_conflict, NULL);
        made = eid_alloc_fail_at(0, false);
        assert_true(status == EID_OK || status == EID_E_NO_MEMORY);
    }
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 11);
    world_check(&self, &root);
    world_close(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts__come_in_pages),
        cmocka_unit_test(test_conflicts__can_be_asked_for_and_pruned_by_what_they_are),
        cmocka_unit_test(test_conflicts__that_were_pruned_stay_away),
        cmocka_unit_test(test_conflicts__go_with_their_database),
        cmocka_unit_test(test_conflicts__survive_a_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
