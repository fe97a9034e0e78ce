/* Local writes, and the reads of the seam, over memory. */
#include <stdio.h>

#include "tests/node/engine_world.h"

static void test_engine_open__makes_nothing_but_a_store(void **state)
{
    eid_pubkey device;
    eid_id users, databases, sync;
    uint64_t count = 9;
    world self;

    world_open(&self, "memory://", true);
    eid_at at = {.kv = eid_engine_kv(self.engine)};
    assert_ok(eid_index_database_count(&at, &count));
    assert_int_equal(count, 0);
    assert_int_equal(self.seam->instance(self.seam->self, &device, &users, &databases, &sync),
                     eid_kind_status(EID_KIND_INSTANCE_NOT_INITIALIZED));
    world_close(&self);
}

static void test_engine_submit__makes_a_database_of_a_genesis(void **state)
{
    eid_db_info info;
    eid_id unknown = eid_id_of_entry(eid_slice_text("x"));
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "books");
    assert_ok(self.seam->info(self.seam->self, &root, &info));
    assert_string_equal(info.name, "books");
    assert_null(info.type);
    assert_int_equal(info.tips.count, 1);
    assert_true(eid_id_equal(&info.tips.at[0], &root));
    assert_int_equal(info.counts.entries, 1);
    assert_int_equal(info.counts.verified, 1);
    assert_true(info.has_genesis && info.strict && !info.shared);
    eid_db_info_fini(&info);
    assert_int_equal(self.seam->info(self.seam->self, &unknown, &info), EID_E_NOT_FOUND);
    world_check(&self, &root);
    world_close(&self);
}

static void test_engine_submit__shows_what_was_written(void **state)
{
    char key[16];
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "books");
    for (int i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i % 7);
        world_write(&self, &root, key, i);
        assert_int_equal(world_read(&self, &root, key), i);
    }
    assert_int_equal(world_read(&self, &root, "none"), -1);
    world_check(&self, &root);
    world_close(&self);
}

static void test_engine_submit__refuses_and_keeps_nothing(void **state)
{
    char payload[200];
    eid_key stranger = world_key(3);
    eid_verdict verdict;
    eid_db_info info;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "books");
    for (int i = 0; i < 2; i++) { /* the pin is new, then known */
        eid_entry *entry =
            world_entry(&self, &root, NULL, "data", world_payload(payload, "a", i), &stranger);
        eid_status status =
            self.seam->submit(self.seam->self, &root, entry, EID_DURABLE_SYNC, &verdict);
        assert_int_equal(eid_status_detail(status).kind, EID_KIND_TXN_REFUSED);
        assert_false(
            eid_index_has(&(eid_at){.kv = eid_engine_kv(self.engine)}, eid_entry_id(entry)));
        eid_entry_free(entry);
        world_write(&self, &root, "b", i);
    }
    assert_ok(self.seam->info(self.seam->self, &root, &info));
    assert_int_equal(info.counts.entries, 3);
    eid_db_info_fini(&info);
    world_check(&self, &root);
    world_close(&self);
}

static void test_engine_submit__checks_signatures_of_others(void **state)
{
    char payload[200];
    eid_entry *entry, *forged;
    eid_verdict verdict;
    eid_buf bytes;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "books");
    for (int i = 0; i < 2; i++) {
        eid_slice signature;

        entry =
            world_entry(&self, &root, NULL, "data", world_payload(payload, "a", 1), &self.admin);
        eid_buf_init(&bytes, EID_ENTRY_BYTES_MAX);
        eid_buf_append(&bytes, eid_entry_bytes(entry));
        assert_true(eid_entry_signature(entry, &signature));
        uint8_t *at = bytes.at + (signature.at - eid_entry_bytes(entry).at) + 10;
        *at = *at == 'A' ? 'B' : 'A';
        assert_ok(eid_entry_decode(eid_buf_slice(&bytes), &forged));
        eid_status status =
            self.seam->submit(self.seam->self, &root, forged, EID_DURABLE_SYNC, &verdict);
        assert_int_equal(eid_status_detail(status).kind, EID_KIND_TXN_REFUSED);
        eid_buf_fini(&bytes);
        eid_entry_free(forged);
        eid_entry_free(entry);
        world_write(&self, &root, "b", i);
    }
    world_close(&self);
}

