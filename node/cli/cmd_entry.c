/* An entry is named by its id alone, and its database is looked for: whoever has an id of a log or
 * an error need not know where it is from. */
#include <string.h>

#include "dag/alloc.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/view.h"

#define ENTRY_DATABASES_MAX 65536

typedef eidetica_status (*entry_report)(eidetica_db *db, const char *id, char **json);

typedef struct entry_roots {
    char **at;
    size_t count, cap;
    bool broken;
} entry_roots;

static bool entry_on_db(void *self, const eidetica_db_info *info)
{
    entry_roots *roots = self;

    if (roots->count == roots->cap) {
        size_t cap = roots->cap == 0 ? 32 : roots->cap * 2;
        char **at = cap > ENTRY_DATABASES_MAX ? NULL : eid_realloc(roots->at, cap * sizeof *at);

        roots->broken = at == NULL;
        if (roots->broken) return false;
        roots->at = at;
        roots->cap = cap;
    }
    roots->at[roots->count] = eid_memdup(info->root, strlen(info->root));
    roots->broken = roots->at[roots->count] == NULL;
    if (!roots->broken) roots->count++;
    return !roots->broken;
}

/* NOT_FOUND if no database that this user may open has the entry. */
static eidetica_status entry_search(eid__cli *cli, const entry_roots *roots, const char *id,
                                    entry_report report, char **json)
{
    eidetica_status status = EIDETICA_NOT_FOUND;

    for (size_t i = 0; i < roots->count; i++) {
        eidetica_status opened = eidetica_db_open(cli->user, roots->at[i], &cli->db);

        if (opened != EIDETICA_OK) continue; /* not this user's */
        status = report(cli->db, id, json);
        /* Not in this one: INVALID is what the library says of an entry of another database. */
        if (status != EIDETICA_NOT_FOUND && status != EIDETICA_INVALID) return status;
        eidetica_db_close(cli->db);
        cli->db = NULL;
    }
    return status;
}

static int entry_find(eid__cli *cli, entry_report report, char **json)
{
    const char *id = eid__cli_operand(cli, 0);
    entry_roots roots = {0};
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    status = eidetica_dbs(cli->user, true, entry_on_db, &roots);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(cli, status, "could not list the databases");
    } else if (roots.broken) {
        code = eid__cli_no_memory(cli);
    } else {
        status = entry_search(cli, &roots, id, report, json);
        if (status == EIDETICA_NOT_FOUND || status == EIDETICA_INVALID) {
            code = eid__cli_refuse(cli, EIDETICA_NOT_FOUND, "finding the entry",
                                   "give a whole id, as printed by `eidetica log`",
                                   "no database of yours has \"%s\"", id);
        } else if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not read the entry \"%s\"", id);
        }
    }
    for (size_t i = 0; i < roots.count; i++) eid_free(roots.at[i]);
    eid_free(roots.at);
    return code;
}

int eid__cli_run_entry_show(eid__cli *cli)
{
    char *json = NULL;
    int code = entry_find(cli, eidetica_entry_show, &json);

    if (code == 0) code = eid__cli_view_indented(cli, eid_slice_text(json));
    eidetica_free(json);
    return code;
}

int eid__cli_run_explain(eid__cli *cli)
{
    char *json = NULL;
    int code = entry_find(cli, eidetica_entry_explain, &json);

    if (code == 0) code = eid__cli_view(cli, eid_slice_text(json), NULL);
    eidetica_free(json);
    return code;
}
