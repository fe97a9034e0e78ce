/* Transactions and history of the public interface, in this process and through the socket. */
#include <pthread.h>

#include "tests/node/api_world.h"

static char *cursor_of(eidetica_db *db)
{
    char *cursor = NULL;

    assert_ok(eidetica_db_cursor(db, &cursor));
    return cursor;
}

static void check_txn(eidetica_txn *txn, const char *path, const char *wanted)
{
    char *json = NULL;

    if (wanted) {
        assert_ok(eidetica_txn_doc_get(txn, "data", path, &json));
        assert_string_equal(json, wanted);
    } else {
        assert_status(NOT_FOUND, eidetica_txn_doc_get(txn, "data", path, &json));
    }
    eidetica_free(json);
}

/* -- tips -------------------------------------------------------------------------------------- */

static void test_txn_begin_at__reads_what_was_there_then(void **state)
{
    eidetica_db *db = api_db(*state, "past");
    eidetica_txn *txn = NULL;
    char *then;

    api_set(db, "k", "1");
    then = cursor_of(db);
    api_set(db, "k", "2");
    api_set(db, "l", "3");
    assert_ok(eidetica_txn_begin_at(db, then, &txn));
    check_txn(txn, "k", "1");
    check_txn(txn, "l", NULL);
    check_txn(txn, NULL, "{\"k\":1}");
    eidetica_txn_free(txn);
    api_check(db, "data", NULL, "{\"k\":2,\"l\":3}");
    eidetica_free(then);
    eidetica_db_close(db);
}

static void test_txn_begin_at__branches_off(void **state)
{
    eidetica_db *db = api_db(*state, "branch");
    eidetica_txn *txn = NULL;
    char *then, *built_on = NULL, *now;

    api_set(db, "k", "1");
    then = cursor_of(db);
    api_set(db, "k", "2");
    assert_ok(eidetica_txn_begin_at(db, then, &txn));
    assert_ok(eidetica_txn_cursor(txn, &built_on));
    assert_string_equal(built_on, then);
    assert_ok(eidetica_doc_set(txn, "data", "l", "3"));
    api_commit(txn);
    now = cursor_of(db);
    assert_non_null(strchr(now, ',')); /* two tips */
    api_check(db, "data", NULL, "{\"k\":2,\"l\":3}");
    eidetica_free(then);
    eidetica_free(built_on);
    eidetica_free(now);
    eidetica_db_close(db);
}

static void test_txn_begin_at__refuses_what_is_no_place_to_stand(void **state)
{
    eidetica_db *db = api_db(*state, "mine"), *other = api_db(*state, "other");
    eidetica_txn *txn = NULL;
    char *foreign = cursor_of(other);

    assert_kind(TXN_EMPTY_TIPS, eidetica_txn_begin_at(db, "", &txn));
    assert_kind(TXN_TIP, eidetica_txn_begin_at(db, foreign, &txn));
    assert_status(MALFORMED, eidetica_txn_begin_at(db, "junk", &txn));
    assert_kind(ARGUMENT, eidetica_txn_begin_at(db, NULL, &txn));
    assert_null(txn);
    eidetica_free(foreign);
    eidetica_db_close(db);
    eidetica_db_close(other);
}

static bool add_row(void *self, const char *key, const char *json)
{
    char *text = self;
    size_t len = strlen(text);

    snprintf(text + len, 200 - len, "%s=%s;", key, json);
    return true;
}

static void set_row(eidetica_db *db, const char *key, const char *json)
{
    eidetica_txn *txn = api_begin(db);

    assert_ok(eidetica_table_set(txn, "rows", key, json));
    api_commit(txn);
}

static void check_rows(eidetica_txn *txn, const char *after, const char *wanted)
{
    char found[200] = "";

    assert_ok(eidetica_txn_table_rows(txn, "rows", after, add_row, found));
    assert_string_equal(found, wanted);
}

static void test_txn__reads_as_of_when_it_began(void **state)
{
    eidetica_db *db = api_db(*state, "isolated");
    eidetica_txn *txn;
    char *json = NULL;

    api_set(db, "k", "1");
    set_row(db, "a", "1");
    txn = api_begin(db);
    api_set(db, "k", "2");
    set_row(db, "b", "2");
    check_txn(txn, "k", "1");
    check_rows(txn, NULL, "a=1;");
    assert_status(NOT_FOUND, eidetica_txn_table_get(txn, "rows", "b", &json));
    assert_ok(eidetica_table_set(txn, "rows", "c", "3"));
    check_rows(txn, NULL, "a=1;c=3;");
    check_rows(txn, "a", "c=3;");
    api_commit(txn);
    txn = api_begin(db);
    check_txn(txn, "k", "2");
    check_rows(txn, NULL, "a=1;b=2;c=3;");
    eidetica_txn_free(txn);
    eidetica_db_close(db);
}

/* -- functions that are run in one ------------------------------------------------------------- */

static eidetica_status stage_k(void *self, eidetica_txn *txn)
{
    return eidetica_doc_set(txn, "data", "k", self);
}

