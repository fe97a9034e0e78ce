/* Stores as such: which there are, what they are, and new ones. */
#include "node/cli/change.h"
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/password.h"
#include "node/cli/view.h"

#include <string.h>

static bool store_on_one(void *self, const char *store, const char *type)
{
    eid__cli_listing *listing = self;
    eid_json_writer *json = eid__cli_listing_item(listing);

    if (json == NULL) {
        eid__cli_say("%s  %s", store, type);
        return true;
    }
    eid_json_key(json, "name");
    eid_json_text(json, store);
    eid_json_key(json, "type");
    eid_json_text(json, type);
    eid__cli_listing_item_end(listing);
    return true;
}

int eid__cli_run_store_list(eid__cli *cli)
{
    eid__cli_listing listing;
    eidetica_status status;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    eid__cli_listing_begin(&listing, cli, "stores");
    status = eidetica_stores(cli->db, store_on_one, &listing);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not list the stores");
    return eid__cli_listing_end(&listing, code);
}

int eid__cli_run_store_show(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1);
    eidetica_status status;
    char *json = NULL;
    int code = eid__cli_open_db(cli, eid__cli_operand(cli, 0));

    if (code != 0) return code;
    status = eidetica_store_show(cli->db, store, &json);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not show the store %s", store);
    }
    code = eid__cli_view(cli, eid_slice_text(json), NULL);
    eidetica_free(json);
    return code;
}

/* "doc", "table" and "text" are what people say. */
static const char *store_type(const char *word)
{
    static const struct {
        const char *word, *type;
    } types[] = {{"doc", "docstore:v0"}, {"table", "table:v0"}, {"text", "ydoc:v0"}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(word, types[i].word) == 0) return types[i].type;
    }
    return word;
}

int eid__cli_run_store_create(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1);
    eid__cli_change change;
    eidetica_status status;
    int code = eid__cli_change_begin(&change, cli);

    if (code == 0) {
        status = eidetica_store_open(change.txn, store, store_type(eid__cli_operand(cli, 2)));
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not make the store %s", store);
        }
    }
    return eid__cli_change_end(&change, code, NULL);
}

int eid__cli_run_store_encrypt(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1), *type = store_type(eid__cli_operand(cli, 2));
    eid__cli_password password = {0};
    eid__cli_change change;
    eidetica_status status;
    char prompt[320];
    int code;

    snprintf(prompt, sizeof prompt, "Password for new store '%s': ", store);
    code = eid__cli_password_new(cli, EID__OPT_STORE_PASSWORD_FILE, NULL, prompt, &password);
    if (code != 0) return code;
    code = eid__cli_change_begin(&change, cli);
    if (code == 0) {
        status = eidetica_store_encrypt(change.txn, store, type, password.text);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not make the encrypted store %s", store);
        }
    }
    eid__cli_password_wipe(&password);
    return eid__cli_change_end(&change, code, NULL);
}
