/* Random histories, applied in random order, against the naive fold of what has been applied: after
 * every entry the state must equal the fold, whole, path by path and child by child.
 *
 * EID_PROPERTY_RUNS = number of histories (10000), EID_PROPERTY_SEED = the first seed (1): a
 * failure prints the seed to replay with EID_PROPERTY_RUNS=1. */
#include <stdio.h>
#include <stdlib.h>

#include "crdt/payload.h"
#include "dag/assert.h"
#include "dag/random.h"
#include "tests/crdt/row_table.h"
#include "tests/support/test.h"

#define ENTRIES_MAX 9
#define STORES 2
#define PATH_MAX_NAMES 3

typedef struct history_entry {
    eid_stamp stamp[STORES];
    eid_doc *payload[STORES]; /* NULL: the entry does not write the store */
    bool applied;
} history_entry;

typedef struct history {
    uint64_t seed;
    eid_random_seeded random;
    bool is_narrow; /* few names and many lists, so that writes meet */
    history_entry entries[ENTRIES_MAX];
    size_t count;
    row_table tables[STORES];
} history;

static uint64_t pick(history *h, uint64_t bound)
{
    return eid_random_below(&h->random, bound);
}

/* Compare and say where it failed before cmocka does. */
#define CHECK(h, condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "seed %llu: %s\n", (unsigned long long)(h)->seed, #condition);         \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

static void doc_print(const char *what, const eid_doc *doc)
{
    eid_buf text;

    eid_buf_init(&text, 1u << 20);
    if (eid_payload_write_doc(doc, &text) == EID_OK) {
        fprintf(stderr, "%s: %.*s\n", what, EID_SLICE_ARG(eid_buf_slice(&text)));
    }
    eid_buf_fini(&text);
}

/* -- random payloads --------------------------------------------------------------------------- */

static char long_names[2][300];

static eid_slice random_name(history *h)
{
    static const char *const names[] = {"a", "b", "c", "", "a.b", "\x01", "\xef\xbf\xbf"};
    uint64_t which = pick(h, 16);

    if (h->is_narrow) return eid_slice_text(which < 14 ? "a" : "b");
    if (which == 15) return eid_slice_of("a\0b", 3);
    if (which == 14) return eid_slice_of(long_names[pick(h, 2)], sizeof(long_names[0]));
    if (which >= 7) return eid_slice_text(names[which % 3]);
    return eid_slice_text(names[which]);
}

static void random_value(history *h, unsigned depth, eid_value *out);

static eid_doc *random_doc(history *h, unsigned depth, size_t children_max)
{
    eid_doc *doc = NULL;
    size_t children = pick(h, children_max + 1);

    assert_int_equal(eid_doc_new(&doc), EID_OK);
    eid_doc_set_atomic(doc, pick(h, 8) == 0);
    for (size_t i = 0; i < children; i++) {
        eid_value value = EID_VALUE_NULL_INIT;
        eid_slice name = random_name(h);

        random_value(h, depth + 1, &value);
        assert_int_equal(eid_doc_put_child_take(doc, name, &value), EID_OK);
    }
    return doc;
}

static eid_list *random_list(history *h, unsigned depth)
{
    static const eid_position places[] = {{0, 1, {0}},  {1, 2, {0}},  {2, 4, {0}}, {3, 6, {0}},
                                          {-1, 2, {0}}, {-2, 4, {0}}, {0, 3, {0}}, {5, 4, {0}},
                                          {1, 1, {0}},  {1, 2, {0}},  {2, 4, {0}}, {-7, 3, {0}}};
    eid_list *list = NULL;
    size_t elements = pick(h, 4);

    assert_int_equal(eid_list_new(&list), EID_OK);
    for (size_t i = 0; i < elements; i++) {
        eid_position position = places[pick(h, EID_COUNT(places))];
        eid_value value = EID_VALUE_NULL_INIT;

        position.unique[0] = (uint8_t)pick(h, 2);
        random_value(h, depth + 1, &value);
        assert_int_equal(eid_list_put_take(list, &position, &value), EID_OK);
    }
    return list;
}

static void random_value(history *h, unsigned depth, eid_value *out)
{
    uint64_t which = pick(h, depth >= 4 ? 7 : 14);

    if (h->is_narrow && which < 9 && depth < 3) which = 13;

    if (which < 2)
        *out = eid_value_of_int((int64_t)pick(h, 100) - 50);
    else if (which < 4)
        *out = EID_VALUE_DELETED_INIT;
    else if (which == 4)
        *out = eid_value_of_bool(pick(h, 2) != 0);
    else if (which == 5)
        *out = EID_VALUE_NULL_INIT;
    else if (which == 6)
        assert_int_equal(eid_value_set_text(out, random_name(h)), EID_OK);
    else if (which < 11) {
        eid_doc *doc = random_doc(h, depth, 3);

        *out = eid_value_of_doc_take(&doc);
    } else {
        eid_list *list = random_list(h, depth);

        *out = eid_value_of_list_take(&list);
    }
}

