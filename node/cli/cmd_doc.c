/* Documents. What is printed for people is the value's JSON, so that it can be read back. */
#include "node/cli/change.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"

int eid__cli_run_get(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *path = eid__cli_operand(cli, 2);
    eid__cli_answer answer;
    eidetica_status status;
    char *json = NULL;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_doc_get(cli->db, store, path, &json);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not get %s%s%s", store, path ? " " : "",
                               path ? path : "");
    }
    if (cli->form != EID__CLI_HUMAN) {
        eid__cli_answer_begin(&answer, cli);
        eid_json_key(&answer.json, "value");
        eid_json_raw(&answer.json, eid_slice_text(json));
        code = eid__cli_answer_end(&answer, NULL);
    } else if (!eid__cli_has(cli, EID__OPT_TEXT) || !eid__cli_say_text(json)) {
        eid__cli_print_json(eid_slice_text(json));
    }
    eidetica_free(json);
    return code;
}

int eid__cli_run_set(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *path = eid__cli_operand(cli, 2);
    const char *value = eid__cli_operand(cli, 3);
    bool text = eid__cli_has(cli, EID__OPT_TEXT);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = text ? eidetica_doc_set_text(change.txn, store, path, value)
                      : eidetica_doc_set(change.txn, store, path, value);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(
                cli, status, "could not set %s %s%s", store, path,
                status == EIDETICA_MALFORMED && !text ? " (plain text needs --text)" : "");
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

int eid__cli_run_del(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *path = eid__cli_operand(cli, 2);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = eidetica_doc_delete(change.txn, store, path);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not delete %s %s", store, path);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}
