/* What a command is given, and how it reports: the program's one context.
 *
 * A command returns its exit code; whoever finds a failure reports it, by eid__cli_failed() for one
 * of the library and eid__cli_refuse() for one of its own, and passes the code on.
 *
 * Not here: how output looks (view.h, listing.h, text.h). The main thread's, except where said.
 */
#ifndef EID_NODE_CLI_CLI_H
#define EID_NODE_CLI_CLI_H

#include <stdio.h>

#include "node/cli/parse.h"
#include "node/eidetica.h"

#define EID__CLI_TEXT_MAX (256u * 1024u * 1024u) /* of one answer that is kept in memory */

typedef enum eid__cli_form { EID__CLI_HUMAN, EID__CLI_JSON, EID__CLI_JSONL } eid__cli_form;

/* Where the node's data is; place.c. */
typedef struct eid__cli_place {
    char *data_dir; /* absolute */
    char *url;      /* of the store; what --url says, else rocksdb://DATA_DIR/store */
    char *socket;   /* where its daemon would answer; NULL with --url */
    char *label;    /* for people: "rocksdb (/home/ada/.local/share/eidetica/store)" */
} eid__cli_place;

struct eid__cli {
    const eid__cli_table *table;
    eid__cli_args args;
    eid__cli_form form;
    bool colour;   /* on standard output */
    bool progress; /* on standard error */
    eid__cli_place place;
    bool daemon; /* `instance` is a client of one */
    eidetica_instance *instance;
    eidetica_user *user;
    eidetica_db *db;
};

/* The whole program. */
int eid_cli_main(int argc, char **argv);

/* ----------------------------------------------------------------- fail.c */

/* The one place where a status becomes an exit code. */
int eid__cli_exit_code(eidetica_status status);
/* Report the library's last error of this thread, which is that of `status`. `what` says what
 * failed: "could not open the database \"x\"". Gives the exit code. */
int eid__cli_failed(eid__cli *cli, eidetica_status status, const char *what, ...)
    __attribute__((format(printf, 3, 4)));
/* Report a failure that the program found itself. `remedy` may be "". */
int eid__cli_refuse(eid__cli *cli, eidetica_status status, const char *what, const char *remedy,
                    const char *why, ...) __attribute__((format(printf, 5, 6)));
/* Report a wrong call; 2. */
int eid__cli_usage(eid__cli *cli, const char *why, ...) __attribute__((format(printf, 2, 3)));
int eid__cli_no_memory(eid__cli *cli);
/* A note for people on standard error, not with --quiet: "warning: …". */
void eid__cli_note(const eid__cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---------------------------------------------------------------- place.c */

/* Find the place by options and environment; makes no folder. */
int eid__cli_place_find(eid__cli *cli);
void eid__cli_place_fini(eid__cli_place *place);
/* Make the data folder with its parents, mode 0700. */
int eid__cli_place_make(eid__cli *cli);
/* An absolute path for one of the user's, which need not exist. New: eid_free(); NULL without
 * memory or working folder. */
char *eid__cli_path_absolute(const char *path);

/* -------------------------------------------------------------- session.c */

/* Open the store, or its daemon if one runs. */
int eid__cli_open(eid__cli *cli);
/* Open and log in. */
int eid__cli_login(eid__cli *cli);
/* Log in if that needs no question: the user is known, and has no password or it was given. Whether
 * it did; nothing is reported. The instance is open. */
bool eid__cli_login_quietly(eid__cli *cli);
/* Open, log in, and open the database that an operand names. */
int eid__cli_open_db(eid__cli *cli, const char *name);
/* Free everything. */
void eid__cli_close(eid__cli *cli);

/* ------------------------------------------------------------------------ */

static inline bool eid__cli_has(const eid__cli *cli, eid__cli_option_id id)
{
    return cli->args.options[id].given;
}
/* The value of an option, or what stands for it if it was not given. */
static inline const char *eid__cli_text(const eid__cli *cli, eid__cli_option_id id,
                                        const char *otherwise)
{
    return cli->args.options[id].given ? cli->args.options[id].text : otherwise;
}
static inline uint64_t eid__cli_number(const eid__cli *cli, eid__cli_option_id id,
                                       uint64_t otherwise)
{
    return cli->args.options[id].given ? cli->args.options[id].number : otherwise;
}
/* NULL if it was left out. */
static inline const char *eid__cli_operand(const eid__cli *cli, size_t place)
{
    return place < cli->args.operand_count ? cli->args.operands[place] : NULL;
}

#endif
