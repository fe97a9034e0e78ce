/* Received entries: any order, any cut into batches, honest or not, end in the same visible state.
 */
#include <stdio.h>

#include "tests/node/engine_world.h"

#define HISTORY_MAX 400

/* Entries as they travel, in the order they were made. */
typedef struct history {
    eid_id root;
    eid_entry *entries[HISTORY_MAX];
    size_t count;
} history;

static void history_end(history *self)
{
    for (size_t i = 0; i < self->count; i++) eid_entry_free(self->entries[i]);
}

/* A database whose entries branch at random: each builds on up to three random earlier ones.
 * `strangers` in a hundred are signed by someone who may not. */
static void history_make(world *maker, history *self, size_t count, unsigned strangers)
{
    char payload[200], key[8];
    eid_key stranger = world_key(9);

    self->root = world_database(maker, "history");
    self->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_stranger = eid_random_below(&maker->random, 100) < strangers;
        bool is_settings = eid_random_below(&maker->random, 100) < 8;
        eid_idset tips = EID_IDSET_EMPTY;

        for (size_t p = 0; p < 3 && self->count > 0; p++) {
            size_t place = self->count - 1 -
                           eid_random_below(&maker->random, self->count < 8 ? self->count : 8);
            assert_ok(eid_idset_add(&tips, eid_entry_id(self->entries[place])));
        }
        if (self->count == 0) assert_ok(eid_idset_add(&tips, &self->root));
        (void)snprintf(key, sizeof(key), "k%u", (unsigned)eid_random_below(&maker->random, 9));
        eid_entry *entry = world_entry(
            maker, &self->root, &tips, is_settings ? EID_STORE_SETTINGS : "data",
            world_payload(payload, key, (int64_t)i), is_stranger ? &stranger : &maker->admin);
        self->entries[self->count++] = entry;
        eid_idset_fini(&tips);
        eid_slice bytes = eid_entry_bytes(entry);
        uint64_t stored, visible;

        /* Strangers' entries are kept as Failed, so that others are built on them. */
        assert_ok(maker->seam->ingest(maker->seam->self, &bytes, 1, &stored, &visible));
        assert_int_equal(stored, 1);
    }
}

static eid_status history_take_genesis(void *arg, const eid_entry *entry, eid_verdict verdict)
{
    eid_buf *out = arg;

    eid_buf_append(out, eid_entry_bytes(entry));
    return EID_E_AGAIN;
}

/* The bytes of all entries in a random order, the genesis included. */
static size_t history_shuffle(world *maker, const history *self, eid_buf *genesis, eid_slice *out)
{
    size_t count = 0;

    assert_ok(maker->seam->entries(maker->seam->self, &self->root, NULL, false,
                                   history_take_genesis, genesis));
    out[count++] = eid_buf_slice(genesis);
    for (size_t i = 0; i < self->count; i++) out[count++] = eid_entry_bytes(self->entries[i]);
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = eid_random_below(&maker->random, i + 1);
        eid_slice other = out[i];
        out[i] = out[j];
        out[j] = other;
    }
    return count;
}

static void assert_same(world *a, world *b, const eid_id *root)
{
    eid_db_info x, y;
    eid_doc *p, *q;

    assert_ok(a->seam->info(a->seam->self, root, &x));
    assert_ok(b->seam->info(b->seam->self, root, &y));
    assert_int_equal(x.counts.entries, y.counts.entries);
    assert_int_equal(x.counts.verified, y.counts.verified);
    assert_int_equal(x.counts.failed, y.counts.failed);
    assert_true(eid_idset_equal(&x.tips, &y.tips));
    assert_ok(a->seam->doc(a->seam->self, root, eid_slice_text("data"), &p));
    assert_ok(b->seam->doc(b->seam->self, root, eid_slice_text("data"), &q));
    assert_true(eid_doc_equal(p, q));
    eid_doc_free(p);
    eid_doc_free(q);
    eid_db_info_fini(&x);
    eid_db_info_fini(&y);
}

