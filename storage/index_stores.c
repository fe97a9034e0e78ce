/* The names of a database's stores are those of its frontiers: each store that an entry names has
 * one for ever. Local numbers keep the keys of the state family short. */
#include "storage/index_parts.h"

#define STORE_PREFIX "store/"
#define KEY_BYTES_MAX (EID_ENTRY_BYTES_MAX + 64u)

eid_status eid_index_stores(const eid_at *at, const eid_id *root, eid_store_name_fn fn, void *self)
{
    eid__cursor *cursor = NULL;
    eid_slice key, value;
    uint32_t database;
    eid__key prefix;
    eid_status status = eid_index_database(at, root, &database);

    if (status != EID_OK) return status == EID_E_NOT_FOUND ? EID_OK : status;
    eid__key_tip(&prefix, database, EID__TIP_FRONTIER);
    status = eid__cursor_new(at, EID_FAMILY_TIP, eid__key_slice(&prefix), &cursor);
    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        if (key.len == prefix.len) continue; /* the tree's own */
        status = fn(self, eid_slice_of(key.at + prefix.len, key.len - prefix.len));
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    return status;
}

void eid__store_number_key(uint32_t database, eid_slice name, eid_buf *out)
{
    eid_buf_init(out, KEY_BYTES_MAX);
    eid_buf_append_text(out, STORE_PREFIX);
    eid_buf_append_u32(out, database);
    eid_buf_append(out, name);
}

eid_status eid_index_store_number_find(const eid_at *at, uint32_t database, eid_slice name,
                                       uint32_t *out)
{
    eid_buf key, value;
    eid_status status;

    *out = 0;
    eid_buf_init(&value, 16);
    eid__store_number_key(database, name, &key);
    status = eid_buf_status(&key);
    if (status == EID_OK) {
        status = eid__at_get_hot(at, EID_FAMILY_META, eid_buf_slice(&key), &value);
    }
    if (status == EID_OK && value.len != 4) {
        status = EID_FAIL(EID_KIND_STORE_CORRUPT, "a store's number has %zu bytes", value.len);
    }
    if (status == EID_OK) *out = eid_get_u32(value.at);
    eid_buf_fini(&key);
    eid_buf_fini(&value);
    return status;
}

/* The next number of a database. */
static eid_status store_number_take(eid_batch *batch, uint32_t number, uint32_t *out)
{
    eid_at at = eid__at_batch(batch);
    eid__database database;
    eid_id root;
    eid_status status = eid__database_root(&at, number, &root);

    if (status == EID_OK) status = eid__database_get(&at, &root, &database);
    if (status != EID_OK) return status;
    if (database.stores == UINT32_MAX) return EID_FAIL(EID_KIND_LIMIT, "no more store numbers");
    *out = ++database.stores;
    return eid__database_put(batch, &root, &database);
}

eid_status eid_index_store_number(eid_batch *batch, uint32_t database, eid_slice name,
                                  uint32_t *out)
{
    eid_at at = eid__at_batch(batch);
    uint8_t value[4];
    eid_buf key;
    eid_status status = eid_index_store_number_find(&at, database, name, out);

    if (status != EID_E_NOT_FOUND) return status;
    status = store_number_take(batch, database, out);
    if (status != EID_OK) return status;
    eid_put_u32(value, *out);
    eid__store_number_key(database, name, &key);
    status = eid_buf_status(&key);
    if (status == EID_OK) {
        status = eid_batch_put(batch, EID_FAMILY_META, eid_buf_slice(&key),
                               eid_slice_of(value, sizeof value));
    }
    eid_buf_fini(&key);
    return status;
}
