/* Which edits the ledger of conflicts lists, through the seam of an engine. That it lists all is
 * the business of conflict_property_test.c. */
#include "tests/node/conflict_items.h"

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

/* Without a list in between: what was hidden is noted when it is written over. */
static void test_conflicts__of_a_deleted_document_stay_when_it_is_made_again(void **state)
{
    world self;
    eid_id root, base, gone;

    world_open(&self, "memory://", true);
    root = world_database(&self, "x");
    base = put(&self, &root, NULL,
               "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"a\":{\"Int\":1}}}}}}");
    put_on(&self, &root, &base,
           "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"a\":{\"Int\":3}}}}}}");
    gone = put_int(&self, &root, &base, "e", 1);
    put_on(&self, &root, &gone, "{\"children\":{\"d\":\"Deleted\"}}");
    put(&self, &root, NULL, "{\"children\":{\"d\":{\"Doc\":{\"children\":{\"a\":{\"Int\":5}}}}}}");
    list(&self, &root, NULL);
    assert_int_equal(listed.count, 1);
    assert_string_equal(listed.at[0].path, "d.a");
    assert_string_equal(listed.at[0].lost, "3");
    assert_string_equal(listed.at[0].now, "5");
    assert_true(listed.at[0].is_settled);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts__costs_nothing_where_nobody_is_concurrent),
        cmocka_unit_test(test_conflicts__tells_what_was_lost_and_what_is_there),
        cmocka_unit_test(test_conflicts__are_settled_by_who_had_both),
        cmocka_unit_test(test_conflicts__are_not_what_the_winners_author_replaced_himself),
        cmocka_unit_test(test_conflicts__are_not_listed_where_both_wrote_the_same),
        cmocka_unit_test(test_conflicts__of_a_deleted_document_are_the_edits_in_it),
        cmocka_unit_test(test_conflicts__of_a_deleted_document_stay_when_it_is_made_again),
        cmocka_unit_test(test_conflicts__of_a_hidden_document_come_in_parts),
        cmocka_unit_test(test_conflicts__of_many_at_one_path_are_all_listed),
        cmocka_unit_test(test_conflicts__of_stores_that_cannot_be_read_are_none),
        cmocka_unit_test(test_conflicts__of_an_unknown_database_are_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
