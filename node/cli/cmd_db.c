/* Databases: what they are called, how they are. */
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/view.h"

int eid__cli_run_db_create(eid__cli *cli)
{
    const char *name = eid__cli_operand(cli, 0);
    eid__cli_answer answer;
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    status = eidetica_db_create(cli->user, name, &cli->db);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not create the database \"%s\"", name);
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "root");
    eid_json_text(&answer.json, eidetica_db_root(cli->db));
    eid_json_key(&answer.json, "name");
    eid_json_text(&answer.json, name);
    return eid__cli_answer_end(&answer, eidetica_db_root(cli->db));
}

typedef struct db_list {
    eid_json_writer *json; /* of the whole answer, or NULL: */
    eid__cli_listing *listing;
    uint64_t count;
} db_list;

static void db_write_short(eid_json_writer *json, const eidetica_db_info *info)
{
    eid_json_key(json, "id");
    eid_json_text(json, info->root);
    eid_json_key(json, "tips");
    eid_json_uint(json, info->tip_count);
    eid_json_key(json, "entries");
    eid_json_uint(json, info->entries);
    eid_json_key(json, "permission");
    eid_json_text(json, info->permission);
    eid_json_key(json, "shared");
    eid_json_bool(json, info->shared);
    eid_json_key(json, "name");
    eid_json_text(json, info->name);
}

static bool db_on_info(void *self, const eidetica_db_info *info)
{
    db_list *list = self;
    eid_json_writer *json = list->json;

    list->count++;
    if (json != NULL) {
        eid_json_object(json);
        db_write_short(json, info);
        eid_json_object_end(json);
        return true;
    }
    json = eid__cli_listing_item(list->listing);
    db_write_short(json, info);
    eid__cli_listing_item_end(list->listing);
    return true;
}

static int db_list_table(eid__cli *cli, bool system)
{
    static const eid__cli_label labels[] = {
        {"databases", "Databases"}, {"id", "Root ID"}, {NULL, NULL}};
    eid__cli_answer answer;
    db_list list = {.json = &answer.json};
    eidetica_status status;
    int code = 0;

    eid__cli_answer_begin(&answer, cli);
    eid_buf_clear(&answer.text); /* the list alone is shown as a table */
    eid_json_writer_init(&answer.json, &answer.text);
    eid_json_array(&answer.json);
    status = eidetica_dbs(cli->user, system, db_on_info, &list);
    eid_json_array_end(&answer.json);
    if (status != EIDETICA_OK) {
        code = eid__cli_failed(cli, status, "could not list the databases");
    } else if (list.count == 0) {
        printf("No databases found.\n");
    } else {
        code = eid__cli_view(cli, eid_buf_slice(&answer.text), labels);
    }
    eid_buf_fini(&answer.text);
    return code;
}

int eid__cli_run_db_list(eid__cli *cli)
{
    bool system = eid__cli_has(cli, EID__OPT_SYSTEM);
    eid__cli_listing listing;
    db_list list = {.listing = &listing};
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    if (cli->form == EID__CLI_HUMAN) return db_list_table(cli, system);
    eid__cli_listing_begin(&listing, cli, "databases");
    status = eidetica_dbs(cli->user, system, db_on_info, &list);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not list the databases");
    return eid__cli_listing_end(&listing, code);
}

static void db_on_describe(void *self, const eidetica_db_info *info)
{
    eid_json_writer *json = self;
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"entries", info->entries}, {"verified", info->verified},
                  {"failed", info->failed},   {"unverified", info->unverified},
                  {"bytes", info->bytes},     {"height", info->height}};

    eid_json_key(json, "root");
    eid_json_text(json, info->root);
    eid_json_key(json, "name");
    eid_json_text(json, info->name);
    eid_json_key(json, "permission");
    eid_json_text(json, info->permission);
    eid_json_key(json, "shared");
    eid_json_bool(json, info->shared);
    eid_json_key(json, "strict");
    eid_json_bool(json, info->strict);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        eid_json_key(json, counts[i].name);
        eid_json_uint(json, counts[i].value);
    }
    eid_json_key(json, "tips");
    eid_json_array(json);
    for (size_t i = 0; i < info->tip_count; i++) eid_json_text(json, info->tips[i]);
    eid_json_array_end(json);
}

