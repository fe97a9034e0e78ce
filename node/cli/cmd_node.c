/* The node itself. Info tells what the reference's does, in its words. */
#include <string.h>

#include "dag/alloc.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/password.h"
#include "node/cli/view.h"

static int node_create(eid__cli *cli, const char *name, const eid__cli_password *password)
{
    eidetica_status status;

    if (strncmp(cli->place.url, "unix:", 5) == 0) {
        return eid__cli_refuse(cli, EIDETICA_INVALID, "creating the node",
                               "give the URL of a store, like rocksdb:///folder",
                               "%s is the socket of a daemon", cli->place.url);
    }
    if (!eid__cli_has(cli, EID__OPT_URL)) {
        int code = eid__cli_place_make(cli);

        if (code != 0) return code;
    }
    status = eidetica_create(cli->place.url, name, password->given ? password->text : NULL,
                             &cli->instance, &cli->user);
    if (status == EIDETICA_OK) return 0;
    return eid__cli_failed(cli, status, "could not create the node at %s", cli->place.label);
}

int eid__cli_run_init(eid__cli *cli)
{
    const char *name = eid__cli_text(cli, EID__OPT_USERNAME, NULL);
    eid__cli_password password = {0};
    eid__cli_answer answer;
    char prompt[320];
    int code;

    if (name == NULL) return eid__cli_usage(cli, "--username NAME is missing");
    snprintf(prompt, sizeof prompt, "Password for new admin user '%s': ", name);
    code = eid__cli_place_find(cli);
    if (code == 0) {
        code = eid__cli_password_new(cli, EID__OPT_PASSWORD_FILE, "EIDETICA_ADMIN_PASSWORD", prompt,
                                     &password);
    }
    if (code == 0) code = node_create(cli, name, &password);
    eid__cli_password_wipe(&password);
    if (code != 0) return code;
    if (cli->form == EID__CLI_HUMAN) {
        eid__cli_say("Eidetica instance initialised on %s", cli->place.label);
        eid__cli_say("  Device ID:    %s", eidetica_device(cli->instance));
        eid__cli_say("  Initial user: %s", name);
        printf("\nStart the daemon with: `eidetica daemon`\n");
        return 0;
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "backend");
    eid_json_text(&answer.json, cli->place.label);
    eid_json_key(&answer.json, "device_id");
    eid_json_text(&answer.json, eidetica_device(cli->instance));
    eid_json_key(&answer.json, "user");
    eid_json_text(&answer.json, name);
    eid_json_key(&answer.json, "user_key");
    eid_json_text(&answer.json, eidetica_user_key(cli->user));
    return eid__cli_answer_end(&answer, NULL);
}

static bool node_on_db(void *self, const eidetica_db_info *info)
{
    uint64_t *count = self;

    if (!info->system) *count += 1;
    return true;
}

/* Answers without a login too, since scripts ask by it whether there is a node. */
int eid__cli_run_info(eid__cli *cli)
{
    static const eid__cli_label labels[] = {{"device_id", "Device ID"}, {NULL, NULL}};
    uint64_t databases = 0;
    eid__cli_answer answer;
    eidetica_status status = EIDETICA_OK;
    int code = eid__cli_open(cli);

    if (code != 0) return code;
    if (eid__cli_login_quietly(cli))
        status = eidetica_dbs(cli->user, false, node_on_db, &databases);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not list the databases");
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "device_id");
    eid_json_text(&answer.json, eidetica_device(cli->instance));
    eid_json_key(&answer.json, "backend");
    eid_json_text(&answer.json, cli->place.label);
    if (cli->user != NULL) {
        eid_json_key(&answer.json, "databases");
        eid_json_uint(&answer.json, databases);
        eid_json_key(&answer.json, "user");
        eid_json_text(&answer.json, eidetica_user_name(cli->user));
        eid_json_key(&answer.json, "user_key");
        eid_json_text(&answer.json, eidetica_user_key(cli->user));
    }
    eid_json_object_end(&answer.json);
    code = eid__cli_view(cli, eid_buf_slice(&answer.text), labels);
    eid_buf_fini(&answer.text);
    return code;
}

typedef eidetica_status (*node_report)(eidetica_instance *instance, char **json);

static eidetica_status node_sync_report(eidetica_instance *instance, char **json)
{
    return eidetica_sync_status(instance, NULL, json);
}

/* Put a report of the library under a name; null while nothing runs that could be reported. */
static int node_add_report(eid__cli *cli, eid_json_writer *json, const char *name,
                           node_report report)
{
    char *text = NULL;
    eidetica_status status = report(cli->instance, &text);

    if (status != EIDETICA_OK && status != EIDETICA_STATE) {
        return eid__cli_failed(cli, status, "could not get the %s report", name);
    }
    eid_json_key(json, name);
    if (status == EIDETICA_OK) {
        eid_json_raw(json, eid_slice_text(text));
    } else {
        eid_json_null(json);
    }
    eidetica_free(text);
    return 0;
}

int eid__cli_run_status(eid__cli *cli)
{
    static const eid__cli_label labels[] = {{"rtt_ms", "RTT ms"}, {NULL, NULL}};
    eid__cli_answer answer;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "daemon");
    eid_json_text(&answer.json, cli->daemon ? "running" : "not running");
    eid_json_key(&answer.json, "backend");
    eid_json_text(&answer.json, cli->place.label);
    eid_json_key(&answer.json, "device");
    eid_json_text(&answer.json, eidetica_device(cli->instance));
    code = node_add_report(cli, &answer.json, "network", eidetica_net_info);
    if (code == 0) code = node_add_report(cli, &answer.json, "peers", eidetica_peers);
    if (code == 0) code = node_add_report(cli, &answer.json, "sync", node_sync_report);
    eid_json_object_end(&answer.json);
    if (code == 0) code = eid__cli_view(cli, eid_buf_slice(&answer.text), labels);
    if (code == 0 && !cli->daemon) {
        eid__cli_note(cli,
                      "nothing is synced while no daemon runs; start it with `eidetica daemon`");
    }
    eid_buf_fini(&answer.text);
    return code;
}
