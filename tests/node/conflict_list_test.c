/* The ledger of conflicts through the seam of an engine: what is listed, in pages, what settles and
 * what prunes. That it is complete is the business of conflict_property_test.c. */
#include "node/db/conflict_ledger.h"
#include "tests/node/engine_world.h"

#define ITEMS_MAX 400

typedef struct item {
    char store[16], path[40], lost[40], now[40], signer[120];
    eid_id entry, winner;
    bool is_settled;
    uint8_t cursor[200];
    size_t cursor_len;
} item;

typedef struct items {
    item at[ITEMS_MAX];
    size_t count, stop_after;
} items;

static items listed; /* of the last list */

static void value_text(const eid_value *value, char out[40])
{
    if (value == NULL) snprintf(out, 40, "-");
    if (value != NULL && value->type == EID_VALUE_INT) {
        snprintf(out, 40, "%lld", (long long)value->integer);
    }
    if (value != NULL && value->type == EID_VALUE_DOC) snprintf(out, 40, "doc");
}

static eid_status on_conflict(void *arg, const eid_conflict *conflict)
{
    item *out = &listed.at[listed.count++];

    memset(out, 0, sizeof(*out));
    assert_true(listed.count < ITEMS_MAX);
    snprintf(out->store, sizeof(out->store), "%.*s", EID_SLICE_ARG(conflict->store));
    for (size_t i = 0; i < conflict->path_count; i++) {
        size_t len = strlen(out->path);

        snprintf(out->path + len, sizeof(out->path) - len, "%s%.*s", i > 0 ? "." : "",
                 EID_SLICE_ARG(conflict->path[i]));
    }
    value_text(conflict->lost.value, out->lost);
    value_text(conflict->now.value, out->now);
    snprintf(out->signer, sizeof(out->signer), "%.*s", EID_SLICE_ARG(conflict->lost.signer));
    out->entry = conflict->lost.entry;
    out->winner = conflict->now.entry;
    out->is_settled = conflict->is_settled;
    assert_true(conflict->cursor.len <= sizeof(out->cursor));
    memcpy(out->cursor, conflict->cursor.at, conflict->cursor.len);
    out->cursor_len = conflict->cursor.len;
    return listed.count == listed.stop_after ? EID_E_AGAIN : EID_OK;
}

static void list(world *self, const eid_id *root, const eid_conflict_query *query)
{
    static const eid_conflict_query everything;

    listed.count = 0;
    assert_ok(self->seam->conflicts(self->seam->self, root, query != NULL ? query : &everything,
                                    on_conflict, NULL));
}

static uint64_t prune(world *self, const eid_id *root, const eid_conflict_query *query)
{
    static const eid_conflict_query everything;
    uint64_t pruned;

    assert_ok(self->seam->prune_conflicts(self->seam->self, root,
                                          query != NULL ? query : &everything, &pruned));
    return pruned;
}

/* An entry on these tips (NULL = the visible ones) is submitted. */
static eid_id put(world *self, const eid_id *root, const eid_idset *at, const char *payload)
{
    eid_entry *entry = world_entry(self, root, at, "data", payload, &self->admin);
    eid_id id = *eid_entry_id(entry);
    eid_verdict verdict;

    assert_ok(self->seam->submit(self->seam->self, root, entry, EID_DURABLE_ASYNC, &verdict));
    assert_int_equal(verdict, EID_VERIFIED);
    eid_entry_free(entry);
    return id;
}

static eid_id put_on(world *self, const eid_id *root, const eid_id *at, const char *payload)
{
    eid_id copy = *at;
    const eid_idset tips = {&copy, 1, 1};

    return put(self, root, &tips, payload);
}

static eid_id put_int(world *self, const eid_id *root, const eid_id *at, const char *key,
                      int64_t number)
{
    char payload[200];

    return put_on(self, root, at, world_payload(payload, key, number));
}

/* Rows of the ledger, of any kind, in the whole store. */
static size_t ledger_rows(world *self)
{
    eid_kv *kv = eid_engine_kv(self->engine);
    eid_kv_iter *iter;
    eid_slice key, value;
    size_t count = 0;

    assert_ok(eid_kv_iter_new(kv, NULL, EID_FAMILY_STATE, EID_SLICE_EMPTY, &iter));
    eid_kv_iter_seek(iter, EID_SLICE_EMPTY);
    for (; eid_kv_iter_pair(iter, &key, &value); eid_kv_iter_next(iter)) {
        count += key.at[8] >= EID__LEDGER_LOSS;
    }
    assert_ok(eid_kv_iter_status(iter));
    eid_kv_iter_free(iter);
    return count;
}

