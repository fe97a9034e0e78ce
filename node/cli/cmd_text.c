/* Text documents: the texts in them. Their maps and arrays can be read here and are written by
 * programs. */
#include "node/cli/change.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/number.h"

#include <string.h>

static int text_print(eid__cli *cli, const char *kind, const char *json)
{
    eid__cli_answer answer;

    if (cli->form != EID__CLI_HUMAN) {
        eid__cli_answer_begin(&answer, cli);
        eid_json_key(&answer.json, "value");
        eid_json_raw(&answer.json, eid_slice_text(json));
        return eid__cli_answer_end(&answer, NULL);
    }
    if (strcmp(kind, "text") != 0 || !eid__cli_say_text(json)) {
        eid__cli_print_json(eid_slice_text(json));
    }
    return 0;
}

int eid__cli_run_text_get(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *name = eid__cli_operand(cli, 2);
    const char *kind = eid__cli_text(cli, EID__OPT_AS, "text");
    eidetica_status status;
    char *json = NULL;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_text_get(cli->db, store, name, kind, &json);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not get %s of %s", name, store);
    }
    code = text_print(cli, kind, json);
    eidetica_free(json);
    return code;
}

/* An operand that is a number; a usage error else. */
static int text_number(eid__cli *cli, size_t place, uint64_t *out)
{
    const char *word = eid__cli_operand(cli, place);

    if (eid__cli_number_parse(word, 0, UINT64_MAX, out)) return 0;
    return eid__cli_usage(cli, "\"%s\" is no number", word);
}

int eid__cli_run_text_insert(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *name = eid__cli_operand(cli, 2);
    uint64_t index = 0;
    eid__cli_change change;
    eidetica_status status;
    int code = text_number(cli, 3, &index);

    if (code != 0) return code;
    code = eid__cli_change_begin(&change, cli);
    if (code == 0) {
        status = eidetica_text_insert(change.txn, store, name, index, eid__cli_operand(cli, 4));
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not insert into %s of %s", name, store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

int eid__cli_run_text_delete(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *name = eid__cli_operand(cli, 2);
    uint64_t index = 0, count = 0;
    eid__cli_change change;
    eidetica_status status;
    int code = text_number(cli, 3, &index);

    if (code == 0) code = text_number(cli, 4, &count);
    if (code != 0) return code;
    code = eid__cli_change_begin(&change, cli);
    if (code == 0) {
        status = eidetica_text_delete(change.txn, store, name, index, count);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not delete from %s of %s", name, store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}