static eidetica_status stage_nothing(void *self, eidetica_txn *txn)
{
    if (eidetica_doc_set(txn, "data", "k", "\"never\"")) return EIDETICA_IO;
    return *(eidetica_status *)self;
}

static void test_txn_run__commits_or_leaves_no_trace(void **state)
{
    eidetica_db *db = api_db(*state, "run");
    eidetica_status refusal = EIDETICA_BUSY;
    char *entry = NULL, *cursor;

    assert_ok(eidetica_txn_run(db, stage_k, (void *)(uintptr_t) "1", &entry));
    cursor = cursor_of(db);
    assert_string_equal(entry, cursor);
    eidetica_free(entry);
    assert_status(BUSY, eidetica_txn_run(db, stage_nothing, &refusal, &entry));
    assert_null(entry);
    api_check(db, "data", "k", "1");
    eidetica_free(cursor);
    eidetica_db_close(db);
}

static eidetica_status stage_settings(void *self, eidetica_txn *txn)
{
    (void)self;
    return eidetica_doc_set(txn, "_settings", "theme", "\"dark\"");
}

static bool count_entry(void *self, const eidetica_entry *entry)
{
    (void)entry;
    ++*(size_t *)self;
    return true;
}

static void test_db_create_with__puts_stores_into_the_first_entry(void **state)
{
    api_world *world = *state;
    eidetica_status refusal = EIDETICA_BUSY;
    eidetica_db *db = NULL;
    size_t count = 0;

    assert_ok(
        eidetica_db_create_with(world->ada, "filled", stage_k, (void *)(uintptr_t) "[1]", &db));
    api_check(db, "data", "k", "[1]");
    assert_ok(eidetica_history(db, NULL, NULL, count_entry, &count));
    assert_int_equal(count, 1);
    eidetica_db_close(db);
    db = NULL;
    assert_kind(TXN_LOCKED_STORE,
                eidetica_db_create_with(world->ada, "closed", stage_settings, NULL, &db));
    assert_status(BUSY, eidetica_db_create_with(world->ada, "never", stage_nothing, &refusal, &db));
    assert_null(db);
    assert_status(NOT_FOUND, eidetica_db_open(world->ada, "never", &db));
}

static void give_height(void *self, const eidetica_db_info *info)
{
    *(uint64_t *)self = info->height;
}

static uint64_t height_of(eidetica_db *db)
{
    uint64_t height = 0;

    assert_ok(eidetica_db_describe(db, give_height, &height));
    return height;
}

static void test_txn_set_heights__orders_entries_by_time(void **state)
{
    eidetica_db *db = api_db(*state, "heights");
    eidetica_txn *txn;

    api_set(db, "k", "1");
    assert_int_equal(height_of(db), 1);
    txn = api_begin(db);
    assert_kind(ARGUMENT, eidetica_txn_set_heights(txn, NULL, "by mood"));
    assert_status(NOT_FOUND, eidetica_txn_set_heights(txn, "nothing", "timestamp"));
    assert_ok(eidetica_txn_set_heights(txn, NULL, "timestamp"));
    assert_ok(eidetica_txn_set_heights(txn, "data", "incremental"));
    api_commit(txn);
    assert_true(height_of(db) > 1700000000000u); /* milliseconds */
    api_check(db, "_settings", "height_strategy", "\"\\\"timestamp\\\"\"");
    txn = api_begin(db);
    assert_ok(eidetica_txn_set_heights(txn, "data", NULL));
    api_commit(txn);
    eidetica_db_close(db);
}

/* -- history ----------------------------------------------------------------------------------- */

typedef struct ids {
    char at[16][100];
    size_t count;
} ids;

static bool add_id(void *self, const char *id)
{
    ids *all = self;

    assert_true(all->count < 16);
    snprintf(all->at[all->count++], 100, "%s", id);
    return true;
}

static bool add_entry(void *self, const eidetica_entry *entry)
{
    return add_id(self, entry->id);
}

static void test_history__goes_by_cursors(void **state)
{
    eidetica_db *db = api_db(*state, "history");
    char *cursors[3];
    ids all = {.count = 0}, some = {.count = 0}, added = {.count = 0};

    for (size_t i = 0; i < 3; i++) {
        api_set(db, i == 1 ? "other" : "k", i % 2 ? "1" : "2");
        cursors[i] = cursor_of(db);
    }
    assert_ok(eidetica_history(db, NULL, NULL, add_entry, &all));
    assert_int_equal(all.count, 4);
    assert_string_equal(all.at[0], eidetica_db_root(db));
    for (size_t i = 0; i < 3; i++) assert_string_equal(all.at[i + 1], cursors[i]);
    assert_ok(eidetica_history(db, "data", cursors[1], add_entry, &some));
    assert_int_equal(some.count, 2);
    assert_string_equal(some.at[1], cursors[1]);
    assert_ok(eidetica_entries_added(db, cursors[0], NULL, add_id, &added));
    assert_int_equal(added.count, 2);
    assert_string_equal(added.at[0], cursors[1]);
    assert_string_equal(added.at[1], cursors[2]);
    added.count = 0;
    assert_ok(eidetica_entries_added(db, "", cursors[0], add_id, &added));
    assert_int_equal(added.count, 2);
    added.count = 0;
    assert_ok(eidetica_entries_added(db, cursors[2], cursors[0], add_id, &added));
    assert_int_equal(added.count, 0); /* backward */
    for (size_t i = 0; i < 3; i++) eidetica_free(cursors[i]);
    eidetica_db_close(db);
}

