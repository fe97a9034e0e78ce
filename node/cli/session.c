/* A command says how far it needs to go (open, log in, a database), and each step does the ones
 * before it. */
#include <string.h>
#include <unistd.h>

#include "dag/alloc.h"
#include "node/cli/cli.h"
#include "node/cli/password.h"

/* The daemon of this place, if one answers. A socket that nobody answers on was left behind. */
static int session_open_daemon(eid__cli *cli)
{
    eidetica_status status;
    eid_buf url;
    char *text;

    if (eid__cli_has(cli, EID__OPT_URL) || access(cli->place.socket, F_OK) != 0) return 0;
    eid_buf_init(&url, 8192);
    eid_buf_append_format(&url, "unix://%s", cli->place.socket);
    text = eid_buf_take_text(&url);
    if (text == NULL) return eid__cli_no_memory(cli);
    status = eidetica_open(text, &cli->instance);
    eid_free(text);
    if (status == EIDETICA_OK) cli->daemon = true;
    if (status == EIDETICA_OK || status == EIDETICA_UNREACHABLE || status == EIDETICA_NOT_FOUND) {
        return 0;
    }
    return eid__cli_failed(cli, status, "could not talk to the daemon at %s", cli->place.socket);
}

int eid__cli_open(eid__cli *cli)
{
    eidetica_status status;
    int code;

    if (cli->instance != NULL) return 0;
    code = eid__cli_place_find(cli);
    if (code == 0) code = session_open_daemon(cli);
    if (code != 0 || cli->instance != NULL) return code;
    status = eidetica_open(cli->place.url, &cli->instance);
    if (status != EIDETICA_OK) {
        return eid__cli_failed(cli, status, "could not open %s", cli->place.label);
    }
    cli->daemon = strncmp(cli->place.url, "unix:", 5) == 0;
    return 0;
}

typedef struct session_only {
    size_t count;
    char *name;
} session_only;

static bool session_on_user(void *self, const char *name)
{
    session_only *only = self;

    if (only->count++ == 0) only->name = eid_memdup(name, strlen(name));
    return only->count < 2;
}

/* *name is new, or borrowed from the options with *made = NULL. */
static int session_user_name(eid__cli *cli, const char **name, char **made)
{
    session_only only = {0};
    eidetica_status status;

    *made = NULL;
    *name = eid__cli_text(cli, EID__OPT_USER, NULL);
    if (*name != NULL) return 0;
    status = eidetica_users(cli->instance, session_on_user, &only);
    if (status != EIDETICA_OK) {
        eid_free(only.name);
        return eid__cli_failed(cli, status, "could not list the users");
    }
    if (only.count != 1 || only.name == NULL) {
        eid_free(only.name);
        return eid__cli_refuse(cli, EIDETICA_INVALID, "logging in",
                               "give --user NAME or EIDETICA_USER; see `eidetica user list`",
                               "there is %s user", only.count == 0 ? "no" : "more than one");
    }
    *name = *made = only.name;
    return 0;
}

static int session_login(eid__cli *cli, const char *name, eid__cli_password *password)
{
    eidetica_status status;
    char prompt[256];
    int code;

    code = eid__cli_password_given(cli, EID__OPT_PASSWORD_FILE, NULL, password);
    if (code != 0) return code;
    status =
        eidetica_login(cli->instance, name, password->given ? password->text : NULL, &cli->user);
    if (status == EIDETICA_DENIED && !password->given) {
        snprintf(prompt, sizeof prompt, "Password for %s: ", name);
        code = eid__cli_password_ask(cli, prompt, password);
        if (code != 0) return code;
        if (password->given) {
            status = eidetica_login(cli->instance, name, password->text, &cli->user);
        } else { /* the reason again, which the terminal has not changed */
            status = eidetica_login(cli->instance, name, NULL, &cli->user);
        }
    }
    if (status == EIDETICA_OK) return 0;
    return eid__cli_failed(cli, status, "could not log in as \"%s\"", name);
}

int eid__cli_login(eid__cli *cli)
{
    eid__cli_password password = {0};
    const char *name;
    char *made = NULL;
    int code;

    if (cli->user != NULL) return 0;
    code = eid__cli_open(cli);
    if (code == 0) code = session_user_name(cli, &name, &made);
    if (code == 0) code = session_login(cli, name, &password);
    eid__cli_password_wipe(&password);
    eid_free(made);
    return code;
}

bool eid__cli_login_quietly(eid__cli *cli)
{
    const char *name = eid__cli_text(cli, EID__OPT_USER, NULL);
    eid__cli_password password = {0};
    session_only only = {0};

    if (name == NULL && eidetica_users(cli->instance, session_on_user, &only) == EIDETICA_OK &&
        only.count == 1) {
        name = only.name;
    }
    if (name != NULL &&
        eid__cli_password_given(cli, EID__OPT_PASSWORD_FILE, NULL, &password) == 0) {
        eidetica_status status =
            eidetica_login(cli->instance, name, password.given ? password.text : NULL, &cli->user);
        if (status != EIDETICA_OK) cli->user = NULL;
    }
    eid__cli_password_wipe(&password);
    eid_free(only.name);
    return cli->user != NULL;
}

/* Unlock the store that the command is about, if a password for it was given. One that stands in
 * the environment is meant for encrypted stores only. */
static int session_unlock(eid__cli *cli)
{
    const char *store = eid__cli_operand(cli, 1);
    eid__cli_password password = {0};
    eidetica_status status = EIDETICA_OK;
    int code;

    if ((cli->args.command->options & EID__CLI_SET(STORE_PASSWORD_FILE)) == 0) return 0;
    code = eid__cli_password_given(cli, EID__OPT_STORE_PASSWORD_FILE, NULL, &password);
    if (code == 0 && password.given) {
        status = eidetica_store_unlock(cli->db, store, password.text);
    }
    eid__cli_password_wipe(&password);
    if (code != 0 || status == EIDETICA_OK) return code;
    if (status == EIDETICA_NOT_FOUND) return 0; /* there is none yet */
    if (status == EIDETICA_INVALID && !eid__cli_has(cli, EID__OPT_STORE_PASSWORD_FILE)) return 0;
    return eid__cli_failed(cli, status, "could not unlock the store %s", store);
}

int eid__cli_open_db(eid__cli *cli, const char *name)
{
    eidetica_status status;
    int code = eid__cli_login(cli);

    if (code != 0) return code;
    status = eidetica_db_open(cli->user, name, &cli->db);
    if (status == EIDETICA_OK) return session_unlock(cli);
    return eid__cli_failed(cli, status, "could not open the database \"%s\"", name);
}

void eid__cli_close(eid__cli *cli)
{
    eidetica_db_close(cli->db);
    eidetica_logout(cli->user);
    eidetica_close(cli->instance);
    cli->db = NULL;
    cli->user = NULL;
    cli->instance = NULL;
    eid__cli_place_fini(&cli->place);
}
