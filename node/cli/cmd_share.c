/* Sharing and joining. Without a daemon, sync runs in this process for as long as the command needs
 * it: joining then works as it would with one, and a ticket is made of the addresses of last time.
 */
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/progress.h"
#include "node/cli/view.h"

#define JOIN_TIMEOUT_MS 60000

static int share_start_sync(eid__cli *cli)
{
    eidetica_status status;

    if (cli->daemon) return 0;
    status = eidetica_sync_start(cli->instance, NULL, 0);
    if (status == EIDETICA_OK) return 0;
    return eid__cli_failed(cli, status, "could not start to sync");
}

/* What everyone may do, if the user says so. */
static int share_grant(eid__cli *cli)
{
    const char *permission = eid__cli_text(cli, EID__OPT_PERMISSION, NULL);
    eidetica_status status;

    if (!permission) return 0;
    status = eidetica_db_grant(cli->db, "*", permission, NULL);
    if (status == EIDETICA_OK) return 0;
    return eid__cli_failed(cli, status, "could not let everyone in");
}

int eid__cli_run_share(eid__cli *cli)
{
    eid__cli_answer answer;
    eidetica_status status;
    char *ticket = NULL;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code == 0) code = share_grant(cli);
    if (code == 0) code = share_start_sync(cli);
    if (code != 0) return code;
    status = eidetica_share(cli->db, &ticket);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not share the database");
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "root");
    eid_json_text(&answer.json, eidetica_db_root(cli->db));
    eid_json_key(&answer.json, "ticket");
    eid_json_text(&answer.json, ticket);
    code = eid__cli_answer_end(&answer, ticket);
    eidetica_free(ticket);
    if (code == 0 && !cli->daemon) {
        eid__cli_note(cli, "warning: nobody can join while no daemon runs; start it with "
                           "`eidetica daemon`");
    }
    return code;
}

int eid__cli_run_ticket_show(eid__cli *cli)
{
    char *json = NULL;
    eidetica_status status = eidetica_ticket_show(eid__cli_operand(cli, 0), &json);
    int code;

    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not read the ticket");
    code = eid__cli_view(cli, eid_slice_text(json), NULL);
    eidetica_free(json);
    return code;
}

static void join_on_info(void *self, const eidetica_db_info *info)
{
    eid__cli_answer *answer = self;

    eid_json_key(&answer->json, "root");
    eid_json_text(&answer->json, info->root);
    eid_json_key(&answer->json, "name");
    eid_json_text(&answer->json, info->name);
    eid_json_key(&answer->json, "permission");
    eid_json_text(&answer->json, info->permission);
    eid_json_key(&answer->json, "entries");
    eid_json_uint(&answer->json, info->entries);
}

int eid__cli_run_join(eid__cli *cli)
{
    uint64_t timeout_ms = eid__cli_number(cli, EID__OPT_TIMEOUT, JOIN_TIMEOUT_MS);
    eid__cli_progress progress;
    eid__cli_answer answer;
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code == 0) code = share_start_sync(cli);
    if (code != 0) return code;
    eid__cli_progress_begin(&progress, cli, "entries");
    status = eidetica_join(cli->user, eid__cli_operand(cli, 0), timeout_ms, eid__cli_progress_on,
                           &progress, &cli->db);
    eid__cli_progress_end(&progress);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not join");
    eid__cli_answer_begin(&answer, cli);
    status = eidetica_db_describe(cli->db, join_on_info, &answer);
    if (status != EIDETICA_OK) {
        eid_buf_fini(&answer.text);
        return eid__cli_failed(cli, status, "could not describe the database");
    }
    code = eid__cli_answer_end(&answer, NULL);
    if (code == 0 && !cli->daemon) {
        eid__cli_note(cli, "it is kept in sync while a daemon runs; start it with "
                           "`eidetica daemon`");
    }
    return code;
}
