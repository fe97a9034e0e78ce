/* Key storage inside other rows. Private to this folder. */
#ifndef EID_NODE_USER_USER_ROWS_INTERNAL_H
#define EID_NODE_USER_USER_ROWS_INTERNAL_H

#include "node/user/row_reader.h"
#include "node/user/user_rows.h"

/* Read or write a KEYSTORAGE object as a member's value. */
void eid__storage_read(eid__row *row, eid_key_storage *out);
void eid__storage_write(const eid_key_storage *storage, eid_json_writer *out);
void eid__pubkey_write(const eid_pubkey *key, eid_json_writer *out);
void eid__id_write(const eid_id *id, eid_json_writer *out);

#endif
