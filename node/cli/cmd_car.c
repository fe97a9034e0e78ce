/* History as CAR files. A daemon writes or reads the file itself and has another working folder, so
 * it gets absolute paths. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dag/alloc.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/progress.h"
#include "node/cli/view.h"

int eid__cli_run_export(eid__cli *cli)
{
    const char *path = eid__cli_operand(cli, 1);
    char *absolute = eid__cli_path_absolute(path);
    eid__cli_progress progress;
    eid__cli_answer answer;
    eidetica_status status;
    int code = absolute == NULL ? eid__cli_no_memory(cli) : 0;

    if (code == 0) code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));
    if (code == 0) {
        eid__cli_progress_begin(&progress, cli, "entries");
        status = eidetica_export(cli->db, absolute, eid__cli_progress_on, &progress);
        eid__cli_progress_end(&progress);
        if (status != EIDETICA_OK)
            code = eid__cli_failed(cli, status, "could not export to %s", path);
    }
    eid_free(absolute);
    if (code != 0) return code;
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "root");
    eid_json_text(&answer.json, eidetica_db_root(cli->db));
    eid_json_key(&answer.json, "file");
    eid_json_text(&answer.json, path);
    return eid__cli_answer_end(&answer, path);
}

/* Before anything is opened, for the commonest mistake. */
static int car_check(eid__cli *cli, const char *path)
{
    if (access(path, F_OK) == 0) return 0;
    return eid__cli_refuse(cli, errno == ENOENT ? EIDETICA_NOT_FOUND : EIDETICA_IO,
                           "opening the file", "check the path and its permissions", "%s: %s", path,
                           strerror(errno));
}

int eid__cli_run_import(eid__cli *cli)
{
    const char *path = eid__cli_operand(cli, 0);
    char *absolute = eid__cli_path_absolute(path);
    eid__cli_progress progress;
    eidetica_status status;
    char *json = NULL;
    int code = absolute == NULL ? eid__cli_no_memory(cli) : car_check(cli, path);

    if (code == 0) code = eid__cli_login(cli);
    if (code == 0) {
        eid__cli_progress_begin(&progress, cli, "entries");
        status = eidetica_import(cli->user, absolute, eid__cli_progress_on, &progress, &json);
        eid__cli_progress_end(&progress);
        if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not import %s", path);
    }
    eid_free(absolute);
    if (code == 0) code = eid__cli_view(cli, eid_slice_text(json), NULL);
    eidetica_free(json);
    return code;
}
