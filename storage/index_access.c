/* One way to read for all of the index: a cursor merges the batch's keys with the store's, so that
 * no other file has to know whether there is a batch. */
#include "dag/alloc.h"
#include "dag/assert.h"
#include "storage/batch_list.h"
#include "storage/index_parts.h"

struct eid__cursor {
    eid_kv_iter *iter; /* at the first key of the store that was not passed */
    eid_batch *batch;
    eid_family family;
    eid_buf prefix;
    eid__batch_node *node; /* likewise of the batch, in the prefix; or NULL */
    bool is_node;          /* the present pair is node's */
};

eid_status eid__at_get(const eid_at *at, eid_family family, eid_slice key, eid_buf *out)
{
    if (at->batch != NULL) return eid_batch_get(at->batch, family, key, out);
    return eid_kv_get(at->kv, at->view, family, key, out);
}

eid_status eid__at_get_hot(const eid_at *at, eid_family family, eid_slice key, eid_buf *out)
{
    if (at->batch != NULL) return eid_batch_get_hot(at->batch, family, key, out);
    return eid_kv_get(at->kv, at->view, family, key, out);
}

void eid__cursor_free(eid__cursor *cursor)
{
    if (cursor == NULL) return;
    eid_kv_iter_free(cursor->iter);
    eid_buf_fini(&cursor->prefix);
    eid_free(cursor);
}

static void cursor_set_node(eid__cursor *cursor, eid__batch_node *node)
{
    if (node != NULL && !eid_slice_has_prefix(node->key, eid_buf_slice(&cursor->prefix))) {
        node = NULL;
    }
    cursor->node = node;
}

/* Decide whose pair is the present one; deleted keys are passed. */
static void cursor_settle(eid__cursor *cursor)
{
    for (;;) {
        eid_slice key, value;
        bool has_key = eid_kv_iter_pair(cursor->iter, &key, &value);
        int order = -1;

        cursor->is_node = false;
        if (cursor->node == NULL) return;
        if (has_key) order = eid_slice_compare(cursor->node->key, key);
        if (order > 0) return;
        if (order == 0) eid_kv_iter_next(cursor->iter); /* the batch's value hides the store's */
        cursor->is_node = true;
        if (!cursor->node->is_delete) return;
        cursor_set_node(cursor, cursor->node->next[0]);
    }
}

eid_status eid__cursor_new(const eid_at *at, eid_family family, eid_slice prefix, eid__cursor **out)
{
    eid__cursor *cursor = eid_alloc(sizeof *cursor);
    eid_status status;

    *out = NULL;
    if (cursor == NULL) return EID_FAIL(EID_KIND_NO_MEMORY, "no memory for a cursor");
    eid_buf_init(&cursor->prefix, prefix.len);
    eid_buf_append(&cursor->prefix, prefix);
    cursor->batch = at->batch;
    cursor->family = family;
    status = eid_buf_status(&cursor->prefix);
    if (status == EID_OK && at->batch != NULL) {
        status = eid_kv_iter_new(eid_batch_kv(at->batch), NULL, family, prefix, &cursor->iter);
        cursor_set_node(cursor, eid__batch_seek(at->batch, family, prefix));
    } else if (status == EID_OK) {
        status = eid_kv_iter_new(at->kv, at->view, family, prefix, &cursor->iter);
    }
    if (status != EID_OK) {
        eid__cursor_free(cursor);
        return status;
    }
    cursor_settle(cursor);
    *out = cursor;
    return EID_OK;
}

void eid__cursor_seek(eid__cursor *cursor, eid_slice from)
{
    eid_slice prefix = eid_buf_slice(&cursor->prefix);

    if (eid_slice_compare(from, prefix) < 0) from = prefix;
    eid_kv_iter_seek(cursor->iter, from);
    if (cursor->batch != NULL) {
        cursor_set_node(cursor, eid__batch_seek(cursor->batch, cursor->family, from));
    }
    cursor_settle(cursor);
}

bool eid__cursor_pair(const eid__cursor *cursor, eid_slice *key, eid_slice *value)
{
    if (!cursor->is_node) return eid_kv_iter_pair(cursor->iter, key, value);
    if (cursor->node == NULL) return false;
    *key = cursor->node->key;
    *value = eid_slice_of(cursor->node->value, cursor->node->value_len);
    return true;
}