static bool db_on_store(void *self, const char *store, const char *type)
{
    eid_json_writer *json = self;

    eid_json_object(json);
    eid_json_key(json, "store");
    eid_json_text(json, store);
    eid_json_key(json, "type");
    eid_json_text(json, type);
    eid_json_object_end(json);
    return true;
}

int eid__cli_run_db_show(eid__cli *cli)
{
    eid__cli_answer answer;
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_answer_begin(&answer, cli);
    status = eidetica_db_describe(cli->db, db_on_describe, &answer.json);
    eid_json_key(&answer.json, "stores");
    eid_json_array(&answer.json);
    if (status == EIDETICA_OK) status = eidetica_stores(cli->db, db_on_store, &answer.json);
    eid_json_array_end(&answer.json);
    if (status != EIDETICA_OK) {
        eid_buf_fini(&answer.text);
        return eid__cli_failed(cli, status, "could not describe the database");
    }
    return eid__cli_answer_end(&answer, NULL);
}

static bool db_on_finding(void *self, const char *finding)
{
    eid__cli_listing *listing = self;
    eid_json_writer *json = eid__cli_listing_item(listing);

    if (json == NULL) {
        eid__cli_say("%s", finding);
        return true;
    }
    eid_json_key(json, "finding");
    eid_json_text(json, finding);
    eid__cli_listing_item_end(listing);
    return true;
}

int eid__cli_run_db_verify(eid__cli *cli)
{
    eid__cli_listing listing;
    eidetica_status status;
    uint64_t findings = 0;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_listing_begin(&listing, cli, "findings");
    status = eidetica_db_verify(cli->db, db_on_finding, &listing, &findings);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not verify the database");
    code = eid__cli_listing_end(&listing, code);
    if (code == 0 && cli->form == EID__CLI_HUMAN && findings == 0) printf("all is well\n");
    if (code != 0 || findings == 0) return code;
    eid__cli_note(cli, "%llu findings", (unsigned long long)findings);
    return eid__cli_exit_code(EIDETICA_CORRUPT);
}

int eid__cli_run_db_forget(eid__cli *cli)
{
    const char *name = eid__cli_operand(cli, 0), *root = name;
    eid__cli_answer answer;
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    status = eidetica_db_open(cli->user, name, &cli->db);
    if (status == EIDETICA_OK) root = eidetica_db_root(cli->db);
    /* A copy that this user may not read can be deleted all the same, by its root id. */
    if (status != EIDETICA_OK && status != EIDETICA_DENIED) {
        return eid__cli_failed(cli, status, "could not find the database \"%s\"", name);
    }
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "root");
    eid_json_text(&answer.json, root);
    status = eidetica_db_forget(cli->user, root);
    if (status != EIDETICA_OK) {
        eid_buf_fini(&answer.text);
        return eid__cli_failed(cli, status, "could not forget the database \"%s\"", name);
    }
    return eid__cli_answer_end(&answer, "forgotten");
}

int eid__cli_run_db_strict(eid__cli *cli)
{
    const char *word = eid__cli_operand(cli, 1);
    bool strict = strcmp(word, "on") == 0;
    eid__cli_answer answer;
    eidetica_status status;
    int code;

    if (!strict && strcmp(word, "off") != 0) {
        return eid__cli_usage(cli, "SWITCH is on or off, not \"%s\"", word);
    }
    code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));
    if (code != 0) return code;
    status = eidetica_db_set_strict(cli->db, strict);
    if (status != EIDETICA_OK) return eid__cli_failed(cli, status, "could not switch strict pins");
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "strict");
    eid_json_bool(&answer.json, strict);
    return eid__cli_answer_end(&answer, strict ? "strict pins are on" : "strict pins are off");
}
