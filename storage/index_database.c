/* A database's record is found by its root, since that is what callers have; it is read and written
 * once per change of the database, under the database's write lock, and so can hold counters. */
#include "dag/alloc.h"
#include "dag/assert.h"
#include "storage/backend.h"
#include "storage/index_parts.h"

#define RECORD_BYTES_MAX 256u
#define ROOT_PREFIX "db/"
#define NUMBER_PREFIX "dbn/"

static void database_key(eid__key *key, const eid_id *root)
{
    key->len = strlen(ROOT_PREFIX);
    memcpy(key->bytes, ROOT_PREFIX, key->len);
    memcpy(key->bytes + key->len, root->bytes, root->len);
    key->len += root->len;
}

static void number_key(eid__key *key, uint32_t number)
{
    key->len = strlen(NUMBER_PREFIX);
    memcpy(key->bytes, NUMBER_PREFIX, key->len);
    eid_put_u32(key->bytes + key->len, number);
    key->len += 4;
}

static eid_status database_read(eid_slice bytes, eid__database *out)
{
    eid__record record = eid__record_begin(bytes);

    out->number = eid__record_u32(&record);
    out->stores = eid__record_u32(&record);
    out->has_genesis = eid__record_u8(&record) != 0;
    out->counts.entries = eid__record_u64(&record);
    out->counts.verified = eid__record_u64(&record);
    out->counts.failed = eid__record_u64(&record);
    out->counts.unverified = eid__record_u64(&record);
    out->counts.bytes = eid__record_u64(&record);
    out->last.height = eid__record_u64(&record);
    eid__record_id(&record, &out->last.id);
    return eid__record_status(&record, "the record of a database");
}

eid_status eid__database_get(const eid_at *at, const eid_id *root, eid__database *out)
{
    eid__key key;
    eid_buf value;
    eid_status status;

    memset(out, 0, sizeof *out);
    eid_buf_init(&value, RECORD_BYTES_MAX);
    database_key(&key, root);
    status = eid__at_get_hot(at, EID_FAMILY_META, eid__key_slice(&key), &value);
    if (status == EID_OK) status = database_read(eid_buf_slice(&value), out);
    eid_buf_fini(&value);
    return status;
}

eid_status eid__database_put(eid_batch *batch, const eid_id *root, const eid__database *database)
{
    eid__key key;
    eid_buf value;
    eid_status status;

    eid_buf_init(&value, RECORD_BYTES_MAX);
    eid_buf_append_byte(&value, EID__RECORD_FORMAT);
    eid_buf_append_u32(&value, database->number);
    eid_buf_append_u32(&value, database->stores);
    eid_buf_append_byte(&value, database->has_genesis);
    eid_buf_append_u64(&value, database->counts.entries);
    eid_buf_append_u64(&value, database->counts.verified);
    eid_buf_append_u64(&value, database->counts.failed);
    eid_buf_append_u64(&value, database->counts.unverified);
    eid_buf_append_u64(&value, database->counts.bytes);
    eid_buf_append_u64(&value, database->last.height);
    eid__record_put_id(&value, &database->last.id);
    database_key(&key, root);
    status = eid_buf_status(&value);
    if (status == EID_OK) {
        status = eid_batch_put(batch, EID_FAMILY_META, eid__key_slice(&key), eid_buf_slice(&value));
    }
    eid_buf_fini(&value);
    return status;
}

/* The greatest number in the store, 0 if there is none. */
static eid_status number_read_last(eid_kv *kv, uint32_t *out)
{
    eid_slice prefix = eid_slice_text(NUMBER_PREFIX);
    eid_slice key, value;
    eid_kv_iter *iter;
    eid_status status = eid_kv_iter_new(kv, NULL, EID_FAMILY_META, prefix, &iter);

    *out = 0;
    if (status != EID_OK) return status;
    eid_kv_iter_seek_last(iter);
    if (eid_kv_iter_pair(iter, &key, &value) && key.len == prefix.len + 4) {
        *out = eid_get_u32(key.at + prefix.len);
    }
    status = eid_kv_iter_status(iter);
    eid_kv_iter_free(iter);
    return status;
}

/* A number that no other batch gets, whether this one is written or not. */
static eid_status number_take(eid_kv *kv, uint32_t *out)
{
    eid_status status = EID_OK;

    EID_ASSERT(pthread_mutex_lock(&kv->numbers_lock) == 0);
    if (kv->number_last == 0) status = number_read_last(kv, &kv->number_last);
    if (status == EID_OK && kv->number_last == UINT32_MAX) {
        status = EID_FAIL(EID_KIND_LIMIT, "no more numbers for databases");
    }
    if (status == EID_OK) *out = ++kv->number_last;
    EID_ASSERT(pthread_mutex_unlock(&kv->numbers_lock) == 0);
    return status;
}