/* Take the bytes in, cut into random batches; every so often some are sent again. */
static void ingest_all(world *self, const eid_slice *bytes, size_t count, eid_ingest_report *sum)
{
    memset(sum, 0, sizeof(*sum));
    for (size_t i = 0; i < count;) {
        size_t len = 1 + eid_random_below(&self->random, 60);
        size_t from = i > 3 ? i - eid_random_below(&self->random, 3) : i;
        eid_ingest_report report;

        if (len > count - from) len = count - from;
        assert_ok(
            eid_engine_ingest(self->engine, bytes + from, len, NULL, EID_DURABLE_ASYNC, &report));
        assert_int_equal(report.stored + report.known, len);
        sum->stored += report.stored;
        sum->verified += report.verified;
        sum->failed += report.failed;
        eid_idset_fini(&sum->missing);
        sum->missing = report.missing;
        i = from + len > i ? from + len : i + 1;
    }
}

static void test_engine_ingest__any_order_gives_the_same_state(void **state)
{
    static const unsigned strangers[] = {0, 3, 15};

    for (unsigned round = 0; round < 6; round++) {
        eid_slice bytes[HISTORY_MAX + 1];
        eid_ingest_report sum;
        eid_buf genesis;
        world maker, taker;
        history all;

        world_open(&maker, "memory://", true);
        world_open(&taker, "memory://", round % 2 == 0);
        maker.random.state = 100 + round;
        taker.random.state = 200 + round;
        eid_buf_init(&genesis, EID_ENTRY_BYTES_MAX);
        history_make(&maker, &all, 120, strangers[round / 2]);
        size_t count = history_shuffle(&maker, &all, &genesis, bytes);
        ingest_all(&taker, bytes, count, &sum);
        assert_int_equal(sum.stored, count);
        assert_int_equal(sum.verified + sum.failed, count);
        assert_int_equal(sum.missing.count, 0);
        eid_idset_fini(&sum.missing);
        assert_same(&maker, &taker, &all.root);
        world_check(&maker, &all.root);
        world_check(&taker, &all.root);
        eid_buf_fini(&genesis);
        history_end(&all);
        world_close(&maker);
        world_close(&taker);
    }
}

static void test_engine_ingest__takes_a_large_batch_in_one_go(void **state)
{
    eid_slice bytes[HISTORY_MAX + 1];
    eid_ingest_report report;
    eid_buf genesis;
    world maker, taker;
    history all;

    world_open(&maker, "memory://", true);
    world_open(&taker, "memory://", false);
    eid_buf_init(&genesis, EID_ENTRY_BYTES_MAX);
    history_make(&maker, &all, HISTORY_MAX, 2);
    size_t count = history_shuffle(&maker, &all, &genesis, bytes);
    assert_ok(eid_engine_ingest(taker.engine, bytes, count, NULL, EID_DURABLE_SYNC, &report));
    assert_int_equal(report.stored, count);
    assert_int_equal(report.verified + report.failed, count);
    assert_int_equal(report.missing.count, 0);
    eid_idset_fini(&report.missing);
    assert_same(&maker, &taker, &all.root);
    world_check(&taker, &all.root);
    eid_buf_fini(&genesis);
    history_end(&all);
    world_close(&maker);
    world_close(&taker);
}

typedef struct counter {
    size_t events, added;
    bool is_remote;
} counter;

static void count_event(void *arg, const eid_write_event *event)
{
    counter *self = arg;

    self->events++;
    self->added += event->added.count;
    self->is_remote = event->is_remote;
}

