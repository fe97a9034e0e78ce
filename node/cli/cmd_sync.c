/* Sync, as the node itself reports it. */
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/view.h"

#define SYNC_TIMEOUT_MS 60000

/* Log in, and find the root id of the operand; NULL if there is none. */
static int sync_root(eid__cli *cli, const char **root)
{
    const char *name = eid__cli_operand(cli, 0);
    int code;

    *root = NULL;
    if (name == NULL) return eid__cli_login(cli);
    code = eid__cli_open_db(cli, name);
    if (code == 0) *root = eidetica_db_root(cli->db);
    return code;
}

static int sync_show(eid__cli *cli, eidetica_status status, char *json, const char *what)
{
    static const eid__cli_label labels[] = {{"rtt_ms", "RTT ms"}, {NULL, NULL}};
    int code;

    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not get the %s", what);
    code = eid__cli_view(cli, eid_slice_text(json), labels);
    eidetica_free(json);
    return code;
}

int eid__cli_run_sync_status(eid__cli *cli)
{
    const char *root;
    char *json = NULL;
    eidetica_status status;
    int code = sync_root(cli, &root);

    if (code != 0) return code;
    status = eidetica_sync_status(cli->instance, root, &json);
    return sync_show(cli, status, json, "state of the sync");
}

int eid__cli_run_peer_list(eid__cli *cli)
{
    char *json = NULL;
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    status = eidetica_peers(cli->instance, &json);
    return sync_show(cli, status, json, "list of peers");
}

int eid__cli_run_sync_now(eid__cli *cli)
{
    eid__cli_answer answer;
    eidetica_status status;
    const char *root;
    int code = sync_root(cli, &root);

    if (code != 0) return code;
    status = eidetica_sync_now(cli->instance, root);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not sync");
    eid__cli_answer_begin(&answer, cli);
    return eid__cli_answer_end(&answer, "dialling");
}

int eid__cli_run_sync_wait(eid__cli *cli)
{
    uint64_t timeout_ms = eid__cli_number(cli, EID__OPT_TIMEOUT, SYNC_TIMEOUT_MS);
    eid__cli_answer answer;
    eidetica_status status;
    const char *root;
    int code = sync_root(cli, &root);

    if (code != 0) return code;
    status = eidetica_sync_wait(cli->instance, root, timeout_ms);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "not in sync");
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "in_sync");
    eid_json_bool(&answer.json, true);
    return eid__cli_answer_end(&answer, "in sync");
}
