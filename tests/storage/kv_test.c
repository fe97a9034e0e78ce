/* The contract of kv.h and batch.h, over each backend. */
#include "storage/batch.h"
#include "tests/storage/suite.h"

#define FAMILY EID_FAMILY_STATE

static void put(eid_kv *kv, const char *key, const char *value)
{
    eid_kv_write_op op = {.family = FAMILY,
                          .key = eid_slice_text(key),
                          .value = eid_slice_text(value == NULL ? "" : value),
                          .is_delete = value == NULL};

    assert_ok(eid_kv_write(kv, &op, 1, EID_DURABLE_SYNC));
}

/* The value is this; NULL = there is none. */
static void expect(eid_kv *kv, const eid_kv_view *view, const char *key, const char *value)
{
    eid_buf found;
    eid_status status;

    eid_buf_init(&found, 1024);
    status = eid_kv_get(kv, view, FAMILY, eid_slice_text(key), &found);
    if (value == NULL) {
        assert_status(EID_E_NOT_FOUND, status);
    } else {
        assert_ok(status);
        assert_int_equal(found.len, strlen(value));
        assert_memory_equal(found.at, value, found.len);
    }
    eid_buf_fini(&found);
}

/* All keys of a walk, joined. */
static void expect_walk(eid_kv_iter *iter, bool backward, const char *joined)
{
    char text[256] = "";
    eid_slice key, value;

    while (eid_kv_iter_pair(iter, &key, &value)) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s ",
                       EID_SLICE_ARG(key));
        if (backward) {
            eid_kv_iter_previous(iter);
        } else {
            eid_kv_iter_next(iter);
        }
    }
    assert_ok(eid_kv_iter_status(iter));
    assert_string_equal(joined, text);
}

static void test_kv__gives_back_what_was_put(void **state)
{
    world *self = *state;

    expect(self->kv, NULL, "a", NULL);
    put(self->kv, "a", "one");
    expect(self->kv, NULL, "a", "one");
    put(self->kv, "a", "two");
    expect(self->kv, NULL, "a", "two");
    put(self->kv, "a", NULL);
    expect(self->kv, NULL, "a", NULL);
    put(self->kv, "empty", "");
    expect(self->kv, NULL, "empty", "");
    assert_ok(eid_kv_sync(self->kv));
}

static void test_kv__keeps_families_apart(void **state)
{
    world *self = *state;
    eid_buf found;

    put(self->kv, "a", "one");
    eid_buf_init(&found, 16);
    assert_status(EID_E_NOT_FOUND,
                  eid_kv_get(self->kv, NULL, EID_FAMILY_BLOB, eid_slice_text("a"), &found));
    eid_buf_fini(&found);
}

static void test_kv__says_when_a_value_is_longer_than_the_buffer(void **state)
{
    world *self = *state;
    eid_buf found;

    put(self->kv, "a", "seven..");
    eid_buf_init(&found, 6);
    assert_kind(EID_KIND_LIMIT, eid_kv_get(self->kv, NULL, FAMILY, eid_slice_text("a"), &found));
    eid_buf_fini(&found);
}

static void test_kv_write__applies_operations_in_order(void **state)
{
    world *self = *state;
    eid_slice key = eid_slice_text("k");
    eid_kv_write_op ops[] = {
        {FAMILY, key, eid_slice_text("1"), false},
        {FAMILY, key, EID_SLICE_EMPTY, true},
        {FAMILY, key, eid_slice_text("2"), false},
    };

    assert_ok(eid_kv_write(self->kv, ops, 3, EID_DURABLE_ASYNC));
    expect(self->kv, NULL, "k", "2");
}

static void test_kv_view__does_not_see_later_writes(void **state)
{
    world *self = *state;
    eid_kv_view *view = NULL;
    eid_kv_iter *iter = NULL;

    put(self->kv, "a", "old");
    put(self->kv, "gone", "yes");
    assert_ok(eid_kv_view_new(self->kv, &view));
    put(self->kv, "a", "new");
    put(self->kv, "b", "new");
    put(self->kv, "gone", NULL);
    expect(self->kv, view, "a", "old");
    expect(self->kv, view, "b", NULL);
    expect(self->kv, view, "gone", "yes");
    expect(self->kv, NULL, "a", "new");
    assert_ok(eid_kv_iter_new(self->kv, view, FAMILY, EID_SLICE_EMPTY, &iter));
    expect_walk(iter, false, "a gone ");
    eid_kv_iter_free(iter);
    eid_kv_view_free(self->kv, view);
}

static void test_kv_iter__walks_a_prefix_both_ways(void **state)
{
    static const char *const keys[] = {"a", "p", "pa", "pb", "pc", "q"};
    world *self = *state;
    eid_kv_iter *iter = NULL;

    for (size_t i = 0; i < 6; i++) put(self->kv, keys[5 - i], "v");
    assert_ok(eid_kv_iter_new(self->kv, NULL, FAMILY, eid_slice_text("p"), &iter));
    expect_walk(iter, false, "p pa pb pc ");
    eid_kv_iter_seek(iter, eid_slice_text("pb"));
    expect_walk(iter, false, "pb pc ");
    eid_kv_iter_seek(iter, eid_slice_text("a"));
    expect_walk(iter, false, "p pa pb pc ");
    eid_kv_iter_seek(iter, eid_slice_text("q"));
    expect_walk(iter, false, "");
    eid_kv_iter_seek_last(iter);
    expect_walk(iter, true, "pc pb pa p ");
    eid_kv_iter_free(iter);
    assert_ok(eid_kv_iter_new(self->kv, NULL, FAMILY, eid_slice_text("z"), &iter));
    expect_walk(iter, false, "");
    eid_kv_iter_seek_last(iter);
    expect_walk(iter, true, "");
    eid_kv_iter_free(iter);
}

