/* History, files and changes through the public interface. */
#include "tests/node/api_world.h"

#include <pthread.h>

typedef struct walk {
    int count, max;
    char last[200];
    char text[200];
} walk;

static bool walk_add(void *self, const eidetica_entry *entry)
{
    walk *all = self;
    size_t at = strlen(all->text);

    assert_string_equal(entry->verdict, "Verified");
    assert_true(entry->bytes > 100);
    assert_int_equal(strncmp(entry->signer, "ed25519:", 8), 0);
    snprintf(all->last, sizeof all->last, "%s", entry->id);
    snprintf(all->text + at, sizeof all->text - at, "%d/%zu/%zu;", (int)entry->height,
             entry->parent_count, entry->store_count);
    return ++all->count < all->max;
}

static void test_log__is_newest_first(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    walk all = {0, 100, "", ""}, two = {0, 2, "", ""}, none = {0, 100, "", ""};

    api_set(db, "a", "1");
    api_set(db, "a", "2");
    assert_ok(eidetica_log(db, NULL, walk_add, &all));
    assert_string_equal(all.text, "2/1/1;1/1/2;0/0/2;");
    assert_string_equal(all.last, eidetica_db_root(db));
    assert_ok(eidetica_log(db, "data", walk_add, &two));
    assert_int_equal(two.count, 2);
    assert_ok(eidetica_log(db, "nothing", walk_add, &none));
    assert_int_equal(none.count, 0);
    eidetica_db_close(db);
}

static void test_entry__is_shown_and_explained(void **state)
{
    eidetica_db *db = api_db(*state, "notes"), *other = api_db(*state, "other");
    eidetica_txn *txn = api_begin(db);
    char *entry, *json;

    assert_ok(eidetica_doc_set(txn, "data", "greeting", "\"hello\""));
    assert_ok(eidetica_txn_commit(txn, &entry));
    eidetica_txn_free(txn);
    assert_ok(eidetica_entry_show(db, entry, &json));
    assert_non_null(strstr(json, "\"data\":{\"greeting\":\"hello\"}"));
    assert_non_null(strstr(json, "\"verdict\":\"Verified\""));
    eidetica_free(json);
    assert_ok(eidetica_entry_explain(db, entry, &json));
    assert_non_null(strstr(json, "\"visible\":true"));
    eidetica_free(json);
    assert_kind(NOT_IN_DATABASE, eidetica_entry_show(other, entry, &json));
    assert_status(MALFORMED, eidetica_entry_show(db, "junk", &json));
    assert_kind(ENTRY_NOT_FOUND,
                eidetica_entry_show(
                    db, "bafyr4idtkugnquaizc2nkbdpjybsnv6wxan5brol5r77en5owkxegxzhtm", &json));
    assert_kind(ENTRY_NOT_FOUND,
                eidetica_entry_explain(
                    db, "bafyr4idtkugnquaizc2nkbdpjybsnv6wxan5brol5r77en5owkxegxzhtm", &json));
    eidetica_free(entry);
    eidetica_db_close(db);
    eidetica_db_close(other);
}

static void count_progress(void *self, const eidetica_progress *progress)
{
    *(uint64_t *)self = progress->entries;
}

static size_t file_bytes(const char *path, char *out, size_t max)
{
    FILE *file = fopen(path, "rb");
    size_t len;

    assert_non_null(file);
    len = fread(out, 1, max, file);
    fclose(file);
    return len;
}

static void test_files__carry_a_database_to_another_node(void **state)
{
    api_world *world = *state, *there = api_open(world->node != world->host);
    eidetica_db *db = api_db(world, "notes"), *copy;
    static char one[200000], two[200000];
    char path[100], path_two[100], wanted[400], *json;
    uint64_t told = 0, findings = 9;
    size_t len;

    for (int i = 0; i < 30; i++) api_set(db, "a", "1");
    assert_ok(eidetica_db_grant(db, eidetica_user_key(there->ada), "write:1", NULL));
    api_path(path, "notes.car");
    api_path(path_two, "again.car");
    assert_ok(eidetica_export(db, path, count_progress, &told));
    assert_int_equal(told, 32);

    assert_ok(eidetica_import(there->ada, path, count_progress, &told, &json));
    snprintf(wanted, sizeof wanted,
             "{\"entries\":32,\"new\":32,\"verified\":32,\"failed\":0,\"roots\":[\"%s\"]}",
             eidetica_db_root(db));
    assert_string_equal(json, wanted);
    eidetica_free(json);
    assert_ok(eidetica_db_open(there->ada, "notes", &copy));
    api_check(copy, "data", "a", "1");
    assert_ok(eidetica_db_verify(copy, NULL, NULL, &findings));
    assert_int_equal(findings, 0);
    assert_ok(eidetica_export(copy, path_two, NULL, NULL));
    len = file_bytes(path, one, sizeof one);
    assert_int_equal(len, file_bytes(path_two, two, sizeof two));
    assert_memory_equal(one, two, len);
    assert_ok(eidetica_import(there->ada, path, NULL, NULL, &json));
    assert_non_null(strstr(json, "\"new\":0"));
    eidetica_free(json);

    eidetica_db_close(copy);
    eidetica_db_close(db);
    (void)unlink(path);
    (void)unlink(path_two);
    api_teardown((void **)&there);
}

