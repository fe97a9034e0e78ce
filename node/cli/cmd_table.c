/* Rows of a table, one at a time or all of them. */
#include "node/cli/change.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"

int eid__cli_run_table_insert(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *row = eid__cli_operand(cli, 2);
    eid__cli_change change;
    eidetica_status status;
    char *key = NULL;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = eidetica_table_insert(change.txn, store, row, &key);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not insert into %s", store);
        }
    }
    code = eid__cli_change_end(&change, code, key);
    eidetica_free(key);
    return code;
}

int eid__cli_run_table_get(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *key = eid__cli_operand(cli, 2);
    eid__cli_answer answer;
    eidetica_status status;
    char *json = NULL;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_table_get(cli->db, store, key, &json);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not get the row %s of %s", key, store);
    }
    if (cli->form == EID__CLI_HUMAN) {
        eid__cli_print_json(eid_slice_text(json));
    } else {
        eid__cli_answer_begin(&answer, cli);
        eid_json_key(&answer.json, "key");
        eid_json_text(&answer.json, key);
        eid_json_key(&answer.json, "row");
        eid_json_raw(&answer.json, eid_slice_text(json));
        code = eid__cli_answer_end(&answer, NULL);
    }
    eidetica_free(json);
    return code;
}

int eid__cli_run_table_set(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *key = eid__cli_operand(cli, 2);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = eidetica_table_set(change.txn, store, key, eid__cli_operand(cli, 3));
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not set the row %s of %s", key, store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

static const char *table_replace(void *self, const char *row)
{
    (void)row;
    return self;
}

int eid__cli_run_table_update(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *key = eid__cli_operand(cli, 2);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = eidetica_table_update(change.txn, store, key, table_replace,
                                       (void *)(uintptr_t)eid__cli_operand(cli, 3));
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not update the row %s of %s", key, store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

int eid__cli_run_table_delete(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *key = eid__cli_operand(cli, 2);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = eidetica_table_delete(change.txn, store, key);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not delete the row %s of %s", key, store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

typedef struct table_list {
    eid__cli_listing listing;
    uint64_t left;
} table_list;

static bool table_on_row(void *self, const char *key, const char *row)
{
    table_list *list = self;
    eid_json_writer *json = eid__cli_listing_item(&list->listing);

    if (json == NULL) {
        eid__cli_say("%s  %s", key, row);
    } else {
        eid_json_key(json, "key");
        eid_json_text(json, key);
        eid_json_key(json, "row");
        eid_json_raw(json, eid_slice_text(row));
        eid__cli_listing_item_end(&list->listing);
    }
    return --list->left > 0;
}

int eid__cli_run_table_list(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1);
    table_list list = {.left = eid__cli_number(cli, EID__OPT_LIMIT, UINT64_MAX)};
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_listing_begin(&list.listing, cli, "rows");
    status = eidetica_table_rows(cli->db, store, eid__cli_text(cli, EID__OPT_AFTER, NULL),
                                 table_on_row, &list);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(cli, status, "could not list the rows of %s", store);
    }
    return eid__cli_listing_end(&list.listing, code);
}
