/* What happens around a command: the arguments are read, the form of the output is settled, the
 * command runs, and what was printed is made sure of. Everything ends here, by one way out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/cli/cli.h"
#include "node/cli/help.h"
#include "node/cli/logsink.h"

static void main_settle(eid__cli *cli)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;

    if (eid__cli_has(cli, EID__OPT_JSON)) cli->form = EID__CLI_JSON;
    if (eid__cli_has(cli, EID__OPT_JSONL)) cli->form = EID__CLI_JSONL;
    cli->colour = isatty(STDOUT_FILENO) && !dumb && !eid__cli_has(cli, EID__OPT_NO_COLOR) &&
                  (no_color == NULL || no_color[0] == 0);
    cli->progress = isatty(STDERR_FILENO) && !dumb && !eid__cli_has(cli, EID__OPT_NO_PROGRESS) &&
                    !eid__cli_has(cli, EID__OPT_QUIET);
}

static int main_help(eid__cli *cli, const char *word)
{
    eid_buf out;
    int code = 0;

    eid_buf_init(&out, 1u << 20);
    if (cli->args.command != NULL) {
        eid__cli_help_command(cli->args.command, &out);
    } else {
        eid__cli_help_program(cli->table, word, &out);
    }
    if (eid_buf_status(&out) == EID_OK) {
        fwrite(out.at, 1, out.len, stdout);
    } else {
        code = eid__cli_no_memory(cli);
    }
    eid_buf_fini(&out);
    return code;
}

/* The group that --help was asked for: "db --help". */
static const char *main_group(const eid__cli *cli, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' && eid__cli_command_is_group(cli->table, argv[i])) return argv[i];
    }
    return NULL;
}

static int main_run(eid__cli *cli, int argc, char **argv)
{
    int code;

    if (eid__cli_has(cli, EID__OPT_VERSION)) {
        printf("eidetica %s\n", eidetica_version());
        return 0;
    }
    if (eid__cli_has(cli, EID__OPT_HELP)) return main_help(cli, main_group(cli, argc, argv));
    code = eid__cli_logsink_begin(cli);
    return code == 0 ? cli->args.command->run(cli) : code;
}

/* A full disk or a closed pipe shows only now. */
static int main_end(eid__cli *cli, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    if (code != 0) return code;
    return eid__cli_refuse(cli, EIDETICA_IO, "writing the output", "", "%s", strerror(errno));
}

int eid_cli_main(int argc, char **argv)
{
    eid__cli cli = {.table = &eid__cli_commands};
    eid_buf why;
    bool good;
    int code;

    eid_buf_init(&why, 65536);
    good = eid__cli_parse(cli.table, argc > 0 ? argc - 1 : 0, argv + 1, getenv, &cli.args, &why);
    main_settle(&cli);
    if (good) {
        code = main_run(&cli, argc, argv);
    } else {
        code = eid__cli_usage(&cli, "%.*s", (int)why.len, why.at ? (const char *)why.at : "");
    }
    eid_buf_fini(&why);
    eid__cli_close(&cli);
    return main_end(&cli, code);
}
