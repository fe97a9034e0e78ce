/* Conflicts as C programs see them, in this process and through the socket. */
#include "tests/node/api_world.h"

typedef struct seen {
    size_t count, stop_after;
    char store[20], path[60], lost[60], now[60], entry[100], now_entry[100], signer[100];
    char cursor[400];
    size_t path_count;
    bool settled, has_now, has_lost;
    uint64_t arrived_ms;
} seen;

static bool on_conflict(void *self, const eidetica_conflict *conflict)
{
    seen *out = self;

    out->count++;
    snprintf(out->store, sizeof out->store, "%s", conflict->store);
    out->path[0] = 0;
    for (size_t i = 0; i < conflict->path_count; i++) {
        size_t len = strlen(out->path);

        snprintf(out->path + len, sizeof out->path - len, "/%s", conflict->path[i]);
    }
    out->path_count = conflict->path_count;
    out->has_lost = conflict->lost.json != NULL;
    out->has_now = conflict->now.json != NULL;
    snprintf(out->lost, sizeof out->lost, "%s", out->has_lost ? conflict->lost.json : "");
    snprintf(out->now, sizeof out->now, "%s", out->has_now ? conflict->now.json : "");
    snprintf(out->entry, sizeof out->entry, "%s", conflict->lost.entry);
    snprintf(out->now_entry, sizeof out->now_entry, "%s", conflict->now.entry);
    snprintf(out->signer, sizeof out->signer, "%s", conflict->lost.signer);
    snprintf(out->cursor, sizeof out->cursor, "%s", conflict->cursor);
    out->arrived_ms = conflict->lost.arrived_ms;
    out->settled = conflict->settled;
    return out->count != out->stop_after;
}

static seen list(eidetica_db *db, const eidetica_conflict_filter *filter)
{
    seen out = {0};

    assert_ok(eidetica_conflicts(db, filter, on_conflict, &out));
    return out;
}

/* Two transactions begun on the same tips; each gets a function's change. */
typedef void (*stage)(eidetica_txn *txn, int which);

static void concurrently(eidetica_db *db, stage change, char *ids[2])
{
    eidetica_txn *txns[2];

    for (int i = 0; i < 2; i++) txns[i] = api_begin(db);
    for (int i = 0; i < 2; i++) {
        change(txns[i], i);
        assert_ok(eidetica_txn_commit(txns[i], &ids[i]));
        eidetica_txn_free(txns[i]);
    }
}

static void free_ids(char *ids[2])
{
    eidetica_free(ids[0]);
    eidetica_free(ids[1]);
}

static void stage_doc(eidetica_txn *txn, int which)
{
    assert_ok(eidetica_doc_set(txn, "data", "a.b", which == 0 ? "10" : "20"));
}

/* Never the same twice, since what is there anyway is not listed. */
static void stage_next(eidetica_txn *txn, int which)
{
    static int count;
    char json[20];

    (void)which;
    snprintf(json, sizeof json, "%d", ++count);
    assert_ok(eidetica_doc_set(txn, "data", "a.b", json));
}

static void stage_row(eidetica_txn *txn, int which)
{
    assert_ok(eidetica_table_set(txn, "rows", "k.1", which == 0 ? "{\"n\":10}" : "{\"n\":20}"));
}

static void stage_delete(eidetica_txn *txn, int which)
{
    if (which == 0) assert_ok(eidetica_doc_delete(txn, "data", "a"));
    if (which == 1) assert_ok(eidetica_doc_set(txn, "data", "a.b", "5"));
}

static void test_conflicts__of_a_document(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes");
    char *ids[2];
    seen out;
    bool is_first;

    api_set(db, "x", "1"); /* the store is registered before they part */
    assert_int_equal(list(db, NULL).count, 0);
    concurrently(db, stage_doc, ids);
    out = list(db, NULL);
    assert_int_equal(out.count, 1);
    is_first = strcmp(out.entry, ids[0]) == 0;
    assert_string_equal(out.entry, ids[is_first ? 0 : 1]);
    assert_string_equal(out.now_entry, ids[is_first ? 1 : 0]);
    assert_string_equal(out.lost, is_first ? "10" : "20");
    assert_string_equal(out.now, is_first ? "20" : "10");
    assert_string_equal(out.store, "data");
    assert_string_equal(out.path, "/a/b");
    assert_string_equal(out.signer, eidetica_user_key(world->ada));
    assert_true(out.arrived_ms > 0);
    assert_false(out.settled);
    api_set(db, "a.b", "30");
    out = list(db, NULL);
    assert_true(out.settled);
    assert_string_equal(out.now, "30");
    free_ids(ids);
    eidetica_db_close(db);
}