static void test_kv_iter__walks_a_prefix_of_the_highest_bytes(void **state)
{
    world *self = *state;
    eid_kv_iter *iter = NULL;

    put(self->kv, "\xfe", "v");
    put(self->kv, "\xff\xff", "v");
    put(self->kv, "\xff\xff\x01", "v");
    assert_ok(eid_kv_iter_new(self->kv, NULL, FAMILY, eid_slice_text("\xff\xff"), &iter));
    expect_walk(iter, false, "\xff\xff \xff\xff\x01 ");
    eid_kv_iter_seek_last(iter);
    expect_walk(iter, true, "\xff\xff\x01 \xff\xff ");
    eid_kv_iter_free(iter);
}

static void test_kv_close__loses_nothing(void **state)
{
    world *self = *state;

    put(self->kv, "a", "one");
    if (!world_reopen(self)) return;
    expect(self->kv, NULL, "a", "one");
}

static void test_kv__behaves_like_a_sorted_table(void **state)
{
    world *self = *state;
    eid_random_seeded random = {.state = 7};
    char model[200][12];
    char joined[4096] = "", walked[4096] = "";
    eid_kv_iter *iter = NULL;
    eid_slice key, value;

    memset(model, 0, sizeof model);
    for (size_t round = 0; round < 600; round++) {
        size_t i = (size_t)eid_random_below(&random, 200);
        char name[8];

        (void)snprintf(name, sizeof name, "%03zu", i);
        if (eid_random_below(&random, 3) == 0) {
            model[i][0] = '\0';
            put(self->kv, name, NULL);
        } else {
            (void)snprintf(model[i], sizeof model[i], "%zu", round);
            put(self->kv, name, model[i]);
        }
    }
    for (size_t i = 0; i < 200; i++) {
        if (model[i][0] == '\0') continue;
        (void)snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%03zu=%s ", i,
                       model[i]);
    }
    assert_ok(eid_kv_iter_new(self->kv, NULL, FAMILY, EID_SLICE_EMPTY, &iter));
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        (void)snprintf(walked + strlen(walked), sizeof walked - strlen(walked), "%.*s=%.*s ",
                       EID_SLICE_ARG(key), EID_SLICE_ARG(value));
    }
    eid_kv_iter_free(iter);
    assert_string_equal(joined, walked);
}

static void test_kv_bytes__grows(void **state)
{
    world *self = *state;
    uint64_t before = eid_kv_bytes(self->kv);
    char value[5000];

    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    put(self->kv, "a", value);
    assert_true(eid_kv_bytes(self->kv) >= before);
}

static void test_batch__is_seen_by_its_own_reads_only(void **state)
{
    world *self = *state;
    eid_batch *batch = NULL;
    eid_buf found;

    put(self->kv, "stored", "v");
    eid_buf_init(&found, 64);
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("a"), eid_slice_text("1")));
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("a"), eid_slice_text("longer")));
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("a"), eid_slice_text("2")));
    assert_ok(eid_batch_delete(batch, FAMILY, eid_slice_text("stored")));
    assert_int_equal(eid_batch_count(batch), 2);
    assert_ok(eid_batch_get(batch, FAMILY, eid_slice_text("a"), &found));
    assert_true(eid_slice_is(eid_buf_slice(&found), "2"));
    assert_status(EID_E_NOT_FOUND, eid_batch_get(batch, FAMILY, eid_slice_text("stored"), &found));
    expect(self->kv, NULL, "a", NULL);
    expect(self->kv, NULL, "stored", "v");
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    assert_int_equal(eid_batch_count(batch), 0);
    expect(self->kv, NULL, "a", "2");
    expect(self->kv, NULL, "stored", NULL);
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("b"), eid_slice_text("3")));
    eid_batch_clear(batch);
    assert_ok(eid_batch_write(batch, EID_DURABLE_SYNC));
    expect(self->kv, NULL, "b", NULL);
    eid_buf_fini(&found);
    eid_batch_free(batch);
}

static void test_batch__deletes_a_prefix_in_itself_and_in_the_store(void **state)
{
    world *self = *state;
    eid_batch *batch = NULL;

    put(self->kv, "pa", "v");
    put(self->kv, "q", "v");
    assert_ok(eid_batch_new(self->kv, &batch));
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("pb"), eid_slice_text("1")));
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("pa"), eid_slice_text("1")));
    assert_ok(eid_batch_delete_prefix(batch, FAMILY, eid_slice_text("p")));
    assert_ok(eid_batch_put(batch, FAMILY, eid_slice_text("pc"), eid_slice_text("1")));
    assert_ok(eid_batch_write(batch, EID_DURABLE_ASYNC));
    expect(self->kv, NULL, "pa", NULL);
    expect(self->kv, NULL, "pb", NULL);
    expect(self->kv, NULL, "pc", "1");
    expect(self->kv, NULL, "q", "v");
    eid_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(test_kv__gives_back_what_was_put),
        ON_ALL(test_kv__keeps_families_apart),
        ON_ALL(test_kv__says_when_a_value_is_longer_than_the_buffer),
        ON_ALL(test_kv_write__applies_operations_in_order),
        ON_ALL(test_kv_view__does_not_see_later_writes),
        ON_ALL(test_kv_iter__walks_a_prefix_both_ways),
        ON_ALL(test_kv_iter__walks_a_prefix_of_the_highest_bytes),
        ON_ALL(test_kv_close__loses_nothing),
        ON_ALL(test_kv__behaves_like_a_sorted_table),
        ON_ALL(test_kv_bytes__grows),
        ON_ALL(test_batch__is_seen_by_its_own_reads_only),
        ON_ALL(test_batch__deletes_a_prefix_in_itself_and_in_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
