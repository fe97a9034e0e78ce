/* The marks are rows of their own and not a verdict: whoever walks, sends or builds on entries
 * needs not know of them, and a database without a revocation has none. */
#include "dag/alloc.h"
#include "storage/index_parts.h"

static void void_key(eid__key *key, uint32_t database, const eid_id *id)
{
    eid__key_tip(key, database, EID__TIP_VOID);
    memcpy(key->bytes + key->len, id->bytes, id->len);
    key->len += id->len;
}

eid_status eid_index_set_void(eid_batch *batch, uint32_t database, const eid_id *id, bool is_void)
{
    eid__key key;

    void_key(&key, database, id);
    if (!is_void) return eid_batch_delete(batch, EID_FAMILY_TIP, eid__key_slice(&key));
    return eid_batch_put(batch, EID_FAMILY_TIP, eid__key_slice(&key), EID_SLICE_EMPTY);
}

eid_status eid_index_is_void(const eid_at *at, uint32_t database, const eid_id *id, bool *out)
{
    eid__key key;
    eid_buf value;
    eid_status status;

    void_key(&key, database, id);
    eid_buf_init(&value, 16);
    status = eid__at_get(at, EID_FAMILY_TIP, eid__key_slice(&key), &value);
    eid_buf_fini(&value);
    *out = status == EID_OK;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

static eid_status void_read_key(eid_slice key, size_t skip, eid_id *out)
{
    size_t len = key.len < skip ? 0 : key.len - skip;

    if (len == 0 || len > EID_ID_BYTES_MAX) {
        return EID_FAIL(EID_KIND_STORE_CORRUPT, "a key of a void entry has %zu bytes", key.len);
    }
    *out = (eid_id){.len = (uint8_t)len};
    memcpy(out->bytes, key.at + skip, len);
    return EID_OK;
}

eid_status eid_index_voids(const eid_at *at, const eid_id *root, eid_idset *out)
{
    eid__cursor *cursor = NULL;
    eid_order ids = EID_ORDER_EMPTY;
    eid_slice key, value;
    uint32_t database;
    eid__key prefix;
    eid_status status = eid_index_database(at, root, &database);

    if (status == EID_E_NOT_FOUND) return eid_idset_assign(out, (eid_ids){NULL, 0});
    if (status != EID_OK) return status;
    eid__key_tip(&prefix, database, EID__TIP_VOID);
    status = eid__cursor_new(at, EID_FAMILY_TIP, eid__key_slice(&prefix), &cursor);
    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        eid_id id;

        status = void_read_key(key, prefix.len, &id);
        if (status == EID_OK) status = eid_order_push(&ids, 0, &id);
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    if (status == EID_OK) status = eid__order_ids(&ids, out);
    eid__cursor_free(cursor);
    eid_order_fini(&ids);
    return status;
}