/* What a peer would read of it. */
static eid_doc *doc_through_bytes(history *h, eid_doc *doc)
{
    eid_doc *read = NULL;
    eid_buf text;

    eid_buf_init(&text, 1u << 20);
    CHECK(h, eid_payload_write_doc(doc, &text) == EID_OK);
    CHECK(h, eid_payload_read_doc(eid_buf_slice(&text), &read) == EID_OK);
    CHECK(h, eid_doc_equal(doc, read));
    eid_buf_fini(&text);
    eid_doc_free(doc);
    return read;
}

/* Entries over random parents; now and then a height that does not follow from them. */
static void history_begin(history *h, uint64_t seed)
{
    *h = (history){.seed = seed, .random = {seed}};
    h->is_narrow = pick(h, 3) == 0;
    h->count = 2 + pick(h, ENTRIES_MAX - 1);
    for (size_t i = 0; i < h->count; i++) {
        uint64_t content[2] = {seed, i};
        eid_id id = eid_id_of_entry(eid_slice_of(content, sizeof(content)));

        for (size_t store = 0; store < STORES; store++) {
            uint64_t height = pick(h, 3);

            for (size_t parent = 0; parent < i; parent++) {
                uint64_t above = h->entries[parent].stamp[store].height + 1;

                if (pick(h, 3) == 0 && above > height) height = above;
            }
            if (pick(h, 50) == 0) height = UINT64_MAX - pick(h, 2);
            h->entries[i].stamp[store] = (eid_stamp){height, id};
            if (store > 0 && pick(h, 3) != 0) continue;
            h->entries[i].payload[store] = doc_through_bytes(h, random_doc(h, 0, 4));
        }
    }
}

static void history_end(history *h)
{
    for (size_t store = 0; store < STORES; store++) {
        row_table_fini(&h->tables[store]);
        for (size_t i = 0; i < h->count; i++) eid_doc_free(h->entries[i].payload[store]);
    }
}

/* -- the oracle -------------------------------------------------------------------------------- */

/* The oracle's own order (spec 02 §4), so that a wrong one in the engine shows. */
static int naive_compare(const eid_stamp *a, const eid_stamp *b)
{
    if (a->height != b->height) return a->height < b->height ? -1 : 1;
    return eid_id_compare(&a->id, &b->id);
}

