/* What a revocation keeps out, and how it comes in again. */
#include <stdio.h>

#include "node/cli/commands.h"
#include "node/cli/history.h"
#include "node/cli/listing.h"
#include "node/cli/view.h"

typedef struct void_list {
    eid__cli_listing *listing;
    uint64_t count;
} void_list;

static bool void_on_entry(void *self, const eidetica_void *entry)
{
    void_list *list = self;
    eid_json_writer *json = eid__cli_listing_item(list->listing);
    char signer[32];

    list->count++;
    if (json == NULL) {
        eid__cli_short_name(entry->signer, signer, sizeof signer);
        eid__cli_say("%s  by %s  %s%s%s", entry->id, signer,
                     entry->revoked_by != NULL ? "revoked by " : "what let its key in is void",
                     entry->revoked_by != NULL ? entry->revoked_by : "",
                     entry->is_settings ? "  (settings: cannot be accepted)" : "");
        return true;
    }
    eid_json_key(json, "entry");
    eid_json_text(json, entry->id);
    eid_json_key(json, "signer");
    eid_json_text(json, entry->signer);
    eid_json_key(json, "revoked_by");
    if (entry->revoked_by != NULL) {
        eid_json_text(json, entry->revoked_by);
    } else {
        eid_json_null(json);
    }
    eid_json_key(json, "settings");
    eid_json_bool(json, entry->is_settings);
    eid__cli_listing_item_end(list->listing);
    return true;
}

int eid__cli_run_db_void(eid__cli *cli)
{
    eid__cli_listing listing;
    void_list list = {.listing = &listing};
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_listing_begin(&listing, cli, "entries");
    status = eidetica_db_voids(cli->db, void_on_entry, &list);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not list void entries");
    if (code == 0 && list.count == 0 && cli->form == EID__CLI_HUMAN)
        eid__cli_say("Nothing is void.");
    return eid__cli_listing_end(&listing, code);
}

int eid__cli_run_db_accept(eid__cli *cli)
{
    bool undo = eid__cli_has(cli, EID__OPT_UNDO);
    size_t count = cli->args.operand_count;
    eid__cli_answer answer;
    eidetica_status status;
    char human[64];
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_db_accept(cli->db, cli->args.operands + 1, count - 1, !undo);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not %s", undo ? "undo it" : "accept");
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, undo ? "undone" : "accepted");
    eid_json_array(&answer.json);
    for (size_t i = 1; i < count; i++) eid_json_text(&answer.json, eid__cli_operand(cli, i));
    eid_json_array_end(&answer.json);
    snprintf(human, sizeof human, "%zu %s %s", count - 1, count == 2 ? "entry" : "entries",
             undo ? "kept out again" : "accepted");
    return eid__cli_answer_end(&answer, human);
}
