/* Rows of a table, one at a time or all of them. */
#include "node/cli/change.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/row_list.h"

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

/* One change of one row: `verb` is what it is called, where it fails. */
static int table_change(eid__cli *cli, const char *verb,
                        eidetica_status (*change_row)(eidetica_txn *txn, const char *store,
                                                      const char *key, const char *row))
{
    const char *store = eid__cli_operand(cli, 1), *key = eid__cli_operand(cli, 2);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = change_row(change.txn, store, key, eid__cli_operand(cli, 3));
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not %s the row %s of %s", verb, key, store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

int eid__cli_run_table_set(eid__cli *cli)
{
    return table_change(cli, "set", eidetica_table_set);
}

static const char *table_replace(void *self, const char *row)
{
    (void)row;
    return self;
}

static eidetica_status table_update(eidetica_txn *txn, const char *store, const char *key,
                                    const char *row)
{
    return eidetica_table_update(txn, store, key, table_replace, (void *)(uintptr_t)row);
}

int eid__cli_run_table_update(eid__cli *cli)
{
    return table_change(cli, "update", table_update);
}

static eidetica_status table_delete(eidetica_txn *txn, const char *store, const char *key,
                                    const char *row)
{
    (void)row;
    return eidetica_table_delete(txn, store, key);
}

int eid__cli_run_table_delete(eid__cli *cli)
{
    return table_change(cli, "delete", table_delete);
}

int eid__cli_run_table_list(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1);
    eid__cli_row_list list = {.left = eid__cli_number(cli, EID__OPT_LIMIT, UINT64_MAX)};
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_listing_begin(&list.listing, cli, "rows");
    status = eidetica_table_rows(cli->db, store, eid__cli_text(cli, EID__OPT_AFTER, NULL),
                                 eid__cli_row_list_add, &list);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(cli, status, "could not list the rows of %s", store);
    }
    return eid__cli_listing_end(&list.listing, code);
}