static void test_engine_submit__refuses_an_entry_of_another_database(void **state)
{
    eid_verdict verdict;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a"), other = world_database(&self, "b");
    eid_entry *entry = world_entry(&self, &root, NULL, "data", NULL, &self.admin);
    eid_status status =
        self.seam->submit(self.seam->self, &other, entry, EID_DURABLE_SYNC, &verdict);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_NOT_IN_DATABASE);
    eid_entry_free(entry);
    world_close(&self);
}

static void test_engine_submit__follows_a_change_of_the_settings(void **state)
{
    char payload[200];
    eid_key guest = world_key(5);
    eid_auth_key record = {
        .pubkey = guest.pub, .permission = {EID_PERMISSION_WRITE, 10}, .status = EID_KEY_ACTIVE};
    eid_verdict verdict;
    eid_doc *settings;
    eid_buf json;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "books");
    world_write(&self, &root, "a", 1);
    assert_ok(eid_doc_new(&settings));
    assert_ok(eid_settings_put_key(settings, &record));
    eid_buf_init(&json, 10000);
    assert_ok(eid_payload_write_doc(settings, &json));
    eid_doc_free(settings);
    char *grant = eid_buf_take_text(&json);
    for (int round = 0; round < 3; round++) {
        eid_entry *entry =
            world_entry(&self, &root, NULL, "data", world_payload(payload, "g", round), &guest);
        eid_status status =
            self.seam->submit(self.seam->self, &root, entry, EID_DURABLE_SYNC, &verdict);
        assert_int_equal(status == EID_OK, round > 0);
        eid_entry_free(entry);
        if (round > 0) continue;
        entry = world_entry(&self, &root, NULL, EID_STORE_SETTINGS, grant, &self.admin);
        assert_ok(self.seam->submit(self.seam->self, &root, entry, EID_DURABLE_SYNC, &verdict));
        eid_entry_free(entry);
    }
    assert_int_equal(world_read(&self, &root, "g"), 2);
    eid_free(grant);
    world_check(&self, &root);
    world_close(&self);
}

static void test_engine_begin__tells_what_is_wrong_with_given_tips(void **state)
{
    eid_txn_context context;
    eid_id unknown = eid_id_of_entry(eid_slice_text("x"));
    eid_idset tips = EID_IDSET_EMPTY;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a"), other = world_database(&self, "b");
    void *seam = self.seam->self;
    assert_int_equal(
        eid_status_detail(self.seam->begin(seam, &root, NULL, 0, &tips, &context)).kind,
        EID_KIND_TXN_EMPTY_TIPS);
    assert_ok(eid_idset_add(&tips, &other));
    assert_int_equal(
        eid_status_detail(self.seam->begin(seam, &root, NULL, 0, &tips, &context)).kind,
        EID_KIND_TXN_TIP);
    eid_idset_fini(&tips);
    assert_ok(eid_idset_add(&tips, &unknown));
    assert_int_equal(
        eid_status_detail(self.seam->begin(seam, &root, NULL, 0, &tips, &context)).kind,
        EID_KIND_ENTRY_NOT_FOUND);
    assert_int_equal(
        eid_status_detail(self.seam->begin(seam, &unknown, NULL, 0, NULL, &context)).kind,
        EID_KIND_DATABASE_NOT_FOUND);
    eid_idset_fini(&tips);
    world_close(&self);
}

