/* The functions that run the commands, for the table; each gives an exit code. */
#ifndef EID_NODE_CLI_COMMANDS_H
#define EID_NODE_CLI_COMMANDS_H

#include "node/cli/command.h"

/* cmd_node.c */
int eid__cli_run_init(eid__cli *cli);
int eid__cli_run_info(eid__cli *cli);
int eid__cli_run_status(eid__cli *cli);
/* cmd_user.c */
int eid__cli_run_user_list(eid__cli *cli);
int eid__cli_run_user_add(eid__cli *cli);
/* daemon.c */
int eid__cli_run_daemon(eid__cli *cli);
/* cmd_db.c */
int eid__cli_run_db_create(eid__cli *cli);
int eid__cli_run_db_list(eid__cli *cli);
int eid__cli_run_db_show(eid__cli *cli);
int eid__cli_run_db_verify(eid__cli *cli);
int eid__cli_run_db_forget(eid__cli *cli);
int eid__cli_run_db_strict(eid__cli *cli);
/* cmd_grant.c */
int eid__cli_run_db_grant(eid__cli *cli);
int eid__cli_run_db_revoke(eid__cli *cli);
/* cmd_delegate.c */
int eid__cli_run_db_delegate(eid__cli *cli);
int eid__cli_run_db_undelegate(eid__cli *cli);
int eid__cli_run_db_delegations(eid__cli *cli);
/* cmd_doc.c */
int eid__cli_run_get(eid__cli *cli);
int eid__cli_run_set(eid__cli *cli);
int eid__cli_run_del(eid__cli *cli);
/* cmd_table.c */
int eid__cli_run_table_insert(eid__cli *cli);
int eid__cli_run_table_get(eid__cli *cli);
int eid__cli_run_table_set(eid__cli *cli);
int eid__cli_run_table_delete(eid__cli *cli);
int eid__cli_run_table_list(eid__cli *cli);
int eid__cli_run_table_update(eid__cli *cli);
/* cmd_table_find.c */
int eid__cli_run_table_search(eid__cli *cli);
int eid__cli_run_table_index(eid__cli *cli);
/* cmd_store.c */
int eid__cli_run_store_list(eid__cli *cli);
int eid__cli_run_store_show(eid__cli *cli);
int eid__cli_run_store_create(eid__cli *cli);
int eid__cli_run_store_encrypt(eid__cli *cli);
/* cmd_text.c */
int eid__cli_run_text_get(eid__cli *cli);
int eid__cli_run_text_insert(eid__cli *cli);
int eid__cli_run_text_delete(eid__cli *cli);
/* cmd_table_import.c, cmd_table_export.c */
int eid__cli_run_table_import(eid__cli *cli);
int eid__cli_run_table_export(eid__cli *cli);
/* cmd_log.c */
int eid__cli_run_log(eid__cli *cli);
/* cmd_entry.c */
int eid__cli_run_entry_show(eid__cli *cli);
int eid__cli_run_explain(eid__cli *cli);
int eid__cli_run_db_void(eid__cli *cli);
int eid__cli_run_db_accept(eid__cli *cli);
/* cmd_conflicts.c */
int eid__cli_run_conflicts(eid__cli *cli);
/* cmd_watch.c */
int eid__cli_run_watch(eid__cli *cli);
/* cmd_share.c */
int eid__cli_run_share(eid__cli *cli);
int eid__cli_run_ticket_show(eid__cli *cli);
int eid__cli_run_join(eid__cli *cli);
/* cmd_sync.c */
int eid__cli_run_sync_status(eid__cli *cli);
int eid__cli_run_sync_now(eid__cli *cli);
int eid__cli_run_sync_wait(eid__cli *cli);
int eid__cli_run_peer_list(eid__cli *cli);
/* cmd_car.c */
int eid__cli_run_export(eid__cli *cli);
int eid__cli_run_import(eid__cli *cli);
/* help.c */
int eid__cli_run_help(eid__cli *cli);

#endif