static void test_engine_ingest__promotes_what_waited_with_one_event(void **state)
{
    eid_slice bytes[HISTORY_MAX + 1];
    eid_ingest_report report;
    uint64_t subscription;
    counter seen = {0};
    eid_buf genesis;
    world maker, taker;
    history all;

    world_open(&maker, "memory://", true);
    world_open(&taker, "memory://", true);
    eid_buf_init(&genesis, EID_ENTRY_BYTES_MAX);
    history_make(&maker, &all, 5, 0);
    assert_ok(maker.seam->entries(maker.seam->self, &all.root, NULL, false, history_take_genesis,
                                  &genesis));
    bytes[0] = eid_buf_slice(&genesis);
    for (size_t i = 0; i < 5; i++) bytes[i + 1] = eid_entry_bytes(all.entries[i]);
    assert_ok(eid_engine_ingest(taker.engine, bytes, 1, NULL, EID_DURABLE_ASYNC, &report));
    assert_int_equal(report.verified, 1);
    eid_idset_fini(&report.missing);
    assert_ok(taker.seam->subscribe(taker.seam->self, &all.root, NULL, count_event, &seen,
                                    &subscription));
    assert_ok(eid_engine_ingest(taker.engine, bytes + 2, 4, NULL, EID_DURABLE_ASYNC, &report));
    assert_int_equal(report.verified, 0);
    assert_int_equal(report.stored, 4);
    assert_int_equal(report.missing.count, 1);
    assert_true(eid_id_equal(&report.missing.at[0], eid_entry_id(all.entries[0])));
    eid_idset_fini(&report.missing);
    assert_int_equal(seen.events, 0);
    assert_ok(eid_engine_ingest(taker.engine, bytes + 1, 1, NULL, EID_DURABLE_ASYNC, &report));
    assert_int_equal(report.verified, 5);
    eid_idset_fini(&report.missing);
    assert_int_equal(seen.events, 1);
    assert_int_equal(seen.added, 5);
    assert_true(seen.is_remote);
    assert_same(&maker, &taker, &all.root);
    eid_buf_fini(&genesis);
    history_end(&all);
    world_close(&maker);
    world_close(&taker);
}

static void test_engine_ingest__refuses_what_is_no_entry_or_not_expected(void **state)
{
    eid_idset expect = EID_IDSET_EMPTY;
    eid_ingest_report report;
    eid_db_info info;
    world maker, taker;

    world_open(&maker, "memory://", true);
    world_open(&taker, "memory://", false);
    eid_entry *genesis = world_genesis(&maker, "wanted"), *other = world_genesis(&maker, "other");
    eid_slice bytes[] = {eid_slice_text("garbage"), EID_SLICE_EMPTY, eid_entry_bytes(genesis),
                         eid_entry_bytes(other), eid_entry_bytes(genesis)};
    bytes[1] = eid_slice_of(bytes[2].at, bytes[2].len - 1);
    assert_ok(eid_idset_add(&expect, eid_entry_id(genesis)));
    assert_ok(eid_engine_ingest(taker.engine, bytes, 5, &expect, EID_DURABLE_ASYNC, &report));
    assert_int_equal(report.malformed, 3);
    assert_int_equal(report.stored, 1);
    assert_int_equal(report.known, 1);
    eid_idset_fini(&report.missing);
    assert_int_equal(taker.seam->info(taker.seam->self, eid_entry_id(other), &info),
                     EID_E_NOT_FOUND);
    assert_ok(eid_engine_ingest(taker.engine, bytes, 0, NULL, EID_DURABLE_ASYNC, &report));
    eid_idset_fini(&report.missing);
    eid_idset_fini(&expect);
    eid_entry_free(genesis);
    eid_entry_free(other);
    world_close(&maker);
    world_close(&taker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_ingest__any_order_gives_the_same_state),
        cmocka_unit_test(test_engine_ingest__takes_a_large_batch_in_one_go),
        cmocka_unit_test(test_engine_ingest__promotes_what_waited_with_one_event),
        cmocka_unit_test(test_engine_ingest__refuses_what_is_no_entry_or_not_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