static void test_engine_begin__merges_branches_and_reads_the_past(void **state)
{
    char payload[200];
    eid_idset tips = EID_IDSET_EMPTY;
    eid_slice data = eid_slice_text("data");
    eid_txn_context context;
    eid_verdict verdict;
    eid_doc *doc;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    eid_id first = world_write(&self, &root, "a", 1);
    eid_id second = world_write(&self, &root, "a", 2);
    assert_ok(eid_idset_add(&tips, &first));
    eid_entry *branch =
        world_entry(&self, &root, &tips, "data", world_payload(payload, "b", 3), &self.admin);
    assert_ok(self.seam->submit(self.seam->self, &root, branch, EID_DURABLE_SYNC, &verdict));
    assert_ok(self.seam->begin(self.seam->self, &root, &data, 1, NULL, &context));
    assert_int_equal(context.parents.count, 2);
    assert_true(eid_idset_has(&context.parents, &second));
    assert_true(eid_idset_has(&context.parents, eid_entry_id(branch)));
    assert_int_equal(context.store_count, 3);
    assert_int_equal(context.stores[2].parents.count, 2);
    assert_int_equal(context.settings_tips.count, 1);
    eid_txn_context_fini(&context);
    assert_ok(self.seam->doc_at(self.seam->self, &root, data, eid_idset_ids(&tips), &doc));
    assert_int_equal(eid_doc_get(doc, eid_slice_text("a"))->integer, 1);
    assert_null(eid_doc_get(doc, eid_slice_text("b")));
    eid_doc_free(doc);
    assert_ok(self.seam->doc(self.seam->self, &root, data, &doc));
    assert_int_equal(eid_doc_get(doc, eid_slice_text("a"))->integer, 2);
    assert_int_equal(eid_doc_get(doc, eid_slice_text("b"))->integer, 3);
    eid_doc_free(doc);
    eid_entry_free(branch);
    eid_idset_fini(&tips);
    world_check(&self, &root);
    world_close(&self);
}

static void test_engine_read__says_that_a_store_is_no_document(void **state)
{
    eid_slice path = eid_slice_text("a");
    eid_verdict verdict;
    eid_value value;
    eid_doc *doc;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    world_write(&self, &root, "a", 1);
    assert_int_equal(world_read(&self, &root, "a"), 1);
    eid_entry *entry = world_entry(&self, &root, NULL, "data", "\x01\x02secret", &self.admin);
    assert_ok(self.seam->submit(self.seam->self, &root, entry, EID_DURABLE_SYNC, &verdict));
    assert_int_equal(verdict, EID_VERIFIED);
    eid_entry_free(entry);
    eid_status status =
        self.seam->value(self.seam->self, &root, eid_slice_text("data"), &path, 1, &value);
    assert_int_equal(eid_status_detail(status).kind, EID_KIND_STORE_DECODE);
    assert_ok(self.seam->doc(self.seam->self, &root, eid_slice_text("_root"), &doc));
    assert_int_equal(eid_doc_total(doc), 0);
    eid_doc_free(doc);
    world_check(&self, &root);
    world_close(&self);
}

typedef struct seen {
    uint64_t heights[64];
    size_t count, stop_at;
} seen;

static eid_status seen_entry(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    seen *self = arg;

    assert_int_equal(verdict, EID_VERIFIED);
    self->heights[self->count++] = eid_entry_height(entry);
    return self->count == self->stop_at ? EID_E_AGAIN : EID_OK;
}