static void test_entries__come_in_the_order_asked_for(void **state)
{
    eidetica_db *db = api_db(*state, "entries"), *other = api_db(*state, "other");
    const char *asked[3] = {NULL, eidetica_db_root(db), NULL};
    char *tip, *foreign = cursor_of(other);
    ids found = {.count = 0};
    bool valid = false;

    api_set(db, "k", "1");
    tip = cursor_of(db);
    asked[0] = tip;
    asked[2] = tip;
    assert_ok(eidetica_entries(db, asked, 3, add_entry, &found));
    assert_int_equal(found.count, 3);
    for (size_t i = 0; i < 3; i++) assert_string_equal(found.at[i], asked[i]);
    assert_ok(eidetica_entry_is_valid(db, tip, &valid));
    assert_true(valid);
    asked[1] = foreign;
    found.count = 0;
    assert_kind(NOT_IN_DATABASE, eidetica_entries(db, asked, 3, add_entry, &found));
    assert_int_equal(found.count, 1);
    assert_kind(NOT_IN_DATABASE, eidetica_entry_is_valid(db, foreign, &valid));
    assert_status(MALFORMED, eidetica_entry_is_valid(db, "junk", &valid));
    eidetica_free(tip);
    eidetica_free(foreign);
    eidetica_db_close(db);
    eidetica_db_close(other);
}

static void test_allow_unverified__sees_the_same_where_all_is_verified(void **state)
{
    eidetica_db *db = api_db(*state, "loose");
    char *strict, *loose;

    api_set(db, "k", "1");
    strict = cursor_of(db);
    eidetica_db_allow_unverified(db, true);
    loose = cursor_of(db);
    assert_string_equal(strict, loose);
    api_check(db, "data", "k", "1");
    api_set(db, "k", "2");
    api_check(db, "data", "k", "2");
    eidetica_db_allow_unverified(db, false);
    api_check(db, "data", "k", "2");
    eidetica_free(strict);
    eidetica_free(loose);
    eidetica_db_close(db);
}

/* -- events ------------------------------------------------------------------------------------ */

typedef struct events {
    pthread_mutex_t lock;
    pthread_cond_t more;
    size_t count;
    char previous[8][200], cursors[8][200];
} events;

static void on_event(void *self, const eidetica_event *event)
{
    events *all = self;

    pthread_mutex_lock(&all->lock);
    assert_true(all->count < 8);
    snprintf(all->previous[all->count], 200, "%s", event->previous);
    snprintf(all->cursors[all->count], 200, "%s", event->cursor);
    all->count++;
    pthread_cond_broadcast(&all->more);
    pthread_mutex_unlock(&all->lock);
}

static void events_wait(events *all, size_t count)
{
    pthread_mutex_lock(&all->lock);
    while (all->count < count) pthread_cond_wait(&all->more, &all->lock);
    pthread_mutex_unlock(&all->lock);
}

/* Inventory of spec 04: what is watched does not hang on the handle that began it. */
static void test_detached_write_callback_outlives_handle(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "watched"), *other = NULL;
    events all = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};
    eidetica_watch *watch = NULL;
    char *before = cursor_of(db);

    assert_ok(eidetica_db_open(world->ada, eidetica_db_root(db), &other));
    assert_ok(eidetica_watch_start(db, NULL, on_event, &all, &watch));
    eidetica_db_close(db);
    api_set(other, "k", "1");
    events_wait(&all, 1);
    api_set(other, "k", "2");
    events_wait(&all, 2);
    eidetica_watch_stop(watch);
    assert_string_equal(all.previous[0], before);
    assert_string_equal(all.previous[1], all.cursors[0]); /* no gap */
    eidetica_free(before);
    eidetica_db_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_txn_begin_at__reads_what_was_there_then),
        api_test_both(test_txn_begin_at__branches_off),
        api_test_both(test_txn_begin_at__refuses_what_is_no_place_to_stand),
        api_test_both(test_txn__reads_as_of_when_it_began),
        api_test_both(test_txn_run__commits_or_leaves_no_trace),
        api_test_both(test_db_create_with__puts_stores_into_the_first_entry),
        api_test_both(test_txn_set_heights__orders_entries_by_time),
        api_test_both(test_history__goes_by_cursors),
        api_test_both(test_entries__come_in_the_order_asked_for),
        api_test_both(test_allow_unverified__sees_the_same_where_all_is_verified),
        api_test_both(test_detached_write_callback_outlives_handle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