static void test_conflicts__of_a_table_show_its_rows(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_txn *txn = api_begin(db);
    char *ids[2];
    seen out;

    assert_ok(eidetica_table_set(txn, "rows", "other", "1"));
    api_commit(txn);
    concurrently(db, stage_row, ids);
    out = list(db, &(eidetica_conflict_filter){.store = "rows"});
    assert_int_equal(out.count, 1);
    assert_int_equal(out.path_count, 1);
    assert_string_equal(out.path, "/k.1");
    assert_string_equal(out.lost, strcmp(out.entry, ids[0]) == 0 ? "{\"n\":10}" : "{\"n\":20}");
    assert_string_equal(out.now, strcmp(out.entry, ids[0]) == 0 ? "{\"n\":20}" : "{\"n\":10}");
    assert_int_equal(list(db, &(eidetica_conflict_filter){.path = "k.1"}).count, 1);
    free_ids(ids);
    eidetica_db_close(db);
}

static void test_conflicts__of_a_delete_have_no_value(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    char *ids[2];
    seen out;

    api_set(db, "a.b", "1");
    concurrently(db, stage_delete, ids);
    out = list(db, NULL);
    assert_int_equal(out.count, 1);
    if (strcmp(out.entry, ids[0]) == 0) { /* the delete was lost */
        assert_string_equal(out.path, "/a");
        assert_false(out.has_lost);
        assert_string_equal(out.now, "{\"b\":5}");
    } else {
        assert_string_equal(out.path, "/a/b");
        assert_string_equal(out.lost, "5");
        assert_false(out.has_now);
    }
    free_ids(ids);
    eidetica_db_close(db);
}

static void test_conflicts__can_be_left_and_gone_on_with(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    char *ids[3][2];
    seen out = {.stop_after = 1};
    size_t total = 0;

    api_set(db, "a.b", "1");
    for (int i = 0; i < 3; i++) concurrently(db, stage_next, ids[i]);
    do {
        char cursor[400];

        snprintf(cursor, sizeof cursor, "%s", out.cursor);
        out.count = 0;
        assert_ok(
            eidetica_conflicts(db, &(eidetica_conflict_filter){.after = total > 0 ? cursor : NULL},
                               on_conflict, &out));
        total += out.count;
    } while (out.count > 0);
    assert_int_equal(total, 3);
    for (int i = 0; i < 3; i++) free_ids(ids[i]);
    eidetica_db_close(db);
}

static void test_conflicts__are_pruned_by_what_they_are(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_conflict_filter filter = {.settled = true};
    char *ids[2];
    uint64_t pruned;
    seen out;

    api_set(db, "x", "1");
    concurrently(db, stage_doc, ids);
    out = list(db, NULL);
    assert_ok(eidetica_conflicts_prune(db, &filter, &pruned));
    assert_int_equal(pruned, 0);
    filter = (eidetica_conflict_filter){.entry = out.now_entry};
    assert_ok(eidetica_conflicts_prune(db, &filter, &pruned));
    assert_int_equal(pruned, 0);
    filter.entry = out.entry;
    assert_ok(eidetica_conflicts_prune(db, &filter, &pruned));
    assert_int_equal(pruned, 1);
    assert_int_equal(list(db, NULL).count, 0);
    assert_ok(eidetica_conflicts_prune(db, NULL, NULL));
    free_ids(ids);
    eidetica_db_close(db);
}

static void test_conflicts__refuse_what_makes_no_sense(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    uint64_t pruned;

    assert_status(INVALID, eidetica_conflicts(NULL, NULL, on_conflict, NULL));
    assert_status(INVALID, eidetica_conflicts(db, &(eidetica_conflict_filter){.after = "junk!"},
                                              on_conflict, NULL));
    assert_status(INVALID, eidetica_conflicts(db, &(eidetica_conflict_filter){.after = "AAA="},
                                              on_conflict, NULL));
    assert_status(MALFORMED, eidetica_conflicts_prune(
                                 db, &(eidetica_conflict_filter){.entry = "junk"}, &pruned));
    eidetica_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_conflicts__of_a_document),
        api_test_both(test_conflicts__of_a_table_show_its_rows),
        api_test_both(test_conflicts__of_a_delete_have_no_value),
        api_test_both(test_conflicts__can_be_left_and_gone_on_with),
        api_test_both(test_conflicts__are_pruned_by_what_they_are),
        api_test_both(test_conflicts__refuse_what_makes_no_sense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
