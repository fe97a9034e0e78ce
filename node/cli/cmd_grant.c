/* Who may do what in a database. */
#include "node/cli/commands.h"
#include "node/cli/listing.h"

int eid__cli_run_db_grant(eid__cli *cli)
{
    const char *key = eid__cli_operand(cli, 1), *permission = eid__cli_operand(cli, 2);
    eid__cli_answer answer;
    eidetica_status status;
    char human[256];
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_db_grant(cli->db, key, permission, eid__cli_text(cli, EID__OPT_NAME, NULL));
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not grant %s", permission);
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "key");
    eid_json_text(&answer.json, key);
    eid_json_key(&answer.json, "permission");
    eid_json_text(&answer.json, permission);
    snprintf(human, sizeof human, "%s may %s", key, permission);
    return eid__cli_answer_end(&answer, human);
}

int eid__cli_run_db_revoke(eid__cli *cli)
{
    const char *key = eid__cli_operand(cli, 1);
    eid__cli_answer answer;
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_db_revoke(cli->db, key);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not revoke the key");
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "key");
    eid_json_text(&answer.json, key);
    return eid__cli_answer_end(&answer, "revoked");
}