static void test_engine_entries__walk_both_ways(void **state)
{
    seen forward = {.stop_at = 0}, backward = {.stop_at = 3}, from = {.stop_at = 0};
    eid_order_item item;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    for (int i = 0; i < 10; i++) {
        item.id = world_write(&self, &root, "a", i);
        item.height = (uint64_t)i + 1;
    }
    void *seam = self.seam->self;
    assert_ok(self.seam->entries(seam, &root, NULL, false, seen_entry, &forward));
    assert_int_equal(forward.count, 11);
    for (size_t i = 0; i < 11; i++) assert_int_equal(forward.heights[i], i);
    assert_ok(self.seam->entries(seam, &root, NULL, true, seen_entry, &backward));
    assert_int_equal(backward.count, 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(backward.heights[i], 10 - i);
    assert_ok(self.seam->entries(seam, &root, &item, false, seen_entry, &from));
    assert_int_equal(from.count, 1);
    world_close(&self);
}

static eid_status count_child(void *arg, eid_slice name, const eid_value *value)
{
    size_t *count = arg;

    assert_int_equal(name.len, 2);
    assert_int_equal(value->type, EID_VALUE_INT);
    return ++*count == 3 ? EID_E_AGAIN : EID_OK;
}

static void test_engine_children__walk_in_order_and_stop(void **state)
{
    size_t count = 0;
    char key[16];
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    for (int i = 0; i < 5; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        world_write(&self, &root, key, i);
    }
    void *seam = self.seam->self;
    eid_slice data = eid_slice_text("data");
    assert_ok(self.seam->children(seam, &root, data, false, EID_SLICE_EMPTY, count_child, &count));
    assert_int_equal(count, 3);
    count = 0;
    assert_ok(
        self.seam->children(seam, &root, data, true, eid_slice_text("k3"), count_child, &count));
    assert_int_equal(count, 1);
    world_close(&self);
}

/* Whichever allocation fails, the write is whole or absent, and the next one works. */
static void test_engine_submit__is_whole_or_absent_without_memory(void **state)
{
    char payload[200];
    uint64_t failed = 0;
    eid_verdict verdict;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    for (uint64_t nth = 1; nth < 400; nth++) {
        eid_entry *entry = world_entry(&self, &root, NULL, nth % 2 ? "data" : EID_STORE_SETTINGS,
                                       world_payload(payload, "n", (int64_t)nth), &self.admin);
        eid_alloc_fail_at(nth, true);
        eid_status status =
            self.seam->submit(self.seam->self, &root, entry, EID_DURABLE_ASYNC, &verdict);
        eid_alloc_fail_at(0, false);
        if (status != EID_OK) {
            failed++;
            assert_int_equal(status, EID_E_NO_MEMORY);
            assert_false(
                eid_index_has(&(eid_at){.kv = eid_engine_kv(self.engine)}, eid_entry_id(entry)));
        }
        eid_entry_free(entry);
        world_write(&self, &root, "w", (int64_t)nth);
        assert_int_equal(world_read(&self, &root, "w"), nth);
    }
    assert_true(failed > 20);
    world_check(&self, &root);
    world_close(&self);
}

static void test_engine_begin__gives_back_everything_without_memory(void **state)
{
    eid_slice data = eid_slice_text("data");
    eid_txn_context context;
    eid_status status = EID_E_NO_MEMORY;
    eid_db_info info;
    world self;

    world_open(&self, "memory://", true);
    eid_id root = world_database(&self, "a");
    for (uint64_t nth = 1; status != EID_OK; nth++) {
        world_write(&self, &root, "w", (int64_t)nth);
        eid_alloc_fail_at(nth, true);
        status = self.seam->begin(self.seam->self, &root, &data, 1, NULL, &context);
        eid_alloc_fail_at(0, false);
        if (status != EID_OK) assert_int_equal(status, EID_E_NO_MEMORY);
        assert_true(nth < 1000);
    }
    assert_int_equal(context.parents.count, 1);
    eid_txn_context_fini(&context);
    status = EID_E_NO_MEMORY;
    for (uint64_t nth = 1; status != EID_OK; nth++) {
        eid_alloc_fail_at(nth, true);
        status = self.seam->info(self.seam->self, &root, &info);
        eid_alloc_fail_at(0, false);
        if (status != EID_OK) assert_int_equal(status, EID_E_NO_MEMORY);
        assert_true(nth < 1000);
    }
    eid_db_info_fini(&info);
    world_close(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_open__makes_nothing_but_a_store),
        cmocka_unit_test(test_engine_submit__makes_a_database_of_a_genesis),
        cmocka_unit_test(test_engine_submit__shows_what_was_written),
        cmocka_unit_test(test_engine_submit__refuses_and_keeps_nothing),
        cmocka_unit_test(test_engine_submit__checks_signatures_of_others),
        cmocka_unit_test(test_engine_submit__refuses_an_entry_of_another_database),
        cmocka_unit_test(test_engine_submit__follows_a_change_of_the_settings),
        cmocka_unit_test(test_engine_begin__tells_what_is_wrong_with_given_tips),
        cmocka_unit_test(test_engine_begin__merges_branches_and_reads_the_past),
        cmocka_unit_test(test_engine_read__says_that_a_store_is_no_document),
        cmocka_unit_test(test_engine_entries__walk_both_ways),
        cmocka_unit_test(test_engine_submit__is_whole_or_absent_without_memory),
        cmocka_unit_test(test_engine_begin__gives_back_everything_without_memory),
        cmocka_unit_test(test_engine_children__walk_in_order_and_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
