/* Users. The admin's own password and the new one come by different options, for both may be asked
 * for in one call. */
#include "node/cli/commands.h"
#include "node/cli/listing.h"
#include "node/cli/password.h"

static bool user_on_name(void *self, const char *name)
{
    eid__cli_listing *listing = self;
    eid_json_writer *json = eid__cli_listing_item(listing);

    if (json == NULL) {
        eid__cli_say("%s", name);
        return true;
    }
    eid_json_key(json, "name");
    eid_json_text(json, name);
    eid__cli_listing_item_end(listing);
    return true;
}

int eid__cli_run_user_list(eid__cli *cli)
{
    eid__cli_listing listing;
    eidetica_status status;
    int code = eid__cli_open(cli);

    if (code != 0) return code;
    eid__cli_listing_begin(&listing, cli, "users");
    status = eidetica_users(cli->instance, user_on_name, &listing);
    if (status != EIDETICA_OK) code = eid__cli_failed(cli, status, "could not list the users");
    return eid__cli_listing_end(&listing, code);
}

int eid__cli_run_user_add(eid__cli *cli)
{
    const char *name = eid__cli_operand(cli, 0);
    eid__cli_password password = {0};
    eid__cli_answer answer;
    eidetica_status status;
    char prompt[320];
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    snprintf(prompt, sizeof prompt, "Password for new user '%s': ", name);
    code = eid__cli_password_new(cli, EID__OPT_NEW_PASSWORD_FILE, NULL, prompt, &password);
    if (code == 0) {
        status = eidetica_user_add(cli->user, name, password.given ? password.text : NULL);
        if (status != EIDETICA_OK) {
            code = eid__cli_failed(cli, status, "could not add the user \"%s\"", name);
        }
    }
    eid__cli_password_wipe(&password);
    if (code != 0) return code;
    eid__cli_answer_begin(&answer, cli);
    eid_json_key(&answer.json, "name");
    eid_json_text(&answer.json, name);
    snprintf(prompt, sizeof prompt, "added user %s", name);
    return eid__cli_answer_end(&answer, prompt);
}
