/* Named values and blocks. */
#include "storage/records.h"
#include "tests/storage/suite.h"

static void test_records__instance_and_secret_are_read_as_written(void **state)
{
    world *self = *state;
    eid_instance_record record = {.device = {1, 2, 3}}, read;
    uint8_t seed[32] = {9, 8}, read_seed[32];
    eid_batch *batch = NULL;

    record.users_db = eid_id_of_entry(eid_slice_text("users"));
    record.databases_db = eid_id_of_entry(eid_slice_text("databases"));
    assert_status(EID_E_NOT_FOUND, eid_records_instance(&self->at, &read));
    assert_status(EID_E_NOT_FOUND, eid_records_secret(&self->at, read_seed));
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_records_set_instance(batch, &record));
    assert_ok(eid_records_set_secret(batch, seed));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_ok(eid_records_instance(&self->at, &read));
    assert_memory_equal(read.device, record.device, 32);
    assert_true(eid_id_equal(&read.users_db, &record.users_db));
    assert_true(eid_id_equal(&read.databases_db, &record.databases_db));
    assert_false(read.has_sync_db);
    assert_ok(eid_records_secret(&self->at, read_seed));
    assert_memory_equal(seed, read_seed, 32);
    record.has_sync_db = true;
    record.sync_db = eid_id_of_entry(eid_slice_text("sync"));
    assert_ok(eid_records_set_instance(batch, &record));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_ok(eid_records_instance(&self->at, &read));
    assert_true(read.has_sync_db);
    assert_true(eid_id_equal(&read.sync_db, &record.sync_db));
    eid_batch_free(batch);
}

static void test_records__free_values_cannot_touch_others(void **state)
{
    world *self = *state;
    uint8_t seed[32] = {1};
    eid_batch *batch = NULL;
    char name[300];
    eid_buf value;

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    eid_buf_init(&value, 100);
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_records_set_secret(batch, seed));
    assert_ok(eid_records_set(batch, "secret/device", eid_slice_text("x")));
    assert_kind(EID_KIND_ARGUMENT, eid_records_set(batch, name, eid_slice_text("x")));
    assert_kind(EID_KIND_ARGUMENT, eid_records_set(batch, "", eid_slice_text("x")));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_ok(eid_records_secret(&self->at, seed));
    assert_int_equal(seed[0], 1);
    assert_ok(eid_records_get(&self->at, "secret/device", &value));
    assert_true(eid_slice_is(eid_buf_slice(&value), "x"));
    assert_ok(eid_records_delete(batch, "secret/device"));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_status(EID_E_NOT_FOUND, eid_records_get(&self->at, "secret/device", &value));
    eid_buf_fini(&value);
    eid_batch_free(batch);
}

static void test_records__blocks_have_the_bytes_of_their_id(void **state)
{
    world *self = *state;
    eid_slice bytes = eid_slice_text("some bytes");
    eid_id id = eid_id_of(bytes, EID_CODEC_RAW, EID_HASHCODE_SHA256);
    eid_id other = eid_id_of_raw(eid_slice_text("others"));
    eid_kv_write_op op = {EID_FAMILY_BLOB, eid_id_slice(&id), eid_slice_text("damaged"), false};
    eid_batch *batch = NULL;
    eid_buf found;

    eid_buf_init(&found, 100);
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_kind(EID_KIND_ID_FORMAT, eid_records_put_blob(batch, &other, bytes));
    assert_ok(eid_records_put_blob(batch, &id, bytes));
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_ok(eid_records_blob(&self->at, &id, &found));
    assert_true(eid_slice_equal(eid_buf_slice(&found), bytes));
    assert_status(EID_E_NOT_FOUND, eid_records_blob(&self->at, &other, &found));
    assert_ok(eid_kv_write(self->kv, &op, 1, EID_DURABLE_SYNC));
    assert_kind(EID_KIND_STORE_CORRUPT, eid_records_blob(&self->at, &id, &found));
    eid_buf_fini(&found);
    eid_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_records__instance_and_secret_are_read_as_written),
        ON_ALL(test_records__free_values_cannot_touch_others),
        ON_ALL(test_records__blocks_have_the_bytes_of_their_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
