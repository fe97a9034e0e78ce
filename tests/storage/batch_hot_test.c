/* What a batch remembers across writes is what the store has, whatever was done to it. */
#include "dag/alloc.h"
#include "tests/storage/suite.h"

static eid_batch *batch_on(void **state, bool keeps)
{
    const world *self = *state;
    eid_batch *batch = NULL;

    assert_ok(eid_batch_new(self->kv, &batch));
    if (keeps) eid_batch_keep_hot(batch);
    return batch;
}

/* `expected` NULL = there is none. */
static void assert_hot(eid_batch *batch, const char *key, const char *expected)
{
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, 4096);
    status = eid_batch_get_hot(batch, EID_FAMILY_TIP, eid_slice_text(key), &value);
    if (expected == NULL) {
        assert_int_equal(status, EID_E_NOT_FOUND);
    } else {
        assert_ok(status);
        assert_true(eid_slice_is(eid_buf_slice(&value), expected));
    }
    eid_buf_fini(&value);
}

static void put(eid_batch *batch, const char *key, const char *value)
{
    assert_ok(eid_batch_put(batch, EID_FAMILY_TIP, eid_slice_text(key), eid_slice_text(value)));
}

/* Behind the batch's back: only so can be seen what is remembered. */
static void put_elsewhere(void **state, const char *key, const char *value)
{
    eid_batch *other = batch_on(state, false);

    put(other, key, value);
    assert_ok(eid_batch_write(other, EID_DURABLE_ASYNC));
    eid_batch_free(other);
}

static void test_batch_get_hot__does_not_ask_the_store_again(void **state)
{
    eid_batch *batch = batch_on(state, true), *plain = batch_on(state, false);

    assert_hot(batch, "a", NULL);
    put_elsewhere(state, "a", "1");
    assert_hot(batch, "a", NULL);
    assert_hot(plain, "a", "1");
    eid_batch_free(batch);
    eid_batch_free(plain);
}

static void test_batch_get_hot__sees_what_was_written_since(void **state)
{
    eid_batch *batch = batch_on(state, true);

    assert_hot(batch, "a", NULL);
    put(batch, "a", "1");
    assert_hot(batch, "a", "1");
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "a", "1");
    put(batch, "a", "a longer value");
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "a", "a longer value");
    assert_ok(eid_batch_delete(batch, EID_FAMILY_TIP, eid_slice_text("a")));
    assert_hot(batch, "a", NULL);
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "a", NULL);
    put(batch, "ab", "2");
    put(batch, "ac", "3");
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "ab", "2");
    assert_ok(eid_batch_delete_prefix(batch, EID_FAMILY_TIP, eid_slice_text("a")));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "ab", NULL);
    assert_hot(batch, "ac", NULL);
    eid_batch_free(batch);
}

static void test_batch_get_hot__forgets_what_was_never_written(void **state)
{
    eid_batch *batch = batch_on(state, true);

    put(batch, "a", "1");
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "a", "1");
    put(batch, "a", "2");
    assert_hot(batch, "a", "2");
    eid_batch_clear(batch);
    assert_hot(batch, "a", "1");
    eid_batch_free(batch);
}

static void test_batch_get_hot__takes_values_of_any_size_and_any_number(void **state)
{
    eid_batch *batch = batch_on(state, true);
    char large[3000], key[16];

    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    put(batch, "a", "1");
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "a", "1");
    put(batch, "a", large);
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    assert_hot(batch, "a", large);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
            (void)snprintf(key, sizeof key, "k%d", i);
            if (round == 0) put(batch, key, key);
            if (round == 2) assert_hot(batch, key, key);
        }
        assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    }
    eid_batch_free(batch);
}

/* Larger than a block, over and over, and each value again as it was put. */
static void test_batch__holds_values_larger_than_its_blocks(void **state)
{
    eid_batch *batch = batch_on(state, true);
    size_t size = 300000;
    char *text = eid_alloc(size + 1), key[16];

    assert_non_null(text);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 20; i++) {
            size_t len = i % 2 == 0 ? size - (size_t)i : (size_t)i;

            memset(text, 'a' + i, len);
            text[len] = 0;
            (void)snprintf(key, sizeof key, "k%d", i);
            put(batch, key, "short");
            put(batch, key, text);
        }
        assert_int_equal(eid_batch_count(batch), 20);
        assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    }
    assert_hot(batch, "k1", "b");
    eid_free(text);
    eid_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_batch_get_hot__does_not_ask_the_store_again),
        ON_ALL(test_batch_get_hot__sees_what_was_written_since),
        ON_ALL(test_batch_get_hot__forgets_what_was_never_written),
        ON_ALL(test_batch_get_hot__takes_values_of_any_size_and_any_number),
        ON_ALL(test_batch__holds_values_larger_than_its_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
