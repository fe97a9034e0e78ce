/* Random concurrent edits, exchanged in random order with repeats and losses: every edit does to a
 * document what it does to a plain sequence, and whoever has got everything shows the same, however
 * it came.
 *
 * EID_PROPERTY_RUNS = number of histories (15), EID_PROPERTY_SEED = the first seed (1): a failure
 * prints the seed to replay with EID_PROPERTY_RUNS=1. */
#include <stdio.h>
#include <stdlib.h>

#include "crdt/ydoc.h"
#include "dag/alloc.h"
#include "dag/random.h"
#include "tests/support/test.h"

#define WRITERS 4
#define UPDATES_MAX 160
#define BYTES_MAX ((size_t)1 << 24)

typedef struct history {
    uint64_t seed;
    eid_random_seeded random;
    eid_ydoc *docs[WRITERS];
    eid_buf known[WRITERS]; /* state vector at the last update */
    eid_buf updates[UPDATES_MAX];
    size_t count;
} history;

static const uint32_t client_ids[WRITERS] = {7, 1, 4294967295u, 300};

static uint64_t pick(history *h, uint64_t bound)
{
    return eid_random_below(&h->random, bound);
}

#define CHECK(h, condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "seed %llu: %s\n", (unsigned long long)(h)->seed, #condition);         \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* -- views ------------------------------------------------------------------------------------- */

static eid_buf buffer(void)
{
    eid_buf buf;

    eid_buf_init(&buf, BYTES_MAX);
    return buf;
}

static eid_buf text_of(history *h, const eid_ydoc *doc)
{
    eid_buf text = buffer();

    CHECK(h, eid_ydoc_view_text(doc, "t", &text) == EID_OK);
    return text;
}

static eid_buf array_of(history *h, const eid_ydoc *doc)
{
    eid_buf json = buffer();
    eid_json_writer writer;

    eid_json_writer_init(&writer, &json);
    CHECK(h, eid_ydoc_view_array(doc, "a", &writer) == EID_OK);
    return json;
}

static eid_buf view_of(history *h, const eid_ydoc *doc)
{
    eid_buf view = text_of(h, doc);
    eid_json_writer writer;

    eid_json_writer_init(&writer, &view);
    CHECK(h, eid_ydoc_view_map(doc, "m", &writer) == EID_OK);
    CHECK(h, eid_ydoc_view_array(doc, "a", &writer) == EID_OK);
    CHECK(h, eid_ydoc_view_state(doc, &writer) == EID_OK);
    return view;
}

static void check_same(history *h, const eid_ydoc *a, const eid_ydoc *b)
{
    eid_buf left = view_of(h, a), right = view_of(h, b);

    if (!eid_slice_equal(eid_buf_slice(&left), eid_buf_slice(&right))) {
        fprintf(stderr, "one shows %.*s\nanother %.*s\n", EID_SLICE_ARG(eid_buf_slice(&left)),
                EID_SLICE_ARG(eid_buf_slice(&right)));
    }
    CHECK(h, eid_slice_equal(eid_buf_slice(&left), eid_buf_slice(&right)));
    eid_buf_fini(&left);
    eid_buf_fini(&right);
}

/* -- edits, against a plain sequence ----------------------------------------------------------- */

/* `before` with `count` bytes from `at` on replaced by `text` is what `after` is. */
static void check_splice(history *h, const eid_buf *before, size_t at, size_t count, eid_slice text,
                         const eid_buf *after)
{
    eid_buf model = buffer();

    eid_buf_append(&model, eid_slice_of(before->at, at));
    eid_buf_append(&model, text);
    eid_buf_append(&model, eid_slice_of(before->at + at + count, before->len - at - count));
    CHECK(h, eid_slice_equal(eid_buf_slice(&model), eid_buf_slice(after)));
    eid_buf_fini(&model);
}

/* Texts are ASCII here, so that a unit is a byte. */
static void edit_text(history *h, eid_ydoc *doc)
{
    static const char *const words[] = {"a", "bc", "hello", "-", "xyz"};
    const char *word = words[pick(h, 5)];
    eid_buf before = text_of(h, doc), after;
    size_t at = pick(h, before.len + 1), count = 0;

    eid_buf_append_byte(&before, 0); /* so that there are bytes */
    eid_buf_truncate(&before, before.len - 1);
    if (pick(h, 3) > 0) {
        CHECK(h, eid_ydoc_text_insert(doc, "t", at, eid_slice_text(word)) == EID_OK);
    } else {
        word = "";
        count = pick(h, before.len - at < 6 ? before.len - at + 1 : 6);
        CHECK(h, eid_ydoc_text_delete(doc, "t", at, count) == EID_OK);
    }
    after = text_of(h, doc);
    check_splice(h, &before, at, count, eid_slice_text(word), &after);
    CHECK(h, eid_ydoc_length(doc, "t") == after.len);
    eid_buf_fini(&before);
    eid_buf_fini(&after);
}