/* -- what is listed ---------------------------------------------------------------------------- */

static void test_conflicts__costs_nothing_where_nobody_is_concurrent(void **state)
{
    world self;
    eid_id root;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    for (int64_t i = 0; i < 10; i++) world_write(&self, &root, "a", i);
    put(&self, &root, NULL, "{\"children\":{\"a\":{\"Doc\":{\"children\":{\"b\":{\"Int\":1}}}}}}");
    put(&self, &root, NULL, "{\"children\":{\"a\":\"Deleted\"}}");
    put(&self, &root, NULL, "{\"children\":{\"a\":{\"Doc\":{\"children\":{\"b\":{\"Int\":2}}}}}}");
    assert_int_equal(ledger_rows(&self), 0);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 0);
    world_close(&self);
}

static void test_conflicts__tells_what_was_lost_and_what_is_there(void **state)
{
    world self;
    eid_id root, base, one, two;
    char key[EID_KEY_TEXT_MAX];

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = world_write(&self, &root, "a", 0);
    one = put_int(&self, &root, &base, "a", 1);
    two = put_int(&self, &root, &base, "a", 2);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 1);
    assert_string_equal(listed.at[0].store, "data");
    assert_string_equal(listed.at[0].path, "a");
    assert_string_equal(listed.at[0].signer, eid_pubkey_text(&self.admin.pub, key));
    assert_false(listed.at[0].is_settled);
    assert_true(eid_id_equal(&listed.at[0].winner, eid_id_compare(&one, &two) > 0 ? &one : &two));
    assert_true(eid_id_equal(&listed.at[0].entry, eid_id_compare(&one, &two) > 0 ? &two : &one));
    assert_string_equal(listed.at[0].lost, eid_id_compare(&one, &two) > 0 ? "2" : "1");
    assert_string_equal(listed.at[0].now, eid_id_compare(&one, &two) > 0 ? "1" : "2");
    world_check(&self, &root);
    world_close(&self);
}

static void test_conflicts__are_settled_by_who_had_both(void **state)
{
    world self;
    eid_id root, base;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = world_write(&self, &root, "a", 0);
    put_int(&self, &root, &base, "a", 1);
    put_int(&self, &root, &base, "a", 2);
    world_write(&self, &root, "a", 3);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 1);
    assert_true(listed.at[0].is_settled);
    assert_string_equal(listed.at[0].now, "3");
    world_close(&self);
}

static void test_conflicts__are_not_what_the_winners_author_replaced_himself(void **state)
{
    world self;
    eid_id root, base, mine, theirs;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = world_write(&self, &root, "a", 0);
    mine = put_int(&self, &root, &base, "a", 1);
    theirs = put_int(&self, &root, &base, "a", 2);
    mine = put_int(&self, &root, &mine, "a", 3); /* higher: wins over 2, whoever lost before */
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 1);
    assert_true(eid_id_equal(&listed.at[0].entry, &theirs));
    assert_true(eid_id_equal(&listed.at[0].winner, &mine));
    world_close(&self);
}

static void test_conflicts__are_not_listed_where_both_wrote_the_same(void **state)
{
    world self;
    eid_id root, base, one;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = world_write(&self, &root, "b", 0);
    one = put_int(&self, &root, &base, "a", 7);
    put(&self, &root, &(eid_idset){&base, 1, 1},
        "{\"children\":{\"a\":{\"Int\":7},\"c\":{\"Int\":1}}}");
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 0);
    (void)one;
    world_close(&self);
}

static void test_conflicts__of_a_deleted_document_are_the_edits_in_it(void **state)
{
    world self;
    eid_id root, base, gone;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = put(
        &self, &root, NULL,
        "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"a\":{\"Int\":1},\"b\":{\"Int\":2}}}}}}");
    /* The edit comes first, then a delete of greater height. */
    put_on(&self, &root, &base,
           "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"a\":{\"Int\":3}}}}}}");
    gone = put_int(&self, &root, &base, "e", 1);
    gone = put_on(&self, &root, &gone, "{\"children\":{\"d\":\"Deleted\"}}");
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 1);
    assert_string_equal(listed.at[0].path, "d.a");
    assert_string_equal(listed.at[0].lost, "3");
    assert_string_equal(listed.at[0].now, "-");
    assert_true(eid_id_equal(&listed.at[0].winner, &gone));
    /* And one that comes after the delete, of an entry that does not know it. */
    put_on(&self, &root, &base,
           "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"b\":{\"Int\":4}}}}}}");
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 2);
    assert_string_equal(listed.at[1].path, "d.b");
    assert_string_equal(listed.at[1].lost, "4");
    world_close(&self);
}

