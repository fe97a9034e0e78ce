/* What set, del and the table commands have in common. */
#include "node/cli/change.h"

#include "node/cli/listing.h"

int eid__cli_change_begin(eid__cli_change *change, eid__cli *cli)
{
    eidetica_status status;
    int code;

    *change = (eid__cli_change){.cli = cli};
    code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));
    if (code != 0) return code;
    status = eidetica_txn_begin(cli->db, &change->txn);
    if (status == EIDETICA_OK) return 0;
    return eid__cli_failed(cli, status, "could not begin a transaction");
}

int eid__cli_change_end(eid__cli_change *change, int code, const char *key)
{
    eid__cli_answer answer;
    eidetica_status status;
    char *entry = NULL;

    if (code == 0) {
        status = eidetica_txn_commit(change->txn, &entry);
        if (status != EIDETICA_OK) code = eid__cli_failed(change->cli, status, "could not commit");
    }
    eidetica_txn_free(change->txn);
    change->txn = NULL;
    if (code != 0) return code;
    eid__cli_answer_begin(&answer, change->cli);
    if (key != NULL) {
        eid_json_key(&answer.json, "key");
        eid_json_text(&answer.json, key);
    }
    eid_json_key(&answer.json, "entry");
    eid_json_text(&answer.json, entry);
    code = eid__cli_answer_end(&answer, key != NULL ? key : entry);
    eidetica_free(entry);
    return code;
}
