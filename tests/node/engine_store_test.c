/* What the engine keeps on disk: it is there again after closing, and check finds what was altered.
 */
#include <stdio.h>

#include "tests/node/engine_world.h"
#include "tests/storage/scratch.h"

static void test_engine_open__finds_everything_again(void **state)
{
    eid_doc *before, *after;
    eid_db_info info;
    eid_id roots[2];
    scratch folder;
    world self;

    scratch_begin(&folder);
    world_open(&self, folder.url, false);
    for (int i = 0; i < 2; i++) roots[i] = world_database(&self, i == 0 ? "a" : "b");
    for (int i = 0; i < 30; i++) world_write(&self, &roots[i % 2], i % 3 == 0 ? "x" : "y", i);
    assert_ok(self.seam->set_shared(self.seam->self, &roots[0], true));
    assert_ok(self.seam->set_strict(self.seam->self, &roots[1], false));
    assert_ok(self.seam->doc(self.seam->self, &roots[0], eid_slice_text("data"), &before));
    world_close(&self);

    world_open(&self, folder.url, false);
    assert_ok(self.seam->doc(self.seam->self, &roots[0], eid_slice_text("data"), &after));
    assert_true(eid_doc_equal(before, after));
    assert_ok(self.seam->info(self.seam->self, &roots[0], &info));
    assert_true(info.shared && info.strict);
    assert_int_equal(info.counts.verified, 16);
    eid_db_info_fini(&info);
    assert_ok(self.seam->info(self.seam->self, &roots[1], &info));
    assert_true(!info.shared && !info.strict);
    eid_db_info_fini(&info);
    for (int i = 0; i < 2; i++) {
        world_write(&self, &roots[i], "z", i);
        world_check(&self, &roots[i]);
    }
    eid_doc_free(before);
    eid_doc_free(after);
    world_close(&self);
    scratch_end(&folder);
}

static eid_status count_database(void *arg, const eid_db_info *info)
{
    (*(size_t *)arg)++;
    return EID_OK;
}

static void test_engine_forget__leaves_nothing_of_it(void **state)
{
    size_t count = 0;
    eid_db_info info;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a"), other = world_database(&self, "b");
    for (int i = 0; i < 5; i++) world_write(&self, &root, "x", i);
    world_write(&self, &other, "x", 7);
    void *seam = self.seam->self;
    assert_ok(self.seam->databases(seam, count_database, &count));
    assert_int_equal(count, 2);
    assert_ok(self.seam->forget(seam, &root));
    count = 0;
    assert_ok(self.seam->databases(seam, count_database, &count));
    assert_int_equal(count, 1);
    assert_int_equal(self.seam->info(seam, &root, &info), EID_E_NOT_FOUND);
    assert_int_equal(world_read(&self, &root, "x"), -1);
    assert_int_equal(world_read(&self, &other, "x"), 7);
    assert_int_equal(eid_status_detail(self.seam->forget(seam, &root)).kind,
                     EID_KIND_DATABASE_NOT_FOUND);
    world_close(&self);
}

static void test_engine_check__finds_altered_state(void **state)
{
    uint64_t findings = 0;
    eid_batch *batch;
    eid_buf report;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    world_write(&self, &root, "x", 1);
    world_check(&self, &root);
    assert_ok(eid_batch_new(eid_engine_kv(self.engine), &batch));
    assert_ok(eid_batch_delete_prefix(batch, EID_FAMILY_STATE, EID_SLICE_EMPTY));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    eid_batch_free(batch);
    eid_buf_init(&report, 100000);
    assert_ok(self.seam->check(self.seam->self, &root, &report, &findings));
    assert_int_equal(findings, 2); /* `_settings` and `data` */
    eid_buf_fini(&report);
    world_close(&self);
}

/* An entry that names no settings, unsigned: the hole of spec 05 §7.5 row 1. */
static eid_entry *make_hole(const eid_id *root)
{
    char payload[200];
    eid_builder *builder;
    eid_entry *entry;

    assert_ok(eid_builder_new(root, &builder));
    assert_ok(eid_builder_add_parent(builder, root));
    eid_builder_set_height(builder, 1);
    assert_ok(eid_builder_set_data(builder, eid_slice_text("data"),
                                   eid_slice_text(world_payload(payload, "hole", 1))));
    assert_ok(eid_builder_seal(builder, NULL, NULL, &entry));
    eid_builder_free(builder);
    return entry;
}

static void test_engine_set_strict__judges_again_both_ways(void **state)
{
    uint64_t stored, visible;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    void *seam = self.seam->self;
    eid_entry *hole = make_hole(&root);
    eid_slice bytes = eid_entry_bytes(hole);
    world_write(&self, &root, "x", 1);
    assert_ok(self.seam->ingest(seam, &bytes, 1, &stored, &visible));
    assert_int_equal(stored, 1);
    assert_int_equal(visible, 0);
    for (int round = 0; round < 2; round++) {
        assert_ok(self.seam->set_strict(seam, &root, false));
        assert_int_equal(world_read(&self, &root, "hole"), 1);
        world_check(&self, &root);
        assert_ok(self.seam->set_strict(seam, &root, true));
        assert_int_equal(world_read(&self, &root, "hole"), -1);
        assert_int_equal(world_read(&self, &root, "x"), 1);
        world_check(&self, &root);
    }
    world_write(&self, &root, "y", 1);
    world_check(&self, &root);
    eid_entry_free(hole);
    world_close(&self);
}

static eid_status answer(void *self, const char *method, eid_slice args,
                         void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out)
{
    eid_buf_append_text(out, method);
    return EID_OK;
}

static void test_engine_control__is_answered_by_who_was_set(void **state)
{
    eid_buf out;
    world self;

    world_open(&self, "memory://", true);
    eid_buf_init(&out, 100);
    eid_status status =
        self.seam->control(self.seam->self, "peers", EID_SLICE_EMPTY, NULL, NULL, &out);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_SYNC_OFF);
    eid_engine_set_control(self.engine, answer, NULL);
    assert_ok(self.seam->control(self.seam->self, "peers", EID_SLICE_EMPTY, NULL, NULL, &out));
    assert_true(eid_slice_is(eid_buf_slice(&out), "peers"));
    eid_buf_fini(&out);
    world_close(&self);
}

static void see_policy(void *arg, const eid_policy *policy)
{
    *(size_t *)arg = eid_policy_key_count(policy);
}

static void test_engine_with_policy__shows_the_current_one(void **state)
{
    size_t keys = 0;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    assert_ok(eid_engine_with_policy(self.engine, &root, see_policy, &keys));
    assert_int_equal(keys, 1);
    world_close(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_open__finds_everything_again),
        cmocka_unit_test(test_engine_forget__leaves_nothing_of_it),
        cmocka_unit_test(test_engine_check__finds_altered_state),
        cmocka_unit_test(test_engine_set_strict__judges_again_both_ways),
        cmocka_unit_test(test_engine_control__is_answered_by_who_was_set),
        cmocka_unit_test(test_engine_with_policy__shows_the_current_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