static void test_files__damaged_ones_are_refused(void **state)
{
    api_world *world = *state;
    eidetica_db *db = api_db(world, "notes");
    static char bytes[100000];
    char path[100];
    FILE *file;
    size_t len;

    assert_kind(IO, eidetica_import(world->ada, "/nowhere/file.car", NULL, NULL, NULL));
    assert_kind(IO, eidetica_export(db, "/nowhere/file.car", NULL, NULL));
    assert_kind(IO, eidetica_import(world->ada, "/tmp", NULL, NULL, NULL));
    api_set(db, "a", "1");
    api_path(path, "bad.car");
    assert_ok(eidetica_export(db, path, NULL, NULL));
    len = file_bytes(path, bytes, sizeof bytes);
    bytes[len / 2] ^= 1;
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
    assert_kind(CAR, eidetica_import(world->ada, path, NULL, NULL, NULL));
    (void)unlink(path);
    eidetica_db_close(db);
}

/* -- changes ----------------------------------------------------------------------------------- */

typedef struct events {
    pthread_mutex_t lock;
    pthread_cond_t more;
    size_t entries, calls;
    char ids[64][80];
    char cursor[200];
    eidetica_db *db; /* read in the callback */
} events;

static void events_init(events *all, eidetica_db *db)
{
    memset(all, 0, sizeof *all);
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->more, NULL);
    all->db = db;
}

static void events_add(void *self, const eidetica_event *event)
{
    events *all = self;
    char *json = NULL;

    if (all->db) assert_ok(eidetica_doc_get(all->db, "data", NULL, &json));
    eidetica_free(json);
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < event->entry_count && all->entries < 64; i++) {
        snprintf(all->ids[all->entries++], 80, "%s", event->entries[i]);
    }
    snprintf(all->cursor, sizeof all->cursor, "%s", event->cursor);
    all->calls++;
    pthread_cond_broadcast(&all->more);
    pthread_mutex_unlock(&all->lock);
}

static void events_wait(events *all, size_t entries)
{
    pthread_mutex_lock(&all->lock);
    while (all->entries < entries) pthread_cond_wait(&all->more, &all->lock);
    assert_int_equal(all->entries, entries);
    pthread_mutex_unlock(&all->lock);
}

/* In order, each once, as the log says backward. */
typedef struct check {
    events *all;
    size_t at;
} check;

static bool check_entry(void *self, const eidetica_entry *entry)
{
    check *it = self;

    if (it->at == 0) return false;
    assert_string_equal(it->all->ids[--it->at], entry->id);
    return true;
}

static void test_watch__tells_every_change_in_order(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_watch *watch;
    events all;

    api_set(db, "before", "0");
    events_init(&all, db);
    assert_ok(eidetica_watch_start(db, NULL, events_add, &all, &watch));
    for (int i = 0; i < 20; i++) api_set(db, "a", "1");
    events_wait(&all, 20);
    eidetica_watch_stop(watch);
    api_set(db, "after", "2");
    assert_int_equal(all.entries, 20);
    eidetica_db_close(db);
}

static void test_watch__goes_on_from_a_cursor_without_gap_or_repeat(void **state)
{
    eidetica_db *db = api_db(*state, "notes");
    eidetica_watch *watch;
    events all;
    char cursor[200];
    check it;

    events_init(&all, NULL);
    assert_ok(eidetica_watch_start(db, "", events_add, &all, &watch));
    for (int i = 0; i < 5; i++) api_set(db, "a", "1");
    events_wait(&all, 6);
    eidetica_watch_stop(watch);
    for (int i = 0; i < 5; i++) api_set(db, "b", "1");
    snprintf(cursor, sizeof cursor, "%s", all.cursor);
    assert_ok(eidetica_watch_start(db, cursor, events_add, &all, &watch));
    for (int i = 0; i < 5; i++) api_set(db, "c", "1");
    events_wait(&all, 16);
    eidetica_watch_stop(watch);
    it = (check){&all, 16};
    assert_ok(eidetica_log(db, NULL, check_entry, &it));
    assert_int_equal(it.at, 0);
    assert_status(MALFORMED, eidetica_watch_start(db, "junk,junk", events_add, &all, &watch));
    assert_null(watch);
    eidetica_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test_both(test_log__is_newest_first),
        api_test_both(test_entry__is_shown_and_explained),
        api_test_both(test_files__carry_a_database_to_another_node),
        api_test_both(test_files__damaged_ones_are_refused),
        api_test_both(test_watch__tells_every_change_in_order),
        api_test_both(test_watch__goes_on_from_a_cursor_without_gap_or_repeat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