static void test_conflicts__of_a_hidden_document_come_in_parts(void **state)
{
    world self;
    eid_id root, base, edit, gone;
    char name[20];
    eid_buf payload;
    eid_doc *doc;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = world_write(&self, &root, "x", 0);
    assert_ok(eid_doc_new(&doc));
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "d.n%03d", i);
        assert_ok(eid_doc_set_int(doc, eid_slice_text(name), i));
    }
    eid_buf_init(&payload, 100000);
    assert_ok(eid_payload_write_doc(doc, &payload));
    eid_doc_free(doc);
    eid_buf_append_byte(&payload, 0);
    edit = put_on(&self, &root, &base, (const char *)payload.at);
    eid_buf_fini(&payload);
    gone = put_int(&self, &root, &base, "y", 1);
    gone = put_on(&self, &root, &gone, "{\"children\":{\"d\":\"Deleted\"}}");
    assert_int_equal(ledger_rows(&self),
                     2); /* that all of it was hidden, in one row, and by whom */
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 300);
    assert_string_equal(listed.at[299].path, "d.n299");
    assert_true(eid_id_equal(&listed.at[299].entry, &edit));
    world_close(&self);
}

static void test_conflicts__of_many_at_one_path_are_all_listed(void **state)
{
    world self;
    eid_id root, base;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = world_write(&self, &root, "a", 0);
    for (int64_t i = 1; i <= 150; i++) put_int(&self, &root, &base, "a", i);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 149);
    world_write(&self, &root, "a", 1000);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 149);
    for (size_t i = 0; i < 149; i++) assert_true(listed.at[i].is_settled);
    world_close(&self);
}

static void test_conflicts__of_stores_that_cannot_be_read_are_none(void **state)
{
    world self;
    eid_id root, base;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = put(&self, &root, NULL, "not a document");
    put_int(&self, &root, &base, "a", 1);
    put_int(&self, &root, &base, "a", 2);
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 0);
    world_close(&self);
}

static void test_conflicts__of_an_unknown_database_are_an_error(void **state)
{
    const eid_conflict_query query = {.settled_only = false};
    eid_id root = eid_id_of_entry(eid_slice_text("x"));
    world self;

    world_open(&self, "memory://", true);
    assert_int_equal(self.seam->conflicts(self.seam->self, &root, &query, on_conflict, NULL),
                     eid_kind_status(EID_KIND_DATABASE_NOT_FOUND));
    world_close(&self);
}

/* -- pages, filters, pruning ------------------------------------------------------------------- */

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
        cmocka_unit_test(test_conflicts__costs_nothing_where_nobody_is_concurrent),
        cmocka_unit_test(test_conflicts__tells_what_was_lost_and_what_is_there),
        cmocka_unit_test(test_conflicts__are_settled_by_who_had_both),
        cmocka_unit_test(test_conflicts__are_not_what_the_winners_author_replaced_himself),
        cmocka_unit_test(test_conflicts__are_not_listed_where_both_wrote_the_same),
        cmocka_unit_test(test_conflicts__of_a_deleted_document_are_the_edits_in_it),
        cmocka_unit_test(test_conflicts__of_a_hidden_document_come_in_parts),
        cmocka_unit_test(test_conflicts__of_many_at_one_path_are_all_listed),
        cmocka_unit_test(test_conflicts__of_stores_that_cannot_be_read_are_none),
        cmocka_unit_test(test_conflicts__of_an_unknown_database_are_an_error),
        cmocka_unit_test(test_conflicts__come_in_pages),
        cmocka_unit_test(test_conflicts__can_be_asked_for_and_pruned_by_what_they_are),
        cmocka_unit_test(test_conflicts__that_were_pruned_stay_away),
        cmocka_unit_test(test_conflicts__go_with_their_database),
        cmocka_unit_test(test_conflicts__survive_a_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