/* Values are of one digit, so that the i-th stands at 1 + 2 i. */
static void edit_array(history *h, eid_ydoc *doc)
{
    uint64_t length = eid_ydoc_length(doc, "a");
    size_t at = pick(h, length + 1), count = 0;
    eid_buf before = array_of(h, doc), after;

    if (pick(h, 3) > 0) {
        CHECK(h, eid_ydoc_array_insert(doc, "a", at, eid_slice_text("[1,2,3]")) == EID_OK);
        after = array_of(h, doc);
        if (at < length) check_splice(h, &before, 1 + 2 * at, 0, eid_slice_text("1,2,3,"), &after);
    } else {
        count = pick(h, length - at < 3 ? length - at + 1 : 3);
        CHECK(h, eid_ydoc_array_delete(doc, "a", at, count) == EID_OK);
        after = array_of(h, doc);
        if (at + count < length)
            check_splice(h, &before, 1 + 2 * at, 2 * count, EID_SLICE_EMPTY, &after);
    }
    eid_buf_fini(&before);
    eid_buf_fini(&after);
}

static void edit_map(history *h, eid_ydoc *doc)
{
    static const char *const names[] = {"a", "b", ""};
    eid_slice key = eid_slice_text(names[pick(h, 3)]);
    char value[16];

    snprintf(value, sizeof(value), "%d", (int)pick(h, 1000) - 500);
    if (pick(h, 4) > 0)
        CHECK(h, eid_ydoc_map_set(doc, "m", key, eid_slice_text(value)) == EID_OK);
    else
        CHECK(h, eid_ydoc_map_delete(doc, "m", key) == EID_OK);
}

static void history_edit(history *h, eid_ydoc *doc)
{
    switch (pick(h, 4)) {
    case 0:
        edit_map(h, doc);
        break;
    case 1:
        edit_array(h, doc);
        break;
    default:
        edit_text(h, doc);
    }
}

/* -- exchange ---------------------------------------------------------------------------------- */

/* What a writer has changed since the last time; with all deletes, and what waits. */
static void history_publish(history *h, size_t writer)
{
    eid_buf *update = &h->updates[h->count++];

    *update = buffer();
    CHECK(h, eid_ydoc_encode(h->docs[writer], eid_buf_slice(&h->known[writer]), update) == EID_OK);
    eid_buf_clear(&h->known[writer]);
    CHECK(h, eid_ydoc_state_vector(h->docs[writer], &h->known[writer]) == EID_OK);
}

static void history_make(history *h, uint64_t seed)
{
    *h = (history){.seed = seed, .random = {seed}};
    for (size_t i = 0; i < WRITERS; i++) {
        h->known[i] = buffer();
        CHECK(h, eid_ydoc_new(client_ids[i], &h->docs[i]) == EID_OK);
    }
    while (h->count < UPDATES_MAX) {
        size_t writer = pick(h, WRITERS);

        if (h->count > 0 && pick(h, 2) == 0) {
            eid_slice update = eid_buf_slice(&h->updates[pick(h, h->count)]);

            CHECK(h, eid_ydoc_apply(h->docs[writer], update) == EID_OK);
        }
        for (uint64_t edits = pick(h, 4); edits > 0; edits--) history_edit(h, h->docs[writer]);
        history_publish(h, writer);
    }
}

static void history_end(history *h)
{
    for (size_t i = 0; i < WRITERS; i++) {
        eid_ydoc_free(h->docs[i]);
        eid_buf_fini(&h->known[i]);
    }
    for (size_t i = 0; i < h->count; i++) eid_buf_fini(&h->updates[i]);
}

static void history_order(history *h, size_t order[UPDATES_MAX])
{
    for (size_t i = 0; i < h->count; i++) {
        size_t at = pick(h, i + 1);

        order[i] = order[at];
        order[at] = i;
    }
}

/* All updates in random order, some of them twice. */
static void history_deliver(history *h, eid_ydoc *doc)
{
    size_t order[UPDATES_MAX];

    history_order(h, order);
    for (size_t i = 0; i < h->count; i++) {
        CHECK(h, eid_ydoc_apply(doc, eid_buf_slice(&h->updates[order[i]])) == EID_OK);
        if (pick(h, 8) > 0) continue;
        CHECK(h, eid_ydoc_apply(doc, eid_buf_slice(&h->updates[order[pick(h, i + 1)]])) == EID_OK);
    }
    CHECK(h, !eid_ydoc_is_pending(doc));
}

/* The same as the store does it: bytes merged with bytes. */
static void history_fold(history *h, eid_ydoc *doc)
{
    size_t order[UPDATES_MAX];
    eid_buf state = buffer();

    history_order(h, order);
    for (size_t i = 0; i < h->count; i++) {
        eid_buf next = buffer();
        eid_slice update = eid_buf_slice(&h->updates[order[i]]);

        CHECK(h, eid_ydoc_merge(eid_buf_slice(&state), update, &next) == EID_OK);
        eid_buf_fini(&state);
        state = next;
    }
    CHECK(h, eid_ydoc_apply(doc, eid_buf_slice(&state)) == EID_OK);
    eid_buf_fini(&state);
}

static void history_run(uint64_t seed)
{
    static history h;
    eid_ydoc *folded = NULL;

    history_make(&h, seed);
    for (size_t i = 0; i < WRITERS; i++) history_deliver(&h, h.docs[i]);
    CHECK(&h, eid_ydoc_new(9, &folded) == EID_OK);
    history_fold(&h, folded);
    for (size_t i = 1; i < WRITERS; i++) check_same(&h, h.docs[0], h.docs[i]);
    check_same(&h, h.docs[0], folded);
    eid_ydoc_free(folded);
    history_end(&h);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void test_ydoc__converges_in_any_order(void **state)
{
    uint64_t runs = setting("EID_PROPERTY_RUNS", 15), seed = setting("EID_PROPERTY_SEED", 1);

    for (uint64_t i = 0; i < runs; i++) history_run(seed + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ydoc__converges_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
