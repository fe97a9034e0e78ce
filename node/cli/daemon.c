/* The daemon is the library's work; here it is started, told of, and stopped. Signals are blocked
 * before any thread is made and taken by sigwait(), so that nothing runs in a signal handler. */
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/notify.h"

static int daemon_block_signals(eid__cli *cli, sigset_t *ending)
{
    sigset_t block;

    sigemptyset(ending);
    sigaddset(ending, SIGTERM);
    sigaddset(ending, SIGINT);
    block = *ending;
    sigaddset(&block, SIGPIPE);
    if (pthread_sigmask(SIG_BLOCK, &block, NULL) == 0) return 0;
    return eid__cli_refuse(cli, EIDETICA_IO, "starting the daemon", "", "cannot block signals");
}

static int daemon_check(eid__cli *cli)
{
    if (eid__cli_has(cli, EID__OPT_HTTP)) {
        return eid__cli_refuse(cli, EIDETICA_UNSUPPORTED, "starting the daemon",
                               "leave --http away", "HTTP is not in this version");
    }
    if (strncmp(cli->place.url, "unix:", 5) == 0) {
        return eid__cli_refuse(cli, EIDETICA_INVALID, "starting the daemon",
                               "give the URL of a store, like rocksdb:///folder",
                               "%s is the socket of a daemon", cli->place.url);
    }
    return 0;
}

static int daemon_start(eid__cli *cli)
{
    eidetica_status status = eidetica_open(cli->place.url, &cli->instance);

    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not open %s", cli->place.label);
    }
    status = eidetica_sync_start(cli->instance, cli->args.list, cli->args.list_count);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not start to sync");
    status = eidetica_serve(cli->instance, cli->place.socket);
    if (status == EIDETICA_OK) return 0;
    return eid__cli_failed(cli, status, "could not listen on %s", cli->place.socket);
}

static void daemon_say_ready(eid__cli *cli, const json_t *net)
{
    const json_t *listen = json_object_get(net, "listen");

    printf("Eidetica daemon listening on %s\n", cli->place.socket);
    printf("  Backend: %s\n", cli->place.label);
    printf("  Device:  %s\n", eidetica_device(cli->instance));
    for (size_t i = 0; i < json_array_size(listen); i++) {
        const char *address = json_string_value(json_array_get(listen, i));

        if (address != NULL) printf("  Peers:   %s\n", address);
    }
    printf("\nConnect with:\n  unix://%s\n\nPress Ctrl+C to shutdown\n", cli->place.socket);
}

static void daemon_write_ready(eid__cli *cli, const char *net)
{
    eid__cli_answer answer;

    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "ready");
    eid_json_bool(&answer.json, true);
    eid_json_key(&answer.json, "socket");
    eid_json_text(&answer.json, cli->place.socket);
    eid_json_key(&answer.json, "backend");
    eid_json_text(&answer.json, cli->place.label);
    eid_json_key(&answer.json, "device_id");
    eid_json_text(&answer.json, eidetica_device(cli->instance));
    eid_json_key(&answer.json, "network");
    eid_json_raw(&answer.json, eid_slice_text(net));
    eid__cli_answer_end(&answer, NULL);
}

static int daemon_tell(eid__cli *cli)
{
    char *net = NULL;
    eidetica_status status = eidetica_net_info(cli->instance, &net);
    json_t *tree;

    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not tell the listening addresses");
    }
    if (cli->form != EID__CLI_HUMAN) {
        daemon_write_ready(cli, net);
    } else {
        tree = json_loads(net, 0, NULL);
        daemon_say_ready(cli, tree);
        json_decref(tree);
    }
    eidetica_free(net);
    fflush(stdout);
    eid__cli_notify("READY=1\nSTATUS=Meeting peers and serving programs");
    return 0;
}

int eid__cli_run_daemon(eid__cli *cli)
{
    sigset_t ending;
    int code = eid__cli_place_find(cli), signal_number = 0;

    if (code == 0) code = daemon_check(cli);
    if (code == 0) code = daemon_block_signals(cli, &ending);
    if (code == 0) code = daemon_start(cli);
    if (code == 0) code = daemon_tell(cli);
    if (code != 0) return code;
    sigwait(&ending, &signal_number);
    eid__cli_notify("STOPPING=1");
    eidetica_close(cli->instance);
    cli->instance = NULL;
    if (cli->form == EID__CLI_HUMAN) printf("Daemon shut down\n");
    return 0;
}
