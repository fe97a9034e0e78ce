/* The table of commands: the one place where a command is added. */
#include "node/cli/commands.h"

#include "node/cli/option.h"

#define OPT EID__CLI_SET
#define DB_IS                                                                                      \
    "DB is a database's name, its root id, or a unique beginning of one (8 characters at least)."

/* clang-format off */
static const eid__cli_command commands[] = {
    {"init", "", OPT(USERNAME) | OPT(PASSWORDLESS), eid__cli_run_init,
        "create the node and its first user", "The password is asked for, or comes from --password-file or EIDETICA_PASSWORD."},
    {"daemon init", "", OPT(USERNAME) | OPT(PASSWORDLESS), eid__cli_run_init,
        "the same as init", NULL},
    {"daemon", "", OPT(LISTEN) | OPT(SOCKET) | OPT(HTTP), eid__cli_run_daemon,
        "run the node: meet peers, serve programs of this machine",
        "It tells where it listens when it is ready (and tells systemd), and ends cleanly on SIGTERM or SIGINT. While it runs, the other commands talk to it."},
    {"info", "", 0, eid__cli_run_info, "identity and storage of the node", NULL},
    {"status", "", 0, eid__cli_run_status, "what runs, who is connected, what is missing where", NULL},
    {"user list", "", 0, eid__cli_run_user_list, "the node's users", NULL},
    {"user add", "NAME", OPT(PASSWORDLESS) | OPT(NEW_PASSWORD_FILE), eid__cli_run_user_add,
        "add a user; you must be admin of the node", NULL},

    {"db create", "NAME", 0, eid__cli_run_db_create, "make a database that only you may read; prints its root id", NULL},
    {"db list", "", OPT(SYSTEM), eid__cli_run_db_list, "the databases that this node holds", NULL},
    {"db show", "DB", 0, eid__cli_run_db_show, "what is known about a database", DB_IS},
    {"db verify", "DB", 0, eid__cli_run_db_verify, "check every hash, signature, tip and value", "74 if something is found. " DB_IS},
    {"db grant", "DB PUBKEY PERMISSION", OPT(NAME), eid__cli_run_db_grant, "let a key do something",
        "PUBKEY reads ed25519:..., or * for everyone; PERMISSION is read, write:N or admin:N, a smaller N being stronger. " DB_IS},
    {"db revoke", "DB PUBKEY", 0, eid__cli_run_db_revoke, "take a key's permission back", DB_IS},
    {"db void", "DB", 0, eid__cli_run_db_void, "the entries that a revocation keeps out", "Their authors were revoked by someone who had not seen them. `db accept` lets them in. " DB_IS},
    {"db accept", "DB ENTRY [ENTRY]...", OPT(UNDO), eid__cli_run_db_accept, "let entries in again that a revocation keeps out",
        "For what an honest device wrote while it was offline. All nodes let them in. Changes of settings cannot be accepted: make them again. " DB_IS},
    {"db delegate", "DB OTHER MAX", OPT(MIN), eid__cli_run_db_delegate, "let the keys of another database act in this one",
        "Each with what it may do there, but not more than MAX (read, write:N, admin:N). What OTHER says now is the oldest that counts. " DB_IS},
    {"db undelegate", "DB OTHER", 0, eid__cli_run_db_undelegate, "take a delegation back", DB_IS},
    {"db delegations", "DB", 0, eid__cli_run_db_delegations, "the databases whose keys may act in this one", DB_IS},
    {"db strict", "DB SWITCH", 0, eid__cli_run_db_strict, "on or off: whether entries must pin verified settings", DB_IS},
    {"db forget", "DB", 0, eid__cli_run_db_forget, "delete this node's copy of a database", DB_IS},

    {"get", "DB STORE [PATH]", OPT(TEXT) | OPT(STORE_PASSWORD_FILE), eid__cli_run_get, "print a document, or a value in it",
        "PATH is keys joined by dots. With --text, a text is printed without quotes. " DB_IS},
    {"set", "DB STORE PATH VALUE", OPT(TEXT) | OPT(STORE_PASSWORD_FILE), eid__cli_run_set, "set a value of a document; prints the entry's id",
        "VALUE is JSON without fractions, or plain text with --text. " DB_IS},
    {"del", "DB STORE PATH", OPT(STORE_PASSWORD_FILE), eid__cli_run_del, "delete a value of a document; prints the entry's id", DB_IS},
    {"table insert", "DB STORE ROW", OPT(STORE_PASSWORD_FILE), eid__cli_run_table_insert, "add a row (JSON) under a new random key; prints the key", DB_IS},
    {"table get", "DB STORE KEY", OPT(STORE_PASSWORD_FILE), eid__cli_run_table_get, "print a row", DB_IS},
    {"table set", "DB STORE KEY ROW", OPT(STORE_PASSWORD_FILE), eid__cli_run_table_set, "add or replace a row (JSON); prints the entry's id", DB_IS},
    {"table update", "DB STORE KEY ROW", OPT(STORE_PASSWORD_FILE), eid__cli_run_table_update, "replace a row (JSON) that is there; prints the entry's id", DB_IS},
    {"table delete", "DB STORE KEY", OPT(STORE_PASSWORD_FILE), eid__cli_run_table_delete, "delete a row; prints the entry's id", DB_IS},
    {"table list", "DB STORE", OPT(AFTER) | OPT(LIMIT) | OPT(STORE_PASSWORD_FILE), eid__cli_run_table_list, "the rows, by key", DB_IS},
    {"table search", "DB STORE FIELD VALUE", OPT(TEXT) | OPT(LIMIT) | OPT(STORE_PASSWORD_FILE), eid__cli_run_table_search, "the rows whose FIELD is VALUE, by key",
        "VALUE is a JSON number, text, true, false or null, or plain text with --text. With an index on FIELD (`table index`) it costs what it finds, else a look at every row. " DB_IS},
    {"table index", "DB STORE [FIELD]", OPT(DROP), eid__cli_run_table_index, "keep an index on a field of a table's rows; prints those there are",
        "An index is this node's own: it is not shared with others. Without FIELD nothing is changed. " DB_IS},
    {"table import", "DB STORE FILE", OPT(KEY) | OPT(BATCH) | OPT(ASYNC) | OPT(FORMAT) | OPT(STORE_PASSWORD_FILE), eid__cli_run_table_import,
        "add the rows of a JSON array, JSON lines or CSV file",
        "An object whose only member is an array counts as that array. Lines that `table export` wrote keep their keys. FILE may be - for standard input. " DB_IS},
    {"table export", "DB STORE FILE", OPT(STORE_PASSWORD_FILE), eid__cli_run_table_export, "write the rows as JSON lines, by key", "FILE may be - for standard output. " DB_IS},

    {"store list", "DB", 0, eid__cli_run_store_list, "the stores of a database, with their types", DB_IS},
    {"store show", "DB STORE", OPT(STORE_PASSWORD_FILE), eid__cli_run_store_show, "what is known about a store", DB_IS},
    {"store create", "DB STORE TYPE", 0, eid__cli_run_store_create, "make an empty store; prints the entry's id", "TYPE is doc, table or text. Stores are also made by the first write to them. " DB_IS},
    {"store encrypt", "DB STORE TYPE", OPT(STORE_PASSWORD_FILE), eid__cli_run_store_encrypt, "make a store that is sealed under a password; prints the entry's id",
        "TYPE is doc, table or text. Nodes without the password keep and pass on what they cannot read. The password cannot be changed or recovered. The other commands take it by --store-password-file or EIDETICA_STORE_PASSWORD. " DB_IS},
    {"text get", "DB STORE NAME", OPT(AS) | OPT(STORE_PASSWORD_FILE), eid__cli_run_text_get, "print a text of a text document",
        "A text document is a store of named texts that several people may edit at once. " DB_IS},
    {"text insert", "DB STORE NAME INDEX TEXT", OPT(STORE_PASSWORD_FILE), eid__cli_run_text_insert, "insert into a text of a text document; prints the entry's id",
        "INDEX counts UTF-16 units. " DB_IS},
    {"text delete", "DB STORE NAME INDEX COUNT", OPT(STORE_PASSWORD_FILE), eid__cli_run_text_delete, "delete from a text of a text document; prints the entry's id", DB_IS},

    {"log", "DB", OPT(GRAPH) | OPT(SVG) | OPT(STORE) | OPT(LIMIT), eid__cli_run_log, "the entries, newest first", DB_IS},
    {"conflicts", "DB", OPT(STORE) | OPT(PATH) | OPT(ENTRY) | OPT(AFTER) | OPT(LIMIT) | OPT(PRUNE), eid__cli_run_conflicts, "edits that were lost against concurrent ones",
        "Where two people edit the same value without knowing of each other, the later edit wins. The others are listed here until they are pruned, with what is there now. One is settled when somebody who had both has written there since. The list is this node's own: pruning it leaves other nodes' lists as they are. " DB_IS},
    {"entry show", "ID", 0, eid__cli_run_entry_show, "all that an entry says", NULL},
    {"explain", "ID", 0, eid__cli_run_explain, "why an entry is visible, pending or rejected", NULL},
    {"watch", "DB", OPT(SINCE) | OPT(COUNT), eid__cli_run_watch, "print a line for every change", "The line's cursor, given to --since, goes on after it without gaps or repeats. " DB_IS},

    {"share", "DB", OPT(PERMISSION), eid__cli_run_share, "let peers who may read a database fetch it; prints a ticket", DB_IS},
    {"ticket show", "TICKET", 0, eid__cli_run_ticket_show, "take a ticket apart", NULL},
    {"join", "TICKET", OPT(TIMEOUT), eid__cli_run_join, "fetch the database of a ticket and keep it in sync", "If it is interrupted, joining again goes on from there."},
    {"sync status", "[DB]", 0, eid__cli_run_sync_status, "what is missing, for each database and peer", NULL},
    {"sync now", "[DB]", 0, eid__cli_run_sync_now, "dial the peers without waiting for the next attempt", NULL},
    {"sync wait", "[DB]", OPT(TIMEOUT), eid__cli_run_sync_wait, "wait until every connected peer has what we have and we what it has", NULL},
    {"peer list", "", 0, eid__cli_run_peer_list, "the nodes that are known", NULL},

    {"export", "DB FILE", 0, eid__cli_run_export, "write the whole history as a CAR file", DB_IS},
    {"import", "FILE", 0, eid__cli_run_import, "read a CAR file", "Hashes and signatures are checked like those of a peer."},
    {"help", "[COMMAND] [WORD]", OPT(MAN) | OPT(COMPLETION), eid__cli_run_help, "explain the program or a command", NULL},
};
/* clang-format on */

const eid__cli_table eid__cli_commands = {commands, sizeof commands / sizeof commands[0]};