static eid_doc *history_fold(history *h, size_t store)
{
    const history_entry *order[ENTRIES_MAX];
    size_t count = 0;
    eid_doc *state = NULL;

    for (size_t i = 0; i < h->count; i++) {
        size_t at = count;

        if (!h->entries[i].applied || h->entries[i].payload[store] == NULL) continue;
        while (at > 0 &&
               naive_compare(&order[at - 1]->stamp[store], &h->entries[i].stamp[store]) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = &h->entries[i];
        count++;
    }
    assert_int_equal(eid_doc_new(&state), EID_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(eid_doc_merge(state, order[i]->payload[store]), EID_OK);
    }
    return state;
}

static const eid_value *doc_walk(const eid_doc *doc, const eid_slice *path, size_t count)
{
    const eid_value *value = eid_doc_child(doc, path[0]);

    for (size_t i = 1; i < count && value != NULL; i++) {
        value = value->type == EID_VALUE_DOC ? eid_doc_child(value->doc, path[i]) : NULL;
    }
    return value;
}

/* The latest applied entry that writes a path. */
static const eid_stamp *history_writer(history *h, size_t store, const eid_slice *path,
                                       size_t count)
{
    const eid_stamp *latest = NULL;

    for (size_t i = 0; i < h->count; i++) {
        const history_entry *entry = &h->entries[i];

        if (!entry->applied || entry->payload[store] == NULL) continue;
        if (doc_walk(entry->payload[store], path, count) == NULL) continue;
        if (latest == NULL || naive_compare(&entry->stamp[store], latest) > 0) {
            latest = &entry->stamp[store];
        }
    }
    return latest;
}

/* -- checks ------------------------------------------------------------------------------------ */

static void check_whole(history *h, size_t store, const eid_doc *fold)
{
    eid_state_rows rows = row_table_rows(&h->tables[store]);
    eid_doc *state = NULL;

    CHECK(h, eid_state_read(&rows, &state) == EID_OK);
    if (!eid_doc_equal(state, fold)) {
        doc_print("fold ", fold);
        doc_print("state", state);
        CHECK(h, !"the state equals the fold");
    }
    eid_doc_free(state);
}

static void check_paths(history *h, size_t store, const eid_doc *fold)
{
    eid_state_rows rows = row_table_rows(&h->tables[store]);

    for (unsigned i = 0; i < 4; i++) {
        eid_slice path[PATH_MAX_NAMES];
        size_t count = 1 + pick(h, PATH_MAX_NAMES);
        const eid_value *expected;
        eid_value value;
        eid_stamp who;
        eid_status status;

        for (size_t name = 0; name < count; name++) path[name] = random_name(h);
        expected = doc_walk(fold, path, count);
        status = eid_state_get(&rows, path, count, &value, &who);
        CHECK(h, status == (expected != NULL ? EID_OK : EID_E_NOT_FOUND));
        if (expected == NULL) continue;
        CHECK(h, eid_value_equal(&value, expected));
        CHECK(h, eid_stamp_compare(&who, history_writer(h, store, path, count)) == 0);
        eid_value_fini(&value);
    }
}

typedef struct child_list {
    eid_slice names[32]; /* of the fold */
    size_t count, stop_after;
    const eid_doc *fold;
    history *h;
} child_list;

static eid_status child_on(void *self, eid_slice name, const eid_value *value)
{
    child_list *children = self;
    const eid_value *expected = eid_doc_child(children->fold, name);

    CHECK(children->h, expected != NULL && eid_value_equal(value, expected));
    for (size_t i = 0; i < eid_doc_total(children->fold); i++) {
        eid_slice mine;

        (void)eid_doc_at(children->fold, i, &mine);
        if (eid_slice_equal(mine, name)) children->names[children->count] = mine;
    }
    children->count++;
    return children->count == children->stop_after ? EID_E_AGAIN : EID_OK;
}

static void check_children(history *h, size_t store, const eid_doc *fold)
{
    eid_state_rows rows = row_table_rows(&h->tables[store]);
    child_list all = {.fold = fold, .h = h}, some = {.fold = fold, .h = h};

    CHECK(h, eid_state_children(&rows, false, EID_SLICE_EMPTY, child_on, &all) == EID_OK);
    CHECK(h, all.count == eid_doc_total(fold));
    for (size_t i = 1; i < all.count; i++) {
        if (all.names[i].len > 256 && all.names[i - 1].len > 256) continue;
        CHECK(h, eid_slice_compare(all.names[i - 1], all.names[i]) < 0);
    }
    if (all.count == 0) return;
    some.stop_after = 1 + pick(h, all.count);
    CHECK(h, eid_state_children(&rows, false, EID_SLICE_EMPTY, child_on, &some) == EID_OK);
    CHECK(h, some.count == some.stop_after);
    some.stop_after = 0;
    CHECK(h,
          eid_state_children(&rows, true, some.names[some.count - 1], child_on, &some) == EID_OK);
    CHECK(h, some.count == all.count);
    for (size_t i = 0; i < all.count; i++) {
        CHECK(h, eid_slice_equal(all.names[i], some.names[i]));
    }
}

static void history_apply(history *h, size_t entry)
{
    h->entries[entry].applied = true;
    for (size_t store = 0; store < STORES; store++) {
        eid_state_rows rows = row_table_rows(&h->tables[store]);
        const eid_doc *payload = h->entries[entry].payload[store];
        eid_doc *fold;

        if (payload == NULL) continue;
        CHECK(h, eid_state_apply(&rows, &h->entries[entry].stamp[store], payload) == EID_OK);
        fold = history_fold(h, store);
        check_whole(h, store, fold);
        check_paths(h, store, fold);
        check_children(h, store, fold);
        eid_doc_free(fold);
    }
}

static void history_run(uint64_t seed)
{
    history h;
    size_t arrival[ENTRIES_MAX];

    history_begin(&h, seed);
    for (size_t i = 0; i < h.count; i++) {
        size_t at = pick(&h, i + 1);

        arrival[i] = arrival[at];
        arrival[at] = i;
    }
    for (size_t i = 0; i < h.count; i++) {
        history_apply(&h, arrival[i]);
        if (pick(&h, 4) == 0) history_apply(&h, arrival[pick(&h, i + 1)]);
    }
    history_end(&h);
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void test_state__equals_the_fold_in_any_order_of_arrival(void **state)
{
    uint64_t runs = number_of("EID_PROPERTY_RUNS", 10000);
    uint64_t seed = number_of("EID_PROPERTY_SEED", 1);

    memset(long_names, 'n', sizeof(long_names));
    long_names[1][299] = 'm';
    for (uint64_t i = 0; i < runs; i++) history_run(seed + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state__equals_the_fold_in_any_order_of_arrival),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
