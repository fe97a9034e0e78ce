/* The example of the README: a notebook. */
#include <stdio.h>

#include "node/eidetica.h"

static int fail(const char *what)
{
    eidetica_error error = eidetica_last_error();

    fprintf(stderr, "%s: %s (%s)\n", what, error.message, error.remedy);
    return 1;
}

static void on_change(void *self, const eidetica_event *event)
{
    (void)self;
    printf("%zu new, %s\n", event->entry_count, event->remote ? "from a peer" : "ours");
}

static bool print_task(void *self, const char *key, const char *json)
{
    (void)self;
    return printf("%s %s\n", key, json) > 0;
}

/* One signed entry that changes a document and a table. */
static eidetica_status write_notes(eidetica_db *db)
{
    eidetica_txn *txn = NULL;
    eidetica_status status = eidetica_txn_begin(db, &txn);

    if (!status) status = eidetica_doc_set_text(txn, "settings", "theme.name", "dark");
    if (!status) status = eidetica_table_insert(txn, "tasks", "{\"title\":\"call Ada\"}", NULL);
    if (!status) status = eidetica_txn_commit(txn, NULL);
    eidetica_txn_free(txn);
    return status;
}

int main(void)
{
    eidetica_instance *node = NULL;
    eidetica_user *user = NULL;
    eidetica_db *db = NULL;
    eidetica_watch *watch = NULL;
    char *theme = NULL;
    eidetica_status status = eidetica_create("memory://", "ada", NULL, &node, &user);

    if (!status) status = eidetica_db_create(user, "notes", &db);
    if (!status) status = eidetica_watch_start(db, NULL, on_change, NULL, &watch);
    if (!status) status = write_notes(db);
    if (!status) status = eidetica_doc_get(db, "settings", "theme.name", &theme);
    if (!status) printf("theme is %s\n", theme);
    if (!status) status = eidetica_table_rows(db, "tasks", NULL, print_task, NULL);
    int result = status ? fail("notes") : 0;

    eidetica_free(theme);
    eidetica_watch_stop(watch);
    eidetica_db_close(db);
    eidetica_logout(user);
    eidetica_close(node);
    return result;
}
