/* All families but `entry` and `meta` begin their keys with the database's number, so forgetting is
 * a few prefixes. Keys are deleted one by one: RocksDB's range deletion had faults until 8.7. */
#include "storage/index_parts.h"

static eid_status forget_entries(eid_batch *batch, eid_slice prefix)
{
    eid_at at = eid__at_batch(batch);
    eid__cursor *cursor = NULL;
    eid_slice key, value;
    eid_status status = eid__cursor_new(&at, EID_FAMILY_GRAPH, prefix, &cursor);

    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        status = eid_batch_delete(batch, EID_FAMILY_ENTRY,
                                  eid_slice_of(key.at + prefix.len, key.len - prefix.len));
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    return status;
}

static eid_status forget_stores(eid_batch *batch, uint32_t database)
{
    eid_buf prefix;
    eid_status status;

    eid__store_number_key(database, EID_SLICE_EMPTY, &prefix);
    status = eid_buf_status(&prefix);
    if (status == EID_OK) {
        status = eid_batch_delete_prefix(batch, EID_FAMILY_META, eid_buf_slice(&prefix));
    }
    eid_buf_fini(&prefix);
    return status;
}

eid_status eid_index_forget(eid_batch *batch, const eid_id *root)
{
    static const eid_family families[] = {EID_FAMILY_ORDER, EID_FAMILY_GRAPH, EID_FAMILY_TIP,
                                          EID_FAMILY_STATE};
    eid_at at = eid__at_batch(batch);
    uint32_t database;
    eid__key prefix;
    eid_status status = eid_index_database(&at, root, &database);

    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    eid__key_db(&prefix, database);
    status = forget_entries(batch, eid__key_slice(&prefix));
    for (size_t i = 0; status == EID_OK && i < sizeof families / sizeof families[0]; i++) {
        status = eid_batch_delete_prefix(batch, families[i], eid__key_slice(&prefix));
    }
    if (status == EID_OK) status = forget_stores(batch, database);
    return status == EID_OK ? eid__database_delete(batch, root, database) : status;
}