void eid__cursor_next(eid__cursor *cursor)
{
    eid_slice key, value;

    if (cursor->is_node) {
        EID_ASSERT(cursor->node != NULL);
        cursor_set_node(cursor, cursor->node->next[0]);
        cursor_settle(cursor);
        return;
    }
    if (!eid_kv_iter_pair(cursor->iter, &key, &value)) return;
    if (cursor->batch != NULL) {
        /* Looked up again: the batch may have got keys since. */
        eid__batch_node *node = eid__batch_seek(cursor->batch, cursor->family, key);

        if (node != NULL && eid_slice_equal(node->key, key)) node = node->next[0];
        cursor_set_node(cursor, node);
    }
    eid_kv_iter_next(cursor->iter);
    cursor_settle(cursor);
}

eid_status eid__cursor_status(const eid__cursor *cursor)
{
    return eid_kv_iter_status(cursor->iter);
}

eid__record eid__record_begin(eid_slice bytes)
{
    eid__record record = {bytes.at, bytes.at + bytes.len, bytes.len == 0};

    if (eid__record_u8(&record) != EID__RECORD_FORMAT) record.failed = true;
    return record;
}

eid_slice eid__record_slice(eid__record *record, size_t len)
{
    eid_slice out = eid_slice_of(record->at, len);

    if (record->failed || (size_t)(record->end - record->at) < len) {
        record->failed = true;
        return EID_SLICE_EMPTY;
    }
    record->at += len;
    return out;
}

uint8_t eid__record_u8(eid__record *record)
{
    eid_slice bytes = eid__record_slice(record, 1);

    return bytes.len == 1 ? bytes.at[0] : 0;
}

uint32_t eid__record_u32(eid__record *record)
{
    eid_slice bytes = eid__record_slice(record, 4);

    return bytes.len == 4 ? eid_get_u32(bytes.at) : 0;
}

uint64_t eid__record_u64(eid__record *record)
{
    eid_slice bytes = eid__record_slice(record, 8);

    return bytes.len == 8 ? eid_get_u64(bytes.at) : 0;
}

void eid__record_id(eid__record *record, eid_id *out)
{
    uint8_t len = eid__record_u8(record);
    eid_slice bytes;

    *out = EID_ID_EMPTY;
    if (len > EID_ID_BYTES_MAX) record->failed = true;
    bytes = eid__record_slice(record, len);
    if (record->failed) return;
    out->len = len;
    if (len > 0) memcpy(out->bytes, bytes.at, len);
}

void eid__record_skip_ids(eid__record *record, uint32_t count)
{
    while (count-- > 0 && !record->failed) {
        uint8_t len = eid__record_u8(record);

        (void)eid__record_slice(record, len);
    }
}

eid_status eid__record_status(const eid__record *record, const char *what)
{
    if (!record->failed) return EID_OK;
    return EID_FAIL(EID_KIND_STORE_CORRUPT, "%s cannot be read", what);
}

void eid__record_put_id(eid_buf *out, const eid_id *id)
{
    eid_buf_append_byte(out, id->len);
    eid_buf_append(out, eid_id_slice(id));
}

static void key_append(eid__key *key, const void *bytes, size_t len)
{
    EID_ASSERT(key->len + len <= sizeof key->bytes);
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
}

static void key_append_height(eid__key *key, uint64_t height)
{
    uint8_t bytes[8];

    eid_put_u64(bytes, height);
    key_append(key, bytes, sizeof bytes);
}

void eid__key_db(eid__key *key, uint32_t database)
{
    key->len = 4;
    eid_put_u32(key->bytes, database);
}

void eid__key_order(eid__key *key, uint32_t database, uint64_t height, const eid_id *id)
{
    eid__key_db(key, database);
    key_append_height(key, height);
    key_append(key, id->bytes, id->len);
}

void eid__key_graph(eid__key *key, uint32_t database, const eid_id *id)
{
    eid__key_db(key, database);
    key_append(key, id->bytes, id->len);
}

void eid__key_tip(eid__key *key, uint32_t database, eid__tip_kind kind)
{
    uint8_t byte = (uint8_t)kind;

    eid__key_db(key, database);
    key_append(key, &byte, 1);
}

void eid__key_unverified(eid__key *key, uint32_t database, uint64_t height, const eid_id *id)
{
    eid__key_tip(key, database, EID__TIP_UNVERIFIED);
    key_append_height(key, height);
    key_append(key, id->bytes, id->len);
}
