/* Which other databases' keys may act in one. */
#include "node/cli/commands.h"
#include "node/cli/listing.h"

int eid__cli_run_db_delegate(eid__cli *cli)
{
    const char *other = eid__cli_operand(cli, 1), *max = eid__cli_operand(cli, 2);
    const char *min = eid__cli_text(cli, EID__OPT_MIN, NULL);
    eid__cli_answer answer;
    eidetica_status status;
    char human[512];
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_db_delegate(cli->db, other, max, min);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not delegate to \"%s\"", other);
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "to");
    eid_json_text(&answer.json, other);
    eid_json_key(&answer.json, "max");
    eid_json_text(&answer.json, max);
    eid_json_key(&answer.json, "min");
    eid_json_text(&answer.json, min);
    snprintf(human, sizeof human, "the keys of %s may %s at most", other, max);
    return eid__cli_answer_end(&answer, human);
}

int eid__cli_run_db_undelegate(eid__cli *cli)
{
    const char *other = eid__cli_operand(cli, 1);
    eid__cli_answer answer;
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_db_undelegate(cli->db, other);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not end the delegation to \"%s\"", other);
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "from");
    eid_json_text(&answer.json, other);
    return eid__cli_answer_end(&answer, "ended");
}

static bool delegate_on_item(void *self, const eidetica_delegation *delegation)
{
    eid__cli_listing *listing = self;
    eid_json_writer *json = eid__cli_listing_item(listing);

    if (json == NULL) {
        eid__cli_say("%s  at most %s%s%s", delegation->root, delegation->max,
                     delegation->min[0] ? ", at least " : "", delegation->min);
        return true;
    }
    eid_json_key(json, "to");
    eid_json_text(json, delegation->root);
    eid_json_key(json, "max");
    eid_json_text(json, delegation->max);
    eid_json_key(json, "min");
    eid_json_text(json, delegation->min[0] ? delegation->min : NULL);
    eid_json_key(json, "tips");
    eid_json_array(json);
    for (size_t i = 0; i < delegation->tip_count; i++) eid_json_text(json, delegation->tips[i]);
    eid_json_array_end(json);
    eid__cli_listing_item_end(listing);
    return true;
}

int eid__cli_run_db_delegations(eid__cli *cli)
{
    eid__cli_listing listing;
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_listing_begin(&listing, cli, "delegations");
    status = eidetica_db_delegations(cli->db, delegate_on_item, &listing);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not read the settings");
    return eid__cli_listing_end(&listing, code);
}