eid_status eid__database_need(eid_batch *batch, const eid_id *root, eid__database *out)
{
    eid_at at = eid__at_batch(batch);
    eid__key key;
    eid_status status = eid__database_get(&at, root, out);

    if (status != EID_E_NOT_FOUND) return status;
    status = number_take(eid_batch_kv(batch), &out->number);
    if (status != EID_OK) return status;
    number_key(&key, out->number);
    return eid_batch_put(batch, EID_FAMILY_META, eid__key_slice(&key), eid_id_slice(root));
}

eid_status eid__database_delete(eid_batch *batch, const eid_id *root, uint32_t number)
{
    eid__key key;
    eid_status status;

    number_key(&key, number);
    status = eid_batch_delete(batch, EID_FAMILY_META, eid__key_slice(&key));
    if (status != EID_OK) return status;
    database_key(&key, root);
    return eid_batch_delete(batch, EID_FAMILY_META, eid__key_slice(&key));
}

eid_status eid__database_root(const eid_at *at, uint32_t number, eid_id *out)
{
    eid__key key;
    eid_buf value;
    eid_status status;

    *out = EID_ID_EMPTY;
    eid_buf_init(&value, EID_ID_BYTES_MAX);
    number_key(&key, number);
    status = eid__at_get(at, EID_FAMILY_META, eid__key_slice(&key), &value);
    if (status == EID_OK) {
        out->len = (uint8_t)value.len;
        memcpy(out->bytes, value.at, value.len);
    } else if (status == EID_E_NOT_FOUND) {
        status = EID_FAIL(EID_KIND_STORE_CORRUPT, "database %u has no root", number);
    }
    eid_buf_fini(&value);
    return status;
}

uint64_t *eid__counts_of(eid_index_counts *counts, eid_verdict verdict)
{
    uint64_t *of_verdict[] = {
        [EID_VERIFIED] = &counts->verified,
        [EID_FAILED] = &counts->failed,
        [EID_UNVERIFIED] = &counts->unverified,
    };

    EID_ASSERT((size_t)verdict < EID_COUNT(of_verdict));
    return of_verdict[verdict];
}

eid_status eid_index_database(const eid_at *at, const eid_id *root, uint32_t *out)
{
    eid__database database;
    eid_status status = eid__database_get(at, root, &database);

    *out = database.number;
    return status;
}

eid_status eid_index_count(const eid_at *at, const eid_id *root, eid_index_counts *out)
{
    eid__database database;
    eid_status status = eid__database_get(at, root, &database);

    *out = database.counts;
    return status == EID_E_NOT_FOUND ? EID_OK : status;
}

eid_status eid_index_last(const eid_at *at, const eid_id *root, eid_order_item *out)
{
    eid__database database;
    eid_status status = eid__database_get(at, root, &database);

    *out = database.last;
    return status;
}

/* The root that a key of a database's record names. */
static bool root_of_key(eid_slice key, eid_id *out)
{
    size_t skip = strlen(ROOT_PREFIX);

    *out = EID_ID_EMPTY;
    if (key.len < skip || key.len - skip > EID_ID_BYTES_MAX) return false;
    out->len = (uint8_t)(key.len - skip);
    memcpy(out->bytes, key.at + skip, out->len);
    return true;
}

eid_status eid_index_databases(const eid_at *at, eid_idset *roots)
{
    eid_slice key, value;
    eid_order found = EID_ORDER_EMPTY;
    eid__cursor *cursor = NULL;
    eid_status status = eid__cursor_new(at, EID_FAMILY_META, eid_slice_text(ROOT_PREFIX), &cursor);

    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        eid__database database;
        eid_id root;

        status = database_read(value, &database);
        if (status == EID_OK && !root_of_key(key, &root)) {
            status = EID_FAIL(EID_KIND_STORE_CORRUPT, "a database's root has %zu bytes", key.len);
        }
        if (status == EID_OK && database.has_genesis) status = eid_order_push(&found, 0, &root);
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    if (status == EID_OK) status = eid__order_ids(&found, roots);
    eid_order_fini(&found);
    return status;
}

eid_status eid_index_database_count(const eid_at *at, uint64_t *out)
{
    eid_slice key, value;
    eid__cursor *cursor = NULL;
    eid_status status =
        eid__cursor_new(at, EID_FAMILY_META, eid_slice_text(NUMBER_PREFIX), &cursor);

    *out = 0;
    for (; status == EID_OK && eid__cursor_pair(cursor, &key, &value); eid__cursor_next(cursor)) {
        (*out)++;
    }
    if (status == EID_OK) status = eid__cursor_status(cursor);
    eid__cursor_free(cursor);
    return status;
}
