/* Local: the functions of the seam over our own storage; `self` is the engine. See seam.h for each.
 */
#ifndef EID_NODE_DB_LOCAL_H
#define EID_NODE_DB_LOCAL_H

#include "node/db/db_internal.h"

/* What is known of the node and of databases (local.c). */
eid_status eid__local_instance(void *self, eid_pubkey *device, eid_id *users_db,
                               eid_id *databases_db, eid_id *sync_db);
eid_status eid__local_databases(void *self, eid_status (*fn)(void *arg, const eid_db_info *info),
                                void *arg);
eid_status eid__local_info(void *self, const eid_id *root, eid_db_info *out);
eid_status eid__local_set_strict(void *self, const eid_id *root, bool strict);
eid_status eid__local_set_shared(void *self, const eid_id *root, bool shared);
eid_status eid__local_forget(void *self, const eid_id *root);
eid_status eid__local_check(void *self, const eid_id *root, eid_buf *report, uint64_t *findings);
eid_status eid__local_prove(void *self, const eid_key *key);
eid_status eid__local_control(void *self, const char *method, eid_slice args,
                              void (*progress)(void *arg, eid_slice json), void *arg, eid_buf *out);

/* Transactions and entries in (local_write.c). */
eid_status eid__local_submit(void *self, const eid_id *root, const eid_entry *entry,
                             eid_durability durability, eid_verdict *verdict);
eid_status eid__local_submit_own(void *self, const eid_id *root, const eid_entry *entry,
                                 eid_durability durability, eid_verdict *verdict);
eid_status eid__local_repair(void *self, const eid_id *root, const eid_entry *entry,
                             eid_durability durability, eid_verdict *verdict);
eid_status eid__local_ingest(void *self, const eid_slice *entries, size_t count, uint64_t *stored,
                             uint64_t *visible);
eid_status eid__local_subscribe(void *self, const eid_id *root, const eid_idset *since,
                                eid_write_fn fn, void *arg, uint64_t *subscription);
void eid__local_unsubscribe(void *self, uint64_t subscription);

/* The context of a transaction (local_begin.c). */
eid_status eid__local_begin(void *self, const eid_id *root, const eid_slice *stores,
                            size_t store_count, const eid_idset *at, eid_txn_context *out);

/* Tips and what lies between them (local_tips.c). */
eid_status eid__local_tips(void *self, const eid_id *root, bool loose, eid_idset *out);
eid_status eid__local_added(void *self, const eid_id *root, eid_ids previous, eid_ids post,
                            eid_status (*fn)(void *arg, const eid_id *id), void *arg);

/* Who may act (local_ways.c). */
eid_status eid__local_sigkeys(void *self, const eid_id *root, const eid_pubkey *key,
                              eid_found_ways *out);

/* DATABASE_NOT_FOUND if nothing of the database is held. */
EID_MUST_CHECK eid_status eid__local_need_held(eid_engine *engine, const eid_id *root);

/* State of stores (local_state.c). */
/* Local numbers of a database and a store of it; NOT_FOUND bare. Errors: STORE_DECODE when the
 * store is opaque. */
EID_MUST_CHECK eid_status eid__local_numbers(eid_engine *engine, const eid_id *root,
                                             eid_slice store, uint32_t numbers[2]);
eid_status eid__local_value(void *self, const eid_id *root, eid_slice store, const eid_slice *path,
                            size_t count, eid_value *out);
eid_status eid__local_doc(void *self, const eid_id *root, eid_slice store, eid_doc **out);
eid_status eid__local_children(void *self, const eid_id *root, eid_slice store, bool has_after,
                               eid_slice after,
                               eid_status (*fn)(void *arg, eid_slice name, const eid_value *value),
                               void *arg);
eid_status eid__local_doc_at(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                             eid_doc **out);
eid_status eid__local_payloads(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                               eid_status (*fn)(void *arg, eid_slice payload), void *arg);
/* local_text.c */
eid_status eid__local_text(void *self, const eid_id *root, eid_slice store, eid_ids tips,
                           eid_buf *out);
/* Payloads of a store's closure of store tips in store order; fn's failure ends the walk. */
typedef eid_status (*eid__payload_fn)(void *arg, const eid_id *id, eid_slice payload);
EID_MUST_CHECK eid_status eid__local_each_payload(const eid_at *at, const eid_id *root,
                                                  eid_slice store, eid_ids store_tips,
                                                  eid__payload_fn fn, void *arg);
/* The naive fold of a store's closure of store tips; for the former, begin and check. Errors:
 * STORE_DECODE for a payload that is no Doc. */
EID_MUST_CHECK eid_status eid__local_fold(const eid_at *at, const eid_id *root, eid_slice store,
                                          eid_ids store_tips, eid_doc **out);

/* Indexes of tables (local_find.c). */
eid_status eid__local_find(void *self, const eid_id *root, eid_slice store, eid_slice field,
                           eid_slice json,
                           eid_status (*fn)(void *arg, eid_slice key, const eid_value *row),
                           void *arg);
eid_status eid__local_set_index(void *self, const eid_id *root, eid_slice store, eid_slice field,
                                bool on);
eid_status eid__local_indexes(void *self, const eid_id *root, eid_slice store,
                              eid_status (*fn)(void *arg, eid_slice field), void *arg);

/* Entries out (local_entries.c). */
eid_status eid__local_entry(void *self, const eid_id *root, const eid_id *id, eid_entry **out,
                            eid_verdict *verdict);
eid_status
eid__local_entries(void *self, const eid_id *root, const eid_order_item *from, bool backward,
                   eid_status (*fn)(void *arg, const eid_entry *entry, eid_verdict verdict),
                   void *arg);

#endif
